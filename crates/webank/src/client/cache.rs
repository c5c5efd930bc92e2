//! The credentials of one process: readers are served from memory, one task of its own fetches.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use sign_core::UnixMillis;
use tokio::task::AbortHandle;

use super::{Client, Error};
use crate::Credentials;

/// After a fetch that failed, live credentials are used for so long before the next one.
const PAUSE: Duration = Duration::from_secs(30);

type Fetched = Result<Arc<Credentials>, Failed>;
type Flight = Shared<BoxFuture<'static, Fetched>>;

/// Why a fetch failed: told to everybody who waited for it.
#[derive(Debug, Clone)]
pub(super) struct Failed {
    pub(super) step: &'static str,
    pub(super) cause: Arc<Error>,
}

impl From<Failed> for Error {
    fn from(Failed { step, cause }: Failed) -> Self {
        Self::Credentials { step, cause }
    }
}

#[derive(Default)]
pub(super) struct Cache(Mutex<State>);

#[derive(Default)]
struct State {
    live: Option<Arc<Credentials>>,
    /// A fetch under way. There is never a second one: it would kick out what the first brings.
    flight: Option<(Flight, AbortHandle)>,
    failed_at: Option<UnixMillis>,
}

impl Cache {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Credentials to sign with: the live ones at once, renewed in the background where they are due; only where
    /// there are none does the caller wait.
    pub(super) async fn current(&self, client: &Client) -> Result<Arc<Credentials>, Error> {
        let flight = {
            let mut state = self.state();
            let now = client.inner.clock.now();
            match &state.live {
                Some(live) if !live.is_due(now) => return Ok(Arc::clone(live)),
                // SPEC.md §2.3: a failed refresh never displaces a live token, nor does it delay anybody.
                Some(live) if live.is_alive(now) => {
                    let live = Arc::clone(live);
                    if state.failed_at.is_none_or(|failed| now.saturating_since(failed) >= PAUSE) {
                        drop(state.flight(client)); // its task runs, whoever waits for it
                    }
                    return Ok(live);
                }
                _ => state.flight(client),
            }
        };
        Ok(flight.await?)
    }

    /// Credentials newer than the generation that was refused: somebody else's if there are, else fetched once,
    /// however many were refused.
    pub(super) async fn newer_than(&self, refused: u64, client: &Client) -> Result<Arc<Credentials>, Error> {
        let flight = {
            let mut state = self.state();
            match &state.live {
                Some(live) if live.generation > refused => return Ok(Arc::clone(live)),
                _ => state.flight(client),
            }
        };
        Ok(flight.await?)
    }

    fn land(&self, fetched: &Fetched, now: UnixMillis) {
        let mut state = self.state();
        state.flight = None;
        match fetched {
            Ok(fresh) => {
                tracing::debug!(platform = "webank", generation = fresh.generation, "credentials fetched");
                state.live = Some(Arc::clone(fresh));
                state.failed_at = None;
            }
            Err(Failed { step, cause }) => {
                tracing::warn!(platform = "webank", step, error = %cause, "credentials not fetched");
                state.failed_at = Some(now);
            }
        }
    }
}

impl State {
    /// The fetch under way, begun if there is none. It runs in a task of its own: by the time a caller loses
    /// patience, the platform may have kicked out the old token, so the new one must be kept whoever waits.
    fn flight(&mut self, client: &Client) -> Flight {
        // A task that has ended without landing was interrupted, and brings nothing any more.
        if let Some((flight, _)) = self.flight.as_ref().filter(|(_, task)| !task.is_finished()) {
            return flight.clone();
        }
        let generation = self.live.as_ref().map_or(1, |live| live.generation.saturating_add(1));
        let client = client.clone();
        let task = tokio::spawn(async move {
            let fetched = client.fetch(generation).await.map(Arc::new);
            client.inner.cache.land(&fetched, client.inner.clock.now());
            fetched
        });
        let handle = task.abort_handle();
        let interrupted = || Failed { step: "access_token", cause: Arc::new(Error::Interrupted) };
        let flight = async move { task.await.unwrap_or_else(|_| Err(interrupted())) }.boxed().shared();
        self.flight = Some((flight.clone(), handle));
        flight
    }
}
