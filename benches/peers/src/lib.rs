//! What others would use in our place, each behind the same few functions, so that a bench can take them in turns.
//!
//! ```text
//!  case.rs        the rules and the users, in the form that each engine wants
//!  rules/*.rs     one engine each: compile, read a user, decide
//!  signing.rs     what is signed
//!  by_hand.rs     signing as integrators write it
//! ```
//!
//! Nothing here leaves this folder: the package is no member of the workspace, and nobody depends on it.

pub mod by_hand;
pub mod case;
pub mod rules;
pub mod signing;
