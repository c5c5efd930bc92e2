//! When to refresh, and how hard to try.

use std::time::Duration;

use super::REFRESH_AFTER;

/// When to refresh, and how hard to try. The defaults are the platform's rules and suit most; set single fields.
///
/// ```
/// use std::time::Duration;
/// let mut policy = webank::credentials::Policy::default();
/// policy.min_interval = Duration::from_secs(60);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// Credentials are renewed at this age, or at a third of their lifetime if that is sooner; up to a fortieth of it
    /// earlier, so that processes do not all come at once. Default: 20 minutes, `SPEC.md §2.3`.
    pub refresh_after: Duration,
    /// Fetches that a refusal caused are at least so far apart, over all processes that share credentials: a rival who
    /// kicks us out is not answered with a storm. Default: 5 s.
    pub min_interval: Duration,
    /// How often to look whether another process has fetched. Must be well below the five minutes for which the
    /// previous ticket lives on (`SPEC.md §2.3`). Default: 1 minute; towards the time of renewal every 5 s.
    pub watch: Duration,
    /// How long a call waits for credentials, in real time: long enough for the lease of a process that died, and for a fetch
    /// after it. Default: 45 s.
    pub patience: Duration,
    /// How many failed fetches a waiting call sits through. Default: 3.
    pub attempts: u32,
    /// The pause after a first failure, in real time; it doubles with each further one. Default: 200 ms.
    pub first_pause: Duration,
    /// The longest pause after a failure, in real time. Default: 10 s.
    pub longest_pause: Duration,
    /// How often to look while another process fetches, in real time. Default: 100 ms.
    pub poll: Duration,
    /// How long the right to fetch lasts if its owner dies, in real time. Default: 20 s.
    pub lease: Duration,
    /// How long one request for a token or a ticket may take, in real time; at most half of `lease`, or another process
    /// would fetch at the same time. Default: 10 s.
    pub fetch_timeout: Duration,
    /// How long the shared store may take, in real time; longer than the store's own limits, which know better what to do.
    /// Default: 8 s.
    pub store_timeout: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            refresh_after: REFRESH_AFTER,
            min_interval: Duration::from_secs(5),
            watch: Duration::from_secs(60),
            patience: Duration::from_secs(45),
            attempts: 3,
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(10),
            poll: Duration::from_millis(100),
            lease: Duration::from_secs(20),
            fetch_timeout: Duration::from_secs(10),
            store_timeout: Duration::from_secs(8),
        }
    }
}

#[cfg(any(test, feature = "client"))]
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// The part of the renewal age over which renewals are spread: one fortieth.
const SPREAD: u32 = 40;

impl Policy {
    /// What makes no sense, where something does not.
    #[cfg(any(test, feature = "client"))]
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let times = [
            self.refresh_after,
            self.watch,
            self.patience,
            self.first_pause,
            self.longest_pause,
            self.poll,
            self.lease,
            self.fetch_timeout,
            self.store_timeout,
        ];
        if times.iter().any(|time| *time < Duration::from_millis(1)) {
            return Some("each time but `min_interval` must be 1 ms or more");
        }
        if times.iter().any(|time| *time > LONGEST) {
            return Some("no time may be longer than a day");
        }
        if self.fetch_timeout.saturating_mul(2) > self.lease {
            return Some(
                "`lease` must be at least twice `fetch_timeout`, or two processes would fetch at once",
            );
        }
        None
    }

    /// The age at which credentials of this lifetime are renewed, `SPEC.md §2.3`. `draw` says how early within the
    /// spread: 0 last, `u32::MAX` first.
    pub(super) fn due_age(&self, lifetime: Duration, draw: u32) -> Duration {
        let base = self.refresh_after.min(lifetime / 3);
        let spread = base / SPREAD;
        // Below a year in nanoseconds, this is far from the end of a u128; what does not fit back is not drawn.
        let early = spread.as_nanos() * u128::from(draw) / u128::from(u32::MAX);
        base.saturating_sub(u64::try_from(early).map_or(spread, Duration::from_nanos))
    }

    /// The age from which some other process may be renewing.
    pub(super) fn earliest_due_age(&self, lifetime: Duration) -> Duration {
        self.due_age(lifetime, u32::MAX)
    }

    /// The pause after so many failures in a row.
    pub(super) fn pause(&self, failures: u32) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first_pause.saturating_mul(doubled).min(self.longest_pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lifetime: u64, draw: u32, expected: f64) {
        let age = Policy::default().due_age(Duration::from_secs(lifetime), draw);
        assert!((age.as_secs_f64() - expected).abs() < 0.001, "{age:?}");
    }

    #[test]
    fn due_at_twenty_minutes_or_a_third_and_a_little_earlier() {
        check(3600, 0, 1200.0);
        check(3600, u32::MAX, 1170.0);
        check(7200, 0, 1200.0);
        check(60, 0, 20.0);
        check(60, u32::MAX, 19.5);
        check(0, 7, 0.0);
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        let fault = |change: fn(&mut Policy)| {
            let mut policy = Policy::default();
            change(&mut policy);
            policy.fault()
        };
        assert_eq!(fault(|_| {}), None);
        assert_eq!(fault(|policy| policy.min_interval = Duration::ZERO), None);
        assert!(fault(|policy| policy.poll = Duration::ZERO).is_some_and(|fault| fault.contains("1 ms")));
        assert!(fault(|policy| policy.patience = Duration::MAX).is_some_and(|fault| fault.contains("a day")));
        assert!(
            fault(|policy| policy.lease = policy.fetch_timeout).is_some_and(|fault| fault.contains("twice"))
        );
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let policy = Policy::default();
        let pauses: Vec<_> = [1, 2, 3, 9, 40, u32::MAX].map(|n| policy.pause(n).as_millis()).into();
        assert_eq!(pauses, [200, 400, 800, 10_000, 10_000, 10_000]);
    }
}
