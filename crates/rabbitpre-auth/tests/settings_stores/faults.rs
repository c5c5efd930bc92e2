//! Stores that fail, hang, or forget.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join, join_all};
use platform_state::{Entry, ErrorKind, Key, Lease, MemoryStore, Owner, Put, StateError, Store, Swap};
use rabbitpre_auth::{
    Setting, SettingsCounters, SettingsStore as _, StateSettings, StateSettingsError, StoreError,
};
use tokio::sync::Semaphore;

use crate::{body, pass_millis, run, setting};

type Test = Box<dyn FnOnce() + Send>;

pub(crate) fn singles() -> Vec<(&'static str, Test)> {
    fn single<F: Future<Output = ()>>(
        name: &'static str,
        test: impl FnOnce() -> F + Send + 'static,
    ) -> (&'static str, Test) {
        (name, Box::new(move || run(test())))
    }
    vec![
        single("a_store_that_is_down_decides_nothing_for_longer_than_trust", down),
        single("a_failure_is_shared_and_forgotten", failure),
        single("whoever_stops_waiting_stops_nobody_else", cancelled),
        single("what_was_asked_long_ago_is_not_waited_for", old_flight),
        single("a_save_is_not_overwritten_by_an_older_answer", overtaken),
        single("a_save_that_nobody_waits_for_is_doubted", doubted),
        single("a_store_that_lost_its_last_changes_is_compiled_anew", lost),
        single("ids_that_cannot_be_are_not_asked_for", impossible),
        single("few_settings_are_kept_compiled", few),
        single("names_and_prefixes_are_plain", plain),
    ]
}

/// A store that can be told to fail, and to answer when it is allowed to.
#[derive(Debug, Clone)]
struct Moody {
    store: MemoryStore,
    down: Arc<AtomicBool>,
    /// Each call needs one.
    passes: Arc<Semaphore>,
    reads: Arc<AtomicUsize>,
    /// What is read now is answered late: each answer needs one of these.
    late: Arc<AtomicBool>,
    late_passes: Arc<Semaphore>,
}

impl Moody {
    fn new() -> Self {
        Self {
            store: MemoryStore::new(),
            down: Arc::default(),
            passes: Arc::new(Semaphore::new(1_000_000)),
            reads: Arc::default(),
            late: Arc::default(),
            late_passes: Arc::new(Semaphore::new(0)),
        }
    }

    fn settings(&self, prefix: &str) -> StateSettings {
        StateSettings::new(Arc::new(self.clone()), prefix).unwrap()
    }

    fn hang(&self) {
        self.passes.forget_permits(1_000_000);
    }

    fn go_on(&self) {
        self.passes.add_permits(1_000_000);
    }

    async fn answer<T>(&self, answer: impl Future<Output = Result<T, StateError>>) -> Result<T, StateError> {
        self.passes.acquire().await.unwrap().forget();
        if self.down.load(Ordering::SeqCst) {
            return Err(StateError::new(ErrorKind::Unavailable, "moody", "no answer: look after it"));
        }
        answer.await
    }
}

impl Store for Moody {
    fn read<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Entry>, StateError>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        async move {
            if self.late.load(Ordering::SeqCst) {
                let read = self.store.read(key).await;
                self.late_passes.acquire().await.unwrap().forget();
                return read;
            }
            self.answer(self.store.read(key)).await
        }
        .boxed()
    }

    fn swap<'a>(
        &'a self,
        key: &'a Key,
        expected: u64,
        put: Put<'a>,
    ) -> BoxFuture<'a, Result<Swap, StateError>> {
        self.answer(self.store.swap(key, expected, put)).boxed()
    }

    fn acquire<'a>(
        &'a self,
        key: &'a Key,
        owner: &'a Owner,
        time: Duration,
    ) -> BoxFuture<'a, Result<Lease, StateError>> {
        self.store.acquire(key, owner, time)
    }

    fn release<'a>(&'a self, key: &'a Key, owner: &'a Owner) -> BoxFuture<'a, Result<(), StateError>> {
        self.store.release(key, owner)
    }
}

#[track_caller]
fn failed<T>(outcome: Result<T, StoreError>) {
    let Err(StoreError::Failed(cause)) = outcome else { panic!("it did not fail") };
    assert_eq!(cause.to_string(), "moody: no answer: look after it");
}

async fn down() {
    let store = Moody::new();
    let settings = store.settings("a-");
    let id = settings.save(None, setting(1)).await.unwrap();
    store.down.store(true, Ordering::SeqCst);
    pass_millis(400).await;
    assert_eq!(body(&settings, &id).await, Some(setting(1).to_json()));
    pass_millis(100).await;
    for _ in 0..3 {
        failed(settings.load(&id).await);
    }
    failed(settings.load("unknown").await);
    failed(settings.save(None, setting(2)).await);
    failed(settings.save(Some(&id), setting(2)).await);
    store.down.store(false, Ordering::SeqCst);
    assert_eq!(body(&settings, &id).await, Some(setting(1).to_json()));
    assert_eq!(settings.counters().compiled, 0);
    // The id of a create of which nobody knows whether it was made is not given out again.
    assert_eq!(settings.save(None, setting(3)).await.unwrap(), "a-3");
}

async fn failure() {
    let store = Moody::new();
    let settings = store.settings("a-");
    store.down.store(true, Ordering::SeqCst);
    store.hang();
    let release = async {
        tokio::task::yield_now().await;
        store.go_on();
    };
    let (outcomes, ()) = join(join_all((0..50).map(|_| settings.load("a-1"))), release).await;
    for outcome in outcomes {
        failed(outcome);
    }
    assert_eq!(store.reads.load(Ordering::SeqCst), 1);
    store.down.store(false, Ordering::SeqCst);
    assert_eq!(body(&settings, "a-1").await, None);
}

async fn cancelled() {
    let store = Moody::new();
    let settings = Arc::new(store.settings("a-"));
    let id = store.settings("b-").save(None, setting(1)).await.unwrap();
    store.hang();
    let load = || {
        let (settings, id) = (Arc::clone(&settings), id.clone());
        tokio::spawn(async move { body(&settings, &id).await })
    };
    let [first, second, third] = [load(), load(), load()];
    tokio::task::yield_now().await;
    assert_eq!(store.reads.load(Ordering::SeqCst), 1);
    // The second does what the first has begun.
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    tokio::task::yield_now().await;
    assert_eq!(store.reads.load(Ordering::SeqCst), 2);
    store.go_on();
    assert_eq!(second.await.unwrap(), Some(setting(1).to_json()));
    assert_eq!(third.await.unwrap(), Some(setting(1).to_json()));
    assert_eq!(settings.counters().compiled, 1);
    // All of them: nothing is left under way.
    pass_millis(500).await;
    store.hang();
    for load in [load(), load()] {
        tokio::task::yield_now().await;
        load.abort();
        assert!(load.await.unwrap_err().is_cancelled());
    }
    store.go_on();
    assert_eq!(body(&settings, &id).await, Some(setting(1).to_json()));
}

/// A look-up that has read, and whose answer is on the way.
async fn late_load(
    store: &Moody,
    settings: &Arc<StateSettings>,
    id: &str,
) -> tokio::task::JoinHandle<Option<String>> {
    store.late.store(true, Ordering::SeqCst);
    let (settings, id) = (Arc::clone(settings), id.to_owned());
    let load = tokio::spawn(async move { body(&settings, &id).await });
    tokio::task::yield_now().await;
    store.late.store(false, Ordering::SeqCst);
    load
}

async fn old_flight() {
    let store = Moody::new();
    let (settings, others) = (Arc::new(store.settings("a-")), store.settings("b-"));
    let id = others.save(None, setting(1)).await.unwrap();
    let early = late_load(&store, &settings, &id).await;
    others.save(Some(&id), setting(2)).await.unwrap();
    pass_millis(500).await;
    assert_eq!(body(&settings, &id).await, Some(setting(2).to_json()));
    store.late_passes.add_permits(1);
    // It was asked for before the change.
    assert_eq!(early.await.unwrap(), Some(setting(1).to_json()));
    assert_eq!(body(&settings, &id).await, Some(setting(2).to_json()));
}

async fn overtaken() {
    let store = Moody::new();
    let settings = Arc::new(store.settings("a-"));
    let id = settings.save(None, setting(1)).await.unwrap();
    pass_millis(500).await;
    let early = late_load(&store, &settings, &id).await;
    settings.save(Some(&id), setting(2)).await.unwrap();
    assert_eq!(body(&settings, &id).await, Some(setting(2).to_json()));
    store.late_passes.add_permits(1);
    assert_eq!(early.await.unwrap(), Some(setting(1).to_json()));
    assert_eq!(body(&settings, &id).await, Some(setting(2).to_json()));
}

async fn doubted() {
    let store = Moody::new();
    let settings = store.settings("a-");
    let id = settings.save(None, setting(1)).await.unwrap();
    store.hang();
    // The reading may pass; the swap hangs, and its caller's patience ends.
    store.passes.add_permits(1);
    let save = settings.save(Some(&id), setting(2));
    assert!(tokio::time::timeout(Duration::from_millis(20), save).await.is_err());
    // It is carried out all the same, behind our back.
    let behind = StateSettings::new(Arc::new(store.store.clone()), "b-").unwrap();
    behind.save(Some(&id), setting(2)).await.unwrap();
    store.go_on();
    assert_eq!(body(&settings, &id).await, Some(setting(2).to_json()));
}

/// A store whose server is replaced by one that lacks the last changes.
#[derive(Debug)]
struct Replaced {
    first: MemoryStore,
    second: MemoryStore,
    over: AtomicBool,
}

impl Replaced {
    fn now(&self) -> &MemoryStore {
        if self.over.load(Ordering::SeqCst) { &self.second } else { &self.first }
    }
}

impl Store for Replaced {
    fn read<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Entry>, StateError>> {
        self.now().read(key)
    }

    fn swap<'a>(
        &'a self,
        key: &'a Key,
        expected: u64,
        put: Put<'a>,
    ) -> BoxFuture<'a, Result<Swap, StateError>> {
        self.now().swap(key, expected, put)
    }

    fn acquire<'a>(
        &'a self,
        key: &'a Key,
        owner: &'a Owner,
        time: Duration,
    ) -> BoxFuture<'a, Result<Lease, StateError>> {
        self.now().acquire(key, owner, time)
    }

    fn release<'a>(&'a self, key: &'a Key, owner: &'a Owner) -> BoxFuture<'a, Result<(), StateError>> {
        self.now().release(key, owner)
    }
}

async fn lost() {
    let second = MemoryStore::new();
    let elsewhere = StateSettings::new(Arc::new(second.clone()), "a-").unwrap();
    let id = elsewhere.save(None, setting(1)).await.unwrap();
    elsewhere.save(Some(&id), setting(3)).await.unwrap();
    let store = Arc::new(Replaced { first: MemoryStore::new(), second, over: AtomicBool::new(false) });
    let settings = StateSettings::new(store.clone(), "a-").unwrap();
    settings.save(None, setting(1)).await.unwrap();
    settings.save(Some(&id), setting(2)).await.unwrap();
    assert_eq!(body(&settings, &id).await, Some(setting(2).to_json()));
    // The same version, and another setting.
    store.over.store(true, Ordering::SeqCst);
    pass_millis(500).await;
    assert_eq!(body(&settings, &id).await, Some(setting(3).to_json()));
}

async fn impossible() {
    let store = Moody::new();
    let settings = store.settings("a-");
    for id in ["\n", "a\0", &"x".repeat(129), &"x".repeat(1 << 20)] {
        assert_eq!(body(&settings, id).await, None);
    }
    assert_eq!(store.reads.load(Ordering::SeqCst), 0);
    assert_eq!(settings.counters(), SettingsCounters::default());
}

async fn few() {
    let store = Moody::new();
    let settings = store.settings("a-").limits(3, usize::MAX).trust(Duration::from_secs(3600));
    let mut ids = Vec::new();
    for number in 0..20 {
        ids.push(settings.save(None, setting(number)).await.unwrap());
    }
    for (number, id) in ids.iter().enumerate() {
        assert_eq!(body(&settings, id).await, Some(setting(number).to_json()));
    }
    assert!(settings.counters().compiled >= 17);
    // 0 is always asked.
    let doubting = store.settings("b-").trust(Duration::ZERO);
    for _ in 0..3 {
        assert_eq!(body(&doubting, &ids[0]).await, Some(setting(0).to_json()));
    }
    assert_eq!(doubting.counters(), SettingsCounters { loaded: 3, compiled: 1, answered_from_cache: 0 });
}

async fn plain() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let new = |prefix: &str| StateSettings::new(Arc::clone(&store), prefix);
    for wrong in ["", "a b", "a/", "名", &"x".repeat(65)] {
        assert_eq!(new(wrong).unwrap_err(), StateSettingsError::Prefix(wrong.to_owned()));
        assert_eq!(new("a-").unwrap().named(wrong).unwrap_err(), StateSettingsError::Name(wrong.to_owned()));
    }
    let settings = new("a-").unwrap().named("portal.2_x").unwrap();
    assert_eq!(
        format!("{settings:?}"),
        r#"StateSettings { store: MemoryStore, name: "portal.2_x", prefix: "a-", trust: 500ms, .. }"#
    );
    // Shared, it counts as one.
    let shared = Arc::new(settings);
    let id = shared.save(None, Setting::parse(b"{}").unwrap()).await.unwrap();
    assert!(shared.load(&id).await.unwrap().is_some());
    let counters = rabbitpre_auth::SettingsStore::counters(&shared);
    assert_eq!(counters, SettingsCounters { loaded: 0, compiled: 0, answered_from_cache: 1 });
}
