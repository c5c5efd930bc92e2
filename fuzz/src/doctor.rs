//! The signature doctor: recipes as JSON, requests, signatures and examples.

use sign_doctor::{
    Around, Case, Collation, DigestKind, Encoding, Example, Language, NamedSecret, Order, Output, PairFormat,
    Place, Platform, Recipe, Request, Required, Rounds, Search, SecretForm, Selection, SortKey, TextForm,
    Value, Verdict, infer,
};

use crate::choices::Choices;

/// So long that it does not stand in a request by chance.
const SECRET: &str = "58b31d465652be856d7ed80977aa4ce4";

fn secrets() -> [NamedSecret; 1] {
    [NamedSecret::new("APPSECRET", SECRET).expect("not empty")]
}

/// The first line is a recipe or the name of a platform, the second a request, the rest a signature that somebody got.
/// Whatever they are, all that is said is said without the secret, and a right signature is called right.
pub fn recipe(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (recipe, request, got) = (line(), line(), line());
    let platform = Platform::ALL.into_iter().find(|platform| platform.to_string() == recipe);
    let recipe = match platform {
        Some(platform) => platform.recipe(),
        None => match serde_json::from_str::<Recipe>(recipe) {
            Ok(recipe) => recipe,
            Err(_) => return,
        },
    };
    let json = serde_json::to_string(&recipe).expect("a recipe is JSON");
    assert_eq!(serde_json::from_str::<Recipe>(&json).ok().as_ref(), Some(&recipe), "{json}");
    let words = recipe.in_words();
    assert!(words.iter().all(|words| !words.en.is_empty() && !words.zh.is_empty()));
    for language in Language::ALL {
        match recipe.code(language) {
            Ok(code) => assert!(!code.is_empty()),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    let Ok(request) = Request::from_json(request) else { return };
    let secrets = secrets();
    let case = Case::new(&recipe, &request, &secrets).expect("there is a secret");
    let case = platform.map_or(case, |platform| case.of(platform));
    let right = case.sign_wrongly(&[]);
    assert!(case.sign().ok().is_none_or(|signed| signed == right));

    // A secret that is sent as a parameter is the caller's to hide; here, none is.
    if data.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()) {
        return;
    }
    let around = Around { date: Some(got), sent_body: Some(got), now: None };
    let (remarks, stages) = (case.lint(&around), case.stages(&[]));
    let shown = format!("{remarks:?} {stages} {stages:?} {} {case:?}", case.signing_text(&[]));
    assert!(!shown.contains(SECRET), "the secret shows itself");

    let search = Search::default().mistakes(1).candidates(2_000);
    if let Ok(diagnosis) = case.diagnose(got, &search) {
        let json = serde_json::to_string(&diagnosis).expect("a diagnosis is JSON");
        assert!(
            !json.contains(SECRET) && !json.contains(right.as_str()),
            "the secret or the right signature is told"
        );
        assert_eq!(diagnosis.verdict == Verdict::Mistaken, !diagnosis.explanations.is_empty());
    }
    if let Ok(diagnosis) = case.diagnose(&right, &search) {
        assert_eq!(diagnosis.verdict, Verdict::Right);
    }
}

/// Choices of a recipe out of those that are tried, and of a request: a recipe is found, and makes the signature; and any
/// bytes as an example.
pub fn inference(data: &[u8]) {
    if let Ok(example) = Example::parse(&String::from_utf8_lossy(data)) {
        assert!(
            !format!("{example:?}").contains(example.secret.secret.expose())
                || example.secret.secret.expose().len() < 24
        );
        return;
    }
    let mut choices = Choices::new(data);
    let bare = choices.below(4) > 0;
    let names = ["a", "b", "B", "uid", "中"];
    let pieces = ["1", "a", "Z", "中", "-", "2021", "x y", "&", "/", "é"];
    let count = 1 + choices.below(names.len());
    let request = Request::named((0..count).map(|at| {
        let text = format!("{at}{}", choices.pieces(&pieces, 6));
        (if bare { "" } else { names[at] }, Value::Text(text))
    }));
    let recipe = tried(&mut choices, bare, count);
    let secrets = secrets();
    let case = Case::new(&recipe, &request, &secrets).expect("there is a secret");
    let signature = case.sign().expect("nothing is required");
    let [secret] = secrets.clone();
    let example = Example { request: request.clone(), secret, signature: signature.clone() };
    let found = infer(&[example], 1).unwrap_or_else(|error| panic!("{error}: {recipe:?} {request:?}"));
    for recipe in std::iter::once(&found.recipe).chain(&found.alternatives) {
        let case = Case::new(recipe, &request, &secrets).expect("there is a secret");
        assert_eq!(case.sign_wrongly(&[]), signature, "{recipe:?}");
    }
    let json = serde_json::to_string(&found).expect("an inference is JSON");
    assert!(!json.contains(SECRET), "the secret shows itself");
}

/// A recipe that an inference tries. What is far-fetched is tried last, and behind it all else: only for bare values, of
/// which there are few plain recipes, that is soon enough for a fuzzer.
fn tried(choices: &mut Choices<'_>, bare: bool, count: usize) -> Recipe {
    let by: &[SortKey] =
        if bare { &[SortKey::Value] } else { &[SortKey::Name, SortKey::Pair, SortKey::Value] };
    let order = match choices.below(3) {
        0 => Order::GIVEN,
        1 => Order { descending: true, ..Order::ascending(by[0], Collation::Bytes) },
        _ => {
            let collations = [Collation::Bytes, Collation::Utf16, Collation::IgnoreCase];
            Order::ascending(choices.of(by), choices.of(&collations))
        }
    };
    let pairs =
        [PairFormat::NameEqualsValue, PairFormat::Value, PairFormat::NameValue, PairFormat::NameColonValue];
    let mut recipe = Recipe {
        selection: Selection::All,
        required: Required::default(),
        pair: if bare { PairFormat::Value } else { choices.of(&pairs) },
        order,
        separator: choices.of(&["&", "", ",", "|", ";", "\n", " ", "#", "_", "-", ":"]).to_owned(),
        digest: choices.of(&[DigestKind::Md5, DigestKind::Sha1, DigestKind::Sha256]),
        output: choices.of(&[Output::Hex, Output::UpperHex, Output::Base64, Output::Base64OfHex]),
        hmac: choices.flag(),
        ..Platform::Jinlaiban.recipe()
    };
    recipe.secret = place(choices, bare, count, recipe.hmac);
    // The middle of an MD5, as PHP and .NET cut it out.
    recipe.short = recipe.digest == DigestKind::Md5 && choices.flag();
    if bare {
        far_fetched(choices, &mut recipe);
    }
    recipe
}

fn place(choices: &mut Choices<'_>, bare: bool, count: usize, keyed: bool) -> Place<String> {
    let end = |before: &str| Place::End { before: before.to_owned(), after: String::new() };
    let front =
        |before: &str, after: &str| Place::Front { before: before.to_owned(), after: after.to_owned() };
    match choices.below(8) {
        0 | 1 => end(choices.of(&["", "&", "&key=", "&appSecret=", "key=", ",", "|", "\n"])),
        2 => front("", choices.of(&["", "&", ",", "|", ":"])),
        3 => front(choices.of(&["key=", "appSecret=", "secret="]), "&"),
        4 => {
            let between = choices.of(&["", "&"]).to_owned();
            Place::BothEnds { after: between.clone(), before: between }
        }
        5 if !bare => Place::SortedAs { name: choices.of(&["key", "appSecret", "salt"]).to_owned() },
        6 if count > 1 => {
            Place::Behind { count: u8::try_from(1 + choices.below(count - 1)).expect("less than ten") }
        }
        7 if keyed => Place::Nowhere { instead: String::new() },
        _ => Place::Sorted,
    }
}

/// One far-fetched thing at most, as more are not tried.
fn far_fetched(choices: &mut Choices<'_>, recipe: &mut Recipe) {
    match choices.below(8) {
        0 => {
            recipe.encoding = choices.of(&[
                Encoding::Percent,
                Encoding::FormPhp,
                Encoding::Form,
                Encoding::Component,
                Encoding::PercentLower,
                Encoding::FormLower,
            ]);
        }
        1 => {
            let texts = [TextForm::Lower, TextForm::Upper, TextForm::Percent, TextForm::Form, TextForm::Gbk];
            recipe.text = choices.of(&texts);
        }
        2 => {
            let forms = [SecretForm::Md5, SecretForm::Md5Upper, SecretForm::Upper, SecretForm::Base64Decoded];
            recipe.secret_form = choices.of(&forms);
        }
        3 => recipe.rounds = choices.of(&[Rounds::OfHex, Rounds::OfUpperHex, Rounds::OfBytes]),
        _ => {}
    }
}
