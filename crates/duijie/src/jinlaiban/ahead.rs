//! Records that are read ahead on a thread of its own: reading waits for the disk, or for whoever writes into a pipe,
//! and sending must not wait with it.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use jinlaiban::{Found, Record};
use tokio::{
    sync::{Notify, oneshot},
    time::{Instant, sleep_until},
};

use super::records::Records;
use crate::exit::Failure;

/// Records that are made durable at once.
const MOST: usize = 2000;
/// Their bytes: so much is read ahead, whatever the length of the records.
const MOST_BYTES: usize = 4 << 20;
/// How long a record waits for others at most.
const LONGEST: Duration = Duration::from_millis(200);

/// A record and the line where it stood.
pub(super) struct Placed {
    pub(super) line: u64,
    pub(super) record: Record,
}

/// What was read, in its order. The reader is let go when this is dropped.
pub(super) struct Ahead {
    shelf: Arc<Shelf>,
    records: oneshot::Receiver<Records>,
}

#[derive(Default)]
struct Shelf {
    kept: Mutex<Kept>,
    room: Condvar,
    news: Notify,
}

#[derive(Default)]
struct Kept {
    records: Vec<Placed>,
    bytes: usize,
    /// Nothing comes any more.
    ended: bool,
    /// Nobody wants more.
    abandoned: bool,
}

impl Kept {
    fn is_full(&self) -> bool {
        self.records.len() >= MOST || self.bytes >= MOST_BYTES
    }
}

impl Shelf {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for room. `false`: nobody wants more.
    fn put(&self, found: Found) -> bool {
        let placed = Placed { line: found.line, record: found.record };
        let wait = |kept: &mut Kept| kept.is_full() && !kept.abandoned;
        let mut kept = self.room.wait_while(self.kept(), wait).unwrap_or_else(PoisonError::into_inner);
        if kept.abandoned {
            return false;
        }
        kept.bytes = kept.bytes.saturating_add(length(&placed.record));
        kept.records.push(placed);
        // The first one begins to wait; the last one ends it.
        if kept.records.len() == 1 || kept.is_full() {
            self.news.notify_one();
        }
        true
    }

    fn end(&self) {
        self.kept().ended = true;
        self.news.notify_one();
    }

    fn take(&self, kept: &mut Kept) -> Vec<Placed> {
        kept.bytes = 0;
        self.room.notify_all();
        std::mem::take(&mut kept.records)
    }
}

/// About so much memory.
fn length(record: &Record) -> usize {
    let members = [
        record.id(),
        record.user_id(),
        record.user_phone().unwrap_or_default(),
        record.user_name(),
        record.busi_item(),
        record.busi_detail().unwrap_or_default(),
    ];
    members.iter().map(|text| text.len()).fold(size_of::<Placed>(), usize::saturating_add)
}

impl Ahead {
    /// Begins to read.
    pub(super) fn new(mut records: Records) -> Result<Self, Failure> {
        let shelf = Arc::<Shelf>::default();
        let (give_back, given_back) = oneshot::channel();
        let theirs = Ended(Arc::clone(&shelf));
        let read = move || {
            while let Some(found) = records.next_found() {
                if !theirs.0.put(found) {
                    break;
                }
            }
            // Nobody listens where the run has failed.
            let _ = give_back.send(records);
            drop(theirs);
        };
        thread::Builder::new()
            .name("records".to_owned())
            .spawn(read)
            .map_err(|error| Failure::failed(format!("no thread can be started: {error}")))?;
        Ok(Self { shelf, records: given_back })
    }

    /// The next records: as many as are good for one transaction, or those that have waited long enough. None: it was the
    /// end.
    pub(super) async fn next(&mut self) -> Vec<Placed> {
        let mut until: Option<Instant> = None;
        loop {
            {
                let mut kept = self.shelf.kept();
                let due = until.is_some_and(|until| until <= Instant::now());
                if kept.ended || kept.is_full() || (due && !kept.records.is_empty()) {
                    return self.shelf.take(&mut kept);
                }
                if !kept.records.is_empty() && until.is_none() {
                    until = Some(Instant::now() + LONGEST);
                }
            }
            match until {
                Some(until) => tokio::select! {
                    () = self.shelf.news.notified() => {}
                    () = sleep_until(until) => {}
                },
                None => self.shelf.news.notified().await,
            }
        }
    }

    /// Ends the reading, and gives the reader back: at once at the end of the file, otherwise once its stopper is set.
    pub(super) async fn finish(mut self) -> Result<Records, Failure> {
        self.abandon();
        (&mut self.records).await.map_err(|_| Failure::failed("the reader of the records has failed"))
    }

    fn abandon(&self) {
        self.shelf.kept().abandoned = true;
        self.shelf.room.notify_all();
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.abandon();
    }
}

/// Tells the end, also when reading panics.
struct Ended(Arc<Shelf>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.end();
    }
}
