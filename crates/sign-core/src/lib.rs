//! Signature algorithms of Chinese open platforms, without any of the platforms.
//!
//! ```text
//!  parameters ── sort ──┐
//!  values ───── sort ───┼─► text to sign ─► digest ─► signature ─► travels
//!  secret ──────────────┘   (TextSink)     (Digest)  (Signature)     │
//!                                              ▲                     ▼
//!                                              └──── Digest::verify(what came)
//! ```
//!
//! A scheme says, in [`Canonical::write_to`], which pieces make up the text to sign, in which order. What happens to
//! the text is the caller's choice: [`Canonical::digest`] streams it into a digest and allocates nothing,
//! [`Canonical::signing_text`] keeps it, masked, for people who look for a mistake.
//!
//! The crate is `no_std` + `alloc` and pure: no clock, no randomness, no I/O. Time stamps and entropy are arguments.
//!
//! ```
//! use sign_core::{Canonical, Case, Md5, Order, Pair, Secret, TextSink, sort_pairs, write_pairs};
//!
//! /// Sorted `name=value` pairs joined with `&`, the secret appended.
//! struct Request<'a> { pairs: Vec<Pair<'a>>, secret: &'a Secret }
//!
//! impl Canonical for Request<'_> {
//!     fn write_to<S: TextSink + ?Sized>(&self, sink: &mut S) {
//!         write_pairs(&self.pairs, "&", sink);
//!         sink.secret(self.secret.expose());
//!     }
//! }
//!
//! let secret = Secret::new("58b31d465652be856d7ed80977aa4ce4")?;
//! let mut pairs = vec![Pair::new("uid", "1000"), Pair::new("timestamp", "1548047628")];
//! sort_pairs(&mut pairs, Order::Utf16);
//! let request = Request { pairs, secret: &secret };
//!
//! let digest = request.digest::<Md5>();
//! assert_eq!(digest.signature(Case::Lower).as_str(), "15540d3398e5ed2a37533e3fc032e1a0");
//! assert!(digest.verify("15540D3398E5ED2A37533E3FC032E1A0").is_ok()); // letter case carries no meaning
//! assert_eq!(format!("{:?}", request.signing_text()), "SigningText(timestamp=1548047628&uid=1000‹secret 32 B›)");
//! # Ok::<(), sign_core::EmptySecret>(())
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))] // docs.rs says which feature brings an item
#![no_std]

extern crate alloc;

mod block;
mod canonical;
mod digest;
pub mod form;
#[cfg(feature = "json")]
pub mod json;
mod nonce;
mod order;
mod params;
mod secret;
mod shown;
mod signature;
mod time;

pub use canonical::{Canonical, SegmentKind, SigningText, TextSink};
pub use digest::{Algorithm, Digest, Hasher, Md5, Sha1, Sha256};
pub use nonce::Nonce;
pub use order::Order;
pub use params::{Pair, sort_pairs, sort_values, write_pairs, write_values};
pub use secret::{EmptySecret, Secret};
pub use shown::shown;
pub use signature::{Case, Signature, SignatureError};
pub use time::{Freshness, Stale, TimestampError, UnixMillis, UnixSeconds};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
