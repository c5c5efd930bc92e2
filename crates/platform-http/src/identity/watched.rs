//! An identity whose files may be replaced while clients live.

use std::sync::{Mutex, PoisonError, RwLock};

use super::Loaded;
use super::files::{Content, Files};
use crate::error::ConfigError;
use crate::system::{Clock as _, SystemClock};

/// Files, what they held when somebody last looked, and the last whole pair of certificate and key among that.
pub(super) struct Watched {
    files: Files,
    seen: Mutex<Content>,
    current: RwLock<Loaded>,
}

impl Watched {
    pub(super) fn open(files: Files) -> Result<Self, ConfigError> {
        let content = files.content();
        let current = files.load(&content)?;
        Ok(Self { files, seen: Mutex::new(content), current: RwLock::new(current) })
    }

    pub(super) fn current(&self) -> Loaded {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks at the files first.
    pub(super) fn latest(&self) -> Loaded {
        // Held while reading, so that no handshake shows the old certificate after another has shown the new one. The
        // files are small, and are decoded only when they changed.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let content = self.files.content();
        if *seen != content {
            match self.files.load(&content) {
                Ok(loaded) => {
                    tracing::info!(
                        file = %self.files.shown().display(),
                        until = loaded.validity.last_day(),
                        "client certificate read again",
                    );
                    loaded.validity.warn(SystemClock.now());
                    *self.current.write().unwrap_or_else(PoisonError::into_inner) = loaded;
                }
                // Once for each state of the files, not once for each handshake.
                Err(error) => {
                    tracing::warn!(%error, "client certificate changed, the previous one stays in use")
                }
            }
            *seen = content;
        }
        drop(seen);
        self.current()
    }
}
