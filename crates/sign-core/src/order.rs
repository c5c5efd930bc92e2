//! The two orders in which platforms sort text: by byte (PHP, C) and by UTF-16 code unit (Java).

use core::cmp::Ordering;

/// How a platform compares two texts before it signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// By UTF-8 byte, which is also by code point. PHP's `ksort`/`sort` with `SORT_STRING`, C's `strcmp`.
    Bytes,
    /// By UTF-16 code unit, as Java's `String.compareTo`. Differs from [`Order::Bytes`] where a character above
    /// U+FFFF (its first unit lies in U+D800–U+DBFF) meets one in U+E000–U+FFFF.
    Utf16,
}

impl Order {
    /// Compares two texts. Allocates nothing.
    ///
    /// ```
    /// use core::cmp::Ordering;
    /// use sign_core::Order;
    /// assert_eq!(Order::Bytes.compare("😀", "～"), Ordering::Greater);
    /// assert_eq!(Order::Utf16.compare("😀", "～"), Ordering::Less); // as Java does
    /// ```
    #[inline]
    #[must_use]
    pub fn compare(self, a: &str, b: &str) -> Ordering {
        match self {
            Self::Bytes => a.as_bytes().cmp(b.as_bytes()),
            Self::Utf16 => {
                let (a, b) = (a.as_bytes(), b.as_bytes());
                match a.iter().zip(b).find(|(x, y)| x != y) {
                    Some((x, y)) => utf16_rank(*x).cmp(&utf16_rank(*y)),
                    None => a.len().cmp(&b.len()),
                }
            }
        }
    }

    /// Compares two texts that are given as the bytes of their UTF-8, for texts in several pieces.
    pub(crate) fn compare_bytes(
        self,
        mut a: impl Iterator<Item = u8>,
        mut b: impl Iterator<Item = u8>,
    ) -> Ordering {
        loop {
            return match (a.next(), b.next()) {
                (Some(x), Some(y)) if x == y => continue,
                (Some(x), Some(y)) => match self {
                    Self::Bytes => x.cmp(&y),
                    Self::Utf16 => utf16_rank(x).cmp(&utf16_rank(y)),
                },
                (x, y) => x.is_some().cmp(&y.is_some()),
            };
        }
    }
}

/// Where the first differing byte decides, UTF-16 order is UTF-8 order with the lead bytes of four-byte sequences
/// (`F0`–`F4`, surrogate pairs in UTF-16) moved before `EE` and `EF` (U+E000–U+FFFF). Below a common lead byte the
/// two orders agree, and continuation bytes (`80`–`BF`) are left where they are.
const fn utf16_rank(byte: u8) -> u8 {
    match byte {
        0xEE | 0xEF => byte + 5,
        0xF0..=0xF4 => byte - 2,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[track_caller]
    fn check(a: &str, b: &str) {
        let units = |s: &str| s.encode_utf16().collect::<Vec<_>>();
        assert_eq!(Order::Utf16.compare(a, b), units(a).cmp(&units(b)), "`{a}` and `{b}`");
        assert_eq!(Order::Utf16.compare(b, a), units(b).cmp(&units(a)), "`{b}` and `{a}`");
        assert_eq!(Order::Bytes.compare(a, b), a.chars().cmp(b.chars()));
    }

    #[test]
    fn agrees_with_a_comparison_of_code_units_at_every_boundary() {
        let edges = [
            '\0',
            'z',
            '\u{7f}',
            '\u{80}',
            '\u{7ff}',
            '\u{800}',
            '\u{d7ff}',
            '\u{e000}',
            '\u{f8ff}',
            '\u{ff5e}',
            '\u{ffff}',
            '\u{10000}',
            '\u{1f600}',
            '\u{fffff}',
            '\u{100000}',
            '\u{10ffff}',
        ];
        for a in edges {
            for b in edges {
                check(&alloc::format!("x{a}"), &alloc::format!("x{b}"));
                check(&alloc::format!("{a}"), &alloc::format!("{a}{b}"));
            }
        }
        check("", "");
        check("", "a");
    }
}
