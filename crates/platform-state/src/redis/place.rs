//! Where a server is, and what it wants to hear first.

use std::fmt;

use ::redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _};

use crate::{ErrorKind, StateError};

/// A server's address with user and password. Shown without them.
#[derive(Clone)]
pub(crate) struct Place {
    info: ConnectionInfo,
}

impl Place {
    /// Takes `redis://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]` or `rediss://…`.
    pub(crate) fn parse(url: &str) -> Result<Self, StateError> {
        // The text stays out of the error: wherever it is wrong, there may be a password in it.
        let wrong = |reason: &str| StateError::new(ErrorKind::Input, "address of the state", reason);
        let shape = "this is not `redis://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]`, or `rediss://…` for TLS; \
                     special characters of the password are percent-encoded";
        if !url.starts_with("redis://") && !url.starts_with("rediss://") || url.contains(['?', '#']) {
            return Err(wrong(shape));
        }
        let info = url.into_connection_info().map_err(|_| wrong(shape))?;
        let settings = info.redis_settings();
        if settings.username().is_some() && settings.password().is_none() {
            return Err(wrong(
                "the user has no password: write `USER:PASSWORD@`, or `:PASSWORD@` without a user",
            ));
        }
        if settings.db() < 0 {
            return Err(wrong(shape));
        }
        let settings = settings.clone().set_lib_name(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        let tcp = info.tcp_settings().clone().set_nodelay(true);
        Ok(Self { info: info.set_redis_settings(settings).set_tcp_settings(tcp) })
    }

    /// Is TLS wanted?
    pub(super) fn is_secured(&self) -> bool {
        matches!(self.info.addr(), ConnectionAddr::TcpTls { .. })
    }

    /// What the client takes.
    pub(super) fn info(&self) -> ConnectionInfo {
        self.info.clone()
    }
}

/// `redis://host:6379/0`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secured() { "rediss" } else { "redis" };
        let database = self.info.redis_settings().db();
        match self.info.addr() {
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                let (open, close) = if host.contains(':') { ("[", "]") } else { ("", "") };
                write!(f, "{scheme}://{open}{host}{close}:{port}/{database}")
            }
            other => write!(f, "{scheme}://{other}/{database}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: &str) {
        assert_eq!(Place::parse(url).unwrap().to_string(), expected);
    }

    #[test]
    fn places_are_shown_without_passwords() {
        check("redis://host", "redis://host:6379/0");
        check("redis://:s3cret@host:7000/2", "redis://host:7000/2");
        check("redis://me:s3%40cret@127.0.0.1/", "redis://127.0.0.1:6379/0");
        check("redis://[::1]:6380/1", "redis://[::1]:6380/1");
        check("rediss://:s3cret@host", "rediss://host:6379/0");
    }

    #[track_caller]
    fn refused(url: &str, expected: &str) {
        let error = Place::parse(url).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Input);
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }

    #[test]
    fn what_is_no_place_is_refused_without_quoting_it() {
        refused("", "redis://");
        refused("redis://", "redis://");
        refused("redis:s3cret@host", "redis://");
        refused("http://:s3cret@host", "redis://");
        refused("redis://:s3cret@host:port", "redis://");
        refused("redis://:s3cret@host/zero", "redis://");
        refused("redis://:s3cret@host/-1", "redis://");
        refused("redis://:s3#cret@host", "percent-encoded");
        refused("redis://host?pass=s3cret", "percent-encoded");
        refused("redis://s3cret@host", "`:PASSWORD@`");
        refused("redis://:s3cret@0.0.0.0", "redis://");
    }
}
