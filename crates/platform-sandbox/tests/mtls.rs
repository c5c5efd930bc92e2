//! WeBank's business host with mutual TLS (WB-1): who is let in, what the others are told, and certificates that are
//! replaced while calls are under way.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use platform_http::system::{Clock as _, UnixMillis};
use platform_http::{BaseUrl, Client, Config, ErrorKind, Identity, Method, Outcome, Request, TlsFault};
use platform_sandbox::{
    Authority, ClientCertificate, Fault, FaultKind, IssuedCertificate, Operation, Sandbox, SandboxClock,
    TlsOptions, TlsVersions,
};
use sign_core::Secret;

async fn sandbox(versions: TlsVersions) -> Sandbox {
    let options = TlsOptions { versions, ..TlsOptions::default() };
    Sandbox::builder().tls(options).start().await.unwrap()
}

const VERSIONS: [TlsVersions; 3] = [TlsVersions::Tls12, TlsVersions::Tls13, TlsVersions::Both];

fn config(sandbox: &Sandbox, url: &str) -> Config {
    let authority = sandbox.tls().unwrap().authority().pem();
    Config::new(BaseUrl::parse(url).unwrap())
        .connect_timeout(Duration::from_secs(60))
        .read_timeout(Duration::from_secs(60))
        .total_timeout(None)
        .root_certificates(authority.as_bytes())
        .unwrap()
}

fn client(sandbox: &Sandbox, identity: Option<Identity>) -> Client {
    let config = config(sandbox, &sandbox.urls().webank);
    Client::new(match identity {
        Some(identity) => config.identity(identity),
        None => config,
    })
    .unwrap()
}

fn token(sandbox: &Sandbox) -> Request {
    let access = &sandbox.access().webank;
    let query = format!(
        "app_id={}&secret={}&grant_type=client_credential&version=2.0.0",
        access.app_id,
        access.secret.expose()
    );
    Request::new("webank", "token", Method::GET, "/api/oauth2/access_token").query(query)
}

fn pem(issued: &IssuedCertificate) -> Identity {
    Identity::from_pem(issued.certificate_pem().as_bytes(), issued.key_pem().expose().as_bytes()).unwrap()
}

async fn passes(sandbox: &Sandbox, client: &Client) {
    let reply = client.send(token(sandbox)).await.unwrap();
    assert_eq!(reply.status, 200);
    assert!(String::from_utf8_lossy(&reply.body).contains("access_token"));
}

async fn refused(sandbox: &Sandbox, identity: Option<Identity>, fault: TlsFault, says: &str) {
    let before = (sandbox.received_count(), sandbox.tls().unwrap().refused());
    let error = client(sandbox, identity).send(token(sandbox)).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Tls(fault), "{error}");
    assert_eq!(error.outcome(), Outcome::NotSent, "{error}");
    assert!(error.to_string().contains(says), "{error}");
    assert!(!error.to_string().contains(sandbox.access().webank.secret.expose()), "{error}");
    assert_eq!((sandbox.received_count(), sandbox.tls().unwrap().refused()), (before.0, before.1 + 1));
}

#[tokio::test]
async fn the_right_certificate_passes() {
    for versions in VERSIONS {
        let sandbox = sandbox(versions).await;
        let issued = sandbox.tls().unwrap().authority().issue(&ClientCertificate::default()).unwrap();
        passes(&sandbox, &client(&sandbox, Some(pem(&issued)))).await;
        let password = Secret::new("秘密 changeit").unwrap();
        let identity = Identity::from_pkcs12(&issued.pkcs12(&password).unwrap(), Some(&password)).unwrap();
        passes(&sandbox, &client(&sandbox, Some(identity))).await;
        sandbox.shutdown().await;
    }
}

#[tokio::test]
async fn none_is_refused() {
    for versions in VERSIONS {
        let sandbox = sandbox(versions).await;
        refused(&sandbox, None, TlsFault::ClientCertificateRequired, "none is configured").await;
    }
}

#[tokio::test]
async fn of_another_authority_is_refused() {
    for versions in VERSIONS {
        let sandbox = sandbox(versions).await;
        for name in ["stranger", "sandbox authority"] {
            let issued = Authority::new(name).unwrap().issue(&ClientCertificate::default()).unwrap();
            let fault = TlsFault::ClientCertificateUntrusted;
            refused(&sandbox, Some(pem(&issued)), fault, "not from an authority that it trusts").await;
        }
    }
}

#[tokio::test]
async fn out_of_its_time_is_refused() {
    for versions in VERSIONS {
        let sandbox = sandbox(versions).await;
        let authority = sandbox.tls().unwrap().authority();
        let now = sandbox.clock().now();
        let hour = Duration::from_secs(3600);
        let before = UnixMillis::new(now.get() - 3_600_000);
        let expired = ClientCertificate { not_after: before, ..ClientCertificate::default() };
        let identity = pem(&authority.issue(&expired).unwrap());
        assert!(identity.check(now).unwrap_err().to_string().contains("expired at"));
        refused(&sandbox, Some(identity), TlsFault::ClientCertificateExpired, "it has expired").await;
        let early =
            ClientCertificate { not_before: now.saturating_add(hour), ..ClientCertificate::default() };
        let identity = pem(&authority.issue(&early).unwrap());
        refused(&sandbox, Some(identity), TlsFault::ClientCertificateNotYetValid, "not valid yet").await;
    }
}

#[tokio::test]
async fn one_expires_by_the_platforms_clock() {
    let clock = SandboxClock::real();
    let sandbox = Sandbox::builder().clock(clock.clone()).tls(TlsOptions::default()).start().await.unwrap();
    let until = clock.now().saturating_add(Duration::from_secs(3600));
    let wanted = ClientCertificate { not_after: until, ..ClientCertificate::default() };
    let identity = pem(&sandbox.tls().unwrap().authority().issue(&wanted).unwrap());
    passes(&sandbox, &client(&sandbox, Some(identity.clone()))).await;
    clock.advance(Duration::from_secs(2 * 3600));
    // Our own clock says otherwise; the platform's word counts.
    refused(&sandbox, Some(identity), TlsFault::ClientCertificateExpired, "compare the clocks").await;
}

#[tokio::test]
async fn the_other_hosts() {
    let sandbox = sandbox(TlsVersions::Both).await;
    let urls = sandbox.urls().clone();
    assert!(
        urls.webank.starts_with("https://127.0.0.1:") && urls.webank_files.starts_with("https://127.0.0.1:")
    );
    assert!(urls.jinlaiban.starts_with("http://") && urls.yichang.starts_with("http://"));
    // The file host asks nobody for a certificate, and takes no harm from one that is configured.
    let issued = Authority::new("stranger").unwrap().issue(&ClientCertificate::default()).unwrap();
    for config in
        [config(&sandbox, &urls.webank_files), config(&sandbox, &urls.webank_files).identity(pem(&issued))]
    {
        let request = Request::new("webank", "nothing", Method::GET, "/nothing");
        assert_eq!(Client::new(config).unwrap().send(request).await.unwrap().status, 200);
    }
    let options = TlsOptions { every_host: true, client_certificates: false, ..TlsOptions::default() };
    let sandbox = Sandbox::builder().tls(options).start().await.unwrap();
    let urls = sandbox.urls().clone();
    assert!(urls.jinlaiban.starts_with("https://") && urls.yichang.starts_with("https://"));
    for url in [&urls.jinlaiban, &urls.yichang, &urls.webank] {
        let request = Request::new("test", "nothing", Method::GET, "/nothing");
        Client::new(config(&sandbox, url)).unwrap().send(request).await.unwrap();
    }
    passes(&sandbox, &client(&sandbox, None)).await;
}

#[tokio::test]
async fn webanks_own_client() {
    let sandbox = sandbox(TlsVersions::Both).await;
    let (urls, access) = (sandbox.urls(), &sandbox.access().webank);
    let issued = sandbox.tls().unwrap().authority().issue(&ClientCertificate::default()).unwrap();
    let client = webank::Client::builder(&access.app_id, access.secret.clone())
        .business(config(&sandbox, &urls.webank).identity(pem(&issued)))
        .files(config(&sandbox, &urls.webank_files))
        .build()
        .unwrap();
    let path = webank::CallPath::new("/api/s/yh/10002").unwrap();
    let reply = client.send(&webank::BusinessCall::new(path, "{}")).await.unwrap();
    assert_eq!(reply.json_data.outcome().unwrap().code, "66590000");
}

#[tokio::test]
async fn faults_work_under_tls() {
    let sandbox = sandbox(TlsVersions::Both).await;
    let issued = sandbox.tls().unwrap().authority().issue(&ClientCertificate::default()).unwrap();
    let client = client(&sandbox, Some(pem(&issued)));
    for kind in [FaultKind::CutBefore, FaultKind::CutAfter, FaultKind::Half] {
        sandbox.inject(Fault::once(Operation::Token, kind));
        let error = client.send(token(&sandbox)).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Cut, "{error}");
        assert_eq!(error.outcome(), Outcome::Unknown);
    }
    passes(&sandbox, &client).await;
}

/// A directory of one test's, removed at its end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("platform-sandbox-mtls-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// How a certificate comes to the client's machine.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Two files, written over one after the other.
    TwoPem,
    /// One file, written over.
    OnePem,
    /// One file, renamed into place.
    Pkcs12,
}

impl Kind {
    fn watch(self, at: &Directory) -> Identity {
        match self {
            Self::TwoPem => Identity::watch_pem(at.path("client.pem"), at.path("client-key.pem")),
            Self::OnePem => Identity::watch_pem(at.path("both.pem"), at.path("both.pem")),
            Self::Pkcs12 => {
                Identity::watch_pkcs12(at.path("client.p12"), Some(Secret::new("changeit").unwrap()))
            }
        }
        .unwrap()
    }

    fn write(self, at: &Directory, issued: &IssuedCertificate) {
        let (certificate, key) = (issued.certificate_pem(), issued.key_pem().expose());
        let slowly = |path: &Path, text: &str| {
            // In pieces, with moments in which the file holds half of it.
            fs::write(path, "").unwrap();
            for half in 1..=2 {
                std::thread::yield_now();
                fs::write(path, text.split_at(text.len() / 2 * half).0).unwrap();
            }
            fs::write(path, text).unwrap();
        };
        match self {
            Self::TwoPem => {
                slowly(&at.path("client.pem"), certificate);
                slowly(&at.path("client-key.pem"), key);
            }
            Self::OnePem => slowly(&at.path("both.pem"), &format!("{certificate}{key}")),
            Self::Pkcs12 => {
                let file = issued.pkcs12(&Secret::new("changeit").unwrap()).unwrap();
                fs::write(at.path("next.p12"), file).unwrap();
                fs::rename(at.path("next.p12"), at.path("client.p12")).unwrap();
            }
        }
    }
}

/// 32 tasks call without a pause, each call on a connection of its own, while certificate and authority are replaced
/// again and again. A connection of its own: the call before asked the platform to close after it.
async fn rotation(kind: Kind, versions: TlsVersions) {
    const TASKS: usize = 32;
    const ROTATIONS: usize = 2;
    let sandbox = Arc::new(sandbox(versions).await);
    let tls = sandbox.tls().unwrap();
    let directory = Directory::new(&format!("{kind:?}-{versions:?}"));
    let mut authority = Authority::new("authority 0").unwrap();
    tls.trust_clients_of(&[&authority]).unwrap();
    kind.write(&directory, &authority.issue(&ClientCertificate::default()).unwrap());
    let identity = kind.watch(&directory);

    let stop = Arc::new(AtomicBool::new(false));
    let calls: Arc<Vec<AtomicU64>> = Arc::new((0..TASKS).map(|_| AtomicU64::new(0)).collect());
    let tasks: Vec<_> = (0..TASKS)
        .map(|number| {
            let (sandbox, identity) = (Arc::clone(&sandbox), identity.clone());
            let (stop, calls) = (Arc::clone(&stop), Arc::clone(&calls));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    // A new client has no connection to use again; the identity is shared.
                    passes(&sandbox, &client(&sandbox, Some(identity.clone()))).await;
                    calls[number].fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let everybody_called = async |times: u64| {
        let before: Vec<u64> = calls.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        while calls.iter().zip(&before).any(|(count, before)| count.load(Ordering::Relaxed) < before + times)
        {
            assert!(tasks.iter().all(|task| !task.is_finished()), "a call was lost");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    everybody_called(1).await;
    for number in 1..=ROTATIONS {
        let next = Authority::new(&format!("authority {number}")).unwrap();
        // As in life: the platform takes both for a while, the client changes, then the old ones are out.
        tls.trust_clients_of(&[&authority, &next]).unwrap();
        // A connection that was accepted before knows the old ones alone.
        everybody_called(2).await;
        kind.write(&directory, &next.issue(&ClientCertificate::default()).unwrap());
        // A call that was under way may have shown the old one; the one after it has not.
        everybody_called(2).await;
        tls.trust_clients_of(&[&next]).unwrap();
        everybody_called(1).await;
        authority = next;
    }
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    let made: u64 = calls.iter().map(|count| count.load(Ordering::Relaxed)).sum();
    assert_eq!((sandbox.received_count(), tls.refused()), (made, 0));
    println!("{kind:?}, {versions:?}: {made} calls, {ROTATIONS} rotations, none lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotation_of_two_pem_files_loses_no_call() {
    rotation(Kind::TwoPem, TlsVersions::Tls12).await;
    rotation(Kind::TwoPem, TlsVersions::Tls13).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotation_of_one_pem_file_loses_no_call() {
    rotation(Kind::OnePem, TlsVersions::Both).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotation_of_a_pkcs12_file_loses_no_call() {
    rotation(Kind::Pkcs12, TlsVersions::Both).await;
}
