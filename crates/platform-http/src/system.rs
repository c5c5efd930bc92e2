//! The operating system's clock, entropy and listening sockets, and their stand-ins for tests.
#![expect(
    clippy::disallowed_methods,
    reason = "this file is the one home of clock, entropy and sockets; everybody else takes them as arguments"
)]

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use sign_core::UnixMillis;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970, UTC.
    fn now(&self) -> UnixMillis;

    /// The real time in which so much of this clock's time passes. A clock that runs faster than the world's, or that
    /// can jump, says less, so that whoever sleeps on it looks again in time.
    fn real_time(&self, span: Duration) -> Duration {
        span
    }
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixMillis {
        // A clock before 1970 or after the year 584 million is broken; the nearest end of the range
        // makes every freshness check refuse, which is the safe answer.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        UnixMillis::new(millis(since))
    }
}

/// A clock that stands still until it is told to move: for tests and the sandbox.
///
/// ```
/// use platform_http::system::{Clock, ManualClock, UnixMillis};
/// use std::time::Duration;
/// let clock = ManualClock::new(UnixMillis::new(1_500));
/// clock.advance(Duration::from_secs(2));
/// assert_eq!(clock.now(), UnixMillis::new(3_500));
/// ```
#[derive(Debug, Default)]
pub struct ManualClock(AtomicU64);

impl ManualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn new(start: UnixMillis) -> Self {
        Self(AtomicU64::new(start.get()))
    }

    /// Jumps to `now`, forwards or backwards.
    pub fn set(&self, now: UnixMillis) {
        self.0.store(now.get(), Ordering::SeqCst);
    }

    /// Jumps forwards, in whole milliseconds, and stops at the end of the range.
    pub fn advance(&self, by: Duration) {
        let by = millis(by);
        // The closure never declines, so the update cannot fail.
        let _ = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| Some(now.saturating_add(by)));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixMillis {
        UnixMillis::new(self.0.load(Ordering::SeqCst))
    }

    fn real_time(&self, span: Duration) -> Duration {
        span.min(LOOK_AGAIN)
    }
}

/// Whoever sleeps on a clock that is moved by hand looks so often whether it was.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

impl<T: Clock + ?Sized> Clock for std::sync::Arc<T> {
    fn now(&self) -> UnixMillis {
        T::now(self)
    }

    fn real_time(&self, span: Duration) -> Duration {
        T::real_time(self, span)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Gives bytes that nobody can guess.
pub trait Entropy: Send + Sync {
    /// Fills the whole of `bytes`.
    ///
    /// # Errors
    /// [`EntropyError`] when the source gives nothing; `bytes` must not be used then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// The operating system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the operating system gave no random bytes; check that /dev/urandom and the getrandom call are allowed here"
)]
pub struct EntropyError;

/// The entropy of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(bytes).map_err(|_| EntropyError)
    }
}

/// The same bytes for the same seed, on every machine: for tests and reproducible runs.
///
/// **Never for secrets**: whoever sees one nonce can compute all the others (SplitMix64).
pub struct SeededEntropy(Mutex<u64>);

impl SeededEntropy {
    /// Starts the sequence that belongs to `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            for (to, from) in chunk.iter_mut().zip((z ^ (z >> 31)).to_le_bytes()) {
                *to = from;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for SeededEntropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeededEntropy")
    }
}

impl<T: Entropy + ?Sized> Entropy for std::sync::Arc<T> {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        T::fill(self, bytes)
    }
}

/// Opens the listening socket of a server; port 0 lets the system choose one.
///
/// # Errors
/// What the operating system says: address in use, port below 1024 without the right to it.
pub async fn listen(address: SocketAddr) -> io::Result<tokio::net::TcpListener> {
    tokio::net::TcpListener::bind(address).await
}
