//! A vector file that cannot be read: whose line it is, and why.

/// A line of a vector file is wrong. The files are compiled in, so this is a mistake in the repository, not of a caller.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {problem}; run its generator again, or mend the line")]
pub struct LoadError {
    /// The file's name in `vectors/`.
    pub file: &'static str,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It is not JSON, or a member is missing, unknown, or of another kind.
    #[error("not a case: {0}")]
    Json(#[from] serde_json::Error),
    /// It has neither all of `text`, `digest` and `signature` without `error`, nor `error` alone.
    #[error("a case ends either in `text`, `digest` and `signature`, or in `error`")]
    Outcome,
}
