//! `cargo xtask soak [--minutes N] [--seed S] [--write]`: all soak programs, one after the other, each its share of the
//! time. What chance decides follows from the seed, which is printed: the same seed asks the same. (When threads and
//! processes meet is up to the machine.) `--write` puts the table into RELIABILITY.md.

mod record;
mod share;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::{cargo, program};
use share::{SOAKS, Soak};

/// How long, and with which chances.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    minutes: u64,
    seed: Option<u64>,
    write: bool,
}

impl Options {
    pub(crate) fn parse(args: &[&str]) -> Result<Self, String> {
        let mut options = Self { minutes: 10, seed: None, write: false };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut number = || -> Result<u64, String> {
                let text = args.next().ok_or_else(|| format!("`{arg}` needs a number"))?;
                text.parse().map_err(|_| format!("`{arg} {text}` is not a number"))
            };
            match *arg {
                "--minutes" => options.minutes = number()?,
                "--seed" => options.seed = Some(number()?),
                "--write" => options.write = true,
                unknown => {
                    return Err(format!(
                        "no option `{unknown}`; there are `--minutes N`, `--seed S` and `--write`"
                    ));
                }
            }
        }
        if options.minutes == 0 { Err("`--minutes` is a number from 1".to_owned()) } else { Ok(options) }
    }
}

/// What came of one program.
struct Ran {
    soak: Soak,
    took: Duration,
    /// The lines with a mark: ✓ held, ✗ broken, · a figure that only a quiet machine is held to.
    promises: Vec<String>,
    broken: Option<String>,
}

pub(crate) fn run(options: &Options) -> Result<(), String> {
    let seed = options.seed.map_or_else(any_seed, Ok)?;
    let minutes = options.minutes;
    let head = record::head(options, seed)?;
    println!("{head}");
    let programs = build()?;
    let whole = Duration::from_secs(minutes * 60);
    let all: Vec<Ran> = SOAKS.iter().map(|soak| run_one(*soak, &programs, whole, seed)).collect();
    let table = record::table(&all);
    println!("\n{head}\n\n{table}");
    if options.write {
        record::write(&head, &table)?;
    }
    let broken: Vec<_> = all.iter().filter(|ran| ran.broken.is_some()).map(|ran| ran.soak.name).collect();
    if broken.is_empty() { Ok(()) } else { Err(format!("broken promises: {}", broken.join("; "))) }
}

/// The programs, by name. Built once: what somebody edits meanwhile does not change what runs.
fn build() -> Result<BTreeMap<String, PathBuf>, String> {
    let args = ["build", "--release", "--locked", "--quiet", "-p", "platform-sandbox", "--examples"];
    let said = cargo(&args).arg("--message-format=json-render-diagnostics").output()?;
    Ok(said.lines().filter_map(built).collect())
}

/// Name and place, where a line of cargo's tells about a program.
fn built(line: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).ok()?;
    let name = message.get("target")?.get("name")?.as_str()?;
    Some((name.to_owned(), PathBuf::from(message.get("executable")?.as_str()?)))
}

fn run_one(soak: Soak, programs: &BTreeMap<String, PathBuf>, whole: Duration, seed: u64) -> Ran {
    let settings = soak.settings(whole, seed);
    let args: Vec<&str> = settings.iter().map(String::as_str).collect();
    // What was not built is told when it cannot be started.
    let path = programs.get(soak.program).cloned().unwrap_or_else(|| PathBuf::from(soak.program));
    println!(
        "\n== {} (about {} s): {} {}",
        soak.name,
        soak.share(whole).as_secs(),
        soak.program,
        settings.join(" ")
    );
    let since = Instant::now();
    let said = program(&path.to_string_lossy(), &args).told();
    let took = since.elapsed();
    let (stdout, broken) = match said {
        Ok((stdout, broken)) => (stdout, broken),
        Err(error) => (String::new(), Some(error)),
    };
    print!("{stdout}");
    if let Some(broken) = &broken {
        println!("✗ {broken}");
    }
    Ran { soak, took, promises: promises(&stdout), broken }
}

/// The lines that say what was promised.
fn promises(stdout: &str) -> Vec<String> {
    let marked = stdout
        .lines()
        .filter(|line| ["✓ ", "✗ ", "· ", "hashes equal"].iter().any(|mark| line.starts_with(mark)));
    marked.map(|line| line.trim_start_matches("✓ ").to_owned()).collect()
}

/// A seed that nobody chose.
fn any_seed() -> Result<u64, String> {
    let since =
        std::time::UNIX_EPOCH.elapsed().map_err(|_| "the clock stands before 1970; give a `--seed`")?;
    Ok(since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(args: &[&str], expected: Result<(u64, Option<u64>), &str>) {
        let options = Options::parse(args).map(|options| (options.minutes, options.seed));
        assert_eq!(options, expected.map_err(str::to_owned));
    }

    #[test]
    fn options_are_read() {
        check(&[], Ok((10, None)));
        check(&["--minutes", "3", "--seed", "18446744073709551615"], Ok((3, Some(u64::MAX))));
        assert_eq!(Options::parse(&["--write"]).map(|options| options.write), Ok(true));
        check(&["--minutes"], Err("`--minutes` needs a number"));
        check(&["--minutes", "0"], Err("`--minutes` is a number from 1"));
        check(&["--seed", "x"], Err("`--seed x` is not a number"));
        check(
            &["--hours", "1"],
            Err("no option `--hours`; there are `--minutes N`, `--seed S` and `--write`"),
        );
    }

    #[test]
    fn programs_are_what_cargo_says_it_built() {
        let line =
            r#"{"reason":"compiler-artifact","target":{"name":"large_files"},"executable":"/t/large_files"}"#;
        assert_eq!(built(line), Some(("large_files".to_owned(), PathBuf::from("/t/large_files"))));
        let library = r#"{"reason":"compiler-artifact","target":{"name":"webank"},"executable":null}"#;
        assert_eq!((built(library), built("warning: text")), (None, None));
    }

    #[test]
    fn promises_are_told_from_other_lines() {
        let stdout =
            "Faults on sqlite\n✓ 7 calls\nround 1\n✗ 1 lost\n· p99 1 ms\nhashes equal: true; peak 8 MiB\n";
        assert_eq!(promises(stdout), ["7 calls", "✗ 1 lost", "· p99 1 ms", "hashes equal: true; peak 8 MiB"]);
    }
}
