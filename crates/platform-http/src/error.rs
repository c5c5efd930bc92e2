//! What can go wrong on the way, whose fault it is, and whether the platform may have seen the request.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// A client cannot be made: the caller's configuration is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The base URL.
    #[error("invalid base URL: {reason}")]
    BaseUrl {
        /// What is wrong with it, and what to do.
        reason: &'static str,
    },
    /// The proxy's URL.
    #[error("invalid proxy: {reason}")]
    Proxy {
        /// What is wrong with it, and what to do.
        reason: &'static str,
    },
    /// The client certificate or its key.
    #[error("invalid client certificate: {reason}")]
    Identity {
        /// What is wrong with it, and what to do.
        reason: &'static str,
    },
    /// A file of the client certificate cannot be read.
    #[error(
        "cannot read the client certificate's file `{}`: {error}; check the path, and that this user may read it",
        path.display()
    )]
    IdentityFile {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        error: io::ErrorKind,
    },
    /// The client certificate's time is over.
    #[error(
        "the client certificate expired at {until}; replace it with a new one from the platform, or check this \
         machine's clock"
    )]
    IdentityExpired {
        /// Its last second, in UTC.
        until: String,
    },
    /// The client certificate's time has not come.
    #[error(
        "the client certificate is not valid before {from}; check this machine's clock, or wait until then"
    )]
    IdentityNotYetValid {
        /// Its first second, in UTC.
        from: String,
    },
    /// The extra root certificates.
    #[error("invalid root certificates: {reason}")]
    Roots {
        /// What is wrong with them, and what to do.
        reason: &'static str,
    },
    /// TLS cannot be set up on this machine.
    #[error("TLS cannot be set up: {reason}")]
    Tls {
        /// Why, and what to do.
        reason: &'static str,
    },
    /// The `User-Agent`.
    #[error("invalid user agent: use printable ASCII characters only")]
    UserAgent,
    /// The HTTP client refused the settings for a reason of its own.
    #[error("the HTTP client cannot be built from these settings")]
    Client,
}

/// A call that brought no usable HTTP reply. Any status that arrived whole is a reply, not an error.
///
/// `Display` and `Debug` show method, host and path; never the query, user info, header values or bodies. There is
/// no `source()`: the errors underneath carry URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportError {
    pub(crate) kind: ErrorKind,
    pub(crate) outcome: Outcome,
    pub(crate) target: Box<Target>,
    pub(crate) status: Option<u16>,
}

/// Which request it was, as far as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) method: http::Method,
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) proxy: Option<String>,
}

/// Whether the platform may have seen the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Certainly no byte of it left, or the platform refused the client certificate and has therefore not read it:
    /// sending it again is safe.
    NotSent,
    /// It may have been carried out. Sending it again is safe only if the operation may be repeated.
    Unknown,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller's request cannot be sent as it is.
    InvalidRequest(&'static str),
    /// The caller's body stream failed, or was longer or shorter than announced.
    RequestBody,
    /// No connection to the platform.
    Connect(ConnectFault),
    /// TLS with the platform failed.
    Tls(TlsFault),
    /// The proxy failed or refused.
    Proxy(ProxyFault),
    /// Time ran out.
    Timeout {
        /// Which limit.
        phase: Phase,
        /// Its value.
        limit: Duration,
    },
    /// The connection ended before the reply was complete.
    Cut,
    /// The reply's body is larger than the client keeps in memory.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The answer is not HTTP, or breaks its rules.
    Protocol,
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectFault {
    /// The host name has no address.
    Dns,
    /// Nothing listens on that port.
    Refused,
    /// No way to that network or host.
    Unreachable,
    /// The connection was closed before a request could be sent.
    Closed,
    /// Something else, below HTTP.
    Other,
}

/// Why TLS failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsFault {
    /// The platform's certificate comes from an authority that is not trusted here (self-signed ones as well).
    UnknownIssuer,
    /// The platform's certificate has expired.
    Expired,
    /// The platform's certificate is not valid yet.
    NotYetValid,
    /// The platform's certificate is for another name.
    WrongName,
    /// The platform's certificate was revoked.
    Revoked,
    /// The platform's certificate is broken or unfit in another way.
    BadCertificate,
    /// The platform wants a client certificate, and none was given.
    ClientCertificateRequired,
    /// The platform does not trust the authority of the client certificate, or lacks a part of the chain.
    ClientCertificateUntrusted,
    /// The client certificate has expired, as the platform says.
    ClientCertificateExpired,
    /// The client certificate is not valid yet.
    ClientCertificateNotYetValid,
    /// The client certificate was revoked.
    ClientCertificateRevoked,
    /// The platform takes no client certificate of this kind: of its key, its signature, or its purpose.
    ClientCertificateUnsupported,
    /// The platform refused the client certificate and does not say why.
    ClientCertificateRefused,
    /// The platform and this client share no version.
    Incompatible,
    /// The other end does not speak TLS.
    NotTls,
    /// The platform broke off the handshake, or something else went wrong in it.
    Handshake,
}

/// Why the proxy is no way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyFault {
    /// The proxy itself cannot be reached.
    Unreachable,
    /// The proxy wants a user and password, or other ones.
    Authentication,
    /// The proxy would not open the way to the platform.
    Refused,
    /// TLS with the proxy itself failed.
    Tls,
}

/// Which time limit ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Until the connection stands.
    Connect,
    /// Silence on the connection.
    Read,
    /// The whole call.
    Total,
}

impl ErrorKind {
    /// Whether the platform turned away who we are, before it read what we want.
    pub(crate) fn is_about_identity(&self) -> bool {
        matches!(
            self,
            Self::Tls(
                TlsFault::ClientCertificateRequired
                    | TlsFault::ClientCertificateUntrusted
                    | TlsFault::ClientCertificateExpired
                    | TlsFault::ClientCertificateNotYetValid
                    | TlsFault::ClientCertificateRevoked
                    | TlsFault::ClientCertificateUnsupported
                    | TlsFault::ClientCertificateRefused
            )
        )
    }
}

impl TransportError {
    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Whether the platform may have seen the request.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The HTTP status, if the reply's head had arrived before the failure.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The platform's host, and its port if it is not the scheme's own.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.target.host
    }

    /// The path, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.target.path
    }

    /// Whether the caller's request is at fault, rather than the way or the platform.
    #[must_use]
    pub fn is_callers_fault(&self) -> bool {
        matches!(self.kind, ErrorKind::InvalidRequest(_) | ErrorKind::RequestBody)
    }

    /// Whether trying again is of no use until somebody has changed something: the request, the settings, a
    /// certificate, a clock.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self.kind {
            ErrorKind::InvalidRequest(_) | ErrorKind::TooLarge { .. } => true,
            // A broken handshake may be a busy server.
            ErrorKind::Tls(fault) => fault != TlsFault::Handshake,
            ErrorKind::Proxy(fault) => matches!(fault, ProxyFault::Authentication | ProxyFault::Tls),
            _ => false,
        }
    }

    /// What to do next, in English, as in `Display`.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        self.kind.advice()
    }
}

impl std::error::Error for TransportError {}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Target { method, host, path, proxy } = &*self.target;
        write!(f, "{}: {method} {host}{path}", self.kind)?;
        if let Some(proxy) = proxy {
            write!(f, " through the proxy {proxy}")?;
        }
        if let Some(status) = self.status {
            write!(f, ", after status {status}")?;
        }
        f.write_str(match self.outcome {
            // Under TLS 1.3 the request may be under way when the platform refuses the certificate.
            Outcome::NotSent if self.kind.is_about_identity() => "; nothing was carried out",
            Outcome::NotSent => "; nothing was sent",
            Outcome::Unknown => "; the platform may have carried it out",
        })?;
        write!(f, "; {}", self.advice())
    }
}
