//! Settings that live as long as the process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Pending, Setting, SettingsStore, StoreError};

/// Settings in memory, gone with the process.
pub struct MemorySettings {
    /// Names the process in each id, so that a later process does not give out the same ones.
    prefix: String,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    settings: HashMap<String, Arc<Setting>>,
    created: u64,
}

impl MemorySettings {
    /// An empty store. Ids are `prefix` and a number; give each process another prefix.
    #[must_use]
    pub fn new(prefix: impl Into<String>) -> Self {
        MemorySettings { prefix: prefix.into(), kept: Mutex::default() }
    }

    /// Keeps a setting under an id of the caller's choosing.
    pub fn insert(&self, id: impl Into<String>, setting: Setting) {
        self.kept().settings.insert(id.into(), Arc::new(setting));
    }

    /// The setting under the id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<Setting>> {
        self.kept().settings.get(id).cloned()
    }

    /// Replaces the setting under the id, or creates one; the same as [`SettingsStore::save`].
    ///
    /// # Errors
    /// [`StoreError::UnknownId`] if there is nothing to replace.
    pub fn put(&self, id: Option<&str>, setting: Setting) -> Result<String, StoreError> {
        let mut kept = self.kept();
        let id = match id {
            Some(id) if kept.settings.contains_key(id) => id.to_owned(),
            Some(_) => return Err(StoreError::UnknownId),
            None => loop {
                kept.created += 1;
                let id = format!("{}{}", self.prefix, kept.created);
                // One may be there already, by `insert`.
                if !kept.settings.contains_key(&id) {
                    break id;
                }
            },
        };
        kept.settings.insert(id.clone(), Arc::new(setting));
        Ok(id)
    }

    /// A panic elsewhere leaves whole settings behind: each change is one insertion.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemorySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemorySettings({} settings)", self.kept().settings.len())
    }
}

impl SettingsStore for MemorySettings {
    fn load<'a>(&'a self, id: &'a str) -> Pending<'a, Result<Option<Arc<Setting>>, StoreError>> {
        Box::pin(async move { Ok(self.get(id)) })
    }

    fn save<'a>(&'a self, id: Option<&'a str>, setting: Setting) -> Pending<'a, Result<String, StoreError>> {
        Box::pin(async move { self.put(id, setting) })
    }
}
