//! Nothing secret is shown: not in `Debug`, not in `Display`, not in `tracing`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod raw;

use std::time::Duration;

use bytes::Bytes;
use platform_http::{
    BaseUrl, Body, Client, ConfigError, HeaderName, HeaderValue, Method, Proxy, Request, Response,
};
use raw::log::Log;
use raw::{Server, config, failed, get};

fn full_of_secrets() -> Request {
    Request::new("webank", "call", Method::POST, "/api/s/x")
        .query("sign=SECRET1&id=SECRET2")
        .header(HeaderName::from_static("authorization"), HeaderValue::from_static("SECRET3"))
        .body("SECRET4")
}

#[track_caller]
fn line<'a>(log: &'a str, message: &str) -> &'a str {
    log.lines().find(|line| line.contains(message)).unwrap_or_else(|| panic!("no `{message}` in {log}"))
}

#[tokio::test]
async fn an_answered_call() {
    let (log, _guard) = Log::start();
    let server = Server::answering(
        "HTTP/1.1 200 OK\r\nset-cookie: SECRET5\r\ncontent-type: text/plain\r\ncontent-length: 7\r\n\r\nSECRET6",
    )
    .await;
    let client = server.client();
    let reply = client.send(full_of_secrets()).await.unwrap();
    reply.call.record_code("60840000");
    reply.call.record_serial("20190829\nERROR forged\u{1b}[31m");
    let shown = format!("{reply:?} {client:?} {:?}", full_of_secrets());
    drop(reply);
    let log = log.text();
    let line = line(&log, "call answered");
    for wanted in [
        " DEBUG ",
        "platform=\"webank\"",
        "operation=\"call\"",
        "method=\"POST\"",
        &format!("host=\"{}\"", server.address),
        "path=\"/api/s/x\"",
        "status=200",
        "bytes_out=7",
        "bytes_in=7",
        "duration_ms=",
        "code=60840000",
        "serial=20190829?ERROR?forged?[31m",
    ] {
        assert!(line.contains(wanted), "`{wanted}` is not in {line}");
    }
    assert!(!log.contains("SECRET"), "{log}");
    assert!(!shown.contains("SECRET"), "{shown}");
}

#[tokio::test]
async fn a_failed_call() {
    let (log, _guard) = Log::start();
    let server =
        Server::answering("HTTP/1.1 200 OK\r\nx-a: SECRET5\r\ncontent-length: 9\r\n\r\nSECRET6").await;
    failed(server.client().send(full_of_secrets()).await);
    let log = log.text();
    let line = line(&log, "call failed");
    assert!(line.contains(" WARN ") && line.contains("status=200") && line.contains("bytes_in=7"), "{line}");
    assert!(!log.contains("SECRET"), "{log}");
    assert!(!log.contains("call answered") && !log.contains("call abandoned"), "{log}");
}

#[tokio::test]
async fn a_call_that_cannot_be_sent() {
    let (log, _guard) = Log::start();
    let server = Server::hanging().await;
    for path in ["/a?sign=SECRET1", "/a#SECRET1"] {
        let request = Request::new("webank", "call", Method::POST, path).query("SECRET2=中");
        let shown = format!("{request:?}");
        let error = failed(server.client().send(request).await);
        assert_eq!(error.path(), "/a");
        assert!(!shown.contains("SECRET"), "{shown}");
    }
    let client = Client::new(
        config("http://platform.invalid")
            .proxy(Proxy::url("http://u:SECRET7@does-not-exist.invalid").unwrap()),
    )
    .unwrap();
    assert!(!format!("{client:?} {:?}", client.config()).contains("SECRET"));
    failed(client.send(full_of_secrets()).await);
    let log = log.text();
    line(&log, "call failed");
    assert!(!log.contains("SECRET"), "{log}");
}

#[tokio::test]
async fn an_abandoned_call() {
    let (log, _guard) = Log::start();
    let client = Server::hanging().await.client();
    let given_up = tokio::time::timeout(Duration::from_millis(100), client.send(full_of_secrets())).await;
    assert!(given_up.is_err(), "the server never answers");
    let log = log.text();
    line(&log, "call abandoned");
    assert!(!log.contains("SECRET"), "{log}");
}

#[tokio::test]
async fn a_long_code_is_cut() {
    let (log, _guard) = Log::start();
    let server = Server::answering(raw::OK).await;
    let reply = server.client().send(get("/")).await.unwrap();
    reply.call.record_code(&"中x".repeat(1000));
    drop(reply);
    let log = log.text();
    assert!(line(&log, "call answered").contains(&format!("code={}…", "?x".repeat(32))), "{log}");
}

#[tokio::test]
async fn a_reply_made_by_hand_writes_nothing() {
    let (log, _guard) = Log::start();
    let reply = Response::new(200, Some("text/plain"), Bytes::from_static(b"SECRET"));
    reply.call.record_code("0");
    assert!(!format!("{reply:?}").contains("SECRET"));
    drop(reply);
    assert_eq!(log.text(), "");
}

#[track_caller]
fn base(url: &str, expected: &str) {
    match BaseUrl::parse(url) {
        Err(error @ ConfigError::BaseUrl { .. }) => {
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(expected) && !shown.contains("SECRET"), "{shown}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn base_urls_are_checked() {
    base("", "absolute");
    base("platform.example", "absolute");
    base("/api", "absolute");
    base("http://", "absolute");
    base("http://SECRET SECRET/", "absolute");
    base("ftp://platform.example/SECRET", "scheme");
    base("file:///SECRET", "scheme");
    base("https://SECRET@platform.example", "user name");
    base("https://u:SECRET@platform.example", "user name");
    base("https://:SECRET@platform.example", "user name");
    base("https://platform.example/?SECRET", "query");
    base("https://platform.example/#SECRET", "fragment");
    let shown = |url| BaseUrl::parse(url).unwrap().to_string();
    assert_eq!(shown(" HTTPS://Platform.Example:443/gate// "), "https://platform.example/gate");
    assert_eq!(shown("http://[::1]:8080"), "http://[::1]:8080");
    let loopback = |url| BaseUrl::parse(url).unwrap().is_loopback();
    assert!(
        ["http://localhost", "http://a.localhost.", "http://127.9.9.9", "http://[::1]"]
            .into_iter()
            .all(loopback)
    );
    assert!(!["http://localhost.example", "http://10.0.0.1", "http://[::2]"].into_iter().any(loopback));
}

#[test]
fn bodies_show_their_length_only() {
    assert_eq!(format!("{:?}", Body::from("SECRET")), "Body(6 B)");
    assert_eq!(format!("{:?}", Body::stream(futures_util::stream::empty(), None)), "Body(stream)");
    assert!(Body::default().is_empty() && !Body::from("a").is_empty());
}

#[test]
fn a_user_agent_with_line_breaks_is_refused() {
    let config = config("http://localhost").user_agent("a\r\nb");
    assert_eq!(Client::new(config).unwrap_err(), ConfigError::UserAgent);
}
