//! The span around one call, and what may stand in it.

use std::fmt;
use std::time::Instant;

use tracing::Span;
use tracing::field::Empty;

use crate::error::{Target, TransportError};

/// The record of one call in `tracing`: a span named `call` with `platform`, `operation`, `method`, `host`, `path`,
/// `status`, `bytes_out`, `bytes_in`, `duration_ms`, `code` and `serial`. One event closes it: a warning when the
/// way failed, otherwise a debug event when this value is dropped, so that the protocol crate can record the
/// platform's code and serial number first.
pub struct Call {
    span: Span,
    started: Instant,
    state: State,
}

#[derive(PartialEq)]
enum State {
    /// No complete answer yet; to drop it now is to abandon the call.
    Open,
    Answered,
    Failed,
    /// Made without a call on the network.
    Detached,
}

/// Longest code or serial number that is recorded, in characters.
const LONGEST: usize = 64;

impl Call {
    pub(crate) fn open(platform: &str, operation: &str, target: &Target) -> Self {
        // A span of level `warn` is present whenever its warnings are.
        let span = tracing::warn_span!(
            "call",
            platform,
            operation,
            method = target.method.as_str(),
            host = target.host,
            path = target.path,
            status = Empty,
            bytes_out = Empty,
            bytes_in = Empty,
            duration_ms = Empty,
            code = Empty,
            serial = Empty,
        );
        Self { span, started: Instant::now(), state: State::Open }
    }

    pub(crate) fn detached() -> Self {
        Self { span: Span::none(), started: Instant::now(), state: State::Detached }
    }

    /// The span, for events that belong to this call.
    #[must_use]
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// Records the platform's own code.
    pub fn record_code(&self, code: &str) {
        self.span.record("code", tracing::field::display(Tame(code)));
    }

    /// Records the platform's serial number, for questions to the platform.
    pub fn record_serial(&self, serial: &str) {
        self.span.record("serial", tracing::field::display(Tame(serial)));
    }

    pub(crate) fn head(&self, status: u16) {
        self.span.record("status", status);
    }

    pub(crate) fn answered(&mut self, bytes_out: u64, bytes_in: u64) {
        self.numbers(bytes_out, bytes_in);
        self.state = State::Answered;
    }

    pub(crate) fn failed(&mut self, error: &TransportError, bytes_out: u64, bytes_in: u64) {
        self.numbers(bytes_out, bytes_in);
        self.state = State::Failed;
        tracing::warn!(parent: &self.span, error = %error, "call failed");
    }

    fn numbers(&self, bytes_out: u64, bytes_in: u64) {
        let millis = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.span.record("bytes_out", bytes_out);
        self.span.record("bytes_in", bytes_in);
        self.span.record("duration_ms", millis);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        match self.state {
            State::Open => tracing::debug!(parent: &self.span, "call abandoned"),
            State::Answered => tracing::debug!(parent: &self.span, "call answered"),
            State::Failed | State::Detached => {}
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call")
    }
}

/// A short text of a platform: cut, and without characters that could forge a line of the log.
struct Tame<'a>(&'a str);

impl fmt::Display for Tame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.chars();
        for c in rest.by_ref().take(LONGEST) {
            fmt::Write::write_char(f, if c.is_ascii_graphic() { c } else { '?' })?;
        }
        if rest.next().is_some() { f.write_str("…") } else { Ok(()) }
    }
}
