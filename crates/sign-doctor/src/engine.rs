//! The fast way through many candidates.
//!
//! ```text
//!  mistakes with parameters ─► core: the parameters' text, without the secret    (built once per set of mistakes)
//!  mistakes with secret, digest, ends ─► frames: what goes around a core          (built once per search)
//!
//!  candidate = front + core (+ secret among the parameters) + back
//!              ├ trail ─┤ the states along a core are kept for the next one, as far as both are alike
//!              ├ begun ──────────────────────────────────────────┤ is kept while frames differ in `back` alone
//!              ├ digest ─────────────────────────────────────────────────┤ is kept while they differ in rounds alone
//! ```
//!
//! Nothing is allocated per candidate. What it computes is what [`text`](crate::text) computes in plain steps.

mod blocks;
mod core;
mod fit;
mod frames;
mod table;
mod trail;

pub(crate) use self::core::Core;
pub(crate) use blocks::{Blocks, Md5, Sha1, Sha256};
pub(crate) use fit::{Bench, Target};
pub(crate) use frames::{Choice, Frames};
pub(crate) use table::Tables;
