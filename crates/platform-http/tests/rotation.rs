//! Client certificates whose files are replaced while the client lives.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod raw;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use platform_http::{Client, ConfigError, ErrorKind, Identity, TlsFault};
use raw::authority::{Authority, Leaf, serve};
use raw::log::Log;
use raw::{Server, get};

// Every test here has a subscriber of its own: `tracing` asks only one of them at first whether an event is wanted.

/// A directory of one test's, removed at its end.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("platform-http-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), content).unwrap();
        self.path(name)
    }

    fn pair(&self, leaf: &Leaf) -> (PathBuf, PathBuf) {
        (self.write("cert.pem", &leaf.pem), self.write("key.pem", leaf.key.serialize_pem()))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// A client whose every call is a handshake: the server closes after each.
async fn client(authority: &Authority, server: &Server, identity: &Identity) -> Client {
    Client::new(authority.config(server).identity(identity.clone())).unwrap()
}

/// Which of the two servers lets the client in: each knows the clients of one authority only.
async fn passes(client: &Client) -> bool {
    match client.send(get("/")).await {
        Ok(reply) => {
            assert_eq!(reply.status, 200);
            true
        }
        Err(error) => {
            assert_eq!(error.kind(), &ErrorKind::Tls(TlsFault::ClientCertificateUntrusted), "{error}");
            false
        }
    }
}

struct World {
    old: Authority,
    new: Authority,
    servers: [Server; 2],
}

impl World {
    async fn new() -> Self {
        let (old, new) = (Authority::named("old"), Authority::named("new"));
        let leaf = old.server();
        let servers = [
            serve(&leaf, Some(&old), &[&rustls::version::TLS12]).await,
            serve(&leaf, Some(&new), &[&rustls::version::TLS13]).await,
        ];
        Self { old, new, servers }
    }

    async fn clients(&self, identity: &Identity) -> [Client; 2] {
        [
            client(&self.old, &self.servers[0], identity).await,
            client(&self.old, &self.servers[1], identity).await,
        ]
    }
}

async fn check(clients: &[Client; 2], expected: [bool; 2]) {
    // Twice: nothing may be left over from the first handshake, such as a session that is resumed.
    for _ in 0..2 {
        assert_eq!([passes(&clients[0]).await, passes(&clients[1]).await], expected);
    }
}

#[tokio::test]
async fn certificate_and_key_are_replaced_one_after_the_other() {
    let (log, _guard) = Log::start();
    let (world, files) = (World::new().await, Directory::new());
    let (chain, key) = files.pair(&world.old.client());
    let identity = Identity::watch_pem(&chain, &key).unwrap();
    let clients = world.clients(&identity).await;
    check(&clients, [true, false]).await;

    let next = world.new.client();
    // What a writer does on the way: cut to nothing, half written, the new certificate beside the old key, gone.
    for halfway in ["", next.pem.split_at(200).0, &next.pem] {
        fs::write(&chain, halfway).unwrap();
        check(&clients, [true, false]).await;
    }
    fs::remove_file(&key).unwrap();
    check(&clients, [true, false]).await;
    fs::write(&key, next.key.serialize_pem()).unwrap();
    check(&clients, [false, true]).await;

    let text = log.text();
    // Once for each state, though each was met by four handshakes.
    assert_eq!(text.matches("the previous one stays in use").count(), 4, "{text}");
    assert_eq!(text.matches("client certificate read again").count(), 1, "{text}");
    assert!(!text.contains("PRIVATE KEY-----"), "{text}");
}

#[tokio::test]
async fn one_file_for_both_and_replaced_by_renaming() {
    let _log = Log::start();
    let (world, files) = (World::new().await, Directory::new());
    let both = |leaf: &Leaf| format!("{}{}", leaf.pem, leaf.key.serialize_pem());
    let path = files.write("both.pem", both(&world.old.client()));
    let identity = Identity::watch_pem(&path, &path).unwrap();
    let clients = world.clients(&identity).await;
    check(&clients, [true, false]).await;
    let next = files.write("next.pem", both(&world.new.client()));
    fs::rename(next, &path).unwrap();
    check(&clients, [false, true]).await;
}

#[tokio::test]
async fn expiry_follows() {
    let _log = Log::start();
    let (authority, files) = (Authority::new(), Directory::new());
    let until = |year| {
        authority.sign("client.example", |params| {
            params.not_before = rcgen::date_time_ymd(2001, 1, 1);
            params.not_after = rcgen::date_time_ymd(year, 1, 1);
        })
    };
    let (chain, key) = files.pair(&until(2002));
    let identity = Identity::watch_pem(chain, key).unwrap();
    assert_eq!(identity.valid_from().get(), 978_307_200_000);
    assert_eq!(identity.expires().get(), 1_009_843_200_000);
    let now = platform_http::system::UnixMillis::new(1_700_000_000_000);
    let expired = ConfigError::IdentityExpired { until: "2002-01-01T00:00:00Z".to_owned() };
    assert_eq!(identity.check(now), Err(expired));
    files.pair(&until(2100));
    let server = serve(&authority.server(), Some(&authority), rustls::ALL_VERSIONS).await;
    let client = client(&authority, &server, &identity).await;
    assert_eq!(client.send(get("/")).await.unwrap().status, 200);
    assert_eq!(identity.check(now), Ok(()));
    assert_eq!(identity.expires().get(), 4_102_444_800_000);
}

#[test]
fn files_that_cannot_be_read_at_the_start() {
    let _log = Log::start();
    let files = Directory::new();
    let (chain, key) = files.pair(&Authority::new().client());
    let missing = files.path("missing");
    for (chain, key) in [(&chain, &missing), (&missing, &key), (&missing, &missing)] {
        let error = Identity::watch_pem(chain, key).unwrap_err();
        let expected =
            ConfigError::IdentityFile { path: missing.clone(), error: std::io::ErrorKind::NotFound };
        assert_eq!(error, expected);
        assert!(error.to_string().contains("missing"), "{error}");
    }
    match Identity::watch_pem(&chain, &chain).unwrap_err() {
        ConfigError::Identity { reason } => assert!(reason.contains("BEGIN PRIVATE KEY"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[cfg(feature = "pkcs12")]
#[tokio::test]
async fn pkcs12_is_replaced() {
    let _log = Log::start();
    use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, LocalKeyId, PrivateKey, PrivateKeyChain};
    let file = |leaf: &Leaf| {
        let key = PrivateKey::from_der(&leaf.key.serialize_der()).unwrap();
        let own = Certificate::from_der(&leaf.der).unwrap();
        let mut store = KeyStore::new();
        let pair = PrivateKeyChain::new(LocalKeyId(vec![1]), key, [own]);
        store.add_entry("client", KeyStoreEntry::PrivateKeyChain(pair));
        store.writer("changeit").encryption_iterations(10).mac_iterations(10).write().unwrap()
    };
    let (world, files) = (World::new().await, Directory::new());
    let path = files.write("client.p12", file(&world.old.client()));
    let password = sign_core::Secret::new("changeit").unwrap();
    let identity = Identity::watch_pkcs12(&path, Some(password)).unwrap();
    let clients = world.clients(&identity).await;
    check(&clients, [true, false]).await;
    let next = file(&world.new.client());
    fs::write(&path, &next[..next.len() / 2]).unwrap();
    check(&clients, [true, false]).await;
    fs::write(&path, &next).unwrap();
    check(&clients, [false, true]).await;
}
