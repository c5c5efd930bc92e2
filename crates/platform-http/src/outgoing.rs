//! A request body on its way, and the watch over how far it has come.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

use crate::body::{Body, BodyStream, Content};

/// Large bodies are handed on in pieces of this size, so that every piece the network takes counts as progress.
const PIECE: usize = 64 * 1024;

/// What is known about a request under way; shared by the body and the one who waits.
#[derive(Default)]
pub(crate) struct Progress {
    /// When the request began to be written, and the milliseconds from then to the latest piece.
    begun: OnceLock<Instant>,
    latest: AtomicU64,
    bytes: AtomicU64,
    source_failed: AtomicBool,
}

impl Progress {
    /// Whether a byte of the request may have left. hyper asks a body whether it is empty right before it writes the
    /// request's head, over HTTP/1 as over HTTP/2, and never before it has a connection.
    pub(crate) fn begun(&self) -> bool {
        self.begun.get().is_some()
    }

    /// When the network last took something.
    pub(crate) fn latest(&self) -> Option<Instant> {
        let begun = *self.begun.get()?;
        begun.checked_add(Duration::from_millis(self.latest.load(Ordering::Relaxed)))
    }

    /// Bytes of the body handed to the network.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether the caller's own stream failed.
    pub(crate) fn source_failed(&self) -> bool {
        self.source_failed.load(Ordering::Relaxed)
    }

    fn mark(&self) {
        let begun = self.begun.get_or_init(Instant::now);
        let since = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.latest.store(since, Ordering::Relaxed);
    }

    fn gave(&self, piece: &Bytes) {
        self.bytes.fetch_add(u64::try_from(piece.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// The body that hyper reads.
pub(crate) struct Outgoing {
    content: Pending,
    progress: Arc<Progress>,
}

enum Pending {
    Bytes(Bytes),
    /// The mutex is never locked (`get_mut` only): it makes a `Send` stream `Sync`, which reqwest wants.
    Stream {
        stream: Mutex<BodyStream>,
        left: Option<u64>,
    },
}

impl Outgoing {
    pub(crate) fn new(body: Body, progress: Arc<Progress>) -> Self {
        let content = match body.0 {
            Content::Bytes(bytes) => Pending::Bytes(bytes),
            Content::Stream { stream, length } => {
                Pending::Stream { stream: Mutex::new(stream), left: length }
            }
        };
        Self { content, progress }
    }
}

/// The caller's stream failed or did not keep to its length. Carries no text: an `io::Error` may name anything.
#[derive(Debug, thiserror::Error)]
#[error("the request body could not be read")]
pub(crate) struct SourceFailed;

impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = SourceFailed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, SourceFailed>>> {
        let this = &mut *self;
        this.progress.mark();
        match &mut this.content {
            Pending::Bytes(bytes) => {
                if bytes.is_empty() {
                    return Poll::Ready(None);
                }
                let piece = bytes.split_to(PIECE.min(bytes.len()));
                this.progress.gave(&piece);
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Pending::Stream { stream, left } => {
                let stream = stream.get_mut().unwrap_or_else(PoisonError::into_inner);
                let next = ready!(stream.as_mut().poll_next(context));
                let kept = match (&next, left) {
                    (Some(Err(_)), _) => false,
                    (None, Some(left)) => *left == 0,
                    (Some(Ok(piece)), Some(left)) => {
                        let rest = u64::try_from(piece.len()).ok().and_then(|took| left.checked_sub(took));
                        *left = rest.unwrap_or(0);
                        rest.is_some()
                    }
                    (None | Some(Ok(_)), None) => true,
                };
                if !kept {
                    this.progress.source_failed.store(true, Ordering::Relaxed);
                    return Poll::Ready(Some(Err(SourceFailed)));
                }
                let Some(Ok(piece)) = next else { return Poll::Ready(None) };
                this.progress.gave(&piece);
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.progress.mark();
        match &self.content {
            Pending::Bytes(bytes) => bytes.is_empty(),
            Pending::Stream { left, .. } => *left == Some(0),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Pending::Bytes(bytes) => u64::try_from(bytes.len()).ok(),
            Pending::Stream { left, .. } => *left,
        }
        .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
