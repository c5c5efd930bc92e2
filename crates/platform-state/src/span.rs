//! How long leases and cells last, in the unit that the stores count in.

use std::time::Duration;

/// A hundred years: whoever asks for more means for ever, and the sum with any time of day fits.
const LONGEST: i64 = 100 * 366 * 24 * 60 * 60 * 1000;

/// Whole milliseconds, rounded up, from 1 to a hundred years.
pub(crate) fn millis(time: Duration) -> i64 {
    let millis = time.as_nanos().div_ceil(1_000_000);
    i64::try_from(millis).unwrap_or(LONGEST).clamp(1, LONGEST)
}

/// The same, as a time.
pub(crate) fn clamp(time: Duration) -> Duration {
    Duration::from_millis(millis(time).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(time: Duration, expected: i64) {
        assert_eq!(millis(time), expected);
        assert_eq!(clamp(time).as_millis(), u128::try_from(expected).unwrap());
    }

    #[test]
    fn spans_are_whole_milliseconds_within_bounds() {
        check(Duration::ZERO, 1);
        check(Duration::from_nanos(1), 1);
        check(Duration::from_millis(1), 1);
        check(Duration::from_nanos(1_000_001), 2);
        check(Duration::from_secs(30), 30_000);
        check(Duration::MAX, LONGEST);
    }
}
