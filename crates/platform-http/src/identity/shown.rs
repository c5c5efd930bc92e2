//! What handshakes show of the identity, and what is known of it when the platform refuses.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;

use super::{Identity, Validity};

/// The identity of one client, if it has one, and whether anybody ever asked for it.
pub(crate) struct Shown {
    identity: Option<Identity>,
    asked: AtomicBool,
}

impl Shown {
    pub(crate) fn new(identity: Option<Identity>) -> Self {
        Self { identity, asked: AtomicBool::new(false) }
    }

    /// Whether the platform has asked for a certificate, in any handshake.
    pub(crate) fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// The validity of the certificate, if there is one.
    pub(crate) fn validity(&self) -> Option<Validity> {
        self.identity.as_ref().map(|identity| identity.current().validity)
    }

    /// Whether the certificate may change while the client lives.
    pub(crate) fn may_change(&self) -> bool {
        self.identity.as_ref().is_some_and(Identity::is_watched)
    }
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        // rustls calls this when, and only when, the platform asks.
        self.asked.store(true, Ordering::Relaxed);
        self.identity.as_ref().map(|identity| identity.latest().key)
    }

    fn has_certs(&self) -> bool {
        self.identity.is_some()
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shown({:?})", self.identity)
    }
}
