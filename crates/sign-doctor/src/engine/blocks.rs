//! Digests block by block, for whoever keeps the state in between: what [`digest_of`](crate::digest::digest_of) computes
//! in plain steps.

use zeroize::Zeroizing;

use crate::Rounds;

/// Bytes of a block: of all three digests alike.
pub(crate) const BLOCK: usize = 64;

/// A block.
pub(crate) type Block = [u8; BLOCK];

/// What ends a text, at most: a byte, zeros, and its length.
pub(crate) const PADDING: usize = BLOCK + 8;

/// What the digests differ in; all three end a text alike (RFC 1321 §3.1 and §3.2, FIPS 180-4 §5.1.1).
pub(crate) trait Blocks: 'static {
    /// The state.
    type Words: Copy + AsRef<[u32]> + Send + Sync;
    /// The state before the first block.
    const START: Self::Words;
    fn compress(words: &mut Self::Words, blocks: &[Block]);
    /// The text's length in bits, as it ends the last block.
    fn length(bits: u64) -> [u8; 8];
    fn word(word: u32) -> [u8; 4];
}

/// MD5.
pub(crate) enum Md5 {}

/// SHA-1.
pub(crate) enum Sha1 {}

/// SHA-256.
pub(crate) enum Sha256 {}

impl Blocks for Md5 {
    type Words = [u32; 4];
    /// RFC 1321 §3.3.
    const START: Self::Words = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

    #[inline]
    fn compress(words: &mut Self::Words, blocks: &[Block]) {
        md5::block_api::compress(words, blocks);
    }

    #[inline]
    fn length(bits: u64) -> [u8; 8] {
        bits.to_le_bytes()
    }

    #[inline]
    fn word(word: u32) -> [u8; 4] {
        word.to_le_bytes()
    }
}

impl Blocks for Sha1 {
    type Words = [u32; 5];
    /// FIPS 180-4 §5.3.1.
    const START: Self::Words = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

    #[inline]
    fn compress(words: &mut Self::Words, blocks: &[Block]) {
        sha1::block_api::compress(words, blocks);
    }

    #[inline]
    fn length(bits: u64) -> [u8; 8] {
        bits.to_be_bytes()
    }

    #[inline]
    fn word(word: u32) -> [u8; 4] {
        word.to_be_bytes()
    }
}

impl Blocks for Sha256 {
    type Words = [u32; 8];
    /// FIPS 180-4 §5.3.3.
    const START: Self::Words = [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ];

    #[inline]
    fn compress(words: &mut Self::Words, blocks: &[Block]) {
        sha2::block_api::compress256(words, blocks);
    }

    #[inline]
    fn length(bits: u64) -> [u8; 8] {
        bits.to_be_bytes()
    }

    #[inline]
    fn word(word: u32) -> [u8; 4] {
        word.to_be_bytes()
    }
}

/// The digest's bytes, and how many there are.
#[inline]
pub(crate) fn bytes<B: Blocks>(words: &B::Words) -> ([u8; 32], usize) {
    let mut bytes = [0; 32];
    for (to, word) in bytes.as_chunks_mut().0.iter_mut().zip(words.as_ref()) {
        *to = B::word(*word);
    }
    (bytes, words.as_ref().len() * 4)
}

/// A text that is digested up to its last whole block. Its buffer is used again and again, and wiped in the end.
pub(crate) struct Begun<B: Blocks> {
    words: B::Words,
    digested: u64,
    rest: Zeroizing<Vec<u8>>,
}

impl<B: Blocks> Begun<B> {
    pub(crate) fn new() -> Self {
        Self { words: B::START, digested: 0, rest: Zeroizing::new(Vec::with_capacity(8 * BLOCK)) }
    }

    /// Begins anew, with the state behind so many bytes.
    #[inline]
    pub(crate) fn restart(&mut self, words: B::Words, digested: u64) {
        (self.words, self.digested) = (words, digested);
        self.rest.clear();
    }

    #[inline]
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
    }

    /// Digests what is there of whole blocks.
    #[inline]
    pub(crate) fn settle(&mut self) {
        let blocks = self.rest.as_chunks().0;
        let whole = blocks.len() * BLOCK;
        if whole > 0 {
            B::compress(&mut self.words, blocks);
            self.digested += whole as u64;
            self.rest.copy_within(whole.., 0);
            let rest = self.rest.len() - whole;
            self.rest.truncate(rest);
        }
    }

    /// The digest with this behind it: so many bytes, and [`pad`] behind them. It can be ended again with another.
    #[inline]
    pub(crate) fn end(&mut self, padded: &[u8], length: usize) -> B::Words {
        let (rest, mut words) = (self.rest.len(), self.words);
        let whole = (rest + length + 9).next_multiple_of(BLOCK);
        self.rest.extend_from_slice(padded.get(..whole - rest).unwrap_or(padded));
        if let Some(last) = self.rest.last_chunk_mut() {
            // RFC 1321 §3.2: of a longer text, the low 64 bits.
            *last = B::length((self.digested + (rest + length) as u64).wrapping_mul(8));
        }
        B::compress(&mut words, self.rest.as_chunks().0);
        self.rest.truncate(rest);
        words
    }
}

/// Puts behind a text what [`Begun::end`] wants there.
pub(crate) fn pad(text: &mut Vec<u8>) {
    text.push(0x80);
    text.resize(text.len() + PADDING - 1, 0);
}

/// A digest, ready to begin: keyed or not.
pub(crate) struct Machine<B: Blocks> {
    begin: B::Words,
    /// Bytes that are in `begin`.
    digested: u64,
    outer: Option<B::Words>,
}

impl<B: Blocks> Machine<B> {
    pub(crate) const fn plain() -> Self {
        Self { begin: B::START, digested: 0, outer: None }
    }

    /// HMAC, RFC 2104.
    pub(crate) fn keyed(key: &[u8]) -> Self {
        let mut block = Zeroizing::new([0; BLOCK]);
        let hashed;
        let key = if key.len() > BLOCK {
            let mut padded = Zeroizing::new(key.to_vec());
            pad(&mut padded);
            hashed = bytes::<B>(&Begun::<B>::new().end(&padded, key.len()));
            hashed.0.get(..hashed.1).unwrap_or_default()
        } else {
            key
        };
        block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        let padded = |pad: u8| {
            let mut words = B::START;
            B::compress(&mut words, &[block.map(|byte| byte ^ pad)]);
            words
        };
        Self { begin: padded(0x36), digested: BLOCK as u64, outer: Some(padded(0x5c)) }
    }

    /// Has it no key?
    #[inline]
    pub(crate) const fn is_plain(&self) -> bool {
        self.outer.is_none()
    }

    #[inline]
    pub(crate) fn begin(&self, begun: &mut Begun<B>) {
        begun.restart(self.begin, self.digested);
    }

    /// From the digest of the text to that of the machine.
    #[inline]
    pub(crate) fn finish(&self, inner: B::Words) -> B::Words {
        let Some(outer) = self.outer else { return inner };
        let (bytes, length) = bytes::<B>(&inner);
        short::<B>(outer, BLOCK, bytes.get(..length).unwrap_or(&bytes))
    }

    /// The digest of a digest.
    pub(crate) fn again(&self, first: &B::Words, rounds: Rounds) -> B::Words {
        let (bytes, length) = bytes::<B>(first);
        let bytes = bytes.get(..length).unwrap_or(&bytes);
        let mut text = [0; BLOCK];
        let length = match rounds {
            Rounds::Once | Rounds::OfBytes => {
                text.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
                bytes.len()
            }
            Rounds::OfHex => hex(bytes, b"0123456789abcdef", &mut text),
            Rounds::OfUpperHex => hex(bytes, b"0123456789ABCDEF", &mut text),
        };
        let digested = if self.is_plain() { 0 } else { BLOCK };
        self.finish(short::<B>(self.begin, digested, text.get(..length).unwrap_or(&text)))
    }
}

fn hex(bytes: &[u8], digits: &[u8; 16], out: &mut Block) -> usize {
    for (to, byte) in out.as_chunks_mut().0.iter_mut().zip(bytes) {
        *to = [byte >> 4, byte & 15].map(|half| digits.get(usize::from(half)).copied().unwrap_or_default());
    }
    bytes.len() * 2
}

/// Ends a digest with a text of a block at most.
#[inline]
fn short<B: Blocks>(mut words: B::Words, digested: usize, text: &[u8]) -> B::Words {
    let mut padded = [0; 2 * BLOCK];
    let whole = (text.len() + 9).next_multiple_of(BLOCK).min(padded.len());
    padded.iter_mut().zip(text.iter().chain(&[0x80])).for_each(|(to, from)| *to = *from);
    let (ended, _) = padded.split_at_mut(whole);
    if let Some(last) = ended.last_chunk_mut() {
        *last = B::length(((digested + text.len()) as u64).wrapping_mul(8));
    }
    B::compress(&mut words, ended.as_chunks().0);
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DigestKind;
    use crate::digest::digest_of;

    fn check<B: Blocks>(kind: DigestKind, key: Option<&[u8]>, text: &[u8], cut: usize, rounds: Rounds) {
        let machine: Machine<B> = key.map_or_else(Machine::plain, Machine::keyed);
        let mut begun = Begun::new();
        machine.begin(&mut begun);
        let (front, back) = text.split_at(cut);
        begun.push(front);
        begun.settle();
        let mut padded = back.to_vec();
        pad(&mut padded);
        // Twice: it is left as it was.
        let _ = begun.end(&padded, back.len());
        let mut words = machine.finish(begun.end(&padded, back.len()));
        if rounds != Rounds::Once {
            words = machine.again(&words, rounds);
        }
        let (bytes, length) = bytes::<B>(&words);
        let plain = digest_of(kind, key, text, rounds);
        assert_eq!(&bytes[..length], plain.as_bytes(), "{kind} of {} B, cut at {cut}", text.len());
    }

    #[test]
    fn as_in_plain_steps() {
        let text: Vec<u8> = (0..=200).collect();
        for length in (0..=200).step_by(3).chain([55, 56, 63, 64, 65, 119, 120, 127, 128]) {
            for cut in [0, length / 3, length / 2, length] {
                for rounds in [Rounds::Once, Rounds::OfHex, Rounds::OfUpperHex, Rounds::OfBytes] {
                    for key in [None, Some(&b"Jefe"[..]), Some(&[0xaa; 64]), Some(&[0xaa; 80])] {
                        let text = &text[..length];
                        check::<Md5>(DigestKind::Md5, key, text, cut, rounds);
                        check::<Sha1>(DigestKind::Sha1, key, text, cut, rounds);
                        check::<Sha256>(DigestKind::Sha256, key, text, cut, rounds);
                    }
                }
            }
        }
    }
}
