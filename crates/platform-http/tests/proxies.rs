//! A proxy is used when it is set, and only then.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod raw;

use std::process::Command;

use platform_http::{
    Client, Config, ConfigError, ConnectFault, ErrorKind, Outcome, Proxy, ProxyFault, TransportError,
};
use raw::{OK, Server, config, failed, get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A host that only a proxy can reach.
const PLAIN: &str = "http://platform.invalid";
const TLS: &str = "https://platform.invalid";

fn through(base: &str, proxy: &Server) -> Config {
    let root = rcgen::generate_simple_self_signed(["a.example".to_owned()]).unwrap().cert.pem();
    config(base)
        .root_certificates(root.as_bytes())
        .unwrap()
        .proxy(Proxy::url(&format!("http://user:secret@{}", proxy.address)).unwrap())
}

async fn error(base: &str, proxy: &Server) -> TransportError {
    let error =
        failed(Client::new(through(base, proxy)).unwrap().send(post("secret").query("secret=1")).await);
    assert!(error.to_string().contains(&format!("through the proxy {}", proxy.address)), "{error}");
    error
}

#[tokio::test]
async fn a_plain_request_goes_through_with_its_query_untouched() {
    let proxy = Server::answering(OK).await;
    let reply =
        Client::new(through(PLAIN, &proxy)).unwrap().send(get("/a").query("generate&b=%7E+")).await.unwrap();
    assert_eq!(reply.status, 200);
    let seen = proxy.only_request();
    assert!(seen.starts_with("GET http://platform.invalid/a?generate&b=%7E+ HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains("Basic dXNlcjpzZWNyZXQ="), "{seen}");
}

#[tokio::test]
async fn a_tls_request_asks_for_a_tunnel() {
    let proxy = Server::answering("HTTP/1.1 403 Forbidden\r\ncontent-length: 6\r\n\r\nsecret").await;
    let error = error(TLS, &proxy).await;
    assert_eq!((error.kind(), error.outcome()), (&ErrorKind::Proxy(ProxyFault::Refused), Outcome::NotSent));
    let seen = proxy.only_request();
    assert!(seen.starts_with("CONNECT platform.invalid:443 HTTP/1.1\r\n"), "{seen}");
    assert!(!seen.contains("/in"), "{seen}");
}

#[tokio::test]
async fn the_proxy_wants_a_password() {
    let reply = "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
    let (tunnel, plain) = (Server::answering(reply).await, Server::answering(reply).await);
    let error_of_tunnel = error(TLS, &tunnel).await;
    assert_eq!(error_of_tunnel.kind(), &ErrorKind::Proxy(ProxyFault::Authentication));
    assert_eq!(error_of_tunnel.outcome(), Outcome::NotSent);
    let error_of_plain = error(PLAIN, &plain).await;
    assert_eq!(error_of_plain.kind(), &ErrorKind::Proxy(ProxyFault::Authentication));
    assert_eq!(error_of_plain.outcome(), Outcome::NotSent, "the proxy passed nothing on");
}

#[tokio::test]
async fn the_proxy_cannot_be_reached() {
    let listener = platform_http::system::listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let proxies = [format!("http://{address}"), "http://secret@does-not-exist.invalid:3128".to_owned()];
    for (base, proxy) in
        [PLAIN, TLS].into_iter().flat_map(|base| proxies.iter().map(move |proxy| (base, proxy)))
    {
        let config = config(base).proxy(Proxy::url(proxy).unwrap());
        let error = failed(Client::new(config).unwrap().send(post("secret")).await);
        assert_eq!(error.kind(), &ErrorKind::Proxy(ProxyFault::Unreachable), "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
    }
}

#[tokio::test]
async fn the_proxy_closes_instead_of_opening_a_tunnel() {
    let error = error(TLS, &Server::answering("").await).await;
    assert_eq!((error.kind(), error.outcome()), (&ErrorKind::Proxy(ProxyFault::Refused), Outcome::NotSent));
}

#[tokio::test]
async fn the_tunnel_closes_in_the_handshake() {
    let proxy = Server::answering("HTTP/1.1 200 Connection established\r\n\r\n").await;
    let error = error(TLS, &proxy).await;
    assert_eq!(error.kind(), &ErrorKind::Connect(ConnectFault::Closed));
    assert_eq!(error.outcome(), Outcome::NotSent);
}

#[tokio::test]
async fn tls_with_the_proxy_itself_fails() {
    let proxy = Server::start(|mut stream, _| async move {
        stream.read_exact(&mut [0; 5]).await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    })
    .await;
    for base in [PLAIN, TLS] {
        let under_tls = Proxy::url(&format!("https://{}", proxy.address)).unwrap();
        let error =
            failed(Client::new(through(base, &proxy).proxy(under_tls)).unwrap().send(post("secret")).await);
        assert_eq!(error.kind(), &ErrorKind::Proxy(ProxyFault::Tls), "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
    }
}

#[tokio::test]
async fn loopback_is_never_proxied() {
    let proxy = Server::hanging().await;
    let server = Server::answering(OK).await;
    let port = server.address.port();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
        let config = through(&format!("http://{host}:{port}"), &proxy);
        assert_eq!(Client::new(config).unwrap().send(get("/")).await.unwrap().status, 200, "{host}");
    }
    assert!(proxy.requests().is_empty());
}

#[track_caller]
fn refused(url: &str, expected: &str) {
    match Proxy::url(url) {
        Err(error @ ConfigError::Proxy { .. }) => {
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(expected) && !shown.contains("secret"), "{shown}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn proxy_urls_are_checked() {
    refused("", "not a URL");
    refused("http://", "not a URL");
    refused("http://user:secret@", "not a URL");
    refused("socks5://user:secret@proxy:1080", "SOCKS");
    refused("ftp://user:secret@proxy", "scheme");
    refused("http://proxy:3128/secret", "path");
    refused("http://proxy:3128/?secret", "query");
    let shown = |url| format!("{:?}", Proxy::url(url).unwrap());
    assert_eq!(shown("http://user:secret@proxy:3128/"), "Url(ProxyUrl(proxy:3128))");
    assert_eq!(shown("proxy:3128"), "Url(ProxyUrl(proxy:3128))");
    assert_eq!(shown("https://proxy"), "Url(ProxyUrl(proxy:443))");
}

/// Runs one of the ignored tests below in a process of its own, with proxy variables that lead to `proxy`.
fn with_variables(test: &str, proxy: &Server) {
    let url = format!("http://user:secret@{}", proxy.address);
    let done = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--include-ignored"])
        .envs([("HTTP_PROXY", &url), ("HTTPS_PROXY", &url), ("ALL_PROXY", &url)])
        .envs([("http_proxy", &url), ("https_proxy", &url), ("all_proxy", &url)])
        .envs([("NO_PROXY", "direct.invalid"), ("no_proxy", "direct.invalid")])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(
        done.status.success() && text.contains("1 passed"),
        "{text}{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_is_ignored() {
    let proxy = Server::answering(OK).await;
    with_variables("child_ignores_the_environment", &proxy);
    assert!(proxy.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_is_used_when_asked_for() {
    let proxy = Server::answering(OK).await;
    with_variables("child_uses_the_environment", &proxy);
    let seen = proxy.only_request();
    assert!(seen.starts_with("GET http://platform.invalid/ HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains("Basic dXNlcjpzZWNyZXQ="), "{seen}");
}

/// Holds with and without variables; `the_environment_is_ignored` runs it with them.
#[tokio::test]
async fn child_ignores_the_environment() {
    let error = failed(Client::new(config(PLAIN)).unwrap().send(get("/")).await);
    assert_eq!(error.kind(), &ErrorKind::Connect(ConnectFault::Dns));
}

#[tokio::test]
#[ignore = "needs proxy variables: `the_environment_is_used_when_asked_for` runs it"]
async fn child_uses_the_environment() {
    assert!(std::env::var_os("HTTP_PROXY").is_some());
    let client = |base: &str| Client::new(config(base).proxy(Proxy::System)).unwrap();
    assert_eq!(client(PLAIN).send(get("/")).await.unwrap().status, 200);
    let error = failed(client("http://direct.invalid").send(get("/")).await);
    assert_eq!(error.kind(), &ErrorKind::Connect(ConnectFault::Dns));
    let server = Server::answering(OK).await;
    assert_eq!(client(&server.base()).send(get("/")).await.unwrap().status, 200);
    assert_eq!(server.requests().len(), 1);
}
