//! TLS for the platforms, with an authority of the sandbox's own.

mod authority;
mod door;
mod error;
mod wire;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

pub use self::authority::{Authority, ClientCertificate, IssuedCertificate};
pub(crate) use self::door::Door;
pub use self::error::CertificateError;
pub(crate) use self::wire::Wire;
use crate::SandboxClock;

/// Which hosts speak TLS, and how.
#[derive(Debug, Clone)]
#[must_use]
pub struct TlsOptions {
    /// 晋来办 and 宜昌 as well, not WeBank's two hosts only. Default: false.
    pub every_host: bool,
    /// WeBank's business host lets nobody in without a client certificate (WB-1). Its file host never asks for one.
    /// Default: true.
    pub client_certificates: bool,
    /// Default: both.
    pub versions: TlsVersions,
}

impl Default for TlsOptions {
    fn default() -> Self {
        Self { every_host: false, client_certificates: true, versions: TlsVersions::Both }
    }
}

/// The versions of TLS that are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVersions {
    /// TLS 1.2 and 1.3.
    Both,
    /// TLS 1.2 alone.
    Tls12,
    /// TLS 1.3 alone.
    Tls13,
}

/// The TLS side of a sandbox: whom its hosts trust, and what to trust them by.
#[derive(Debug)]
pub struct Tls {
    authority: Authority,
    business: Door,
    others: Door,
    every_host: bool,
    client_certificates: bool,
}

impl Tls {
    pub(crate) fn new(
        options: &TlsOptions,
        listen: SocketAddr,
        clock: &SandboxClock,
    ) -> Result<Self, CertificateError> {
        let authority = Authority::new("sandbox authority")?;
        let server = authority.issue_for_server(&addresses(listen.ip()))?;
        let door = |clients: &[&Authority]| Door::new(&server, clients, options.versions, clock);
        let trusted = [&authority];
        Ok(Self {
            business: door(if options.client_certificates { &trusted } else { &[] })?,
            others: door(&[])?,
            every_host: options.every_host,
            client_certificates: options.client_certificates,
            authority,
        })
    }

    /// The authority behind the certificates of the hosts, and the one that issues certificates to clients: give
    /// [`Authority::pem`] to the client under test as an extra root.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// From the next connection on, WeBank's business host lets in the clients of these authorities, and no others.
    /// Connections that stand go on. Does nothing where no client certificates are asked for.
    ///
    /// # Errors
    /// [`CertificateError`] when there is none among them.
    pub fn trust_clients_of(&self, authorities: &[&Authority]) -> Result<(), CertificateError> {
        if !self.client_certificates {
            return Ok(());
        }
        if authorities.is_empty() {
            return Err(CertificateError::NoAuthority);
        }
        self.business.trust(authorities)
    }

    /// How many connections WeBank's business host has turned away in the handshake, for a certificate that was
    /// missing or unfit or for another reason.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.business.refused()
    }

    pub(crate) fn for_business(&self) -> Option<Door> {
        Some(self.business.clone())
    }

    pub(crate) fn for_files(&self) -> Option<Door> {
        Some(self.others.clone())
    }

    pub(crate) fn for_others(&self) -> Option<Door> {
        self.every_host.then(|| self.others.clone())
    }
}

/// The names by which a sandbox is reached that listens here.
fn addresses(listen: IpAddr) -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let own = listen.to_string();
    if !listen.is_unspecified() && !names.contains(&own) {
        names.push(own);
    }
    names
}

/// The cryptography, as everywhere in this project: ring.
fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
