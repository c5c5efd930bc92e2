//! Why a store could not do what was asked.

use std::fmt;

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The store cannot be reached or did not answer in time: try again later.
    Unavailable,
    /// The store refuses us: no right to the file, wrong password, disk full, read only.
    Refused,
    /// What is there was not written by us, or is broken: nothing was changed.
    Corrupted,
    /// What is there was written by a newer version of this software: nothing was changed.
    Newer,
    /// The address or a setting is wrong: the caller's input.
    Input,
}

/// Why a store could not do what was asked. Holds neither values nor passwords.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{store}: {reason}")]
pub struct StateError {
    kind: ErrorKind,
    store: String,
    reason: String,
}

impl StateError {
    /// An error of a store, which is shown as `store: reason`. `store` is the store's name without a password, `reason`
    /// says what happened and what to do about it.
    pub fn new(kind: ErrorKind, store: impl fmt::Display, reason: impl fmt::Display) -> Self {
        Self { kind, store: store.to_string(), reason: reason.to_string() }
    }

    /// Whose fault it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}
