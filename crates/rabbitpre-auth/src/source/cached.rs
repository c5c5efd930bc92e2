//! A cache around a source: bounded, with time to live, one fetch for all who ask the same at a time.

mod key;
mod store;

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use self::key::Key;
use self::store::{Found, Limits, Outcome, Store};
use super::counting::Counting;
use super::{AttributeSource, Fetched, SourceCounters, wanted};
use crate::attributes::Attributes;
use crate::value::Object;
use crate::wire::UserParam;

/// Below the 2.5 s by which a check is answered (SPEC.md, head): whoever waits learns why there is no answer.
const DEADLINE: Duration = Duration::from_secs(2);

/// Remembers what a source answers.
///
/// - An answer is used for the time to live, counted from when the source was *asked*, on a clock that cannot be set
///   back. Nothing older is ever used.
/// - It is used for the same question only: the same names, and the same `userParam`, every member of it, because a
///   source may answer from any of them. [`CachedAttributes::by_audid`] shows the source nothing but `audid`; then only
///   that is compared.
/// - While a question is under way, whoever asks the same waits for its answer, be it an error. It does not end with the
///   one who asked first: the answer is for the others, and for the cache. Nor does it outlast its own deadline.
/// - Errors are not remembered, unless [`CachedAttributes::errors_for`] says for how long.
/// - Entries and bytes are bounded; the oldest goes first.
///
/// Clones share everything. Fetches run as tasks of the tokio runtime that polls them.
///
/// ```
/// use rabbitpre_auth::{AttributeSource as _, CachedAttributes, CheckRequest, MemoryAttributes};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let people = MemoryAttributes::parse(br#"{"1":{"age":30}}"#)?;
/// let people = CachedAttributes::by_audid(people, Duration::from_secs(30)).entries(10_000);
///
/// let request = CheckRequest::parse(br#"{"userParam":{"audid":1}}"#)?;
/// people.fetch(request.user(), &["age"]).await?;
/// people.fetch(request.user(), &["age"]).await?;
/// let counters = people.counters();
/// assert_eq!((counters.asked, counters.answered_from_cache), (2, 1));
/// # Ok(())
/// # }
/// ```
pub struct CachedAttributes<S> {
    source: Arc<S>,
    by_audid: bool,
    limits: Limits,
    deadline: Duration,
    store: Arc<Mutex<Store>>,
    counting: Arc<Counting>,
}

/// A source behind a cache gave no attributes.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// The source's own error, which everybody gets who asked the same.
    #[error(transparent)]
    Source(Arc<dyn Error + Send + Sync>),
    /// The source did not answer in time.
    #[error(
        "the attribute source did not answer within {deadline:?}; look after it, the check can be repeated"
    )]
    Late {
        /// The deadline.
        deadline: Duration,
    },
    /// The fetch ended without an answer.
    #[error("the fetch from the attribute source panicked, or ended with its runtime; see stderr")]
    Ended,
    /// Too many fetches are under way, or fetches of questions that are too large together.
    #[error(
        "as many fetches from the attribute source are under way as there may be ({fetches}, and 16 MiB of questions); \
         it answers too slowly for so many checks"
    )]
    Busy {
        /// How many there may be.
        fetches: usize,
    },
}

impl<S> CachedAttributes<S> {
    /// Remembers what `source` answers to a user's whole `userParam`.
    pub fn new(source: S, time_to_live: Duration) -> Self {
        CachedAttributes {
            source: Arc::new(source),
            by_audid: false,
            limits: Limits { time_to_live, ..Limits::default() },
            deadline: DEADLINE,
            store: Arc::default(),
            counting: Arc::default(),
        }
    }

    /// Remembers what `source` answers to a user's `audid`, the only member of `userParam` that it gets to see.
    pub fn by_audid(source: S, time_to_live: Duration) -> Self {
        CachedAttributes { by_audid: true, ..Self::new(source, time_to_live) }
    }

    /// How many answers are kept at most; 100,000 by default.
    #[must_use]
    pub const fn entries(mut self, entries: usize) -> Self {
        self.limits.entries = entries;
        self
    }

    /// How many bytes of memory they take at most, roughly; 64 MiB by default.
    #[must_use]
    pub const fn bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// How long errors are remembered, counted from when they came; not at all by default. It protects a source that is
    /// down; the checks are denied for so long.
    #[must_use]
    pub const fn errors_for(mut self, time: Duration) -> Self {
        self.limits.errors_for = time;
        self
    }

    /// When the source must have answered; 2 s by default.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How many fetches are under way at most, 1024 by default; beyond it the answer is an error at once, as it is beyond
    /// 16 MiB of what they ask.
    #[must_use]
    pub const fn at_a_time(mut self, fetches: usize) -> Self {
        self.limits.fetches = fetches;
        self
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.store)
    }
}

fn lock(store: &Mutex<Store>) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S: AttributeSource + 'static> CachedAttributes<S> {
    async fn ask(
        &self,
        user: &UserParam<'_>,
        names: &[&str],
    ) -> Result<Arc<Attributes<'static>>, CacheError> {
        let names = wanted(names);
        let key = Key::new(user, &names, self.by_audid);
        let (mut answer, fetch) = {
            let mut store = self.store();
            match store.find(&key, Instant::now(), &self.limits) {
                Found::Answer(outcome) => {
                    self.counting.answered_from_cache();
                    return outcome;
                }
                Found::UnderWay(answer) => {
                    self.counting.joined();
                    (answer, None)
                }
                Found::Full => return Err(CacheError::Busy { fetches: self.limits.fetches }),
                Found::Nothing => {
                    let (tell, answer) = watch::channel(None);
                    let since = Instant::now();
                    let number = store.begin(key.clone(), since, answer.clone());
                    (answer, Some(Fetch { store: Arc::clone(&self.store), key, number, since, tell }))
                }
            }
        };
        if let Some(fetch) = fetch {
            let user = owned(user, self.by_audid);
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            let (source, limits, deadline) = (Arc::clone(&self.source), self.limits, self.deadline);
            // A task of its own: it does not end with the one who asks.
            tokio::spawn(async move {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let outcome = match timeout(deadline, source.fetch(&user, &names)).await {
                    Ok(outcome) => outcome.map_err(|error| CacheError::Source(Arc::from(error))),
                    Err(_) => Err(CacheError::Late { deadline }),
                };
                fetch.end(outcome, &limits);
            });
        }
        let outcome = answer.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone());
        outcome.unwrap_or(Err(CacheError::Ended))
    }
}

/// What the source gets to see of the user.
fn owned(user: &UserParam<'_>, only_audid: bool) -> UserParam<'static> {
    let members = if only_audid {
        [("audid", user.audid())].into_iter().collect::<Object<'_>>()
    } else {
        user.members().clone()
    };
    UserParam::new(members.into_owned()).expect("who asks has an audid: a user cannot be made without")
}

/// A fetch under way. However it ends, nobody goes on waiting for it.
struct Fetch {
    store: Arc<Mutex<Store>>,
    key: Key,
    number: u64,
    since: Instant,
    tell: watch::Sender<Option<Outcome>>,
}

impl Fetch {
    fn end(self, outcome: Outcome, limits: &Limits) {
        lock(&self.store).keep(&self.key, (self.number, self.since), &outcome, Instant::now(), limits);
        self.tell.send_replace(Some(outcome));
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        // After a panic, and when the runtime goes down, too; whoever waits sees `tell` go.
        lock(&self.store).land(&self.key, self.number);
    }
}

impl<S: AttributeSource + 'static> AttributeSource for CachedAttributes<S> {
    fn fetch<'a>(&'a self, user: &'a UserParam<'a>, names: &'a [&'a str]) -> Fetched<'a> {
        Box::pin(self.counting.fetch(self.ask(user, names)))
    }

    fn counters(&self) -> SourceCounters {
        self.counting.read()
    }
}

impl<S> Clone for CachedAttributes<S> {
    fn clone(&self) -> Self {
        CachedAttributes {
            source: Arc::clone(&self.source),
            by_audid: self.by_audid,
            limits: self.limits,
            deadline: self.deadline,
            store: Arc::clone(&self.store),
            counting: Arc::clone(&self.counting),
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for CachedAttributes<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (entries, bytes, fetches) = self.store().size();
        f.debug_struct("CachedAttributes")
            .field("source", &self.source)
            .field("time_to_live", &self.limits.time_to_live)
            .field("entries", &entries)
            .field("bytes", &bytes)
            .field("fetches", &fetches)
            .finish_non_exhaustive()
    }
}
