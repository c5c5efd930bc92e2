//! The body of a call: at most a mebibyte of it, at most for some seconds, and not too slowly. Bodies that are not
//! whole yet share a room of their own, so that whoever dribbles takes nothing from calls that are worked on.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::http::{Request, header};
use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use crate::callback::MAX_BODY;

/// How long a body may take to arrive, at the longest.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take in any case; what has arrived earns it more, a second for so many bytes.
const GRACE: Duration = Duration::from_secs(5);
const BYTES_A_SECOND: usize = 128 * 1024;
/// Memory for bodies that are not whole yet, in KiB: 256 MiB.
const ROOM: usize = 256 * 1024;
/// What one of them takes at the least, in KiB, so that there are 16384 at most.
const SEAT: usize = 16;
/// How long, and how many bytes of it, a body that is refused is let in. A client that writes before it reads would not
/// see the answer if the connection were closed under its hands.
const POLITENESS: Duration = Duration::from_secs(1);
const POLITE_BYTES: u64 = 32 * 1024 * 1024;

/// Why a body could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    TooLarge,
    BrokeOff,
    TooSlow,
    NoRoom,
}

/// Room for bodies that are not whole yet.
#[derive(Debug, Clone)]
pub(super) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ROOM)))
    }
}

/// One body's share of the room.
struct Share {
    room: Room,
    taken: OwnedSemaphorePermit,
}

impl Room {
    fn take(&self, kibibytes: usize) -> Result<OwnedSemaphorePermit, Fault> {
        let many = u32::try_from(kibibytes).map_err(|_| Fault::NoRoom)?;
        Arc::clone(&self.0).try_acquire_many_owned(many).map_err(|_| Fault::NoRoom)
    }

    fn enter(&self) -> Result<Share, Fault> {
        Ok(Share { room: self.clone(), taken: self.take(SEAT)? })
    }
}

impl Share {
    fn grow_to(&mut self, bytes: usize) -> Result<(), Fault> {
        let missing = bytes.div_ceil(1024).saturating_sub(self.taken.num_permits());
        if missing > 0 {
            self.taken.merge(self.room.take(missing)?);
        }
        Ok(())
    }
}

pub(super) async fn whole(request: Request<Body>, room: &Room) -> Result<Bytes, Fault> {
    let limit = u64::try_from(MAX_BODY).unwrap_or(u64::MAX);
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    // Whoever asks before he sends is told no by the answer. To read any of it would tell him `100 Continue`.
    let asks_first = request.headers().contains_key(header::EXPECT);
    let mut body = request.into_body();
    // SPEC.md §5: more than 1 MiB is refused; what says so itself, before any of it is read.
    if length.unwrap_or(0).max(body.size_hint().lower()) > limit {
        if !asks_first {
            tokio::spawn(discard(body));
        }
        return Err(Fault::TooLarge);
    }
    let read = collect(&mut body, room).await;
    if let Err(Fault::TooLarge) = read {
        tokio::spawn(discard(body));
    }
    read
}

async fn collect(body: &mut Body, room: &Room) -> Result<Bytes, Fault> {
    let (begun, mut whole, mut share) = (Instant::now(), BytesMut::new(), None);
    loop {
        let next = match piece(body).now_or_never() {
            // What came with its head needs no room, however full it is.
            Some(next) => next,
            None => {
                let share = match &mut share {
                    Some(share) => share,
                    none => none.insert(room.enter()?),
                };
                share.grow_to(whole.len())?;
                let earned =
                    Duration::from_secs(u64::try_from(whole.len() / BYTES_A_SECOND).unwrap_or(u64::MAX));
                let end = begun + GRACE.saturating_add(earned).min(PATIENCE);
                timeout_at(end, piece(body)).await.map_err(|_| Fault::TooSlow)?
            }
        };
        let Some(piece) = next else { return Ok(whole.freeze()) };
        let piece = piece?;
        if piece.len() > MAX_BODY.saturating_sub(whole.len()) {
            return Err(Fault::TooLarge);
        }
        whole.extend_from_slice(&piece);
    }
}

/// Lets the rest of a refused body in, while the answer is already on its way.
async fn discard(mut body: Body) {
    let (begun, mut left) = (Instant::now(), POLITE_BYTES);
    let rest = async {
        while let Some(Ok(piece)) = piece(&mut body).await {
            left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            // A body that is always ready would never let the time-out have a look.
            if left == 0 || begun.elapsed() > POLITENESS {
                return;
            }
        }
    };
    // Whoever is not done by then has no claim to see the answer.
    let _ = timeout(POLITENESS, rest).await;
}

async fn piece(body: &mut Body) -> Option<Result<Bytes, Fault>> {
    let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
    // Trailers are of no interest.
    Some(frame.map(|frame| frame.into_data().unwrap_or_default()).map_err(|_| Fault::BrokeOff))
}
