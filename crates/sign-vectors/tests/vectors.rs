//! What must hold for the committed vectors, whoever made them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::collections::HashSet;

use serde_json::Value;
use sign_vectors::{ErrorKind, Expected, Scheme, Vector, all, java_semantics, of, php_semantics};

fn signed(vector: &Vector) -> Option<(&str, &str, &str)> {
    match &vector.expected {
        Expected::Signature { text, digest, signature } => Some((text, digest, signature)),
        Expected::Error { .. } => None,
    }
}

#[test]
fn ids_are_unique_and_name_their_scheme() {
    let mut seen = HashSet::new();
    for vector in all() {
        assert!(vector.id.starts_with(vector.scheme.name()), "{}", vector.id);
        assert_eq!(vector.input["scheme"], vector.scheme.name(), "{}", vector.id);
        assert!(!vector.origin.is_empty() && !vector.note.is_empty(), "{}", vector.id);
        assert!(seen.insert(vector.id.clone()), "twice: {}", vector.id);
    }
    for cases in [java_semantics(), php_semantics()] {
        let mut seen = HashSet::new();
        cases.iter().for_each(|case| assert!(seen.insert(&case.case), "twice: {}", case.case));
    }
}

#[test]
fn each_scheme_has_a_hundred_signatures_and_some_refusals() {
    for scheme in Scheme::ALL {
        let vectors = of(scheme);
        let signatures = vectors.iter().filter(|vector| signed(vector).is_some()).count();
        assert!(signatures >= 100, "{scheme}: {signatures}");
        assert!(vectors.len() - signatures >= 5, "{scheme}");
    }
    assert_eq!(Scheme::ALL.into_iter().map(|scheme| of(scheme).len()).sum::<usize>(), all().len());
}

#[test]
fn every_kind_of_refusal_is_there() {
    let kinds: HashSet<ErrorKind> = all()
        .into_iter()
        .filter_map(|vector| match vector.expected {
            Expected::Error { kind } => Some(kind),
            Expected::Signature { .. } => None,
        })
        .collect();
    assert_eq!(kinds.len(), 4, "{kinds:?}");
}

#[test]
fn the_signature_is_the_digest_in_the_schemes_letter_case() {
    for vector in all() {
        let Some((_, digest, signature)) = signed(&vector) else { continue };
        assert_eq!(vector.scheme.signature_of(digest), signature, "{}", vector.id);
        let length = match vector.scheme {
            Scheme::Jinlaiban | Scheme::YichangMd5 => 32,
            Scheme::YichangSha1 | Scheme::Webank => 40,
            Scheme::WebankCallback => 64,
        };
        assert!(
            digest.len() == length && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
            "{}",
            vector.id
        );
    }
}

#[test]
fn texts_contain_the_secret() {
    for vector in all() {
        let Some((text, ..)) = signed(&vector) else { continue };
        let secret = vector.input[vector.scheme.secret_member()].as_str().unwrap();
        assert!(!secret.is_empty() && text.contains(secret), "{}", vector.id);
    }
}

#[test]
fn requests_carry_the_signature() {
    for scheme in Scheme::ALL {
        let vectors = of(scheme);
        let requests: Vec<_> = vectors.iter().filter(|vector| vector.request.is_some()).collect();
        assert!(requests.len() >= 40, "{scheme}: {}", requests.len());
        for vector in requests {
            let (_, _, signature) = signed(vector).unwrap();
            assert!(vector.request.as_ref().unwrap().contains(signature), "{}", vector.id);
        }
    }
}

#[test]
fn the_input_line_is_the_input() {
    for vector in all() {
        let parsed: Value = serde_json::from_str(&vector.input_line).unwrap();
        assert_eq!(parsed, vector.input, "{}", vector.id);
        assert!(!vector.input_line.contains('\n'), "{}", vector.id);
    }
}

/// UTF-16 and UTF-8 order must part in enough cases, or a signer that sorts by bytes would pass.
#[test]
fn enough_webank_cases_tell_the_two_orders_apart() {
    let differing = of(Scheme::Webank)
        .iter()
        .filter(|vector| {
            let Some((text, ..)) = signed(vector) else { return false };
            let mut values: Vec<&str> =
                vector.input["values"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            values.push(vector.input["ticket"].as_str().unwrap());
            values.sort_unstable();
            values.concat() != text
        })
        .count();
    assert!((15..150).contains(&differing), "{differing}");
}

/// Likewise for sorting names instead of pairs (JL-3).
#[test]
fn enough_jinlaiban_cases_tell_pairs_from_names() {
    let differing = of(Scheme::Jinlaiban)
        .iter()
        // A float stands for an integer beyond 64 bits, whose digits are lost here.
        .filter(|vector| !vector.input["params"].as_object().unwrap().values().any(Value::is_f64))
        .filter(|vector| {
            let Some((text, ..)) = signed(vector) else { return false };
            sorted_by_name(&vector.input) != text
        })
        .count();
    assert!((10..100).contains(&differing), "{differing}");
}

fn sorted_by_name(input: &Value) -> String {
    let mut params: Vec<(&String, String)> = input["params"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, value)| !matches!(name.as_str(), "sign" | "data") && !value.is_null() && *value != "")
        .map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    params.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    let pairs: Vec<String> = params.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&") + input["secret"].as_str().unwrap()
}

#[test]
fn steps_have_names() {
    let steps: HashSet<String> = java_semantics().iter().map(|case| case.step().to_owned()).collect();
    for step in
        ["sort", "urlencode", "urldecode", "null-removal", "null-ticket", "hash-lone", "upper-locale-tr"]
    {
        assert!(steps.contains(step), "{step}: {steps:?}");
    }
}
