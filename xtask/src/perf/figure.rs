//! From measured times to a figure, and from a figure to ✓ or ✗.

use std::collections::BTreeMap;

use super::allocations::Counts;
use super::targets::Target;

/// One round: criterion's id → nanoseconds for one call.
pub(crate) type Round = BTreeMap<String, f64>;

/// A program that is run whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    /// `duijie sign --batch`, in lines a second.
    SignBatch,
    /// `duijie --version`, in milliseconds.
    Version,
    /// `duijie demo`, in milliseconds.
    Demo,
}

/// How a figure is computed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Figure {
    /// The time of one by the sum of others, each `times` over.
    Ratio { of: &'static str, to: &'static [&'static str], times: f64 },
    /// The time of the fastest of others by that of one.
    Speedup { of: &'static str, than: &'static [&'static str] },
    /// Nanoseconds.
    Time(&'static str),
    /// The most allocations of one call among these hot paths.
    Allocations(&'static [&'static str]),
    /// A program, run whole.
    Program(Program),
}

/// What a figure is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Limit {
    /// Not more.
    AtMost(f64),
    /// Not less.
    AtLeast(f64),
}

impl Limit {
    fn holds(self, figure: f64) -> bool {
        match self {
            Self::AtMost(limit) => figure <= limit,
            Self::AtLeast(limit) => figure >= limit,
        }
    }
}

impl Figure {
    /// The benches that have to run in each round.
    pub(crate) fn benches(&self) -> Vec<&'static str> {
        match self {
            Self::Ratio { of, to: others, .. } | Self::Speedup { of, than: others } => {
                std::iter::once(of).chain(*others).copied().collect()
            }
            Self::Time(id) => vec![id],
            Self::Allocations(_) | Self::Program(_) => Vec::new(),
        }
    }

    /// The figure of one round: its parts were measured within seconds, so that they met the same machine.
    fn of_round(&self, round: &Round) -> Option<f64> {
        let time = |id: &&str| round.get(*id).copied();
        match self {
            Self::Ratio { of, to, times } => {
                let others: Option<f64> = to.iter().map(time).sum();
                Some(time(of)? / (others? * times))
            }
            Self::Speedup { of, than } => {
                let others: Option<Vec<f64>> = than.iter().map(time).collect();
                Some(others?.into_iter().reduce(f64::min)? / time(of)?)
            }
            Self::Time(id) => time(id),
            Self::Allocations(_) | Self::Program(_) => None,
        }
    }
}

/// The value in the middle; of an even number, the mean of the two.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

/// What came of one target.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) path: &'static str,
    pub(crate) limit: Limit,
    /// What the figure is: `×`, `ns`, `lines/s`, `ms`, or nothing.
    pub(crate) unit: &'static str,
    /// The median of the rounds; [`None`] if there is no such bench, or not yet.
    pub(crate) figure: Option<f64>,
    /// The lowest and the highest round.
    pub(crate) range: Option<(f64, f64)>,
    /// Nanoseconds of the path itself, where the figure is a ratio.
    pub(crate) time: Option<f64>,
    /// The most that one call allocates.
    pub(crate) allocations: Option<u64>,
}

impl Row {
    pub(crate) fn of(target: &Target, rounds: &[Round], allocations: &Counts) -> Self {
        let figures: Vec<f64> = rounds.iter().filter_map(|round| target.figure.of_round(round)).collect();
        let range = figures.iter().fold(None, |range: Option<(f64, f64)>, figure| {
            Some(range.map_or((*figure, *figure), |(low, high)| (low.min(*figure), high.max(*figure))))
        });
        let most = |paths: &[&str]| -> Option<u64> {
            let counts: Option<Vec<u64>> = paths.iter().map(|path| allocations.get(*path).copied()).collect();
            counts?.into_iter().max()
        };
        let (unit, figure, time) = match &target.figure {
            Figure::Ratio { of, .. } | Figure::Speedup { of, .. } => {
                let times = rounds.iter().filter_map(|round| round.get(*of).copied()).collect();
                ("×", median(figures), median(times))
            }
            Figure::Time(_) => ("ns", median(figures), None),
            #[expect(clippy::cast_precision_loss, reason = "a few allocations")]
            Figure::Allocations(paths) => ("", most(paths).map(|count| count as f64), None),
            Figure::Program(_) => ("", None, None),
        };
        let allocations = most(target.allocates);
        Self { path: target.path, limit: target.limit, unit, figure, range, time, allocations }
    }

    /// Of a program; [`None`] if it could not be run.
    pub(crate) fn timed(target: &Target, measured: Result<f64, String>) -> Self {
        let unit = match target.figure {
            Figure::Program(Program::SignBatch) => "lines/s",
            _ => "ms",
        };
        let figure = measured.map_err(|message| eprintln!("{}: {message}", target.path)).ok();
        let (range, time, allocations) = (None, None, None);
        Self { path: target.path, limit: target.limit, unit, figure, range, time, allocations }
    }

    /// ✓: measured, and within the limit.
    pub(crate) fn holds(&self) -> bool {
        self.figure.is_some_and(|figure| self.limit.holds(figure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::perf::targets::{PEERS, TARGETS};

    fn round(times: &[(&str, f64)]) -> Round {
        times.iter().map(|(id, time)| ((*id).to_owned(), *time)).collect()
    }

    #[track_caller]
    fn check(figure: Figure, expected: Option<f64>) {
        let round = round(&[("a", 6.0), ("b", 2.0), ("c", 1.0)]);
        assert_eq!(figure.of_round(&round), expected);
    }

    #[test]
    fn figures_of_a_round() {
        check(Figure::Ratio { of: "a", to: &["b", "c"], times: 1.0 }, Some(2.0));
        check(Figure::Ratio { of: "a", to: &["c"], times: 3.0 }, Some(2.0));
        check(Figure::Ratio { of: "a", to: &["b", "missing"], times: 1.0 }, None);
        check(Figure::Speedup { of: "c", than: &["a", "b"] }, Some(2.0));
        check(Figure::Speedup { of: "missing", than: &["a"] }, None);
        check(Figure::Time("b"), Some(2.0));
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn what_was_not_measured_does_not_hold() {
        let target = TARGETS.first().unwrap();
        let row = Row::of(target, &[], &Counts::new());
        assert!(row.figure.is_none() && !row.holds());
        let ids = target.figure.benches();
        let rounds = [[1.0, 1.0], [1.05, 1.0], [1.5, 1.0]]
            .map(|times| round(&ids.iter().copied().zip(times).collect::<Vec<_>>()));
        let row = Row::of(target, &rounds, &Counts::new());
        assert_eq!((row.figure, row.range), (Some(1.05), Some((1.0, 1.5))));
        assert!(row.holds());
    }

    #[test]
    fn zero_allocations_is_a_promise() {
        let target = TARGETS.iter().find(|target| target.path.starts_with("sign and verify")).unwrap();
        let Figure::Allocations(paths) = target.figure else { panic!("not of allocations") };
        let mut counts: Counts = paths.iter().map(|path| ((*path).to_owned(), 0)).collect();
        assert!(Row::of(target, &[], &counts).holds());
        counts.insert(paths[1].to_owned(), 1);
        assert!(!Row::of(target, &[], &counts).holds());
        counts.remove(paths[0]);
        assert_eq!(Row::of(target, &[], &counts).figure, None);
    }

    #[test]
    fn paths_are_named_once() {
        for targets in [&TARGETS[..], &PEERS] {
            let mut names: Vec<_> = targets.iter().map(|target| target.path).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), targets.len());
        }
    }
}
