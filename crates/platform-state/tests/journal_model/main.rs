//! Any sequence of calls, crashes among them, does to a journal in a file what it does to the one in memory; and neither
//! loses a record or lends it to two at once.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "tests fail by panicking"
)]

mod sequence;

use proptest::prelude::*;

use crate::sequence::{Call, follow};

fn call() -> impl Strategy<Value = Call> {
    let items = proptest::collection::vec((0..6_u8, 0..3_u8), 0..6);
    prop_oneof![
        4 => (0..4_u64, items).prop_map(|(run, items)| Call::Enqueue(run, items)),
        4 => (1..5_usize, 0..12_u64, any::<bool>()).prop_map(|(n, weight, long)| Call::Claim(n, weight, long)),
        4 => (0..8_usize, proptest::collection::vec(0..3_u8, 5)).prop_map(|(n, what)| Call::Settle(n, what)),
        2 => (0..8_usize, any::<bool>()).prop_map(|(n, sent)| Call::Release(n, sent)),
        1 => (0..8_usize).prop_map(Call::Renew),
        1 => (0..3_usize).prop_map(Call::Retry),
        1 => (0..3_usize).prop_map(Call::Forget),
        1 => Just(Call::Crash),
    ]
}

fn check(calls: &[Call]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = std::env::temp_dir().join(format!("platform-state-journal-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        follow(&folder, calls).await;
        std::fs::remove_dir_all(&folder).unwrap();
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn journals_lose_nothing_and_lend_nothing_twice(calls in proptest::collection::vec(call(), 1..40)) {
        check(&calls);
    }
}
