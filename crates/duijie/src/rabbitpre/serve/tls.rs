//! TLS for callers: a certificate and its key from PEM files.

use std::{path::Path, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio_rustls::TlsAcceptor;

use super::read;
use crate::exit::Failure;

/// Takes both files; which one is wrong is told, and nothing of the key.
pub(super) fn acceptor(cert: &Path, key: &Path) -> Result<TlsAcceptor, Failure> {
    let wrong =
        |path: &Path, error: &dyn std::fmt::Display| Failure::usage(format!("`{}`: {error}", path.display()));
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&read(cert)?)
        .collect::<Result<_, _>>()
        .map_err(|_| wrong(cert, &"not PEM; give the certificate, and those between it and the authority"))?;
    if chain.is_empty() {
        return Err(wrong(cert, &"no certificate in it"));
    }
    let secret = PrivateKeyDer::from_pem_slice(&read(key)?)
        .map_err(|_| wrong(key, &"no private key in it; give it unencrypted, as PEM"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Failure::failed)?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|error| wrong(key, &format_args!("does not fit `{}`: {error}", cert.display())))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
