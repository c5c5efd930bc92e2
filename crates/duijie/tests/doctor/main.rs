//! `duijie doctor` through the binary: every form of input gives the same answer, every mistake is named, no secret is
//! shown, and what cannot be read is told clearly.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod forms;
mod inputs;
mod mistakes;
mod page;
mod run;
mod secrets;
mod wrong;
