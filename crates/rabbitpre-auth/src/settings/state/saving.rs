//! Saving: a new setting where there is none, another one in place of one that is there (SPEC.md §2).

use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use platform_state::{ErrorKind, Key, Put, StateError, Swap};
use sign_core::Secret;
use tokio::time::Instant;

use super::cache::Known;
use super::{NAMESPACE, StateSettings, failed};
use crate::settings::{Setting, StoreError};

/// Each attempt at a new id goes twice as far as the one before; each attempt at a replacement loses to another one.
const TRIES: usize = 64;

impl StateSettings {
    pub(super) async fn create(&self, setting: Arc<Setting>, text: Secret) -> Result<String, StateError> {
        let mut step = 1;
        for _ in 0..TRIES {
            let number = self.created.fetch_add(step, Ordering::Relaxed).wrapping_add(step);
            let id = format!("{}{number}", self.prefix);
            let key = Key::new(NAMESPACE, &format!("{}/{id}", self.name))
                .map_err(|error| StateError::new(ErrorKind::Input, STORE, error))?;
            let asked = Instant::now();
            match self.store.swap(&key, 0, Put::new(&text, &self.writer)).await? {
                Swap::Done(version) => {
                    self.own(&id, Known { version, text, setting }, asked);
                    return Ok(id);
                }
                // An earlier process had the same prefix.
                Swap::Moved(_) => step = step.saturating_mul(2),
            }
        }
        Err(restless())
    }

    pub(super) async fn replace(
        &self,
        id: &str,
        setting: Arc<Setting>,
        text: Secret,
    ) -> Result<(), StoreError> {
        let key = self.key(id).ok_or(StoreError::UnknownId)?;
        let turn = usize::try_from(self.hasher.hash_one(id) % 16).unwrap_or_default();
        let _turn = match self.turns.get(turn) {
            Some(turn) => Some(turn.lock().await),
            None => None,
        };
        let found = self.store.read(&key).await.map_err(failed)?;
        // SPEC.md §2: unknown id: error, nothing changed
        let mut version = found.ok_or(StoreError::UnknownId)?.version;
        let doubt = Doubt { settings: self, id, settled: false };
        for _ in 0..TRIES {
            let asked = Instant::now();
            match self.store.swap(&key, version, Put::new(&text, &self.writer)).await.map_err(failed)? {
                Swap::Done(version) => {
                    self.own(id, Known { version, text, setting }, asked);
                    doubt.settle();
                    return Ok(());
                }
                // Another instance has replaced it; the last one wins.
                Swap::Moved(Some(entry)) => version = entry.version,
                Swap::Moved(None) => return Err(StoreError::UnknownId),
            }
        }
        Err(failed(restless()))
    }

    /// What was saved here is seen here at once; what is being looked up is older.
    fn own(&self, id: &str, known: Known, asked: Instant) {
        let mut desk = self.desk();
        desk.flights.remove(id);
        desk.cache.put_own(id, known, asked, self.trust);
    }
}

/// A replacement of which nobody knows whether it was made: an error, or nobody who waits any more.
struct Doubt<'s> {
    settings: &'s StateSettings,
    id: &'s str,
    settled: bool,
}

impl Doubt<'_> {
    fn settle(mut self) {
        self.settled = true;
    }
}

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        if !self.settled {
            let mut desk = self.settings.desk();
            desk.flights.remove(self.id);
            desk.cache.distrust(self.id);
        }
    }
}

/// How the store is called in errors of what is in it.
const STORE: &str = "saved settings";

fn restless() -> StateError {
    StateError::new(ErrorKind::Unavailable, STORE, "a setting changes at each look; save it again later")
}
