//! Handlers under way in this process, and who waits for them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use platform_state::Key;
use tokio::sync::{Notify, watch};

use super::{Outcome, Why};
use crate::callback::Call;

/// What is under way, by what it is recognised by.
#[derive(Debug, Default)]
pub(super) struct Flights {
    under_way: Mutex<HashMap<Key, Booked>>,
    landed: Notify,
}

/// A flight under way, as others see it.
#[derive(Debug, Clone)]
struct Booked {
    waiting: watch::Receiver<Option<Outcome>>,
    /// Whose handler runs.
    pilot: Arc<Call>,
}

/// Either to run the handler, or to wait for it.
pub(super) enum Seat {
    Pilot(Flight),
    Passenger {
        waiting: watch::Receiver<Option<Outcome>>,
        /// The pilot came under our transName and SeqNo: its failure would be ours. Neither is signed, so under others
        /// it may be a stranger's replay that was made to fail.
        alike: bool,
    },
}

/// The right to run a handler in this process. However it is dropped, whoever waits is told.
pub(super) struct Flight {
    pub(super) roots: Vec<Key>,
    flights: Arc<Flights>,
    outcome: watch::Sender<Option<Outcome>>,
}

impl Flights {
    fn under_way(&self) -> MutexGuard<'_, HashMap<Key, Booked>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn board(self: &Arc<Self>, roots: &[Key], call: &Arc<Call>) -> Seat {
        let mut under_way = self.under_way();
        if let Some(booked) = roots.iter().find_map(|root| under_way.get(root)) {
            let pilot = &booked.pilot;
            let alike = (pilot.trans_name(), pilot.seq_no()) == (call.trans_name(), call.seq_no());
            return Seat::Passenger { waiting: booked.waiting.clone(), alike };
        }
        let (outcome, waiting) = watch::channel(None);
        let booked = Booked { waiting, pilot: Arc::clone(call) };
        under_way.extend(roots.iter().map(|root| (root.clone(), booked.clone())));
        Seat::Pilot(Flight { roots: roots.to_vec(), flights: Arc::clone(self), outcome })
    }

    /// Returns when nothing is under way.
    pub(super) async fn all_landed(&self) {
        loop {
            let landed = self.landed.notified();
            // From here on each landing is noticed, so that none is missed between looking and waiting.
            if self.under_way().is_empty() {
                return;
            }
            landed.await;
        }
    }
}

impl Flight {
    pub(super) fn waiting(&self) -> watch::Receiver<Option<Outcome>> {
        self.outcome.subscribe()
    }

    /// Tells whoever waits, now and from now on; the first outcome stays.
    pub(super) fn tell(&self, outcome: Outcome) {
        self.outcome.send_if_modified(|told| {
            let first = told.is_none();
            if first {
                *told = Some(outcome);
            }
            first
        });
    }
}

impl Flight {
    /// Ends it. Whoever comes from now on flies himself.
    pub(super) fn land(self, outcome: Outcome) {
        self.leave();
        self.tell(outcome);
    }

    fn leave(&self) {
        let mut under_way = self.flights.under_way();
        for root in &self.roots {
            // Landed already, and somebody else may be under way by now.
            if under_way
                .get(root)
                .is_some_and(|booked| booked.waiting.same_channel(&self.outcome.subscribe()))
            {
                under_way.remove(root);
            }
        }
        drop(under_way);
        self.flights.landed.notify_waiters();
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.leave();
        // Only a task that was torn down has told nothing.
        self.tell(Outcome::Failed(Why::Ended));
    }
}
