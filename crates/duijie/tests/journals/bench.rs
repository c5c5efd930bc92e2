//! A sandbox, a folder, and the command run against them.

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use platform_sandbox::Sandbox;
use serde_json::Value;

pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    pub(crate) folder: PathBuf,
}

pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn check(&self, exit: i32, stdout: &str, stderr: &str) -> &Self {
        assert_eq!(self.exit, exit, "{}\n{}", self.stdout, self.stderr);
        assert!(self.stdout.contains(stdout), "{}", self.stdout);
        assert!(self.stderr.contains(stderr), "{}", self.stderr);
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{}\n{}", self.stdout, self.stderr))
    }
}

impl Bench {
    pub(crate) async fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("duijie-journal-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self { sandbox: Sandbox::start().await.unwrap(), folder }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn file(&self, name: &str, lines: &[String]) -> String {
        fs::write(self.path(name), lines.concat()).unwrap();
        self.path(name)
    }

    pub(crate) async fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, "", &[]).await
    }

    pub(crate) async fn run_with(&self, args: &[&str], stdin: &str, environment: &[(&str, &str)]) -> Ran {
        let mut command = self.command(args);
        command.envs(environment.iter().copied());
        let mut running = Running::start(command);
        let _ = running.stdin().write_all(stdin.as_bytes()); // it may end without reading
        running.end().await
    }

    /// Runs alone, its stdin open.
    pub(crate) fn start(&self, args: &[&str]) -> Running {
        Running::start(self.command(args))
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let access = &self.sandbox.access().jinlaiban;
        let mut command = Command::new(env!("CARGO_BIN_EXE_duijie"));
        command.arg("jinlaiban").args(args).env_clear().envs([
            ("JINLAIBAN_BASE_URL", self.sandbox.urls().jinlaiban.as_str()),
            ("JINLAIBAN_APPCODE", &access.appcode),
            ("JINLAIBAN_MODULECODE", &access.modulecode),
            ("JINLAIBAN_APPSECRET", access.appsecret.expose()),
        ]);
        command
    }

    /// Waits until the platform has met so many records.
    pub(crate) async fn met(&self, records: u64) {
        let since = Instant::now();
        while self.counts().1 < records {
            assert!(since.elapsed() < LONG, "{:?}", self.counts());
            tokio::time::sleep(LOOK).await;
        }
    }

    pub(crate) fn counts(&self) -> (u64, u64) {
        let counts = self.sandbox.jinlaiban().counts();
        (counts.distinct, counts.records)
    }

    pub(crate) async fn status(&self, spool: &str) -> Value {
        let ran = self.run(&["status", "--spool", spool, "--json"]).await;
        ran.check(0, "", "");
        ran.json()
    }
}

/// A command that runs. It is killed when this is dropped.
pub(crate) struct Running {
    child: Child,
    said: [Option<JoinHandle<String>>; 2],
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = child.stdout.take().map(listen);
        let stderr = child.stderr.take().map(listen);
        Self { child, said: [stdout, stderr] }
    }

    pub(crate) fn stdin(&mut self) -> &mut ChildStdin {
        self.child.stdin.as_mut().unwrap()
    }

    /// The most memory that it has used, in KiB; nothing once it has ended.
    pub(crate) fn peak(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// `-INT`, `-TERM` or `-KILL`.
    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Closes its stdin and waits for its end.
    pub(crate) async fn end(mut self) -> Ran {
        drop(self.child.stdin.take());
        self.ends_by_itself().await
    }

    /// Waits for its end.
    pub(crate) async fn ends_by_itself(mut self) -> Ran {
        let since = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(since.elapsed() < LONG, "it does not end");
            tokio::time::sleep(LOOK).await;
        };
        let [stdout, stderr] = [0, 1].map(|which| self.said[which].take().unwrap().join().unwrap());
        // None: killed.
        Ran { exit: status.code().unwrap_or(-1), stdout, stderr }
    }
}

/// Reads to the end: a full pipe would hold the command up.
fn listen(mut pipe: impl std::io::Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        text
    })
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}

const LONG: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(5);

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder); // left behind at worst
    }
}

pub(crate) fn record(id: usize, item: &str) -> String {
    format!(
        "{{\"id\":{id},\"user_id\":\"u\",\"busi_item\":\"{item}\",\"create_date\":\"2021-03-17 18:57:03\"}}\n"
    )
}

pub(crate) fn records(count: usize) -> Vec<String> {
    (0..count).map(|id| record(id, "查询")).collect()
}
