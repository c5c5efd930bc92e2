//! Whom we trust under TLS, what we show, and how each failure is told apart.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod raw;

use platform_http::{Client, Config, ConfigError, ErrorKind, Identity, Outcome, TlsFault, TransportError};
use raw::authority::{Authority, Leaf, plain, serve};
use raw::{Server, config, failed, get, post};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[track_caller]
fn check(error: &TransportError, fault: TlsFault) {
    assert_eq!(error.kind(), &ErrorKind::Tls(fault), "{error}");
}

async fn refusal(server: &Server, config: Config) -> TransportError {
    let error = failed(Client::new(config).unwrap().send(post("secret").query("secret=1")).await);
    assert!(server.requests().is_empty(), "the server must not have seen a request");
    error
}

#[tokio::test]
async fn the_right_authority_passes_over_both_versions() {
    let authority = Authority::new();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let server = serve(&authority.server(), None, &[version]).await;
        let reply = Client::new(authority.config(&server)).unwrap().send(get("/")).await.unwrap();
        assert_eq!(reply.status, 200);
    }
}

#[tokio::test]
async fn several_roots_in_one_file_or_in_several_calls() {
    let (first, second) = (Authority::new(), Authority::new());
    let server = plain(&second.server()).await;
    let both = format!("# comment\n{}\n{}", first.pem, second.pem);
    let at_once = config(&format!("https://{}", server.address)).root_certificates(both.as_bytes()).unwrap();
    let in_turn = first.config(&server).root_certificates(second.pem.as_bytes()).unwrap();
    for config in [at_once, in_turn] {
        assert_eq!(Client::new(config).unwrap().send(get("/")).await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn certificates_that_are_not_trusted() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let of = async |leaf: Leaf| {
        let server = plain(&leaf).await;
        let error = refusal(&server, ours.config(&server)).await;
        assert_eq!(error.outcome(), Outcome::NotSent);
        error
    };
    check(&of(theirs.server()).await, TlsFault::UnknownIssuer);
    check(&of(Authority::named("another").server()).await, TlsFault::UnknownIssuer);
    let expired = ours.sign("127.0.0.1", |params| {
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
    });
    check(&of(expired).await, TlsFault::Expired);
    let early = ours.sign("127.0.0.1", |params| {
        params.not_before = date_time_ymd(3001, 1, 1);
        params.not_after = date_time_ymd(3002, 1, 1);
    });
    check(&of(early).await, TlsFault::NotYetValid);
    check(&of(ours.sign("secret.example", |_| {})).await, TlsFault::WrongName);
    let unfit = ours.sign("127.0.0.1", |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    check(&of(unfit).await, TlsFault::BadCertificate);
}

#[tokio::test]
async fn self_signed() {
    let key = KeyPair::generate().unwrap();
    let cert = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
    let server = plain(&Leaf { der: cert.der().clone(), pem: cert.pem(), key }).await;
    check(&refusal(&server, Authority::new().config(&server)).await, TlsFault::UnknownIssuer);
    // Given as a root, it is trusted.
    let trusting =
        config(&format!("https://{}", server.address)).root_certificates(cert.pem().as_bytes()).unwrap();
    assert_eq!(Client::new(trusting).unwrap().send(get("/")).await.unwrap().status, 200);
}

#[tokio::test]
async fn the_other_end_speaks_plain_http() {
    let server = Server::start(|mut stream, _| async move {
        stream.read_exact(&mut [0; 5]).await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    })
    .await;
    let error = failed(Client::new(Authority::new().config(&server)).unwrap().send(post("secret")).await);
    check(&error, TlsFault::NotTls);
    assert_eq!(error.outcome(), Outcome::NotSent);
}

#[tokio::test]
async fn the_other_end_closes_in_the_handshake() {
    let server = Server::start(|stream, _| async move { drop(stream) }).await;
    let error = failed(Client::new(Authority::new().config(&server)).unwrap().send(post("secret")).await);
    assert!(matches!(error.kind(), ErrorKind::Connect(_)), "{error}");
    assert!(!error.is_permanent());
    assert_eq!(error.outcome(), Outcome::NotSent);
}

#[tokio::test]
async fn a_client_certificate_is_shown() {
    let authority = Authority::new();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let server = serve(&authority.server(), Some(&authority), &[version]).await;
        let config = authority.config(&server).identity(authority.client().identity());
        assert_eq!(Client::new(config).unwrap().send(get("/")).await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_client_certificate_is_missing_or_wrong() {
    let authority = Authority::new();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let server = serve(&authority.server(), Some(&authority), &[version]).await;
        // Under TLS 1.3 the refusal comes when the request is on its way, be it small or larger than all buffers;
        // it was not carried out all the same.
        let refused = async |identity: Option<Identity>, fault: TlsFault| {
            for body in ["secret".to_owned(), "secret".repeat(1_000_000)] {
                let mut config = authority.config(&server);
                if let Some(identity) = identity.clone() {
                    config = config.identity(identity);
                }
                let error = failed(Client::new(config).unwrap().send(post(body)).await);
                check(&error, fault);
                assert!(error.is_permanent(), "{error}");
                assert_eq!(error.outcome(), Outcome::NotSent, "{error}");
                assert!(error.to_string().contains("nothing was carried out"), "{error}");
            }
        };
        refused(None, TlsFault::ClientCertificateRequired).await;
        // The same name, another key; and another name.
        refused(Some(Authority::new().client().identity()), TlsFault::ClientCertificateUntrusted).await;
        let stranger = Authority::named("another").client().identity();
        refused(Some(stranger), TlsFault::ClientCertificateUntrusted).await;
        let expired = authority.sign("client.example", |params| {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        });
        refused(Some(expired.identity()), TlsFault::ClientCertificateExpired).await;
        let early = authority.sign("client.example", |params| {
            params.not_before = date_time_ymd(3001, 1, 1);
            params.not_after = date_time_ymd(3002, 1, 1);
        });
        refused(Some(early.identity()), TlsFault::ClientCertificateNotYetValid).await;
        let for_servers = authority.sign("client.example", |params| {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        });
        refused(Some(for_servers.identity()), TlsFault::ClientCertificateUnsupported).await;
        assert!(server.requests().is_empty(), "the server must not have seen a request");
    }
}

#[track_caller]
fn identity(chain: &str, key: &str, expected: &str) {
    match Identity::from_pem(chain.as_bytes(), key.as_bytes()) {
        Err(ConfigError::Identity { reason }) => assert!(reason.contains(expected), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn identities_are_checked() {
    let authority = Authority::new();
    let (one, two) = (authority.client(), authority.client());
    let key = one.key.serialize_pem();
    let both = format!("{key}{}", one.pem);
    assert_eq!(
        format!("{:?}", Identity::from_pem(both.as_bytes(), both.as_bytes()).unwrap()),
        "Identity(1 certificates, until 4096-01-01T00:00:00Z)"
    );
    identity(&two.pem, &key, "does not belong");
    identity("", &key, "no `BEGIN CERTIFICATE`");
    identity(&key, &key, "no `BEGIN CERTIFICATE`");
    identity(&one.pem, "", "no `BEGIN PRIVATE KEY`");
    identity(&one.pem, &one.pem, "no `BEGIN PRIVATE KEY`");
    identity(&one.pem, &key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"), "encrypted");
    identity(
        &one.pem,
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
        "encrypted",
    );
    identity("-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n", &key, "not PEM");
    identity("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &key, "cannot be read");
    identity(&one.pem, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "kind or size");
}

#[track_caller]
fn root(pem: &str, expected: &str) {
    let config = config("https://platform.example").root_certificates(pem.as_bytes());
    match config.and_then(Client::new) {
        Err(ConfigError::Roots { reason }) => assert!(reason.contains(expected), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn roots_are_checked() {
    root("", "no `BEGIN CERTIFICATE`");
    root("hello", "no `BEGIN CERTIFICATE`");
    root("-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n", "not PEM");
    root("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "authority");
}
