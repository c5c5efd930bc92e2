//! One save, from its body to its id (SPEC.md §2).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::http::HeaderMap;
use tokio::time::timeout;

use super::Service;
use super::apart::on_a_thread;
use super::body::{self, Fault};
use super::contained::contained;
use super::metrics::{PLACES, ROOM};
use crate::error::SaveError;
use crate::json::ReadError;
use crate::settings::{Setting, StoreError};
use crate::wire::{SaveReply, SaveRequest};

/// Larger bodies are read apart, in bytes: each condition is compared with the catalogue, and saves are not in a hurry.
const LARGE_BODY: usize = 8 * 1024;
/// How many of the things that are unlike the catalogue are logged; all are counted.
const TOLD: usize = 8;

/// A save that was understood.
struct Understood {
    id: Option<String>,
    skipped: usize,
    setting: Setting,
}

impl Service {
    pub(super) async fn keep<B: body::Incoming>(
        self: &Arc<Self>,
        headers: &HeaderMap,
        body: B,
    ) -> Result<SaveReply, SaveError> {
        let Ok(_place) = self.places.try_acquire() else {
            self.metrics.overload.count(PLACES);
            body::let_in(headers, body);
            return Err(SaveError::Overloaded);
        };
        let work = contained(async {
            let body = body::whole(headers, body, &self.room).await.map_err(|fault| self.unsaved(fault))?;
            let Understood { id, skipped, setting } = if body.len() > LARGE_BODY {
                let place = self.apart.place().await;
                let service = Arc::clone(self);
                on_a_thread(place, move || async move {
                    let _processor = service.apart.processor().await;
                    service.understand(&body)
                })
                .await?
            } else {
                self.understand(&body)?
            };
            let saved = contained(async { self.settings.save(id.as_deref(), setting).await }).await;
            match saved {
                Ok(id) => Ok(SaveReply::saved(id, skipped)),
                Err(StoreError::UnknownId) => Err(SaveError::UnknownId),
                Err(StoreError::Failed(cause)) => Err(SaveError::StoreFailed(cause)),
            }
        });
        timeout(self.deadline, work).await.unwrap_or(Err(SaveError::TooLate))
    }

    fn understand(&self, body: &[u8]) -> Result<Understood, SaveError> {
        let request = SaveRequest::parse(body)?;
        // The setting is kept all the same: the catalogue may have changed since the page was made.
        let findings = self.catalogue.findings(&request);
        let all = findings.len();
        self.metrics.findings.fetch_add(u64::try_from(all).unwrap_or(u64::MAX), Ordering::Relaxed);
        for finding in findings.iter().take(TOLD) {
            tracing::warn!(
                platform = "rabbitpre", operation = "save", %finding, all, "taken, but unlike the catalogue"
            );
        }
        let (id, skipped) = (request.config_id().map(str::to_owned), request.skipped());
        Ok(Understood { id, skipped, setting: Setting::from(request) })
    }

    fn unsaved(&self, fault: Fault) -> SaveError {
        match fault {
            Fault::TooLarge => ReadError::TooLarge.into(),
            Fault::BrokeOff => SaveError::BodyBrokeOff,
            Fault::NoRoom => {
                self.metrics.overload.count(ROOM);
                SaveError::Overloaded
            }
        }
    }
}
