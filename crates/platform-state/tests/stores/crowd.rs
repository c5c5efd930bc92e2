//! Many at once: nothing is lost, nobody holds what another holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use platform_state::{Entry, Lease, Put, Store, Swap};

use crate::{Case, case, key, owner, secret, writer};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case("sixteen_tasks_lose_no_increment", increments),
        case("one_of_many_gets_the_lease", one_lease),
        case("whoever_stops_waiting_disturbs_nobody", dropped),
    ]
}

/// Adds 1 to the number in the cell `a`, which is also its version.
pub(crate) async fn increment(store: &dyn Store) -> u64 {
    let mut found = store.read(&key("a")).await.unwrap();
    loop {
        let (version, number) = found.as_ref().map_or((0, 0), number);
        let value = secret(&(number + 1).to_string());
        match store.swap(&key("a"), version, Put::new(&value, &writer(1))).await.unwrap() {
            Swap::Done(version) => return version,
            Swap::Moved(entry) => found = entry,
        }
    }
}

/// Version and number of a cell, which are one.
pub(crate) fn number(entry: &Entry) -> (u64, u64) {
    let number = entry.value.expose().parse().unwrap();
    assert_eq!(entry.version, number, "an increment is lost");
    (entry.version, number)
}

async fn increments(store: Arc<dyn Store>) {
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for _ in 0..200 {
                    increment(&*store).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(number(&store.read(&key("a")).await.unwrap().unwrap()), (3200, 3200));
}

async fn one_lease(store: Arc<dyn Store>) {
    let held = Arc::new(AtomicU32::new(0));
    let tasks: Vec<_> = (1..=32)
        .map(|number| {
            let (store, held) = (Arc::clone(&store), Arc::clone(&held));
            tokio::spawn(async move {
                let lease =
                    store.acquire(&key("a"), &owner(number), Duration::from_secs(3600)).await.unwrap();
                if lease == Lease::Held {
                    held.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(held.load(Ordering::SeqCst), 1);
}

async fn dropped(store: Arc<dyn Store>) {
    for _ in 0..50 {
        let again = Arc::clone(&store);
        let task = tokio::spawn(async move { increment(&*again).await });
        tokio::task::yield_now().await;
        task.abort();
        // It ended or was stopped; either is fine.
        let _ = task.await;
    }
    let before = store.read(&key("a")).await.unwrap().map_or(0, |entry| number(&entry).0);
    assert!(increment(&*store).await > before);
}
