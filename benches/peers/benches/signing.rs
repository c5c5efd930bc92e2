//! Signing: ours, what integrators write from the documents, and, for scale, Amazon's over a request of the same size.

use std::hint::black_box;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningParams, SigningSettings, sign};
use aws_sigv4::sign::v4;
use criterion::{Criterion, criterion_group, criterion_main};
use peers::by_hand;
use peers::signing::{JINLAIBAN, SECRET, WEBANK, YICHANG, jinlaiban_params, yichang_params};

fn yichang(criterion: &mut Criterion) {
    use yichang::{DigestKind, SigningInput};

    type ByHand = fn(&[(&str, &str)], &str) -> String;
    let secret = benches::secret();
    for (name, kind, by_hand) in [
        ("sha1", DigestKind::Sha1, by_hand::yichang_sha1 as ByHand),
        ("md5", DigestKind::Md5, by_hand::yichang_md5),
    ] {
        let mut group = criterion.benchmark_group(format!("peers/yichang-{name}"));
        group.bench_function("ours", |bencher| {
            bencher.iter(|| SigningInput::new(black_box(yichang_params()), &secret).map(|it| it.sign(kind)));
        });
        group.bench_function("by hand", |bencher| {
            bencher.iter(|| by_hand(black_box(&YICHANG), black_box(SECRET)));
        });
        group.finish();
    }
}

fn jinlaiban(criterion: &mut Criterion) {
    let secret = benches::secret();
    let mut group = criterion.benchmark_group("peers/jinlaiban");
    group.bench_function("ours", |bencher| {
        let params = jinlaiban_params();
        bencher.iter(|| jinlaiban::SigningInput::push(black_box(&params), &secret).map(|input| input.sign()));
    });
    group.bench_function("by hand", |bencher| {
        bencher.iter(|| by_hand::jinlaiban(black_box(&JINLAIBAN), black_box(SECRET)));
    });
    group.finish();
}

fn webank(criterion: &mut Criterion) {
    let secret = benches::secret();
    let body = benches::json_body(1024);
    let [app_id, version, nonce] = WEBANK;
    let mut group = criterion.benchmark_group("peers/webank-1024");
    group.bench_function("ours", |bencher| {
        let values = webank::SignedValues { app_id, version, nonce, kind: None, body: Some(&body) };
        bencher.iter(|| webank::sign(black_box(values), &secret));
    });
    group.bench_function("by hand", |bencher| {
        bencher.iter(|| by_hand::webank(black_box(&[app_id, version, nonce, &body]), black_box(SECRET)));
    });
    group.finish();
}

/// A POST of 1 KiB: canonical request, its digest, the text to sign, and four HMACs for the key.
fn amazon(criterion: &mut Criterion) {
    let body = benches::json_body(1024);
    let identity = Credentials::new("AKIDEXAMPLE", SECRET, None, None, "bench").into();
    let params: SigningParams<'_> = v4::SigningParams::builder()
        .identity(&identity)
        .region("cn-north-1")
        .name("execute-api")
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(1_574_251_924))
        .settings(SigningSettings::default())
        .build()
        .expect("complete")
        .into();
    criterion.bench_function("peers/webank-1024/aws-sigv4", |bencher| {
        bencher.iter(|| {
            let headers = [("host", "example.com"), ("content-type", "application/json")];
            let body = SignableBody::Bytes(black_box(body.as_bytes()));
            let request =
                SignableRequest::new("POST", "https://example.com/api/call", headers.into_iter(), body)
                    .expect("a request");
            sign(request, &params).expect("a signature").into_parts()
        });
    });
}

criterion_group!(signing, yichang, jinlaiban, webank, amazon);
criterion_main!(signing);
