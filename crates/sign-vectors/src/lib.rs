//! Golden vectors of the signature schemes: every stage, with its origin, and their loader.
//!
//! ```text
//!  generators/java, generators/php ──▶ vectors/*.jsonl ──▶ all(), of(scheme) ──▶ tests of every crate
//!  (the rules again, in another         one case a line,     Vector { input ─▶ text ─▶ digest ─▶ signature ─▶ request }
//!   language; see their README)         compiled in                                    or error
//! ```
//!
//! A vector keeps each stage on the way from the input to the signature, so that a failing test names the first stage
//! that is wrong instead of two digests that differ. Its `origin` says who computed it: a document's section, or a
//! program that shares no line with this workspace. Secrets and persons in here are printed in the platforms'
//! documents or invented.
//!
//! ```
//! use sign_vectors::{Expected, Scheme, report_first_difference};
//!
//! let vector = sign_vectors::of(Scheme::Jinlaiban).into_iter().find(|v| v.id == "jinlaiban-known-0001").expect("is there");
//! assert_eq!(vector.input["params"]["uid"], "1000");
//!
//! // A signer that sorts, but puts `&` before the secret:
//! let text = "timestamp=1548047628&uid=1000&58b31d465652be856d7ed80977aa4ce4";
//! let report = report_first_difference(&vector, text, "", "").expect("differs");
//! assert!(report.starts_with("jinlaiban-known-0001: text differs at character 29"));
//!
//! let Expected::Signature { text, digest, signature } = &vector.expected else { unreachable!() };
//! assert_eq!(report_first_difference(&vector, text, digest, signature), None);
//! ```

mod difference;
mod error;
mod files;
mod scheme;
mod semantics;
mod vector;

pub use difference::report_first_difference;
pub use error::{LoadError, Problem};
pub use files::{all, java_semantics, of, php_semantics};
pub use scheme::Scheme;
pub use semantics::Semantics;
pub use vector::{ErrorKind, Expected, Vector};
