//! Authorities, what they issue, and TLS servers that ask for it.

use std::sync::Arc;

use platform_http::{Config, Identity};
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use super::{OK, Server, config};

/// An authority, and what it signs.
pub struct Authority {
    pub issuer: Issuer<'static, KeyPair>,
    pub pem: String,
    pub der: CertificateDer<'static>,
}

pub struct Leaf {
    pub der: CertificateDer<'static>,
    pub pem: String,
    pub key: KeyPair,
}

impl Authority {
    pub fn new() -> Self {
        Self::named("one name for all")
    }

    pub fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let cert = params.self_signed(&key).unwrap();
        Self { pem: cert.pem(), der: cert.der().clone(), issuer: Issuer::new(params, key) }
    }

    pub fn sign(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Leaf {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        change(&mut params);
        let cert = params.signed_by(&key, &self.issuer).unwrap();
        Leaf { der: cert.der().clone(), pem: cert.pem(), key }
    }

    pub fn server(&self) -> Leaf {
        self.sign("127.0.0.1", |_| {})
    }

    pub fn client(&self) -> Leaf {
        self.sign("client.example", |params| {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        })
    }

    pub fn config(&self, server: &Server) -> Config {
        config(&format!("https://{}", server.address)).root_certificates(self.pem.as_bytes()).unwrap()
    }
}

impl Leaf {
    pub fn identity(&self) -> Identity {
        Identity::from_pem(self.pem.as_bytes(), self.key.serialize_pem().as_bytes()).unwrap()
    }
}

/// A TLS server that answers one request per connection; with `clients`, certificates of theirs are required.
pub async fn serve(
    leaf: &Leaf,
    clients: Option<&Authority>,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> Server {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(versions).unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der.clone()).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf.key.serialize_der()));
    let config = builder.with_single_cert(vec![leaf.der.clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Server::start(move |stream, server| {
        let acceptor = acceptor.clone();
        async move {
            match acceptor.accept(stream).into_fallible().await {
                Ok(mut stream) => {
                    server.read(&mut stream).await;
                    stream.write_all(OK.as_bytes()).await.ok();
                    stream.shutdown().await.ok();
                }
                // Reads what is under way before it closes, as servers do that want their alert to be read: a socket
                // closed on unread bytes is reset, and a client that is still writing sees only that.
                Err((_, mut stream)) => {
                    stream.shutdown().await.ok();
                    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.ok();
                }
            }
        }
    })
    .await
}

pub async fn plain(leaf: &Leaf) -> Server {
    serve(leaf, None, rustls::ALL_VERSIONS).await
}
