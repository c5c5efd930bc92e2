//! Certificates and keys from PEM: the client's own identity, and authorities to trust.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::error::ConfigError;

/// A client certificate with its chain and private key. `Debug` shows neither.
#[derive(Clone)]
pub struct Identity(Arc<CertifiedKey>);

impl Identity {
    /// Reads the certificate chain (own certificate first) and the private key (PKCS#8, PKCS#1 or SEC1, not
    /// encrypted). Both arguments may be the same file.
    ///
    /// # Errors
    /// [`ConfigError::Identity`] when a part is missing or broken, the key is encrypted, or the key does not belong
    /// to the certificate.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, ConfigError> {
        let invalid = |reason| ConfigError::Identity { reason };
        let chain = certificates(chain).map_err(|found| match found {
            PemFault::Broken => invalid("the certificate file is not PEM"),
            PemFault::Empty => invalid("the certificate file holds no `BEGIN CERTIFICATE`"),
        })?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| {
            // rustls-pki-types skips sections it does not know, and an encrypted key is one of them.
            if contains(key, b"ENCRYPTED") {
                invalid("the private key is encrypted; decrypt it with `openssl pkey -in key.pem -out plain.pem`")
            } else {
                invalid("the key file holds no `BEGIN PRIVATE KEY`, `BEGIN RSA PRIVATE KEY` or `BEGIN EC PRIVATE KEY`")
            }
        })?;
        let key = provider()
            .key_provider
            .load_private_key(key)
            .map_err(|_| invalid("the private key is of a kind or size that TLS cannot use"))?;
        let identity = CertifiedKey::new(chain, key);
        match identity.keys_match() {
            Ok(()) => Ok(Self(Arc::new(identity))),
            Err(rustls::Error::InconsistentKeys(_)) => {
                Err(invalid("the private key does not belong to the first certificate of the chain"))
            }
            Err(_) => Err(invalid("the first certificate of the chain cannot be read")),
        }
    }

    pub(crate) fn certified_key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({} certificates)", self.0.cert.len())
    }
}

/// The cryptography of this crate: ring, always, whatever the process has installed as its default.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

pub(crate) enum PemFault {
    Broken,
    Empty,
}

/// All certificates of a PEM text, at least one.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, PemFault> {
    let found: Vec<_> =
        CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| PemFault::Broken)?;
    if found.is_empty() { Err(PemFault::Empty) } else { Ok(found) }
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|window| window == wanted)
}
