//! What holds for any input.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

use proptest::{collection::vec, prelude::*};
use sign_core::{
    Canonical, Case, Freshness, Hasher, Md5, Nonce, Order, Pair, Secret, Sha1, Sha256, SignatureError,
    TextSink, UnixMillis, form, form::DecodeError, shown, sort_pairs, write_pairs,
};
use std::time::Duration;

struct Request<'a>(Vec<Pair<'a>>, Secret);

impl Canonical for Request<'_> {
    fn write_to<S: TextSink + ?Sized>(&self, sink: &mut S) {
        write_pairs(&self.0, "&", sink);
        sink.secret(self.1.expose());
    }
}

fn request<'a>(params: &'a [(String, String)], order: Order, secret: &str) -> Request<'a> {
    let mut pairs: Vec<_> = params.iter().map(|(name, value)| Pair::new(name, value)).collect();
    sort_pairs(&mut pairs, order);
    Request(pairs, Secret::new(secret).unwrap())
}

/// The plain version: format, sort the formatted pairs, join, append.
fn naive(params: &[(String, String)], order: Order, secret: &str) -> String {
    let mut pairs: Vec<String> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
    match order {
        Order::Bytes => pairs.sort(),
        Order::Utf16 => pairs.sort_by_key(|pair| pair.encode_utf16().collect::<Vec<_>>()),
    }
    pairs.join("&") + secret
}

fn the_text_is_that_of_the_plain_version_in_any_order(mut params: Vec<(String, String)>, secret: &str) {
    for order in [Order::Bytes, Order::Utf16] {
        let expected = naive(&params, order, secret);
        assert_eq!(request(&params, order, secret).signing_text().expose().as_str(), expected);
        params.reverse();
        let reversed = request(&params, order, secret);
        assert_eq!(reversed.signing_text().expose().as_str(), expected);
        assert_eq!(reversed.digest::<Md5>().as_bytes(), Hasher::<Md5>::of(expected.as_bytes()).as_bytes());
    }
}

/// What is shown is the same for every secret of that length.
fn a_masked_text_shows_no_secret(params: &[(String, String)], secret: &str) {
    let shown = |secret: &str| {
        let text = request(params, Order::Utf16, secret).signing_text();
        format!("{text} {text:?}")
    };
    assert_eq!(shown(secret), shown(&"*".repeat(secret.len())));
}

fn a_flipped_bit_fails(text: &[u8], at: usize, bit: usize) {
    let mut other = text.to_vec();
    let at = at % other.len();
    other[at] ^= 1 << (bit % 8);
    for (good, bad) in [
        (Hasher::<Md5>::of(text), Hasher::<Md5>::of(&other)),
        (Hasher::<Sha1>::of(text), Hasher::<Sha1>::of(&other)),
        (Hasher::<Sha256>::of(text), Hasher::<Sha256>::of(&other)),
    ] {
        for case in [Case::Lower, Case::Upper] {
            assert_eq!(good.verify(good.signature(case).as_str()), Ok(()));
            assert_eq!(bad.verify(good.signature(case).as_str()), Err(SignatureError::Different));
        }
    }
}

fn form_coding_round_trips(text: &str) {
    let encoded = form::encode(text);
    assert!(
        encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*-_.+%".contains(&byte)),
        "{encoded}"
    );
    assert_eq!(form::decode(&encoded).unwrap(), text);
    assert_eq!(format!("{}", form::Encoded(text)), encoded);
    // Decoding any text at all ends in a text or in a reason.
    if let Ok(decoded) = form::decode(text) {
        assert_eq!(form::decode(&form::encode(&decoded)).unwrap(), decoded);
    }
}

/// Pairs come back as they were written, and a mistake lies where the text is wrong.
fn pairs_round_trip(params: &[(String, String)], text: &str) {
    let written: Vec<_> = params
        .iter()
        .map(|(name, value)| format!("{}={}", form::encode(name), form::encode(value)))
        .collect();
    let written = written.join("&");
    let read: Vec<_> = form::pairs(&written).map(Result::unwrap).collect();
    assert!(
        read.iter().map(|(name, value)| (&**name, &**value)).eq(params.iter().map(|(n, v)| (&**n, &**v)))
    );
    // With a pair in front, a mistake is the same, moved.
    let alone = form::pairs(text).find_map(Result::err);
    let moved = form::pairs(&format!("x=%41&{text}")).find_map(Result::err);
    let at = |error: DecodeError| match error {
        DecodeError::Incomplete { at } | DecodeError::NotHex { at } | DecodeError::NotUtf8 { at } => at,
    };
    assert_eq!(moved.map(at), alone.map(|error| at(error) + "x=%41&".len()));
    assert!(alone.is_none_or(|error| text.is_char_boundary(at(error)) && at(error) < text.len()));
}

fn what_is_shown_is_short_and_tame(words: &str) {
    let fit = shown(words);
    assert!(fit.chars().count() <= 201, "{fit}");
    assert!(!fit.chars().any(char::is_control), "{fit:?}");
    let longest = fit.split(|character: char| !character.is_ascii_digit()).map(str::len).max();
    assert!(longest < Some(11), "{fit}");
    assert!(fit.ends_with('…') || shown(&fit) == fit, "{fit}");
}

fn the_window_is_symmetric(now: u64, offset: u64, tolerance: u64) {
    let window = Freshness::within(Duration::from_millis(tolerance));
    let (now, later) = (UnixMillis::new(now), UnixMillis::new(now.saturating_add(offset)));
    let inside = later.saturating_since(now) <= Duration::from_millis(tolerance);
    assert_eq!(window.check(later, now).is_ok(), inside);
    assert_eq!(window.check(now, later).is_ok(), inside);
}

fn a_nonce_is_letters_and_digits(entropy: [u8; 32]) {
    let nonce = Nonce::<32>::alphanumeric(entropy);
    assert_eq!(nonce.as_str().len(), 32);
    assert!(nonce.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric()), "{nonce}");
}

proptest! {
    #[test]
    fn any_params(params in vec((".{0,8}", ".{0,8}"), 0..8), secret in ".{1,16}") {
        a_masked_text_shows_no_secret(&params, &secret);
        the_text_is_that_of_the_plain_version_in_any_order(params, &secret);
    }

    #[test]
    fn any_bytes(text in vec(any::<u8>(), 1..300), at in any::<usize>(), bit in any::<usize>()) {
        a_flipped_bit_fails(&text, at, bit);
    }

    #[test]
    fn any_text(text in ".{0,64}") {
        form_coding_round_trips(&text);
    }

    #[test]
    fn any_pairs(params in vec((".{0,8}", ".{0,8}"), 0..8), text in "([%+=&a-fA-F0-9]|中|%[0-9A-F]{2}){0,32}") {
        pairs_round_trip(&params, &text);
    }

    #[test]
    fn any_words(words in "([0-9]{0,12}|[xX]|\\PC|\\pC|中{0,40}){0,40}") {
        what_is_shown_is_short_and_tame(&words);
    }

    #[test]
    fn any_escapes(text in "([%+a-fA-F0-9]|中|%[0-9A-F]{2}){0,32}") {
        form_coding_round_trips(&text);
    }

    #[test]
    fn any_verification_ends(got in ".{0,70}") {
        prop_assert!(Hasher::<Sha256>::of(b"x").verify(&got).is_err());
    }

    #[test]
    fn any_stamp(now in any::<u64>(), offset in 0_u64..2_000_000, tolerance in 0_u64..1_000_000) {
        the_window_is_symmetric(now, offset, tolerance);
    }

    #[test]
    fn any_entropy(entropy in any::<[u8; 32]>()) {
        a_nonce_is_letters_and_digits(entropy);
    }
}
