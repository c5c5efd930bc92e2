//! Deciding allocates nothing, and no body makes a reader take much memory. Signing and verifying allocate nothing, whatever the size of the body: the text to sign streams into the digest. A
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

#[test]
fn rabbitpre_decide() {
    use benches::rules::{CONDITIONS, FIRST_FAILS, LAST_FAILS, PASSES, small_body};
    use rabbitpre_auth::{Attributes, Check, CheckRequest};
    let body = small_body(CONDITIONS);
    let request = CheckRequest::parse(body.as_bytes()).unwrap();
    let compiled = Check::new(&request, None);
    for (user, allowed) in [(PASSES, true), (FIRST_FAILS, false), (LAST_FAILS, false)] {
        let user = Attributes::parse(user.as_bytes()).unwrap();
        // A denial names its condition without a copy.
        check("decide", 0, || assert_eq!(compiled.decide(&user).is_allowed(), allowed));
    }
}

#[test]
fn rabbitpre_body() {
    use benches::rules::{PASSES, body};
    use rabbitpre_auth::{Attributes, Programs};
    let (programs, body) = (Programs::new(16), body());
    let user = Attributes::parse(PASSES.as_bytes()).unwrap();
    let decide =
        || assert!(programs.prepare(body.as_bytes()).unwrap().check(None).decide(&user).is_allowed());
    decide();
    let count = measure(decide).count_total;
    assert!(count <= 8, "{count} allocations");
}

/// 1 MiB of JSON takes at most 32 MiB while it is read and compiled, whatever it is made of. What it takes grows with the
/// body: without optimisation, where 1 MiB takes seconds, a sixteenth of it may take a sixteenth.
#[test]
fn rabbitpre_hostile_bodies() {
    use rabbitpre_auth::{Check, CheckRequest, MAX_BODY, Programs};
    let size = if cfg!(debug_assertions) { MAX_BODY / 16 } else { MAX_BODY };
    let list =
        |element: &str| format!("[{}0]", format!("{element},").repeat((size - 200) / (element.len() + 1)));
    let distinct = |write: fn(usize) -> String| {
        let all: String = (0..)
            .map(write)
            .scan(0, |written, text| {
                *written += text.len();
                (*written < size - 250).then_some(text)
            })
            .collect();
        all.trim_end_matches(',').to_owned()
    };
    let names = format!("{{{}}}", distinct(|n| format!("\"{n:x}\":0,")));
    let numbers = format!("[{}]", distinct(|n| format!("{n},")));
    let texts = format!("[{}]", distinct(|n| format!("\"{n:x}\",")));
    let repeated = ["[]", "0", "[0]", "{\"\":0}", "\"\\n\""];
    for values in repeated.map(list).into_iter().chain([names, numbers, texts]) {
        let head = values.chars().take(12).collect::<String>();
        let within = |what: &str, body: &str, work: &dyn Fn(&[u8])| {
            assert!((size - 2000..=size).contains(&body.len()), "{what} {head}: {}", body.len());
            let most = measure(|| work(body.as_bytes())).bytes_max;
            assert!(most <= 32 * size as u64, "{what} {head}: {most} bytes for {size}");
        };
        let read = |body: &[u8]| {
            if let Ok(request) = CheckRequest::parse(body) {
                std::hint::black_box(Check::new(&request, None));
            }
        };
        let prepare = |body: &[u8]| drop(Programs::new(16).prepare(body));
        for (kind, operator) in [("select", "IN"), ("number", "IN"), ("cascader", "IN")] {
            let condition = format!(
                r#"{{"englishName":"a","paramType":"{kind}","operator":"{operator}","values":{values}}}"#
            );
            let body = format!(r#"{{"userParam":{{"audid":1}},"authParams":[{condition}]}}"#);
            within(kind, &body, &prepare);
        }
        let body = format!(r#"{{"userParam":{{"audid":1,"customFields":{values}}},"x":[]}}"#);
        within("custom fields", &body, &read);
        within("custom fields", &body, &prepare);
    }
}
