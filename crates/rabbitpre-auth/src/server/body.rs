//! The body of a request: at most a mebibyte of it, and all bodies together only so much.
//!
//! A place among the requests that are worked on covers the first 16 KiB of a body; what goes beyond takes from a room
//! that all large bodies share. So large ones never keep a small one out, and nobody waits for room: where there is none,
//! the answer is `503` at once.

use std::future::poll_fn;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use axum::http::{HeaderMap, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use crate::json::MAX_BODY;

/// The part of each body that needs no room, in bytes.
const SEAT: usize = 16 * 1024;
/// Room for all that goes beyond, in KiB: 48 MiB. With 1024 places of 16 KiB that makes 64 MiB.
const ROOM: usize = 48 * 1024;
/// How long, and how many bytes of it, a body that is refused is let in: a client that writes before it reads would not
/// see the answer if the connection were closed under its hands.
const POLITENESS: Duration = Duration::from_secs(1);
const POLITE_BYTES: usize = 32 * 1024 * 1024;

/// Why a body could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    TooLarge,
    BrokeOff,
    NoRoom,
}

/// Room for what is beyond the first 16 KiB of bodies.
#[derive(Debug, Clone)]
pub(super) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ROOM)))
    }
}

impl Room {
    /// Bytes that are taken now.
    pub(super) fn taken(&self) -> usize {
        ROOM.saturating_sub(self.0.available_permits()) * 1024
    }

    fn take(&self, kibibytes: usize) -> Result<OwnedSemaphorePermit, Fault> {
        let many = u32::try_from(kibibytes).map_err(|_| Fault::NoRoom)?;
        Arc::clone(&self.0).try_acquire_many_owned(many).map_err(|_| Fault::NoRoom)
    }
}

/// A whole body, and its share of the room until it is dropped.
pub(super) struct Held {
    bytes: Bytes,
    _share: Option<OwnedSemaphorePermit>,
}

impl Deref for Held {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// A body that fails as it likes.
pub(super) trait Incoming: HttpBody<Data = Bytes> + Send + Unpin + 'static {}
impl<B: HttpBody<Data = Bytes> + Send + Unpin + 'static> Incoming for B {}

/// The whole body, of at most [`MAX_BODY`] bytes. One that says itself that it is larger is not read at all.
pub(super) async fn whole<B: Incoming>(headers: &HeaderMap, mut body: B, room: &Room) -> Result<Held, Fault> {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok()).unwrap_or(0);
    let read = if length.max(body.size_hint().lower()) > u64::try_from(MAX_BODY).unwrap_or(u64::MAX) {
        Err(Fault::TooLarge)
    } else {
        collect(&mut body, room).await
    };
    if let Err(Fault::TooLarge | Fault::NoRoom) = read {
        let_in(headers, body);
    }
    read
}

async fn collect<B: Incoming>(body: &mut B, room: &Room) -> Result<Held, Fault> {
    let mut gathered = Gathered { whole: Vec::new(), share: None, room };
    let first = piece(body).await.transpose()?.unwrap_or_default();
    // Most bodies come in one piece, which is then the body, uncopied.
    if body.is_end_stream() && first.len() <= SEAT {
        return Ok(Held { bytes: first, _share: None });
    }
    gathered.add(&first)?;
    while let Some(next) = piece(body).await.transpose()? {
        gathered.add(&next)?;
    }
    Ok(Held { bytes: Bytes::from(gathered.whole), _share: gathered.share })
}

/// What has come of a body.
struct Gathered<'a> {
    whole: Vec<u8>,
    share: Option<OwnedSemaphorePermit>,
    room: &'a Room,
}

impl Gathered<'_> {
    fn add(&mut self, piece: &[u8]) -> Result<(), Fault> {
        let length = self.whole.len() + piece.len();
        if length > MAX_BODY {
            return Err(Fault::TooLarge);
        }
        if length > self.whole.capacity() {
            // What is reserved is what is paid for.
            let wanted = length.next_power_of_two().clamp(SEAT, MAX_BODY);
            let beyond = wanted.saturating_sub(SEAT).div_ceil(1024);
            let taken = self.share.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
            if beyond > taken {
                let more = self.room.take(beyond - taken)?;
                match &mut self.share {
                    Some(share) => share.merge(more),
                    none => *none = Some(more),
                }
            }
            self.whole.reserve_exact(wanted - self.whole.len());
        }
        self.whole.extend_from_slice(piece);
        Ok(())
    }
}

/// Lets the rest of a refused body in, for a moment, while the answer is already on its way.
pub(super) fn let_in<B: Incoming>(headers: &HeaderMap, mut body: B) {
    // Whoever asks before he sends is told no by the answer. To read any of it would tell him `100 Continue`.
    if body.is_end_stream() || headers.contains_key(header::EXPECT) {
        return;
    }
    tokio::spawn(async move {
        let (begun, mut left) = (Instant::now(), POLITE_BYTES);
        let rest = async {
            while let Some(Ok(piece)) = piece(&mut body).await {
                left = left.saturating_sub(piece.len());
                // A body that is always ready would never let the time-out have a look.
                if left == 0 || begun.elapsed() > POLITENESS {
                    return;
                }
            }
        };
        // Whoever is not done by then has no claim to see the answer.
        let _ = timeout(POLITENESS, rest).await;
    });
}

async fn piece<B: Incoming>(body: &mut B) -> Option<Result<Bytes, Fault>> {
    let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
    // Trailers are of no interest.
    Some(frame.map(|frame| frame.into_data().unwrap_or_default()).map_err(|_| Fault::BrokeOff))
}
