//! The TLS side of a client: cryptography, whom to trust, and which certificate to show.

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::error::ConfigError;
use crate::identity::{Shown, provider};

/// Builds the TLS configuration.
///
/// Trust comes from the operating system's store, because companies install the authorities of their inspecting
/// proxies there and expect them to be honoured; `extra` adds to it. Without TLS in use (`https` false: plain base
/// URL, no TLS proxy) the store is not read, so a container without certificates can still talk to loopback.
pub(crate) fn client_config(
    https: bool,
    extra: &[CertificateDer<'static>],
    identity: &Arc<Shown>,
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
    // Also without an identity: it notes that the platform asked for one.
    let mut config = builder.with_client_cert_resolver(Arc::clone(identity) as _);
    if identity.may_change() {
        // A resumed session goes on under the certificate of the first handshake; a new one would never be shown.
        config.resumption = Resumption::disabled();
    }
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
