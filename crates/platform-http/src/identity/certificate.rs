//! What must be known of a certificate (X.509, RFC 5280) before it is shown to anybody.

use sign_core::UnixMillis;
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::time::Time;

use super::Validity;

/// Two facts about a certificate.
pub(super) struct Certificate {
    /// The `SubjectPublicKeyInfo`, DER.
    pub(super) public_key: Vec<u8>,
    pub(super) validity: Validity,
}

impl Certificate {
    /// Reads them; [`None`] when that is no certificate.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        // `Raw` takes serial numbers as they are: some authorities' are longer than the standard allows.
        let certificate = CertificateInner::<Raw>::from_der(der).ok()?;
        let content = certificate.tbs_certificate();
        let validity = content.validity();
        Some(Self {
            public_key: content.subject_public_key_info().to_der().ok()?,
            validity: Validity { from: millis(validity.not_before), until: millis(validity.not_after) },
        })
    }
}

fn millis(time: Time) -> UnixMillis {
    UnixMillis::new(0).saturating_add(time.to_unix_duration())
}
