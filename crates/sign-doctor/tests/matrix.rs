//! The test matrix: each mistake with each vector, a part of it that looks random. All of it:
//! `cargo run --release -p sign-doctor --example matrix`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod given;

use given::matrix::{Count, Dice, ask, mutations, pair, with_another};
use sign_doctor::{Case, Platform};

/// Vectors of each platform whose every mistake is tried.
const VECTORS: usize = 8;

/// Pairs of mistakes.
const PAIRS: usize = 40;

#[test]
fn each_single_mistake_is_the_first_answer() {
    let (all, mut dice) = (given::signed(), Dice(2026));
    for platform in Platform::ALL {
        let of: Vec<_> =
            all.iter().filter(|given| given.platform == platform && given.longest() < 2048).collect();
        let mut count = Count::default();
        for _ in 0..VECTORS {
            let given = of[dice.below(of.len())];
            let secrets = with_another(given);
            let case = Case::new(&given.recipe, &given.request, &secrets).unwrap().of(platform);
            for mutation in mutations(&case) {
                let one = ask(&case, &[mutation], 1);
                assert_eq!(one.missed, 0, "{}: {mutation:?}", given.vector.id);
                count.add(one);
            }
        }
        println!("{platform}: {count:?}");
        assert_eq!(count.missed, 0);
        assert!(count.named >= VECTORS * 60 && count.among * 100 <= count.named, "{platform}: {count:?}");
    }
}

#[test]
fn pairs_of_mistakes_are_found() {
    let (all, mut dice, mut count) = (given::signed(), Dice(7), Count::default());
    let short: Vec<_> = all.iter().filter(|given| given.longest() < 256).collect();
    for _ in 0..PAIRS {
        let given = short[dice.below(short.len())];
        let secrets = with_another(given);
        let case = Case::new(&given.recipe, &given.request, &secrets).unwrap().of(given.platform);
        count.add(ask(&case, &pair(&case, &mutations(&case), &mut dice), 2));
    }
    println!("{count:?}");
    assert_eq!(count.missed, 0);
}
