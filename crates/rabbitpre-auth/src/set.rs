//! The configured values, arranged once so that looking one up costs the same however many there are.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::decimal::Decimal;

/// Up to this many texts are compared one by one, which is faster than hashing.
const FEW: usize = 8;

/// Distinct texts, each with a position.
#[derive(Clone)]
pub(crate) enum TextSet<'a> {
    Few(Vec<Cow<'a, str>>),
    Many(HashMap<Cow<'a, str>, usize>),
}

impl<'a> TextSet<'a> {
    pub(crate) fn new(texts: Vec<Cow<'a, str>>) -> Self {
        if texts.len() <= FEW {
            let mut few: Vec<Cow<'a, str>> = Vec::with_capacity(texts.len());
            for text in texts {
                if !few.contains(&text) {
                    few.push(text);
                }
            }
            return TextSet::Few(few);
        }
        let mut many = HashMap::with_capacity(texts.len());
        for text in texts {
            let next = many.len();
            many.entry(text).or_insert(next);
        }
        TextSet::Many(many)
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            TextSet::Few(texts) => texts.len(),
            TextSet::Many(texts) => texts.len(),
        }
    }

    pub(crate) fn position(&self, text: &str) -> Option<usize> {
        match self {
            TextSet::Few(texts) => texts.iter().position(|known| known == text),
            TextSet::Many(texts) => texts.get(text).copied(),
        }
    }

    pub(crate) fn into_owned(self) -> TextSet<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            TextSet::Few(texts) => TextSet::Few(texts.into_iter().map(owned).collect()),
            TextSet::Many(texts) => {
                TextSet::Many(texts.into_iter().map(|(text, at)| (owned(text), at)).collect())
            }
        }
    }
}

/// Distinct decimals, sorted.
#[derive(Clone)]
pub(crate) struct DecimalSet(Box<[Decimal]>);

impl DecimalSet {
    pub(crate) fn new(mut numbers: Vec<Decimal>) -> Self {
        numbers.sort_unstable();
        numbers.dedup();
        DecimalSet(numbers.into_boxed_slice())
    }

    pub(crate) fn contains(&self, number: &Decimal) -> bool {
        self.0.binary_search(number).is_ok()
    }
}

/// Which positions of a set have been seen; no memory on the heap up to 64 of them.
#[derive(Debug)]
pub(crate) struct Marks {
    few: u64,
    many: Vec<bool>,
    left: usize,
}

impl Marks {
    pub(crate) fn new(count: usize) -> Self {
        Marks { few: 0, many: if count > 64 { vec![false; count] } else { Vec::new() }, left: count }
    }

    pub(crate) fn mark(&mut self, at: usize) {
        if self.has(at) {
            return;
        }
        self.left = self.left.saturating_sub(1);
        match self.many.get_mut(at) {
            Some(mark) => *mark = true,
            None => self.few |= 1 << (at % 64),
        }
    }

    pub(crate) fn has(&self, at: usize) -> bool {
        self.many.get(at).copied().unwrap_or(self.few & (1 << (at % 64)) != 0)
    }

    pub(crate) const fn complete(&self) -> bool {
        self.left == 0
    }
}
