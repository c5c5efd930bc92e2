//! Batches: lending them, and what becomes of them.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::{LENT, QUEUED, Tally, change};
use crate::sqlite::fault::Fault;
use crate::sqlite::schema::NOW;
use crate::{Claim, Claimed, Most, Ticket, Turn, Verdict, span};

/// `LIMIT` takes it.
pub(super) fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

/// A lease of nothing ends at once.
fn length(lease: Duration) -> i64 {
    if lease.is_zero() { 0 } else { span::millis(lease) }
}

/// Lends the next batch, in one transaction.
pub(super) fn claim(
    connection: &mut Connection,
    owner: &str,
    most: Most,
    lease: Duration,
) -> Result<Turn, Fault> {
    let transaction = change(connection)?;
    let turn = match again(&transaction, owner, lease)? {
        Some(claim) => Turn::Batch(claim),
        None => match next(&transaction, owner, most, lease)? {
            Some(claim) => Turn::Batch(claim),
            None => rest(&transaction)?,
        },
    };
    transaction.commit()?;
    Ok(turn)
}

/// The oldest batch whose lease has ended, with the same records.
fn again(transaction: &Transaction<'_>, owner: &str, lease: Duration) -> Result<Option<Claim>, Fault> {
    // A lease with more time left than it was taken for is one from before the clock was set back: it has ended.
    let sql = format!(
        "UPDATE journal_batch SET attempt = attempt + 1, owner = ?1, length = ?2, until = {NOW} + ?2, doubt = 1
         WHERE number = (SELECT min(number) FROM journal_batch
                         WHERE NOT (until > {NOW} AND until - {NOW} <= length))
         RETURNING number, attempt, first, last"
    );
    let mut update = transaction.prepare_cached(&sql)?;
    let found = update
        .query_row((owner, length(lease)), |row| {
            let ticket = Ticket { batch: row.get(0)?, attempt: row.get(1)? };
            Ok((ticket, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?))
        })
        .optional()?;
    let Some((ticket, first, last)) = found else { return Ok(None) };
    let mut select = transaction.prepare_cached(
        "SELECT place, id, content FROM journal_waiting WHERE place BETWEEN ?1 AND ?2 AND batch = ?3 ORDER BY place",
    )?;
    let rows = select.query_map((first, last, ticket.batch), |row| {
        Ok(Claimed { place: row.get(0)?, id: row.get(1)?, content: row.get(2)? })
    })?;
    let items = rows.collect::<Result<Vec<_>, _>>()?;
    // Batches go with their last record.
    if items.is_empty() { Err(Fault::row()) } else { Ok(Some(Claim { ticket, items })) }
}

/// The oldest records that are queued.
fn next(
    transaction: &Transaction<'_>,
    owner: &str,
    most: Most,
    lease: Duration,
) -> Result<Option<Claim>, Fault> {
    let (mut items, mut weight) = (Vec::<Claimed>::new(), 0_u64);
    {
        let mut select = transaction.prepare_cached(
            "SELECT place, id, content, weight FROM journal_waiting WHERE step = ?1 ORDER BY place LIMIT ?2",
        )?;
        let mut rows = select.query((QUEUED, limit(most.items.max(1))))?;
        while let Some(row) = rows.next()? {
            weight = weight.saturating_add(row.get(3)?);
            if !items.is_empty() && weight > most.weight {
                break;
            }
            items.push(Claimed { place: row.get(0)?, id: row.get(1)?, content: row.get(2)? });
        }
    }
    let (Some(first), Some(last)) = (items.first(), items.last()) else { return Ok(None) };
    let sql = format!(
        "INSERT INTO journal_batch (attempt, owner, length, until, first, last, records, doubt)
         VALUES (1, ?1, ?2, {NOW} + ?2, ?3, ?4, ?5, 0)"
    );
    let mut insert = transaction.prepare_cached(&sql)?;
    insert.execute((owner, length(lease), first.place, last.place, items.len()))?;
    let batch = transaction.last_insert_rowid();
    // Between the first and the last one, all that are queued were taken.
    let mut update = transaction.prepare_cached(
        "UPDATE journal_waiting SET step = ?1, batch = ?2 WHERE place BETWEEN ?3 AND ?4 AND step = ?5",
    )?;
    update.execute((LENT, batch, first.place, last.place, QUEUED))?;
    Tally { queued: -limit(items.len()), ..Tally::default() }.add(transaction)?;
    let batch = u64::try_from(batch).map_err(|_| Fault::row())?;
    Ok(Some(Claim { ticket: Ticket { batch, attempt: 1 }, items }))
}

/// Nothing can be lent: are others sending?
fn rest(transaction: &Transaction<'_>) -> Result<Turn, Fault> {
    let sql = format!("SELECT min(until) - {NOW} FROM journal_batch");
    let first: Option<i64> = transaction.query_row(&sql, (), |row| row.get(0))?;
    Ok(first.map_or(Turn::Empty, |left| Turn::Wait(Duration::from_millis(left.max(0).unsigned_abs()))))
}

/// Prolongs the lease, if the ticket still holds.
pub(super) fn renew(connection: &mut Connection, ticket: Ticket, lease: Duration) -> Result<bool, Fault> {
    let transaction = change(connection)?;
    let sql = format!(
        "UPDATE journal_batch SET length = ?3, until = {NOW} + ?3 WHERE number = ?1 AND attempt = ?2"
    );
    let held = transaction.execute(&sql, (ticket.batch, ticket.attempt, span::millis(lease)))?;
    transaction.commit()?;
    Ok(held == 1)
}

/// The batch's `doubt`, if the ticket still holds.
fn held(transaction: &Transaction<'_>, ticket: Ticket) -> Result<Option<bool>, Fault> {
    let mut select =
        transaction.prepare_cached("SELECT doubt FROM journal_batch WHERE number = ?1 AND attempt = ?2")?;
    Ok(select.query_row((ticket.batch, ticket.attempt), |row| row.get(0)).optional()?)
}

/// Settles records of a batch, in one transaction.
pub(super) fn settle(
    connection: &mut Connection,
    ticket: Ticket,
    verdicts: &[(u64, Verdict)],
) -> Result<bool, Fault> {
    let transaction = change(connection)?;
    if held(&transaction, ticket)?.is_none() {
        return Ok(false);
    }
    let (mut tally, mut settled) = (Tally::default(), 0_i64);
    for (place, verdict) in verdicts {
        let moved = match verdict {
            Verdict::Accepted => 1,
            Verdict::Refused { code, message } => {
                let mut insert = transaction.prepare_cached(
                    "INSERT INTO journal_refused SELECT place, id, content, weight, ?3, ?4
                     FROM journal_waiting WHERE place = ?1 AND batch = ?2",
                )?;
                insert.execute((place, ticket.batch, code, message))?
            }
        };
        let Some(id) = (if moved == 1 { take(&transaction, *place, ticket.batch)? } else { None }) else {
            continue;
        };
        settled += 1;
        if follow(&transaction, &id)? {
            // What newer content replaces is neither kept nor counted.
            transaction.execute("DELETE FROM journal_refused WHERE place = ?1", [place])?;
        } else if *verdict == Verdict::Accepted {
            let sql = format!("UPDATE journal_known SET place = NULL, accepted = {NOW} WHERE id = ?1");
            transaction.prepare_cached(&sql)?.execute([&id])?;
            tally.accepted += 1;
        } else {
            tally.refused += 1;
        }
    }
    let mut update = transaction.prepare_cached(
        "UPDATE journal_batch SET records = records - ?2 WHERE number = ?1 RETURNING records",
    )?;
    let left: i64 = update.query_row((ticket.batch, settled), |row| row.get(0))?;
    drop(update);
    if left <= 0 {
        transaction.execute("DELETE FROM journal_batch WHERE number = ?1", [ticket.batch])?;
    }
    tally.add(&transaction)?;
    transaction.commit()?;
    Ok(true)
}

/// Takes a record out of a batch; its id.
fn take(transaction: &Transaction<'_>, place: u64, batch: u64) -> Result<Option<String>, Fault> {
    let mut delete = transaction
        .prepare_cached("DELETE FROM journal_waiting WHERE place = ?1 AND batch = ?2 RETURNING id")?;
    Ok(delete.query_row((place, batch), |row| row.get(0)).optional()?)
}

/// Queues the newer content of this id, if there is any.
fn follow(transaction: &Transaction<'_>, id: &str) -> Result<bool, Fault> {
    let mut update = transaction.prepare_cached(
        "UPDATE journal_known SET place = next, next = NULL WHERE id = ?1 AND next IS NOT NULL RETURNING place",
    )?;
    let place: Option<i64> = update.query_row([id], |row| row.get(0)).optional()?;
    let Some(place) = place else { return Ok(false) };
    transaction.execute("UPDATE journal_waiting SET step = ?2 WHERE place = ?1", (place, QUEUED))?;
    Ok(true)
}

/// Gives back what is left of a batch, in one transaction.
pub(super) fn release(connection: &mut Connection, ticket: Ticket, sent: bool) -> Result<bool, Fault> {
    let transaction = change(connection)?;
    let Some(doubt) = held(&transaction, ticket)? else { return Ok(false) };
    if sent || doubt {
        // The ticket is void: a renewal that comes late must not bring the lease back.
        transaction.execute(
            "UPDATE journal_batch SET until = 0, attempt = attempt + 1 WHERE number = ?1",
            [ticket.batch],
        )?;
        transaction.commit()?;
        return Ok(true);
    }
    let (first, last): (i64, i64) = transaction.query_row(
        "DELETE FROM journal_batch WHERE number = ?1 RETURNING first, last",
        [ticket.batch],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    // What was not sent gives way to newer content.
    let mut overtaken = transaction.prepare_cached(
        "SELECT w.place, w.id FROM journal_waiting w JOIN journal_known k ON k.id = w.id
         WHERE w.place BETWEEN ?1 AND ?2 AND w.batch = ?3 AND k.next IS NOT NULL",
    )?;
    let rows = overtaken.query_map((first, last, ticket.batch), |row| {
        Ok((row.get::<_, u64>(0)?, row.get::<_, String>(1)?))
    })?;
    let overtaken_rows = rows.collect::<Result<Vec<_>, _>>()?;
    drop(overtaken);
    for (place, id) in overtaken_rows {
        take(&transaction, place, ticket.batch)?;
        follow(&transaction, &id)?;
    }
    let queued = transaction.execute(
        "UPDATE journal_waiting SET step = ?4, batch = NULL WHERE place BETWEEN ?1 AND ?2 AND batch = ?3",
        (first, last, ticket.batch, QUEUED),
    )?;
    Tally { queued: limit(queued), ..Tally::default() }.add(&transaction)?;
    transaction.commit()?;
    Ok(true)
}
