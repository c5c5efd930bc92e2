//! What `tracing` gets to see: why something was refused, and nothing secret or personal.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod wire;

use std::io;
use std::sync::{Arc, Mutex};

use platform_sandbox::{Fault, FaultKind, Operation};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use wire::{FORM, NOW, Push, call, fetch_ticket, post, record, sandbox, ticket, yichang_query};

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Buffer {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

// One thread: the subscriber holds for the sandbox's tasks too.
#[tokio::test(flavor = "current_thread")]
async fn refusals_are_told_and_nothing_secret_is() {
    let buffer = Buffer::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(buffer.clone())
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let sandbox = sandbox().await;
    let access = sandbox.access().clone();
    let mut push = Push::new(&sandbox, "n-1", format!("[{}]", record("1")));
    push.send().await;
    push.secret = "another".into();
    push.send().await;
    push.data = push.data.replace("\"137*****381\"", "13912345678");
    push.secret = access.jinlaiban.appsecret.expose().to_owned();
    push.send().await;
    let query = yichang_query(&sandbox, "6PQfHMIv", &NOW.to_string(), true);
    let login =
        post(&sandbox.urls().yichang, &format!("/api/syncauth/login?{query}"), FORM, "mobile=13800000001")
            .await;
    let sso_token = wire::json(&login)["data"]["ssoToken"].as_str().unwrap().to_owned();
    let ticket = ticket(&sandbox).await;
    call(&sandbox, &ticket, "{\"ID_NO\":\"411528199110024452\"}").await;
    call(&sandbox, "wrong", "{\"ID_NO\":\"411528199110024452\"}").await;
    let user = "&type=user&user_data=%7B%22USER_ID%22%3A%22u%22%2C%22ID_NO%22%3A%22411528199110024452%22%7D&mechant_id=";
    fetch_ticket(&sandbox, "wrong", user).await;
    sandbox.inject(Fault::once(Operation::Call, FaultKind::Status(502)));
    call(&sandbox, &ticket, "{}").await;
    let outcome =
        sandbox.bank().call(&sandbox.urls().webank, "T", "{\"MOBILE\":\"13912345678\"}").await.unwrap();
    assert!(!outcome.is_success());
    sandbox.shutdown().await;

    let log = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    for told in
        ["request refused", "signature does not match", "fits no ticket", "mechant_id", "fault=status=502"]
    {
        assert!(log.contains(told), "no {told} in {log}");
    }
    let secrets = [
        access.jinlaiban.appsecret.expose(),
        access.yichang.app_secret.expose(),
        access.webank.secret.expose(),
        access.webank.callback_salt.expose(),
        &ticket,
        &sso_token,
        "411528199110024452",
        "13912345678",
        "13800000001",
        "张三",
        "%E5%BC%A0%E4%B8%89",
    ];
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
