//! Files up and down: streamed, hashed on the way, with progress. Memory does not grow with the file.
//!
//! ```text
//!  Upload ───▶ Client::upload ────────────▶ Uploaded     Content: bytes · file · reader
//!  Notice ───▶ Client::notify_json, _form ─▶ Uploaded
//!  Download ─▶ Client::download, _to ──────▶ Downloaded   a part becomes the file, or is gone
//! ```

mod body;
mod content;
mod download;
mod notice;
mod part;
mod upload;

use std::sync::Arc;

pub use content::{Content, ContentError};
pub use download::{Download, Downloaded};
pub use notice::{Attachment, SIGNED_JSON_LIMIT};
pub use upload::{Upload, Uploaded};

/// Is told how many bytes of the content have passed, and how many there are, where that is known.
pub type Progress = Arc<dyn Fn(u64, Option<u64>) + Send + Sync>;
