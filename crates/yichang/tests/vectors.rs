//! Every golden vector, stage by stage: text to sign, digest, signature, request.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use sign_core::{Case, Md5, Sha1};
use sign_vectors::{ErrorKind, Expected, Scheme, Vector, report_first_difference};
use yichang::{Canonical, DigestKind, ParamError, Params, ReceivedParams, Secret, SigningInput};

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

fn sign(vector: &Vector, kind: DigestKind) -> Result<Signed, ErrorKind> {
    let input: Input = serde_json::from_str(&vector.input_line).unwrap();
    let secret = Secret::new(input.secret.unwrap_or_default()).map_err(|_| ErrorKind::EmptySecret)?;
    let mut values = Vec::new();
    for (name, raw) in &input.params {
        // Parameters that take no part may be of any kind.
        let used = ["appId", "deviceId", "deviceType", "nonceStr", "timeStamp"].contains(&name.as_str());
        if used {
            values.push((name.as_str(), value(raw)?));
        }
    }
    let params = values.iter().map(|(name, value)| (*name, value.as_deref()));
    let params = Params::from_params(params).map_err(|error| match error {
        ParamError::Missing { .. } => ErrorKind::MissingParameter,
        ParamError::Empty { .. } => ErrorKind::EmptyParameter,
        other => panic!("{}: {other}", vector.id),
    })?;
    let input = SigningInput::new(params, &secret).unwrap();
    let digest = match kind {
        DigestKind::Sha1 => input.digest::<Sha1>(),
        DigestKind::Md5 => input.digest::<Md5>(),
    };
    let signature = input.sign(kind);
    assert_eq!(input.verify(kind, signature.as_str()), Ok(()));
    Ok(Signed {
        text: input.signing_text().expose().as_str().to_owned(),
        digest: digest.signature(Case::Lower).to_string(),
        signature: signature.to_string(),
    })
}

fn check(scheme: Scheme, kind: DigestKind) {
    let vectors = sign_vectors::of(scheme);
    assert!(vectors.len() > 100, "only {} vectors", vectors.len());
    for vector in &vectors {
        match (sign(vector, kind), &vector.expected) {
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
fn every_sha1_vector_at_every_stage() {
    check(Scheme::YichangSha1, DigestKind::Sha1);
}

#[test]
fn every_md5_vector_at_every_stage() {
    check(Scheme::YichangMd5, DigestKind::Md5);
}

#[test]
fn every_request_is_read_and_its_signature_holds() {
    for (scheme, kind) in [(Scheme::YichangSha1, DigestKind::Sha1), (Scheme::YichangMd5, DigestKind::Md5)] {
        let mut seen = 0;
        for vector in sign_vectors::of(scheme) {
            let Some(request) = &vector.request else { continue };
            let received = ReceivedParams::parse(request).unwrap();
            let input: Input = serde_json::from_str(&vector.input_line).unwrap();
            let secret = Secret::new(input.secret.unwrap()).unwrap();
            let names = ["appId", "deviceId", "deviceType", "nonceStr", "timeStamp"];
            let params = Params::from_params(names.map(|name| (name, received.get(name)))).unwrap();
            let signing = SigningInput::new(params, &secret).unwrap();
            let signature = received.get("signature").unwrap();
            assert_eq!(signing.verify(kind, signature), Ok(()), "{}", vector.id);
            seen += 1;
        }
        assert!(seen > 0, "no vector has a request");
    }
}
