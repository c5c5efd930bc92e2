//! What somebody finds who has cloned the repository: the samples, and a `cargo` that runs what is built already.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::page::{Page, Way};

/// Commands that begin like this are not run, and why. Whatever is listed stands in some page.
const NOT_RUN: &[(&str, &str)] = &[
    ("cargo new ", "is for the program below"),
    ("cargo add ", "wants the registry; what it writes is the README's `[dependencies]`"),
    ("cp examples/first_push.rs ", "is for the program below"),
    (
        "cargo run --manifest-path ",
        "builds a crate for minutes; that program is run by the examples' own test",
    ),
    (
        "cargo install ",
        "builds the command in release mode, for minutes, into the home of whoever runs the tests",
    ),
    ("cargo test ", "runs this test among all others"),
    ("cargo bench", "takes minutes, on a machine that does nothing else"),
    ("cargo xtask perf ", "takes minutes, on a machine that does nothing else"),
    ("cargo +nightly fuzz ", "needs a nightly compiler, and runs until it finds something"),
    ("cargo xtask soak ", "takes ten minutes"),
    ("cargo xtask release", "builds every package alone, and wants a clean tree"),
    ("cargo xtask dist", "builds in release mode, for minutes"),
    ("cargo xtask ci", "runs this test among all others"),
    ("cargo xtask tidy", "is a test of its own"),
];

/// Commands that contain this are run with more flags than they show, and why.
const RUN_WITH: &[(&str, &str, &str)] =
    &[(" rabbitpre probe ", " --deadline 12s", "the machine may have much else to do")];

/// Addresses that a page names, and the programs that listen there by default. Others may use those ports: free ones
/// take their place, in what is run and in what is shown.
pub(crate) const ADDRESSES: [(&str, &str); 3] = [
    ("127.0.0.1:8092", "check_service"),
    ("127.0.0.1:8093", "webank_callbacks"),
    ("127.0.0.1:8094", "sso_login"),
];

/// Runs the program that `cargo run` would build.
const CARGO: &str = r#"#!/bin/sh
[ "$1" = run ] || { echo "only 'cargo run' is known here: cargo $*"; exit 101; }
shift
program=duijie
while [ $# -gt 0 ]; do
    case "$1" in
        --) shift; break ;;
        -p | --bin) program=$2; shift 2 ;;
        --release) shift ;;
        *) echo "not a flag that is known here: $1"; exit 101 ;;
    esac
done
LISTEN=$(printenv "LISTEN_$program") || LISTEN=127.0.0.1:0
export LISTEN
exec "$BUILT/$program" "$@"
"#;

/// Where the programs are.
pub(crate) fn built() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_duijie")).parent().unwrap().to_owned()
}

/// Puts the samples where they are in a clone. Gives the folder that `cargo` is in.
pub(crate) fn make(root: &Path, folder: &Path) -> PathBuf {
    let samples = Path::new("crates/duijie/samples");
    fs::create_dir_all(folder.join(samples)).unwrap();
    for entry in fs::read_dir(root.join(samples)).unwrap() {
        let name = entry.unwrap().file_name();
        fs::copy(root.join(samples).join(&name), folder.join(samples).join(&name)).unwrap();
    }
    let programs = folder.join(".programs");
    fs::create_dir_all(&programs).unwrap();
    fs::write(programs.join("cargo"), CARGO).unwrap();
    fs::set_permissions(programs.join("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    programs
}

/// The example that a page runs and nobody has built: `cargo test -p duijie` does not, `cargo test --workspace` does.
pub(crate) fn lacks(page: &Page) -> Option<&str> {
    let bins =
        page.commands.iter().filter_map(|command| command.text.split_once("--bin ")).map(|(_, bin)| bin);
    let mut names = bins.filter_map(|bin| bin.split_whitespace().next());
    names.find(|name| !built().join(name).is_file())
}

/// Marks what is not run.
pub(crate) fn leave_out(page: &mut Page) {
    for command in &mut page.commands {
        if NOT_RUN.iter().any(|(begin, _)| command.text.starts_with(begin)) {
            command.way = Way::NotRun;
        }
    }
}

/// What is run of a command, or shown of what it says, when these addresses are free.
pub(crate) fn as_run(text: &str, free: &[String]) -> String {
    let more = RUN_WITH.iter().find(|(part, ..)| text.contains(part)).map_or("", |(_, flags, _)| flags);
    let pairs = ADDRESSES.iter().zip(free);
    let text = pairs.fold(text.to_owned(), |text, ((named, _), free)| text.replace(named, free));
    text + more
}

/// Neither list says something about commands that are not there any more.
pub(crate) fn lists_are_used(pages: &[Page]) {
    let texts: Vec<_> = pages.iter().flat_map(|page| &page.commands).map(|command| &command.text).collect();
    for (begin, _) in NOT_RUN {
        assert!(texts.iter().any(|text| text.starts_with(begin)), "no page has `{begin}…`");
    }
    for (part, ..) in RUN_WITH {
        assert!(texts.iter().any(|text| text.contains(part)), "no page has `…{part}…`");
    }
}
