//! What travels is what was given, byte by byte.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod raw;

use bytes::Bytes;
use futures_util::stream;
use platform_http::{Body, Client, ErrorKind, HeaderName, HeaderValue, Method, Outcome, Request};
use raw::{OK, Server, config, failed, get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The request target that goes over the wire for this base suffix, path and query.
#[track_caller]
fn target(suffix: &str, path: &str, query: Option<&str>, expected: &str) {
    let line = tokio::runtime::Runtime::new().unwrap().block_on(async {
        let server = Server::answering(OK).await;
        let client = Client::new(config(&format!("{}{suffix}", server.base()))).unwrap();
        let mut request = get(path);
        if let Some(query) = query {
            request = request.query(query);
        }
        client.send(request).await.unwrap();
        server.only_request().lines().next().unwrap().to_owned()
    });
    assert_eq!(line, format!("GET {expected} HTTP/1.1"));
}

#[test]
fn the_query_is_not_touched() {
    target("", "/a", None, "/a");
    target("", "/a", Some("generate"), "/a?generate");
    target("", "/a", Some("generate="), "/a?generate=");
    target("", "/a", Some("z=1&a=2&z=1"), "/a?z=1&a=2&z=1");
    target("", "/a", Some("v=a+b%2Bc%20d"), "/a?v=a+b%2Bc%20d");
    target("", "/a", Some("v=~%7E%7e"), "/a?v=~%7E%7e");
    target("", "/a", Some("v=!()*;:@$,/?[]"), "/a?v=!()*;:@$,/?[]");
    target("", "/a", Some("v=%E4%B8%AD%zz%"), "/a?v=%E4%B8%AD%zz%");
    target("", "/a", Some("&&=&"), "/a?&&=&");
}

#[test]
fn the_path_is_not_touched() {
    target("", "", None, "/");
    target("", "a/b", None, "/a/b");
    target("", "/a%2Fb/%7e~", None, "/a%2Fb/%7e~");
    target("", "//a//b/", None, "//a//b/");
    target("/", "/a", None, "/a");
    target("/gate", "/a", None, "/gate/a");
    target("/gate/way/", "a", Some("q"), "/gate/way/a?q");
    target("/gate/", "", None, "/gate");
}

#[track_caller]
fn refused(path: &str, query: Option<&str>) {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut request = get(path);
        if let Some(query) = query {
            request = request.query(query);
        }
        let error = failed(Client::new(config("http://127.0.0.1:9")).unwrap().send(request).await);
        assert!(matches!(error.kind(), ErrorKind::InvalidRequest(_)), "{error}");
        assert!(error.is_callers_fault());
        assert_eq!(error.outcome(), Outcome::NotSent);
    });
}

#[test]
fn what_would_be_rewritten_is_refused() {
    refused("/a?secret=1", None);
    refused("/a#secret", None);
    refused("/a/../b", None);
    refused("/./a", None);
    refused("/a b", None);
    refused("/中", None);
    refused("/a\\b", None);
    refused("/a\nb", None);
    refused("/a/%2e%2e/b", None);
    refused("/a", Some("secret=中"));
    refused("/a", Some("secret=a b"));
    refused("/a", Some("secret='a'"));
    refused("/a", Some("secret=\"a\""));
    refused("/a", Some("secret=a#b"));
    refused("/a", Some("secret=a\r\nb"));
    refused("/a", Some("secret=a\tb"));
    refused("/a", Some(" secret=a"));
}

#[tokio::test]
async fn the_body_is_not_touched() {
    for body in [Bytes::from_static(b"{ \"a\" :\t1.0 }\r\n"), Bytes::from((0..=255).collect::<Vec<u8>>())] {
        let server = Server::answering(OK).await;
        server.client().send(post(body.clone())).await.unwrap();
        let seen = server.requests().remove(0);
        assert!(seen.ends_with(&[b"\r\n\r\n", &body[..]].concat()));
        let head = String::from_utf8_lossy(&seen).to_lowercase();
        assert!(head.contains(&format!("\r\ncontent-length: {}\r\n", body.len())));
        assert!(head.contains("\r\ncontent-type: application/json\r\n"));
        assert!(!head.contains("transfer-encoding"));
    }
}

#[tokio::test]
async fn a_large_body_arrives_whole_and_in_order() {
    let body: Vec<u8> = (0..3_000_001_u32).map(|i| (i % 251) as u8).collect();
    let server = Server::answering(OK).await;
    server.client().send(post(body.clone())).await.unwrap();
    assert!(server.requests()[0].ends_with(&body));
}

#[tokio::test]
async fn headers() {
    let server = Server::answering(OK).await;
    let client = Client::new(server.config().user_agent("mine/1")).unwrap();
    let name = HeaderName::from_static("x-two");
    let request = get("/")
        .header(name.clone(), HeaderValue::from_static("1"))
        .header(name, HeaderValue::from_static("2"));
    client.send(request).await.unwrap();
    let seen = server.only_request().to_lowercase();
    assert!(seen.contains("\r\nuser-agent: mine/1\r\n"));
    assert!(seen.contains("\r\nx-two: 1\r\nx-two: 2\r\n"));
    assert!(seen.contains(&format!("\r\nhost: {}\r\n", server.address)));
    assert!(!seen.contains("content-length") && !seen.contains("content-type") && !seen.contains("referer"));
    assert!(!seen.contains("accept-encoding"));
}

#[tokio::test]
async fn an_empty_post_announces_its_length() {
    let server = Server::answering(OK).await;
    server.client().send(Request::new("test", "post", Method::POST, "/")).await.unwrap();
    assert!(server.only_request().to_lowercase().contains("\r\ncontent-length: 0\r\n"));
}

#[tokio::test]
async fn framing_is_not_the_callers() {
    for name in ["content-length", "transfer-encoding", "connection", "upgrade"] {
        let request = post("{}").header(HeaderName::from_static(name), HeaderValue::from_static("secret"));
        let error = failed(Server::hanging().await.client().send(request).await);
        assert!(matches!(error.kind(), ErrorKind::InvalidRequest(_)), "{error}");
    }
}

#[tokio::test]
async fn a_broken_content_type_is_the_callers_fault() {
    let error =
        failed(Server::hanging().await.client().send(post("{}").content_type("a\r\nsecret: b")).await);
    assert!(matches!(error.kind(), ErrorKind::InvalidRequest(_)));
    assert_eq!(error.outcome(), Outcome::NotSent);
}

#[tokio::test]
async fn a_stream_of_known_length_announces_it_and_another_is_chunked() {
    let pieces = || stream::iter(["ab", "", "cde"].map(|piece| Ok(Bytes::from_static(piece.as_bytes()))));
    let server = Server::answering(OK).await;
    server.client().send(post(Body::stream(pieces(), Some(5)))).await.unwrap();
    let seen = server.only_request();
    assert!(
        seen.to_lowercase().contains("\r\ncontent-length: 5\r\n") && seen.ends_with("\r\n\r\nabcde"),
        "{seen}"
    );

    let server = Server::answering(OK).await;
    server.client().send(post(Body::stream(pieces(), None))).await.unwrap();
    let seen = server.only_request();
    assert!(seen.to_lowercase().contains("\r\ntransfer-encoding: chunked\r\n"), "{seen}");
    assert!(seen.ends_with("2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"), "{seen}");
}

#[tokio::test]
async fn redirects_and_error_statuses_are_replies() {
    for status in ["301 Moved", "302 Found", "307 Again", "401 Who", "407 Odd", "500 Oh", "299 Fine"] {
        let reply = format!(
            "HTTP/1.1 {status}\r\nlocation: /elsewhere\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nbody"
        );
        let server = Server::answering(reply).await;
        let reply = server.client().send(get("/")).await.unwrap();
        assert!(status.starts_with(&reply.status.to_string()));
        assert_eq!(reply.is_success(), status.starts_with('2'));
        assert_eq!(reply.headers["location"], "/elsewhere");
        assert_eq!(reply.content_type.as_deref(), Some("text/plain"));
        assert_eq!(&reply.body[..], b"body");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = Server::start(|mut stream, server| async move {
        while !server.read(&mut stream).await.is_empty() {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
        }
    })
    .await;
    let client = server.client();
    for _ in 0..3 {
        client.clone().send(post("{}")).await.unwrap();
    }
    // One connection: the fourth (empty) reading has not happened, for it is still open.
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn interim_answers_are_skipped() {
    let server = Server::answering(format!("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n{OK}")).await;
    let reply = server.client().send(get("/")).await.unwrap();
    assert_eq!((reply.status, &reply.body[..]), (200, &b"ok"[..]));
}

/// A gateway that refuses a large upload by its head alone is heard.
#[tokio::test]
async fn an_answer_before_the_upload_is_complete() {
    let server = Server::start(|mut stream, _| async move {
        stream.read_exact(&mut [0; 10]).await.unwrap();
        stream.write_all(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno").await.unwrap();
        while stream.read(&mut [0; 65536]).await.is_ok_and(|length| length > 0) {}
    })
    .await;
    let reply = server.client().send(post(vec![b'x'; 24 * 1024 * 1024])).await.unwrap();
    assert_eq!((reply.status, &reply.body[..]), (413, &b"no"[..]));
}
