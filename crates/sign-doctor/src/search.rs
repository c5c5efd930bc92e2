//! The search among a recipe's neighbours: no mistake, one, two, three.

mod level;
mod lists;
mod walk;

use self::level::Level;
use self::lists::Lists;
use crate::case::is_wide;
use crate::catalogue::catalogue;
use crate::engine::{Blocks, Core, Md5, Sha1, Sha256, Tables};
use crate::got::{Got, Written};
use crate::plan::MOST;
use crate::prepared::Prepared;
use crate::{Case, DigestKind, Letters, Mutation, Output};

/// How far a search goes.
#[derive(Clone, Copy)]
pub struct Search<'p> {
    mistakes: usize,
    candidates: Option<u64>,
    workers: usize,
    progress: Option<&'p (dyn Fn(Progress) + Sync)>,
}

/// How far a search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many mistakes at once are being tried.
    pub mistakes: usize,
    /// Candidates tried so far.
    pub tried: u64,
}

/// Bytes that a search digests by default: some seconds' work.
const WORK: u64 = 3 << 30;

/// A candidate costs as many bytes besides its text.
const OVERHEAD: u64 = 64;

impl Default for Search<'_> {
    fn default() -> Self {
        Self { mistakes: MOST, candidates: None, workers: 1, progress: None }
    }
}

impl std::fmt::Debug for Search<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search")
            .field("mistakes", &self.mistakes)
            .field("candidates", &self.candidates)
            .field("workers", &self.workers)
            .finish_non_exhaustive()
    }
}

impl<'p> Search<'p> {
    /// At most so many mistakes at once, from 0 to 3; 3 by default.
    #[must_use]
    pub fn mistakes(mut self, most: usize) -> Self {
        self.mistakes = most.min(MOST);
        self
    }

    /// At most so many candidates. By default what takes some seconds, which depends on the length of the text.
    #[must_use]
    pub const fn candidates(mut self, most: u64) -> Self {
        self.candidates = Some(most);
        self
    }

    /// On so many threads; 1 by default. The result does not depend on it.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers.max(1);
        self
    }

    /// Called now and then, from any of the threads.
    #[must_use]
    pub const fn progress(mut self, report: &'p (dyn Fn(Progress) + Sync)) -> Self {
        self.progress = Some(report);
        self
    }
}

/// What a search came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Each set of mistakes that fits, the fewest and likeliest first; none of them: the signature is right.
    pub(crate) fits: Vec<Vec<Mutation>>,
    pub(crate) tried: u64,
    /// Up to how many mistakes at once were all combinations tried?
    pub(crate) exhausted: usize,
}

pub(crate) fn search(case: &Case<'_>, got: &Got, options: &Search<'_>) -> Outcome {
    match got.digest {
        DigestKind::Md5 => run::<Md5>(case, got, options),
        DigestKind::Sha1 => run::<Sha1>(case, got, options),
        DigestKind::Sha256 => run::<Sha256>(case, got, options),
    }
}

/// The mistakes that the look of a signature tells: they are made, whatever else is.
fn visible(case: &Case<'_>, got: &Got) -> Vec<Mutation> {
    let recipe = case.recipe();
    let mut seen = Vec::new();
    match (recipe.output.letters(), got.written) {
        // Digits alone have no letter case.
        (Some(_), Written::Hex(None)) => {}
        (Some(own), Written::Hex(Some(letters))) if letters != own => seen.push(Mutation::Letters(letters)),
        (Some(_), Written::Hex(Some(_))) => {}
        (None, Written::Hex(letters)) => {
            let upper = letters == Some(Letters::Upper);
            seen.push(Mutation::Output(if upper { Output::UpperHex } else { Output::Hex }));
        }
        (_, Written::Base64(Some(output))) if recipe.output != output => seen.push(Mutation::Output(output)),
        (_, Written::Base64(None)) if ![Output::Base64, Output::Base64Url].contains(&recipe.output) => {
            seen.push(Mutation::Output(Output::Base64));
        }
        (_, Written::Base64OfHex) if recipe.output != Output::Base64OfHex => {
            seen.push(Mutation::Output(Output::Base64OfHex));
        }
        _ => {}
    }
    if got.short != recipe.short {
        seen.push(Mutation::Short(got.short));
    }
    seen
}

fn run<B: Blocks>(case: &Case<'_>, got: &Got, options: &Search<'_>) -> Outcome {
    let visible = visible(case, got);
    let prepared = case.prepared(false);
    let base = case.plan(&prepared, &visible);
    let lists = Lists::new(catalogue(case.recipe(), &prepared, case.secrets(), false), case, got);
    let mut core = Core::default();
    let mut tables = Tables::default();
    core.arrange(&mut tables, &prepared, &base, base.order);
    core.write(&tables, &base);
    let cost = OVERHEAD + core.bytes.len() as u64;
    let budget = options.candidates.unwrap_or(WORK / cost);
    let mut outcome = Outcome { fits: Vec::new(), tried: 0, exhausted: 0 };
    let hunt = |prepared: &Prepared<'_>, lists: &Lists, mistakes: usize, tried: u64| {
        let level = Level { case, prepared, base, lists, mistakes, got, total: mistakes + visible.len() };
        level.run::<B>(options, tried)
    };
    for total in visible.len()..=options.mistakes {
        let mistakes = total - visible.len();
        let room = budget.saturating_sub(outcome.tried);
        let mut chosen = lists.first(usize::MAX, usize::MAX);
        let whole = chosen.count(mistakes) <= room;
        while chosen.count(mistakes) > room && !(chosen.outer.is_empty() && chosen.inner.is_empty()) {
            // Least likely first, from both halves alike.
            chosen = chosen.first(chosen.outer.len() * 9 / 10, chosen.inner.len() * 9 / 10);
        }
        if chosen.count(mistakes) > room {
            break;
        }
        let (mut fits, tried) = hunt(&prepared, &chosen, mistakes, outcome.tried);
        outcome.tried += tried;
        if fits.is_empty() && mistakes == 1 && !lists.another_digest {
            // The clock may have been read twice: many stamps, each alone.
            let wide = case.prepared(true);
            let stamps = catalogue(case.recipe(), &wide, case.secrets(), true);
            let stamps: Vec<_> = stamps.into_iter().filter(is_wide).collect();
            if (stamps.len() as u64) <= budget.saturating_sub(outcome.tried) && !stamps.is_empty() {
                let only = Lists { outer: stamps, inner: Vec::new(), another_digest: false };
                let (more, tried) = hunt(&wide, &only, 1, outcome.tried);
                fits = more;
                outcome.tried += tried;
            }
        }
        if whole {
            outcome.exhausted = total;
        }
        if !fits.is_empty() {
            let mut fits: Vec<Vec<_>> =
                fits.into_iter().map(|fit| visible.iter().copied().chain(fit).collect()).collect();
            let cost = |fit: &Vec<Mutation>| fit.iter().map(|it| u64::from(it.cost())).sum::<u64>();
            // Whatever order they were found in.
            fits.sort_by_cached_key(|fit| (cost(fit), format!("{fit:?}")));
            fits.dedup();
            outcome.fits = fits;
            return outcome;
        }
        if !whole {
            break;
        }
    }
    outcome
}
