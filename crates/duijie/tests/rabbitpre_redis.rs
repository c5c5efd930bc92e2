//! `duijie rabbitpre serve --state redis://…`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

#[path = "rabbitpre/serving.rs"]
mod serving;
mod with_redis;

use libtest_mimic::Arguments;
use platform_state::testing::RedisServer;

use crate::with_redis::trial;

async fn kill() {
    let server = with_redis::durable();
    serving::survives_kill(&server.url()).await;
}

async fn two() {
    let server = RedisServer::start().unwrap();
    serving::two_see_each_other(&server.url()).await;
}

/// Without its state, nobody is let in by a saved setting; and the process goes on.
async fn gone() {
    let mut server = with_redis::durable();
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
    let trials = vec![
        trial("kill_9_during_saves_loses_nothing_that_was_answered", kill),
        trial("two_instances_see_each_others_saves", two),
        trial("a_server_that_is_gone_denies", gone),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
