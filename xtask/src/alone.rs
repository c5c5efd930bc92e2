//! Each library by itself, with each of its features by itself: people pick single crates, and what a workspace's build
//! unites hides what is missing.

use std::fs;

use toml::Table;

use crate::command::cargo;
use crate::trees::PROTOCOL_CRATES;

/// The libraries that are published besides the protocols.
const SHARED: [&str; 4] = ["sign-core", "sign-doctor", "platform-http", "platform-state"];

/// Lints each library with its default features, with none, and with each feature and no other one.
pub(crate) fn run() -> Result<(), String> {
    for name in PROTOCOL_CRATES.iter().chain(&SHARED) {
        let path = format!("crates/{name}/Cargo.toml");
        let manifest = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let manifest: Table = manifest.parse().map_err(|error| format!("{path}: {error}"))?;
        for choice in choices(&manifest) {
            lint(name, &choice)?;
        }
    }
    Ok(())
}

fn lint(name: &str, features: &[&str]) -> Result<(), String> {
    cargo(&[&["clippy", "-p", name, "--locked"], features, &["--", "-Dwarnings"]].concat()).run()
}

/// What is said to cargo for each build that somebody may want.
fn choices(manifest: &Table) -> Vec<Vec<&str>> {
    let mut choices = vec![Vec::new()];
    // Without features, that is all there is.
    if features(manifest).next().is_some() {
        choices.push(vec!["--no-default-features"]);
    }
    choices.extend(features(manifest).map(|feature| vec!["--no-default-features", "--features", feature]));
    choices
}

/// The features of a manifest but for the default ones.
fn features(manifest: &Table) -> impl Iterator<Item = &str> {
    let features = manifest.get("features").and_then(toml::Value::as_table);
    features.into_iter().flat_map(Table::keys).map(String::as_str).filter(|name| *name != "default")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_is_one_run_and_so_is_none() {
        let manifest = "[features]\ndefault = ['a']\na = []\nb = ['dep:x']".parse().unwrap();
        let bare = "--no-default-features";
        let expected = [&[][..], &[bare], &[bare, "--features", "a"], &[bare, "--features", "b"]];
        assert_eq!(choices(&manifest), expected);
        assert_eq!(choices(&Table::new()), [[""; 0]]);
    }
}
