//! Rabbitpre's check: from the bytes of a body to a decision, step by step. Floor: `serde_json` reading the same body
//! without a type.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a bench fails by panicking; criterion's macro makes a function"
)]

use std::hint::black_box;

use benches::{attributes, check_body};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rabbitpre_auth::{Attributes, Check, CheckRequest, check};

fn checks(criterion: &mut Criterion) {
    for conditions in [1, 10, 1000] {
        let (body, known) = (check_body(conditions), attributes(conditions));
        let attributes = Attributes::parse(known.as_bytes()).unwrap();
        let request = CheckRequest::parse(body.as_bytes()).unwrap();
        let compiled = Check::new(&request, None);
        assert!(compiled.decide(&attributes).is_allowed());

        let mut group = criterion.benchmark_group(format!("check/{conditions}"));
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function("floor: serde_json", |bencher| {
            bencher.iter(|| serde_json::from_str::<serde_json::Value>(black_box(&body)).unwrap());
        });
        group.bench_function("read", |bencher| {
            bencher.iter(|| CheckRequest::parse(black_box(body.as_bytes())).unwrap());
        });
        group.bench_function("compile", |bencher| bencher.iter(|| Check::new(black_box(&request), None)));
        group.bench_function("decide", |bencher| bencher.iter(|| compiled.decide(black_box(&attributes))));
        group.bench_function("explain", |bencher| bencher.iter(|| compiled.explain(black_box(&attributes))));
        group.bench_function("body to decision", |bencher| {
            bencher.iter(|| {
                let request = CheckRequest::parse(black_box(body.as_bytes())).unwrap();
                check(&request, black_box(&attributes), None)
            });
        });
        group.finish();
    }
}

criterion_group!(benches, checks);
criterion_main!(benches);
