//! What became of a push in several batches.

use crate::batch::Batch;
use crate::error::{PushError, Receipt};
use crate::record::Record;

/// What became of each batch, in order. Nothing is lost: what was not accepted is in here.
#[derive(Debug, Default)]
#[non_exhaustive]
#[must_use = "batches that failed are reported here and nowhere else"]
pub struct PushReport {
    /// The batches that were tried.
    pub batches: Vec<BatchReport>,
    /// The records that were not tried, because the platform answered `302` before.
    pub not_tried: Vec<Record>,
}

/// What became of one batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct BatchReport {
    /// How many records went before the batch's first.
    pub first: usize,
    /// How many records the batch holds.
    pub records: usize,
    /// The platform's receipt, or the batch itself and why it was not accepted.
    pub result: Result<Receipt, (Batch, PushError)>,
}

impl PushReport {
    /// How many records were tried.
    #[must_use]
    pub fn records(&self) -> usize {
        self.batches.iter().map(|batch| batch.records).sum()
    }

    /// How many records the platform accepted.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.batches.iter().filter(|batch| batch.result.is_ok()).map(|batch| batch.records).sum()
    }

    /// Whether every record was accepted.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.not_tried.is_empty() && self.batches.iter().all(|batch| batch.result.is_ok())
    }

    /// The batches that were not accepted, each with the reason.
    pub fn failures(&self) -> impl Iterator<Item = (&Batch, &PushError)> {
        self.batches
            .iter()
            .filter_map(|batch| batch.result.as_ref().err().map(|(batch, error)| (batch, error)))
    }

    /// All records that were not accepted, tried or not, in order: to be pushed again, the platform recognises those
    /// it has already.
    pub fn into_unsettled(self) -> impl Iterator<Item = Record> {
        let failed = self.batches.into_iter().filter_map(|batch| batch.result.err());
        failed.flat_map(|(batch, _)| batch.into_records()).chain(self.not_tried)
    }
}
