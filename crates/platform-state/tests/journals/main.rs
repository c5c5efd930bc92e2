//! The three journals keep the same promises; then what those in a file and on a server alone are about. Where
//! `redis-server` is missing its tests are shown as ignored, or fail under `DUIJIE_REQUIRE_REDIS=1`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod cases;
mod child;
mod files;

use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Trial};
use platform_state::testing::RedisServer;
use platform_state::{Journal, MemoryJournal, RedisJournal, SqliteJournal};

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}

static MADE: AtomicU32 = AtomicU32::new(0);

/// A folder that is gone after the test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("platform-state-journals-{}-{number}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays in the folder for temporary things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn trial(name: String, work: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        work();
        Ok(())
    })
}

fn main() {
    if child::run() {
        return;
    }
    let mut trials = Vec::new();
    let without_redis = !RedisServer::is_installed() && !RedisServer::is_required();
    let server = Arc::new(OnceLock::new());
    for (number, (name, case)) in cases::cases().into_iter().enumerate() {
        let memory: Arc<dyn Journal> = Arc::new(MemoryJournal::new());
        trials.push(trial(format!("memory::{name}"), move || run(case(memory))));
        trials.push(trial(format!("sqlite::{name}"), move || {
            let folder = Folder::new();
            run(async { case(Arc::new(SqliteJournal::open(&folder.0).await.unwrap())).await });
        }));
        let server = Arc::clone(&server);
        let work = move || {
            // One server for all, and a database for each.
            let url = format!("{}/{number}", server.get_or_init(|| RedisServer::start().unwrap()).url());
            run(async { case(Arc::new(RedisJournal::connect(&url).await.unwrap())).await });
        };
        let redis = trial(format!("redis::{name}"), work)
            .with_kind(if without_redis { "needs redis-server" } else { "" })
            .with_ignored_flag(without_redis);
        trials.push(redis);
    }
    for (name, single) in files::singles() {
        trials.push(trial(format!("sqlite::{name}"), move || run(single())));
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    // `exit` would leave the server's folder behind.
    drop(server);
    conclusion.exit();
}
