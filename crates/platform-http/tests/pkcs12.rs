//! PKCS#12 files: made by OpenSSL and by Java, modern and old, and those that cannot be used.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, LocalKeyId, MacAlgorithm, PrivateKey,
    PrivateKeyChain,
};
use platform_http::{ConfigError, Identity};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use sign_core::Secret;

/// Files of `pkcs12/make.sh`: of programs that this project has no part in.
macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("pkcs12/", $name))
    };
}

fn password(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

#[track_caller]
fn reads(file: &[u8], secret: &str, certificates: usize) {
    let identity = Identity::from_pkcs12(file, Secret::new(secret).ok().as_ref()).unwrap();
    let shown = format!("{identity:?}");
    assert!(shown.starts_with(&format!("Identity({certificates} certificates, until 21")), "{shown}");
}

#[test]
fn of_other_programs() {
    reads(file!("openssl-modern.p12"), "changeit", 1);
    reads(file!("openssl-legacy.p12"), "changeit", 1);
    reads(file!("keytool-modern.p12"), "changeit", 1);
    reads(file!("keytool-legacy.p12"), "changeit", 1);
    reads(file!("chinese-password.p12"), "密码", 1);
    reads(file!("empty-password.p12"), "", 1);
}

#[track_caller]
fn fails(file: &[u8], secret: &str, expected: &str) {
    match Identity::from_pkcs12(file, Secret::new(secret).ok().as_ref()) {
        Err(ConfigError::Identity { reason }) => assert!(reason.contains(expected), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_password_is_wrong() {
    for secret in ["Changeit", "", "密码"] {
        fails(file!("openssl-modern.p12"), secret, "password of the PKCS#12 file is wrong");
        fails(file!("openssl-legacy.p12"), secret, "password of the PKCS#12 file is wrong");
        fails(file!("keytool-modern.p12"), secret, "password of the PKCS#12 file is wrong");
        fails(file!("keytool-legacy.p12"), secret, "password of the PKCS#12 file is wrong");
    }
    fails(file!("empty-password.p12"), "changeit", "password of the PKCS#12 file is wrong");
}

#[test]
fn a_part_is_missing() {
    fails(file!("no-key.p12"), "changeit", "no private key");
    fails(file!("no-certificate.p12"), "changeit", "no certificate");
    fails(file!("two-keys.p12"), "changeit", "several keys");
}

#[test]
fn other_kinds_of_files() {
    fails(b"", "changeit", "empty");
    fails(b"-----BEGIN CERTIFICATE-----\n", "changeit", "PEM");
    fails(b"\xfe\xed\xfe\xed\0\0\0\x02", "changeit", "JKS");
    fails(b"\x30\x80\x02\x01\x03", "changeit", "BER");
    fails(b"hello", "changeit", "not PKCS#12");
    fails(&[0x30; 5000], "changeit", "not PKCS#12");
}

#[test]
fn cut_short_or_damaged_anywhere() {
    let file = file!("openssl-legacy.p12");
    for length in (0..file.len()).step_by(7) {
        match Identity::from_pkcs12(&file[..length], Some(&password("changeit"))) {
            Err(ConfigError::Identity { .. }) => {}
            other => panic!("{length}: {other:?}"),
        }
    }
    // The seal covers the content; what stands outside of it may change without harm.
    let mut refused = 0;
    for at in (0..file.len()).step_by(11) {
        let mut damaged = file.to_vec();
        damaged[at] ^= 0x20;
        match Identity::from_pkcs12(&damaged, Some(&password("changeit"))) {
            Err(ConfigError::Identity { .. }) => refused += 1,
            Ok(_) => {}
            Err(other) => panic!("{at}: {other:?}"),
        }
    }
    assert!(refused > file.len() / 11 * 9 / 10, "{refused}");
}

/// An authority below a root, and what it issues.
struct Made {
    root: Certificate,
    middle: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Made {
    fn new() -> Self {
        let authority = |name: &str| {
            let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params
        };
        let (root, root_key) = (authority("root"), KeyPair::generate().unwrap());
        let (middle, middle_key) = (authority("middle"), KeyPair::generate().unwrap());
        let root_cert = root.self_signed(&root_key).unwrap();
        let middle_cert = middle.signed_by(&middle_key, &Issuer::new(root, root_key)).unwrap();
        Self {
            root: Certificate::from_der(root_cert.der()).unwrap(),
            middle: Certificate::from_der(middle_cert.der()).unwrap(),
            issuer: Issuer::new(middle, middle_key),
        }
    }

    fn leaf(&self, name: &str) -> (PrivateKey, Certificate) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let cert = params.signed_by(&key, &self.issuer).unwrap();
        (PrivateKey::from_der(&key.serialize_der()).unwrap(), Certificate::from_der(cert.der()).unwrap())
    }
}

fn write(entries: impl IntoIterator<Item = KeyStoreEntry>) -> Vec<u8> {
    let mut store = KeyStore::new();
    for (number, entry) in entries.into_iter().enumerate() {
        store.add_entry(&format!("entry {number}"), entry);
    }
    store.writer("changeit").encryption_iterations(10).mac_iterations(10).write().unwrap()
}

fn pair(id: u8, key: &PrivateKey, certificates: &[&Certificate]) -> KeyStoreEntry {
    let certificates = certificates.iter().map(|one| (*one).clone());
    KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new(LocalKeyId(vec![id]), key.clone(), certificates))
}

#[test]
fn the_chain_is_put_in_order_and_the_root_left_out() {
    let made = Made::new();
    let (key, own) = made.leaf("client");
    reads_any(&write([pair(1, &key, &[&own, &made.middle, &made.root])]), 2);
    reads_any(
        &write([
            KeyStoreEntry::Certificate(made.middle.clone()),
            KeyStoreEntry::Certificate(made.root.clone()),
            pair(1, &key, &[&own]),
        ]),
        2,
    );
    reads_any(&write([pair(1, &key, &[&own])]), 1);
}

#[test]
fn the_certificate_says_which_key_is_meant() {
    let made = Made::new();
    let ((key, own), (other, _)) = (made.leaf("client"), made.leaf("other"));
    reads_any(&write([pair(1, &other, &[]), pair(2, &key, &[&own])]), 1);
    fails(&write([pair(1, &other, &[&own])]), "changeit", "belongs to a certificate");
    let same = write([pair(1, &key, &[&own]), pair(2, &key, &[&own])]);
    reads_any(&same, 1);
}

#[test]
fn other_seals_and_ciphers() {
    let made = Made::new();
    let (key, own) = made.leaf("client");
    let mut store = KeyStore::new();
    store.add_entry("client", pair(1, &key, &[&own]));
    for mac in [MacAlgorithm::HmacSha1, MacAlgorithm::HmacSha384, MacAlgorithm::HmacSha512] {
        for cipher in [
            EncryptionAlgorithm::PbeWithHmacSha256AndAes256,
            EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc,
            EncryptionAlgorithm::PbeWithShaAnd40BitRc4Cbc,
        ] {
            let writer = store.writer("changeit").encryption_iterations(10).mac_iterations(10);
            reads_any(&writer.mac_algorithm(mac).encryption_algorithm(cipher).write().unwrap(), 1);
        }
    }
}

#[track_caller]
fn reads_any(file: &[u8], certificates: usize) {
    let identity = Identity::from_pkcs12(file, Some(&password("changeit"))).unwrap();
    assert!(format!("{identity:?}").starts_with(&format!("Identity({certificates} certificates")));
}
