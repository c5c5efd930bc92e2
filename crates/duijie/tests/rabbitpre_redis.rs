//! `duijie rabbitpre serve --state redis://…`. Where `redis-server` is missing these tests are shown as ignored, or fail
//! under `DUIJIE_REQUIRE_REDIS=1`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

#[path = "rabbitpre/serving.rs"]
mod serving;

use std::future::Future;

use libtest_mimic::{Arguments, Trial};
use platform_state::testing::RedisServer;

async fn kill() {
    let server = RedisServer::start_with(&["--appendonly", "yes", "--appendfsync", "always"]).unwrap();
    serving::survives_kill(&server.url()).await;
}

async fn two() {
    let server = RedisServer::start().unwrap();
    serving::two_see_each_other(&server.url()).await;
}

/// Without its state, nobody is let in by a saved setting; and the process goes on.
async fn gone() {
    let mut server = RedisServer::start_with(&["--appendonly", "yes", "--appendfsync", "always"]).unwrap();
    let folder = serving::Folder::new("redis-gone");
    let args = [&folder.usual()[..], &["--state".to_owned(), server.url()]].concat();
    let serve = serving::Serving::start(&args, &[]).await;
    let (editor, page) = (serve.editor(), serve.page());
    let id = editor.save(&serving::aged(30)).await.unwrap();
    server.stop();
    // What was known goes stale.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let request = platform_sandbox::CheckRequest::user("1").saved(&id);
    let verdict = page.check(&request).await;
    assert!(!verdict.allowed && verdict.code.as_deref() != Some("200"), "{verdict:?}");
    assert!(editor.save(&serving::aged(31)).await.is_err());
    assert!(page.check(&platform_sandbox::CheckRequest::user("1")).await.allowed, "what needs no setting");
    server.start_again().unwrap();
    assert!(serving::lets_in(&page, &id, 30).await);
}

fn main() {
    let without_redis = !RedisServer::is_installed() && !RedisServer::is_required();
    fn trial<F: Future<Output = ()> + 'static>(name: &str, without_redis: bool, test: fn() -> F) -> Trial {
        let trial = Trial::test(format!("redis::{name}"), move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            runtime.unwrap().block_on(test());
            Ok(())
        });
        trial
            .with_kind(if without_redis { "needs redis-server" } else { "" })
            .with_ignored_flag(without_redis)
    }
    let trials = vec![
        trial("kill_9_during_saves_loses_nothing_that_was_answered", without_redis, kill),
        trial("two_instances_see_each_others_saves", without_redis, two),
        trial("a_server_that_is_gone_denies", without_redis, gone),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
