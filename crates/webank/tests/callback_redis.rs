//! Repeats on Redis (`SPEC.md §5`). Where `redis-server` is missing these tests are shown as ignored, or fail under
//! `DUIJIE_REQUIRE_REDIS=1`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

#[path = "callback_service/partner.rs"]
#[allow(dead_code, reason = "the other tests take what these leave")]
mod partner;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Arguments, Trial};
use platform_state::testing::RedisServer;
use platform_state::{RedisStore, Store};
use webank::callback::Repeats;

use crate::partner::{Message, NOW, Partner, Work};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn connect(server: &RedisServer) -> Arc<dyn Store> {
    Arc::new(RedisStore::connect(&server.url()).await.unwrap())
}

fn message() -> Message {
    Message::new("1001", r#"{"a":1}"#)
}

/// `SPEC.md §5`, sentence by sentence.
async fn sentences(server: RedisServer) {
    let partner = Partner::on(connect(&server).await, Work::quick());
    assert_eq!(partner.send(&message().with("SeqNo", "guessed")).await.run(), Some(1));
    for repeat in [
        message(),
        message(),
        message().stamped(NOW + 1),
        message().with("SeqNo", "2"),
        message().without("SeqNo"),
    ] {
        let answer = partner.send(&repeat).await;
        assert_eq!((answer.run(), &answer.envelope["Timestamp"]), (Some(1), &repeat.envelope["Timestamp"]));
    }
    assert_eq!(partner.send(&Message::new("1001", r#"{"a":2}"#)).await.run(), Some(2));
    assert_eq!(partner.send(&message().with("SeqNo", "3").stamped(NOW + 2)).await.run(), Some(3));
    let fails = Message::new("4", r#"{"do":"fail"}"#);
    for _ in 0..2 {
        assert_eq!(partner.send(&fails).await.code(), "0099");
    }
    assert_eq!(partner.work.runs(), 5);
    // After a restart.
    let restarted = Partner::on(connect(&server).await, Work::quick());
    assert_eq!(restarted.send(&message().stamped(NOW + 3)).await.run(), Some(1));
    assert_eq!(restarted.work.runs(), 0);
}

/// A hundred repeats at the same time, over two copies of the service.
async fn at_once(server: RedisServer) {
    let work = Work::with_passes(0);
    let partners = [
        Partner::on(connect(&server).await, work.clone()),
        Partner::on(connect(&server).await, work.clone()),
    ];
    let sent: Vec<_> = (0..100)
        .map(|number| {
            let partner = partners[number % 2].clone();
            let message = message().stamped(NOW + number as u64 / 4);
            tokio::spawn(async move { partner.send(&message).await.run() })
        })
        .collect();
    work.begun(1).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    work.passes.add_permits(100);
    for run in futures_util::future::join_all(sent).await {
        assert_eq!(run.unwrap(), Some(1));
    }
    assert_eq!(work.runs(), 1);
}

/// A process dies in the middle of its handler; the other one runs it when the lease has ended.
fn dead_process() {
    let server = RedisServer::start().unwrap();
    let partner = async |work: &Work| {
        let repeats = Repeats::new(connect(&server).await).lease(Duration::from_millis(300));
        Partner::built(repeats, work.clone(), |builder| builder)
    };
    let (dead, alive) = (Work::with_passes(0), Work::quick());
    let killed = runtime();
    let first = killed.block_on(partner(&dead));
    killed.spawn(async move { first.send(&message()).await });
    killed.block_on(dead.begun(1));
    killed.shutdown_background();
    let run = runtime().block_on(async { partner(&alive).await.send(&message()).await.run() });
    assert_eq!((run, dead.done(), alive.runs()), (Some(1), 0, 1));
}

/// The server goes down while one copy runs the handler and another waits for it: nobody runs it again.
async fn server_down(mut server: RedisServer) {
    let work = Work::with_passes(0);
    let [first, second] = [
        Partner::on(connect(&server).await, work.clone()),
        Partner::on(connect(&server).await, work.clone()),
    ];
    let running = tokio::spawn(async move { first.send(&message()).await });
    work.begun(1).await;
    let waiting = tokio::spawn(async move { second.send(&message()).await });
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(!waiting.is_finished());
    server.stop();
    assert_eq!(waiting.await.unwrap().code(), "0099");
    work.passes.add_permits(9);
    // It has run, and the bank is told so, kept or not.
    assert_eq!(running.await.unwrap().run(), Some(1));
    assert_eq!(work.runs(), 1);
}

/// Replays that come first do not hide the genuine SeqNo.
async fn replays(server: RedisServer) {
    let partner = Partner::on(connect(&server).await, Work::quick());
    for number in 0..200 {
        let replay = message().with("SeqNo", format!("made up {number}"));
        assert_eq!(partner.send(&replay).await.run(), Some(1));
    }
    for genuine in [message(), message().stamped(NOW + 1)] {
        assert_eq!(partner.send(&genuine).await.run(), Some(1));
    }
}

fn main() {
    let without_redis = !RedisServer::is_installed() && !RedisServer::is_required();
    let trial = |name: &str, test: Box<dyn FnOnce() + Send>| {
        let trial = Trial::test(format!("redis::{name}"), move || {
            test();
            Ok(())
        });
        trial
            .with_kind(if without_redis { "needs redis-server" } else { "" })
            .with_ignored_flag(without_redis)
    };
    fn on<F: Future<Output = ()> + 'static>(test: fn(RedisServer) -> F) -> Box<dyn FnOnce() + Send> {
        Box::new(move || runtime().block_on(test(RedisServer::start().unwrap())))
    }
    let trials = vec![
        trial("each_sentence", on(sentences)),
        trial("a_hundred_repeats_on_two_copies_run_once", on(at_once)),
        trial("a_dead_process_delays_no_longer_than_its_lease", Box::new(dead_process)),
        trial("nobody_runs_it_again_when_the_server_goes_down", on(server_down)),
        trial("replays_do_not_hide_the_genuine_seq_no", on(replays)),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
