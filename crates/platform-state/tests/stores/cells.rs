//! Cells: reading, comparing and swapping, keeping for a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use platform_state::{Entry, Put, Store, Swap};

use crate::{Case, case, key, secret, writer};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case("an_absent_cell_is_none", absent),
        case("versions_count_from_1_without_gaps", versions),
        case("a_swap_meets_what_it_has_not_seen", moved),
        case("a_swap_of_an_absent_cell_meets_nothing", moved_nothing),
        case("values_come_back_as_they_were_put", values),
        case("names_of_all_scripts_are_names_of_their_own", names),
        case("ages_grow", ages),
        case("a_kept_cell_ends", kept),
        case("a_cell_that_is_put_for_good_stays", kept_then_for_good),
        case("many_kept_cells_end", many_kept),
        case("nothing_shows_a_value", hidden),
    ]
}

type Shared = Arc<dyn Store>;

async fn put(store: &Shared, name: &str, expected: u64, value: &str) -> Swap {
    store.swap(&key(name), expected, Put::new(&secret(value), &writer(7))).await.unwrap()
}

async fn read(store: &Shared, name: &str) -> Option<Entry> {
    store.read(&key(name)).await.unwrap()
}

fn entry(version: u64, value: &str) -> Entry {
    Entry::new(version, secret(value), writer(7), Duration::ZERO)
}

async fn absent(store: Shared) {
    assert_eq!(read(&store, "a").await, None);
}

async fn versions(store: Shared) {
    for version in 0..20 {
        assert_eq!(put(&store, "a", version, &format!("value {version}")).await, Swap::Done(version + 1));
        assert_eq!(read(&store, "a").await, Some(entry(version + 1, &format!("value {version}"))));
    }
    assert_eq!(read(&store, "b").await, None);
}

async fn moved(store: Shared) {
    put(&store, "a", 0, "one").await;
    put(&store, "a", 1, "two").await;
    for expected in [0, 1, 3, u64::from(u32::MAX), u64::MAX] {
        assert_eq!(
            put(&store, "a", expected, "other").await,
            Swap::Moved(Some(entry(2, "two"))),
            "{expected}"
        );
    }
    assert_eq!(read(&store, "a").await, Some(entry(2, "two")));
}

async fn moved_nothing(store: Shared) {
    for expected in [1, 2, u64::MAX] {
        assert_eq!(put(&store, "a", expected, "one").await, Swap::Moved(None), "{expected}");
    }
    assert_eq!(read(&store, "a").await, None);
}

async fn values(store: Shared) {
    let long = "é".repeat(512 * 1024);
    let odd = [
        "x",
        " ",
        "0",
        "1",
        "nil",
        "\0",
        "a\0b",
        "\r\n$-1\r\n",
        "'; DROP TABLE cell; --",
        "身份证",
        "🀄",
        &long,
    ];
    for (version, value) in (0..).zip(odd) {
        assert_eq!(put(&store, "a", version, value).await, Swap::Done(version + 1));
        assert_eq!(read(&store, "a").await, Some(entry(version + 1, value)));
    }
}

async fn names(store: Shared) {
    let names = ["a", "A", "á", "a ", "微众@银行", "}", "x}:lease", "x", "%", "'", "a/b", "a/B", "🀄", "*"];
    for name in names {
        assert_eq!(put(&store, name, 0, &format!("of {name}")).await, Swap::Done(1), "{name}");
    }
    for name in names {
        assert_eq!(read(&store, name).await, Some(entry(1, &format!("of {name}"))), "{name}");
    }
}

async fn ages(store: Shared) {
    put(&store, "a", 0, "one").await;
    let since = Instant::now();
    while read(&store, "a").await.unwrap().age < Duration::from_millis(20) {
        assert!(since.elapsed() < Duration::from_secs(20), "the age does not grow");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    put(&store, "a", 1, "two").await;
    assert!(read(&store, "a").await.unwrap().age <= since.elapsed());
}

/// Waits until the cell is absent.
async fn ended(store: &Shared, name: &str) {
    let since = Instant::now();
    while read(store, name).await.is_some() {
        assert!(since.elapsed() < Duration::from_secs(20), "the cell does not end");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn keep(store: &Shared, name: &str, expected: u64, time: Duration) -> Swap {
    store.swap(&key(name), expected, Put::new(&secret("kept"), &writer(7)).keep(time)).await.unwrap()
}

async fn kept(store: Shared) {
    let long = Duration::from_secs(3600);
    assert_eq!(keep(&store, "long", 0, long).await, Swap::Done(1));
    assert_eq!(keep(&store, "for ever", 0, Duration::MAX).await, Swap::Done(1));
    for time in [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(30)] {
        assert_eq!(keep(&store, "short", 0, time).await, Swap::Done(1));
        ended(&store, "short").await;
        // It is as if it had never been.
        assert_eq!(keep(&store, "short", 1, long).await, Swap::Moved(None));
    }
    assert_eq!(keep(&store, "long", 1, Duration::from_millis(1)).await, Swap::Done(2));
    ended(&store, "long").await;
    assert_eq!(read(&store, "for ever").await, Some(entry(1, "kept")));
}

async fn kept_then_for_good(store: Shared) {
    keep(&store, "a", 0, Duration::from_millis(300)).await;
    keep(&store, "witness", 0, Duration::from_millis(300)).await;
    // A slow machine may have let it end by now.
    if put(&store, "a", 1, "two").await != Swap::Done(2) {
        put(&store, "a", 0, "two").await;
    }
    ended(&store, "witness").await;
    assert_eq!(read(&store, "a").await.unwrap().value.expose(), "two");
}

async fn many_kept(store: Shared) {
    for number in 0..100 {
        keep(&store, &format!("short {number}"), 0, Duration::from_millis(1)).await;
    }
    ended(&store, "short 99").await;
    put(&store, "a", 0, "one").await;
    for number in 0..100 {
        assert_eq!(read(&store, &format!("short {number}")).await, None);
    }
    assert_eq!(read(&store, "a").await, Some(entry(1, "one")));
}

async fn hidden(store: Shared) {
    put(&store, "a", 0, "hush-hush").await;
    let moved = put(&store, "a", 0, "hush-hush").await;
    let shown = format!("{store:?} {:?} {moved:?}", read(&store, "a").await);
    assert!(!shown.contains("hush"), "{shown}");
}
