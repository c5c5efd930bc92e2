//! How a signature is made, as a value.

use serde::{Deserialize, Serialize};

use crate::{BodyForm, DigestKind, Encoding, Order, Output, Rounds, SecretForm, TextForm};

/// How a platform makes a signature. Four are ready: see [`Platform`](crate::Platform); others are found by
/// [`infer`](crate::infer()).
///
/// ```text
///  parameters ─ selection ─ nulls, empties ─ encoding ─ pair ─ order ─ separator ─┐
///  secret ─ form ─ place ─────────────────────────────────────────────────────────┴─ text ─ digest, rounds ─ output
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// What it is called, such as `jinlaiban`.
    pub name: String,
    /// Which parameters take part.
    pub selection: Selection,
    /// Which of them must have a value.
    #[serde(default)]
    pub required: Required,
    /// What stands for null.
    pub nulls: Fill,
    /// What stands for an empty text.
    pub empties: Fill,
    /// What is done to each value.
    #[serde(default)]
    pub encoding: Encoding,
    /// In which form bodies of JSON are signed.
    #[serde(default)]
    pub body: BodyForm,
    /// How name and value become one.
    pub pair: PairFormat,
    /// How these are sorted.
    pub order: Order,
    /// What stands between them.
    pub separator: String,
    /// Where the secret goes.
    pub secret: Place<String>,
    /// What is done to the secret.
    #[serde(default)]
    pub secret_form: SecretForm,
    /// What is done to the whole text; its charset.
    #[serde(default)]
    pub text: TextForm,
    /// Which digest.
    pub digest: DigestKind,
    /// Is the digest an HMAC, with the secret as its key?
    #[serde(default)]
    pub hmac: bool,
    /// Is the digest taken again?
    #[serde(default)]
    pub rounds: Rounds,
    /// How the digest is written.
    pub output: Output,
    /// Of MD5, the 16 digits in the middle alone.
    #[serde(default)]
    pub short: bool,
}

/// Which parameters take part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Selection {
    /// All.
    All,
    /// All but these.
    Except(Vec<String>),
    /// These, and no other.
    Only(Vec<String>),
}

impl Selection {
    /// Does a parameter of this name take part? Names are case-sensitive; bare values always take part.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Except(names) => !names.iter().any(|other| other == name),
            Self::Only(names) => name.is_empty() || names.iter().any(|other| other == name),
        }
    }

    /// The place of a name in the list, where the list says the order.
    pub(crate) fn rank(&self, name: &str) -> Option<usize> {
        match self {
            Self::Only(names) => names.iter().position(|other| other == name),
            Self::All | Self::Except(_) => None,
        }
    }
}

/// Which parameters must have a value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Required {
    /// Their names.
    pub names: Vec<String>,
    /// May they be absent altogether?
    pub may_be_absent: bool,
    /// May they be the empty text? Null they may never be.
    #[serde(default)]
    pub may_be_empty: bool,
}

/// What stands for a null, or for an empty text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fill {
    /// Nothing: the parameter is left out.
    Dropped,
    /// The empty text: `name=`.
    Kept,
    /// The text `null`, as Java and JavaScript write it.
    Null,
    /// The text `NULL`.
    UpperNull,
    /// The text `None`, as Python writes it.
    None,
    /// The text `undefined`, as JavaScript writes it.
    Undefined,
}

impl Fill {
    pub(crate) const ALL: [Self; 6] =
        [Self::Kept, Self::Dropped, Self::Null, Self::None, Self::Undefined, Self::UpperNull];

    /// The text; [`None`] where the parameter is left out.
    #[must_use]
    pub const fn text(self) -> Option<&'static str> {
        match self {
            Self::Dropped => None,
            Self::Kept => Some(""),
            Self::Null => Some("null"),
            Self::UpperNull => Some("NULL"),
            Self::None => Some("None"),
            Self::Undefined => Some("undefined"),
        }
    }
}

/// How name and value become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairFormat {
    /// `name=value`.
    NameEqualsValue,
    /// `namevalue`.
    NameValue,
    /// `value`.
    Value,
    /// `name:value`.
    NameColonValue,
}

impl PairFormat {
    pub(crate) const ALL: [Self; 4] =
        [Self::NameEqualsValue, Self::Value, Self::NameValue, Self::NameColonValue];

    pub(crate) fn write(self, name: &str, value: &str, mut out: impl FnMut(&str, bool)) {
        match self {
            Self::Value => {}
            Self::NameValue => out(name, false),
            Self::NameEqualsValue => {
                out(name, false);
                out("=", false);
            }
            Self::NameColonValue => {
                out(name, false);
                out(":", false);
            }
        }
        out(value, true);
    }
}

/// Where the secret goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place<T> {
    /// Nowhere; this is at the end in its stead.
    Nowhere {
        /// Often empty.
        instead: T,
    },
    /// At the end: text, `before`, secret, `after`.
    End {
        /// Such as `&key=`.
        before: T,
        /// Often empty.
        after: T,
    },
    /// At the end twice: text, `before`, secret, `before`, secret.
    EndTwice {
        /// Such as `&key=`.
        before: T,
    },
    /// In front: `before`, secret, `after`, text.
    Front {
        /// Often empty.
        before: T,
        /// Such as `&`.
        after: T,
    },
    /// At both ends: secret, `after`, text, `before`, secret.
    BothEnds {
        /// Behind the first.
        after: T,
        /// Before the second.
        before: T,
    },
    /// Among the values, as one more that is sorted in.
    Sorted,
    /// Among the pairs, under this name.
    SortedAs {
        /// Such as `appSecret`.
        name: T,
    },
    /// Bare, behind so many of the parameters in their order.
    Behind {
        /// How many.
        count: u8,
    },
}

impl<T: AsRef<str>> Place<T> {
    pub(crate) fn as_str(&self) -> Place<&str> {
        match self {
            Self::Nowhere { instead } => Place::Nowhere { instead: instead.as_ref() },
            Self::End { before, after } => Place::End { before: before.as_ref(), after: after.as_ref() },
            Self::EndTwice { before } => Place::EndTwice { before: before.as_ref() },
            Self::Front { before, after } => Place::Front { before: before.as_ref(), after: after.as_ref() },
            Self::BothEnds { after, before } => {
                Place::BothEnds { after: after.as_ref(), before: before.as_ref() }
            }
            Self::Sorted => Place::Sorted,
            Self::SortedAs { name } => Place::SortedAs { name: name.as_ref() },
            Self::Behind { count } => Place::Behind { count: *count },
        }
    }

    pub(crate) fn owned(&self) -> Place<String> {
        let own = |text: &T| text.as_ref().to_owned();
        match self {
            Self::Nowhere { instead } => Place::Nowhere { instead: own(instead) },
            Self::End { before, after } => Place::End { before: own(before), after: own(after) },
            Self::EndTwice { before } => Place::EndTwice { before: own(before) },
            Self::Front { before, after } => Place::Front { before: own(before), after: own(after) },
            Self::BothEnds { after, before } => Place::BothEnds { after: own(after), before: own(before) },
            Self::Sorted => Place::Sorted,
            Self::SortedAs { name } => Place::SortedAs { name: own(name) },
            Self::Behind { count } => Place::Behind { count: *count },
        }
    }
}
