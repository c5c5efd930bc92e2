//! Each package by itself: packed as cargo would publish it, unpacked into an empty folder outside of the repository, built
//! and tested there. What it needs of the others comes out of their packages, everything else as always.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use super::packages::Package;
use crate::command::{cargo, program};

/// Builds and tests the packages. `Err` names those that fail, with their folders.
pub(super) fn check(
    order: &[&Package],
    chosen: &[String],
    target: &Path,
    dirty: bool,
) -> Result<String, String> {
    let names: Vec<&str> = order.iter().map(|package| package.name.as_str()).collect();
    pack(&names, dirty)?;
    let room = Room::new()?;
    for package in order {
        unpack(&target.join(format!("package/{}.crate", package.folder())), &room.path)?;
    }
    fs::create_dir_all(room.path.join(".cargo"))
        .and_then(|()| fs::write(room.path.join(".cargo/config.toml"), patches(order, &room.path)))
        .map_err(|error| format!("cannot write into {}: {error}", room.path.display()))?;
    let mut failed = Vec::new();
    let tried = order.iter().filter(|package| chosen.is_empty() || chosen.contains(&package.name));
    let mut passed = 0;
    for package in tried {
        let folder = room.path.join(package.folder());
        println!("-- {}, alone in {}", package.name, folder.display());
        match build_and_test(&folder, target, package.has_features()) {
            Ok(()) => passed += 1,
            Err(message) => {
                println!("{message}");
                failed.push(package.name.as_str());
            }
        }
    }
    if failed.is_empty() {
        return Ok(format!("{passed} of {} packages build and pass their tests alone, offline", order.len()));
    }
    let folder = room.keep();
    Err(format!(
        "these do not build or pass their tests alone: {}; they are in {}",
        failed.join(", "),
        folder.display()
    ))
}

/// Packs them as they would be published, but for the look into the registry: what they need of each other is not there.
pub(super) fn pack(names: &[&str], dirty: bool) -> Result<(), String> {
    let mut args = vec!["package", "--no-verify", "--locked", "--offline", "--quiet"];
    if dirty {
        args.push("--allow-dirty");
    }
    args.extend(names.iter().flat_map(|name| ["-p", name]));
    cargo(&args).run().map_err(|error| {
        format!("{error}\n(offline: `cargo fetch --locked` brings what is missing, once, from crates.io)")
    })
}

fn unpack(archive: &Path, folder: &Path) -> Result<(), String> {
    program("tar", &["-xzf"]).arg(archive).arg("-C").arg(folder).run()
}

/// As somebody gets it who types `cargo test`; then with everything that can be asked for, where that is more.
fn build_and_test(folder: &Path, target: &Path, has_features: bool) -> Result<(), String> {
    let all: &[&[&str]] = &[
        &["test", "--offline", "--no-fail-fast"],
        &["test", "--offline", "--no-fail-fast", "--all-features"],
    ];
    for args in all.iter().take(if has_features { 2 } else { 1 }) {
        cargo(args)
            .folder(folder)
            .env("CARGO_TARGET_DIR", target.join("release-check"))
            // Takes a third of the time and of the disk; nothing is debugged here.
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env("CARGO_INCREMENTAL", "0")
            .run()?;
    }
    Ok(())
}

/// The configuration in which the packages replace what a registry would have.
fn patches(order: &[&Package], room: &Path) -> String {
    let mut text = "[patch.crates-io]\n".to_owned();
    for package in order {
        // A literal string, because paths of Windows have backslashes.
        let path = room.join(package.folder());
        text.push_str(&format!("{} = {{ path = '{}' }}\n", package.name, path.display()));
    }
    text
}

/// An empty folder outside of the repository; it goes unless somebody wants to look into it.
struct Room {
    path: PathBuf,
    kept: bool,
}

impl Room {
    fn new() -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("duijie-release-{}", process::id()));
        fs::create_dir(&path).map_err(|error| format!("cannot create {}: {error}", path.display()))?;
        Ok(Self { path, kept: false })
    }

    fn keep(mut self) -> PathBuf {
        self.kept = true;
        self.path.clone()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing to do about a folder that does not go: it lies in the system's place for such.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_replace_the_registry() {
        let package =
            |name: &str| Package { name: name.to_owned(), version: "0.1.0".to_owned(), ..Package::default() };
        let text = patches(&[&package("a"), &package("b")], Path::new("/room"));
        let config: toml::Table = text.parse().unwrap();
        let path = |name: &str| config["patch"]["crates-io"][name]["path"].as_str().map(Path::new);
        assert_eq!(path("a"), Some(Path::new("/room/a-0.1.0")));
        assert_eq!(path("b"), Some(Path::new("/room/b-0.1.0")));
    }
}
