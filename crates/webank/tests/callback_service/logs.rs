//! Nothing of a message, of an answer or of the salts is in the log, at any level.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::partner::{Message, NOW, Partner};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
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

#[test]
fn the_log_says_why_and_nothing_about_people() {
    // While there is only one subscriber, `tracing` asks the thread that first comes upon an event whether anybody
    // wants it, and a test beside this one, which listens to nothing, would say no for all.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let log = Log::default();
    let layer = tracing_subscriber::fmt::layer().with_writer(log.clone()).with_ansi(false);
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let partner = Partner::new();
            let good = Message::new("1", r#"{"NAME":"张三","ID_NO":"42050019900101123X"}"#);
            let fail = Message::new("2", r#"{"do":"fail","NAME":"张三"}"#);
            for message in [
                good.clone(),
                good.clone(),
                fail,
                good.clone().with("transName", "Nobody\n17386500821"),
                good.clone().stamped(NOW - 999_999),
                good.clone().with("Signature", "x"),
                good.without("Plain"),
            ] {
                partner.send(&message).await;
            }
        });
    });
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for said in
        ["answered", "repeat=true", "the handler failed", "no database for ***", "Nobody", "0012", "0010"]
    {
        assert!(log.contains(said), "{said}:\n{log}");
    }
    for unsaid in ["张三", "42050019900101123X", "17386500821", "new-salt", "old-salt", "%22", "Nobody\n"] {
        assert!(!log.contains(unsaid), "{unsaid}:\n{log}");
    }
}
