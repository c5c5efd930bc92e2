//! From reqwest's errors to ours. Only types and numbers are looked at; no text of theirs is passed on.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use crate::alert;
use crate::error::{ConnectFault, ErrorKind, Phase, ProxyFault, TlsFault};
use crate::flight::Way;
use crate::identity::Shown;
use crate::system::{Clock as _, SystemClock};

/// What a failed exchange was. The outcome is not decided here: see [`crate::outgoing::Progress::begun`].
pub(crate) fn classify(error: &reqwest::Error, way: &Way) -> ErrorKind {
    let tunnel = if way.proxied { tunnel(error) } else { None };
    if let Some(found) = find::<rustls::Error>(error) {
        // With a proxy under TLS there are two handshakes, and only the one inside the tunnel is the platform's.
        return if way.proxied && (!way.https || tunnel.is_some()) {
            ErrorKind::Proxy(ProxyFault::Tls)
        } else {
            ErrorKind::Tls(tls(found, &way.identity))
        };
    }
    if error.is_connect() {
        if error.is_timeout() {
            return ErrorKind::Timeout { phase: Phase::Connect, limit: way.connect };
        }
        if let Some(fault) = tunnel {
            return ErrorKind::Proxy(fault);
        }
        // Through a tunnel that stands, what fails is the platform's handshake; before that, the proxy's connection.
        if way.proxied && !(way.https && matches!(connect(error), ConnectFault::Closed)) {
            return ErrorKind::Proxy(ProxyFault::Unreachable);
        }
        return ErrorKind::Connect(if error.is_dns() { ConnectFault::Dns } else { connect(error) });
    }
    if error.is_builder() {
        return ErrorKind::InvalidRequest("the HTTP client does not take its URL or headers");
    }
    if error.is_timeout() {
        // Only the operating system's own timeout on an established connection is left.
        return ErrorKind::Timeout { phase: Phase::Read, limit: way.read };
    }
    if let Some(io) = find::<io::Error>(error) {
        // hyper's own word for a chunk that is no chunk.
        let broken = matches!(io.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput);
        return if broken { ErrorKind::Protocol } else { ErrorKind::Cut };
    }
    match find::<hyper::Error>(error) {
        Some(hyper) if hyper.is_incomplete_message() || hyper.is_canceled() || hyper.is_closed() => {
            ErrorKind::Cut
        }
        // Over HTTP/2: the platform ended the stream or the connection.
        Some(hyper) if !hyper.is_parse() && hyper.source().is_some() => ErrorKind::Cut,
        _ => ErrorKind::Protocol,
    }
}

/// The first error of that type in the chain. An `io::Error` hides what it wraps from `source()`, so it is opened.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn connect(error: &reqwest::Error) -> ConnectFault {
    use io::ErrorKind as Io;
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(Io::ConnectionRefused) => ConnectFault::Refused,
        Some(Io::NetworkUnreachable | Io::HostUnreachable | Io::NetworkDown | Io::AddrNotAvailable) => {
            ConnectFault::Unreachable
        }
        Some(Io::ConnectionReset | Io::ConnectionAborted | Io::UnexpectedEof | Io::BrokenPipe) => {
            ConnectFault::Closed
        }
        _ => ConnectFault::Other,
    }
}

/// What the proxy did to the tunnel, if it is the tunnel that failed.
fn tunnel(error: &reqwest::Error) -> Option<ProxyFault> {
    // hyper-util keeps the type of its tunnel errors to itself; their texts are fixed and hold nothing of ours.
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        match error.to_string().strip_prefix("tunnel error: ") {
            Some("proxy authorization required") => return Some(ProxyFault::Authentication),
            Some("failed to create underlying connection") => return Some(ProxyFault::Unreachable),
            Some(_) => return Some(ProxyFault::Refused),
            None => next = error.source(),
        }
    }
    None
}

fn tls(error: &rustls::Error, identity: &Shown) -> TlsFault {
    use CertificateError as Bad;
    match error {
        rustls::Error::InvalidCertificate(bad) => match bad {
            // A signature that does not fit: an authority of the same name, with another key, is the trusted one.
            Bad::UnknownIssuer | Bad::BadSignature => TlsFault::UnknownIssuer,
            Bad::Expired | Bad::ExpiredContext { .. } => TlsFault::Expired,
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => TlsFault::NotYetValid,
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => TlsFault::WrongName,
            Bad::Revoked => TlsFault::Revoked,
            _ => TlsFault::BadCertificate,
        },
        rustls::Error::AlertReceived(alert) => alert::fault(*alert, identity, SystemClock.now()),
        rustls::Error::PeerIncompatible(_) | rustls::Error::NoApplicationProtocol => TlsFault::Incompatible,
        rustls::Error::InvalidMessage(_) => TlsFault::NotTls,
        _ => TlsFault::Handshake,
    }
}
