//! The mobile number by which the platform knows a person (`SPEC.md §3`).

use core::fmt;

/// A mainland mobile number: `1` and ten more digits. Neither it nor the error about it shows itself.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Mobile(String);

impl Mobile {
    /// Takes a number without country code, blanks or hyphens.
    ///
    /// ```
    /// use yichang::{Mobile, MobileError};
    /// let mobile = Mobile::parse("17386500821")?;
    /// assert_eq!(format!("{mobile:?}"), "Mobile(***)");
    /// assert_eq!(Mobile::parse("+8617386500821"), Err(MobileError));
    /// # Ok::<(), MobileError>(())
    /// ```
    ///
    /// # Errors
    /// [`MobileError`], the caller's mistake. It does not repeat the number.
    pub fn parse(text: &str) -> Result<Self, MobileError> {
        const LENGTH: usize = 11;
        let digits = text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits && text.starts_with('1') { Ok(Self(text.to_owned())) } else { Err(MobileError) }
    }

    /// The number. Each use of this is a place to look at.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl core::str::FromStr for Mobile {
    type Err = MobileError;

    fn from_str(text: &str) -> Result<Self, MobileError> {
        Self::parse(text)
    }
}

impl fmt::Debug for Mobile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mobile(***)")
    }
}

/// A text is no mobile number: the caller's mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("invalid mobile number: give 11 digits that begin with 1, without country code, blanks or hyphens")]
pub struct MobileError;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, valid: bool) {
        let got = Mobile::parse(text);
        assert_eq!(got.as_ref().map(Mobile::expose), if valid { Ok(text) } else { Err(&MobileError) });
    }

    #[test]
    fn eleven_digits_that_begin_with_1() {
        check("17386500821", true);
        check("13477304418", true);
        check("10000000000", true);
        for text in [
            "",
            "1738650082",
            "173865008210",
            "27386500821",
            "07386500821",
            " 7386500821",
            "1738650082x",
            "+8617386500821",
            "173-8650-0821",
            "１７３８６５００８２１",
            "1738650082\u{661}",
        ] {
            check(text, false);
        }
    }
}
