//! What several processes share: versioned cells with compare-and-swap, and leases with an owner and an end.
//!
//! ```text
//!              read ─────────────▶ Entry { version, value, writer, age }
//!  Key ──▶ Store
//!              swap(expected) ───▶ Swap::Done(version) │ Swap::Moved(entry)      nobody overwrites what he has not seen
//!              acquire(owner) ───▶ Lease::Held │ Lease::Busy { by, remaining }   ends by itself when its owner dies
//! ```
//!
//! Three stores keep the same promises: [`MemoryStore`] within a process, `SqliteStore` (feature `sqlite`) in a file
//! that the processes of a machine share, `RedisStore` (feature `redis`) on a server that machines share.
//! [`Address`] names one in a text, and opens it.
//!
//! Leases and ages run on the **store's** clock, so that machines whose clocks differ agree on them. Values are
//! [`Secret`](sign_core::Secret)s: tokens, or answers with personal data. They never appear in a key, an error or a log.
//!
//! ```
//! use platform_state::{Key, MemoryStore, Put, Store, Swap, Writer};
//! use sign_core::Secret;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (store, key) = (MemoryStore::new(), Key::new("webank", "wx1@f-capapi-v2.test.webank.com")?);
//! let (value, writer) = (Secret::new(r#"{"token":"…"}"#)?, Writer::this_process());
//! assert_eq!(store.swap(&key, 0, Put::new(&value, &writer)).await?, Swap::Done(1));
//!
//! // Somebody who has not seen version 1 does not overwrite it, and is told what is there.
//! let Swap::Moved(Some(entry)) = store.swap(&key, 0, Put::new(&value, &writer)).await? else { unreachable!() };
//! assert_eq!((entry.version, &entry.writer), (1, &writer));
//! # Ok(())
//! # }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))] // docs.rs says which feature brings an item

mod address;
mod entry;
mod error;
mod journal;
mod key;
mod lease;
mod memory;
#[cfg(feature = "redis")]
mod redis;
mod span;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
#[cfg(all(feature = "testing", unix))]
#[doc(hidden)]
pub mod testing;

pub use address::Address;
pub use entry::{Entry, Put, Swap, Writer};
pub use error::{ErrorKind, StateError};
pub use journal::{
    Claim, Claimed, Counts, Cursor, Enqueued, Exported, Item, Journal, MemoryJournal, Most, Page, State,
    StateNameError, Ticket, Turn, Verdict,
};
pub use key::{Key, KeyError};
pub use lease::{Lease, Owner};
pub use memory::MemoryStore;
#[cfg(feature = "redis")]
pub use redis::{RedisJournal, RedisStore, Timeouts};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteJournal, SqliteStore};
pub use store::Store;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
