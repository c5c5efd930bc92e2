//! WeBank as caller: the bank calls the partner back and checks the signed answer (`webank SPEC.md §5`).

mod mistake;
mod outcome;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ::webank::callback::SignedEnvelope;
use platform_http::system::Clock;
use platform_http::{Client, Method};
use serde::Serialize;
use sign_core::{Canonical as _, Case, Secret, Sha256, UnixMillis, form};

pub use self::mistake::Mistake;
use self::outcome::judge;
pub use self::outcome::{CallbackOutcome, Violation};
use crate::DoctorOptions;
use crate::dice::Dice;
use crate::doctor::Doctor;
use crate::outgoing::{CallError, Outbound, Outgoing};

/// The bank as the partner meets it: it seals calls, sends them to any URL, and judges the answers.
///
/// ```no_run
/// # async fn example(sandbox: &platform_sandbox::Sandbox) -> Result<(), Box<dyn std::error::Error>> {
/// use platform_sandbox::Mistake;
/// let bank = sandbox.bank();
/// let url = "http://127.0.0.1:8080/callback";
/// let outcome = bank.call(url, "TLMerchantQuery", r#"{"req_nbr":"tbt001"}"#).await?;
/// assert!(outcome.is_success(), "{:?}", outcome.violations);
///
/// let tampered = bank.seal_with(Mistake::TamperedPlain, "TLMerchantQuery", r#"{"req_nbr":"tbt001"}"#);
/// let outcome = bank.send(url, &tampered).await?;
/// assert_eq!(outcome.code.as_deref(), Some("0010"));
/// # Ok(())
/// # }
/// ```
pub struct Bank {
    salt: Secret,
    clock: Arc<dyn Clock>,
    dice: Dice,
    deadline: Duration,
    outgoing: Outgoing,
    doctor: Doctor,
}

/// A call that is ready to be sent, as often as you like. `Debug` shows neither `Plain` nor the signature.
#[derive(Clone)]
pub struct SealedCall {
    pub(super) plain: String,
    pub(super) timestamp: String,
    pub(super) trans_name: String,
    pub(super) seq_no: String,
    body: Vec<u8>,
    mistake: Option<Mistake>,
}

impl SealedCall {
    /// The body as it travels.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// `SeqNo`.
    #[must_use]
    pub fn seq_no(&self) -> &str {
        &self.seq_no
    }

    /// The mistake that was built in.
    #[must_use]
    pub fn mistake(&self) -> Option<Mistake> {
        self.mistake
    }
}

impl fmt::Debug for SealedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedCall")
            .field("trans_name", &self.trans_name)
            .field("seq_no", &self.seq_no)
            .field("timestamp", &self.timestamp)
            .field("body", &format_args!("‹{} B›", self.body.len()))
            .field("mistake", &self.mistake)
            .finish_non_exhaustive()
    }
}

/// The five members; absent ones are left out.
#[derive(Serialize, Clone, Copy)]
struct Envelope<'a> {
    #[serde(rename = "Plain", skip_serializing_if = "Option::is_none")]
    plain: Option<&'a str>,
    #[serde(rename = "Signature", skip_serializing_if = "Option::is_none")]
    signature: Option<&'a str>,
    #[serde(rename = "Timestamp", skip_serializing_if = "Option::is_none")]
    timestamp: Option<&'a str>,
    #[serde(rename = "transName", skip_serializing_if = "Option::is_none")]
    trans_name: Option<&'a str>,
    #[serde(rename = "SeqNo", skip_serializing_if = "Option::is_none")]
    seq_no: Option<&'a str>,
}

impl Envelope<'_> {
    fn to_json(self) -> Vec<u8> {
        serde_json::to_vec(&self).expect("texts under fixed names can be written")
    }
}

impl Bank {
    /// A bank that shares `salt` with the partner and lives by `clock`. Serial numbers follow from `seed`, and from
    /// the time.
    #[must_use]
    pub fn new(salt: Secret, clock: impl Clock + 'static, seed: u64) -> Self {
        Self {
            salt,
            clock: Arc::new(clock),
            dice: Dice::new(seed, "bank"),
            deadline: Duration::from_secs(10),
            outgoing: Outgoing::default(),
            doctor: Doctor::new(DoctorOptions::default()),
        }
    }

    /// How long the bank waits for an answer. Default: 10 s.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Calls the host of `url` through a client of your own: with a proxy, or an authority that is not the system's.
    /// `connect` is given scheme, host and port.
    ///
    /// # Errors
    /// What `connect` says.
    pub fn connect<E>(self, url: &str, connect: impl FnOnce(&str) -> Result<Client, E>) -> Result<Self, E> {
        self.outgoing.connect(url, connect)?;
        Ok(self)
    }

    /// Seals a call: form-encodes the business JSON and signs it for now.
    #[must_use]
    pub fn seal(&self, trans_name: &str, business_json: &str) -> SealedCall {
        let timestamp = self.clock.now().to_string();
        let seq_no = format!("{timestamp}{}", self.dice.digits(6));
        self.sealed(form::encode(business_json), timestamp, trans_name, seq_no)
    }

    /// Seals a call under a `SeqNo` of your choice.
    #[must_use]
    pub fn seal_under(&self, seq_no: &str, trans_name: &str, business_json: &str) -> SealedCall {
        let timestamp = self.clock.now().to_string();
        self.sealed(form::encode(business_json), timestamp, trans_name, seq_no.to_owned())
    }

    /// The same message under another `transName` and `SeqNo`, which are not signed: what a stranger can do who has seen
    /// it.
    #[must_use]
    pub fn replay(&self, call: &SealedCall, trans_name: &str, seq_no: &str) -> SealedCall {
        self.sealed(call.plain.clone(), call.timestamp.clone(), trans_name, seq_no.to_owned())
    }

    /// Seals the same business again, under the same `SeqNo` and a new time stamp: a repeat. Within the same millisecond
    /// the stamp is the next one.
    #[must_use]
    pub fn seal_again(&self, call: &SealedCall) -> SealedCall {
        let now = self.clock.now();
        let stamp = match UnixMillis::parse(&call.timestamp) {
            Ok(first) if first == now => now.saturating_add(Duration::from_millis(1)),
            _ => now,
        };
        self.sealed(call.plain.clone(), stamp.to_string(), &call.trans_name, call.seq_no.clone())
    }

    /// The same call with its signature in upper case, which is as good (WB-11).
    #[must_use]
    pub fn upper_case(&self, call: &SealedCall) -> SealedCall {
        let signed = SignedEnvelope { plain: &call.plain, salt: &self.salt, timestamp: &call.timestamp };
        let signature = signed.digest::<Sha256>().signature(Case::Upper);
        let envelope = Envelope {
            plain: Some(&call.plain),
            signature: Some(signature.as_str()),
            timestamp: Some(&call.timestamp),
            trans_name: Some(&call.trans_name),
            seq_no: Some(&call.seq_no),
        };
        SealedCall { body: envelope.to_json(), mistake: None, ..call.clone() }
    }

    /// Seals a call with a mistake in it.
    #[must_use]
    pub fn seal_with(&self, mistake: Mistake, trans_name: &str, business_json: &str) -> SealedCall {
        let call = self.seal(trans_name, business_json);
        let made = mistake.build_in(self, call);
        SealedCall { mistake: Some(mistake), ..made }
    }

    fn sealed(&self, plain: String, timestamp: String, trans_name: &str, seq_no: String) -> SealedCall {
        let signature = SignedEnvelope { plain: &plain, salt: &self.salt, timestamp: &timestamp }.sign();
        let envelope = Envelope {
            plain: Some(&plain),
            signature: Some(signature.as_str()),
            timestamp: Some(&timestamp),
            trans_name: Some(trans_name),
            seq_no: Some(&seq_no),
        };
        let body = envelope.to_json();
        SealedCall { plain, timestamp, trans_name: trans_name.to_owned(), seq_no, body, mistake: None }
    }

    /// Seals and sends a call.
    ///
    /// # Errors
    /// [`CallError`]: `url` is no address, or no whole answer came in time. Any answer is an outcome.
    pub async fn call(
        &self,
        url: &str,
        trans_name: &str,
        business_json: &str,
    ) -> Result<CallbackOutcome, CallError> {
        self.send(url, &self.seal(trans_name, business_json)).await
    }

    /// Sends a sealed call.
    ///
    /// # Errors
    /// [`CallError`]: `url` is no address, or no whole answer came in time. Any answer is an outcome.
    pub async fn send(&self, url: &str, call: &SealedCall) -> Result<CallbackOutcome, CallError> {
        let outbound = Outbound {
            platform: "webank",
            operation: "callback",
            method: Method::POST,
            url,
            body: Some(call.body.clone().into()),
            header: None,
            deadline: self.deadline,
        };
        let answer = self.outgoing.send(outbound).await?;
        let (mut outcome, suspect) = judge(&answer, call, &self.salt);
        if let Some(suspect) = suspect {
            outcome.diagnosis = self.doctor.examine(suspect).await;
            let diagnosis = outcome.diagnosis.as_deref();
            tracing::info!(
                platform = "webank",
                operation = "callback",
                diagnosis,
                "wrong signature examined"
            );
        }
        Ok(outcome)
    }
}

impl fmt::Debug for Bank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bank").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}
