//! JSON scalars whose numbers keep their digits: what platforms sign, and what they write now as text, now as number.
//! Needs the feature `json`.

use alloc::{borrow::Cow, boxed::Box, string::String};

use serde::{Deserialize as _, Deserializer, de::Error as _};
use serde_json::value::RawValue;

/// A JSON value looked at from outside: numbers as they are written, nothing below a list or an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, digit for digit: `9007199254740993` and `1.0` stay what they are.
    Number(&'a str),
    /// A text, unescaped.
    Text(Cow<'a, str>),
    /// A list or an object.
    Nested,
}

impl<'a> Scalar<'a> {
    /// Looks at a value.
    ///
    /// # Errors
    /// A text whose escapes are no Unicode (a lone surrogate).
    pub fn read(raw: &'a RawValue) -> Result<Self, serde_json::Error> {
        let json = raw.get();
        Ok(match json.as_bytes().first() {
            Some(b'"') => {
                // What a `RawValue` holds is JSON: without escapes, a text is what stands between its quotes.
                let inner = json.strip_prefix('"').and_then(|json| json.strip_suffix('"'));
                Self::Text(match inner.filter(|inner| !inner.contains('\\')) {
                    Some(inner) => Cow::Borrowed(inner),
                    None => Cow::Owned(serde_json::from_str(json)?),
                })
            }
            Some(b'n') => Self::Null,
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'{' | b'[') => Self::Nested,
            _ => Self::Number(json),
        })
    }

    /// The text of a text, and of a whole number its digits (`-0` is `0`). [`None`] for everything else: fractions
    /// and exponents have no one way to be written, so nobody can sign them.
    ///
    /// ```
    /// use sign_core::json::Scalar;
    /// assert_eq!(Scalar::Number("9007199254740993").whole_text().as_deref(), Some("9007199254740993"));
    /// assert_eq!(Scalar::Number("1.0").whole_text(), None);
    /// assert_eq!(Scalar::Null.whole_text(), None);
    /// ```
    #[must_use]
    pub fn whole_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number("-0") => Some(Cow::Borrowed("0")),
            Self::Number(number) => {
                let digits = number.strip_prefix('-').unwrap_or(number);
                digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(Cow::Borrowed(number))
            }
            Self::Null | Self::Bool(_) | Self::Nested => None,
        }
    }

    /// The text of a text, and of any number its digits as they are written. [`None`] for everything else.
    #[must_use]
    pub fn any_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(number) => Some(Cow::Borrowed(number)),
            Self::Null | Self::Bool(_) | Self::Nested => None,
        }
    }

    /// What kind of value this is, for messages: `a text`, `a list or object`, ….
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Nested => "a list or object",
        }
    }
}

/// Reads a member that platforms write as text or as number; numbers keep their digits. For
/// `#[serde(deserialize_with = "sign_core::json::text")]`, read by `serde_json` alone.
///
/// # Errors
/// Null, booleans, lists and objects.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    optional_text(deserializer)?.ok_or_else(|| D::Error::custom("expected a text or a number, found null"))
}

/// As [`text`], with null as [`None`]. Combine with `#[serde(default)]` where the member may be absent.
///
/// # Errors
/// Booleans, lists and objects.
pub fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let scalar = Scalar::read(&raw).map_err(D::Error::custom)?;
    if scalar == Scalar::Null {
        return Ok(None);
    }
    let kind = scalar.kind();
    match scalar.any_text() {
        Some(text) => Ok(Some(text.into_owned())),
        None => Err(D::Error::custom(format_args!("expected a text or a number, found {kind}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    #[track_caller]
    fn check(json: &str, expected: &Scalar<'_>) {
        let raw: &RawValue = serde_json::from_str(json).unwrap();
        assert_eq!(Scalar::read(raw).unwrap(), *expected);
    }

    #[test]
    fn scalars_are_told_apart_and_numbers_keep_their_digits() {
        check(" null ", &Scalar::Null);
        check("true", &Scalar::Bool(true));
        check("false", &Scalar::Bool(false));
        check("18446744073709551616", &Scalar::Number("18446744073709551616"));
        check("-1.50e3", &Scalar::Number("-1.50e3"));
        check(r#""中""#, &Scalar::Text("中".into()));
        check(r#""\u4e2d\n""#, &Scalar::Text("中\n".into()));
        check("[1]", &Scalar::Nested);
        check("{}", &Scalar::Nested);
    }

    #[test]
    fn a_lone_surrogate_is_an_error() {
        let raw: &RawValue = serde_json::from_str(r#""\ud83d""#).unwrap();
        assert!(Scalar::read(raw).unwrap_err().is_syntax());
    }

    #[track_caller]
    fn check_whole(number: &str, expected: Option<&str>) {
        assert_eq!(Scalar::Number(number).whole_text().as_deref(), expected, "{number}");
    }

    #[test]
    fn only_whole_numbers_become_text() {
        check_whole("0", Some("0"));
        check_whole("-0", Some("0"));
        check_whole("-12", Some("-12"));
        check_whole("1574251924.0", None);
        check_whole("1e3", None);
        check_whole("1E3", None);
    }

    #[derive(serde::Deserialize)]
    struct Reply {
        #[serde(deserialize_with = "text")]
        code: String,
        #[serde(default, deserialize_with = "optional_text")]
        msg: Option<String>,
    }

    #[test]
    fn members_are_read_as_text_or_number() {
        let read = |json| serde_json::from_str::<Reply>(json).map(|reply| (reply.code, reply.msg));
        assert_eq!(read(r#"{"code":200}"#).unwrap(), ("200".into(), None));
        assert_eq!(read(r#"{"code":"200","msg":null}"#).unwrap(), ("200".into(), None));
        assert_eq!(read(r#"{"code":1,"msg":2}"#).unwrap(), ("1".into(), Some("2".into())));
        let message = read(r#"{"code":[]}"#).unwrap_err().to_string();
        assert!(message.contains("expected a text or a number, found a list or object"), "{message}");
    }
}
