//! A push of 2000 records: encoded in one pass, and by `serde_json` with `serde_urlencoded` behind it.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use jinlaiban::SignedPush;
use peers::by_hand;
use peers::signing::{JINLAIBAN, SECRET, jinlaiban_params};

fn form(criterion: &mut Criterion) {
    let (batch, secret, params) = (benches::batch(2000), benches::secret(), jinlaiban_params());
    let mut group = criterion.benchmark_group("peers/form of 2000 records");
    group.sample_size(20);
    group.bench_function("ours", |bencher| {
        bencher.iter(|| SignedPush::new(black_box(&batch), &params, &secret).expect("a push"));
    });
    group.bench_function("by hand", |bencher| {
        bencher.iter(|| {
            let data = serde_json::to_string(black_box(batch.records())).expect("JSON");
            let sign = by_hand::jinlaiban(&JINLAIBAN, SECRET);
            let fields = [("sign", sign.as_str()), ("data", data.as_str())];
            serde_urlencoded::to_string([&JINLAIBAN[..], &fields].concat()).expect("a form")
        });
    });
    group.finish();
}

criterion_group!(forms, form);
criterion_main!(forms);
