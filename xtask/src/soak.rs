//! `cargo xtask soak [--minutes N] [--seed S]`: all soak programs, one after the other, each its share of the
//! time. What chance decides follows from the seed, which is printed: the same seed asks the same. (When threads and
//! processes meet is up to the machine.) The lines behind the table are those of RELIABILITY.md.

mod share;

use std::time::{Duration, Instant};

use crate::command::{cargo, program, root};
use share::{SOAKS, Soak};

/// How long, and with which chances.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    minutes: u64,
    seed: Option<u64>,
}

impl Options {
    pub(crate) fn parse(args: &[&str]) -> Result<Self, String> {
        let mut options = Self { minutes: 10, seed: None };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut number = || -> Result<u64, String> {
                let text = args.next().ok_or_else(|| format!("`{arg}` needs a number"))?;
                text.parse().map_err(|_| format!("`{arg} {text}` is not a number"))
            };
            match *arg {
                "--minutes" => options.minutes = number()?,
                "--seed" => options.seed = Some(number()?),
                unknown => {
                    return Err(format!("no option `{unknown}`; there are `--minutes N` and `--seed S`"));
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
    println!("seed {seed}; again: cargo xtask soak --minutes {minutes} --seed {seed}");
    cargo(&["build", "--release", "--locked", "--quiet", "-p", "platform-sandbox", "--examples"]).run()?;
    let whole = Duration::from_secs(minutes * 60);
    let all: Vec<Ran> = SOAKS.iter().map(|soak| run_one(*soak, whole, seed)).collect();
    println!("\n{}\n", table(&all));
    println!("commit {}, seed {seed}, {minutes} minutes", commit());
    let broken: Vec<_> = all.iter().filter(|ran| ran.broken.is_some()).map(|ran| ran.soak.name).collect();
    if broken.is_empty() { Ok(()) } else { Err(format!("broken promises: {}", broken.join("; "))) }
}

fn run_one(soak: Soak, whole: Duration, seed: u64) -> Ran {
    let settings = soak.settings(whole, seed);
    let mut args =
        vec!["run", "--release", "--locked", "--quiet", "-p", "platform-sandbox", "--example", soak.program];
    args.push("--");
    args.extend(settings.iter().map(String::as_str));
    println!(
        "\n== {} (about {} s): {} {}",
        soak.name,
        soak.share(whole).as_secs(),
        soak.program,
        settings.join(" ")
    );
    let since = Instant::now();
    let said = cargo(&args).told();
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

fn table(all: &[Ran]) -> String {
    let mut text = "| soak | | took | figures |\n|---|---|---|---|\n".to_owned();
    for ran in all {
        let mark = if ran.broken.is_some() { "✗" } else { "✓" };
        let figures = ran.promises.join("; ").replace('|', "\\|");
        text.push_str(&format!("| {} | {mark} | {} s | {figures} |\n", ran.soak.name, ran.took.as_secs()));
    }
    text.trim_end().to_owned()
}

/// A seed that nobody chose.
fn any_seed() -> Result<u64, String> {
    let since =
        std::time::UNIX_EPOCH.elapsed().map_err(|_| "the clock stands before 1970; give a `--seed`")?;
    Ok(since.as_secs())
}

fn commit() -> String {
    let root = root();
    let said = program("git", &["describe", "--always", "--dirty"]).folder(&root).output();
    said.map_or_else(|_| "unknown".to_owned(), |said| said.trim().to_owned())
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
        check(&["--minutes"], Err("`--minutes` needs a number"));
        check(&["--minutes", "0"], Err("`--minutes` is a number from 1"));
        check(&["--seed", "x"], Err("`--seed x` is not a number"));
        check(&["--hours", "1"], Err("no option `--hours`; there are `--minutes N` and `--seed S`"));
    }

    #[test]
    fn promises_are_told_from_other_lines() {
        let stdout =
            "Faults on sqlite\n✓ 7 calls\nround 1\n✗ 1 lost\n· p99 1 ms\nhashes equal: true; peak 8 MiB\n";
        assert_eq!(promises(stdout), ["7 calls", "✗ 1 lost", "· p99 1 ms", "hashes equal: true; peak 8 MiB"]);
    }

    #[test]
    fn the_table_says_what_broke() {
        let ran = |soak: usize, broken: Option<&str>| Ran {
            soak: SOAKS[soak],
            took: Duration::from_millis(1900),
            promises: vec!["a|b".to_owned(), "c".to_owned()],
            broken: broken.map(str::to_owned),
        };
        let text = table(&[ran(0, None), ran(9, Some("exit status: 1"))]);
        assert_eq!(
            text,
            "| soak | | took | figures |\n|---|---|---|---|\n\
             | credentials, faults, SQLite | ✓ | 1 s | a\\|b; c |\n| large files | ✗ | 1 s | a\\|b; c |"
        );
    }
}
