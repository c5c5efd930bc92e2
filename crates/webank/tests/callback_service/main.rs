//! The endpoint of `SPEC.md §5`, from bytes to signed bytes: codes, repeats, strangers, handlers, limits.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod codes;
mod handlers;
mod limits;
mod logs;
mod partner;
mod repeats;
mod stores;
mod strangers;
