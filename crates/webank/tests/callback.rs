//! Each check of `SPEC.md §5`, in its order, and the signed answer to it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

use serde_json::{Value, json};
use sign_core::{Freshness, Secret, UnixMillis};
use std::time::Duration;
use webank::callback::{CallbackCode, Received, Receiver, RefusalReason, SignedEnvelope};

const NOW: u64 = 1_519_700_632_680;

fn salt(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn receiver() -> Receiver {
    Receiver::new(salt("new-salt")).also(salt("old-salt"))
}

fn sealed(plain: &str, timestamp: &str, salt_text: &str) -> Value {
    let signature = SignedEnvelope { plain, salt: &salt(salt_text), timestamp }.sign();
    json!({"Plain": plain, "Signature": signature.as_str(), "Timestamp": timestamp, "transName": "T", "SeqNo": "1"})
}

fn receive(body: &[u8]) -> Received {
    receiver().receive(body, UnixMillis::new(NOW))
}

/// Opens a sealed answer and checks its signature with the salt expected.
#[track_caller]
fn opened(answer: &[u8], salt_text: &str) -> (Value, Value) {
    let envelope: Value = serde_json::from_slice(answer).unwrap();
    let (plain, timestamp) = (envelope["Plain"].as_str().unwrap(), envelope["Timestamp"].as_str().unwrap());
    let signature = SignedEnvelope { plain, salt: &salt(salt_text), timestamp }.sign();
    assert_eq!(envelope["Signature"], signature.as_str());
    let json = sign_core::form::decode(plain).unwrap();
    (serde_json::from_str(&json).unwrap(), envelope)
}

#[track_caller]
fn check(body: &Value, expected: RefusalReason, code: &str, salt_text: &str) {
    check_bytes(body.to_string().as_bytes(), expected, code, salt_text);
}

#[track_caller]
fn check_bytes(body: &[u8], expected: RefusalReason, code: &str, salt_text: &str) {
    let Received::Refused(refused) = receive(body) else { panic!("accepted") };
    assert_eq!(refused.reason, expected);
    assert_eq!(refused.reason.code().as_str(), code);
    let (plain, _) = opened(&refused.into_body(), salt_text);
    assert_eq!(plain["CODE"], code);
    assert!(!plain["DESC"].as_str().unwrap().is_empty());
}

fn without(mut body: Value, member: &str) -> Value {
    body.as_object_mut().unwrap().remove(member);
    body
}

fn with(mut body: Value, member: &str, value: Value) -> Value {
    body[member] = value;
    body
}

const PLAIN: &str = "%7B%22a%22%3A1%7D";

fn good() -> Value {
    sealed(PLAIN, &NOW.to_string(), "new-salt")
}

#[test]
fn a_body_that_is_no_json_object_is_0001() {
    for body in ["", "no", "[]", "null", "\"x\"", "{", "{} x", r#"{"Plain":"a","Plain":"b"}"#] {
        check_bytes(body.as_bytes(), RefusalReason::NotJson, "0001", "new-salt");
    }
    check_bytes(b"{\"Plain\":\"\xff\"}", RefusalReason::NotJson, "0001", "new-salt");
    let deep = format!("{{\"x\":{}}}", "[".repeat(100_000));
    check_bytes(deep.as_bytes(), RefusalReason::NotJson, "0001", "new-salt");
}

#[test]
fn a_body_of_more_than_a_mebibyte_is_0001_under_413() {
    let body = vec![b' '; 1_048_577];
    check_bytes(&body, RefusalReason::TooLarge, "0001", "new-salt");
    let Received::Refused(refused) = receive(&body) else { panic!("accepted") };
    assert_eq!(refused.status(), 413);
    let Received::Refused(refused) = receive(b"no") else { panic!("accepted") };
    assert_eq!(refused.status(), 200);
    // One byte less is looked into.
    let mut body = good().to_string().into_bytes();
    body.resize(1_048_576, b' ');
    let Received::Call(call) = receive(&body) else { panic!("refused") };
    assert_eq!(call.plain(), r#"{"a":1}"#);
}

#[test]
fn a_missing_or_malformed_member_is_0002() {
    for member in ["Plain", "Signature"] {
        check(&without(good(), member), RefusalReason::Member(member), "0002", "new-salt");
        check(&with(good(), member, json!(null)), RefusalReason::Member(member), "0002", "new-salt");
        check(&with(good(), member, json!(1)), RefusalReason::Member(member), "0002", "new-salt");
    }
    check(&with(good(), "SeqNo", json!(12)), RefusalReason::Member("SeqNo"), "0002", "new-salt");
    let lone = good().to_string().replace(PLAIN, "\\ud83d");
    check_bytes(lone.as_bytes(), RefusalReason::Member("Plain"), "0002", "new-salt");
}

#[test]
fn a_wrong_signature_is_0010_before_anything_else_is_looked_at() {
    check(&with(good(), "Plain", json!("%7B%22a%22%3A2%7D")), RefusalReason::Signature, "0010", "new-salt");
    check(&with(good(), "Timestamp", json!("1")), RefusalReason::Signature, "0010", "new-salt");
    check(&with(good(), "Signature", json!("")), RefusalReason::Signature, "0010", "new-salt");
    check(&sealed(PLAIN, &NOW.to_string(), "stranger"), RefusalReason::Signature, "0010", "new-salt");
    // The document's own sample has 32 hex digits (WB-4).
    let sample = with(good(), "Signature", json!("1cb54c406c06033967b4790bc31c6e60"));
    check(&sample, RefusalReason::Signature, "0010", "new-salt");
    // Plain is verified as received: the same JSON in another coding is another text.
    check(&with(good(), "Plain", json!("%7b%22a%22%3a1%7d")), RefusalReason::Signature, "0010", "new-salt");
}

#[test]
fn a_time_stamp_outside_the_window_is_0012() {
    let check_stamp =
        |stamp: &str, expected| check(&sealed(PLAIN, stamp, "old-salt"), expected, "0012", "old-salt");
    check_stamp("", RefusalReason::Timestamp);
    check_stamp("151970063268O", RefusalReason::Timestamp);
    check_stamp("+1519700632680", RefusalReason::Timestamp);
    let one = Duration::from_millis(1);
    check_stamp("1519700332679", RefusalReason::Stale(sign_core::Stale::TooOld { by: one }));
    check_stamp("1519700932681", RefusalReason::Stale(sign_core::Stale::TooNew { by: one }));
    // Absent: the signature is over the empty text, and then it is 0012.
    check(&without(sealed(PLAIN, "", "new-salt"), "Timestamp"), RefusalReason::Timestamp, "0012", "new-salt");
    let narrow = receiver().window(Freshness::within(Duration::ZERO));
    let body = sealed(PLAIN, &(NOW - 1).to_string(), "new-salt").to_string();
    assert!(matches!(narrow.receive(body.as_bytes(), UnixMillis::new(NOW)), Received::Refused(_)));
}

#[test]
fn a_plain_that_is_no_json_object_is_0103() {
    let deep = format!("%7B%22a%22%3A{}{}%7D", "[".repeat(127), "]".repeat(127));
    for plain in ["", "%", "%zz", "%FF", "%5B%5D", "1", "%7B", "%7B%7D+x", &deep] {
        check(&sealed(plain, &NOW.to_string(), "new-salt"), RefusalReason::Plain, "0103", "new-salt");
    }
}

/// A stranger, who knows no salt, gets a signed refusal over a Timestamp of his own choosing. Sent back under any
/// transName, it must not pass for the bank's.
#[test]
fn a_refusal_that_is_sent_back_is_refused() {
    for stranger in [
        format!(r#"{{"Timestamp":"{NOW}"}}"#),
        format!(r#"{{"Timestamp":"{NOW}","Plain":"x","Signature":"y"}}"#),
    ] {
        let Received::Refused(refused) = receive(stranger.as_bytes()) else { panic!("accepted") };
        let mut envelope: Value = serde_json::from_slice(&refused.into_body()).unwrap();
        envelope["transName"] = json!("TLMerchantQuery");
        envelope["SeqNo"] = json!("1519700632680112122");
        check(&envelope, RefusalReason::OwnAnswer, "0010", "new-salt");
    }
    // So it is with what answers genuine calls that failed.
    let Received::Call(call) = receive(good().to_string().as_bytes()) else { panic!("refused") };
    for answer in [call.unknown_trans_name(), call.handler_failed()] {
        check_bytes(&answer, RefusalReason::OwnAnswer, "0010", "new-salt");
    }
}

/// Only what is one of our refusals to the byte is taken for one.
#[test]
fn a_call_that_begins_as_a_refusal_does_is_a_call() {
    for json in [
        r#"{"CODE":"0010"}"#,
        r#"{"CODE":"0010","DESC":"签名验证失败","a":1}"#,
        r#"{"CODE":"0000","DESC":"系统处理成功"}"#,
    ] {
        let body = sealed(&sign_core::form::encode(json), &NOW.to_string(), "new-salt");
        let Received::Call(call) = receive(body.to_string().as_bytes()) else { panic!("refused: {json}") };
        assert_eq!(call.plain(), json);
    }
}

#[test]
fn a_number_is_echoed_as_its_digits() {
    let body = with(good(), "Timestamp", json!(NOW));
    let Received::Call(call) = receive(with(body, "transName", json!(7)).to_string().as_bytes()) else {
        panic!("refused")
    };
    assert_eq!((call.timestamp(), call.trans_name()), (NOW.to_string().as_str(), "7"));
}

#[test]
fn neither_calls_nor_refusals_show_people() {
    let Received::Call(call) = receive(good().to_string().as_bytes()) else { panic!("refused") };
    assert_eq!(format!("{call:?}"), "Call(T 1, ‹plain 7 B›)");
    let Received::Refused(refused) = receive(without(good(), "Plain").to_string().as_bytes()) else {
        panic!("accepted")
    };
    assert_eq!(format!("{refused:?}"), "Refused { reason: Member(\"Plain\"), .. }");
    assert_eq!(refused.trans_name(), "T", "as far as it could be read");
}

#[test]
fn a_good_call_is_opened_and_answered_with_the_salt_that_verified_it() {
    for salt_text in ["new-salt", "old-salt"] {
        let body = sealed(PLAIN, &(NOW - 300_000).to_string(), salt_text);
        let Received::Call(call) = receive(body.to_string().as_bytes()) else { panic!("refused") };
        assert_eq!((call.plain(), call.trans_name(), call.seq_no()), (r#"{"a":1}"#, "T", "1"));
        assert_eq!(call.signature(), body["Signature"].as_str().unwrap());
        assert_eq!(call.timestamp(), (NOW - 300_000).to_string());
        let (plain, envelope) = opened(&call.answer(r#"{"CODE":"0000","DESC":"系统处理成功"}"#), salt_text);
        assert_eq!(plain["CODE"], "0000");
        assert_eq!(envelope["Timestamp"], (NOW - 300_000).to_string(), "WB-10");
        assert_eq!((&envelope["transName"], &envelope["SeqNo"]), (&json!("T"), &json!("1")));
        assert_eq!(opened(&call.unknown_trans_name(), salt_text).0["CODE"], "0002");
        assert_eq!(opened(&call.handler_failed(), salt_text).0["CODE"], "0099");
        assert_eq!(opened(&call.answer("not json"), salt_text).0["CODE"], "0099");
        assert_eq!(opened(&call.answer("[]"), salt_text).0["CODE"], "0099");
    }
}

#[test]
fn absent_echoes_are_empty_and_letter_case_carries_no_meaning() {
    let upper = good()["Signature"].as_str().unwrap().to_uppercase();
    let body = without(without(with(good(), "Signature", json!(upper)), "SeqNo"), "transName");
    let Received::Call(call) = receive(body.to_string().as_bytes()) else { panic!("refused") };
    let (_, envelope) = opened(&call.answer("{}"), "new-salt");
    assert_eq!((&envelope["transName"], &envelope["SeqNo"]), (&json!(""), &json!("")));
}

#[test]
fn both_success_codes_are_success() {
    let ok = |code: &str| CallbackCode::from(code.to_owned()).is_ok();
    assert!(ok("0000") && ok("60840000") && !ok("0001") && !ok("0099"), "WB-3");
}
