//! Every way a plain connection can fail, and whether the platform may have seen the request.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod raw;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use platform_http::{Body, Client, ConnectFault, ErrorKind, Outcome, Phase, TransportError};
use raw::{OK, Server, config, failed, get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_secs(20);

#[track_caller]
fn check(error: &TransportError, kind: &ErrorKind, outcome: Outcome) {
    assert_eq!((error.kind(), error.outcome()), (kind, outcome), "{error}");
}

fn timeout(phase: Phase, limit: Duration) -> ErrorKind {
    ErrorKind::Timeout { phase, limit }
}

#[tokio::test]
async fn refused_port() {
    // A port that was free a moment ago.
    let listener = platform_http::system::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::new(config(&format!("http://{address}"))).unwrap();
    let error = failed(client.send(post("secret").query("secret=1")).await);
    check(&error, &ErrorKind::Connect(ConnectFault::Refused), Outcome::NotSent);
    assert_eq!(
        error.to_string(),
        format!(
            "no connection, connection refused: POST {address}/in; nothing was sent; check host and port, and that the service runs"
        )
    );
    assert_eq!((error.host(), error.path()), (&*address.to_string(), "/in"));
}

#[tokio::test]
async fn unknown_host() {
    let client = Client::new(config("http://does-not-exist.invalid")).unwrap();
    let error = failed(client.send(post("secret").query("secret=1")).await);
    check(&error, &ErrorKind::Connect(ConnectFault::Dns), Outcome::NotSent);
}

#[tokio::test]
async fn silence_before_the_answer() {
    let server = Server::hanging().await;
    let client = Client::new(server.config().read_timeout(SHORT).total_timeout(Some(LONG))).unwrap();
    let error = failed(client.send(post("secret")).await);
    check(&error, &timeout(Phase::Read, SHORT), Outcome::Unknown);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_whole_call_takes_too_long() {
    let server = Server::hanging().await;
    let client = Client::new(server.config().total_timeout(Some(SHORT))).unwrap();
    check(&failed(client.send(post("secret")).await), &timeout(Phase::Total, SHORT), Outcome::Unknown);
}

#[tokio::test]
async fn a_requests_own_limit_wins() {
    let server = Server::hanging().await;
    let client = Client::new(server.config().total_timeout(None)).unwrap();
    let error = failed(client.send(post("secret").total_timeout(Some(SHORT))).await);
    check(&error, &timeout(Phase::Total, SHORT), Outcome::Unknown);

    let client = Client::new(server.config().total_timeout(Some(SHORT)).read_timeout(SHORT * 2)).unwrap();
    let error = failed(client.send(post("secret").total_timeout(None)).await);
    check(&error, &timeout(Phase::Read, SHORT * 2), Outcome::Unknown);
}

#[tokio::test]
async fn limits_beyond_the_clock_are_no_limits() {
    let server = Server::answering(OK).await;
    let config = server
        .config()
        .connect_timeout(Duration::MAX)
        .read_timeout(Duration::MAX)
        .total_timeout(Some(Duration::MAX));
    assert_eq!(Client::new(config).unwrap().send(get("/")).await.unwrap().status, 200);
}

/// The handshake belongs to connecting: nothing of the request has left yet.
#[tokio::test]
async fn silence_in_the_handshake() {
    let server = Server::start(|mut stream, server| async move {
        server.read(&mut stream).await;
    })
    .await;
    let base = format!("https://{}", server.address);
    let root = rcgen::generate_simple_self_signed(["a.example".to_owned()]).unwrap().cert.pem();
    let config = config(&base).root_certificates(root.as_bytes()).unwrap();

    let client = Client::new(config.clone().connect_timeout(SHORT)).unwrap();
    let error = failed(client.send(post("secret")).await);
    check(&error, &timeout(Phase::Connect, SHORT), Outcome::NotSent);

    let client = Client::new(config.clone().total_timeout(Some(SHORT))).unwrap();
    let error = failed(client.send(post("secret")).await);
    check(&error, &timeout(Phase::Total, SHORT), Outcome::NotSent);

    // The limit for silence does not count while the connection is being made.
    let client = Client::new(config.connect_timeout(SHORT * 2).read_timeout(SHORT)).unwrap();
    let error = failed(client.send(post("secret")).await);
    check(&error, &timeout(Phase::Connect, SHORT * 2), Outcome::NotSent);
}

async fn answer(reply: impl Into<Vec<u8>>) -> TransportError {
    failed(Server::answering(reply).await.client().send(post("secret").query("secret=1")).await)
}

#[tokio::test]
async fn cut_before_within_and_after_the_head() {
    check(&answer("").await, &ErrorKind::Cut, Outcome::Unknown);
    check(&answer("HTTP/1.1 20").await, &ErrorKind::Cut, Outcome::Unknown);
    check(&answer("HTTP/1.1 200 OK\r\ncontent-le").await, &ErrorKind::Cut, Outcome::Unknown);
    let error = answer("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nsecret").await;
    check(&error, &ErrorKind::Cut, Outcome::Unknown);
    assert_eq!(error.status(), Some(200));
    let error = answer("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nsecret\r\n").await;
    check(&error, &ErrorKind::Cut, Outcome::Unknown);
}

#[tokio::test]
async fn cut_before_the_request_was_read() {
    let server = Server::start(|stream, _| async move { drop(stream) }).await;
    let error = failed(server.client().send(post("secret")).await);
    // Whether the client notices before or after it has written is the network's affair; the two go together.
    match error.outcome() {
        Outcome::NotSent => assert_eq!(error.kind(), &ErrorKind::Connect(ConnectFault::Closed)),
        Outcome::Unknown => assert_eq!(error.kind(), &ErrorKind::Cut),
    }
}

#[tokio::test]
async fn the_server_speaks_first() {
    let server = Server::start(|mut stream, server| async move {
        stream.write_all(b"SSH-2.0-secret\r\n").await.unwrap();
        server.read(&mut stream).await;
    })
    .await;
    let error = failed(server.client().send(post("secret")).await);
    // As above: the client notices before it writes, or after.
    match error.outcome() {
        Outcome::NotSent => assert_eq!(error.kind(), &ErrorKind::Connect(ConnectFault::Closed)),
        Outcome::Unknown => assert_eq!(error.kind(), &ErrorKind::Protocol),
    }
}

#[tokio::test]
async fn reset_in_the_body() {
    let server = Server::start(|mut stream, _| async move {
        // What stays unread makes the system reset the connection instead of closing it.
        stream.read_exact(&mut [0; 10]).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nse").await.unwrap();
    })
    .await;
    let error = failed(server.client().send(post("secret")).await);
    check(&error, &ErrorKind::Cut, Outcome::Unknown);
}

#[tokio::test]
async fn nothing_is_sent_twice() {
    let server = Server::start(|mut stream, server| async move {
        server.read(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
        server.read(&mut stream).await;
    })
    .await;
    let client = server.client();
    client.send(post("first")).await.unwrap();
    // On the same connection, which closes when the request is there.
    check(&failed(client.send(post("second")).await), &ErrorKind::Cut, Outcome::Unknown);
    let seen: Vec<String> =
        server.requests().into_iter().map(|seen| String::from_utf8(seen).unwrap()).collect();
    assert_eq!(seen.iter().filter(|seen| seen.ends_with("second")).count(), 1);
}

#[tokio::test]
async fn no_http() {
    check(&answer("SSH-2.0-secret\r\n").await, &ErrorKind::Protocol, Outcome::Unknown);
    check(&answer("<html>secret</html>\r\n\r\n").await, &ErrorKind::Protocol, Outcome::Unknown);
    check(&answer(vec![0x15, 3, 1, 0, 2, 2, 10]).await, &ErrorKind::Protocol, Outcome::Unknown);
    check(&answer("HTTP/1.1 2xx secret\r\n\r\n").await, &ErrorKind::Protocol, Outcome::Unknown);
    check(&answer("HTTP/1.1 200 OK\r\nsec ret: 1\r\n\r\n").await, &ErrorKind::Protocol, Outcome::Unknown);
    check(
        &answer("HTTP/1.1 200 OK\r\ncontent-length: secret\r\n\r\n").await,
        &ErrorKind::Protocol,
        Outcome::Unknown,
    );
    let error = answer("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nsecret\r\n").await;
    assert_eq!((error.outcome(), error.status()), (Outcome::Unknown, Some(200)), "{error}");
    assert_eq!(error.kind(), &ErrorKind::Protocol, "{error}");
}

async fn bounded(reply: impl Into<Vec<u8>>, limit: usize) -> Result<usize, TransportError> {
    let server = Server::answering(reply).await;
    let client = Client::new(server.config().max_body(limit)).unwrap();
    client.send(get("/")).await.map(|reply| reply.body.len())
}

#[tokio::test]
async fn too_large() {
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret";
    assert_eq!(bounded(announced, 6).await.unwrap(), 6);
    check(&failed(bounded(announced, 5).await), &ErrorKind::TooLarge { limit: 5 }, Outcome::Unknown);
    // Refused by its announcement, without waiting for it.
    let huge = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", u64::MAX - 2);
    check(&failed(bounded(huge, 5).await), &ErrorKind::TooLarge { limit: 5 }, Outcome::Unknown);

    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nsec\r\n3\r\nret\r\n0\r\n\r\n";
    assert_eq!(bounded(chunked, 6).await.unwrap(), 6);
    check(&failed(bounded(chunked, 5).await), &ErrorKind::TooLarge { limit: 5 }, Outcome::Unknown);

    let until_close = "HTTP/1.1 200 OK\r\n\r\nsecret";
    assert_eq!(bounded(until_close, 6).await.unwrap(), 6);
    check(&failed(bounded(until_close, 5).await), &ErrorKind::TooLarge { limit: 5 }, Outcome::Unknown);
    assert_eq!(bounded("HTTP/1.1 204 No\r\n\r\n", 0).await.unwrap(), 0);
}

/// Sends `count` bytes of body, one at a time.
async fn dripping(count: usize, every: Duration) -> Server {
    Server::start(move |mut stream, server| async move {
        server.read(&mut stream).await;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {count}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        for _ in 0..count {
            tokio::time::sleep(every).await;
            if stream.write_all(b"x").await.is_err() {
                return;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_slow_drip_is_no_silence_but_meets_the_total_limit() {
    let server = dripping(1000, Duration::from_millis(20)).await;
    let client = Client::new(server.config().read_timeout(LONG).total_timeout(Some(SHORT))).unwrap();
    let error = failed(client.send(get("/")).await);
    check(&error, &timeout(Phase::Total, SHORT), Outcome::Unknown);
    assert_eq!(error.status(), Some(200));

    let server = dripping(40, Duration::from_millis(20)).await;
    let silence = Duration::from_millis(600);
    let client = Client::new(server.config().read_timeout(silence).total_timeout(None)).unwrap();
    assert_eq!(client.send(get("/")).await.unwrap().body.len(), 40);
}

#[tokio::test]
async fn silence_within_the_body() {
    let server = dripping(1, LONG).await;
    let client = Client::new(server.config().read_timeout(SHORT)).unwrap();
    let error = failed(client.send(get("/")).await);
    check(&error, &timeout(Phase::Read, SHORT), Outcome::Unknown);
    assert_eq!(error.status(), Some(200));
}

/// A large upload over a slow line is no silence, however long it takes.
#[tokio::test]
async fn a_slow_upload_is_no_silence() {
    const LENGTH: usize = 64 * 1024 * 1024;
    // What the system still holds when the last piece was taken (some 10 MiB) is read within a third of this.
    const LIMIT: Duration = Duration::from_millis(1500);
    let server = Server::start(|mut stream, _| async move {
        let mut left = LENGTH;
        let mut piece = vec![0; 256 * 1024];
        while left > 0 {
            let Ok(length @ 1..) = stream.read(&mut piece).await else { return };
            left = left.saturating_sub(length);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stream.write_all(OK.as_bytes()).await.unwrap();
    })
    .await;
    let client = Client::new(server.config().read_timeout(LIMIT).total_timeout(None)).unwrap();
    let started = std::time::Instant::now();
    let reply = client.send(post(vec![b'x'; LENGTH])).await.unwrap();
    assert_eq!(reply.status, 200);
    assert!(started.elapsed() > LIMIT, "the test must take longer than the limit");
}

#[tokio::test]
async fn nobody_reads_the_upload() {
    let server = Server::start(|stream, _| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let client = Client::new(server.config().read_timeout(SHORT).total_timeout(None)).unwrap();
    let error = failed(client.send(post(vec![b'x'; 24 * 1024 * 1024])).await);
    check(&error, &timeout(Phase::Read, SHORT), Outcome::Unknown);
}

async fn upload(pieces: Vec<io::Result<Bytes>>, length: Option<u64>) -> TransportError {
    let server = Server::hanging().await;
    failed(server.client().send(post(Body::stream(stream::iter(pieces), length))).await)
}

#[tokio::test]
async fn the_callers_stream_fails() {
    let piece = || Ok(Bytes::from_static(b"abc"));
    let broken = || Err(io::Error::other("/home/secret.pdf is gone"));
    for error in [
        upload(vec![piece(), broken()], None).await,
        upload(vec![piece(), broken()], Some(6)).await,
        upload(vec![piece()], Some(6)).await,
        upload(vec![piece(), piece()], Some(4)).await,
    ] {
        check(&error, &ErrorKind::RequestBody, Outcome::Unknown);
        assert!(error.is_callers_fault());
    }
}

#[tokio::test]
async fn a_streamed_reply_is_read_piece_by_piece() {
    let server =
        Server::answering("HTTP/1.1 200 OK\r\ncontent-type: image/jpeg\r\ncontent-length: 6\r\n\r\nsecret")
            .await;
    let client = Client::new(server.config().max_body(1)).unwrap();
    let mut reply = client.stream(get("/file")).await.unwrap();
    assert_eq!((reply.status, reply.content_length), (200, Some(6)));
    assert_eq!(reply.content_type.as_deref(), Some("image/jpeg"));
    let mut got = Vec::new();
    while let Some(piece) = reply.chunk().await.unwrap() {
        got.extend_from_slice(&piece);
    }
    assert_eq!(got, b"secret");
    assert_eq!(reply.chunk().await.unwrap(), None);
}

#[tokio::test]
async fn a_streamed_reply_that_is_cut_says_so() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nsecret").await;
    let mut reply = server.client().stream(get("/file")).await.unwrap();
    let mut got = Vec::new();
    let error = loop {
        match reply.chunk().await {
            Ok(piece) => got.extend_from_slice(&piece.expect("the body is not complete")),
            Err(error) => break failed(Err::<(), _>(error)),
        }
    };
    assert_eq!(got, b"secret");
    check(&error, &ErrorKind::Cut, Outcome::Unknown);
    assert_eq!(reply.chunk().await.unwrap(), None);
}
