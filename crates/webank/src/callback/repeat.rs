//! Repeats: one message runs its handler once, here and in other processes, now and after a restart (`SPEC.md §5`).
//!
//! ```text
//!  Signature ──▶ link ─┐
//!                      ├─▶ root: open ──lease, handler──▶ answer ──▶ every repeat, wrapped and signed anew
//!  SeqNo+Plain ────────┘          └ failed, or the process died: open again, for the next repeat to run
//! ```
//!
//! A message has two keys in the [`Store`]. The one of its Signature links to the *root*: the key of SeqNo and Plain
//! under which the message first came. Whoever holds the root's lease runs the handler; whoever comes meanwhile waits for
//! the answer, in this process by notification, elsewhere by looking into the store.
//!
//! When the store cannot be reached the handler does **not** run, and the bank is told `0099`: to try again is the bank's
//! habit, and to run a handler twice may move money twice.

mod cell;
mod find;
mod flight;
mod identity;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use platform_state::{ErrorKind, Key, Lease, MemoryStore, Owner, StateError, Store, Writer};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use self::cell::Cell;
use self::flight::{Flight, Flights, Seat};
use super::service::Handler;
use super::{Answer, Call};

/// How repeats are recognised: where answers are kept, and for how long.
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use platform_state::MemoryStore;
/// use webank::callback::Repeats;
///
/// let repeats = Repeats::new(Arc::new(MemoryStore::new())).keep(Duration::from_secs(48 * 3600));
/// ```
#[derive(Debug, Clone)]
pub struct Repeats {
    store: Arc<dyn Store>,
    keep: Duration,
    lease: Duration,
    scope: String,
}

impl Repeats {
    /// Answers are kept in this store for 24 hours.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        let day = Duration::from_secs(24 * 60 * 60);
        Self { store, keep: day, lease: Duration::from_secs(10), scope: String::new() }
    }

    /// How long an answer is kept (`SPEC.md §5`). Default: 24 hours.
    #[must_use]
    pub fn keep(mut self, time: Duration) -> Self {
        self.keep = time;
        self
    }

    /// How long other processes wait for one that has died in the middle of a handler. The lease is prolonged while the
    /// handler runs, however long that takes, by a task beside it: a handler may block its thread for a while, but not
    /// all threads of the runtime, nor the only one; what blocks for long belongs into `tokio::task::spawn_blocking`.
    ///
    /// Leases end by the store's clock. One that is set back prolongs them; one that jumps ahead by more than this
    /// time ends them, and a repeat that comes right then to another process runs the handler there. Default: 10 s.
    #[must_use]
    pub fn lease(mut self, time: Duration) -> Self {
        self.lease = time.max(Duration::from_millis(30));
        self
    }

    /// Keeps services apart that share a store and are no copies of each other, by any name: an app id, say.
    #[must_use]
    pub fn scope(mut self, name: impl Into<String>) -> Self {
        self.scope = name.into();
        self
    }
}

impl Default for Repeats {
    /// In this process's memory: repeats are recognised until it ends.
    fn default() -> Self {
        Self::new(Arc::new(MemoryStore::new()))
    }
}

/// What came of a message.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    /// The business JSON.
    Answered {
        json: Arc<str>,
        repeat: bool,
    },
    Failed(Why),
}

/// Why there is no answer: `0099`.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Why {
    #[error("the handler failed")]
    Handler,
    #[error("the handler panicked; see its own message on stderr")]
    Panicked,
    #[error("no answer in time; the handler still runs, and a repeat gets its answer")]
    Late,
    #[error("the handler was given up")]
    Abandoned,
    #[error("another process has been running the handler for too long")]
    Elsewhere,
    #[error("the process ends")]
    Ended,
    #[error("the store of repeats failed, and without it a handler might run twice: {0}")]
    Store(#[from] StateError),
}

/// How often the store is looked into while another process runs the handler.
const LOOK: Duration = Duration::from_millis(100);
/// How often an answer that could not be kept is tried to be kept again.
const AGAIN: Duration = Duration::from_secs(1);
/// Others change a cell a few times in its life. A store in which it changes at each look does not keep its promise.
const TRIES: usize = 16;

/// Runs each message's handler once.
pub(super) struct Register {
    repeats: Repeats,
    flights: Arc<Flights>,
    abandon_after: Duration,
    unique: u64,
    runs: AtomicU64,
}

impl Register {
    pub(super) fn new(repeats: Repeats, abandon_after: Duration, unique: u64) -> Self {
        Self { repeats, flights: Arc::default(), abandon_after, unique, runs: AtomicU64::new(0) }
    }

    pub(super) async fn idle(&self) {
        self.flights.all_landed().await;
    }

    /// The answer to a message: the one that is kept, the one that somebody is about to give, or else the handler's.
    /// Whoever runs the handler keeps `place` until it ends, be that after the deadline.
    pub(super) async fn once(
        self: &Arc<Self>,
        call: &Arc<Call>,
        handler: &Handler,
        deadline: Instant,
        place: OwnedSemaphorePermit,
    ) -> Outcome {
        let work = self.answer(call, handler, deadline, place);
        timeout_at(deadline, work).await.unwrap_or(Outcome::Failed(Why::Late))
    }

    async fn answer(
        self: &Arc<Self>,
        call: &Arc<Call>,
        handler: &Handler,
        deadline: Instant,
        place: OwnedSemaphorePermit,
    ) -> Outcome {
        loop {
            let found = match self.find(call).await {
                Ok(found) => found,
                Err(error) => return Outcome::Failed(error.into()),
            };
            if let Some(json) = found.answer {
                self.settle(&found.roots, &json).await;
                return Outcome::Answered { json, repeat: true };
            }
            match self.flights.board(&found.roots, call) {
                Seat::Pilot(flight) => {
                    let waiting = flight.waiting();
                    let fly = Arc::clone(self).fly(flight, Arc::clone(call), Arc::clone(handler), deadline);
                    // A task of its own: a caller who hangs up does not stop a handler halfway.
                    tokio::spawn(async move {
                        fly.await;
                        drop(place);
                    });
                    return told(waiting).await;
                }
                Seat::Passenger { waiting, alike } => match told(waiting).await {
                    Outcome::Answered { json, .. } => {
                        self.settle(&found.roots, &json).await;
                        return Outcome::Answered { json, repeat: true };
                    }
                    // That was the other caller's deadline; ours is later.
                    Outcome::Failed(Why::Elsewhere) => {}
                    // SPEC.md §5: a replay under a wrong name must not block the real call, nor one under a SeqNo that
                    // the handler chokes on. Until our deadline.
                    Outcome::Failed(Why::Handler | Why::Panicked | Why::Abandoned) if !alike => {}
                    failed => return failed,
                },
            }
        }
    }

    /// Runs the handler, unless somebody else does, and tells everybody who waits.
    async fn fly(self: Arc<Self>, flight: Flight, call: Arc<Call>, handler: Handler, deadline: Instant) {
        let owner = self.owner();
        let outcome = match self.lease(&flight, &owner, deadline).await {
            Ok(None) => self.run(&flight, &owner, call, handler).await,
            Ok(Some(outcome)) => outcome,
            Err(error) => Outcome::Failed(error.into()),
        };
        if let Outcome::Answered { .. } = outcome {
            flight.tell(outcome.clone());
        }
        for root in &flight.roots {
            if let Err(error) = self.repeats.store.release(root, &owner).await {
                tracing::debug!(platform = "webank", operation = "callback", %error, "a lease ends by itself");
            }
        }
        // Of a failure nobody is told before all is ready for a repeat to run the handler again.
        flight.land(outcome);
    }

    /// Waits for the leases; an outcome if somebody else answers meanwhile, or does not.
    async fn lease(
        &self,
        flight: &Flight,
        owner: &Owner,
        deadline: Instant,
    ) -> Result<Option<Outcome>, StateError> {
        loop {
            let held = self.acquire(&flight.roots, owner).await?;
            // Also once it is ours: between our look and our lease, somebody may have had it and answered.
            if let Some(json) = self.kept_under(&flight.roots).await? {
                self.settle(&flight.roots, &json).await;
                return Ok(Some(Outcome::Answered { json, repeat: true }));
            }
            if held {
                return Ok(None);
            }
            let next = after(LOOK);
            if next >= deadline {
                return Ok(Some(Outcome::Failed(Why::Elsewhere)));
            }
            sleep_until(next).await;
        }
    }

    async fn acquire(&self, roots: &[Key], owner: &Owner) -> Result<bool, StateError> {
        for (position, root) in roots.iter().enumerate() {
            if let Lease::Busy { .. } = self.repeats.store.acquire(root, owner, self.repeats.lease).await? {
                for held in roots.iter().take(position) {
                    self.repeats.store.release(held, owner).await?;
                }
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn run(
        self: &Arc<Self>,
        flight: &Flight,
        owner: &Owner,
        call: Arc<Call>,
        handler: Handler,
    ) -> Outcome {
        let end = after(self.abandon_after);
        let prolong = Arc::clone(self).prolong(flight.roots.clone(), owner.clone());
        // A task of its own: a handler that blocks its thread does not stop it.
        let _prolonging = Prolonging(tokio::spawn(prolong));
        // It is under way before the handler can block the thread on which it was born, whence no other takes it.
        yield_now().await;
        let work = AssertUnwindSafe(async { handler(call).await }).catch_unwind();
        match timeout_at(end, work).await {
            Ok(Ok(Ok(answer))) => self.kept(flight, &answer, end).await,
            Ok(Ok(Err(error))) => {
                tracing::warn!(platform = "webank", operation = "callback", %error, "the handler failed");
                Outcome::Failed(Why::Handler)
            }
            Ok(Err(_panic)) => Outcome::Failed(Why::Panicked),
            Err(_elapsed) => {
                let time = self.abandon_after;
                tracing::error!(platform = "webank", operation = "callback", ?time, "a handler was given up");
                Outcome::Failed(Why::Abandoned)
            }
        }
    }

    /// Keeps an answer before anybody is told, so that no crash lies between; unless the store is down.
    async fn kept(&self, flight: &Flight, answer: &Answer, end: Instant) -> Outcome {
        let json: Arc<str> = answer.json().into();
        loop {
            match self.keep(&flight.roots, &json).await {
                Ok(json) => return Outcome::Answered { json, repeat: false },
                Err(error) => {
                    // The handler has run. To say otherwise would make the bank repeat it.
                    flight.tell(Outcome::Answered { json: Arc::clone(&json), repeat: false });
                    tracing::error!(
                        platform = "webank", operation = "callback", %error,
                        "an answer was given that could not be kept: a repeat may run the handler again"
                    );
                }
            }
            if Instant::now() >= end {
                return Outcome::Answered { json, repeat: false };
            }
            sleep(AGAIN).await;
        }
    }

    /// Puts an answer where none is; what is there already, stays and is the answer.
    async fn keep(&self, roots: &[Key], json: &Arc<str>) -> Result<Arc<str>, StateError> {
        let mut json = Arc::clone(json);
        for root in roots {
            json = self.keep_under(root.clone(), json).await?;
        }
        Ok(json)
    }

    async fn keep_under(&self, mut root: Key, json: Arc<str>) -> Result<Arc<str>, StateError> {
        for _ in 0..TRIES {
            let version = match self.look(&root).await? {
                None => 0,
                Some((version, Cell::Open)) => version,
                Some((_, Cell::Answer(there))) => return Ok(there.into()),
                // It was forgotten, and came again after another.
                Some((_, Cell::Link { to, .. })) => {
                    root = to;
                    continue;
                }
            };
            if self.swap(&root, version, &Cell::Answer(json.to_string())).await? {
                return Ok(json);
            }
        }
        Err(restless())
    }

    /// A message with two roots has its answer under both.
    async fn settle(&self, roots: &[Key], json: &Arc<str>) {
        if roots.len() > 1
            && let Err(error) = self.keep(roots, json).await
        {
            tracing::warn!(platform = "webank", operation = "callback", %error, "an answer was kept under one key");
        }
    }

    /// Keeps the leases for as long as it runs. Each for itself: one that was lost is no reason to give up another.
    async fn prolong(self: Arc<Self>, roots: Vec<Key>, owner: Owner) {
        loop {
            sleep(self.repeats.lease / 3).await;
            for root in &roots {
                match self.repeats.store.acquire(root, &owner, self.repeats.lease).await {
                    Ok(Lease::Held) => {}
                    Ok(Lease::Busy { .. }) => tracing::error!(
                        platform = "webank",
                        operation = "callback",
                        "the lease of a running handler went to another process: this one stood still for too long"
                    ),
                    Err(error) => tracing::warn!(
                        platform = "webank", operation = "callback", %error,
                        "the lease of a running handler could not be prolonged"
                    ),
                }
            }
        }
    }

    /// A holder of leases of its own for each run: two runs of one process exclude each other as well.
    fn owner(&self) -> Owner {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let unique = (u128::from(self.unique) << 64) | u128::from(run);
        Owner::new(Writer::this_process(), unique.to_be_bytes())
    }
}

/// Ends with its handler, however that ends.
struct Prolonging(JoinHandle<()>);

impl Drop for Prolonging {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// How the store is called in errors of what is in it.
const STORE: &str = "callback repeats";

fn restless() -> StateError {
    StateError::new(ErrorKind::Unavailable, STORE, "a cell changes at each look")
}

async fn told(mut waiting: watch::Receiver<Option<Outcome>>) -> Outcome {
    match waiting.wait_for(Option::is_some).await {
        Ok(told) => told.clone().unwrap_or(Outcome::Failed(Why::Ended)),
        Err(_) => Outcome::Failed(Why::Ended),
    }
}

/// In so long; in thirty years at the latest, which every clock can show.
pub(super) fn after(time: Duration) -> Instant {
    const LONG: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    Instant::now() + time.min(LONG)
}
