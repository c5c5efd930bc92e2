//! What can go wrong on purpose: one fault, and the schedule that says when each falls due.

mod schedule;
mod spec;

use std::time::Duration;

pub(crate) use schedule::Drawn;
pub use schedule::FaultSchedule;
pub use spec::FaultSpecError;

use crate::{Operation, Platform};

/// One thing that goes wrong, where, and how often. Written as in [`FaultSchedule`].
///
/// ```
/// use platform_sandbox::{Fault, FaultKind, Operation, Platform};
/// let fault = Fault::once(Operation::Call, FaultKind::Code("60841018".into()));
/// assert_eq!(fault.to_string(), "webank.call:code=60841018*1");
/// assert_eq!(fault, "webank.call:code=60841018*1".parse()?);
/// let always = Fault::always(Platform::Yichang, FaultKind::NotJson);
/// assert_eq!(always.to_string(), "yichang:not-json");
/// # Ok::<(), platform_sandbox::FaultSpecError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which requests it meets.
    pub target: Target,
    /// What happens.
    pub kind: FaultKind,
    /// How often.
    pub when: When,
}

impl Fault {
    /// Meets the next request, and no other.
    #[must_use]
    pub fn once(target: impl Into<Target>, kind: FaultKind) -> Self {
        Self::times(target, kind, 1)
    }

    /// Meets the next `times` requests.
    #[must_use]
    pub fn times(target: impl Into<Target>, kind: FaultKind, times: u32) -> Self {
        Self { target: target.into(), kind, when: When::Times(times) }
    }

    /// Meets every request.
    #[must_use]
    pub fn always(target: impl Into<Target>, kind: FaultKind) -> Self {
        Self { target: target.into(), kind, when: When::Always }
    }

    /// Meets so many of a hundred requests, by the seed.
    #[must_use]
    pub fn percent(target: impl Into<Target>, kind: FaultKind, percent: u8) -> Self {
        let millionths = u32::from(percent.min(100)) * 10_000;
        Self { target: target.into(), kind, when: When::Share { millionths } }
    }
}

/// Which requests a fault meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// Any request to any platform.
    Any,
    /// Any request to this platform.
    Platform(Platform),
    /// This operation alone.
    Operation(Operation),
}

impl Target {
    pub(crate) fn meets(self, platform: Platform, operation: Option<Operation>) -> bool {
        match self {
            Self::Any => true,
            Self::Platform(wanted) => wanted == platform,
            Self::Operation(wanted) => Some(wanted) == operation,
        }
    }
}

impl From<Platform> for Target {
    fn from(platform: Platform) -> Self {
        Self::Platform(platform)
    }
}

impl From<Operation> for Target {
    fn from(operation: Operation) -> Self {
        Self::Operation(operation)
    }
}

/// What goes wrong. "Processed" means that the platform did what it was asked, whatever the client gets to see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// `cut-before`: the connection is closed without an answer; not processed.
    CutBefore,
    /// `cut-after`: processed; the connection is closed without an answer.
    CutAfter,
    /// `cut-up=BYTES`: the connection is reset once so many bytes of the request's body were read; not processed, also
    /// where the body is shorter.
    CutUp(u64),
    /// `cut-down=BYTES`: processed; the connection is closed after so many bytes of the answer's body. A shorter answer
    /// comes whole.
    CutDown(u64),
    /// `status=N`: an HTTP status with an HTML page, as from a proxy on the way; not processed.
    Status(u16),
    /// `status-after=N`: the same, but processed.
    StatusAfter(u16),
    /// `code=N`: the platform refuses with its own code; not processed.
    Code(String),
    /// `slow=DURATION`: processed; the answer comes so much later, in real time.
    Slow(Duration),
    /// `half`: processed; half of the answer comes, then the connection is closed.
    Half,
    /// `not-json`: processed; the answer is an HTML page with status 200.
    NotJson,
    /// `empty`: processed; the answer has status 200 and no body.
    Empty,
    /// `state`: 晋来办 answers `state` instead of `status` (JL-2); processed.
    State,
    /// `kick`: just before, a rival fetches WeBank's token and ticket (`webank SPEC.md §2.3`); then processed.
    Kick,
}

/// How often a fault falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum When {
    /// Each time.
    Always,
    /// So many times, then never again.
    Times(u32),
    /// For a share of the requests, drawn from the seed.
    Share {
        /// The share: 1,000,000 is each.
        millionths: u32,
    },
}
