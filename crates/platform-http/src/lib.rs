//! The one way out: an HTTP client with timeouts, TLS identity, redacted errors and spans, and the one source of time and entropy.
//!
//! ```text
//!  Config ──▶ Client ──send(Request)──▶ Response          whole, within a limit
//!  BaseUrl            └─stream(Request)─▶ StreamingResponse  piece by piece
//!  Proxy                     │
//!  Identity                  └──▶ TransportError   kind · outcome (NotSent | Unknown) · advice
//!
//!  system: Clock · Entropy · listen         the only door to the operating system's clock, entropy, sockets
//! ```
//!
//! What is sent is what was given: path, query and body are not encoded again, nothing is redirected, nothing is
//! sent twice. What is shown, in errors and `tracing`, is method, host and path; never a query, a header value, a body.
//!
//! ```
//! use platform_http::{BaseUrl, Client, Config, Method, Outcome, Request};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let client = Client::new(Config::new(BaseUrl::parse("http://127.0.0.1:1")?))?; // nobody listens there
//! let request = Request::new("yichang", "todo_list", Method::POST, "/api/todo/list")
//!     .content_type("application/json")
//!     .body(r#"{"page":1}"#);
//! match client.send(request).await {
//!     Ok(reply) => {
//!         reply.call.record_code("0");
//!         println!("{} {} bytes", reply.status, reply.body.len());
//!     }
//!     Err(error) => {
//!         assert_eq!(error.outcome(), Outcome::NotSent); // or Unknown: it may have been carried out
//!         assert!(error.to_string().starts_with("no connection, connection refused: POST 127.0.0.1:1/"));
//!     }
//! }
//! # Ok(())
//! # })
//! # }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))] // docs.rs says which feature brings an item

mod alert;
mod base;
mod body;
mod call;
mod classify;
mod client;
mod config;
mod error;
mod flight;
mod identity;
mod outgoing;
mod proxy;
mod request;
mod response;
pub mod system;
mod tls;
mod wording;

pub use base::BaseUrl;
pub use body::Body;
pub use call::Call;
pub use client::Client;
pub use config::Config;
pub use error::{ConfigError, ConnectFault, ErrorKind, Outcome, Phase, ProxyFault, TlsFault, TransportError};
pub use http::{HeaderMap, HeaderName, HeaderValue, Method};
pub use identity::Identity;
pub use proxy::{Proxy, ProxyUrl};
pub use request::Request;
pub use response::{Response, StreamingResponse};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
