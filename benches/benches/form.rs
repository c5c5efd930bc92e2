//! Form coding, and the push of a full batch, beside their floors: a copy of the same bytes, and the JSON alone.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a bench fails by panicking; criterion's macro makes a function"
)]

use std::hint::black_box;

use benches::{batch, json_body, secret};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jinlaiban::{PushParams, ReceivedPush, SignedPush};
use sign_core::form;

fn coding(criterion: &mut Criterion) {
    let text = json_body(64 * 1024);
    let encoded = form::encode(&text);

    let mut group = criterion.benchmark_group("form/encode");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("floor: copy of the result", |bencher| bencher.iter(|| black_box(&encoded).clone()));
    group.bench_function("encode", |bencher| bencher.iter(|| form::encode(black_box(&text))));
    group.finish();

    let mut group = criterion.benchmark_group("form/decode");
    group.throughput(Throughput::Bytes(encoded.len() as u64));
    group.bench_function("floor: copy of the result", |bencher| bencher.iter(|| black_box(&text).clone()));
    group.bench_function("decode", |bencher| bencher.iter(|| form::decode(black_box(&encoded)).unwrap()));
    group.finish();
}

fn push(criterion: &mut Criterion) {
    let (batch, secret) = (batch(2000), secret());
    let nonce = "b42eb9b6-2bd5-43a8-9a0c-a6ae1be08bc2";
    let params = PushParams { appcode: "JLB0001", modulecode: "M_2021", timestamp: "1615978623", nonce };
    let sent = SignedPush::new(&batch, &params, &secret).unwrap();

    let mut group = criterion.benchmark_group("jinlaiban/2000 records");
    group.sample_size(20);
    group.throughput(Throughput::Elements(2000));
    group.bench_function("floor: JSON alone", |bencher| {
        bencher.iter(|| serde_json::to_vec(black_box(batch.records())).unwrap());
    });
    group.bench_function("push", |bencher| {
        bencher.iter(|| SignedPush::new(black_box(&batch), &params, &secret).unwrap());
    });
    group.bench_function("receive", |bencher| {
        bencher.iter(|| ReceivedPush::parse(black_box(sent.body())).unwrap().records().unwrap().len());
    });
    group.finish();
}

criterion_group!(benches, coding, push);
criterion_main!(benches);
