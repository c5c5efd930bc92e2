//! Each recipe agrees with its crate's own way, on every vector, and refuses what it refuses.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod given;

use given::Given;
use jinlaiban::Canonical as _;
use sign_doctor::{Case, Platform, Refusal};
use sign_vectors::{ErrorKind, Expected, report_first_difference};

/// What the platform's own crate signs: text and signature.
fn hot_path(given: &Given) -> (String, String) {
    let secret = &given.secrets[0].secret;
    let params = given.request.parameters().iter().map(|it| (it.name.as_str(), it.value.text()));
    let text = |input: &dyn Fn() -> sign_core::SigningText| input().expose().as_str().to_owned();
    match given.platform {
        Platform::Jinlaiban => {
            let input = jinlaiban::SigningInput::from_params(params, secret).unwrap();
            (text(&|| input.signing_text()), input.sign().to_string())
        }
        Platform::YichangSha1 | Platform::YichangMd5 => {
            let params = yichang::Params::from_params(params).unwrap();
            let input = yichang::SigningInput::new(params, secret).unwrap();
            let sha1 = given.platform == Platform::YichangSha1;
            let kind = if sha1 { yichang::DigestKind::Sha1 } else { yichang::DigestKind::Md5 };
            (text(&|| input.signing_text()), input.sign(kind).to_string())
        }
        Platform::Webank => {
            let list = webank::ValueList::new(params.map(|(_, value)| value), secret);
            (text(&|| list.signing_text()), list.sign().to_string())
        }
        Platform::WebankCallback => {
            let [plain, timestamp] =
                ["Plain", "Timestamp"].map(|name| given.request.get(name).unwrap().text());
            let (plain, timestamp) = (plain.unwrap(), timestamp.unwrap_or(""));
            let envelope = webank::callback::SignedEnvelope { plain, salt: secret, timestamp };
            (text(&|| envelope.signing_text()), envelope.sign().to_string())
        }
    }
}

#[test]
fn every_vector_at_every_stage() {
    let (mut signed, mut refused) = (0, 0);
    for vector in sign_vectors::all() {
        let given = Given::new(vector);
        let id = &given.vector.id;
        let case =
            Case::new(&given.recipe, &given.request, &given.secrets).map(|case| case.of(given.platform));
        match (case.and_then(|case| Ok((case, case.sign()?))), &given.vector.expected) {
            (Ok((case, signature)), Expected::Signature { .. }) => {
                let text = case.signing_text(&[]).expose();
                let lower = signature.to_lowercase();
                assert_eq!(report_first_difference(&given.vector, &text, &lower, &signature), None);
                assert_eq!(hot_path(&given), (text.as_str().to_owned(), signature), "{id}");
                signed += 1;
            }
            (Err(refusal), Expected::Error { kind }) => {
                let named = match refusal {
                    Refusal::NoSecret => ErrorKind::EmptySecret,
                    Refusal::Missing { .. } => ErrorKind::MissingParameter,
                    // A callback's `Plain` may be empty, but not null.
                    Refusal::Empty { .. } if given.platform == Platform::WebankCallback => {
                        ErrorKind::UnsupportedValue
                    }
                    Refusal::Empty { .. } => ErrorKind::EmptyParameter,
                    Refusal::Unsupported { .. } => ErrorKind::UnsupportedValue,
                    other => panic!("{id}: {other}"),
                };
                assert_eq!(named, *kind, "{id}");
                refused += 1;
            }
            (got, expected) => panic!("{id}: {got:?}, {expected:?}"),
        }
    }
    assert_eq!((signed, refused), (832, 83));
}
