//! Where users' attributes come from (SPEC.md §4, §4.10 Attributes).

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::attributes::Attributes;
use crate::json::{ReadError, read_file};
use crate::settings::Pending;
use crate::value::{Object, Value};
use crate::wire::UserParam;

/// What a source answers, some time.
pub type Fetched<'a> = Pending<'a, Result<Arc<Attributes<'static>>, Box<dyn Error + Send + Sync>>>;

/// Knows users' attributes: a database, a file, a service of the company's own.
pub trait AttributeSource: Send + Sync {
    /// What is known about the user, who is asked for by [`UserParam::audid`].
    ///
    /// Only `names` are needed; more may be answered. A user nobody knows has no attributes. It must not block
    /// the thread: the deadline passes only where the future waits.
    ///
    /// # Errors
    /// Anything; the check is then denied as not decidable. The error's text must hold nothing personal.
    fn fetch<'a>(&'a self, user: &'a UserParam<'a>, names: &'a [&'a str]) -> Fetched<'a>;
}

/// Attributes in memory: audid → attributes.
#[derive(Default, Clone)]
pub struct MemoryAttributes(HashMap<String, Arc<Attributes<'static>>>);

/// A file that does not hold attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
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
    #[error("the attributes of the user in place {user} are no object from name to value")]
    User {
        /// Place within the object, from 1; the id itself is personal data.
        user: usize,
    },
}

impl MemoryAttributes {
    /// Reads one JSON object audid → attributes, or JSON lines `{"audid":…,"attributes":{…}}`.
    ///
    /// # Errors
    /// [`AttributesFileError`], with the line or the user's place.
    pub fn parse(json: &[u8]) -> Result<Self, AttributesFileError> {
        match read_file(json) {
            Ok(Value::Object(users)) if line_of(&users).is_none() => Self::of_object(users),
            Ok(Value::Object(_)) => Self::of_lines(json),
            Ok(_) => Err(AttributesFileError::Shape { line: 1 }),
            // Several lines are no single value; then each line is judged for itself.
            Err(_) => Self::of_lines(json),
        }
    }

    fn of_object(users: Object<'_>) -> Result<Self, AttributesFileError> {
        let mut known = HashMap::with_capacity(users.len());
        for (at, (audid, attributes)) in users.iter().enumerate() {
            let attributes = attributes.as_object().ok_or(AttributesFileError::User { user: at + 1 })?;
            known.insert(audid.to_owned(), Arc::new(Attributes::from(attributes.clone()).into_owned()));
        }
        Ok(MemoryAttributes(known))
    }

    fn of_lines(json: &[u8]) -> Result<Self, AttributesFileError> {
        let mut known = HashMap::new();
        for (line, text) in (1..).zip(json.split(|byte| *byte == b'\n')) {
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
}

/// The user of a line `{"audid":…,"attributes":{…}}`.
fn line_of<'r, 'a>(line: &'r Object<'a>) -> Option<(&'r str, &'r Object<'a>)> {
    Some((line.get("audid")?.as_id()?, line.get("attributes")?.as_object()?))
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

impl<S: AttributeSource + ?Sized> AttributeSource for Arc<S> {
    fn fetch<'a>(&'a self, user: &'a UserParam<'a>, names: &'a [&'a str]) -> Fetched<'a> {
        (**self).fetch(user, names)
    }
}
