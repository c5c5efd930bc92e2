//! The TLS side of a client: cryptography, whom to trust, and which certificate to show.

use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::pki_types::CertificateDer;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::error::ConfigError;
use crate::identity::{Identity, provider};

/// Builds the TLS configuration.
///
/// Trust comes from the operating system's store, because companies install the authorities of their inspecting
/// proxies there and expect them to be honoured; `extra` adds to it. Without TLS in use (`https` false: plain base
/// URL, no TLS proxy) the store is not read, so a container without certificates can still talk to loopback.
pub(crate) fn client_config(
    https: bool,
    extra: &[CertificateDer<'static>],
    identity: Option<&Identity>,
) -> Result<ClientConfig, ConfigError> {
    let provider = provider();
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|_| ConfigError::Tls { reason: "the cryptography offers neither TLS 1.2 nor TLS 1.3" })?;
    let builder = if https {
        let verifier = Verifier::new_with_extra_roots(extra.iter().cloned(), provider).map_err(|_| {
            if extra.is_empty() {
                ConfigError::Tls {
                    reason: "the system has no trusted certificates; install the package ca-certificates, or give \
                             the platform's authority as an extra root",
                }
            } else {
                ConfigError::Roots { reason: "a certificate in it cannot serve as an authority" }
            }
        })?;
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
    } else {
        builder.with_root_certificates(RootCertStore::empty())
    };
    let mut config = match identity {
        Some(identity) => builder.with_client_cert_resolver(shown(identity)),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Which certificate to show when the platform asks for one.
fn shown(identity: &Identity) -> Arc<dyn ResolvesClientCert> {
    Arc::new(SingleCertAndKey::from(identity.certified_key()))
}
