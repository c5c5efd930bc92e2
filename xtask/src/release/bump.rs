//! A new version in the root manifest: the one of all packages, and the one that they ask of each other.

use toml::{Table, Value};

use super::version::Version;

/// The manifest with the new version in each place of the old one.
///
/// # Errors
///
/// When a place is not found, so that the new manifest would say two things.
pub(super) fn bumped(manifest: &str, from: Version, to: Version) -> Result<String, String> {
    let old = format!("version = \"{from}\"");
    let new = format!("version = \"{to}\"");
    let mut table = "";
    let mut made = String::with_capacity(manifest.len());
    for line in manifest.split_inclusive('\n') {
        if line.starts_with('[') {
            table = line.trim();
        }
        let ours = match table {
            "[workspace.package]" => line.starts_with("version"),
            "[workspace.dependencies]" => line.contains("path = \""),
            _ => false,
        };
        made.push_str(&if ours { line.replacen(&old, &new, 1) } else { line.to_owned() });
    }
    match left(&made, to)?.as_slice() {
        [] => Ok(made),
        left => Err(format!("the root manifest still has another version than {to} in: {}", left.join(", "))),
    }
}

/// Where another version stands.
fn left(manifest: &str, to: Version) -> Result<Vec<String>, String> {
    let manifest: Table = manifest.parse().map_err(|error| format!("the root manifest: {error}"))?;
    let workspace = manifest.get("workspace").ok_or("the root manifest has no `[workspace]`")?;
    let to = to.to_string();
    let mut left = Vec::new();
    if workspace.get("package").and_then(|package| package.get("version")).and_then(Value::as_str)
        != Some(&to)
    {
        left.push("workspace.package".to_owned());
    }
    let dependencies = workspace.get("dependencies").and_then(Value::as_table).into_iter().flatten();
    for (name, dependency) in dependencies.filter(|(_, dependency)| dependency.get("path").is_some()) {
        if dependency.get("version").and_then(Value::as_str).is_some_and(|version| version != to) {
            left.push(name.clone());
        }
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[workspace]\nmembers = []\n\n[workspace.package]\nversion = \"0.1.0\"\nrust-version = \"1.95\"\n\n\
                            [workspace.dependencies]\na = { path = \"a\", version = \"0.1.0\" }\nb = { path = \"b\" }\n\
                            c = { version = \"0.1.0\" } # not ours\n";

    fn bump(manifest: &str) -> Result<String, String> {
        bumped(manifest, "0.1.0".parse().unwrap(), "0.2.0".parse().unwrap())
    }

    #[test]
    fn ours_are_bumped_and_others_are_not() {
        let expected = MANIFEST
            .replace("package]\nversion = \"0.1.0\"", "package]\nversion = \"0.2.0\"")
            .replace("\"a\", version = \"0.1.0\"", "\"a\", version = \"0.2.0\"");
        assert_eq!(bump(MANIFEST), Ok(expected));
    }

    #[test]
    fn a_place_that_is_missed_is_named() {
        let odd = MANIFEST.replace("\"a\", version = \"0.1.0\"", "\"a\", version = \"=0.1.0\"");
        assert_eq!(
            bump(&odd),
            Err("the root manifest still has another version than 0.2.0 in: a".to_owned())
        );
        let other = MANIFEST.replace("package]\nversion = \"0.1.0\"", "package]\nversion = \"0.0.9\"");
        assert!(bump(&other).unwrap_err().ends_with("in: workspace.package"));
    }
}
