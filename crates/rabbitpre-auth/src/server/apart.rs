//! Where requests are worked on that would hold up the others: on threads of their own, few at a time.

use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::contained::Panicked;

/// How many are worked on apart at a time, those included that wait for the source; more wait, up to their deadline.
const AT_A_TIME: usize = 16;

/// Room for work that takes long.
#[derive(Debug)]
pub(super) struct Apart {
    places: Arc<Semaphore>,
    /// One processor stays for everybody else.
    processors: Semaphore,
}

impl Default for Apart {
    fn default() -> Self {
        let processors = available_parallelism().map_or(1, |all| all.get().saturating_sub(1).max(1));
        Apart { places: Arc::new(Semaphore::new(AT_A_TIME)), processors: Semaphore::new(processors) }
    }
}

impl Apart {
    /// A place; waits for one.
    pub(super) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        // Never closed.
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    /// A processor, for as long as something is computed.
    pub(super) async fn processor(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed.
        self.processors.acquire().await.ok()
    }
}

/// Drives the work on a thread of its own, which it may keep busy. Once begun, it goes on if nobody waits for it.
pub(super) async fn on_a_thread<T, E, W, F>(place: Option<OwnedSemaphorePermit>, work: W) -> Result<T, E>
where
    T: Send + 'static,
    E: From<Panicked> + Send + 'static,
    W: FnOnce() -> F + Send + 'static,
    F: Future<Output = Result<T, E>>,
{
    let runtime = Handle::current();
    let thread = tokio::task::spawn_blocking(move || {
        let _place = place;
        runtime.block_on(work())
    });
    thread.await.unwrap_or_else(|_| Err(E::from(Panicked)))
}
