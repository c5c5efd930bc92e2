//! Settings in a store that several instances share (SPEC.md §2).
//!
//! ```text
//!           ┌─ asked within 500 ms ──────────────────────────────────▶ Setting
//!  load ─▶ cache                                ┌─ the same version ─▶ Setting
//!           └─ flight, one for all ─▶ Store::read ─ another ─ compile ▶ Setting
//!  save ─▶ Store::swap, and then the answer
//! ```

mod cache;
mod flights;
mod format;
mod saving;

use std::fmt;
use std::hash::RandomState;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use platform_state::{Key, StateError, Store, Writer};
use tokio::time::Instant;

use self::cache::{Cache, Known};
use self::flights::{Answer, Flight, Flights, Seat};
use super::{Pending, Setting, SettingsCounters, SettingsStore, StoreError};

/// Settings in a [`Store`]: a file of SQLite that the processes of a machine share, or a Redis server that machines
/// share.
///
/// **Durable**: a save is answered when the store has it. What that means is the store's: SQLite has it on the disk; a
/// Redis server as its `appendonly` and `appendfsync` say, and with `maxmemory-policy noeviction` it keeps it. Settings
/// never expire.
///
/// **Ids** are the prefix and a number, given out once: a setting is only created where the store has none. Replacements
/// of one setting at the same time leave the last one, whole.
///
/// **Fresh**: a setting is compiled once, and trusted for half a second after the store was asked; then its version is
/// looked up, and it is compiled again only if that has changed. What is saved through this instance is seen at once.
/// Checks that need the same setting at the same time ask once. While the store is down, nothing is answered that is
/// older than that: the checks cannot be decided (SPEC.md §4.7).
///
/// A setting that cannot be read, because a newer version of this software has written it, denies and says why; it can
/// be replaced.
///
/// ```
/// use std::sync::Arc;
///
/// use platform_state::MemoryStore;
/// use rabbitpre_auth::{Setting, SettingsStore as _, StateSettings};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Arc::new(MemoryStore::new());
/// // Two instances of one service: give each process a prefix that no other has had, of random letters say.
/// let ours = StateSettings::new(store.clone(), "f3Qk-")?.named("portal")?;
/// let others = StateSettings::new(store, "x9Za-")?.named("portal")?;
///
/// let setting = Setting::parse(br#"{"userId":"u","settingData":[{"name":"city","value":["Yichang"]}]}"#)?;
/// let id = ours.save(None, setting).await?;
/// assert_eq!(id, "f3Qk-1");
/// assert!(others.load(&id).await?.is_some());
/// # Ok(())
/// # }
/// ```
pub struct StateSettings {
    store: Arc<dyn Store>,
    name: String,
    prefix: String,
    created: AtomicU64,
    writer: Writer,
    trust: Duration,
    desk: Mutex<Desk>,
    /// One replacement of a setting at a time within this process; ids share a few turns.
    turns: [tokio::sync::Mutex<()>; 16],
    hasher: RandomState,
    counts: Counts,
}

/// What is known, and what is being looked up.
#[derive(Debug)]
struct Desk {
    cache: Cache,
    flights: Flights,
}

#[derive(Debug, Default)]
struct Counts {
    loaded: AtomicU64,
    compiled: AtomicU64,
    cached: AtomicU64,
}

/// A prefix or a name that settings cannot have: the caller's input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateSettingsError {
    /// The prefix of ids.
    #[error("the prefix `{0}` of ids is not made of 1 to 64 ASCII letters, digits, `-`, `_` and `.`")]
    Prefix(String),
    /// The name of the service.
    #[error("the name `{0}` of the service is not made of 1 to 64 ASCII letters, digits, `-`, `_` and `.`")]
    Name(String),
}

/// How long what the store said is trusted.
const TRUST: Duration = Duration::from_millis(500);
/// How many settings are kept compiled.
const ENTRIES: usize = 1024;
/// How much memory they take, roughly.
const BYTES: usize = 128 << 20;
/// No id that was given out is longer.
const LONGEST_ID: usize = 128;
/// The namespace of the keys.
const NAMESPACE: &str = "rabbitpre-settings";

impl StateSettings {
    /// Settings in this store, under the name `default`. Ids are `prefix` and a number; give each process another prefix,
    /// so that no id comes again even after a store was lost.
    ///
    /// # Errors
    /// [`StateSettingsError::Prefix`].
    pub fn new(store: Arc<dyn Store>, prefix: impl Into<String>) -> Result<Self, StateSettingsError> {
        let prefix = prefix.into();
        if !is_plain(&prefix) {
            return Err(StateSettingsError::Prefix(prefix));
        }
        Ok(Self {
            store,
            name: "default".to_owned(),
            prefix,
            created: AtomicU64::new(0),
            writer: Writer::this_process(),
            trust: TRUST,
            desk: Mutex::new(Desk { cache: Cache::new(ENTRIES, BYTES), flights: Flights::new() }),
            turns: [const { tokio::sync::Mutex::const_new(()) }; 16],
            hasher: RandomState::new(),
            counts: Counts::default(),
        })
    }

    /// Settings of a service of another name: several services can share a store, and do not see each other's. The keys
    /// are `rabbitpre-settings/NAME/ID`.
    ///
    /// # Errors
    /// [`StateSettingsError::Name`].
    pub fn named(mut self, name: impl Into<String>) -> Result<Self, StateSettingsError> {
        self.name = name.into();
        if is_plain(&self.name) { Ok(self) } else { Err(StateSettingsError::Name(self.name)) }
    }

    /// How long what the store said is trusted, 500 ms by default: another instance's change is seen so late. 0 asks
    /// the store for each check.
    #[must_use]
    pub const fn trust(mut self, time: Duration) -> Self {
        self.trust = time;
        self
    }

    /// How many settings are kept compiled, 1024 by default, and how many bytes they may take, roughly, 128 MiB by
    /// default. The newest is kept whatever it takes.
    #[must_use]
    pub fn limits(mut self, entries: usize, bytes: usize) -> Self {
        self.desk = Mutex::new(Desk { cache: Cache::new(entries, bytes), flights: Flights::new() });
        self
    }

    /// A panic elsewhere leaves the desk whole: at worst something is looked up again.
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key of an id; [`None`] for what we never gave out.
    fn key(&self, id: &str) -> Option<Key> {
        if id.len() > LONGEST_ID {
            return None;
        }
        Key::new(NAMESPACE, &format!("{}/{id}", self.name)).ok()
    }

    async fn find(&self, id: &str) -> Answer {
        let seat = {
            let mut desk = self.desk();
            if let Some(known) = desk.cache.get(id, Instant::now(), self.trust) {
                self.counts.cached.fetch_add(1, Ordering::Relaxed);
                return Ok(known);
            }
            Seat::take(self, &mut desk, id, self.trust)
        };
        let Some(key) = self.key(id) else { return Ok(None) };
        seat.flight.answer.get_or_init(|| self.look_up(&key, id, &seat.flight)).await.clone()
    }

    async fn look_up(&self, key: &Key, id: &str, flight: &Arc<Flight>) -> Answer {
        // What the answer says is at least as new as the question.
        let asked = Instant::now();
        self.counts.loaded.fetch_add(1, Ordering::Relaxed);
        let found = match self.store.read(key).await {
            Ok(None) => None,
            Ok(Some(entry)) => {
                let compiled = self.desk().cache.compiled(id, &entry);
                let setting = compiled.unwrap_or_else(|| Arc::new(self.compile(key, entry.value.expose())));
                Some(Known { version: entry.version, text: entry.value, setting })
            }
            Err(error) => {
                self.desk().land(id, flight);
                return Err(error);
            }
        };
        let setting = found.as_ref().map(|known| Arc::clone(&known.setting));
        let mut desk = self.desk();
        if desk.land(id, flight) {
            desk.cache.put(id, found, asked, self.trust);
        }
        Ok(setting)
    }

    fn compile(&self, key: &Key, text: &str) -> Setting {
        self.counts.compiled.fetch_add(1, Ordering::Relaxed);
        format::read(text).unwrap_or_else(|reason| {
            tracing::warn!(
                platform = "rabbitpre", operation = "settings", setting = %key, %reason,
                "a setting cannot be read: checks against it are denied"
            );
            format::denying()
        })
    }
}

impl SettingsStore for StateSettings {
    fn load<'a>(&'a self, id: &'a str) -> Pending<'a, Result<Option<Arc<Setting>>, StoreError>> {
        Box::pin(async move { self.find(id).await.map_err(failed) })
    }

    fn save<'a>(&'a self, id: Option<&'a str>, setting: Setting) -> Pending<'a, Result<String, StoreError>> {
        Box::pin(async move {
            let text = format::write(&setting);
            let setting = Arc::new(setting);
            match id {
                None => self.create(setting, text).await.map_err(failed),
                Some(id) => self.replace(id, setting, text).await.map(|()| id.to_owned()),
            }
        })
    }

    fn counters(&self) -> SettingsCounters {
        SettingsCounters {
            loaded: self.counts.loaded.load(Ordering::Relaxed),
            compiled: self.counts.compiled.load(Ordering::Relaxed),
            answered_from_cache: self.counts.cached.load(Ordering::Relaxed),
        }
    }
}

/// Shows where, and none of what is kept.
impl fmt::Debug for StateSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, name, prefix, trust, .. } = self;
        f.debug_struct("StateSettings")
            .field("store", store)
            .field("name", name)
            .field("prefix", prefix)
            .field("trust", trust)
            .finish_non_exhaustive()
    }
}

fn is_plain(word: &str) -> bool {
    (1..=64).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn failed(error: StateError) -> StoreError {
    StoreError::Failed(Box::new(error))
}
