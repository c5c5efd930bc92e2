//! A digest as it travels, and the comparison with what came.

use core::fmt;

use subtle::ConstantTimeEq as _;

use crate::Digest;

/// The letters of a hexadecimal text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Case {
    /// `a`–`f`.
    Lower,
    /// `A`–`F`.
    Upper,
}

/// A signature as it travels: 32, 40 or 64 hexadecimal characters, held in place.
#[derive(Clone, Copy)]
pub struct Signature {
    text: [u8; Self::LONGEST],
    length: u8,
}

impl Signature {
    const LONGEST: usize = 64;

    /// Of a digest's first `length` bytes.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "at most 64 characters")]
    pub(crate) fn of(digest: &[u8; Digest::LONGEST], length: usize, case: Case) -> Self {
        let mut signature = Self { text: [0; Self::LONGEST], length: (length * 2).min(Self::LONGEST) as u8 };
        // How far behind the digits the letters stand.
        let letters = match case {
            Case::Lower => b'a' - b'9' - 1,
            Case::Upper => b'A' - b'9' - 1,
        };
        let digit = |half: u8| b'0' + half + if half > 9 { letters } else { 0 };
        // All bytes, whatever the length: so the compiler takes many at once.
        for (pair, byte) in signature.text.as_chunks_mut().0.iter_mut().zip(digest) {
            *pair = [digit(byte >> 4), digit(byte & 15)];
        }
        signature
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text
            .get(..usize::from(self.length))
            .and_then(|text| core::str::from_utf8(text).ok())
            .unwrap_or("")
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A signature travels in the open together with what it signs, so it shows itself.
impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({self})")
    }
}

/// Why a text is not the signature that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Not as many characters as the digest's hexadecimal text has: often the wrong algorithm.
    #[error("signature has {found} characters, {expected} expected: is it made with another digest?")]
    Length {
        /// Characters that the algorithm yields.
        expected: usize,
        /// Bytes that came.
        found: usize,
    },
    /// Not hexadecimal.
    #[error("signature is not hexadecimal at byte {at}")]
    NotHex {
        /// Byte offset of the first character that is no hexadecimal digit.
        at: usize,
    },
    /// A well-formed signature of something else, or with another secret.
    #[error(
        "signature does not match: compare the text to sign, the secret and the environment it belongs to"
    )]
    Different,
}

/// Is `got` the hexadecimal text of the first `length` bytes of the digest?
pub(crate) fn verify(
    expected: &[u8; Digest::LONGEST],
    length: usize,
    got: &str,
) -> Result<(), SignatureError> {
    let expected = Signature::of(expected, length, Case::Lower);
    let length = usize::from(expected.length);
    if got.len() != length {
        return Err(SignatureError::Length { expected: length, found: got.len() });
    }
    // Eight characters at a time, as every digest's text has a multiple of them; no early end, so that time tells
    // nothing.
    let pairs = got.as_bytes().as_chunks().0.iter().zip(expected.text.as_chunks().0);
    let differences = pairs.fold(0, |all, (found, expected)| {
        all | (lower_case(u64::from_ne_bytes(*found)) ^ u64::from_ne_bytes(*expected))
    });
    if bool::from(differences.ct_eq(&0)) {
        return Ok(());
    }
    match got.bytes().position(|character| !character.is_ascii_hexdigit()) {
        Some(at) => Err(SignatureError::NotHex { at }),
        None => Err(SignatureError::Different),
    }
}

/// Turns the letters among eight characters into small ones. Nothing but a letter becomes one, and all else stays what
/// it is, as far as hexadecimal digits go.
const fn lower_case(characters: u64) -> u64 {
    const LETTER: u64 = u64::from_ne_bytes([0x40; 8]);
    characters | (characters & LETTER) >> 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Hasher, Md5, Sha1, Sha256};
    use alloc::{string::String, vec::Vec};

    #[test]
    fn published_digests_of_the_empty_text_and_abc() {
        let md5 = |text: &str| Hasher::<Md5>::of(text.as_bytes()).signature(Case::Lower);
        assert_eq!(md5("").as_str(), "d41d8cd98f00b204e9800998ecf8427e"); // RFC 1321, appendix 5
        assert_eq!(md5("abc").as_str(), "900150983cd24fb0d6963f7d28e17f72");
        let sha1 = Hasher::<Sha1>::of(b"abc").signature(Case::Upper);
        assert_eq!(sha1.as_str(), "A9993E364706816ABA3E25717850C26C9CD0D89D"); // FIPS 180, example
        let sha256 = Hasher::<Sha256>::of(b"abc").signature(Case::Lower);
        assert_eq!(sha256.as_str(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[track_caller]
    fn check(got: &str, expected: Result<(), SignatureError>) {
        assert_eq!(Hasher::<Md5>::of(b"abc").verify(got), expected, "`{got}`");
    }

    /// Only the digit itself, small or capital, is taken for it.
    #[test]
    fn every_other_character_is_refused_in_every_place() {
        let digest = Hasher::<Sha1>::of(b"abc");
        let right = digest.signature(Case::Lower);
        for at in 0..40 {
            for character in (0..=0x7f_u8).map(char::from) {
                let mut got = String::from(right.as_str());
                let replaced = got.remove(at);
                got.insert(at, character);
                let expected = match character {
                    _ if character.to_ascii_lowercase() == replaced => Ok(()),
                    _ if character.is_ascii_hexdigit() => Err(SignatureError::Different),
                    _ => Err(SignatureError::NotHex { at }),
                };
                assert_eq!(digest.verify(&got), expected, "`{got}`");
            }
        }
    }

    /// Eight characters are compared at a time: a difference must not cancel with the same one somewhere else.
    #[test]
    fn two_equal_differences_do_not_make_up_for_each_other() {
        let digest = Hasher::<Sha256>::of(b"abc");
        let right = digest.signature(Case::Lower);
        let other = |digit: u8| Some(digit ^ 1).filter(u8::is_ascii_hexdigit);
        let mut count = 0;
        for at in 0..64 {
            for also in (at + 8..64).step_by(8) {
                let mut got = Vec::from(right.as_str());
                let (Some(one), Some(two)) = (other(got[at]), other(got[also])) else { continue };
                (got[at], got[also]) = (one, two);
                let got = String::from_utf8(got).unwrap();
                assert_eq!(digest.verify(&got), Err(SignatureError::Different), "`{got}`");
                count += 1;
            }
        }
        assert!(count > 100, "{count}");
    }

    #[test]
    fn a_signature_shows_itself() {
        let signature = Hasher::<Md5>::of(b"").signature(Case::Upper);
        let text = "D41D8CD98F00B204E9800998ECF8427E";
        assert_eq!(alloc::format!("{signature} {signature:?}"), alloc::format!("{text} Signature({text})"));
    }

    #[test]
    fn verification_says_what_is_wrong_with_the_text() {
        check("900150983cd24fb0d6963f7d28e17f72", Ok(()));
        check("900150983CD24FB0D6963F7D28E17F72", Ok(()));
        check("900150983CD24fb0d6963f7d28e17f72", Ok(()));
        check("900150983cd24fb0d6963f7d28e17f73", Err(SignatureError::Different));
        check("", Err(SignatureError::Length { expected: 32, found: 0 }));
        check("900150983cd24fb0", Err(SignatureError::Length { expected: 32, found: 16 }));
        check("g00150983cd24fb0d6963f7d28e17f72", Err(SignatureError::NotHex { at: 0 }));
        check("900150983cd24fb0d6963f7d28e17f7 ", Err(SignatureError::NotHex { at: 31 }));
        check("九九九九九九九九九九00", Err(SignatureError::NotHex { at: 0 }));
    }
}
