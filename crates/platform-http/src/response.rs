//! Replies: whole in memory, or piece by piece.

use std::fmt;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderValue, Version};
use tracing::Instrument;

use crate::call::Call;
use crate::error::{ErrorKind, TransportError};
use crate::flight::Flight;

/// A complete reply; redirects and error statuses as well. `Debug` shows neither header values nor body.
#[non_exhaustive]
pub struct Response {
    /// The HTTP status, such as 200.
    pub status: u16,
    /// The `Content-Type` as sent, if it is text.
    pub content_type: Option<String>,
    /// All headers.
    pub headers: HeaderMap,
    /// The body's bytes as received.
    pub body: Bytes,
    /// The record of the call in `tracing`; dropping it closes the record.
    pub call: Call,
}

impl Response {
    /// A reply that did not come from the network, for tests of those who read replies.
    #[must_use]
    pub fn new(status: u16, content_type: Option<&str>, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            content_type: content_type.map(str::to_owned),
            headers: HeaderMap::new(),
            body: body.into(),
            call: Call::detached(),
        }
    }

    /// Whether the status is 200 to 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A reply whose body is still to be read, piece by piece: for files.
#[non_exhaustive]
pub struct StreamingResponse {
    /// The HTTP status, such as 200.
    pub status: u16,
    /// The `Content-Type` as sent, if it is text.
    pub content_type: Option<String>,
    /// All headers.
    pub headers: HeaderMap,
    /// The announced length of the body in bytes.
    pub content_length: Option<u64>,
    /// Whether the reply leaves it to the end of the connection to say where its body ends: then a body that was cut off
    /// looks complete (RFC 9112 §6.3).
    pub ends_with_connection: bool,
    inner: reqwest::Response,
    flight: Flight,
    max_body: usize,
    ended: bool,
}

impl StreamingResponse {
    pub(crate) fn new(mut inner: reqwest::Response, mut flight: Flight, max_body: usize) -> Self {
        let status = inner.status().as_u16();
        flight.head(status);
        let headers = std::mem::take(inner.headers_mut());
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let content_length = inner.content_length();
        // HTTP/2 says itself where a body ends (RFC 9113 §8.1).
        let one = inner.version() <= Version::HTTP_11;
        let ends_with_connection = one && content_length.is_none() && !is_chunked(&headers);
        Self {
            status,
            content_type,
            headers,
            content_length,
            ends_with_connection,
            inner,
            flight,
            max_body,
            ended: false,
        }
    }

    /// The next piece of the body; `None` when it is complete. Read and total timeouts hold for every piece.
    ///
    /// # Errors
    /// [`ErrorKind::Cut`] when the connection ends early, [`ErrorKind::Timeout`], [`ErrorKind::Protocol`]. The pieces
    /// received so far are not the whole body then. After an error, `None` follows.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        if self.ended {
            return Ok(None);
        }
        let span = self.flight.call.span().clone();
        let piece = self.flight.next_piece(&mut self.inner).instrument(span).await;
        self.ended = !matches!(piece, Ok(Some(_)));
        piece
    }

    /// Reads the rest of the body into memory, within the client's limit.
    ///
    /// # Errors
    /// As [`Self::chunk`], and [`ErrorKind::TooLarge`].
    pub async fn collect(mut self) -> Result<Response, TransportError> {
        let limit = self.max_body;
        let announced = self.content_length.map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
        if announced > limit {
            return Err(self.flight.fail(ErrorKind::TooLarge { limit }));
        }
        let mut body = BytesMut::new();
        while let Some(piece) = self.chunk().await? {
            if piece.len() > limit.saturating_sub(body.len()) {
                return Err(self.flight.fail(ErrorKind::TooLarge { limit }));
            }
            body.extend_from_slice(&piece);
        }
        let Self { status, content_type, headers, flight, .. } = self;
        Ok(Response { status, content_type, headers, body: body.freeze(), call: flight.call })
    }

    pub(crate) fn fail(&mut self, kind: ErrorKind) -> TransportError {
        self.flight.fail(kind)
    }

    /// The record of the call in `tracing`.
    #[must_use]
    pub fn call(&self) -> &Call {
        &self.flight.call
    }
}

/// RFC 9112 §6.3: only where `chunked` is the last coding does the body say itself where it ends. `Connection` says
/// nothing about that.
fn is_chunked(headers: &HeaderMap) -> bool {
    let last = headers.get_all(TRANSFER_ENCODING).iter().next_back().map(HeaderValue::as_bytes);
    let last = last.and_then(|codings| codings.rsplit(|&byte| byte == b',').next());
    last.is_some_and(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"chunked"))
}

impl fmt::Debug for StreamingResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamingResponse")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("content_length", &self.content_length)
            .finish_non_exhaustive()
    }
}
