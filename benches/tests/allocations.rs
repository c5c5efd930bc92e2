//! Signing and verifying allocate nothing, whatever the size of the body: the text to sign streams into the digest. A
//! push allocates the same few times, whatever the number of its records.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::time::Duration;

use allocation_counter::measure;
use benches::{BODY_SIZES, batch, json_body, secret};
use sign_core::{Canonical as _, Freshness, UnixMillis};

/// Runs it and counts. The counter sees allocations made anywhere in this thread.
#[track_caller]
fn check(what: &str, expected: u64, work: impl FnOnce()) {
    assert_eq!(measure(work).count_total, expected, "{what}");
}

#[test]
fn the_counter_counts() {
    check("a vector", 1, || drop(std::hint::black_box(vec![1_u8])));
}

fn window() -> Freshness {
    Freshness::within(Duration::from_secs(300))
}

#[test]
fn jinlaiban() {
    use jinlaiban::{PushParams, SigningInput};
    let nonce = "b42eb9b6-2bd5-43a8-9a0c-a6ae1be08bc2";
    let params = PushParams { appcode: "JLB0001", modulecode: "M_2021", timestamp: "1615978623", nonce };
    let (secret, now) = (secret(), UnixMillis::new(1_615_978_623_000));
    let mut signature = None;
    check("sign", 0, || signature = Some(SigningInput::push(&params, &secret).unwrap().sign()));
    let signature = signature.unwrap();
    check("verify", 0, || params.verify(signature.as_str(), &secret, &window(), now).unwrap());
}

/// The body of a push is written in one pass, straight into the bytes that travel: what is allocated does not depend on
/// the number of records.
#[test]
fn jinlaiban_push() {
    use jinlaiban::{PushParams, SignedPush};
    let nonce = "b42eb9b6-2bd5-43a8-9a0c-a6ae1be08bc2";
    let params = PushParams { appcode: "JLB0001", modulecode: "M_2021", timestamp: "1615978623", nonce };
    let secret = secret();
    for records in [1, 200, 2000] {
        let batch = batch(records);
        // Four parameters, the form, its room for `data`, and what counts the references to the bytes.
        check("push", 7, || drop(SignedPush::new(&batch, &params, &secret).unwrap()));
    }
}

#[test]
fn yichang() {
    use yichang::{Accept, DigestKind, Params, SigningInput, verify};
    let params = Params {
        app_id: "RSJ00001",
        device_id: "67D3D9A8-4D67-2444-71CE-66851AEDCFE1",
        device_type: "WEB",
        nonce_str: "6PQfHMIv",
        time_stamp: "1574251924",
    };
    let (secret, now) = (secret(), UnixMillis::new(1_574_251_924_000));
    for kind in [DigestKind::Sha1, DigestKind::Md5] {
        let mut signature = None;
        check("sign", 0, || signature = Some(SigningInput::new(params, &secret).unwrap().sign(kind)));
        let signature = signature.unwrap();
        check("verify", 0, || {
            let found = verify(&params, signature.as_str(), Accept::Either, &secret, &window(), now).unwrap();
            assert_eq!(found, kind);
        });
    }
}

#[test]
fn webank() {
    use webank::{SignedValues, VERSION, sign, verify};
    let ticket = secret();
    for size in BODY_SIZES {
        let (body, nonce) = (json_body(size), "489c60c97daef599efd10cfda46860a1");
        let values =
            SignedValues { app_id: "wxhiw5xt6q", version: VERSION, nonce, kind: None, body: Some(&body) };
        let mut signature = None;
        check("sign", 0, || signature = Some(sign(values, &ticket)));
        let signature = signature.unwrap();
        check("verify", 0, || verify(values, &ticket, signature.as_str()).unwrap());
    }
}

#[test]
fn webank_callback() {
    use webank::callback::SignedEnvelope;
    let salt = secret();
    for size in BODY_SIZES {
        let plain = sign_core::form::encode(&json_body(size));
        let envelope = SignedEnvelope { plain: &plain, salt: &salt, timestamp: "1519700632680" };
        let mut signature = None;
        check("sign", 0, || signature = Some(envelope.sign()));
        let signature = signature.unwrap();
        check("verify", 0, || envelope.digest::<sign_core::Sha256>().verify(signature.as_str()).unwrap());
    }
}
