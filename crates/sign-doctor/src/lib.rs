//! Says which mistake made a signature, and works out how an unknown platform signs.
//!
//! ```text
//!  Recipe ─ how it should be signed ─┐
//!  Request ─ what was signed ────────┼─ Case ─► lint        what is wrong, whatever the signature
//!  NamedSecret… ─ with what ─────────┘    ├───► stages      the way to the signature, secrets masked
//!                                         └───► diagnose ─► Diagnosis: right · these mistakes · nothing fits
//!
//!  Example… ─► infer ─► Recipe ─► in_words · JSON · code in six languages
//! ```
//!
//! A platform that refuses a signature says no more than that. [`Case::diagnose`] tries what people get wrong, one
//! [`Mutation`] of the recipe, then two, then three at once, and names those that make the very signature that was got:
//! whole digests are compared, so that nothing is named that did not happen, or might as well not have.
//!
//! The crate is pure: no clock, no randomness, no I/O. Time stamps are arguments; threads are used where the caller asks
//! for them, and the result does not depend on their number. No secret shows itself in anything that is made here.
//!
//! ```
//! use sign_doctor::{Case, NamedSecret, Platform, Request, Search, Verdict};
//!
//! // 宜昌's document asks for SHA-1, and prints this example:
//! let recipe = Platform::YichangSha1.recipe();
//! let request = Request::texts([
//!     ("appId", "RSJ00001"),
//!     ("deviceId", "67D3D9A8-4D67-2444-71CE-66851AEDCFE1"),
//!     ("deviceType", "WEB"),
//!     ("nonceStr", "6PQfHMIv"),
//!     ("timeStamp", "1574251924"),
//! ]);
//! let secrets = [NamedSecret::new("APP_SECRET", "8e85e612698296b4c522bfa7eb0b82a8")?];
//! let case = Case::new(&recipe, &request, &secrets)?.of(Platform::YichangSha1);
//!
//! let diagnosis = case.diagnose("6FF704C5DF1FB65BE046EC202BE353E0", &Search::default())?;
//! assert_eq!(diagnosis.verdict, Verdict::Mistaken);
//! let mistake = &diagnosis.explanations[0].mistakes[0];
//! assert_eq!(mistake.message.en, "the digest is MD5, not SHA-1");
//! assert_eq!(mistake.fix.en, "use SHA-1");
//! assert_eq!(mistake.section, Some("yichang SPEC.md §2.3, YC-1"));
//!
//! let stages = case.stages(&[]);
//! let text = &stages.get("text").expect("is there").lines[0];
//! assert!(text.ends_with("&timeStamp=1574251924&appSecret=‹secret 32 B›"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))] // docs.rs says which feature brings an item

mod case;
mod catalogue;
mod code;
mod describe;
mod diagnosis;
mod digest;
mod encoding;
mod engine;
mod form;
mod got;
mod infer;
mod json;
mod lint;
mod mutation;
mod order;
mod plan;
mod platform;
mod prepared;
mod recipe;
mod request;
mod search;
mod stages;
mod text;
mod words;

pub use case::{Case, Refusal};
pub use code::{Language, Unprintable};
pub use diagnosis::{Diagnosis, Explanation, Verdict};
pub use digest::{DigestKind, Rounds};
pub use encoding::{Encoding, TextForm};
pub use form::{BodyForm, Ends, Letters, Names, Newlines, SecretForm, TimeForm};
pub use got::{GotError, Output};
pub use infer::{Example, ExampleError, InferError, Inference, infer};
pub use lint::{Around, Remark, Severity};
pub use mutation::Mutation;
pub use order::{Collation, Order, SortKey};
pub use platform::Platform;
pub use recipe::{Fill, PairFormat, Place, Recipe, Required, Selection};
pub use request::{NamedSecret, Parameter, Request, Value};
pub use search::{Progress, Search};
pub use stages::{Difference, Stage, Stages};
pub use words::{Lang, Mistake, Words};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
