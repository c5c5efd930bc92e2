//! A hash for small keys of our own making, on which nothing depends but speed: what is found is compared as well.

use std::hash::{BuildHasherDefault, Hasher};

/// Builds it.
pub(crate) type Quick = BuildHasherDefault<QuickHasher>;

/// Multiplies and turns, word by word.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct QuickHasher(u64);

impl QuickHasher {
    #[inline]
    const fn add(&mut self, word: u64) {
        // The golden ratio's odd 64 bits.
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for QuickHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        words.iter().for_each(|word| self.add(u64::from_le_bytes(*word)));
        self.add(rest.iter().fold(rest.len() as u64, |word, byte| (word << 8) | u64::from(*byte)));
    }

    #[inline]
    fn write_u8(&mut self, number: u8) {
        self.add(number.into());
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        self.add(number);
    }

    #[inline]
    fn write_usize(&mut self, number: usize) {
        self.add(number as u64);
    }

    #[inline]
    fn write_isize(&mut self, number: isize) {
        self.add(number.cast_unsigned() as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        // The table looks at the lowest bits, which know least.
        self.0 ^ (self.0 >> 32)
    }
}
