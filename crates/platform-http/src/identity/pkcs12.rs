//! Client certificates from PKCS#12 files (RFC 7292).

use p12_keystore::error::Error;
use p12_keystore::{Certificate, Pkcs12Archive};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sign_core::Secret;

use super::Loaded;
use crate::error::ConfigError;

/// Reads the one pair of key and certificate, with the chain that the file holds.
pub(super) fn read(der: &[u8], password: Option<&Secret>) -> Result<Loaded, ConfigError> {
    let invalid = |reason| ConfigError::Identity { reason };
    let archive = Pkcs12Archive::from_pkcs12(der, password.map_or("", Secret::expose))
        .map_err(|error| invalid(unreadable(&error, der)))?;
    if archive.keys.is_empty() {
        return Err(invalid(
            "the PKCS#12 file holds no private key; export it together with the key (Java: a PrivateKeyEntry)",
        ));
    }
    let certificates: Vec<&Certificate> = archive.certs.iter().map(|bag| &bag.cert).collect();
    if certificates.is_empty() {
        return Err(invalid("the PKCS#12 file holds no certificate; export the key together with it"));
    }
    let mut found = None;
    let mut failed = invalid("no private key of the PKCS#12 file belongs to a certificate of it");
    for key in &archive.keys {
        for own in &certificates {
            let der = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.key.as_der().to_vec()));
            match Loaded::new(chain(own, &certificates), der) {
                // The same pair twice is one pair.
                Ok(pair) if found.as_ref().is_none_or(|known: &Loaded| known.key.cert == pair.key.cert) => {
                    found = Some(pair);
                }
                Ok(_) => {
                    return Err(invalid(
                        "the PKCS#12 file holds several keys with certificates; export the one that is meant into a \
                         file of its own (`keytool -importkeystore -srcalias NAME`)",
                    ));
                }
                Err(ConfigError::Identity { reason }) if reason.contains("kind or size") => {
                    failed = invalid(reason);
                }
                Err(_) => {}
            }
        }
    }
    found.ok_or(failed)
}

/// The certificate and those above it, without the root: whoever does not have that does not trust it.
fn chain(own: &Certificate, all: &[&Certificate]) -> Vec<CertificateDer<'static>> {
    let mut chain = vec![own];
    // Ends at the latest when all are in it.
    while let Some(last) = chain.last()
        && let Some(above) = all.iter().find(|above| {
            above.subject() == last.issuer() && above.subject() != above.issuer() && !chain.contains(above)
        })
    {
        chain.push(above);
    }
    chain.into_iter().map(|certificate| CertificateDer::from(certificate.as_der().to_vec())).collect()
}

/// What is wrong, and what to do. Their texts are not passed on.
fn unreadable(error: &Error, der: &[u8]) -> &'static str {
    match error {
        // Without a MAC, a wrong password shows as an undecipherable part.
        Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) => {
            "the password of the PKCS#12 file is wrong, or the file is damaged"
        }
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm => {
            "the PKCS#12 file is encrypted or sealed in a way that is not supported; export it with AES-256 and \
             HMAC-SHA-256 (OpenSSL 3 and Java 17 do by default)"
        }
        Error::InvalidParameters => {
            "the PKCS#12 file names impossible parameters for its password; export it again"
        }
        Error::InvalidPrivateKey => "the private key in the PKCS#12 file cannot be read",
        Error::X509Error(_) | Error::UnsupportedCertificateType => {
            "a certificate in the PKCS#12 file cannot be read"
        }
        _ if der.is_empty() => "the PKCS#12 file is empty",
        _ if der.starts_with(b"-----BEGIN") => "the file is PEM, not PKCS#12; give it as certificate and key",
        _ if der.starts_with(&[0xfe, 0xed, 0xfe, 0xed]) => {
            "the file is a Java keystore of the old kind (JKS); convert it with `keytool -importkeystore \
             -deststoretype pkcs12`"
        }
        // RFC 7292 allows the looser BER, which a few programs write.
        _ if der.starts_with(&[0x30, 0x80]) => {
            "the PKCS#12 file is written in BER; rewrite it with `openssl pkcs12 -in a.p12 -out a.pem` and \
             `openssl pkcs12 -export -in a.pem -out b.p12`"
        }
        _ => "the file is not PKCS#12, or damaged or cut short",
    }
}
