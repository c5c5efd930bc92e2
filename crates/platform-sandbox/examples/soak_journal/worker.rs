//! One process of many: feeds its share, sends whatever there is, and tells what is durable.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use jinlaiban::{Client, CreateDate, Credentials, Feed, Pusher, PusherSettings, Record};
use platform_sandbox::Sandbox;
use platform_state::{Journal, RedisJournal, SqliteJournal};
use sign_core::Secret;

use crate::Failed;
use crate::settings::Settings;

/// The processes, as their parent sees them.
pub(crate) struct Workers {
    all: Vec<Worker>,
    start: Box<dyn Fn(u64, u64) -> std::io::Result<Child> + Send>,
    /// The most memory that one of them ever used, in KiB.
    pub(crate) peak: u64,
}

struct Worker {
    child: Child,
    /// Its share ends here.
    end: u64,
    /// What it told to be durable.
    fed: Arc<AtomicU64>,
    memory: Arc<AtomicU64>,
    listener: Option<JoinHandle<()>>,
    ended: Option<ExitStatus>,
}

impl Worker {
    fn new(mut child: Child, from: u64, end: u64) -> Self {
        let (fed, memory) = (Arc::new(AtomicU64::new(from)), Arc::new(AtomicU64::new(0)));
        let listener = child.stdout.take().map(|stdout| {
            let (fed, memory) = (Arc::clone(&fed), Arc::clone(&memory));
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    match line.split_once(' ') {
                        Some(("fed", place)) => fed.fetch_max(place.parse().unwrap_or(0), Ordering::SeqCst),
                        Some(("peak", kib)) => memory.fetch_max(kib.parse().unwrap_or(0), Ordering::SeqCst),
                        _ => continue,
                    };
                }
            })
        });
        Self { child, end, fed, memory, listener, ended: None }
    }

    /// Everything it said was heard.
    fn reap(&mut self) -> Result<u64, Failed> {
        self.ended = Some(self.child.wait()?);
        if let Some(listener) = self.listener.take() {
            listener.join().map_err(|_| "the listener died")?;
        }
        Ok(self.memory.load(Ordering::SeqCst))
    }
}

impl Workers {
    pub(crate) fn start(settings: &Settings, address: &str, sandbox: &Sandbox) -> Result<Self, Failed> {
        let program = std::env::current_exe()?;
        let access = sandbox.jinlaiban().access().clone();
        let parameters = [
            ("SOAK_JOURNAL", address.to_owned()),
            ("SOAK_URL", sandbox.urls().jinlaiban.clone()),
            ("SOAK_APPCODE", access.appcode.clone()),
            ("SOAK_MODULECODE", access.modulecode.clone()),
            ("SOAK_SECRET", access.appsecret.expose().to_owned()),
            ("SOAK_WORKERS", settings.workers.to_string()),
            ("SOAK_LEASE", settings.lease.to_string()),
        ];
        let start = move |from: u64, end: u64| {
            let parameters = parameters.iter().map(|(name, value)| (*name, value));
            Command::new(&program)
                .arg("worker")
                .envs(parameters)
                .env("SOAK_FROM", from.to_string())
                .env("SOAK_END", end.to_string())
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .spawn()
        };
        let share = settings.records.div_ceil(settings.processes);
        let worker = |number: u64| {
            let (from, end) = (number * share, ((number + 1) * share).min(settings.records));
            Ok::<_, Failed>(Worker::new(start(from, end)?, from, end))
        };
        let all = (0..settings.processes).map(worker).collect::<Result<_, _>>()?;
        Ok(Self { all, start: Box::new(start), peak: 0 })
    }

    /// Is one of them still at work? One that fails ends the soak.
    pub(crate) fn are_running(&mut self) -> Result<bool, Failed> {
        let mut running = false;
        for worker in self.all.iter_mut().filter(|worker| worker.ended.is_none()) {
            match worker.child.try_wait()? {
                None => running = true,
                Some(status) => {
                    self.peak = self.peak.max(worker.reap()?);
                    if !status.success() {
                        return Err(format!("a process failed: {status}").into());
                    }
                }
            }
        }
        Ok(running)
    }

    /// kill -9, and another one in its place, which feeds from where the dead one was heard last.
    pub(crate) fn kill(&mut self, dice: u64) -> Result<bool, Failed> {
        let mut running: Vec<_> = self.all.iter_mut().filter(|worker| worker.ended.is_none()).collect();
        let Some(chosen) = usize::try_from(dice)?.checked_rem(running.len()) else { return Ok(false) };
        let worker = running.swap_remove(chosen);
        if worker.child.try_wait()?.is_some() {
            return Ok(false);
        }
        worker.child.kill()?;
        self.peak = self.peak.max(worker.reap()?);
        let (from, end) = (worker.fed.load(Ordering::SeqCst), worker.end);
        *worker = Worker::new((self.start)(from, end)?, from, end);
        Ok(true)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for worker in self.all.iter_mut().filter(|worker| worker.ended.is_none()) {
            // It is gone already, perhaps.
            let _ = worker.child.kill();
            let _ = worker.child.wait();
        }
    }
}

/// A folder, or `redis://…`.
pub(crate) async fn open(address: &str) -> Result<Arc<dyn Journal>, Failed> {
    if address.starts_with("redis://") {
        return Ok(Arc::new(RedisJournal::connect(address).await?));
    }
    Ok(Arc::new(SqliteJournal::open(address).await?))
}

pub(crate) fn id(number: u64) -> String {
    format!("SOAK-2021-{number:09}")
}

fn record(number: u64, date: CreateDate) -> Result<Record, Failed> {
    let record =
        Record::new(id(number), format!("8a8180ac6d6c68e1016d706a{number:08}"), "无房证明查询", date)?;
    Ok(record
        .with_user_name("张三")
        .with_user_phone(format!("137*****{:03}", number % 1000))
        .with_busi_detail("成功办理无房证明，结果已通过短信发送给申请人"))
}

fn parameter(name: &str) -> Result<String, Failed> {
    std::env::var(name).map_err(|_| format!("{name} is not set: this is started by the soak program").into())
}

async fn feed(feed: Feed) -> Result<(), Failed> {
    const AT_ONCE: u64 = 2000;
    let date = CreateDate::parse("2021-03-17 18:57:03")?;
    let (mut from, end) = (parameter("SOAK_FROM")?.parse::<u64>()?, parameter("SOAK_END")?.parse::<u64>()?);
    while from < end {
        let next = end.min(from + AT_ONCE);
        let records = (from..next).map(|number| record(number, date)).collect::<Result<Vec<_>, _>>()?;
        feed.enqueue(&records).await?;
        from = next;
        say("fed", from)?;
        say("peak", peak()?)?;
    }
    Ok(())
}

pub(crate) async fn run() -> Result<(), Failed> {
    let secret = Secret::new(parameter("SOAK_SECRET")?)?;
    let credentials = Credentials::new(parameter("SOAK_APPCODE")?, parameter("SOAK_MODULECODE")?, secret)?;
    let client = Client::builder(credentials).url(&parameter("SOAK_URL")?).build()?;
    let mut settings = PusherSettings::default();
    settings.lease = Duration::from_millis(parameter("SOAK_LEASE")?.parse()?);
    settings.first_pause = Duration::from_millis(20);
    let pusher = Pusher::open(client, open(&parameter("SOAK_JOURNAL")?).await?, settings).await?;
    let source = pusher.feed()?;
    let feeding = tokio::spawn(feed(source));
    let report = pusher.run(parameter("SOAK_WORKERS")?.parse()?).await;
    report.ended?;
    feeding.await??;
    say("peak", peak()?)
}

/// The most memory that this process ever used, in KiB.
fn peak() -> Result<u64, Failed> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}

fn say(name: &str, value: u64) -> Result<(), Failed> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{name} {value}")?;
    out.flush()?;
    Ok(())
}
