//! What holds for any input.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

use proptest::{collection::vec, option, prelude::*};
use sign_core::{Secret, SignatureError, UnixMillis};
use webank::callback::{Received, Receiver};
use webank::{
    SignedValues, ValueList, VerifyError, read_notice, read_reply, read_tickets, read_token, read_upload,
};

const NONCE: &str = "489c60c97daef599efd10cfda46860a1";

/// The plain version of the rule: collect, sort by code units, join, hash.
fn naive(values: &[Option<String>], ticket: &str) -> String {
    let mut values: Vec<&str> = values.iter().flatten().map(String::as_str).collect();
    values.push(ticket);
    values.sort_by_key(|value| value.encode_utf16().collect::<Vec<_>>());
    let digest = sign_core::Hasher::<sign_core::Sha1>::of(values.concat().as_bytes());
    digest.signature(sign_core::Case::Upper).as_str().to_owned()
}

fn order_does_not_matter(mut values: Vec<Option<String>>, ticket: &str) {
    let ticket = Secret::new(ticket).unwrap();
    let sign = |values: &[Option<String>]| {
        let list = ValueList::new(values.iter().map(Option::as_deref), &ticket);
        let signature = list.sign().as_str().to_owned();
        assert_eq!(list.verify(&signature), Ok(()));
        let other = naive(values, &format!("{}!", ticket.expose()));
        assert_eq!(list.verify(&other), Err(SignatureError::Different));
        signature
    };
    let expected = naive(&values, ticket.expose());
    assert_eq!(sign(&values), expected);
    values.reverse();
    assert_eq!(sign(&values), expected);
}

/// Flips one bit of one character where the result is a character again.
fn flipped(text: &str, at: usize, bit: u32) -> Option<String> {
    let at = at % text.chars().count().max(1);
    let mut characters: Vec<char> = text.chars().collect();
    let character = characters.get_mut(at)?;
    *character = char::from_u32(u32::from(*character) ^ (1 << (bit % 21)))?;
    Some(characters.into_iter().collect())
}

fn call(body: &str) -> SignedValues<'_> {
    SignedValues { app_id: "wx1", version: "2.0.0", nonce: NONCE, kind: None, body: Some(body) }
}

#[track_caller]
fn differs(body: &str, ticket: &Secret, signature: &str) {
    let result = webank::verify(call(body), ticket, signature);
    assert!(matches!(result, Err(VerifyError::Signature(_))), "{result:?}");
}

fn one_flipped_bit_fails(body: &str, at: usize, bit: u32) {
    let ticket = Secret::new("ticket").unwrap();
    let signature = webank::sign(call(body), &ticket);
    let signature = signature.as_str();
    assert_eq!(webank::verify(call(body), &ticket, signature), Ok(()));
    if let Some(other) = flipped(body, at, bit) {
        differs(&other, &ticket, signature);
    }
    // Letter case carries no meaning, so a flip of the case bit alone is no other signature.
    if let Some(other) = flipped(signature, at, bit).filter(|other| !other.eq_ignore_ascii_case(signature)) {
        differs(body, &ticket, &other);
    }
}

fn a_call_round_trips_and_no_other_salt_opens_it(json: &str, trans_name: &str, seq_no: &str, now: u64) {
    let receiver = Receiver::new(Secret::new("salt").unwrap());
    let now = UnixMillis::new(now);
    let body = receiver.seal_call(json, trans_name, seq_no, now);
    let Received::Call(call) = receiver.receive(&body, now) else { panic!("refused") };
    assert_eq!((call.plain(), call.trans_name(), call.seq_no()), (json, trans_name, seq_no));
    let stranger = Receiver::new(Secret::new("other").unwrap());
    assert!(matches!(stranger.receive(&body, now), Received::Refused(_)));
}

fn nothing_panics(bytes: &[u8]) {
    let receiver = Receiver::new(Secret::new("salt").unwrap());
    assert!(matches!(receiver.receive(bytes, UnixMillis::new(0)), Received::Refused(_)));
    let _ = (read_reply(bytes), read_upload(bytes), read_notice(bytes), read_token(bytes));
    let _ = read_tickets(bytes, webank::DEFAULT_LIFETIME);
}

proptest! {
    #[test]
    fn any_order(values in vec(option::of(".{0,12}"), 0..8), ticket in ".{1,8}") {
        order_does_not_matter(values, &ticket);
    }

    #[test]
    fn any_flip(body in ".{1,64}", at in any::<usize>(), bit in any::<u32>()) {
        one_flipped_bit_fails(&body, at, bit);
    }

    #[test]
    fn any_call(value in ".{0,64}", trans_name in ".{0,8}", seq_no in ".{0,8}", now in 0_u64..999_999_999_999_999_999) {
        let json = serde_json::json!({ "value": value }).to_string();
        a_call_round_trips_and_no_other_salt_opens_it(&json, &trans_name, &seq_no, now);
    }

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        nothing_panics(&bytes);
    }

    #[test]
    fn any_json_like(text in r#"[{\[]("(code|jsonData|tickets|Plain|Signature|Timestamp|SeqNo)":("[a-z0-9%{}]{0,9}"|[0-9]{1,9}|null|\{\}|\[\]),?){0,5}[}\]]"#) {
        nothing_panics(text.as_bytes());
    }
}
