//! WeBank: the callback's envelope, and the decoders of what the platform answers.

use serde_json::Value;
use sign_core::{Secret, UnixMillis, form};
use webank::callback::{Received, Receiver, RefusalReason, SignedEnvelope};
use webank::{Code, ReplyError};

use crate::flipped;

const NOW: UnixMillis = UnixMillis::new(1_519_700_632_680);

fn salt(text: &str) -> Secret {
    Secret::new(text).expect("a salt that is not empty")
}

/// Any bytes are answered with a signed envelope; behind the first two bytes they are also the business JSON of a call
/// that we seal, and of which a bit is flipped.
pub fn callback(data: &[u8]) {
    let receiver = Receiver::new(salt("new")).also(salt("old"));
    match receiver.receive(data, NOW) {
        Received::Refused(refused) => {
            let code = refused.reason.code();
            let answer = refused.into_body();
            let opened = open(&answer);
            assert_eq!(member(&opened, "CODE"), code.as_str());
            // Whatever a stranger makes us sign does not pass for the bank's.
            assert!(matches!(receiver.receive(&answer, NOW), Received::Refused(_)));
        }
        // Nobody finds a SHA-256 by chance: a seed that is signed, or one that was.
        Received::Call(call) => {
            open(&call.answer("{}"));
            open(&call.unknown_trans_name());
            open(&call.handler_failed());
        }
    }
    let json = String::from_utf8_lossy(data.get(2..).unwrap_or_default());
    sealed(&receiver, &json, data);
}

fn sealed(receiver: &Receiver, json: &str, control: &[u8]) {
    let body = receiver.seal_call(json, "Query", "1", NOW);
    let is_object = serde_json::from_str::<&serde_json::value::RawValue>(json)
        .is_ok_and(|raw| raw.get().starts_with('{'));
    match receiver.receive(&body, NOW) {
        Received::Call(call) => {
            assert!(is_object, "{json}");
            assert_eq!((call.plain(), call.trans_name(), call.seq_no()), (json, "Query", "1"));
        }
        Received::Refused(refused) => {
            let own = is_object && refused.reason == RefusalReason::OwnAnswer;
            assert!(own || (!is_object && refused.reason == RefusalReason::Plain), "{json}");
        }
    }
    // What is signed cannot be changed: the members are put together again with one bit flipped in one of them.
    let envelope: Value = serde_json::from_slice(&body).expect("an envelope is JSON");
    for name in ["Plain", "Timestamp", "Signature"] {
        let text = member(&envelope, name);
        let Some(Ok(other)) = flipped(text.as_bytes(), control).map(String::from_utf8) else { continue };
        if name == "Signature" && other.eq_ignore_ascii_case(text) {
            continue;
        }
        let mut changed = envelope.clone();
        changed[name] = Value::from(other);
        match receiver.receive(changed.to_string().as_bytes(), NOW) {
            Received::Call(_) => panic!("accepted with another {name}"),
            Received::Refused(refused) => {
                assert_eq!(refused.reason, RefusalReason::Signature, "{name}");
                assert_eq!(member(&open(&refused.into_body()), "CODE"), "0010");
            }
        }
    }
}

/// An answer's business JSON; its signature must fit one of the salts.
fn open(answer: &[u8]) -> Value {
    let envelope: Value = serde_json::from_slice(answer).expect("an answer is JSON");
    let (plain, timestamp) = (member(&envelope, "Plain"), member(&envelope, "Timestamp"));
    let signature = member(&envelope, "Signature");
    let fits = ["new", "old"]
        .iter()
        .any(|text| SignedEnvelope { plain, salt: &salt(text), timestamp }.sign().as_str() == signature);
    assert!(fits, "the answer's signature fits no salt");
    let json = form::decode(plain).expect("an answer's Plain decodes");
    serde_json::from_str(&json).expect("an answer's Plain is JSON")
}

fn member<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("no text `{name}`"))
}

/// Any bytes as each kind of reply. Success is exactly the documented code; errors can be shown.
pub fn replies(data: &[u8]) {
    // What the reader has no use for, it does not decode: there may be bytes that are no text.
    let reply: Option<Value> = serde_json::from_str(&String::from_utf8_lossy(data)).ok();
    let succeeded = |code: &Code| {
        let found = match reply.as_ref().and_then(|reply| reply.get("code")) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => return,
        };
        assert_eq!(found, code.as_str());
    };
    if understood(webank::read_token(data)).is_some() {
        succeeded(&Code::CREDENTIALS_OK);
    }
    if let Some(tickets) = understood(webank::read_tickets(data, webank::DEFAULT_LIFETIME)) {
        succeeded(&Code::CREDENTIALS_OK);
        assert!(tickets.iter().all(|ticket| !ticket.value.expose().is_empty()));
    }
    if let Some(reply) = understood(webank::read_reply(data)) {
        succeeded(&Code::OK);
        assert_eq!(reply.json_data.raw().is_some(), reply.json_data.text().is_some());
        let _ = (reply.json_data.outcome(), reply.json_data.parse::<Value>(), format!("{reply:?}"));
    }
    if let Some((files, serials)) = understood(webank::read_upload(data)) {
        succeeded(&Code::OK);
        assert!(!files.is_empty());
        let _ = (format!("{files:?}"), serials.to_string());
    }
    if understood(webank::read_notice(data)).is_some() {
        succeeded(&Code::OK);
    }
}

fn understood<T>(read: Result<T, ReplyError>) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            if let ReplyError::Refused(refusal) = &error {
                assert!(!refusal.code.advice().is_empty());
            }
            None
        }
    }
}
