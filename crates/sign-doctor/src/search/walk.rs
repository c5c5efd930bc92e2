//! The walk through all sets of mistakes with parameters.

use std::sync::atomic::{AtomicU64, Ordering};

use super::lists::Lists;
use crate::Mutation;
use crate::plan::Plan;
use crate::prepared::Prepared;

/// What the workers share: whose turn it is. Each takes the next part when it has done one.
#[derive(Debug, Default)]
pub(super) struct Turns(AtomicU64);

/// One worker's walk. All workers walk alike, and each does the parts that it took.
pub(super) struct Walk<'w, 's> {
    lists: &'s Lists,
    prepared: &'s Prepared<'s>,
    chosen: Vec<Mutation>,
    turns: &'w Turns,
    /// The part that this worker took, and the one that it stands before.
    taken: u64,
    at: u64,
}

/// What is done with each.
type Step<'f, 's> = &'f mut dyn FnMut(&Plan<'s>, &[Mutation]);

impl<'w, 's> Walk<'w, 's> {
    pub(super) fn new(lists: &'s Lists, prepared: &'s Prepared<'s>, turns: &'w Turns) -> Self {
        let taken = turns.0.fetch_add(1, Ordering::Relaxed);
        Self { lists, prepared, chosen: Vec::new(), turns, taken, at: 0 }
    }

    /// All sets of so many mistakes.
    pub(super) fn all(&mut self, size: usize, plan: Plan<'s>, step: Step<'_, 's>) {
        match size {
            0 => {
                if self.takes_turn() {
                    step(&plan, &self.chosen);
                }
            }
            // Few, each with many frames.
            1 => self.last(0, plan, step, true),
            _ => self.walk(size, 0, plan, step),
        }
    }

    /// Those whose first mistakes are chosen, so many of them still missing.
    fn walk(&mut self, size: usize, from: usize, plan: Plan<'s>, step: Step<'_, 's>) {
        if size == 1 {
            if self.takes_turn() {
                self.last(from, plan, step, false);
            }
            return;
        }
        let (lists, prepared) = (self.lists, self.prepared);
        for (at, mutation) in lists.outer.iter().enumerate().skip(from) {
            if !self.chosen.iter().any(|other| other.excludes(mutation)) {
                self.chosen.push(*mutation);
                self.walk(size - 1, at + 1, plan.with(*mutation, prepared), step);
                self.chosen.pop();
            }
        }
    }

    /// Those that one mistake is missing to.
    fn last(&mut self, from: usize, plan: Plan<'s>, step: Step<'_, 's>, each_is_a_part: bool) {
        let (lists, prepared) = (self.lists, self.prepared);
        for mutation in lists.outer.iter().skip(from) {
            let excluded = self.chosen.iter().any(|other| other.excludes(mutation));
            if !excluded && (!each_is_a_part || self.takes_turn()) {
                self.chosen.push(*mutation);
                step(&plan.with(*mutation, prepared), &self.chosen);
                self.chosen.pop();
            }
        }
    }

    fn takes_turn(&mut self) -> bool {
        let at = self.at;
        self.at += 1;
        if at == self.taken {
            self.taken = self.turns.0.fetch_add(1, Ordering::Relaxed);
            return true;
        }
        false
    }
}
