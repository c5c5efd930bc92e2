//! Any sequence of calls does to a store what it does to a plain map.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::collections::HashMap;
use std::time::Duration;

use platform_state::{Key, Lease, MemoryStore, Owner, Put, SqliteStore, Store, Swap, Writer};
use proptest::prelude::*;
use sign_core::Secret;

#[derive(Debug, Clone)]
enum Call {
    Read(usize),
    /// The version expected, as a distance from the true one.
    Swap(usize, i64, String, bool),
    Acquire(usize, u8),
    Release(usize, u8),
}

const LONG: Duration = Duration::from_secs(3600);

fn call() -> impl Strategy<Value = Call> {
    let name = 0..3_usize;
    // Mostly the version that is there.
    let distance = prop_oneof![4 => Just(0_i64), 1 => -2..3_i64];
    prop_oneof![
        name.clone().prop_map(Call::Read),
        (name.clone(), distance, "\\PC{1,8}", any::<bool>())
            .prop_map(|(name, distance, value, keep)| Call::Swap(name, distance, value, keep)),
        (name.clone(), 0..3_u8).prop_map(|(name, owner)| Call::Acquire(name, owner)),
        (name, 0..3_u8).prop_map(|(name, owner)| Call::Release(name, owner)),
    ]
}

fn writer(pid: u32) -> Writer {
    Writer { host: "here".to_owned(), pid }
}

async fn follow(store: &dyn Store, calls: &[Call]) {
    let keys = ["a", "b", "号"].map(|name| Key::new("model", name).unwrap());
    let owners = [0, 1, 2].map(|number: u8| Owner::new(writer(number.into()), [number; 16]));
    let mut cells: HashMap<usize, (u64, String, u32)> = HashMap::new();
    let mut leases: HashMap<usize, u8> = HashMap::new();
    for (number, call) in (0..).zip(calls) {
        match call {
            Call::Read(name) => {
                let found = store.read(&keys[*name]).await.unwrap();
                let found = found.map(|it| (it.version, it.value.expose().to_owned(), it.writer.pid));
                assert_eq!(found.as_ref(), cells.get(name));
            }
            Call::Swap(name, distance, value, keep) => {
                let there = cells.get(name).map_or(0, |cell| cell.0);
                let expected = there.saturating_add_signed(*distance);
                let (secret, writer) = (Secret::new(value.as_str()).unwrap(), writer(number));
                let put = Put::new(&secret, &writer);
                let put = if *keep { put.keep(LONG) } else { put };
                match store.swap(&keys[*name], expected, put).await.unwrap() {
                    Swap::Done(version) => {
                        assert_eq!((expected, version), (there, there + 1));
                        cells.insert(*name, (version, value.clone(), number));
                    }
                    Swap::Moved(found) => {
                        assert_ne!(expected, there);
                        let found = found.map(|it| (it.version, it.value.expose().to_owned(), it.writer.pid));
                        assert_eq!(found.as_ref(), cells.get(name));
                    }
                }
            }
            Call::Acquire(name, owner) => {
                let holder = *leases.entry(*name).or_insert(*owner);
                match store.acquire(&keys[*name], &owners[usize::from(*owner)], LONG).await.unwrap() {
                    Lease::Held => assert_eq!(holder, *owner),
                    Lease::Busy { by, remaining } => {
                        assert_ne!(holder, *owner);
                        assert_eq!(by.pid, u32::from(holder));
                        assert!(remaining <= LONG);
                    }
                }
            }
            Call::Release(name, owner) => {
                store.release(&keys[*name], &owners[usize::from(*owner)]).await.unwrap();
                if leases.get(name) == Some(owner) {
                    leases.remove(name);
                }
            }
        }
    }
}

fn check(calls: &[Call]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        follow(&MemoryStore::new(), calls).await;
        let folder = std::env::temp_dir().join(format!("platform-state-model-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        follow(&SqliteStore::open(folder.join("state.db")).await.unwrap(), calls).await;
        std::fs::remove_dir_all(&folder).unwrap();
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn stores_do_what_a_map_does(calls in proptest::collection::vec(call(), 1..40)) {
        check(&calls);
    }
}
