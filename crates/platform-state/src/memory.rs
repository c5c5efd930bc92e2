//! A store within one process.

use std::collections::HashMap;
use std::fmt;
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt as _};
use sign_core::Secret;

use crate::span;
use crate::{Entry, Key, Lease, Owner, Put, StateError, Store, Swap, Writer};

/// Cells and leases of one process: gone when it ends. Clones share them.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Kept>>);

/// Shows none of what is kept.
impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryStore")
    }
}

#[derive(Debug, Default)]
struct Kept {
    cells: HashMap<Key, Cell>,
    leases: HashMap<Key, (Owner, Instant)>,
    /// Doubles as the number of cells at which what has ended is next cleared away.
    sweep_at: usize,
}

#[derive(Debug)]
struct Cell {
    version: u64,
    value: Secret,
    writer: Writer,
    put: Instant,
    until: Option<Instant>,
}

impl Cell {
    fn lives(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

/// Below this many cells nothing is swept.
const FEW: usize = 1024;

impl Kept {
    fn entry(&self, key: &Key, now: Instant) -> Option<Entry> {
        let cell = self.cells.get(key).filter(|cell| cell.lives(now))?;
        let age = now.saturating_duration_since(cell.put);
        Some(Entry::new(cell.version, cell.value.clone(), cell.writer.clone(), age))
    }

    /// Forgets what has ended, at a cost that each put shares.
    fn sweep(&mut self, now: Instant) {
        if self.cells.len() < self.sweep_at.max(FEW) {
            return;
        }
        self.cells.retain(|_, cell| cell.lives(now));
        self.leases.retain(|_, (_, until)| *until > now);
        self.sweep_at = self.cells.len().saturating_mul(2);
    }

    fn swap(&mut self, key: &Key, expected: u64, put: Put<'_>) -> Swap {
        let now = Instant::now();
        let found = self.entry(key, now);
        if found.as_ref().map_or(0, |entry| entry.version) != expected {
            return Swap::Moved(found);
        }
        self.sweep(now);
        let version = expected.saturating_add(1);
        let cell = Cell {
            version,
            value: put.value.clone(),
            writer: put.writer.clone(),
            put: now,
            // A time that no clock can show is as good as for ever.
            until: put.keep.and_then(|keep| now.checked_add(span::clamp(keep))),
        };
        self.cells.insert(key.clone(), cell);
        Swap::Done(version)
    }

    fn acquire(&mut self, key: &Key, owner: &Owner, time: Duration) -> Lease {
        let now = Instant::now();
        if let Some((holder, until)) = self.leases.get(key)
            && holder != owner
            && *until > now
        {
            return Lease::Busy { by: holder.writer().clone(), remaining: until.duration_since(now) };
        }
        // A clock that cannot show it has run for an age of the universe: the lease ends at once.
        let until = now.checked_add(span::clamp(time)).unwrap_or(now);
        self.leases.insert(key.clone(), (owner.clone(), until));
        Lease::Held
    }

    fn release(&mut self, key: &Key, owner: &Owner) {
        if self.leases.get(key).is_some_and(|(holder, _)| holder == owner) {
            self.leases.remove(key);
        }
    }
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn read<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Entry>, StateError>> {
        ready(Ok(self.kept().entry(key, Instant::now()))).boxed()
    }

    fn swap<'a>(
        &'a self,
        key: &'a Key,
        expected: u64,
        put: Put<'a>,
    ) -> BoxFuture<'a, Result<Swap, StateError>> {
        ready(Ok(self.kept().swap(key, expected, put))).boxed()
    }

    fn acquire<'a>(
        &'a self,
        key: &'a Key,
        owner: &'a Owner,
        time: Duration,
    ) -> BoxFuture<'a, Result<Lease, StateError>> {
        ready(Ok(self.kept().acquire(key, owner, time))).boxed()
    }

    fn release<'a>(&'a self, key: &'a Key, owner: &'a Owner) -> BoxFuture<'a, Result<(), StateError>> {
        self.kept().release(key, owner);
        ready(Ok(())).boxed()
    }
}
