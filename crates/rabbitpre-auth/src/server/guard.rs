//! The guard in front: nothing is signed, so a token says who may call (SPEC.md, head).

use std::fmt;

use axum::http::{HeaderValue, StatusCode};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The token that callers carry as `Authorization: Bearer …`. Wiped when dropped, never shown.
pub struct BearerToken(Zeroizing<String>);

/// An empty token would let everybody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bearer token is empty; set one, or leave the guard out")]
pub struct EmptyToken;

impl BearerToken {
    /// Takes a token; white space around it, as files end with, is not part of it.
    ///
    /// # Errors
    /// [`EmptyToken`].
    pub fn new(token: impl Into<String>) -> Result<Self, EmptyToken> {
        let given = Zeroizing::new(token.into());
        let token = given.trim();
        if token.is_empty() { Err(EmptyToken) } else { Ok(BearerToken(Zeroizing::new(token.to_owned()))) }
    }

    /// The status of the refusal; `None` if the header carries the token.
    pub(crate) fn refuses(&self, header: Option<&HeaderValue>) -> Option<StatusCode> {
        let Some((scheme, token)) = header.and_then(|value| value.as_bytes().split_at_checked(7)) else {
            return Some(StatusCode::UNAUTHORIZED);
        };
        // RFC 9110 §11.1: the scheme is read without regard to case
        if !scheme.eq_ignore_ascii_case(b"bearer ") {
            return Some(StatusCode::UNAUTHORIZED);
        }
        let same = token.trim_ascii().ct_eq(self.0.as_bytes());
        (!bool::from(same)).then_some(StatusCode::FORBIDDEN)
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken(..)")
    }
}
