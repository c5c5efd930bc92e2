//! The command `duijie`, run whole.

use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{fs, process};

use serde_json::Value;

use super::figure::{Program, median};
use crate::command::{cargo, program, root};

/// Lines of one run of `sign --batch`: a few seconds.
const LINES: usize = 500_000;

/// Lines a second, or milliseconds.
pub(super) fn time(what: Program, full: bool) -> Result<f64, String> {
    let duijie = duijie()?;
    let (few, many) = if full { (5, 50) } else { (3, 20) };
    match what {
        Program::Version => middle(many, || run(&duijie, &["--version"])),
        Program::Demo => middle(few, || run(&duijie, &["demo"])),
        Program::SignBatch => sign_batch(&duijie, few),
    }
}

/// Milliseconds of the run in the middle.
fn middle(times: u32, run: impl Fn() -> Result<Duration, String>) -> Result<f64, String> {
    let taken: Vec<f64> =
        (0..times).map(|_| run().map(|taken| taken.as_secs_f64() * 1000.0)).collect::<Result<_, _>>()?;
    median(taken).ok_or_else(|| "nothing was run".to_owned())
}

fn run(duijie: &str, args: &[&str]) -> Result<Duration, String> {
    let since = Instant::now();
    program(duijie, args).output()?;
    Ok(since.elapsed())
}

/// 宜昌's five parameters in each line, from a file, on one core.
fn sign_batch(duijie: &str, times: u32) -> Result<f64, String> {
    let room = std::env::temp_dir().join(format!("xtask-perf-lines-{}.jsonl", process::id()));
    let lines: String = (0..LINES).map(line).collect();
    fs::write(&room, lines).map_err(|error| format!("cannot write {}: {error}", room.display()))?;
    let milliseconds = middle(times, || {
        let file =
            fs::File::open(&room).map_err(|error| format!("cannot read {}: {error}", room.display()))?;
        let since = Instant::now();
        program(duijie, &["sign", "--batch"]).input(file).output()?;
        Ok(since.elapsed())
    });
    let _ = fs::remove_file(&room);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    Ok(LINES as f64 / (milliseconds? / 1000.0))
}

fn line(number: usize) -> String {
    format!(
        "{{\"scheme\":\"yichang-sha1\",\"params\":{{\"appId\":\"RSJ00001\",\"deviceId\":\"67D3D9A8-4D67-2444-71CE-66851AEDCFE1\",\
         \"deviceType\":\"WEB\",\"nonceStr\":\"n{number:011}\",\"timeStamp\":\"1574251924\"}},\"secret\":\"8e85e612698296b4c522bfa7eb0b82a8\"}}\n"
    )
}

/// Builds the command and says where it is.
fn duijie() -> Result<String, String> {
    let args = ["build", "--release", "--locked", "-p", "duijie", "--message-format=json"];
    let said = cargo(&args).output()?;
    let binary = |line: &str| -> Option<PathBuf> {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_it = message.get("target")?.get("name")?.as_str()? == "duijie";
        message.get("executable")?.as_str().filter(|_| is_it).map(PathBuf::from)
    };
    let found = said.lines().filter_map(binary).next_back();
    found
        .map(|path| root().join(path).to_string_lossy().into_owned())
        .ok_or_else(|| "cargo built no `duijie`".to_owned())
}
