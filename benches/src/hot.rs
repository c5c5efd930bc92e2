//! The paths that are counted: one call each, on inputs that are made beforehand. What `cargo xtask perf` shows of
//! allocations, and what `cargo xtask perf --gate` compares of instructions, is counted here.

use std::hint::black_box;
use std::time::Duration;

use rabbitpre_auth::{Attributes, Check, CheckRequest, Decimal, Programs};
use sign_core::{Canonical as _, Freshness, Secret, Signature, UnixMillis, form};
use yichang::DigestKind;

use crate::rules::{self, CONDITIONS, FIRST_FAILS, PASSES, small_body};
use crate::{batch, json_body, secret};

/// One path.
pub struct Hot {
    /// As the table and the committed counts call it.
    pub name: &'static str,
    /// How many calls are counted together: enough for a count that stands out from the start of the program.
    pub calls: u32,
    /// One call.
    pub call: Box<dyn Fn()>,
}

impl Hot {
    fn new(name: &'static str, calls: u32, call: impl Fn() + 'static) -> Self {
        Self { name, calls, call: Box::new(call) }
    }
}

/// All of them. Their inputs are made by this call.
#[must_use]
pub fn paths() -> Vec<Hot> {
    [signing(), webank_signing(), forms(), callbacks(), checks()].into_iter().flatten().collect()
}

const NOW: UnixMillis = UnixMillis::new(1_574_251_924_000);

fn window() -> Freshness {
    Freshness::within(Duration::from_secs(300))
}

/// 晋来办's parameters.
const PUSH: jinlaiban::PushParams<'static> = jinlaiban::PushParams {
    appcode: "JLB0001",
    modulecode: "M_2021",
    timestamp: "1574251924",
    nonce: "b42eb9b6-2bd5-43a8-9a0c-a6ae1be08bc2",
};

/// 宜昌's parameters.
const CALL: yichang::Params<'static> = yichang::Params {
    app_id: "RSJ00001",
    device_id: "67D3D9A8-4D67-2444-71CE-66851AEDCFE1",
    device_type: "WEB",
    nonce_str: "6PQfHMIv",
    time_stamp: "1574251924",
};

fn sign_push(secret: &Secret) -> Signature {
    jinlaiban::SigningInput::push(black_box(&PUSH), secret).expect("complete").sign()
}

fn sign_call(kind: DigestKind, secret: &Secret) -> Signature {
    yichang::SigningInput::new(black_box(CALL), secret).expect("complete").sign(kind)
}

fn signing() -> Vec<Hot> {
    let signs = |name, kind| {
        let secret = secret();
        Hot::new(name, 400, move || {
            black_box(sign_call(kind, &secret));
        })
    };
    let (by_push, by_verify, by_call) = (secret(), secret(), secret());
    let (pushed, called) = (sign_push(&by_verify), sign_call(DigestKind::Sha1, &by_call));
    vec![
        Hot::new("jinlaiban sign", 400, move || {
            black_box(sign_push(&by_push));
        }),
        Hot::new("jinlaiban verify", 400, move || {
            assert!(black_box(&PUSH).verify(pushed.as_str(), &by_verify, &window(), NOW).is_ok());
        }),
        signs("yichang sign, MD5", DigestKind::Md5),
        signs("yichang sign, SHA-1", DigestKind::Sha1),
        Hot::new("yichang verify", 400, move || {
            let accept = yichang::Accept::Either;
            let verified =
                yichang::verify(black_box(&CALL), called.as_str(), accept, &by_call, &window(), NOW);
            assert!(verified.is_ok());
        }),
    ]
}

fn webank_signing() -> Vec<Hot> {
    let signs = |name, size, calls| {
        let (body, ticket) = (json_body(size), secret());
        Hot::new(name, calls, move || {
            black_box(webank::sign(black_box(webank_values(&body)), &ticket));
        })
    };
    let (body, ticket) = (json_body(1024), secret());
    let signature = webank::sign(webank_values(&body), &ticket);
    vec![
        signs("webank sign, 1 KiB", 1024, 400),
        signs("webank sign, 64 KiB", 64 * 1024, 20),
        Hot::new("webank verify, 1 KiB", 400, move || {
            assert!(webank::verify(black_box(webank_values(&body)), &ticket, signature.as_str()).is_ok());
        }),
    ]
}

const fn webank_values(body: &str) -> webank::SignedValues<'_> {
    webank::SignedValues {
        app_id: "wxhiw5xt6q4qtmwcrn",
        version: webank::VERSION,
        nonce: "489c60c97daef599efd10cfda46860a1",
        kind: None,
        body: Some(body),
    }
}

fn forms() -> Vec<Hot> {
    let text = json_body(64 * 1024);
    let encoded = form::encode(&text);
    let (batch, secret) = (batch(2000), secret());
    vec![
        Hot::new("form encode, 64 KiB", 10, move || drop(black_box(form::encode(black_box(&text))))),
        Hot::new("form decode, 64 KiB", 10, move || {
            assert!(black_box(form::decode(black_box(&encoded))).is_ok());
        }),
        Hot::new("jinlaiban push, 2000 records", 2, move || {
            assert!(black_box(jinlaiban::SignedPush::new(black_box(&batch), &PUSH, &secret)).is_ok());
        }),
    ]
}

fn callbacks() -> Vec<Hot> {
    use webank::callback::{Received, Receiver, SignedEnvelope};

    let (receiver, json) = (Receiver::new(secret()), json_body(4096));
    let body = receiver.seal_call(&json, "TLMerchantQuery", "1519700632680112122", NOW);
    let Received::Call(call) = receiver.receive(&body, NOW) else { return Vec::new() };
    let plain = form::encode(&json);
    let salt = secret();
    let signature =
        SignedEnvelope { plain: &plain, salt: &salt, timestamp: "1519700632680" }.sign().as_str().to_owned();
    vec![
        Hot::new("callback verify, 4 KiB", 100, move || {
            let envelope =
                SignedEnvelope { plain: black_box(&plain), salt: &salt, timestamp: "1519700632680" };
            assert!(envelope.digest::<sign_core::Sha256>().verify(&signature).is_ok());
        }),
        Hot::new("callback receive, 4 KiB", 50, move || {
            assert!(matches!(receiver.receive(black_box(&body), NOW), Received::Call(_)));
        }),
        Hot::new("callback answer", 200, move || {
            black_box(call.answer(black_box(r#"{"CODE":"0000","DESC":"系统处理成功"}"#)));
        }),
    ]
}

fn checks() -> Vec<Hot> {
    let attributes = |user: &'static str| Attributes::parse(user.as_bytes()).expect("attributes");
    let decide = |name, user: &'static str| {
        let body: &'static [u8] = small_body(CONDITIONS).into_bytes().leak();
        let request: &'static CheckRequest<'_> =
            Box::leak(Box::new(CheckRequest::parse(body).expect("a request")));
        let (check, user) = (Check::new(request, None), attributes(user));
        Hot::new(name, 400, move || drop(black_box(check.decide(black_box(&user)))))
    };
    let eight = small_body(CONDITIONS);
    let (body, user) = (rules::body(), attributes(PASSES));
    let (warm, programs, rich) = (rules::body(), Programs::new(16), attributes(PASSES));
    vec![
        decide("rules decide, all pass", PASSES),
        decide("rules decide, first fails", FIRST_FAILS),
        Hot::new("rules read and compile", 50, move || {
            let request = CheckRequest::parse(black_box(eight.as_bytes())).expect("a request");
            drop(black_box(Check::new(&request, None)));
        }),
        Hot::new("check from body, cold", 50, move || {
            let request = CheckRequest::parse(black_box(body.as_bytes())).expect("a request");
            assert!(rabbitpre_auth::check(&request, &user, None).is_allowed());
        }),
        Hot::new("check from body, cached", 50, move || {
            let prepared = programs.prepare(black_box(warm.as_bytes())).expect("a request");
            assert!(prepared.check(None).decide(&rich).is_allowed());
        }),
        Hot::new("attributes read", 100, move || {
            assert!(Attributes::parse(black_box(PASSES.as_bytes())).is_ok());
        }),
        Hot::new("decimal read", 1000, move || {
            assert!(Decimal::parse(black_box("1999.99")).is_some());
        }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_runs_and_has_a_name_of_its_own() {
        let paths = paths();
        let names: std::collections::BTreeSet<_> = paths.iter().map(|path| path.name).collect();
        assert_eq!(names.len(), paths.len());
        assert!(paths.len() >= 12);
        for path in &paths {
            (path.call)();
        }
    }
}
