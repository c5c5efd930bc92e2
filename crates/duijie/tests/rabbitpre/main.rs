//! `duijie rabbitpre`: `serve`, `check` and `probe` as their users meet them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod check;
mod probe;
mod serve;
mod serving;
mod wrong;
