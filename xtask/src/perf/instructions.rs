//! The gate: counts of instructions that were committed to, compared with today's.

use std::fmt::Write as _;
use std::fs;

use toml::{Table, Value};

use super::callgrind::{Counts, Example, Machine};
use crate::command::root;

const PATH: &str = "benches/instructions.toml";

/// More instructions of a hundred than this fail: below it, a compiler's mood.
const TOLERATED: u64 = 3;

/// What was committed.
#[derive(Debug, PartialEq, Eq)]
struct Committed {
    machine: Machine,
    counts: Counts,
}

/// Counts, compares, and fails if a path got worse.
pub(super) fn gate() -> Result<(), String> {
    let text =
        fs::read_to_string(root().join(PATH)).map_err(|error| format!("cannot read {PATH}: {error}"))?;
    let committed = parse(&text)?;
    let (machine, counts) = count()?;
    let verdict = compare(&committed, &machine, &counts);
    print!("{}", verdict.account);
    match verdict.faults.as_slice() {
        [] => Ok(()),
        faults if verdict.strangers.is_empty() => Err(format!(
            "{}\nmend it, or say why: `cargo xtask perf --bless --reason \"…\"`",
            faults.join("\n")
        )),
        faults => {
            println!(
                "WARNING, not a failure: the committed counts are of another machine ({}), and counts of two do not compare:\n{}",
                verdict.strangers.join("; "),
                faults.join("\n")
            );
            Ok(())
        }
    }
}

/// Counts and commits to it.
pub(super) fn bless(reason: &str) -> Result<(), String> {
    let before = fs::read_to_string(root().join(PATH)).ok().and_then(|text| parse(&text).ok());
    let (machine, counts) = count()?;
    if let Some(before) = before {
        print!("{}", compare(&before, &machine, &counts).account);
    }
    fs::write(root().join(PATH), write(reason, &machine, &counts))
        .map_err(|error| format!("cannot write {PATH}: {error}"))?;
    println!("\nfor the commit message:\n\nInstruction counts blessed: {reason}");
    Ok(())
}

fn count() -> Result<(Machine, Counts), String> {
    let example = Example::build()?;
    let machine = example.machine()?;
    let mut counts = Counts::new();
    for path in example.paths()? {
        let count = example.count(&path)?;
        counts.insert(path, count);
    }
    Ok((machine, counts))
}

/// What a comparison found.
#[derive(Debug, Default)]
struct Verdict {
    /// A line for each path.
    account: String,
    /// What fails.
    faults: Vec<String>,
    /// Why the counts need not be comparable.
    strangers: Vec<String>,
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn compare(committed: &Committed, machine: &Machine, counts: &Counts) -> Verdict {
    let mut verdict = Verdict::default();
    let Machine { rustc, valgrind, libc, features } = &committed.machine;
    let pairs = [
        ("compiler", rustc, &machine.rustc),
        ("valgrind", valgrind, &machine.valgrind),
        ("libc", libc, &machine.libc),
        ("processor", features, &machine.features),
    ];
    for (what, then, now) in pairs.into_iter().filter(|(_, then, now)| then != now) {
        verdict.strangers.push(format!("{what} then `{then}`, now `{now}`"));
    }
    for (path, now) in counts {
        let Some(then) = committed.counts.get(path) else {
            verdict.faults.push(format!("`{path}` has no committed count"));
            continue;
        };
        let change = (*now as f64 / *then as f64 - 1.0) * 100.0;
        let _ = writeln!(verdict.account, "{now:>10}  {change:+6.1} %  {path}");
        if now.saturating_mul(100) > then.saturating_mul(100 + TOLERATED) {
            verdict
                .faults
                .push(format!("`{path}` takes {change:.1} % more instructions: {then} then, {now} now"));
        }
    }
    for path in committed.counts.keys().filter(|path| !counts.contains_key(*path)) {
        verdict.faults.push(format!("`{path}` is committed, but no longer counted"));
    }
    verdict
}

fn write(reason: &str, machine: &Machine, counts: &Counts) -> String {
    let quoted = |text: &str| Value::String(text.to_owned()).to_string();
    let mut text = String::from(
        "# Instructions of one call of each hot path (benches/src/hot.rs), counted by callgrind.\n\
         # Written by `cargo xtask perf --bless --reason \"…\"`, compared by `cargo xtask perf --gate`.\n\n",
    );
    let Machine { rustc, valgrind, libc, features } = machine;
    let _ = writeln!(text, "reason = {}\n\n[machine]", quoted(reason));
    for (name, value) in [("rustc", rustc), ("valgrind", valgrind), ("libc", libc), ("features", features)] {
        let _ = writeln!(text, "{name} = {}", quoted(value));
    }
    text.push_str("\n[instructions]\n");
    for (path, count) in counts {
        let _ = writeln!(text, "{} = {count}", quoted(path));
    }
    text
}

fn parse(text: &str) -> Result<Committed, String> {
    let table: Table = text.parse().map_err(|error| format!("{PATH} is not TOML: {error}"))?;
    let committed = || -> Option<Committed> {
        let machine = table.get("machine")?.as_table()?;
        let member = |name: &str| Some(machine.get(name)?.as_str()?.to_owned());
        let counts = table.get("instructions")?.as_table()?.iter();
        let count = |(path, count): (&String, &Value)| {
            Some((path.clone(), u64::try_from(count.as_integer()?).ok().filter(|count| *count > 0)?))
        };
        table.get("reason")?.as_str()?;
        Some(Committed {
            machine: Machine {
                rustc: member("rustc")?,
                valgrind: member("valgrind")?,
                libc: member("libc")?,
                features: member("features")?,
            },
            counts: counts.map(count).collect::<Option<_>>()?,
        })
    };
    committed().ok_or_else(|| format!("{PATH} was not written by `cargo xtask perf --bless`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine() -> Machine {
        let [rustc, valgrind, libc, features] = ["rustc 1", "valgrind-3", "ldd 2", "avx2"].map(str::to_owned);
        Machine { rustc, valgrind, libc, features }
    }

    fn counts(counts: &[(&str, u64)]) -> Counts {
        counts.iter().map(|(path, count)| ((*path).to_owned(), *count)).collect()
    }

    #[track_caller]
    fn check(now: &[(&str, u64)], faults: &[&str]) {
        let committed = Committed { machine: machine(), counts: counts(&[("sign", 1000), ("verify", 100)]) };
        assert_eq!(compare(&committed, &machine(), &counts(now)).faults, faults);
    }

    #[test]
    fn what_got_worse_is_named() {
        check(&[("sign", 1030), ("verify", 50)], &[]);
        check(
            &[("sign", 1031), ("verify", 100)],
            &["`sign` takes 3.1 % more instructions: 1000 then, 1031 now"],
        );
        check(
            &[("sign", 1000), ("new", 1)],
            &["`new` has no committed count", "`verify` is committed, but no longer counted"],
        );
    }

    #[test]
    fn another_machine_is_told() {
        let committed = Committed { machine: machine(), counts: counts(&[("sign", 1000)]) };
        let other = Machine { features: "avx2 sha".to_owned(), ..machine() };
        let verdict = compare(&committed, &other, &counts(&[("sign", 2000)]));
        assert_eq!(verdict.strangers, ["processor then `avx2`, now `avx2 sha`"]);
        assert_eq!(verdict.faults.len(), 1);
    }

    #[test]
    fn what_is_written_is_read() {
        let written = write("a \"reason\"", &machine(), &counts(&[("宜昌 sign, MD5", 7)]));
        assert_eq!(
            parse(&written),
            Ok(Committed { machine: machine(), counts: counts(&[("宜昌 sign, MD5", 7)]) })
        );
        assert!(parse("reason = 1").is_err_and(|message| message.contains("--bless")));
        assert!(parse(&written.replace("= 7", "= 0")).is_err());
    }

    #[test]
    fn the_committed_counts_are_readable() {
        assert!(parse(&fs::read_to_string(root().join(PATH)).unwrap()).is_ok());
    }
}
