//! Drives the [`Coordinator`]: one task a client, which ends with the last handle to it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use platform_http::system::Clock;
use platform_state::{Entry, Key, Lease, Owner, Put, StateError, Store, Swap};
use sign_core::Secret;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::Error;
use super::fetcher::Fetcher;
use crate::Credentials;
use crate::credentials::{
    Coordinator, Counters, Event, Failure, Policy, Published, Shared, Step, Verdict, Want, Writer,
};

/// However far away the next thing to do is, the task looks so often whether the clock was moved.
const LONGEST_NAP: Duration = Duration::from_secs(30);

/// Is told what happens to the credentials.
pub(super) type Observer = Arc<dyn Fn(&Event) + Send + Sync>;

/// What the task works with.
pub(super) struct Means {
    pub(super) fetcher: Fetcher,
    pub(super) store: Arc<dyn Store>,
    /// Does the store outlive this process?
    pub(super) shared: bool,
    pub(super) key: Key,
    pub(super) owner: Owner,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) observer: Option<Observer>,
}

struct Desk {
    machine: Mutex<Coordinator<Arc<Error>>>,
    policy: Policy,
    means: Means,
    /// The machine has moved on: whoever waits looks again.
    changed: Notify,
    /// Somebody needs something: the task looks again.
    nudge: Notify,
    closing: AtomicBool,
}

/// The handle that a client holds.
pub(super) struct Keeper {
    desk: Arc<Desk>,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// Somebody who waits; also when he is dropped, he is gone.
struct Waiting<'a> {
    desk: &'a Desk,
    want: Want,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.desk.machine().left();
    }
}

/// The task finishes what it has begun, so that what it fetches reaches the others, and then ends.
impl Drop for Keeper {
    fn drop(&mut self) {
        self.desk.closing.store(true, Ordering::SeqCst);
        self.desk.nudge.notify_one();
    }
}

impl Keeper {
    pub(super) fn new(policy: Policy, writer: Writer, draw: u32, means: Means) -> Self {
        let desk = Desk {
            machine: Mutex::new(Coordinator::new(policy.clone(), writer, draw)),
            policy,
            means,
            changed: Notify::new(),
            nudge: Notify::new(),
            closing: AtomicBool::new(false),
        };
        Self { desk: Arc::new(desk), task: Mutex::new(None) }
    }

    pub(super) fn fetcher(&self) -> &Fetcher {
        &self.desk.means.fetcher
    }

    pub(super) fn counters(&self) -> Counters {
        self.desk.machine().counters()
    }

    /// Was it this process that fetched them?
    pub(super) fn fetched(&self, credentials: &Credentials) -> bool {
        let writer = self.desk.means.owner.writer();
        (writer.pid, &writer.host) == (credentials.writer.pid, &credentials.writer.host)
    }

    /// Credentials to sign with.
    pub(super) async fn current(&self) -> Result<Arc<Credentials>, Error> {
        let want = self.desk.machine().want(None);
        self.wait(Waiting { desk: &self.desk, want }).await
    }

    /// Credentials newer than these, which were refused.
    pub(super) async fn newer_than(&self, used: &Credentials) -> Result<Arc<Credentials>, Error> {
        let want = {
            let mut machine = self.desk.machine();
            machine.refused(used, self.desk.now());
            machine.want(Some(used))
        };
        self.desk.nudge.notify_one();
        self.wait(Waiting { desk: &self.desk, want }).await
    }

    /// Waits for the value, not for a lock: whoever comes while it is fetched gets what is fetched.
    async fn wait(&self, waiting: Waiting<'_>) -> Result<Arc<Credentials>, Error> {
        let desk = &*self.desk;
        let deadline = Instant::now() + desk.policy.patience;
        let mut nudged = false;
        loop {
            let mut changed = std::pin::pin!(desk.changed.notified());
            changed.as_mut().enable();
            let verdict = desk.machine().verdict(waiting.want, desk.now());
            self.keep_running();
            match verdict {
                Verdict::Ready(credentials) => return Ok(credentials),
                Verdict::Failed(failure) => return Err(failure.into()),
                // Once: the task wakes us whenever it has done something, and would wake itself up through us.
                Verdict::Wait if !nudged => {
                    nudged = true;
                    desk.nudge.notify_one();
                }
                Verdict::Wait => {}
            }
            // The clock of the credentials may be another one than that of the world: look again now and then.
            let look_again = Instant::now() + desk.means.clock.real_time(LONGEST_NAP);
            let woken = timeout_at(deadline.min(look_again), changed).await;
            if woken.is_err() && Instant::now() >= deadline {
                let machine = desk.machine();
                return Err(match machine.last_failure(desk.now()) {
                    Some(failure) => failure.into(),
                    None => {
                        let busy = machine.busy().cloned().map(Box::new);
                        Error::Late { waited: desk.policy.patience, busy, refusal: None }
                    }
                });
            }
            nudged &= woken.is_ok();
        }
    }

    /// Waits until nothing is under way and no renewal is due: before a short-lived program ends, so that it does not take
    /// with it what it has just fetched.
    pub(super) async fn settle(&self) {
        let desk = &*self.desk;
        if !desk.means.shared {
            return;
        }
        let idle = async {
            loop {
                let mut changed = std::pin::pin!(desk.changed.notified());
                changed.as_mut().enable();
                if desk.machine().is_settled(desk.now()) {
                    return;
                }
                self.keep_running();
                desk.nudge.notify_one();
                changed.await;
            }
        };
        // Two requests and as many words with the store; whoever is slower than that has failed.
        let bound = (desk.policy.fetch_timeout + desk.policy.store_timeout).saturating_mul(2);
        let _ = timeout(bound, idle).await;
    }

    /// What the shared cell holds, without fetching anything.
    pub(super) async fn peek(&self) -> Result<Option<Shared>, Error> {
        let found = self.desk.in_time(self.desk.means.store.read(&self.desk.means.key)).await;
        found.and_then(shared).map_err(|cause| Error::Credentials { step: STORE, cause, refusal: None })
    }

    fn keep_running(&self) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        // It ends by itself only when the last handle has gone, or with its runtime.
        if task.as_ref().is_none_or(JoinHandle::is_finished) {
            self.desk.machine().interrupted();
            *task = Some(tokio::spawn(run(Arc::clone(&self.desk))));
        }
    }
}

/// Which step a failure of the shared store is reported under.
const STORE: &str = "shared store";

impl From<Failure<Arc<Error>>> for Error {
    fn from(failure: Failure<Arc<Error>>) -> Self {
        match failure {
            Failure::Fetch { step, cause } => Self::Credentials { step, cause, refusal: None },
            Failure::Store(cause) => Self::Credentials { step: STORE, cause, refusal: None },
            Failure::Kicked(kick) => Self::ForeignKick { kick: Box::new(kick), refusal: None },
        }
    }
}

impl Desk {
    fn machine(&self) -> MutexGuard<'_, Coordinator<Arc<Error>>> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> sign_core::UnixMillis {
        self.means.clock.now()
    }

    /// A store that hangs is a store that is down.
    async fn in_time<T>(
        &self,
        operation: impl Future<Output = Result<T, StateError>>,
    ) -> Result<T, Arc<Error>> {
        match timeout(self.policy.store_timeout, operation).await {
            Ok(result) => result.map_err(|error| Arc::new(Error::Store(error))),
            Err(_) => Err(Arc::new(Error::StoreSilent { waited: self.policy.store_timeout })),
        }
    }

    /// Does one thing, and tells the machine what came of it. `leased`: since when the lease is ours.
    async fn perform(&self, step: Step, leased: &mut Option<Instant>) {
        let fetches = matches!(step, Step::FetchToken | Step::FetchTicket(_));
        // Half of the lease is for the request; a process that stood still for the other half asks for it again.
        if fetches && leased.is_none_or(|since| since.elapsed() > self.policy.lease / 2) {
            self.machine().lease_ended();
            return;
        }
        let Means { fetcher, store, key, owner, .. } = &self.means;
        match step {
            Step::Read => {
                let found = self.in_time(store.read(key)).await.and_then(shared);
                self.noted("read", found.as_ref().err());
                self.machine().read(found, self.now());
            }
            Step::Acquire => {
                let asked = Instant::now();
                let lease = self.in_time(store.acquire(key, owner, self.policy.lease)).await;
                *leased = lease.as_ref().is_ok_and(|lease| *lease == Lease::Held).then_some(asked);
                self.noted("acquire", lease.as_ref().err());
                self.machine().acquired(lease.map(|lease| match lease {
                    Lease::Held => None,
                    Lease::Busy { by, .. } => Some(Writer { host: by.host, pid: by.pid }),
                }));
            }
            Step::FetchToken => {
                let sent_at = self.now();
                let fetched = fetcher.token().await;
                self.noted("access_token", fetched.as_ref().err().map(|(_, error)| error));
                self.machine().token(fetched, sent_at);
            }
            Step::FetchTicket(token) => {
                let fetched = fetcher.sign_ticket(&token).await;
                self.noted("api_ticket", fetched.as_ref().err().map(|(_, error)| error));
                self.machine().ticket(fetched, self.now());
            }
            Step::Publish { expected, text } => {
                let published = self.publish(expected, &text).await;
                self.noted("publish", published.as_ref().err());
                self.machine().published(published, self.now());
            }
            Step::Release => {
                let released = self.in_time(store.release(key, owner)).await;
                self.noted("release", released.as_ref().err());
                self.machine().released();
            }
            Step::Pause(time) => {
                if !self.closing.load(Ordering::SeqCst) {
                    sleep(time).await;
                }
                self.machine().paused();
            }
            Step::Wait { .. } => {}
        }
        self.tell();
    }

    async fn publish(&self, expected: u64, text: &Secret) -> Result<Published, Arc<Error>> {
        let Means { store, key, owner, .. } = &self.means;
        match self.in_time(store.swap(key, expected, Put::new(text, owner.writer()))).await? {
            Swap::Done(version) => Ok(Published::Done(version)),
            Swap::Moved(entry) => shared(entry).map(Published::Moved),
        }
    }

    fn noted(&self, step: &'static str, error: Option<&Arc<Error>>) {
        if let Some(error) = error {
            let key = self.means.key.as_str();
            tracing::warn!(platform = "webank", key, step, %error, "credentials not refreshed");
        }
    }

    /// Passes on what happened, and wakes those who wait.
    fn tell(&self) {
        self.changed.notify_waiters();
        let events = self.machine().take_events();
        let key = self.means.key.as_str();
        for event in &events {
            match event {
                Event::Fetched { generation } => {
                    tracing::debug!(platform = "webank", key, generation, "credentials fetched");
                }
                Event::Adopted { generation, writer } => {
                    tracing::debug!(platform = "webank", key, generation, %writer, "credentials taken over");
                }
                Event::ForeignKick(kick) => tracing::warn!(
                    platform = "webank",
                    key,
                    generation = kick.generation,
                    writer = %kick.writer,
                    "foreign kick: {kick}; find who else uses this app id and let one place alone fetch, unless it was one \
                     call's own signature that is wrong"
                ),
            }
            if let Some(observer) = &self.means.observer
                && catch_unwind(AssertUnwindSafe(|| observer(event))).is_err()
            {
                tracing::error!(platform = "webank", key, "the observer of the credentials panicked");
            }
        }
    }
}

fn shared(entry: Option<Entry>) -> Result<Option<Shared>, Arc<Error>> {
    let read = |entry: Entry| Shared::read(entry.version, &entry.value);
    entry.map(read).transpose().map_err(|error| Arc::new(Error::Shared(error)))
}

/// The task: does what the machine says until nobody holds the client any more.
async fn run(desk: Arc<Desk>) {
    let mut leased = None;
    loop {
        // What has begun is brought to its end; nothing new begins once nobody holds the client.
        if desk.closing.load(Ordering::SeqCst) && desk.machine().is_resting() {
            return;
        }
        let step = desk.machine().step(desk.now());
        let Step::Wait { until } = step else {
            desk.perform(step, &mut leased).await;
            continue;
        };
        let nap = desk.means.clock.real_time(until.saturating_since(desk.now())).min(LONGEST_NAP);
        let _ = timeout(nap, desk.nudge.notified()).await;
    }
}
