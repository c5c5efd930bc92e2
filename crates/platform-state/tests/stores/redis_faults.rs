//! Servers that are gone, hang, refuse, or are none.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use platform_http::system::listen;
use platform_state::testing::RedisServer;
use platform_state::{ErrorKind, Put, RedisStore, StateError, Store as _, Swap, Timeouts};
use tokio::io::AsyncWriteExt as _;

use crate::crowd::increment;
use crate::{Single, key, owner, secret, single, writer};

pub(crate) fn singles() -> Vec<Single> {
    vec![
        single("a_lost_connection_is_replaced", lost),
        single("a_swap_after_a_silence_finds_the_new_server", lost_in_silence),
        single("calls_of_a_server_that_is_gone_end_in_time", gone),
        single("a_crowd_shares_one_failure", gone_for_a_crowd),
        single("calls_of_a_server_that_hangs_end_in_time", hangs),
        single("a_server_that_never_answers_ends_the_start", never_answers),
        single("a_port_without_a_server_ends_the_start", nobody_there),
        single("another_protocol_is_not_redis", not_redis),
        single("a_password_is_asked_for_and_never_shown", passwords),
        single("a_user_without_rights_is_told_which", rights),
        single("a_replica_is_refused", replica),
        single("a_full_server_refuses_and_keeps_what_it_has", full),
        single("scripts_that_were_forgotten_are_sent_again", scripts_forgotten),
    ]
}

const QUICK: Duration = Duration::from_millis(400);

fn quick() -> Timeouts {
    Timeouts::default().connect(QUICK).response(QUICK)
}

/// Twice the sum of the timeouts, and what a machine with much else to do takes.
const IN_TIME: Duration = Duration::from_secs(15);

#[track_caller]
fn check(outcome: Result<impl Sized, StateError>, kind: ErrorKind, words: &str) {
    let error = outcome.err().expect("the call should fail");
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

async fn lost() {
    let mut server = RedisServer::start().unwrap();
    let store = RedisStore::connect(&server.url()).await.unwrap();
    increment(&store).await;
    server.start_again().unwrap();
    // What may be repeated is.
    assert_eq!(store.read(&key("a")).await.unwrap(), None);
    assert_eq!(increment(&store).await, 1);
}

async fn lost_in_silence() {
    let mut server = RedisServer::start().unwrap();
    let store = RedisStore::connect(&server.url()).await.unwrap();
    increment(&store).await;
    server.start_again().unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let (value, writer) = (secret("x"), writer(1));
    assert_eq!(store.swap(&key("a"), 0, Put::new(&value, &writer)).await.unwrap(), Swap::Done(1));
}

async fn gone() {
    let mut server = RedisServer::start().unwrap();
    let store = RedisStore::connect_within(&server.url(), quick()).await.unwrap();
    increment(&store).await;
    server.stop();
    let (value, writer) = (secret("hush-hush"), writer(1));
    let since = Instant::now();
    check(
        store.swap(&key("a"), 1, Put::new(&value, &writer)).await,
        ErrorKind::Unavailable,
        "check that the server",
    );
    check(store.read(&key("a")).await, ErrorKind::Unavailable, "check that the server");
    check(store.release(&key("a"), &owner(1)).await, ErrorKind::Unavailable, "check that the server");
    assert!(since.elapsed() < IN_TIME);
    server.start_again().unwrap();
    assert_eq!(increment(&store).await, 1);
}

async fn gone_for_a_crowd() {
    let mut server = RedisServer::start().unwrap();
    let store = RedisStore::connect_within(&server.url(), quick()).await.unwrap();
    server.stop();
    let since = Instant::now();
    let reads = (0..200).map(|_| async { store.read(&key("a")).await });
    for outcome in futures_util::future::join_all(reads).await {
        check(outcome, ErrorKind::Unavailable, "check that the server");
    }
    assert!(since.elapsed() < IN_TIME);
    server.start_again().unwrap();
    let reads = (0..200).map(|_| async { store.read(&key("a")).await.unwrap() });
    assert!(futures_util::future::join_all(reads).await.iter().all(Option::is_none));
}

async fn hangs() {
    let server = RedisServer::start().unwrap();
    let store = RedisStore::connect_within(&server.url(), quick()).await.unwrap();
    increment(&store).await;
    server.pause().unwrap();
    let since = Instant::now();
    check(store.read(&key("a")).await, ErrorKind::Unavailable, "no answer");
    check(store.read(&key("a")).await, ErrorKind::Unavailable, "no answer");
    check(RedisStore::connect_within(&server.url(), quick()).await, ErrorKind::Unavailable, "no answer");
    assert!(since.elapsed() < IN_TIME);
    server.resume().unwrap();
    assert_eq!(increment(&store).await, 2);
}

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

async fn never_answers() {
    // The system accepts; nobody reads.
    let listener = listen(loopback()).await.unwrap();
    let url = format!("redis://:s3cret@{}", listener.local_addr().unwrap());
    let since = Instant::now();
    check(RedisStore::connect_within(&url, quick()).await, ErrorKind::Unavailable, "no answer within 400ms");
    assert!(since.elapsed() < IN_TIME);
}

async fn nobody_there() {
    let listener = listen(loopback()).await.unwrap();
    let url = format!("redis://:s3cret@{}", listener.local_addr().unwrap());
    drop(listener);
    check(RedisStore::connect_within(&url, quick()).await, ErrorKind::Unavailable, "the connection failed");
}

async fn not_redis() {
    let listener = listen(loopback()).await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        }
    });
    check(RedisStore::connect_within(&url, quick()).await, ErrorKind::Input, "is not Redis");
}

async fn passwords() {
    let server = RedisServer::start_with(&["--requirepass", "s3cret"]).unwrap();
    let address = |before: &str| server.url().replace("redis://", &format!("redis://{before}"));
    check(RedisStore::connect(&server.url()).await, ErrorKind::Refused, "NOAUTH");
    for wrong in [":wr0ng@", "me:s3cret@"] {
        let error = RedisStore::connect(&address(wrong)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains("is wrong") && !shown.contains("wr0ng") && !shown.contains("s3cret"),
            "{shown}"
        );
    }
    let store = RedisStore::connect(&address(":s3cret@")).await.unwrap();
    increment(&store).await;
    assert!(!format!("{store:?}").contains("s3cret"), "{store:?}");
    // A server without a password takes none.
    let open = RedisServer::start().unwrap();
    let url = open.url().replace("redis://", "redis://:s3cret@");
    check(RedisStore::connect(&url).await, ErrorKind::Refused, "is wrong");
}

async fn rights() {
    let user =
        |words: &'static str| -> Vec<_> { ["--user"].into_iter().chain(words.split_whitespace()).collect() };
    let server = RedisServer::start_with(&user("reader on >s3cret ~* +@read +ping")).unwrap();
    let url = server.url().replace("redis://", "redis://reader:s3cret@");
    check(RedisStore::connect(&url).await, ErrorKind::Refused, "NOPERM");
    // What the advice says is enough.
    let enough = "worker on >s3cret ~duijie:* +evalsha +script|load +ping +time +exists +hget +hmget +hset +del \
                  +pttl +pexpire +persist";
    let server = RedisServer::start_with(&user(enough)).unwrap();
    let store =
        RedisStore::connect(&server.url().replace("redis://", "redis://worker:s3cret@")).await.unwrap();
    increment(&store).await;
    store.acquire(&key("a"), &owner(1), Duration::from_secs(1)).await.unwrap();
    store.release(&key("a"), &owner(1)).await.unwrap();
}

async fn replica() {
    let server = RedisServer::start_with(&["--replicaof", "127.0.0.1 1"]).unwrap();
    let store = RedisStore::connect(&server.url()).await.unwrap();
    assert_eq!(store.read(&key("a")).await.unwrap(), None);
    let (value, writer) = (secret("hush-hush"), writer(1));
    check(store.swap(&key("a"), 0, Put::new(&value, &writer)).await, ErrorKind::Refused, "READONLY");
}

async fn full() {
    let server =
        RedisServer::start_with(&["--maxmemory", "6mb", "--maxmemory-policy", "noeviction"]).unwrap();
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let (value, writer) = (secret(&"hush".repeat(100_000)), writer(1));
    let mut version = 0;
    let error = loop {
        let filler = key(&format!("filler {version}"));
        store.swap(&key("a"), version, Put::new(&value, &writer)).await.map(|_| version += 1).ok();
        if let Err(error) = store.swap(&filler, 0, Put::new(&value, &writer)).await {
            break error;
        }
        assert!(version < 100, "nothing refuses");
    };
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert!(error.to_string().contains("OOM") && !error.to_string().contains("hush"), "{error}");
    check(store.swap(&key("a"), version, Put::new(&value, &writer)).await, ErrorKind::Refused, "OOM");
    let entry = store.read(&key("a")).await.unwrap().unwrap();
    assert!(entry.version == version && entry.value.expose() == value.expose());
}

async fn scripts_forgotten() {
    let server = RedisServer::start().unwrap();
    let store = RedisStore::connect(&server.url()).await.unwrap();
    increment(&store).await;
    let client = redis::Client::open(server.url()).unwrap();
    let mut raw = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd("SCRIPT").arg("FLUSH").query_async::<()>(&mut raw).await.unwrap();
    assert_eq!(increment(&store).await, 2);
}
