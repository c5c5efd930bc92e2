//! The printed code of every language whose tool is on this machine is run against the golden vectors, against
//! published examples of other platforms, and against recipes made up to take every step. Where a tool is missing, its
//! tests are shown as ignored.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "tests fail by panicking, and printed code is pasted into crates of its own"
)]

#[path = "../families/mod.rs"]
mod families;
#[path = "../given/mod.rs"]
mod given;
mod printed_rust;
mod recipes;
mod runner;

use libtest_mimic::{Arguments, Trial};
use sign_doctor::{Language, Platform};

fn main() {
    let mut trials = Vec::new();
    for language in Language::ALL {
        if language == Language::Rust {
            continue;
        }
        let missing = !runner::is_installed(language);
        for (name, recipe, cases) in recipes::all() {
            let work = move || {
                runner::check(language, &recipe, &cases);
                Ok(())
            };
            let trial = Trial::test(format!("{language}::{name}"), work)
                .with_kind(if missing { runner::tool(language) } else { "" })
                .with_ignored_flag(missing);
            trials.push(trial);
        }
    }
    for platform in Platform::ALL {
        trials.push(Trial::test(format!("rust::{platform}"), move || {
            printed_rust::check(platform);
            Ok(())
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
