//! What the bank makes of the partner's answer (`webank SPEC.md §5`).

use std::fmt;
use std::time::Duration;

use ::webank::callback::{CallbackCode, SignedEnvelope};
use serde_json::{Map, Value};
use sign_core::{Canonical as _, Secret, Sha256, form};
use sign_doctor::{NamedSecret, Platform};

use super::SealedCall;
use crate::doctor::Suspect;
use crate::outgoing::Answer;

/// The partner's answer, as the bank sees it. `Debug` shows no business data.
#[derive(Clone)]
#[non_exhaustive]
pub struct CallbackOutcome {
    /// The HTTP status.
    pub status: u16,
    /// From the sending of the call to the end of the answer.
    pub elapsed: Duration,
    /// `CODE` in the answer's `Plain`.
    pub code: Option<String>,
    /// `DESC` in the answer's `Plain`.
    pub desc: Option<String>,
    /// The answer's decoded `Plain`.
    pub plain: Option<String>,
    /// Everything that is wrong with the answer.
    pub violations: Vec<Violation>,
    /// Where the answer's signature is wrong: which mistake makes it, in English. [`None`] where that took too long.
    pub diagnosis: Option<String>,
}

impl CallbackOutcome {
    /// Is the answer in order, whatever it says?
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.violations.is_empty()
    }

    /// Is the answer in order, and a success (WB-3)?
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.is_valid() && self.code.clone().is_some_and(|code| CallbackCode::from(code).is_ok())
    }
}

impl fmt::Debug for CallbackOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackOutcome")
            .field("status", &self.status)
            .field("elapsed", &self.elapsed)
            .field("code", &self.code)
            .field("plain", &self.plain.as_ref().map(|plain| format!("‹{} B›", plain.len())))
            .field("violations", &self.violations)
            .field("diagnosis", &self.diagnosis)
            .finish_non_exhaustive()
    }
}

/// What is wrong with an answer: the partner's mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// webank SPEC.md §5: 200 for all of these.
    #[error("the HTTP status is {0}, not 200")]
    Status(u16),
    /// webank SPEC.md §5: 413 for more than 1 MiB.
    #[error("the HTTP status of a body of more than 1 MiB is {0}, not 413")]
    NotTooLarge(u16),
    /// webank SPEC.md §5: the answer has the same envelope.
    #[error("the answer is not a JSON object")]
    NotJson,
    /// A member of the envelope.
    #[error("the answer's `{0}` is missing or not a text")]
    Member(&'static str),
    /// webank SPEC.md §5: signed the same way, errors included.
    #[error("the answer's signature is not SHA-256 of Plain, salt and Timestamp")]
    Signature,
    /// WB-10, webank SPEC.md §5: echoed from the call.
    #[error("the answer's `{0}` is not the call's")]
    Echo(&'static str),
    /// webank SPEC.md §5: form-encoded, so that nothing stands in it which is to be escaped.
    #[error("the answer's `Plain` is not form-encoded: it holds characters that are to be escaped")]
    FormCoding,
    /// webank SPEC.md §5: form-encoded JSON object.
    #[error("the answer's `Plain` does not decode to a JSON object")]
    Plain,
    /// webank SPEC.md §5: `CODE` and `DESC` are texts.
    #[error("`{0}` in the answer's `Plain` is missing or not a text")]
    Business(&'static str),
    /// The call had a mistake in it, and the answer says something else.
    #[error("`CODE` is not `{expected}`")]
    Code {
        /// The code that belongs to the mistake.
        expected: &'static str,
    },
}

/// The outcome, and a signature to be examined.
pub(super) fn judge(answer: &Answer, call: &SealedCall, salt: &Secret) -> (CallbackOutcome, Option<Suspect>) {
    let status = answer.response.status;
    let mut outcome = CallbackOutcome {
        status,
        elapsed: answer.elapsed,
        code: None,
        desc: None,
        plain: None,
        violations: Vec::new(),
        diagnosis: None,
    };
    match call.mistake.map_or(200, super::Mistake::expected_status) {
        expected if status == expected => {}
        413 => outcome.violations.push(Violation::NotTooLarge(status)),
        _ => outcome.violations.push(Violation::Status(status)),
    }
    let mut suspect = None;
    match serde_json::from_slice::<Map<String, Value>>(&answer.response.body) {
        Ok(envelope) => suspect = read(&mut outcome, &envelope, call, salt),
        Err(_) => outcome.violations.push(Violation::NotJson),
    }
    if let Some(expected) = call.mistake.map(super::Mistake::expected_code)
        && outcome.code.as_deref() != Some(expected)
    {
        outcome.violations.push(Violation::Code { expected });
    }
    (outcome, suspect)
}

fn read(
    outcome: &mut CallbackOutcome,
    envelope: &Map<String, Value>,
    call: &SealedCall,
    salt: &Secret,
) -> Option<Suspect> {
    let violations = &mut outcome.violations;
    let mut member = |name: &'static str| {
        let value = envelope.get(name).and_then(Value::as_str);
        if value.is_none() {
            violations.push(Violation::Member(name));
        }
        value
    };
    let (plain, signature, timestamp) = (member("Plain"), member("Signature"), member("Timestamp"));
    let (trans_name, seq_no) = (member("transName"), member("SeqNo"));
    let mut suspect = None;
    if let (Some(plain), Some(signature), Some(timestamp)) = (plain, signature, timestamp) {
        let signed = SignedEnvelope { plain, salt, timestamp };
        if signed.digest::<Sha256>().verify(signature).is_err() {
            violations.push(Violation::Signature);
            let members = [
                ("Plain", Some(plain)),
                ("Timestamp", Some(timestamp)),
                ("transName", trans_name),
                ("SeqNo", seq_no),
            ];
            let members = members.into_iter().filter_map(|(name, value)| Some((name, value?)));
            let salt = NamedSecret { name: "WEBANK_CALLBACK_SALT".to_owned(), secret: salt.clone() };
            suspect = Some(Suspect::new(Platform::WebankCallback, members, vec![salt], signature));
        }
    }
    let echoes = [
        ("Timestamp", timestamp, &call.timestamp),
        ("transName", trans_name, &call.trans_name),
        ("SeqNo", seq_no, &call.seq_no),
    ];
    for (name, got, sent) in echoes {
        if got.is_some_and(|got| got != sent) {
            violations.push(Violation::Echo(name));
        }
    }
    let Some(plain) = plain else { return suspect };
    // webank SPEC.md §5: as `java.net.URLEncoder` does. Decoding forgives raw JSON, the bank's own need not. Escapes that
    // read the same (`%20`, `%7b`) are no mistake.
    if !plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*-_.+%".contains(&byte)) {
        violations.push(Violation::FormCoding);
    }
    let decoded = form::decode(plain).ok();
    let business = decoded.as_deref().and_then(|json| serde_json::from_str::<Map<String, Value>>(json).ok());
    let (Some(decoded), Some(business)) = (decoded, business) else {
        violations.push(Violation::Plain);
        return suspect;
    };
    let mut text = |name: &'static str| {
        let value = business.get(name).and_then(Value::as_str).map(str::to_owned);
        if value.is_none() {
            violations.push(Violation::Business(name));
        }
        value
    };
    (outcome.code, outcome.desc) = (text("CODE"), text("DESC"));
    outcome.plain = Some(decoded.into_owned());
    suspect
}
