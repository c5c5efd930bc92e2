//! The new version, written wherever it stands and committed: all of it or nothing. Another failure than the death of this
//! process leaves the files as they were; where that left them half written, the check of the tree says what to do.

use std::fs;
use std::path::Path;

use super::changelog;
use super::execute::Repository;
use super::plan::Plan;
use super::version::Version;
use super::{bump, git};
use crate::command::{cargo, root};

/// All that a release writes.
pub(super) const FILES: [&str; 5] =
    ["Cargo.toml", "Cargo.lock", "fuzz/Cargo.lock", "benches/peers/Cargo.lock", changelog::PATH];
/// The manifests of those lock files.
const LOCKED: [&str; 3] = ["Cargo.toml", "fuzz/Cargo.toml", "benches/peers/Cargo.toml"];

/// The repository as it was checked.
pub(super) struct Checked {
    /// The version of its manifest.
    pub(super) version: Version,
    pub(super) head: String,
}

impl Repository for Checked {
    fn unchanged(&self) -> Result<(), String> {
        // An hour may lie between the checks and this.
        if git::head()? != self.head {
            return Err(
                "another commit is checked out than the one that was checked; nothing was done".to_owned()
            );
        }
        match git::changes()?.first() {
            None => Ok(()),
            Some(first) => {
                Err(format!("files changed while they were checked, the first: {first}; nothing was done"))
            }
        }
    }

    fn commit(&self, plan: &Plan) -> Result<bool, String> {
        all_or_nothing(&root(), &FILES, || {
            let written = write(plan, self.version)?;
            if written {
                git::commit(plan.version, &FILES)?;
            }
            Ok(written)
        })
    }

    fn tag(&self, version: Version) -> Result<(), String> {
        git::tag(version)
    }
}

/// Does something that changes files. When it fails they are as they were.
fn all_or_nothing<T>(
    folder: &Path,
    files: &[&str],
    change: impl FnOnce() -> Result<T, String>,
) -> Result<T, String> {
    let mut before = Vec::new();
    for name in files {
        let path = folder.join(name);
        let bytes = fs::read(&path).map_err(|error| format!("cannot read {name}: {error}"))?;
        before.push((path, bytes));
    }
    change().map_err(|error| {
        let lost: Vec<String> = before
            .iter()
            .filter_map(|(path, bytes)| {
                fs::write(path, bytes).err().map(|error| format!("{}: {error}", path.display()))
            })
            .collect();
        match lost.as_slice() {
            [] => format!("{error}\nthe files are as they were"),
            lost => format!("{error}\nthese could not be written back: {}", lost.join(", ")),
        }
    })
}

/// Writes the version into the manifest, the lock files and the changelog. False when all of them had it.
fn write(plan: &Plan, from: Version) -> Result<bool, String> {
    let mut written = false;
    if plan.bump {
        rewrite("Cargo.toml", |text| bump::bumped(text, from, plan.version))?;
        for manifest in LOCKED {
            cargo(&["update", "--workspace", "--offline", "--quiet", "--manifest-path", manifest]).run()?;
        }
        written = true;
    }
    let changelog = read(changelog::PATH)?;
    if changelog::look(&changelog, plan.version)? == changelog::Found::Unreleased {
        let today = git::today()?;
        rewrite(changelog::PATH, |text| changelog::stamp(text, plan.version, &today))?;
        written = true;
    }
    Ok(written)
}

fn rewrite(path: &str, make: impl Fn(&str) -> Result<String, String>) -> Result<(), String> {
    let made = make(&read(path)?)?;
    fs::write(root().join(path), made).map_err(|error| format!("cannot write {path}: {error}"))
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(root().join(path)).map_err(|error| format!("cannot read {path}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_halfway_leaves_the_files_as_they_were() {
        let folder = std::env::temp_dir().join(format!("xtask-write-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        for name in ["a", "b"] {
            fs::write(folder.join(name), "old").unwrap();
        }
        let change = |outcome: Result<u8, String>| {
            all_or_nothing(&folder, &["a", "b"], || {
                fs::write(folder.join("a"), "new").unwrap();
                outcome
            })
        };
        let failed = change(Err("no identity".to_owned()));
        assert_eq!(failed, Err("no identity\nthe files are as they were".to_owned()));
        assert_eq!((text("a").as_str(), text("b").as_str()), ("old", "old"));
        assert_eq!(change(Ok(7)), Ok(7));
        assert_eq!((text("a").as_str(), text("b").as_str()), ("new", "old"));
        // What cannot be brought back is not begun.
        let unread = all_or_nothing(&folder, &["a", "c"], || -> Result<(), String> { panic!("not begun") });
        assert!(unread.unwrap_err().starts_with("cannot read c: "));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn all_that_is_written_is_there() {
        for name in FILES.iter().chain(&LOCKED) {
            assert!(root().join(name).is_file(), "{name}");
        }
    }
}
