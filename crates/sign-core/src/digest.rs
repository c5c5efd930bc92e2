//! MD5, SHA-1 and SHA-256 behind one streaming type.

use core::fmt;

use crate::block::{BLOCK, Block, Front};
use crate::{Case, Signature, SignatureError};

mod sealed {
    use crate::block::Block;

    /// What the algorithms differ in; all three take blocks of 64 bytes and end a text alike (RFC 1321 §3.1 and §3.2,
    /// FIPS 180-4 §5.1.1).
    pub trait Sealed {
        /// The state: [`super::Algorithm::LENGTH`] bytes.
        type Words: Copy + AsRef<[u32]>;
        /// The state before the first block.
        const START: Self::Words;
        fn compress(words: &mut Self::Words, blocks: &[Block]);
        /// The text's length in bits, as it ends the last block.
        fn length(bits: u64) -> [u8; 8];
        fn word(word: u32) -> [u8; 4];
    }
}

/// A digest algorithm: [`Md5`], [`Sha1`] or [`Sha256`].
pub trait Algorithm: sealed::Sealed {
    /// The algorithm's usual name.
    const NAME: &'static str;
    /// The digest's length in bytes; its text has twice as many characters.
    const LENGTH: usize;
}

macro_rules! algorithm {
    ($(#[$doc:meta])* $marker:ident, $name:literal, $start:expr, $compress:path, $length:path, $word:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $marker {}
        impl sealed::Sealed for $marker {
            type Words = [u32; $start.len()];
            const START: Self::Words = $start;
            #[inline]
            fn compress(words: &mut Self::Words, blocks: &[Block]) {
                $compress(words, blocks);
            }
            #[inline]
            fn length(bits: u64) -> [u8; 8] {
                $length(bits)
            }
            #[inline]
            fn word(word: u32) -> [u8; 4] {
                $word(word)
            }
        }
        impl Algorithm for $marker {
            const NAME: &'static str = $name;
            const LENGTH: usize = size_of::<<Self as sealed::Sealed>::Words>();
        }
    };
}

/// RFC 1321 §3.3.
const MD5_START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
/// FIPS 180-4 §5.3.1.
const SHA1_START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
/// FIPS 180-4 §5.3.3.
const SHA256_START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

algorithm!(
    /// MD5, 16 bytes. Collisions are cheap: it authenticates nothing by itself, platforms require it all the same.
    Md5, "MD5", MD5_START,
    md5::block_api::compress, u64::to_le_bytes, u32::to_le_bytes
);
algorithm!(
    /// SHA-1, 20 bytes. Collisions are known: platforms require it all the same.
    Sha1, "SHA-1", SHA1_START,
    sha1::block_api::compress, u64::to_be_bytes, u32::to_be_bytes
);
algorithm!(
    /// SHA-256, 32 bytes.
    Sha256, "SHA-256", SHA256_START,
    sha2::block_api::compress256, u64::to_be_bytes, u32::to_be_bytes
);

/// A digest in the making. Takes bytes as they come. The few that wait for the digest are wiped in the end.
#[derive(Clone)]
pub struct Hasher<A: Algorithm> {
    words: A::Words,
    /// Bytes that are in `words`.
    digested: u64,
    front: Front,
}

impl<A: Algorithm> Hasher<A> {
    /// An empty text's digest, to be continued.
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        Self { words: A::START, digested: 0, front: Front::new() }
    }

    /// Appends bytes.
    #[inline]
    pub fn update(&mut self, bytes: &[u8]) {
        if !self.front.push(bytes) {
            self.overflow(bytes);
        }
    }

    /// Appends what the front has no room for: digests what waits there, and all further blocks where they are.
    #[inline(never)]
    fn overflow(&mut self, bytes: &[u8]) {
        let (blocks, tail) = self.front.fill(bytes).as_chunks();
        A::compress(&mut self.words, self.front.full());
        A::compress(&mut self.words, blocks);
        self.digested += (self.front.len() + blocks.len() * BLOCK) as u64;
        self.front.clear();
        // Less than a block: there is room.
        self.front.push(tail);
    }

    /// Ends the text.
    #[inline]
    #[must_use]
    pub fn finish(mut self) -> Digest {
        self.end()
    }

    /// [`Self::finish`] in place, for whoever made the hasher: moving it would copy its front.
    #[inline]
    pub(crate) fn end(&mut self) -> Digest {
        // RFC 1321 §3.2: of a longer text, the low 64 bits.
        let bits = (self.digested + self.front.len() as u64).wrapping_mul(8);
        A::compress(&mut self.words, self.front.end(A::length(bits)));
        let mut digest = Digest { bytes: [0; Digest::LONGEST], length: A::LENGTH as u8 };
        for (bytes, word) in digest.bytes.as_chunks_mut().0.iter_mut().zip(self.words.as_ref()) {
            *bytes = A::word(*word);
        }
        digest
    }

    /// The digest of bytes that are at hand in one piece.
    #[inline]
    #[must_use]
    pub fn of(bytes: &[u8]) -> Digest {
        let mut hasher = Self::new();
        hasher.update(bytes);
        hasher.end()
    }
}

impl<A: Algorithm> Default for Hasher<A> {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows the algorithm alone: the state depends on the secret.
impl<A: Algorithm> fmt::Debug for Hasher<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hasher({})", A::NAME)
    }
}

/// A finished digest: 16, 20 or 32 bytes. It is what a valid signature would be, so it does not show itself and has
/// no `==`; see [`Digest::verify`].
#[derive(Clone, Copy)]
pub struct Digest {
    bytes: [u8; Self::LONGEST],
    length: u8,
}

impl Digest {
    pub(crate) const LONGEST: usize = 32;

    /// The digest's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }

    /// The digest as it travels: hexadecimal text.
    #[inline]
    #[must_use]
    pub fn signature(&self, case: Case) -> Signature {
        Signature::of(&self.bytes, usize::from(self.length), case)
    }

    /// Is `got` this digest in hexadecimal? Letter case carries no meaning. The cheap checks come first and say what
    /// is wrong with the text; the comparison itself is over the digests' bytes and takes the same time wherever
    /// they differ.
    ///
    /// # Errors
    /// [`SignatureError`] says in which way `got` is no such signature, never what the right one is.
    pub fn verify(&self, got: &str) -> Result<(), SignatureError> {
        crate::signature::verify(&self.bytes, usize::from(self.length), got)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest(‹{} B›)", self.length)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    /// The plain version is the digests' own way from a text to a digest.
    #[track_caller]
    fn check<A: Algorithm + Clone, D: sha2::Digest>(text: &[u8], piece: usize) {
        let mut hasher = Hasher::<A>::new();
        for piece in text.chunks(piece) {
            hasher.update(piece);
            hasher.update(&[]);
        }
        let plain = D::digest(text);
        assert_eq!(hasher.clone().finish().as_bytes(), &*plain, "{} B by {piece}", text.len());
        assert_eq!(Hasher::<A>::of(text).as_bytes(), &*plain, "{} B", text.len());
    }

    #[test]
    fn every_length_in_pieces_agrees_with_the_plain_version() {
        let text: Vec<u8> = (0..700_u16).map(|at| at.to_le_bytes()[0]).collect();
        for length in 0..text.len() {
            let text = &text[..length];
            for piece in [1, 13, 63, 64, 65, 191, 192, 193, 700] {
                check::<Md5, md5::Md5>(text, piece);
                check::<Sha1, sha1::Sha1>(text, piece);
                check::<Sha256, sha2::Sha256>(text, piece);
            }
        }
    }

    #[test]
    fn neither_state_nor_digest_shows_itself() {
        let mut hasher = Hasher::<Sha1>::new();
        hasher.update(b"text");
        assert_eq!(alloc::format!("{hasher:?}"), "Hasher(SHA-1)");
        assert_eq!(alloc::format!("{:?}", hasher.finish()), "Digest(‹20 B›)");
    }

    #[test]
    fn a_large_piece_behind_small_ones_agrees_with_the_plain_version() {
        let text = alloc::vec![0x5a; 100_000];
        for begun in [1, 63, 64, 150, 192] {
            let (start, rest) = text.split_at(begun);
            let mut hasher = Hasher::<Sha256>::new();
            hasher.update(start);
            hasher.update(rest);
            assert_eq!(hasher.finish().as_bytes(), Hasher::<Sha256>::of(&text).as_bytes());
        }
        check::<Sha256, sha2::Sha256>(&text, 4096);
    }
}
