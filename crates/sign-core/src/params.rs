//! Parameters and bare values: sorting and joining, without building the formatted text.

use crate::{Order, TextSink};

/// A parameter that takes part in a signature, as `name=value`. The value is raw: not percent-encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pair<'a> {
    /// The name, case-sensitive.
    pub name: &'a str,
    /// The raw value.
    pub value: &'a str,
}

impl<'a> Pair<'a> {
    /// A pair of name and raw value.
    #[must_use]
    pub const fn new(name: &'a str, value: &'a str) -> Self {
        Self { name, value }
    }

    fn formatted(&self) -> impl Iterator<Item = u8> {
        self.name.bytes().chain(core::iter::once(b'=')).chain(self.value.bytes())
    }
}

/// Shows the name alone: values may be personal.
impl core::fmt::Debug for Pair<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}=‹{} B›", self.name, self.value.len())
    }
}

/// Sorts pairs by their **formatted text** `name=value`, which is not the order of the names where one name begins
/// another: `k10=…` comes before `k1=…`, because `0` < `=`. Allocates nothing.
pub fn sort_pairs(pairs: &mut [Pair<'_>], order: Order) {
    pairs.sort_unstable_by(|a, b| order.compare_bytes(a.formatted(), b.formatted()));
}

/// Sorts bare values. Allocates nothing.
pub fn sort_values(values: &mut [&str], order: Order) {
    values.sort_unstable_by(|a, b| order.compare(a, b));
}

/// Writes `name=value` pairs in the given order, `separator` between them.
pub fn write_pairs<S: TextSink + ?Sized>(pairs: &[Pair<'_>], separator: &str, sink: &mut S) {
    let mut between = "";
    for pair in pairs {
        sink.open(between);
        sink.open(pair.name);
        sink.open("=");
        sink.open(pair.value);
        between = separator;
    }
}

/// Writes bare values in the given order, without separator, as text that is open to show.
pub fn write_values<S: TextSink + ?Sized>(values: &[&str], sink: &mut S) {
    for value in values {
        sink.open(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{string::String, vec::Vec};

    #[track_caller]
    fn check_pairs(order: Order, given: &[(&str, &str)], expected: &str) {
        let mut pairs: Vec<_> = given.iter().map(|&(name, value)| Pair::new(name, value)).collect();
        sort_pairs(&mut pairs, order);
        let mut text = String::new();
        write_pairs(&pairs, "&", &mut text);
        assert_eq!(text, expected);
    }

    #[test]
    fn pairs_sort_by_their_formatted_text() {
        check_pairs(Order::Utf16, &[("k1", "1"), ("k10", "1")], "k10=1&k1=1");
        check_pairs(Order::Bytes, &[("k1", "1"), ("k10", "1"), ("k1-", "1")], "k1-=1&k10=1&k1=1");
        check_pairs(Order::Bytes, &[("b", "2"), ("B", "1"), ("a", "")], "B=1&a=&b=2");
        check_pairs(Order::Bytes, &[("a", "～"), ("a", "😀")], "a=～&a=😀");
        check_pairs(Order::Utf16, &[("a", "～"), ("a", "😀")], "a=😀&a=～");
        check_pairs(Order::Utf16, &[], "");
    }

    #[track_caller]
    fn check_values(order: Order, given: &[&str], expected: &str) {
        let mut values = Vec::from(given);
        sort_values(&mut values, order);
        let mut text = String::new();
        write_values(&values, &mut text);
        assert_eq!(text, expected);
    }

    #[test]
    fn values_sort_and_nothing_stands_between_them() {
        check_values(Order::Bytes, &["b", "", "a", "B"], "Bab");
        check_values(Order::Bytes, &["～", "😀"], "～😀");
        check_values(Order::Utf16, &["～", "😀"], "😀～");
        check_values(Order::Utf16, &[], "");
    }

    #[test]
    fn a_pair_shows_no_value() {
        assert_eq!(alloc::format!("{:?}", Pair::new("mobile", "17386500821")), "mobile=‹11 B›");
    }
}
