//! Files, `SPEC.md §4`: requests and replies as values.

mod kind;
mod notice;
mod reply;
mod request;

pub use kind::{FileFormat, FileType};
pub use notice::{JsonFrame, Notice, upload_form_request, upload_json_head, upload_json_request};
pub use reply::{HashCheck, StoredFile, read_notice, read_upload};
pub use request::{FILE_VERSION, download_request, upload_request};
