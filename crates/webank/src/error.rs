//! What can go wrong, by whose fault it is.

use std::fmt;

use sign_core::shown;

use crate::Code;

/// The caller's input cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// A required value is empty.
    #[error("`{0}` is required and empty")]
    Empty(&'static str),
    /// An app id under which no shared credentials can be kept.
    #[error("app id `{}` is longer than 400 bytes or holds control characters", shown(.0))]
    AppId(String),
    /// A policy of the client that makes no sense.
    #[error("policy: {0}")]
    Policy(&'static str),
    /// The body is signed as text, so it must be one.
    #[error("the body is not UTF-8 from byte {at}: the platform signs it as UTF-8 text")]
    BodyNotUtf8 {
        /// Offset of the first byte that is no UTF-8.
        at: usize,
    },
    /// A path that cannot be put into a URL as it is.
    #[error("path `{}` is not a plain path like `/api/s/area/code`: no query, no space, ASCII only", shown(.0))]
    Path(String),
    /// A file type or format is not of the documented shape.
    #[error("{what} `{value}` is not {shape}")]
    FileParameter {
        /// Which parameter.
        what: &'static str,
        /// What was given.
        value: String,
        /// What it should be.
        shape: &'static str,
    },
    /// A text that must hold JSON does not.
    #[error("`{what}` is not JSON (line {line}, column {column})")]
    NotJson {
        /// Which one.
        what: &'static str,
        /// Line in the text, from 1.
        line: usize,
        /// Column in the line, from 1.
        column: usize,
    },
    /// A typed request body could not be written as JSON.
    #[error("the request cannot be written as JSON: {0}")]
    Serialise(String),
}

/// The bank's serial numbers, by which it finds one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Serials {
    /// `BizSeqNo`.
    pub biz_seq_no: Option<String>,
    /// `ConsumerSeqNo`, also printed `ConsumerseqNo`.
    pub consumer_seq_no: Option<String>,
}

impl fmt::Display for Serials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BizSeqNo {}", serial(self.biz_seq_no.as_deref().unwrap_or("none")))?;
        match &self.consumer_seq_no {
            Some(number) => write!(f, ", ConsumerSeqNo {}", serial(number)),
            None => Ok(()),
        }
    }
}

/// A serial number, or the id or hash of a file, as it came, but for what would forge a line in a log: the bank's own
/// handles say nothing about a person.
pub(crate) fn serial(number: &str) -> impl fmt::Display {
    number.chars().take(64).flat_map(char::escape_debug).collect::<String>()
}

/// The platform answered, and refused. Shows the platform's words cut and tamed; [`Refusal::msg`] has them as they came.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The code.
    pub code: Code,
    /// The platform's own words.
    pub msg: String,
    /// For the bank's support.
    pub serials: Serials,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with {}", self.code)?;
        if !self.msg.is_empty() && Some(self.msg.as_str()) != self.code.meaning() {
            write!(f, " (`{}`)", shown(&self.msg))?;
        }
        write!(f, "; {}; {}", self.serials, self.code.advice())
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({self})")
    }
}

/// A reply that was not a success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// Not JSON of the documented shape.
    #[error("the reply is not the documented JSON (line {line}, column {column})")]
    NotJson {
        /// Line in the reply, from 1.
        line: usize,
        /// Column in the line, from 1.
        column: usize,
    },
    /// A member that a success must have is missing or malformed.
    #[error("the reply's `{0}` is missing or not of the documented shape")]
    Member(&'static str),
    /// Another content type than was asked for, and so not the file.
    #[error("the reply is `{}`, not the `{}` that was asked for", shown(.got), shown(.wanted))]
    ContentType {
        /// Asked for.
        wanted: String,
        /// What came; empty where none was named.
        got: String,
    },
    /// A success before the content had been sent whole: something on the way answered in the platform's place.
    #[error("the reply came before the file had been sent whole: look for a proxy or gateway on the way")]
    TooEarly,
    /// The reply announces no length, so that its end cannot be told from a cut connection, and its hash does not prove
    /// it whole either.
    #[error("the reply does not say where it ends, and the hash does not prove that it came whole")]
    Unbounded,
    /// JSON as documented, under an HTTP status that does not go with it: from something on the way.
    #[error("the reply does not go with its HTTP status: look for a proxy or gateway on the way")]
    Status,
    /// Refused.
    #[error("{0}")]
    Refused(Refusal),
}

impl ReplyError {
    /// The parser's own message may quote the reply, so only the place is kept.
    pub(crate) fn not_json(error: &serde_json::Error) -> Self {
        Self::NotJson { line: error.line(), column: error.column() }
    }
}
