//! `sign-core`: the text to sign against a naive version, verification, form coding.

use std::collections::BTreeMap;

use sign_core::{
    Algorithm, Canonical, Case, Hasher, Md5, Order, Pair, Secret, Sha1, Sha256, SignatureError, TextSink,
    form, sort_pairs, sort_values, write_pairs, write_values,
};

use crate::flipped;

/// The two shapes that platforms sign.
enum Text<'a> {
    Pairs(Vec<Pair<'a>>, &'a Secret),
    Values(Vec<&'a str>),
}

impl Canonical for Text<'_> {
    fn write_to<S: TextSink + ?Sized>(&self, sink: &mut S) {
        match self {
            Self::Pairs(pairs, secret) => {
                write_pairs(pairs, "&", sink);
                sink.secret(secret.expose());
            }
            Self::Values(values) => write_values(values, sink),
        }
    }
}

/// The first line is the secret; of the others, what stands before and behind the first `=` are name and value.
pub fn signing(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.lines();
    let Ok(secret) = Secret::new(lines.next().unwrap_or_default()) else { return };
    let params: Vec<(&str, &str)> = lines.map(|line| line.split_once('=').unwrap_or((line, ""))).collect();

    for order in [Order::Bytes, Order::Utf16] {
        let mut pairs: Vec<_> = params.iter().map(|(name, value)| Pair::new(name, value)).collect();
        sort_pairs(&mut pairs, order);
        let formatted = params.iter().map(|(name, value)| format!("{name}={value}"));
        let naive = sorted(formatted, order).join("&") + secret.expose();
        the_same_text(&Text::Pairs(pairs, &secret), &naive);

        let mut values: Vec<_> = params.iter().map(|(name, _)| *name).chain([secret.expose()]).collect();
        let naive = sorted(values.iter().map(|value| (*value).to_owned()), order).concat();
        sort_values(&mut values, order);
        the_same_text(&Text::Values(values), &naive);
    }
}

/// The naive sort: a map from what decides the order to the texts that share it.
fn sorted(texts: impl Iterator<Item = String>, order: Order) -> Vec<String> {
    let mut map: BTreeMap<Vec<u16>, Vec<String>> = BTreeMap::new();
    for text in texts {
        let key = match order {
            Order::Bytes => text.bytes().map(u16::from).collect(),
            Order::Utf16 => text.encode_utf16().collect(),
        };
        map.entry(key).or_default().push(text);
    }
    map.into_values().flatten().collect()
}

fn the_same_text(text: &Text<'_>, naive: &str) {
    assert_eq!(text.signing_text().expose().as_str(), naive);
    same_digest::<Md5>(text, naive);
    same_digest::<Sha1>(text, naive);
    same_digest::<Sha256>(text, naive);
}

fn same_digest<A: Algorithm>(text: &Text<'_>, naive: &str) {
    let digest = Hasher::<A>::of(naive.as_bytes());
    let lower: String = digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(lower.len(), A::LENGTH * 2);
    let streamed = text.digest::<A>();
    assert_eq!(streamed.signature(Case::Lower).as_str(), lower);
    assert_eq!(streamed.signature(Case::Upper).as_str(), lower.to_uppercase());
    assert_eq!(streamed.verify(&lower), Ok(()));
}

/// Two bytes say which bit to flip; then, a line each, a message and what somebody claims to be its signature.
pub fn verifying(data: &[u8]) {
    verifying_with::<Md5>(data);
    verifying_with::<Sha1>(data);
    verifying_with::<Sha256>(data);
}

fn verifying_with<A: Algorithm>(data: &[u8]) {
    let rest = data.get(2..).unwrap_or_default();
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let (message, claim) = rest.split_at(end);
    let digest = Hasher::<A>::of(message);
    let right = digest.signature(Case::Lower);

    let claim = String::from_utf8_lossy(claim);
    let claim = claim.trim_start_matches('\n');
    let fits = claim.eq_ignore_ascii_case(right.as_str());
    match digest.verify(claim) {
        Ok(()) => assert!(fits),
        Err(SignatureError::Length { expected, found }) => {
            assert_eq!((expected, found), (A::LENGTH * 2, claim.len()));
            assert_ne!(expected, found);
        }
        Err(SignatureError::NotHex { at }) => {
            assert!(claim.as_bytes().get(at).is_some_and(|byte| !byte.is_ascii_hexdigit()));
        }
        Err(SignatureError::Different) => {
            assert!(!fits && claim.bytes().all(|byte| byte.is_ascii_hexdigit()))
        }
    }

    if let Some(other) = flipped(message, data) {
        assert_eq!(Hasher::<A>::of(&other).verify(right.as_str()), Err(SignatureError::Different));
    }
    // A flipped bit may change the letters' case, which carries no meaning.
    if let Some(Ok(other)) = flipped(right.as_str().as_bytes(), data).map(String::from_utf8) {
        assert_eq!(digest.verify(&other).is_ok(), other.eq_ignore_ascii_case(right.as_str()), "{other}");
    }
}

/// Any text.
pub fn form_coding(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let encoded = form::encode(&text);
    assert!(
        encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*-_.+%".contains(&byte)),
        "{encoded}"
    );
    assert_eq!(form::decode(&encoded).as_deref(), Ok(text.as_ref()));
    assert_eq!(form::Encoded(&text).to_string(), encoded);
    let mut appended = String::from("x=");
    form::encode_into(&text, &mut appended);
    assert_eq!(appended.strip_prefix("x="), Some(encoded.as_str()));

    match (form::decode(&text), naive_decode(&text)) {
        (Ok(decoded), Some(naive)) => assert_eq!(decoded, naive),
        (Err(_), None) => {}
        (got, naive) => panic!("{got:?}, naively {naive:?}"),
    }
}

/// Pieces between `%`; of each, two hexadecimal digits and the rest.
fn naive_decode(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    let mut pieces = text.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2)?;
        // `from_str_radix` would also take a sign, which has become a blank.
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}
