//! CHANGELOG.md, in the form of Keep a Changelog: one `## ` heading for each version, `## Unreleased` before them.

use super::version::Version;

pub(super) const PATH: &str = "CHANGELOG.md";
const UNRELEASED: &str = "Unreleased";

/// What the changelog says about a version that is to be released.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It has a section.
    Section,
    /// It has none, but what is unreleased becomes it.
    Unreleased,
}

/// Looks for the section of a version: one with at least one entry (`- …`).
///
/// # Errors
///
/// When there is neither that nor an entry under `Unreleased`.
pub(super) fn look(text: &str, version: Version) -> Result<Found, String> {
    let has_entries = |name: &str| {
        section(text, name).map(|body| body.lines().any(|line| line.trim_start().starts_with("- ")))
    };
    match (has_entries(&version.to_string()), has_entries(UNRELEASED)) {
        (Some(true), _) => Ok(Found::Section),
        (Some(false), _) => Err(format!("the section of {version} in {PATH} has no entry")),
        (None, Some(true)) => Ok(Found::Unreleased),
        (None, _) => {
            Err(format!("{PATH} has neither a section `## {version}` nor an entry under `## {UNRELEASED}`"))
        }
    }
}

/// Gives what is unreleased to a version; a new, empty `Unreleased` stays before it.
pub(super) fn stamp(text: &str, version: Version, date: &str) -> Result<String, String> {
    let mut stamped = String::with_capacity(text.len() + 32);
    let mut done = false;
    for line in text.split_inclusive('\n') {
        stamped.push_str(line);
        if !done && name_of(line) == Some(UNRELEASED) {
            stamped.push_str(&format!("\n## {version} - {date}\n"));
            done = true;
        }
    }
    if done { Ok(stamped) } else { Err(format!("{PATH} has no section `## {UNRELEASED}`")) }
}

/// The lines between a heading and the next one.
fn section<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut start = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        match (start, name_of(line)) {
            (None, Some(found)) if found == name => start = Some(end),
            (Some(start), Some(_)) => return text.get(start..at),
            _ => {}
        }
        at = end;
    }
    text.get(start?..)
}

/// The version, or `Unreleased`, of a heading: `## 0.1.0 - 2026-01-31`, also as a link in brackets.
fn name_of(line: &str) -> Option<&str> {
    let heading = line.strip_prefix("## ")?;
    let name = heading.split_whitespace().next()?;
    Some(name.trim_start_matches('[').trim_end_matches(']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Changelog\n\n## Unreleased\n\n### Added\n\n- one\n\n## [0.2.0] - 2026-01-31\n\n- two\n\n## 0.1.0 - 2025-12-01\n";

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(text: &str, of: &str, expected: Result<Found, &str>) {
        assert_eq!(look(text, version(of)), expected.map_err(str::to_owned));
    }

    #[test]
    fn a_version_needs_entries() {
        check(TEXT, "0.2.0", Ok(Found::Section));
        check(TEXT, "0.3.0", Ok(Found::Unreleased));
        check(TEXT, "0.1.0", Err("the section of 0.1.0 in CHANGELOG.md has no entry"));
        let nothing = "CHANGELOG.md has neither a section `## 0.1.0` nor an entry under `## Unreleased`";
        check("# Changelog\n\n## Unreleased\n\n## 0.0.9\n\n- x\n", "0.1.0", Err(nothing));
        check("", "0.1.0", Err(nothing));
    }

    #[test]
    fn what_is_unreleased_becomes_the_version() {
        let stamped = stamp(TEXT, version("0.3.0"), "2026-02-01").unwrap();
        assert!(
            stamped.contains("## Unreleased\n\n## 0.3.0 - 2026-02-01\n\n### Added\n\n- one\n"),
            "{stamped}"
        );
        assert_eq!(look(&stamped, version("0.3.0")), Ok(Found::Section));
        // A second time there is nothing to give away.
        assert!(look(&stamped, version("0.4.0")).is_err());
        assert_eq!(
            stamp("# Changelog\n", version("0.3.0"), ""),
            Err("CHANGELOG.md has no section `## Unreleased`".to_owned())
        );
    }
}
