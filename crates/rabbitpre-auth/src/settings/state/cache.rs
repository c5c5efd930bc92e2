//! Settings that were looked up lately, compiled: so many, and so much memory, at most.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use platform_state::Entry;
use sign_core::Secret;
use tokio::time::Instant;

use crate::settings::Setting;

/// A setting takes so many times the memory of its text, at the most: many short values, each with what leads to it.
const TIMES: usize = 24;

/// A setting as the store had it.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) version: u64,
    /// What it was compiled from.
    pub(super) text: Secret,
    pub(super) setting: Arc<Setting>,
}

/// What is known of ids.
#[derive(Debug)]
pub(super) struct Cache {
    entries: usize,
    bytes: usize,
    kept: HashMap<Arc<str>, Kept>,
    /// Each id of `kept` once. The first is the next to go, unless it was asked for since it was last first.
    order: VecDeque<Arc<str>>,
    /// What the settings in `kept` weigh.
    weight: usize,
    absent: Absent,
}

#[derive(Debug)]
struct Kept {
    known: Known,
    /// When the store was asked; [`None`] when a save may have changed it since.
    asked: Option<Instant>,
    used: bool,
    weight: usize,
}

impl Cache {
    pub(super) fn new(entries: usize, bytes: usize) -> Self {
        Self {
            entries,
            bytes,
            kept: HashMap::new(),
            order: VecDeque::new(),
            weight: 0,
            absent: Absent::default(),
        }
    }

    /// What the store would answer, as far as it was asked within `trust`: the setting, or that there is none.
    pub(super) fn get(&mut self, id: &str, now: Instant, trust: Duration) -> Option<Option<Arc<Setting>>> {
        if let Some(kept) = self.kept.get_mut(id) {
            let fresh = kept.asked.is_some_and(|asked| now.saturating_duration_since(asked) < trust);
            kept.used |= fresh;
            return fresh.then(|| Some(Arc::clone(&kept.known.setting)));
        }
        self.absent.has(id, now, trust).then_some(None)
    }

    /// The setting that was compiled from just this entry. The version alone does not tell: a store that lost its last
    /// changes counts on from where it is.
    pub(super) fn compiled(&self, id: &str, entry: &Entry) -> Option<Arc<Setting>> {
        let known = &self.kept.get(id)?.known;
        let same = known.version == entry.version && known.text.expose() == entry.value.expose();
        same.then(|| Arc::clone(&known.setting))
    }

    /// Takes what the store has answered when it was asked.
    pub(super) fn put(&mut self, id: &str, found: Option<Known>, asked: Instant, trust: Duration) {
        let Some(known) = found else {
            if let Some(gone) = self.kept.remove(id) {
                self.weight -= gone.weight;
                self.order.retain(|kept| &**kept != id);
            }
            self.absent.put(id, asked, trust);
            return;
        };
        self.absent.until.remove(id);
        let weight = known.text.expose().len().saturating_mul(TIMES) + id.len();
        let kept = Kept { known, asked: Some(asked), used: true, weight };
        let id: Arc<str> = id.into();
        match self.kept.insert(Arc::clone(&id), kept) {
            Some(before) => self.weight -= before.weight,
            None => self.order.push_back(Arc::clone(&id)),
        }
        self.weight += weight;
        self.shrink(&id);
    }

    /// Takes a setting that was saved here, unless a later one is known already: then the store tells, because one that
    /// lost its last changes counts on from where it is.
    pub(super) fn put_own(&mut self, id: &str, known: Known, asked: Instant, trust: Duration) {
        if self.kept.get(id).is_none_or(|kept| kept.known.version <= known.version) {
            self.put(id, Some(known), asked, trust);
        } else {
            self.distrust(id);
        }
    }

    /// Nobody knows what the store holds now.
    pub(super) fn distrust(&mut self, id: &str) {
        if let Some(kept) = self.kept.get_mut(id) {
            kept.asked = None;
        }
    }

    /// Forgets settings until what is left is within the bounds. The newest stays whatever it weighs, or it would be
    /// compiled anew for each check.
    fn shrink(&mut self, newest: &str) {
        while self.kept.len() > 1 && (self.kept.len() > self.entries || self.weight > self.bytes) {
            let Some(id) = self.order.pop_front() else { return };
            // Each id that was used gets one more round.
            let used = self.kept.get_mut(&id).is_some_and(|kept| std::mem::take(&mut kept.used));
            if used || *id == *newest {
                self.order.push_back(id);
            } else if let Some(gone) = self.kept.remove(&id) {
                self.weight -= gone.weight;
            }
        }
    }
}

/// Ids that the store does not know: whoever guesses many does not ask it for each, and pushes no setting out.
#[derive(Debug, Default)]
struct Absent {
    /// When the store was asked, by id.
    until: HashMap<Arc<str>, Instant>,
    /// In the order in which they were asked.
    order: VecDeque<(Instant, Arc<str>)>,
}

impl Absent {
    /// So many are remembered.
    const MOST: usize = 1024;

    fn has(&self, id: &str, now: Instant, trust: Duration) -> bool {
        self.until.get(id).is_some_and(|&asked| now.saturating_duration_since(asked) < trust)
    }

    fn put(&mut self, id: &str, asked: Instant, trust: Duration) {
        let over = |(then, _): &(Instant, Arc<str>)| asked.saturating_duration_since(*then) >= trust;
        while self.order.len() >= Self::MOST || self.order.front().is_some_and(over) {
            let Some((then, id)) = self.order.pop_front() else { break };
            // It may have been asked for again since.
            if self.until.get(&id) == Some(&then) {
                self.until.remove(&id);
            }
        }
        let id: Arc<str> = id.into();
        self.until.insert(Arc::clone(&id), asked);
        self.order.push_back((asked, id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::state::format;

    const TRUST: Duration = Duration::from_millis(500);

    fn known(version: u64, values: usize) -> Known {
        let body = format!(r#"{{"settingData":[{{"name":"a","value":[{}]}}]}}"#, vec!["1"; values].join(","));
        let setting = Setting::parse(body.as_bytes()).unwrap();
        Known { version, text: format::write(&setting), setting: Arc::new(setting) }
    }

    fn has(cache: &mut Cache, id: &str, now: Instant) -> bool {
        cache.get(id, now, TRUST).flatten().is_some()
    }

    #[tokio::test]
    async fn the_bounds_hold_and_what_is_used_stays() {
        let now = Instant::now();
        let mut cache = Cache::new(3, usize::MAX);
        for id in ["a", "b", "c"] {
            cache.put(id, Some(known(1, 1)), now, TRUST);
        }
        // The first round takes everybody's use away, from then on who was asked for stays.
        cache.put("d", Some(known(1, 1)), now, TRUST);
        assert!(has(&mut cache, "b", now));
        cache.put("e", Some(known(1, 1)), now, TRUST);
        assert!(has(&mut cache, "b", now) && has(&mut cache, "e", now));
        for number in 0..1000 {
            cache.put(&format!("n{number}"), Some(known(1, 1)), now, TRUST);
            assert_eq!((cache.kept.len(), cache.order.len()), (3, 3));
        }
        let weighed: usize = cache.kept.values().map(|kept| kept.weight).sum();
        assert_eq!(cache.weight, weighed);
    }

    #[tokio::test]
    async fn memory_is_bounded_but_for_the_newest() {
        let now = Instant::now();
        let mut cache = Cache::new(1000, 100_000);
        for number in 0..1000 {
            cache.put(&number.to_string(), Some(known(1, 10)), now, TRUST);
            assert!(cache.weight <= 100_000);
        }
        assert!(cache.kept.len() > 10);
        cache.put("huge", Some(known(1, 10_000)), now, TRUST);
        assert!(has(&mut cache, "huge", now) && cache.kept.len() == 1);
        cache.put("huge", None, now, TRUST);
        assert_eq!((cache.weight, cache.order.len()), (0, 0));
    }

    #[tokio::test]
    async fn trust_ends() {
        let now = Instant::now();
        let mut cache = Cache::new(3, usize::MAX);
        cache.put("a", Some(known(1, 1)), now, TRUST);
        cache.put("b", None, now, TRUST);
        let later = now + TRUST - Duration::from_millis(1);
        assert!(has(&mut cache, "a", later) && cache.get("b", later, TRUST).is_some());
        assert!(!has(&mut cache, "a", now + TRUST) && cache.get("b", now + TRUST, TRUST).is_none());
        cache.put("a", Some(known(1, 1)), now, TRUST);
        cache.distrust("a");
        assert!(!has(&mut cache, "a", now));
        cache.put_own("a", known(3, 1), now, TRUST);
        cache.put_own("a", known(2, 1), now, TRUST);
        assert_eq!(cache.kept["a"].known.version, 3);
        assert!(!has(&mut cache, "a", now), "which of the two the store holds, it must tell");
    }

    #[tokio::test]
    async fn unknown_ids_do_not_fill_memory() {
        let now = Instant::now();
        let mut cache = Cache::new(3, usize::MAX);
        cache.put("a", Some(known(1, 1)), now, TRUST);
        for number in 0..10_000 {
            cache.put(&number.to_string(), None, now, TRUST);
        }
        cache.put("9999", None, now, TRUST);
        assert!(cache.absent.until.len() <= 1024 && cache.absent.order.len() <= 1024);
        assert!(has(&mut cache, "a", now) && cache.get("9999", now, TRUST).is_some());
        cache.put("b", None, now + TRUST, TRUST);
        assert_eq!((cache.absent.until.len(), cache.absent.order.len()), (1, 1));
    }
}
