//! The signature that somebody got: which digest it can be, and how it is written.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::digest::Sum;
use crate::{DigestKind, Letters};

/// How a digest is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Output {
    /// Lower-case hexadecimal.
    Hex,
    /// Upper-case hexadecimal.
    UpperHex,
    /// Base64, padded.
    Base64,
    /// The same with `-` and `_` in place of `+` and `/`.
    Base64Url,
    /// Base64 of the hexadecimal text.
    Base64OfHex,
}

impl Output {
    pub(crate) fn write(self, digest: &Sum, short: bool) -> String {
        let bytes = part(digest.as_bytes(), short);
        match self {
            Self::Hex => hex::encode(bytes),
            Self::UpperHex => hex::encode_upper(bytes),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Base64Url => URL_SAFE.encode(bytes),
            Self::Base64OfHex => STANDARD.encode(hex::encode(bytes)),
        }
    }

    pub(crate) const fn letters(self) -> Option<Letters> {
        match self {
            Self::Hex => Some(Letters::Lower),
            Self::UpperHex => Some(Letters::Upper),
            Self::Base64 | Self::Base64Url | Self::Base64OfHex => None,
        }
    }
}

/// The 16 digits in the middle are the bytes from 4 to 12.
pub(crate) fn part(bytes: &[u8], short: bool) -> &[u8] {
    if short { bytes.get(4..12).unwrap_or(bytes) } else { bytes }
}

/// A signature that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Got {
    pub(crate) bytes: Vec<u8>,
    pub(crate) digest: DigestKind,
    /// The middle of an MD5.
    pub(crate) short: bool,
    pub(crate) written: Written,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// [`None`] where there is no letter at all.
    Hex(Option<Letters>),
    /// [`Output::Base64`] or [`Output::Base64Url`]; [`None`] where both are the same.
    Base64(Option<Output>),
    Base64OfHex,
}

/// A text is no signature: the caller's mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "signature has {found} characters and is neither hexadecimal (16, 32, 40 or 64 digits) nor base64 of a digest: \
     is it cut off, or made with another digest?"
)]
pub struct GotError {
    /// Characters that came, without white space around them.
    pub found: usize,
}

impl Got {
    pub(crate) fn parse(text: &str) -> Result<Self, GotError> {
        let text = text.trim();
        let error = || GotError { found: text.chars().count() };
        if let Ok(bytes) = hex::decode(text)
            && let Some((digest, short)) = kind(bytes.len())
        {
            return Ok(Self { bytes, digest, short, written: Written::Hex(letters(text)) });
        }
        let bare = text.trim_end_matches('=');
        let bytes =
            STANDARD_NO_PAD.decode(bare).or_else(|_| URL_SAFE_NO_PAD.decode(bare)).map_err(|_| error())?;
        // 32 bytes may be a SHA-256, or the hexadecimal text of an MD5: no digest consists of hexadecimal digits.
        if let Ok(inner) = hex::decode(&bytes)
            && let Some((digest, short)) = kind(inner.len())
        {
            return Ok(Self { bytes: inner, digest, short, written: Written::Base64OfHex });
        }
        let (digest, short) = kind(bytes.len()).ok_or_else(error)?;
        let output = match (bare.contains(['+', '/']), bare.contains(['-', '_'])) {
            (true, _) => Some(Output::Base64),
            (_, true) => Some(Output::Base64Url),
            _ => None,
        };
        Ok(Self { bytes, digest, short, written: Written::Base64(output) })
    }

    /// Is this the digest?
    pub(crate) fn is(&self, digest: &[u8]) -> bool {
        part(digest, self.short) == self.bytes
    }
}

fn kind(length: usize) -> Option<(DigestKind, bool)> {
    if length == 8 {
        return Some((DigestKind::Md5, true));
    }
    DigestKind::ALL.into_iter().find(|kind| kind.length() == length).map(|kind| (kind, false))
}

fn letters(hex: &str) -> Option<Letters> {
    let lower = hex.bytes().any(|byte| byte.is_ascii_lowercase());
    let upper = hex.bytes().any(|byte| byte.is_ascii_uppercase());
    match (lower, upper) {
        (true, true) => Some(Letters::Mixed),
        (true, false) => Some(Letters::Lower),
        (false, true) => Some(Letters::Upper),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(DigestKind, bool, Written)>) {
        let got = Got::parse(text).ok().map(|got| (got.digest, got.short, got.written));
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn signatures_are_told_apart() {
        let hex = |letters| Written::Hex(Some(letters));
        let md5 = "900150983cd24fb0d6963f7d28e17f72";
        check(md5, Some((DigestKind::Md5, false, hex(Letters::Lower))));
        check(&format!(" {} \n", md5.to_uppercase()), Some((DigestKind::Md5, false, hex(Letters::Upper))));
        check("3cd24fb0d6963f7D", Some((DigestKind::Md5, true, hex(Letters::Mixed))));
        check(&"12".repeat(20), Some((DigestKind::Sha1, false, Written::Hex(None))));
        check(&"aa".repeat(32), Some((DigestKind::Sha256, false, hex(Letters::Lower))));
        let base64 = |output| Some((DigestKind::Md5, false, Written::Base64(output)));
        check("kAFQmDzST7DWlj99KOF/cg==", base64(Some(Output::Base64)));
        check("kAFQmDzST7DWlj99KOF_cg", base64(Some(Output::Base64Url)));
        check("kAFQmDzST7DWlj99KOF_cg==", base64(Some(Output::Base64Url)));
        check("1B2M2Y8AsgTpgAmY7PhCfg==", base64(None));
        check(
            "OTAwMTUwOTgzY2QyNGZiMGQ2OTYzZjdkMjhlMTdmNzI=",
            Some((DigestKind::Md5, false, Written::Base64OfHex)),
        );
        // Two alphabets at once are none.
        for text in [
            "",
            "zz",
            "kAFQ-DzST7DWlj99KOF/cg==",
            "900150983cd24fb0d6963f7d28e17f7",
            "签名",
            "900150983cd24fb0d6963f7d28e17f72ff",
        ] {
            check(text, None);
        }
    }
}
