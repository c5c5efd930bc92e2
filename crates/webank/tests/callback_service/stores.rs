//! The stores that tests run on, and stores that fail.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use platform_state::{
    Entry, ErrorKind, Key, Lease, MemoryStore, Owner, Put, SqliteStore, StateError, Store, Swap, Writer,
};
use webank::callback::Repeats;

use crate::partner::{Message, NOW, Partner, Work};

/// A folder of its own, removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let path =
            std::env::temp_dir().join(format!("webank-callback-{name}-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) async fn sqlite(&self) -> SqliteStore {
        SqliteStore::open(self.0.join("state.db")).await.unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0); // left behind at worst
    }
}

pub(crate) fn plain_store() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new())
}

/// In memory, then in a file.
pub(crate) async fn each_store(test: impl AsyncFn(Arc<dyn Store>)) {
    test(plain_store()).await;
    let folder = Folder::new("store");
    test(Arc::new(folder.sqlite().await)).await;
}

/// Remembers the keys and what was asked of them, and can be told to fail.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spy {
    store: MemoryStore,
    seen: Arc<Mutex<BTreeMap<Key, Vec<Duration>>>>,
    down: Arc<AtomicBool>,
    answers_fail: Arc<AtomicBool>,
    /// Somebody else is quicker each time an answer is to be kept.
    answers_lose: Arc<AtomicBool>,
    /// Leases asked for, and how many were given back.
    asked: Arc<Mutex<BTreeSet<Key>>>,
    released: Arc<AtomicUsize>,
    /// A lease that somebody else has.
    stolen: Arc<Mutex<Option<Key>>>,
}

impl Spy {
    pub(crate) fn keys(&self) -> Vec<String> {
        self.seen.lock().unwrap().keys().map(ToString::to_string).collect()
    }

    fn keeps(&self) -> Vec<Duration> {
        self.seen.lock().unwrap().values().flatten().copied().collect()
    }

    fn is_up(&self) -> Result<(), StateError> {
        if self.down.load(Ordering::SeqCst) {
            Err(StateError::new(ErrorKind::Unavailable, "spy", "it is down"))
        } else {
            Ok(())
        }
    }
}

impl Store for Spy {
    fn read<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Entry>, StateError>> {
        async { self.is_up().map(|()| self.store.read(key))?.await }.boxed()
    }

    fn swap<'a>(
        &'a self,
        key: &'a Key,
        expected: u64,
        put: Put<'a>,
    ) -> BoxFuture<'a, Result<Swap, StateError>> {
        async move {
            self.is_up()?;
            if put.value.expose().starts_with("answer ") && self.answers_fail.load(Ordering::SeqCst) {
                return Err(StateError::new(ErrorKind::Refused, "spy", "the disk is full"));
            }
            if put.value.expose().starts_with("answer ") && self.answers_lose.load(Ordering::SeqCst) {
                return Ok(Swap::Moved(None));
            }
            self.seen.lock().unwrap().entry(key.clone()).or_default().extend(put.keep);
            self.store.swap(key, expected, put).await
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
            self.is_up()?;
            self.asked.lock().unwrap().insert(key.clone());
            if self.stolen.lock().unwrap().as_ref() == Some(key) {
                return Ok(Lease::Busy { by: Writer::this_process(), remaining: time });
            }
            self.store.acquire(key, owner, time).await
        }
        .boxed()
    }

    fn release<'a>(&'a self, key: &'a Key, owner: &'a Owner) -> BoxFuture<'a, Result<(), StateError>> {
        self.released.fetch_add(1, Ordering::SeqCst);
        self.store.release(key, owner)
    }
}

fn message() -> Message {
    Message::new("SEQ1001", r#"{"NAME":"张三","ID_NO":"42050019900101123X"}"#)
}

#[tokio::test]
async fn without_its_store_no_handler_runs() {
    let spy = Spy::default();
    let partner = Partner::on(Arc::new(spy.clone()), Work::quick());
    spy.down.store(true, Ordering::SeqCst);
    assert_eq!(partner.send(&message()).await.code(), "0099");
    assert_eq!(partner.work.runs(), 0);
    spy.down.store(false, Ordering::SeqCst);
    assert_eq!(partner.send(&message()).await.run(), Some(1));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_kept_is_given_and_kept_later() {
    let spy = Spy::default();
    let partner = Partner::on(Arc::new(spy.clone()), Work::quick());
    spy.answers_fail.store(true, Ordering::SeqCst);
    assert_eq!(partner.send(&message()).await.run(), Some(1));
    assert_eq!(partner.send(&message()).await.run(), Some(1), "those who come meanwhile are told as well");
    spy.answers_fail.store(false, Ordering::SeqCst);
    partner.service.idle().await;
    let restarted = Partner::on(Arc::new(spy), Work::quick());
    assert_eq!(restarted.send(&message()).await.run(), Some(1));
    assert_eq!((partner.work.runs(), restarted.work.runs()), (1, 0));
}

/// A store in which somebody else is always quicker does not keep its promise: that is noticed, and tried again.
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_kept_is_not_taken_for_kept() {
    let spy = Spy::default();
    let partner = Partner::on(Arc::new(spy.clone()), Work::quick());
    spy.answers_lose.store(true, Ordering::SeqCst);
    assert_eq!(partner.send(&message()).await.run(), Some(1));
    spy.answers_lose.store(false, Ordering::SeqCst);
    partner.service.idle().await;
    let restarted = Partner::on(Arc::new(spy), Work::quick());
    assert_eq!(restarted.send(&message()).await.run(), Some(1));
    assert_eq!((partner.work.runs(), restarted.work.runs()), (1, 0));
}

/// One copy waits for another's handler when the store goes down: it runs nothing, and says so at once.
#[tokio::test]
async fn whoever_waits_when_the_store_goes_down_runs_nothing() {
    let (spy, work) = (Spy::default(), Work::with_passes(0));
    let partner = || Partner::on(Arc::new(spy.clone()), work.clone());
    let (first, second) = (partner(), partner());
    let running = tokio::spawn(async move { first.send(&message()).await });
    work.begun(1).await;
    let waiting = {
        let second = second.clone();
        tokio::spawn(async move { second.send(&message()).await })
    };
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(!waiting.is_finished());
    spy.down.store(true, Ordering::SeqCst);
    assert_eq!(waiting.await.unwrap().code(), "0099");
    // The answer is given, and kept as soon as there is a store again.
    work.passes.add_permits(9);
    assert_eq!(running.await.unwrap().run(), Some(1));
    assert_eq!(second.send(&message()).await.code(), "0099");
    spy.down.store(false, Ordering::SeqCst);
    assert_eq!(second.send(&message()).await.run(), Some(1));
    assert_eq!(work.runs(), 1);
}

/// A handler that loses one of its two leases keeps the other.
#[tokio::test]
async fn a_lease_that_is_lost_takes_no_other_with_it() {
    let (spy, work) = (Spy::default(), Work::with_passes(0));
    let repeats = Repeats::new(Arc::new(spy.clone())).lease(Duration::from_millis(30));
    let partner = Partner::built(repeats, work.clone(), |builder| builder);
    // Two messages of one Plain that have failed, and a replay of the one under the SeqNo of the other.
    let plain = r#"{"do":"fail"}"#;
    let (one, other) = (Message::new("1", plain), Message::new("2", plain).stamped(NOW + 1));
    work.passes.add_permits(2);
    for message in [&one, &other] {
        assert_eq!(partner.send(message).await.code(), "0099");
    }
    let before = spy.released.load(Ordering::SeqCst);
    let both = one.with("SeqNo", "2");
    let running = {
        let partner = partner.clone();
        tokio::spawn(async move { partner.send(&both).await })
    };
    work.begun(3).await;
    let second = spy.asked.lock().unwrap().last().cloned();
    assert_eq!(spy.asked.lock().unwrap().len(), 2);
    *spy.stolen.lock().unwrap() = second;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(spy.released.load(Ordering::SeqCst), before);
    work.passes.add_permits(1);
    assert_eq!(running.await.unwrap().code(), "0099");
    assert_eq!(spy.released.load(Ordering::SeqCst), before + 2);
}

#[tokio::test]
async fn answers_are_kept_for_a_day_or_as_long_as_configured() {
    for (configured, expected) in [(None, 24 * 3600), (Some(60), 60)] {
        let spy = Spy::default();
        let repeats = Repeats::new(Arc::new(spy.clone()));
        let repeats = match configured {
            Some(seconds) => repeats.keep(Duration::from_secs(seconds)),
            None => repeats,
        };
        let partner = Partner::built(repeats, Work::quick(), |builder| builder);
        partner.send(&message()).await;
        assert_eq!(spy.keeps(), [Duration::from_secs(expected); 3]);
    }
}

#[tokio::test]
async fn an_answer_that_is_forgotten_is_given_anew() {
    let repeats = Repeats::new(plain_store()).keep(Duration::from_millis(1));
    let partner = Partner::built(repeats, Work::quick(), |builder| builder);
    for run in 1..4 {
        assert_eq!(partner.send(&message()).await.run(), Some(run));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn keys_are_digests() {
    let spy = Spy::default();
    Partner::on(Arc::new(spy.clone()), Work::quick()).send(&message()).await;
    let keys = spy.keys();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let (kind, digest) = key.rsplit_once('-').unwrap();
        assert!(["webank-callback/message", "webank-callback/signature"].contains(&kind), "{key}");
        assert_eq!(digest.len(), 64);
        // Whoever reads keys must not find the Signature, which with its Plain would be a message.
        assert_ne!(message().envelope["Signature"], digest);
    }
}

/// What somebody else has put under our keys is not taken for an answer, nor overwritten.
#[tokio::test]
async fn what_is_not_ours_is_left_alone() {
    let spy = Spy::default();
    Partner::on(Arc::new(spy.clone()), Work::quick()).send(&message()).await;
    let store = MemoryStore::new();
    let writer = platform_state::Writer::this_process();
    let foreign = sign_core::Secret::new("{\"token\":1}").unwrap();
    for key in spy.seen.lock().unwrap().keys() {
        store.swap(key, 0, Put::new(&foreign, &writer)).now_or_never().unwrap().unwrap();
    }
    let partner = Partner::on(Arc::new(store), Work::quick());
    assert_eq!(partner.send(&message()).await.code(), "0099");
    assert_eq!(partner.work.runs(), 0);
}
