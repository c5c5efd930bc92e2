//! A partner with a handler that counts its runs, and the bank that calls it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use platform_http::system::{ManualClock, UnixMillis};
use platform_state::{MemoryStore, Store};
use serde_json::{Value, json};
use sign_core::{Secret, form};
use tokio::sync::Semaphore;
use webank::callback::{
    Answer, Call, CallbackService, CallbackServiceBuilder, HandlerError, Receiver, Repeats, SignedEnvelope,
};

pub(crate) const NOW: u64 = 1_519_700_632_680;
pub(crate) const NAME: &str = "TLMerchantQuery";

pub(crate) fn salt(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

/// A message of the bank's, with all that a stranger can change about it.
#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) envelope: Value,
}

impl Message {
    pub(crate) fn new(seq_no: &str, business: &str) -> Self {
        Self::sealed(seq_no, &form::encode(business), &NOW.to_string(), "new-salt")
    }

    pub(crate) fn sealed(seq_no: &str, plain: &str, timestamp: &str, salt_text: &str) -> Self {
        let signature = SignedEnvelope { plain, salt: &salt(salt_text), timestamp }.sign();
        Self {
            envelope: json!({
                "Plain": plain, "Signature": signature.as_str(), "Timestamp": timestamp,
                "transName": NAME, "SeqNo": seq_no,
            }),
        }
    }

    /// The bank's own repeat: the same SeqNo and Plain under a new Timestamp.
    pub(crate) fn stamped(&self, timestamp: u64) -> Self {
        let text = |name: &str| self.envelope[name].as_str().unwrap_or_default();
        Self::sealed(text("SeqNo"), text("Plain"), &timestamp.to_string(), "new-salt")
    }

    pub(crate) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.envelope[member] = value.into();
        self
    }

    pub(crate) fn without(mut self, member: &str) -> Self {
        self.envelope.as_object_mut().unwrap().remove(member);
        self
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        self.envelope.to_string().into_bytes()
    }
}

/// An answer, opened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Opened {
    pub(crate) status: u16,
    pub(crate) business: Value,
    pub(crate) envelope: Value,
}

impl Opened {
    /// Opens a sealed answer, and checks its signature.
    #[track_caller]
    pub(crate) fn new(status: u16, body: &[u8], salt_text: &str) -> Self {
        let envelope: Value = serde_json::from_slice(body).unwrap();
        let (plain, timestamp) =
            (envelope["Plain"].as_str().unwrap(), envelope["Timestamp"].as_str().unwrap());
        let signature = SignedEnvelope { plain, salt: &salt(salt_text), timestamp }.sign();
        assert_eq!(envelope["Signature"], signature.as_str());
        let business = serde_json::from_str(&form::decode(plain).unwrap()).unwrap();
        Self { status, business, envelope }
    }

    pub(crate) fn code(&self) -> &str {
        self.business["CODE"].as_str().unwrap()
    }

    /// The number of the run that gave this answer.
    pub(crate) fn run(&self) -> Option<u64> {
        self.business["run"].as_u64()
    }
}

/// What the handler does each time it runs.
#[derive(Clone)]
pub(crate) struct Work {
    runs: Arc<AtomicUsize>,
    done: Arc<AtomicUsize>,
    /// A run ends when it gets one of these.
    pub(crate) passes: Arc<Semaphore>,
}

impl Work {
    /// Runs end at once.
    pub(crate) fn quick() -> Self {
        Self::with_passes(Semaphore::MAX_PERMITS)
    }

    /// So many runs end, the others wait.
    pub(crate) fn with_passes(passes: usize) -> Self {
        Self { runs: Arc::default(), done: Arc::default(), passes: Arc::new(Semaphore::new(passes)) }
    }

    pub(crate) fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }

    pub(crate) fn done(&self) -> usize {
        self.done.load(Ordering::SeqCst)
    }

    /// Returns when so many runs have begun.
    pub(crate) async fn begun(&self, runs: usize) {
        while self.runs() < runs {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Counts a run, and waits for its pass.
    pub(crate) async fn begin(&self) -> usize {
        let run = self.runs.fetch_add(1, Ordering::SeqCst) + 1;
        self.passes.acquire().await.unwrap().forget();
        run
    }

    pub(crate) async fn run(self, request: Value) -> Result<Answer, HandlerError> {
        let run = self.begin().await;
        self.done.fetch_add(1, Ordering::SeqCst);
        match request["do"].as_str() {
            Some("fail") => Err(HandlerError::new("no database for 17386500821")),
            Some("panic") => panic!("as asked"),
            // A failure that heals.
            Some("fail once") if run == 1 => Err(HandlerError::new("not yet")),
            Some("panic once") if run == 1 => panic!("as asked"),
            _ => Answer::ok(json!({ "run": run, "got": request })),
        }
    }
}

/// The partner under test.
#[derive(Clone)]
pub(crate) struct Partner {
    pub(crate) service: CallbackService,
    pub(crate) work: Work,
    pub(crate) clock: Arc<ManualClock>,
}

impl Partner {
    pub(crate) fn new() -> Self {
        Self::on(Arc::new(MemoryStore::new()), Work::quick())
    }

    pub(crate) fn on(store: Arc<dyn Store>, work: Work) -> Self {
        Self::built(Repeats::new(store), work, |builder| builder)
    }

    pub(crate) fn built(
        repeats: Repeats,
        work: Work,
        further: impl FnOnce(CallbackServiceBuilder) -> CallbackServiceBuilder,
    ) -> Self {
        let clock = Arc::new(ManualClock::new(UnixMillis::new(NOW)));
        let receiver = Receiver::new(salt("new-salt")).also(salt("old-salt"));
        let doing = work.clone();
        let builder = CallbackService::builder(receiver)
            .on(NAME, move |request: Value, _: Arc<Call>| doing.clone().run(request))
            .on("Other", async |_: Value, _: Arc<Call>| Answer::ok(json!({ "other": true })))
            .repeats(repeats)
            .clock(Arc::clone(&clock))
            // Machines that test are slow at times.
            .deadline(Duration::from_secs(60));
        Self { service: further(builder).build().unwrap(), work, clock }
    }

    pub(crate) async fn send(&self, message: &Message) -> Opened {
        self.send_salted(message, "new-salt").await
    }

    pub(crate) async fn send_salted(&self, message: &Message, salt_text: &str) -> Opened {
        let sealed = self.service.answer(&message.body()).await;
        Opened::new(sealed.status, &sealed.body, salt_text)
    }
}
