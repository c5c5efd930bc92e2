//! 宜昌 Yichang, the city's government portal: signed single sign-on and to-do list.
//!
//! ```text
//!  Mobile ─► SignedCall ─► Client ─► Login (jump URL, SSO token) │ TodoList │ Error
//!              ▲  bytes                                             whose fault · what to do
//!   Params ─► SigningInput (SHA-1 │ MD5)
//!              │
//!  query ─► ReceivedParams ─► verify          the receiving side, for simulators and gateways
//!  body ──► ReceivedBody
//! ```
//!
//! The document contradicts itself about the digest, so that a client can be told, or find out (YC-1). The protocol,
//! with its contradictions and how they are read, is in [`spec`]. Without the feature `client` the crate is that
//! protocol and nothing else: no network, no clock, no randomness.
//!
//! ```
//! use yichang::{DigestKind, Params, Secret, SigningInput};
//!
//! // The document's example; it asks for SHA-1, and prints the MD5 (YC-1).
//! let secret = Secret::new("8e85e612698296b4c522bfa7eb0b82a8")?;
//! let params = Params {
//!     app_id: "RSJ00001",
//!     device_id: "67D3D9A8-4D67-2444-71CE-66851AEDCFE1",
//!     device_type: "WEB",
//!     nonce_str: "6PQfHMIv",
//!     time_stamp: "1574251924",
//! };
//! let input = SigningInput::new(params, &secret)?;
//! assert_eq!(input.sign(DigestKind::Md5).as_str(), "6FF704C5DF1FB65BE046EC202BE353E0");
//! assert_eq!(input.sign(DigestKind::Sha1).as_str(), "52A35F526E57191FFC620650A167E8FF883D5761");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With it, there is a client:
//!
//! ```no_run
//! # #[cfg(feature = "client")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use yichang::{Client, DigestSetting, Mobile, Secret};
//!
//! let secret = Secret::new(std::env::var("YICHANG_APP_SECRET")?)?;
//! let client = Client::builder("RSJ00001", secret)
//!     .url("https://platform.example")
//!     .digest(DigestSetting::Detect)
//!     .build()?;
//!
//! let mobile = Mobile::parse("17386500821")?;
//! let login = client.login(&mobile, Some("https://partner.example/after")).await?;
//! println!("send the browser to {}", login.masked_jump_url()); // or, with the token: jump_url().expose()
//!
//! for todo in client.todo(&mobile).await?.items() {
//!     println!("{}", todo.title.as_deref().unwrap_or("?"));
//! }
//! # Ok(())
//! # }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))] // docs.rs says which feature brings an item

mod call;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod detect;
mod error;
mod login;
mod members;
#[cfg(feature = "client")]
mod memory;
mod mobile;
mod received;
mod reply;
mod scalar;
mod sign;
mod todo;
mod verify;

pub use call::{BodyFormat, DEFAULT_BASE_URL, SignedCall};
#[cfg(feature = "client")]
pub use client::{Client, ClientBuilder};
#[cfg(feature = "client")]
pub use detect::DigestSetting;
#[cfg(feature = "client")]
pub use error::{BuildError, Error};
pub use error::{Fault, NotUnderstood, Refused, ReplyError};
pub use login::{JumpUrl, LOGIN_PATH, Login, SsoToken, sign_login};
pub use mobile::{Mobile, MobileError};
#[cfg(feature = "client")]
pub use platform_http::system::{Clock, Entropy, EntropyError};
#[cfg(feature = "client")]
pub use platform_http::{BaseUrl, Config, ConfigError, Outcome, TransportError};
/// Where [`ClientBuilder::store`] keeps what was found out.
#[cfg(feature = "client")]
pub use platform_state as state;
pub use received::{FormError, ReceivedBody, ReceivedParams};
pub use reply::{Code, Reply, ReplyFault};
pub use sign::{DEVICE_TYPE, DigestKind, NAMES, ParamError, Params, SigningInput};
pub use sign_core::{
    Canonical, Freshness, Secret, Signature, SignatureError, SigningText, Stale, UnixMillis, UnixSeconds,
};
pub use todo::{TODO_PATH, Todo, TodoList, sign_todo, unsigned_todo};
pub use verify::{Accept, VerifyError, verify};

#[doc = include_str!("../SPEC.md")]
pub mod spec {}

#[cfg(all(doctest, feature = "client"))]
#[doc = include_str!("../README.md")]
mod readme {}
