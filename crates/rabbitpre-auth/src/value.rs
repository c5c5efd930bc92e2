//! JSON as it was written: numbers keep their digits, members their order.
//!
//! `serde_json::Value` turns `9007199254740993` into something a float may touch (RP-3); this one never does.

use std::borrow::Cow;
use std::fmt;

use serde::ser::{Error as _, Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use serde_json::value::RawValue;

pub use crate::object::Object;

/// What stands for a member that is not there.
pub(crate) static NULL: Value<'static> = Value::Null;

/// A JSON value that borrows from the body it was read from.
///
/// `Debug` shows the shape only: what users are and have is personal data.
#[derive(Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// `null`; also what an absent member reads as.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, digits as written.
    Number(Number<'a>),
    /// A text, escapes resolved.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Value<'a>>),
    /// An object; member names are unique.
    Object(Object<'a>),
}

impl<'a> Value<'a> {
    /// Copies whatever is borrowed.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(flag) => Value::Bool(flag),
            Value::Number(number) => Value::Number(Number(Cow::Owned(number.0.into_owned()))),
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::List(items) => Value::List(items.into_iter().map(Value::into_owned).collect()),
            Value::Object(object) => Value::Object(object.into_owned()),
        }
    }

    /// The object, if it is one.
    #[must_use]
    pub const fn as_object(&self) -> Option<&Object<'a>> {
        if let Value::Object(object) = self { Some(object) } else { None }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    /// An identifier: a text that is not empty, or a number as written (RP-3: ids are exact).
    #[must_use]
    pub fn as_id(&self) -> Option<&str> {
        match self {
            Value::Text(text) if !text.is_empty() => Some(text),
            Value::Number(number) => Some(number.as_str()),
            _ => None,
        }
    }

    /// The same of a value that nobody needs any more.
    pub(crate) fn into_id(self) -> Option<Cow<'a, str>> {
        match self {
            Value::Text(text) if !text.is_empty() => Some(text),
            Value::Number(number) => Some(number.into_text()),
            _ => None,
        }
    }

    /// Whether it is a text, a number or a boolean.
    #[must_use]
    pub const fn is_scalar(&self) -> bool {
        matches!(self, Value::Text(_) | Value::Number(_) | Value::Bool(_))
    }

    /// The elements of a list; anything else is its own only element.
    pub(crate) fn elements(&self) -> &[Value<'a>] {
        if let Value::List(items) = self { items } else { std::slice::from_ref(self) }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("Null"),
            Value::Bool(_) => f.write_str("Bool(..)"),
            Value::Number(_) => f.write_str("Number(..)"),
            Value::Text(_) => f.write_str("Text(..)"),
            Value::List(items) => write!(f, "List({} elements)", items.len()),
            Value::Object(object) => object.fmt(f),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(Cow::Owned(text))
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Value::Bool(flag)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Number(Number(Cow::Owned(number.to_string())))
    }
}

impl<'a, T: Into<Value<'a>>> From<Vec<T>> for Value<'a> {
    fn from(items: Vec<T>) -> Self {
        Value::List(items.into_iter().map(Into::into).collect())
    }
}

impl Serialize for Value<'_> {
    /// Writes the value as it was read. Numbers keep their digits with `serde_json` only.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::Number(number) => RawValue::from_string(number.as_str().to_owned())
                .map_err(S::Error::custom)?
                .serialize(serializer),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Value::Object(object) => {
                let mut map = serializer.serialize_map(Some(object.len()))?;
                for (name, value) in object.iter() {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// A JSON number, digits as written.
#[derive(Clone, PartialEq, Eq)]
pub struct Number<'a>(Cow<'a, str>);

impl<'a> Number<'a> {
    /// The caller has checked that `written` is a JSON number.
    pub(crate) const fn written(written: &'a str) -> Self {
        Number(Cow::Borrowed(written))
    }

    /// The digits as written, without a copy if they are borrowed.
    pub(crate) fn into_text(self) -> Cow<'a, str> {
        self.0
    }

    /// The digits as written, for example `1.50e3`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Number(..)")
    }
}
