//! Tells one version of a file from another without reading it.

use std::fs::Metadata;
use std::time::SystemTime;

/// What changes when a file is written, replaced or renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device, number, and when its entry was changed, which nobody can set.
    #[cfg(unix)]
    entry: (u64, u64, i64, i64),
}

impl Stamp {
    /// `None` for what is no regular file.
    pub(super) fn of(found: &Metadata) -> Option<Self> {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt as _;
        found.is_file().then(|| Stamp {
            length: found.len(),
            modified: found.modified().ok(),
            #[cfg(unix)]
            entry: (found.dev(), found.ino(), found.ctime(), found.ctime_nsec()),
        })
    }

    /// The file's length in bytes.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }
}
