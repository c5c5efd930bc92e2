//! What a stranger can do who has seen a message of the bank's: replay it, under any transName and SeqNo, as neither is
//! signed (`SPEC.md §5`).

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use webank::callback::{Call, HandlerError, Repeats};

use crate::partner::{Message, NAME, NOW, Partner, Work};
use crate::stores::{Spy, each_store, plain_store};

fn seen() -> Message {
    Message::new("1001", r#"{"pay":1}"#)
}

#[tokio::test]
async fn a_replay_under_a_guessed_seq_no_does_not_block_the_real_request() {
    each_store(async |store| {
        let partner = Partner::on(store, Work::quick());
        partner.send(&seen()).await;
        assert_eq!(partner.send(&seen().with("SeqNo", "1002")).await.run(), Some(1));
        // The bank's next request, whose SeqNo was guessed.
        let next = Message::new("1002", r#"{"pay":2}"#);
        assert_eq!(partner.send(&next).await.run(), Some(2));
        assert_eq!(partner.send(&next).await.run(), Some(2));
    })
    .await;
}

#[tokio::test]
async fn a_replay_that_comes_first_does_not_make_the_genuine_message_run_again() {
    each_store(async |store| {
        let partner = Partner::on(store, Work::quick());
        assert_eq!(partner.send(&seen().with("SeqNo", "guessed")).await.run(), Some(1));
        let genuine = partner.send(&seen()).await;
        assert_eq!((genuine.run(), &genuine.envelope["SeqNo"]), (Some(1), &"1001".into()));
        // The bank's own repeat shares neither Signature nor SeqNo with what came first.
        assert_eq!(partner.send(&seen().stamped(NOW + 1)).await.run(), Some(1));
        assert_eq!(partner.work.runs(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replays_that_come_at_the_same_time_run_the_handler_once() {
    each_store(async |store| {
        let partner = Partner::on(store, Work::with_passes(0));
        let replays: Vec<_> = (0..40)
            .map(|number| {
                let message = match number % 4 {
                    0 => seen(),
                    1 => seen().with("SeqNo", format!("guess {number}")),
                    2 => seen().without("SeqNo"),
                    _ => seen().with("transName", crate::partner::NAME).with("SeqNo", "one guess"),
                };
                let partner = partner.clone();
                tokio::spawn(async move { partner.send(&message).await.run() })
            })
            .collect();
        partner.work.begun(1).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        partner.work.passes.add_permits(100);
        for run in futures_util::future::join_all(replays).await {
            assert_eq!(run.unwrap(), Some(1));
        }
        assert_eq!(partner.send(&seen().stamped(NOW + 1)).await.run(), Some(1));
        assert_eq!(partner.work.runs(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_replay_under_a_wrong_name_does_not_block_the_real_call() {
    each_store(async |store| {
        let partner = Partner::on(store, Work::quick());
        assert_eq!(partner.send(&seen().with("transName", "Nobody")).await.code(), "0002");
        assert_eq!(partner.send(&seen()).await.run(), Some(1));
    })
    .await;
}

#[tokio::test]
async fn the_same_signature_under_another_name_gets_the_stored_answer() {
    each_store(async |store| {
        let partner = Partner::on(store, Work::quick());
        partner.send(&seen()).await;
        let replayed = partner.send(&seen().with("transName", "Other")).await;
        assert_eq!((replayed.run(), &replayed.envelope["transName"]), (Some(1), &"Other".into()));
        assert_eq!(partner.work.runs(), 1);
    })
    .await;
}

/// So many replays come first, then the genuine message, then the bank's own repeat of it; how many keys that left.
async fn replays_first(replays: usize) -> usize {
    let store = Spy::default();
    let partner = Partner::on(Arc::new(store.clone()), Work::quick());
    for number in 0..replays {
        let answer = partner.send(&seen().with("SeqNo", format!("made up {number}"))).await;
        assert_eq!(answer.run(), Some(1));
    }
    for message in [seen(), seen().stamped(NOW + 1), seen().stamped(NOW + 2)] {
        assert_eq!(partner.send(&message).await.run(), Some(1));
    }
    // Another Plain is not concerned.
    assert_eq!(partner.send(&Message::new("1001", r#"{"pay":2}"#)).await.run(), Some(2));
    assert_eq!(partner.work.runs(), 2);
    store.keys().len()
}

#[tokio::test]
async fn a_thousand_replays_do_not_hide_the_genuine_seq_no() {
    replays_first(1000).await;
}

/// However many SeqNos a stranger makes up, the handler runs once and the store does not grow for ever.
#[tokio::test]
async fn more_replays_than_can_be_remembered_do_not_hide_it_either() {
    let keys = replays_first(4500).await;
    assert!(keys < 4120, "{keys}");
}

/// Many at the same time count against each other; none of them fails for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_of_replays_does_not_keep_the_genuine_message_out() {
    each_store(async |store| {
        let partner = Partner::on(store, Work::quick());
        let replays: Vec<_> = (0..200)
            .map(|number| {
                let seq_no = if number == 150 { "1001".to_owned() } else { format!("guess {number}") };
                let (partner, message) = (partner.clone(), seen().with("SeqNo", seq_no));
                tokio::spawn(async move { partner.send(&message).await.run() })
            })
            .collect();
        for run in futures_util::future::join_all(replays).await {
            assert_eq!(run.unwrap(), Some(1));
        }
        assert_eq!(partner.send(&seen().stamped(NOW + 1)).await.run(), Some(1));
    })
    .await;
}

/// What came under a SeqNo with a Plain makes whatever comes with both a repeat, whoever sent it: which of the SeqNos of
/// one Signature is the bank's cannot be told, and rather no run than two.
#[tokio::test]
async fn a_replay_makes_its_seq_no_with_the_same_plain_known() {
    each_store(async |store| {
        let partner = Partner::on(store, Work::quick());
        partner.send(&seen()).await;
        assert_eq!(partner.send(&seen().with("SeqNo", "1002")).await.run(), Some(1));
        assert_eq!(partner.send(&seen().with("SeqNo", "1002").stamped(NOW + 1)).await.run(), Some(1));
        // One that nobody guessed is a request of its own.
        assert_eq!(partner.send(&seen().with("SeqNo", "1003").stamped(NOW + 2)).await.run(), Some(2));
    })
    .await;
}

/// A partner whose handlers reject what a stranger has made of the genuine message: `Rejecting` all, the right one what
/// has a SeqNo that is too long.
fn choosy(work: &Work) -> Partner {
    let (rejecting, right) = (work.clone(), work.clone());
    Partner::built(Repeats::new(plain_store()), work.clone(), |builder| {
        builder
            .on("Rejecting", move |_: Value, _: Arc<Call>| {
                let work = rejecting.clone();
                async move {
                    work.begin().await;
                    Err(HandlerError::new("no such thing"))
                }
            })
            .on(NAME, move |request: Value, call: Arc<Call>| {
                let work = right.clone();
                async move {
                    if call.seq_no().len() > 1000 {
                        work.begin().await;
                        return Err(HandlerError::new("431"));
                    }
                    work.run(request).await
                }
            })
    })
}

/// The replay's handler runs when the genuine message comes, and fails.
async fn fails_just_before(replay: Message) {
    let work = Work::with_passes(0);
    let partner = choosy(&work);
    let send = |message: Message| {
        let partner = partner.clone();
        tokio::spawn(async move { partner.send(&message).await })
    };
    let replayed = send(replay);
    work.begun(1).await;
    let (genuine, again) = (send(seen()), send(seen()));
    // Both wait by now: there is one thread, and it has nothing else to do.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(work.runs(), 1);
    work.passes.add_permits(9);
    assert_eq!(replayed.await.unwrap().code(), "0099");
    for answer in [genuine, again] {
        assert_eq!(answer.await.unwrap().run(), Some(2));
    }
    assert_eq!(work.runs(), 2);
}

#[tokio::test]
async fn a_replay_that_fails_does_not_take_the_real_call_with_it() {
    fails_just_before(seen().with("transName", "Rejecting")).await;
    fails_just_before(seen().with("SeqNo", "9".repeat(900_000))).await;
}

#[tokio::test]
async fn an_answer_of_ours_that_is_sent_back_is_no_call() {
    let partner = Partner::on(plain_store(), Work::quick());
    let refusal = partner.send(&seen().with("transName", "Nobody")).await;
    let back = Message { envelope: refusal.envelope }.with("transName", crate::partner::NAME);
    assert_eq!(partner.send(&back).await.code(), "0010");
    assert_eq!(partner.work.runs(), 0);
}
