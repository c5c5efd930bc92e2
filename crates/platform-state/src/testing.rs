//! A Redis server for tests, here and in the crates that keep state. No part of the API.

use std::io::{self, BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

/// A `redis-server` on a port of loopback that keeps nothing on the disk. It is killed when this is dropped, and also
/// when this process is.
#[derive(Debug)]
pub struct RedisServer {
    settings: Vec<String>,
    folder: PathBuf,
    port: u16,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    /// The shell that waits for the end of its input, and then kills the server.
    guard: Child,
    pid: String,
}

/// Runs `redis-server` until nobody holds the shell's input any more.
const GUARD: &str =
    r#"redis-server "$@" >log 2>&1 & server=$!; echo $server; read -r end; kill -9 $server; wait $server"#;
/// Ports are tried from here on: below those that systems hand out.
const FIRST_PORT: u32 = 20_000;
const PORTS: u32 = 12_000;
/// How long a server may take to start, on a machine with much else to do.
const START: Duration = Duration::from_secs(30);

static STARTED: AtomicU32 = AtomicU32::new(0);

impl RedisServer {
    /// Is there a `redis-server` to start?
    #[must_use]
    pub fn is_installed() -> bool {
        let version = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status();
        version.is_ok_and(|status| status.success())
    }

    /// Must tests fail where there is none? Otherwise they say that they are ignored. `DUIJIE_REQUIRE_REDIS=1` says so.
    #[must_use]
    pub fn is_required() -> bool {
        env::var_os("DUIJIE_REQUIRE_REDIS").is_some_and(|value| value != "0" && !value.is_empty())
    }

    /// Starts a server.
    ///
    /// # Errors
    /// When there is none, or it does not start.
    pub fn start() -> io::Result<Self> {
        Self::start_with(&[])
    }

    /// Starts a server with further settings: `--name value …`.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_with(settings: &[&str]) -> io::Result<Self> {
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let name = format!("platform-state-redis-{}-{number}", process::id());
        let folder = env::temp_dir().join(name);
        fs::create_dir_all(&folder)?;
        let settings = settings.iter().map(|&setting| setting.to_owned()).collect();
        let mut server = Self { settings, folder, port: 0, running: None };
        let mut outcome = Err(io::Error::other("no port is free"));
        for attempt in 0..100 {
            let offset = process::id().wrapping_mul(131).wrapping_add(number * 17 + attempt * 1009) % PORTS;
            server.port = u16::try_from(FIRST_PORT + offset).unwrap_or(u16::MAX);
            outcome = server.start_again();
            match &outcome {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                _ => break,
            }
        }
        outcome.map(|()| server)
    }

    /// `redis://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills the server. What it held is gone.
    pub fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            // A server that is paused is killed all the same. The end of the shell is the end of the server.
            drop(running.guard.stdin.take());
            let _ = running.guard.wait();
        }
    }

    /// Starts the server anew, empty, on the same port.
    ///
    /// # Errors
    /// When it does not start; of kind [`AddrInUse`](io::ErrorKind::AddrInUse) when the port is taken.
    pub fn start_again(&mut self) -> io::Result<()> {
        self.stop();
        let log = self.folder.join("log");
        let _ = fs::remove_file(&log);
        let port = self.port.to_string();
        let mut guard = Command::new("sh")
            .args(["-c", GUARD, "sh", "--bind", "127.0.0.1", "--port", &port])
            .args(["--save", "", "--appendonly", "no", "--databases", "64"])
            .args(&self.settings)
            .current_dir(&self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It says that it has killed.
            .stderr(Stdio::null())
            .spawn()?;
        let mut pid = String::new();
        if let Some(output) = guard.stdout.take() {
            BufReader::new(output).read_line(&mut pid)?;
        }
        self.running = Some(Running { guard, pid: pid.trim().to_owned() });
        let since = Instant::now();
        loop {
            let text = fs::read_to_string(&log).unwrap_or_default();
            if text.contains("Ready to accept connections") {
                return Ok(());
            }
            let failure = if text.contains("already in use") {
                Some(io::Error::from(io::ErrorKind::AddrInUse))
            } else if text.contains("not found") || text.contains("FATAL") || text.contains("Exiting") {
                Some(io::Error::other(format!("redis-server does not start: {}", text.trim())))
            } else if since.elapsed() > START {
                Some(io::Error::other(format!("redis-server does not get ready: {}", text.trim())))
            } else {
                None
            };
            if let Some(failure) = failure {
                self.stop();
                return Err(failure);
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Lets the server hang: it accepts connections and answers nobody.
    ///
    /// # Errors
    /// When it cannot be signalled.
    pub fn pause(&self) -> io::Result<()> {
        self.signal("-STOP")
    }

    /// Lets the server go on.
    ///
    /// # Errors
    /// When it cannot be signalled.
    pub fn resume(&self) -> io::Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, signal: &str) -> io::Result<()> {
        let running = self.running.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let sent = Command::new("kill").args([signal, &running.pid]).status()?;
        if sent.success() { Ok(()) } else { Err(io::Error::other("the server is gone")) }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
