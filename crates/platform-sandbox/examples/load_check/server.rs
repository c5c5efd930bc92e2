//! The servers, each a process of its own: it says where it listens, and ends when its parent does.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::routing::post;
use platform_http::system::listen;
use rabbitpre_auth::{
    AttributeSource, Attributes, Catalogue, Fetched, MemoryAttributes, MemorySettings, Service, UserParam,
};

use crate::Failed;
use crate::requests::{AUDID, USERS, attributes};

/// How many requests the crowded server works on at a time, and how long its source takes for each.
pub(crate) const PLACES: usize = 64;
pub(crate) const SLOW: Duration = Duration::from_millis(100);

/// A server, as its parent sees it; gone when dropped.
pub(crate) struct Server {
    child: Child,
    /// The child ends when this does.
    _stdin: Option<ChildStdin>,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// `kind` as in [`run`].
    pub(crate) fn start(kind: &str, threads: usize) -> Result<Self, Failed> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["server", kind, &threads.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no stdout")?).read_line(&mut line)?;
        Ok(Self { _stdin: child.stdin.take(), child, address: line.trim().parse()? })
    }

    /// Processor time that it has used, in ticks of the system; `None` where the system does not tell.
    pub(crate) fn ticks(&self) -> Option<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        // Behind the name, which may hold anything: state is the first field, utime and stime the 12th and 13th.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
    }

    /// The most memory that it ever used, in KiB; `None` where the system does not tell.
    pub(crate) fn peak(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().trim_end_matches(" kB").trim().parse().ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is gone already, perhaps.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `constant`: reads the body and answers a constant; `service`: ours; `crowded`: ours with few places and a slow source;
/// `moody`: ours with a source that is bad for some.
pub(crate) fn run(kind: &str, threads: usize) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    runtime.block_on(async {
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", listener.local_addr()?)?;
        out.flush()?;
        let settings = MemorySettings::new("load-");
        let service =
            |source: Moody| Service::new(Catalogue::default(), source, MemorySettings::new("load-"));
        let parent = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        let parent = async { drop(parent.await) };
        match kind {
            "constant" => {
                let json = (header::CONTENT_TYPE, "application/json;charset=UTF-8");
                let constant = move |body: Bytes| async move {
                    // So that it is read.
                    drop(body);
                    ([json], r#"{"code":"200","msg":"鉴权成功","data":"true","errorCode":""}"#)
                };
                let router = Router::new().route("/checkUserAuth", post(constant));
                axum::serve(listener, router).with_graceful_shutdown(parent).await?;
            }
            "service" => {
                Service::new(Catalogue::default(), users()?, settings).serve(listener, parent).await;
            }
            "crowded" => service(Moody::Slow).at_a_time(PLACES).serve(listener, parent).await,
            "moody" => service(Moody::ByUser(users()?)).serve(listener, parent).await,
            _ => return Err(format!("`{kind}` is no server").into()),
        }
        Ok(())
    })
}

fn users() -> Result<MemoryAttributes, Failed> {
    let users = (0..USERS).map(|user| format!("\"{}\":{}", AUDID + u64::from(user), attributes(user)));
    let users: Vec<_> = users.collect();
    Ok(MemoryAttributes::parse(format!("{{{}}}", users.join(",")).as_bytes())?)
}

/// A source with bad days.
enum Moody {
    Slow,
    ByUser(MemoryAttributes),
}

/// Who is badly served, how, and what is to be answered.
pub(crate) const BAD: [(u64, &str, &str); 4] = [
    (1, "hangs", r#""data":"false","errorCode":"TIMEOUT""#),
    (2, "takes 10 s", r#""data":"false","errorCode":"TIMEOUT""#),
    (3, "fails", r#""data":"false","errorCode":"ATTRIBUTE_SOURCE_FAILED""#),
    (4, "answers garbage", r#""data":"false","errorCode":"ATTRIBUTE_SOURCE_FAILED""#),
];

impl AttributeSource for Moody {
    fn fetch<'a>(&'a self, user: &'a UserParam<'a>, _: &'a [&'a str]) -> Fetched<'a> {
        Box::pin(async move {
            match self {
                Moody::Slow => {
                    tokio::time::sleep(SLOW).await;
                    Ok(Arc::new(Attributes::parse(attributes(1).as_bytes())?.into_owned()))
                }
                Moody::ByUser(users) => {
                    match user.audid() {
                        "1" => std::future::pending().await,
                        "2" => tokio::time::sleep(Duration::from_secs(10)).await,
                        "3" => return Err("no connection".into()),
                        "4" => drop(Attributes::parse(b"<html>502 Bad Gateway</html>")?),
                        _ => {}
                    }
                    Ok(users.get(user.audid()))
                }
            }
        })
    }
}
