//! Why a run ended before everything was settled.

use platform_http::system::EntropyError;
use platform_state::StateError;
use sign_core::shown;

use crate::batch::BatchError;
use crate::error::{PushError, Refused};

/// Why a run ended before everything was settled. What is not settled stays in the journal.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum PusherError {
    /// The caller's mistake: the journal is another one's.
    #[error(
        "the journal serves `{}`, and the records are for `{}`: take another journal, or push to the one it serves",
        shown(served),
        shown(ours)
    )]
    Target {
        /// Whom the journal serves.
        served: String,
        /// For whom it was opened.
        ours: String,
    },
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] StateError),
    /// The journal holds under this id what is no record: another program has used it.
    #[error("the journal holds under id `{}` what is no record of 晋来办: take another journal", shown(id))]
    Content {
        /// The id.
        id: String,
    },
    /// The caller's machine has no random bytes.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// `302`: this partner or module may not push (`SPEC.md §3`).
    #[error(transparent)]
    Forbidden(Refused),
    /// The platform refuses whatever is sent, so that it is not about single records.
    #[error(
        "{0}; it refuses whatever is sent by now, so that no single record can be blamed: what is not settled stays in \
         the journal, push it again when the platform is ready"
    )]
    RefusesAll(Refused),
    /// A batch cannot be formed of what the journal holds.
    #[error(transparent)]
    Batch(BatchError),
    /// A batch was tried often enough, or cannot be sent at all.
    #[error(transparent)]
    Failed(PushError),
}
