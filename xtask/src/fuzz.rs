//! Runs the fuzz targets that `fuzz/Cargo.toml` lists, and prints how often each was asked: the rows of RELIABILITY.md.

use std::fs;

use crate::command::{nightly_cargo, root};

/// What to run, and how long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// For each target.
    pub(crate) seconds: u32,
    /// All of them when empty.
    pub(crate) targets: Vec<String>,
}

impl Options {
    pub(crate) fn parse(args: &[&str]) -> Result<Self, String> {
        let mut options = Self { seconds: 10, targets: Vec::new() };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if *arg == "--seconds" {
                let number = args.next().ok_or("`--seconds` needs a number")?;
                // To libFuzzer, 0 means for ever.
                options.seconds = number
                    .parse()
                    .ok()
                    .filter(|seconds| *seconds > 0)
                    .ok_or_else(|| format!("`--seconds {number}` is not a number of seconds from 1"))?;
            } else if arg.starts_with('-') {
                return Err(format!("no option `{arg}`; there is `--seconds N`"));
            } else {
                options.targets.push((*arg).to_owned());
            }
        }
        Ok(options)
    }
}

pub(crate) fn run(options: &Options) -> Result<(), String> {
    let manifest = root().join("fuzz/Cargo.toml");
    let manifest =
        fs::read_to_string(&manifest).map_err(|error| format!("cannot read fuzz/Cargo.toml: {error}"))?;
    let all = targets(&manifest)?;
    if let Some(unknown) = options.targets.iter().find(|name| !all.contains(name)) {
        return Err(format!("no fuzz target `{unknown}`; the targets are: {}", all.join(" ")));
    }
    nightly_cargo(&["--version"]).output().map_err(|error| {
        format!("fuzzing needs a nightly compiler: `rustup toolchain install nightly`\n{error}")
    })?;
    nightly_cargo(&["fuzz", "--version"])
        .output()
        .map_err(|error| format!("fuzzing needs cargo-fuzz: `cargo install --locked cargo-fuzz`\n{error}"))?;
    // cargo-fuzz would bring the lock file up to date by itself, in silence.
    nightly_cargo(&["metadata", "--locked", "--format-version", "1", "--manifest-path", "fuzz/Cargo.toml"])
        .output()
        .map_err(|error| {
            format!("fuzz/Cargo.lock: `cargo update --manifest-path fuzz/Cargo.toml -w`\n{error}")
        })?;
    // Once for all: a run builds its own target alone.
    nightly_cargo(&["fuzz", "build"]).run()?;
    println!("| target | executions | seconds |\n|---|--:|--:|");
    let mut findings = Vec::new();
    for name in all.iter().filter(|name| options.targets.is_empty() || options.targets.contains(name)) {
        match ask(name, options.seconds)? {
            Asked::Held { runs } => println!("| `{name}` | {runs} | {} |", options.seconds),
            Asked::Broken { why } => {
                println!("| `{name}` | broken | |");
                findings.push(format!("`{name}`:\n{why}"));
            }
        }
    }
    if findings.is_empty() {
        return Ok(());
    }
    // Each target is asked, whatever was found before.
    Err(format!(
        "{} of the properties do not hold; mend the code, and copy the bytes into fuzz/seeds/TARGET\n\n{}",
        findings.len(),
        findings.join("\n\n")
    ))
}

/// What came of asking a target.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Held { runs: u64 },
    Broken { why: String },
}

fn ask(name: &str, seconds: u32) -> Result<Asked, String> {
    let corpus = root().join("fuzz/corpus").join(name);
    fs::create_dir_all(&corpus).map_err(|error| format!("cannot create {}: {error}", corpus.display()))?;
    let said = nightly_cargo(&["fuzz", "run", name])
        // What is found goes into the first folder; the seeds are only read.
        .arg(corpus)
        .arg(root().join("fuzz/seeds").join(name))
        .arg("--")
        .arg(format!("-max_total_time={seconds}"))
        .arg("-timeout=30")
        .arg("-print_final_stats=1")
        .remarks();
    match said {
        Ok(said) => runs(&said)
            .map(|runs| Asked::Held { runs })
            .ok_or_else(|| format!("`{name}` does not say how often it ran:\n{said}")),
        Err(said) => Ok(Asked::Broken { why: finding(&said) }),
    }
}

/// Of what libFuzzer says about bytes that break a property, what a reader needs: the panic, and where the bytes are.
/// All of it, if it says neither.
fn finding(said: &str) -> String {
    let mut lines = said.lines();
    let mut told = Vec::new();
    while let Some(line) = lines.next() {
        if line.contains("panicked at") {
            told.push(line);
            told.extend(lines.next());
        } else if line.contains("ERROR: ") || line.contains("Test unit written to") {
            told.push(line);
        }
    }
    if told.is_empty() { said.to_owned() } else { told.join("\n") }
}

/// How often libFuzzer says it asked.
fn runs(said: &str) -> Option<u64> {
    let count = said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))?;
    count.trim().parse().ok().filter(|runs| *runs > 0)
}

/// The targets of a cargo-fuzz manifest: its binaries, in the order of the file.
pub(crate) fn targets(manifest: &str) -> Result<Vec<String>, String> {
    let manifest: toml::Table =
        manifest.parse().map_err(|error| format!("fuzz/Cargo.toml is not TOML: {error}"))?;
    let binaries =
        manifest.get("bin").and_then(toml::Value::as_array).ok_or("fuzz/Cargo.toml has no [[bin]]")?;
    binaries
        .iter()
        .map(|binary| binary.get("name").and_then(toml::Value::as_str).map(str::to_owned))
        .collect::<Option<_>>()
        .ok_or_else(|| "fuzz/Cargo.toml has a [[bin]] without a name".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(args: &[&str], expected: Result<(u32, &[&str]), &str>) {
        let expected = expected.map(|(seconds, targets)| Options {
            seconds,
            targets: targets.iter().map(|target| (*target).to_owned()).collect(),
        });
        assert_eq!(Options::parse(args), expected.map_err(str::to_owned));
    }

    #[test]
    fn options() {
        check(&[], Ok((10, &[])));
        check(&["--seconds", "3", "form"], Ok((3, &["form"])));
        check(&["--seconds"], Err("`--seconds` needs a number"));
        check(&["--seconds", "0"], Err("`--seconds 0` is not a number of seconds from 1"));
        check(&["--second", "1"], Err("no option `--second`; there is `--seconds N`"));
    }

    #[test]
    fn a_target_that_never_ran_is_found() {
        assert_eq!(runs("INFO: x\nstat::number_of_executed_units: 106953\nstat::x: 1\n"), Some(106_953));
        assert_eq!(runs("stat::number_of_executed_units: 0"), None);
        assert_eq!(runs("INFO: x"), None);
    }

    #[test]
    fn a_finding_is_told_in_short() {
        let said = "INFO: Seed: 1\n\nthread '<unnamed>' (1) panicked at src/core.rs:9:5:\nassertion failed: fits\n\
                    note: run with\n==1== ERROR: libFuzzer: deadly signal\n    #0 0x1\n\
                    artifact_prefix='a'; Test unit written to fuzz/artifacts/form/crash-1\nBase64: AA==";
        assert_eq!(
            finding(said),
            "thread '<unnamed>' (1) panicked at src/core.rs:9:5:\nassertion failed: fits\n\
             ==1== ERROR: libFuzzer: deadly signal\nartifact_prefix='a'; Test unit written to fuzz/artifacts/form/crash-1"
        );
        assert_eq!(finding("error: no such target"), "error: no such target");
    }

    #[test]
    fn targets_come_from_the_manifest() {
        assert_eq!(targets("[[bin]]\nname = \"b\"\n[[bin]]\nname = \"a\"").unwrap(), ["b", "a"]);
        assert_eq!(targets("[package]").unwrap_err(), "fuzz/Cargo.toml has no [[bin]]");
        assert_eq!(
            targets("[[bin]]\npath = \"x\"").unwrap_err(),
            "fuzz/Cargo.toml has a [[bin]] without a name"
        );
        assert!(targets("[").unwrap_err().starts_with("fuzz/Cargo.toml is not TOML: "));
    }
}
