//! What a time stamp was changed to.

use serde::{Deserialize, Serialize};

/// What a time stamp was changed to before it was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TimeForm {
    /// Seconds became milliseconds; these are the last three digits.
    Millis(u16),
    /// Milliseconds became seconds.
    Seconds,
    /// The clock was read again, so many seconds (or milliseconds, as the stamp is in) later.
    Later(i16),
}

impl TimeForm {
    /// The stamp in this form; [`None`] where the text is no stamp that can take it.
    pub(crate) fn apply(self, stamp: &str) -> Option<String> {
        let digits = !stamp.is_empty() && stamp.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Self::Millis(rest) if digits && stamp.len() == 10 => Some(format!("{stamp}{rest:03}")),
            Self::Seconds if digits && stamp.len() == 13 => stamp.get(..10).map(str::to_owned),
            Self::Later(by) if digits && matches!(stamp.len(), 10 | 13) && !stamp.starts_with('0') => {
                let number: i64 = stamp.parse().ok()?;
                Some((number + i64::from(by)).to_string())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps() {
        let check = |form: TimeForm, stamp: &str, expected: Option<&str>| {
            assert_eq!(form.apply(stamp).as_deref(), expected);
        };
        check(TimeForm::Millis(7), "1574251924", Some("1574251924007"));
        check(TimeForm::Seconds, "1574251924007", Some("1574251924"));
        check(TimeForm::Seconds, "1574251924", None);
        check(TimeForm::Later(-1), "1574251924", Some("1574251923"));
        check(TimeForm::Later(1), "x", None);
    }
}
