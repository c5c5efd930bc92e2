//! `cargo run --release -p sign-doctor --example matrix`: every single mistake with every golden vector, then 10,000
//! random pairs, and what the search names. Prints the counts and fails when too few are named.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a program for measuring fails by panicking, and prints"
)]

#[path = "../tests/given/mod.rs"]
mod given;

use std::time::Instant;

use given::matrix::{Count, Dice, ask, mutations, pair, with_another};
use sign_doctor::Case;

const PAIRS: usize = 10_000;

fn main() {
    let (all, begun) = (given::signed(), Instant::now());
    let mut singles = Count::default();
    for given in &all {
        let secrets = with_another(given);
        let case = Case::new(&given.recipe, &given.request, &secrets).unwrap().of(given.platform);
        for mutation in mutations(&case) {
            singles.add(ask(&case, &[mutation], 1));
        }
    }
    println!("singles, {} vectors: {singles:?} in {:.1} s", all.len(), begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let (mut pairs, mut dice) = (Count::default(), Dice(7));
    // Long texts say nothing new and take their time.
    let short: Vec<_> = all.iter().filter(|given| given.longest() < 4096).collect();
    for _ in 0..PAIRS {
        let given = short[dice.below(short.len())];
        let secrets = with_another(given);
        let case = Case::new(&given.recipe, &given.request, &secrets).unwrap().of(given.platform);
        let pair = pair(&case, &mutations(&case), &mut dice);
        let count = ask(&case, &pair, 2);
        if count.missed > 0 {
            println!("missed: {} {pair:?}", given.vector.id);
        }
        pairs.add(count);
    }
    println!("pairs: {pairs:?} in {:.1} s", begun.elapsed().as_secs_f64());
    assert_eq!(singles.missed, 0);
    assert!(pairs.missed * 100 <= PAIRS, "{pairs:?}");
}
