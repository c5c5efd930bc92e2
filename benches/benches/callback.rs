//! WeBank's callbacks: from the bytes of a call to the bytes of its answer. Floors: the bare SHA-256 over the signed
//! text, and one pass of decoding.
#![allow(
    missing_docs,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a bench fails by panicking; criterion's macro makes a function"
)]

use std::hint::black_box;

use benches::{json_body, secret};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sha2::{Digest as _, Sha256};
use sign_core::{Canonical as _, UnixMillis, form};
use webank::callback::{Call, Received, Receiver, SignedEnvelope};

const NOW: UnixMillis = UnixMillis::new(1_519_700_632_680);

fn accepted(received: Received) -> Call {
    match received {
        Received::Call(call) => call,
        Received::Refused(refused) => panic!("{}", refused.reason),
    }
}

fn callback(criterion: &mut Criterion) {
    let (receiver, salt) = (Receiver::new(secret()), secret());
    for size in [100, 4096] {
        let json = json_body(size);
        let plain = form::encode(&json);
        let body = receiver.seal_call(&json, "TLMerchantQuery", "1519700632680112122", NOW);
        let call = accepted(receiver.receive(&body, NOW));

        let mut group = criterion.benchmark_group(format!("callback/{size}"));
        group.throughput(Throughput::Bytes(plain.len() as u64));
        group.bench_function("floor: SHA-256", |bencher| {
            bencher.iter(|| Sha256::digest(black_box(plain.as_bytes())));
        });
        group.bench_function("floor: decode", |bencher| {
            bencher.iter(|| form::decode(black_box(&plain)).is_ok())
        });
        group.bench_function("verify and decode", |bencher| {
            let timestamp = call.timestamp();
            let envelope = SignedEnvelope { plain: &plain, salt: &salt, timestamp };
            let signature = envelope.sign();
            bencher.iter(|| {
                black_box(envelope).digest::<sign_core::Sha256>().verify(signature.as_str()).unwrap();
                form::decode(black_box(&plain)).is_ok()
            });
        });
        group.bench_function("receive", |bencher| {
            bencher.iter(|| accepted(receiver.receive(black_box(&body), NOW)));
        });
        group.bench_function("answer", |bencher| {
            bencher.iter(|| call.answer(black_box(r#"{"CODE":"0000","DESC":"系统处理成功"}"#)));
        });
        group.finish();
    }
}

criterion_group!(benches, callback);
criterion_main!(benches);
