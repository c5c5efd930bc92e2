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

use jinlaiban::{Client, CreateDate, Credentials, Record, Secret};
use platform::{Platform, answer};
use tracing_subscriber::fmt::MakeWriter;

const SECRET: &str = "58b31d465652be856d7ed80977aa4ce4";

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

#[tokio::test]
async fn nothing_personal_is_told() {
    let log = Log::default();
    let _listening = log.listen();
    let cut = Vec::new();
    let platform = Platform::start(vec![
        answer(200, r#"{"status":"300","msg":"用户13700000381异常"}"#),
        answer(200, r#"{"state":200}"#),
        answer(200, "<html>"),
        cut,
    ])
    .await;
    let date = CreateDate::parse("2021-03-17 18:57:03").unwrap();
    let record = |id: usize| {
        let record = Record::new(format!("id-{id}"), "8a8180ac", "查询", date).unwrap();
        record.with_user_name("张三").with_user_phone("13700000381")
    };
    let credentials = Credentials::new("app", "m1", Secret::new(SECRET).unwrap()).unwrap();
    let client = Client::builder(credentials).url(&platform.base.to_string()).build().unwrap();
    let report = client.push_all((0..6001).map(record)).await;
    assert_eq!((report.accepted(), report.failures().count()), (2000, 3));

    let text = log.text();
    for told in [
        "operation=\"push\"",
        "code=300",
        "code=200",
        "batch accepted first=2000 records=2000",
        "message `用户***异常`",
        "call failed",
    ] {
        assert!(text.contains(told), "`{told}` in {text}");
    }
    assert_eq!(text.matches("batch not accepted").count(), 3);
    let shown = format!("{text}{report:?}");
    for hidden in [SECRET, "张三", "13700000381", "8a8180ac", "查询", "sign="] {
        assert!(!shown.contains(hidden), "`{hidden}` in {shown}");
    }
}
