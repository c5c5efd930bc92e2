//! Keeps the last tables in benches/README.md, between two marks.

use std::fs;

use super::table::{Tables, markdown, pivot_markdown};
use crate::command::{program, root};
use crate::marked::replaced;

const PATH: &str = "benches/README.md";

/// The names of the marked places: `<!-- targets: begin -->` to `<!-- targets: end -->`.
const TARGETS: &str = "targets";
const PEERS: &str = "peers";

pub(super) fn write(tables: &Tables) -> Result<(), String> {
    let path = root().join(PATH);
    let mut text = fs::read_to_string(&path).map_err(|error| format!("cannot read {PATH}: {error}"))?;
    let machine = machine();
    text = replaced(PATH, &text, TARGETS, &format!("{machine}\n\n{}", markdown(&tables.targets)))?;
    if !tables.peers.is_empty() {
        let pivots: Vec<_> = tables.pivots.iter().map(pivot_markdown).collect();
        let all = format!("{machine}\n\n{}\n{}", markdown(&tables.peers), pivots.join("\n"));
        text = replaced(PATH, &text, PEERS, &all)?;
    }
    fs::write(&path, text).map_err(|error| format!("cannot write {PATH}: {error}"))
}

/// Processor, cores, compiler.
fn machine() -> String {
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or(std::env::consts::ARCH, |(_, model)| model.trim());
    let cores = about.lines().filter(|line| line.starts_with("processor")).count();
    let rustc = program("rustc", &["--version"]).output().unwrap_or_default();
    format!("{model}, {cores} cores, {}, {}.", std::env::consts::OS, rustc.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_the_marks() {
        let text = fs::read_to_string(root().join(PATH)).unwrap();
        for name in [TARGETS, PEERS] {
            assert!(replaced(PATH, &text, name, "").is_ok());
        }
    }
}
