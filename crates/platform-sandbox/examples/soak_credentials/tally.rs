//! What the calls ended with.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) succeeded: u64,
    /// Ended with an unknown outcome, and must not be repeated by the client.
    pub(crate) unknown: u64,
    /// Ended with the foreign-kick error.
    pub(crate) kicked: u64,
    /// Everything else, by message.
    pub(crate) failures: BTreeMap<String, u64>,
    pub(crate) slowest: Duration,
    pub(crate) counters: Counters,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Counters {
    pub(crate) fetched: u64,
    pub(crate) adopted: u64,
    pub(crate) failed: u64,
    pub(crate) refused: u64,
    pub(crate) foreign_kicks: u64,
}

impl Tally {
    pub(crate) fn calls(&self) -> u64 {
        self.succeeded + self.unknown + self.kicked + self.failed()
    }

    pub(crate) fn failed(&self) -> u64 {
        self.failures.values().sum()
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.succeeded += other.succeeded;
        self.unknown += other.unknown;
        self.kicked += other.kicked;
        for (message, times) in other.failures {
            *self.failures.entry(message).or_default() += times;
        }
        self.slowest = self.slowest.max(other.slowest);
        self.counters.fetched += other.counters.fetched;
        self.counters.adopted += other.counters.adopted;
        self.counters.failed += other.counters.failed;
        self.counters.refused += other.counters.refused;
        self.counters.foreign_kicks += other.counters.foreign_kicks;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { succeeded, unknown, kicked, slowest, counters, .. } = self;
        write!(
            f,
            "calls: {succeeded} succeeded, {unknown} with an outcome that nobody can know, {kicked} foreign kicks; the \
             slowest took {} ms\nprocesses: {} generations fetched, {} taken over, {} attempts failed, {} refusals",
            slowest.as_millis(),
            counters.fetched,
            counters.adopted,
            counters.failed,
            counters.refused
        )?;
        self.failures.iter().try_for_each(|(message, times)| write!(f, "\n  {times} × {message}"))
    }
}
