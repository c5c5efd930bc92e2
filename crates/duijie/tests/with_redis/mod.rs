//! Tests with a `redis-server` of their own. Where there is none they are shown as ignored, or fail under
//! `DUIJIE_REQUIRE_REDIS=1`.

use std::future::Future;

use libtest_mimic::Trial;
use platform_state::testing::RedisServer;

/// Nothing to start, and nobody who insists.
pub(crate) fn is_missing() -> bool {
    !RedisServer::is_installed() && !RedisServer::is_required()
}

/// What it was told is on its disk before it answers.
pub(crate) fn durable() -> RedisServer {
    RedisServer::start_with(&["--appendonly", "yes", "--appendfsync", "always"]).unwrap()
}

pub(crate) fn trial<F: Future<Output = ()> + 'static>(name: &str, test: fn() -> F) -> Trial {
    let missing = is_missing();
    let trial = Trial::test(format!("redis::{name}"), move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.unwrap().block_on(test());
        Ok(())
    });
    trial.with_kind(if missing { "needs redis-server" } else { "" }).with_ignored_flag(missing)
}
