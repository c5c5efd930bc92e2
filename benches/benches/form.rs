//! Form coding, and the push of a full batch, beside their floors: a copy of the same bytes, and the JSON alone.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a bench fails by panicking; criterion's macro makes a function"
)]

use std::fmt::Write as _;
use std::hint::black_box;

use benches::{batch, json_body, secret};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jinlaiban::{Entry, Format, PushParams, Reader, ReceivedPush, SignedPush};
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

/// Takes bytes and keeps their number.
struct Counter(usize);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
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
    group.bench_function("floor: JSON, only counted", |bencher| {
        bencher.iter(|| {
            let mut counter = Counter(0);
            serde_json::to_writer(&mut counter, black_box(batch.records())).unwrap();
            counter.0
        });
    });
    group.bench_function("floor: one copy", |bencher| bencher.iter(|| black_box(sent.body()).to_vec()));
    group.bench_function("floor: serde_json, then serde_urlencoded", |bencher| {
        bencher.iter(|| {
            let data = serde_json::to_string(black_box(batch.records())).unwrap();
            serde_urlencoded::to_string([
                ("appcode", params.appcode),
                ("modulecode", params.modulecode),
                ("timestamp", params.timestamp),
                ("nonce", params.nonce),
                ("sign", "b42eb9b62bd543a89a0ca6ae1be08bc2"),
                ("data", data.as_str()),
            ])
            .unwrap()
        });
    });
    group.bench_function("push", |bencher| {
        bencher.iter(|| SignedPush::new(black_box(&batch), &params, &secret).unwrap());
    });
    group.bench_function("receive", |bencher| {
        bencher.iter(|| ReceivedPush::parse(black_box(sent.body())).unwrap().records().unwrap().len());
    });
    group.finish();
}

fn files(criterion: &mut Criterion) {
    let batch = batch(2000);
    let lines: Vec<_> = batch.records().iter().map(|record| serde_json::to_string(record).unwrap()).collect();
    let mut table = String::from("id,user_id,user_phone,user_name,busi_item,busi_detail,create_date\n");
    for record in batch.records() {
        let (phone, detail) = (record.user_phone().unwrap_or(""), record.busi_detail().unwrap_or(""));
        let (id, user, name, item) = (record.id(), record.user_id(), record.user_name(), record.busi_item());
        let date = record.create_date();
        writeln!(table, "{id},{user},{phone},{name},{item},\"{detail}\",{date}").unwrap();
    }
    let mut group = criterion.benchmark_group("jinlaiban/files of 2000 records");
    group.sample_size(20);
    group.throughput(Throughput::Elements(2000));
    for (name, format, text) in [
        ("lines", Format::Lines, lines.join("\n")),
        ("array", Format::Array, format!("[{}]", lines.join(","))),
        ("table", Format::Csv, table),
    ] {
        let read = |text: &str| {
            let entries = Reader::new(text.as_bytes(), format);
            entries.filter(|entry| matches!(entry, Ok(Entry::Record(_)))).count()
        };
        assert_eq!(read(&text), 2000);
        group.bench_function(name, |bencher| bencher.iter(|| read(black_box(&text))));
    }
    group.finish();
}

criterion_group!(benches, coding, push, files);
criterion_main!(benches);
