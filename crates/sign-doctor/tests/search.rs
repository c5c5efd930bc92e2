//! What the search says, and what it must never say.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod given;

use std::sync::atomic::{AtomicU64, Ordering};

use given::matrix::Dice;
use sign_doctor::{
    BodyForm, Case, Diagnosis, DigestKind, Lang, Letters, Mutation, NamedSecret, Order, Output, Place,
    Platform, Progress, Request, Search, SecretForm, TimeForm, Verdict,
};

const SECRET: &str = "8e85e612698296b4c522bfa7eb0b82a8";
const FIVE: [(&str, &str); 5] = [
    ("appId", "RSJ00001"),
    ("deviceId", "67D3D9A8-4D67-2444-71CE-66851AEDCFE1"),
    ("deviceType", "WEB"),
    ("nonceStr", "6PQfHMIv"),
    ("timeStamp", "1574251924"),
];

fn diagnose(platform: Platform, request: &Request, got: &str, search: &Search<'_>) -> Diagnosis {
    let (recipe, secrets) = (platform.recipe(), [NamedSecret::new("APP_SECRET", SECRET).unwrap()]);
    let case = Case::new(&recipe, request, &secrets).unwrap().of(platform);
    case.diagnose(got, search).unwrap()
}

fn first(diagnosis: &Diagnosis) -> Vec<Mutation> {
    diagnosis.explanations[0].mistakes.iter().map(|mistake| mistake.mutation).collect()
}

/// Signs with mistakes and checks that exactly they are told.
#[track_caller]
fn check(platform: Platform, request: &Request, mistakes: &[Mutation]) -> Diagnosis {
    let (recipe, secrets) = (platform.recipe(), [NamedSecret::new("APP_SECRET", SECRET).unwrap()]);
    let case = Case::new(&recipe, request, &secrets).unwrap().of(platform);
    let diagnosis = case.diagnose(&case.sign_wrongly(mistakes), &Search::default()).unwrap();
    assert_eq!(diagnosis.verdict, Verdict::Mistaken, "{diagnosis:?}");
    let told = first(&diagnosis);
    assert!(told.len() == mistakes.len() && mistakes.iter().all(|it| told.contains(it)), "{told:?}");
    diagnosis
}

#[test]
fn the_printed_example_of_yichang_is_md5() {
    let request = Request::texts(FIVE);
    let got = "6FF704C5DF1FB65BE046EC202BE353E0";
    let diagnosis = diagnose(Platform::YichangSha1, &request, got, &Search::default());
    let mistake = &diagnosis.explanations[0].mistakes[0];
    assert_eq!(mistake.message.en, "the digest is MD5, not SHA-1");
    assert_eq!(mistake.message.get(Lang::Zh), "摘要算法用成了 MD5，应为 SHA-1");
    assert_eq!(mistake.section, Some("yichang SPEC.md §2.3, YC-1"));
    assert_eq!(diagnosis.explanations.len(), 1);
    let right = diagnose(Platform::YichangMd5, &request, got, &Search::default());
    assert_eq!((right.verdict, right.explanations.len(), right.tried), (Verdict::Right, 0, 1));
}

#[test]
fn one_two_and_three_mistakes() {
    let five = Request::texts(FIVE);
    let md5 = Mutation::Digest(DigestKind::Md5);
    let lower = Mutation::Letters(Letters::Lower);
    check(Platform::YichangSha1, &five, &[lower]);
    check(Platform::YichangSha1, &five, &[md5, lower]);
    let newline = Mutation::SecretForm(SecretForm::Newline);
    check(Platform::YichangSha1, &five, &[newline]);
    check(Platform::YichangSha1, &five, &[md5, newline, lower]);
    check(
        Platform::YichangSha1,
        &five,
        &[Mutation::Missing(2), Mutation::Secret(Place::End { before: "&key=", after: "" })],
    );
    let keyed = Mutation::Hmac { digest: DigestKind::Sha256, secret_in_text: false };
    check(Platform::YichangSha1, &five, &[keyed]);
}

#[test]
fn a_body_in_another_form_and_in_another_place() {
    let request = Request::texts([
        ("app_id", "wxhiw5xt6q4qtmwcrn"),
        ("version", "2.0.0"),
        ("nonce", "489c60c97daef599efd10cfda46860a1"),
        ("body", r#"{"NAME": "张三", "AMT": 1.50, "URL": "a/b"}"#),
    ]);
    for form in [BodyForm::Compact, BodyForm::Php, BodyForm::Pretty2, BodyForm::Sorted] {
        let diagnosis = check(Platform::Webank, &request, &[Mutation::Body(3, form)]);
        assert!(!format!("{diagnosis:?}").contains("张三"));
    }
    check(Platform::Webank, &request, &[Mutation::Body(3, BodyForm::Compact), Mutation::Order(Order::GIVEN)]);
    check(Platform::Webank, &request, &[Mutation::Missing(3), Mutation::Letters(Letters::Lower)]);
}

#[test]
fn a_clock_that_is_read_twice() {
    let request = Request::texts(FIVE);
    let diagnosis = check(Platform::YichangSha1, &request, &[Mutation::Time(4, TimeForm::Later(-1))]);
    let said = &diagnosis.explanations[0].mistakes[0].message.en;
    assert_eq!(said, "`timeStamp` was signed 1 earlier than it is sent: the clock was read twice");
    check(
        Platform::YichangSha1,
        &request,
        &[Mutation::Time(4, TimeForm::Millis(123)), Mutation::Letters(Letters::Lower)],
    );
}

#[test]
fn another_secret_is_called_by_its_name() {
    let (recipe, request) = (Platform::Jinlaiban.recipe(), Request::texts([("uid", "1000")]));
    let name = |name, secret: &str| NamedSecret::new(name, secret).unwrap();
    let secrets = [name("PROD_SECRET", SECRET), name("TEST_SECRET", "58b31d465652be856d7ed80977aa4ce4")];
    let case = Case::new(&recipe, &request, &secrets).unwrap();
    let got = case.sign_wrongly(&[Mutation::OtherSecret(1)]);
    let diagnosis = case.diagnose(&got, &Search::default()).unwrap();
    let mistake = &diagnosis.explanations[0].mistakes[0];
    assert_eq!(mistake.message.en, "it is signed with the secret in TEST_SECRET, not in PROD_SECRET");
    assert_eq!(mistake.section, None);
}

#[test]
fn what_came_in_any_writing() {
    let request = Request::texts(FIVE);
    let verdict = |got: &str| diagnose(Platform::YichangMd5, &request, got, &Search::default()).verdict;
    assert_eq!(verdict(" 6FF704C5DF1FB65BE046EC202BE353E0\r\n"), Verdict::Right);
    let letters =
        diagnose(Platform::YichangMd5, &request, "6ff704c5df1fb65be046ec202be353e0", &Search::default());
    assert_eq!(first(&letters), [Mutation::Letters(Letters::Lower)]);
    let base64 = diagnose(Platform::YichangMd5, &request, "b/cExd8ftlvgRuwgK+NT4A==", &Search::default());
    assert_eq!(first(&base64), [Mutation::Output(Output::Base64)]);
    let url_safe = diagnose(Platform::YichangMd5, &request, "b_cExd8ftlvgRuwgK-NT4A", &Search::default());
    assert_eq!(first(&url_safe), [Mutation::Output(Output::Base64Url)]);
    let message = &url_safe.explanations[0].mistakes[0].message;
    assert!(
        message.en.contains("URL-safe base64") && message.get(Lang::Zh).contains("URL 安全"),
        "{message:?}"
    );
    let short = diagnose(Platform::YichangMd5, &request, "DF1FB65BE046EC20", &Search::default());
    assert_eq!(first(&short), [Mutation::Short(true)]);
}

#[test]
fn a_random_signature_fits_nothing() {
    let request = Request::texts(FIVE);
    let mut dice = Dice(1);
    for length in [16, 32, 40, 64] {
        let got: String = (0..length).map(|_| char::from(b"0123456789abcdef"[dice.below(16)])).collect();
        let diagnosis = diagnose(Platform::YichangSha1, &request, &got, &Search::default().mistakes(2));
        assert_eq!(diagnosis.verdict, Verdict::Unexplained, "{got}");
        assert!(
            diagnosis.explanations.is_empty() && diagnosis.excluded.len() == 2 && diagnosis.next.len() > 2
        );
        assert!(!format!("{diagnosis:?}").contains(SECRET));
    }
}

#[test]
fn the_budget_is_kept_and_told() {
    let request = Request::texts(FIVE);
    let nothing = "0".repeat(40);
    for most in [0, 1, 10, 200, 5000] {
        let diagnosis =
            diagnose(Platform::YichangSha1, &request, &nothing, &Search::default().candidates(most));
        assert!(diagnosis.tried <= most, "{} of {most}", diagnosis.tried);
        assert!(diagnosis.exhausted < 3, "{diagnosis:?}");
    }
    let two = diagnose(Platform::YichangSha1, &request, &nothing, &Search::default().mistakes(1));
    assert_eq!(two.exhausted, 1);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let request = Request::texts(FIVE);
    let (recipe, secrets) =
        (Platform::YichangSha1.recipe(), [NamedSecret::new("APP_SECRET", SECRET).unwrap()]);
    let case = Case::new(&recipe, &request, &secrets).unwrap();
    // Without a separator, many explanations fit.
    let got = case.sign_wrongly(&[Mutation::Separator(""), Mutation::Secret(Place::Nowhere { instead: "" })]);
    let told = |workers| {
        let diagnosis = case.diagnose(&got, &Search::default().mistakes(2).workers(workers)).unwrap();
        (serde_json::to_string(&diagnosis).unwrap(), diagnosis.tried)
    };
    assert_eq!(told(1), told(2));
    assert_eq!(told(1), told(5));
}

#[test]
fn progress_is_told() {
    let (request, last) = (Request::texts(FIVE), AtomicU64::new(0));
    let report = |progress: Progress| {
        assert!(progress.mistakes <= 3);
        last.fetch_max(progress.tried, Ordering::Relaxed);
    };
    let search = Search::default().candidates(150_000).progress(&report);
    let diagnosis = diagnose(Platform::YichangSha1, &request, &"0".repeat(40), &search);
    let last = last.into_inner();
    assert!(last > 0 && last <= diagnosis.tried, "{last} of {}", diagnosis.tried);
}

#[test]
fn what_is_no_signature_is_said() {
    let (recipe, secrets) = (Platform::Jinlaiban.recipe(), [NamedSecret::new("S", SECRET).unwrap()]);
    let request = Request::texts(FIVE);
    let case = Case::new(&recipe, &request, &secrets).unwrap();
    assert_eq!(case.diagnose("签名错误", &Search::default()).unwrap_err().found, 4);
}
