//! Forms that a body, a secret, a stamp, a name or the ends of a text take by mistake.

mod body;
mod secret;
mod stamp;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sign_core::Case;

pub use body::BodyForm;
pub use secret::SecretForm;
pub use stamp::TimeForm;

/// What became of the line ends within values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Newlines {
    /// Nothing.
    #[default]
    AsGiven,
    /// Newlines became carriage return and newline.
    CrLf,
    /// Carriage return and newline became newlines.
    Lf,
    /// They were removed.
    Removed,
}

impl Newlines {
    pub(crate) const CHANGES: [Self; 3] = [Self::Lf, Self::CrLf, Self::Removed];

    pub(crate) fn apply(self, text: &str) -> Cow<'_, str> {
        if self == Self::AsGiven || !text.contains(['\r', '\n']) {
            return Cow::Borrowed(text);
        }
        let lf = text.replace("\r\n", "\n");
        Cow::Owned(match self {
            Self::CrLf => lf.replace('\n', "\r\n"),
            Self::Removed => lf.replace('\n', ""),
            Self::AsGiven | Self::Lf => lf,
        })
    }
}

/// What became of the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Names {
    /// Nothing.
    #[default]
    AsGiven,
    /// They were made lower-case.
    Lower,
    /// They were made upper-case.
    Upper,
}

impl Names {
    pub(crate) const CHANGES: [Self; 2] = [Self::Lower, Self::Upper];

    pub(crate) fn apply(self, name: &str) -> Cow<'_, str> {
        match self {
            Self::AsGiven => Cow::Borrowed(name),
            Self::Lower => Cow::Owned(name.to_lowercase()),
            Self::Upper => Cow::Owned(name.to_uppercase()),
        }
    }
}

/// What came to the ends of the text to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ends {
    /// Nothing.
    #[default]
    Bare,
    /// A newline behind it.
    Newline,
    /// Carriage return and newline behind it.
    CrLf,
    /// A byte order mark in front.
    Bom,
    /// A blank behind it.
    Blank,
}

impl Ends {
    pub(crate) const CHANGES: [Self; 4] = [Self::Newline, Self::Bom, Self::CrLf, Self::Blank];

    /// What is in front, and what is behind.
    pub(crate) const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Bare => ("", ""),
            Self::Newline => ("", "\n"),
            Self::CrLf => ("", "\r\n"),
            Self::Bom => ("\u{feff}", ""),
            Self::Blank => ("", " "),
        }
    }
}

/// Which hexadecimal letters were used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Letters {
    /// `a`–`f`.
    Lower,
    /// `A`–`F`.
    Upper,
    /// Both.
    Mixed,
}

impl From<Case> for Letters {
    fn from(case: Case) -> Self {
        match case {
            Case::Lower => Self::Lower,
            Case::Upper => Self::Upper,
        }
    }
}
