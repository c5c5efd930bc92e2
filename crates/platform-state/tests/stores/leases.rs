//! Leases: who has it, for how long, and who may give it back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use platform_state::{Lease, Put, Store, Swap};

use crate::{Case, case, key, owner, secret, writer};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case("a_lease_keeps_others_out", busy),
        case("a_lease_is_prolonged_by_its_owner", prolonged),
        case("a_lease_is_shortened_by_its_owner", shortened),
        case("a_lease_is_given_back", released),
        case("a_stranger_gives_nothing_back", released_by_a_stranger),
        case("a_lease_ends_by_itself", ended),
        case("a_lease_for_ever_is_one", for_ever),
        case("leases_and_cells_of_one_name_are_apart", apart),
    ]
}

type Shared = Arc<dyn Store>;

const LONG: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(30);

async fn acquire(store: &Shared, name: &str, number: u8, time: Duration) -> Lease {
    store.acquire(&key(name), &owner(number), time).await.unwrap()
}

#[track_caller]
fn busy_by(lease: &Lease, number: u8, most: Duration) {
    let Lease::Busy { by, remaining } = lease else { panic!("held") };
    assert_eq!(*by, writer(number.into()));
    assert!(*remaining <= most && *remaining > most / 2, "{remaining:?} of {most:?}");
}

/// Waits until another one gets it.
async fn passes_on(store: &Shared, name: &str, number: u8) {
    let since = Instant::now();
    while acquire(store, name, number, LONG).await != Lease::Held {
        assert!(since.elapsed() < Duration::from_secs(20), "the lease does not end");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn busy(store: Shared) {
    assert_eq!(acquire(&store, "a", 1, LONG).await, Lease::Held);
    busy_by(&acquire(&store, "a", 2, LONG).await, 1, LONG);
    busy_by(&acquire(&store, "a", 3, SHORT).await, 1, LONG);
    assert_eq!(acquire(&store, "b", 2, LONG).await, Lease::Held);
}

async fn prolonged(store: Shared) {
    assert_eq!(acquire(&store, "a", 1, LONG).await, Lease::Held);
    assert_eq!(acquire(&store, "a", 1, LONG * 2).await, Lease::Held);
    busy_by(&acquire(&store, "a", 2, LONG).await, 1, LONG * 2);
}

async fn shortened(store: Shared) {
    assert_eq!(acquire(&store, "a", 1, LONG).await, Lease::Held);
    assert_eq!(acquire(&store, "a", 1, SHORT).await, Lease::Held);
    passes_on(&store, "a", 2).await;
    busy_by(&acquire(&store, "a", 1, LONG).await, 2, LONG);
}

async fn released(store: Shared) {
    store.release(&key("a"), &owner(1)).await.unwrap();
    assert_eq!(acquire(&store, "a", 1, LONG).await, Lease::Held);
    store.release(&key("a"), &owner(1)).await.unwrap();
    assert_eq!(acquire(&store, "a", 2, LONG).await, Lease::Held);
    busy_by(&acquire(&store, "a", 1, LONG).await, 2, LONG);
}

async fn released_by_a_stranger(store: Shared) {
    assert_eq!(acquire(&store, "a", 1, LONG).await, Lease::Held);
    store.release(&key("a"), &owner(2)).await.unwrap();
    // The same process, but another that asks.
    let other = platform_state::Owner::new(writer(1), [9; 16]);
    store.release(&key("a"), &other).await.unwrap();
    busy_by(&store.acquire(&key("a"), &other, LONG).await.unwrap(), 1, LONG);
}

async fn ended(store: Shared) {
    for time in [Duration::ZERO, Duration::from_nanos(1), SHORT] {
        assert_eq!(acquire(&store, "a", 1, time).await, Lease::Held);
        passes_on(&store, "a", 2).await;
        // The former owner takes nothing away from the new one.
        store.release(&key("a"), &owner(1)).await.unwrap();
        busy_by(&acquire(&store, "a", 1, LONG).await, 2, LONG);
        store.release(&key("a"), &owner(2)).await.unwrap();
    }
}

async fn for_ever(store: Shared) {
    assert_eq!(acquire(&store, "a", 1, Duration::MAX).await, Lease::Held);
    let Lease::Busy { remaining, .. } = acquire(&store, "a", 2, LONG).await else { panic!("held") };
    assert!(remaining > LONG * 24 * 365);
}

async fn apart(store: Shared) {
    assert_eq!(acquire(&store, "a", 1, LONG).await, Lease::Held);
    assert_eq!(store.read(&key("a")).await.unwrap(), None);
    let value = secret("one");
    assert_eq!(store.swap(&key("a"), 0, Put::new(&value, &writer(2))).await.unwrap(), Swap::Done(1));
    busy_by(&acquire(&store, "a", 2, LONG).await, 1, LONG);
    store.release(&key("a"), &owner(1)).await.unwrap();
    assert_eq!(store.read(&key("a")).await.unwrap().unwrap().version, 1);
}
