//! What a check found. What was not checked is said, never passed over.

use std::fmt;

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It holds; with a figure or a remark.
    Held(String),
    /// There is nothing that it could be checked against.
    NothingToCheck(String),
    /// It could have been checked, but not here; what is missing.
    NotChecked(String),
    Failed(String),
}

impl From<Result<String, String>> for Outcome {
    fn from(result: Result<String, String>) -> Self {
        result.map_or_else(Self::Failed, Self::Held)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mark, text) = match self {
            Self::Held(text) => ("✓", text.as_str()),
            Self::NothingToCheck(why) => ("· nothing to check:", why.as_str()),
            Self::NotChecked(why) => ("○ NOT CHECKED:", why.as_str()),
            Self::Failed(why) => ("✗", why.as_str()),
        };
        write!(f, "{mark} {text}")
    }
}

/// What all checks together allow.
///
/// # Errors
///
/// When one failed; and, where a release is to be made, when one was not checked.
pub(super) fn verdict(outcomes: &[(&str, Outcome)], release: bool) -> Result<String, String> {
    let names = |wanted: fn(&Outcome) -> bool| -> Vec<&str> {
        outcomes.iter().filter(|(_, outcome)| wanted(outcome)).map(|(name, _)| *name).collect()
    };
    let failed = names(|outcome| matches!(outcome, Outcome::Failed(_)));
    let unchecked = names(|outcome| matches!(outcome, Outcome::NotChecked(_)));
    if !failed.is_empty() {
        return Err(format!("not ready for a release: {}", failed.join(", ")));
    }
    if release && !unchecked.is_empty() {
        let list = unchecked.join(", ");
        return Err(format!("not checked: {list}; bring what is missing, or say `--accept-unchecked`"));
    }
    Ok(match unchecked.as_slice() {
        [] => "ready for a release".to_owned(),
        some => format!("what was checked is ready for a release; not checked: {}", some.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(of: fn(String) -> Outcome) -> Outcome {
        of("x".to_owned())
    }

    #[track_caller]
    fn check(outcomes: &[(&str, Outcome)], release: bool, expected: Result<&str, &str>) {
        assert_eq!(verdict(outcomes, release), expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[test]
    fn silence_is_never_green() {
        let held = ("tree", outcome(Outcome::Held));
        let nothing = ("semver", outcome(Outcome::NothingToCheck));
        let not = ("docs", outcome(Outcome::NotChecked));
        let failed = ("tests", outcome(Outcome::Failed));
        let some = "what was checked is ready for a release; not checked: docs";
        check(&[held.clone(), nothing.clone()], true, Ok("ready for a release"));
        check(&[held.clone(), not.clone()], false, Ok(some));
        check(
            &[held, not.clone()],
            true,
            Err("not checked: docs; bring what is missing, or say `--accept-unchecked`"),
        );
        check(&[nothing, not, failed], false, Err("not ready for a release: tests"));
    }

    #[test]
    fn each_outcome_has_its_mark() {
        assert_eq!(outcome(Outcome::Held).to_string(), "✓ x");
        assert_eq!(outcome(Outcome::NotChecked).to_string(), "○ NOT CHECKED: x");
        assert_eq!(outcome(Outcome::NothingToCheck).to_string(), "· nothing to check: x");
        assert_eq!(outcome(Outcome::Failed).to_string(), "✗ x");
    }
}
