//! One message, one run: `SPEC.md §5`, sentence by sentence.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use platform_state::Store;
use serde_json::{Value, json};
use webank::callback::{Answer, Call, Repeats};

use crate::partner::{Message, NAME, NOW, Opened, Partner, Work};
use crate::stores::{each_store, plain_store};

fn message() -> Message {
    Message::new("1519700632680112122", r#"{"a":1}"#)
}

/// The same answer, echoing the repeat's own envelope.
#[track_caller]
fn check(answer: &Opened, sent: &Message, run: u64) {
    assert_eq!((answer.code(), answer.run()), ("0000", Some(run)));
    for echoed in ["Timestamp", "transName", "SeqNo"] {
        assert_eq!(answer.envelope[echoed], sent.envelope[echoed], "{echoed}");
    }
}

#[tokio::test]
async fn the_same_message_gets_the_stored_answer() {
    each_store(async |store| {
        let partner = Partner::on(store, Work::quick());
        let first = partner.send(&message()).await;
        check(&first, &message(), 1);
        assert_eq!(partner.send(&message()).await, first);
        assert_eq!(partner.work.runs(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_same_seq_no_and_plain_under_a_new_timestamp_is_a_repeat() {
    each_store(async |store| {
        let partner = Partner::on(store, Work::quick());
        partner.send(&message()).await;
        for later in [1, 2, 200_000] {
            let again = message().stamped(NOW + later);
            check(&partner.send(&again).await, &again, 1);
            // And each of them, replayed, is one as well.
            check(&partner.send(&again).await, &again, 1);
        }
        assert_eq!(partner.work.runs(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_same_seq_no_with_another_plain_is_another_request() {
    each_store(async |store| {
        let partner = Partner::on(store, Work::quick());
        partner.send(&message()).await;
        let other = Message::new("1519700632680112122", r#"{"a":2}"#);
        check(&partner.send(&other).await, &other, 2);
        check(&partner.send(&message()).await, &message(), 1);
        check(&partner.send(&other).await, &other, 2);
    })
    .await;
}

#[tokio::test]
async fn the_same_plain_under_another_seq_no_is_another_request() {
    each_store(async |store| {
        let partner = Partner::on(store, Work::quick());
        partner.send(&message()).await;
        let other = Message::new("2", r#"{"a":1}"#).stamped(NOW + 1);
        check(&partner.send(&other).await, &other, 2);
    })
    .await;
}

#[tokio::test]
async fn without_a_seq_no_only_the_signature_counts() {
    each_store(async |store| {
        let partner = Partner::on(store, Work::quick());
        let nameless = message().without("SeqNo");
        assert_eq!(partner.send(&nameless).await.run(), Some(1));
        assert_eq!(partner.send(&nameless).await.run(), Some(1));
        assert_eq!(partner.send(&nameless.clone().with("SeqNo", "")).await.run(), Some(1));
        assert_eq!(partner.send(&nameless.stamped(NOW + 1).without("SeqNo")).await.run(), Some(2));
        // The genuine one, after somebody has taken its SeqNo away, and its own repeat.
        check(&partner.send(&message()).await, &message(), 1);
        let again = message().stamped(NOW + 2);
        check(&partner.send(&again).await, &again, 1);
    })
    .await;
}

#[tokio::test]
async fn the_checks_come_before_repeats() {
    let partner = Partner::new();
    partner.send(&message()).await;
    partner.clock.advance(Duration::from_secs(301));
    assert_eq!(partner.send(&message()).await.code(), "0012");
    let again = message().stamped(NOW + 301_000);
    check(&partner.send(&again).await, &again, 1);
    assert_eq!(partner.send(&again.clone().with("transName", "Nobody")).await.code(), "0002");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_concurrent_repeats_run_the_handler_once() {
    each_store(async |store| {
        let partner = Partner::on(store, Work::with_passes(0));
        let sent = (0..100).map(|number| {
            // Half of them to the letter, half under a Timestamp of their own.
            let message = if number % 2 == 0 { message() } else { message().stamped(NOW + number) };
            let partner = partner.clone();
            tokio::spawn(async move { check(&partner.send(&message).await, &message, 1) })
        });
        let sent: Vec<_> = sent.collect();
        partner.work.begun(1).await;
        partner.work.passes.add_permits(100);
        for answer in join_all(sent).await {
            answer.unwrap();
        }
        assert_eq!(partner.work.runs(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_services_on_one_store_run_the_handler_once() {
    each_store(async |store| {
        let work = Work::with_passes(0);
        let partners = [Partner::on(Arc::clone(&store), work.clone()), Partner::on(store, work.clone())];
        let sent = (0..100).map(|number| {
            let (partner, message) =
                (partners[number % 2].clone(), message().stamped(NOW + number as u64 / 4));
            tokio::spawn(async move { check(&partner.send(&message).await, &message, 1) })
        });
        let sent: Vec<_> = sent.collect();
        work.begun(1).await;
        // Somebody who does not wait would begin now.
        tokio::time::sleep(Duration::from_millis(150)).await;
        work.passes.add_permits(100);
        for answer in join_all(sent).await {
            answer.unwrap();
        }
        assert_eq!(work.runs(), 1);
    })
    .await;
}

/// Different requests do not wait for each other, be their Plain the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_requests_run_at_once() {
    let partner = Partner::on(plain_store(), Work::with_passes(0));
    let sent: Vec<_> = (0..100)
        .map(|number| {
            let (partner, message) = (partner.clone(), message().with("SeqNo", number.to_string()));
            tokio::spawn(async move { partner.send(&message.stamped(NOW + number)).await })
        })
        .collect();
    partner.work.begun(100).await;
    partner.work.passes.add_permits(100);
    let mut runs: Vec<_> =
        join_all(sent).await.into_iter().map(|answer| answer.unwrap().run().unwrap()).collect();
    runs.sort_unstable();
    assert_eq!(runs, (1..=100).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    let folder = crate::stores::Folder::new("restart");
    for (run, salt_turned) in [(1, false), (1, true)] {
        let store: Arc<dyn Store> = Arc::new(folder.sqlite().await);
        let partner = Partner::on(store, Work::quick());
        let message = if salt_turned { message().stamped(NOW + 1) } else { message() };
        check(&partner.send(&message).await, &message, run);
        assert_eq!(partner.work.runs(), usize::from(!salt_turned));
    }
}

#[tokio::test]
async fn a_failure_is_not_stored_and_a_repeat_runs_the_handler_again() {
    each_store(async |store| {
        for (seq_no, heals) in ["fail once", "panic once"].into_iter().enumerate() {
            let partner = Partner::on(Arc::clone(&store), Work::quick());
            let message = Message::new(&seq_no.to_string(), &format!("{{\"do\":\"{heals}\"}}"));
            assert_eq!(partner.send(&message).await.code(), "0099", "{heals}");
            check(&partner.send(&message).await, &message, 2);
            check(&partner.send(&message).await, &message, 2);
        }
    })
    .await;
}

/// Whoever waits for a handler that fails is told so: a hundred repeats do not run it a hundred times.
#[tokio::test]
async fn who_waits_for_a_failure_is_told_of_it() {
    let partner = Partner::on(plain_store(), Work::with_passes(0));
    let message = Message::new("1", r#"{"do":"fail"}"#);
    let sent: Vec<_> = (0..10)
        .map(|_| {
            let (partner, message) = (partner.clone(), message.clone());
            tokio::spawn(async move { partner.send(&message).await.code().to_owned() })
        })
        .collect();
    partner.work.begun(1).await;
    // All the others are waiting by now: there is one thread, and it has nothing else to do.
    tokio::time::sleep(Duration::from_millis(50)).await;
    partner.work.passes.add_permits(100);
    for code in join_all(sent).await {
        assert_eq!(code.unwrap(), "0099");
    }
    assert_eq!(partner.work.runs(), 1);
}

#[tokio::test]
async fn a_handler_that_is_late_runs_on_and_its_answer_is_kept() {
    let partner = Partner::built(Repeats::new(plain_store()), Work::with_passes(0), |builder| {
        builder.deadline(Duration::from_millis(30))
    });
    assert_eq!(partner.send(&message()).await.code(), "0099");
    // It still runs: the repeat waits for it, as long as it may.
    assert_eq!(partner.send(&message()).await.code(), "0099");
    assert_eq!((partner.work.runs(), partner.work.done()), (1, 0));
    partner.work.passes.add_permits(1);
    partner.service.idle().await;
    check(&partner.send(&message()).await, &message(), 1);
    assert_eq!((partner.work.runs(), partner.work.done()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_never_ends_is_given_up() {
    let partner = Partner::built(Repeats::new(plain_store()), Work::with_passes(0), |builder| {
        builder.deadline(Duration::from_secs(5)).abandon_after(Duration::from_secs(60))
    });
    let begun = tokio::time::Instant::now();
    assert_eq!(partner.send(&message()).await.code(), "0099");
    assert_eq!(begun.elapsed(), Duration::from_secs(5));
    partner.service.idle().await;
    assert_eq!(begun.elapsed(), Duration::from_secs(60));
    partner.work.passes.add_permits(1);
    check(&partner.send(&message()).await, &message(), 2);
    assert_eq!(partner.work.done(), 1);
}

/// The process is killed in the middle of the handler: nothing was answered, so once its lease has ended a repeat runs
/// the handler.
#[test]
fn a_dead_process_delays_a_repeat_no_longer_than_its_lease() {
    let runtime =
        || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (store, lease) = (plain_store(), Duration::from_millis(300));
    let partner =
        |work: &Work| Partner::built(Repeats::new(Arc::clone(&store)).lease(lease), work.clone(), |b| b);
    let (dead, alive) = (Work::with_passes(0), Work::quick());
    let killed = runtime();
    let first = partner(&dead);
    killed.spawn(async move { first.send(&message()).await });
    killed.block_on(dead.begun(1));
    killed.shutdown_background();
    runtime().block_on(async {
        check(&partner(&alive).send(&message()).await, &message(), 1);
    });
    assert_eq!((dead.runs(), dead.done(), alive.runs()), (1, 0, 1));
}

/// While the handler runs the lease is prolonged, however short it is.
#[tokio::test]
async fn a_living_process_keeps_its_lease() {
    let (store, work) = (plain_store(), Work::with_passes(0));
    let repeats = Repeats::new(Arc::clone(&store)).lease(Duration::from_millis(300));
    let (first, second) =
        (Partner::built(repeats.clone(), work.clone(), |b| b), Partner::built(repeats, work.clone(), |b| b));
    let sent = tokio::spawn(async move { first.send(&message()).await });
    work.begun(1).await;
    let repeat = tokio::spawn(async move { second.send(&message()).await });
    tokio::time::sleep(Duration::from_millis(900)).await;
    work.passes.add_permits(9);
    check(&sent.await.unwrap(), &message(), 1);
    check(&repeat.await.unwrap(), &message(), 1);
    assert_eq!(work.runs(), 1);
}

/// A handler that blocks its thread for longer than its lease does not lose it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_handler_that_blocks_its_thread_keeps_its_lease() {
    each_store(async |store| {
        let runs = Arc::new(AtomicUsize::new(0));
        let partner = || {
            let runs = Arc::clone(&runs);
            let repeats = Repeats::new(Arc::clone(&store)).lease(Duration::from_secs(1));
            Partner::built(repeats, Work::quick(), |builder| {
                builder.on(NAME, move |_: Value, _: Arc<Call>| {
                    let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
                    async move {
                        std::thread::sleep(Duration::from_secs(3));
                        Answer::ok(json!({ "run": run }))
                    }
                })
            })
        };
        let sent = [partner(), partner()].map(|partner| {
            tokio::spawn(async move { check(&partner.send(&message()).await, &message(), 1) })
        });
        for answer in sent {
            answer.await.unwrap();
        }
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    })
    .await;
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_stop_the_handler() {
    let partner = Partner::on(plain_store(), Work::with_passes(0));
    let caller = {
        let partner = partner.clone();
        tokio::spawn(async move { partner.send(&message()).await })
    };
    partner.work.begun(1).await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    partner.work.passes.add_permits(1);
    partner.service.idle().await;
    assert_eq!(partner.work.done(), 1);
    check(&partner.send(&message()).await, &message(), 1);
}

/// Two services that share a store without being copies of each other.
#[tokio::test]
async fn scopes_are_kept_apart() {
    let store = plain_store();
    for scope in ["one", "two"] {
        let repeats = Repeats::new(Arc::clone(&store)).scope(scope);
        let partner = Partner::built(repeats, Work::quick(), |builder| builder);
        check(&partner.send(&message()).await, &message(), 1);
        assert_eq!(partner.work.runs(), 1);
    }
}
