//! A call of a client, beside its floor: bare reqwest sending the same kind of request, signed beforehand, to the same
//! sandbox, and reading the answer's bytes. Client and server share one thread, so that no thread has to be woken.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a bench fails by panicking; criterion's macro makes a function"
)]

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use platform_sandbox::Sandbox;
use yichang::{DigestSetting, Mobile, SignedCall};

async fn send(client: &reqwest::Client, call: &SignedCall) -> usize {
    let request = client.post(call.url()).header("content-type", call.content_type());
    let reply = request.body(call.body().clone()).send().await.unwrap();
    assert!(reply.status().is_success());
    reply.bytes().await.unwrap().len()
}

fn calls(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sandbox = runtime.block_on(Sandbox::start()).unwrap();
    let access = &sandbox.access().yichang;
    let client = yichang::Client::builder(&access.app_id, access.app_secret.clone())
        .url(&sandbox.urls().yichang)
        .digest(DigestSetting::Sha1)
        .build()
        .unwrap();
    let mobile = Mobile::parse(access.mobiles.first().unwrap()).unwrap();
    // Plain http needs no TLS; reqwest asks for a provider all the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let bare = reqwest::Client::builder().no_proxy().build().unwrap();

    let mut group = criterion.benchmark_group("client");
    group.bench_function("floor: bare reqwest", |bencher| {
        bencher.iter_custom(|rounds| {
            // The sandbox takes each nonce once.
            let calls: Vec<_> = (0..rounds).map(|_| client.prepare_todo(&mobile).unwrap()).collect();
            let since = Instant::now();
            runtime.block_on(async {
                for call in &calls {
                    black_box(send(&bare, call).await);
                }
            });
            since.elapsed()
        });
    });
    group.bench_function("call", |bencher| {
        bencher.iter_custom(|rounds| {
            let since = Instant::now();
            runtime.block_on(async {
                for _ in 0..rounds {
                    black_box(client.todo(&mobile).await.unwrap());
                }
            });
            since.elapsed()
        });
    });
    group.finish();
}

criterion_group!(client, calls);
criterion_main!(client);
