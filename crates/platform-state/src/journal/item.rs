//! What goes into a journal, and what comes out in batches.

use std::fmt;
use std::time::Duration;

use sign_core::{Hasher, Sha256};

use super::State;

/// A record to be kept. `Debug` shows the id alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    pub(crate) id: String,
    pub(crate) content: Vec<u8>,
    pub(crate) weight: u32,
}

/// Tells contents apart: the beginning of a SHA-256, so long that nobody finds two contents with the same.
pub(crate) type Fingerprint = [u8; 16];

impl Item {
    /// A record with its id, which is seen by whoever operates the journal, and its content. It weighs the content's
    /// bytes.
    #[must_use]
    pub fn new(id: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        let (id, content) = (id.into(), content.into());
        let weight = u32::try_from(content.len()).unwrap_or(u32::MAX);
        Self { id, content, weight }
    }

    /// Another weight: what [`Most::weight`] adds up, in the caller's unit.
    #[must_use]
    pub fn weigh(self, weight: u32) -> Self {
        Self { weight, ..self }
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        // SHA-256 has 32 bytes, so that none is missing.
        Hasher::<Sha256>::of(&self.content).as_bytes().first_chunk().copied().unwrap_or_default()
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Item({}, ‹{} B›)", self.id.escape_debug(), self.content.len())
    }
}

/// What became of a record that was to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Enqueued {
    /// It is new, and queued.
    New,
    /// It was there before with the same content, in this state: nothing was changed.
    Known(State),
    /// The id was there before with other content, in this state: the new content is queued.
    Replaced(State),
    /// The same run has brought it before, with the same content: nothing was changed.
    Repeated,
    /// The same run has brought the id before with other content: nothing was changed.
    Taken,
}

/// How much to lend at once: whichever limit is reached first, but at least one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// Records.
    pub items: usize,
    /// The sum of their weights.
    pub weight: u64,
}

/// Proves that a batch is lent to whoever has it: void once another one has the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket {
    /// The batch's number, never used twice.
    pub batch: u64,
    /// 1 the first time that it is lent; higher each time that it is lent again.
    pub attempt: u64,
}

/// A batch that is lent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What settles it.
    pub ticket: Ticket,
    /// The records, in their order: at least one.
    pub items: Vec<Claimed>,
}

/// A record of a batch. `Debug` shows the id alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its place in the journal.
    pub place: u64,
    /// Its id.
    pub id: String,
    /// Its content.
    pub content: Vec<u8>,
}

impl fmt::Debug for Claimed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claimed({}, {}, ‹{} B›)", self.place, self.id.escape_debug(), self.content.len())
    }
}

/// What there is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// This batch.
    Batch(Claim),
    /// Nothing now. Others are sending, and the first of their leases ends after so long, if it is not renewed.
    Wait(Duration),
    /// Nothing: no record is queued, sending or unknown.
    Empty,
}
