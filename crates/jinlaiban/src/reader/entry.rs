//! What stands at one place of a file: a record, or something that is none.

use core::fmt;
use std::borrow::Cow;
use std::sync::Arc;

use serde::de::IgnoredAny;
use serde::ser::{Serialize, SerializeMap as _, SerializeStruct as _, Serializer};
use serde_json::value::RawValue;

use super::MAX_RECORD_BYTES;
use super::lines::Line;
use super::table::{Header, Row};
use crate::record::{Record, RecordError, RecordFault};

/// What stands at one place of a file.
#[derive(Debug)]
pub enum Entry {
    /// A record.
    Record(Found),
    /// Something that the platform would not take.
    Rejected(Rejected),
}

/// A record, and where it was found. `Debug` shows nothing about a person.
pub struct Found {
    /// The line, counted from 1; of a table, the physical line where the row begins; of an array, the place in it.
    pub line: u64,
    /// The record.
    pub record: Record,
    given: Given,
}

impl Found {
    /// The record as a reject: what is wrong with it is seen only beside the others.
    #[must_use]
    pub fn reject(self, error: RecordError) -> Rejected {
        Rejected { line: self.line, error, given: self.given }
    }
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found")
            .field("line", &self.line)
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}

/// What is no record, where, and why. `Display` names line, member and reason, never a value; serialised, it is a line
/// of a rejects file, `{"line":…,"error":…,"record":…}`, which [`Format::Lines`](crate::Format::Lines) reads again once
/// the record is corrected.
pub struct Rejected {
    line: u64,
    error: RecordError,
    given: Given,
}

impl Rejected {
    /// The line, counted from 1; of a table, the physical line where the row begins; of an array, the place in it.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The first member that is wrong; `None` when it is about the whole.
    #[must_use]
    pub fn member(&self) -> Option<&str> {
        self.error.member()
    }

    /// What is wrong.
    #[must_use]
    pub fn reason(&self) -> &RecordFault {
        self.error.reason()
    }

    /// Member and reason.
    #[must_use]
    pub fn error(&self) -> &RecordError {
        &self.error
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.error)
    }
}

impl fmt::Debug for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rejected({self})")
    }
}

impl core::error::Error for Rejected {}

impl Serialize for Rejected {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_struct("Rejected", 3)?;
        line.serialize_field("line", &self.line)?;
        line.serialize_field("error", &self.error.to_string())?;
        line.serialize_field("record", &self.given)?;
        line.end()
    }
}

/// What stood in the file.
pub(super) enum Given {
    /// JSON, or meant to be.
    Json(Vec<u8>),
    /// A row of a table.
    Row(Arc<Header>, Row),
}

impl Serialize for Given {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Json(text) => {
                let text = String::from_utf8_lossy(text);
                // A reject is one line. In valid JSON, a line break is white space between tokens.
                match RawValue::from_string(text.replace(['\n', '\r'], " ")) {
                    Ok(json) => json.serialize(serializer),
                    Err(_) => text.serialize(serializer),
                }
            }
            // With the names of the columns it can be corrected and pushed; without them nobody knows what is what.
            Self::Row(header, row) => match header.members(row) {
                Some(members) => {
                    let mut object = serializer.serialize_map(None)?;
                    for (name, cell) in members {
                        if let Some(cell) = cell {
                            object.serialize_entry(name, &cell)?;
                        }
                    }
                    object.end()
                }
                None => serializer.collect_seq(row.cells()),
            },
        }
    }
}

impl Entry {
    pub(super) fn of(line: u64, record: Result<Record, RecordError>, given: Given) -> Self {
        match record {
            Ok(record) => Self::Record(Found { line, record, given }),
            Err(error) => Self::Rejected(Rejected { line, error, given }),
        }
    }

    /// A line of JSON.
    pub(super) fn of_line(line: Line) -> Self {
        let Line { number, mut text, whole } = line;
        let end = text.trim_ascii_end().len();
        text.truncate(end);
        let record = if whole { from_json(&text) } else { Err(too_long()) };
        if record.is_err()
            && let Some(held) = held(&text)
        {
            return Self::of(number, from_json(held.as_bytes()), Given::Json(held.into_owned().into_bytes()));
        }
        Self::of(number, record, Given::Json(text))
    }

    /// An element of an array.
    pub(super) fn of_element(number: u64, text: Vec<u8>, whole: bool) -> Self {
        let record = if whole { from_json(&text) } else { Err(too_long()) };
        Self::of(number, record, Given::Json(text))
    }
}

fn from_json(text: &[u8]) -> Result<Record, RecordError> {
    valid(text)?;
    Record::from_json(text)
}

/// Nothing here guesses at encodings: a wrong guess would send wrong names.
pub(super) fn valid(text: &[u8]) -> Result<(), RecordError> {
    match core::str::from_utf8(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(RecordError::whole(RecordFault::NotUtf8 { at: error.valid_up_to() })),
    }
}

pub(super) const fn too_long() -> RecordError {
    RecordError::whole(RecordFault::TooLong { limit: MAX_RECORD_BYTES })
}

/// The record that a line of a rejects file holds. No record has members of these names, so that nothing else is meant.
fn held(line: &[u8]) -> Option<Cow<'_, str>> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Reject<'a> {
        #[serde(rename = "line")]
        _line: Option<IgnoredAny>,
        #[serde(rename = "error")]
        _error: Option<IgnoredAny>,
        #[serde(borrow)]
        record: &'a RawValue,
    }
    let record = serde_json::from_slice::<Reject<'_>>(line).ok()?.record.get();
    // What was no JSON stands there as a text, which somebody has corrected.
    Some(if record.starts_with('"') {
        Cow::Owned(serde_json::from_str(record).ok()?)
    } else {
        Cow::Borrowed(record)
    })
}
