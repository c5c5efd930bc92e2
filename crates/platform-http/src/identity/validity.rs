//! From when until when a certificate holds.

use std::time::Duration;

use sign_core::UnixMillis;
use x509_cert::der::DateTime;

use crate::error::ConfigError;

/// So long before the end, it is time to ask the platform for the next certificate.
const SOON: Duration = Duration::from_secs(30 * 24 * 3600);

/// The validity of a certificate, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validity {
    pub(crate) from: UnixMillis,
    pub(crate) until: UnixMillis,
}

impl Validity {
    pub(crate) fn check(self, now: UnixMillis) -> Result<(), ConfigError> {
        if now < self.from {
            Err(ConfigError::IdentityNotYetValid { from: day(self.from) })
        } else if self.has_expired(now) {
            Err(ConfigError::IdentityExpired { until: day(self.until) })
        } else {
            Ok(())
        }
    }

    pub(crate) fn has_expired(self, now: UnixMillis) -> bool {
        // A certificate holds through its last second.
        now.to_seconds() > self.until.to_seconds()
    }

    pub(super) fn warn(self, now: UnixMillis) {
        if let Err(error) = self.check(now) {
            tracing::warn!(%error, "client certificate out of date");
        } else if self.until.saturating_since(now) < SOON {
            let days = self.until.saturating_since(now).as_secs() / (24 * 3600);
            tracing::warn!(days, until = self.last_day(), "client certificate expires soon");
        }
    }

    pub(super) fn last_day(self) -> String {
        day(self.until)
    }
}

/// The instant in UTC as people read it, to the second.
fn day(time: UnixMillis) -> String {
    DateTime::from_unix_duration(Duration::from_secs(time.to_seconds().get()))
        .map_or_else(|_| "an unknown time".to_owned(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 24 * 3600 * 1000;
    // 2026-01-01 and 2027-01-01.
    const YEAR: Validity =
        Validity { from: UnixMillis::new(1_767_225_600_000), until: UnixMillis::new(1_798_761_600_000) };

    #[track_caller]
    fn check(now: u64, expected: Result<(), &str>) {
        let found = YEAR.check(UnixMillis::new(now)).map_err(|error| error.to_string());
        match (&found, expected) {
            (Ok(()), Ok(())) => {}
            (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
            _ => panic!("{found:?}"),
        }
    }

    #[test]
    fn both_ends_are_included() {
        check(1_767_225_599_999, Err("not valid before 2026-01-01T00:00:00Z"));
        check(1_767_225_600_000, Ok(()));
        check(1_798_761_600_999, Ok(()));
        check(1_798_761_601_000, Err("expired at 2027-01-01T00:00:00Z"));
        check(u64::MAX, Err("expired"));
    }

    #[test]
    fn a_warning_in_time() {
        // With one subscriber only, a test beside this one, which listens to nothing, could say no for all.
        let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
        let warned = |now: u64| {
            let found = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
            let writer = std::sync::Arc::clone(&found);
            let subscriber =
                tracing_subscriber::fmt().with_ansi(false).with_writer(move || Sink(writer.clone()));
            tracing::subscriber::with_default(subscriber.finish(), || YEAR.warn(UnixMillis::new(now)));
            String::from_utf8(found.lock().unwrap().clone()).unwrap()
        };
        let end = YEAR.until.get();
        assert_eq!(warned(end - 30 * DAY), "");
        assert!(warned(end - 30 * DAY + 1).contains("expires soon"));
        assert!(warned(end - 2 * DAY).contains("days=2"));
        assert!(warned(end + DAY).contains("expired at 2027"));
        assert!(warned(0).contains("not valid before"));
    }

    struct Sink(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

    impl std::io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
}
