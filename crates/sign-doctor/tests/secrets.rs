//! Secrets and persons show themselves nowhere: not in `Debug`, `Display`, JSON, stages, remarks or printed code.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod given;

use given::matrix::{mutations, with_another};
use sign_doctor::{Around, Case, Example, Language, NamedSecret, Platform, Request, Search, infer};

/// Everything that can be shown of a case and of what a mistake made of it.
fn shown(case: &Case<'_>) -> String {
    let mut all = format!("{case:?} {:?}", case.request());
    for mutation in mutations(case) {
        let stages = case.stages(&[mutation]);
        let text = case.signing_text(&[mutation]);
        all += &format!("{stages} {stages:?} {text} {text:?} {mutation:?}");
        all += &serde_json::to_string(&stages).unwrap();
        let got = case.sign_wrongly(&[mutation]);
        let diagnosis = case.diagnose(&got, &Search::default().mistakes(1)).unwrap();
        all += &format!("{diagnosis:?} {}", serde_json::to_string(&diagnosis).unwrap());
    }
    let remarks = case.lint(&Around::default());
    all += &format!("{remarks:?} {}", serde_json::to_string(&remarks).unwrap());
    let nothing = "0".repeat(case.recipe().digest.length() * 2);
    let diagnosis = case.diagnose(&nothing, &Search::default().mistakes(1)).unwrap();
    all += &format!("{diagnosis:?} {}", serde_json::to_string(&diagnosis).unwrap());
    all
}

#[test]
fn no_secret_is_shown() {
    let all = given::signed();
    for platform in Platform::ALL {
        let of = all.iter().filter(|it| it.platform == platform && it.longest() < 1024);
        let long = of.filter(|it| it.secrets[0].secret.expose().len() >= 24).take(3);
        for given in long {
            let secrets = with_another(given);
            let case = Case::new(&given.recipe, &given.request, &secrets).unwrap().of(platform);
            let shown = shown(&case);
            for secret in &secrets {
                let secret = secret.secret.expose();
                for form in [secret.to_owned(), secret.to_lowercase(), secret.to_uppercase()] {
                    assert!(!shown.contains(&form), "{}", given.vector.id);
                }
            }
        }
    }
}

#[test]
fn a_secret_that_is_sent_as_a_parameter_is_masked_as_well() {
    const SECRET: &str = "58b31d465652be856d7ed80977aa4ce4";
    let recipe = Platform::Jinlaiban.recipe();
    let request = Request::texts([
        ("appsecret", SECRET),
        ("uid", "1"),
        ("url", "https://x/?s=58b31d465652be856d7ed80977aa4ce4"),
    ]);
    let secrets = [NamedSecret::new("S", SECRET).unwrap()];
    let case = Case::new(&recipe, &request, &secrets).unwrap().of(Platform::Jinlaiban);
    let stages = case.stages(&[]);
    assert!(!format!("{stages:?} {stages}").contains(SECRET), "{stages}");
    assert!(stages.get("text").unwrap().lines[0].starts_with("appsecret=‹secret 32 B›&uid=1&"), "{stages}");
    let kinds: Vec<_> = case.lint(&Around::default()).iter().map(|it| it.kind).collect();
    assert_eq!(kinds, ["secret-travels", "secret-travels"]);
}

#[test]
fn no_printed_code_and_no_recipe_holds_a_secret_or_a_value() {
    const LINE: &str =
        r#"{"params":{"uid":"10001000","mobile":"17386500821"},"secret":"s3cret-s3cret","signature":"x"}"#;
    let mut example = Example::parse(LINE).unwrap();
    let secrets = [example.secret.clone()];
    let recipe = Platform::Jinlaiban.recipe();
    example.signature = Case::new(&recipe, &example.request, &secrets).unwrap().sign().unwrap();
    let found = infer(&[example.clone()], 1).unwrap();
    let mut all = format!("{example:?} {found:?} {}", serde_json::to_string(&found).unwrap());
    for language in Language::ALL {
        all += &found.recipe.code(language).unwrap();
    }
    for hidden in ["s3cret", "10001000", "17386500821"] {
        assert!(!all.contains(hidden), "{hidden}");
    }
}

#[test]
fn a_difference_is_found_where_the_ways_part() {
    let recipe = Platform::Jinlaiban.recipe();
    let request = Request::texts([("b", "2"), ("a", "1")]);
    let secrets = [NamedSecret::new("S", "58b31d465652be856d7ed80977aa4ce4").unwrap()];
    let case = Case::new(&recipe, &request, &secrets).unwrap();
    let place = sign_doctor::Mutation::Secret(sign_doctor::Place::End { before: "&", after: "" });
    let difference = case.stages(&[]).difference(&case.stages(&[place])).unwrap();
    assert_eq!((difference.stage, difference.line, difference.character), ("text", 0, "a=1&b=2".len()));
    assert_eq!(case.stages(&[]).difference(&case.stages(&[])), None);
}
