//! What a host shows and whom it lets in, for each new connection.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use platform_http::system::Clock as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::time_provider::TimeProvider;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

use super::{Authority, CertificateError, IssuedCertificate, TlsVersions, provider};
use crate::SandboxClock;

/// The TLS side of one kind of host. Clones are the same.
#[derive(Clone)]
pub(crate) struct Door(Arc<Inner>);

struct Inner {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    versions: TlsVersions,
    clock: SandboxClock,
    config: RwLock<Arc<ServerConfig>>,
    refused: AtomicU64,
}

impl Door {
    /// With `clients`, certificates of theirs are required.
    pub(super) fn new(
        server: &IssuedCertificate,
        clients: &[&Authority],
        versions: TlsVersions,
        clock: &SandboxClock,
    ) -> Result<Self, CertificateError> {
        let (chain, key) = server.for_rustls();
        let config = config(&chain, &key, clients, versions, clock)?;
        Ok(Self(Arc::new(Inner {
            chain,
            key,
            versions,
            clock: clock.clone(),
            config: RwLock::new(config),
            refused: AtomicU64::new(0),
        })))
    }

    /// A configuration of its own for whom is trusted now: sessions that were begun under another are not resumed.
    pub(super) fn trust(&self, clients: &[&Authority]) -> Result<(), CertificateError> {
        let Inner { chain, key, versions, clock, config, .. } = &*self.0;
        let next = self::config(chain, key, clients, *versions, clock)?;
        *config.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }

    pub(super) fn refuse(&self, reason: &std::io::Error) {
        self.0.refused.fetch_add(1, Ordering::Relaxed);
        tracing::info!(%reason, "TLS handshake refused");
    }
}

fn config(
    chain: &[CertificateDer<'static>],
    key: &PrivateKeyDer<'static>,
    clients: &[&Authority],
    versions: TlsVersions,
    clock: &SandboxClock,
) -> Result<Arc<ServerConfig>, CertificateError> {
    let versions: &[&SupportedProtocolVersion] = match versions {
        TlsVersions::Both => rustls::ALL_VERSIONS,
        TlsVersions::Tls12 => &[&rustls::version::TLS12],
        TlsVersions::Tls13 => &[&rustls::version::TLS13],
    };
    let builder = ServerConfig::builder_with_details(provider(), Arc::new(Time(clock.clone())))
        .with_protocol_versions(versions)?;
    let builder = if clients.is_empty() {
        builder.with_no_client_auth()
    } else {
        let mut roots = RootCertStore::empty();
        for authority in clients {
            roots.add(authority.der())?;
        }
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        builder.with_client_cert_verifier(verifier)
    };
    let mut config = builder.with_single_cert(chain.to_vec(), key.clone_key())?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Client certificates expire by the sandbox's clock: a test lets one expire by a jump.
#[derive(Debug)]
struct Time(SandboxClock);

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_millis(self.0.now().get())))
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Door")
    }
}
