//! Time stamps as they are signed, and how old one may be. Never reads a clock.

use core::{fmt, time::Duration};

/// Seconds since 1970-01-01 00:00 UTC. Written as decimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixSeconds(u64);

/// Milliseconds since 1970-01-01 00:00 UTC. Written as decimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(u64);

impl UnixSeconds {
    /// A stamp of so many seconds.
    #[must_use]
    pub const fn new(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The same instant in milliseconds.
    #[must_use]
    pub const fn to_millis(self) -> UnixMillis {
        UnixMillis(self.0.saturating_mul(1000))
    }

    /// Reads ASCII digits.
    ///
    /// # Errors
    /// [`TimestampError`] for anything but 1 to 18 digits.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        parse_digits(text).map(Self)
    }
}

impl UnixMillis {
    /// A stamp of so many milliseconds.
    #[must_use]
    pub const fn new(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The second in which the instant lies.
    #[must_use]
    pub const fn to_seconds(self) -> UnixSeconds {
        UnixSeconds(self.0 / 1000)
    }

    /// Reads ASCII digits.
    ///
    /// # Errors
    /// [`TimestampError`] for anything but 1 to 18 digits.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        parse_digits(text).map(Self)
    }

    /// The instant so much later; stops at the end of the range.
    #[must_use]
    pub fn saturating_add(self, time: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX)))
    }

    /// How long after `earlier` this is; zero when it is not.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for UnixSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A text is no time stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("time stamp is not 1 to 18 digits")]
pub struct TimestampError;

fn parse_digits(text: &str) -> Result<u64, TimestampError> {
    // `str::parse` would also take a sign. 18 digits cannot overflow.
    if !(1..=18).contains(&text.len()) {
        return Err(TimestampError);
    }
    let digits = text.bytes().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' => Some(number * 10 + u64::from(digit - b'0')),
        _ => None,
    });
    digits.ok_or(TimestampError)
}

/// How far a time stamp may lie from now, on either side, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// How old a stamp may be.
    pub past: Duration,
    /// How far ahead of our clock a stamp may be.
    pub future: Duration,
}

impl Freshness {
    /// The same tolerance on both sides.
    #[must_use]
    pub const fn within(tolerance: Duration) -> Self {
        Self { past: tolerance, future: tolerance }
    }

    /// Is `stamp` fresh at `now`?
    ///
    /// # Errors
    /// [`Stale`] says on which side it lies outside, and by how much.
    ///
    /// ```
    /// use std::time::Duration;
    /// use sign_core::{Freshness, Stale, UnixMillis};
    /// let window = Freshness::within(Duration::from_secs(300));
    /// let now = UnixMillis::new(1_519_700_632_680);
    /// assert!(window.check(UnixMillis::new(1_519_700_332_680), now).is_ok());
    /// let old = window.check(UnixMillis::new(1_519_700_332_679), now);
    /// assert_eq!(old, Err(Stale::TooOld { by: Duration::from_millis(1) }));
    /// ```
    pub fn check(&self, stamp: UnixMillis, now: UnixMillis) -> Result<(), Stale> {
        let (age, ahead) = (now.saturating_since(stamp), stamp.saturating_since(now));
        if age > self.past {
            return Err(Stale::TooOld { by: age.saturating_sub(self.past) });
        }
        if ahead > self.future {
            return Err(Stale::TooNew { by: ahead.saturating_sub(self.future) });
        }
        Ok(())
    }
}

/// A time stamp lies outside the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    /// Signed too long ago: a replay, or a clock that is behind.
    #[error("time stamp is too old by {} ms: a repeated message, or the sender's clock is behind", .by.as_millis())]
    TooOld {
        /// Beyond the window's end.
        by: Duration,
    },
    /// Signed in the future: a clock that is ahead, or milliseconds for seconds.
    #[error("time stamp is too far ahead by {} ms: compare the clocks, and seconds with milliseconds", .by.as_millis())]
    TooNew {
        /// Beyond the window's end.
        by: Duration,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(UnixSeconds::parse(text).ok().map(UnixSeconds::get), expected, "`{text}`");
    }

    #[test]
    fn stamps_are_numbers() {
        let millis = UnixMillis::new(1_519_700_632_680);
        assert_eq!((millis.get(), millis.to_seconds().get()), (1_519_700_632_680, 1_519_700_632));
        assert_eq!(alloc::format!("{millis} {}", millis.to_seconds()), "1519700632680 1519700632");
    }

    #[test]
    fn only_ascii_digits_are_a_stamp() {
        check("1574251924", Some(1_574_251_924));
        check("0", Some(0));
        check("007", Some(7));
        check("", None);
        check("+1", None);
        check("-1", None);
        check(" 1", None);
        check("1.0", None);
        check("１５７４", None);
        check("999999999999999999", Some(999_999_999_999_999_999));
        check("1000000000000000000", None);
    }

    #[test]
    fn both_sides_of_the_window_are_told_apart() {
        let window = Freshness { past: Duration::from_secs(300), future: Duration::from_secs(30) };
        let now = UnixMillis::new(1_000_000);
        let check = |stamp| window.check(UnixMillis::new(stamp), now);
        assert_eq!(check(700_000), Ok(()));
        assert_eq!(check(1_030_000), Ok(()));
        assert_eq!(check(699_990), Err(Stale::TooOld { by: Duration::from_millis(10) }));
        assert_eq!(check(1_030_001), Err(Stale::TooNew { by: Duration::from_millis(1) }));
        assert_eq!(check(u64::MAX), Err(Stale::TooNew { by: Duration::from_millis(u64::MAX - 1_030_000) }));
        assert_eq!(check(0), Err(Stale::TooOld { by: Duration::from_secs(700) }));
    }
}
