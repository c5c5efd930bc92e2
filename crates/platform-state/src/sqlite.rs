//! A store in a file that the processes of a machine share.

mod cells;
mod fault;
mod file;
mod journal;
mod leases;
mod schema;
mod thread;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};

pub use self::journal::SqliteJournal;
use self::thread::Database;
use crate::{Entry, Key, Lease, Owner, Put, StateError, Store, Swap};

/// Cells and leases in an SQLite file that the processes of one machine share. Clones share one connection.
///
/// The file is made with mode 0600, and so are the `-wal` and `-shm` beside it; one that others may read is closed to
/// them, and a warning is logged. It must lie on a disk of this machine: over a network file system the processes do
/// not see each other's locks. Each change is one transaction, and is on the disk when the method returns; a process
/// that is killed leaves the file whole.
///
/// Leases and ages run on the clock of the operating system, which all processes see alike. When it is set back, a
/// lease ends at once rather than last longer than it was taken for.
///
/// The connection lives on a thread of its own: no task is blocked, any async runtime will do, and whoever stops
/// waiting disturbs nobody. What he asked for may still be carried out.
///
/// ```
/// use platform_state::{Key, SqliteStore, Store};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = std::env::temp_dir().join(format!("platform-state-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let store = SqliteStore::open(folder.join("state.db")).await?;
/// assert_eq!(store.read(&Key::new("webank", "wx1")?).await?, None);
/// # drop(store);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    database: Database,
}

/// How long to wait for other processes by default.
const WAIT: Duration = Duration::from_secs(5);

impl SqliteStore {
    /// Opens the file, and makes it where it is missing; not its folder. Waits at most 5 seconds for other processes,
    /// now and with each call.
    ///
    /// # Errors
    /// [`StateError`] of kind [`Input`](crate::ErrorKind::Input) when the folder is missing or the path names no file,
    /// [`Refused`](crate::ErrorKind::Refused) when the file cannot be made, read or written,
    /// [`Corrupted`](crate::ErrorKind::Corrupted) when it is broken or not ours, [`Newer`](crate::ErrorKind::Newer)
    /// when a newer version of this software has written it, and [`Unavailable`](crate::ErrorKind::Unavailable) when
    /// other processes do not let go of it.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self, StateError> {
        Self::open_waiting(path, WAIT).await
    }

    /// As [`open`](Self::open), with another time to wait for other processes.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_waiting(path: impl Into<PathBuf>, wait: Duration) -> Result<Self, StateError> {
        Ok(Self { database: Database::open(path.into(), wait).await? })
    }
}

/// Shows the file.
impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SqliteStore").field(&self.database.name()).finish()
    }
}

impl Store for SqliteStore {
    fn read<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Entry>, StateError>> {
        let key = key.clone();
        self.database.run(move |connection| cells::read(connection, &key)).boxed()
    }

    fn swap<'a>(
        &'a self,
        key: &'a Key,
        expected: u64,
        put: Put<'a>,
    ) -> BoxFuture<'a, Result<Swap, StateError>> {
        let (key, value, writer, keep) = (key.clone(), put.value.clone(), put.writer.clone(), put.keep);
        let job = move |connection: &mut _| {
            cells::swap(connection, &key, expected, Put { value: &value, writer: &writer, keep })
        };
        self.database.run(job).boxed()
    }

    fn acquire<'a>(
        &'a self,
        key: &'a Key,
        owner: &'a Owner,
        time: Duration,
    ) -> BoxFuture<'a, Result<Lease, StateError>> {
        let (key, owner) = (key.clone(), owner.clone());
        self.database.run(move |connection| leases::acquire(connection, &key, &owner, time)).boxed()
    }

    fn release<'a>(&'a self, key: &'a Key, owner: &'a Owner) -> BoxFuture<'a, Result<(), StateError>> {
        let (key, owner) = (key.clone(), owner.clone());
        self.database.run(move |connection| leases::release(connection, &key, &owner)).boxed()
    }
}
