//! What panics has failed, and does not take the answer with it.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use crate::error::{SaveError, Undecidable};
use crate::settings::StoreError;

/// The work's own result, or that it panicked.
pub(super) async fn contained<T, E: From<Panicked>>(
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let mut work = pin!(work);
    // Nothing of a future that panicked is polled or read again.
    poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)))
            .unwrap_or_else(|_| Poll::Ready(Err(E::from(Panicked))))
    })
    .await
}

#[derive(Debug, thiserror::Error)]
#[error("it panicked; see its own message on stderr")]
pub(super) struct Panicked;

impl From<Panicked> for StoreError {
    fn from(panicked: Panicked) -> Self {
        StoreError::Failed(Box::new(panicked))
    }
}

impl From<Panicked> for Undecidable {
    fn from(_: Panicked) -> Self {
        Undecidable::Internal
    }
}

impl From<Panicked> for SaveError {
    fn from(_: Panicked) -> Self {
        SaveError::Internal
    }
}
