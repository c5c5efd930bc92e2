//! The same promises over HTTP/2, which TLS servers may offer.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod raw;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as _, Frame};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use platform_http::{Client, Config, ErrorKind, HeaderName, HeaderValue, Outcome, Phase};
use raw::log::Log;
use raw::{config, failed, post};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// What the server does once it has read a request.
#[derive(Clone, Copy)]
enum Then {
    Answer,
    Hang,
    /// Ends the stream with an error in the middle of the body.
    Break,
}

/// One piece, then the end or an error.
struct Reply(Option<Bytes>, Then);

impl http_body::Body for Reply {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let piece = self.0.take();
        std::task::Poll::Ready(match (piece, self.1) {
            (Some(piece), _) => Some(Ok(Frame::data(piece))),
            (None, Then::Break) => Some(Err(std::io::Error::other("broken"))),
            (None, _) => None,
        })
    }
}

type Seen = Arc<Mutex<Vec<(String, usize)>>>;

async fn read(mut body: Incoming) -> usize {
    let mut length = 0;
    while let Some(frame) = std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await {
        length += frame.unwrap().into_data().map_or(0, |data| data.len());
    }
    length
}

async fn serve(then: Then) -> (Config, Seen) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    let server = raw::Server::start(move |stream, _| {
        let (acceptor, seen) = (acceptor.clone(), Arc::clone(&kept));
        async move {
            let stream = acceptor.accept(stream).await.unwrap();
            let service = service_fn(move |request: hyper::Request<Incoming>| {
                let seen = Arc::clone(&seen);
                async move {
                    let target = request.uri().path_and_query().unwrap().to_string();
                    let length = read(request.into_body()).await;
                    seen.lock().unwrap().push((target, length));
                    if matches!(then, Then::Hang) {
                        std::future::pending::<()>().await;
                    }
                    Ok::<_, Infallible>(hyper::Response::new(Reply(Some(Bytes::from_static(b"ok")), then)))
                }
            });
            hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service)
                .await
                .ok();
        }
    })
    .await;
    let base = format!("https://{}", server.address);
    (config(&base).root_certificates(made.cert.pem().as_bytes()).unwrap(), seen)
}

#[tokio::test]
async fn query_and_body_are_not_touched() {
    let (config, seen) = serve(Then::Answer).await;
    let client = Client::new(config).unwrap();
    for _ in 0..2 {
        let reply = client.send(post(vec![b'x'; 300_000]).query("generate&b=%7E+%2B")).await.unwrap();
        assert_eq!(&reply.body[..], b"ok");
    }
    let expected = ("/in?generate&b=%7E+%2B".to_owned(), 300_000);
    assert_eq!(*seen.lock().unwrap(), [expected.clone(), expected]);
}

/// RFC 9113 §8.1: the stream's own end, with no length and whatever becomes of the connection.
#[tokio::test]
async fn a_reply_without_a_length_has_an_end() {
    let (config, _) = serve(Then::Answer).await;
    let reply = Client::new(config).unwrap().stream(post("secret")).await.unwrap();
    assert!(reply.content_length.is_none() && !reply.ends_with_connection);
}

#[tokio::test]
async fn silence() {
    let (config, seen) = serve(Then::Hang).await;
    let limit = Duration::from_millis(300);
    let client = Client::new(config.read_timeout(limit)).unwrap();
    let error = failed(client.send(post("secret")).await);
    assert_eq!(error.kind(), &ErrorKind::Timeout { phase: Phase::Read, limit });
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_stream_that_breaks() {
    let (config, _) = serve(Then::Break).await;
    let error = failed(Client::new(config).unwrap().send(post("secret")).await);
    assert_eq!((error.kind(), error.outcome()), (&ErrorKind::Cut, Outcome::Unknown), "{error}");
}

/// h2 writes about its frames; the contents must not be among it.
#[tokio::test]
async fn nothing_secret_is_shown() {
    let (log, _guard) = Log::start();
    let (config, _) = serve(Then::Answer).await;
    let request = post("SECRET1")
        .query("sign=SECRET2")
        .header(HeaderName::from_static("authorization"), HeaderValue::from_static("SECRET3"));
    Client::new(config).unwrap().send(request).await.unwrap();
    let log = log.text();
    assert!(log.contains(" h2::") && log.contains("call answered"), "{log}");
    assert!(!log.contains("SECRET"), "{log}");
}
