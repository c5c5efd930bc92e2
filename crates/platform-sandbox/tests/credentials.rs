//! Shared credentials through the real client: what its task does, what it says, and when it ends.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use platform_http::Outcome;
use platform_http::system::{Clock as _, UnixMillis};
use platform_sandbox::{Fault, FaultKind, Operation, Sandbox, SandboxClock};
use platform_state::{Entry, ErrorKind, Key, Lease, MemoryStore, Owner, Put, StateError, Store, Swap};
use webank::credentials::{Event, Policy};
use webank::{BusinessCall, CallPath, Client, ClientBuilder, Error};

const START: UnixMillis = UnixMillis::new(1_700_000_000_000);
const MINUTE: Duration = Duration::from_secs(60);

async fn sandbox() -> Sandbox {
    Sandbox::builder().clock(SandboxClock::standing(START)).start().await.unwrap()
}

fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.first_pause = Duration::from_millis(5);
    policy.longest_pause = Duration::from_millis(20);
    policy.poll = Duration::from_millis(5);
    policy
}

fn builder(sandbox: &Sandbox) -> ClientBuilder {
    let access = &sandbox.access().webank;
    Client::builder(&access.app_id, access.secret.clone())
        .business_url(&sandbox.urls().webank)
        .clock(sandbox.clock().clone())
        .policy(policy())
}

fn call() -> BusinessCall {
    BusinessCall::new(CallPath::new("/api/s/yh/1").unwrap(), "{}")
}

fn fetches(sandbox: &Sandbox) -> u64 {
    sandbox.webank().counts().token_fetches
}

/// Waits until something is so; real tasks need real time.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{what} never happens");
}

/// A store that can be down, hang, and tells when it is dropped.
#[derive(Debug, Default)]
struct Moody {
    inner: MemoryStore,
    down: AtomicBool,
    hangs: AtomicBool,
    dropped: Arc<AtomicBool>,
    reads: AtomicU32,
}

impl Drop for Moody {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::SeqCst);
    }
}

impl Moody {
    async fn mood(&self) -> Result<(), StateError> {
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        match self.down.load(Ordering::SeqCst) {
            true => Err(StateError::new(ErrorKind::Unavailable, "moody", "it is down")),
            false => Ok(()),
        }
    }
}

impl Store for Moody {
    fn read<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Entry>, StateError>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        async move { self.mood().await.and(self.inner.read(key).await) }.boxed()
    }

    fn swap<'a>(
        &'a self,
        key: &'a Key,
        expected: u64,
        put: Put<'a>,
    ) -> BoxFuture<'a, Result<Swap, StateError>> {
        async move {
            self.mood().await?;
            self.inner.swap(key, expected, put).await
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
            self.mood().await?;
            self.inner.acquire(key, owner, time).await
        }
        .boxed()
    }

    fn release<'a>(&'a self, key: &'a Key, owner: &'a Owner) -> BoxFuture<'a, Result<(), StateError>> {
        async move { self.mood().await.and(self.inner.release(key, owner).await) }.boxed()
    }
}

#[tokio::test]
async fn two_clients_on_one_store_fetch_once_and_renew_once() {
    let sandbox = sandbox().await;
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let clients = [(); 2].map(|()| builder(&sandbox).store(Arc::clone(&store)).build().unwrap());
    for client in &clients {
        client.send(&call()).await.unwrap();
    }
    assert_eq!(fetches(&sandbox), 1);
    // Nobody calls, and yet there is one renewal: ahead of the end, and used by both.
    sandbox.clock().advance(20 * MINUTE);
    until("a renewal", || fetches(&sandbox) == 2).await;
    until("adoption", || {
        clients.iter().all(|client| client.counters().adopted + client.counters().fetched >= 2)
    })
    .await;
    for client in &clients {
        assert_eq!(client.credentials().await.unwrap().generation, 2);
    }
    let counts = sandbox.webank().counts();
    assert_eq!((counts.token_fetches, counts.refused_kicked), (2, 0));
}

#[tokio::test]
async fn a_foreign_kick_is_an_event_a_count_and_in_the_end_an_error_with_its_serial_number() {
    let sandbox = sandbox().await;
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    let mut patient = policy();
    patient.min_interval = 10 * MINUTE;
    patient.patience = Duration::from_secs(30);
    let client = builder(&sandbox)
        .policy(patient)
        .observer(move |event| seen.lock().unwrap().push(event.clone()))
        .build()
        .unwrap();
    client.send(&call()).await.unwrap();
    let kick = || (sandbox.webank().kick(), sandbox.webank().kick());
    kick();
    client.send(&call()).await.unwrap();
    // The second one comes too early to fetch back.
    kick();
    let error = client.send(&call()).await.unwrap_err();
    let Error::ForeignKick { kick: told, refusal } = &error else { panic!("{error}") };
    assert_eq!((told.generation, told.writer.pid), (2, std::process::id()));
    assert_eq!(told.retry_at, sandbox.clock().now().saturating_add(10 * MINUTE));
    assert!(refusal.as_ref().unwrap().serials.biz_seq_no.is_some());
    assert!(error.serials().is_some() && error.outcome() == Outcome::NotSent);
    assert_eq!(fetches(&sandbox), 2);
    sandbox.clock().advance(10 * MINUTE);
    client.send(&call()).await.unwrap();
    assert_eq!((fetches(&sandbox), client.counters().foreign_kicks), (3, 2));
    let kicks = events.lock().unwrap().iter().filter(|event| matches!(event, Event::ForeignKick(_))).count();
    assert_eq!(kicks, 2);
}

#[tokio::test]
async fn an_observer_that_panics_stops_nothing() {
    let sandbox = sandbox().await;
    let client = builder(&sandbox).observer(|_| panic!("observed")).build().unwrap();
    client.send(&call()).await.unwrap();
    sandbox.clock().advance(20 * MINUTE);
    until("a renewal", || fetches(&sandbox) == 2).await;
}

#[tokio::test]
async fn a_store_that_is_down_stops_no_call_and_lets_nobody_fetch() {
    let sandbox = sandbox().await;
    let store = Arc::new(Moody::default());
    let client = builder(&sandbox).store(store.clone()).build().unwrap();
    client.send(&call()).await.unwrap();
    client.settle().await;
    store.down.store(true, Ordering::SeqCst);
    sandbox.clock().advance(30 * MINUTE);
    for _ in 0..20 {
        client.send(&call()).await.unwrap();
    }
    until("another look", || client.counters().failed > 2).await;
    assert_eq!(fetches(&sandbox), 1);
    // Dead: then the reason is told, and still nobody fetches.
    sandbox.clock().advance(31 * MINUTE);
    let error = client.send(&call()).await.unwrap_err();
    assert!(matches!(&error, Error::Credentials { step: "shared store", .. }), "{error}");
    assert_eq!((fetches(&sandbox), error.outcome()), (1, Outcome::NotSent));
    store.down.store(false, Ordering::SeqCst);
    client.send(&call()).await.unwrap();
    assert_eq!(fetches(&sandbox), 2);
}

#[tokio::test]
async fn a_store_that_hangs_is_a_store_that_is_down() {
    let sandbox = sandbox().await;
    let store = Arc::new(Moody::default());
    let mut hasty = policy();
    hasty.store_timeout = Duration::from_millis(20);
    let client = builder(&sandbox).policy(hasty).store(store.clone()).build().unwrap();
    store.hangs.store(true, Ordering::SeqCst);
    let error = client.send(&call()).await.unwrap_err();
    let Error::Credentials { step: "shared store", cause, .. } = &error else { panic!("{error}") };
    assert!(matches!(**cause, Error::StoreSilent { .. }), "{error}");
    assert_eq!(sandbox.received_count(), 0);
}

#[tokio::test]
async fn the_task_ends_with_the_last_handle_and_not_before() {
    let sandbox = sandbox().await;
    let store = Moody::default();
    let dropped = Arc::clone(&store.dropped);
    let client = builder(&sandbox).store(Arc::new(store)).build().unwrap();
    let clone = client.clone();
    client.send(&call()).await.unwrap();
    drop(client);
    sandbox.clock().advance(20 * MINUTE);
    until("a renewal for the clone", || fetches(&sandbox) == 2).await;
    assert!(!dropped.load(Ordering::SeqCst));
    drop(clone);
    until("the end of the task", || dropped.load(Ordering::SeqCst)).await;
    sandbox.clock().advance(20 * MINUTE);
    assert_eq!(fetches(&sandbox), 2);
}

#[tokio::test]
async fn what_was_begun_is_finished_when_the_last_handle_goes() {
    let sandbox = sandbox().await;
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    sandbox.inject(Fault::once(Operation::Ticket, FaultKind::Slow(Duration::from_millis(100))));
    let client = builder(&sandbox).store(Arc::clone(&store)).build().unwrap();
    let hasty = tokio::time::timeout(Duration::from_millis(30), client.credentials()).await;
    assert!(hasty.is_err(), "the answer came too early to show anything");
    drop(client);
    let other = builder(&sandbox).store(store).build().unwrap();
    other.send(&call()).await.unwrap();
    assert_eq!(fetches(&sandbox), 1, "what the first one fetched reached the second");
}

#[tokio::test]
async fn a_client_outlives_the_runtime_of_its_first_call() {
    let sandbox = sandbox().await;
    let client = builder(&sandbox).build().unwrap();
    let first = client.clone();
    let fetched = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { first.credentials().await.unwrap().generation })
    });
    assert_eq!(fetched.await.unwrap(), 1);
    sandbox.clock().advance(61 * MINUTE);
    assert_eq!(client.credentials().await.unwrap().generation, 2);
}

#[tokio::test]
async fn looking_at_shared_credentials_fetches_nothing() {
    let sandbox = sandbox().await;
    let client = builder(&sandbox).build().unwrap();
    assert!(client.shared_credentials().await.unwrap().is_none());
    client.send(&call()).await.unwrap();
    client.settle().await;
    let shared = client.shared_credentials().await.unwrap();
    // Published by the task, which nobody waits for.
    let generation = shared.map(|shared| (shared.generation, shared.writer.pid));
    assert!(generation.is_none_or(|shared| shared == (1, std::process::id())), "{generation:?}");
    assert_eq!(fetches(&sandbox), 1);
}

#[tokio::test]
async fn a_grant_that_has_ended_is_asked_for_a_few_times_and_no_more() {
    let options = platform_sandbox::WebankOptions { token_lifetime: Duration::ZERO, ..Default::default() };
    let clock = SandboxClock::standing(START);
    let sandbox = Sandbox::builder().clock(clock).webank(options).start().await.unwrap();
    let error = builder(&sandbox).build().unwrap().send(&call()).await.unwrap_err();
    assert!(matches!(&error, Error::Credentials { step: "access_token", .. }), "{error}");
    assert!(error.to_string().contains("expire_in"), "{error}");
    assert_eq!(fetches(&sandbox), 3);
}

#[tokio::test]
async fn a_call_that_waits_for_its_turn_leaves_the_processor_alone() {
    let sandbox = sandbox().await;
    let store = Arc::new(Moody::default());
    let mut slow = policy();
    slow.min_interval = Duration::from_secs(20);
    slow.patience = Duration::from_millis(600);
    let client = builder(&sandbox).policy(slow).store(store.clone()).build().unwrap();
    client.send(&call()).await.unwrap();
    for _ in 0..2 {
        sandbox.webank().kick();
        sandbox.webank().kick();
        let before = store.reads.load(Ordering::SeqCst);
        let _ = client.send(&call()).await; // the second one waits in vain: the clock stands
        let reads = store.reads.load(Ordering::SeqCst) - before;
        assert!(reads < 50, "{reads} readings while one call waited");
    }
}

#[tokio::test]
async fn calls_that_did_not_reach_the_bank_are_made_again() {
    let sandbox = sandbox().await;
    let client = builder(&sandbox).build().unwrap();
    client.send(&call()).await.unwrap();
    let sent = || sandbox.received().iter().filter(|one| one.operation == Some(Operation::Call)).count();
    // After an unknown outcome, only where the caller allows it.
    for (call, requests) in [(call(), 1), (call().idempotent(), 2)] {
        let before = sent();
        sandbox.inject(Fault::once(Operation::Call, FaultKind::CutAfter));
        assert_eq!(client.send(&call).await.is_ok(), requests == 2);
        assert_eq!(sent() - before, requests);
    }
    // Nobody is there: each attempt is refused, and none of them left.
    let url = sandbox.urls().webank.clone();
    sandbox.shutdown().await;
    let error = client.send(&call()).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent, "{url}: {error}");
}
