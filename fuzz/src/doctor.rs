//! The signature doctor: recipes as JSON, requests, signatures and examples.

use sign_doctor::{
    Around, Case, DigestKind, Example, InferError, Language, NamedSecret, Output, Platform, Recipe, Request,
    Search, Verdict, infer,
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

/// Choices of a recipe and of a request: what is inferred from the signed example makes its signature; and any bytes as an
/// example.
pub fn inference(data: &[u8]) {
    if let Ok(example) = Example::parse(&String::from_utf8_lossy(data)) {
        assert!(
            !format!("{example:?}").contains(example.secret.secret.expose())
                || example.secret.secret.expose().len() < 24
        );
        return;
    }
    let mut choices = Choices::new(data);
    let mut recipe = choices.of(&Platform::ALL).recipe();
    recipe.required = Default::default();
    if choices.flag() {
        recipe.digest = choices.of(&[DigestKind::Md5, DigestKind::Sha1, DigestKind::Sha256]);
        recipe.output = choices.of(&[Output::Hex, Output::UpperHex]);
    }
    if choices.flag() {
        recipe.separator = choices.of(&["&", "", "|", ","]).to_owned();
    }
    let names = ["a", "b", "B", "uid", "timestamp", "中"];
    let pieces = ["1", "a", "Z", "中", "-", "2021", "x y", "&", "/"];
    let request = Request::named(
        (0..choices.below(5))
            .map(|at| (names[at], sign_doctor::Value::Text(format!("{at}{}", choices.pieces(&pieces, 6))))),
    );
    let secrets = secrets();
    let case = Case::new(&recipe, &request, &secrets).expect("there is a secret");
    let Ok(signature) = case.sign() else { return };
    let [secret] = secrets.clone();
    let example = Example { request: request.clone(), secret, signature: signature.clone() };
    match infer(&[example], 1) {
        Ok(found) => {
            let all = std::iter::once(&found.recipe).chain(&found.alternatives);
            for recipe in all {
                let case = Case::new(recipe, &request, &secrets).expect("there is a secret");
                assert_eq!(case.sign_wrongly(&[]), signature, "{recipe:?}");
            }
            let json = serde_json::to_string(&found).expect("an inference is JSON");
            assert!(!json.contains(SECRET), "the secret shows itself");
        }
        // A recipe that is mixed of several platforms' need not be among those that are tried.
        Err(error) => assert!(matches!(error, InferError::Unknown { .. }), "{error}"),
    }
}
