//! Authorities and what they issue. Unlike all else in the sandbox their keys do not follow from the seed: they are
//! made at the start and known to nobody.

use std::fmt;
use std::time::Duration;

use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, LocalKeyId, PrivateKey, PrivateKeyChain};
use platform_http::system::{Clock as _, SystemClock, UnixMillis};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sign_core::Secret;

use super::CertificateError;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// 2020-01-01 and 2100-01-01: whatever time the sandbox's clock shows.
const LONG_AGO: UnixMillis = UnixMillis::new(1_577_836_800_000);
const LONG_AFTER: UnixMillis = UnixMillis::new(4_102_444_800_000);

/// An authority that issues certificates for tests: a sandbox's own ([`Tls::authority`](crate::Tls::authority)), or a
/// stranger's that no sandbox knows.
///
/// ```
/// use platform_sandbox::{Authority, ClientCertificate};
/// let stranger = Authority::new("nobody knows me")?;
/// let issued = stranger.issue(&ClientCertificate::default())?;
/// assert!(stranger.pem().starts_with("-----BEGIN CERTIFICATE-----"));
/// assert!(issued.certificate_pem().starts_with("-----BEGIN CERTIFICATE-----"));
/// # Ok::<(), platform_sandbox::CertificateError>(())
/// ```
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
}

/// What a client certificate is to say.
#[derive(Debug, Clone)]
#[must_use]
pub struct ClientCertificate {
    /// Whose it is (the common name). Default: `sandbox client`.
    pub name: String,
    /// From when on it holds, to the second. Default: 2020.
    pub not_before: UnixMillis,
    /// Until when it holds, to the second. Default: 2100.
    pub not_after: UnixMillis,
}

impl Default for ClientCertificate {
    fn default() -> Self {
        Self { name: "sandbox client".to_owned(), not_before: LONG_AGO, not_after: LONG_AFTER }
    }
}

/// A certificate and its private key. `Debug` shows neither.
pub struct IssuedCertificate {
    pem: String,
    der: CertificateDer<'static>,
    key: KeyPair,
    key_pem: Secret,
}

impl Authority {
    /// A new authority, with a key of its own. Two of the same name are strangers to each other.
    ///
    /// # Errors
    /// [`CertificateError`] when the name cannot stand in a certificate.
    pub fn new(name: &str) -> Result<Self, CertificateError> {
        let mut params = named(name, LONG_AGO, LONG_AFTER)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        Ok(Self { issuer: Issuer::new(params, key), certificate })
    }

    /// Its certificate, by which those that it issued are trusted.
    #[must_use]
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// Issues a certificate for a client.
    ///
    /// # Errors
    /// [`CertificateError`] when the name cannot stand in a certificate.
    pub fn issue(&self, wanted: &ClientCertificate) -> Result<IssuedCertificate, CertificateError> {
        let params = named(&wanted.name, wanted.not_before, wanted.not_after)?;
        self.sign(params, ExtendedKeyUsagePurpose::ClientAuth)
    }

    /// Issues a certificate for a server that is reached under these names and addresses: valid by the real time, from
    /// yesterday on for a year.
    ///
    /// # Errors
    /// [`CertificateError`] when a name cannot stand in a certificate.
    pub fn issue_for_server(&self, names: &[String]) -> Result<IssuedCertificate, CertificateError> {
        // Clients check it against the real time, and Apple's take none that lives for long.
        let now = SystemClock.now();
        let from = UnixMillis::new(now.get().saturating_sub(u64::try_from(DAY.as_millis()).unwrap_or(0)));
        let mut params = named("sandbox", from, now.saturating_add(DAY * 365))?;
        params.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
        self.sign(params, ExtendedKeyUsagePurpose::ServerAuth)
    }

    fn sign(
        &self,
        mut params: CertificateParams,
        purpose: ExtendedKeyUsagePurpose,
    ) -> Result<IssuedCertificate, CertificateError> {
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![purpose];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let key_pem = Secret::new(key.serialize_pem()).map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
        Ok(IssuedCertificate { pem: certificate.pem(), der: certificate.der().clone(), key, key_pem })
    }

    pub(super) fn der(&self) -> CertificateDer<'static> {
        self.certificate.der().clone()
    }
}

impl IssuedCertificate {
    /// The certificate. There is no chain: the authority is the root.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.pem
    }

    /// The private key, PKCS#8.
    #[must_use]
    pub fn key_pem(&self) -> &Secret {
        &self.key_pem
    }

    /// Both as a PKCS#12 file, AES-256 and HMAC-SHA-256.
    ///
    /// # Errors
    /// [`CertificateError`] when the password cannot be used.
    pub fn pkcs12(&self, password: &Secret) -> Result<Vec<u8>, CertificateError> {
        let key = PrivateKey::from_der(&self.key.serialize_der())?;
        let certificate = Certificate::from_der(&self.der)?;
        let pair = PrivateKeyChain::new(LocalKeyId(vec![1]), key, [certificate]);
        let mut store = KeyStore::new();
        store.add_entry("client", KeyStoreEntry::PrivateKeyChain(pair));
        Ok(store.writer(password.expose()).write()?)
    }

    pub(super) fn for_rustls(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        (vec![self.der.clone()], PrivatePkcs8KeyDer::from(self.key.serialize_der()).into())
    }
}

fn named(name: &str, from: UnixMillis, until: UnixMillis) -> Result<CertificateParams, CertificateError> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    // Later dates cannot be written down.
    let date = |time: UnixMillis| {
        date_time_ymd(1970, 1, 1) + Duration::from_secs(time.to_seconds().get().min(253_402_300_799))
    };
    params.not_before = date(from);
    params.not_after = date(until);
    Ok(params)
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authority")
    }
}

impl fmt::Debug for IssuedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IssuedCertificate")
    }
}
