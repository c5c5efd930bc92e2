//! What a server's refusals mean.

use std::time::Duration;

use ::redis::RedisError;

use crate::{ErrorKind, StateError};

/// What went wrong, before it is known with which server. What the server says is not repeated: it may quote what it
/// was sent.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    kind: ErrorKind,
    reason: String,
    /// Is the connection of no use any more?
    breaks: bool,
    late: bool,
}

impl Fault {
    fn new(kind: ErrorKind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into(), breaks: false, late: false }
    }

    /// No answer in time.
    pub(super) fn late(time: Duration) -> Self {
        let reason = format!("no answer within {time:?}: check that the server runs and can be reached");
        Self { breaks: true, late: true, ..Self::new(ErrorKind::Unavailable, reason) }
    }

    /// The key holds what we did not write.
    pub(super) fn foreign() -> Self {
        let reason =
            "a key of ours, `duijie:{…}`, holds what this program did not write: use another database";
        Self::new(ErrorKind::Corrupted, reason)
    }

    /// A newer version of ours has written the key.
    pub(super) fn newer(format: u64) -> Self {
        let reason = format!(
            "a key has format {format}, and this program knows format 1: a newer version of it has been here; use \
             that one, or another database"
        );
        Self::new(ErrorKind::Newer, reason)
    }

    pub(super) fn breaks(&self) -> bool {
        self.breaks
    }

    pub(super) fn is_late(&self) -> bool {
        self.late
    }

    /// The error of the store of this name.
    pub(super) fn of(self, name: &str) -> StateError {
        StateError::new(self.kind, name, self.reason)
    }
}

/// The server's codes: each with its meaning and advice.
#[rustfmt::skip]
const CODES: [(&str, ErrorKind, &str); 19] = [
    ("NOAUTH", ErrorKind::Refused, "the server wants a password: write it into the address"),
    ("WRONGPASS", ErrorKind::Refused, "user or password is wrong"),
    ("NOPERM", ErrorKind::Refused, "the user lacks rights: allow the keys `duijie:*` and the commands EVALSHA, SCRIPT LOAD, PING, TIME, EXISTS, HGET, HMGET, HSET, DEL, PTTL, PEXPIRE and PERSIST"),
    ("DENIED", ErrorKind::Refused, "the server is in protected mode: give it a password"),
    ("READONLY", ErrorKind::Refused, "the server is a replica, which cannot be written: name the primary"),
    ("OOM", ErrorKind::Refused, "the server's memory is full: raise `maxmemory`"),
    ("MISCONF", ErrorKind::Refused, "the server cannot save to its disk and refuses changes: see its log"),
    ("NOREPLICAS", ErrorKind::Unavailable, "the server lacks the replicas that it wants before it changes anything"),
    ("MOVED", ErrorKind::Refused, CLUSTER),
    ("ASK", ErrorKind::Refused, CLUSTER),
    ("CROSSSLOT", ErrorKind::Refused, CLUSTER),
    ("CLUSTERDOWN", ErrorKind::Refused, CLUSTER),
    ("WRONGTYPE", ErrorKind::Corrupted, "a key of ours, `duijie:{…}`, holds what this program did not write: use another database"),
    ("LOADING", ErrorKind::Unavailable, "the server is still loading its data: try again soon"),
    ("MASTERDOWN", ErrorKind::Unavailable, "the server has lost its primary: try again later"),
    ("TRYAGAIN", ErrorKind::Unavailable, "the server asks to try again"),
    ("BUSY", ErrorKind::Unavailable, "the server is busy with somebody's script: try again later"),
    ("max number of clients", ErrorKind::Unavailable, "the server has too many clients: raise `maxclients`"),
    ("DB index", ErrorKind::Input, "the server has no database of this number"),
];

const CLUSTER: &str = "the server is a node of a cluster, which this store does not follow: name a single server or a \
                       proxy";

impl From<RedisError> for Fault {
    fn from(error: RedisError) -> Self {
        use ::redis::ErrorKind as Kind;
        let fault = match error.kind() {
            Kind::Io if error.is_timeout() => Self {
                late: true,
                ..Self::new(
                    ErrorKind::Unavailable,
                    "no answer in time: check that the server runs and can be reached",
                )
            },
            Kind::Io => Self::new(
                ErrorKind::Unavailable,
                format!("the connection failed: {error}; check that the server runs and can be reached"),
            ),
            Kind::AuthenticationFailed => Self::new(ErrorKind::Refused, "user or password is wrong"),
            Kind::InvalidClientConfig => Self::new(ErrorKind::Input, "the address cannot be used"),
            Kind::Server(_) | Kind::Extension => return Self::of_the_server(&error),
            _ => Self::new(ErrorKind::Input, "what answers is not Redis: check the address"),
        };
        Self { breaks: true, ..fault }
    }
}

impl Fault {
    fn of_the_server(error: &RedisError) -> Self {
        let (code, detail) = (error.code().unwrap_or_default(), error.detail().unwrap_or_default());
        // Before version 7, what a command says within a script comes as the detail of `ERR`.
        let known = CODES
            .iter()
            .find(|(known, ..)| code == *known)
            .or_else(|| CODES.iter().find(|(known, ..)| code == "ERR" && detail.contains(known)));
        let Some((code, kind, advice)) = known else {
            let reason = "the server does not do what is asked: it must be Redis 5 or newer, or Valkey, and let its \
                          user run scripts";
            return Self::new(ErrorKind::Refused, reason);
        };
        // After a change of primaries the name may lead to the new one.
        let breaks = matches!(*code, "READONLY" | "MASTERDOWN" | "max number of clients");
        Self { breaks, ..Self::new(*kind, format!("{advice} ({code})")) }
    }
}
