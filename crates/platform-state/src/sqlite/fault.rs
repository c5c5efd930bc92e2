//! What went wrong with a file, in our words.

use std::fmt;
use std::io;

use rusqlite::ffi;

use crate::{ErrorKind, StateError};

/// What went wrong, before it is known with which file.
#[derive(Debug)]
pub(crate) struct Fault {
    kind: ErrorKind,
    reason: String,
}

impl Fault {
    pub(crate) fn new(kind: ErrorKind, reason: impl fmt::Display) -> Self {
        Self { kind, reason: reason.to_string() }
    }

    /// The file is another application's.
    pub(crate) fn foreign() -> Self {
        Self::new(ErrorKind::Corrupted, "this is another application's database: name another file")
    }

    /// The file ends too early.
    pub(super) fn cut_off() -> Self {
        Self::new(ErrorKind::Corrupted, format!("the file is cut off; {RESTORE}"))
    }

    /// A row is not as we write them.
    pub(crate) fn row() -> Self {
        Self::new(
            ErrorKind::Corrupted,
            format!("the file holds a row that this program did not write; {RESTORE}"),
        )
    }

    /// The operating system refuses.
    pub(super) fn of_the_system(what: &str, error: &io::Error) -> Self {
        let advice = match error.kind() {
            io::ErrorKind::PermissionDenied => "give this user the right to read and write it and its folder",
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FULL,
            io::ErrorKind::ReadOnlyFilesystem => "name a file on a disk that can be written",
            _ => "check the path, the disk and the rights",
        };
        Self::new(ErrorKind::Refused, format!("{what}: {error}; {advice}"))
    }

    /// Whose fault it is.
    pub(super) const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The error of the store of this name.
    pub(crate) fn of(self, name: &str) -> StateError {
        StateError::new(self.kind, name, self.reason)
    }
}

const RESTORE: &str = "stop the programs that use it, and restore it or move it away";
const FULL: &str = "free some space or raise the quota, nothing was changed";

/// SQLite's code and what it means. Its message stays behind: it may quote.
impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(failure, _) = error else {
            return Self::row();
        };
        let code = ffi::code_to_str(failure.extended_code);
        let (kind, reason) = match failure.extended_code & 0xff {
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => {
                (ErrorKind::Unavailable, "other processes do not let go of the file in time: try again later")
            }
            ffi::SQLITE_NOMEM => (ErrorKind::Unavailable, "there is not enough memory: try again later"),
            ffi::SQLITE_NOTADB => (ErrorKind::Corrupted, "this is no SQLite database: name another file"),
            ffi::SQLITE_READONLY => (ErrorKind::Refused, READ_ONLY),
            ffi::SQLITE_FULL => (
                ErrorKind::Refused,
                "the disk is full: free some space or raise the quota, nothing was changed",
            ),
            ffi::SQLITE_PERM | ffi::SQLITE_AUTH | ffi::SQLITE_CANTOPEN => (
                ErrorKind::Refused,
                "the file or its log cannot be opened: give this user the right to read and write it and its folder",
            ),
            ffi::SQLITE_IOERR => (
                ErrorKind::Refused,
                "the disk cannot be read or written: check its health, its space, quotas and limits of the process",
            ),
            _ => {
                return Self::new(ErrorKind::Corrupted, format!("the file is broken ({code}); {RESTORE}"));
            }
        };
        Self::new(kind, format!("{reason} ({code})"))
    }
}

/// SQLite, or the operating system, only lets us read.
pub(super) const READ_ONLY: &str =
    "the file is read only: give this user the right to write it and its folder";
