//! What becomes of records.

use std::fmt;
use std::str::FromStr;

/// What is known about a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// To be sent.
    Queued,
    /// Lent to somebody who sends it.
    Sending,
    /// Sent, and nobody knows what became of it. It will be sent again.
    Unknown,
    /// The other side has it.
    Accepted,
    /// The other side does not want it.
    Refused,
}

impl State {
    /// All, in the order of a record's life.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Sending, Self::Unknown, Self::Accepted, Self::Refused];

    /// `queued`, `sending`, `unknown`, `accepted` or `refused`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }
}

/// The state's name.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text names no state: the caller's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no state of a record: queued, sending, unknown, accepted or refused")]
pub struct StateNameError;

impl FromStr for State {
    type Err = StateNameError;

    fn from_str(name: &str) -> Result<Self, StateNameError> {
        Self::ALL.into_iter().find(|state| state.name() == name).ok_or(StateNameError)
    }
}

/// What the other side says about a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It has it. The content is deleted; id and fingerprint stay until they are forgotten.
    Accepted,
    /// It does not want it. The content stays.
    Refused {
        /// Its code.
        code: String,
        /// Its message, fit for a log.
        message: String,
    },
}

/// How many records are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// To be sent, new content that follows what is being sent included.
    pub queued: u64,
    /// Lent to somebody.
    pub sending: u64,
    /// Sent, outcome unknown.
    pub unknown: u64,
    /// Accepted, and not yet forgotten.
    pub accepted: u64,
    /// Refused.
    pub refused: u64,
}

impl Counts {
    /// In this state.
    #[must_use]
    pub const fn of(&self, state: State) -> u64 {
        match state {
            State::Queued => self.queued,
            State::Sending => self.sending,
            State::Unknown => self.unknown,
            State::Accepted => self.accepted,
            State::Refused => self.refused,
        }
    }

    /// What is not settled yet.
    #[must_use]
    pub const fn open(&self) -> u64 {
        self.queued.saturating_add(self.sending).saturating_add(self.unknown)
    }
}

/// Where a page of an export ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub(crate) String);

/// Records of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// At most as many as were asked for.
    pub records: Vec<Exported>,
    /// Where to go on; [`None`] when there are no more.
    pub next: Option<Cursor>,
}

/// A record of an export. `Debug` shows neither content nor message.
#[derive(Clone, PartialEq, Eq)]
pub struct Exported {
    /// Its id.
    pub id: String,
    /// Its content; [`None`] where it was accepted.
    pub content: Option<Vec<u8>>,
    /// Code and message, where it was refused.
    pub refusal: Option<(String, String)>,
}

impl fmt::Debug for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exported({})", self.id.escape_debug())
    }
}
