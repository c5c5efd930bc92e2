//! JSON as it was written: numbers keep their digits, members their order.
//!
//! `serde_json::Value` turns `9007199254740993` into something a float may touch (RP-3); this one never does.

use std::borrow::Cow;
use std::fmt;

use serde::ser::{Error as _, Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use serde_json::value::RawValue;

/// Up to this many members are searched one by one; beyond it, through a sorted index.
const SMALL: usize = 8;

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

/// A JSON object: members in the order they were written, names unique.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Object<'a> {
    members: Vec<(Cow<'a, str>, Value<'a>)>,
    /// Positions in `members`, by name; empty for small objects.
    by_name: Box<[u32]>,
}

impl<'a> Object<'a> {
    /// Takes the members as they were read; `None` if a name is there twice.
    pub(crate) fn unique(members: Vec<(Cow<'a, str>, Value<'a>)>) -> Option<Self> {
        if members.len() <= SMALL {
            let twice = members
                .iter()
                .enumerate()
                .any(|(at, (name, _))| members.iter().take(at).any(|m| m.0 == *name));
            return (!twice).then_some(Object { members, by_name: Box::default() });
        }
        let by_name = sorted(&members);
        let mut names = by_name.iter().filter_map(|&at| members.get(at as usize)).map(|member| &member.0);
        let mut before = names.next();
        for name in names {
            if before == Some(name) {
                return None;
            }
            before = Some(name);
        }
        Some(Object { members, by_name })
    }

    /// Of members with the same name the first one stays.
    pub(crate) fn first_wins(mut members: Vec<(Cow<'a, str>, Value<'a>)>) -> Self {
        // A stable sort keeps equal names in their order.
        members.sort_by(|a, b| a.0.cmp(&b.0));
        members.dedup_by(|later, earlier| later.0 == earlier.0);
        let by_name = if members.len() <= SMALL { Box::default() } else { sorted(&members) };
        Object { members, by_name }
    }

    /// The member `name`; names are compared exactly (RP-9: `appId` is not `appid`).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        if self.by_name.is_empty() {
            return self.members.iter().find(|member| member.0 == name).map(|member| &member.1);
        }
        let member = |at: u32| self.members.get(at as usize);
        let found =
            self.by_name.binary_search_by(|&at| member(at).map_or("", |member| &member.0).cmp(name)).ok()?;
        self.by_name.get(found).and_then(|&at| member(at)).map(|member| &member.1)
    }

    /// The member `name`, or null.
    pub(crate) fn member(&self, name: &str) -> &Value<'a> {
        self.get(name).unwrap_or(&NULL)
    }

    /// Takes the member `name` out, leaving null.
    pub(crate) fn take(&mut self, name: &str) -> Value<'a> {
        self.members
            .iter_mut()
            .find(|member| member.0 == name)
            .map_or(Value::Null, |member| std::mem::replace(&mut member.1, Value::Null))
    }

    /// Names and values, in the order they were written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.members.iter().map(|(name, value)| (&**name, value))
    }

    /// How many members there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether it is `{}`.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Copies whatever is borrowed.
    #[must_use]
    pub fn into_owned(self) -> Object<'static> {
        let members = self
            .members
            .into_iter()
            .map(|(name, value)| (Cow::Owned(name.into_owned()), value.into_owned()))
            .collect();
        Object { members, by_name: self.by_name }
    }
}

impl<'a, N: Into<Cow<'a, str>>, V: Into<Value<'a>>> FromIterator<(N, V)> for Object<'a> {
    /// Of equal names the first one stays.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(members: I) -> Self {
        Object::first_wins(members.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({} members)", self.members.len())
    }
}

/// Positions in order of the names. A body of 1 MiB (SPEC.md §4.10) has fewer members than `u32` counts.
fn sorted(members: &[(Cow<'_, str>, Value<'_>)]) -> Box<[u32]> {
    let mut by_name: Vec<u32> = (0..).take(members.len()).collect();
    by_name.sort_by_key(|&at| members.get(at as usize).map_or("", |member| &member.0));
    by_name.into_boxed_slice()
}
