//! The durable push: out of a journal, by any number of workers and processes (`SPEC.md §3`).

mod aside;
mod bisect;
mod delivery;
mod error;
mod feed;
mod settings;

use core::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use platform_state::{Journal, Most, Owner, Turn, Writer};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use self::aside::Asides;
use self::delivery::Ended;
pub use self::error::PusherError;
pub use self::feed::Feed;
pub use self::settings::{Event, PusherSettings, Totals};
use crate::client::Client;

/// Sends what a [`Journal`] holds. What was queued arrives, whatever crashes in between: a batch whose outcome is unknown
/// is sent again, and the platform recognises its records by their ids.
///
/// A batch that the platform keeps refusing is halved until the record it does not want is found: that one ends as
/// refused, the others are accepted. As long as nothing was accepted, others are tried before anything is blamed. Where it
/// refuses everything, or nobody can tell what becomes of records after [`PusherSettings::tries`], or with `302`, the run
/// ends with an error; what is not settled stays in the journal.
///
/// Clones share everything.
///
/// ```no_run
/// # #[cfg(feature = "sqlite")]
/// # async fn example(client: jinlaiban::Client, records: Vec<jinlaiban::Record>) -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use jinlaiban::{Pusher, PusherSettings, SqliteJournal};
///
/// let journal = SqliteJournal::open("/var/lib/partner/spool").await?;
/// let pusher = Pusher::open(client, Arc::new(journal), PusherSettings::default()).await?;
/// // Durable when it returns: the records may be forgotten here.
/// pusher.feed()?.enqueue(&records).await?;
/// let report = pusher.run(2).await;
/// println!("{} accepted, {} refused", report.totals.accepted, report.totals.refused);
/// report.ended?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Pusher {
    shared: Arc<Shared>,
}

struct Shared {
    client: Client,
    journal: Arc<dyn Journal>,
    settings: PusherSettings,
    /// How many [`Feed`]s are open.
    feeds: AtomicUsize,
    /// Something was queued, or a feed has ended.
    news: Notify,
    stop: watch::Sender<bool>,
    failure: Mutex<Option<PusherError>>,
    counters: Counters,
    aside: Asides,
}

#[derive(Default)]
struct Counters {
    queued: AtomicU64,
    accepted: AtomicU64,
    refused: AtomicU64,
    unknown: AtomicU64,
    requests: AtomicU64,
}

/// How a run ended.
#[derive(Debug)]
#[non_exhaustive]
#[must_use = "it says whether everything was settled"]
pub struct RunReport {
    /// What was done since the pusher was opened.
    pub totals: Totals,
    /// Why the run ended before everything was settled. Nothing is lost: what is not settled stays in the journal.
    pub ended: Result<(), PusherError>,
}

/// Whoever waits for others looks again so often: they may end sooner than their leases.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// So many old records are forgotten at once.
const FORGET: usize = 5_000;

impl Pusher {
    /// A pusher for a journal, which from then on serves the client's platform, appcode and modulecode alone.
    ///
    /// # Errors
    /// [`PusherError::Target`], the caller's mistake: the journal serves another one. [`PusherError::Journal`]: it cannot
    /// be read or written.
    pub async fn open(
        client: Client,
        journal: Arc<dyn Journal>,
        settings: PusherSettings,
    ) -> Result<Self, PusherError> {
        let ours = client.target();
        let served = journal.serve(&ours).await?;
        if served != ours {
            return Err(PusherError::Target { served, ours });
        }
        let (stop, _) = watch::channel(false);
        let shared = Shared {
            client,
            journal,
            settings,
            feeds: AtomicUsize::new(0),
            news: Notify::new(),
            stop,
            failure: Mutex::default(),
            counters: Counters::default(),
            aside: Asides::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The journal.
    #[must_use]
    pub fn journal(&self) -> &Arc<dyn Journal> {
        &self.shared.journal
    }

    /// What was done so far.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.shared.counters.totals()
    }

    /// A way to put records into the journal. As long as it lives, [`run`](Self::run) waits for more.
    ///
    /// # Errors
    /// [`PusherError::Entropy`]: this machine has no random bytes for the number of the run.
    pub fn feed(&self) -> Result<Feed, PusherError> {
        Feed::new(Arc::clone(&self.shared))
    }

    /// Sends with so many workers, at least one, until every [`Feed`] is dropped and every record is settled, by us or by
    /// others; or until [`stop`](Self::stop). Waits for batches that others send, and sends them again when their leases
    /// end. Must be called within a tokio runtime. When it is dropped, requests are cut: their outcome is unknown.
    pub async fn run(&self, workers: usize) -> RunReport {
        *self.shared.failure() = None;
        self.shared.stop.send_replace(false);
        // Left by a run that was dropped.
        for held in self.shared.aside.begin() {
            self.shared.give_back(&held).await;
        }
        self.shared.forget().await;
        let mut keeper = JoinSet::new();
        let shared = Arc::clone(&self.shared);
        keeper.spawn(async move { shared.keep_asides().await });
        let mut tasks = JoinSet::new();
        for _ in 0..workers.max(1) {
            let shared = Arc::clone(&self.shared);
            tasks.spawn(async move {
                if let Err(error) = shared.work().await {
                    tracing::warn!(%error, "the run ends");
                    shared.failure().get_or_insert(error);
                    shared.stop.send_replace(true);
                }
            });
        }
        while let Some(joined) = tasks.join_next().await {
            if let Err(error) = joined
                && let Ok(panic) = error.try_into_panic()
            {
                std::panic::resume_unwind(panic);
            }
        }
        keeper.shutdown().await;
        let left = self.shared.give_all_back().await;
        let ended = self.shared.failure().take().or(left).map_or(Ok(()), Err);
        RunReport { totals: self.totals(), ended }
    }

    /// Lets a [`run`](Self::run) end soon: requests on their way are finished, what was not sent is given back.
    pub fn stop(&self) {
        self.shared.stop.send_replace(true);
    }
}

impl Shared {
    fn failure(&self) -> std::sync::MutexGuard<'_, Option<PusherError>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits, but not longer than until the end of the run.
    async fn pause(&self, time: Duration) {
        let mut stop = self.stop.subscribe();
        // The sender lives as long as `self`.
        let _ = timeout(time, stop.wait_for(|stop| *stop)).await;
    }

    fn tell(&self, event: Event<'_>) {
        if let Some(listen) = &self.settings.listener {
            listen(&event, &self.counters.totals());
        }
    }

    /// Forgets what was accepted long ago. It does no harm that it is still there.
    async fn forget(&self) {
        loop {
            match self.journal.forget(self.settings.keep_accepted, FORGET).await {
                Ok(FORGET) => {}
                Ok(_) => return,
                Err(error) => return tracing::warn!(%error, "old records are not forgotten"),
            }
        }
    }

    /// One worker, until everything is settled or the run ends.
    async fn work(&self) -> Result<(), PusherError> {
        let owner = Owner::new(Writer::this_process(), self.client.draw()?);
        // SPEC.md §3: at most 2000 records; the byte limit counts brackets and commas.
        let size = self.settings.size;
        let most = Most { items: size.get(), weight: feed::limit(size) };
        while !self.is_stopping() {
            // Asked before: what was queued since then is seen by the claim, or by the next one.
            let fed = self.feeds.load(Ordering::SeqCst) == 0;
            let news = self.news.notified();
            self.aside.busy.fetch_add(1, Ordering::SeqCst);
            let turn = self.turn(&owner, most).await;
            self.aside.busy.fetch_sub(1, Ordering::SeqCst);
            let Some(turn) = turn? else { continue };
            // Nothing is left but what was set aside: by now, others were accepted, or nobody will be.
            let alone = fed && self.aside.busy.load(Ordering::SeqCst) == 0;
            if self.aside.has_accepted() || alone {
                self.aside.busy.fetch_add(1, Ordering::SeqCst);
                let tried = self.retry_aside(false).await;
                self.aside.busy.fetch_sub(1, Ordering::SeqCst);
                if tried? {
                    continue;
                }
            }
            match turn {
                // `turn` has sent it.
                Turn::Batch(_) => {}
                // What is about to end is waited for a little longer than that.
                Turn::Wait(left) => {
                    if alone && !self.aside.is_empty() && self.only_asides().await? {
                        return Ok(());
                    }
                    self.pause(LOOK_AGAIN.min(left + Duration::from_millis(1))).await;
                }
                Turn::Empty if fed => return Ok(()),
                Turn::Empty => {
                    let mut stop = self.stop.subscribe();
                    tokio::select! {
                        () = news => {}
                        // Other processes feed, too.
                        () = sleep(LOOK_AGAIN) => {}
                        _ = stop.wait_for(|stop| *stop) => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// Sends the next batch, if there is one; else says what the journal says.
    async fn turn(&self, owner: &Owner, most: Most) -> Result<Option<Turn>, PusherError> {
        if self.aside.has_accepted() && self.retry_aside(true).await? {
            return Ok(None);
        }
        match self.journal.claim(owner, most, self.settings.lease).await? {
            Turn::Batch(claim) => {
                let ended = self.deliver(claim).await?;
                self.end(ended)?;
                Ok(None)
            }
            turn => Ok(Some(turn)),
        }
    }

    /// Tries again a batch that was set aside, if there is one; `crowded`: only if there are many.
    async fn retry_aside(&self, crowded: bool) -> Result<bool, PusherError> {
        let Some(held) = self.aside.take(crowded) else { return Ok(false) };
        let ended = self.resume(held, true).await?;
        self.end(ended)?;
        Ok(true)
    }

    fn end(&self, ended: Ended) -> Result<(), PusherError> {
        match ended {
            Ended::Settled | Ended::Stopped => {}
            Ended::Lost => tracing::warn!("the batch was taken over by another process"),
            Ended::Aside(mut held) => {
                held.accepted = self.counters.totals().accepted;
                self.aside.put(*held)?;
            }
        }
        Ok(())
    }

    /// Is everything that is being sent among what was set aside for good?
    async fn only_asides(&self) -> Result<bool, PusherError> {
        let counts = self.journal.counts().await?;
        let ours = u64::try_from(self.aside.left()).unwrap_or(u64::MAX);
        Ok(counts.queued == 0 && counts.sending <= ours && counts.unknown == 0)
    }
}

impl Counters {
    fn totals(&self) -> Totals {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Totals {
            queued: of(&self.queued),
            accepted: of(&self.accepted),
            refused: of(&self.refused),
            unknown: of(&self.unknown),
            requests: of(&self.requests),
        }
    }
}

fn add(counter: &AtomicU64, count: usize) {
    counter.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
}

impl fmt::Debug for Pusher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pusher")
            .field("client", &self.shared.client)
            .field("journal", &self.shared.journal)
            .finish_non_exhaustive()
    }
}
