//! Values that follow from the seed: credentials, tokens, serial numbers, and whether a fault falls due.

use platform_http::system::{Entropy as _, SeededEntropy};
use sign_core::{Hasher, Secret, Sha256};

/// One stream of values. Streams of one seed with different purposes are independent of each other, so that a new
/// request here does not change what is drawn there.
#[derive(Debug)]
pub(crate) struct Dice(SeededEntropy);

impl Dice {
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        let mut hasher = Hasher::<Sha256>::new();
        hasher.update(&seed.to_le_bytes());
        hasher.update(purpose.as_bytes());
        let digest = hasher.finish();
        let start = digest.as_bytes().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        Self(SeededEntropy::new(start))
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        // A seeded source never runs dry.
        let _ = self.0.fill(&mut bytes);
        bytes
    }

    /// A number below `end`, uniform enough for what a sandbox does with it.
    pub(crate) fn below(&self, end: u32) -> u32 {
        let wide = u64::from(u32::from_le_bytes(self.bytes())) * u64::from(end);
        u32::try_from(wide >> 32).unwrap_or(0)
    }

    fn text(&self, length: usize, alphabet: &[u8]) -> String {
        let size = u32::try_from(alphabet.len()).unwrap_or(1);
        let letter = |_| alphabet.get(self.below(size) as usize).copied().map_or('0', char::from);
        (0..length).map(letter).collect()
    }

    pub(crate) fn hex(&self, length: usize) -> String {
        self.text(length, b"0123456789abcdef")
    }

    /// A secret of so many hexadecimal digits, at least one.
    pub(crate) fn secret(&self, length: usize) -> Secret {
        Secret::new(self.hex(length.max(1))).expect("a text of one character or more is not empty")
    }

    pub(crate) fn digits(&self, length: usize) -> String {
        self.text(length, b"0123456789")
    }

    pub(crate) fn letters(&self, length: usize) -> String {
        self.text(length, b"0123456789abcdefghijklmnopqrstuvwxyz")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_and_the_purpose_decide() {
        let draw = |seed, purpose| Dice::new(seed, purpose).hex(32);
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
        let dice = Dice::new(1, "range");
        assert!((0..1000).all(|_| dice.below(10) < 10));
        assert_eq!(dice.below(1), 0);
    }
}
