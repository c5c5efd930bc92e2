//! Every mistake that can be made with a request is named through the binary as the library names it.

use sign_doctor::{Platform, Search, Verdict};

use super::forms::{Sample, all, give};
use super::run::{JINLAIBAN, WEBANK, YC_1, YICHANG, doctor};

fn every_mistake_is_named(platform: Platform) {
    let sample = Sample::of(platform);
    let request = sample.request();
    let case = sample.case(&request);
    let forms = all(platform);
    let mut named = 0;
    for (at, mutation) in case.mutations().into_iter().enumerate() {
        let got = case.sign_wrongly(&[mutation]);
        let expected = case.diagnose(&got, &Search::default()).unwrap();
        let form = forms[at % forms.len()];
        let answer = give(&sample, &got, form, &["--json"], &[]);
        let document = answer.json();
        if expected.verdict == Verdict::Right {
            assert_eq!((answer.exit, &document["verdict"]), (0, &"right".into()), "{} {mutation:?}", form.0);
            continue;
        }
        let told = document["explanations"][0]["mistakes"].as_array().unwrap();
        let told: Vec<_> =
            told.iter().map(|it| (it["kind"].as_str().unwrap(), it["message"].as_str().unwrap())).collect();
        let mistakes = expected.explanations[0].mistakes.iter();
        let expected: Vec<_> = mistakes.map(|it| (it.kind, it.message.en.as_str())).collect();
        assert_eq!((answer.exit, told), (1, expected), "{} {mutation:?}", form.0);
        assert!(
            document["explanations"][0]["mistakes"][0]["section"].as_str().unwrap().contains("SPEC.md §")
        );
        assert_ne!(document["difference"], serde_json::Value::Null, "{mutation:?}");
        named += 1;
    }
    assert!(named >= 40, "{named} mistakes are too few");
}

#[test]
fn jinlaiban() {
    every_mistake_is_named(Platform::Jinlaiban);
}

#[test]
fn yichang() {
    every_mistake_is_named(Platform::YichangSha1);
}

#[test]
fn webank() {
    every_mistake_is_named(Platform::Webank);
}

#[test]
fn webank_callback() {
    every_mistake_is_named(Platform::WebankCallback);
}

#[test]
fn the_printed_example_of_yichang_is_explained() {
    let answer = doctor(&["yichang", YC_1, "--at", "1574251924"], &[YICHANG], "");
    assert_eq!(answer.exit, 1);
    let expected = "✗ the signature is wrong: one mistake explains it\n\n\
                    1. the digest is MD5, not SHA-1: YC-1\n   fix: use SHA-1\n   see: yichang SPEC.md §2.3, YC-1\n";
    assert!(answer.stdout.starts_with(expected), "{}", answer.stdout);
    let answer = doctor(&["yichang", "--digest", "md5", YC_1], &[YICHANG], "");
    assert!(answer.exit == 0 && answer.stdout.starts_with("✓ the signature is right"), "{answer:?}");
}

#[test]
fn a_mixed_up_secret_is_named() {
    let environment = [("TEST_SECRET", "test-secret-0123"), ("PROD_SECRET", "prod-secret-0123"), JINLAIBAN];
    let with = |secret: &str, args: &[&str]| {
        let sign = ["sign", "jinlaiban", "--param", "uid=1", "--secret-env", secret];
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_duijie"))
            .args(sign)
            .env_clear()
            .envs(environment)
            .output()
            .unwrap();
        let got = String::from_utf8(output.stdout).unwrap();
        let args = [&["jinlaiban", "--param", "uid=1", "--got", got.trim()], args].concat();
        let answer = doctor(&args, &environment, "");
        (answer.exit, answer.stdout.lines().find(|line| line.contains("_")).unwrap_or_default().to_owned())
    };
    let both = ["--secret-env", "PROD_SECRET", "--secret-env", "TEST_SECRET"];
    assert_eq!(
        with("TEST_SECRET", &both),
        (1, "1. it is signed with the secret in TEST_SECRET, not in PROD_SECRET".into())
    );
    assert_eq!(
        with("PROD_SECRET", &both),
        (0, "✓ the signature is right (signed with the secret in PROD_SECRET)".into())
    );
    // What `sign` would take by itself is tried as well, and named.
    assert_eq!(
        with("JINLAIBAN_APPSECRET", &["--secret-env", "TEST_SECRET"]),
        (1, "1. it is signed with the secret in JINLAIBAN_APPSECRET, not in TEST_SECRET".into())
    );
    assert_eq!(
        with("TEST_SECRET", &["--secret-env", "TEST_SECRET"]),
        (0, "✓ the signature is right (signed with the secret in TEST_SECRET)".into())
    );
}

#[test]
fn how_far_the_search_goes_can_be_said() {
    let got = "0".repeat(32);
    let tried = |options: &[&str]| {
        let args = [&["jinlaiban", "--param", "uid=1", "--got", &got, "--json"], options].concat();
        let document = doctor(&args, &[JINLAIBAN], "").json();
        assert_eq!(document["verdict"], "unexplained");
        assert!(
            !document["excluded"].as_array().unwrap().is_empty()
                && !document["next"].as_array().unwrap().is_empty()
        );
        (document["tried"].as_u64().unwrap(), document["exhausted"].as_u64().unwrap())
    };
    assert_eq!(tried(&["--mistakes", "0"]).1, 0);
    assert_eq!(tried(&["--mistakes", "1"]).1, 1);
    assert_eq!(tried(&["--mistakes", "2"]).1, 2);
    let (few, _) = tried(&["--budget", "500"]);
    assert!(few <= 500, "{few}");
}

/// Nobody asks for the app's secret here, and everybody takes it for the ticket.
#[test]
fn the_apps_secret_is_not_the_ticket() {
    let environment = [WEBANK, ("WEBANK_SECRET", "app-secret-0123456789")];
    let sign = |environment: &[(&str, &str)]| {
        let answer = doctor(&["webank", "--value", "a", "--value", "b", "--json"], environment, "");
        answer.json()["stages"][4]["lines"][0].as_str().unwrap().to_owned()
    };
    let got = sign(&[("WEBANK_TICKET", "app-secret-0123456789")]);
    let shown = doctor(&["webank", "--value", "a", "--value", "b", "--got", &got], &environment, "").stdout;
    assert!(
        shown.contains("1. it is signed with the secret in WEBANK_SECRET, not in WEBANK_TICKET\n"),
        "{shown}"
    );
    assert_eq!(doctor(&["webank", "--value", "a"], &[environment[1]], "").exit, 2);
}
