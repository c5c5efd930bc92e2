//! Runs criterion's benches in short rounds and reads what it measured.
//!
//! Criterion measures one bench after the other, and a machine that others use is faster in one minute than in the next.
//! So the benches of one figure run right after each other, and again, several rounds: a round's figure compares what
//! was measured within seconds. Of a bench's samples in a round, the quickest counts: what disturbs a sample only makes it
//! slower, and the code is the same in all of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, process};

use serde_json::Value;

use super::figure::Round;
use crate::command::{Program, cargo, program};

/// Peers are no member of the workspace.
pub(crate) const PEERS: &str = "benches/peers/Cargo.toml";

/// A binary of benches, and the ids of what it can measure.
pub(super) struct Binary {
    path: PathBuf,
    ids: Vec<String>,
}

/// Builds our benches.
pub(super) fn build() -> Result<Vec<Binary>, String> {
    built(cargo(&["bench", "-p", "benches", "--locked", "--no-run", "--message-format=json"]))
}

fn built(program: Program) -> Result<Vec<Binary>, String> {
    // Without line tables, the dependencies are the ones that the examples and the command are built with.
    let said = program.env("CARGO_PROFILE_BENCH_DEBUG", "false").output()?;
    let binaries: Vec<_> = said.lines().filter_map(binary).map(listed).collect::<Result<_, _>>()?;
    if binaries.is_empty() { Err("cargo built no bench".to_owned()) } else { Ok(binaries) }
}

fn listed(path: PathBuf) -> Result<Binary, String> {
    let listed = program(&text(&path), &["--bench", "--list"]).output()?;
    let ids = listed.lines().filter_map(|line| line.strip_suffix(": benchmark")).map(str::to_owned).collect();
    Ok(Binary { path, ids })
}

/// The binary of a bench, if this line of cargo's says that it was built.
fn binary(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let kinds = message.get("target")?.get("kind")?.as_array()?;
    if !kinds.iter().any(|kind| kind.as_str() == Some("bench")) {
        return None;
    }
    message.get("executable")?.as_str().map(PathBuf::from)
}

/// How long, and how often.
struct Effort {
    rounds: u32,
    warm_up: &'static str,
    measure: &'static str,
}

impl Effort {
    const fn of(full: bool) -> Self {
        if full {
            Self { rounds: 15, warm_up: "0.3", measure: "1" }
        } else {
            Self { rounds: 5, warm_up: "0.1", measure: "0.3" }
        }
    }
}

/// Runs these benches in turns. What does not exist is missing in the rounds.
pub(super) fn rounds(binaries: &[Binary], ids: &[&str], full: bool) -> Result<Vec<Round>, String> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = pattern(ids);
    let has = |binary: &&Binary| binary.ids.iter().any(|id| ids.contains(&id.as_str()));
    let binaries: Vec<_> = binaries.iter().filter(has).collect();
    let effort = Effort::of(full);
    (0..effort.rounds).map(|_| round(&binaries, Some(&wanted), &effort)).collect()
}

/// Runs all that others do, in turns.
pub(super) fn peers(full: bool) -> Result<Vec<Round>, String> {
    eprintln!("building the peers: this takes minutes the first time");
    let binaries =
        built(cargo(&["bench", "--manifest-path", PEERS, "--locked", "--no-run", "--message-format=json"]))
            .map_err(|error| {
            format!("{error}\nif the lock file is to blame: `cargo update --manifest-path {PEERS} -w`")
        })?;
    let effort = Effort { rounds: if full { 15 } else { 3 }, ..Effort::of(full) };
    (0..effort.rounds)
        .map(|number| {
            eprintln!("measuring the peers: round {} of {}", number + 1, effort.rounds);
            round(&binaries.iter().collect::<Vec<_>>(), None, &effort)
        })
        .collect()
}

fn round(binaries: &[&Binary], wanted: Option<&str>, effort: &Effort) -> Result<Round, String> {
    let room = std::env::temp_dir().join(format!("xtask-perf-{}", process::id()));
    let _ = fs::remove_dir_all(&room);
    let mut round = Round::new();
    for binary in binaries {
        let mut args = vec!["--bench", "--noplot"];
        args.extend(["--warm-up-time", effort.warm_up, "--measurement-time", effort.measure]);
        // Many short samples: some of them are not interrupted.
        args.extend(["--sample-size", "100"]);
        // Criterion's own statistics are not read.
        args.extend(["--nresamples", "1001"]);
        args.extend(wanted);
        program(&text(&binary.path), &args).env("CRITERION_HOME", &room).output()?;
    }
    read(&room, &mut round)?;
    let _ = fs::remove_dir_all(&room);
    Ok(round)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A regular expression for exactly these.
fn pattern(ids: &[&str]) -> String {
    let escaped = ids.iter().map(|id| {
        let mut escaped = String::new();
        for character in id.chars() {
            if character.is_ascii_punctuation() {
                escaped.push('\\');
            }
            escaped.push(character);
        }
        escaped
    });
    format!("^({})$", escaped.collect::<Vec<_>>().join("|"))
}

/// Looks through criterion's folders: beside each `new/benchmark.json`, which has the id, lies `sample.json`.
fn read(folder: &Path, round: &mut Round) -> Result<(), String> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry.map_err(|error| format!("cannot read {}: {error}", folder.display()))?.path();
        if path.is_dir() {
            read(&path, round)?;
        } else if path.ends_with("new/benchmark.json") {
            let (id, time) = (json(&path)?, json(&path.with_file_name("sample.json"))?);
            let (id, time) = quickest(&id, &time)
                .ok_or_else(|| format!("{} is not criterion's as we know it", path.display()))?;
            round.insert(id, time);
        }
    }
    Ok(())
}

fn json(path: &Path) -> Result<Value, String> {
    let bytes = fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    serde_json::from_slice(&bytes).map_err(|error| format!("{} is not JSON: {error}", path.display()))
}

/// The id, and the nanoseconds of one call in the quickest sample; of one element, where the bench says how many a call has.
fn quickest(benchmark: &Value, samples: &Value) -> Option<(String, f64)> {
    let id = benchmark.get("full_id")?.as_str()?.to_owned();
    let list = |name: &str| -> Option<Vec<f64>> {
        samples.get(name)?.as_array()?.iter().map(Value::as_f64).collect()
    };
    let calls = list("times")?.into_iter().zip(list("iters")?).map(|(time, calls)| time / calls);
    let elements = benchmark.get("throughput").and_then(|it| it.get("Elements")).and_then(Value::as_f64);
    Some((id, calls.reduce(f64::min)? / elements.unwrap_or(1.0)))
}

/// The times of one bench over the rounds.
pub(super) fn times(rounds: &[Round]) -> BTreeMap<&str, Vec<f64>> {
    let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (id, time) in rounds.iter().flatten() {
        times.entry(id).or_default().push(*time);
    }
    times
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_pattern_is_exact() {
        assert_eq!(pattern(&["a/b: c", "年"]), "^(a\\/b\\: c|年)$");
    }

    #[test]
    fn the_quickest_sample_counts() {
        let benchmark = json!({"full_id": "a/b"});
        let samples =
            json!({"sampling_mode": "Linear", "iters": [10.0, 20.0, 30.0], "times": [20.0, 30.0, 90.0]});
        assert_eq!(quickest(&benchmark, &samples), Some(("a/b".to_owned(), 1.5)));
        assert_eq!(quickest(&benchmark, &json!({"iters": [], "times": []})), None);
        let of_three = json!({"full_id": "a/b", "throughput": {"Elements": 3}});
        assert_eq!(quickest(&of_three, &samples), Some(("a/b".to_owned(), 0.5)));
    }

    #[test]
    fn only_benches_are_run() {
        let line = |kind| json!({"target": {"kind": [kind]}, "executable": "/x"}).to_string();
        assert_eq!(binary(&line("bench")), Some(PathBuf::from("/x")));
        assert_eq!(binary(&line("lib")), None);
        assert_eq!(binary("{}"), None);
    }
}
