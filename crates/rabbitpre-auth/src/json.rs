//! The strict reader: what is not JSON, too large, too deep or said twice is refused (SPEC.md §4.10, Limits).
//!
//! Written by hand, because three things must hold that `serde_json` does not give together: digits as
//! written, doubled members refused, and a depth of our choosing. A test holds it against `serde_json`.

mod build;
mod reader;
mod skip;

use crate::value::Value;

pub(crate) use reader::Reader;

/// The largest body, in bytes: 1 MiB (SPEC.md §4.10, Limits).
pub const MAX_BODY: usize = 1 << 20;

/// The deepest nesting; every list and object counts, the body is 1 (SPEC.md §4.10, Limits).
pub const MAX_DEPTH: usize = 64;

/// Why a body could not be read. Never holds any of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// More than [`MAX_BODY`] bytes.
    #[error("the body has more than {MAX_BODY} bytes; send less")]
    TooLarge,
    /// Lists and objects nested more than [`MAX_DEPTH`] deep.
    #[error("lists and objects are nested deeper than {MAX_DEPTH} at byte {at}; send a flatter body")]
    TooDeep {
        /// Byte offset of the list or object that is too deep.
        at: usize,
    },
    /// An object names a member twice (RP-8).
    #[error("the object that ends at byte {at} names a member twice; name it once")]
    DoubledMember {
        /// Byte offset of the object's end.
        at: usize,
    },
    /// A `\u` escape is half of a surrogate pair, without the other half.
    #[error(
        "the escape before byte {at} is half of a surrogate pair; write both halves, or the character itself"
    )]
    LoneSurrogate {
        /// Byte offset behind the escape.
        at: usize,
    },
    /// Not JSON, or not UTF-8.
    #[error("the body is not JSON at byte {at}: {what}")]
    NotJson {
        /// Byte offset where reading stopped.
        at: usize,
        /// What was wrong there.
        what: &'static str,
    },
}

/// Reads one JSON value; it borrows from the body wherever no escape had to be resolved.
///
/// # Errors
/// [`ReadError`]: too large, too deep, a doubled member, a lone surrogate, or not JSON at all.
pub fn read(body: &[u8]) -> Result<Value<'_>, ReadError> {
    if body.len() > MAX_BODY { Err(ReadError::TooLarge) } else { read_file(body) }
}

/// The same for a file that its owner wrote, which may be of any size.
pub(crate) fn read_file(json: &[u8]) -> Result<Value<'_>, ReadError> {
    let mut reader = Reader::new(json)?;
    let value = reader.value()?;
    reader.end()?;
    Ok(value)
}
