//! Nonces that were seen, remembered for as long as their time stamps may be fresh.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use sign_core::UnixMillis;

/// A time stamp and a nonce, which together come once.
pub(crate) type Stamped = (String, String);

pub(crate) struct Replays {
    seen: HashSet<Stamped>,
    forget: VecDeque<(UnixMillis, Stamped)>,
    keep: Duration,
}

impl Replays {
    /// For time stamps that may lie as far as `window` from now, on either side.
    pub(crate) fn new(window: Duration) -> Self {
        // A stamp from the window's far end stays fresh for two windows.
        Self { seen: HashSet::new(), forget: VecDeque::new(), keep: window.saturating_mul(2) }
    }

    /// Remembers it. False when it was here before.
    pub(crate) fn is_new(&mut self, stamped: Stamped, now: UnixMillis) -> bool {
        while let Some((until, _)) = self.forget.front()
            && *until < now
        {
            if let Some((_, old)) = self.forget.pop_front() {
                self.seen.remove(&old);
            }
        }
        let new = self.seen.insert(stamped.clone());
        if new {
            self.forget.push_back((now.saturating_add(self.keep), stamped));
        }
        new
    }
}

/// Shows how many there are.
impl std::fmt::Debug for Replays {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Replays({})", self.seen.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_come_once_and_are_forgotten_when_they_are_stale() {
        let mut replays = Replays::new(Duration::from_secs(10));
        let pair = |nonce: &str| ("1".to_owned(), nonce.to_owned());
        assert!(replays.is_new(pair("a"), UnixMillis::new(0)));
        assert!(!replays.is_new(pair("a"), UnixMillis::new(20_000)));
        assert!(replays.is_new(pair("b"), UnixMillis::new(20_001)));
        assert_eq!(replays.seen.len(), 1);
    }
}
