//! Why there is no certificate.

/// A certificate, or a TLS server with it, cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The certificate.
    #[error("the certificate cannot be made: {0}; check its name and its dates")]
    Certificate(rcgen::Error),
    /// The TLS server.
    #[error("TLS cannot be set up: {0}")]
    Tls(rustls::Error),
    /// Nobody could be let in.
    #[error("no authority is given; name at least one whose clients are let in")]
    NoAuthority,
    /// The PKCS#12 file.
    #[error("the PKCS#12 file cannot be written: {0}")]
    Pkcs12(p12_keystore::error::Error),
}

impl From<rcgen::Error> for CertificateError {
    fn from(error: rcgen::Error) -> Self {
        Self::Certificate(error)
    }
}

impl From<rustls::Error> for CertificateError {
    fn from(error: rustls::Error) -> Self {
        Self::Tls(error)
    }
}

impl From<p12_keystore::error::Error> for CertificateError {
    fn from(error: p12_keystore::error::Error) -> Self {
        Self::Pkcs12(error)
    }
}
