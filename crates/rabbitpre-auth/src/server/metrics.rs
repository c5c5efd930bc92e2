//! What the server counts: atomics that nobody waits for, and that allocate nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// `outcome` of a check that was decided.
pub(super) const ALLOWED: &str = "allowed";
pub(super) const DENIED: &str = "denied";

/// Upper bounds of the latency histogram, in nanoseconds, as Prometheus writes them in seconds.
pub(super) const BOUNDS: [(u64, &str); 14] = [
    (100_000, "0.0001"),
    (250_000, "0.00025"),
    (500_000, "0.0005"),
    (1_000_000, "0.001"),
    (2_500_000, "0.0025"),
    (5_000_000, "0.005"),
    (10_000_000, "0.01"),
    (25_000_000, "0.025"),
    (50_000_000, "0.05"),
    (100_000_000, "0.1"),
    (250_000_000, "0.25"),
    (500_000_000, "0.5"),
    (1_000_000_000, "1"),
    (2_500_000_000, "2.5"),
];

/// One counter for each of a fixed set of labels.
#[derive(Debug)]
pub(super) struct Counters<const N: usize> {
    labels: [&'static str; N],
    counts: [AtomicU64; N],
}

impl<const N: usize> Counters<N> {
    const fn new(labels: [&'static str; N]) -> Self {
        Counters { labels, counts: [const { AtomicU64::new(0) }; N] }
    }

    /// One more of this label; one that is unknown counts as the last.
    pub(super) fn count(&self, label: &str) {
        let known = self.labels.iter().zip(&self.counts).find(|(name, _)| **name == label);
        if let Some(count) = known.map(|(_, count)| count).or(self.counts.last()) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn each(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.labels.iter().zip(&self.counts).map(|(label, count)| (*label, count.load(Ordering::Relaxed)))
    }
}

/// How long answers took.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    /// Not cumulative; the last one is for what is beyond all bounds.
    counts: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
}

impl Histogram {
    pub(super) fn observe(&self, took: Duration) {
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.partition_point(|(bound, _)| *bound < took);
        if let Some(count) = self.counts.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.nanoseconds.fetch_add(took, Ordering::Relaxed);
    }

    pub(super) fn counts(&self) -> impl Iterator<Item = u64> {
        self.counts.iter().map(|count| count.load(Ordering::Relaxed))
    }

    pub(super) fn sum(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed))
    }
}

/// Everything that is counted here; caches and sources count for themselves.
#[derive(Debug)]
pub(super) struct Metrics {
    /// By outcome: allowed, denied, or the `errorCode` of what was not decidable.
    pub(super) checks: Counters<11>,
    pub(super) latency: Histogram,
    pub(super) saves: Counters<8>,
    /// Saved conditions that name something the catalogue does not offer, or otherwise than it is offered.
    pub(super) findings: AtomicU64,
    /// Times the source was asked, and answered with an error.
    pub(super) asked: AtomicU64,
    pub(super) source_errors: AtomicU64,
    pub(super) overload: Counters<2>,
    pub(super) guard: Counters<5>,
    /// Checks that were worked on apart from the others, by why.
    pub(super) apart: Counters<3>,
}

impl Default for Metrics {
    fn default() -> Self {
        Metrics {
            checks: Counters::new([
                ALLOWED,
                DENIED,
                "BAD_REQUEST",
                "UNREADABLE_BODY",
                "BODY_TOO_LARGE",
                "ATTRIBUTE_SOURCE_FAILED",
                "SETTINGS_STORE_FAILED",
                "TIMEOUT",
                "OVERLOADED",
                "INTERNAL_ERROR",
                "OTHER",
            ]),
            latency: Histogram::default(),
            saves: Counters::new([
                "saved",
                "bad-request",
                "unknown-id",
                "store-failed",
                "timeout",
                "overloaded",
                "internal-error",
                "other",
            ]),
            findings: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            source_errors: AtomicU64::new(0),
            overload: Counters::new([PLACES, ROOM]),
            guard: Counters::new(["unknown-address", "address", "no-token", "other-token", "trace-token"]),
            apart: Counters::new([LARGE, LONG, TRACED]),
        }
    }
}

/// Why a request is refused as one too many.
pub(super) const PLACES: &str = "requests";
pub(super) const ROOM: &str = "bytes";

/// Why a check is worked on apart.
pub(super) const LARGE: &str = "large";
pub(super) const LONG: &str = "long";
pub(super) const TRACED: &str = "traced";
