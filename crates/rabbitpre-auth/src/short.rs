//! Decimals of few digits, which nearly all are: one whole number and where its point stands, exact as the others.

use std::cmp::Ordering;

use crate::name::fold;

/// `mantissa / 10^scale`, with the least scale there is, and at most 18 digits in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Short {
    mantissa: i64,
    scale: u8,
}

impl Short {
    pub(crate) const ZERO: Self = Short { mantissa: 0, scale: 0 };
    /// The most digits of a mantissa, and the largest scale.
    pub(crate) const DIGITS: i16 = 18;

    /// The caller knows that the scale is the least one.
    pub(crate) const fn new(mantissa: i64, scale: u8) -> Self {
        Short { mantissa, scale }
    }

    pub(crate) const fn mantissa(self) -> i64 {
        self.mantissa
    }

    pub(crate) const fn scale(self) -> u8 {
        self.scale
    }

    /// So many thousandths.
    pub(crate) fn thousandths(count: u16) -> Self {
        Self::least(i64::from(count), 3)
    }

    /// `[-]digits[.digits]` with at most 18 digits; `None` says nothing, the text may be a number all the same.
    #[inline]
    pub(crate) fn plain(text: &[u8]) -> Option<Self> {
        let (negative, digits) = match text.split_first() {
            Some((b'-', rest)) => (true, rest),
            _ => (false, text),
        };
        // One more for the point.
        if digits.is_empty() || digits.len() > 19 {
            return None;
        }
        // 19 digits at most, which fit.
        let mut size = 0_u64;
        let mut rest = digits.iter();
        let scale = loop {
            match rest.next() {
                None => break 0,
                Some(digit @ b'0'..=b'9') => size = size * 10 + u64::from(digit - b'0'),
                Some(b'.') => {
                    let fraction = rest.as_slice();
                    // `.5` and `5.` are no numbers
                    if fraction.is_empty() || fraction.len() + 1 == digits.len() {
                        return None;
                    }
                    for digit in fraction {
                        if !digit.is_ascii_digit() {
                            return None;
                        }
                        size = size * 10 + u64::from(digit - b'0');
                    }
                    break u8::try_from(fraction.len()).ok()?;
                }
                Some(_) => return None,
            }
        };
        let size = i64::try_from(size).ok().filter(|size| *size < LARGEST)?;
        Some(Self::least(if negative { -size } else { size }, scale))
    }

    /// Without zeros at the end of the fraction.
    #[inline]
    fn least(mut mantissa: i64, mut scale: u8) -> Self {
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        Short { mantissa, scale }
    }

    /// The mantissa if the scale were larger; it has at most 36 digits then.
    #[inline]
    fn scaled(self, scale: u8) -> i128 {
        let mut power = 1_i64;
        // No scale is larger than 18.
        for _ in self.scale..scale {
            power *= 10;
        }
        i128::from(self.mantissa) * i128::from(power)
    }

    /// For a [`crate::table::Table`].
    pub(crate) fn hash(self) -> u32 {
        let spread = fold(self.mantissa.cast_unsigned() ^ 0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db);
        let spread = fold(spread ^ u64::from(self.scale), 0x8ebc_6af0_9c88_c6e3);
        u32::try_from(spread >> 32).unwrap_or(0)
    }
}

/// The first whole number of 19 digits.
const LARGEST: i64 = 1_000_000_000_000_000_000;

impl Ord for Short {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            return self.mantissa.cmp(&other.mantissa);
        }
        let scale = self.scale.max(other.scale);
        self.scaled(scale).cmp(&other.scaled(scale))
    }
}

impl PartialOrd for Short {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Rules hold numbers that are near each other, or have the same digits.
    #[test]
    fn hashes_of_numbers_that_are_alike_differ() {
        let places = |mantissa| (0..=18).map(move |scale| Short::new(mantissa, scale).hash());
        let hashes: BTreeSet<_> = (-500..500).flat_map(places).collect();
        // Of 19,000 hashes drawn at random, two would agree in one of twenty draws.
        assert!(hashes.len() > 18_995, "{}", hashes.len());
    }
}
