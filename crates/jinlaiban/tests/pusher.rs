//! The durable push against scripted platforms: what is tried again, what is halved, what ends the run, what is left.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod platform;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jinlaiban::{
    BaseUrl, BatchSize, Client, Config, Counts, CreateDate, Credentials, Enqueued, Event, Journal,
    MemoryJournal, Outcome, Pusher, PusherError, PusherSettings, Record, RunReport, Secret, State,
};
use platform::{Platform, Seen, answer, nobody};
use platform_state::{Most, Owner, Turn, Writer};

fn record(id: usize) -> Record {
    let date = CreateDate::parse("2021-03-17 18:57:03").unwrap();
    Record::new(format!("id-{id}-"), "u", "查询", date).unwrap()
}

fn records(count: usize) -> Vec<Record> {
    (0..count).map(record).collect()
}

fn client(base: &BaseUrl, appcode: &str) -> Client {
    let credentials = Credentials::new(appcode, "m", Secret::new("s3cret").unwrap()).unwrap();
    Client::builder(credentials).http(Config::new(base.clone())).build().unwrap()
}

fn quick() -> PusherSettings {
    let mut settings = PusherSettings::default();
    settings.first_pause = Duration::from_millis(1);
    settings.longest_pause = Duration::from_millis(2);
    settings
}

struct Bench {
    platform: Platform,
    journal: Arc<MemoryJournal>,
    pusher: Pusher,
}

impl Bench {
    async fn new(
        settings: PusherSettings,
        answer: impl Fn(usize, &Seen) -> Vec<u8> + Send + 'static,
    ) -> Self {
        let platform = Platform::judging(answer).await;
        let journal = Arc::new(MemoryJournal::new());
        let pusher = Pusher::open(client(&platform.base, "a"), journal.clone(), settings).await.unwrap();
        Self { platform, journal, pusher }
    }

    async fn push(&self, records: &[Record]) -> RunReport {
        self.pusher.feed().unwrap().enqueue(records).await.unwrap();
        self.pusher.run(2).await
    }

    async fn check(&self, [queued, unknown, accepted, refused]: [u64; 4]) {
        let expected = Counts { queued, sending: 0, unknown, accepted, refused };
        assert_eq!(self.journal.counts().await.unwrap(), expected);
    }
}

const OK: &str = r#"{"status":"200","msg":"提交成功"}"#;
const ERROR: &str = r#"{"status":"300","msg":"异常"}"#;
const FORBIDDEN: &str = r#"{"status":"302","msg":"没有权限"}"#;

fn has(seen: &Seen, id: usize) -> bool {
    String::from_utf8(seen.body.clone()).unwrap().contains(&format!("id-{id}-"))
}

#[tokio::test]
async fn everything_is_accepted_and_sent_once() {
    let bench = Bench::new(quick(), |_, _| answer(200, OK)).await;
    let report = bench.push(&records(4001)).await;
    report.ended.unwrap();
    assert_eq!((report.totals.queued, report.totals.accepted, report.totals.requests), (4001, 4001, 3));
    bench.check([0, 0, 4001, 0]).await;
    // The same file again: nothing is sent.
    let said = bench.pusher.feed().unwrap().enqueue(&records(4001)).await.unwrap();
    assert!(said.iter().all(|said| *said == Enqueued::Known(State::Accepted)));
    bench.pusher.run(2).await.ended.unwrap();
    assert_eq!(bench.platform.seen().len(), 3);
}

#[tokio::test]
async fn limits_hold() {
    let mut settings = quick();
    settings.size = BatchSize::new(3).unwrap().max_bytes(500);
    let bench = Bench::new(settings, |_, seen| {
        let form = String::from_utf8(seen.body.clone()).unwrap();
        let data = form.split("data=").nth(1).unwrap();
        assert!(data.len() <= 500 || data.matches("create_date").count() == 1, "{}", data.len());
        answer(200, OK)
    })
    .await;
    bench.push(&records(10)).await.ended.unwrap();
    bench.check([0, 0, 10, 0]).await;
}

#[tokio::test]
async fn unknown_outcomes_are_sent_again_as_they_were() {
    let answers = [vec![], answer(500, "<html>"), answer(200, "<html>"), answer(200, OK)];
    let bench = Bench::new(quick(), move |number, _| answers[number.min(3)].clone()).await;
    let report = bench.push(&records(3)).await;
    report.ended.unwrap();
    assert_eq!((report.totals.unknown, report.totals.requests, report.totals.accepted), (3, 4, 3));
    let seen = bench.platform.seen();
    let data =
        |seen: &Seen| String::from_utf8(seen.body.clone()).unwrap().split("data=").nth(1).unwrap().to_owned();
    let head =
        |seen: &Seen| String::from_utf8(seen.body.clone()).unwrap().split("data=").next().unwrap().to_owned();
    for pair in seen.windows(2) {
        assert_eq!(data(&pair[0]), data(&pair[1]));
        assert_ne!(head(&pair[0]), head(&pair[1]), "each request is signed anew");
    }
}

#[tokio::test]
async fn a_platform_that_never_answers_ends_the_run_with_an_unknown_outcome() {
    let bench = Bench::new(quick(), |_, _| vec![]).await;
    let report = bench.push(&records(3)).await;
    let Err(PusherError::Failed(error)) = report.ended else { panic!("{report:?}") };
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(report.totals.requests, 5);
    bench.check([0, 3, 0, 0]).await;
}

#[tokio::test]
async fn a_platform_that_is_not_there_leaves_the_records_queued() {
    let base = nobody().await;
    let journal = Arc::new(MemoryJournal::new());
    let pusher = Pusher::open(client(&base, "a"), journal.clone(), quick()).await.unwrap();
    pusher.feed().unwrap().enqueue(&records(3)).await.unwrap();
    let report = pusher.run(1).await;
    let Err(PusherError::Failed(error)) = report.ended else { panic!("{report:?}") };
    assert_eq!((error.outcome(), report.totals.requests), (Outcome::NotSent, 5));
    assert_eq!(journal.counts().await.unwrap(), Counts { queued: 3, ..Counts::default() });
}

#[tokio::test]
async fn three_hundred_is_tried_again() {
    let bench = Bench::new(quick(), |number, _| answer(200, if number < 4 { ERROR } else { OK })).await;
    let report = bench.push(&records(2)).await;
    report.ended.unwrap();
    assert_eq!(report.totals.requests, 5);
    bench.check([0, 0, 2, 0]).await;
}

#[tokio::test]
async fn three_hundred_for_ever_ends_the_run_and_blames_no_record() {
    for count in [1, 2, 2000] {
        let bench = Bench::new(quick(), |_, _| answer(200, ERROR)).await;
        let report = bench.push(&records(count)).await;
        let Err(PusherError::RefusesAll(refused)) = report.ended else { panic!("{report:?}") };
        assert_eq!(refused.status().as_str(), "300");
        assert!(report.totals.requests <= 5 + 32, "{:?}", report.totals);
        bench.check([count as u64, 0, 0, 0]).await;
    }
}

#[tokio::test]
async fn one_bad_record_does_not_hold_the_others_back() {
    for status in [ERROR, r#"{"status":"999","msg":"数据错误"}"#] {
        let refused = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&refused);
        let settings = quick().on_event(move |event, _| {
            if let Event::Refused { id, refusal } = event {
                assert_eq!((*id, refusal.status().as_str().len()), ("id-700-", 3));
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        let bench =
            Bench::new(settings, move |_, seen| answer(200, if has(seen, 700) { status } else { OK })).await;
        let report = bench.push(&records(4000)).await;
        report.ended.unwrap();
        assert_eq!((report.totals.accepted, report.totals.refused), (3999, 1));
        assert_eq!(refused.load(Ordering::SeqCst), 1);
        assert!(report.totals.requests < 40, "{:?}", report.totals);
        bench.check([0, 0, 3999, 1]).await;
        let page = bench.journal.export(State::Refused, None, 10).await.unwrap();
        assert_eq!(page.records[0].id, "id-700-");
        assert_eq!(Record::from_json(page.records[0].content.as_ref().unwrap()).unwrap(), record(700));
        assert_eq!(page.records[0].refusal.as_ref().unwrap().0.len(), 3);
    }
}

const STRANGE: &str = r#"{"status":"999","msg":"数据错误"}"#;

fn judge(seen: &Seen, bad: impl IntoIterator<Item = usize>, status: &str) -> Vec<u8> {
    let body = String::from_utf8(seen.body.clone()).unwrap();
    let is_bad = bad.into_iter().any(|id| body.contains(&format!("id-{id}-")));
    if !is_bad {
        return answer(200, OK);
    }
    if status.is_empty() { answer(500, "<html>") } else { answer(200, status) }
}

fn singly() -> PusherSettings {
    let mut settings = quick();
    settings.size = BatchSize::new(1).unwrap();
    settings
}

#[tokio::test]
async fn bad_records_that_come_first_do_not_hold_the_others_back() {
    for status in [ERROR, STRANGE] {
        for workers in [1, 3] {
            let bench = Bench::new(singly(), move |_, seen| judge(seen, 0..3, status)).await;
            bench.pusher.feed().unwrap().enqueue(&records(10)).await.unwrap();
            bench.pusher.run(workers).await.ended.unwrap();
            bench.check([0, 0, 7, 3]).await;
        }
    }
}

#[tokio::test]
async fn a_lone_record_of_an_unknown_batch_is_refused_after_a_crash() {
    for status in [ERROR, STRANGE] {
        let bench = Bench::new(quick(), move |_, seen| judge(seen, [0], status)).await;
        // A run before has accepted others, and died while it tried the suspect.
        bench.pusher.feed().unwrap().enqueue(&records(1)).await.unwrap();
        let owner = Owner::new(Writer::this_process(), 1_u128.to_le_bytes());
        let most = Most { items: 2000, weight: u64::MAX };
        let Turn::Batch(claim) = bench.journal.claim(&owner, most, Duration::from_secs(9)).await.unwrap()
        else {
            panic!("nothing to claim")
        };
        assert!(bench.journal.release(claim.ticket, true).await.unwrap());
        // Nobody knows anything yet: it is not blamed, and stays.
        let report = bench.pusher.run(1).await;
        assert!(matches!(report.ended, Err(PusherError::RefusesAll(_))), "{report:?}");
        bench.check([0, 1, 0, 0]).await;
        // It goes first, and yet the others arrive.
        let others: Vec<_> = (1..5).map(record).collect();
        bench.push(&others).await.ended.unwrap();
        bench.check([0, 0, 4, 1]).await;
        // And where it is alone, what was accepted before is enough.
        assert_eq!(bench.journal.retry(9).await.unwrap(), 1);
        let again = Pusher::open(client(&bench.platform.base, "a"), bench.journal.clone(), quick()).await;
        again.unwrap().run(2).await.ended.unwrap();
        bench.check([0, 0, 4, 1]).await;
    }
}

#[tokio::test]
async fn a_crowd_of_bad_records_is_refused_and_the_others_accepted() {
    let bench = Bench::new(quick(), |_, seen| judge(seen, 1000..1800, STRANGE)).await;
    let report = bench.push(&records(3000)).await;
    report.ended.unwrap();
    assert_eq!((report.totals.accepted, report.totals.refused), (2200, 800));
    assert!(report.totals.requests <= 2 * 2000, "{:?}", report.totals);
    bench.check([0, 0, 2200, 800]).await;
}

#[tokio::test]
async fn what_the_platform_cannot_answer_does_not_hold_the_others_back() {
    for (count, size) in [(40, 2000), (4000, 2000), (20, 1), (40, 7)] {
        for bad in [0, 11] {
            let mut settings = quick();
            settings.size = BatchSize::new(size).unwrap();
            let bench = Bench::new(settings, move |_, seen| judge(seen, [bad], "")).await;
            // Something was accepted before.
            bench.push(&[record(9999)]).await.ended.unwrap();
            let report = bench.push(&records(count)).await;
            let Err(PusherError::Failed(error)) = report.ended else { panic!("{report:?}") };
            assert_eq!(error.outcome(), Outcome::Unknown);
            assert!(report.totals.requests < 80, "{:?}", report.totals);
            bench.check([0, 1, count as u64, 0]).await;
        }
    }
}

#[tokio::test]
async fn three_hundred_and_two_stops_at_once() {
    let bench = Bench::new(quick(), |number, _| answer(200, if number == 0 { OK } else { FORBIDDEN })).await;
    bench.pusher.feed().unwrap().enqueue(&records(9000)).await.unwrap();
    let report = bench.pusher.run(1).await;
    let Err(PusherError::Forbidden(refused)) = report.ended else { panic!("{report:?}") };
    assert!(refused.to_string().contains("operator") && refused.to_string().contains("没有权限"));
    assert_eq!(bench.platform.seen().len(), 2);
    bench.check([7000, 0, 2000, 0]).await;
}

#[tokio::test]
async fn a_journal_serves_one_target() {
    let bench = Bench::new(quick(), |_, _| answer(200, OK)).await;
    let other = client(&bench.platform.base, "b");
    let error = Pusher::open(other, bench.journal.clone(), quick()).await.unwrap_err();
    let PusherError::Target { served, ours } = &error else { panic!("{error}") };
    assert!(served.contains("appcode=a ") && ours.contains("appcode=b "));
    assert!(!error.to_string().contains("s3cret"));
}

#[tokio::test]
async fn a_stop_gives_back_what_was_not_sent() {
    let slow: Arc<tokio::sync::Notify> = Arc::default();
    let bench = Bench::new(quick(), |_, _| answer(200, OK)).await;
    let mut settings = quick();
    settings.size = BatchSize::new(1).unwrap();
    let told = Arc::clone(&slow);
    let settings = settings.on_event(move |event, totals| {
        if matches!(event, Event::Accepted { .. }) && totals.accepted == 3 {
            told.notify_one();
        }
    });
    let journal: Arc<dyn Journal> = bench.journal.clone();
    let pusher = Pusher::open(client(&bench.platform.base, "a"), journal, settings).await.unwrap();
    let feed = pusher.feed().unwrap();
    feed.enqueue(&records(1000)).await.unwrap();
    let stopping = async {
        slow.notified().await;
        pusher.stop();
    };
    // The feed is still open: without the stop the run would wait for more.
    let (report, ()) = tokio::join!(pusher.run(2), stopping);
    report.ended.unwrap();
    let counts = bench.journal.counts().await.unwrap();
    assert!(counts.accepted >= 3 && counts.accepted + counts.queued == 1000, "{counts:?}");
    drop(feed);
    pusher.run(2).await.ended.unwrap();
    bench.check([0, 0, 1000, 0]).await;
    assert_eq!(bench.platform.seen().len(), 1000, "nothing was sent twice");
}

#[tokio::test]
async fn a_run_waits_for_its_feeds() {
    let bench = Bench::new(quick(), |_, _| answer(200, OK)).await;
    let feed = bench.pusher.feed().unwrap();
    let feeding = async {
        for id in 0..20 {
            feed.enqueue(&[record(id)]).await.unwrap();
            tokio::task::yield_now().await;
        }
        drop(feed);
    };
    let (report, ()) = tokio::join!(bench.pusher.run(3), feeding);
    report.ended.unwrap();
    bench.check([0, 0, 20, 0]).await;
}

#[tokio::test]
async fn what_is_no_record_is_said() {
    let bench = Bench::new(quick(), |_, _| answer(200, OK)).await;
    bench.journal.enqueue(1, vec![jinlaiban::Item::new("x", "no json")]).await.unwrap();
    let report = bench.pusher.run(1).await;
    assert!(matches!(&report.ended, Err(PusherError::Content { id }) if id == "x"), "{report:?}");
    bench.check([1, 0, 0, 0]).await;
}
