//! Certificates and keys from PEM: the client's own identity, and authorities to trust.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::Loaded;
use crate::error::ConfigError;

/// The chain and the key of an identity.
pub(super) fn read(chain: &[u8], key: &[u8]) -> Result<Loaded, ConfigError> {
    let invalid = |reason| ConfigError::Identity { reason };
    let chain = certificates(chain).map_err(|found| match found {
        PemFault::Broken => invalid("the certificate file is not PEM"),
        PemFault::Empty if looks_like_der(chain) => {
            invalid("the certificate file is not PEM; give a .p12 or .pfx file as PKCS#12")
        }
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
    Loaded::new(chain, key)
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

/// A DER sequence, which no text begins like.
fn looks_like_der(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x80..=0x84, ..])
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|window| window == wanted)
}
