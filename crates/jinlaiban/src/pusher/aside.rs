//! Batches that wait, with their leases kept, until others have shown whether the platform takes records at all.

use core::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use platform_state::Ticket;

use super::bisect::Bisection;
use super::{PusherError, Shared};
use crate::record::Record;

/// What is left of a batch.
pub(super) struct Held {
    pub(super) ticket: Ticket,
    pub(super) items: Vec<(u64, Record)>,
    pub(super) bisection: Bisection,
    /// Was a request's outcome unknown?
    pub(super) doubt: bool,
    /// How the last request ended that was not accepted.
    pub(super) why: Option<PusherError>,
    /// How many records had been accepted in all when it was set aside.
    pub(super) accepted: u64,
    /// Was all of it tried? It is only given back when the run ends: sooner, it would be claimed again at once.
    pub(super) over: bool,
}

/// Shows no records.
impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

/// The batches of a run that were set aside, and what the run knows of the platform.
#[derive(Default)]
pub(super) struct Asides {
    held: Mutex<Vec<Held>>,
    accepted: AtomicBool,
    /// Batches set aside, and records refused, since something was accepted.
    in_a_row: AtomicUsize,
    refused_in_a_row: AtomicUsize,
    /// Workers with a batch, or asking for one.
    pub(super) busy: AtomicUsize,
}

/// So many batches without an acceptance between them are not about records.
const MANY: usize = 8;
/// The same of small batches, which are soon tried.
const MANY_SMALL: usize = 64;
const SMALL: usize = 16;
/// So many batches are kept in memory at most.
const KEPT: usize = 16;
/// So many records, one after the other, are not refused for what they are.
const REFUSED: usize = 4_000;

impl Asides {
    fn held(&self) -> MutexGuard<'_, Vec<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn begin(&self) -> Vec<Held> {
        self.accepted.store(false, Ordering::SeqCst);
        self.in_a_row.store(0, Ordering::SeqCst);
        self.refused_in_a_row.store(0, Ordering::SeqCst);
        self.busy.store(0, Ordering::SeqCst);
        self.drain()
    }

    pub(super) fn drain(&self) -> Vec<Held> {
        self.held().drain(..).collect()
    }

    pub(super) fn accepted(&self) {
        self.accepted.store(true, Ordering::SeqCst);
        self.in_a_row.store(0, Ordering::SeqCst);
        self.refused_in_a_row.store(0, Ordering::SeqCst);
    }

    /// A record was refused. `true`: too many were, one after the other.
    pub(super) fn refused(&self) -> bool {
        self.refused_in_a_row.fetch_add(1, Ordering::SeqCst) + 1 >= REFUSED
    }

    /// Has the platform accepted anything in this run?
    pub(super) fn has_accepted(&self) -> bool {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(super) fn in_doubt(&self) -> bool {
        self.in_a_row.load(Ordering::SeqCst) > 0
    }

    /// Sets a batch aside. The error: too many were, one after the other, or in all.
    pub(super) fn put(&self, held: Held) -> Result<(), PusherError> {
        let many = if held.items.len() > SMALL || held.doubt { MANY } else { MANY_SMALL };
        let why = held.why.clone();
        let over = held.over;
        let mut all = self.held();
        all.push(held);
        let kept = all.iter().filter(|held| held.over).count();
        let row = if over { 0 } else { self.in_a_row.fetch_add(1, Ordering::SeqCst) + 1 };
        match why {
            Some(why) if row >= many || kept >= KEPT => Err(why),
            _ => Ok(()),
        }
    }

    /// The next batch to be tried again. `crowded`: only where many wait.
    pub(super) fn take(&self, crowded: bool) -> Option<Held> {
        let mut all = self.held();
        if crowded && all.iter().filter(|held| !held.over).count() < KEPT {
            return None;
        }
        let place = all.iter().position(|held| !held.over)?;
        Some(all.remove(place))
    }

    fn tickets(&self) -> Vec<Ticket> {
        self.held().iter().map(|held| held.ticket).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held().is_empty()
    }

    /// How many records are not settled of what was tried to its end.
    pub(super) fn left(&self) -> usize {
        self.held().iter().map(|held| held.bisection.left_unknown()).sum()
    }

    fn lose(&self, ticket: Ticket) {
        self.held().retain(|held| held.ticket != ticket);
    }
}

impl Shared {
    /// Renews the leases of what was set aside, for ever.
    pub(super) async fn keep_asides(&self) {
        loop {
            tokio::time::sleep(self.settings.lease / 3).await;
            for ticket in self.aside.tickets() {
                match self.journal.renew(ticket, self.settings.lease).await {
                    Ok(true) => {}
                    // Another one has it, or a worker of ours has settled it meanwhile.
                    Ok(false) => self.aside.lose(ticket),
                    Err(error) => tracing::warn!(%error, "the lease of a batch is not renewed"),
                }
            }
        }
    }

    /// Gives back what is left of a batch.
    pub(super) async fn give_back(&self, held: &Held) {
        // SPEC.md §3: no reply is an unknown outcome, not a failure.
        if let Err(error) = self.journal.release(held.ticket, held.doubt).await {
            tracing::warn!(%error, "a batch is not given back; its lease will end");
        }
    }

    /// Gives back what was set aside. Says why not all of it is settled.
    pub(super) async fn give_all_back(&self) -> Option<PusherError> {
        let mut why = None;
        for held in self.aside.drain() {
            self.give_back(&held).await;
            why = why.or(held.why);
        }
        why
    }
}
