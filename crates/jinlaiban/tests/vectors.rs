//! Every golden vector, stage by stage: text to sign, digest, signature, request.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::collections::BTreeMap;

use jinlaiban::{Canonical, ParamError, PushParams, ReceivedPush, Secret, SigningInput};
use serde_json::value::RawValue;
use sign_core::{Case, Md5};
use sign_vectors::{ErrorKind, Expected, Scheme, Vector, report_first_difference};

/// The input as `duijie sign --batch` takes it. Numbers stay as they are written.
#[derive(serde::Deserialize)]
struct Input {
    params: BTreeMap<String, Box<RawValue>>,
    secret: Option<String>,
}

fn value(raw: &RawValue) -> Result<Option<String>, ErrorKind> {
    let json = raw.get();
    match json.as_bytes()[0] {
        b'"' => Ok(Some(serde_json::from_str(json).unwrap())),
        b'n' => Ok(None),
        _ if json.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit()) => Ok(Some(json.to_owned())),
        _ => Err(ErrorKind::UnsupportedValue),
    }
}

struct Signed {
    text: String,
    digest: String,
    signature: String,
}

fn signed(input: &SigningInput<'_>) -> Signed {
    assert_eq!(input.verify(input.sign().as_str()), Ok(()));
    Signed {
        text: input.signing_text().expose().as_str().to_owned(),
        digest: input.digest::<Md5>().signature(Case::Lower).to_string(),
        signature: input.sign().to_string(),
    }
}

fn sign(vector: &Vector) -> Result<Signed, ErrorKind> {
    let input: Input = serde_json::from_str(&vector.input_line).unwrap();
    let secret = Secret::new(input.secret.unwrap_or_default()).map_err(|_| ErrorKind::EmptySecret)?;
    let mut values = Vec::new();
    for (name, raw) in &input.params {
        values.push((name.as_str(), value(raw)?));
    }
    let params = values.iter().map(|(name, value)| (*name, value.as_deref()));
    let general = SigningInput::from_params(params.clone(), &secret).map_err(|error| match error {
        ParamError::Empty { .. } => ErrorKind::EmptyParameter,
        other => panic!("{}: {other}", vector.id),
    })?;
    // The way without sorting must agree wherever it applies.
    let names: Vec<_> = general.pairs().iter().map(|pair| pair.name).collect();
    if names == ["appcode", "modulecode", "nonce", "timestamp"] {
        let pairs = general.pairs();
        let params = PushParams {
            appcode: pairs[0].value,
            modulecode: pairs[1].value,
            nonce: pairs[2].value,
            timestamp: pairs[3].value,
        };
        let hot = signed(&SigningInput::push(&params, &secret).unwrap());
        assert_eq!(hot.text, signed(&general).text, "{}", vector.id);
    }
    Ok(signed(&general))
}

#[test]
fn every_vector_at_every_stage() {
    let vectors = sign_vectors::of(Scheme::Jinlaiban);
    assert!(vectors.len() > 100, "only {} vectors", vectors.len());
    for vector in &vectors {
        match (sign(vector), &vector.expected) {
            (Ok(got), _) => {
                let wrong = report_first_difference(vector, &got.text, &got.digest, &got.signature);
                assert_eq!(wrong, None);
            }
            (Err(got), Expected::Error { kind }) => assert_eq!(got, *kind, "{}", vector.id),
            (Err(got), Expected::Signature { .. }) => panic!("{}: refused: {got}", vector.id),
        }
    }
}

#[test]
fn every_request_is_read_and_its_signature_holds() {
    let mut seen = 0;
    for vector in sign_vectors::of(Scheme::Jinlaiban) {
        let Some(request) = &vector.request else { continue };
        let received = ReceivedPush::parse(request.as_bytes()).unwrap();
        let input: Input = serde_json::from_str(&vector.input_line).unwrap();
        let secret = Secret::new(input.secret.unwrap()).unwrap();
        let names = ["appcode", "modulecode", "timestamp", "nonce"];
        let params = names.map(|name| (name, received.get(name)));
        let signing = SigningInput::from_params(params, &secret).unwrap();
        assert_eq!(signing.verify(received.get("sign").unwrap()), Ok(()), "{}", vector.id);
        seen += 1;
    }
    assert!(seen > 0, "no vector has a request");
}
