//! The cache: what it may answer, how long, and who waits for whom. The clock jumps.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rabbitpre_auth::{
    AttributeSource, Attributes, CacheError, CachedAttributes, CheckRequest, Fetched, Lookup as _,
    SourceCounters, UserParam, Value,
};
use tokio::sync::Semaphore;
use tokio::time::{advance, sleep};

/// A source that counts, answers how often it was asked, and does as it is told.
#[derive(Debug, Default)]
struct Fake {
    asked: AtomicUsize,
    seen: Mutex<Vec<String>>,
    fails: AtomicBool,
    panics: AtomicBool,
    takes: Mutex<Duration>,
    /// Closed: nobody is answered.
    gate: Option<Semaphore>,
    size: usize,
}

#[derive(Debug, thiserror::Error)]
#[error("the fake is down")]
struct Down;

impl AttributeSource for Fake {
    fn fetch<'a>(&'a self, user: &'a UserParam<'a>, names: &'a [&'a str]) -> Fetched<'a> {
        Box::pin(async move {
            let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
            let members: Vec<&str> = user.members().iter().map(|(name, _)| name).collect();
            self.seen.lock().unwrap().push(format!("{} {members:?} {names:?}", user.audid()));
            let takes = *self.takes.lock().unwrap();
            if !takes.is_zero() {
                sleep(takes).await;
            }
            if let Some(gate) = &self.gate {
                gate.acquire().await.unwrap().forget();
            }
            assert!(!self.panics.load(Ordering::SeqCst), "the fake panics, as this test wants");
            if self.fails.load(Ordering::SeqCst) {
                return Err(Down.into());
            }
            let number = Value::from(i64::try_from(number).unwrap());
            let filling = Value::from("x".repeat(self.size));
            Ok(Arc::new([("number", number), ("filling", filling)].into_iter().collect::<Attributes<'_>>()))
        })
    }
}

fn whole(user: &str) -> String {
    format!(r#"{{"userParam":{user}}}"#)
}

/// Asks as user `audid`, or with a whole `userParam`; the answer is the number of the fetch it came from.
async fn ask<S: AttributeSource + 'static>(
    cache: &CachedAttributes<S>,
    user: &str,
    names: &[&str],
) -> Result<String, CacheError> {
    let user = if user.starts_with('{') { whole(user) } else { whole(&format!(r#"{{"audid":{user}}}"#)) };
    let request = CheckRequest::parse(user.as_bytes()).unwrap();
    match cache.fetch(request.user(), names).await {
        Ok(answer) => match answer.attribute("number") {
            Some(Value::Number(number)) => Ok(number.as_str().to_owned()),
            other => panic!("{other:?}"),
        },
        Err(error) => Err(error.downcast_ref::<CacheError>().unwrap().clone()),
    }
}

const MINUTE: Duration = Duration::from_secs(60);

fn cache(fake: Fake) -> (Arc<Fake>, CachedAttributes<Arc<Fake>>) {
    let fake = Arc::new(fake);
    (Arc::clone(&fake), CachedAttributes::new(fake, MINUTE))
}

fn counters(asked: u64, answered_from_cache: u64, joined: u64, failed: u64) -> SourceCounters {
    SourceCounters { asked, answered_from_cache, joined, failed }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_used_until_its_time_is_over_and_no_longer() {
    let (_, cache) = cache(Fake::default());
    assert_eq!(ask(&cache, "1", &["a"]).await.unwrap(), "1");
    advance(MINUTE - Duration::from_millis(1)).await;
    assert_eq!(ask(&cache, "1", &["a"]).await.unwrap(), "1");
    advance(Duration::from_millis(1)).await;
    assert_eq!(ask(&cache, "1", &["a"]).await.unwrap(), "2");
    assert_eq!(cache.counters(), counters(3, 1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn the_time_counts_from_the_question() {
    let fake = Arc::new(Fake { takes: Mutex::new(Duration::from_secs(30)), ..Fake::default() });
    let cache = CachedAttributes::new(Arc::clone(&fake), MINUTE).deadline(MINUTE);
    assert_eq!(ask(&cache, "1", &["a"]).await.unwrap(), "1");
    advance(Duration::from_secs(29)).await;
    assert_eq!(ask(&cache, "1", &["a"]).await.unwrap(), "1");
    // The answer came 31 s ago, but it may be as old as its question.
    advance(Duration::from_secs(2)).await;
    assert_eq!(ask(&cache, "1", &["a"]).await.unwrap(), "2");
}

#[tokio::test(start_paused = true)]
async fn without_time_to_live_nothing_is_kept() {
    let fake = Arc::new(Fake::default());
    let cache = CachedAttributes::new(Arc::clone(&fake), Duration::ZERO);
    assert_eq!(ask(&cache, "1", &["a"]).await.unwrap(), "1");
    assert_eq!(ask(&cache, "1", &["a"]).await.unwrap(), "2");
    let cache = CachedAttributes::new(fake, Duration::MAX);
    assert_eq!(ask(&cache, "1", &["a"]).await.unwrap(), "3");
}

#[tokio::test(start_paused = true)]
async fn only_the_same_question_has_the_same_answer() {
    let (fake, cache) = cache(Fake::default());
    let first = ask(&cache, r#"{"audid":1,"openid":"o"}"#, &["b", "a", "b"]).await.unwrap();
    assert_eq!(ask(&cache, r#"{"audid":1,"openid":"o"}"#, &["a", "b"]).await.unwrap(), first);
    // Other names, other users, another member of userParam; a name is not two.
    for (user, names) in [
        (r#"{"audid":1,"openid":"o"}"#, &["a"] as &[&str]),
        (r#"{"audid":1,"openid":"o"}"#, &["ab"]),
        (r#"{"audid":1,"openid":"o"}"#, &["a", "b", "c"]),
        (r#"{"audid":1,"openid":"p"}"#, &["a", "b"]),
        (r#"{"audid":1}"#, &["a", "b"]),
        (r#"{"audid":2,"openid":"o"}"#, &["a", "b"]),
    ] {
        assert_ne!(ask(&cache, user, names).await.unwrap(), first, "{user} {names:?}");
    }
    assert_eq!(cache.counters(), counters(8, 1, 0, 0));
    assert_eq!(fake.seen.lock().unwrap()[0], r#"1 ["audid", "openid"] ["a", "b"]"#);
}

#[tokio::test(start_paused = true)]
async fn a_source_asked_by_audid_sees_nothing_else() {
    let fake = Arc::new(Fake::default());
    let cache = CachedAttributes::by_audid(Arc::clone(&fake), MINUTE);
    for user in [r#"{"audid":1,"openid":"o"}"#, r#"{"audid":"1","phone":"13800000000"}"#, r#"{"audid":1}"#] {
        assert_eq!(ask(&cache, user, &["a"]).await.unwrap(), "1");
    }
    // Digits as written (RP-3).
    assert_eq!(ask(&cache, r#"{"audid":"01"}"#, &["a"]).await.unwrap(), "2");
    assert_eq!(*fake.seen.lock().unwrap(), [r#"1 ["audid"] ["a"]"#, r#"01 ["audid"] ["a"]"#]);
}

#[tokio::test(start_paused = true)]
async fn who_asks_the_same_at_a_time_shares_one_fetch() {
    let (fake, cache) = cache(Fake { takes: Mutex::new(Duration::from_secs(1)), ..Fake::default() });
    let asks: Vec<_> = (0..100)
        .map(|_| {
            let cache = cache.clone();
            tokio::spawn(async move { ask(&cache, "1", &["a"]).await.unwrap() })
        })
        .collect();
    for asked in asks {
        assert_eq!(asked.await.unwrap(), "1");
    }
    assert_eq!(fake.asked.load(Ordering::SeqCst), 1);
    assert_eq!(cache.counters(), counters(100, 0, 99, 0));
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_takes_nothing_from_the_others() {
    let (fake, cache) = cache(Fake { takes: Mutex::new(Duration::from_secs(1)), ..Fake::default() });
    let first = tokio::spawn({
        let cache = cache.clone();
        async move { ask(&cache, "1", &["a"]).await }
    });
    sleep(Duration::from_millis(100)).await;
    let second = tokio::spawn({
        let cache = cache.clone();
        async move { ask(&cache, "1", &["a"]).await }
    });
    sleep(Duration::from_millis(100)).await;
    first.abort();
    assert_eq!(second.await.unwrap().unwrap(), "1");
    assert_eq!(ask(&cache, "1", &["a"]).await.unwrap(), "1");
    assert_eq!(fake.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn errors_reach_everybody_and_are_not_kept() {
    let (fake, cache) = cache(Fake { takes: Mutex::new(Duration::from_secs(1)), ..Fake::default() });
    fake.fails.store(true, Ordering::SeqCst);
    let (one, two) = tokio::join!(ask(&cache, "1", &["a"]), ask(&cache, "1", &["a"]));
    for outcome in [one, two] {
        let error = outcome.unwrap_err();
        assert!(matches!(&error, CacheError::Source(inner) if inner.is::<Down>()), "{error:?}");
        assert_eq!(error.to_string(), "the fake is down");
    }
    fake.fails.store(false, Ordering::SeqCst);
    assert_eq!(ask(&cache, "1", &["a"]).await.unwrap(), "2");
    assert_eq!(cache.counters(), counters(3, 0, 1, 2));
}

#[tokio::test(start_paused = true)]
async fn errors_are_kept_as_long_as_wanted() {
    let fake = Arc::new(Fake::default());
    let cache = CachedAttributes::new(Arc::clone(&fake), MINUTE).errors_for(Duration::from_millis(500));
    fake.fails.store(true, Ordering::SeqCst);
    ask(&cache, "1", &["a"]).await.unwrap_err();
    advance(Duration::from_millis(499)).await;
    fake.fails.store(false, Ordering::SeqCst);
    ask(&cache, "1", &["a"]).await.unwrap_err();
    advance(Duration::from_millis(1)).await;
    assert_eq!(ask(&cache, "1", &["a"]).await.unwrap(), "2");
    assert_eq!(cache.counters(), counters(3, 1, 0, 2));
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_holds_nobody_beyond_the_deadline() {
    let (fake, cache) = cache(Fake { gate: Some(Semaphore::new(0)), ..Fake::default() });
    let (one, two) = tokio::join!(ask(&cache, "1", &["a"]), async {
        sleep(Duration::from_millis(1_999)).await;
        ask(&cache, "1", &["a"]).await
    });
    for outcome in [one, two] {
        let error = outcome.unwrap_err();
        let expected = Duration::from_secs(2);
        assert!(matches!(error, CacheError::Late { deadline } if deadline == expected), "{error:?}");
    }
    // The hanging fetch is over; the next one is another.
    fake.gate.as_ref().unwrap().add_permits(1);
    assert_eq!(ask(&cache, "1", &["a"]).await.unwrap(), "2");
    let shown = format!("{cache:?}");
    assert!(shown.contains("entries: 1") && shown.contains("fetches: 0"), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_panics_leaves_nobody_waiting() {
    let (fake, cache) = cache(Fake { takes: Mutex::new(Duration::from_secs(1)), ..Fake::default() });
    fake.panics.store(true, Ordering::SeqCst);
    let (one, two) = tokio::join!(ask(&cache, "1", &["a"]), ask(&cache, "1", &["a"]));
    for outcome in [one, two] {
        let error = outcome.unwrap_err();
        assert!(matches!(error, CacheError::Ended), "{error:?}");
    }
    fake.panics.store(false, Ordering::SeqCst);
    assert_eq!(ask(&cache, "1", &["a"]).await.unwrap(), "2");
}

#[test]
fn a_runtime_that_ends_leaves_nobody_waiting() {
    let cache =
        Arc::new(CachedAttributes::new(Fake { gate: Some(Semaphore::new(0)), ..Fake::default() }, MINUTE));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let waiting = Arc::clone(&cache);
    runtime.spawn(async move { ask(&waiting, "1", &["a"]).await });
    runtime.block_on(tokio::task::yield_now());
    runtime.block_on(tokio::task::yield_now());
    drop(runtime);
    // Its fetch is gone, so that another runtime can ask anew.
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let error = runtime.block_on(ask(&cache, "1", &["a"])).unwrap_err();
    assert!(matches!(error, CacheError::Late { .. }), "{error:?}");
    assert_eq!(cache.counters().joined, 0);
}

#[tokio::test(start_paused = true)]
async fn fetches_are_bounded() {
    let fake = Arc::new(Fake { takes: Mutex::new(Duration::from_secs(1)), ..Fake::default() });
    let cache = CachedAttributes::new(Arc::clone(&fake), MINUTE).at_a_time(2);
    let (one, joined, two, three) = tokio::join!(
        ask(&cache, "1", &["a"]),
        ask(&cache, "1", &["a"]),
        ask(&cache, "2", &["a"]),
        ask(&cache, "3", &["a"])
    );
    assert_eq!([one.unwrap(), joined.unwrap(), two.unwrap()], ["1", "1", "2"]);
    let error = three.unwrap_err();
    assert!(matches!(error, CacheError::Busy { fetches: 2 }), "{error:?}");
    assert_eq!(ask(&cache, "3", &["a"]).await.unwrap(), "3");
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_is_bounded_even_if_nobody_waits_for_the_answer() {
    let (_, cache) = cache(Fake { takes: Mutex::new(Duration::from_secs(1)), ..Fake::default() });
    let filling = "x".repeat(1 << 19);
    for number in 0..32 {
        let user = format!(r#"{{"audid":{number},"filling":"{filling}"}}"#);
        // Each goes away at once.
        let asked = tokio::time::timeout(Duration::from_millis(1), ask(&cache, &user, &["a"])).await;
        assert!(asked.is_err(), "{number}: {asked:?}");
    }
    let error = ask(&cache, "99", &["a"]).await.unwrap_err();
    assert!(matches!(error, CacheError::Busy { .. }), "{error:?}");
    sleep(Duration::from_secs(1)).await;
    assert_eq!(ask(&cache, "99", &["a"]).await.unwrap(), "33");
}

#[tokio::test(start_paused = true)]
async fn entries_are_bounded_and_the_oldest_goes_first() {
    let fake = Arc::new(Fake::default());
    let cache = CachedAttributes::new(Arc::clone(&fake), MINUTE).entries(3);
    for user in ["1", "2", "3", "4"] {
        ask(&cache, user, &["a"]).await.unwrap();
    }
    for (user, expected) in [("4", "4"), ("3", "3"), ("2", "2"), ("1", "5"), ("2", "6")] {
        assert_eq!(ask(&cache, user, &["a"]).await.unwrap(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn bytes_are_bounded() {
    let fake = Arc::new(Fake { size: 10_000, ..Fake::default() });
    let cache = CachedAttributes::new(Arc::clone(&fake), MINUTE).bytes(35_000);
    for user in ["1", "2", "3", "4"] {
        ask(&cache, user, &["a"]).await.unwrap();
    }
    for (user, expected) in [("2", "2"), ("1", "5")] {
        assert_eq!(ask(&cache, user, &["a"]).await.unwrap(), expected);
    }
    // What is larger than all of it is not kept at all, and drives nothing out.
    let small = CachedAttributes::new(Arc::clone(&fake), MINUTE).bytes(9_000);
    assert_ne!(ask(&small, "1", &["a"]).await.unwrap(), ask(&small, "1", &["a"]).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_fetch_older_than_the_time_to_live_is_not_joined() {
    let fake = Arc::new(Fake { takes: Mutex::new(Duration::from_secs(2)), ..Fake::default() });
    let cache = CachedAttributes::new(Arc::clone(&fake), Duration::from_secs(1)).deadline(MINUTE);
    let (one, joined, two, again) = tokio::join!(
        ask(&cache, "1", &["a"]),
        async {
            sleep(Duration::from_secs(1)).await;
            ask(&cache, "1", &["a"]).await
        },
        async {
            sleep(Duration::from_millis(1_001)).await;
            ask(&cache, "1", &["a"]).await
        },
        async {
            sleep(Duration::from_millis(2_000)).await;
            ask(&cache, "1", &["a"]).await
        }
    );
    let answers = [one, joined, two, again].map(Result::unwrap);
    assert_eq!(answers, ["1", "1", "2", "2"]);
}
