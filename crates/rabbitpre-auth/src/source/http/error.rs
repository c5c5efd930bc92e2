//! What can go wrong with an endpoint, and whose fault it is.

use std::time::Duration;

use platform_http::{ConfigError, TransportError};

use crate::json::ReadError;

/// The settings of an [`HttpAttributes`](crate::HttpAttributes) are wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpSettingError {
    /// The address, or another setting of the client.
    #[error(transparent)]
    Client(#[from] ConfigError),
    /// The address's query.
    #[error("the query of the attribute endpoint is not encoded; percent-encode its names and values")]
    Query,
    /// The token.
    #[error(
        "the token for the attribute endpoint is empty, or holds blanks, line breaks or characters beyond ASCII; \
         check where it comes from"
    )]
    Token,
}

/// An endpoint gave no attributes. It shows the address without its query, and nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpAttributesError {
    /// Too many questions were under way, and none ended in time.
    #[error(
        "no place was free within {deadline:?} to ask the attribute endpoint `{at}`; it answers too slowly for so many \
         checks"
    )]
    Busy {
        /// The address.
        at: String,
        /// The deadline.
        deadline: Duration,
    },
    /// The way there failed, or no answer came in time.
    #[error("the attribute endpoint gave no answer: {0}")]
    Transport(#[source] TransportError),
    /// Neither 2xx nor 404.
    #[error("the attribute endpoint `{at}` answered status {status}; {}", advice(*status))]
    Status {
        /// The address.
        at: String,
        /// The status.
        status: u16,
    },
    /// The answer is not JSON, too large or too deep, or names a member twice.
    #[error("the answer of the attribute endpoint `{at}` cannot be read: {error}")]
    Unreadable {
        /// The address.
        at: String,
        /// What is wrong; never holds any of the answer.
        #[source]
        error: ReadError,
    },
    /// The answer is no object.
    #[error(
        "the answer of the attribute endpoint `{at}` is not understood: it is no object from name to value; see to the \
         endpoint"
    )]
    NotAnObject {
        /// The address.
        at: String,
    },
    /// The answer has a `code` of its own, or `attributes` that are no object, and no attribute that was asked for.
    #[error(
        "the attribute endpoint `{at}` answered without attributes, with a `code` or with `attributes` that are no object; \
         let it answer an object from name to value, `{{}}` for a user without any, and another status than 2xx when it \
         failed"
    )]
    Envelope {
        /// The address.
        at: String,
    },
}

const fn advice(status: u16) -> &'static str {
    match status {
        300..400 => "give the address it leads to, no redirect is followed",
        401 | 403 => "check the token it is shown",
        429 | 503 => "it takes fewer questions than there are checks",
        400..500 => "it does not take such questions; check the address and what it expects",
        _ => "look after it, the check can be repeated",
    }
}
