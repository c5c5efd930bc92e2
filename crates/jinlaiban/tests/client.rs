//! The client against a platform of scripted answers.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod platform;

use std::time::Duration;

use jinlaiban::{
    BaseUrl, Batch, BuildError, Client, Config, CreateDate, Credentials, Fault, Freshness, Outcome,
    ParamError, PushError, Receipt, ReceivedPush, Record, ReplyFault, Secret, Status, UnixMillis,
};
use platform::{Platform, answer};
use platform_http::system::{EntropyError, ManualClock, SeededEntropy};

const SECRET: &str = "58b31d465652be856d7ed80977aa4ce4";
const NOW: UnixMillis = UnixMillis::new(1_615_978_623_456);
const OK: &str = r#"{ "state": "200", "msg": "提交成功" }"#;

fn client(base: &BaseUrl) -> Client {
    let credentials = Credentials::new("app", "m1", Secret::new(SECRET).unwrap()).unwrap();
    Client::builder(credentials)
        .url(&base.to_string())
        .clock(ManualClock::new(NOW))
        .entropy(SeededEntropy::new(7))
        .build()
        .unwrap()
}

fn records(count: usize) -> Vec<Record> {
    let date = CreateDate::parse("2021-03-17 18:57:03").unwrap();
    let record = |id: usize| Record::new(id.to_string(), "u", "查询", date).unwrap().with_user_name("张三");
    (0..count).map(record).collect()
}

fn one() -> Batch {
    Batch::new(records(1)).unwrap()
}

async fn push_answered_by(bytes: Vec<u8>) -> Result<Receipt, PushError> {
    let platform = Platform::start(vec![bytes]).await;
    client(&platform.base).push(&one()).await
}

#[tokio::test]
async fn the_request_is_as_documented_and_verifies() {
    let platform = Platform::start(vec![answer(200, OK)]).await;
    let receipt = client(&platform.base).push(&one()).await.unwrap();
    assert_eq!((receipt.msg(), receipt.reply().status()), ("提交成功", &Status::ACCEPTED));

    let seen = platform.seen();
    assert_eq!(seen[0].line, "POST /openplatform/open/busipush.action?generate HTTP/1.1");
    assert_eq!(seen[0].content_type, "application/x-www-form-urlencoded; charset=UTF-8");
    let received = ReceivedPush::parse(&seen[0].body).unwrap();
    let window = Freshness::within(Duration::from_secs(1));
    assert_eq!(received.verify(&Secret::new(SECRET).unwrap(), &window, NOW), Ok(()));
    assert_eq!(received.get("timestamp"), Some("1615978623"));
    assert_eq!(received.get("nonce").unwrap().len(), 36);
    assert_eq!(received.records(), Ok(vec![Ok(records(1).remove(0))]));
    assert!(!String::from_utf8_lossy(&seen[0].body).contains(SECRET));
}

#[tokio::test]
async fn the_address_of_the_http_settings_counts_everywhere() {
    let platform = Platform::start(vec![answer(200, OK)]).await;
    let there = Config::new(platform.base.clone());
    let credentials = Credentials::new("app", "m1", Secret::new(SECRET).unwrap()).unwrap();
    let client = Client::builder(credentials).url("https://elsewhere.example").http(there).build().unwrap();
    assert_eq!(client.base_url(), &platform.base);
    let push = client.prepare(&one()).unwrap();
    assert_eq!(push.url(), format!("{}/openplatform/open/busipush.action?generate", platform.base));
    client.send(&push).await.unwrap();
    assert_eq!(platform.seen().len(), 1);
}

#[tokio::test]
async fn what_is_prepared_is_what_travels_and_shows_neither_secret_nor_persons() {
    let platform = Platform::start(vec![answer(200, OK)]).await;
    let client = client(&platform.base);
    let (push, other) = (client.prepare(&one()).unwrap(), client.prepare(&one()).unwrap());
    assert_ne!(push.body(), other.body(), "each has a nonce of its own");
    client.send(&push).await.unwrap();
    assert_eq!(platform.seen()[0].body, *push.body());

    let shown = format!("{push}{push:?}{client:?}");
    for hidden in [SECRET, "张三"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    let url = format!("{}/openplatform/open/busipush.action?generate", client.base_url());
    assert_eq!((push.url(), client.base_url()), (url.clone(), &platform.base));
    assert!(
        shown.starts_with(&format!(
            "POST {url}
Content-Type: "
        )),
        "{shown}"
    );
}

/// Answers that are no acceptance: whose fault, what became of the records, try again?
#[track_caller]
fn check(error: &PushError, fault: Fault, outcome: Outcome, retryable: bool) {
    let got = (error.fault(), error.outcome(), error.is_retryable());
    assert_eq!(got, (fault, outcome, retryable), "{error}");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(SECRET) && !shown.contains("张三") && !shown.contains("generate"), "{shown}");
}

#[tokio::test]
async fn refusals() {
    for (status, body, retryable) in [
        ("300", r#"{"status":"300","msg":"异常"}"#, true),
        ("302", r#"{"status":302,"msg":"接口没有权限"}"#, false),
        ("999", r#"{"state":999}"#, false),
    ] {
        let error = push_answered_by(answer(200, body)).await.unwrap_err();
        check(&error, Fault::Platform, Outcome::Refused, retryable);
        let PushError::Refused(refused) = &error else { panic!("{error}") };
        assert_eq!(refused.status().as_str(), status);
        assert!(error.to_string().ends_with(refused.status().advice()), "{error}");
    }
}

#[tokio::test]
async fn answers_that_are_not_understood_leave_the_outcome_unknown() {
    for (http_status, body, reason) in [
        (200, "<html>login</html>", ReplyFault::NotJson),
        (200, "", ReplyFault::NotJson),
        (200, "[]", ReplyFault::NotObject),
        (200, r#"{"code":"200"}"#, ReplyFault::NoStatus),
        (502, "<html>bad gateway</html>", ReplyFault::NotJson),
        (500, r#"{"status":500}"#, ReplyFault::HttpStatus),
        (302, OK, ReplyFault::HttpStatus),
    ] {
        let error = push_answered_by(answer(http_status, body)).await.unwrap_err();
        check(&error, Fault::Reply, Outcome::Unknown, true);
        let PushError::NotUnderstood(fault) = &error else { panic!("{error}") };
        assert_eq!((fault.http_status(), fault.reason()), (http_status, reason));
    }
}

#[tokio::test]
async fn a_cut_connection_leaves_the_outcome_unknown() {
    for cut in ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"status\":\"200\""] {
        let error = push_answered_by(cut.into()).await.unwrap_err();
        check(&error, Fault::Transport, Outcome::Unknown, true);
        assert!(matches!(error, PushError::Unknown(_)), "{error:?}");
    }
}

#[tokio::test]
async fn an_unreachable_host_gets_nothing() {
    let error = client(&platform::nobody().await).push(&one()).await.unwrap_err();
    check(&error, Fault::Transport, Outcome::NotSent, true);
    assert!(matches!(error, PushError::NotSent(_)), "{error:?}");
}

#[tokio::test]
async fn without_entropy_nothing_is_sent() {
    struct Dry;
    impl platform_http::system::Entropy for Dry {
        fn fill(&self, _: &mut [u8]) -> Result<(), EntropyError> {
            Err(EntropyError)
        }
    }
    let credentials = Credentials::new("app", "m1", Secret::new(SECRET).unwrap()).unwrap();
    let client =
        Client::builder(credentials).url(&platform::nobody().await.to_string()).entropy(Dry).build().unwrap();
    let error = client.push(&one()).await.unwrap_err();
    check(&error, Fault::Caller, Outcome::NotSent, true);
}

#[tokio::test]
async fn many_records_go_in_batches_with_signatures_of_their_own() {
    let platform = Platform::start(vec![answer(200, OK)]).await;
    let report = client(&platform.base).push_all(records(4001)).await;
    assert!(report.is_complete());
    assert_eq!((report.accepted(), report.records()), (4001, 4001));
    assert_eq!(
        report.batches.iter().map(|batch| (batch.first, batch.records)).collect::<Vec<_>>(),
        [(0, 2000), (2000, 2000), (4000, 1)]
    );
    let seen = platform.seen();
    let received: Vec<_> = seen.iter().map(|seen| ReceivedPush::parse(&seen.body).unwrap()).collect();
    let arrived: Vec<_> =
        received.iter().flat_map(|push| push.records().unwrap()).map(Result::unwrap).collect();
    assert_eq!(arrived, records(4001));
    let mut signs: Vec<_> = received.iter().map(|push| (push.get("nonce"), push.get("sign"))).collect();
    signs.sort_unstable();
    signs.dedup();
    assert_eq!(signs.len(), 3);
}

#[tokio::test]
async fn a_failed_batch_does_not_stop_the_others_but_302_does() {
    let error = answer(200, r#"{"status":"300"}"#);
    let forbidden = answer(200, r#"{"status":"302"}"#);
    let platform = Platform::start(vec![error, answer(200, OK), forbidden]).await;
    let report = client(&platform.base).push_all(records(8001)).await;
    assert_eq!(platform.seen().len(), 3);
    assert_eq!((report.accepted(), report.records(), report.not_tried.len()), (2000, 6000, 2001));
    assert!(!report.is_complete());
    let statuses: Vec<_> = report
        .failures()
        .map(|(batch, error)| match error {
            PushError::Refused(refused) => (batch.len(), refused.status().as_str().to_owned()),
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(statuses, [(2000, "300".to_owned()), (2000, "302".to_owned())]);
    let mut all = records(8001);
    all.drain(2000..4000);
    assert_eq!(report.into_unsettled().collect::<Vec<_>>(), all);
}

#[test]
fn credentials_are_not_empty_and_do_not_show_the_secret() {
    let secret = || Secret::new(SECRET).unwrap();
    let empty = |app, module| Credentials::new(app, module, secret()).map(drop).unwrap_err();
    assert_eq!(empty("", "m"), ParamError::Empty { name: "appcode" });
    assert_eq!(empty("a", ""), ParamError::Empty { name: "modulecode" });
    let shown = format!("{:?}", Credentials::new("a", "m", secret()).unwrap());
    assert!(!shown.contains(SECRET), "{shown}");
}

#[test]
fn a_client_needs_an_address() {
    let credentials = || Credentials::new("app", "m1", Secret::new(SECRET).unwrap()).unwrap();
    assert_eq!(Client::builder(credentials()).build().unwrap_err(), BuildError::NoUrl);
    let wrong = Client::builder(credentials()).url("platform").build().unwrap_err();
    assert!(matches!(wrong, BuildError::Config(_)), "{wrong:?}");
}
