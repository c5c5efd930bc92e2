//! All candidates of one number of mistakes, on as many threads as are wanted.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxBuildHasher;

use super::lists::Lists;
use super::walk::{Turns, Walk};
use super::{Progress, Search};
use crate::engine::{Bench, Blocks, Choice, Core, Frames, Tables, Target};
use crate::got::Got;
use crate::plan::{Few, Frame, Plan};
use crate::prepared::Prepared;
use crate::{Case, Mutation, PairFormat, TextForm};

/// Candidates between two reports of progress.
const STEP: u64 = 1 << 16;

/// Candidates that a worker tries before it tells the others.
const TOLD: u64 = 1 << 10;

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

/// The frames for each text form and pair format that a core can have, made by the worker that needs them first.
type Sets<'c, 's, B> = HashMap<(TextForm, PairFormat, usize), OnceLock<Frames<'c, 's, B>>, FxBuildHasher>;

impl<'s> Level<'s> {
    pub(super) fn run<B: Blocks>(&self, options: &Search<'_>, before: u64) -> (Vec<Vec<Mutation>>, u64) {
        // With 0, 1, 2, 3 mistakes.
        let choices: Vec<_> = (0..=self.mistakes)
            .map(|size| {
                let mut choices = Vec::new();
                self.choose(size, 0, self.base.frame, Few::default(), &mut choices);
                choices
            })
            .collect();
        let sets = self.sets::<B>();
        let (tried, turns) = (AtomicU64::new(before), Turns::default());
        let work = || self.share(options, &choices, &sets, &turns, &tried);
        let fits = if options.workers == 1 {
            work()
        } else {
            std::thread::scope(|scope| {
                let threads: Vec<_> = (1..options.workers).map(|_| scope.spawn(work)).collect();
                let mut fits = work();
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

    fn sets<'c, B: Blocks>(&self) -> Sets<'c, 's, B> {
        let own = self.base.globals;
        let texts = self.lists.outer.iter().filter_map(|it| match it {
            Mutation::Text(text) => Some(*text),
            _ => None,
        });
        let pairs = self.lists.outer.iter().filter_map(|it| match it {
            Mutation::Pair(pair) => Some(*pair),
            _ => None,
        });
        let pairs: Vec<_> = std::iter::once(own.pair).chain(pairs).collect();
        let grounds = std::iter::once(own.text).chain(texts).flat_map(|text| {
            let sizes = 0..=self.mistakes;
            pairs.iter().flat_map(move |pair| sizes.clone().map(move |size| (text, *pair, size)))
        });
        grounds.map(|ground| (ground, OnceLock::new())).collect()
    }

    fn choose(&self, size: usize, from: usize, frame: Frame<'s>, chosen: Few, out: &mut Vec<Choice<'s>>) {
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
    fn share<'c, B: Blocks>(
        &self,
        options: &Search<'_>,
        choices: &'c [Vec<Choice<'s>>],
        sets: &Sets<'c, 's, B>,
        turns: &Turns,
        tried: &AtomicU64,
    ) -> Vec<Vec<Mutation>> {
        let (mut fits, mut untold, target) = (Vec::new(), 0, Target::new(self.got));
        let (mut bench, mut core, mut tables) = (Bench::new(), Core::default(), Tables::default());
        let tell = |count: u64| {
            let before = tried.fetch_add(count, Ordering::Relaxed);
            if let Some(report) = options.progress.filter(|_| before / STEP != (before + count) / STEP) {
                report(Progress { mistakes: self.total, tried: before + count });
            }
        };
        let mut walk = Walk::new(self.lists, self.prepared, turns);
        for outer in 0..=self.mistakes {
            let size = self.mistakes - outer;
            let Some(choices) = choices.get(size).filter(|choices| !choices.is_empty()) else { continue };
            walk.all(outer, self.base, &mut |plan, chosen| {
                let (text, pair) = (plan.globals.text, plan.globals.pair);
                let Some(set) = sets.get(&(text, pair, size)) else { return };
                let frames = set.get_or_init(|| {
                    let own = self.base.globals;
                    let spent = usize::from(text != own.text) + usize::from(pair != own.pair);
                    Frames::new(choices, text, pair, self.case.secrets(), outer > spent)
                });
                core.arrange(&mut tables, self.prepared, plan, self.base.order);
                frames.fit(&mut bench, &mut core, &tables, plan, &target, |(_, mutations)| {
                    fits.push(chosen.iter().copied().chain(mutations.iter()).collect());
                });
                untold += frames.len() as u64;
                if untold >= TOLD {
                    tell(std::mem::take(&mut untold));
                }
            });
        }
        tell(untold);
        fits
    }
}
