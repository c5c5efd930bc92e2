//! The configured values, arranged once so that looking one up costs the same however many there are.

use std::collections::BTreeSet;

use crate::decimal::{Decimal, Form};
use crate::short::Short;
use crate::table::Table;

/// Up to this many values are compared one by one, which is faster than hashing.
const FEW: usize = 8;

/// Distinct decimals.
#[derive(Clone, Default)]
pub(crate) struct NumberSet {
    shorts: Vec<Short>,
    /// What is beside [`FEW`] short ones: none, usually.
    more: Option<Box<MoreNumbers>>,
}

#[derive(Clone, Default)]
struct MoreNumbers {
    /// Leads to `shorts`, once they are many.
    table: Table,
    /// Those that found no place in the table: none, unless somebody made them collide.
    crowd: BTreeSet<Short>,
    longs: BTreeSet<Decimal>,
}

impl NumberSet {
    pub(crate) fn insert(&mut self, number: Decimal) {
        if self.contains(&number) {
            return;
        }
        let Form::Short(short) = *number.form() else {
            self.more.get_or_insert_default().longs.insert(number);
            return;
        };
        self.shorts.push(short);
        if self.shorts.len() <= FEW {
            return;
        }
        let more = self.more.get_or_insert_default();
        // The first that is too many takes the few into the table, each later one itself.
        let taken = if self.shorts.len() == FEW + 1 { 0 } else { self.shorts.len() - 1 };
        // Enumerating first: what is skipped is not walked through.
        for (at, short) in self.shorts.iter().enumerate().skip(taken) {
            // A body of 1 MiB (SPEC.md §4.10 Limits) has fewer numbers than `u32` counts.
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            more.table.insert(short.hash(), at, |away| more.crowd.extend(self.shorts.get(away as usize)));
        }
    }

    #[inline]
    pub(crate) fn contains_short(&self, number: Short) -> bool {
        if self.shorts.len() <= FEW {
            return self.shorts.contains(&number);
        }
        self.more.as_ref().is_some_and(|more| {
            let is = |at: u32| self.shorts.get(at as usize) == Some(&number);
            more.table.find(number.hash(), is).is_some() || more.crowd.contains(&number)
        })
    }

    pub(crate) fn contains(&self, number: &Decimal) -> bool {
        match number.form() {
            Form::Short(short) => self.contains_short(*short),
            Form::Long(_) => self.more.as_ref().is_some_and(|more| more.longs.contains(number)),
        }
    }
}

/// Which positions of a set have been seen; no memory on the heap up to 64 of them.
#[derive(Debug)]
pub(crate) enum Marks {
    /// One bit for each position, and those that are wanted.
    Few(u64, u64),
    /// One flag for each position, and how many are still wanted.
    Many(Vec<bool>, usize),
}

impl Marks {
    #[inline]
    pub(crate) fn new(count: usize) -> Self {
        match count {
            0..64 => Marks::Few(0, (1 << count) - 1),
            64 => Marks::Few(0, u64::MAX),
            _ => Marks::Many(vec![false; count], count),
        }
    }

    #[inline]
    pub(crate) fn mark(&mut self, at: usize) {
        match self {
            Marks::Few(seen, _) => *seen |= 1 << (at % 64),
            Marks::Many(seen, left) => {
                if let Some(seen) = seen.get_mut(at).filter(|seen| !**seen) {
                    *seen = true;
                    *left = left.saturating_sub(1);
                }
            }
        }
    }

    #[inline]
    pub(crate) fn has(&self, at: usize) -> bool {
        match self {
            Marks::Few(seen, _) => seen & (1 << (at % 64)) != 0,
            Marks::Many(seen, _) => seen.get(at).copied().unwrap_or(false),
        }
    }

    #[inline]
    pub(crate) const fn complete(&self) -> bool {
        match self {
            Marks::Few(seen, wanted) => *seen == *wanted,
            Marks::Many(_, left) => *left == 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many as a body can hold; a walk through all of them for each would take minutes.
    #[test]
    fn very_many_numbers_are_taken_in() {
        let mut set = NumberSet::default();
        for n in 0..150_000_u32 {
            set.insert(Decimal::parse(&n.to_string()).unwrap());
        }
        let has = |n: u32| set.contains(&Decimal::parse(&format!("{n}.0")).unwrap());
        assert!(has(0) && has(149_999) && !has(150_000));
    }

    /// Short and long numbers, few and many of them.
    #[test]
    fn numbers_are_found_by_value() {
        for count in [1, 8, 9, 500] {
            let mut set = NumberSet::default();
            for n in 0..count {
                for written in [format!("{n}"), format!("{n}.0"), format!("{n}e40"), format!("-{n}.5")] {
                    set.insert(Decimal::parse(&written).unwrap());
                }
            }
            for n in 0..count + 5 {
                for written in [format!("{n}.00"), format!("{n}0e39"), format!("-{n}.50")] {
                    let found = set.contains(&Decimal::parse(&written).unwrap());
                    assert_eq!(found, n < count, "{count} {written}");
                }
                assert!(!set.contains(&Decimal::parse(&format!("{n}.7")).unwrap()));
            }
        }
    }
}
