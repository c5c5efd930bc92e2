//! What is in the file: its identity, its version, its tables, and how an older one becomes the newest.

use rusqlite::{Connection, TransactionBehavior};

use super::fault::Fault;
use crate::ErrorKind;

/// Tells our files from those of other applications: `duji` in ASCII.
pub(super) const APPLICATION: i32 = 0x6475_6a69;

/// The time on the store's clock, in milliseconds since 1970: SQLite takes it from the operating system, once for each
/// run of a statement.
pub(super) const NOW: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

/// How many rows that have ended are cleared away by a change: more than a change can add.
pub(super) const SWEEP: u32 = 8;

/// Each step leads from the version before it; a file at version n has seen the first n. Steps that were published are
/// never changed: add one.
const STEPS: [&str; 2] = [
    "
    CREATE TABLE cell (
        key     TEXT    NOT NULL PRIMARY KEY,  -- namespace/name
        version INTEGER NOT NULL,
        value   TEXT    NOT NULL,
        host    TEXT    NOT NULL,              -- who put it
        pid     INTEGER NOT NULL,
        put     INTEGER NOT NULL,              -- milliseconds since 1970
        until   INTEGER                        -- likewise; NULL: for good
    ) STRICT;
    CREATE INDEX cell_until ON cell (until) WHERE until IS NOT NULL;
    CREATE TABLE lease (
        key     TEXT    NOT NULL PRIMARY KEY,  -- namespace/name
        owner   TEXT    NOT NULL,
        host    TEXT    NOT NULL,              -- of the owner
        pid     INTEGER NOT NULL,
        length  INTEGER NOT NULL,              -- milliseconds
        until   INTEGER NOT NULL               -- milliseconds since 1970
    ) STRICT;
    CREATE INDEX lease_until ON lease (until);
",
    // Journals. What is still to be settled lies in the order in which it came, so that both ends of the table are
    // where something happens, and what was accepted leaves whole pages free. Of what was accepted only the id stays.
    "
    CREATE TABLE journal (
        one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
        target   TEXT,                         -- whom it serves
        place    INTEGER NOT NULL,             -- the last one given
        queued   INTEGER NOT NULL,             -- how many records
        accepted INTEGER NOT NULL,
        refused  INTEGER NOT NULL
    ) STRICT;
    INSERT INTO journal VALUES (1, NULL, 0, 0, 0, 0);
    CREATE TABLE journal_known (
        id       TEXT    NOT NULL PRIMARY KEY,
        print    BLOB    NOT NULL,             -- of the newest content
        run      INTEGER NOT NULL,             -- the last one that brought it
        place    INTEGER,                      -- NULL: accepted
        next     INTEGER,                      -- the place of newer content than what is being sent
        accepted INTEGER                       -- milliseconds since 1970
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX journal_accepted ON journal_known (accepted) WHERE accepted IS NOT NULL;
    CREATE TABLE journal_waiting (
        place    INTEGER NOT NULL PRIMARY KEY,
        id       TEXT    NOT NULL,
        content  BLOB    NOT NULL,
        weight   INTEGER NOT NULL,
        step     INTEGER NOT NULL,             -- 0 queued, 1 held behind what is being sent, 2 lent
        batch    INTEGER                       -- where it is lent
    ) STRICT;
    CREATE TABLE journal_refused (
        place    INTEGER NOT NULL PRIMARY KEY,
        id       TEXT    NOT NULL,
        content  BLOB    NOT NULL,
        weight   INTEGER NOT NULL,
        code     TEXT    NOT NULL,
        message  TEXT    NOT NULL
    ) STRICT;
    CREATE TABLE journal_batch (
        number   INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        attempt  INTEGER NOT NULL,
        owner    TEXT    NOT NULL,             -- for people
        length   INTEGER NOT NULL,             -- of the lease, milliseconds
        until    INTEGER NOT NULL,             -- milliseconds since 1970
        first    INTEGER NOT NULL,             -- places
        last     INTEGER NOT NULL,
        records  INTEGER NOT NULL,
        doubt    INTEGER NOT NULL              -- 1: the outcome was unknown before
    ) STRICT;
",
];

/// What a file says it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing is in it yet.
    Empty,
    /// Ours, at this version.
    Ours(usize),
}

/// Reads what the file is; changes nothing.
pub(super) fn state(connection: &Connection) -> Result<State, Fault> {
    // All of it as of one moment: another process may be making the tables.
    let _moment = if connection.is_autocommit() { Some(connection.unchecked_transaction()?) } else { None };
    let number =
        |pragma: &str| connection.query_row(&format!("PRAGMA {pragma}"), (), |row| row.get::<_, i32>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    if (application, version) == (0, 0) {
        let things: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
        return if things == 0 { Ok(State::Empty) } else { Err(Fault::foreign()) };
    }
    if application != APPLICATION {
        return Err(Fault::foreign());
    }
    match usize::try_from(version) {
        Ok(version @ 1..) if version <= STEPS.len() => Ok(State::Ours(version)),
        Ok(version @ 1..) => Err(Fault::new(
            ErrorKind::Newer,
            format!(
                "the file has format {version}, and this program knows formats up to {}: a newer version of it \
                 has been here; use that one, or another file",
                STEPS.len()
            ),
        )),
        _ => Err(Fault::new(ErrorKind::Corrupted, format!("the file has the impossible format {version}"))),
    }
}

/// Brings the file to the newest version, in one transaction; several processes may try at once.
pub(super) fn bring_up(connection: &mut Connection) -> Result<(), Fault> {
    if state(connection)? == State::Ours(STEPS.len()) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Somebody else may have been faster.
    let done = match state(&transaction)? {
        State::Empty => 0,
        State::Ours(version) => version,
    };
    for step in STEPS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", STEPS.len())?;
    transaction.commit()?;
    Ok(())
}

/// Clears away at most so many rows of a table that have ended.
pub(super) fn sweep(connection: &Connection, table: &str, most: u32) -> Result<(), Fault> {
    let sql = format!(
        "DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} WHERE until <= {NOW} LIMIT {most})"
    );
    connection.execute(&sql, ())?;
    Ok(())
}
