//! 兔展 Rabbitpre: may this user take part?
//!
//! The platform's editor asks which conditions there are and saves settings; its H5 page asks whether a user
//! may take part. We answer from what the request says and what the company knows about the user.
//! Whatever goes wrong, the answer is deny.
//!
//! ```text
//!  body ──json──▶ Value ──wire──▶ CheckRequest ──┬─ conditions ──program──▶ Program ─┐
//!                                                ├─ userParam ───attributes──▶ User ─┼─evaluate─▶ Reason ─▶ Decision
//!  attribute source ──source──▶ Attributes ──────┘                             ▲     │                  └─▶ Trace
//!  settings store ──settings──▶ Setting ───────────────────────────────────────┴─check
//! ```
//!
//! ```
//! use rabbitpre_auth::{Attributes, Check, CheckReply, CheckRequest, Reason};
//!
//! let body = r#"{"userParam":{"audid":9007199254740993},"authParams":[
//!     {"chineseName":"年龄","englishName":"age","paramType":"number","operator":"GTEQ","values":"18"}]}"#;
//! let request = CheckRequest::parse(body.as_bytes())?;
//! assert_eq!(request.user().audid(), "9007199254740993");
//!
//! let check = Check::new(&request, None);
//! let child = Attributes::parse(br#"{"age":17.9}"#).unwrap();
//! let reply = CheckReply::from(&check.decide(&child));
//! assert_eq!(reply.msg, "鉴权不通过：条件「年龄」：用户的值不满足条件");
//! assert_eq!(check.explain(&child).entries[0].reason, Reason::NotSatisfied);
//! # Ok::<(), rabbitpre_auth::Undecidable>(())
//! ```
//!
//! Without the feature `server` the crate is this pure part; with it, [`Service`] is the three endpoints on axum.
#![cfg_attr(docsrs, feature(doc_cfg))] // docs.rs says which feature brings an item

mod attributes;
mod batch;
mod bound;
mod catalogue;
mod check;
mod configured;
mod decimal;
mod error;
mod evaluate;
mod external;
mod instant;
mod intern;
mod json;
mod label;
mod name;
mod object;
mod operator;
mod path;
mod patience;
mod program;
mod programs;
mod rule;
#[cfg(feature = "server")]
mod server;
mod set;
mod settings;
mod short;
mod source;
mod table;
mod trace;
mod value;
mod wire;

pub use attributes::{Attributes, AttributesError, Lookup, User};
pub use batch::{LineAnswer, LineError, check_line};
pub use catalogue::{Catalogue, CatalogueError, Choice, Finding, FindingKind, Offer, Scalar};
pub use check::{Check, Decision, Denial, check};
pub use decimal::Decimal;
pub use error::{SaveError, Undecidable};
pub use json::{MAX_BODY, MAX_DEPTH, ReadError, read};
pub use label::Label;
pub use name::Name;
pub use operator::{Combine, Operator, ParamType};
pub use program::Program;
pub use programs::{Prepared, ProgramCounters, Programs};
#[cfg(feature = "server")]
pub use server::{
    BearerToken, Door, EmptyToken, Endpoints, Networks, NetworksError, Paths, PathsError, Service,
};
pub use settings::{MemorySettings, Pending, Setting, SettingsCounters, SettingsStore, StoreError};
#[cfg(feature = "server")]
pub use settings::{StateSettings, StateSettingsError};
#[cfg(feature = "server")]
pub use source::{
    AddressError, CacheError, CachedAttributes, FileAttributes, FileError, OpenError, SourceAddress,
    SourceOptions,
};
pub use source::{AttributeSource, AttributesFileError, Fetched, MemoryAttributes, SourceCounters};
#[cfg(feature = "http")]
pub use source::{HttpAttributes, HttpAttributesError, HttpSettingError};
#[cfg(feature = "sqlite")]
pub use source::{SqliteAttributes, SqliteAttributesError, SqliteQuery};
pub use trace::{Reason, Trace, TraceEntry, masked};
pub use value::{Number, Object, Value};
pub use wire::{
    CheckReply, CheckRequest, Condition, Identity, ReplyError, SaveReply, SaveRequest, SettingItem, UserParam,
};

#[doc = include_str!("../SPEC.md")]
pub mod spec {}

#[cfg(all(doctest, feature = "server"))]
#[doc = include_str!("../README.md")]
mod readme {}
