//! Distinct texts, each with a number, found in the same time however many there are.

use std::collections::BTreeMap;

use crate::name::{WORDS, hash, hash_of_words, words};
use crate::table::Table;

/// Up to this many texts are compared one by one, which is faster than hashing.
const FEW: usize = 8;

/// Distinct pairs of a group and a text, numbered in the order they came. Texts of one group differ; those of different
/// groups may be the same.
#[derive(Clone, Default)]
pub(crate) struct Interned {
    entries: Vec<Entry>,
    /// What is beside few short texts: none, usually.
    more: Option<Box<More>>,
}

#[derive(Clone, Copy)]
struct Entry {
    key: Key,
    /// Where a text that is longer than its words stands.
    from: u32,
    hash: u32,
}

/// Group and length of a text, and its words: of a text of up to [`WORDS`] bytes that is all there is to know, of a longer
/// one it tells it from most others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    group: u32,
    length: u32,
    words: (u64, u64),
}

#[derive(Clone, Default)]
struct More {
    /// The texts that are longer than their words, one behind the other.
    text: Vec<u8>,
    longest: usize,
    /// Leads to the entries, once they are many.
    table: Table,
    /// Those that found no place in the table: none, unless somebody made them collide. Texts that are no longer than
    /// their words are empty here.
    crowd: BTreeMap<(Key, Box<[u8]>), u32>,
}

impl Key {
    #[inline]
    fn new(group: u32, text: &[u8]) -> Self {
        // A body of 1 MiB (SPEC.md §4.10 Limits) has less text than `u32` counts.
        Key { group, length: u32::try_from(text.len()).unwrap_or(u32::MAX), words: words(text) }
    }

    /// Asks all at once: most texts of a set differ late, or not at all.
    #[inline]
    const fn is(&self, other: &Self) -> bool {
        let words = (self.words.0 ^ other.words.0) | (self.words.1 ^ other.words.1);
        words == 0 && self.length == other.length && self.group == other.group
    }
}

/// What of a text is not in its words.
fn beyond(text: &[u8]) -> &[u8] {
    if text.len() > WORDS { text } else { &[] }
}

impl Interned {
    /// Room for so many texts.
    pub(crate) fn reserve(&mut self, texts: usize) {
        self.entries.reserve_exact(texts);
        if texts > FEW {
            self.more.get_or_insert_default().table.reserve(texts);
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.entries.len()
    }

    /// The number of a text.
    #[inline]
    pub(crate) fn find(&self, group: u32, text: &str) -> Option<u32> {
        let text = text.as_bytes();
        if self.entries.len() > FEW || text.len() > WORDS {
            return self.find_any(group, text);
        }
        let key = Key::new(group, text);
        (0..).zip(&self.entries).find(|(_, entry)| entry.key.is(&key)).map(|(at, _)| at)
    }

    #[inline(never)]
    fn find_any(&self, group: u32, text: &[u8]) -> Option<u32> {
        let key = Key::new(group, text);
        if self.entries.len() <= FEW {
            return (0..).zip(&self.entries).find(|(_, entry)| self.is(entry, &key, text)).map(|(at, _)| at);
        }
        let more = self.more.as_deref()?;
        if text.len() <= WORDS {
            let is = |at: u32| self.entries.get(at as usize).is_some_and(|entry| entry.key.is(&key));
            let found = more.table.find(hash_of_words(group, key.words, u64::from(key.length)), is);
            if found.is_some() || more.crowd.is_empty() {
                return found;
            }
        }
        // A text of megabytes is not hashed to learn that nobody wrote it.
        if text.len() > more.longest.max(WORDS) { None } else { self.look(&key, text, hash(group, text)) }
    }

    /// The numbers of a text in all groups; looks at each entry.
    pub(crate) fn in_any_group(&self, text: &str) -> impl Iterator<Item = usize> {
        let (text, wanted) = (text.as_bytes(), Key::new(0, text.as_bytes()));
        let is = move |entry: &Entry| self.is(entry, &Key { group: entry.key.group, ..wanted }, text);
        self.entries.iter().enumerate().filter(move |(_, entry)| is(entry)).map(|(at, _)| at)
    }

    fn look(&self, key: &Key, text: &[u8], hash: u32) -> Option<u32> {
        let more = self.more.as_deref()?;
        let is = |at: u32| self.entries.get(at as usize).is_some_and(|entry| self.is(entry, key, text));
        match more.table.find(hash, is) {
            None if !more.crowd.is_empty() => more.crowd.get(&(*key, beyond(text).into())).copied(),
            found => found,
        }
    }

    #[inline]
    fn is(&self, entry: &Entry, key: &Key, text: &[u8]) -> bool {
        entry.key.is(key) && (text.len() <= WORDS || self.is_long(entry, text))
    }

    /// The same of texts that are longer than their words.
    #[inline(never)]
    fn is_long(&self, entry: &Entry, text: &[u8]) -> bool {
        let behind = self.more.as_deref().and_then(|more| more.text.get(entry.from as usize..));
        behind.is_some_and(|behind| behind.starts_with(text))
    }

    /// The number of a text, which is taken in if it is not there.
    pub(crate) fn intern(&mut self, group: u32, text: &str) -> u32 {
        let bytes = text.as_bytes();
        let (key, hash) = (Key::new(group, bytes), hash(group, bytes));
        let few = self.entries.len() <= FEW;
        if let Some(at) = if few { self.find(group, text) } else { self.look(&key, bytes, hash) } {
            return at;
        }
        let next = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let from = if beyond(bytes).is_empty() { 0 } else { self.keep(bytes) };
        self.entries.push(Entry { key, from, hash });
        // The first that is too many takes the few into the table, each later one itself.
        match self.entries.len() {
            0..=FEW => {}
            count if count == FEW + 1 => (0..=next).for_each(|at| self.lead_to(at)),
            _ => self.lead_to(next),
        }
        next
    }

    fn keep(&mut self, text: &[u8]) -> u32 {
        let more = self.more.get_or_insert_default();
        let from = u32::try_from(more.text.len()).unwrap_or(u32::MAX);
        more.text.extend_from_slice(text);
        more.longest = more.longest.max(text.len());
        from
    }

    fn lead_to(&mut self, at: u32) {
        let Interned { entries, more } = self;
        let More { text, table, crowd, .. } = &mut **more.get_or_insert_default();
        let Some(entry) = entries.get(at as usize) else { return };
        table.insert(entry.hash, at, |away| {
            if let Some(Entry { key, from, .. }) = entries.get(away as usize) {
                let length = key.length as usize;
                let kept = text.get(*from as usize..).and_then(|text| text.get(..length));
                crowd.insert((*key, kept.filter(|_| length > WORDS).unwrap_or_default().into()), away);
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
        let colliding = |n: u32| format!("{n:0width$}", width = if n.is_multiple_of(2) { 8 } else { 24 });
        for n in 0..3000 {
            assert_eq!(texts.intern(0, &colliding(n)), n);
        }
        // As if they had found no place.
        let more = texts.more.as_mut().unwrap();
        more.table = Table::default();
        for n in 0..3000 {
            let text = colliding(n);
            more.crowd.insert((Key::new(0, text.as_bytes()), beyond(text.as_bytes()).into()), n);
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
                assert_eq!(
                    texts.intern(n % 3, &format!("{}{}", "text".repeat(1 + n as usize / 3 % 5), n / 3)),
                    n
                );
            }
        }
        assert_eq!(texts.len(), 5000);
        assert_eq!(texts.find(1, "text0"), Some(1));
        assert_eq!(texts.find(3, "text0"), None);
        assert_eq!(texts.find(0, "text"), None);
        assert_eq!(texts.find(0, &"t".repeat(1000)), None);
    }
}
