//! 微众银行 WeBank, the credit open platform: what the partner sends, and what it answers.
//!
//! ```text
//!            secret ──► access_token ──► ticket ──┐           each fetch kicks out the one before it
//!                                                 ▼
//!   body, nonce, app_id, version, type ──────► sign ──► POST /api/s/… ──► code, BizSeqNo, jsonData
//!   file ── multipart ────────────────────────► sign ──► POST /api/s/up/upload
//!
//!   the bank ──► {"Plain","Signature","Timestamp","transName","SeqNo"} ──► callback::Receiver ──► sealed answer
//! ```
//!
//! Without default features the crate is the protocol alone: requests, replies, signatures and codes as values; time
//! and nonces are arguments. The feature `client` (default) adds [`Client`], `server` the endpoint that the bank calls:
//! `callback::CallbackService`.
//!
//! ```
//! use webank::{Code, Secret, SignedValues, sign};
//!
//! let ticket = Secret::new("58b8ea10e5487b88e555feec27fb48201fd788c05b2d424234537b73c7282b70")?;
//! let values = SignedValues {
//!     app_id: "wxhiw5xt6q4qtmwcrn",
//!     version: webank::VERSION,
//!     nonce: "489c60c97daef599efd10cfda46860a1",
//!     kind: None,
//!     body: Some("{}"), // exactly as it is sent
//! };
//! assert_eq!(sign(values, &ticket).as_str(), "F18E7F0340E4648161F75763944EEFB3E0A96E91");
//! assert!(Code::BAD_SIGNATURE.invalidates_ticket()); // often a ticket that was kicked out
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The client fetches token and ticket, renews them, and recovers once where somebody kicked them out:
//!
//! ```no_run
//! # #[cfg(feature = "client")] async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use webank::{BusinessCall, CallPath, Client, Environment, Secret};
//!
//! let secret = Secret::new(std::env::var("WEBANK_SECRET")?)?;
//! let client = Client::builder("wxhiw5xt6q4qtmwcrn", secret)
//!     .business_url(Environment::F1.business_url())
//!     .files_url(Environment::F1.files_url())
//!     .build()?;
//! let call = BusinessCall::new(CallPath::new("/api/s/yh/10002")?, r#"{"SERVICE_CODE": "10002"}"#);
//! let reply = client.send(&call).await?;
//! println!("{} {:?}", reply.serials, reply.json_data.outcome());
//! # Ok(())
//! # }
//! ```
//!
//! The rules, numbered, with the platform's own contradictions: [`spec`].
#![cfg_attr(docsrs, feature(doc_cfg))] // docs.rs says which feature brings an item

mod business;
pub mod callback;
mod code;
pub mod credentials;
mod environment;
mod error;
mod file;
mod multipart;
mod request;
mod sign;
mod verify;

#[cfg(feature = "client")]
mod client;

#[doc = include_str!("../SPEC.md")]
pub mod spec {}

/// The version that credentials and business calls carry, `SPEC.md §2`, `§3`.
pub const VERSION: &str = "2.0.0";

pub use business::{BusinessOutcome, CallPath, JsonData, Reply, business_request, read_reply};
pub use code::Code;
pub use credentials::{
    Credentials, DEFAULT_LIFETIME, Granted, REFRESH_AFTER, USER_TICKET_LIFETIME, UserData, read_tickets,
    read_token, sign_ticket_request, token_request, user_ticket_request,
};
pub use environment::Environment;
pub use error::{InputError, Refusal, ReplyError, Serials};
pub use file::{
    FILE_VERSION, FileFormat, FileType, HashCheck, JsonFrame, Notice, StoredFile, download_request,
    read_notice, read_upload, upload_form_request, upload_json_head, upload_json_request, upload_request,
};
pub use multipart::Multipart;
#[cfg(feature = "client")]
pub use platform_http::{BaseUrl, Config, ConfigError, Outcome, TransportError};
#[cfg(any(feature = "client", feature = "server"))]
pub use platform_state as state;
pub use request::{Host, Method, Request};
pub use sign::{CallNonce, NONCE_LENGTH, SignedValues, SigningInput, ValueList, sign};
pub use sign_core::{Canonical, Freshness, Secret, Signature, SignatureError, Stale, UnixMillis};
pub use verify::{VerifyError, verify};

#[cfg(feature = "client")]
pub use client::{
    Answer, Attachment, BusinessCall, Client, ClientBuilder, Content, ContentError, Download, Downloaded,
    Error, Progress, Retry, SIGNED_JSON_LIMIT, Upload, Uploaded, UserTicket,
};

#[cfg(all(doctest, feature = "client"))]
#[doc = include_str!("../README.md")]
mod readme {}
