//! What was found out about the digest, kept where the next process finds it (YC-1).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use platform_state::{Key, KeyError, Put, StateError, Store, Swap, Writer};
use sign_core::Secret;

use crate::detect::Detector;
use crate::sign::DigestKind;

/// A cell of a store. Clones share it. Nothing here fails a call: without the store, detection costs one call more.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    store: Arc<dyn Store>,
    key: Key,
    asked: Arc<AtomicBool>,
    kept: Arc<AtomicBool>,
}

impl Memory {
    /// One cell for each platform and `appId`: test and production may differ.
    pub(crate) fn new(store: Arc<dyn Store>, base: &str, app_id: &str) -> Result<Self, KeyError> {
        let key = Key::new("yichang", &format!("digest/{app_id}@{base}"))?;
        Ok(Self { store, key, asked: Arc::default(), kept: Arc::default() })
    }

    /// Tells the detector what another process found out, before the first call.
    pub(crate) async fn recall(&self, detector: &Detector) {
        if self.asked.load(Ordering::Relaxed) {
            return;
        }
        match self.read().await {
            Ok((Some(kind), _)) => detector.tell(kind),
            Ok((None, _)) => {}
            Err(error) => tracing::warn!(%error, "what was found out about the digest cannot be read"),
        }
        // Only now: a call at the same time waits for its own answer.
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Keeps what worked, once.
    pub(crate) async fn keep(&self, detector: &Detector) {
        let Some(proven) = detector.proven() else { return };
        if self.kept.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Err(error) = self.write(proven).await {
            tracing::warn!(%error, "what was found out about the digest cannot be kept");
        }
    }

    /// The digest, and the version of the cell. What nobody understands is none.
    async fn read(&self) -> Result<(Option<DigestKind>, u64), StateError> {
        let Some(entry) = self.store.read(&self.key).await? else { return Ok((None, 0)) };
        let kind = [DigestKind::Sha1, DigestKind::Md5]
            .into_iter()
            .find(|kind| entry.value.expose() == kind.to_string());
        Ok((kind, entry.version))
    }

    async fn write(&self, proven: DigestKind) -> Result<(), StateError> {
        let (kept, version) = self.read().await?;
        if kept == Some(proven) {
            return Ok(());
        }
        // The name of a digest is never empty.
        let Ok(value) = Secret::new(proven.to_string()) else { return Ok(()) };
        match self.store.swap(&self.key, version, Put::new(&value, &Writer::this_process())).await? {
            Swap::Done(_) => tracing::debug!(digest = %proven, key = %self.key, "kept which digest works"),
            // Whoever was faster found it out as we did.
            Swap::Moved(_) => {}
        }
        Ok(())
    }
}
