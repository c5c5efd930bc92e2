//! What somebody who needs credentials is told.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sign_core::UnixMillis;

use super::{Credentials, Writer};

/// What a reader needs: made by [`Coordinator::want`](super::Coordinator::want).
#[derive(Debug, Clone, Copy)]
pub struct Want {
    /// Newer than the pair with this serial number: it was refused.
    pub(super) after: Option<u64>,
    /// How many fetches had failed when the reader asked.
    pub(super) failures_before: u64,
}

/// What a reader is told.
#[derive(Debug, Clone)]
pub enum Verdict<E> {
    /// Use these.
    Ready(Arc<Credentials>),
    /// They are being fetched: ask again when the coordinator has moved on.
    Wait,
    /// They cannot be had.
    Failed(Failure<E>),
}

/// Why there are no credentials.
#[derive(Debug, Clone)]
pub enum Failure<E> {
    /// The platform did not grant them, or could not be reached.
    Fetch {
        /// `access_token` or `api_ticket`.
        step: &'static str,
        /// Why not.
        cause: E,
    },
    /// The shared store failed, and without it nobody may fetch: that would kick out those who still reach it.
    Store(E),
    /// Somebody outside fetches, and it is too early to fetch back.
    Kicked(Kick),
}

/// Credentials were refused although they are fresh and nobody who shares them has fetched since: somebody outside has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kick {
    /// The generation that was refused.
    pub generation: u64,
    /// How old it was.
    pub age: Duration,
    /// Who of ours fetched it.
    pub writer: Writer,
    /// When, by that process's clock.
    pub fetched_at: UnixMillis,
    /// From when on a refusal may cause the next fetch.
    pub retry_at: UnixMillis,
}

impl fmt::Display for Kick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { generation, age, writer, fetched_at, .. } = self;
        write!(
            f,
            "generation {generation} was refused at the age of {} s and nobody who shares it has fetched since; the \
             last of ours to fetch was {writer} at {fetched_at} (ms since 1970)",
            age.as_secs()
        )
    }
}
