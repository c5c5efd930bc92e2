//! Looking up one id once, however many wait for it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use platform_state::StateError;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::{Desk, StateSettings};
use crate::settings::Setting;

/// What a store has answered.
pub(super) type Answer = Result<Option<Arc<Setting>>, StateError>;

/// A look-up under way. Whoever waits first does it; when he stops waiting, the next one does.
#[derive(Debug)]
pub(super) struct Flight {
    begun: Instant,
    pub(super) answer: OnceCell<Answer>,
}

/// The look-ups under way, and how many wait for each.
pub(super) type Flights = HashMap<Arc<str>, (Arc<Flight>, usize)>;

/// A place among those who wait for a look-up.
pub(super) struct Seat<'s> {
    settings: &'s StateSettings,
    id: &'s str,
    pub(super) flight: Arc<Flight>,
}

impl<'s> Seat<'s> {
    /// Waits for the look-up that is under way, or begins one. What was asked a while ago is not waited for: its answer
    /// may be older than answers may be.
    pub(super) fn take(settings: &'s StateSettings, desk: &mut Desk, id: &'s str, trust: Duration) -> Self {
        let now = Instant::now();
        let flight = match desk.flights.get_mut(id) {
            Some((flight, waiting)) if now.saturating_duration_since(flight.begun) < trust => {
                *waiting += 1;
                Arc::clone(flight)
            }
            _ => {
                let flight = Arc::new(Flight { begun: now, answer: OnceCell::new() });
                desk.flights.insert(id.into(), (Arc::clone(&flight), 1));
                flight
            }
        };
        Seat { settings, id, flight }
    }
}

impl Desk {
    /// Ends a look-up; false if somebody has saved meanwhile, or began another, so that its answer is nothing to keep.
    pub(super) fn land(&mut self, id: &str, flight: &Arc<Flight>) -> bool {
        let current = self.flights.get(id).is_some_and(|(current, _)| Arc::ptr_eq(current, flight));
        if current {
            self.flights.remove(id);
        }
        current
    }
}

/// The last who waits takes the look-up with him.
impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut desk = self.settings.desk.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((current, waiting)) = desk.flights.get_mut(self.id)
            && Arc::ptr_eq(current, &self.flight)
        {
            *waiting -= 1;
            if *waiting == 0 {
                desk.flights.remove(self.id);
            }
        }
    }
}
