//! The bank calls the partner, `SPEC.md §5`: verifying what came, sealing the answer.
//!
//! ```text
//!  body ──▶ Receiver ─┬─ Refused ──────────────────────────────────────────────▶ 0001 0002 0010 0012 0103 ─┐
//!                     └─ Call ──▶ transName ──▶ repeats ──▶ handler ──▶ Answer ──▶ 0000 …                   ├─▶ seal
//!                                   └ 0002        └ kept answer  └ error, panic, too late: 0099 ────────────┘
//! ```
//!
//! `CallbackService` (feature `server`) is all of it, as axum router or tower service. [`Receiver`] alone is the first
//! row: no framework, no clock, nothing kept.
//!
//! ```
//! use sign_core::{Secret, UnixMillis};
//! use webank::callback::{Received, Receiver};
//!
//! let receiver = Receiver::new(Secret::new("salt")?);
//! let now = UnixMillis::new(1_519_700_632_680);
//! // What the bank sends; here sealed by ourselves.
//! let call = receiver.seal_call(r#"{"req_nbr":"tbt001"}"#, "TLMerchantQuery", "1519700632680112122", now);
//!
//! let answer = match receiver.receive(&call, now) {
//!     Received::Call(call) if call.trans_name() == "TLMerchantQuery" => {
//!         assert_eq!(call.plain(), r#"{"req_nbr":"tbt001"}"#);
//!         call.answer(r#"{"CODE":"0000","DESC":"系统处理成功"}"#)
//!     }
//!     Received::Call(call) => call.unknown_trans_name(),
//!     Received::Refused(refusal) => refusal.into_body(),
//! };
//! assert!(answer.starts_with(b"{\"Plain\":\"%7B%22CODE%22%3A%220000%22"));
//! # Ok::<(), sign_core::EmptySecret>(())
//! ```

mod answer;
mod call;
mod code;
mod depth;
mod envelope;
mod receiver;
#[cfg(feature = "server")]
mod repeat;
#[cfg(feature = "server")]
mod service;

pub use answer::{Answer, HandlerError};
pub use call::Call;
pub use code::CallbackCode;
pub use envelope::{Echo, SignedEnvelope, seal_answer};
pub use receiver::{MAX_BODY, Received, Receiver, RefusalReason, Refused};
#[cfg(feature = "server")]
pub use repeat::Repeats;
#[cfg(feature = "server")]
pub use service::{CallbackService, CallbackServiceBuilder, Sealed};
