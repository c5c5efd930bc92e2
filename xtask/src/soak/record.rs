//! What a run leaves behind: the lines of RELIABILITY.md, "The last soak".

use std::fs;

use super::{Options, Ran};
use crate::command::program;
use crate::marked;
use crate::release::today;

const PATH: &str = "RELIABILITY.md";
const NAME: &str = "soak";

/// The run in words, before anything of it has happened: when, on what, and how to ask the same again.
pub(super) fn head(options: &Options, seed: u64) -> Result<String, String> {
    let minutes = options.minutes;
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().map(|load| format!(", load {load} when it began"));
    Ok(format!(
        "{}, commit {}, seed {seed}, {minutes} minutes{}; again: `cargo xtask soak --minutes {minutes} --seed {seed}`",
        today()?,
        commit(),
        load.unwrap_or_default()
    ))
}

/// Puts it in the place of the run before.
pub(super) fn write(head: &str, table: &str) -> Result<(), String> {
    marked::write(PATH, NAME, &format!("{head}\n\n{table}\n"))
}

pub(super) fn table(all: &[Ran]) -> String {
    let mut text = "| soak | | took | figures |\n|---|---|---|---|\n".to_owned();
    for ran in all {
        let mark = if ran.broken.is_some() { "✗" } else { "✓" };
        let figures = ran.promises.join("; ").replace('|', "\\|");
        text.push_str(&format!("| {} | {mark} | {} s | {figures} |\n", ran.soak.name, ran.took.as_secs()));
    }
    text.trim_end().to_owned()
}

fn commit() -> String {
    let said = program("git", &["describe", "--always", "--dirty"]).output();
    said.map_or_else(|_| "unknown".to_owned(), |said| said.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::share::SOAKS;
    use super::*;
    use std::time::Duration;

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

    #[test]
    fn the_document_has_the_place() {
        let text = fs::read_to_string(crate::command::root().join(PATH)).unwrap();
        assert!(marked::replaced(PATH, &text, NAME, "").is_ok());
    }
}
