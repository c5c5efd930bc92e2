//! How the command ends: the exit codes that scripts rely on.

use std::{fmt, process::ExitCode};

/// The exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done.
    Done = 0,
    /// 1: failed.
    Failed = 1,
    /// 2: the command line, the configuration or a missing secret.
    Usage = 2,
    /// 3: done, but some input was rejected.
    Rejected = 3,
    /// 4: sent, and no answer: the outcome is unknown.
    Unknown = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why the command ends without having done what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Failure {
    /// Something went wrong: exit 1.
    pub(crate) fn failed(message: impl fmt::Display) -> Self {
        Self { exit: Exit::Failed, message: message.to_string() }
    }

    /// It was called wrongly: exit 2.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self { exit: Exit::Usage, message: message.to_string() }
    }

    /// Sent, no answer: exit 4.
    pub(crate) fn unknown(message: impl fmt::Display) -> Self {
        Self { exit: Exit::Unknown, message: message.to_string() }
    }

    /// Says so on stderr, and on stdout as JSON where a machine reads.
    pub(crate) fn report(&self, json: bool) {
        eprintln!("duijie: {}", self.message);
        if json {
            let document = serde_json::json!({ "error": self.message, "exit": self.exit as u8 });
            // Nobody is left to tell when stdout is closed too.
            let _ = crate::output::whole(|out| writeln!(out, "{document}"));
        }
    }
}
