//! Conditions that cannot be offered, and where they stand.

use super::shape::MAX_LEVELS;

/// Conditions that cannot be offered. Conditions are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogueError {
    /// The file is not JSON or TOML, or no list of conditions.
    #[error("the conditions are not understood at line {line}, column {column}: {what}")]
    NotUnderstood {
        /// Line, from 1.
        line: usize,
        /// Column, from 1, in characters.
        column: usize,
        /// What is wrong, and what to write.
        what: String,
    },
    /// One condition of a file.
    #[error("line {line}, column {column}: {error}")]
    At {
        /// Line of the condition's beginning, from 1.
        line: usize,
        /// Column, from 1, in characters.
        column: usize,
        /// What is wrong with it.
        error: Box<CatalogueError>,
    },
    /// A condition without `name` or `label`.
    #[error("condition {place} has no `{member}`; give it one")]
    Unnamed {
        /// Which condition.
        place: usize,
        /// The member that is empty.
        member: &'static str,
    },
    /// Two conditions of one name.
    #[error("condition {place} is named `{name}` like one before it; a name stands for one condition")]
    DoubledName {
        /// Which condition.
        place: usize,
        /// The name.
        name: String,
    },
    /// `children` are not of the shape the type wants (SPEC.md §1).
    #[error("condition {place} `{name}` is of type `{param_type}`, which wants {wanted}")]
    Children {
        /// Which condition.
        place: usize,
        /// Its name.
        name: String,
        /// Its type.
        param_type: &'static str,
        /// What the type wants.
        wanted: &'static str,
    },
    /// Two choices of one value beside each other.
    #[error(
        "condition {place} `{name}` has two choices of the value `{value}`; a value stands for one choice"
    )]
    DoubledChoice {
        /// Which condition.
        place: usize,
        /// Its name.
        name: String,
        /// The value.
        value: String,
    },
    /// A cascader that cannot be saved as a tree: the body would be nested too deep (SPEC.md §4.10 Limits).
    #[error(
        "condition {place} `{name}` has more than {MAX_LEVELS} levels; a saved tree of them could not be read"
    )]
    TooDeep {
        /// Which condition.
        place: usize,
        /// Its name.
        name: String,
    },
}

impl CatalogueError {
    /// Which condition it is about, from 1.
    pub(super) fn place(&self) -> Option<usize> {
        match self {
            Self::NotUnderstood { .. } => None,
            Self::At { error, .. } => error.place(),
            Self::Unnamed { place, .. }
            | Self::DoubledName { place, .. }
            | Self::Children { place, .. }
            | Self::DoubledChoice { place, .. }
            | Self::TooDeep { place, .. } => Some(*place),
        }
    }
}
