//! Finding the records that the platform does not want, by halving what it refuses. Decides, and sends nothing.

use core::ops::Range;

/// Parts of a batch that are still to be sent, and what is known so far.
#[derive(Debug)]
pub(super) struct Bisection {
    todo: Vec<Part>,
    /// Single records that were refused, until it is known that it is about them.
    suspects: Vec<Part>,
    /// Has the platform accepted anything? As long as it has not, nobody knows whether it takes records at all.
    trusted: bool,
    /// Has it accepted a part of this batch?
    accepted_here: bool,
    refusals_in_a_row: u32,
}

/// A part of a batch: places in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) range: Range<usize>,
    /// Is its refusal to be believed only after all tries? Of a part that is halved further it does not matter: another
    /// refusal costs a request, no more.
    pub(super) thorough: bool,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Send(Part),
    /// Everything is accepted or refused.
    Done,
    /// The platform refuses everything.
    Hopeless,
}

/// From here on, the largest part is tried in turn with the next one: where many bad records stand together, the good
/// ones are elsewhere.
const LOOK_ELSEWHERE: u32 = 12;
/// So many refusals without a single acceptance are not about records.
const HOPELESS: u32 = 32;
/// Where parts of the batch were accepted, a hundred bad records may stand together.
const HOPELESS_SINCE: u32 = 256;

impl Bisection {
    /// Parts as they are to be sent first. `trusted`: the platform has accepted something in this run.
    pub(super) fn new(parts: impl DoubleEndedIterator<Item = Range<usize>>, trusted: bool) -> Self {
        let todo = parts.rev().map(|range| Part { range, thorough: true }).collect();
        Self { todo, suspects: Vec::new(), trusted, accepted_here: false, refusals_in_a_row: 0 }
    }

    pub(super) fn next(&mut self) -> Next {
        let hopeless = if self.accepted_here { HOPELESS_SINCE } else { HOPELESS };
        if self.refusals_in_a_row >= hopeless {
            return Next::Hopeless;
        }
        let elsewhere = self.refusals_in_a_row >= LOOK_ELSEWHERE && self.refusals_in_a_row.is_multiple_of(2);
        let largest = self.todo.iter().enumerate().max_by_key(|(_, part)| part.range.len());
        let part = match largest {
            Some((place, _)) if elsewhere => Some(self.todo.remove(place)),
            _ => self.todo.pop(),
        };
        match part {
            Some(part) => Next::Send(part),
            None if self.suspects.is_empty() => Next::Done,
            None if !self.trusted => Next::Hopeless,
            None => self.suspects.pop().map_or(Next::Done, Next::Send),
        }
    }

    pub(super) fn accepted(&mut self) {
        (self.trusted, self.accepted_here) = (true, true);
        self.refusals_in_a_row = 0;
    }

    /// A part was refused. [`Some`]: it is this single record, for good.
    pub(super) fn refused(&mut self, part: Part) -> Option<usize> {
        let Range { start, end } = part.range;
        if end.saturating_sub(start) > 1 {
            self.refusals_in_a_row = self.refusals_in_a_row.saturating_add(1);
            let middle = start.midpoint(end);
            self.todo.push(Part { range: middle..end, thorough: false });
            self.todo.push(Part { range: start..middle, thorough: false });
            return None;
        }
        if part.thorough && self.trusted {
            return Some(start);
        }
        self.refusals_in_a_row = self.refusals_in_a_row.saturating_add(1);
        self.suspects.push(Part { thorough: true, ..part });
        None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Accepted and refused records of a batch of which the platform does not want some; requests; and whether it ended.
    fn run(
        count: usize,
        bad: &BTreeSet<usize>,
        trusted: bool,
    ) -> (BTreeSet<usize>, BTreeSet<usize>, usize, bool) {
        let mut bisection = Bisection::new(std::iter::once(0..count), trusted);
        let (mut accepted, mut refused, mut requests) = (BTreeSet::new(), BTreeSet::new(), 0);
        loop {
            match bisection.next() {
                Next::Done => return (accepted, refused, requests, true),
                Next::Hopeless => return (accepted, refused, requests, false),
                Next::Send(part) => {
                    requests += 1;
                    assert!(requests < 10 * count + 10, "no end");
                    if part.range.clone().any(|place| bad.contains(&place)) {
                        refused.extend(bisection.refused(part));
                    } else {
                        for place in part.range {
                            assert!(accepted.insert(place), "sent twice");
                        }
                        bisection.accepted();
                    }
                }
            }
        }
    }

    #[track_caller]
    fn check(count: usize, bad: impl IntoIterator<Item = usize>, most: usize) {
        let bad: BTreeSet<_> = bad.into_iter().collect();
        let (accepted, refused, requests, done) = run(count, &bad, false);
        assert!(done);
        assert_eq!(refused, bad);
        assert_eq!(accepted.len(), count - bad.len());
        assert!(requests <= most, "{requests} requests");
    }

    #[test]
    fn bad_records_are_found_and_the_others_accepted() {
        check(1, [], 1);
        check(2000, [], 1);
        for bad in [0, 1, 999, 1000, 1999] {
            check(2000, [bad], 25);
        }
        check(2, [1], 4);
        check(2000, [0, 1999], 50);
        check(2000, 0..40, 200);
        check(2000, 500..600, 400);
        check(2000, (0..2000).step_by(20), 1500);
    }

    #[test]
    fn a_platform_that_refuses_everything_blames_no_record() {
        for count in [1, 2, 3, 31, 2000] {
            let (accepted, refused, requests, done) = run(count, &(0..count).collect(), false);
            assert!(!done && accepted.is_empty() && refused.is_empty());
            assert!(requests <= 32, "{requests} requests");
        }
        // Also where it has accepted others before, as soon as there are many.
        let (_, refused, _, done) = run(2000, &(0..2000).collect(), true);
        assert!(!done && refused.is_empty());
    }

    #[test]
    fn a_crowd_of_bad_records_lets_the_others_through() {
        let (accepted, refused, _, done) = run(2000, &(500..1500).collect(), false);
        assert!(!done && refused.is_empty() && accepted.len() == 1000);
    }

    #[test]
    fn a_lone_record_is_blamed_where_others_were_accepted() {
        let (_, refused, requests, done) = run(1, &BTreeSet::from([0]), true);
        assert!(done && refused == BTreeSet::from([0]) && requests == 1);
    }

    fn nothing_is_lost(count: usize, bad: &BTreeSet<usize>, trusted: bool) {
        let (accepted, refused, _, done) = run(count, bad, trusted);
        assert!(accepted.is_disjoint(bad) && refused.is_subset(bad));
        assert!(!done || accepted.len() + refused.len() == count);
        assert!(done || accepted.is_empty() || !bad.is_empty());
    }

    proptest! {
        #[test]
        fn whatever_is_bad(
            count in 1..300_usize,
            bad in proptest::collection::btree_set(0..300_usize, 0..60),
            trusted in any::<bool>(),
        ) {
            nothing_is_lost(count, &bad.into_iter().filter(|place| *place < count).collect(), trusted);
        }
    }
}
