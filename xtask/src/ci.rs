//! Everything that must hold, cheap steps first. The first failure ends the run.

use std::time::Instant;

use crate::command::{Program, cargo};
use crate::{alone, fuzz, perf, release, tidy, trees, vectors};

/// Each fuzz target's share of a run, in seconds.
const FUZZ_SECONDS: u32 = 5;

struct Step {
    name: &'static str,
    work: fn() -> Result<(), String>,
}

const STEPS: &[Step] = &[
    Step { name: "tidy", work: tidy::run },
    Step { name: "fmt", work: || cargo(&["fmt", "--all", "--check"]).run() },
    Step { name: "trees", work: trees::run },
    Step {
        name: "deny",
        work: || cargo(&["deny", "--locked", "check", "bans", "licenses", "sources"]).run(),
    },
    Step { name: "vectors", work: vectors::run },
    Step { name: "clippy", work: clippy },
    Step { name: "pure", work: pure },
    Step { name: "alone", work: alone::run },
    Step { name: "offline", work: offline },
    Step { name: "release", work: release::run_cheap },
    Step { name: "test", work: || cargo(&["test", "--workspace", "--locked"]).run() },
    Step { name: "soak", work: soak },
    Step { name: "doc", work: doc },
    Step { name: "demo", work: || cargo(&["run", "--release", "--locked", "--", "demo"]).run() },
    Step { name: "bench", work: || bench().run() },
    Step { name: "perf-gate", work: perf::gate_where_possible },
    Step { name: "fuzz", work: || fuzz::run(&fuzz::Options { seconds: FUZZ_SECONDS, targets: Vec::new() }) },
];

/// The names of the steps, in their order.
pub(crate) fn names() -> Vec<&'static str> {
    STEPS.iter().map(|step| step.name).collect()
}

/// Runs the steps that are named, or all of them; always in their own order.
pub(crate) fn run(wanted: &[&str]) -> Result<(), String> {
    if let Some(unknown) = wanted.iter().find(|name| !names().contains(name)) {
        return Err(format!("no step `{unknown}`; the steps are: {}", names().join(" ")));
    }
    let chosen = STEPS.iter().filter(|step| wanted.is_empty() || wanted.contains(&step.name));
    let mut timings = Vec::new();
    for step in chosen {
        println!("\n==== {} ====", step.name);
        let start = Instant::now();
        let outcome = (step.work)();
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "==== {}: {} in {seconds:.1} s ====",
            step.name,
            if outcome.is_ok() { "ok" } else { "FAILED" }
        );
        outcome.map_err(|message| format!("step `{}`: {message}", step.name))?;
        timings.push((step.name, seconds));
    }
    println!("\nall steps passed:");
    for (name, seconds) in timings {
        println!("{seconds:8.1} s  {name}");
    }
    Ok(())
}

fn clippy() -> Result<(), String> {
    let args =
        ["clippy", "--workspace", "--all-targets", "--all-features", "--locked", "--", "-D", "warnings"];
    cargo(&args).run()
}

/// Each protocol crate without its features, one by one: together, cargo would unite what they ask of dependencies.
fn pure() -> Result<(), String> {
    for name in trees::PROTOCOL_CRATES.iter().chain(&["sign-core"]) {
        let args = ["clippy", "-p", name, "--all-targets", "--no-default-features", "--locked"];
        cargo(&args).arg("--").arg("-Dwarnings").run()?;
    }
    Ok(())
}

/// An hour and more of several processes that share credentials, pushes that are killed, and a crowd at 兔展's check, in
/// seconds: the short forms of what benches/README.md describes. Needs `redis-server`.
fn soak() -> Result<(), String> {
    for setting in [&["store=sqlite"][..], &["store=redis"], &["scene=rival", "speed=300"]] {
        let run = ["run", "-p", "platform-sandbox", "--locked", "--example", "soak_credentials", "--"];
        let short = ["days=0.05", "processes=3", "calls=8"];
        cargo(&[&run[..], setting, &short].concat()).run()?;
    }
    for journal in ["journal=sqlite", "journal=redis"] {
        let run = ["run", "-p", "platform-sandbox", "--locked", "--example", "soak_journal", "--", journal];
        let short = ["records=20000", "processes=2", "kills=4", "faults=20", "lease=1000"];
        cargo(&[&run[..], &short].concat()).run()?;
    }
    // Whoever else works on this machine decides how fast it is; everything but speed must hold.
    let run = ["run", "-p", "platform-sandbox", "--locked", "--example", "load_check", "--"];
    cargo(&[&run[..], &["figures=shown", "rounds=2", "seconds=0.5"]].concat()).run()
}

/// With the crates fetched, the lock file is all that a build needs. What it builds is what the tests are linked with.
fn offline() -> Result<(), String> {
    cargo(&["fetch", "--locked"]).run()?;
    cargo(&["build", "--workspace", "--locked", "--offline"]).run()
}

fn doc() -> Result<(), String> {
    let args = ["doc", "--no-deps", "--workspace", "--all-features", "--locked"];
    cargo(&args).env("RUSTDOCFLAGS", "-Dwarnings").run()
}

/// Runs each bench once. Without line tables, the dependencies are the ones that the demo was built with.
fn bench() -> Program {
    cargo(&["bench", "--workspace", "--locked", "--", "--test"]).env("CARGO_PROFILE_BENCH_DEBUG", "false")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_steps_are_refused_before_any_runs() {
        let message = run(&["tidy", "nonsense"]).unwrap_err();
        assert!(message.starts_with("no step `nonsense`; the steps are: tidy fmt "), "{message}");
    }

    #[test]
    fn names_are_unique() {
        let mut sorted = names();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), STEPS.len());
    }
}
