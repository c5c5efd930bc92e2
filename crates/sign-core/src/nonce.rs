//! Nonces and ids made from entropy that the caller brings.

use core::fmt;

/// A text of exactly `N` ASCII characters, held in place.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Nonce<const N: usize>([u8; N]);

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// So many characters are taken from the number by one division: 62⁵ is the highest power that fits into 32 bits.
const AT_ONCE: usize = 5;
const DIVISOR: u64 = 62_u64.pow(5);

impl<const N: usize> Nonce<N> {
    /// `N` letters and digits (at most 32) from 32 random bytes. The bytes are read as one number that is divided by
    /// 62 again and again, so that the characters are uniform but for a bias below 2⁻⁶⁰.
    ///
    /// ```
    /// let nonce = sign_core::Nonce::<8>::alphanumeric([7; 32]);
    /// assert_eq!(nonce.as_str().len(), 8);
    /// ```
    #[must_use]
    pub fn alphanumeric(entropy: [u8; 32]) -> Self {
        const { assert!(N <= 32, "32 random bytes give at most 32 uniform characters") };
        let mut number = [0_u32; 8];
        for (limb, bytes) in number.iter_mut().zip(entropy.as_chunks().0) {
            *limb = u32::from_be_bytes(*bytes);
        }
        let mut text = [0; N];
        for characters in text.chunks_mut(AT_ONCE) {
            let mut remainder = 0;
            for limb in &mut number {
                let dividend = (remainder << 32) | u64::from(*limb);
                // The remainder is below the divisor, so the quotient is below 2³².
                *limb = u32::try_from(dividend / DIVISOR).unwrap_or(u32::MAX);
                remainder = dividend % DIVISOR;
            }
            for character in characters {
                let digit = usize::try_from(remainder % 62).unwrap_or(0);
                *character = ALPHABET.get(digit).copied().unwrap_or(b'0');
                remainder /= 62;
            }
        }
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or("")
    }
}

impl Nonce<36> {
    /// A version 4 UUID (RFC 9562 §5.4) in lower case with hyphens, from 16 random bytes.
    ///
    /// ```
    /// let id = sign_core::Nonce::uuid_v4([0xff; 16]);
    /// assert_eq!(id.as_str(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    /// ```
    #[must_use]
    pub fn uuid_v4(entropy: [u8; 16]) -> Self {
        let mut bits = u128::from_be_bytes(entropy);
        bits = bits & !(0xf << 76) | (4 << 76); // version
        bits = bits & !(0b11 << 62) | (0b10 << 62); // variant
        let mut digits = [0; 32];
        let mut text = [b'-'; 36];
        if hex::encode_to_slice(bits.to_be_bytes(), &mut digits).is_ok() {
            let places = (0..36).filter(|at| !matches!(at, 8 | 13 | 18 | 23));
            for (at, digit) in places.zip(digits) {
                if let Some(place) = text.get_mut(at) {
                    *place = digit;
                }
            }
        }
        Self(text)
    }
}

impl<const N: usize> fmt::Display for Nonce<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for Nonce<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonce({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_written_in_base_62_lowest_digit_first() {
        let mut entropy = [0; 32];
        entropy[31] = 61;
        assert_eq!(Nonce::<4>::alphanumeric(entropy).as_str(), "z000");
        entropy[31] = 62;
        assert_eq!(Nonce::<4>::alphanumeric(entropy).as_str(), "0100");
        entropy[30] = 1; // 256 + 62 = 318 = 5 × 62 + 8
        assert_eq!(Nonce::<4>::alphanumeric(entropy).as_str(), "8500");
    }

    /// One character at a time, byte by byte.
    fn plainly<const N: usize>(mut number: [u8; 32]) -> [u8; N] {
        core::array::from_fn(|_| {
            let mut remainder = 0_u16;
            for byte in &mut number {
                let dividend = (remainder << 8) | u16::from(*byte);
                *byte = u8::try_from(dividend / 62).unwrap();
                remainder = dividend % 62;
            }
            ALPHABET[usize::from(remainder)]
        })
    }

    #[track_caller]
    fn check_plain<const N: usize>(entropy: [u8; 32]) {
        assert_eq!(Nonce::<N>::alphanumeric(entropy).as_str().as_bytes(), plainly::<N>(entropy));
    }

    proptest::proptest! {
        #[test]
        fn several_characters_at_once_are_the_same_characters(entropy: [u8; 32]) {
            check_plain::<32>(entropy);
            check_plain::<20>(entropy);
            check_plain::<7>(entropy);
            check_plain::<1>(entropy);
        }
    }

    #[test]
    fn the_ends_of_the_range() {
        check_plain::<32>([0; 32]);
        check_plain::<32>([0xff; 32]);
        check_plain::<0>([0xff; 32]);
    }

    #[test]
    fn a_nonce_shows_its_text() {
        let nonce = Nonce::<4>::alphanumeric([0; 32]);
        assert_eq!(alloc::format!("{nonce} {nonce:?}"), "0000 Nonce(0000)");
    }

    #[test]
    fn a_uuid_keeps_its_entropy_around_version_and_variant() {
        assert_eq!(Nonce::uuid_v4([0; 16]).as_str(), "00000000-0000-4000-8000-000000000000");
        let counting = core::array::from_fn(|at| u8::try_from(at).unwrap());
        assert_eq!(Nonce::uuid_v4(counting).as_str(), "00010203-0405-4607-8809-0a0b0c0d0e0f");
    }
}
