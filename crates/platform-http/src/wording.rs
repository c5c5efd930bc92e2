//! The words of transport errors: what happened, and what to do.

use std::fmt;

use crate::error::{ConnectFault, ErrorKind, Phase, ProxyFault, TlsFault};

impl ErrorKind {
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "correct the request",
            Self::RequestBody => "check the file or stream that is being sent",
            Self::Connect(fault) => fault.advice(),
            Self::Tls(fault) => fault.advice(),
            Self::Proxy(fault) => fault.advice(),
            Self::Timeout { phase: Phase::Connect, .. } => {
                "check the address, the firewall and whether the platform admits this machine's IP"
            }
            Self::Timeout { phase: Phase::Read, .. } => {
                "the platform is slow or hangs; try later, or allow more time"
            }
            Self::Timeout { phase: Phase::Total, .. } => "allow more time for this call, or try later",
            Self::Cut => "the platform or something on the way closed the connection; try later",
            Self::TooLarge { .. } => {
                "check that the address is right, or raise the limit, or read the reply as a stream"
            }
            Self::Protocol => {
                "check that the address and port belong to an HTTP service, and that http/https is right"
            }
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRequest(reason) => write!(f, "invalid request, {reason}"),
            Self::RequestBody => {
                f.write_str("the request body could not be read, or has not the announced length")
            }
            Self::Connect(fault) => write!(f, "no connection, {fault}"),
            Self::Tls(fault) => write!(f, "TLS failed, {fault}"),
            Self::Proxy(fault) => write!(f, "proxy failed, {fault}"),
            Self::Timeout { phase: Phase::Connect, limit } => write!(f, "no connection within {limit:?}"),
            Self::Timeout { phase: Phase::Read, limit } => write!(f, "silence for {limit:?}"),
            Self::Timeout { phase: Phase::Total, limit } => write!(f, "no complete answer within {limit:?}"),
            Self::Cut => f.write_str("connection closed before the answer was complete"),
            Self::TooLarge { limit } => write!(f, "the answer is larger than {limit} bytes"),
            Self::Protocol => f.write_str("the answer is not HTTP, or breaks its rules"),
        }
    }
}

impl ConnectFault {
    fn advice(self) -> &'static str {
        match self {
            Self::Dns => "check the host name and this machine's name resolution",
            Self::Refused => "check host and port, and that the service runs",
            Self::Unreachable => "check this machine's network and routes",
            Self::Closed | Self::Other => {
                "check the address and whether the platform admits this machine's IP"
            }
        }
    }
}

impl fmt::Display for ConnectFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dns => "the host name has no address",
            Self::Refused => "connection refused",
            Self::Unreachable => "network or host unreachable",
            Self::Closed => "closed before the request",
            Self::Other => "the network failed",
        })
    }
}

impl TlsFault {
    fn advice(self) -> &'static str {
        match self {
            Self::UnknownIssuer => {
                "check the address; if it is right, give the platform's authority as an extra root"
            }
            Self::Expired | Self::NotYetValid => {
                "check this machine's clock; if it is right, tell the platform"
            }
            Self::WrongName => "use the host name that the certificate is made for",
            Self::Revoked | Self::BadCertificate => "tell the platform; do not go on without TLS",
            Self::ClientCertificateRequired => {
                "configure the client certificate and key that the platform issued"
            }
            Self::ClientCertificateUntrusted => {
                "use the certificate that the platform issued for this environment, with its chain"
            }
            Self::ClientCertificateExpired => {
                "replace it with a new one from the platform; if it has not expired, compare the clocks"
            }
            Self::ClientCertificateNotYetValid => "check this machine's clock, or wait until it is valid",
            Self::ClientCertificateRevoked => "ask the platform for a new one",
            Self::ClientCertificateUnsupported => {
                "ask the platform which kinds of key it takes, and whether the certificate is made for clients"
            }
            Self::ClientCertificateRefused => {
                "check with the platform that the client certificate is the one it knows for this environment"
            }
            Self::Incompatible => "ask the platform to offer TLS 1.2 with forward secrecy, or 1.3",
            Self::NotTls => "check the port, or use http:// if that is what the platform offers",
            Self::Handshake => {
                "ask the platform about its TLS settings: it may want a client certificate, or offer no modern cipher"
            }
        }
    }
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownIssuer => "the platform's certificate is not from a trusted authority",
            Self::Expired => "the platform's certificate has expired",
            Self::NotYetValid => "the platform's certificate is not valid yet",
            Self::WrongName => "the platform's certificate is for another name",
            Self::Revoked => "the platform's certificate was revoked",
            Self::BadCertificate => "the platform's certificate is unfit",
            Self::ClientCertificateRequired => {
                "the platform wants a client certificate, and none is configured"
            }
            Self::ClientCertificateUntrusted => {
                "the platform refused the client certificate: it is not from an authority that it trusts"
            }
            Self::ClientCertificateExpired => "the platform refused the client certificate: it has expired",
            Self::ClientCertificateNotYetValid => {
                "the platform refused the client certificate: it is not valid yet"
            }
            Self::ClientCertificateRevoked => "the platform refused the client certificate: it was revoked",
            Self::ClientCertificateUnsupported => "the platform takes no client certificate of this kind",
            Self::ClientCertificateRefused => "the platform refused the client certificate",
            Self::Incompatible => "no common TLS version",
            Self::NotTls => "the other end does not speak TLS",
            Self::Handshake => "the handshake failed",
        })
    }
}

impl ProxyFault {
    fn advice(self) -> &'static str {
        match self {
            Self::Unreachable => "check the proxy's address and that it runs",
            Self::Authentication => "check the proxy's user and password",
            Self::Refused => "ask the proxy's owner to allow this platform",
            Self::Tls => "check the proxy's certificate; give its authority as an extra root",
        }
    }
}

impl fmt::Display for ProxyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "it cannot be reached",
            Self::Authentication => "it wants a user and password",
            Self::Refused => "it does not open the way to the platform",
            Self::Tls => "TLS with it failed",
        })
    }
}
