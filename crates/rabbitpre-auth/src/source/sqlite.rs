//! Attributes from an SQLite file, by a query of its owner's.

mod address;
mod cells;
mod error;
mod pool;
mod query;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

pub(super) use self::address::Place;
pub use self::error::SqliteAttributesError;
use self::pool::Pool;
pub use self::query::SqliteQuery;
use super::counting::Counting;
use super::{AttributeSource, Fetched, SourceCounters, end_of, wanted};
use crate::attributes::Attributes;
use crate::wire::UserParam;

/// Well below the 2.5 s by which a check is answered (SPEC.md, head).
const DEADLINE: Duration = Duration::from_secs(1);
/// Reading is done by the processor and its disk: more at a time makes nothing faster.
const CONNECTIONS: usize = 4;

/// Users' attributes from an SQLite file, which is opened for reading only.
///
/// One query gives what is known of the user whose `audid` is bound to `:audid`, as text. It comes in three shapes:
///
/// - A row whose columns are the attributes: `SELECT age, city FROM users WHERE audid = :audid`. More than one row is an
///   error.
/// - Rows of two columns called `name` and `value`. Several rows of one name make a list.
/// - With `:name` in the query, it is made for each name that the conditions read, and gives rows of one column, the
///   value. Several rows make a list.
///
/// Integers keep every digit, reals are written as short as they can be, `NULL` is an attribute that is missing, a blob is
/// an error. What the conditions do not read is left out, and when they read nothing, nobody is asked.
///
/// The query runs on threads that may block, on a few connections, and is broken off at its deadline. A file that was
/// replaced by another is opened anew.
///
/// ```
/// use rabbitpre_auth::{AttributeSource as _, CheckRequest, SqliteAttributes, SqliteQuery};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let folder = std::env::temp_dir().join(format!("rabbitpre-auth-sqlite-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("users.db");
/// let database = rusqlite::Connection::open(&path)?;
/// database.execute_batch("CREATE TABLE users (audid TEXT PRIMARY KEY, age INT); INSERT INTO users VALUES ('1', 30)")?;
///
/// let users = SqliteAttributes::open(&path, SqliteQuery::table("users", "audid")).await?;
/// let request = CheckRequest::parse(br#"{"userParam":{"audid":1}}"#)?;
/// assert_eq!(users.fetch(request.user(), &["age"]).await?.len(), 1);
/// # drop((database, users));
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteAttributes {
    pool: Arc<Pool>,
    deadline: Duration,
    places: Arc<Semaphore>,
    counting: Arc<Counting>,
}

impl SqliteAttributes {
    /// Opens the file and tries the query on it, without running it.
    ///
    /// # Errors
    /// [`SqliteAttributesError`]: the file cannot be opened; the query is not understood, would change something, or has
    /// no `:audid`.
    pub async fn open(path: impl Into<PathBuf>, query: SqliteQuery) -> Result<Self, SqliteAttributesError> {
        let path = path.into();
        let pool = spawn_blocking(move || Pool::open(path, query)).await;
        Ok(SqliteAttributes {
            pool: Arc::new(pool.unwrap_or(Err(SqliteAttributesError::Panicked))?),
            deadline: DEADLINE,
            places: Arc::new(Semaphore::new(CONNECTIONS)),
            counting: Arc::default(),
        })
    }

    /// Opens `sqlite:FILE?table=TABLE&key=COLUMN` (see [`SqliteQuery::table`]; without `key`, the column `audid`) or
    /// `sqlite:FILE?query=SELECT…`. Behind the `?`, `%` and two digits stand for a byte: `%26` is `&`, `%25` is `%`.
    ///
    /// # Errors
    /// [`SqliteAttributesError`]: [`Address`](SqliteAttributesError::Address) where the text has another shape, and as
    /// [`SqliteAttributes::open`].
    pub async fn open_address(address: &str) -> Result<Self, SqliteAttributesError> {
        let place = Place::parse(address).map_err(|reason| SqliteAttributesError::Address { reason })?;
        Self::open(place.file, place.query).await
    }

    /// When an answer must be there, the time for a free connection included; 1 s by default.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How many connections there are at most, 4 by default; whoever finds none free waits.
    #[must_use]
    pub fn connections(mut self, connections: usize) -> Self {
        self.places = Arc::new(Semaphore::new(connections.clamp(1, Semaphore::MAX_PERMITS)));
        self
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.pool.path()
    }

    async fn ask(
        &self,
        user: &UserParam<'_>,
        names: &[&str],
    ) -> Result<Attributes<'static>, SqliteAttributesError> {
        let names: Vec<String> = wanted(names).into_iter().map(str::to_owned).collect();
        if names.is_empty() {
            return Ok(Attributes::default());
        }
        let until = end_of(self.deadline);
        let place = timeout_at(until, Arc::clone(&self.places).acquire_owned()).await;
        // Nobody closes the semaphore.
        let Ok(Ok(place)) = place else {
            return Err(SqliteAttributesError::Busy { deadline: self.deadline });
        };
        let left = until.saturating_duration_since(Instant::now());
        let (pool, audid, unwanted) = (Arc::clone(&self.pool), user.audid().to_owned(), Unwanted::default());
        let (tell, answer) = oneshot::channel();
        let stop = Arc::clone(&unwanted.0);
        spawn_blocking(move || {
            // Whoever went away since is not told.
            let _ = tell.send(pool.ask(&audid, &names, left, stop));
            // The connection is back in the pool.
            drop(place);
        });
        match timeout_at(until, answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(SqliteAttributesError::Panicked),
            Err(_) => Err(SqliteAttributesError::Late { deadline: self.deadline }),
        }
    }
}

/// Tells the query, when dropped, that nobody waits for it any more.
#[derive(Default)]
struct Unwanted(Arc<AtomicBool>);

impl Drop for Unwanted {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl AttributeSource for SqliteAttributes {
    fn fetch<'a>(&'a self, user: &'a UserParam<'a>, names: &'a [&'a str]) -> Fetched<'a> {
        Box::pin(self.counting.fetch(self.ask(user, names)))
    }

    fn counters(&self) -> SourceCounters {
        self.counting.read()
    }
}

impl fmt::Debug for SqliteAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteAttributes")
            .field("path", &self.path())
            .field("deadline", &self.deadline)
            .field("free_connections", &self.places.available_permits())
            .finish_non_exhaustive()
    }
}
