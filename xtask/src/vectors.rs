//! Runs the generators of the golden vectors into an empty folder and compares with what is committed, to the byte.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, process};

use crate::command::{Program, program, root};

const HOME: &str = "crates/sign-vectors";

/// What the generators write carries the language in its name; the other files were made by hand.
const GENERATED: [&str; 2] = ["-java.jsonl", "-php.jsonl"];

/// File names with their bytes.
type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn run() -> Result<(), String> {
    let room = Room::new()?;
    let generators = root().join(HOME).join("generators");
    let java = program("java", &["-Dfile.encoding=UTF-8"]).arg(generators.join("java/SignVectors.java"));
    let php = program("php", &[]).arg(generators.join("php/yichang.php"));
    generate("java", "a JDK 17 or later (Debian: default-jdk-headless)", java, &room)?;
    generate("php", "PHP 8.2 or later (Debian: php-cli)", php, &room)?;
    let made = read(&room.0)?;
    let mut committed = read(&root().join(HOME).join("vectors"))?;
    committed.retain(|name, _| is_generated(name));
    let differences = compare(&made, &committed);
    if !differences.is_empty() {
        return Err(format!("the generators do not make the committed files:\n{}", differences.join("\n")));
    }
    for (name, bytes) in &made {
        println!(
            "{name}: {} lines, the same to the byte",
            bytes.iter().filter(|byte| **byte == b'\n').count()
        );
    }
    Ok(())
}

fn generate(name: &str, needs: &str, generator: Program, room: &Room) -> Result<(), String> {
    program(name, &["--version"])
        .output()
        .map_err(|error| format!("the generators need {needs}: {error}"))?;
    generator.arg(&room.0).run()
}

fn is_generated(name: &str) -> bool {
    GENERATED.iter().any(|end| name.ends_with(end))
}

/// All differences, one line each.
fn compare(made: &Files, committed: &Files) -> Vec<String> {
    let mut differences = Vec::new();
    for (name, bytes) in made {
        match committed.get(name) {
            None => differences.push(format!("{name}: generated, but not committed")),
            Some(kept) if kept == bytes => {}
            Some(kept) => {
                differences.push(format!("{name}: differs from line {} on", first_difference(kept, bytes)))
            }
        }
    }
    let lost = committed.keys().filter(|name| !made.contains_key(*name));
    differences.extend(lost.map(|name| format!("{name}: committed, but no generator makes it")));
    differences
}

/// The number of the first line that differs, from 1.
fn first_difference(one: &[u8], other: &[u8]) -> usize {
    let same = one.iter().zip(other).take_while(|(one, other)| one == other);
    1 + same.filter(|(byte, _)| **byte == b'\n').count()
}

fn read(folder: &Path) -> Result<Files, String> {
    let failed = |error| format!("cannot read {}: {error}", folder.display());
    let mut files = Files::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let bytes = fs::read(entry.path()).map_err(failed)?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), bytes);
    }
    Ok(files)
}

/// An empty folder that goes when it is no longer needed.
struct Room(PathBuf);

impl Room {
    fn new() -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("sign-vectors-{}", process::id()));
        fs::create_dir(&path).map_err(|error| format!("cannot create {}: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // Nothing to do about a folder that does not go: it lies in the system's place for such.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> Files {
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[track_caller]
    fn check(made: &[(&str, &str)], committed: &[(&str, &str)], expected: &[&str]) {
        assert_eq!(compare(&files(made), &files(committed)), expected);
    }

    #[test]
    fn each_way_to_differ_is_told() {
        check(&[("a", "1\n2\n")], &[("a", "1\n2\n")], &[]);
        check(&[("a", "1\n2\n")], &[("a", "1\n3\n")], &["a: differs from line 2 on"]);
        check(&[("a", "1\n2\n3\n")], &[("a", "1\n2\n")], &["a: differs from line 3 on"]);
        check(&[("a", "1\r\n")], &[("a", "1\n")], &["a: differs from line 1 on"]);
        check(&[("a", "")], &[], &["a: generated, but not committed"]);
        check(&[], &[("a", "")], &["a: committed, but no generator makes it"]);
    }

    #[test]
    fn files_made_by_hand_are_left_alone() {
        assert!(is_generated("webank-java.jsonl") && is_generated("yichang-php.jsonl"));
        assert!(!is_generated("known-answers.jsonl") && !is_generated("java-semantics.jsonl"));
    }
}
