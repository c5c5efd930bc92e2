//! A journal within one process.

use std::collections::BTreeMap;
use std::fmt;
use std::future::ready;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt as _};

use super::item::Fingerprint;
use super::{
    Claim, Claimed, Counts, Cursor, Enqueued, Exported, Item, Journal, Most, Page, State, Ticket, Turn,
    Verdict,
};
use crate::{Owner, StateError, span};

/// A journal of one process: gone when it ends. Clones share it. For tests, and for what may be lost.
#[derive(Clone, Default)]
pub struct MemoryJournal(Arc<Mutex<Kept>>);

/// Shows none of what is kept.
impl fmt::Debug for MemoryJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryJournal")
    }
}

#[derive(Default)]
struct Kept {
    target: Option<String>,
    known: BTreeMap<String, Known>,
    waiting: BTreeMap<u64, Waiting>,
    batches: BTreeMap<u64, Lent>,
    places: u64,
    numbers: u64,
}

struct Known {
    fingerprint: Fingerprint,
    run: u64,
    at: At,
    /// The place of newer content, which follows what is being sent.
    next: Option<u64>,
}

#[derive(Clone, Copy)]
enum At {
    Waiting(u64),
    Accepted(Instant),
}

struct Waiting {
    item: Item,
    step: Step,
}

enum Step {
    Queued,
    /// Follows what is being sent under the same id.
    Held,
    Lent(u64),
    Refused(String, String),
}

struct Lent {
    attempt: u64,
    until: Instant,
    /// Was its outcome unknown before?
    doubt: bool,
}

impl Kept {
    fn place(&mut self) -> u64 {
        self.places = self.places.saturating_add(1);
        self.places
    }

    fn put(&mut self, item: Item, step: Step) -> u64 {
        let place = self.place();
        self.waiting.insert(place, Waiting { item, step });
        place
    }

    fn state_of(&self, waiting: &Waiting, now: Instant) -> State {
        match &waiting.step {
            Step::Queued | Step::Held => State::Queued,
            Step::Refused(..) => State::Refused,
            Step::Lent(batch) if self.batches.get(batch).is_some_and(|lent| lent.until > now) => {
                State::Sending
            }
            Step::Lent(_) => State::Unknown,
        }
    }

    fn enqueue(&mut self, run: u64, item: Item) -> Enqueued {
        let fingerprint = item.fingerprint();
        let Some(known) = self.known.get(&item.id) else {
            let id = item.id.clone();
            let at = At::Waiting(self.put(item, Step::Queued));
            self.known.insert(id, Known { fingerprint, run, at, next: None });
            return Enqueued::New;
        };
        let same = known.fingerprint == fingerprint;
        if known.run == run {
            return if same { Enqueued::Repeated } else { Enqueued::Taken };
        }
        let (at, next) = (known.at, known.next);
        let state = match at {
            At::Accepted(_) => State::Accepted,
            At::Waiting(place) => self
                .waiting
                .get(&place)
                .map_or(State::Accepted, |waiting| self.state_of(waiting, Instant::now())),
        };
        let id = item.id.clone();
        let (at, next) = match (same, state, at) {
            (true, ..) => (at, next),
            (_, State::Sending | State::Unknown, _) => {
                if let Some(next) = next {
                    self.waiting.remove(&next);
                }
                (at, Some(self.put(item, Step::Held)))
            }
            (_, State::Queued, At::Waiting(place)) => {
                self.waiting.insert(place, Waiting { item, step: Step::Queued });
                (at, next)
            }
            (_, _, at) => {
                if let At::Waiting(place) = at {
                    self.waiting.remove(&place);
                }
                (At::Waiting(self.put(item, Step::Queued)), None)
            }
        };
        self.known.insert(id, Known { fingerprint, run, at, next });
        if same { Enqueued::Known(state) } else { Enqueued::Replaced(state) }
    }

    fn batch(&self, number: u64) -> Vec<Claimed> {
        let of = |(place, waiting): (&u64, &Waiting)| {
            let lent = matches!(waiting.step, Step::Lent(batch) if batch == number);
            lent.then(|| Claimed {
                place: *place,
                id: waiting.item.id.clone(),
                content: waiting.item.content.clone(),
            })
        };
        self.waiting.iter().filter_map(of).collect()
    }

    fn claim(&mut self, most: Most, lease: Duration) -> Turn {
        let now = Instant::now();
        let until = if lease.is_zero() { now } else { now.checked_add(span::clamp(lease)).unwrap_or(now) };
        if let Some((number, lent)) = self.batches.iter_mut().find(|(_, lent)| lent.until <= now) {
            lent.attempt = lent.attempt.saturating_add(1);
            (lent.until, lent.doubt) = (until, true);
            let ticket = Ticket { batch: *number, attempt: lent.attempt };
            return Turn::Batch(Claim { ticket, items: self.batch(ticket.batch) });
        }
        let number = self.numbers.saturating_add(1);
        let (mut items, mut weight) = (0, 0_u64);
        for waiting in self.waiting.values_mut().filter(|waiting| matches!(waiting.step, Step::Queued)) {
            weight = weight.saturating_add(waiting.item.weight.into());
            if items > 0 && (items >= most.items || weight > most.weight) {
                break;
            }
            waiting.step = Step::Lent(number);
            items += 1;
        }
        if items > 0 {
            self.numbers = number;
            self.batches.insert(number, Lent { attempt: 1, until, doubt: false });
            let ticket = Ticket { batch: number, attempt: 1 };
            return Turn::Batch(Claim { ticket, items: self.batch(number) });
        }
        let first = self.batches.values().map(|lent| lent.until.saturating_duration_since(now)).min();
        first.map_or(Turn::Empty, Turn::Wait)
    }

    fn lent(&mut self, ticket: Ticket) -> Option<&mut Lent> {
        self.batches.get_mut(&ticket.batch).filter(|lent| lent.attempt == ticket.attempt)
    }

    fn settle(&mut self, ticket: Ticket, verdicts: Vec<(u64, Verdict)>) -> bool {
        if self.lent(ticket).is_none() {
            return false;
        }
        for (place, verdict) in verdicts {
            let Some(waiting) = self.waiting.get_mut(&place) else { continue };
            if !matches!(waiting.step, Step::Lent(batch) if batch == ticket.batch) {
                continue;
            }
            let id = waiting.item.id.clone();
            let accepted = verdict == Verdict::Accepted;
            if let Verdict::Refused { code, message } = verdict {
                waiting.step = Step::Refused(code, message);
            }
            let Some(known) = self.known.get_mut(&id) else { continue };
            let next = known.next.take();
            if let Some(next) = next {
                known.at = At::Waiting(next);
            } else if accepted {
                known.at = At::Accepted(Instant::now());
            }
            if accepted || next.is_some() {
                self.waiting.remove(&place);
            }
            if let Some(held) = next.and_then(|next| self.waiting.get_mut(&next)) {
                held.step = Step::Queued;
            }
        }
        if self.batch(ticket.batch).is_empty() {
            self.batches.remove(&ticket.batch);
        }
        true
    }

    fn release(&mut self, ticket: Ticket, sent: bool) -> bool {
        let Some(lent) = self.lent(ticket) else { return false };
        if sent || lent.doubt {
            lent.until = Instant::now();
            // The ticket is void: a renewal that comes late must not bring the lease back.
            lent.attempt = lent.attempt.saturating_add(1);
            return true;
        }
        self.batches.remove(&ticket.batch);
        let mut again = Vec::new();
        for (place, waiting) in &mut self.waiting {
            if matches!(waiting.step, Step::Lent(batch) if batch == ticket.batch) {
                waiting.step = Step::Queued;
                again.push((*place, waiting.item.id.clone()));
            }
        }
        // What was not sent gives way to newer content.
        for (place, id) in again {
            let Some(known) = self.known.get_mut(&id) else { continue };
            if let Some(next) = known.next.take() {
                known.at = At::Waiting(next);
                self.waiting.remove(&place);
                if let Some(held) = self.waiting.get_mut(&next) {
                    held.step = Step::Queued;
                }
            }
        }
        true
    }

    fn counts(&self) -> Counts {
        let now = Instant::now();
        let mut counts = Counts::default();
        for waiting in self.waiting.values() {
            let count = match self.state_of(waiting, now) {
                State::Queued => &mut counts.queued,
                State::Sending => &mut counts.sending,
                State::Unknown => &mut counts.unknown,
                State::Accepted => &mut counts.accepted,
                State::Refused => &mut counts.refused,
            };
            *count = count.saturating_add(1);
        }
        let accepted = self.known.values().filter(|known| matches!(known.at, At::Accepted(_))).count();
        counts.accepted = u64::try_from(accepted).unwrap_or(u64::MAX);
        counts
    }

    fn export(&self, state: State, from: Option<&Cursor>, most: usize) -> Page {
        let most = most.max(1);
        let mut found: Vec<(String, Exported)> = if state == State::Accepted {
            let after = from.map_or(Bound::Unbounded, |cursor| Bound::Excluded(cursor.0.clone()));
            let accepted = self
                .known
                .range((after, Bound::Unbounded))
                .filter(|(_, known)| matches!(known.at, At::Accepted(_)));
            let exported = accepted.map(|(id, _)| Exported { id: id.clone(), content: None, refusal: None });
            exported.map(|exported| (exported.id.clone(), exported)).take(most + 1).collect()
        } else {
            let now = Instant::now();
            let after = from.and_then(|cursor| cursor.0.parse().ok()).unwrap_or(0_u64);
            let rest = self.waiting.range((Bound::Excluded(after), Bound::Unbounded));
            rest.filter(|(_, waiting)| self.state_of(waiting, now) == state)
                .take(most + 1)
                .map(|(place, waiting)| {
                    let refusal = match &waiting.step {
                        Step::Refused(code, message) => Some((code.clone(), message.clone())),
                        _ => None,
                    };
                    let item = &waiting.item;
                    let content = Some(item.content.clone());
                    (place.to_string(), Exported { id: item.id.clone(), content, refusal })
                })
                .collect()
        };
        let more = found.len() > most;
        found.truncate(most);
        let next = found.last().filter(|_| more).map(|(place, _)| Cursor(place.clone()));
        Page { records: found.into_iter().map(|(_, exported)| exported).collect(), next }
    }

    fn retry(&mut self, most: usize) -> usize {
        let refused = self.waiting.iter().filter(|(_, it)| matches!(it.step, Step::Refused(..)));
        let places: Vec<u64> = refused.map(|(place, _)| *place).take(most).collect();
        for place in &places {
            let Some(waiting) = self.waiting.remove(place) else { continue };
            let id = waiting.item.id.clone();
            let at = At::Waiting(self.put(waiting.item, Step::Queued));
            if let Some(known) = self.known.get_mut(&id) {
                known.at = at;
            }
        }
        places.len()
    }

    fn forget(&mut self, age: Duration, most: usize) -> usize {
        let now = Instant::now();
        let old =
            |known: &Known| matches!(known.at, At::Accepted(at) if now.saturating_duration_since(at) >= age);
        let ids: Vec<_> =
            self.known.iter().filter(|(_, known)| old(known)).map(|(id, _)| id.clone()).take(most).collect();
        for id in &ids {
            self.known.remove(id);
        }
        ids.len()
    }
}

impl MemoryJournal {
    /// An empty journal.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for MemoryJournal {
    fn serve<'a>(&'a self, target: &'a str) -> BoxFuture<'a, Result<String, StateError>> {
        ready(Ok(self.kept().target.get_or_insert_with(|| target.to_owned()).clone())).boxed()
    }

    fn target(&self) -> BoxFuture<'_, Result<Option<String>, StateError>> {
        ready(Ok(self.kept().target.clone())).boxed()
    }

    fn enqueue<'a>(&'a self, run: u64, items: Vec<Item>) -> BoxFuture<'a, Result<Vec<Enqueued>, StateError>> {
        let mut kept = self.kept();
        ready(Ok(items.into_iter().map(|item| kept.enqueue(run, item)).collect())).boxed()
    }

    fn claim<'a>(
        &'a self,
        _: &'a Owner,
        most: Most,
        lease: Duration,
    ) -> BoxFuture<'a, Result<Turn, StateError>> {
        ready(Ok(self.kept().claim(most, lease))).boxed()
    }

    fn renew(&self, ticket: Ticket, lease: Duration) -> BoxFuture<'_, Result<bool, StateError>> {
        let now = Instant::now();
        let mut kept = self.kept();
        let lent = kept.lent(ticket);
        let held = lent.is_some();
        if let Some(lent) = lent {
            lent.until = now.checked_add(span::clamp(lease)).unwrap_or(now);
        }
        ready(Ok(held)).boxed()
    }

    fn settle(
        &self,
        ticket: Ticket,
        verdicts: Vec<(u64, Verdict)>,
    ) -> BoxFuture<'_, Result<bool, StateError>> {
        ready(Ok(self.kept().settle(ticket, verdicts))).boxed()
    }

    fn release(&self, ticket: Ticket, sent: bool) -> BoxFuture<'_, Result<bool, StateError>> {
        ready(Ok(self.kept().release(ticket, sent))).boxed()
    }

    fn counts(&self) -> BoxFuture<'_, Result<Counts, StateError>> {
        ready(Ok(self.kept().counts())).boxed()
    }

    fn export(
        &self,
        state: State,
        from: Option<Cursor>,
        most: usize,
    ) -> BoxFuture<'_, Result<Page, StateError>> {
        ready(Ok(self.kept().export(state, from.as_ref(), most))).boxed()
    }

    fn retry(&self, most: usize) -> BoxFuture<'_, Result<usize, StateError>> {
        ready(Ok(self.kept().retry(most))).boxed()
    }

    fn forget(&self, age: Duration, most: usize) -> BoxFuture<'_, Result<usize, StateError>> {
        ready(Ok(self.kept().forget(age, most))).boxed()
    }
}
