//! Counts, from any thread.

use std::sync::atomic::{AtomicU64, Ordering};

use super::SourceCounters;

/// [`SourceCounters`], counting.
#[derive(Debug, Default)]
pub(super) struct Counting {
    asked: AtomicU64,
    answered_from_cache: AtomicU64,
    joined: AtomicU64,
    failed: AtomicU64,
}

impl Counting {
    pub(super) fn asked(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn answered_from_cache(&self) {
        self.answered_from_cache.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn joined(&self) {
        self.joined.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> SourceCounters {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        SourceCounters {
            asked: read(&self.asked),
            answered_from_cache: read(&self.answered_from_cache),
            joined: read(&self.joined),
            failed: read(&self.failed),
        }
    }
}
