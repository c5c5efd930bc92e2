//! In which order parameters are signed.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// How parameters are sorted before they are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Order {
    /// By what.
    pub by: SortKey,
    /// In which alphabet.
    pub collation: Collation,
    /// From the last to the first?
    #[serde(default)]
    pub descending: bool,
}

/// By what parameters are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SortKey {
    /// By nothing: they stay in the order in which they were given, or in that of [`Selection::Only`].
    ///
    /// [`Selection::Only`]: crate::Selection::Only
    Given,
    /// By the name.
    Name,
    /// By the formatted `name=value`, which is another order where one name begins another.
    Pair,
    /// By the value.
    Value,
}

/// How two texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Collation {
    /// By UTF-8 byte: PHP, Go, Python, C.
    Bytes,
    /// By UTF-16 code unit: Java, JavaScript, .NET's ordinal.
    Utf16,
    /// Without regard to letter case, then by byte.
    IgnoreCase,
}

/// What is compared of a parameter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sortable<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
    /// `name=value`.
    pub(crate) pair: &'a str,
}

impl Order {
    /// As given.
    pub const GIVEN: Self = Self { by: SortKey::Given, collation: Collation::Bytes, descending: false };

    /// Ascending.
    #[must_use]
    pub const fn ascending(by: SortKey, collation: Collation) -> Self {
        Self { by, collation, descending: false }
    }

    /// Every order that sorts upwards, and none at all.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let keys = [SortKey::Name, SortKey::Pair, SortKey::Value];
        let collations = [Collation::Bytes, Collation::Utf16, Collation::IgnoreCase];
        std::iter::once(Self::GIVEN).chain(
            keys.into_iter().flat_map(move |by| collations.map(|collation| Self::ascending(by, collation))),
        )
    }

    #[inline]
    pub(crate) fn compare(self, a: Sortable<'_>, b: Sortable<'_>) -> Ordering {
        let ordering = match self.by {
            SortKey::Given => return Ordering::Equal,
            SortKey::Name => self.collation.compare(a.name, b.name),
            SortKey::Value => self.collation.compare(a.value, b.value),
            SortKey::Pair => self.collation.compare(a.pair, b.pair),
        };
        if self.descending { ordering.reverse() } else { ordering }
    }
}

impl Collation {
    pub(crate) fn compare(self, a: &str, b: &str) -> Ordering {
        match self {
            Self::Bytes => sign_core::Order::Bytes.compare(a, b),
            Self::Utf16 => sign_core::Order::Utf16.compare(a, b),
            // Nothing is allocated: characters sort as their UTF-8 does.
            Self::IgnoreCase => ignoring_case(a, b).then_with(|| a.cmp(b)),
        }
    }
}

/// As `lower(a).cmp(lower(b))`, which is asked only where it takes more than ASCII to tell.
fn ignoring_case(a: &str, b: &str) -> Ordering {
    for (one, other) in a.bytes().zip(b.bytes()) {
        if !(one.is_ascii() && other.is_ascii()) {
            return lower(a).cmp(lower(b));
        }
        let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
        if one != other {
            return one.cmp(&other);
        }
    }
    // One begins the other.
    a.len().cmp(&b.len())
}

fn lower(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(by: SortKey, collation: Collation, given: &[(&str, &str)], expected: &str) {
        let order = Order::ascending(by, collation);
        let pairs: Vec<_> = given.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let key = |(&(name, value), pair)| Sortable { name, value, pair };
        let mut sorted: Vec<_> = given.iter().zip(pairs.iter().map(String::as_str)).map(key).collect();
        sorted.sort_by(|a, b| order.compare(*a, *b));
        assert_eq!(sorted.iter().map(|it| it.name).collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn ascii_says_what_characters_say() {
        let texts = [
            "", "a", "A", "ab", "aB", "b", "Z", "_", "ä", "Ä", "aä", "aÄ", "İ", "i̇", "ıA", "中", "a中", "K",
            "k",
        ];
        for (a, b) in texts.iter().flat_map(|a| texts.map(|b| (*a, b))) {
            assert_eq!(ignoring_case(a, b), lower(a).cmp(lower(b)), "`{a}` `{b}`");
        }
    }

    #[test]
    fn each_order() {
        let given = [("k1", "b"), ("k10", "a"), ("B", "c"), ("a", "～"), ("c", "😀")];
        check(SortKey::Given, Collation::Bytes, &given, "k1 k10 B a c");
        check(SortKey::Name, Collation::Bytes, &given, "B a c k1 k10");
        check(SortKey::Pair, Collation::Utf16, &given, "B a c k10 k1");
        check(SortKey::Name, Collation::IgnoreCase, &given, "a B c k1 k10");
        check(SortKey::Value, Collation::Bytes, &given, "k10 k1 B a c");
        check(SortKey::Value, Collation::Utf16, &given, "k10 k1 B c a");
    }
}
