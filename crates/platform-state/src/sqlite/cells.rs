//! The cells: reading, comparing and swapping.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, named_params};
use sign_core::Secret;

use super::fault::Fault;
use super::schema::{NOW, SWEEP, sweep};
use crate::span;
use crate::{Entry, Key, Put, Swap, Writer};

/// What the cell holds.
pub(super) fn read(connection: &Connection, key: &Key) -> Result<Option<Entry>, Fault> {
    // A clock that was set back makes a cell stay longer, and its age 0.
    let sql = format!(
        "SELECT version, value, host, pid, max({NOW} - put, 0) FROM cell
         WHERE key = :key AND (until IS NULL OR until > {NOW})"
    );
    let row = connection
        .query_row(&sql, named_params! { ":key": key.as_str() }, |row| Ok(entry(row)))
        .optional()?;
    row.transpose()
}

/// An entry, if the row is one that we wrote.
fn entry(row: &Row<'_>) -> Result<Entry, Fault> {
    let version: u64 = row.get(0)?;
    let value = Secret::new(row.get::<_, String>(1)?).map_err(|_| Fault::row())?;
    let writer = Writer { host: row.get(2)?, pid: row.get(3)? };
    Ok(Entry::new(version, value, writer, Duration::from_millis(row.get(4)?)))
}

/// Puts a value where the cell is at version `expected`, in one transaction.
pub(super) fn swap(
    connection: &mut Connection,
    key: &Key,
    expected: u64,
    put: Put<'_>,
) -> Result<Swap, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = read(&transaction, key)?;
    if found.as_ref().map_or(0, |entry| entry.version) != expected {
        return Ok(Swap::Moved(found));
    }
    let version = expected.saturating_add(1);
    let keep = put.keep.map(span::millis);
    let sql = format!(
        "INSERT OR REPLACE INTO cell (key, version, value, host, pid, put, until)
         VALUES (:key, :version, :value, :host, :pid, {NOW}, {NOW} + :keep)"
    );
    transaction.execute(
        &sql,
        named_params! {
            ":key": key.as_str(),
            ":version": version,
            ":value": put.value.expose(),
            ":host": put.writer.host,
            ":pid": put.writer.pid,
            ":keep": keep,
        },
    )?;
    sweep(&transaction, "cell", SWEEP)?;
    transaction.commit()?;
    Ok(Swap::Done(version))
}

#[cfg(test)]
mod tests {
    use super::super::file::File;
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_full_disk_refuses_and_takes_nothing_away() {
        let folder = std::env::temp_dir().join(format!("platform-state-full-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut file = File::open(folder.join("state.db"), Duration::from_secs(5)).unwrap();
        let connection = file.connection(Duration::from_secs(5)).unwrap();
        let writer = Writer { host: "here".to_owned(), pid: 1 };
        let key = Key::new("test", "a").unwrap();
        let (small, large) = (Secret::new("x").unwrap(), Secret::new("x".repeat(1 << 20)).unwrap());
        swap(connection, &key, 0, Put::new(&small, &writer)).unwrap();
        connection.query_row("PRAGMA max_page_count = 50", (), |_| Ok(())).unwrap();
        let fault = swap(connection, &key, 1, Put::new(&large, &writer)).unwrap_err().of("sqlite:state.db");
        assert_eq!(fault.kind(), ErrorKind::Refused);
        assert!(fault.to_string().contains("the disk is full"), "{fault}");
        let entry = read(connection, &key).unwrap().unwrap();
        assert_eq!((entry.version, entry.value.expose()), (1, "x"));
        assert_eq!(swap(connection, &key, 1, Put::new(&small, &writer)).unwrap(), Swap::Done(2));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
