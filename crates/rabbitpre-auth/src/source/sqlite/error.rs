//! What can go wrong with a database, and whose fault it is.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Error, ErrorCode, ffi};

/// A database gave no attributes. It holds nothing of the user's, nor of what the database holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteAttributesError {
    /// The address has another shape.
    #[error("invalid address of attributes: {reason}")]
    Address {
        /// What is wrong with it, and what to write.
        reason: &'static str,
    },
    /// The file is not there, or none.
    #[error(
        "cannot open the attributes database `{}`: {error}; check the path, and that this user may read it",
        file.display()
    )]
    File {
        /// The file.
        file: PathBuf,
        /// What the operating system says.
        error: io::ErrorKind,
    },
    /// SQLite does not understand the owner's query.
    #[error(
        "the query for attributes cannot be asked: {reason}; mend the query, or look whether this is the right file"
    )]
    Query {
        /// What SQLite says of it.
        reason: String,
    },
    /// The owner's query is several statements.
    #[error("the query for attributes is several statements; write one")]
    SeveralStatements,
    /// The owner's query changes something, or gives nothing.
    #[error("the query for attributes changes the database, or gives no columns; write a `SELECT`")]
    NotReading,
    /// The owner's query does not ask for the user.
    #[error("the query for attributes has no parameter `:audid`; write for example `WHERE audid = :audid`")]
    NoAudid,
    /// The owner's query has a parameter that nothing is bound to.
    #[error("the query for attributes has the parameter `{name}`; there are only `:audid` and `:name`")]
    OtherParameter {
        /// The parameter.
        name: String,
    },
    /// The owner's query asks for one name and gives more than its value.
    #[error("the query for attributes has `:name` and gives {columns} columns; let it give one, the value")]
    SeveralColumns {
        /// How many columns it gives.
        columns: usize,
    },
    /// No connection was free in time.
    #[error(
        "no connection to the attributes database was free within {deadline:?}; its query takes too long for so many \
         checks"
    )]
    Busy {
        /// The deadline.
        deadline: Duration,
    },
    /// The query was broken off at the deadline.
    #[error("the attributes database did not answer within {deadline:?}; the query may need an index")]
    Late {
        /// The deadline.
        deadline: Duration,
    },
    /// Another process is writing.
    #[error("another process does not let go of the attributes database; the check can be repeated")]
    Locked,
    /// SQLite failed.
    #[error("the attributes database failed: {code}; look after the file")]
    Failed {
        /// What SQLite calls it; its message stays behind, it may quote.
        code: &'static str,
    },
    /// Several rows of one user.
    #[error(
        "the attributes database has several rows of one user; make the key unique, or select `name` and `value`"
    )]
    SeveralRows,
    /// A column is there twice.
    #[error("the query for attributes gives the column `{column}` twice; name the columns it gives")]
    DoubledColumn {
        /// The column.
        column: String,
    },
    /// A name is no text.
    #[error("a row of `name` and `value` has a name that is no text; see to the database")]
    NotAName,
    /// A value is a blob.
    #[error("the attribute `{column}` is a blob; select it as text or number")]
    Blob {
        /// The attribute.
        column: String,
    },
    /// A value is text that is not UTF-8.
    #[error("the attribute `{column}` is not UTF-8; see to the database")]
    NotText {
        /// The attribute.
        column: String,
    },
    /// A value is an infinite number.
    #[error("the attribute `{column}` is infinite; see to the database")]
    Infinite {
        /// The attribute.
        column: String,
    },
    /// A user has more than can be read.
    #[error("the attributes of one user take more than 1 MiB; select less")]
    TooMuch,
    /// The thread panicked: a bug of this program.
    #[error("asking the attributes database panicked, or ended with its runtime; see stderr")]
    Panicked,
}

impl SqliteAttributesError {
    /// While the query is examined. It is the owner's own, so that SQLite may quote it.
    pub(super) fn of_query(error: &Error) -> Self {
        match error {
            Error::SqliteFailure(failure, Some(message)) if failure.code == ErrorCode::Unknown => {
                Self::Query { reason: message.clone() }
            }
            Error::SqlInputError { msg, .. } => Self::Query { reason: msg.clone() },
            Error::SqliteFailure(failure, _) => Self::of_code(failure),
            _ => Self::Query { reason: "it holds a zero character".to_owned() },
        }
    }

    fn of_code(failure: &ffi::Error) -> Self {
        match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Locked,
            _ => Self::Failed { code: ffi::code_to_str(failure.extended_code) },
        }
    }
}

impl From<Error> for SqliteAttributesError {
    fn from(error: Error) -> Self {
        match error {
            Error::SqliteFailure(failure, _) => Self::of_code(&failure),
            Error::SqlInputError { error, .. } => Self::of_code(&error),
            _ => Self::Failed { code: "SQLite gives other columns than it said" },
        }
    }
}
