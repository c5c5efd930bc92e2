//! What the platform means when it ends a TLS handshake, read together with what we know of our own certificate.

use rustls::AlertDescription;
use sign_core::UnixMillis;

use crate::error::TlsFault;
use crate::identity::{Shown, Validity};

/// What an alert of the platform's says.
pub(crate) fn fault(alert: AlertDescription, identity: &Shown, now: UnixMillis) -> TlsFault {
    match identity.validity() {
        None => without_identity(alert, identity.was_asked()),
        Some(validity) => with_identity(alert, identity.was_asked(), validity, now),
    }
    .unwrap_or_else(|| other(alert))
}

/// What the platform says to one who shows no certificate. `asked`: it had asked for one.
fn without_identity(alert: AlertDescription, asked: bool) -> Option<TlsFault> {
    use AlertDescription as A;
    match alert {
        A::CertificateRequired | A::NoCertificate => Some(TlsFault::ClientCertificateRequired),
        // Before TLS 1.3 there was no alert for a missing certificate; servers use these.
        A::BadCertificate | A::CertificateUnknown | A::UnknownCA | A::AccessDenied => {
            Some(TlsFault::ClientCertificateRequired)
        }
        A::HandshakeFailure if asked => Some(TlsFault::ClientCertificateRequired),
        _ => None,
    }
}

/// What the platform says of our certificate. Many servers have one alert for all reasons; then our own calendar
/// tells more.
fn with_identity(
    alert: AlertDescription,
    asked: bool,
    validity: Validity,
    now: UnixMillis,
) -> Option<TlsFault> {
    use AlertDescription as A;
    let early = now < validity.from;
    match alert {
        // Also said of one whose time has not come (RFC 8446 §6.2).
        A::CertificateExpired if early => Some(TlsFault::ClientCertificateNotYetValid),
        A::CertificateExpired => Some(TlsFault::ClientCertificateExpired),
        A::CertificateRevoked => Some(TlsFault::ClientCertificateRevoked),
        // Our key belongs to our certificate, that was checked. The signature that does not fit is its authority's:
        // the platform knows one of the same name with another key.
        A::UnknownCA | A::DecryptError => Some(TlsFault::ClientCertificateUntrusted),
        // We have one, and could not show it: the platform named no way to sign that our key is capable of.
        A::CertificateRequired | A::NoCertificate | A::UnsupportedCertificate => {
            Some(TlsFault::ClientCertificateUnsupported)
        }
        A::HandshakeFailure if !asked => None,
        A::BadCertificate | A::CertificateUnknown | A::AccessDenied | A::HandshakeFailure => Some(if early {
            TlsFault::ClientCertificateNotYetValid
        } else if validity.has_expired(now) {
            TlsFault::ClientCertificateExpired
        } else {
            TlsFault::ClientCertificateRefused
        }),
        _ => None,
    }
}

/// What the platform says about the rest.
fn other(alert: AlertDescription) -> TlsFault {
    use AlertDescription as A;
    match alert {
        A::ProtocolVersion | A::InsufficientSecurity | A::NoApplicationProtocol => TlsFault::Incompatible,
        A::UnrecognisedName => TlsFault::WrongName,
        _ => TlsFault::Handshake,
    }
}

#[cfg(test)]
mod tests {
    use AlertDescription as A;

    use super::*;

    #[track_caller]
    fn none(alert: A, asked: bool, expected: Option<TlsFault>) {
        assert_eq!(without_identity(alert, asked), expected);
    }

    #[test]
    fn nothing_to_show() {
        for alert in
            [A::CertificateRequired, A::NoCertificate, A::BadCertificate, A::UnknownCA, A::AccessDenied]
        {
            none(alert, true, Some(TlsFault::ClientCertificateRequired));
        }
        none(A::HandshakeFailure, true, Some(TlsFault::ClientCertificateRequired));
        none(A::HandshakeFailure, false, None);
        none(A::InternalError, true, None);
    }

    const VALIDITY: Validity =
        Validity { from: UnixMillis::new(1_000_000), until: UnixMillis::new(2_000_000) };

    #[track_caller]
    fn shown(alert: A, now: u64, expected: TlsFault) {
        assert_eq!(with_identity(alert, true, VALIDITY, UnixMillis::new(now)), Some(expected));
    }

    #[test]
    fn the_platform_says_why() {
        shown(A::CertificateExpired, 2_001_000, TlsFault::ClientCertificateExpired);
        // It is its word against our clock's.
        shown(A::CertificateExpired, 1_500_000, TlsFault::ClientCertificateExpired);
        shown(A::CertificateExpired, 999_999, TlsFault::ClientCertificateNotYetValid);
        shown(A::CertificateRevoked, 1_500_000, TlsFault::ClientCertificateRevoked);
        shown(A::UnknownCA, 1_500_000, TlsFault::ClientCertificateUntrusted);
        shown(A::DecryptError, 1_500_000, TlsFault::ClientCertificateUntrusted);
        shown(A::UnsupportedCertificate, 1_500_000, TlsFault::ClientCertificateUnsupported);
        shown(A::CertificateRequired, 1_500_000, TlsFault::ClientCertificateUnsupported);
    }

    #[test]
    fn the_platform_does_not_say_why_but_our_calendar_does() {
        for alert in [A::BadCertificate, A::CertificateUnknown, A::AccessDenied, A::HandshakeFailure] {
            shown(alert, 999_999, TlsFault::ClientCertificateNotYetValid);
            shown(alert, 1_000_000, TlsFault::ClientCertificateRefused);
            // It holds through its last second.
            shown(alert, 2_000_999, TlsFault::ClientCertificateRefused);
            shown(alert, 2_001_000, TlsFault::ClientCertificateExpired);
        }
    }

    #[test]
    fn about_something_else() {
        let now = UnixMillis::new(1_500_000);
        assert_eq!(with_identity(A::InternalError, true, VALIDITY, now), None);
        assert_eq!(with_identity(A::HandshakeFailure, false, VALIDITY, now), None);
        assert_eq!(fault(A::ProtocolVersion, &Shown::new(None), now), TlsFault::Incompatible);
        assert_eq!(fault(A::HandshakeFailure, &Shown::new(None), now), TlsFault::Handshake);
    }
}
