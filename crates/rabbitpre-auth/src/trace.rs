//! Why: the reason of each condition, and the trace that lists them (SPEC.md §4.9, §4.10 Trace).

use std::fmt;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::value::Value;

/// Why a condition holds or does not. Everything but [`Reason::Holds`] denies (SPEC.md §4.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The condition holds.
    Holds,
    /// The user's value is readable and does not satisfy the condition.
    NotSatisfied,
    /// The user has no such attribute, or it is null or an empty list.
    MissingAttribute,
    /// The user's value cannot be read as the condition's type.
    UnreadableAttribute,
    /// The condition names no attribute.
    NoName,
    /// The condition's type is absent or unknown.
    UnknownType,
    /// The condition's operator is unknown, or no text.
    UnknownOperator,
    /// The operator does not apply to the type.
    OperatorNotForType,
    /// The condition has no values.
    EmptyValues,
    /// An order operator takes exactly one number, BETWEEN two.
    WrongNumberOfValues,
    /// A configured value cannot be read as the condition's type.
    UnreadableValues,
    /// The lower bound is above the upper one.
    EmptyRange,
    /// The user's attribute is false, 0 or empty, which a one-node external value does not count as having it.
    AttributeWithoutContent,
    /// `externalConfigId` is absent, or of a kind that is no id.
    NoSettingId,
    /// No setting is saved under `externalConfigId`.
    UnknownSetting,
    /// What is saved under `externalConfigId` cannot be read as a setting.
    UnreadableSetting,
    /// `externalConfigOperator` is neither ALL nor IN.
    UnknownCombination,
    /// `externalConfigValues` is neither a text nor a list.
    UnreadableExternalValues,
    /// Neither saved conditions nor external values: nothing that could hold.
    NothingToCheck,
    /// None of the saved conditions holds, and one was enough.
    NoSavedConditionHolds,
    /// None of the external values holds, and one was enough.
    NoExternalValueHolds,
}

impl Reason {
    /// Stable, for machines: `missing-attribute`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.words().0
    }

    /// For the people who configure conditions: a clause in Chinese, without anything the user has.
    #[must_use]
    pub const fn chinese(self) -> &'static str {
        self.words().1
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Holds => ("holds", "满足"),
            Self::NotSatisfied => ("not-satisfied", "用户的值不满足条件"),
            Self::MissingAttribute => ("missing-attribute", "用户没有该属性"),
            Self::UnreadableAttribute => ("unreadable-attribute", "用户的值与条件类型不符，无法比较"),
            Self::NoName => ("no-name", "条件没有属性名"),
            Self::UnknownType => ("unknown-type", "条件类型缺失或未知"),
            Self::UnknownOperator => ("unknown-operator", "条件运算符未知"),
            Self::OperatorNotForType => ("operator-not-for-type", "该类型不支持此运算符"),
            Self::EmptyValues => ("empty-values", "条件没有配置值"),
            Self::WrongNumberOfValues => ("wrong-number-of-values", "条件配置值的个数不对"),
            Self::UnreadableValues => ("unreadable-values", "条件配置值与类型不符"),
            Self::EmptyRange => ("empty-range", "条件区间下限大于上限"),
            Self::AttributeWithoutContent => ("attribute-without-content", "用户的该属性为假、零或空"),
            Self::NoSettingId => ("no-setting-id", "未提供外部配置编号"),
            Self::UnknownSetting => ("unknown-setting", "外部配置不存在"),
            Self::UnreadableSetting => ("unreadable-setting", "外部配置无法读取"),
            Self::UnknownCombination => ("unknown-combination", "外部配置组合方式未知"),
            Self::UnreadableExternalValues => ("unreadable-external-values", "外部配置值格式不对"),
            Self::NothingToCheck => ("nothing-to-check", "外部配置为空"),
            Self::NoSavedConditionHolds => ("no-saved-condition-holds", "外部配置的条件均不满足"),
            Self::NoExternalValueHolds => ("no-external-value-holds", "外部配置值均不满足"),
        }
    }
}

impl fmt::Display for Reason {
    /// The Chinese clause, then the code: `用户没有该属性 (missing-attribute)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.chinese(), self.code())
    }
}

/// The account of one check: an entry per condition, in order: those of the request, the saved ones, the
/// external values (SPEC.md §4.10 Trace).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The decision; always the one that [`crate::Check::decide`] makes.
    pub allowed: bool,
    /// Why the external check as a whole denies, when no single condition tells it.
    pub external: Option<Reason>,
    /// One entry per condition.
    pub entries: Vec<TraceEntry>,
}

/// The account of one condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceEntry {
    /// The attribute's name; empty if the condition has none.
    pub name: String,
    /// What people call the condition: `chineseName` or `label`, else the name.
    pub label: String,
    /// Why it holds or does not.
    pub reason: Reason,
    /// The effective operator; one that is unknown as it was written, `None` if there is none at all.
    pub operator: Option<String>,
    /// The configured values as written.
    pub expected: Value<'static>,
    /// What the user has, texts masked; null if nothing.
    pub had: Value<'static>,
}

impl TraceEntry {
    /// Whether the condition holds.
    #[must_use]
    pub fn held(&self) -> bool {
        self.reason == Reason::Holds
    }
}

impl Serialize for TraceEntry {
    /// `{name, held, reason, operator, expected, had}` (SPEC.md §4.10 Trace).
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entry = serializer.serialize_struct("TraceEntry", 6)?;
        entry.serialize_field("name", &self.name)?;
        entry.serialize_field("held", &self.held())?;
        entry.serialize_field("reason", &self.reason.to_string())?;
        entry.serialize_field("operator", &self.operator)?;
        entry.serialize_field("expected", &self.expected)?;
        entry.serialize_field("had", &self.had)?;
        entry.end()
    }
}

/// How many values of one attribute a trace shows, and how many characters of one text: many conditions may
/// look at one long list, and the trace would repeat it for each.
const SHOWN: usize = 256;

/// How many values of lists all entries of a trace show: thousands of conditions may look at the same list.
pub(crate) const SHOWN_IN_ALL: usize = 64 * SHOWN;

/// What the user has, fit to be shown: texts keep their first and last character (SPEC.md §4.10 Trace).
///
/// Of long lists the first 256 values are shown, then `…`; long texts are shortened to 256 characters.
#[must_use]
pub fn masked(value: &Value<'_>) -> Value<'static> {
    masked_within(value, &mut SHOWN.clone())
}

/// The same for one of many, which together show what is `left`.
pub(crate) fn masked_among(value: &Value<'_>, left: &mut usize) -> Value<'static> {
    let most = SHOWN.min(*left);
    let mut unused = most;
    let shown = masked_within(value, &mut unused);
    *left -= most - unused;
    shown
}

/// The depth is bounded by the reader's.
fn masked_within(value: &Value<'_>, left: &mut usize) -> Value<'static> {
    match value {
        Value::Text(text) => Value::from(masked_text(text)),
        Value::List(items) => {
            let mut shown = Vec::new();
            for item in items {
                if *left == 0 {
                    shown.push(Value::from("…"));
                    break;
                }
                *left -= 1;
                shown.push(masked_within(item, left));
            }
            Value::List(shown)
        }
        // No type reads an object; its member names may be as personal as its values.
        Value::Object(_) => Value::from("{*}"),
        Value::Null | Value::Bool(_) => value.clone().into_owned(),
        // A number that long is none that could be read.
        Value::Number(number) if number.as_str().len() > SHOWN => Value::from("*"),
        Value::Number(_) => value.clone().into_owned(),
    }
}

/// Texts of one or two characters are masked whole. By character, never by byte.
fn masked_text(text: &str) -> String {
    let mut characters = text.chars();
    match (characters.next(), characters.next_back()) {
        (Some(first), Some(last)) if characters.clone().next().is_some() => {
            let hidden = characters.take(SHOWN - 2).map(|_| '*');
            std::iter::once(first).chain(hidden).chain(std::iter::once(last)).collect()
        }
        _ => text.chars().map(|_| '*').collect(),
    }
}
