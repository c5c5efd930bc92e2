//! In which form the secret is used.

use std::borrow::Cow;

use base64::Engine as _;
use serde::{Deserialize, Serialize};
use sign_core::{Case, Hasher, Md5};

use crate::Encoding;

/// In which form the secret is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SecretForm {
    /// As it was issued.
    #[default]
    AsIssued,
    /// With a newline behind it.
    Newline,
    /// With a carriage return and a newline behind it.
    CrLf,
    /// With a blank behind it.
    BlankBehind,
    /// With a blank in front.
    BlankInFront,
    /// With blanks around it.
    Blanks,
    /// In double quotes.
    DoubleQuoted,
    /// In single quotes.
    SingleQuoted,
    /// With a byte order mark in front.
    Bom,
    /// Without the white space at its ends.
    Trimmed,
    /// In lower case.
    Lower,
    /// In upper case.
    Upper,
    /// Percent-encoded.
    Percent,
    /// Form-encoded.
    Form,
    /// Base64 of it.
    Base64,
    /// What it is base64 of.
    Base64Decoded,
    /// Its MD5 in lower-case hexadecimal.
    Md5,
    /// Its MD5 in upper-case hexadecimal.
    Md5Upper,
}

impl SecretForm {
    pub(crate) const CHANGES: [Self; 17] = [
        Self::Newline,
        Self::BlankBehind,
        Self::BlankInFront,
        Self::DoubleQuoted,
        Self::CrLf,
        Self::SingleQuoted,
        Self::Trimmed,
        Self::Blanks,
        Self::Upper,
        Self::Lower,
        Self::Md5,
        Self::Md5Upper,
        Self::Bom,
        Self::Percent,
        Self::Form,
        Self::Base64,
        Self::Base64Decoded,
    ];

    pub(crate) fn apply(self, secret: &str) -> Cow<'_, str> {
        let md5 = |case| Hasher::<Md5>::of(secret.as_bytes()).signature(case).to_string();
        Cow::Owned(match self {
            Self::AsIssued => return Cow::Borrowed(secret),
            Self::Trimmed => return Cow::Borrowed(secret.trim()),
            Self::Newline => format!("{secret}\n"),
            Self::CrLf => format!("{secret}\r\n"),
            Self::BlankBehind => format!("{secret} "),
            Self::BlankInFront => format!(" {secret}"),
            Self::Blanks => format!(" {secret} "),
            Self::DoubleQuoted => format!("\"{secret}\""),
            Self::SingleQuoted => format!("'{secret}'"),
            Self::Bom => format!("\u{feff}{secret}"),
            Self::Lower => secret.to_lowercase(),
            Self::Upper => secret.to_uppercase(),
            Self::Percent => return Encoding::Percent.apply(secret),
            Self::Form => return Encoding::Form.apply(secret),
            Self::Base64 => base64::engine::general_purpose::STANDARD.encode(secret),
            Self::Base64Decoded => {
                let decoded = base64::engine::general_purpose::STANDARD.decode(secret).ok();
                return decoded
                    .and_then(|bytes| String::from_utf8(bytes).ok())
                    .map_or(Cow::Borrowed(secret), Cow::Owned);
            }
            Self::Md5 => md5(Case::Lower),
            Self::Md5Upper => md5(Case::Upper),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets() {
        let check = |form: SecretForm, secret: &str, expected: &str| assert_eq!(form.apply(secret), expected);
        check(SecretForm::Newline, "s", "s\n");
        check(SecretForm::DoubleQuoted, "s", "\"s\"");
        check(SecretForm::Trimmed, " s\n", "s");
        check(SecretForm::Md5, "abc", "900150983cd24fb0d6963f7d28e17f72");
        check(SecretForm::Base64Decoded, "YWJj", "abc");
        check(SecretForm::Base64Decoded, "*", "*");
    }
}
