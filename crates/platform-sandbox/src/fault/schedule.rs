//! Several faults, and which of them falls due for a request.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::dice::Dice;
use crate::{Fault, FaultKind, Operation, Platform, When};

/// Faults in the order in which they are tried: the first that falls due meets the request, alone.
///
/// As text, separated by commas:
///
/// ```text
/// SPEC     = FAULT ["," FAULT]…
/// FAULT    = TARGET ":" KIND ["=" ARGUMENT] ["*" TIMES | "@" PERCENT "%"]
/// TARGET   = "any" | PLATFORM ["." OPERATION]
/// PLATFORM = jinlaiban | yichang | webank
/// OPERATION: jinlaiban.push · yichang.login .todo ·
///            webank.token .ticket .call .upload .download .upload-json .upload-form
/// KIND     = cut-before | cut-after | cut-up=BYTES | cut-down=BYTES | status=N | status-after=N | code=N
///          | slow=DURATION | half | not-json | empty | state (jinlaiban) | kick (webank)
/// DURATION = 200ms | 2s | 1m
/// TIMES    = 1 and more; PERCENT = 0.0001 to 100. Neither: each request
/// ```
///
/// ```
/// use platform_sandbox::FaultSchedule;
/// let faults: FaultSchedule =
///     "jinlaiban:cut-after@5%, webank.call:code=60841018*1, yichang:slow=2s".parse()?;
/// assert_eq!(faults.faults().len(), 3);
/// let error = "webank.push:half".parse::<FaultSchedule>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "fault `webank.push:half`: webank has no operation `push`; it has token, ticket, call, upload, download, \
///      upload-json, upload-form",
/// );
/// # Ok::<(), platform_sandbox::FaultSpecError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaultSchedule {
    pub(super) faults: Vec<Fault>,
}

impl FaultSchedule {
    /// No faults.
    #[must_use]
    pub const fn none() -> Self {
        Self { faults: Vec::new() }
    }

    /// The faults in their order.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl FromIterator<Fault> for FaultSchedule {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        Self { faults: faults.into_iter().collect() }
    }
}

/// A schedule in use: it counts, and draws from the seed.
#[derive(Debug)]
pub(crate) struct Drawn {
    seed: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Injected ones, tried first.
    injected: VecDeque<Live>,
    scheduled: Vec<Live>,
    made: usize,
    fallen_due: HashMap<Option<Operation>, u64>,
}

#[derive(Debug)]
struct Live {
    fault: Fault,
    met: u32,
    dice: Dice,
}

impl Live {
    /// Each fault draws from a stream of its own, so that whether it falls due depends on the requests it could meet
    /// and on nothing else.
    fn new(seed: u64, number: usize, fault: Fault) -> Self {
        Self { fault, met: 0, dice: Dice::new(seed, &format!("fault {number}")) }
    }

    fn draw(&mut self) -> bool {
        match self.fault.when {
            When::Always => true,
            When::Times(times) => {
                let due = self.met < times;
                self.met += u32::from(due);
                due
            }
            When::Share { millionths } => self.dice.below(1_000_000) < millionths,
        }
    }

    fn is_spent(&self) -> bool {
        matches!(self.fault.when, When::Times(times) if self.met >= times)
    }
}

impl Drawn {
    pub(crate) fn new(schedule: FaultSchedule, seed: u64) -> Self {
        let made = schedule.faults.len();
        let scheduled = schedule
            .faults
            .into_iter()
            .enumerate()
            .map(|(number, fault)| Live::new(seed, number, fault))
            .collect();
        let state = State { injected: VecDeque::new(), scheduled, made, fallen_due: HashMap::new() };
        Self { seed, state: Mutex::new(state) }
    }

    pub(crate) fn inject(&self, fault: Fault) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let number = state.made;
        state.made += 1;
        state.injected.push_back(Live::new(self.seed, number, fault));
    }

    /// No more faults.
    pub(crate) fn clear(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.injected.clear();
        state.scheduled.clear();
    }

    pub(crate) fn fallen_due(&self) -> u64 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).fallen_due.values().sum()
    }

    pub(crate) fn fallen_due_at(&self, operation: Operation) -> u64 {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.fallen_due.get(&Some(operation)).copied().unwrap_or(0)
    }

    pub(crate) fn draw(&self, platform: Platform, operation: Option<Operation>) -> Option<FaultKind> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { injected, scheduled, fallen_due, .. } = &mut *state;
        let due = injected
            .iter_mut()
            .chain(scheduled)
            .filter(|live| live.fault.target.meets(platform, operation))
            .find_map(|live| live.draw().then(|| live.fault.kind.clone()));
        injected.retain(|live| !live.is_spent());
        if due.is_some() {
            *fallen_due.entry(operation).or_default() += 1;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Target;

    fn draws(seed: u64, spec: &str, requests: usize) -> Vec<bool> {
        let drawn = Drawn::new(spec.parse().unwrap(), seed);
        (0..requests).map(|_| drawn.draw(Platform::Jinlaiban, Some(Operation::Push)).is_some()).collect()
    }

    #[test]
    fn shares_follow_from_the_seed() {
        let once = draws(1, "any:half@5%", 10_000);
        assert_eq!(once, draws(1, "any:half@5%", 10_000));
        assert_ne!(once, draws(2, "any:half@5%", 10_000));
        let met = once.iter().filter(|due| **due).count();
        assert!((400..600).contains(&met), "{met} of 10000 at 5%");
        assert!(draws(1, "any:half@100%", 100).iter().all(|due| *due));
    }

    #[test]
    fn counted_faults_end_and_others_are_not_met() {
        assert_eq!(draws(1, "jinlaiban:half*2", 4), [true, true, false, false]);
        assert_eq!(draws(1, "yichang:half,webank.call:half", 2), [false, false]);
        assert_eq!(draws(1, "jinlaiban.push:empty", 2), [true, true]);
    }

    #[test]
    fn injected_faults_come_first_and_in_their_order() {
        let drawn = Drawn::new("any:half".parse().unwrap(), 1);
        drawn.inject(Fault::once(Operation::Push, FaultKind::CutBefore));
        drawn.inject(Fault::once(Target::Any, FaultKind::CutAfter));
        let draw = || drawn.draw(Platform::Jinlaiban, Some(Operation::Push));
        assert_eq!(draw(), Some(FaultKind::CutBefore));
        assert_eq!(draw(), Some(FaultKind::CutAfter));
        assert_eq!(draw(), Some(FaultKind::Half));
        assert_eq!((drawn.fallen_due(), drawn.fallen_due_at(Operation::Push)), (3, 3));
        assert_eq!(drawn.fallen_due_at(Operation::Token), 0);
        drawn.clear();
        assert_eq!(draw(), None);
    }
}
