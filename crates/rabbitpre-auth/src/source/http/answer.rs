//! What an endpoint is asked, and how its answer is read.

use serde::ser::{Serialize, SerializeMap as _, SerializeStruct as _, Serializer};

use super::HttpAttributesError;
use crate::attributes::Attributes;
use crate::json::{ReadError, read};
use crate::value::{Object, Value};
use crate::wire::{UserParam, json};

/// `{"audid":"…","names":["…"],"userParam":{…}}`.
pub(super) struct Question<'q> {
    pub(super) user: &'q UserParam<'q>,
    pub(super) names: &'q [&'q str],
}

impl Question<'_> {
    pub(super) fn to_json(&self) -> String {
        json(self)
    }
}

impl Serialize for Question<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut question = serializer.serialize_struct("Question", 3)?;
        question.serialize_field("audid", self.user.audid())?;
        question.serialize_field("names", self.names)?;
        question.serialize_field("userParam", &Members(self.user.members()))?;
        question.end()
    }
}

struct Members<'q>(&'q Object<'q>);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0.iter() {
            members.serialize_entry(name, value)?;
        }
        members.end()
    }
}

/// Why an answer is not understood.
pub(super) enum Fault {
    Unreadable(ReadError),
    NotAnObject,
    Envelope,
}

impl Fault {
    pub(super) fn at(self, at: String) -> HttpAttributesError {
        match self {
            Fault::Unreadable(error) => HttpAttributesError::Unreadable { at, error },
            Fault::NotAnObject => HttpAttributesError::NotAnObject { at },
            Fault::Envelope => HttpAttributesError::Envelope { at },
        }
    }
}

/// The attributes of these names that an answer holds. Its member `attributes`, where that is an object, is the answer
/// proper: no attribute's value is an object (SPEC.md §4).
///
/// Many services answer 200 to everything, and say with a `code` that they failed; others wrap what they know in another
/// shape. Such an answer is not the word that the user has no attributes, after which `userParam` would decide
/// (SPEC.md §4.7).
pub(super) fn attributes(answer: &[u8], names: &[&str]) -> Result<Attributes<'static>, Fault> {
    let answer = read(answer).map_err(Fault::Unreadable)?;
    let answer = answer.as_object().ok_or(Fault::NotAnObject)?;
    let proper = answer.get("attributes").and_then(Value::as_object);
    let known = proper.unwrap_or(answer);
    let asked = names.iter().filter_map(|name| Some((*name, known.get(name)?.clone())));
    let asked = asked.collect::<Attributes<'_>>();
    let is_wrapped = answer.get("code").or_else(|| answer.get("attributes")).is_some();
    let is_envelope = proper.is_none() && asked.iter().next().is_none() && is_wrapped;
    if is_envelope { Err(Fault::Envelope) } else { Ok(asked.into_owned()) }
}
