//! Finding the records that the platform does not want, by halving what it refuses. Decides, and sends nothing.

use core::ops::Range;

/// Parts of a batch that are still to be sent, and what is known so far.
#[derive(Debug)]
pub(super) struct Bisection {
    todo: Vec<Part>,
    /// Single records that were refused, until it is known that it is about them.
    suspects: Vec<Part>,
    /// Has the platform accepted a part of this batch, or others since it was set aside?
    accepted_here: bool,
    /// Was the last refusal one that is tried again?
    vague: bool,
    /// Are only suspects left, each to be sent for the last time?
    last: bool,
    /// Parts without an acceptance among them, and how many of them had an unknown outcome.
    refusals_in_a_row: u32,
    unknown_in_a_row: u32,
    /// Single records whose outcome stays unknown.
    unknown: usize,
}

/// A part of a batch: places in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) range: Range<usize>,
    /// Is its refusal to be believed only after all tries? Of a part that is halved further it does not matter: another
    /// refusal costs a request, no more.
    pub(super) thorough: bool,
}

/// What is known of the platform: does it take records at all?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// It has never accepted any.
    Never,
    /// It has accepted some in an earlier run, and there is nothing else left to try.
    Before,
    /// It has accepted others in this run.
    Others,
    /// It has accepted others in this run, and there is nothing else left to try.
    Rest,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Send(Part),
    /// Everything is accepted or refused, or stays unknown.
    Done,
    /// Nobody can tell by now whether it is about the records.
    Stuck,
}

/// From here on, the largest part is tried in turn with the next one: where many bad records stand together, the good
/// ones are elsewhere.
const LOOK_ELSEWHERE: u32 = 12;
/// The same where there is no answer: each try may last as long as a time-out.
const LOOK_ELSEWHERE_UNKNOWN: u32 = 4;
/// So many refusals without a single acceptance are not about records.
const STUCK_NEVER: u32 = 128;
/// The same of refusals that may be about the platform.
const STUCK_VAGUE: u32 = 32;
/// Where others were accepted, a hundred bad records may stand together.
const STUCK_OTHERS: u32 = 256;
/// A platform that cannot answer is asked less often.
const STUCK_UNKNOWN: u32 = 16;
/// More suspects than this are asked for a second time only, not with all tries: a batch is to cost two or three requests
/// a record, not ten.
const CROWD: usize = 16;

impl Bisection {
    /// Parts as they are to be sent first.
    pub(super) fn new(parts: impl DoubleEndedIterator<Item = Range<usize>>, thorough: bool) -> Self {
        let todo = parts.rev().map(|range| Part { range, thorough }).collect();
        Self {
            todo,
            suspects: Vec::new(),
            accepted_here: false,
            vague: false,
            last: false,
            refusals_in_a_row: 0,
            unknown_in_a_row: 0,
            unknown: 0,
        }
    }

    pub(super) fn next(&mut self, trust: Trust) -> Next {
        let most = match trust {
            // A batch of which some were accepted is sorted out to the last record.
            _ if self.accepted_here => u32::MAX,
            Trust::Never if self.vague => STUCK_VAGUE,
            Trust::Never => STUCK_NEVER,
            Trust::Before | Trust::Others => STUCK_OTHERS,
            // SPEC.md §3: `300` may as well be about the platform.
            Trust::Rest if self.vague => STUCK_OTHERS,
            Trust::Rest => u32::MAX,
        };
        if self.refusals_in_a_row >= most || self.unknown_in_a_row >= STUCK_UNKNOWN {
            return Next::Stuck;
        }
        let astray =
            self.refusals_in_a_row >= LOOK_ELSEWHERE || self.unknown_in_a_row >= LOOK_ELSEWHERE_UNKNOWN;
        let elsewhere = astray && self.refusals_in_a_row.is_multiple_of(2);
        let largest = self.todo.iter().enumerate().max_by_key(|(_, part)| part.range.len());
        let part = match largest {
            Some((place, _)) if elsewhere => Some(self.todo.remove(place)),
            _ => self.todo.pop(),
        };
        match part {
            Some(part) => Next::Send(part),
            None if self.suspects.is_empty() => Next::Done,
            None if trust == Trust::Never => Next::Stuck,
            None => {
                let crowd = self.suspects.len() > CROWD;
                self.todo.extend(self.suspects.drain(..).rev().map(|part| Part { thorough: !crowd, ..part }));
                // From now on each is sent by itself, for the last time.
                self.last = true;
                self.todo.pop().map_or(Next::Done, Next::Send)
            }
        }
    }

    pub(super) fn accepted(&mut self) {
        self.accepted_here = true;
        (self.refusals_in_a_row, self.unknown_in_a_row) = (0, 0);
    }

    /// A part was refused; `sure`: another try would not help. `true`: it is this single record, for good.
    pub(super) fn refused(&mut self, part: Part, trust: Trust, sure: bool) -> bool {
        self.unknown_in_a_row = 0;
        self.vague = !sure;
        let single = part.range.len() <= 1;
        let alone = self.todo.is_empty() && self.suspects.is_empty();
        let believed = match trust {
            Trust::Never => false,
            // As long as parts are left, they may show that the platform takes records today.
            Trust::Before => self.last || self.accepted_here || alone,
            Trust::Others | Trust::Rest => true,
        };
        if single && believed && (part.thorough || sure || self.last) {
            return true;
        }
        self.refusals_in_a_row = self.refusals_in_a_row.saturating_add(1);
        self.divide(part);
        false
    }

    /// Nobody knows what became of a part. `true`: it is a single record, and stays so.
    pub(super) fn unknown(&mut self, part: Part) -> bool {
        if part.range.len() <= 1 && (part.thorough || self.last) {
            self.unknown = self.unknown.saturating_add(1);
            self.unknown_in_a_row = self.unknown_in_a_row.saturating_add(1);
            return true;
        }
        self.refusals_in_a_row = self.refusals_in_a_row.saturating_add(1);
        self.unknown_in_a_row = self.unknown_in_a_row.saturating_add(1);
        self.divide(part);
        false
    }

    /// Sends a part later. It has had its tries.
    pub(super) fn later(&mut self, part: Part) {
        self.todo.push(Part { thorough: false, ..part });
    }

    /// Of how many records the outcome stays unknown.
    pub(super) fn left_unknown(&self) -> usize {
        self.unknown
    }

    fn divide(&mut self, part: Part) {
        let Range { start, end } = part.range;
        if part.range.len() <= 1 {
            self.suspects.push(part);
            return;
        }
        let middle = start.midpoint(end);
        self.todo.push(Part { range: middle..end, thorough: false });
        self.todo.push(Part { range: start..middle, thorough: false });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    struct Run {
        accepted: BTreeSet<usize>,
        refused: BTreeSet<usize>,
        unknown: BTreeSet<usize>,
        requests: usize,
        done: bool,
    }

    #[derive(Debug, Clone, Copy)]
    enum Bad {
        /// Refused, and another try would not help.
        Sure,
        /// Refused with a status that is tried again.
        Perhaps,
        /// Never answered.
        Silent,
    }

    /// What becomes of a batch of which the platform does not want some.
    fn run(count: usize, bad: &BTreeSet<usize>, how: Bad, trust: Trust) -> Run {
        let mut bisection = Bisection::new(std::iter::once(0..count), true);
        let mut run = Run {
            accepted: BTreeSet::new(),
            refused: BTreeSet::new(),
            unknown: BTreeSet::new(),
            requests: 0,
            done: false,
        };
        let mut trust = trust;
        loop {
            match bisection.next(trust) {
                Next::Done => {
                    assert_eq!(bisection.left_unknown(), run.unknown.len());
                    return Run { done: true, ..run };
                }
                Next::Stuck => return run,
                Next::Send(part) => {
                    run.requests += 1;
                    assert!(run.requests < 10 * count + 10, "no end");
                    let range = part.range.clone();
                    if range.clone().all(|place| !bad.contains(&place)) {
                        for place in range {
                            assert!(run.accepted.insert(place), "sent twice");
                        }
                        bisection.accepted();
                        if trust == Trust::Never {
                            trust = Trust::Others;
                        }
                        continue;
                    }
                    match how {
                        Bad::Silent if bisection.unknown(part.clone()) => run.unknown.extend(range),
                        Bad::Silent => {}
                        Bad::Sure if bisection.refused(part.clone(), trust, true) => {
                            run.refused.extend(range)
                        }
                        Bad::Perhaps if bisection.refused(part.clone(), trust, false) => {
                            run.refused.extend(range);
                        }
                        Bad::Sure | Bad::Perhaps => {}
                    }
                }
            }
        }
    }

    #[track_caller]
    fn check(count: usize, bad: impl IntoIterator<Item = usize>, most: usize) {
        let bad: BTreeSet<_> = bad.into_iter().collect();
        for how in [Bad::Sure, Bad::Perhaps] {
            let run = run(count, &bad, how, Trust::Never);
            assert!(run.done);
            assert_eq!(run.refused, bad);
            assert_eq!(run.accepted.len(), count - bad.len());
            assert!(run.requests <= most, "{} requests", run.requests);
        }
    }

    #[test]
    fn bad_records_are_found_and_the_others_accepted() {
        check(1, [], 1);
        check(2000, [], 1);
        for bad in [0, 1, 999, 1000, 1999] {
            check(2000, [bad], 26);
        }
        check(2, [1], 4);
        check(2000, [0, 1999], 50);
        check(2000, 0..40, 200);
        check(2000, 500..600, 400);
        check(2000, (0..2000).step_by(20), 1600);
    }

    #[test]
    fn a_crowd_of_bad_records_is_refused() {
        check(3000, 1000..1800, 2 * 3000);
        check(2000, 500..1500, 2 * 2000);
        check(2000, 0..1500, 3 * 2000);
    }

    #[test]
    fn a_platform_that_refuses_everything_blames_no_record() {
        for count in [1, 2, 3, 31, 2000] {
            for how in [Bad::Sure, Bad::Perhaps] {
                let run = run(count, &(0..count).collect(), how, Trust::Never);
                assert!(!run.done && run.accepted.is_empty() && run.refused.is_empty());
                assert!(run.requests <= if matches!(how, Bad::Sure) { 128 } else { 32 }, "{how:?}");
            }
        }
        // Nor where it has accepted others in earlier runs, as soon as there are many.
        let run = run(2000, &(0..2000).collect(), Bad::Sure, Trust::Before);
        assert!(!run.done && run.refused.is_empty());
    }

    #[test]
    fn a_lone_record_is_blamed_where_others_were_accepted() {
        for trust in [Trust::Before, Trust::Others, Trust::Rest] {
            let run = run(1, &BTreeSet::from([0]), Bad::Perhaps, trust);
            assert!(run.done && run.refused == BTreeSet::from([0]) && run.requests == 1);
        }
    }

    #[test]
    fn what_stays_unknown_does_not_hold_the_others_back() {
        for bad in [0, 1, 1000, 1999] {
            let run = run(2000, &BTreeSet::from([bad]), Bad::Silent, Trust::Rest);
            assert!(run.done && run.accepted.len() == 1999 && run.unknown == BTreeSet::from([bad]));
        }
        let run = run(2000, &(0..2000).collect(), Bad::Silent, Trust::Rest);
        assert!(!run.done && run.requests <= 16);
    }

    fn everything_is_sorted_out(count: usize, bad: &BTreeSet<usize>, how: Bad, trust: Trust) {
        let run = run(count, bad, how, trust);
        assert!(run.accepted.is_disjoint(bad) && run.refused.is_subset(bad));
        assert!(run.requests <= 3 * count + 1);
        // Where there is nothing to show that the platform takes records, and with many bad ones, it may get stuck.
        if matches!((trust, how), (Trust::Rest, Bad::Sure)) || bad.len() < 5 && bad.len() < count {
            assert!(run.done && run.refused == *bad && run.accepted.len() == count - bad.len());
        }
        assert!(run.done || run.refused.is_empty() || matches!(trust, Trust::Others));
    }

    proptest! {
        #[test]
        fn whatever_is_bad(
            count in 1..300_usize,
            bad in proptest::collection::btree_set(0..300_usize, 0..200),
            how in prop_oneof![Just(Bad::Sure), Just(Bad::Perhaps)],
            trust in proptest::sample::select(vec![Trust::Never, Trust::Before, Trust::Others, Trust::Rest]),
        ) {
            everything_is_sorted_out(count, &bad.into_iter().filter(|place| *place < count).collect(), how, trust);
        }
    }
}
