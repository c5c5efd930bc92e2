//! Attributes in memory, and the JSON that they are read from.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::{AttributeSource, Fetched, table};
use crate::attributes::Attributes;
use crate::json::{ReadError, read_file};
use crate::value::{Object, Value};
use crate::wire::UserParam;

/// Attributes in memory: audid → attributes.
///
/// ```
/// use rabbitpre_auth::{Lookup as _, MemoryAttributes, Value};
///
/// let json = br#"{"9007199254740993":{"age":30,"city":["\u5317\u4eac\u5e02","\u6d77\u6dc0\u533a"]}}"#;
/// let lines = b"{\"audid\":9007199254740993,\"attributes\":{\"age\":30}}\n";
/// let table = "audid,age,realName\n9007199254740993,30,\"\u{738b}, \u{4e8c}\"\n".as_bytes();
/// for people in [MemoryAttributes::parse(json)?, MemoryAttributes::parse(lines)?, MemoryAttributes::parse_csv(table)?] {
///     assert!(people.get("9007199254740993").attribute("age").is_some());
///     assert!(people.get("9007199254740992").is_empty());
/// }
/// # Ok::<(), rabbitpre_auth::AttributesFileError>(())
/// ```
#[derive(Default, Clone)]
pub struct MemoryAttributes(HashMap<String, Arc<Attributes<'static>>>);

/// A file that does not hold attributes: its owner is at fault. It says where, and holds nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttributesFileError {
    /// A line, counted from 1, is not JSON.
    #[error("line {line}: {error}")]
    Read {
        /// Line, from 1.
        line: usize,
        /// What is wrong; its byte is counted within the line.
        #[source]
        error: ReadError,
    },
    /// A line is no `{"audid","attributes"}`.
    #[error(
        "line {line}: neither an object from audid to attributes, nor a line with `audid` and `attributes`"
    )]
    Shape {
        /// Line, from 1.
        line: usize,
    },
    /// The attributes of one user are no object.
    #[error("line {line}: the attributes of the user in place {user} are no object from name to value")]
    User {
        /// Line, from 1.
        line: usize,
        /// Place within the object, from 1; the id itself is personal data.
        user: usize,
    },
    /// A table's line is not UTF-8.
    #[error("line {line}: not UTF-8; save the table as `CSV UTF-8`")]
    Encoding {
        /// Line, from 1.
        line: usize,
    },
    /// A table has no column `audid`.
    #[error("line {line}: the header names no column `audid`; columns are separated by commas")]
    NoAudid {
        /// Line of the header, from 1; of an empty table as well.
        line: usize,
    },
    /// A table's header names a column twice.
    #[error("line {line}: the header names the column `{column}` twice; name it once")]
    DoubledColumn {
        /// Line of the header, from 1.
        line: usize,
        /// The column.
        column: String,
    },
    /// A table's row has more or fewer cells than the header.
    #[error("line {line}: {cells} cells under {columns} columns; quote cells that hold commas")]
    Cells {
        /// The row's first line, from 1.
        line: usize,
        /// Cells of the row.
        cells: usize,
        /// Columns of the header.
        columns: usize,
    },
    /// A table's row has a value in a column without a name.
    #[error("line {line}: a value stands in column {column}, which has no name; name it in the header")]
    Nameless {
        /// The row's first line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A table's row has no `audid`.
    #[error("line {line}: the cell `audid` is empty; write whose attributes these are")]
    Nobody {
        /// The row's first line, from 1.
        line: usize,
    },
    /// A table has two rows of one user.
    #[error("line {line}: the user of line {first} again; one row says what is known of a user")]
    DoubledUser {
        /// The second row's first line, from 1.
        line: usize,
        /// The first row's.
        first: usize,
    },
    /// Something stands behind a quoted cell of a table's row.
    #[error(
        "line {line}: something stands between the end of a quoted cell in this row and the next comma; write a quote \
         within it as `\"\"`, and look whether the quotes before it are closed"
    )]
    AfterQuote {
        /// The row's first line, from 1.
        line: usize,
    },
    /// A table's quoted cell does not end.
    #[error("line {line}: a quoted cell that begins in this row does not end; close it with `\"`")]
    OpenQuote {
        /// The row's first line, from 1.
        line: usize,
    },
}

impl MemoryAttributes {
    /// Reads one JSON object audid → attributes, or JSON lines `{"audid":…,"attributes":{…}}`. Lines may be appended to:
    /// the last one of a user counts.
    ///
    /// # Errors
    /// [`AttributesFileError`], with the line and the user's place.
    pub fn parse(json: &[u8]) -> Result<Self, AttributesFileError> {
        let json = without_mark(json);
        match read_file(json) {
            Ok(Value::Object(users)) if line_of(&users).is_none() => Self::of_object(users, json),
            Ok(Value::Object(_)) => Self::of_lines(json),
            Ok(_) => Err(AttributesFileError::Shape { line: 1 }),
            // Several lines are no single value; then each is judged for itself. But an object over several lines that is
            // broken in one of them is wrong there.
            Err(error) => {
                let first = lines(json).map(|(_, text)| text).find(|text| !text.trim_ascii().is_empty());
                if first.is_none_or(|text| read_file(text).is_ok()) {
                    Self::of_lines(json)
                } else {
                    Err(within_its_line(error, json))
                }
            }
        }
    }

    /// Reads a table: a header with the column `audid`, each other column an attribute, each row a user.
    ///
    /// Cells are separated by commas and may be quoted; values are texts, as written. An empty cell is an attribute
    /// that is missing.
    ///
    /// # Errors
    /// [`AttributesFileError`], with the line.
    pub fn parse_csv(table: &[u8]) -> Result<Self, AttributesFileError> {
        table::parse(without_mark(table)).map(MemoryAttributes)
    }

    fn of_object(users: Object<'_>, json: &[u8]) -> Result<Self, AttributesFileError> {
        let mut known = HashMap::with_capacity(users.len());
        for (at, (audid, attributes)) in users.iter().enumerate() {
            let Some(attributes) = attributes.as_object() else {
                return Err(AttributesFileError::User { line: line_of_member(json, at), user: at + 1 });
            };
            known.insert(audid.to_owned(), Arc::new(Attributes::from(attributes.clone()).into_owned()));
        }
        Ok(MemoryAttributes(known))
    }

    fn of_lines(json: &[u8]) -> Result<Self, AttributesFileError> {
        let mut known = HashMap::new();
        for (line, text) in lines(json) {
            if text.trim_ascii().is_empty() {
                continue;
            }
            let value = read_file(text).map_err(|error| AttributesFileError::Read { line, error })?;
            let entry = value.as_object().and_then(line_of).ok_or(AttributesFileError::Shape { line })?;
            known.insert(entry.0.to_owned(), Arc::new(Attributes::from(entry.1.clone()).into_owned()));
        }
        Ok(MemoryAttributes(known))
    }

    /// Puts a user's attributes in place of those there were.
    pub fn insert(&mut self, audid: impl Into<String>, attributes: Attributes<'static>) {
        self.0.insert(audid.into(), Arc::new(attributes));
    }

    /// The user's attributes; nobody's are empty.
    #[must_use]
    pub fn get(&self, audid: &str) -> Arc<Attributes<'static>> {
        self.0.get(audid).cloned().unwrap_or_default()
    }

    /// How many users are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Without the mark that some editors write in front of UTF-8.
fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// The lines, numbered from 1.
fn lines(json: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    (1..).zip(json.split(|byte| *byte == b'\n'))
}

/// The user of a line `{"audid":…,"attributes":{…}}`.
fn line_of<'r, 'a>(line: &'r Object<'a>) -> Option<(&'r str, &'r Object<'a>)> {
    Some((line.get("audid")?.as_id()?, line.get("attributes")?.as_object()?))
}

/// The same error with its line, and its byte counted within that.
fn within_its_line(mut error: ReadError, json: &[u8]) -> AttributesFileError {
    let mut line = 1;
    if let ReadError::TooDeep { at }
    | ReadError::DoubledMember { at }
    | ReadError::LoneSurrogate { at }
    | ReadError::NotJson { at, .. } = &mut error
    {
        let before = json.get(..*at).unwrap_or(json);
        line += before.iter().filter(|byte| **byte == b'\n').count();
        *at = before.iter().rev().take_while(|byte| **byte != b'\n').count();
    }
    AttributesFileError::Read { line, error }
}

/// On which line the outer object's member in this place (from 0) has its `:`. The text is JSON.
fn line_of_member(json: &[u8], place: usize) -> usize {
    let (mut line, mut depth, mut place) = (1, 0_usize, place);
    let (mut quoted, mut escaped) = (false, false);
    for byte in json {
        match byte {
            b'\n' => line += 1,
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b':' if depth == 1 && place == 0 => break,
            b',' if depth == 1 => place = place.saturating_sub(1),
            _ => {}
        }
    }
    line
}

impl fmt::Debug for MemoryAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryAttributes({} users)", self.0.len())
    }
}

impl AttributeSource for MemoryAttributes {
    fn fetch<'a>(&'a self, user: &'a UserParam<'a>, _names: &'a [&'a str]) -> Fetched<'a> {
        Box::pin(async move { Ok(self.get(user.audid())) })
    }
}
