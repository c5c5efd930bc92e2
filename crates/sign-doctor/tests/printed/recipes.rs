//! What is printed and run: recipes with requests and the signatures that must come out.

use sign_doctor::{
    Case, Collation, DigestKind, Encoding, Fill, NamedSecret, Order, Output, PairFormat, Place, Platform,
    Recipe, Request, Rounds, SecretForm, Selection, SortKey, TextForm, Value, infer,
};

use crate::families::{FAMILIES, example};
use crate::given;

/// One request of a recipe.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) request: Request,
    pub(crate) secret: String,
    pub(crate) signature: String,
}

pub(crate) fn all() -> Vec<(String, Recipe, Vec<Run>)> {
    let mut all: Vec<_> = Platform::ALL.into_iter().map(vectors).collect();
    all.extend(FAMILIES.iter().map(|family| {
        let example = example(family);
        let recipe = infer(std::slice::from_ref(&example), 1).unwrap().recipe;
        let run = Run {
            request: example.request.clone(),
            secret: example.secret.secret.expose().to_owned(),
            signature: example.signature.clone(),
        };
        (family.name.to_owned(), recipe, vec![run])
    }));
    all.extend(made_up());
    all
}

/// Every vector of a platform.
fn vectors(platform: Platform) -> (String, Recipe, Vec<Run>) {
    let of = given::signed().into_iter().filter(|given| given.platform == platform);
    let runs = of.map(|given| Run {
        signature: given.case().sign().unwrap(),
        secret: given.secrets[0].secret.expose().to_owned(),
        request: given.request,
    });
    (platform.to_string(), platform.recipe(), runs.collect())
}

/// Recipes that take the steps which no platform takes; what the doctor itself signs is what must come out.
fn made_up() -> Vec<(String, Recipe, Vec<Run>)> {
    let base = Platform::Jinlaiban.recipe();
    let order = |by, collation| Order { by, collation, descending: false };
    let recipes = [
        Recipe {
            encoding: Encoding::Percent,
            nulls: Fill::Null,
            empties: Fill::Kept,
            order: Order { descending: true, ..order(SortKey::Name, Collation::Bytes) },
            secret: Place::Front { before: "key=".into(), after: "&".into() },
            digest: DigestKind::Sha256,
            hmac: true,
            output: Output::Base64,
            ..base.clone()
        },
        Recipe {
            encoding: Encoding::FormLower,
            nulls: Fill::Kept,
            empties: Fill::Undefined,
            pair: PairFormat::NameColonValue,
            order: order(SortKey::Name, Collation::IgnoreCase),
            separator: "|\"$\n".into(),
            secret: Place::SortedAs { name: "key".into() },
            rounds: Rounds::OfUpperHex,
            short: true,
            ..base.clone()
        },
        Recipe {
            selection: Selection::All,
            encoding: Encoding::PercentTwice,
            pair: PairFormat::NameValue,
            order: Order::GIVEN,
            separator: String::new(),
            secret: Place::BothEnds { after: "&".into(), before: "$x".into() },
            secret_form: SecretForm::Md5Upper,
            text: TextForm::Upper,
            digest: DigestKind::Sha1,
            rounds: Rounds::OfBytes,
            output: Output::Base64OfHex,
            ..base.clone()
        },
        Recipe {
            pair: PairFormat::Value,
            order: order(SortKey::Name, Collation::Utf16),
            secret: Place::Behind { count: 2 },
            secret_form: SecretForm::Upper,
            text: TextForm::Form,
            rounds: Rounds::OfHex,
            output: Output::UpperHex,
            ..base.clone()
        },
        Recipe {
            order: order(SortKey::Value, Collation::Bytes),
            secret: Place::EndTwice { before: "&s=".into() },
            text: TextForm::Lower,
            hmac: true,
            output: Output::Base64Url,
            ..base.clone()
        },
        Recipe { text: TextForm::Gbk, ..base },
    ];
    let requests = [
        Request::named([
            ("b", Value::Text("x y/~*'!".into())),
            ("k1", Value::Text("1".into())),
            ("k10", Value::Number("10".into())),
            ("A", Value::Text("中文 & 乐".into())),
            ("c", Value::Text(String::new())),
            ("n", Value::Null),
        ]),
        Request::texts([("only", "one")]),
    ];
    let named = |(number, recipe): (usize, Recipe)| {
        let runs = requests.iter().map(|request| {
            let secret = "S3cret-of-a-test";
            let secrets = [NamedSecret::new("S", secret).unwrap()];
            let signature = Case::new(&recipe, request, &secrets).unwrap().sign_wrongly(&[]);
            Run { request: request.clone(), secret: secret.into(), signature }
        });
        let runs = runs.collect();
        (format!("made up {}", number + 1), recipe, runs)
    };
    recipes.into_iter().enumerate().map(named).collect()
}
