//! A store on a Redis server that several machines share.

mod fault;
mod journal;
mod line;
mod place;
mod scripts;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};

pub use self::journal::RedisJournal;
use self::line::{Again, Line};
pub(crate) use self::place::Place;
use crate::{Entry, Key, Lease, Owner, Put, StateError, Store, Swap};

/// Cells and leases on a Redis (5 or newer) or Valkey server, shared by all who use the same database of it. Clones
/// share one connection.
///
/// A cell is the hash `duijie:{namespace/name}`, its lease `duijie:{namespace/name}:lease`; each change is one script,
/// so it is atomic. Leases and ages run on the server's clock, which lets ended ones vanish by itself; when it is set
/// back, a lease ends at once rather than last longer than it was taken for.
///
/// **The server must not forget**: set `maxmemory-policy noeviction`. Other policies take away leases that still run,
/// answers that are to be repeated, and with `allkeys-…` credentials. Where a replica takes over, the last second of
/// changes may be lost with the old primary: a lease may then have two owners, and what they swap meets in one of them
/// being told [`Swap::Moved`]. Clusters are not followed; name a proxy or a single server.
///
/// A lost connection is replaced when it is next needed, by one attempt at a time with pauses between. Each call ends
/// within the sum of its [`Timeouts`]. What may be repeated is: reading, leases, giving back. A swap whose answer was
/// lost is not, because it may have been made: the error says [`Unavailable`](crate::ErrorKind::Unavailable), and
/// reading tells. So that this stays rare, a swap never goes out on a connection that has been silent for a second
/// without asking first whether it still lives.
///
/// ```no_run
/// use platform_state::{Key, RedisStore, Store};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = RedisStore::connect("redis://:s3cret@state.internal/2").await?;
/// assert_eq!(format!("{store:?}"), r#"RedisStore("redis://state.internal:6379/2")"#);
/// assert_eq!(store.read(&Key::new("webank", "wx1")?).await?, None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore {
    line: Arc<Line>,
}

/// How long a [`RedisStore`] waits: 3 seconds each, unless told otherwise.
///
/// ```
/// use platform_state::Timeouts;
/// use std::time::Duration;
/// let timeouts = Timeouts::default().connect(Duration::from_secs(1));
/// assert_eq!((timeouts.connect.as_secs(), timeouts.response.as_secs()), (1, 3));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// For a connection, with its password accepted.
    pub connect: Duration,
    /// For the answer to a request.
    pub response: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), response: Duration::from_secs(3) }
    }
}

impl Timeouts {
    /// Another time for a connection.
    #[must_use]
    pub fn connect(self, connect: Duration) -> Self {
        Self { connect, ..self }
    }

    /// Another time for an answer.
    #[must_use]
    pub fn response(self, response: Duration) -> Self {
        Self { response, ..self }
    }

    /// The longest that a call may take.
    fn total(self) -> Duration {
        self.connect.saturating_add(self.response)
    }
}

impl RedisStore {
    /// Connects to `redis://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]`, or `rediss://…` for TLS (with the certificates
    /// that the system trusts), and makes sure that the server answers and lets us run scripts. Call it within a tokio
    /// runtime. Special characters of the password are percent-encoded.
    ///
    /// # Errors
    /// [`StateError`] of kind [`Input`](crate::ErrorKind::Input) when the address is none,
    /// [`Unavailable`](crate::ErrorKind::Unavailable) when nobody answers in time,
    /// [`Refused`](crate::ErrorKind::Refused) when the password or its rights do not suffice.
    pub async fn connect(url: &str) -> Result<Self, StateError> {
        Self::connect_within(url, Timeouts::default()).await
    }

    /// As [`connect`](Self::connect), with other timeouts, which hold for the calls, too.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn connect_within(url: &str, timeouts: Timeouts) -> Result<Self, StateError> {
        Self::open(Place::parse(url)?, timeouts).await
    }

    pub(crate) async fn open(place: Place, timeouts: Timeouts) -> Result<Self, StateError> {
        let line = Line::new(place, timeouts)?;
        // Tells of a password that is needed, of scripts that are forbidden, of a server that is still loading.
        line.ask(&scripts::probe(), Again::Yes).await?;
        Ok(Self { line: Arc::new(line) })
    }
}

/// Shows the address, without the password.
impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisStore").field(&self.line.name()).finish()
    }
}

impl Store for RedisStore {
    fn read<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Entry>, StateError>> {
        async move {
            let answer = self.line.ask(&scripts::read(key), Again::Yes).await?;
            scripts::entry(&answer).map_err(|fault| fault.of(self.line.name()))
        }
        .boxed()
    }

    fn swap<'a>(
        &'a self,
        key: &'a Key,
        expected: u64,
        put: Put<'a>,
    ) -> BoxFuture<'a, Result<Swap, StateError>> {
        async move {
            let version = expected.saturating_add(1);
            let answer = self.line.ask(&scripts::swap(key, expected, version, put), Again::No).await?;
            scripts::swapped(&answer, version).map_err(|fault| fault.of(self.line.name()))
        }
        .boxed()
    }

    fn acquire<'a>(
        &'a self,
        key: &'a Key,
        owner: &'a Owner,
        time: Duration,
    ) -> BoxFuture<'a, Result<Lease, StateError>> {
        async move {
            let answer = self.line.ask(&scripts::acquire(key, owner, time), Again::Yes).await?;
            scripts::lease(&answer).map_err(|fault| fault.of(self.line.name()))
        }
        .boxed()
    }

    fn release<'a>(&'a self, key: &'a Key, owner: &'a Owner) -> BoxFuture<'a, Result<(), StateError>> {
        async move {
            self.line.ask(&scripts::release(key, owner), Again::Yes).await?;
            Ok(())
        }
        .boxed()
    }
}
