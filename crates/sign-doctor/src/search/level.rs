//! All candidates of one number of mistakes, on as many threads as are wanted.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::lists::Lists;
use super::{Progress, Search};
use crate::digest::Hash;
use crate::engine::{Core, Frames, FramesOf, Tables};
use crate::got::Got;
use crate::plan::{Few, Frame, Plan};
use crate::prepared::Prepared;
use crate::{Case, Mutation, PairFormat, TextForm};

/// Candidates between two reports of progress.
const STEP: u64 = 1 << 16;

/// All candidates with so many mistakes, besides those that are visible.
pub(super) struct Level<'s> {
    pub(super) case: &'s Case<'s>,
    pub(super) prepared: &'s Prepared<'s>,
    pub(super) base: Plan<'s>,
    pub(super) lists: &'s Lists,
    pub(super) mistakes: usize,
    pub(super) got: &'s Got,
    pub(super) total: usize,
}

type FrameSets<'s, D> = HashMap<(TextForm, PairFormat, usize), FramesOf<'s, D>>;

impl<'s> Level<'s> {
    pub(super) fn run<D: Hash>(&self, options: &Search<'_>, before: u64) -> (Vec<Vec<Mutation>>, u64) {
        let sets = self.frames::<D>();
        let tried = AtomicU64::new(before);
        let work = |mine: usize| self.share(options, &sets, mine, &tried);
        let fits = if options.workers == 1 {
            work(0)
        } else {
            std::thread::scope(|scope| {
                let work = &work;
                let threads: Vec<_> =
                    (1..options.workers).map(|mine| scope.spawn(move || work(mine))).collect();
                let mut fits = work(0);
                for thread in threads {
                    match thread.join() {
                        Ok(more) => fits.extend(more),
                        Err(panic) => std::panic::resume_unwind(panic),
                    }
                }
                fits
            })
        };
        (fits, tried.into_inner() - before)
    }

    /// The frames for each text form and pair format that a core can have.
    fn frames<D: Hash>(&self) -> FrameSets<'s, D> {
        let own = self.base.globals;
        let texts = self.lists.outer.iter().filter_map(|it| match it {
            Mutation::Text(text) => Some(*text),
            _ => None,
        });
        let pairs = self.lists.outer.iter().filter_map(|it| match it {
            Mutation::Pair(pair) => Some(*pair),
            _ => None,
        });
        let texts: Vec<_> = std::iter::once(own.text).chain(texts).collect();
        let pairs: Vec<_> = std::iter::once(own.pair).chain(pairs).collect();
        let mut sets = HashMap::new();
        for text in texts {
            for pair in &pairs {
                let spent = usize::from(text != own.text) + usize::from(*pair != own.pair);
                for size in 0..=self.mistakes.saturating_sub(spent) {
                    let mut choices = Vec::new();
                    self.choose(size, 0, self.base.frame, Few::default(), &mut choices);
                    let frames = FramesOf::new(choices, text, *pair, self.case.secrets());
                    sets.insert((text, *pair, size), frames);
                }
            }
        }
        sets
    }

    fn choose(&self, size: usize, from: usize, frame: Frame<'s>, chosen: Few, out: &mut Frames<'s>) {
        if size == 0 {
            if frame.digest == self.got.digest {
                out.push((frame, chosen));
            }
            return;
        }
        for (at, mutation) in self.lists.inner.iter().enumerate().skip(from) {
            if !chosen.iter().any(|other| other.excludes(mutation)) {
                self.choose(size - 1, at + 1, frame.with(*mutation), chosen.and(*mutation), out);
            }
        }
    }

    /// One worker's part.
    fn share<D: Hash>(
        &self,
        options: &Search<'_>,
        sets: &FrameSets<'s, D>,
        mine: usize,
        tried: &AtomicU64,
    ) -> Vec<Vec<Mutation>> {
        let mut fits = Vec::new();
        let (mut core, mut tables, mut turn) = (Core::default(), Tables::default(), 0_usize);
        for outer in 0..=self.mistakes {
            let mut step = |plan: &Plan<'s>, chosen: &[Mutation]| {
                let key = (plan.globals.text, plan.globals.pair, self.mistakes - outer);
                let Some(frames) = sets.get(&key).filter(|frames| frames.len() > 0) else { return };
                core.build(&mut tables, self.prepared, plan);
                frames.fit(&core, &tables, plan, self.got, |frame| {
                    fits.push(chosen.iter().copied().chain(frame.mutations.iter()).collect());
                });
                let count = frames.len() as u64;
                let before = tried.fetch_add(count, Ordering::Relaxed);
                if let Some(report) = options.progress.filter(|_| before / STEP != (before + count) / STEP) {
                    report(Progress { mistakes: self.total, tried: before + count });
                }
            };
            let mut walk =
                Walk { level: self, chosen: Vec::new(), turn: &mut turn, mine, of: options.workers };
            walk.walk(outer, 0, self.base, &mut step);
        }
        fits
    }
}

/// The walk through all sets of mistakes with parameters; each worker takes every so-manieth.
struct Walk<'w, 's> {
    level: &'w Level<'s>,
    chosen: Vec<Mutation>,
    turn: &'w mut usize,
    mine: usize,
    of: usize,
}

impl<'s> Walk<'_, 's> {
    fn walk(
        &mut self,
        size: usize,
        from: usize,
        plan: Plan<'s>,
        step: &mut dyn FnMut(&Plan<'s>, &[Mutation]),
    ) {
        if size == 0 {
            if self.takes_turn() {
                step(&plan, &self.chosen);
            }
            return;
        }
        let level = self.level;
        for (at, mutation) in level.lists.outer.iter().enumerate().skip(from) {
            if self.chosen.iter().any(|other| other.excludes(mutation)) {
                continue;
            }
            // The last one is not even applied where it is another worker's turn.
            if size == 1 && !self.takes_turn() {
                continue;
            }
            self.chosen.push(*mutation);
            let next = plan.with(*mutation, level.prepared);
            if size == 1 {
                step(&next, &self.chosen);
            } else {
                self.walk(size - 1, at + 1, next, step);
            }
            self.chosen.pop();
        }
    }

    fn takes_turn(&mut self) -> bool {
        *self.turn += 1;
        *self.turn % self.of == self.mine
    }
}
