//! Which version is released, and what is left to do for it: out of what is seen, so that a run that was interrupted is
//! finished by running it again.

use super::version::{Level, Version};

/// What the caller wants to release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// What the manifest says; goes on with a release that was begun.
    Manifest,
    /// The next one of a level, counted from the last tag.
    Next(Level),
    Version(Version),
}

/// What git and the manifest say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// The version in the manifest.
    pub(super) manifest: Version,
    /// All versions that have a tag.
    pub(super) tags: Vec<Version>,
    /// Those among them whose tag is at the commit that is checked out.
    pub(super) here: Vec<Version>,
}

/// What is to be done, up to publishing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) version: Version,
    /// What to compare with for changes that break callers.
    pub(super) before: Option<Version>,
    /// The manifest does not say it yet.
    pub(super) bump: bool,
    /// The tag is not there yet.
    pub(super) tag: bool,
}

pub(super) fn plan(wanted: Wanted, seen: &Seen) -> Result<Plan, String> {
    let last = seen.tags.iter().max().copied();
    let version = match (wanted, last) {
        (Wanted::Manifest, _) => seen.manifest,
        (Wanted::Version(version), _) => version,
        (Wanted::Next(_), None) => {
            return Err(format!(
                "nothing was released yet: the first release is the manifest's {}, without a level",
                seen.manifest
            ));
        }
        (Wanted::Next(_), Some(last)) if seen.here.contains(&last) => {
            return Err(format!(
                "nothing came after {}; to finish that release, leave the level out",
                last.tag()
            ));
        }
        (Wanted::Next(level), Some(last)) => last.bumped(level),
    };
    let tagged = seen.tags.contains(&version);
    if tagged && !seen.here.contains(&version) {
        let tag = version.tag();
        return Err(format!(
            "{tag} is another commit: say what comes next (`patch`, `minor`, `major` or a version), or `git checkout {tag}` \
             to finish that release"
        ));
    }
    if tagged && seen.manifest != version {
        return Err(format!("{} is here, but the manifest says {}", version.tag(), seen.manifest));
    }
    let before = seen.tags.iter().filter(|tag| **tag < version).max().copied();
    if !tagged && let Some(last) = last.filter(|last| *last > version) {
        return Err(format!("{version} is older than {}", last.tag()));
    }
    Ok(Plan { version, before, bump: seen.manifest != version, tag: !tagged })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    fn seen(manifest: &str, tags: &[&str], here: &[&str]) -> Seen {
        let all = |texts: &[&str]| texts.iter().map(|text| version(text)).collect();
        Seen { manifest: version(manifest), tags: all(tags), here: all(here) }
    }

    #[track_caller]
    fn check(wanted: Wanted, seen: &Seen, expected: (&str, Option<&str>, bool, bool)) {
        let (released, before, bump, tag) = expected;
        let expected = Plan { version: version(released), before: before.map(version), bump, tag };
        assert_eq!(plan(wanted, seen), Ok(expected));
    }

    #[track_caller]
    fn refused(wanted: Wanted, seen: &Seen, says: &str) {
        let message = plan(wanted, seen).unwrap_err();
        assert!(message.contains(says), "{message}");
    }

    const PATCH: Wanted = Wanted::Next(Level::Patch);

    #[test]
    fn the_first_release_is_what_the_manifest_says() {
        let fresh = seen("0.1.0", &[], &[]);
        check(Wanted::Manifest, &fresh, ("0.1.0", None, false, true));
        check(Wanted::Version(version("0.2.0")), &fresh, ("0.2.0", None, true, true));
        refused(PATCH, &fresh, "the first release is the manifest's 0.1.0, without a level");
    }

    #[test]
    fn the_next_release_is_counted_from_the_last_tag() {
        let later = seen("0.1.9", &["0.1.8", "0.1.9"], &[]);
        check(PATCH, &later, ("0.1.10", Some("0.1.9"), true, true));
        check(Wanted::Next(Level::Minor), &later, ("0.2.0", Some("0.1.9"), true, true));
        refused(Wanted::Manifest, &later, "`git checkout v0.1.9` to finish that release");
        refused(Wanted::Version(version("0.1.5")), &later, "0.1.5 is older than v0.1.9");
    }

    #[test]
    fn a_run_that_was_interrupted_is_finished() {
        // After the bump was committed, before the tag: the same command does not bump twice.
        check(PATCH, &seen("0.1.1", &["0.1.0"], &[]), ("0.1.1", Some("0.1.0"), false, true));
        // After the tag, while publishing.
        let tagged = seen("0.1.1", &["0.1.0", "0.1.1"], &["0.1.1"]);
        check(Wanted::Manifest, &tagged, ("0.1.1", Some("0.1.0"), false, false));
        check(Wanted::Version(version("0.1.1")), &tagged, ("0.1.1", Some("0.1.0"), false, false));
        refused(PATCH, &tagged, "nothing came after v0.1.1; to finish that release, leave the level out");
        // Older releases can be finished, too.
        check(
            Wanted::Manifest,
            &seen("0.1.0", &["0.1.0", "0.2.0"], &["0.1.0"]),
            ("0.1.0", None, false, false),
        );
    }

    #[test]
    fn a_tag_that_lies_is_found() {
        let wanted = Wanted::Version(version("0.2.0"));
        refused(
            wanted,
            &seen("0.1.0", &["0.2.0"], &["0.2.0"]),
            "v0.2.0 is here, but the manifest says 0.1.0",
        );
    }
}
