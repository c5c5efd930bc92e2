//! Signing and verifying per scheme, each beside its floor: the bare digest over the same bytes in one piece.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a bench fails by panicking; criterion's macro makes a function"
)]

use std::hint::black_box;
use std::time::Duration;

use benches::{BODY_SIZES, json_body, secret};
use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;
use sign_core::{Canonical, Freshness, UnixMillis};
use webank::callback::SignedEnvelope;

/// The bare digest of the text to sign.
fn floor<D: Digest>(group: &mut BenchmarkGroup<'_, WallTime>, signed: &impl Canonical) {
    let text = signed.signing_text().expose();
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("floor", |bencher| bencher.iter(|| D::digest(black_box(text.as_bytes()))));
}

fn jinlaiban(criterion: &mut Criterion) {
    use jinlaiban::{PushParams, SigningInput};

    let mut group = criterion.benchmark_group("jinlaiban");
    let nonce = "b42eb9b6-2bd5-43a8-9a0c-a6ae1be08bc2";
    let params = PushParams { appcode: "JLB0001", modulecode: "M_2021", timestamp: "1615978623", nonce };
    let (secret, now) = (secret(), UnixMillis::new(1_615_978_623_000));
    let window = Freshness::within(Duration::from_secs(300));
    let input = SigningInput::push(&params, &secret).unwrap();
    let signature = input.sign();
    floor::<Md5>(&mut group, &input);
    group.bench_function("sign", |bencher| {
        bencher.iter(|| SigningInput::push(black_box(&params), &secret).unwrap().sign());
    });
    group.bench_function("verify", |bencher| {
        let got = signature.as_str();
        bencher.iter(|| black_box(&params).verify(black_box(got), &secret, &window, now).unwrap());
    });
    group.finish();
}

fn yichang(criterion: &mut Criterion) {
    use yichang::{Accept, DigestKind, Params, SigningInput, verify};

    let params = Params {
        app_id: "RSJ00001",
        device_id: "67D3D9A8-4D67-2444-71CE-66851AEDCFE1",
        device_type: "WEB",
        nonce_str: "6PQfHMIv",
        time_stamp: "1574251924",
    };
    let (secret, now) = (secret(), UnixMillis::new(1_574_251_924_000));
    let window = Freshness::within(Duration::from_secs(300));
    for (name, kind) in [("yichang-sha1", DigestKind::Sha1), ("yichang-md5", DigestKind::Md5)] {
        let mut group = criterion.benchmark_group(name);
        let input = SigningInput::new(params, &secret).unwrap();
        let signature = input.sign(kind);
        match kind {
            DigestKind::Sha1 => floor::<Sha1>(&mut group, &input),
            DigestKind::Md5 => floor::<Md5>(&mut group, &input),
        }
        group.bench_function("sign", |bencher| {
            bencher.iter(|| SigningInput::new(black_box(params), &secret).unwrap().sign(kind));
        });
        group.bench_function("verify", |bencher| {
            let got = signature.as_str();
            let check = || verify(black_box(&params), black_box(got), Accept::Either, &secret, &window, now);
            bencher.iter(|| check().unwrap());
        });
        group.finish();
    }
}

fn webank(criterion: &mut Criterion) {
    use webank::{SignedValues, SigningInput, VERSION, sign, verify};

    let ticket = secret();
    for size in BODY_SIZES {
        let mut group = criterion.benchmark_group(format!("webank/{size}"));
        let body = json_body(size);
        let nonce = "489c60c97daef599efd10cfda46860a1";
        let values = SignedValues {
            app_id: "wxhiw5xt6q4qtmwcrn",
            version: VERSION,
            nonce,
            kind: None,
            body: Some(&body),
        };
        let signature = sign(values, &ticket);
        floor::<Sha1>(&mut group, &SigningInput::new(values, &ticket));
        group.bench_function("sign", |bencher| bencher.iter(|| sign(black_box(values), &ticket)));
        group.bench_function("verify", |bencher| {
            let got = signature.as_str();
            bencher.iter(|| verify(black_box(values), &ticket, black_box(got)).unwrap());
        });
        group.finish();
    }
}

fn webank_callback(criterion: &mut Criterion) {
    let salt = secret();
    for size in BODY_SIZES {
        let mut group = criterion.benchmark_group(format!("webank-callback/{size}"));
        let plain = sign_core::form::encode(&json_body(size));
        let envelope = SignedEnvelope { plain: &plain, salt: &salt, timestamp: "1519700632680" };
        let signature = envelope.sign();
        floor::<Sha256>(&mut group, &envelope);
        group.bench_function("sign", |bencher| bencher.iter(|| black_box(envelope).sign()));
        group.bench_function("verify", |bencher| {
            let got = signature.as_str();
            bencher.iter(|| black_box(envelope).verify(black_box(got)).unwrap());
        });
        group.finish();
    }
}

criterion_group!(benches, jinlaiban, yichang, webank, webank_callback);
criterion_main!(benches);
