//! Counts, from any thread.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::SourceCounters;
use crate::attributes::Attributes;

/// [`SourceCounters`], counting.
#[derive(Debug, Default)]
pub(super) struct Counting {
    asked: AtomicU64,
    answered_from_cache: AtomicU64,
    joined: AtomicU64,
    failed: AtomicU64,
}

impl Counting {
    /// Counts a question, and its answer if that is an error. One that nobody waits for any more has no answer.
    pub(super) async fn fetch<A, E>(
        &self,
        question: impl Future<Output = Result<A, E>>,
    ) -> Result<Arc<Attributes<'static>>, Box<dyn Error + Send + Sync>>
    where
        A: Into<Arc<Attributes<'static>>>,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        self.asked();
        match question.await {
            Ok(attributes) => Ok(attributes.into()),
            Err(error) => {
                self.failed();
                Err(error.into())
            }
        }
    }

    pub(super) fn asked(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn answered_from_cache(&self) {
        self.answered_from_cache.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn joined(&self) {
        self.joined.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> SourceCounters {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        SourceCounters {
            asked: read(&self.asked),
            answered_from_cache: read(&self.answered_from_cache),
            joined: read(&self.joined),
            failed: read(&self.failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::task::{Context, Waker};

    use super::*;
    use crate::source::CacheError;

    #[tokio::test]
    async fn questions_are_counted_and_errors_among_the_answers() {
        let counting = Counting::default();
        let known: Attributes<'static> = [("age", "34")].into_iter().collect();
        let answer = counting.fetch(async { Ok::<_, CacheError>(known) }).await;
        assert_eq!(answer.unwrap().len(), 1);
        let shared = Arc::new(Attributes::default());
        let answer = counting.fetch(async { Ok::<_, CacheError>(Arc::clone(&shared)) }).await;
        assert!(Arc::ptr_eq(&answer.unwrap(), &shared));
        let busy = counting.fetch(async { Err::<Attributes<'static>, _>(CacheError::Busy { fetches: 7 }) });
        let error = busy.await.unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(CacheError::Busy { fetches: 7 })), "{error}");
        let counts = SourceCounters { asked: 3, failed: 1, ..SourceCounters::default() };
        assert_eq!(counting.read(), counts);
    }

    /// Whoever asked went away.
    #[test]
    fn a_question_without_an_answer_did_not_fail() {
        let counting = Counting::default();
        {
            let mut question = Box::pin(counting.fetch(pending::<Result<Attributes<'static>, CacheError>>()));
            assert!(question.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        assert_eq!(counting.read(), SourceCounters { asked: 1, ..SourceCounters::default() });
    }
}
