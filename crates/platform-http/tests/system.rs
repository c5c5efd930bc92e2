//! Clocks and entropy.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use platform_http::system::{
    Clock, Entropy, ManualClock, SeededEntropy, SystemClock, SystemEntropy, UnixMillis, listen,
};

#[test]
fn the_system_clock_is_past_this_files_birth_and_goes_on() {
    let (one, two) = (SystemClock.now(), SystemClock.now());
    assert!(one > UnixMillis::new(1_700_000_000_000), "{one}");
    assert!(two >= one);
}

#[test]
fn the_manual_clock_moves_when_told() {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::default());
    assert_eq!(clock.now(), UnixMillis::new(0));
    let clock = ManualClock::new(UnixMillis::new(10));
    clock.advance(Duration::from_micros(2_999));
    assert_eq!(clock.now(), UnixMillis::new(12));
    clock.set(UnixMillis::new(5));
    assert_eq!(clock.now(), UnixMillis::new(5));
    clock.advance(Duration::MAX);
    assert_eq!(clock.now(), UnixMillis::new(u64::MAX));
}

fn bytes(source: &impl Entropy, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    source.fill(&mut bytes).unwrap();
    bytes
}

/// The first outputs of SplitMix64 for these seeds, as the reference implementation gives them.
#[test]
fn seeded_entropy_is_splitmix64() {
    let first = |seed| u64::from_le_bytes(bytes(&SeededEntropy::new(seed), 8).try_into().unwrap());
    assert_eq!(first(0), 0xe220_a839_7b1d_cdaf);
    assert_eq!(first(1_234_567), 6_457_827_717_110_365_317);
    let source = SeededEntropy::new(7);
    assert_ne!(bytes(&source, 20), bytes(&source, 20));
    assert_eq!(bytes(&SeededEntropy::new(7), 13), bytes(&SeededEntropy::new(7), 16)[..13]);
    assert_eq!(format!("{source:?}"), "SeededEntropy");
}

#[test]
fn system_entropy_does_not_repeat() {
    assert_ne!(bytes(&SystemEntropy, 32), bytes(&SystemEntropy, 32));
    assert!(bytes(&Arc::new(SystemEntropy), 0).is_empty());
}

#[tokio::test]
async fn an_address_in_use_is_refused() {
    let first = listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    let error = listen(first.local_addr().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}
