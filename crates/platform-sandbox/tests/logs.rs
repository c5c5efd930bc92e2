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

/// Everything that is told on this thread from now on.
fn listen() -> (Buffer, tracing::subscriber::DefaultGuard) {
    let buffer = Buffer::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(buffer.clone())
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .finish();
    (buffer, tracing::subscriber::set_default(subscriber))
}

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// The client's side: code and serial number of each call, a refusal, a failed fetch, and nothing secret or personal.
#[tokio::test(flavor = "current_thread")]
async fn webanks_client_tells_code_and_serial_number_and_no_secret() {
    let (buffer, _guard) = listen();
    let sandbox = sandbox().await;
    let access = sandbox.access().webank.clone();
    let client = webank::Client::builder(&access.app_id, access.secret.clone())
        .business_url(&sandbox.urls().webank)
        .clock(sandbox.clock().clone())
        .build()
        .unwrap();
    let path = webank::CallPath::new("/api/s/yh/10002").unwrap();
    let body = "{\"ID_NO\":\"411528199110024452\"}";
    let serial = client
        .send(&webank::BusinessCall::new(path.clone(), body))
        .await
        .unwrap()
        .serials
        .biz_seq_no
        .unwrap();
    let first = client.credentials().await.unwrap();
    sandbox.webank().kick();
    sandbox.webank().kick();
    client.send(&webank::BusinessCall::new(path.clone(), body)).await.unwrap();
    let second = client.credentials().await.unwrap();
    let mut user = webank::UserData::default();
    (user.user_id, user.mobile) = ("u".into(), Some("13912345678".into()));
    let user_ticket = client.user_ticket(&user, "m").await.unwrap().spend();
    sandbox.inject(Fault::always(Operation::Token, FaultKind::Code("60851009".into())));
    sandbox.clock().advance(std::time::Duration::from_secs(7200));
    let error = client.send(&webank::BusinessCall::new(path.clone(), body)).await.unwrap_err();
    sandbox.shutdown().await;

    let log = buffer.text() + &format!("{error} {error:?} {client:?} {first:?} {user:?}");
    let serial = format!("serial={serial}");
    for told in
        ["code=60840000", "code=60850000", "ticket refused", "credentials not refreshed", serial.as_str()]
    {
        assert!(log.contains(told), "`{told}` is not told:\n{log}");
    }
    for hidden in [&access.secret, &first.token, &first.ticket, &second.token, &second.ticket, &user_ticket] {
        assert!(!log.contains(hidden.expose()), "{log}");
    }
    assert!(!log.contains("411528") && !log.contains("13912345678"), "{log}");
}

// One thread: the subscriber holds for the sandbox's tasks too.
#[tokio::test(flavor = "current_thread")]
async fn refusals_are_told_and_nothing_secret_is() {
    let (buffer, _guard) = listen();

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

    let log = buffer.text();
    for told in [
        "request refused",
        "signature does not match",
        "fits no ticket",
        "wrong signature examined",
        "mechant_id",
        "fault=status=502",
    ] {
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
