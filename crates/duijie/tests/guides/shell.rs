//! A reader's terminals: one folder, and an environment that each command leaves to the next.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::page::Page;
use crate::{clone, shown};

/// The machine may have much else to do.
const LONG: Duration = Duration::from_secs(180);
const LOOK: Duration = Duration::from_millis(10);

/// What `export` and the exit code leave behind is there for the next command.
const ONE: &str = r#"exec 2>&1
[ -e .environment ] && . ./.environment
(exit "$2")
eval "$1"
status=$?
export -p > .environment
exit $status"#;

/// Ends, with everything that it has started, when nobody holds its input any more.
const SERVED: &str = r#"exec 2>&1
[ -e .environment ] && . ./.environment
(eval "$1") & read -r end; kill -TERM 0"#;

pub(crate) struct Shell {
    folder: PathBuf,
    environment: Vec<(String, String)>,
    free: Vec<String>,
    last: i32,
    served: Vec<Child>,
}

impl Shell {
    pub(crate) fn new(root: &Path, page: &Page, redis: Option<String>) -> Self {
        let name = format!("duijie-guide-{}-{}", page.name().replace("::", "-"), std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let built = clone::built();
        let mut path = format!("{}:{}", built.display(), std::env::var("PATH").unwrap());
        let mut free = Vec::new();
        if page.is_in_clone() {
            path = format!("{}:{path}", clone::make(root, &folder).display());
            free.extend(clone::ADDRESSES.map(|_| format!("127.0.0.1:{}", free_port())));
        }
        let language = if page.language == "zh" { "zh_CN.UTF-8" } else { "en_US.UTF-8" };
        let home = folder.to_str().unwrap().to_owned();
        let environment = [
            ("PATH", path),
            ("HOME", home),
            ("LANG", language.to_owned()),
            ("LISTEN", format!("127.0.0.1:{}", free_port())),
            ("BUILT", built.to_str().unwrap().to_owned()),
        ];
        let environment = environment.into_iter().map(|(name, value)| (name.to_owned(), value));
        let programs = clone::ADDRESSES.iter().zip(&free);
        let programs = programs.map(|((_, program), free)| (format!("LISTEN_{program}"), free.clone()));
        let redis = redis.map(|url| ("REDIS_URL".to_owned(), url));
        let environment = environment.chain(programs).chain(redis).collect();
        Self { folder, environment, free, last: 0, served: Vec::new() }
    }

    /// Of a page about a clone, with addresses that are free in place of those that it names.
    pub(crate) fn in_place(&self, text: &str) -> String {
        clone::as_run(text, &self.free)
    }

    /// Runs a command to its end: exit code, and what it said.
    pub(crate) fn run(&mut self, place: &str, command: &str) -> (i32, String) {
        let mut child = self.start(ONE, command, ".said");
        drop(child.stdin.take());
        let since = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if since.elapsed() > LONG {
                // With everything that it has started.
                let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", child.id())]).status();
                panic!("{place}: `{command}` does not end; it said:\n{}", self.said(".said"));
            }
            thread::sleep(LOOK);
        };
        self.last = status.code().unwrap_or(-1);
        (self.last, self.said(".said"))
    }

    /// Starts a command that serves, and waits until it says what is shown.
    pub(crate) fn serve(&mut self, place: &str, command: &str, says: &[String]) {
        assert!(!says.is_empty(), "{place}: show what `{command}` says when it is ready");
        let file = format!(".said-{}", self.served.len());
        let child = self.start(SERVED, command, &file);
        self.served.push(child);
        let since = Instant::now();
        while let Err(why) = self.ready(command, says, &file) {
            assert!(since.elapsed() < LONG, "{place}: `{command}`: {why}; it said:\n{}", self.said(&file));
            thread::sleep(LOOK);
        }
    }

    fn ready(&self, command: &str, says: &[String], file: &str) -> Result<(), String> {
        let said = self.said(file);
        shown::compare(says, &said)?;
        // What goes through `tee` is shown before it is in its file.
        match command.split_once("tee ") {
            Some((_, copy)) if self.said(copy.trim()) != said => Err("its file is not written".to_owned()),
            _ => Ok(()),
        }
    }

    fn start(&self, script: &str, command: &str, file: &str) -> Child {
        let said = File::create(self.folder.join(file)).unwrap();
        Command::new("sh")
            .args(["-c", script, "sh", command, &self.last.to_string()])
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(said)
            .spawn()
            .unwrap()
    }

    fn said(&self, file: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.folder.join(file)).unwrap_or_default()).into_owned()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        for child in &mut self.served {
            drop(child.stdin.take());
            let _ = child.wait();
        }
        let _ = fs::remove_dir_all(&self.folder); // left behind at worst
    }
}

/// A port that was free a moment ago, below those that systems hand out: whoever connects to somewhere does not get it.
fn free_port() -> u16 {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let begin = std::process::id().wrapping_mul(131);
    let next = || u32::from(TRIED.fetch_add(1, Ordering::Relaxed));
    let mut ports = (0..1000).map(|_| 9_000 + u16::try_from(begin.wrapping_add(next()) % 10_000).unwrap());
    let is_free = |port: &u16| {
        let address = SocketAddr::from(([127, 0, 0, 1], *port));
        runtime.block_on(platform_http::system::listen(address)).is_ok()
    };
    ports.find(is_free).expect("one of many ports is free")
}
