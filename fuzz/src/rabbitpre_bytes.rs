//! Rabbitpre: the strict reader against `serde_json`, and the check from bytes to decision.

use rabbitpre_auth::{
    Attributes, Check, CheckReply, CheckRequest, LineAnswer, ReadError, SaveRequest, Value, check_line, read,
};
use serde::de::IgnoredAny;

/// The document's limit, rabbitpre-auth SPEC.md §4.10.
const DEEPEST: usize = 64;

/// How many of the first `end` bytes are among these.
fn count(data: &[u8], end: usize, wanted: &[u8]) -> usize {
    data.iter().take(end).filter(|byte| wanted.contains(byte)).count()
}

/// Any bytes. What we read is JSON, and what is JSON we read, except for what is refused on purpose.
pub fn json(data: &[u8]) {
    // `serde_json` does not look at the UTF-8 of what it ignores.
    let is_json =
        std::str::from_utf8(data).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
    match read(data) {
        Ok(value) => {
            assert!(is_json);
            assert!(depth(&value) <= DEEPEST);
        }
        Err(ReadError::NotJson { at, .. }) => assert!(!is_json && at <= data.len()),
        Err(ReadError::TooLarge) => assert!(data.len() > rabbitpre_auth::MAX_BODY),
        // On the way, before the rest is looked at: there is at least what it takes.
        Err(ReadError::TooDeep { at }) => assert!(count(data, at + 1, b"[{") > DEEPEST),
        Err(ReadError::DoubledMember { at }) => assert!(count(data, at, b":") >= 2),
        Err(ReadError::LoneSurrogate { at }) => assert!(count(data, at, b"\\") >= 1),
    }
}

fn depth(value: &Value<'_>) -> usize {
    match value {
        Value::List(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => 1 + object.iter().map(|(_, value)| depth(value)).max().unwrap_or(0),
        _ => 0,
    }
}

/// Any bytes as a line of `check --batch`; as the body of a check, behind the first line break the user's attributes;
/// and as the body of a save. Whatever comes, there is a decision or a reason why there is none.
pub fn check(data: &[u8]) {
    match check_line(data) {
        Ok(answer) => {
            let json: serde_json::Value = serde_json::from_str(&answer.to_json()).expect("an answer is JSON");
            let allowed =
                json.get("allowed").and_then(serde_json::Value::as_bool).expect("an answer decides");
            match answer {
                LineAnswer::Decided(trace) => assert_eq!(trace.allowed, allowed),
                LineAnswer::Undecidable(_) => assert!(!allowed),
            }
        }
        Err(error) => assert!(error.to_json().contains("\"allowed\":false")),
    }
    if let Ok(save) = SaveRequest::parse(data) {
        let _ = (save.config_id(), save.items().len(), save.skipped());
    }

    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (body, rest) = data.split_at(end);
    let Ok(request) = CheckRequest::parse(body) else { return };
    assert!(!request.user().audid().is_empty());
    let attributes = Attributes::parse(rest).unwrap_or_default();
    let check = Check::new(&request, None);
    let decision = check.decide(&attributes);
    let trace = check.explain(&attributes);
    assert_eq!(trace.allowed, decision.is_allowed());
    // Every condition must hold; without a saved setting, a request that asks for one is denied.
    let all_held = trace.entries.iter().all(|entry| entry.held());
    assert_eq!(decision.is_allowed(), all_held && !request.check_type());
    assert_eq!(trace.entries.len(), request.conditions().len());

    let reply = CheckReply::from(&decision);
    let read = CheckReply::parse(reply.to_json().as_bytes()).expect("our own reply is understood");
    assert_eq!(read.to_json(), reply.to_json());
}
