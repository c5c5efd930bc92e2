//! What a client's call can end with.

use std::sync::Arc;

use platform_http::system::EntropyError;
use platform_http::{ConfigError, Outcome, Response, TransportError};

use crate::{InputError, Refusal, ReplyError};

/// Why a call brought no result, by whose fault. No variant holds a secret, a signature or a body.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The caller's input.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The caller's configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No host configured for this operation.
    #[error("no {0} host is configured")]
    NoHost(&'static str),
    /// The machine gives no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// No token or ticket to call with. The call was not carried out: not sent, or refused for its ticket before.
    #[error("no credentials ({step}): {cause}")]
    Credentials {
        /// `access_token` or `api_ticket`.
        step: &'static str,
        /// Why not; everybody who waited for them is told the same.
        cause: Arc<Self>,
    },
    /// The task that fetched credentials ended before its time: the runtime was shut down, or a clock or a source of
    /// entropy of the caller's panicked.
    #[error("the fetch was interrupted: is the runtime shutting down?")]
    Interrupted,
    /// The way to the platform and back.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The platform answered and refused.
    #[error("webank {0}")]
    Refused(Refusal),
    /// The platform, or something on the way, answered something else than documented. What became of the call is not
    /// known.
    #[error("webank answered HTTP {status}: {reason}; ask the bank what became of the call")]
    NotUnderstood {
        /// HTTP status.
        status: u16,
        /// What is wrong with the reply.
        reason: ReplyError,
    },
    /// The caller's own writer failed while a file was received.
    #[error("the file cannot be written")]
    Write(#[source] std::io::Error),
}

impl Error {
    pub(super) fn not_understood(response: &Response, reason: ReplyError) -> Self {
        Self::NotUnderstood { status: response.status, reason }
    }

    /// May the platform have carried the call out? [`Outcome::NotSent`] also where it is documented to refuse before it
    /// does anything; a code that nobody has told us of is [`Outcome::Unknown`].
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Transport(error) => error.outcome(),
            Self::NotUnderstood { .. } | Self::Write(_) => Outcome::Unknown,
            Self::Refused(refusal) if !refusal.code.is_refused_unprocessed() => Outcome::Unknown,
            _ => Outcome::NotSent,
        }
    }

    /// The refusal, where the platform answered with one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Credentials { cause, .. } => cause.refusal(),
            _ => None,
        }
    }

    /// Was the token refused, with which a ticket was asked for?
    pub(super) fn token_refused(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.code.invalidates_token())
    }

    /// Was the ticket refused before the call was processed?
    pub(super) fn ticket_refused(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.code.invalidates_ticket())
    }
}
