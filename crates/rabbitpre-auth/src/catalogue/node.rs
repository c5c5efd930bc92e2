//! A file's values with the places where they stand, so that errors can point at them.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::CatalogueError;
use crate::json::read_file;
use crate::value::{Object, Value};

/// A value and where it begins, in bytes.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) at: usize,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// A text, number, boolean or null.
    Scalar(Value<'static>),
    List(Vec<Node>),
    Object(Vec<Member>),
}

/// A member of an object; `at` is where it begins.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) at: usize,
    pub(super) node: Node,
}

/// What is wrong at a place, in bytes.
#[derive(Debug)]
pub(super) struct Misread {
    pub(super) at: usize,
    pub(super) what: String,
}

impl Misread {
    pub(super) fn new(at: usize, what: impl Into<String>) -> Self {
        Self { at, what: what.into() }
    }

    pub(super) fn of(self, text: &str) -> CatalogueError {
        let (line, column) = line_and_column(text, self.at);
        CatalogueError::NotUnderstood { line, column, what: self.what }
    }
}

/// Line and column of a byte, from 1; columns in characters.
pub(super) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    let last = before.rsplit('\n').next().unwrap_or_default();
    (line, last.chars().count() + 1)
}

impl Node {
    /// The value without its places.
    pub(super) fn value(&self) -> Value<'static> {
        match &self.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::List(nodes) => Value::List(nodes.iter().map(Node::value).collect()),
            Kind::Object(members) => Value::Object(object(members)),
        }
    }
}

/// The members without their places, in their order. Their names are unique, or the file would not have been read.
pub(super) fn object<'m>(members: impl IntoIterator<Item = &'m Member>) -> Object<'static> {
    let members = members.into_iter().map(|member| (Cow::Owned(member.name.clone()), member.node.value()));
    Object::unique(members.collect()).unwrap_or_default()
}

/// Lists and objects within each other; a file that is nested deeper was not written by a person.
pub(super) const DEEPEST: usize = 128;

/// Reads JSON.
pub(super) fn json(text: &str) -> Result<Node, Misread> {
    let whole: &RawValue = serde_json::from_str(text).map_err(|error| syntax(text, 0, &error))?;
    Reader { text }.node(whole, DEEPEST)
}

struct Reader<'a> {
    text: &'a str,
}

impl<'a> Reader<'a> {
    fn node(&self, raw: &'a RawValue, depth: usize) -> Result<Node, Misread> {
        let json = raw.get();
        // What is borrowed from the text lies within it.
        let at = json.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        let deeper = || depth.checked_sub(1).ok_or_else(|| Misread::new(at, "it is nested too deep"));
        let wrong = |error: serde_json::Error| syntax(self.text, at, &error);
        let kind = match json.as_bytes().first() {
            Some(b'[') => {
                let entries: Vec<&RawValue> = serde_json::from_str(json).map_err(wrong)?;
                let depth = deeper()?;
                Kind::List(
                    entries.into_iter().map(|entry| self.node(entry, depth)).collect::<Result<_, _>>()?,
                )
            }
            Some(b'{') => {
                let Members(entries) = serde_json::from_str(json).map_err(wrong)?;
                let depth = deeper()?;
                let mut members: Vec<Member> = Vec::with_capacity(entries.len());
                for (name, raw) in entries {
                    let node = self.node(raw, depth)?;
                    if members.iter().any(|member| member.name == name) {
                        return Err(Misread::new(node.at, format!("`{name}` is there twice; name it once")));
                    }
                    members.push(Member { name, at: node.at, node });
                }
                Kind::Object(members)
            }
            _ => {
                let value =
                    read_file(json.as_bytes()).map_err(|error| Misread::new(at, error.to_string()))?;
                Kind::Scalar(value.into_owned())
            }
        };
        Ok(Node { at, kind })
    }
}

/// An error of `serde_json` within the part of the text that begins at `start`.
fn syntax(text: &str, start: usize, error: &serde_json::Error) -> Misread {
    let said = error.to_string();
    let what = said.split_once(" at line ").map_or(&*said, |(what, _)| what);
    let part = text.get(start..).unwrap_or_default();
    // `serde_json` counts columns in bytes, and the line's end is part of the line.
    let lines = part.split_inclusive('\n').take(error.line().saturating_sub(1));
    let before: usize = lines.map(str::len).sum();
    let at = start + (before + error.column().saturating_sub(1)).min(part.len());
    let at = (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default();
    Misread::new(at, format!("not JSON: {what}"))
}

/// Members in the order they were written, doubled ones included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}
