//! Where users' attributes come from (SPEC.md §4, §4.10 Attributes).
//!
//! ```text
//!  SourceAddress ──open──▶ FileAttributes    a JSON object, JSON lines or a table; read anew when it changes
//!  FILE · http:// · sqlite:  HttpAttributes    a service of the company's own
//!                            SqliteAttributes  one query of a database
//!  CachedAttributes<S>     around any of them: bounded, with time to live, one fetch for all who ask the same
//!  MemoryAttributes        what the program knows itself
//! ```

#[cfg(feature = "server")]
mod address;
#[cfg(feature = "server")]
mod cached;
mod counters;
#[cfg(feature = "server")]
mod counting;
#[cfg(feature = "server")]
mod file;
#[cfg(feature = "http")]
mod http;
mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;
mod table;

use std::error::Error;
use std::sync::Arc;

use crate::attributes::Attributes;
use crate::settings::Pending;
use crate::wire::UserParam;

#[cfg(feature = "server")]
pub use address::{AddressError, OpenError, SourceAddress, SourceOptions};
#[cfg(feature = "server")]
pub use cached::{CacheError, CachedAttributes};
pub use counters::SourceCounters;
#[cfg(feature = "server")]
pub use file::{FileAttributes, FileError};
#[cfg(feature = "http")]
pub use http::{HttpAttributes, HttpAttributesError, HttpSettingError};
pub use memory::{AttributesFileError, MemoryAttributes};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteAttributes, SqliteAttributesError, SqliteQuery};

/// What a source answers, some time.
pub type Fetched<'a> = Pending<'a, Result<Arc<Attributes<'static>>, Box<dyn Error + Send + Sync>>>;

/// Knows users' attributes: a database, a file, a service of the company's own.
///
/// ```
/// use rabbitpre_auth::{AttributeSource, Attributes, CheckRequest, Fetched, UserParam};
/// use std::sync::Arc;
///
/// struct EverybodyIsMember;
///
/// impl AttributeSource for EverybodyIsMember {
///     fn fetch<'a>(&'a self, _user: &'a UserParam<'a>, names: &'a [&'a str]) -> Fetched<'a> {
///         let known = names.iter().filter(|name| **name == "member").map(|name| (*name, true));
///         let known = known.collect::<Attributes<'_>>().into_owned();
///         Box::pin(async move { Ok(Arc::new(known)) })
///     }
/// }
/// # let request = CheckRequest::parse(br#"{"userParam":{"audid":1}}"#).unwrap();
/// # let answer = EverybodyIsMember.fetch(request.user(), &["age", "member"]);
/// # let answer = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(answer).unwrap();
/// # assert_eq!(answer.len(), 1);
/// ```
pub trait AttributeSource: Send + Sync {
    /// What is known about the user, who is asked for by [`UserParam::audid`].
    ///
    /// Only `names` are needed; more may be answered. A user nobody knows has no attributes. It must not block
    /// the thread: the deadline passes only where the future waits.
    ///
    /// # Errors
    /// Anything; the check is then denied as not decidable. The error's text must hold nothing personal.
    fn fetch<'a>(&'a self, user: &'a UserParam<'a>, names: &'a [&'a str]) -> Fetched<'a>;

    /// How often it was asked, and how that went, since it was made; for measurement. A source that does not count
    /// shows zeros.
    fn counters(&self) -> SourceCounters {
        SourceCounters::default()
    }
}

impl<S: AttributeSource + ?Sized> AttributeSource for Arc<S> {
    fn fetch<'a>(&'a self, user: &'a UserParam<'a>, names: &'a [&'a str]) -> Fetched<'a> {
        (**self).fetch(user, names)
    }

    fn counters(&self) -> SourceCounters {
        (**self).counters()
    }
}

/// The names, each once, in order.
#[cfg(feature = "server")]
fn wanted<'n>(names: &[&'n str]) -> Vec<&'n str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    names
}

/// When this time is over, a day at most: neither the clock nor SQLite can count any time there is.
#[cfg(any(feature = "http", feature = "sqlite"))]
fn end_of(time: std::time::Duration) -> tokio::time::Instant {
    const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);
    tokio::time::Instant::now() + time.min(DAY)
}
