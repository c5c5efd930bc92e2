//! 晋来办 Jinlaiban, the portal of Shanxi's government services: signed push of business records.
//!
//! ```text
//!  file ─► Reader ─► Entry: Rejected (line, member, reason)
//!                      │
//!  JSON ───────────► Record ─► Batch (1–2000) ─► SignedPush ─► Client ─► Receipt │ PushError
//!                                                  ▲  bytes                fault · outcome · what to do
//!                       PushParams ─► SigningInput ┘
//!                                          │
//!  form ─► ReceivedPush ─────────── verify ┘ ─► records   the receiving side, for simulators and gateways
//! ```
//!
//! The protocol, with its contradictions and how they are read, is in [`spec`]. Without the feature `client` the crate
//! is that protocol and nothing else: no network, no clock, no randomness.
//!
//! ```
//! use jinlaiban::{Canonical, PushParams, Secret, SigningInput};
//!
//! let secret = Secret::new("58b31d465652be856d7ed80977aa4ce4")?;
//! let params = PushParams { appcode: "my-app", modulecode: "m1", timestamp: "1548047628", nonce: "n1" };
//! let input = SigningInput::push(&params, &secret)?;
//! assert_eq!(input.sign().as_str(), "7aee99da0b30c9260aff02ba99c8087a");
//! assert_eq!(
//!     input.signing_text().to_string(), // for whoever looks for a mistake: the secret is masked
//!     "appcode=my-app&modulecode=m1&nonce=n1&timestamp=1548047628‹secret 32 B›",
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With it, there is a client, and beside it `Pusher`, which sends out of a journal:
//!
//! ```no_run
//! # #[cfg(feature = "client")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use jinlaiban::{Batch, Client, Credentials, Outcome, Record, Secret};
//!
//! let secret = Secret::new(std::env::var("JINLAIBAN_APPSECRET")?)?;
//! let credentials = Credentials::new("JLB0001", "M_2021", secret)?;
//! let client = Client::builder(credentials).url("https://platform.example").build()?;
//!
//! let record = Record::from_json(
//!     r#"{"id": 1000, "user_id": "8a8180ac6d6c68e1016d706ad7bc0035", "user_name": null,
//!         "busi_item": "无房证明查询", "create_date": "2021-03-17 18:57:03"}"#,
//! )?;
//! match client.push(&Batch::new(vec![record])?).await {
//!     Ok(receipt) => println!("{}", receipt.msg()),
//!     Err(error) if error.outcome() == Outcome::Unknown => println!("send it again: {error}"),
//!     Err(error) => println!("{error}"),
//! }
//! # Ok(())
//! # }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))] // docs.rs says which feature brings an item

mod batch;
#[cfg(feature = "client")]
mod client;
mod date;
mod encode;
mod error;
mod parse;
mod push;
#[cfg(feature = "client")]
mod pusher;
mod reader;
mod received;
mod record;
mod repeats;
mod reply;
#[cfg(feature = "client")]
mod report;
mod sign;
mod verify;

pub use batch::{Batch, BatchError, BatchSize, Batches};
#[cfg(feature = "client")]
pub use client::{Client, ClientBuilder, Credentials};
pub use date::{CreateDate, DateError};
#[cfg(feature = "client")]
pub use error::{BuildError, PushError};
pub use error::{Fault, NotUnderstood, Outcome, Receipt, Refused, ReplyError};
#[cfg(feature = "client")]
pub use platform_http::system::{Clock, Entropy, EntropyError};
#[cfg(feature = "client")]
pub use platform_http::{BaseUrl, Config, ConfigError, TransportError};
#[cfg(all(feature = "client", feature = "redis"))]
pub use platform_state::RedisJournal;
#[cfg(all(feature = "client", feature = "sqlite"))]
pub use platform_state::SqliteJournal;
#[cfg(feature = "client")]
pub use platform_state::{
    Counts, Cursor, Enqueued, Exported, Item, Journal, MemoryJournal, Page, State, StateError,
};
pub use push::{CONTENT_TYPE, PATH, QUERY, SignedPush};
#[cfg(feature = "client")]
pub use pusher::{Event, Feed, Pusher, PusherError, PusherSettings, RunReport, Totals};
pub use reader::{Entry, Format, Found, MAX_RECORD_BYTES, ReadError, Reader, Rejected};
pub use received::{DataError, FormError, ReceivedPush};
pub use record::{Record, RecordError, RecordFault, UNVERIFIED_USER};
pub use repeats::{Repeats, Sighting};
pub use reply::{Reply, ReplyFault, Status};
#[cfg(feature = "client")]
pub use report::{BatchReport, PushReport};
pub use sign::{ParamError, PushParams, SigningInput, UNSIGNED};
pub use sign_core::{
    Canonical, Freshness, Pair, Secret, Signature, SignatureError, SigningText, Stale, UnixMillis,
    UnixSeconds,
};
pub use verify::{VerifyError, verify};

#[doc = include_str!("../SPEC.md")]
pub mod spec {}

#[cfg(all(doctest, feature = "client"))]
#[doc = include_str!("../README.md")]
mod readme {}
