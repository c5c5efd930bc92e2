//! How to push, and what is told on the way.

use core::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::batch::BatchSize;
use crate::error::{PushError, Refused};

/// How a [`Pusher`](super::Pusher) works.
#[derive(Clone)]
#[non_exhaustive]
pub struct PusherSettings {
    /// How much to send at once.
    pub size: BatchSize,
    /// How often a batch is sent at most while the platform answers `300` or its outcome is unknown. Default: 5
    /// (`SPEC.md §3`).
    pub tries: u32,
    /// The pause before the second try; it doubles with each further one, and is drawn at random up to twice of that.
    /// Default: 500 ms.
    pub first_pause: Duration,
    /// The longest pause. Default: 30 s.
    pub longest_pause: Duration,
    /// For how long a batch is ours without a sign of life: after a crash, it is sent again so much later. Renewed while
    /// it is sent. Default: 10 s.
    pub lease: Duration,
    /// How long the ids of accepted records are kept, by which a repeat is recognised. Default: 30 days.
    pub keep_accepted: Duration,
    pub(super) listener: Option<Listener>,
}

pub(super) type Listener = Arc<dyn Fn(&Event<'_>, &Totals) + Send + Sync>;

impl Default for PusherSettings {
    fn default() -> Self {
        Self {
            size: BatchSize::default(),
            tries: 5,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
            lease: Duration::from_secs(10),
            keep_accepted: Duration::from_secs(30 * 24 * 60 * 60),
            listener: None,
        }
    }
}

impl PusherSettings {
    /// Calls this with each event, and with what was done so far. It must not block.
    #[must_use]
    pub fn on_event(self, listen: impl Fn(&Event<'_>, &Totals) + Send + Sync + 'static) -> Self {
        Self { listener: Some(Arc::new(listen)), ..self }
    }
}

impl fmt::Debug for PusherSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PusherSettings")
            .field("size", &self.size)
            .field("tries", &self.tries)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}

/// What has just happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Records are durable in the journal.
    Queued {
        /// How many that were not there before, or with other content.
        records: usize,
    },
    /// The platform has accepted records, and the journal knows it.
    Accepted {
        /// How many.
        records: usize,
    },
    /// The platform does not want a record, while it takes others.
    Refused {
        /// Its id.
        id: &'a str,
        /// What it says.
        refusal: &'a Refused,
    },
    /// A batch is sent again after a pause.
    Again {
        /// How many records it holds.
        records: usize,
        /// Which try has failed, from 1.
        attempt: u32,
        /// How.
        error: &'a PushError,
    },
    /// A batch that the platform refuses is halved, to find the record it does not want.
    Halved {
        /// How many records it holds.
        records: usize,
    },
}

/// What was done so far by one [`Pusher`](super::Pusher).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Records queued.
    pub queued: u64,
    /// Records accepted.
    pub accepted: u64,
    /// Records refused.
    pub refused: u64,
    /// Requests whose outcome was unknown, and that were made again or given back as such.
    pub unknown: u64,
    /// Requests.
    pub requests: u64,
}
