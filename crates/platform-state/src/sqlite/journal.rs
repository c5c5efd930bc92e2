//! A journal in a file that the processes of a machine share.

mod feed;
mod lend;
mod look;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::fault::Fault;
use super::thread::{Database, empty_log};
use crate::{
    Counts, Cursor, Enqueued, ErrorKind, Item, Journal, Most, Owner, Page, State, StateError, Ticket, Turn,
    Verdict,
};

/// A [`Journal`] in a folder of one machine, which any number of its processes share. Clones share one connection.
///
/// The folder holds an SQLite file of the same kind as [`SqliteStore`](crate::SqliteStore)'s, with the same rights,
/// and the same words where it is broken, foreign, newer, read only, or the disk is full: nothing is changed then. What
/// a method has answered is on the disk. Leases run on the clock of the operating system; when it is set back, a lease
/// ends at once rather than last longer than it was taken for.
///
/// The content of a record is deleted with its acceptance, and overwritten in the file. SQLite's log, `-wal`, may hold it
/// until [`tidy`](Journal::tidy), which is also done when nothing was changed for a second, or until the last process
/// has ended.
#[derive(Clone)]
pub struct SqliteJournal {
    database: Database,
}

/// The file in the folder.
const FILE: &str = "journal.db";
/// How long to wait for other processes by default: an `enqueue` of thousands of records may take a moment.
const WAIT: Duration = Duration::from_secs(30);

impl SqliteJournal {
    /// Opens the journal in a folder, and makes both where they are missing, for nobody else to read. Waits at most 30
    /// seconds for other processes, now and with each call.
    ///
    /// # Errors
    /// As [`SqliteStore::open`](crate::SqliteStore::open).
    pub async fn open(folder: impl Into<PathBuf>) -> Result<Self, StateError> {
        Self::open_waiting(folder, WAIT).await
    }

    /// As [`open`](Self::open), with another time to wait for other processes.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_waiting(folder: impl Into<PathBuf>, wait: Duration) -> Result<Self, StateError> {
        let folder = folder.into();
        make(&folder)?;
        Ok(Self { database: Database::open(folder.join(FILE), wait).await? })
    }

    /// Opens the journal in a folder if there is one; [`None`] when nothing is there, and nothing is made.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn find(folder: impl Into<PathBuf>) -> Result<Option<Self>, StateError> {
        let folder = folder.into();
        // What cannot be looked at is for `open` to complain about.
        if matches!(folder.join(FILE).try_exists(), Ok(false)) {
            return Ok(None);
        }
        Self::open(folder).await.map(Some)
    }
}

fn make(folder: &Path) -> Result<(), StateError> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| {
        let kind = if folder.exists() { ErrorKind::Input } else { ErrorKind::Refused };
        let reason = format!("the folder cannot be made: {error}; name one that this user may write into");
        StateError::new(kind, folder.display(), reason)
    })
}

/// Shows the file.
impl fmt::Debug for SqliteJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SqliteJournal").field(&self.database.name()).finish()
    }
}

/// What a row of `journal_waiting` says.
const QUEUED: u8 = 0;
const HELD: u8 = 1;
const LENT: u8 = 2;

/// Begins a change. Others wait for it, and it for them.
fn change(connection: &mut Connection) -> Result<Transaction<'_>, Fault> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// Changes the counters of a journal.
#[derive(Default)]
struct Tally {
    queued: i64,
    accepted: i64,
    refused: i64,
}

impl Tally {
    fn add(&self, connection: &Connection) -> Result<(), Fault> {
        let Self { queued, accepted, refused } = self;
        let mut update = connection.prepare_cached(
            "UPDATE journal SET queued = queued + ?1, accepted = accepted + ?2, refused = refused + ?3",
        )?;
        update.execute((queued, accepted, refused))?;
        Ok(())
    }
}

impl Journal for SqliteJournal {
    fn serve<'a>(&'a self, target: &'a str) -> BoxFuture<'a, Result<String, StateError>> {
        let target = target.to_owned();
        self.database.run(move |connection| look::serve(connection, &target)).boxed()
    }

    fn target(&self) -> BoxFuture<'_, Result<Option<String>, StateError>> {
        self.database.run(|connection| look::target(connection)).boxed()
    }

    fn enqueue<'a>(&'a self, run: u64, items: Vec<Item>) -> BoxFuture<'a, Result<Vec<Enqueued>, StateError>> {
        self.database.run(move |connection| feed::enqueue(connection, run, &items)).boxed()
    }

    fn claim<'a>(
        &'a self,
        owner: &'a Owner,
        most: Most,
        lease: Duration,
    ) -> BoxFuture<'a, Result<Turn, StateError>> {
        let owner = owner.to_string();
        self.database.run(move |connection| lend::claim(connection, &owner, most, lease)).boxed()
    }

    fn renew(&self, ticket: Ticket, lease: Duration) -> BoxFuture<'_, Result<bool, StateError>> {
        self.database.run(move |connection| lend::renew(connection, ticket, lease)).boxed()
    }

    fn settle(
        &self,
        ticket: Ticket,
        verdicts: Vec<(u64, Verdict)>,
    ) -> BoxFuture<'_, Result<bool, StateError>> {
        self.database.run(move |connection| lend::settle(connection, ticket, &verdicts)).boxed()
    }

    fn release(&self, ticket: Ticket, sent: bool) -> BoxFuture<'_, Result<bool, StateError>> {
        self.database.run(move |connection| lend::release(connection, ticket, sent)).boxed()
    }

    fn counts(&self) -> BoxFuture<'_, Result<Counts, StateError>> {
        self.database.run(|connection| look::counts(connection)).boxed()
    }

    fn export(
        &self,
        state: State,
        from: Option<Cursor>,
        most: usize,
    ) -> BoxFuture<'_, Result<Page, StateError>> {
        self.database.run(move |connection| look::export(connection, state, from, most)).boxed()
    }

    fn retry(&self, most: usize) -> BoxFuture<'_, Result<usize, StateError>> {
        self.database.run(move |connection| feed::retry(connection, most)).boxed()
    }

    fn forget(&self, age: Duration, most: usize) -> BoxFuture<'_, Result<usize, StateError>> {
        self.database.run(move |connection| feed::forget(connection, age, most)).boxed()
    }

    fn tidy(&self) -> BoxFuture<'_, Result<(), StateError>> {
        self.database.run(empty_log).boxed()
    }
}
