//! The file's connections. Everything here blocks: it runs on threads that may.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::SqliteAttributesError;
use super::cells;
use super::query::{Shape, SqliteQuery};
use crate::attributes::Attributes;

/// How long opening waits for a process that is writing.
const PATIENCE: Duration = Duration::from_secs(5);
/// So many of its steps SQLite goes on with a query that nobody waits for any more.
const STEPS: i32 = 1000;

pub(super) struct Pool {
    path: PathBuf,
    query: SqliteQuery,
    free: Mutex<Vec<Open>>,
}

/// A connection, and to which file it was made.
struct Open {
    connection: Connection,
    shape: Shape,
    file: File,
}

impl Pool {
    pub(super) fn open(path: PathBuf, query: SqliteQuery) -> Result<Self, SqliteAttributesError> {
        let pool = Pool { path, query, free: Mutex::default() };
        let open = pool.connect(pool.look()?, PATIENCE)?;
        pool.give_back(open);
        Ok(pool)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Asks for these names, which are sorted, unless `stop` says before that nobody waits any more.
    pub(super) fn ask(
        &self,
        audid: &str,
        names: &[String],
        left: Duration,
        stop: Arc<AtomicBool>,
    ) -> Result<Attributes<'static>, SqliteAttributesError> {
        let file = self.look()?;
        let free = {
            let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
            // A file that was replaced takes room on the disk as long as somebody has it open.
            free.retain(|open| open.file == file);
            free.pop()
        };
        let mut open = match free {
            Some(open) => open,
            None => self.connect(file, left)?,
        };
        // Without shared cache there is nothing that SQLite would not wait for.
        open.connection.busy_timeout(left)?;
        open.connection.progress_handler(STEPS, Some(move || stop.load(Ordering::Relaxed)))?;
        let answer = cells::ask(&mut open.connection, &self.query, open.shape, audid, names);
        open.connection.progress_handler(0, None::<fn() -> bool>)?;
        self.give_back(open);
        answer
    }

    fn give_back(&self, open: Open) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(open);
    }

    fn look(&self) -> Result<File, SqliteAttributesError> {
        let unreadable = |error| SqliteAttributesError::File { file: self.path.clone(), error };
        let found = fs::metadata(&self.path).map_err(|error| unreadable(error.kind()))?;
        if found.is_file() { Ok(File::of(&found)) } else { Err(unreadable(io::ErrorKind::IsADirectory)) }
    }

    fn connect(&self, file: File, wait: Duration) -> Result<Open, SqliteAttributesError> {
        // Never made where it is missing, and not taken for a URI.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(wait)?;
        // A column that is not there is an error, and not a text in double quotes.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        let shape = self.query.examine(&connection)?;
        Ok(Open { connection, shape, file })
    }
}

/// Tells a file from another that was put in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct File {
    #[cfg(unix)]
    number: (u64, u64),
}

impl File {
    #[cfg(unix)]
    fn of(found: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        File { number: (found.dev(), found.ino()) }
    }

    /// Open files cannot be replaced there.
    #[cfg(not(unix))]
    fn of(_: &fs::Metadata) -> Self {
        File {}
    }
}
