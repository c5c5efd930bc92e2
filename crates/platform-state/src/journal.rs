//! The port of a journal: records that are kept until somebody else has them.

mod item;
mod memory;
mod settled;

use std::fmt;
use std::future::ready;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};

#[cfg(feature = "sqlite")]
pub(crate) use self::item::Fingerprint;
pub use self::item::{Claim, Claimed, Enqueued, Item, Most, Ticket, Turn};
pub use self::memory::MemoryJournal;
pub use self::settled::{Counts, Cursor, Exported, Page, State, StateNameError, Verdict};
use crate::{Owner, StateError};

/// A durable queue of opaque records, shared by everybody who opens the same one.
///
/// ```text
///            enqueue             claim                 settle
///   Item ──────────────▶ queued ───────▶ sending ───────────────▶ accepted ──▶ forgotten after a while
///                          ▲  ▲             │  ▲  └──────────────▶ refused ─┐
///                          │  └── unsent ───┤  │ claim                      │
///                          │                ▼  │                            │
///                          │              unknown   release, or the end of  │
///                          │                        the lease               │
///                          └──────────────── retry ─────────────────────────┘
/// ```
///
/// - What [`enqueue`](Self::enqueue) has answered is durable. A process that dies at any moment leaves each record
///   queued, unknown, accepted or refused; none is lost, none is there by halves.
/// - A record is known by its id. The same content is not queued again, also not when it was accepted before and is not
///   yet forgotten. Other content is queued again: it takes the place of what was not sent, and follows what was.
/// - Records come in the order in which they were queued, in batches. Each batch is lent to one owner for a time. When
///   the time ends or the owner says so, its outcome is **unknown**, and the same records are lent to the next one,
///   before any others. No batch is lent to two at once.
/// - Whoever lost his batch to another owner settles nothing any more: his [`Ticket`] is void.
///
/// Each method is atomic. After an error nobody knows whether the change was made; each can be repeated: a record is
/// known by then, a batch whose claim was lost becomes unknown, and a ticket still holds or is void.
pub trait Journal: Send + Sync + fmt::Debug {
    /// Says whom the records are for, in a text without secrets. The first one is kept. Returns whom the journal serves.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the journal.
    fn serve<'a>(&'a self, target: &'a str) -> BoxFuture<'a, Result<String, StateError>>;

    /// Whom the journal serves; [`None`] as long as nobody has said it.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the journal.
    fn target(&self) -> BoxFuture<'_, Result<Option<String>, StateError>>;

    /// Keeps records, all of them or, after an error, none; says of each, in order, what became of it. `run` is a number
    /// of this feeding, such as the reading of one file: within it, an id stands for one content.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the journal.
    fn enqueue<'a>(&'a self, run: u64, items: Vec<Item>) -> BoxFuture<'a, Result<Vec<Enqueued>, StateError>>;

    /// Lends the next batch: one whose outcome is unknown as it is, else the oldest records that are queued, as many as
    /// `most` allows. A lease of zero ends at once.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the journal.
    fn claim<'a>(
        &'a self,
        owner: &'a Owner,
        most: Most,
        lease: Duration,
    ) -> BoxFuture<'a, Result<Turn, StateError>>;

    /// Prolongs the lease from now on. `false`: the ticket is void.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the journal.
    fn renew(&self, ticket: Ticket, lease: Duration) -> BoxFuture<'_, Result<bool, StateError>>;

    /// Says what became of records of a batch, by their places. The others stay lent. `false`: the ticket is void, nothing
    /// was changed.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the journal.
    fn settle(
        &self,
        ticket: Ticket,
        verdicts: Vec<(u64, Verdict)>,
    ) -> BoxFuture<'_, Result<bool, StateError>>;

    /// Gives back what is left of a batch. `sent`: its outcome is unknown; otherwise its records are queued, unless their
    /// outcome was unknown before. `false`: the ticket is void, nothing was changed.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the journal.
    fn release(&self, ticket: Ticket, sent: bool) -> BoxFuture<'_, Result<bool, StateError>>;

    /// How many records are in which state.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the journal.
    fn counts(&self) -> BoxFuture<'_, Result<Counts, StateError>>;

    /// Records in a state, at most so many at once, from the beginning or from where a page ended. What others change
    /// meanwhile may be missed or come twice.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the journal.
    fn export(
        &self,
        state: State,
        from: Option<Cursor>,
        most: usize,
    ) -> BoxFuture<'_, Result<Page, StateError>>;

    /// Queues what was refused, at most so many at once. Says how many.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the journal.
    fn retry(&self, most: usize) -> BoxFuture<'_, Result<usize, StateError>>;

    /// Forgets records that were accepted longer ago than `age`, at most so many at once. Says how many: fewer than
    /// `most`, and there are no more.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the journal.
    fn forget(&self, age: Duration, most: usize) -> BoxFuture<'_, Result<usize, StateError>>;

    /// Removes what the storage may still hold of contents that were deleted, such as a log. Where others use the journal
    /// at this moment some may stay: whoever ends last removes it. Does nothing by default.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the journal.
    fn tidy(&self) -> BoxFuture<'_, Result<(), StateError>> {
        ready(Ok(())).boxed()
    }
}
