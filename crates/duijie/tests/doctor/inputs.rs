//! Every form of input gives the same answer.

use sign_doctor::{Mutation, Platform, Search};

use super::forms::{Sample, all, give};

/// So many mistakes of each platform in every form.
const IN_EVERY_FORM: usize = 5;

/// Everything but what is said about the way in which the input is written.
fn answer(sample: &Sample, got: &str, form: super::forms::Form) -> (i32, serde_json::Value) {
    let given = give(sample, got, form, &["--json", "--at", "1615978623"], &[]);
    assert_eq!(given.stderr, "", "{}: {given:?}", form.0);
    let mut document = given.json();
    document.as_object_mut().unwrap().remove("remarks");
    (given.exit, document)
}

fn the_same_in_every_form(platform: Platform) {
    let sample = Sample::of(platform);
    let request = sample.request();
    let case = sample.case(&request);
    let mutations = case.mutations();
    let step = mutations.len() / IN_EVERY_FORM;
    let mut signatures = vec![case.sign().unwrap(), "0".repeat(case.recipe().digest.length() * 2)];
    signatures
        .extend(mutations.iter().step_by(step).map(|mutation: &Mutation| case.sign_wrongly(&[*mutation])));
    for got in &signatures {
        let expected = answer(&sample, got, all(platform)[0]);
        let diagnosis = case.diagnose(got, &Search::default()).unwrap();
        let verdict = serde_json::to_value(diagnosis.verdict).unwrap();
        assert_eq!(expected.1["verdict"], verdict);
        for form in &all(platform)[1..] {
            assert_eq!(answer(&sample, got, *form), expected, "{}", form.0);
        }
    }
}

#[test]
fn jinlaiban() {
    the_same_in_every_form(Platform::Jinlaiban);
}

#[test]
fn yichang() {
    the_same_in_every_form(Platform::YichangSha1);
}

#[test]
fn webank() {
    the_same_in_every_form(Platform::Webank);
}

#[test]
fn webank_callback() {
    the_same_in_every_form(Platform::WebankCallback);
}

/// `sign`'s own flags: bare values have no names, and are the same request all the same.
#[test]
fn webank_as_values() {
    let sample = Sample::of(Platform::Webank);
    let request = sample.request();
    let right = sample.case(&request).sign().unwrap();
    let body = super::run::Scratch::new(sample.parameters[3].1.as_bytes());
    let values =
        ["--value", "2.0.0", "--value", "wxhiw5xt6q4qtmwcrn", "--value", "489c60c97daef599efd10cfda46860a1"];
    let check = |got: &str, exit: i32, kinds: &[&str]| {
        let args = [&["webank"], &values[..], &["--body", body.path(), "--got", got, "--json"]].concat();
        let answer = super::run::doctor(&args, &[sample.environment()], "");
        let document = answer.json();
        let named: Vec<_> = document["explanations"]
            .as_array()
            .unwrap()
            .iter()
            .take(1)
            .flat_map(|it| it["mistakes"].as_array().unwrap())
            .map(|it| it["kind"].as_str().unwrap())
            .collect();
        assert_eq!((answer.exit, &named[..]), (exit, kinds), "{document}");
    };
    check(&right, 0, &[]);
    check(&right.to_lowercase(), 1, &["letter-case"]);
}
