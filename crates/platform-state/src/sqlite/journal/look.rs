//! What people want to know: whom a journal serves, how many records, and which.

use rusqlite::{Connection, Params, Row};

use super::{HELD, LENT, QUEUED, change, lend};
use crate::sqlite::fault::Fault;
use crate::sqlite::schema::NOW;
use crate::{Counts, Cursor, Exported, Page, State};

/// The first target stays.
pub(super) fn serve(connection: &mut Connection, target: &str) -> Result<String, Fault> {
    let transaction = change(connection)?;
    transaction.execute("UPDATE journal SET target = ?1 WHERE target IS NULL", [target])?;
    let served = transaction.query_row("SELECT target FROM journal", (), |row| row.get(0))?;
    transaction.commit()?;
    Ok(served)
}

pub(super) fn target(connection: &Connection) -> Result<Option<String>, Fault> {
    Ok(connection.query_row("SELECT target FROM journal", (), |row| row.get(0))?)
}

pub(super) fn counts(connection: &Connection) -> Result<Counts, Fault> {
    // One statement sees one moment.
    let sql = format!(
        "SELECT queued, accepted, refused,
                (SELECT coalesce(sum(records), 0) FROM journal_batch WHERE {SENDING}),
                (SELECT coalesce(sum(records), 0) FROM journal_batch WHERE NOT ({SENDING}))
         FROM journal",
        SENDING = format_args!("until > {NOW} AND until - {NOW} <= length")
    );
    Ok(connection.query_row(&sql, (), |row| {
        Ok(Counts {
            queued: row.get(0)?,
            accepted: row.get(1)?,
            refused: row.get(2)?,
            sending: row.get(3)?,
            unknown: row.get(4)?,
        })
    })?)
}

/// Records in a state, from a place or an id on.
pub(super) fn export(
    connection: &Connection,
    state: State,
    from: Option<Cursor>,
    most: usize,
) -> Result<Page, Fault> {
    let most = most.max(1);
    let from = from.map(|cursor| cursor.0).unwrap_or_default();
    let more = lend::limit(most.saturating_add(1));
    let place: i64 = from.parse().unwrap_or(0);
    let waiting =
        |row: &Row<'_>| Ok((row.get::<_, i64>(0)?.to_string(), exported(row.get(1)?, row.get(2)?, None)));
    let mut found = match state {
        State::Accepted => rows(
            connection,
            "SELECT id FROM journal_known WHERE id > ?1 AND accepted IS NOT NULL ORDER BY id LIMIT ?2",
            (&from, more),
            |row| {
                let id: String = row.get(0)?;
                Ok((id.clone(), Exported { id, content: None, refusal: None }))
            },
        )?,
        State::Refused => rows(
            connection,
            "SELECT place, id, content, code, message FROM journal_refused WHERE place > ?1 ORDER BY place LIMIT ?2",
            (place, more),
            |row| {
                let refusal = Some((row.get(3)?, row.get(4)?));
                Ok((row.get::<_, i64>(0)?.to_string(), exported(row.get(1)?, row.get(2)?, refusal)))
            },
        )?,
        State::Queued => rows(
            connection,
            "SELECT place, id, content FROM journal_waiting WHERE place > ?1 AND step IN (?3, ?4)
             ORDER BY place LIMIT ?2",
            (place, more, QUEUED, HELD),
            waiting,
        )?,
        State::Sending | State::Unknown => {
            let sql = format!(
                "SELECT w.place, w.id, w.content
                 FROM journal_waiting w JOIN journal_batch b ON b.number = w.batch
                 WHERE w.place > ?1 AND w.step = ?3
                   AND (b.until > {NOW} AND b.until - {NOW} <= b.length) = ?4
                 ORDER BY w.place LIMIT ?2"
            );
            rows(connection, &sql, (place, more, LENT, state == State::Sending), waiting)?
        }
    };
    let more = found.len() > most;
    found.truncate(most);
    let next = found.last().filter(|_| more).map(|(place, _)| Cursor(place.clone()));
    Ok(Page { records: found.into_iter().map(|(_, exported)| exported).collect(), next })
}

fn exported(id: String, content: Vec<u8>, refusal: Option<(String, String)>) -> Exported {
    Exported { id, content: Some(content), refusal }
}

fn rows(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<(String, Exported)>,
) -> Result<Vec<(String, Exported)>, Fault> {
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map(params, read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}
