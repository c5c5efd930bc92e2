//! Saved settings on the three stores, by two instances that share one (`SPEC.md §2`). Where `redis-server` is missing
//! its tests are shown as ignored, or fail under `DUIJIE_REQUIRE_REDIS=1`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod cases;
mod child;
mod faults;
mod killed;
mod model;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use libtest_mimic::{Arguments, Trial};
use platform_state::testing::RedisServer;
use platform_state::{MemoryStore, RedisStore, SqliteStore, Store};
use rabbitpre_auth::{Setting, SettingsStore as _, StateSettings};

/// Two instances of a service, each with its own connection to one store.
pub(crate) struct Pair {
    pub(crate) stores: [Arc<dyn Store>; 2],
    pub(crate) ours: StateSettings,
    pub(crate) others: StateSettings,
}

impl Pair {
    fn of(stores: [Arc<dyn Store>; 2]) -> Self {
        let settings =
            |number: usize, prefix| StateSettings::new(Arc::clone(&stores[number]), prefix).unwrap();
        Self { ours: settings(0, "a-"), others: settings(1, "b-"), stores }
    }
}

/// A test of two instances, whatever their store is.
pub(crate) struct Case {
    name: &'static str,
    run: Box<dyn Fn(Pair) -> BoxFuture<'static, ()> + Send + Sync>,
}

pub(crate) fn case<F: Future<Output = ()> + Send + 'static>(name: &'static str, run: fn(Pair) -> F) -> Case {
    Case { name, run: Box::new(move |pair| run(pair).boxed()) }
}

/// The clock can be moved on a runtime of one thread only.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

/// Lets so much time pass at once.
pub(crate) async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

pub(crate) async fn pass_millis(millis: u64) {
    pass(Duration::from_millis(millis)).await;
}

/// A setting that is told from others by a number.
pub(crate) fn setting(number: usize) -> Setting {
    let body = format!(
        r#"{{"userId":"u","settingData":[{{"name":"n","type":"number","value":{number}}}],"x":1.50}}"#
    );
    Setting::parse(body.as_bytes()).unwrap()
}

/// The body that an instance has under an id.
pub(crate) async fn body(settings: &StateSettings, id: &str) -> Option<String> {
    settings.load(id).await.unwrap().map(|setting| setting.to_json())
}

/// A folder of its own, removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let path = std::env::temp_dir().join(format!("rabbitpre-settings-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("state.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0); // left behind at worst
    }
}

fn main() {
    if child::run() {
        return;
    }
    let without_redis = !RedisServer::is_installed() && !RedisServer::is_required();
    let trial = |name: String, work: Box<dyn FnOnce() + Send>| {
        Trial::test(name, move || {
            work();
            Ok(())
        })
    };
    let redis = |trial: Trial| {
        trial
            .with_kind(if without_redis { "needs redis-server" } else { "" })
            .with_ignored_flag(without_redis)
    };
    let mut trials = Vec::new();
    let server = Arc::new(OnceLock::new());
    for (number, case) in cases::cases().into_iter().enumerate() {
        let case = Arc::new(case);
        let again = Arc::clone(&case);
        let memory = move || {
            let store = MemoryStore::new();
            run((again.run)(Pair::of([Arc::new(store.clone()), Arc::new(store)])));
        };
        trials.push(trial(format!("memory::{}", case.name), Box::new(memory)));
        let again = Arc::clone(&case);
        let sqlite = move || {
            let folder = Folder::new();
            run(async {
                let open = async || Arc::new(SqliteStore::open(folder.file()).await.unwrap());
                (again.run)(Pair::of([open().await, open().await])).await;
            });
        };
        trials.push(trial(format!("sqlite::{}", case.name), Box::new(sqlite)));
        let (name, server) = (case.name, Arc::clone(&server));
        let work = move || {
            // One server for all, and a database for each.
            let url = format!("{}/{number}", server.get_or_init(|| RedisServer::start().unwrap()).url());
            run(async {
                let connect = async || Arc::new(RedisStore::connect(&url).await.unwrap());
                (case.run)(Pair::of([connect().await, connect().await])).await;
            });
        };
        trials.push(redis(trial(format!("redis::{name}"), Box::new(work))));
    }
    for (name, work) in faults::singles() {
        trials.push(trial(format!("faults::{name}"), Box::new(work)));
    }
    trials.push(trial("model::what_is_seen_was_true_lately".to_owned(), Box::new(model::test)));
    trials.push(trial("sqlite::killed".to_owned(), Box::new(killed::sqlite)));
    trials.push(redis(trial("redis::killed".to_owned(), Box::new(killed::redis))));
    trials.push(redis(trial("redis::server_killed".to_owned(), Box::new(killed::redis_server))));
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    // `exit` would leave the server's folder behind.
    drop(server);
    conclusion.exit();
}
