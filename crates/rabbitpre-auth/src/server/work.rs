//! One check, from its body to its decision (SPEC.md §3, §4). Most take microseconds and are decided where they arrive.
//! Those that are large, take long or are to be explained are worked on apart, so that nobody else waits for them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use tokio::time::timeout_at;

use super::Service;
use super::apart::on_a_thread;
use super::body::{self, Fault, Held};
use super::contained::contained;
use super::metrics::{LARGE, LONG, PLACES, ROOM, TRACED};
use crate::attributes::Attributes;
use crate::check::Decision;
use crate::error::Undecidable;
use crate::json::ReadError;
use crate::settings::{Setting, StoreError};
use crate::trace::Trace;

/// Hardly a check reads more attributes.
const USUAL: usize = 16;
/// Larger bodies are worked on apart, in bytes.
const LARGE_BODY: usize = 64 * 1024;
/// How long a decision may take where everybody else is waiting; it takes microseconds.
const PATIENCE: Duration = Duration::from_millis(2);
/// How long a decision may take apart. Thousands of conditions over hundreds of thousands of values take seconds; they are
/// denied.
const EVALUATION: Duration = Duration::from_millis(50);

/// What a check comes to.
pub(super) struct Decided {
    pub(super) decision: Decision,
    /// If it was asked for.
    pub(super) trace: Option<Trace>,
}

/// What source and store answered, for a check that is begun again apart.
struct Known {
    setting: Option<Arc<Setting>>,
    attributes: Arc<Attributes<'static>>,
}

/// How far a check came.
enum Outcome {
    Decided(Decided),
    OutOfPatience(Known),
}

/// How a check is worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Inline,
    Apart { traced: bool },
}

impl Service {
    pub(super) async fn decide<B: body::Incoming>(
        self: &Arc<Self>,
        headers: &HeaderMap,
        body: B,
        traced: bool,
    ) -> Result<Decided, Undecidable> {
        let Ok(_place) = self.places.try_acquire() else {
            self.metrics.overload.count(PLACES);
            body::let_in(headers, body);
            return Err(Undecidable::Overloaded);
        };
        let deadline = tokio::time::Instant::now() + self.deadline;
        let work = contained(async {
            let body =
                body::whole(headers, body, &self.room).await.map_err(|fault| self.undecidable(fault))?;
            if traced || body.len() > LARGE_BODY {
                self.metrics.apart.count(if traced { TRACED } else { LARGE });
                return self.decide_apart(body, None, deadline, traced).await;
            }
            match self.work(&body, None, Manner::Inline).await? {
                Outcome::Decided(decided) => Ok(decided),
                Outcome::OutOfPatience(known) => {
                    self.metrics.apart.count(LONG);
                    self.decide_apart(body, Some(known), deadline, traced).await
                }
            }
        });
        timeout_at(deadline, work).await.unwrap_or(Err(Undecidable::TooLate))
    }

    async fn decide_apart(
        self: &Arc<Self>,
        body: Held,
        known: Option<Known>,
        deadline: tokio::time::Instant,
        traced: bool,
    ) -> Result<Decided, Undecidable> {
        let place = self.apart.place().await;
        let service = Arc::clone(self);
        on_a_thread(place, move || async move {
            let work = service.work(&body, known, Manner::Apart { traced });
            match timeout_at(deadline, contained(work)).await {
                Ok(Ok(Outcome::Decided(decided))) => Ok(decided),
                Ok(Err(error)) => Err(error),
                Ok(Ok(Outcome::OutOfPatience(_))) | Err(_) => Err(Undecidable::TooLate),
            }
        })
        .await
    }

    async fn work(&self, body: &[u8], known: Option<Known>, manner: Manner) -> Result<Outcome, Undecidable> {
        let processor = self.processor(manner).await;
        let prepared = self.programs.prepare(body)?;
        drop(processor);
        let (setting, attributes) = match known {
            Some(known) => (known.setting, Some(known.attributes)),
            None => match prepared.setting_id() {
                Some(id) => {
                    (contained(async { self.settings.load(id).await }).await.map_err(store_failed)?, None)
                }
                None => (None, None),
            },
        };
        let processor = self.processor(manner).await;
        let check = prepared.check(setting.as_deref());
        drop(processor);
        let attributes = match attributes {
            Some(attributes) => attributes,
            None => {
                let mut names = Vec::with_capacity(USUAL);
                names.extend(check.names());
                self.metrics.asked.fetch_add(1, Ordering::Relaxed);
                let fetched = contained(async { self.source.fetch(prepared.user(), &names).await }).await;
                fetched.map_err(|error| {
                    self.metrics.source_errors.fetch_add(1, Ordering::Relaxed);
                    Undecidable::SourceFailed(error)
                })?
            }
        };
        let _processor = self.processor(manner).await;
        let patience = if manner == Manner::Inline { PATIENCE } else { EVALUATION };
        // No time-out reaches into a computation.
        let begun = Instant::now();
        let Some(decision) = check.decide_while(&attributes, || begun.elapsed() < patience) else {
            drop(check);
            return Ok(Outcome::OutOfPatience(Known { setting, attributes }));
        };
        let trace = (manner == Manner::Apart { traced: true }).then(|| check.explain(&attributes));
        Ok(Outcome::Decided(Decided { decision, trace }))
    }

    /// Where everybody computes, nobody waits for a processor.
    async fn processor(&self, manner: Manner) -> Option<tokio::sync::SemaphorePermit<'_>> {
        if manner == Manner::Inline { None } else { self.apart.processor().await }
    }

    fn undecidable(&self, fault: Fault) -> Undecidable {
        match fault {
            Fault::TooLarge => ReadError::TooLarge.into(),
            Fault::BrokeOff => Undecidable::BodyBrokeOff,
            Fault::NoRoom => {
                self.metrics.overload.count(ROOM);
                Undecidable::Overloaded
            }
        }
    }
}

fn store_failed(error: StoreError) -> Undecidable {
    match error {
        StoreError::Failed(cause) => Undecidable::StoreFailed(cause),
        error @ StoreError::UnknownId => Undecidable::StoreFailed(Box::new(error)),
    }
}
