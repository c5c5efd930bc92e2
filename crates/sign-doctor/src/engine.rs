//! The fast way through many candidates.
//!
//! ```text
//!  mistakes with parameters ─► core: the parameters' text, without the secret    (built once per set of mistakes)
//!  mistakes with secret, digest, ends ─► frames: what goes around a core          (built once per search)
//!
//!  candidate = core × frame: the digest's state behind `front + core` is kept while frames differ in `back` alone
//! ```
//!
//! Nothing is allocated per candidate. What it computes is what [`text`](crate::text) computes in plain steps.

mod core;
mod frames;
mod table;

pub(crate) use self::core::Core;
pub(crate) use frames::{Frames, FramesOf};
pub(crate) use table::Tables;
