//! Version numbers: three numbers, compared and bumped.

use std::fmt;
use std::str::FromStr;

/// `X.Y.Z`. Pre-releases are not made here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    major: u64,
    minor: u64,
    patch: u64,
}

/// Which number goes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Major,
    Minor,
    Patch,
}

impl Version {
    /// The next version of that level; what is behind it begins at 0 again.
    pub(super) fn bumped(self, level: Level) -> Self {
        let Self { major, minor, patch } = self;
        match level {
            Level::Major => Self { major: major + 1, minor: 0, patch: 0 },
            Level::Minor => Self { major, minor: minor + 1, patch: 0 },
            Level::Patch => Self { major, minor, patch: patch + 1 },
        }
    }

    /// How large the step from an older version is, as cargo reads versions: before 1.0.0 each number counts for the one
    /// before it.
    pub(super) fn step_from(self, older: Self) -> Level {
        let pairs = [(self.major, older.major), (self.minor, older.minor), (self.patch, older.patch)];
        // The first number that is not zero is the major one.
        let first = pairs.iter().position(|(new, _)| *new != 0).unwrap_or(2);
        let changed = pairs.iter().position(|(new, old)| new != old).unwrap_or(2);
        match changed.saturating_sub(first) {
            0 => Level::Major,
            1 => Level::Minor,
            _ => Level::Patch,
        }
    }

    /// The name of its tag.
    pub(super) fn tag(self) -> String {
        format!("v{self}")
    }

    /// The version that a tag names; [`None`] for tags of other things.
    pub(super) fn of_tag(tag: &str) -> Option<Self> {
        tag.trim().strip_prefix('v')?.parse().ok()
    }
}

impl Level {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Patch => "patch",
        }
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a version like `0.2.0`");
        let number = |part: Option<&str>| {
            let digits = part.filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
            let plain = digits.filter(|part| *part == "0" || !part.starts_with('0'));
            plain.and_then(|part| part.parse().ok()).ok_or_else(wrong)
        };
        let mut parts = text.split('.');
        let version =
            Self { major: number(parts.next())?, minor: number(parts.next())?, patch: number(parts.next())? };
        if parts.next().is_none() { Ok(version) } else { Err(wrong()) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn bump(from: &str, level: Level, expected: &str) {
        assert_eq!(from.parse::<Version>().unwrap().bumped(level).to_string(), expected);
    }

    #[test]
    fn a_level_sets_what_is_behind_it_to_zero() {
        bump("1.2.3", Level::Patch, "1.2.4");
        bump("1.2.3", Level::Minor, "1.3.0");
        bump("1.2.3", Level::Major, "2.0.0");
        bump("0.9.9", Level::Patch, "0.9.10");
    }

    #[track_caller]
    fn step(older: &str, newer: &str, expected: &str) {
        let step = newer.parse::<Version>().unwrap().step_from(older.parse().unwrap());
        assert_eq!(step.name(), expected, "{older} to {newer}");
    }

    #[test]
    fn steps_are_as_large_as_cargo_takes_them() {
        step("1.2.3", "1.2.4", "patch");
        step("1.2.3", "1.3.0", "minor");
        step("1.2.3", "2.0.0", "major");
        step("0.9.0", "1.0.0", "major");
        step("0.1.0", "0.2.0", "major");
        step("0.1.0", "0.1.1", "minor");
        step("0.0.1", "0.0.2", "major");
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for bad in ["", "1", "1.2", "1.2.3.4", "1.2.x", "v1.2.3", "01.2.3", "1.2.-3", "1.2.3-rc.1", "1.2.+3"]
        {
            assert_eq!(bad.parse::<Version>(), Err(format!("`{bad}` is not a version like `0.2.0`")));
        }
    }

    #[test]
    fn versions_are_ordered_as_numbers() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        assert!(version("0.10.0") > version("0.9.9") && version("1.0.0") > version("0.99.0"));
    }

    #[test]
    fn tags_name_versions() {
        let version = "0.2.0".parse::<Version>().unwrap();
        assert_eq!(version.tag(), "v0.2.0");
        assert_eq!(Version::of_tag("v0.2.0\n"), Some(version));
        assert_eq!(Version::of_tag("vectors-2"), None);
    }
}
