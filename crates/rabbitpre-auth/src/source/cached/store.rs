//! The answers that are kept, and the fetches that are under way. It neither waits nor looks at a clock.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch::Receiver;
use tokio::time::Instant;

use super::CacheError;
use super::key::Key;
use crate::attributes::Attributes;
use crate::value::Value;

pub(super) type Outcome = Result<Arc<Attributes<'static>>, CacheError>;

#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) time_to_live: Duration,
    pub(super) errors_for: Duration,
    pub(super) entries: usize,
    pub(super) bytes: usize,
    pub(super) fetches: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            time_to_live: Duration::ZERO,
            errors_for: Duration::ZERO,
            entries: 100_000,
            bytes: 64 << 20,
            fetches: 1024,
        }
    }
}

#[derive(Default)]
pub(super) struct Store {
    entries: HashMap<Key, Entry>,
    /// The entries by the number of their fetch: the oldest first.
    by_age: BTreeMap<u64, Key>,
    bytes: usize,
    under_way: HashMap<Key, UnderWay>,
    /// Of all fetches, also those whose place a newer one took.
    fetches: usize,
    /// The bytes of their questions.
    asking: usize,
    next: u64,
}

struct Entry {
    number: u64,
    outcome: Outcome,
    until: Instant,
    bytes: usize,
}

struct UnderWay {
    number: u64,
    since: Instant,
    answer: Receiver<Option<Outcome>>,
}

pub(super) enum Found {
    Answer(Outcome),
    UnderWay(Receiver<Option<Outcome>>),
    Nothing,
    /// Nothing, and no place for another fetch.
    Full,
}

impl Store {
    pub(super) fn find(&mut self, key: &Key, now: Instant, limits: &Limits) -> Found {
        match self.entries.get(key) {
            Some(entry) if now < entry.until => return Found::Answer(entry.outcome.clone()),
            Some(_) => self.remove(key),
            None => {}
        }
        // What a fetch brings is as old as its beginning.
        let is_fresh =
            |flight: &&UnderWay| now.saturating_duration_since(flight.since) <= limits.time_to_live;
        match self.under_way.get(key).filter(is_fresh) {
            Some(flight) => Found::UnderWay(flight.answer.clone()),
            None if self.fetches >= limits.fetches || self.asking > QUESTIONS => Found::Full,
            None => Found::Nothing,
        }
    }

    /// Notes a fetch, and gives it a number.
    pub(super) fn begin(&mut self, key: Key, now: Instant, answer: Receiver<Option<Outcome>>) -> u64 {
        self.next += 1;
        self.fetches += 1;
        self.asking += key.len();
        self.under_way.insert(key, UnderWay { number: self.next, since: now, answer });
        self.next
    }

    /// Keeps what a fetch brought that was begun at `since`.
    pub(super) fn keep(
        &mut self,
        key: &Key,
        (number, since): (u64, Instant),
        outcome: &Outcome,
        now: Instant,
        limits: &Limits,
    ) {
        let until = match outcome {
            Ok(_) => since.checked_add(limits.time_to_live),
            Err(_) => now.checked_add(limits.errors_for),
        };
        // A time beyond what the clock can count is a mistake; then nothing is kept.
        let Some(until) = until.filter(|until| now < *until) else { return };
        let bytes = ENTRY + key.len() + outcome.as_ref().map_or(0, |attributes| weight(attributes));
        let has_newer = self.entries.get(key).is_some_and(|entry| entry.number > number);
        if has_newer || bytes > limits.bytes || limits.entries == 0 {
            return;
        }
        self.remove(key);
        self.by_age.insert(number, key.clone());
        self.entries.insert(key.clone(), Entry { number, outcome: outcome.clone(), until, bytes });
        self.bytes += bytes;
        while let Some((_, oldest)) = self.by_age.first_key_value() {
            let is_over = self.entries.get(oldest).is_none_or(|entry| entry.until <= now);
            if !is_over && self.entries.len() <= limits.entries && self.bytes <= limits.bytes {
                return;
            }
            let oldest = oldest.clone();
            self.remove(&oldest);
        }
    }

    /// A fetch is over, however it ended.
    pub(super) fn land(&mut self, key: &Key, number: u64) {
        self.fetches = self.fetches.saturating_sub(1);
        self.asking = self.asking.saturating_sub(key.len());
        if self.under_way.get(key).is_some_and(|flight| flight.number == number) {
            self.under_way.remove(key);
        }
    }

    fn remove(&mut self, key: &Key) {
        if let Some(entry) = self.entries.remove(key) {
            self.by_age.remove(&entry.number);
            self.bytes = self.bytes.saturating_sub(entry.bytes);
        }
    }

    /// Entries, their bytes, and fetches under way.
    pub(super) fn size(&self) -> (usize, usize, usize) {
        (self.entries.len(), self.bytes, self.fetches)
    }
}

/// So many bytes of questions are under way at most, and one more: a fetch goes on with its own copy of them when the one
/// who asked is gone.
const QUESTIONS: usize = 16 << 20;
/// What an entry takes besides key and answer, roughly: its places in two maps.
const ENTRY: usize = 256;
/// What a value or a member takes besides its text, roughly.
const VALUE: usize = 64;

fn weight(attributes: &Attributes<'_>) -> usize {
    attributes.iter().map(|(name, value)| name.len() + weight_of(value)).sum()
}

fn weight_of(value: &Value<'_>) -> usize {
    VALUE
        + match value {
            Value::Null | Value::Bool(_) => 0,
            Value::Number(number) => number.as_str().len(),
            Value::Text(text) => text.len(),
            Value::List(items) => items.iter().map(weight_of).sum(),
            Value::Object(object) => object.iter().map(|(name, value)| name.len() + weight_of(value)).sum(),
        }
}
