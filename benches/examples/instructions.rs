//! Runs one hot path so that callgrind can count its instructions. `cargo xtask perf --gate` runs it.
//!
//! ```text
//!  instructions                the names, as JSON
//!  instructions features       what the processor offers, as far as code asks at run time
//!  instructions NAME TIMES     the path's calls, TIMES over
//! ```
//! The inputs of all paths are made in every run, so that two runs of one path differ in nothing but their calls.
#![expect(clippy::print_stdout, reason = "that is what it is for")]

use std::process::ExitCode;

use benches::hot::paths;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let paths = paths();
    match args.as_slice() {
        [] => {
            println!("{}", serde_json::json!(paths.iter().map(|path| path.name).collect::<Vec<_>>()));
        }
        ["features"] => println!("{}", features()),
        [name, times] => {
            let Some(path) = paths.iter().find(|path| path.name == *name) else { return ExitCode::FAILURE };
            let Ok(times) = times.parse::<u32>() else { return ExitCode::FAILURE };
            for _ in 0..path.calls * times {
                (path.call)();
            }
            // For the division by whoever counts.
            println!("{}", path.calls);
        }
        _ => return ExitCode::FAILURE,
    }
    ExitCode::SUCCESS
}

/// Digests and searches choose their code by these.
#[cfg(target_arch = "x86_64")]
fn features() -> String {
    let known = [
        ("sse4.2", std::arch::is_x86_feature_detected!("sse4.2")),
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("bmi2", std::arch::is_x86_feature_detected!("bmi2")),
        ("sha", std::arch::is_x86_feature_detected!("sha")),
        ("avx512bw", std::arch::is_x86_feature_detected!("avx512bw")),
    ];
    known.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
}

#[cfg(not(target_arch = "x86_64"))]
fn features() -> String {
    std::env::consts::ARCH.to_owned()
}
