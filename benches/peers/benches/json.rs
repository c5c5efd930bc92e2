//! A check's body of ten conditions, read without types, and as far as a check needs it.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use rabbitpre_auth::CheckRequest;
use simd_json::BorrowedValue;
use sonic_rs::JsonValueTrait as _;

fn json(criterion: &mut Criterion) {
    let body = benches::rules::body();
    let mut group = criterion.benchmark_group("peers/json body");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("rabbitpre-auth", |bencher| {
        bencher.iter(|| CheckRequest::parse(black_box(body.as_bytes())).expect("a request"));
    });
    group.bench_function("serde_json", |bencher| {
        bencher
            .iter(|| serde_json::from_slice::<serde_json::Value>(black_box(body.as_bytes())).expect("JSON"));
    });
    group.bench_function("sonic-rs", |bencher| {
        bencher.iter(|| sonic_rs::from_slice::<sonic_rs::Value>(black_box(body.as_bytes())).expect("JSON"));
    });
    group.bench_function("sonic-rs, conditions found", |bencher| {
        bencher.iter(|| {
            sonic_rs::get_from_slice(black_box(body.as_bytes()), &["authParams"]).expect("JSON").is_array()
        });
    });
    // It writes into its input, so each reading gets a copy; making the copy is not counted.
    group.bench_function("simd-json", |bencher| {
        bencher.iter_batched_ref(
            || body.clone().into_bytes(),
            |bytes| matches!(simd_json::to_borrowed_value(black_box(bytes)), Ok(BorrowedValue::Object(_))),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(bodies, json);
criterion_main!(bodies);
