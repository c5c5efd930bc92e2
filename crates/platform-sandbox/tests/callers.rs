//! The platforms that call the partner: the bank, 兔展's editor and page, against a partner made for the test.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use platform_http::ErrorKind;
use platform_http::system::{Clock as _, UnixMillis, listen};
use platform_sandbox::{
    Bank, CallError, CheckFailure, CheckRequest, Editor, EditorError, Mistake, Page, PartnerUrls,
    SandboxClock, Setting, Violation,
};
use serde_json::json;
use sign_core::{Case, Hasher, Secret, Sha256};
use webank::callback::{Received, Receiver};

async fn serve(app: Router) -> String {
    let listener = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

fn bank() -> (Bank, SandboxClock) {
    let clock = SandboxClock::standing(UnixMillis::new(1_519_700_632_680));
    (Bank::new(Secret::new("salt").unwrap(), clock.clone(), 1), clock)
}

/// A partner with the webank crate's receiver, and `edit` between its answer and the wire.
async fn partner(
    clock: SandboxClock,
    edit: impl Fn(String) -> String + Clone + Send + Sync + 'static,
) -> String {
    let answer = async move |body: Bytes| {
        let receiver = Receiver::new(Secret::new("salt").unwrap());
        let mut status = StatusCode::OK;
        let answer = match receiver.receive(&body, clock.now()) {
            Received::Call(call) if call.trans_name() == "TLMerchantQuery" => call.answer(&format!(
                r#"{{"CODE":"0000","DESC":"系统处理成功","LENGTH":{}}}"#,
                call.plain().len()
            )),
            Received::Call(call) => call.unknown_trans_name(),
            Received::Refused(refused) => {
                status = StatusCode::from_u16(refused.status()).unwrap();
                refused.into_body()
            }
        };
        (status, edit(String::from_utf8(answer.to_vec()).unwrap()))
    };
    serve(Router::new().route("/cb", post(answer))).await + "/cb"
}

const BUSINESS: &str = r#"{"merchantno":"00000006","note":"中 文+~"}"#;

#[tokio::test]
async fn the_bank_calls_and_is_answered() {
    let (bank, clock) = bank();
    let url = partner(clock, |answer| answer).await;
    let outcome = bank.call(&url, "TLMerchantQuery", BUSINESS).await.unwrap();
    assert!(outcome.is_success(), "{:?}", outcome.violations);
    assert_eq!(outcome.desc.as_deref(), Some("系统处理成功"));
    let plain = outcome.plain.unwrap();
    assert!(plain.contains(&format!("\"LENGTH\":{}", BUSINESS.len())), "{plain}");
}

#[tokio::test]
async fn every_mistake_gets_its_code() {
    let (bank, clock) = bank();
    let url = partner(clock, |answer| answer).await;
    for mistake in Mistake::ALL {
        let call = bank.seal_with(*mistake, "TLMerchantQuery", BUSINESS);
        assert_eq!(call.mistake(), Some(*mistake));
        let outcome = bank.send(&url, &call).await.unwrap();
        assert_eq!(outcome.violations, [], "{}", mistake.name());
        assert_eq!(outcome.code.as_deref(), Some(mistake.expected_code()), "{}", mistake.name());
        assert!(!outcome.is_success());
    }
}

#[tokio::test]
async fn a_repeat_has_the_same_number_and_business() {
    let (bank, clock) = bank();
    let first = bank.seal("TLMerchantQuery", BUSINESS);
    // The clock stands: a repeat has a stamp of its own all the same.
    assert_ne!(bank.seal_again(&first).body(), first.body());
    clock.advance(Duration::from_secs(1));
    let again = bank.seal_again(&first);
    assert_eq!(first.seq_no(), again.seq_no());
    assert_ne!(first.body(), again.body());
    assert_ne!(bank.seal("TLMerchantQuery", BUSINESS).seq_no(), first.seq_no());
    // What a stranger can change, and what he cannot.
    let replayed = bank.replay(&first, "Other", "guessed");
    let text = |call: &platform_sandbox::SealedCall, name: &str| {
        serde_json::from_slice::<serde_json::Value>(call.body()).unwrap()[name].to_string()
    };
    assert_eq!(text(&replayed, "Signature"), text(&first, "Signature"));
    assert_eq!(
        (text(&replayed, "SeqNo"), text(&replayed, "transName")),
        ("\"guessed\"".into(), "\"Other\"".into())
    );
    assert_eq!(bank.seal_under("guessed", "Other", BUSINESS).seq_no(), "guessed");
}

/// A partner whose answers are wrong in one way.
async fn check(edit: impl Fn(String) -> String + Clone + Send + Sync + 'static, expected: &[Violation]) {
    let (bank, clock) = bank();
    let url = partner(clock, edit).await;
    let outcome = bank.call(&url, "TLMerchantQuery", BUSINESS).await.unwrap();
    assert_eq!(outcome.violations, expected);
    assert!(!outcome.is_success());
}

#[tokio::test]
async fn the_bank_sees_what_is_wrong_with_an_answer() {
    check(|_| "ok".into(), &[Violation::NotJson]).await;
    check(|_| "[]".into(), &[Violation::NotJson]).await;
    check(|answer| answer.replace("Signature", "signature"), &[Violation::Member("Signature")]).await;
    check(|answer| answer.replace("0000", "0001"), &[Violation::Signature]).await;
    let echo = &[Violation::Echo("transName")];
    check(|answer| answer.replace("TLMerchantQuery", "tlMerchantQuery"), echo).await;
    let timestamp = &[Violation::Signature, Violation::Echo("Timestamp")];
    check(|answer| answer.replace("\"1519700632680\"", "\"1519700632681\""), timestamp).await;
    check(|answer| answer.replace("%7B", "%5B"), &[Violation::Signature, Violation::Plain]).await;
    check(|answer| answer.replace("CODE", "Code"), &[Violation::Signature, Violation::Business("CODE")])
        .await;
}

/// A partner who signs in a way of his own.
async fn check_signed(
    sign: impl Fn(&str, &str) -> String + Clone + Send + Sync + 'static,
    expected: Option<&str>,
) {
    let (bank, clock) = bank();
    let url = partner(clock, move |answer| {
        let mut answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        let text = sign(&text("Plain"), &text("Timestamp"));
        answer["Signature"] = Hasher::<Sha256>::of(text.as_bytes()).signature(Case::Lower).as_str().into();
        answer.to_string()
    })
    .await;
    let outcome = bank.call(&url, "TLMerchantQuery", BUSINESS).await.unwrap();
    let told = outcome.diagnosis.as_deref();
    assert_eq!(outcome.violations.is_empty(), expected.is_none(), "{told:?}");
    match expected {
        Some(words) => assert!(told.is_some_and(|told| told.contains(words)), "{told:?}"),
        None => assert_eq!(told, None),
    }
}

#[tokio::test]
async fn the_bank_names_the_mistake_in_a_signature() {
    check_signed(|plain, timestamp| format!("{plain}salt{timestamp}"), None).await;
    let behind = "the secret is at the end as `…SECRET`: it must be directly behind the first parameter";
    check_signed(|plain, timestamp| format!("{plain}{timestamp}salt"), Some(behind)).await;
    check_signed(|plain, _| format!("{plain}salt"), Some("`Timestamp` is not signed")).await;
    let decoded =
        |plain: &str, timestamp: &str| format!("{}salt{timestamp}", sign_core::form::decode(plain).unwrap());
    check_signed(decoded, Some("the values were decoded before signing")).await;
    check_signed(|_, _| "x".into(), Some("none of these mistakes")).await;
}

#[tokio::test]
async fn the_bank_waits_as_long_as_its_deadline() {
    let hang = || async { std::future::pending::<&'static str>().await };
    let url = serve(Router::new().route("/cb", post(hang))).await + "/cb";
    let (bank, _) = bank();
    let bank = bank.deadline(Duration::from_millis(50));
    let error = bank.call(&url, "T", "{}").await.unwrap_err();
    let CallError::Transport(error) = error else { panic!("{error}") };
    assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error}");
    assert!(matches!(bank.call("nonsense", "T", "{}").await, Err(CallError::Address(_))));
    let exact =
        serve(Router::new().route("/cb", post(async |body: Bytes| body.len().to_string()))).await + "/cb";
    let large = bank.deadline(Duration::from_secs(60));
    let outcome = large.send(&exact, &large.seal_with(Mistake::TooLarge, "T", "{}")).await.unwrap();
    assert_eq!(
        outcome.violations,
        [Violation::NotTooLarge(200), Violation::NotJson, Violation::Code { expected: "0001" }]
    );
    let (bank, _) = crate::bank();
    let status = serve(Router::new()).await;
    let outcome = bank.call(&status, "T", "{}").await.unwrap();
    assert_eq!(outcome.violations, [Violation::Status(404), Violation::NotJson]);
}

async fn editor(conditions: &'static str, saved: &'static str) -> Editor {
    let save = async move |body: Bytes| {
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&body["userId"], &body["authScope"]), (&"u".into(), &0.into()));
        saved
    };
    let list = async move |headers: HeaderMap| match headers.get("authorization") {
        Some(token) if token == "Bearer t" => conditions.into_response(),
        _ => (axum::http::StatusCode::UNAUTHORIZED, "").into_response(),
    };
    let app = Router::new().route("/getAuthConditions", get(list)).route("/saveNotify", post(save));
    Editor::new(PartnerUrls::below(&serve(app).await).bearer("t"))
}

#[tokio::test]
async fn the_editor_lists_and_saves() {
    let conditions =
        r#"{"code":"200","msg":"ok","data":[{"label":"年龄","name":"age","type":"number","children":[]}]}"#;
    let editor = editor(conditions, r#"{"code":200,"msg":"ok","data":{"configId":"c-1"}}"#).await;
    let listed = editor.conditions().await.unwrap();
    assert_eq!(listed[0]["name"], "age");
    let setting =
        Setting::new("u", vec![json!({"label": "年龄", "name": "age", "value": 18, "type": "number"})]);
    assert_eq!(editor.save(&setting).await.unwrap(), "c-1");
}

#[tokio::test]
async fn the_editor_says_what_is_wrong() {
    let editor =
        editor(r#"{"code":"200","data":[{"label":"x","name":"y"}]}"#, r#"{"code":400,"msg":"缺少userId"}"#)
            .await;
    assert!(matches!(editor.conditions().await, Err(EditorError::Member("type"))));
    let refused = editor.save(&Setting::new("u", Vec::new())).await.unwrap_err();
    assert_eq!(refused.to_string(), "the partner refused with code `400`: `缺少userId`");
    let nobody = Editor::new(PartnerUrls::below(&serve(Router::new()).await));
    assert!(matches!(nobody.conditions().await, Err(EditorError::Status(404))));
}

async fn check_page(answer: &'static str, allowed: bool) {
    let reply = async move |body: Bytes| {
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (&body["userParam"]["audid"], &body["checkType"]),
            (&"9007199254740993".into(), &"true".into())
        );
        answer
    };
    let page =
        Page::new(PartnerUrls::below(&serve(Router::new().route("/checkUserAuth", post(reply))).await));
    let verdict = page.check(&CheckRequest::user("9007199254740993").saved("c-1")).await;
    assert_eq!(verdict.allowed, allowed, "{answer}");
    assert_eq!(verdict.status, Some(200));
}

#[tokio::test]
async fn the_page_lets_in_200_and_true_and_nobody_else() {
    check_page(r#"{"code":"200","msg":"鉴权成功","data":"true","errorCode":""}"#, true).await;
    check_page(r#"{"code":200,"data":true}"#, true).await;
    check_page(r#"{"code":"200","data":"false","errorCode":"NOT_QUALIFIED"}"#, false).await;
    check_page(r#"{"code":"200","data":"TRUE"}"#, false).await;
    check_page(r#"{"code":"200","data":1}"#, false).await;
    check_page(r#"{"code":"200"}"#, false).await;
    check_page(r#"{"code":"500","data":"true"}"#, false).await;
    check_page(r#"{"data":"true"}"#, false).await;
    check_page("true", false).await;
    check_page("", false).await;
}

#[tokio::test]
async fn the_page_does_not_wait_for_ever() {
    let hang = || async { std::future::pending::<&'static str>().await };
    let urls = PartnerUrls::below(&serve(Router::new().route("/checkUserAuth", post(hang))).await);
    let page = Page::new(urls).patience(Duration::from_millis(50));
    let verdict = page.check(&CheckRequest::user("1")).await;
    assert!(!verdict.allowed);
    assert!(
        matches!(verdict.failure, Some(CheckFailure::Call(CallError::Transport(_)))),
        "{:?}",
        verdict.failure
    );
}

#[tokio::test]
async fn editor_and_page_get_along_with_our_own_server() {
    use rabbitpre_auth::{BearerToken, Catalogue, MemoryAttributes, MemorySettings, Service};
    let conditions = r#"[{"label":"年龄","name":"age","type":"number","children":[]}]"#;
    let users = r#"{"1":{"age":20},"2":{"age":17}}"#;
    let service = Service::new(
        Catalogue::parse(conditions.as_bytes()).unwrap(),
        MemoryAttributes::parse(users.as_bytes()).unwrap(),
        MemorySettings::new("a-"),
    );
    let app = service.guard(BearerToken::new("t").unwrap()).router();
    let urls = PartnerUrls::below(&serve(app).await);
    let editor = Editor::new(urls.clone().bearer("t"));
    assert_eq!(editor.conditions().await.unwrap()[0]["name"], "age");
    let adult = json!({"label": "年龄", "name": "age", "value": 18, "type": "number", "operator": "GTEQ"});
    let id = editor.save(&Setting::new("u", vec![adult])).await.unwrap();
    let page = Page::new(urls.clone().bearer("t"));
    let decide = async |audid: &str, id: &str| page.check(&CheckRequest::user(audid).saved(id)).await;
    assert!(decide("1", &id).await.allowed);
    for (audid, id) in [("2", id.as_str()), ("3", &id), ("1", "unknown")] {
        let verdict = decide(audid, id).await;
        assert!(!verdict.allowed);
        assert_eq!(verdict.error_code.as_deref(), Some("NOT_QUALIFIED"), "{verdict:?}");
    }
    let stranger = Page::new(urls).check(&CheckRequest::user("1").saved(&id)).await;
    assert_eq!((stranger.allowed, stranger.status), (false, Some(401)));
}

/// What is no request can be sent, too, and the answer is there as it came.
#[tokio::test]
async fn bytes_go_as_they_are_and_answers_come_as_they_are() {
    let echo = |body: axum::body::Bytes| async move { (axum::http::StatusCode::IM_A_TEAPOT, body) };
    let app = Router::new().route("/checkUserAuth", post(echo)).route("/saveNotify", post(echo));
    let urls = PartnerUrls::below(&serve(app).await).bearer("t").anonymous();
    let (page, editor) = (Page::new(urls.clone()), Editor::new(urls));
    for reply in [page.send("{no json").await.unwrap(), editor.send("{no json").await.unwrap()] {
        assert_eq!((reply.status, reply.body.as_slice()), (418, &b"{no json"[..]));
        assert!(reply.content_type.is_some() && !format!("{reply:?}").contains("no json"));
    }
    assert_eq!(editor.list().await.unwrap().status, 404);
    let connected = Page::new(PartnerUrls::below("http://h")).connect(|base| Err(base.to_owned()));
    assert_eq!(connected.unwrap_err(), "http://h");
}
