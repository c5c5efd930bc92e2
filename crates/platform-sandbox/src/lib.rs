//! The four platforms simulated on loopback, as strict as the real ones and stricter: for your own tests, and for
//! developing without anybody's test account.
//!
//! ```text
//!                 ┌─────────────────────── Sandbox ───────────────────────┐
//!  your client ──►│ Jinlaiban   Yichang   Webank (business, files)        │  verifies, keeps states, counts
//!                 │     FaultSchedule        SandboxClock        Received │  spoils, jumps, remembers
//!                 └───────────────────────────────────────────────────────┘
//!  your server ◄── Bank (signed callbacks)   Editor, Page (兔展)              call you, judge the answer
//! ```
//!
//! A test of your own:
//!
//! ```
//! use platform_http::{BaseUrl, Client, Config, Method, Request};
//! use platform_sandbox::{Fault, FaultKind, Operation, Sandbox};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let sandbox = Sandbox::start().await?;
//! sandbox.inject(Fault::once(Operation::Token, FaultKind::CutAfter));
//!
//! // The client under test, with the sandbox's address and credentials.
//! let client = Client::new(Config::new(BaseUrl::parse(&sandbox.urls().webank)?))?;
//! let access = &sandbox.access().webank;
//! let query = format!(
//!     "app_id={}&secret={}&grant_type=client_credential&version=2.0.0",
//!     access.app_id,
//!     access.secret.expose(),
//! );
//! let fetch = || Request::new("webank", "token", Method::GET, "/api/oauth2/access_token").query(query.clone());
//! assert!(client.send(fetch()).await.is_err()); // the answer was lost on the way …
//! assert_eq!(sandbox.webank().counts().token_fetches, 1); // … but the platform had made a token
//!
//! let reply = client.send(fetch()).await?;
//! assert!(reply.body.starts_with(b"{\"msg\":\"\xe7\xb3\xbb"));
//! assert_eq!(sandbox.received().len(), 2);
//! sandbox.shutdown().await;
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! What a platform refuses, it refuses in its own words; the header [`REASON_HEADER`] and the [`Received`] log say
//! what was wrong. Where it is the signature, the header [`DIAGNOSIS_HEADER`] and the log name the mistake that makes it:
//! `the digest is MD5, not SHA-1: use SHA-1 (yichang SPEC.md section 2.3, YC-1)`. Nothing is random: credentials, tokens and faults follow from the seed.
#![cfg_attr(docsrs, feature(doc_cfg))] // docs.rs says which feature brings an item

mod access;
mod bank;
mod clock;
mod connection;
mod dice;
mod doctor;
mod editor;
mod exchange;
mod fault;
mod jinlaiban;
mod log;
mod operation;
mod outgoing;
mod page;
mod params;
mod partner;
mod replay;
mod sandbox;
mod server;
mod time;
mod tls;
mod webank;
mod yichang;

pub use access::{Access, JinlaibanAccess, WebankAccess, YichangAccess};
pub use bank::{Bank, CallbackOutcome, Mistake, SealedCall, Violation};
pub use clock::SandboxClock;
pub use doctor::{DIAGNOSIS_HEADER, DoctorOptions};
pub use editor::{Editor, EditorError, Setting};
pub use fault::{Fault, FaultKind, FaultSchedule, FaultSpecError, Target, When};
pub use jinlaiban::{Jinlaiban, JinlaibanCounts, JinlaibanOptions, PushedRecord};
pub use log::{LogLimits, Received};
pub use operation::{Operation, Platform};
pub use outgoing::CallError;
pub use page::{CheckFailure, CheckRequest, Page, Verdict};
pub use partner::{PartnerUrls, Reply};
pub use sandbox::{Builder, Sandbox, StartError, Urls};
pub use server::REASON_HEADER;
pub use tls::{
    Authority, CertificateError, ClientCertificate, IssuedCertificate, Tls, TlsOptions, TlsVersions,
};
pub use webank::{
    BusinessAnswer, BusinessCall, HashValue, JsonDataShape, Pattern, StoredFile, UserLogin, Webank,
    WebankCounts, WebankOptions,
};
pub use yichang::{AcceptedDigest, FailureData, Yichang, YichangCounts, YichangOptions};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
