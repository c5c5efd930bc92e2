//! Names and texts, made quick to find: a tag filters, a hash leads to a place, and the text itself is always compared.

use std::borrow::Cow;
use std::fmt;

/// The name of an attribute, with what leads to it quickly worked out once.
///
/// ```
/// use rabbitpre_auth::{Attributes, Lookup as _, Name};
///
/// let user = Attributes::parse(br#"{"age":30}"#)?;
/// assert_eq!(user.attribute_named(&Name::from("age")), user.attribute("age"));
/// # Ok::<(), rabbitpre_auth::AttributesError>(())
/// ```
#[derive(Clone)]
pub struct Name<'a> {
    text: Cow<'a, str>,
    hash: u32,
    tag: u8,
}

impl<'a> Name<'a> {
    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) const fn hash(&self) -> u32 {
        self.hash
    }

    pub(crate) const fn tag(&self) -> u8 {
        self.tag
    }

    /// Copies the name if it is borrowed.
    #[must_use]
    pub fn into_owned(self) -> Name<'static> {
        Name { text: Cow::Owned(self.text.into_owned()), hash: self.hash, tag: self.tag }
    }
}

impl<'a> From<Cow<'a, str>> for Name<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Name { hash: hash(0, text.as_bytes()), tag: tag(&text), text }
    }
}

impl<'a> From<&'a str> for Name<'a> {
    fn from(text: &'a str) -> Self {
        Cow::Borrowed(text).into()
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

/// Whether the texts are the same. Short ones are compared in a few words, without a call.
#[inline]
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    if a.len() > WORDS {
        return a == b;
    }
    words(a) == words(b)
}

/// How many bytes of a text its words hold.
pub(crate) const WORDS: usize = 16;

/// All bytes of a text of up to [`WORDS`], which with its length tell it; the first and the last 8 of a longer one.
#[inline]
pub(crate) fn words(bytes: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return (u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)));
    }
    match bytes {
        [] => (0, 0),
        [a] => (u64::from(*a), 0),
        [a, b] => (u64::from(*a), u64::from(*b)),
        [a, b, c, ..] => (u64::from(*a), u64::from(*b) << 8 | u64::from(*c)),
    }
}

/// Seven bits and a mark that tell most names of one object apart; 0 stands for no name.
#[inline]
pub(crate) fn tag(text: &str) -> u8 {
    let bytes = text.as_bytes();
    let middle = bytes.get(bytes.len() / 2).copied().unwrap_or(0);
    let (first, last) = (bytes.first().copied().unwrap_or(0), bytes.last().copied().unwrap_or(0));
    let length = bytes.len().to_le_bytes()[0];
    let mixed =
        first.wrapping_mul(5) ^ last.wrapping_mul(29) ^ middle.wrapping_mul(11) ^ length.wrapping_mul(3);
    mixed | 0x80
}

/// A hash that spreads well and is quick for short texts. Whoever knows it can make texts collide: it must lead to
/// nothing that costs much when they do.
#[inline]
pub(crate) fn hash(seed: u32, bytes: &[u8]) -> u32 {
    let (mut a, mut b) = words(bytes);
    if bytes.len() > WORDS {
        let mut rest = bytes;
        while let Some((piece, behind)) = rest.split_first_chunk::<8>() {
            a = fold(a ^ u64::from_le_bytes(*piece), 0x9e37_79b9_7f4a_7c15);
            rest = behind;
        }
        b ^= a.rotate_left(32);
    }
    hash_of_words(seed, (a, b), u64::try_from(bytes.len()).unwrap_or(u64::MAX))
}

/// The same of a text that is all in its words, with its length.
#[inline]
pub(crate) fn hash_of_words(seed: u32, (a, b): (u64, u64), length: u64) -> u32 {
    let spread = fold(a ^ 0xa076_1d64_78bd_642f ^ u64::from(seed), b ^ 0xe703_7ed1_a0b4_28db ^ length << 56);
    let spread = fold(spread, 0x8ebc_6af0_9c88_c6e3);
    u32::try_from(spread >> 32).unwrap_or(0)
}

/// Both halves of the product, one over the other.
#[inline]
pub(crate) fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    let low = u64::try_from(product & u128::from(u64::MAX)).unwrap_or(0);
    let high = u64::try_from(product >> 64).unwrap_or(0);
    low ^ high
}

/// The tags of up to `8 × WORDS` names in their order; asks eight of them at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tags<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Tags<WORDS> {
    pub(crate) const NONE: Self = Tags([0; WORDS]);

    /// Notes the tag of the name at this place; places beyond the last are not noted.
    #[inline]
    pub(crate) fn note(&mut self, place: usize, tag: u8) {
        if let Some(word) = self.0.get_mut(place / 8) {
            *word |= u64::from(tag) << (place % 8 * 8);
        }
    }

    /// The first place that has this tag, and for which `is` says that it is the name.
    #[inline]
    pub(crate) fn find(&self, tag: u8, is: impl Fn(usize) -> bool) -> Option<usize> {
        const ONES: u64 = 0x0101_0101_0101_0101;
        const HIGHS: u64 = 0x8080_8080_8080_8080;
        // Names are noted in their order: behind the last one there is nothing.
        for (at, word) in self.0.iter().take_while(|word| **word != 0).enumerate() {
            let differs = word ^ (ONES * u64::from(tag));
            // The high bit of each byte that is 0; above such a byte it may be set in others too, which `is` sorts out.
            let mut hits = differs.wrapping_sub(ONES) & !differs & HIGHS;
            while hits != 0 {
                let place = at * 8 + usize::try_from(hits.trailing_zeros() / 8).unwrap_or(0);
                if is(place) {
                    return Some(place);
                }
                hits &= hits - 1;
            }
        }
        None
    }
}
