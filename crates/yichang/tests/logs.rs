//! What `tracing` gets to hear of: everything that helps, no secret and nothing personal.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod platform;

use std::io;
use std::sync::{Arc, Mutex};

use platform::{Platform, answer};
use tracing_subscriber::fmt::MakeWriter;
use yichang::{Client, DigestKind, Mobile, Secret};

const SECRET: &str = "8e85e612698296b4c522bfa7eb0b82a8";
const NUMBER: &str = "17386500821";
const LOGIN: &str = r#"{"code":1,"data":{"jumpUrl":"http://a.cn/?x=t0k3n","ssoToken":"t0k3n"}}"#;
const TODO: &str = r#"{"code":1,"data":{"items":[{"creatorName":"白骥"}]}}"#;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Hears everything that is said on this thread from now on.
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_writer(self.clone());
        tracing::subscriber::set_default(subscriber.finish())
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

async fn use_everything(client: &Client) {
    let mobile = Mobile::parse(NUMBER).unwrap();
    client.login(&mobile, Some("http://b.cn/?who=白骥")).await.unwrap();
    client.clone().todo(&mobile).await.unwrap();
    client.login(&mobile, None).await.unwrap_err();
}

#[tokio::test]
async fn plain_http_is_warned_of_once_and_nothing_personal_is_told() {
    let log = Log::default();
    let _listening = log.listen();
    let cut = Vec::new();
    let platform = Platform::start(vec![
        answer(200, r#"{"code":0,"msg":"签名错误!"}"#),
        answer(200, LOGIN),
        answer(200, TODO),
        cut,
    ])
    .await;
    let secret = Secret::new(SECRET).unwrap();
    let client = Client::builder("RSJ00001", secret).url(&platform.base.to_string()).build().unwrap();
    use_everything(&client).await;

    let text = log.text();
    assert_eq!(text.matches("plain http").count(), 1, "{text}");
    assert_eq!(client.detected(), Some(DigestKind::Md5));
    for told in ["refused=SHA-1 trying=MD5", "operation=\"login\"", "operation=\"todo\"", "call failed"] {
        assert!(text.contains(told), "`{told}` in {text}");
    }
    for hidden in [SECRET, NUMBER, "t0k3n", "白骥", "signature=", "nonceStr"] {
        assert!(!text.contains(hidden), "`{hidden}` in {text}");
    }
}

#[tokio::test]
async fn https_is_no_reason_to_warn() {
    let log = Log::default();
    let _listening = log.listen();
    let base = platform::nobody().await.to_string().replace("http://", "https://");
    let secret = Secret::new(SECRET).unwrap();
    let client = Client::builder("RSJ00001", secret).url(&base).build().unwrap();
    client.todo(&Mobile::parse(NUMBER).unwrap()).await.unwrap_err();
    let text = log.text();
    assert!(text.contains("call failed") && !text.contains("plain http"), "{text}");
}
