//! One call under way: its time limits, its progress, and the errors it may end with.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use crate::call::Call;
use crate::classify::classify;
use crate::error::{ConnectFault, ErrorKind, Outcome, Phase, Target, TransportError};
use crate::identity::Shown;
use crate::outgoing::Progress;

/// How a call goes out: its time limits, and what tells one error from another.
pub(crate) struct Way {
    pub(crate) connect: Duration,
    pub(crate) read: Duration,
    pub(crate) total: Option<Duration>,
    /// TLS with the platform itself.
    pub(crate) https: bool,
    pub(crate) proxied: bool,
    /// The client certificate.
    pub(crate) identity: Arc<Shown>,
}

/// A call under way.
pub(crate) struct Flight {
    pub(crate) call: Call,
    progress: Arc<Progress>,
    target: Target,
    way: Way,
    /// `None` when there is no total limit, or it lies beyond what the clock can count.
    deadline: Option<Instant>,
    status: Option<u16>,
    bytes_in: u64,
}

impl Flight {
    pub(crate) fn begin(call: Call, progress: Arc<Progress>, target: Target, way: Way) -> Self {
        let deadline = way.total.and_then(|total| Instant::now().checked_add(total));
        Self { call, progress, target, way, deadline, status: None, bytes_in: 0 }
    }

    /// The reply's head is here.
    pub(crate) fn head(&mut self, status: u16) {
        self.status = Some(status);
        self.call.head(status);
    }

    /// Waits for the reply's head.
    pub(crate) async fn answer(
        &mut self,
        sending: impl Future<Output = Result<reqwest::Response, reqwest::Error>>,
    ) -> Result<reqwest::Response, TransportError> {
        let mut sending = pin!(sending);
        loop {
            // Before the request is being written, the connector's own limit holds.
            let since = self.progress.latest().unwrap_or_else(Instant::now);
            match self.wait(since, sending.as_mut()).await {
                Ok(Ok(response)) => return Ok(response),
                Ok(Err(error)) => return Err(self.lost(&error)),
                Err(phase @ (Phase::Total | Phase::Connect)) => return Err(self.late(phase)),
                // Silence only if the network took no piece of the request meanwhile.
                Err(Phase::Read) => {
                    if self.progress.latest() == Some(since) {
                        return Err(self.late(Phase::Read));
                    }
                }
            }
        }
    }

    /// Waits for the next piece of the reply's body.
    pub(crate) async fn next_piece(
        &mut self,
        response: &mut reqwest::Response,
    ) -> Result<Option<Bytes>, TransportError> {
        match self.wait(Instant::now(), response.chunk()).await {
            Ok(Ok(Some(piece))) => {
                let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
                self.bytes_in = self.bytes_in.saturating_add(length);
                Ok(Some(piece))
            }
            Ok(Ok(None)) => {
                self.call.answered(self.progress.bytes(), self.bytes_in);
                Ok(None)
            }
            Ok(Err(error)) => Err(self.lost(&error)),
            Err(phase) => Err(self.late(phase)),
        }
    }

    /// Ends the call with an error.
    pub(crate) fn fail(&mut self, kind: ErrorKind) -> TransportError {
        // A proxy that refuses has passed nothing on. Nor has a platform read anything that refuses our certificate:
        // under TLS 1.3 we write before we learn of it, but there these alerts end a handshake that on the platform's
        // side never succeeded (RFC 8446 §4.4.2.4, §6.2). Unless an answer had begun.
        let refused =
            matches!(kind, ErrorKind::Proxy(_)) || (kind.is_about_identity() && self.status.is_none());
        let outcome = if self.progress.begun() && !refused { Outcome::Unknown } else { Outcome::NotSent };
        let error =
            TransportError { kind, outcome, target: Box::new(self.target.clone()), status: self.status };
        self.call.failed(&error, self.progress.bytes(), self.bytes_in);
        error
    }

    fn lost(&mut self, error: &reqwest::Error) -> TransportError {
        let kind = match classify(error, &self.way) {
            _ if self.progress.source_failed() => ErrorKind::RequestBody,
            // The connection stood for a moment, and was gone before the request was written.
            ErrorKind::Cut if !self.progress.begun() => ErrorKind::Connect(ConnectFault::Closed),
            kind => kind,
        };
        self.fail(kind)
    }

    fn late(&mut self, phase: Phase) -> TransportError {
        let limit = match phase {
            Phase::Connect => self.way.connect,
            Phase::Read => self.way.read,
            Phase::Total => self.way.total.unwrap_or(Duration::MAX),
        };
        self.fail(ErrorKind::Timeout { phase, limit })
    }

    /// Waits until the future is done, the silence since `since` has been too long, or the whole call has.
    async fn wait<T>(&self, since: Instant, future: impl Future<Output = T>) -> Result<T, Phase> {
        let silence = since.checked_add(self.way.read);
        let (until, phase) = match (silence, self.deadline) {
            (Some(silence), Some(deadline)) if silence < deadline => (silence, Phase::Read),
            (_, Some(deadline)) => (deadline, Phase::Total),
            (Some(silence), None) => (silence, Phase::Read),
            (None, None) => return Ok(future.await),
        };
        timeout_at(until, future).await.map_err(|_| phase)
    }
}
