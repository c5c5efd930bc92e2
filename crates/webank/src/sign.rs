//! Signing calls, `SPEC.md §3.1`.

use sign_core::{
    Canonical, Case, Nonce, Order, Secret, SegmentKind, Sha1, Signature, SignatureError, TextSink,
};

/// Letters and digits in a call's nonce.
pub const NONCE_LENGTH: usize = 32;

/// A call's nonce: 32 letters and digits.
pub type CallNonce = Nonce<NONCE_LENGTH>;

/// What a call signs, except the ticket. The body is the text that travels, to the byte.
#[derive(Clone, Copy)]
pub struct SignedValues<'a> {
    /// Assigned by the bank.
    pub app_id: &'a str,
    /// `2.0.0`, for [`crate::FILE_VERSION`] operations `1.0.0`.
    pub version: &'a str,
    /// 32 letters and digits, new for each call.
    pub nonce: &'a str,
    /// WB-6: absent and empty sign alike.
    pub kind: Option<&'a str>,
    /// The body exactly as sent; [`None`] where it is not signed.
    pub body: Option<&'a str>,
}

/// The values of a call together with the ticket that signs them: the text to sign is their sorted concatenation.
#[derive(Clone, Copy)]
pub struct SigningInput<'a> {
    values: [(SegmentKind, &'a str); 6],
}

impl<'a> SigningInput<'a> {
    /// Puts the values into their signing order. Allocates nothing.
    #[inline]
    #[must_use]
    pub fn new(values: SignedValues<'a>, ticket: &'a Secret) -> Self {
        // SPEC.md §3.1: nulls are removed; an empty string stays and adds nothing, so absent may be empty here.
        let values = [
            (SegmentKind::Open, values.app_id),
            (SegmentKind::Open, values.version),
            (SegmentKind::Open, values.nonce),
            (SegmentKind::Open, values.kind.unwrap_or("")),
            (SegmentKind::Personal, values.body.unwrap_or("")),
            (SegmentKind::Secret, ticket.expose()),
        ];
        // SPEC.md §3.1: sorted as Java does, by UTF-16 code unit, the ticket among the others.
        Self { values: sorted(&values).unwrap_or_else(|| sorted_plainly(values)) }
    }
}

fn sorted_plainly(mut values: [(SegmentKind, &str); 6]) -> [(SegmentKind, &str); 6] {
    values.sort_unstable_by(|(_, a), (_, b)| Order::Utf16.compare(a, b));
    values
}

/// As [`sorted_plainly`], where the values' first bytes tell, without a branch on what they are.
#[inline]
fn sorted<'a>(values: &[(SegmentKind, &'a str); 6]) -> Option<[(SegmentKind, &'a str); 6]> {
    let key = |(_, text): &(SegmentKind, &str), place| beginning(text) << 8 | place;
    // Spelt out: `array::map` calls.
    let [a, b, c, d, e, f] = values;
    let keys = network([key(a, 0), key(b, 1), key(c, 2), key(d, 3), key(e, 4), key(f, 5)]);
    // Lead bytes of characters with more than two bytes: only there do UTF-8 and UTF-16 differ in order.
    let wide = keys.iter().fold(0, |all, key| all | (key & key << 1 & key << 2)) & 0x8080_8000;
    let tied = keys.array_windows().fold(false, |all, [a, b]| all | (a >> 8 == b >> 8));
    if wide != 0 || tied {
        return None;
    }
    let value = |key: u32| values.get((key & 7) as usize).copied();
    let [a, b, c, d, e, f] = keys;
    Some([value(a)?, value(b)?, value(c)?, value(d)?, value(e)?, value(f)?])
}

/// A text's first three bytes as a number, zeros behind its end.
#[inline]
const fn beginning(text: &str) -> u32 {
    match *text.as_bytes() {
        [a, b, c, ..] => u32::from_be_bytes([0, a, b, c]),
        [a, b] => u32::from_be_bytes([0, a, b, 0]),
        [a] => u32::from_be_bytes([0, a, 0, 0]),
        [] => 0,
    }
}

/// Sorts six numbers by exchanging fixed pairs of them.
#[inline]
fn network([mut a, mut b, mut c, mut d, mut e, mut f]: [u32; 6]) -> [u32; 6] {
    let exchange = |a: &mut u32, b: &mut u32| (*a, *b) = ((*a).min(*b), (*a).max(*b));
    exchange(&mut a, &mut f);
    exchange(&mut b, &mut d);
    exchange(&mut c, &mut e);
    exchange(&mut b, &mut c);
    exchange(&mut d, &mut e);
    exchange(&mut a, &mut d);
    exchange(&mut c, &mut f);
    exchange(&mut a, &mut b);
    exchange(&mut c, &mut d);
    exchange(&mut e, &mut f);
    exchange(&mut b, &mut c);
    exchange(&mut d, &mut e);
    [a, b, c, d, e, f]
}

impl Canonical for SigningInput<'_> {
    #[inline]
    fn write_to<S: TextSink + ?Sized>(&self, sink: &mut S) {
        for (kind, text) in &self.values {
            sink.segment(*kind, text);
        }
    }
}

/// Any list of values and the ticket, as the platform's sample code takes them.
#[derive(Clone)]
pub struct ValueList<'a> {
    values: Vec<(SegmentKind, &'a str)>,
}

impl<'a> ValueList<'a> {
    /// Removes nulls and sorts. Values are taken to be personal: any of them may be a body.
    #[must_use]
    pub fn new(values: impl IntoIterator<Item = Option<&'a str>>, ticket: &'a Secret) -> Self {
        let mut values: Vec<_> =
            values.into_iter().flatten().map(|text| (SegmentKind::Personal, text)).collect();
        values.push((SegmentKind::Secret, ticket.expose()));
        values.sort_unstable_by(|(_, a), (_, b)| Order::Utf16.compare(a, b));
        Self { values }
    }

    /// The signature: SHA-1 over UTF-8, upper-case hex.
    #[must_use]
    pub fn sign(&self) -> Signature {
        self.digest::<Sha1>().signature(Case::Upper)
    }

    /// Is `got` the signature? In constant time, letter case aside (WB-11).
    ///
    /// # Errors
    /// [`SignatureError`] says in which way it is not, never what the right one is.
    pub fn verify(&self, got: &str) -> Result<(), SignatureError> {
        self.digest::<Sha1>().verify(got)
    }
}

impl Canonical for ValueList<'_> {
    fn write_to<S: TextSink + ?Sized>(&self, sink: &mut S) {
        for (kind, text) in &self.values {
            sink.segment(*kind, text);
        }
    }
}

/// Signs a call: SHA-1 over UTF-8, upper-case hex (WB-11). Allocates nothing.
///
/// ```
/// use webank::{SignedValues, sign};
/// let ticket = sign_core::Secret::new("58b8ea10e5487b88e555feec27fb48201fd788c05b2d424234537b73c7282b70")?;
/// let values = SignedValues {
///     app_id: "wxhiw5xt6q4qtmwcrn",
///     version: webank::VERSION,
///     nonce: "489c60c97daef599efd10cfda46860a1",
///     kind: None,
///     body: Some("{}"),
/// };
/// assert_eq!(sign(values, &ticket).as_str(), "F18E7F0340E4648161F75763944EEFB3E0A96E91");
/// # Ok::<(), sign_core::EmptySecret>(())
/// ```
#[must_use]
pub fn sign(values: SignedValues<'_>, ticket: &Secret) -> Signature {
    SigningInput::new(values, ticket).digest::<Sha1>().signature(Case::Upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0–1 principle: a network that sorts all zeros and ones sorts everything.
    #[test]
    fn the_network_sorts() {
        for bits in 0..64_u32 {
            let numbers: [u32; 6] = std::array::from_fn(|at| bits >> at & 1);
            let mut expected = numbers;
            expected.sort_unstable();
            assert_eq!(network(numbers), expected, "{numbers:?}");
        }
    }

    /// What the first bytes tell is what the plain version says; `told` is whether they tell.
    #[track_caller]
    fn check(texts: [&str; 6], told: bool) {
        let values = texts.map(|text| (SegmentKind::Open, text));
        for turn in 0..6 {
            let mut values = values;
            values.rotate_left(turn);
            let found = sorted(&values).map(|values| values.map(|(_, text)| text));
            assert_eq!(found, told.then(|| sorted_plainly(values).map(|(_, text)| text)), "{texts:?}");
        }
    }

    #[test]
    fn the_first_bytes_tell_or_keep_silent() {
        check(["wxhiw5xt6q4qtmwcrn", "2.0.0", "489c60c97daef599", "", "{\"a\":1}", "58b8ea10e5487b88"], true);
        check(["", "a", "ab", "abc", "abd中", "abe"], true);
        check(["", "é", "ab", "abc", "ac", "ad"], true);
        check(["abcd", "abce", "b", "c", "d", "e"], false);
        check(["", "", "b", "c", "d", "e"], false);
        check(["", "", "b", "b", "c", "d"], false);
        check(["a", "a\0", "b", "c", "d", "e"], false);
        check(["～", "😀", "b", "c", "d", "e"], false);
        check(["中", "", "b", "c", "d", "e"], false);
    }
}
