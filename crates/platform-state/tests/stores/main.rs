//! The three stores keep the same promises; then what each alone is about. Where `redis-server` is missing its tests
//! are shown as ignored, or fail under `DUIJIE_REQUIRE_REDIS=1`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod cells;
mod child;
mod crowd;
mod folder;
mod leases;
mod redis_faults;
mod redis_keys;
mod redis_tls;
mod sqlite_files;
mod sqlite_processes;
mod sqlite_rights;

use std::future::Future;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt as _};
use libtest_mimic::{Arguments, Trial};
use platform_state::testing::RedisServer;
use platform_state::{Key, MemoryStore, Owner, RedisStore, SqliteStore, Store, Writer};
use sign_core::Secret;

use crate::folder::Folder;

/// A test of a store, whichever it is.
struct Case {
    name: &'static str,
    run: Box<dyn Fn(Arc<dyn Store>) -> BoxFuture<'static, ()> + Send + Sync>,
}

fn case<F: Future<Output = ()> + Send + 'static>(name: &'static str, run: fn(Arc<dyn Store>) -> F) -> Case {
    Case { name, run: Box::new(move |store| run(store).boxed()) }
}

/// A test of what one kind of store alone is about.
struct Single {
    name: &'static str,
    run: Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>,
}

fn single<F: Future<Output = ()> + Send + 'static>(name: &'static str, run: fn() -> F) -> Single {
    Single { name, run: Box::new(move || run().boxed()) }
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}

fn main() {
    if child::run() {
        return;
    }
    let mut trials = Vec::new();
    let without_redis = !RedisServer::is_installed() && !RedisServer::is_required();
    let redis = |name: String, work: Box<dyn FnOnce() + Send>| {
        let trial = Trial::test(format!("redis::{name}"), move || {
            work();
            Ok(())
        });
        trial
            .with_kind(if without_redis { "needs redis-server" } else { "" })
            .with_ignored_flag(without_redis)
    };
    let server = Arc::new(std::sync::OnceLock::new());
    for (number, case) in cells::cases().into_iter().chain(leases::cases()).chain(crowd::cases()).enumerate()
    {
        let case = Arc::new(case);
        let again = Arc::clone(&case);
        trials.push(Trial::test(format!("memory::{}", case.name), move || {
            run((again.run)(Arc::new(MemoryStore::new())));
            Ok(())
        }));
        let again = Arc::clone(&case);
        trials.push(Trial::test(format!("sqlite::{}", case.name), move || {
            let folder = Folder::new();
            run(async move {
                let store = SqliteStore::open(folder.path("state.db")).await.unwrap();
                (again.run)(Arc::new(store)).await;
            });
            Ok(())
        }));
        let server = Arc::clone(&server);
        let work = move || {
            // One server for all, and a database for each.
            let url = format!("{}/{number}", server.get_or_init(|| RedisServer::start().unwrap()).url());
            run(async move { (case.run)(Arc::new(RedisStore::connect(&url).await.unwrap())).await });
        };
        trials.push(redis(trials_name(&trials), Box::new(work)));
    }
    for single in redis_faults::singles().into_iter().chain(redis_keys::singles()).chain(redis_tls::singles())
    {
        trials.push(redis(single.name.to_owned(), Box::new(move || run((single.run)()))));
    }
    for single in
        sqlite_files::singles().into_iter().chain(sqlite_processes::singles()).chain(sqlite_rights::singles())
    {
        trials.push(Trial::test(format!("sqlite::{}", single.name), move || {
            run((single.run)());
            Ok(())
        }));
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    // `exit` would leave the server's folder behind.
    drop(server);
    conclusion.exit();
}

/// The name of the case whose test was listed last.
fn trials_name(trials: &[Trial]) -> String {
    trials.last().unwrap().name().split_once("::").unwrap().1.to_owned()
}

fn key(name: &str) -> Key {
    Key::new("test", name).unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn writer(pid: u32) -> Writer {
    Writer { host: "机-1".to_owned(), pid }
}

fn owner(number: u8) -> Owner {
    Owner::new(writer(number.into()), [number; 16])
}
