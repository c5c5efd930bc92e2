//! Putting records into the journal.

use core::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use platform_state::{Enqueued, ErrorKind, Item, StateError};

use super::{Event, PusherError, Shared, add};
use crate::batch::BatchSize;
use crate::encode::{encoded_array_len, encoded_record_len};
use crate::record::Record;

/// Puts the records of one source, such as a file, into a journal.
///
/// Within it, an id stands for one record: what comes again is [`Enqueued::Repeated`], and with other content
/// [`Enqueued::Taken`] and not queued (`SPEC.md §3`).
pub struct Feed {
    shared: Arc<Shared>,
    run: u64,
}

/// What a record adds to an array, with a comma.
fn weight(record: &Record) -> u32 {
    let alone = encoded_record_len(record);
    let comma = encoded_array_len(alone, 2).saturating_sub(encoded_array_len(alone, 1));
    u32::try_from(alone.saturating_add(comma)).unwrap_or(u32::MAX)
}

/// The sum of weights up to which an array keeps to the byte limit.
pub(super) fn limit(size: BatchSize) -> u64 {
    // Brackets are two, commas one fewer than there are records: together as long as one comma more.
    let frame = encoded_array_len(0, 1).saturating_sub(encoded_array_len(0, 2) - encoded_array_len(0, 1));
    u64::try_from(size.bytes().saturating_sub(frame)).unwrap_or(u64::MAX)
}

impl Feed {
    pub(super) fn new(shared: Arc<Shared>) -> Result<Self, PusherError> {
        let run = u64::from_le_bytes(shared.client.draw()?);
        shared.feeds.fetch_add(1, Ordering::SeqCst);
        Ok(Self { shared, run })
    }

    /// Keeps records, all or, after an error, none. They are durable when it returns. Says what became of each, in order.
    /// A few thousand at once are fastest.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the journal.
    pub async fn enqueue(&self, records: &[Record]) -> Result<Vec<Enqueued>, StateError> {
        let item = |record: &Record| {
            // Texts are always JSON; if ever they were not, an error keeps the record with its owner.
            let json = serde_json::to_vec(record)
                .map_err(|error| StateError::new(ErrorKind::Input, "record", error))?;
            Ok(Item::new(record.id(), json).weigh(weight(record)))
        };
        let items = records.iter().map(item).collect::<Result<_, StateError>>()?;
        let outcome = self.shared.journal.enqueue(self.run, items).await?;
        let queued = |outcome: &&Enqueued| matches!(outcome, Enqueued::New | Enqueued::Replaced(_));
        let records = outcome.iter().filter(queued).count();
        if records > 0 {
            add(&self.shared.counters.queued, records);
            self.shared.tell(Event::Queued { records });
            self.shared.news.notify_waiters();
        }
        Ok(outcome)
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.shared.feeds.fetch_sub(1, Ordering::SeqCst);
        self.shared.news.notify_waiters();
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Feed({:?})", self.shared.journal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Batch, CreateDate};

    #[test]
    fn weights_keep_batches_within_the_byte_limit() {
        let date = CreateDate::parse("2021-03-17 18:57:03").unwrap();
        for count in 1..5 {
            let records: Vec<_> =
                (0..count).map(|id| Record::new(format!("号{id}"), "u", "查询", date).unwrap()).collect();
            let sum: u64 = records.iter().map(|record| u64::from(weight(record))).sum();
            let json = serde_json::to_string(&Batch::new(records).unwrap()).unwrap();
            let length = sign_core::form::encode(&json).len();
            let size = BatchSize::default();
            assert_eq!(sum, limit(size.max_bytes(length)));
        }
    }
}
