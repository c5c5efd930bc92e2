//! Leases: who may do a thing for now.

use std::fmt::{self, Write as _};
use std::time::Duration;

use crate::Writer;

/// One holder of leases: a process, and within it one that asks. Equal only to itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Owner {
    writer: Writer,
    id: String,
}

impl Owner {
    /// An owner: where it runs, and 16 bytes that nobody else has drawn.
    ///
    /// ```
    /// use platform_state::{Owner, Writer};
    /// let owner = Owner::new(Writer { host: "web-1".into(), pid: 4711 }, [7; 16]);
    /// assert_eq!(owner.to_string(), "pid 4711 on web-1");
    /// ```
    #[must_use]
    pub fn new(writer: Writer, unique: [u8; 16]) -> Self {
        let mut id = String::with_capacity(32);
        for byte in unique {
            // Writing into a `String` cannot fail.
            let _ = write!(id, "{byte:02x}");
        }
        Self { writer, id }
    }

    /// Where it runs.
    #[must_use]
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// What tells it from all others: 32 hex digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.writer.fmt(f)
    }
}

/// What became of asking for a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lease {
    /// It is ours, for the time asked for from now on; also when it was ours before.
    Held,
    /// Somebody else has it.
    Busy {
        /// Who.
        by: Writer,
        /// When it ends by itself at the latest, by the store's clock.
        remaining: Duration,
    },
}
