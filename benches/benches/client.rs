//! A call of a client, beside its floor: bare reqwest sending the same kind of request, signed beforehand, to the same
//! sandbox, and reading the answer's bytes; and beside what integrators write around reqwest to sign and to read. Client
//! and server share one thread, so that no thread has to be woken.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a bench fails by panicking; criterion's macro makes a function"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Instant, SystemTime};

use criterion::{Criterion, criterion_group, criterion_main};
use platform_sandbox::Sandbox;
use sha1::{Digest as _, Sha1};
use yichang::{DigestSetting, Mobile, SignedCall};

async fn send(client: &reqwest::Client, call: &SignedCall) -> usize {
    let request = client.post(call.url()).header("content-type", call.content_type());
    let reply = request.body(call.body().clone()).send().await.unwrap();
    assert!(reply.status().is_success());
    reply.bytes().await.unwrap().len()
}

/// What [`yichang::Client::todo`] does, as it is written where there is no crate for it.
#[expect(clippy::disallowed_methods, reason = "it has no clock of ours")]
async fn by_hand(
    client: &reqwest::Client,
    (url, app_id, secret): (&str, &str, &str),
    mobile: &str,
    nonce: u64,
) -> serde_json::Value {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let mut params = BTreeMap::from([
        ("appId", app_id.to_owned()),
        ("deviceId", "67D3D9A8-4D67-2444-71CE-66851AEDCFE1".to_owned()),
        ("deviceType", "WEB".to_owned()),
        ("nonceStr", format!("byhand{nonce:014}")),
        ("timeStamp", now.as_secs().to_string()),
    ]);
    let pairs: Vec<_> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let text = format!("{}&appSecret={secret}", pairs.join("&"));
    let signature: String = Sha1::digest(text).iter().map(|byte| format!("{byte:02X}")).collect();
    params.insert("signature", signature);
    let url = format!("{url}{}?{}", yichang::TODO_PATH, serde_urlencoded::to_string(&params).unwrap());
    let body = serde_json::json!({ "mobile": mobile }).to_string();
    let request = client.post(url).header("content-type", "application/json; charset=UTF-8");
    let reply = request.body(body).send().await.unwrap();
    assert!(reply.status().is_success());
    let reply: serde_json::Value = serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap();
    assert_eq!(reply.get("code"), Some(&1.into()));
    reply
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
    let mut nonce = 0;
    group.bench_function("by hand on reqwest", |bencher| {
        bencher.iter_custom(|rounds| {
            let account = (&*sandbox.urls().yichang, &*access.app_id, access.app_secret.expose());
            let since = Instant::now();
            runtime.block_on(async {
                for _ in 0..rounds {
                    nonce += 1;
                    black_box(by_hand(&bare, account, mobile.expose(), nonce).await);
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
