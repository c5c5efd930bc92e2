//! Signatures agree, stage by stage, with what Java computes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

use serde::Deserialize;
use sign_core::{Canonical as _, Secret, Sha1, Sha256};
use sign_vectors::{Expected, Scheme, Vector, report_first_difference};
use webank::{SignedValues, ValueList, callback::SignedEnvelope, sign};

#[derive(Deserialize)]
struct CallInput {
    values: Vec<Option<String>>,
    ticket: Option<String>,
}

#[derive(Deserialize)]
struct CallbackInput {
    plain: String,
    salt: String,
    timestamp: String,
}

fn signed(scheme: Scheme) -> impl Iterator<Item = Vector> {
    sign_vectors::of(scheme)
        .into_iter()
        .filter(|vector| matches!(vector.expected, Expected::Signature { .. }))
}

#[track_caller]
fn check(vector: &Vector, text: &str, digest: &[u8], signature: &str) {
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(report_first_difference(vector, text, &hex, signature), None);
}

#[test]
fn calls() {
    let mut count = 0;
    for vector in signed(Scheme::Webank) {
        let input: CallInput = serde_json::from_value(vector.input.clone()).unwrap();
        let ticket = Secret::new(input.ticket.unwrap()).unwrap();
        let list = ValueList::new(input.values.iter().map(Option::as_deref), &ticket);
        let (text, digest) = (list.signing_text().expose(), list.digest::<Sha1>());
        check(&vector, &text, digest.as_bytes(), list.sign().as_str());

        // The same through the call's own path, where the values are a call's.
        if let [Some(app_id), Some(version), Some(nonce), kind, Some(body)] = input.values.as_slice() {
            let values = SignedValues { app_id, version, nonce, kind: kind.as_deref(), body: Some(body) };
            assert_eq!(sign(values, &ticket).as_str(), list.sign().as_str(), "{}", vector.id);
        }
        count += 1;
    }
    assert!(count >= 100, "{count} vectors");
}

#[test]
fn callbacks() {
    let mut count = 0;
    for vector in signed(Scheme::WebankCallback) {
        let input: CallbackInput = serde_json::from_value(vector.input.clone()).unwrap();
        let salt = Secret::new(input.salt).unwrap();
        let envelope = SignedEnvelope { plain: &input.plain, salt: &salt, timestamp: &input.timestamp };
        let (text, digest) = (envelope.signing_text().expose(), envelope.digest::<Sha256>());
        check(&vector, &text, digest.as_bytes(), envelope.sign().as_str());
        count += 1;
    }
    assert!(count >= 100, "{count} vectors");
}

#[test]
fn java_removes_nulls_and_keeps_empty_strings() {
    let mut count = 0;
    for case in sign_vectors::java_semantics() {
        let Ok(CallInput { values, ticket: Some(ticket) }) = CallInput::deserialize(&case.input) else {
            continue;
        };
        let ticket = Secret::new(ticket).unwrap();
        let list = ValueList::new(values.iter().map(Option::as_deref), &ticket);
        assert_eq!(case.expected.as_str(), Some(list.sign().as_str()), "{}", case.case);
        count += 1;
    }
    assert!(count >= 4, "{count} cases");
}
