//! The types a condition may have, the operators, and which go together (SPEC.md §4, table).

use serde::{Deserialize, Serialize};

/// The type of a condition. The platform's words are the reverse of HTML's: `select` is 多选, `checkbox` is 单选.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ParamType {
    /// 文本: a text.
    Text,
    /// 数值: a number.
    Number,
    /// 单选: one of several.
    Checkbox,
    /// 多选: some of several.
    Select,
    /// 区间: a number within a range.
    Area,
    /// 级联: a path in a tree.
    Cascader,
    /// A moment within a range (RP-6).
    DateTimeRange,
}

impl ParamType {
    /// All types, in the order of the specification's table.
    pub const ALL: [Self; 7] = [
        Self::Text,
        Self::Number,
        Self::Checkbox,
        Self::Select,
        Self::Area,
        Self::Cascader,
        Self::DateTimeRange,
    ];

    /// The word for it on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Checkbox => "checkbox",
            Self::Select => "select",
            Self::Area => "area",
            Self::Cascader => "cascader",
            Self::DateTimeRange => "dateTimeRange",
        }
    }

    /// Reads the word without regard to ASCII case (SPEC.md §4.10 Types and operators).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(word))
    }

    /// What holds when the condition names no operator (RP-7).
    #[must_use]
    pub const fn default_operator(self) -> Operator {
        match self {
            Self::Text | Self::Number | Self::Checkbox => Operator::Eq,
            Self::Select | Self::Cascader => Operator::In,
            Self::Area | Self::DateTimeRange => Operator::Between,
        }
    }

    /// The operators that apply to the type.
    #[must_use]
    pub const fn operators(self) -> &'static [Operator] {
        use Operator::{All, Between, Eq, Gt, Gteq, In, Lt, Lteq, Neq};
        match self {
            Self::Text | Self::Select | Self::Cascader => &[Eq, Neq, In, All],
            Self::Number => &[Eq, Neq, Gt, Gteq, Lt, Lteq, Between, In],
            Self::Checkbox => &[Eq, Neq, In],
            // SPEC.md §4.10 area
            Self::Area => &[Between, Gt, Gteq, Lt, Lteq],
            Self::DateTimeRange => &[Between],
        }
    }
}

/// How a user's values and the configured ones are compared (SPEC.md §4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Some value equals a configured one.
    Eq,
    /// No value equals any configured one.
    Neq,
    /// Some value is greater.
    Gt,
    /// Some value is greater or equal.
    Gteq,
    /// Some value is less.
    Lt,
    /// Some value is less or equal.
    Lteq,
    /// Some value is within the two, both included.
    Between,
    /// The values and the configured ones intersect.
    In,
    /// Every configured one is among the values.
    All,
}

impl Operator {
    /// Every operator.
    pub const EVERY: [Self; 9] =
        [Self::Eq, Self::Neq, Self::Gt, Self::Gteq, Self::Lt, Self::Lteq, Self::Between, Self::In, Self::All];

    /// The word for it on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "EQ",
            Self::Neq => "NEQ",
            Self::Gt => "GT",
            Self::Gteq => "GTEQ",
            Self::Lt => "LT",
            Self::Lteq => "LTEQ",
            Self::Between => "BETWEEN",
            Self::In => "IN",
            Self::All => "ALL",
        }
    }

    /// Reads the word without regard to ASCII case (SPEC.md §4.10 Types and operators).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(word))
    }
}

/// How the saved conditions, and the external values, combine: `externalConfigOperator` (SPEC.md §4.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Combine {
    /// Every one must hold.
    All,
    /// At least one must hold.
    #[default]
    In,
}

impl Combine {
    /// The word for it on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::In => "IN",
        }
    }

    /// Reads the word without regard to ASCII case (SPEC.md §4.10 Types and operators).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::All, Self::In].into_iter().find(|known| known.as_str().eq_ignore_ascii_case(word))
    }
}
