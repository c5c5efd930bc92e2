//! Recipes from examples: the four platforms', and those of public platforms whose documents have worked examples.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod families;
mod given;

use families::{FAMILIES, example};
use sign_doctor::{Case, Example, InferError, Lang, Order, Output, Place, Platform, SortKey, infer};
use sign_vectors::Expected;

#[test]
fn the_platforms_from_one_example_each() {
    let all = given::signed();
    for platform in Platform::ALL {
        let given = all.iter().find(|it| it.platform == platform && !it.vector.id.contains("known")).unwrap();
        let Expected::Signature { signature, .. } = &given.vector.expected else { unreachable!() };
        let example = Example {
            request: given.request.clone(),
            secret: given.secrets[0].clone(),
            signature: signature.clone(),
        };
        let found = infer(&[example], 2).unwrap();
        let (got, want) = (&found.recipe, platform.recipe());
        assert_eq!((got.digest, got.output, got.pair), (want.digest, want.output, want.pair), "{platform}");
        assert_eq!(got.secret, want.secret, "{platform}");
        if want.pair != sign_doctor::PairFormat::Value {
            assert_eq!(got.separator, want.separator, "{platform}");
        }
    }
}

#[test]
fn several_examples_narrow() {
    let examples: Vec<Example> = given::signed()
        .into_iter()
        .filter(|it| it.platform == Platform::Jinlaiban && it.longest() < 512)
        .filter(|it| it.request.get("data").is_none())
        // What the recipe of other endpoints does with `sign` alone, the examples cannot tell.
        .map(|it| {
            let Expected::Signature { signature, .. } = &it.vector.expected else { unreachable!() };
            Example {
                request: it.request.clone(),
                secret: it.secrets[0].clone(),
                signature: signature.clone(),
            }
        })
        .collect();
    assert!(examples.len() > 50);
    let one = infer(&examples[..1], 2).unwrap();
    let many = infer(&examples, 2).unwrap();
    assert!(one.alternatives.len() > many.alternatives.len());
    // JL-3 and UTF-16 order are among the vectors: one order is left.
    assert_eq!(many.recipe.order, Platform::Jinlaiban.recipe().order);
    assert!(
        many.alternatives.iter().all(|other| other.order == many.recipe.order),
        "{:?}",
        many.alternatives
    );
    assert!(!many.undecided.iter().any(|it| it.get(Lang::En).contains("null")), "{:?}", many.undecided);
}

#[test]
fn public_families_from_one_example_each() {
    for family in FAMILIES {
        let example = example(family);
        let found = infer(std::slice::from_ref(&example), 2)
            .unwrap_or_else(|error| panic!("{}: {error}", family.name));
        let secrets = [example.secret.clone()];
        let case = Case::new(&found.recipe, &example.request, &secrets).unwrap();
        assert_eq!(case.sign().unwrap(), example.signature, "{}", family.name);
        let words = found.recipe.in_words();
        assert!(words[3].en.contains(family.secret), "{}: {words:?}", family.name);
        let json = serde_json::to_string(&found).unwrap();
        assert!(!json.contains(example.secret.secret.expose()), "{}", family.name);
    }
}

/// The alphabets differ in two characters, which not every signature has.
#[test]
fn url_safe_base64_is_told_by_whichever_example_shows_it() {
    let example = |stamp: &str, signature: &str| {
        let params = format!(
            r#"{{"appId":"RSJ00001","deviceId":"67D3D9A8-4D67-2444-71CE-66851AEDCFE1","deviceType":"WEB",
                "nonceStr":"6PQfHMIv","timeStamp":"{stamp}"}}"#
        );
        let secret = "8e85e612698296b4c522bfa7eb0b82a8";
        let json = format!(r#"{{"params":{params},"secret":"{secret}","signature":"{signature}"}}"#);
        Example::parse(&json).unwrap()
    };
    let either = example("1574251925", "RplzrA2Mg1OrltIcXV4Rk0Wmtbk=");
    let standard = example("1574251924", "UqNfUm5XGR/8YgZQoWfo/4g9V2E=");
    let url_safe = example("1574251924", "UqNfUm5XGR_8YgZQoWfo_4g9V2E");
    let output = |examples: &[&Example]| {
        let examples: Vec<_> = examples.iter().copied().cloned().collect();
        infer(&examples, 2).map(|found| found.recipe.output)
    };
    assert_eq!(output(&[&either]), Ok(Output::Base64));
    assert_eq!(output(&[&either, &standard]), Ok(Output::Base64));
    assert_eq!(output(&[&either, &url_safe]), Ok(Output::Base64Url));
    assert_eq!(output(&[&url_safe, &either]), Ok(Output::Base64Url));
    let both = output(&[&url_safe, &standard]).unwrap_err();
    assert!(matches!(both, InferError::Contradiction { number: 2, .. }), "{both}");
}

#[test]
fn a_recipe_survives_json() {
    for platform in Platform::ALL {
        let recipe = platform.recipe();
        let json = serde_json::to_string(&recipe).unwrap();
        assert_eq!(serde_json::from_str::<sign_doctor::Recipe>(&json).unwrap(), recipe, "{json}");
    }
}

#[test]
fn what_cannot_be_inferred_is_said() {
    assert_eq!(infer(&[], 1).unwrap_err(), InferError::NoExample);
    let mut example = example(&FAMILIES[0]);
    example.signature = "x".into();
    assert!(matches!(infer(&[example], 1).unwrap_err(), InferError::Signature { number: 1, .. }));
}

#[test]
fn examples_of_different_platforms_contradict() {
    let line = |signature: &str| {
        let json = format!(r#"{{"params":{{"a":"1","b":"2"}},"secret":"s","signature":"{signature}"}}"#);
        Example::parse(&json).unwrap()
    };
    let recipe = Platform::Jinlaiban.recipe();
    let of = line("00000000000000000000000000000000");
    let secrets = [of.secret.clone()];
    let right = Case::new(&recipe, &of.request, &secrets).unwrap().sign().unwrap();
    let wrong = line("00000000000000000000000000000001");
    let error = infer(&[line(&right), wrong], 2).unwrap_err();
    assert!(matches!(error, InferError::Contradiction { number: 2, .. }), "{error}");
    assert_eq!(recipe.order, Order { by: SortKey::Pair, ..recipe.order });
    assert!(matches!(recipe.secret, Place::End { .. }));
}
