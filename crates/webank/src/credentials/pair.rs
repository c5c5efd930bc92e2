//! One generation of credentials.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sign_core::{Secret, UnixMillis};

use super::REFRESH_AFTER;

/// A token and the `sign` ticket fetched with it: one generation of credentials.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Credentials {
    /// Counts up with each fetch. A call that is refused names the generation it used, so that nobody throws away
    /// a newer one.
    pub generation: u64,
    /// For further ticket requests.
    pub token: Secret,
    /// Signs calls.
    pub ticket: Secret,
    /// When the request for the token was sent, by our clock: nothing granted lives longer than this plus its lifetime.
    pub fetched_at: UnixMillis,
    /// The shorter of the two lifetimes.
    pub lifetime: Duration,
    /// Who fetched them.
    pub writer: Writer,
    /// Counts up within a process with each pair that is new to it. Generations are not enough to order pairs by: they
    /// begin anew when a shared store is emptied, and one that could not be published yet has no certain number.
    pub(super) serial: u64,
}

/// Which process fetched: for people who look for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writer {
    /// The machine's name.
    pub host: String,
    /// The process's number on that machine.
    pub pid: u32,
}

/// `pid 4711 on web-1`.
impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pid {} on {}", self.pid, self.host)
    }
}

impl Credentials {
    /// Were both fetched by the same requests?
    pub(super) fn same_as(&self, other: &Self) -> bool {
        self.token.expose() == other.token.expose() && self.ticket.expose() == other.ticket.expose()
    }

    /// Is it time to fetch a new pair? `SPEC.md §2.3`: after 20 minutes, or a third of the lifetime if that is sooner.
    #[must_use]
    pub fn is_due(&self, now: UnixMillis) -> bool {
        now.saturating_since(self.fetched_at) >= REFRESH_AFTER.min(self.lifetime / 3)
    }

    /// Do they still live, as far as we can know?
    #[must_use]
    pub fn is_alive(&self, now: UnixMillis) -> bool {
        now.saturating_since(self.fetched_at) < self.lifetime
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_due_after_twenty_minutes_or_a_third() {
        let secret = Secret::new("s").unwrap();
        let fetched_at = UnixMillis::new(1_000_000);
        let due_after = |lifetime, seconds| {
            let held = Credentials {
                generation: 1,
                token: secret.clone(),
                ticket: secret.clone(),
                fetched_at,
                lifetime: Duration::from_secs(lifetime),
                writer: Writer { host: "h".into(), pid: 1 },
                serial: 0,
            };
            held.is_due(fetched_at.saturating_add(Duration::from_secs(seconds)))
        };
        assert!(!due_after(3600, 1199) && due_after(3600, 1200));
        assert!(!due_after(7200, 1199) && due_after(7200, 1200));
        assert!(!due_after(300, 99) && due_after(300, 100));
    }
}
