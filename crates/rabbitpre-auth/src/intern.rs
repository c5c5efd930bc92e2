//! Distinct texts, each with a number, found in the same time however many there are.

use std::collections::BTreeMap;

use crate::name::{hash, same};
use crate::table::Table;

/// Up to this many texts are compared one by one, which is faster than hashing.
const FEW: usize = 8;

/// Distinct pairs of a group and a text, numbered in the order they came. Texts of one group differ; those of different
/// groups may be the same.
#[derive(Clone, Default)]
pub(crate) struct Interned {
    /// All texts, one behind the other.
    text: Vec<u8>,
    entries: Vec<Entry>,
    /// Leads to the entries, once they are many.
    table: Table,
    /// Those that found no place in the table: none, unless somebody made them collide.
    crowd: BTreeMap<(u32, Box<[u8]>), u32>,
    longest: usize,
}

#[derive(Clone, Copy)]
struct Entry {
    group: u32,
    /// A body of 1 MiB (SPEC.md §4.10 Limits) has less text than `u32` counts.
    from: u32,
    to: u32,
}

impl Interned {
    /// Room for so many texts.
    pub(crate) fn reserve(&mut self, texts: usize) {
        self.entries.reserve(texts);
        if texts > FEW {
            self.text.reserve(texts * FEW);
            self.table.reserve(texts);
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.entries.len()
    }

    /// The number of a text.
    #[inline]
    pub(crate) fn find(&self, group: u32, text: &str) -> Option<u32> {
        let text = text.as_bytes();
        if self.entries.len() <= FEW {
            return (0..).zip(&self.entries).find(|(_, entry)| self.is(entry, group, text)).map(|(at, _)| at);
        }
        // A text of megabytes is not hashed to learn that nobody wrote it.
        if text.len() > self.longest { None } else { self.look(group, text, hash(group, text)) }
    }

    fn look(&self, group: u32, text: &[u8], hash: u32) -> Option<u32> {
        let is = |at: u32| self.entries.get(at as usize).is_some_and(|entry| self.is(entry, group, text));
        match self.table.find(hash, is) {
            None if !self.crowd.is_empty() => self.crowd.get(&(group, text.into())).copied(),
            found => found,
        }
    }

    #[inline]
    fn is(&self, entry: &Entry, group: u32, text: &[u8]) -> bool {
        entry.group == group && self.text(entry).is_some_and(|known| same(known, text))
    }

    #[inline]
    fn text(&self, entry: &Entry) -> Option<&[u8]> {
        self.text.get(entry.from as usize..entry.to as usize)
    }

    /// The number of a text, which is taken in if it is not there.
    pub(crate) fn intern(&mut self, group: u32, text: &str) -> u32 {
        if let Some(at) = self.find(group, text) {
            return at;
        }
        let end = |text: &Vec<u8>| u32::try_from(text.len()).unwrap_or(u32::MAX);
        let next = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let from = end(&self.text);
        self.text.extend_from_slice(text.as_bytes());
        self.longest = self.longest.max(text.len());
        self.entries.push(Entry { group, from, to: end(&self.text) });
        // The first that is too many takes the few into the table, each later one itself.
        match self.entries.len() {
            0..=FEW => {}
            count if count == FEW + 1 => (0..=next).for_each(|at| self.lead_to(at)),
            _ => self.lead_to(next),
        }
        next
    }

    fn lead_to(&mut self, at: u32) {
        let Interned { text, entries, table, crowd, .. } = self;
        let given = |at: u32| {
            let entry = entries.get(at as usize)?;
            Some((entry.group, text.get(entry.from as usize..entry.to as usize)?))
        };
        let Some((group, text)) = given(at) else { return };
        table.insert(hash(group, text), at, |away| {
            if let Some((group, text)) = given(away) {
                crowd.insert((group, text.into()), away);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places are found whoever wants them, and those sent away are all told of.
    #[test]
    fn texts_that_collide_are_sent_away() {
        let mut table = Table::default();
        let mut crowd = Vec::new();
        for at in 0..1000 {
            table.insert(7, at, |away| crowd.push(away));
        }
        assert!(crowd.len() >= 900 && crowd.len() < 1000);
        for at in 0..1000 {
            assert_eq!(table.find(7, |found| found == at), Some(at).filter(|at| !crowd.contains(at)));
        }
        assert_eq!(table.find(7 + 512, |_| true), None);
    }

    /// Texts that all have one hash are found all the same, and those that are not there are not.
    #[test]
    fn texts_that_collide_are_found() {
        let mut texts = Interned::default();
        let colliding = |n: u32| format!("{n:08}");
        for n in 0..3000 {
            assert_eq!(texts.intern(0, &colliding(n)), n);
        }
        // As if they had found no place.
        texts.table = Table::default();
        for n in 0..3000 {
            texts.crowd.insert((0, colliding(n).as_bytes().into()), n);
        }
        for n in 0..3000 {
            assert_eq!(texts.find(0, &colliding(n)), Some(n));
            assert_eq!(texts.find(1, &colliding(n)), None);
        }
        assert_eq!(texts.find(0, "00003000"), None);
    }

    #[test]
    fn texts_have_one_number_each() {
        let mut texts = Interned::default();
        for _ in 0..2 {
            for n in 0..5000_u32 {
                assert_eq!(texts.intern(n % 3, &format!("text{}", n / 3)), n);
            }
        }
        assert_eq!(texts.len(), 5000);
        assert_eq!(texts.find(1, "text0"), Some(1));
        assert_eq!(texts.find(3, "text0"), None);
        assert_eq!(texts.find(0, "text"), None);
        assert_eq!(texts.find(0, &"t".repeat(1000)), None);
    }
}
