//! What comes in: new records, refused ones again; and what is forgotten.

use std::time::Duration;

use rusqlite::{CachedStatement, Connection, OptionalExtension as _};

use super::{HELD, LENT, QUEUED, Tally, change};
use crate::journal::Fingerprint;
use crate::sqlite::fault::Fault;
use crate::sqlite::journal::lend;
use crate::sqlite::schema::NOW;
use crate::{Enqueued, Item, State, span};

/// Keeps records, in one transaction.
pub(super) fn enqueue(connection: &mut Connection, run: u64, items: &[Item]) -> Result<Vec<Enqueued>, Fault> {
    let transaction = change(connection)?;
    let outcome = {
        let mut feeding = Feeding {
            connection: &transaction,
            know: transaction.prepare_cached(
                "INSERT INTO journal_known (id, print, run, place) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            )?,
            wait: transaction.prepare_cached(
                "INSERT INTO journal_waiting (place, id, content, weight, step) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?,
            run: run.cast_signed(),
            place: transaction.query_row("SELECT place FROM journal", (), |row| row.get(0))?,
            tally: Tally::default(),
        };
        let outcome = items.iter().map(|item| feeding.take(item)).collect::<Result<Vec<_>, _>>()?;
        transaction.execute("UPDATE journal SET place = ?1", [feeding.place])?;
        feeding.tally.add(&transaction)?;
        outcome
    };
    transaction.commit()?;
    Ok(outcome)
}

struct Feeding<'a> {
    connection: &'a Connection,
    /// The two statements that each new record takes: to look them up for each costs a tenth of it all.
    know: CachedStatement<'a>,
    wait: CachedStatement<'a>,
    run: i64,
    place: i64,
    tally: Tally,
}

/// A row of `journal_known`.
struct Known {
    print: Fingerprint,
    run: i64,
    place: Option<i64>,
    next: Option<i64>,
}

impl Feeding<'_> {
    fn take(&mut self, item: &Item) -> Result<Enqueued, Fault> {
        let print = item.fingerprint();
        if self.know.execute((&item.id, &print, self.run, self.place + 1))? == 1 {
            self.put(item, QUEUED)?;
            return Ok(Enqueued::New);
        }
        let known = self.known(item)?;
        let same = known.print == print;
        if known.run == self.run {
            return Ok(if same { Enqueued::Repeated } else { Enqueued::Taken });
        }
        let state = match known.place {
            None => State::Accepted,
            Some(place) => self.state(place)?,
        };
        if same {
            let mut touch =
                self.connection.prepare_cached("UPDATE journal_known SET run = ?2 WHERE id = ?1")?;
            touch.execute((&item.id, self.run))?;
            return Ok(Enqueued::Known(state));
        }
        let (place, next) = self.replace(item, state, &known)?;
        let mut update = self.connection.prepare_cached(
            "UPDATE journal_known SET print = ?2, run = ?3, place = ?4, next = ?5, accepted = NULL WHERE id = ?1",
        )?;
        update.execute((&item.id, &print, self.run, place, next))?;
        Ok(Enqueued::Replaced(state))
    }

    fn known(&self, item: &Item) -> Result<Known, Fault> {
        let mut select = self
            .connection
            .prepare_cached("SELECT print, run, place, next FROM journal_known WHERE id = ?1")?;
        Ok(select.query_row([&item.id], |row| {
            Ok(Known { print: row.get(0)?, run: row.get(1)?, place: row.get(2)?, next: row.get(3)? })
        })?)
    }

    fn put(&mut self, item: &Item, step: u8) -> Result<i64, Fault> {
        self.place += 1;
        self.wait.execute((self.place, &item.id, &item.content, item.weight, step))?;
        self.tally.queued += 1;
        Ok(self.place)
    }

    fn state(&self, place: i64) -> Result<State, Fault> {
        let sql = format!(
            "SELECT w.step, b.until > {NOW} AND b.until - {NOW} <= b.length
             FROM journal_waiting w LEFT JOIN journal_batch b ON b.number = w.batch WHERE w.place = ?1"
        );
        let mut select = self.connection.prepare_cached(&sql)?;
        let found = select
            .query_row([place], |row| Ok((row.get::<_, u8>(0)?, row.get::<_, Option<bool>>(1)?)))
            .optional()?;
        Ok(match found {
            // What is neither accepted nor waiting was refused.
            None => State::Refused,
            Some((LENT, Some(true))) => State::Sending,
            Some((LENT, _)) => State::Unknown,
            Some(_) => State::Queued,
        })
    }

    /// Queues other content than what is known. Says where it is, and where its successor.
    fn replace(
        &mut self,
        item: &Item,
        state: State,
        known: &Known,
    ) -> Result<(Option<i64>, Option<i64>), Fault> {
        match state {
            State::Queued => {
                let mut update = self.connection.prepare_cached(
                    "UPDATE journal_waiting SET content = ?2, weight = ?3 WHERE place = ?1",
                )?;
                update.execute((known.place, &item.content, item.weight))?;
                Ok((known.place, known.next))
            }
            // A batch whose outcome is unknown is sent again as it was: newer content comes behind it.
            State::Sending | State::Unknown => {
                if let Some(next) = known.next {
                    let deleted =
                        self.connection.execute("DELETE FROM journal_waiting WHERE place = ?1", [next])?;
                    self.tally.queued -= i64::from(deleted > 0);
                }
                Ok((known.place, Some(self.put(item, HELD)?)))
            }
            State::Accepted => {
                self.tally.accepted -= 1;
                Ok((Some(self.put(item, QUEUED)?), None))
            }
            State::Refused => {
                self.connection.execute("DELETE FROM journal_refused WHERE place = ?1", [known.place])?;
                self.tally.refused -= 1;
                Ok((Some(self.put(item, QUEUED)?), None))
            }
        }
    }
}

/// Queues what was refused, in one transaction.
pub(super) fn retry(connection: &mut Connection, most: usize) -> Result<usize, Fault> {
    let transaction = change(connection)?;
    let mut place: i64 = transaction.query_row("SELECT place FROM journal", (), |row| row.get(0))?;
    let places: Vec<i64> = {
        let mut select = transaction.prepare("SELECT place FROM journal_refused ORDER BY place LIMIT ?1")?;
        select.query_map([lend::limit(most)], |row| row.get(0))?.collect::<Result<_, _>>()?
    };
    for old in &places {
        place += 1;
        transaction.execute(
            "INSERT INTO journal_waiting (place, id, content, weight, step)
             SELECT ?2, id, content, weight, ?3 FROM journal_refused WHERE place = ?1",
            (old, place, QUEUED),
        )?;
        transaction.execute(
            "UPDATE journal_known SET place = ?2 WHERE id = (SELECT id FROM journal_refused WHERE place = ?1)",
            (old, place),
        )?;
        transaction.execute("DELETE FROM journal_refused WHERE place = ?1", [old])?;
    }
    let count = i64::try_from(places.len()).unwrap_or(i64::MAX);
    transaction.execute("UPDATE journal SET place = ?1", [place])?;
    Tally { queued: count, refused: -count, accepted: 0 }.add(&transaction)?;
    transaction.commit()?;
    Ok(places.len())
}

/// Forgets what was accepted so long ago, in one transaction.
pub(super) fn forget(connection: &mut Connection, age: Duration, most: usize) -> Result<usize, Fault> {
    let transaction = change(connection)?;
    let age = if age.is_zero() { 0 } else { span::millis(age) };
    let sql = format!(
        "DELETE FROM journal_known WHERE id IN (SELECT id FROM journal_known
         WHERE accepted <= {NOW} - ?1 AND accepted IS NOT NULL ORDER BY accepted LIMIT ?2)"
    );
    let forgotten = transaction.execute(&sql, (age, lend::limit(most)))?;
    Tally { accepted: -i64::try_from(forgotten).unwrap_or(i64::MAX), ..Tally::default() }
        .add(&transaction)?;
    transaction.commit()?;
    Ok(forgotten)
}
