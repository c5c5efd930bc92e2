//! What 晋来办 keeps: ids, counts, nonces.

use std::collections::hash_map::{DefaultHasher, Entry};
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash as _, Hasher as _};
use std::time::Duration;

use sign_core::UnixMillis;

use super::check::{Push, Refused};
use super::record::PushedRecord;
use crate::replay::Replays;

/// What 晋来办 counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JinlaibanCounts {
    /// Accepted pushes.
    pub batches: u64,
    /// Records in accepted pushes, repeats included.
    pub records: u64,
    /// Different ids among them: what counts for the platform.
    pub distinct: u64,
    /// Records whose id had come before, in the same push or an earlier one.
    pub repeats: u64,
    /// Repeats whose other members differ from what came first. They change nothing.
    pub conflicts: u64,
    /// Pushes refused because they held over 2000 records.
    pub oversized: u64,
    /// Pushes with a record of another push that was still being answered to somebody who waited for it.
    pub overlaps: u64,
}

#[derive(Debug)]
pub(super) struct Store {
    counts: JinlaibanCounts,
    /// Each id with the hash of its record.
    ids: HashMap<String, u64>,
    /// How often each id is being answered.
    flying: HashMap<String, u32>,
    newest: VecDeque<PushedRecord>,
    keep: usize,
    replays: Replays,
}

impl Store {
    pub(super) fn new(keep: usize, window: Duration) -> Self {
        Self {
            counts: JinlaibanCounts::default(),
            ids: HashMap::new(),
            flying: HashMap::new(),
            newest: VecDeque::new(),
            keep,
            replays: Replays::new(window),
        }
    }

    /// Keeps a push's records, unless the request itself was here before.
    pub(super) fn accept(&mut self, push: Push, now: UnixMillis) -> Result<(), Refused> {
        if !self.replays.is_new((push.timestamp, push.nonce), now) {
            return Err(Refused::Replayed);
        }
        self.counts.batches += 1;
        for record in push.records {
            self.keep(record);
        }
        Ok(())
    }

    /// jinlaiban SPEC.md §3: a repeat is recognised by its id.
    fn keep(&mut self, record: PushedRecord) {
        let mut hasher = DefaultHasher::new();
        record.hash(&mut hasher);
        let hash = hasher.finish();
        self.counts.records += 1;
        match self.ids.entry(record.id.clone()) {
            Entry::Occupied(first) => {
                self.counts.repeats += 1;
                self.counts.conflicts += u64::from(*first.get() != hash);
            }
            Entry::Vacant(new) => {
                new.insert(hash);
                self.counts.distinct += 1;
                self.newest.push_back(record);
                while self.newest.len() > self.keep {
                    self.newest.pop_front();
                }
            }
        }
    }

    /// A push is being answered.
    pub(super) fn take_off(&mut self, ids: &[String]) {
        self.counts.overlaps += u64::from(ids.iter().any(|id| self.flying.contains_key(id)));
        for id in ids {
            *self.flying.entry(id.clone()).or_default() += 1;
        }
    }

    /// It has been, or nobody waits any more.
    pub(super) fn land(&mut self, ids: &[String]) {
        for id in ids {
            if let Entry::Occupied(mut flying) = self.flying.entry(id.clone()) {
                *flying.get_mut() -= 1;
                if *flying.get() == 0 {
                    flying.remove();
                }
            }
        }
    }

    pub(super) fn count_oversized(&mut self) {
        self.counts.oversized += 1;
    }

    pub(super) fn counts(&self) -> JinlaibanCounts {
        self.counts
    }

    pub(super) fn records(&self) -> Vec<PushedRecord> {
        self.newest.iter().cloned().collect()
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.ids.contains_key(id)
    }
}
