//! Says the same thing seldom: what happens thousands of times a second is one line a second in the log.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_secs(1);

/// Something that may be said again after a second.
#[derive(Debug)]
pub(super) struct Seldom {
    begun: Instant,
    /// When it may be said again, in milliseconds since then.
    next: AtomicU64,
    untold: AtomicU64,
}

impl Default for Seldom {
    fn default() -> Self {
        Seldom { begun: Instant::now(), next: AtomicU64::new(0), untold: AtomicU64::new(0) }
    }
}

impl Seldom {
    /// It has happened. If it may be said now, how often it happened since it was said last.
    pub(super) fn happened(&self) -> Option<u64> {
        let times = self.untold.fetch_add(1, Ordering::Relaxed) + 1;
        let now = millis(self.begun.elapsed());
        let next = self.next.load(Ordering::Relaxed);
        let mine = now >= next
            && self
                .next
                .compare_exchange(next, now + millis(PAUSE), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if !mine {
            return None;
        }
        self.untold.fetch_sub(times, Ordering::Relaxed);
        Some(times)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_once_a_second_with_how_often_it_happened() {
        let seldom = Seldom::default();
        assert_eq!(seldom.happened(), Some(1));
        assert_eq!(seldom.happened(), None);
        assert_eq!(seldom.happened(), None);
        // A second has passed.
        seldom.next.store(0, Ordering::Relaxed);
        assert_eq!(seldom.happened(), Some(3));
        assert_eq!(seldom.happened(), None);
    }
}
