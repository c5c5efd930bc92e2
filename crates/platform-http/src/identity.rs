//! The client's own identity: a certificate with its chain and private key, given once or read from files that change.

mod certificate;
mod ec;
mod files;
mod pem;
#[cfg(feature = "pkcs12")]
mod pkcs12;
mod shown;
mod validity;
mod watched;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use sign_core::UnixMillis;

use crate::error::ConfigError;
use certificate::Certificate;
use files::Files;
pub(crate) use pem::{PemFault, certificates};
pub(crate) use shown::Shown;
pub(crate) use validity::Validity;
use watched::Watched;

/// A client certificate with its chain and private key (mutual TLS). `Debug` shows neither.
///
/// Given once, as bytes ([`from_pem`](Self::from_pem)), or as files that are looked at in every
/// handshake ([`watch_pem`](Self::watch_pem)): a certificate that is replaced on disk is used from the next connection
/// on, without a restart. Copies share what was read.
///
/// ```no_run
/// use platform_http::system::{Clock, SystemClock};
/// use platform_http::{BaseUrl, Config, Identity};
/// let identity = Identity::watch_pem("client.pem", "client-key.pem")?;
/// identity.check(SystemClock.now())?; // an expired certificate is better told at the start
/// let config = Config::new(BaseUrl::parse("https://bank.example")?).identity(identity);
/// # Ok::<(), platform_http::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Identity(Arc<Source>);

enum Source {
    Given(Loaded),
    Watched(Watched),
}

impl Identity {
    /// Reads the certificate chain (own certificate first) and the private key (PKCS#8, PKCS#1 or SEC1, not
    /// encrypted). Both arguments may be the same text.
    ///
    /// # Errors
    /// [`ConfigError::Identity`] when a part is missing or broken, the key is encrypted, or the key does not belong
    /// to the certificate.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, ConfigError> {
        pem::read(chain, key).map(Self::given)
    }

    /// Reads a PKCS#12 file (`.p12`, `.pfx`), encrypted in the modern (PBES2) or the old way (3DES, RC2); `None` is
    /// the empty password. Of several keys, the one that a certificate belongs to is taken; authorities in the file
    /// become the chain.
    ///
    /// # Errors
    /// [`ConfigError::Identity`] when the password is wrong, the file is broken or of an unknown kind, has no key, no
    /// certificate, or several pairs of them.
    #[cfg(feature = "pkcs12")]
    pub fn from_pkcs12(der: &[u8], password: Option<&sign_core::Secret>) -> Result<Self, ConfigError> {
        pkcs12::read(der, password).map(Self::given)
    }

    /// As [`from_pem`](Self::from_pem), from files that are read again in every handshake that asks for a
    /// certificate. Both may be the same file.
    ///
    /// While the files do not hold a whole pair (the new key is not written yet, a file is empty or gone), the
    /// previous certificate stays in use, with a warning in `tracing`. Connections that stand go on as they are. What
    /// is no regular file, such as a pipe, is read once.
    ///
    /// # Errors
    /// [`ConfigError::Identity`] as `from_pem`; [`ConfigError::IdentityFile`] when a file cannot be read.
    pub fn watch_pem(chain: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Result<Self, ConfigError> {
        Self::watch(Files::Pem { chain: chain.into(), key: key.into() })
    }

    /// As [`from_pkcs12`](Self::from_pkcs12), from a file that is read again like those of
    /// [`watch_pem`](Self::watch_pem). The password stays the same.
    ///
    /// # Errors
    /// [`ConfigError::Identity`] as `from_pkcs12`; [`ConfigError::IdentityFile`] when the file cannot be read.
    #[cfg(feature = "pkcs12")]
    pub fn watch_pkcs12(
        path: impl Into<PathBuf>,
        password: Option<sign_core::Secret>,
    ) -> Result<Self, ConfigError> {
        Self::watch(Files::Pkcs12 { path: path.into(), password })
    }

    fn watch(files: Files) -> Result<Self, ConfigError> {
        // A pipe (`--key <(…)` in a shell) gives what it holds once.
        if !files.can_be_read_again() {
            return files.load(&files.content()).map(Self::given);
        }
        Watched::open(files).map(|watched| Self(Arc::new(Source::Watched(watched))))
    }

    fn given(loaded: Loaded) -> Self {
        Self(Arc::new(Source::Given(loaded)))
    }

    /// From when on the certificate holds.
    #[must_use]
    pub fn valid_from(&self) -> UnixMillis {
        self.current().validity.from
    }

    /// Until when the certificate holds. Of watched files, the one that was read last.
    #[must_use]
    pub fn expires(&self) -> UnixMillis {
        self.current().validity.until
    }

    /// Whether the certificate holds now. A [`Client`](crate::Client) does not refuse one that does not (the platform
    /// decides, and a watched file may be replaced in time), it warns in `tracing`, from 30 days before the end.
    ///
    /// # Errors
    /// [`ConfigError::IdentityExpired`], [`ConfigError::IdentityNotYetValid`].
    pub fn check(&self, now: UnixMillis) -> Result<(), ConfigError> {
        self.current().validity.check(now)
    }

    /// What is in use, without a look at the files.
    fn current(&self) -> Loaded {
        match &*self.0 {
            Source::Given(loaded) => loaded.clone(),
            Source::Watched(watched) => watched.current(),
        }
    }

    /// What a handshake shows: of watched files, what they hold now.
    fn latest(&self) -> Loaded {
        match &*self.0 {
            Source::Given(loaded) => loaded.clone(),
            Source::Watched(watched) => watched.latest(),
        }
    }

    /// Whether the certificate may change while a client lives.
    pub(crate) fn is_watched(&self) -> bool {
        matches!(&*self.0, Source::Watched(_))
    }

    /// Warns in `tracing` if the certificate does not hold, or not for long.
    pub(crate) fn warn(&self, now: UnixMillis) {
        self.current().validity.warn(now);
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let current = self.current();
        write!(f, "Identity({} certificates, until {})", current.key.cert.len(), current.validity.last_day())
    }
}

/// A certificate and a key that belong together.
#[derive(Clone)]
struct Loaded {
    key: Arc<CertifiedKey>,
    validity: Validity,
}

impl Loaded {
    /// Checks that the two belong together.
    fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, ConfigError> {
        let invalid = |reason| ConfigError::Identity { reason };
        // rustls has a check of its own, which takes no certificate of version 1; OpenSSL makes those unless told
        // otherwise, banks hand them out, and servers take them.
        let own = chain.first().and_then(|own| Certificate::read(own));
        let own = own.ok_or_else(|| invalid("the first certificate of the chain cannot be read"))?;
        let keys = provider().key_provider;
        let completed = match &key {
            PrivateKeyDer::Pkcs8(key) => ec::with_public_half(key.secret_pkcs8_der(), &own.public_key),
            _ => None,
        };
        let key = completed.map_or(key, |completed| PrivatePkcs8KeyDer::from(completed).into());
        let key = keys
            .load_private_key(key)
            .map_err(|_| invalid("the private key is of a kind or size that TLS cannot use"))?;
        if key.public_key().is_none_or(|public| public.as_ref() != own.public_key) {
            return Err(invalid("the private key does not belong to the first certificate of the chain"));
        }
        Ok(Self { key: Arc::new(CertifiedKey::new(chain, key)), validity: own.validity })
    }
}

/// The cryptography of this crate: ring, always, whatever the process has installed as its default.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
