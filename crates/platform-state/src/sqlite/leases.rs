//! The leases: taking, prolonging, giving back.
//!
//! They end by the clock of the machine. Set back, it would keep a lease for as long as it was set back, so what is left
//! is cut to the lease's length: from then on it ends as if it had been taken anew. It does not end at once, because its
//! owner may be at work. A clock that jumps ahead by more than a lease's length ends it, at work or not: nothing in the
//! file can tell that from time that has passed.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, named_params};

use super::fault::Fault;
use super::schema::{NOW, SWEEP, sweep};
use crate::span;
use crate::{Key, Lease, Owner, Writer};

/// Takes the lease, or prolongs it, in one transaction.
pub(super) fn acquire(
    connection: &mut Connection,
    key: &Key,
    owner: &Owner,
    time: Duration,
) -> Result<Lease, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // A lease with more time left than it was taken for is one from before the clock was set back.
    let sql = format!(
        "UPDATE lease SET until = {NOW} + length
         WHERE key = :key AND owner <> :owner AND until - {NOW} > length"
    );
    let cut = transaction.execute(&sql, named_params! { ":key": key.as_str(), ":owner": owner.id() })?;
    let sql = format!(
        "SELECT host, pid, until - {NOW} FROM lease WHERE key = :key AND owner <> :owner AND until > {NOW}"
    );
    let busy = transaction
        .query_row(&sql, named_params! { ":key": key.as_str(), ":owner": owner.id() }, |row| {
            let by = Writer { host: row.get(0)?, pid: row.get(1)? };
            Ok(Lease::Busy { by, remaining: Duration::from_millis(row.get(2)?) })
        })
        .optional()?;
    if let Some(busy) = busy {
        if cut > 0 {
            transaction.commit()?;
        }
        return Ok(busy);
    }
    let sql = format!(
        "INSERT OR REPLACE INTO lease (key, owner, host, pid, length, until)
         VALUES (:key, :owner, :host, :pid, :length, {NOW} + :length)"
    );
    transaction.execute(
        &sql,
        named_params! {
            ":key": key.as_str(),
            ":owner": owner.id(),
            ":host": owner.writer().host,
            ":pid": owner.writer().pid,
            ":length": span::millis(time),
        },
    )?;
    sweep(&transaction, "lease", SWEEP)?;
    transaction.commit()?;
    Ok(Lease::Held)
}

/// Gives the lease back, if `owner` has it.
pub(super) fn release(connection: &mut Connection, key: &Key, owner: &Owner) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(
        "DELETE FROM lease WHERE key = :key AND owner = :owner",
        named_params! { ":key": key.as_str(), ":owner": owner.id() },
    )?;
    transaction.commit()?;
    Ok(())
}
