//! Calls that did not reach the bank are made again, within limits.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use platform_http::{ErrorKind, Outcome};

use super::Error;

/// When a call is made once more: when it certainly did not reach the bank, or when the caller says that it may be
/// carried out twice ([`BusinessCall::idempotent`](super::BusinessCall::idempotent)). Refused tickets are another
/// matter, and always repeated once (`SPEC.md §2.3`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// How often a call is made at most, the first time included. 1: never again. Default: 3.
    pub attempts: u32,
    /// The pause before the second attempt; it doubles with each further one, and is drawn at random up to twice of
    /// that. Default: 100 ms.
    pub first_pause: Duration,
    /// The longest pause. Default: 2 s.
    pub longest_pause: Duration,
    /// How many attempts all calls of a client together may have open beyond the first ones: each retry takes one, ten
    /// calls that succeed give one back. When the bank is down, retries end soon. Default: 100.
    pub quota: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 3,
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(2),
            quota: 100,
        }
    }
}

impl Retry {
    /// Nothing is made again.
    #[must_use]
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }
}

/// What one retry costs, in successes.
const COST: u32 = 10;

/// The retries of a client.
#[derive(Debug)]
pub(super) struct Retries {
    settings: Retry,
    /// What is left, in successes.
    left: AtomicU32,
}

impl Retries {
    pub(super) fn new(settings: Retry) -> Self {
        let left = AtomicU32::new(settings.quota.saturating_mul(COST));
        Self { settings, left }
    }

    /// The pauses of one call.
    pub(super) fn pauses(&self, seed: u64) -> ExponentialBackoff {
        let times = usize::try_from(self.settings.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        ExponentialBuilder::default()
            .with_min_delay(self.settings.first_pause)
            .with_max_delay(self.settings.longest_pause)
            .with_max_times(times)
            .with_jitter()
            .with_jitter_seed(seed)
            .build()
    }

    pub(super) fn succeeded(&self) {
        let full = self.settings.quota.saturating_mul(COST);
        if self.left.load(Ordering::Relaxed) < full {
            let more = |left: u32| Some(left.saturating_add(1).min(full));
            // The closure never declines.
            let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        }
    }

    /// Takes one retry out of the quota.
    pub(super) fn take(&self) -> bool {
        let less = |left: u32| left.checked_sub(COST);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }
}

/// May another attempt succeed, and do no harm?
pub(super) fn worth_repeating(error: &Error, idempotent: bool) -> bool {
    match error {
        Error::Transport(transport) => match (transport.outcome(), transport.kind()) {
            // Nothing of it left. What the caller or his certificates are at fault for stays as it is.
            (Outcome::NotSent, ErrorKind::Connect(_) | ErrorKind::Timeout { .. } | ErrorKind::Cut) => true,
            (Outcome::Unknown, ErrorKind::Timeout { .. } | ErrorKind::Cut) => idempotent,
            _ => false,
        },
        // SPEC.md §3.2: an unknown outcome is never repeated by itself. Something on the way may have answered.
        Error::NotUnderstood { status, .. } => idempotent && !(400..500).contains(status),
        Error::Refused(refusal) => idempotent && refusal.code.is_transient(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_is_spent_and_earned_back() {
        let retries = Retries::new(Retry { quota: 2, ..Retry::default() });
        assert!(retries.take() && retries.take() && !retries.take());
        (0..9).for_each(|_| retries.succeeded());
        assert!(!retries.take(), "nine successes are not enough");
        retries.succeeded();
        assert!(retries.take() && !retries.take());
        (0..1000).for_each(|_| retries.succeeded());
        assert!(retries.take() && retries.take() && !retries.take(), "it does not grow beyond its size");
    }

    #[test]
    fn pauses_are_as_many_as_attempts_allow() {
        for (attempts, pauses) in [(0, 0), (1, 0), (2, 1), (5, 4)] {
            let retries = Retries::new(Retry { attempts, ..Retry::default() });
            assert_eq!(retries.pauses(1).count(), pauses, "{attempts}");
        }
    }
}
