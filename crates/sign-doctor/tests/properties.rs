//! What holds for any request, any secret and any signature.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod given;

use given::matrix::ask;
use proptest::{collection::vec, option, prelude::*};
use sign_doctor::{Around, Case, Example, NamedSecret, Platform, Request, Search, Value, Verdict};

type Parameters = Vec<(String, Option<String>)>;

fn request(parameters: &Parameters) -> Request {
    let value = |text: &Option<String>| text.clone().map_or(Value::Null, Value::Text);
    Request::named(parameters.iter().map(|(name, text)| (name.clone(), value(text))))
}

/// The fast way and the plain one agree: any mistake is found, whatever is signed.
fn a_mistake_is_found(platform: Platform, parameters: &Parameters, secret: &str, at: usize) {
    let (recipe, request) = (platform.recipe(), request(parameters));
    let secrets = [NamedSecret::new("S", secret).unwrap(), NamedSecret::new("T", "other").unwrap()];
    let case = Case::new(&recipe, &request, &secrets).unwrap().of(platform);
    let all = case.mutations();
    let count = ask(&case, &[all[at % all.len()]], 1);
    assert_eq!(count.missed, 0, "{:?}", all[at % all.len()]);
}

/// Whatever came, there is an answer, and no made-up one.
fn any_signature_is_answered(platform: Platform, parameters: &Parameters, got: &str) {
    let (recipe, request) = (platform.recipe(), request(parameters));
    let secrets = [NamedSecret::new("S", "s3cret").unwrap()];
    let case = Case::new(&recipe, &request, &secrets).unwrap();
    if let Ok(diagnosis) = case.diagnose(got, &Search::default().mistakes(1)) {
        assert_eq!(diagnosis.verdict, Verdict::Unexplained);
    }
    let _ = (case.lint(&Around { date: Some(got), sent_body: Some(got), now: None }), case.stages(&[]));
}

fn parameters() -> impl Strategy<Value = Parameters> {
    let name = prop_oneof!["[a-z]{1,3}1?0?", Just("nonce".to_owned()), Just("sign".to_owned()), ".{0,4}"];
    let value = prop_oneof![
        ".{0,8}",
        "[0-9]{10}",
        Just(r#"{"b": "中/", "a": [1, null]}"#.to_owned()),
        " ?%2[fF]\\+ ?"
    ];
    vec((name, option::weighted(0.9, value)), 0..7)
}

fn platform() -> impl Strategy<Value = Platform> {
    (0..Platform::ALL.len()).prop_map(|at| Platform::ALL[at])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_mistake(platform in platform(), parameters in parameters(), secret in ".{1,9}", at in any::<usize>()) {
        a_mistake_is_found(platform, &parameters, &secret, at);
    }

    #[test]
    fn any_signature(platform in platform(), parameters in parameters(), got in "([0-9a-fA-F]{32}|[0-9A-F]{40}|.{0,70})") {
        any_signature_is_answered(platform, &parameters, &got);
    }

    #[test]
    fn any_line(line in r#"(\{"params":\{.{0,20}\},"secret":"s","signature":"a"\}|.{0,60})"#) {
        let _ = (Example::parse(&line), Request::from_json(&line));
    }
}
