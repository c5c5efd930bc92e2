//! What the platforms received, for the tests of those who sent it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use sign_core::UnixMillis;

use crate::params::Params;
use crate::{FaultKind, Operation, Platform};

/// One request that arrived, and what became of it. `Debug` shows neither values of the query nor the body.
#[derive(Clone)]
#[non_exhaustive]
pub struct Received {
    /// Counts all requests of the sandbox, from 1.
    pub number: u64,
    /// The sandbox's time.
    pub at: UnixMillis,
    /// Whose address it came to.
    pub platform: Platform,
    /// What was asked; [`None`] for an address that the platform does not have.
    pub operation: Option<Operation>,
    /// `GET`, `POST`, ….
    pub method: String,
    /// The path, encoded as it travelled.
    pub path: String,
    /// The query, encoded as it travelled, without the `?`. May hold secrets.
    pub query: String,
    /// The `Content-Type`, if there was one.
    pub content_type: Option<String>,
    /// The body, unless it was longer than the log keeps, streamed, or never read. May hold personal data.
    pub body: Option<Bytes>,
    /// The HTTP status that the platform answered, or would have but for the fault.
    pub status: Option<u16>,
    /// The platform's own code in the answer.
    pub code: Option<String>,
    /// Why the platform refused: English, without personal data.
    pub reason: Option<String>,
    /// Which mistake makes the signature that was refused; [`None`] where none was examined. English, without values.
    pub diagnosis: Option<String>,
    /// The fault that met it.
    pub fault: Option<FaultKind>,
}

impl Received {
    /// The decoded value of a parameter of the query.
    #[must_use]
    pub fn query_value(&self, name: &str) -> Option<String> {
        let params = Params::parse(&self.query).ok()?;
        params.has(name).then(|| params.get(name).to_owned())
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("number", &self.number)
            .field("at", &self.at)
            .field("platform", &self.platform)
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &format_args!("‹{} B›", self.query.len()))
            .field("content_type", &self.content_type)
            .field("body", &self.body.as_ref().map(|body| format!("‹{} B›", body.len())))
            .field("status", &self.status)
            .field("code", &self.code)
            .field("reason", &self.reason)
            .field("diagnosis", &self.diagnosis)
            .field("fault", &self.fault)
            .finish()
    }
}

/// How much of what was received is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLimits {
    /// The newest so many requests. Default: 1000.
    pub requests: usize,
    /// Bodies up to so many bytes. Default: 64 KiB.
    pub body: usize,
}

impl Default for LogLimits {
    fn default() -> Self {
        Self { requests: 1000, body: 64 * 1024 }
    }
}

#[derive(Debug)]
pub(crate) struct Log {
    limits: LogLimits,
    entries: Mutex<(u64, VecDeque<Received>)>,
}

impl Log {
    pub(crate) fn new(limits: LogLimits) -> Self {
        Self { limits, entries: Mutex::new((0, VecDeque::new())) }
    }

    /// The body, if it is short enough to be kept.
    pub(crate) fn keep(&self, body: &Bytes) -> Option<Bytes> {
        (body.len() <= self.limits.body).then(|| body.clone())
    }

    /// Writes an entry and gives it its number.
    pub(crate) fn write(&self, mut entry: Received) -> u64 {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.0 += 1;
        entry.number = entries.0;
        entries.1.push_back(entry);
        while entries.1.len() > self.limits.requests {
            entries.1.pop_front();
        }
        entries.0
    }

    pub(crate) fn all(&self) -> Vec<Received> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).1.iter().cloned().collect()
    }

    pub(crate) fn count(&self) -> u64 {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).0
    }
}
