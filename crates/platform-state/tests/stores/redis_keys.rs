//! What lies on the server: where, for how long, and what somebody else may have put there.

use std::time::Duration;

use platform_state::testing::RedisServer;
use platform_state::{ErrorKind, Lease, Put, RedisStore, Store as _};
use redis::FromRedisValue;
use redis::aio::MultiplexedConnection;

use crate::crowd::increment;
use crate::{Single, key, owner, secret, single, writer};

pub(crate) fn singles() -> Vec<Single> {
    vec![
        single("keys_say_what_they_are", names),
        single("a_kept_cell_has_an_end_on_the_server", ends),
        single("a_lease_outlives_a_clock_that_is_set_back_by_its_length", clock_set_back),
        single("a_cell_from_the_future_has_no_age", cell_from_the_future),
        single("a_key_of_another_kind_is_corrupted", another_kind),
        single("a_hash_of_somebody_else_is_corrupted", another_hash),
        single("a_newer_cell_is_left_alone", newer),
        single("databases_are_apart", databases),
    ]
}

struct Both {
    _server: RedisServer,
    store: RedisStore,
    raw: MultiplexedConnection,
}

async fn both() -> Both {
    let server = RedisServer::start().unwrap();
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let client = redis::Client::open(server.url()).unwrap();
    let raw = client.get_multiplexed_async_connection().await.unwrap();
    Both { _server: server, store, raw }
}

impl Both {
    async fn raw<T: FromRedisValue>(&mut self, command: &str) -> T {
        let mut words = command.split(' ');
        let mut request = redis::cmd(words.next().unwrap());
        for word in words {
            request.arg(word);
        }
        request.query_async(&mut self.raw).await.unwrap()
    }
}

async fn names() {
    let mut both = both().await;
    increment(&both.store).await;
    both.store.acquire(&key("a"), &owner(1), Duration::from_secs(60)).await.unwrap();
    let mut keys: Vec<String> = both.raw("KEYS *").await;
    keys.sort_unstable();
    assert_eq!(keys, ["duijie:{test/a}", "duijie:{test/a}:lease"]);
    assert_eq!(both.raw::<i64>("PTTL duijie:{test/a}").await, -1);
    let left: i64 = both.raw("PTTL duijie:{test/a}:lease").await;
    assert!((30_000..=60_000).contains(&left), "{left}");
}

async fn ends() {
    let mut both = both().await;
    let (value, writer, minute) = (secret("x"), writer(1), Duration::from_secs(60));
    both.store.swap(&key("a"), 0, Put::new(&value, &writer).keep(minute)).await.unwrap();
    let left: i64 = both.raw("PTTL duijie:{test/a}").await;
    assert!((30_000..=60_000).contains(&left), "{left}");
    both.store.swap(&key("a"), 1, Put::new(&value, &writer)).await.unwrap();
    assert_eq!(both.raw::<i64>("PTTL duijie:{test/a}").await, -1);
}

async fn clock_set_back() {
    let mut both = both().await;
    let minute = Duration::from_secs(60);
    both.store.acquire(&key("a"), &owner(1), minute).await.unwrap();
    let _: i64 = both.raw("PEXPIRE duijie:{test/a}:lease 3600000").await;
    // Its owner may be at work. Whoever asks is told so, and the end is not put off by asking again.
    let mut left = minute;
    for _ in 0..2 {
        let Lease::Busy { remaining, .. } = both.store.acquire(&key("a"), &owner(2), minute).await.unwrap()
        else {
            panic!("held twice")
        };
        assert!(remaining <= left && remaining > minute / 2, "{remaining:?}");
        left = remaining;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let _: i64 = both.raw("PEXPIRE duijie:{test/a}:lease 1").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(both.store.acquire(&key("a"), &owner(2), minute).await.unwrap(), Lease::Held);
}

async fn cell_from_the_future() {
    let mut both = both().await;
    increment(&both.store).await;
    let _: i64 = both.raw("HSET duijie:{test/a} t 99999999999999").await;
    assert_eq!(both.store.read(&key("a")).await.unwrap().unwrap().age, Duration::ZERO);
}

async fn corrupted(both: &Both, kind: ErrorKind, words: &str) {
    let (value, writer) = (secret("hush-hush"), writer(1));
    let name = key("a");
    let outcomes = [
        both.store.read(&name).await.map(|_| ()),
        both.store.swap(&name, 0, Put::new(&value, &writer)).await.map(|_| ()),
        both.store.swap(&name, 1, Put::new(&value, &writer)).await.map(|_| ()),
    ];
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(words) && !error.to_string().contains("hush"), "{error}");
    }
}

async fn another_kind() {
    let mut both = both().await;
    let _: () = both.raw("SET duijie:{test/a} theirs").await;
    corrupted(&both, ErrorKind::Corrupted, "another database").await;
    assert_eq!(both.raw::<String>("GET duijie:{test/a}").await, "theirs");
    let _: () = both.raw("SET duijie:{test/a}:lease theirs").await;
    let error = both.store.acquire(&key("a"), &owner(1), Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupted, "{error}");
}

async fn another_hash() {
    let mut both = both().await;
    let _: i64 = both.raw("HSET duijie:{test/a} theirs 1").await;
    corrupted(&both, ErrorKind::Corrupted, "another database").await;
    assert_eq!(both.raw::<i64>("HLEN duijie:{test/a}").await, 1);
}

async fn newer() {
    let mut both = both().await;
    increment(&both.store).await;
    let _: i64 = both.raw("HSET duijie:{test/a} f 2").await;
    corrupted(&both, ErrorKind::Newer, "format 2").await;
    assert_eq!(both.raw::<u64>("HGET duijie:{test/a} v").await, 1);
}

async fn databases() {
    let server = RedisServer::start().unwrap();
    let zero = RedisStore::connect(&server.url()).await.unwrap();
    let one = RedisStore::connect(&format!("{}/1", server.url())).await.unwrap();
    increment(&zero).await;
    assert_eq!(one.read(&key("a")).await.unwrap(), None);
    let error = RedisStore::connect(&format!("{}/64", server.url())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input, "{error}");
}
