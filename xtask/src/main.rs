//! `cargo xtask …`: the chores of the workspace. Each command fits on a screen.
//!
//! ```text
//!  ci [STEP…]        everything that must hold, cheap steps first, stops at the first failure; `.ci/run` calls it
//!  tidy              the repository itself: headers, rings, citations, manifests, documents
//!  error-index       writes the index of all codes, docs/*/errors.md, from the crates
//!  pictures [BINARY [NAME]]   what `demo` and `doctor` show on a terminal, as SVG under docs/img
//!  vectors           runs the generators of the golden vectors and compares with the committed files
//!  fuzz [--seconds N] [TARGET…]   smoke-runs the fuzz targets
//!  perf [--full] [--peers] [--json] [--write] [PATH…]   measures against the limits and against others
//!  perf --gate       compares instruction counts with the committed ones; `--bless --reason TEXT` commits to today's
//!  soak [--minutes N] [--seed S] [--write]    days of faults, kills and crowds; the figures of RELIABILITY.md
//!  release [LEVEL]   is it ready for strangers? `--execute` bumps, tags and publishes, and goes on after a failure
//!  dist              the command as it is handed out, in target/dist: completions, man pages, bill of materials, sums
//!  demo              `cargo run --release -- demo`
//! ```
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to whoever runs it")]

mod alone;
mod ci;
mod command;
mod dist;
mod error_index;
mod fuzz;
mod marked;
mod perf;
mod pictures;
mod release;
mod soak;
mod tidy;
mod trees;
mod vectors;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask ci [STEP…]
                   tidy
                   error-index
                   pictures [BINARY [NAME]]
                   vectors
                   fuzz [--seconds N] [TARGET…]
                   soak [--minutes N] [--seed S] [--write]
                   perf [--full] [--peers] [--json] [--write] [PATH…] | --gate | --bless --reason TEXT
                   release [patch|minor|major|VERSION] [-p NAME]… [--allow-dirty] |
                           --execute [--accept-unchecked] [--registry NAME]
                   dist
                   demo";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args.as_slice() {
        ["ci", steps @ ..] => ci::run(steps),
        ["tidy"] => tidy::run(),
        ["vectors"] => vectors::run(),
        ["error-index"] => error_index::run(),
        ["pictures", options @ ..] => pictures::run(options),
        ["fuzz", options @ ..] => fuzz::Options::parse(options).and_then(|options| fuzz::run(&options)),
        ["soak", options @ ..] => soak::Options::parse(options).and_then(|options| soak::run(&options)),
        ["dist"] => dist::run(),
        ["release", options @ ..] => {
            release::Options::parse(options).and_then(|options| release::run(&options))
        }
        ["perf", options @ ..] => perf::Options::parse(options).and_then(|options| perf::run(&options)),
        ["demo"] => command::cargo(&["run", "--release", "--locked", "--", "demo"]).run(),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}\nsteps of ci: {}", ci::names().join(" "));
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
