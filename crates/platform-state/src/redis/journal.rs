//! A journal on a Redis server that several machines share.

mod scripts;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ::redis::{ScriptInvocation, Value};
use futures_util::future::{BoxFuture, FutureExt as _};

use self::scripts::{Task, task};
use super::fault::Fault;
use super::line::{Again, Line};
use super::scripts::take;
use super::{Place, Timeouts};
use crate::{
    Claim, Claimed, Counts, Cursor, Enqueued, Exported, Item, Journal, Most, Owner, Page, State, StateError,
    Ticket, Turn, Verdict, span,
};

/// A [`Journal`] on a Redis (6 or newer) or Valkey server, shared by all who use the same database of it: one journal for
/// each database. Clones share one connection.
///
/// The queue is a stream, each batch a consumer of its group; each change is one script, so it is atomic. What was said
/// of [`RedisStore`](crate::RedisStore) holds here, too, above all that **the server must not forget**: set
/// `maxmemory-policy noeviction` and `appendonly yes`, and `appendfsync always` where a crash of the server's machine
/// must cost nothing.
///
/// Content that replaces what is queued, and batches that are given back unsent, come last; a journal in a file leaves
/// them where they were. Pages of accepted records may hold more or fewer than were asked for.
#[derive(Clone)]
pub struct RedisJournal {
    line: Arc<Line>,
}

impl RedisJournal {
    /// Connects, as [`RedisStore::connect`](crate::RedisStore::connect), and makes the journal where it is missing.
    ///
    /// # Errors
    /// As [`RedisStore::connect`](crate::RedisStore::connect); and [`Corrupted`](crate::ErrorKind::Corrupted) when its
    /// keys hold what this program did not write, [`Newer`](crate::ErrorKind::Newer) when a newer version of it did.
    pub async fn connect(url: &str) -> Result<Self, StateError> {
        Self::connect_within(url, Timeouts::default()).await
    }

    /// As [`connect`](Self::connect), with other timeouts, which hold for the calls, too.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn connect_within(url: &str, timeouts: Timeouts) -> Result<Self, StateError> {
        let journal = Self { line: Arc::new(Line::new(Place::parse(url)?, timeouts)?) };
        journal.target().await?;
        Ok(journal)
    }

    /// Runs a script. All of them may be run twice.
    async fn ask<T>(
        &self,
        script: ScriptInvocation<'static>,
        read: impl FnOnce(&Value) -> Result<T, Fault>,
    ) -> Result<T, StateError> {
        let answer = self.line.ask(&script, Again::Yes).await?;
        ours(&answer).and_then(|()| read(&answer)).map_err(|fault| fault.of(self.line.name()))
    }

    fn flag(&self, script: ScriptInvocation<'static>) -> BoxFuture<'_, Result<bool, StateError>> {
        self.ask(script, |answer| Ok(take::<i64>(answer)? == 1)).boxed()
    }
}

/// Is the journal ours?
fn ours(answer: &Value) -> Result<(), Fault> {
    if let Value::Array(parts) = answer
        && let [Value::BulkString(mark), format] = parts.as_slice()
        && mark == b"!"
    {
        let format = take::<String>(format)?;
        return Err(format.parse().map_or_else(|_| Fault::foreign(), Fault::newer));
    }
    Ok(())
}

/// Shows the address, without the password.
impl fmt::Debug for RedisJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisJournal").field(&self.line.name()).finish()
    }
}

fn array(answer: &Value) -> Result<&[Value], Fault> {
    if let Value::Array(parts) = answer { Ok(parts) } else { Err(Fault::foreign()) }
}

fn outcome(word: &Value) -> Result<Enqueued, Fault> {
    let word = take::<String>(word)?;
    let state = |name: &str| name.parse::<State>().map_err(|_| Fault::foreign());
    match word.split_once(' ') {
        None if word == "new" => Ok(Enqueued::New),
        None if word == "repeated" => Ok(Enqueued::Repeated),
        None if word == "taken" => Ok(Enqueued::Taken),
        Some(("known", name)) => Ok(Enqueued::Known(state(name)?)),
        Some(("replaced", name)) => Ok(Enqueued::Replaced(state(name)?)),
        _ => Err(Fault::foreign()),
    }
}

fn turn(answer: &Value) -> Result<Turn, Fault> {
    match array(answer)? {
        [] => Ok(Turn::Empty),
        [left] => Ok(Turn::Wait(Duration::from_millis(take(left)?))),
        [batch, attempt, entries] => {
            let ticket = Ticket { batch: take(batch)?, attempt: take(attempt)? };
            let items = array(entries)?.iter().map(claimed).collect::<Result<Vec<_>, _>>()?;
            if items.is_empty() { Err(Fault::foreign()) } else { Ok(Turn::Batch(Claim { ticket, items })) }
        }
        _ => Err(Fault::foreign()),
    }
}

/// An entry of the stream: `{place}-0`, and its fields in the order in which they were written.
fn claimed(entry: &Value) -> Result<Claimed, Fault> {
    let [place, fields] = array(entry)? else { return Err(Fault::foreign()) };
    let place = take::<String>(place)?;
    let place = place.split_once('-').and_then(|(place, _)| place.parse().ok()).ok_or_else(Fault::foreign)?;
    let [_, id, _, content, _, _] = array(fields)? else { return Err(Fault::foreign()) };
    Ok(Claimed { place, id: take(id)?, content: take(content)? })
}

fn page(answer: &Value, state: State) -> Result<Page, Fault> {
    let [next, records @ ..] = array(answer)? else { return Err(Fault::foreign()) };
    let next = take::<String>(next)?;
    let mut page = Page { records: Vec::new(), next: (!next.is_empty()).then_some(Cursor(next)) };
    for record in records.chunks(4) {
        let [id, content, code, message] = record else { return Err(Fault::foreign()) };
        page.records.push(Exported {
            id: take(id)?,
            content: if state == State::Accepted { None } else { Some(take(content)?) },
            refusal: if state == State::Refused { Some((take(code)?, take(message)?)) } else { None },
        });
    }
    Ok(page)
}

fn length(lease: Duration) -> i64 {
    if lease.is_zero() { 0 } else { span::millis(lease) }
}

impl Journal for RedisJournal {
    fn serve<'a>(&'a self, target: &'a str) -> BoxFuture<'a, Result<String, StateError>> {
        let mut script = task(Task::Serve);
        script.arg(target);
        self.ask(script, take).boxed()
    }

    fn target(&self) -> BoxFuture<'_, Result<Option<String>, StateError>> {
        let mut script = task(Task::Serve);
        script.arg("");
        self.ask(script, take).boxed()
    }

    fn enqueue<'a>(&'a self, run: u64, items: Vec<Item>) -> BoxFuture<'a, Result<Vec<Enqueued>, StateError>> {
        let mut script = task(Task::Enqueue);
        script.arg(format!("{run:016x}"));
        for item in &items {
            let print = u128::from_be_bytes(item.fingerprint());
            script.arg(&item.id).arg(format!("{print:032x}")).arg(&item.content).arg(item.weight);
        }
        self.ask(script, |answer| array(answer)?.iter().map(outcome).collect()).boxed()
    }

    fn claim<'a>(
        &'a self,
        owner: &'a Owner,
        most: Most,
        lease: Duration,
    ) -> BoxFuture<'a, Result<Turn, StateError>> {
        let mut script = task(Task::Claim);
        script.arg(most.items.max(1)).arg(most.weight).arg(length(lease)).arg(owner.to_string());
        self.ask(script, turn).boxed()
    }

    fn renew(&self, ticket: Ticket, lease: Duration) -> BoxFuture<'_, Result<bool, StateError>> {
        let mut script = task(Task::Renew);
        script.arg(ticket.batch).arg(ticket.attempt).arg(span::millis(lease));
        self.flag(script)
    }

    fn settle(
        &self,
        ticket: Ticket,
        verdicts: Vec<(u64, Verdict)>,
    ) -> BoxFuture<'_, Result<bool, StateError>> {
        let mut script = task(Task::Settle);
        script.arg(ticket.batch).arg(ticket.attempt);
        for (place, verdict) in &verdicts {
            match verdict {
                Verdict::Accepted => script.arg(place).arg("a").arg("").arg(""),
                Verdict::Refused { code, message } => script.arg(place).arg("r").arg(code).arg(message),
            };
        }
        self.flag(script)
    }

    fn release(&self, ticket: Ticket, sent: bool) -> BoxFuture<'_, Result<bool, StateError>> {
        let mut script = task(Task::Release);
        script.arg(ticket.batch).arg(ticket.attempt).arg(u8::from(sent));
        self.flag(script)
    }

    fn counts(&self) -> BoxFuture<'_, Result<Counts, StateError>> {
        let read = |answer: &Value| match array(answer)? {
            [queued, sending, unknown, accepted, refused] => Ok(Counts {
                queued: take(queued)?,
                sending: take(sending)?,
                unknown: take(unknown)?,
                accepted: take(accepted)?,
                refused: take(refused)?,
            }),
            _ => Err(Fault::foreign()),
        };
        self.ask(task(Task::Counts), read).boxed()
    }

    fn export(
        &self,
        state: State,
        from: Option<Cursor>,
        most: usize,
    ) -> BoxFuture<'_, Result<Page, StateError>> {
        let mut script = task(Task::Export);
        script.arg(state.name()).arg(from.map(|cursor| cursor.0).unwrap_or_default()).arg(most.max(1));
        self.ask(script, move |answer| page(answer, state)).boxed()
    }

    fn retry(&self, most: usize) -> BoxFuture<'_, Result<usize, StateError>> {
        let mut script = task(Task::Retry);
        script.arg(i64::try_from(most).unwrap_or(i64::MAX));
        self.ask(script, take).boxed()
    }

    fn forget(&self, age: Duration, most: usize) -> BoxFuture<'_, Result<usize, StateError>> {
        async move {
            let (mut forgotten, mut whole) = (0_usize, false);
            while forgotten < most {
                let mut script = task(Task::Forget);
                script.arg(length(age)).arg(i64::try_from(most - forgotten).unwrap_or(i64::MAX));
                let walked = self.ask(script, walked).await?;
                forgotten = forgotten.saturating_add(walked.forgotten);
                // A sweep that was begun before may have passed what has aged since: only a whole one has seen all.
                whole |= walked.from_the_beginning;
                if walked.to_the_end && whole {
                    break;
                }
            }
            Ok(forgotten)
        }
        .boxed()
    }
}

/// A part of a sweep.
struct Walked {
    forgotten: usize,
    from_the_beginning: bool,
    to_the_end: bool,
}

fn walked(answer: &Value) -> Result<Walked, Fault> {
    let [forgotten, began, cursor] = array(answer)? else { return Err(Fault::foreign()) };
    let (began, cursor) = (take::<String>(began)?, take::<String>(cursor)?);
    Ok(Walked { forgotten: take(forgotten)?, from_the_beginning: began == "0", to_the_end: cursor == "0" })
}
