//! What every journal promises.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use platform_state::{Claim, Counts, Enqueued, Item, Journal, Most, Owner, State, Turn, Verdict, Writer};

type Shared = Arc<dyn Journal>;
type Case = fn(Shared) -> Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) fn cases() -> Vec<(&'static str, Case)> {
    vec![
        ("records_come_in_order_and_in_limits", |journal| Box::pin(order(journal))),
        ("a_record_is_known_by_its_id", |journal| Box::pin(known(journal))),
        ("other_content_is_queued_in_every_state", |journal| Box::pin(replaced(journal))),
        ("within_a_run_an_id_has_one_content", |journal| Box::pin(runs(journal))),
        ("an_ended_lease_is_an_unknown_outcome", |journal| Box::pin(unknown(journal))),
        ("a_void_ticket_settles_nothing", |journal| Box::pin(fenced(journal))),
        ("what_was_not_sent_is_queued_again", |journal| Box::pin(unsent(journal))),
        ("what_is_refused_is_kept_and_tried_again", |journal| Box::pin(refused(journal))),
        ("what_was_accepted_is_forgotten_in_time", |journal| Box::pin(forgotten(journal))),
        ("many_are_forgotten_by_and_by", |journal| Box::pin(forgotten_by_and_by(journal))),
        ("a_journal_serves_one", |journal| Box::pin(target(journal))),
        ("many_workers_get_each_record_once", |journal| Box::pin(crowd(journal))),
        ("ten_thousand_records_go_through", |journal| Box::pin(many(journal))),
    ]
}

const LONG: Duration = Duration::from_secs(3600);
const MOST: Most = Most { items: 100, weight: 1 << 20 };

fn owner(number: u8) -> Owner {
    Owner::new(Writer { host: "机-1".to_owned(), pid: number.into() }, [number; 16])
}

fn item(id: &str, content: &str) -> Item {
    Item::new(id, content)
}

async fn put(journal: &Shared, run: u64, items: &[(&str, &str)]) -> Vec<Enqueued> {
    let items = items.iter().map(|(id, content)| item(id, content)).collect();
    journal.enqueue(run, items).await.unwrap()
}

async fn turn(journal: &Shared, most: Most, lease: Duration) -> Turn {
    journal.claim(&owner(1), most, lease).await.unwrap()
}

async fn claim(journal: &Shared, lease: Duration) -> Claim {
    let Turn::Batch(claim) = turn(journal, MOST, lease).await else { panic!("no batch") };
    claim
}

fn ids(claim: &Claim) -> Vec<&str> {
    claim.items.iter().map(|item| item.id.as_str()).collect()
}

fn contents(claim: &Claim) -> Vec<&str> {
    claim.items.iter().map(|item| std::str::from_utf8(&item.content).unwrap()).collect()
}

fn all(claim: &Claim, verdict: &Verdict) -> Vec<(u64, Verdict)> {
    claim.items.iter().map(|item| (item.place, verdict.clone())).collect()
}

async fn accept(journal: &Shared, claim: &Claim) -> bool {
    journal.settle(claim.ticket, all(claim, &Verdict::Accepted)).await.unwrap()
}

fn refusal() -> Verdict {
    Verdict::Refused { code: "300".to_owned(), message: "异常".to_owned() }
}

async fn check(journal: &Shared, [queued, sending, unknown, accepted, refused]: [u64; 5]) {
    let expected = Counts { queued, sending, unknown, accepted, refused };
    assert_eq!(journal.counts().await.unwrap(), expected);
    for state in State::ALL {
        let page = journal.export(state, None, 1000).await.unwrap();
        assert_eq!((page.records.len() as u64, page.next), (expected.of(state), None), "{state}");
    }
}

async fn order(journal: Shared) {
    let said = put(&journal, 1, &[("c", "1"), ("a", "22"), ("b", "333"), ("d", "4")]).await;
    assert_eq!(said, [Enqueued::New; 4]);
    let Turn::Batch(first) = turn(&journal, Most { items: 2, weight: 100 }, LONG).await else { panic!() };
    assert_eq!(ids(&first), ["c", "a"]);
    check(&journal, [2, 2, 0, 0, 0]).await;
    // At least one, whatever it weighs.
    let Turn::Batch(second) = turn(&journal, Most { items: 9, weight: 1 }, LONG).await else { panic!() };
    assert_eq!((ids(&second), contents(&second)), (vec!["b"], vec!["333"]));
    let third = claim(&journal, LONG).await;
    assert_eq!(ids(&third), ["d"]);
    let Turn::Wait(left) = turn(&journal, MOST, LONG).await else { panic!("not waiting") };
    assert!(left <= LONG && left > LONG / 2);
    for claim in [first, second, third] {
        assert!(accept(&journal, &claim).await);
    }
    assert_eq!(turn(&journal, MOST, LONG).await, Turn::Empty);
    check(&journal, [0, 0, 0, 4, 0]).await;
}

async fn known(journal: Shared) {
    put(&journal, 1, &[("a", "x")]).await;
    assert_eq!(put(&journal, 2, &[("a", "x")]).await, [Enqueued::Known(State::Queued)]);
    let claim = claim(&journal, LONG).await;
    assert_eq!(put(&journal, 3, &[("a", "x")]).await, [Enqueued::Known(State::Sending)]);
    journal.release(claim.ticket, true).await.unwrap();
    assert_eq!(put(&journal, 4, &[("a", "x")]).await, [Enqueued::Known(State::Unknown)]);
    let Turn::Batch(again) = turn(&journal, MOST, LONG).await else { panic!() };
    accept(&journal, &again).await;
    assert_eq!(put(&journal, 5, &[("a", "x")]).await, [Enqueued::Known(State::Accepted)]);
    assert_eq!(turn(&journal, MOST, LONG).await, Turn::Empty);
}

async fn replaced(journal: Shared) {
    put(&journal, 1, &[("a", "1")]).await;
    assert_eq!(put(&journal, 2, &[("a", "2")]).await, [Enqueued::Replaced(State::Queued)]);
    check(&journal, [1, 0, 0, 0, 0]).await;
    let first = claim(&journal, LONG).await;
    assert_eq!(contents(&first), ["2"]);
    // What is being sent is not changed; the newest content follows it, and only that.
    assert_eq!(put(&journal, 3, &[("a", "3")]).await, [Enqueued::Replaced(State::Sending)]);
    assert_eq!(put(&journal, 4, &[("a", "4")]).await, [Enqueued::Replaced(State::Sending)]);
    assert_eq!(journal.counts().await.unwrap().queued, 1);
    let Turn::Wait(_) = turn(&journal, MOST, LONG).await else { panic!("an id is sent by two") };
    journal.release(first.ticket, true).await.unwrap();
    let again = claim(&journal, LONG).await;
    assert_eq!(contents(&again), ["2"]);
    accept(&journal, &again).await;
    let newest = claim(&journal, LONG).await;
    assert_eq!(contents(&newest), ["4"]);
    accept(&journal, &newest).await;
    check(&journal, [0, 0, 0, 1, 0]).await;
    assert_eq!(put(&journal, 5, &[("a", "5")]).await, [Enqueued::Replaced(State::Accepted)]);
    check(&journal, [1, 0, 0, 0, 0]).await;
    let last = claim(&journal, LONG).await;
    journal.settle(last.ticket, all(&last, &refusal())).await.unwrap();
    assert_eq!(put(&journal, 6, &[("a", "5")]).await, [Enqueued::Known(State::Refused)]);
    assert_eq!(put(&journal, 7, &[("a", "6")]).await, [Enqueued::Replaced(State::Refused)]);
    check(&journal, [1, 0, 0, 0, 0]).await;
}

async fn runs(journal: Shared) {
    let said = put(&journal, 1, &[("a", "1"), ("a", "1"), ("a", "2"), ("b", "1")]).await;
    assert_eq!(said, [Enqueued::New, Enqueued::Repeated, Enqueued::Taken, Enqueued::New]);
    let said = put(&journal, 2, &[("a", "1"), ("a", "2"), ("a", "1")]).await;
    assert_eq!(said, [Enqueued::Known(State::Queued), Enqueued::Taken, Enqueued::Repeated]);
    assert_eq!(contents(&claim(&journal, LONG).await), ["1", "1"]);
}

async fn unknown(journal: Shared) {
    put(&journal, 1, &[("a", "1"), ("b", "2")]).await;
    let first = claim(&journal, Duration::ZERO).await;
    put(&journal, 1, &[("c", "3")]).await;
    check(&journal, [1, 0, 2, 0, 0]).await;
    // The same records, before any others, whatever limits hold now.
    let Turn::Batch(again) = turn(&journal, Most { items: 1, weight: 1 }, LONG).await else { panic!() };
    assert_eq!(again.items, first.items);
    assert_eq!((again.ticket.batch, again.ticket.attempt), (first.ticket.batch, 2));
    check(&journal, [1, 2, 0, 0, 0]).await;
    // What a part of it became is known; the rest is unknown again.
    journal.settle(again.ticket, vec![(again.items[0].place, Verdict::Accepted)]).await.unwrap();
    assert!(journal.release(again.ticket, false).await.unwrap());
    check(&journal, [1, 0, 1, 1, 0]).await;
    let rest = claim(&journal, LONG).await;
    assert_eq!(ids(&rest), ["b"]);
    assert!(journal.renew(rest.ticket, LONG).await.unwrap());
    accept(&journal, &rest).await;
    assert_eq!(ids(&claim(&journal, LONG).await), ["c"]);
}

async fn fenced(journal: Shared) {
    put(&journal, 1, &[("a", "1")]).await;
    let slow = claim(&journal, Duration::ZERO).await;
    // Nobody else has it yet: what he knows counts.
    assert!(journal.renew(slow.ticket, LONG).await.unwrap());
    assert!(journal.release(slow.ticket, true).await.unwrap());
    // A renewal that was on its way does not bring the lease back.
    assert!(!journal.renew(slow.ticket, LONG).await.unwrap());
    check(&journal, [0, 0, 1, 0, 0]).await;
    let quick = claim(&journal, LONG).await;
    assert!(!accept(&journal, &slow).await);
    assert!(!journal.renew(slow.ticket, LONG).await.unwrap());
    assert!(!journal.release(slow.ticket, true).await.unwrap());
    check(&journal, [0, 1, 0, 0, 0]).await;
    assert!(accept(&journal, &quick).await);
    assert!(!accept(&journal, &quick).await);
    // Numbers are not used twice.
    put(&journal, 1, &[("b", "1")]).await;
    assert_ne!(claim(&journal, LONG).await.ticket.batch, quick.ticket.batch);
}

async fn unsent(journal: Shared) {
    put(&journal, 1, &[("a", "1"), ("b", "1")]).await;
    let first = claim(&journal, LONG).await;
    put(&journal, 2, &[("b", "2")]).await;
    assert!(journal.release(first.ticket, false).await.unwrap());
    check(&journal, [2, 0, 0, 0, 0]).await;
    let again = claim(&journal, LONG).await;
    assert_eq!((ids(&again), contents(&again)), (vec!["a", "b"], vec!["1", "2"]));
    assert!(!accept(&journal, &first).await);
}

async fn refused(journal: Shared) {
    put(&journal, 1, &[("a", "1"), ("b", "2"), ("c", "3")]).await;
    let batch = claim(&journal, LONG).await;
    let verdicts = vec![(batch.items[0].place, refusal()), (batch.items[1].place, Verdict::Accepted)];
    assert!(journal.settle(batch.ticket, verdicts).await.unwrap());
    journal.settle(batch.ticket, vec![(batch.items[2].place, refusal())]).await.unwrap();
    check(&journal, [0, 0, 0, 1, 2]).await;
    let page = journal.export(State::Refused, None, 1).await.unwrap();
    assert_eq!(page.records[0].content.as_deref(), Some(b"1".as_slice()));
    assert_eq!(page.records[0].refusal, Some(("300".to_owned(), "异常".to_owned())));
    let rest = journal.export(State::Refused, page.next, 1).await.unwrap();
    assert_eq!((rest.records[0].id.as_str(), rest.next), ("c", None));
    assert_eq!(turn(&journal, MOST, LONG).await, Turn::Empty);
    assert_eq!(journal.retry(1).await.unwrap(), 1);
    assert_eq!(journal.retry(9).await.unwrap(), 1);
    assert_eq!(journal.retry(9).await.unwrap(), 0);
    let again = claim(&journal, LONG).await;
    assert_eq!(ids(&again), ["a", "c"]);
    accept(&journal, &again).await;
    check(&journal, [0, 0, 0, 3, 0]).await;
}

async fn forgotten(journal: Shared) {
    put(&journal, 1, &[("a", "1"), ("b", "2"), ("c", "3")]).await;
    let batch = claim(&journal, LONG).await;
    let two = vec![(batch.items[0].place, Verdict::Accepted), (batch.items[1].place, Verdict::Accepted)];
    journal.settle(batch.ticket, two).await.unwrap();
    assert_eq!(journal.forget(LONG, 100).await.unwrap(), 0);
    assert_eq!(journal.forget(Duration::ZERO, 100).await.unwrap(), 2);
    check(&journal, [0, 1, 0, 0, 0]).await;
    assert_eq!(put(&journal, 2, &[("a", "1")]).await, [Enqueued::New]);
    accept(&journal, &batch).await;
    assert_eq!(ids(&claim(&journal, LONG).await), ["a"]);
}

/// At most so many at once, and fewer only when there are no more.
async fn forgotten_by_and_by(journal: Shared) {
    const ALL: usize = 3000;
    let items = (0..ALL).map(|id| Item::new(id.to_string(), "1")).collect();
    journal.enqueue(1, items).await.unwrap();
    let batch = claim(&journal, LONG).await;
    accept(&journal, &batch).await;
    let rest = put(&journal, 1, &[("a", "1")]).await;
    assert_eq!(rest, [Enqueued::New]);
    let mut left = journal.counts().await.unwrap().accepted;
    assert!(left > 0);
    while left > 0 {
        let forgotten = journal.forget(Duration::ZERO, 700).await.unwrap();
        assert_eq!(forgotten as u64, left.min(700));
        left -= forgotten as u64;
        assert_eq!(journal.counts().await.unwrap().accepted, left);
    }
    assert_eq!(journal.forget(Duration::ZERO, 700).await.unwrap(), 0);
    journal.tidy().await.unwrap();
}

async fn target(journal: Shared) {
    assert_eq!(journal.target().await.unwrap(), None);
    assert_eq!(journal.serve("一").await.unwrap(), "一");
    assert_eq!(journal.serve("二").await.unwrap(), "一");
    assert_eq!(journal.target().await.unwrap().as_deref(), Some("一"));
}

async fn crowd(journal: Shared) {
    let items = (0..500).map(|number| Item::new(number.to_string(), "x")).collect();
    journal.enqueue(1, items).await.unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let journal = Arc::clone(&journal);
            tokio::spawn(async move {
                let mut seen = Vec::new();
                let most = Most { items: 7, weight: 1 << 20 };
                while let Turn::Batch(claim) = journal.claim(&owner(number), most, LONG).await.unwrap() {
                    seen.extend(claim.items.iter().map(|item| item.id.clone()));
                    assert!(accept(&journal, &claim).await);
                }
                seen
            })
        })
        .collect();
    let mut seen = Vec::new();
    for task in tasks {
        seen.extend(task.await.unwrap());
    }
    assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (500, 500));
    assert_eq!(journal.counts().await.unwrap(), Counts { accepted: 500, ..Counts::default() });
}

async fn many(journal: Shared) {
    for run in 0..5_u64 {
        let items = (0..2000).map(|number| Item::new(format!("{run}-{number}"), vec![b'x'; 400])).collect();
        assert!(journal.enqueue(run, items).await.unwrap().iter().all(|said| *said == Enqueued::New));
    }
    let most = Most { items: 2000, weight: 1 << 30 };
    for _ in 0..5 {
        let Turn::Batch(claim) = turn(&journal, most, LONG).await else { panic!() };
        assert_eq!(claim.items.len(), 2000);
        assert!(accept(&journal, &claim).await);
    }
    assert_eq!(turn(&journal, most, LONG).await, Turn::Empty);
    assert_eq!(journal.counts().await.unwrap().accepted, 10_000);
}
