//! What a saved setting has that the catalogue does not offer, in words.

use std::fmt;

use crate::operator::ParamType;
use crate::trace::Reason;

/// Something in a saved setting that its editor probably did not mean. It is saved all the same (SPEC.md §4.10 Limits).
///
/// `Display` is for logs, [`chinese`](Self::chinese) for the people who configure conditions. Neither holds a configured
/// value; the name is the condition's own, of at most 64 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Which condition of `settingData`, from 1; `{}` entries are not counted.
    pub place: usize,
    /// Its name as it was saved, cut after 64 characters; empty if it has none.
    pub name: String,
    /// What is wrong.
    pub kind: FindingKind,
}

/// What is wrong with a saved condition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingKind {
    /// The catalogue offers no condition of this name.
    UnknownName {
        /// The offered name that was probably meant.
        nearest: Option<String>,
    },
    /// The condition is compared as another type than the catalogue offers.
    OtherType {
        /// How it is compared.
        saved: ParamType,
        /// What the catalogue says.
        offered: ParamType,
    },
    /// Values that are not among the catalogue's choices.
    NotAChoice {
        /// How many.
        values: usize,
    },
    /// The condition never holds, whoever the user is: its operator does not apply, a value cannot be read as its type …
    NeverHolds(Reason),
}

/// Characters of a saved name that are shown.
const SHOWN: usize = 64;

impl Finding {
    pub(super) fn new(place: usize, name: &str, kind: FindingKind) -> Self {
        Self { place, name: name.chars().take(SHOWN).collect(), kind }
    }

    /// A sentence for the people who configure conditions.
    #[must_use]
    pub fn chinese(&self) -> String {
        let Self { place, name, kind } = self;
        let what = match kind {
            FindingKind::UnknownName { nearest: None } => "不在条件目录中".to_owned(),
            FindingKind::UnknownName { nearest: Some(nearest) } => {
                format!("不在条件目录中，是否应为「{nearest}」？")
            }
            FindingKind::OtherType { saved, offered } => {
                format!("按类型{}比较，而条件目录中为{}", saved.as_str(), offered.as_str())
            }
            FindingKind::NotAChoice { values } => format!("有{values}个值不在可选项中"),
            FindingKind::NeverHolds(reason) => format!("永远不会满足：{}", reason.chinese()),
        };
        format!("第{place}个条件「{name}」{what}")
    }
}

impl FindingKind {
    /// Stable, for machines: `unknown-name`, `other-type`, `not-a-choice`, or the [`Reason::code`] of a condition that
    /// never holds.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownName { .. } => "unknown-name",
            Self::OtherType { .. } => "other-type",
            Self::NotAChoice { .. } => "not-a-choice",
            Self::NeverHolds(reason) => reason.code(),
        }
    }
}

/// `condition 2 "agee" is not in the catalogue; did you mean "age"?`, names between backticks and escaped.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "condition {} `{}` ", self.place, self.name.escape_debug())?;
        match &self.kind {
            FindingKind::UnknownName { nearest } => {
                f.write_str("is not in the catalogue; ")?;
                match nearest {
                    Some(nearest) => write!(f, "did you mean `{nearest}`?"),
                    None => f.write_str("offer it there, or save another one"),
                }
            }
            FindingKind::OtherType { saved, offered } => {
                let (saved, offered) = (saved.as_str(), offered.as_str());
                write!(
                    f,
                    "is compared as `{saved}`, and the catalogue offers it as `{offered}`; save it as that"
                )
            }
            FindingKind::NotAChoice { values } => {
                let are = if *values == 1 { "value that is" } else { "values that are" };
                write!(f, "has {values} {are} not among the catalogue's choices; save one of those")
            }
            FindingKind::NeverHolds(reason) => write!(f, "never holds: {}", remedy(*reason)),
        }
    }
}

/// What the reason of a condition that never holds asks for.
const fn remedy(reason: Reason) -> &'static str {
    match reason {
        Reason::NoName => "it names no attribute; save it with a `name`",
        Reason::UnknownType => "its type is unknown; save one of SPEC.md §4's",
        Reason::UnknownOperator => "its operator is unknown; save one of SPEC.md §4's, or none",
        Reason::OperatorNotForType => "its operator does not apply to its type; save another one, or none",
        Reason::EmptyValues => "it has no values; save at least one",
        Reason::WrongNumberOfValues => "it has the wrong number of values; a range wants two, an order one",
        Reason::UnreadableValues => "a value cannot be read as its type; save another one",
        Reason::EmptyRange => "its lower bound is above the upper one; swap them",
        _ => reason.code(),
    }
}
