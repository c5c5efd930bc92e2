//! How a value, or the text as a whole, is encoded before it is signed.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sign_core::form;

/// What is done to each value before it is signed. Every platform here signs raw values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Encoding {
    /// Nothing.
    #[default]
    Raw,
    /// Percent-encoded as RFC 3986 says, `%2F`: all but letters, digits and `-._~`.
    Percent,
    /// The same with lower-case digits, `%2f`.
    PercentLower,
    /// As forms are, by `java.net.URLEncoder`: a blank is `+`; letters, digits and `*-_.` stay.
    Form,
    /// The same with lower-case digits, as .NET's `HttpUtility.UrlEncode` does.
    FormLower,
    /// As forms are, by PHP's `urlencode`: a blank is `+`; letters, digits and `-_.` stay.
    FormPhp,
    /// By JavaScript's `encodeURIComponent`: letters, digits and `-_.!~*'()` stay.
    Component,
    /// Percent-encoded twice: `%252F`.
    PercentTwice,
    /// Form-encoded twice.
    FormTwice,
    /// Decoded: `%7B` becomes `{`, `+` a blank.
    Decoded,
    /// Escapes that are there get lower-case digits: `%7B` becomes `%7b`.
    LowerEscapes,
    /// Pluses that are there become `%20`.
    PlusEscaped,
}

impl Encoding {
    /// All but [`Encoding::Raw`].
    pub(crate) const CHANGES: [Self; 11] = [
        Self::Percent,
        Self::Form,
        Self::Component,
        Self::PercentLower,
        Self::FormLower,
        Self::FormPhp,
        Self::PercentTwice,
        Self::FormTwice,
        Self::Decoded,
        Self::LowerEscapes,
        Self::PlusEscaped,
    ];

    pub(crate) fn apply(self, text: &str) -> Cow<'_, str> {
        const UPPER: &[u8; 16] = b"0123456789ABCDEF";
        const LOWER: &[u8; 16] = b"0123456789abcdef";
        Cow::Owned(match self {
            Self::Raw => return Cow::Borrowed(text),
            Self::Percent => escaped(text, b"-._~", false, UPPER),
            Self::PercentLower => escaped(text, b"-._~", false, LOWER),
            Self::Form => escaped(text, b"*-_.", true, UPPER),
            Self::FormLower => escaped(text, b"*-_.", true, LOWER),
            Self::FormPhp => escaped(text, b"-_.", true, UPPER),
            Self::Component => escaped(text, b"-_.!~*'()", false, UPPER),
            Self::PercentTwice => Self::Percent.apply(&Self::Percent.apply(text)).into_owned(),
            Self::FormTwice => Self::Form.apply(&Self::Form.apply(text)).into_owned(),
            // What does not decode is left as it is: nobody could have decoded it either.
            Self::Decoded => return form::decode(text).unwrap_or(Cow::Borrowed(text)),
            Self::LowerEscapes => lower_escapes(text),
            Self::PlusEscaped => text.replace('+', "%20"),
        })
    }
}

fn escaped(text: &str, kept: &[u8], plus: bool, digits: &[u8; 16]) -> String {
    let digit = |half: u8| char::from(digits.get(usize::from(half & 15)).copied().unwrap_or(b'0'));
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            out.push(char::from(byte));
        } else if plus && byte == b' ' {
            out.push('+');
        } else {
            out.extend(['%', digit(byte >> 4), digit(byte)]);
        }
    }
    out
}

fn lower_escapes(text: &str) -> String {
    let mut inside = 0;
    let lowered = text.chars().map(|character| {
        if character == '%' {
            inside = 2;
            return character;
        }
        if inside > 0 && character.is_ascii_hexdigit() {
            inside -= 1;
            return character.to_ascii_lowercase();
        }
        inside = 0;
        character
    });
    lowered.collect()
}

/// What is done to the text to sign as a whole, the secret included, before it goes into the digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TextForm {
    /// Nothing: its UTF-8 is signed.
    #[default]
    Utf8,
    /// It is signed in GBK; what GBK lacks is `?`, as in Java and PHP.
    Gbk,
    /// Each letter is made lower-case first.
    Lower,
    /// Each letter is made upper-case first.
    Upper,
    /// It is percent-encoded first, `&` and `=` included.
    Percent,
    /// It is form-encoded first, `&` and `=` included.
    Form,
}

impl TextForm {
    /// All but [`TextForm::Utf8`].
    pub(crate) const CHANGES: [Self; 5] = [Self::Gbk, Self::Lower, Self::Upper, Self::Percent, Self::Form];

    /// Applied piece by piece, this gives what it would give for the whole.
    pub(crate) fn apply(self, text: &str) -> Cow<'_, [u8]> {
        Cow::Owned(match self {
            Self::Utf8 => return Cow::Borrowed(text.as_bytes()),
            Self::Gbk => return gbk(text),
            // Letter by letter: `str::to_lowercase` looks at the letters around a sigma.
            Self::Lower if text.is_ascii() => text.to_ascii_lowercase().into_bytes(),
            Self::Upper if text.is_ascii() => text.to_ascii_uppercase().into_bytes(),
            Self::Lower => text.chars().flat_map(char::to_lowercase).collect::<String>().into_bytes(),
            Self::Upper => text.chars().flat_map(char::to_uppercase).collect::<String>().into_bytes(),
            Self::Percent => Encoding::Percent.apply(text).into_owned().into_bytes(),
            Self::Form => Encoding::Form.apply(text).into_owned().into_bytes(),
        })
    }

    /// The same as text, for people: GBK is shown in UTF-8.
    pub(crate) fn shown(self, text: &str) -> String {
        match self {
            Self::Utf8 | Self::Gbk => text.to_owned(),
            _ => String::from_utf8_lossy(&self.apply(text)).into_owned(),
        }
    }
}

fn gbk(text: &str) -> Cow<'_, [u8]> {
    if text.is_ascii() {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        let mut utf8 = [0; 4];
        let (encoded, _, lacking) = encoding_rs::GBK.encode(character.encode_utf8(&mut utf8));
        bytes.extend_from_slice(if lacking { b"?" } else { &encoded });
    }
    Cow::Owned(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(encoding: Encoding, text: &str, expected: &str) {
        assert_eq!(encoding.apply(text), expected, "{encoding:?}");
    }

    #[test]
    fn each_encoding_of_one_text() {
        let text = "a b/中~*+'";
        check(Encoding::Raw, text, text);
        check(Encoding::Percent, text, "a%20b%2F%E4%B8%AD~%2A%2B%27");
        check(Encoding::PercentLower, text, "a%20b%2f%e4%b8%ad~%2a%2b%27");
        check(Encoding::Form, text, "a+b%2F%E4%B8%AD%7E*%2B%27");
        check(Encoding::Form, text, &form::encode(text));
        check(Encoding::FormLower, text, "a+b%2f%e4%b8%ad%7e*%2b%27");
        check(Encoding::FormPhp, text, "a+b%2F%E4%B8%AD%7E%2A%2B%27");
        check(Encoding::Component, text, "a%20b%2F%E4%B8%AD~*%2B'");
        check(Encoding::PercentTwice, "/", "%252F");
        check(Encoding::FormTwice, " /", "%2B%252F");
        check(Encoding::Decoded, "%7B+%2B", "{ +");
        check(Encoding::Decoded, "100%", "100%");
        check(Encoding::LowerEscapes, "A%7B%E4X%", "A%7b%e4X%");
        check(Encoding::PlusEscaped, "a+b", "a%20b");
    }

    #[test]
    fn each_form_of_the_whole() {
        let check =
            |form: TextForm, expected: &[u8]| assert_eq!(&*form.apply("a=中😀&Σ"), expected, "{form:?}");
        check(TextForm::Utf8, "a=中😀&Σ".as_bytes());
        check(TextForm::Gbk, b"a=\xd6\xd0?&\xa6\xb2");
        check(TextForm::Lower, "a=中😀&σ".as_bytes());
        check(TextForm::Upper, "A=中😀&Σ".as_bytes());
        check(TextForm::Percent, b"a%3D%E4%B8%AD%F0%9F%98%80%26%CE%A3");
        check(TextForm::Form, b"a%3D%E4%B8%AD%F0%9F%98%80%26%CE%A3");
    }
}
