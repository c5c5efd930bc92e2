//! Attributes over HTTP, from an endpoint that answers well, badly, late, or not at all.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod endpoint;

use std::time::Duration;

use platform_http::system::listen;
use platform_http::{BaseUrl, Config, ConfigError, ErrorKind};
use rabbitpre_auth::{
    AttributeSource as _, Attributes, CachedAttributes, CheckRequest, HttpAttributes, HttpAttributesError,
    HttpSettingError, ReadError, SourceAddress, SourceCounters, SourceOptions,
};

use endpoint::{Does, Endpoint, ok};

/// Long enough for a busy machine, where an answer is expected.
const PATIENCE: Duration = Duration::from_secs(30);
/// Where none is.
const IMPATIENCE: Duration = Duration::from_millis(100);

fn asking(endpoint: &Endpoint) -> HttpAttributes {
    HttpAttributes::new(&format!("{}/attributes?key=s3cret", endpoint.address)).unwrap().deadline(PATIENCE)
}

const USER: &str = r#"{"userParam":{"audid":9007199254740993,"phone":"13800000000","sex":1.50,"identitys":[{"openid":"o"}]}}"#;

async fn ask(source: &HttpAttributes, names: &[&str]) -> Result<Attributes<'static>, HttpAttributesError> {
    let request = CheckRequest::parse(USER.as_bytes()).unwrap();
    match source.fetch(request.user(), names).await {
        Ok(answer) => Ok((*answer).clone()),
        Err(error) => {
            let shown = format!("{error} {error:?}");
            for personal in ["9007199254740993", "13800000000", "s3cret", "t0ken"] {
                assert!(!shown.contains(personal), "{shown}");
            }
            Err(*error.downcast::<HttpAttributesError>().unwrap())
        }
    }
}

#[tokio::test]
async fn it_is_asked_as_documented() {
    let endpoint = Endpoint::always(ok("{}")).await;
    let source = asking(&endpoint).bearer_token(" t0ken\n").unwrap();
    ask(&source, &["b", "a", "b"]).await.unwrap();
    let (head, body) = endpoint.asked.lock().unwrap()[0].clone();
    assert_eq!(
        body,
        r#"{"audid":"9007199254740993","names":["a","b"],"userParam":{"audid":9007199254740993,"phone":"13800000000","sex":1.50,"identitys":[{"openid":"o"}]}}"#
    );
    assert!(head.starts_with("POST /attributes?key=s3cret HTTP/1.1\r\n"), "{head}");
    let head = head.to_ascii_lowercase();
    assert!(
        head.contains("\r\nauthorization: bearer t0ken\r\n")
            || head.ends_with("\r\nauthorization: bearer t0ken")
    );
    assert!(head.contains("\r\ncontent-type: application/json"), "{head}");
    let shown = format!("{source:?}");
    assert!(!shown.contains("s3cret") && !shown.contains("t0ken"), "{shown}");
}

async fn path(url: &str, expected: &str) {
    let endpoint = Endpoint::always(ok("{}")).await;
    let source = HttpAttributes::new(&format!("{}{url}", endpoint.address)).unwrap().deadline(PATIENCE);
    ask(&source, &["a"]).await.unwrap();
    let head = endpoint.asked.lock().unwrap()[0].0.clone();
    assert!(head.starts_with(&format!("POST {expected} HTTP/1.1\r\n")), "{head}");
}

#[tokio::test]
async fn the_address_is_taken_as_written() {
    path("", "/").await;
    path("/", "/").await;
    path("/a", "/a").await;
    path("/a/", "/a/").await;
    path("/a/b%20c?x=%26&y", "/a/b%20c?x=%26&y").await;
    path("/a/?", "/a/?").await;
}

async fn answers(answer: &str, expected: &str) {
    let endpoint = Endpoint::always(ok(answer)).await;
    let found = ask(&asking(&endpoint), &["c", "a", "b"]).await.unwrap();
    assert!(found == Attributes::parse(expected.as_bytes()).unwrap(), "{answer}");
}

#[tokio::test]
async fn an_answer_is_an_object_perhaps_within_another() {
    answers(r#"{"a":9007199254740993,"b":["x",1.0]}"#, r#"{"a":9007199254740993,"b":["x",1.0]}"#).await;
    answers(r#"{"code":"0","attributes":{"a":"x"}}"#, r#"{"a":"x"}"#).await;
    answers(r#"{"attributes":{}}"#, "{}").await;
    // An attribute of that name.
    answers(r#"{"attributes":"x","a":1}"#, r#"{"a":1}"#).await;
    // What was not asked for stays behind; null hides userParam's member (SPEC.md §4.10).
    answers(r#"{"z":1,"a":null}"#, r#"{"a":null}"#).await;
    answers(" {}\n", "{}").await;
    // What it calls a code is an attribute, or stands beside one.
    answers(r#"{"code":"0","a":1}"#, r#"{"a":1}"#).await;
}

#[tokio::test]
async fn a_failure_with_status_200_is_no_user_without_attributes() {
    let envelope = |error: &_| matches!(error, HttpAttributesError::Envelope { .. });
    fails(ok(r#"{"code":"500","msg":"13800000000"}"#), envelope, "another status than 2xx").await;
    fails(ok(r#"{"code":200,"data":{"a":1}}"#), envelope, "let it answer an object from name to value").await;
    for other in ["null", "[]", r#"[{"a":1}]"#, r#""x""#] {
        fails(ok(&format!(r#"{{"attributes":{other}}}"#)), envelope, "no object").await;
    }
}

#[tokio::test]
async fn an_unknown_user_has_no_attributes() {
    let endpoint = Endpoint::always(Does::Answer(404, "<html>".to_owned())).await;
    assert!(ask(&asking(&endpoint), &["a"]).await.unwrap().is_empty());
}

#[tokio::test]
async fn when_nothing_is_read_nobody_is_asked() {
    let endpoint = Endpoint::always(Does::Hang).await;
    assert!(ask(&asking(&endpoint), &[]).await.unwrap().is_empty());
    assert_eq!(endpoint.asked(), 0);
}

async fn fails(does: Does, expected: fn(&HttpAttributesError) -> bool, shown: &str) {
    let endpoint = Endpoint::always(does).await;
    let source = asking(&endpoint);
    let error = ask(&source, &["a"]).await.unwrap_err();
    assert!(expected(&error), "{error:?}");
    assert!(error.to_string().contains(shown), "{error}");
    assert!(error.to_string().contains("/attributes"), "{error}");
    assert_eq!(source.counters(), SourceCounters { asked: 1, failed: 1, ..SourceCounters::default() });
}

#[tokio::test]
async fn other_statuses_are_errors() {
    use HttpAttributesError::Status;
    let answer = |status| Does::Answer(status, r#"{"a":"9007199254740993"}"#.to_owned());
    fails(answer(500), |error| matches!(error, Status { status: 500, .. }), "look after it").await;
    fails(answer(503), |error| matches!(error, Status { status: 503, .. }), "fewer questions").await;
    fails(answer(401), |error| matches!(error, Status { status: 401, .. }), "check the token").await;
    fails(answer(400), |error| matches!(error, Status { status: 400, .. }), "check the address").await;
    fails(answer(302), |error| matches!(error, Status { status: 302, .. }), "no redirect").await;
}

#[tokio::test]
async fn garbage_is_an_error() {
    use HttpAttributesError::{NotAnObject, Transport, Unreadable};
    let not_json = |error: &_| matches!(error, Unreadable { error: ReadError::NotJson { .. }, .. });
    fails(ok("13800000000 <html>"), not_json, "not JSON at byte").await;
    fails(ok(""), not_json, "not JSON at byte 0").await;
    fails(ok(r#"{"a":1} {"#), not_json, "something follows").await;
    fails(ok("[]"), |error| matches!(error, NotAnObject { .. }), "no object").await;
    let doubled = |error: &_| matches!(error, Unreadable { error: ReadError::DoubledMember { .. }, .. });
    fails(ok(r#"{"a":1,"a":2}"#), doubled, "twice").await;
    let deep = |error: &_| matches!(error, Unreadable { error: ReadError::TooDeep { .. }, .. });
    fails(ok(&format!(r#"{{"a":{}"#, "[".repeat(100_000))), deep, "deep").await;
    let large =
        |error: &_| matches!(error, Transport(error) if matches!(error.kind(), ErrorKind::TooLarge { .. }));
    fails(ok(&format!(r#"{{"a":"{}"}}"#, "x".repeat(1 << 20))), large, "").await;
    let endless = format!("HTTP/1.1 200 X\r\n\r\n{{\"a\":\"{}", "x".repeat(2 << 20));
    fails(Does::Write(endless.into()), large, "").await;
    let protocol =
        |error: &_| matches!(error, Transport(error) if matches!(error.kind(), ErrorKind::Protocol));
    fails(Does::Write(b"SSH-2.0-x\r\n\r\n".to_vec()), protocol, "").await;
    let cut = |error: &_| matches!(error, Transport(error) if matches!(error.kind(), ErrorKind::Cut));
    fails(Does::Write(b"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\n{}".to_vec()), cut, "").await;
}

#[tokio::test]
async fn a_kept_connection_that_closes_is_no_error() {
    // The second question meets a connection that the endpoint gives up.
    let endpoint =
        Endpoint::new(|number, _| if number == 2 { Does::Write(Vec::new()) } else { ok(r#"{"a":1}"#) }).await;
    let source = asking(&endpoint);
    for _ in 0..2 {
        assert_eq!(ask(&source, &["a"]).await.unwrap().len(), 1);
    }
    assert_eq!(endpoint.asked(), 3);
    // But nobody is asked for ever.
    let endpoint = Endpoint::always(Does::Write(Vec::new())).await;
    let error = ask(&asking(&endpoint), &["a"]).await.unwrap_err();
    assert!(
        matches!(&error, HttpAttributesError::Transport(error) if *error.kind() == ErrorKind::Cut),
        "{error:?}"
    );
    assert_eq!(endpoint.asked(), 2);
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_an_error() {
    let listener = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = ask(&HttpAttributes::new(&url).unwrap().deadline(PATIENCE), &["a"]).await.unwrap_err();
    assert!(
        matches!(&error, HttpAttributesError::Transport(error) if matches!(error.kind(), ErrorKind::Connect(_))),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_endpoint_that_hangs_is_left_at_the_deadline() {
    let endpoint = Endpoint::always(Does::Hang).await;
    let error = ask(&asking(&endpoint).deadline(IMPATIENCE), &["a"]).await.unwrap_err();
    assert!(
        matches!(&error, HttpAttributesError::Transport(error) if matches!(error.kind(), ErrorKind::Timeout { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_deadline_may_be_longer_than_anybody_counts() {
    let endpoint = Endpoint::always(ok(r#"{"a":1}"#)).await;
    assert_eq!(ask(&asking(&endpoint).deadline(Duration::MAX), &["a"]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_wait_for_a_place_counts() {
    let endpoint = Endpoint::always(Does::Hang).await;
    let source = asking(&endpoint).at_a_time(1);
    let holding = tokio::spawn({
        let source = source.clone();
        async move { ask(&source, &["a"]).await }
    });
    endpoint.hanging.notified().await;
    let error = ask(&source.clone().deadline(IMPATIENCE), &["a"]).await.unwrap_err();
    assert!(matches!(error, HttpAttributesError::Busy { deadline: IMPATIENCE, .. }), "{error:?}");
    assert_eq!(endpoint.asked(), 1);
    // Whoever goes away frees the place.
    holding.abort();
    assert!(holding.await.is_err_and(|error| error.is_cancelled()));
    let error = ask(&source.deadline(IMPATIENCE), &["a"]).await.unwrap_err();
    assert!(matches!(error, HttpAttributesError::Transport(_)), "{error:?}");
}

#[tokio::test]
async fn users_who_take_long_hold_up_nobody_else() {
    let endpoint =
        Endpoint::new(
            |_, body| {
                if body.contains("\"names\":[\"slow\"]") { Does::Hang } else { ok(r#"{"a":1}"#) }
            },
        )
        .await;
    let source = asking(&endpoint);
    let asks: Vec<_> = (0..300)
        .map(|number| {
            let is_slow = number % 100 == 0;
            let source = if is_slow { source.clone().deadline(IMPATIENCE) } else { source.clone() };
            tokio::spawn(async move { ask(&source, &[if is_slow { "slow" } else { "a" }]).await })
        })
        .collect();
    for (number, asked) in asks.into_iter().enumerate() {
        assert_eq!(asked.await.unwrap().is_err(), number % 100 == 0, "{number}");
    }
    assert_eq!(source.counters(), SourceCounters { asked: 300, failed: 3, ..SourceCounters::default() });
}

#[track_caller]
fn refused(url: &str, expected: &HttpSettingError) {
    assert_eq!(HttpAttributes::new(url).unwrap_err(), *expected);
}

#[test]
fn settings_that_cannot_work_are_refused_at_once() {
    refused("http://host/?a=b c", &HttpSettingError::Query);
    refused("http://host/?a=用户", &HttpSettingError::Query);
    refused("http://host/?a#b", &HttpSettingError::Query);
    let reason = "its scheme is neither http nor https";
    refused("ftp://host", &HttpSettingError::Client(ConfigError::BaseUrl { reason }));
    let source = || HttpAttributes::of_config(Config::new(BaseUrl::parse("http://host/a").unwrap())).unwrap();
    for token in ["", " ", "a b", "a\nb", "令牌"] {
        assert_eq!(source().bearer_token(token).unwrap_err(), HttpSettingError::Token, "{token}");
    }
}

#[tokio::test]
async fn it_is_opened_by_its_address_with_a_cache() {
    let endpoint = Endpoint::always(ok(r#"{"a":1}"#)).await;
    let address = SourceAddress::parse(&endpoint.address).unwrap();
    let options =
        SourceOptions::default().bearer_token("t0ken").deadline(PATIENCE).at_a_time(2).cache(PATIENCE);
    let source = address.open(options).await.unwrap();
    for user in [r#"{"audid":1,"openid":"o"}"#, r#"{"audid":1,"openid":"p"}"#, r#"{"audid":1,"openid":"o"}"#]
    {
        let request = format!(r#"{{"userParam":{user}}}"#);
        let request = CheckRequest::parse(request.as_bytes()).unwrap();
        assert_eq!(source.fetch(request.user(), &["a"]).await.unwrap().len(), 1);
    }
    // The endpoint may answer from any member of userParam: another openid is another question.
    assert_eq!(endpoint.asked(), 2);
    assert_eq!(source.counters().answered_from_cache, 1);
}

#[tokio::test]
async fn behind_a_cache_an_error_keeps_its_reason() {
    let endpoint = Endpoint::always(Does::Answer(500, String::new())).await;
    let source = CachedAttributes::new(asking(&endpoint), PATIENCE);
    let request = CheckRequest::parse(USER.as_bytes()).unwrap();
    let error = source.fetch(request.user(), &["a"]).await.unwrap_err();
    assert!(error.to_string().contains("/attributes` answered status 500; look after it"), "{error}");
}
