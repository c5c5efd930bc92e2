//! How fast it is, against the limit and against others. benches/README.md says how the figures come about.

mod allocations;
mod benchmarks;
mod callgrind;
mod document;
mod figure;
mod instructions;
mod programs;
mod table;
mod targets;

pub(crate) use benchmarks::PEERS as PEERS_MANIFEST;
use figure::{Figure, Row};
use table::Tables;
use targets::{PEERS, TARGETS, Target};

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Options {
    /// Measure and print.
    Measure(Measure),
    /// Count instructions and compare.
    Gate,
    /// Count instructions and commit to them.
    Bless {
        /// Why they changed.
        reason: String,
    },
}

/// How to measure, and where the table goes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Measure {
    /// Ten times as long.
    full: bool,
    /// With what others would use.
    peers: bool,
    /// As JSON instead of a table.
    json: bool,
    /// Into benches/README.md as well.
    write: bool,
    /// Only paths that have one of these in their name; all of them when empty.
    only: Vec<String>,
}

impl Options {
    pub(crate) fn parse(args: &[&str]) -> Result<Self, String> {
        match args {
            ["--gate"] => return Ok(Self::Gate),
            ["--bless", "--reason", reason] if !reason.trim().is_empty() => {
                return Ok(Self::Bless { reason: (*reason).to_owned() });
            }
            ["--bless", ..] => return Err("`--bless` needs `--reason \"why the counts changed\"`".to_owned()),
            _ => {}
        }
        let mut measure = Measure::default();
        for arg in args {
            match *arg {
                "--full" => measure.full = true,
                "--peers" => measure.peers = true,
                "--json" => measure.json = true,
                "--write" => measure.write = true,
                "--gate" => return Err("`--gate` stands alone".to_owned()),
                option if option.starts_with('-') => {
                    return Err(format!(
                        "no option `{option}`; there are --full --peers --json --write, --gate, --bless --reason TEXT"
                    ));
                }
                name => measure.only.push(name.to_owned()),
            }
        }
        if measure.write && !measure.only.is_empty() {
            return Err("`--write` writes the whole table: name no paths".to_owned());
        }
        Ok(Self::Measure(measure))
    }
}

pub(crate) fn run(options: &Options) -> Result<(), String> {
    match options {
        Options::Measure(options) => measure(options),
        Options::Gate => instructions::gate(),
        Options::Bless { reason } => instructions::bless(reason),
    }
}

/// The step of `cargo xtask ci`: where there is no valgrind, it says so and passes; `.ci/run` installs it.
pub(crate) fn gate_where_possible() -> Result<(), String> {
    match callgrind::version() {
        Ok(_) => instructions::gate(),
        Err(message) => {
            println!("NOT CHECKED: {message}");
            Ok(())
        }
    }
}

fn measure(options: &Measure) -> Result<(), String> {
    let allocations = allocations::count()?;
    let mut tables = Tables { targets: rows(&TARGETS, options, &allocations)?, ..Tables::default() };
    if options.peers {
        let rounds = benchmarks::peers(options.full)?;
        let wanted = PEERS.iter().filter(|target| is_wanted(target, options));
        tables.peers = wanted.map(|target| Row::of(target, &rounds, &allocations)).collect();
        tables.pivots = table::pivots(&rounds);
    }
    println!("{}", if options.json { tables.json() } else { tables.text() });
    if options.write {
        document::write(&tables)?;
    }
    Ok(())
}

fn is_wanted(target: &Target, options: &Measure) -> bool {
    options.only.is_empty() || options.only.iter().any(|name| target.path.contains(name.as_str()))
}

fn rows(
    targets: &[Target],
    options: &Measure,
    allocations: &allocations::Counts,
) -> Result<Vec<Row>, String> {
    let binaries = benchmarks::build()?;
    let mut rows = Vec::new();
    for target in targets.iter().filter(|target| is_wanted(target, options)) {
        eprintln!("measuring: {}", target.path);
        rows.push(match target.figure {
            Figure::Program(program) => Row::timed(target, programs::time(program, options.full)),
            _ => {
                let rounds = benchmarks::rounds(&binaries, &target.figure.benches(), options.full)?;
                Row::of(target, &rounds, allocations)
            }
        });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(args: &[&str], expected: Result<Options, &str>) {
        assert_eq!(Options::parse(args), expected.map_err(str::to_owned));
    }

    #[test]
    fn options() {
        check(&[], Ok(Options::Measure(Measure::default())));
        let only = vec!["sign".to_owned()];
        check(
            &["--peers", "sign"],
            Ok(Options::Measure(Measure { peers: true, only, ..Measure::default() })),
        );
        check(&["--gate"], Ok(Options::Gate));
        check(&["--gate", "--full"], Err("`--gate` stands alone"));
        check(
            &["--bless", "--reason", "SHA-1 by lanes"],
            Ok(Options::Bless { reason: "SHA-1 by lanes".to_owned() }),
        );
        let why = "`--bless` needs `--reason \"why the counts changed\"`";
        check(&["--bless"], Err(why));
        check(&["--bless", "--reason", " "], Err(why));
        check(&["--write", "sign"], Err("`--write` writes the whole table: name no paths"));
    }
}
