//! The search of the signature doctor: candidates a second and core, beside its floor, the bare digest over the text to
//! sign; and the whole default search with three mistakes.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a bench fails by panicking; criterion's macro makes a function"
)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;
use sign_doctor::{Case, DigestKind, NamedSecret, Platform, Request, Search};

/// Ten parameters, as the family of 晋来办 sends them.
fn push() -> Request {
    Request::texts([
        ("appcode", "JLB0001"),
        ("modulecode", "M_2021"),
        ("timestamp", "1615978623"),
        ("nonce", "b42eb9b6-2bd5-43a8-9a0c-a6ae1be08bc2"),
        ("user_id", "10000001"),
        ("busi_item", "无房证明查询"),
        ("create_date", "2021-03-17 18:57:03"),
        ("page", "1"),
        ("size", "20"),
        ("remark", ""),
    ])
}

/// 宜昌's five that are signed, and five that are not.
fn query() -> Request {
    Request::texts([
        ("appId", "RSJ00001"),
        ("deviceId", "67D3D9A8-4D67-2444-71CE-66851AEDCFE1"),
        ("deviceType", "WEB"),
        ("nonceStr", "6PQfHMIv"),
        ("timeStamp", "1574251924"),
        ("user_id", "10000001"),
        ("busi_item", "无房证明查询"),
        ("create_date", "2021-03-17 18:57:03"),
        ("page", "1"),
        ("remark", ""),
    ])
}

fn call() -> Request {
    Request::texts([
        ("app_id", "wxhiw5xt6q4qtmwcrn"),
        ("version", "2.0.0"),
        ("nonce", "489c60c97daef599efd10cfda46860a1"),
        (
            "body",
            r#"{"REQUEST_TIME": "20190829163531", "SERVICE_CODE": "10002", "ID_NO": "411528199110024452"}"#,
        ),
    ])
}

fn callback() -> Request {
    let plain = benches::json_body(300);
    Request::texts([("Plain", sign_core::form::encode(&plain).as_str()), ("Timestamp", "1519700632680")])
}

/// Nothing fits, so that every candidate is tried; in the letters of the right one, so that these are no mistake.
fn nothing(right: &str) -> String {
    let got = "12ab".repeat(right.len() / 4);
    if right.contains(char::is_uppercase) { got.to_uppercase() } else { got }
}

fn floor(group: &mut BenchmarkGroup<'_, WallTime>, case: &Case<'_>) {
    fn run<D: Digest>(group: &mut BenchmarkGroup<'_, WallTime>, text: &str) {
        group.bench_function("floor", |bencher| bencher.iter(|| D::digest(black_box(text.as_bytes()))));
    }
    let text = case.signing_text(&[]).expose();
    group.throughput(Throughput::Elements(1));
    match case.recipe().digest {
        DigestKind::Md5 => run::<Md5>(group, &text),
        DigestKind::Sha1 => run::<Sha1>(group, &text),
        DigestKind::Sha256 => run::<Sha256>(group, &text),
    }
}

fn doctor(criterion: &mut Criterion) {
    // Where benches are only listed or tried out, no search is made to count its candidates.
    let measures = std::env::args().all(|arg| arg != "--list" && arg != "--test");
    let secrets = [NamedSecret { name: "SECRET".to_owned(), secret: benches::secret() }];
    for (platform, request) in [
        (Platform::Jinlaiban, push()),
        (Platform::YichangMd5, query()),
        (Platform::YichangSha1, query()),
        (Platform::Webank, call()),
        (Platform::WebankCallback, callback()),
    ] {
        let recipe = platform.recipe();
        let case = Case::new(&recipe, &request, &secrets).unwrap();
        let mut group = criterion.benchmark_group(format!("doctor/{platform}"));
        let got = nothing(&case.sign_wrongly(&[]));
        floor(&mut group, &case);
        for (name, mistakes, workers) in [("two", 2, 1), ("three", 3, 1), ("three-two-cores", 3, 2)] {
            let search = Search::default().mistakes(mistakes).workers(workers);
            let tried = if measures { case.diagnose(&got, &search).unwrap().tried } else { 1 };
            group.throughput(Throughput::Elements(tried));
            group.bench_function(name, |bencher| bencher.iter(|| case.diagnose(black_box(&got), &search)));
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(3));
    targets = doctor
}
criterion_main!(benches);
