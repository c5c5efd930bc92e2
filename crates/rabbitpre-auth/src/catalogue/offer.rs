//! One condition that the editor offers, and what can be chosen (SPEC.md §1).

use serde::Serialize;
use serde::ser::Serializer;

use crate::operator::ParamType;
use crate::value::{Object, Value};

/// One condition the editor offers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Offer {
    /// What people call it.
    pub label: String,
    /// The attribute it is about; a saved setting names it so.
    pub name: String,
    /// How it is chosen and compared.
    #[serde(rename = "type")]
    pub param_type: ParamType,
    /// What the editor shows at first, as the file has it; usually the empty text.
    pub value: Value<'static>,
    /// What can be chosen; see [`Catalogue::new`](crate::Catalogue::new) for the shape each type wants.
    pub children: Vec<Choice>,
    /// Members of a file that this crate does not know: shown to the editor as they are.
    #[serde(flatten, serialize_with = "flat")]
    pub more: Object<'static>,
}

/// One thing that can be chosen, with what is below it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Choice {
    /// What people call it; area and dateTimeRange have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What is compared.
    pub value: Scalar,
    /// Cascader only: the next level.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Choice>,
    /// Members of a file that this crate does not know: shown to the editor as they are.
    #[serde(flatten, serialize_with = "flat")]
    pub more: Object<'static>,
}

fn flat<S: Serializer>(members: &Object<'static>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(members.iter())
}

/// A text, number or boolean that is shown, not computed with: a number keeps its digits as they were written.
///
/// ```
/// use rabbitpre_auth::{Scalar, Value, read};
///
/// assert_eq!(Scalar::from("gold").as_value(), &Value::from("gold"));
/// assert_eq!(Scalar::new(read(b"1.50").unwrap()).unwrap().as_value(), &read(b"1.50").unwrap());
/// assert_eq!(Scalar::new(Value::Null), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar(Value<'static>);

impl Scalar {
    /// Takes a text, a number or a boolean; [`None`] if it is neither.
    #[must_use]
    pub fn new(value: Value<'_>) -> Option<Self> {
        value.is_scalar().then(|| Scalar(value.into_owned()))
    }

    /// What it is.
    #[must_use]
    pub const fn as_value(&self) -> &Value<'static> {
        &self.0
    }

    /// Nothing chosen.
    pub(super) fn is_empty(&self) -> bool {
        self.0.as_text() == Some("")
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// The empty text.
impl Default for Scalar {
    fn default() -> Self {
        Scalar::from("")
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Scalar(Value::from(text.to_owned()))
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Scalar(Value::from(text))
    }
}

impl From<i64> for Scalar {
    fn from(number: i64) -> Self {
        Scalar(Value::from(number))
    }
}

impl From<bool> for Scalar {
    fn from(flag: bool) -> Self {
        Scalar(Value::from(flag))
    }
}

impl Offer {
    /// A condition without choices: text or number.
    #[must_use]
    pub fn new(label: &str, name: &str, param_type: ParamType) -> Self {
        Offer {
            label: label.to_owned(),
            name: name.to_owned(),
            param_type,
            value: Value::from(""),
            children: Vec::new(),
            more: Object::default(),
        }
    }

    /// The same with these choices.
    #[must_use]
    pub fn with(mut self, children: impl IntoIterator<Item = Choice>) -> Self {
        self.children = children.into_iter().collect();
        self
    }
}

impl Choice {
    /// A labelled choice: select, checkbox, cascader.
    #[must_use]
    pub fn new(label: &str, value: impl Into<Scalar>) -> Self {
        Choice { label: Some(label.to_owned()), value: value.into(), ..Choice::default() }
    }

    /// A bound without a label: area, dateTimeRange.
    #[must_use]
    pub fn bound(value: impl Into<Scalar>) -> Self {
        Choice { value: value.into(), ..Choice::default() }
    }

    /// The same with a next level: cascader.
    #[must_use]
    pub fn with(mut self, children: impl IntoIterator<Item = Choice>) -> Self {
        self.children = children.into_iter().collect();
        self
    }
}
