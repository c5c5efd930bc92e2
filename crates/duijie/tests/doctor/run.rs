//! The binary, run with an environment of its own.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

pub(crate) const JINLAIBAN: (&str, &str) = ("JINLAIBAN_APPSECRET", "58b31d465652be856d7ed80977aa4ce4");
pub(crate) const YICHANG: (&str, &str) = ("YICHANG_APP_SECRET", "8e85e612698296b4c522bfa7eb0b82a8");
pub(crate) const WEBANK: (&str, &str) =
    ("WEBANK_TICKET", "58b8ea10e5487b88e555feec27fb48201fd788c05b2d424234537b73c7282b70");
pub(crate) const SALT: (&str, &str) = ("WEBANK_CALLBACK_SALT", "q8Zr1Xw7Lk2Vb5Nm");

/// 宜昌's printed example, as its document has it.
pub(crate) const YC_1: &str = "http://jgfw.yichang.gov.cn/api/syncauth/login?appId=RSJ00001\
    &deviceId=67D3D9A8-4D67-2444-71CE-66851AEDCFE1&deviceType=WEB&nonceStr=6PQfHMIv&timeStamp=1574251924\
    &signature=6FF704C5DF1FB65BE046EC202BE353E0";

/// What the binary said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs `duijie doctor`.
pub(crate) fn doctor(args: &[&str], environment: &[(&str, &str)], stdin: &str) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_duijie"));
    command.arg("doctor").args(args).env_clear().envs(environment.iter().copied());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let input = stdin.to_owned();
    let writer = std::thread::spawn(move || {
        // A process that needs no input closes the pipe.
        let _ = pipe.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Answer {
        exit: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A file that is gone at the end.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(content: &[u8]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("duijie-doctor-{}-{number}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0); // left behind at worst
    }
}
