//! The conditions the platform's editor offers: getAuthConditions (SPEC.md §1, RP-12).

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::operator::ParamType;

/// One condition the editor offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// What people call it.
    pub label: String,
    /// The attribute it is about; a saved setting names it so.
    pub name: String,
    /// How it is chosen and compared.
    #[serde(rename = "type")]
    pub param_type: ParamType,
    /// What the editor shows at first; usually empty.
    #[serde(default)]
    pub value: Scalar,
    /// What can be chosen; see [`Catalogue::new`] for the shape each type wants.
    #[serde(default)]
    pub children: Vec<Choice>,
}

/// One thing that can be chosen, with what is below it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// What people call it; area and dateTimeRange have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What is compared.
    #[serde(default)]
    pub value: Scalar,
    /// Cascader only: the next level.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Choice>,
}

/// A text, number or boolean that is shown, not computed with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// A boolean.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// A text.
    Text(String),
}

impl Default for Scalar {
    fn default() -> Self {
        Scalar::Text(String::new())
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Scalar::Text(text.to_owned())
    }
}

impl From<i64> for Scalar {
    fn from(number: i64) -> Self {
        Scalar::Integer(number)
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
            value: Scalar::default(),
            children: Vec::new(),
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
        Choice { label: Some(label.to_owned()), value: value.into(), children: Vec::new() }
    }

    /// A bound without a label: area, dateTimeRange.
    #[must_use]
    pub fn bound(value: impl Into<Scalar>) -> Self {
        Choice { label: None, value: value.into(), children: Vec::new() }
    }

    /// The same with a next level: cascader.
    #[must_use]
    pub fn with(mut self, children: impl IntoIterator<Item = Choice>) -> Self {
        self.children = children.into_iter().collect();
        self
    }
}

/// The conditions on offer, each of the shape its type wants.
///
/// ```
/// use rabbitpre_auth::{Catalogue, Choice, Offer, ParamType};
///
/// let catalogue = Catalogue::new(vec![
///     Offer::new("年龄", "age", ParamType::Number),
///     Offer::new("会员", "level", ParamType::Checkbox).with([Choice::new("金", "gold"), Choice::new("银", "silver")]),
/// ])?;
/// assert!(catalogue.to_json().starts_with(r#"{"code":"200","msg":"ok","data":[{"label":"年龄","name":"age""#));
/// # Ok::<(), rabbitpre_auth::CatalogueError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Catalogue(Vec<Offer>);

/// Conditions that cannot be offered. Conditions are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// The file is not JSON, or not an array of conditions.
    #[error(
        "the conditions are not understood at line {line}, column {column}: {what}; write an array of objects with `label`, `name` and `type`"
    )]
    NotUnderstood {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        what: String,
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
}

impl Catalogue {
    /// Takes conditions from code or from a file of another format.
    ///
    /// # Errors
    /// [`CatalogueError`]: an empty or doubled name, or children that are not of the shape of SPEC.md §1.
    pub fn new(offers: Vec<Offer>) -> Result<Self, CatalogueError> {
        let mut names = HashSet::new();
        for (place, offer) in (1..).zip(&offers) {
            let empty = [("name", &offer.name), ("label", &offer.label)]
                .into_iter()
                .find(|(_, text)| text.is_empty());
            if let Some((member, _)) = empty {
                return Err(CatalogueError::Unnamed { place, member });
            }
            if !names.insert(&offer.name) {
                return Err(CatalogueError::DoubledName { place, name: offer.name.clone() });
            }
            if let Err(wanted) = shape(offer) {
                let param_type = offer.param_type.as_str();
                return Err(CatalogueError::Children { place, name: offer.name.clone(), param_type, wanted });
            }
        }
        Ok(Catalogue(offers))
    }

    /// Reads the array of SPEC.md §1.
    ///
    /// # Errors
    /// [`CatalogueError`]: not such an array, or what [`Catalogue::new`] refuses.
    pub fn parse(json: &[u8]) -> Result<Self, CatalogueError> {
        let offers = serde_json::from_slice(json).map_err(|error| CatalogueError::NotUnderstood {
            line: error.line(),
            column: error.column(),
            what: error.to_string(),
        })?;
        Self::new(offers)
    }

    /// The conditions.
    #[must_use]
    pub fn offers(&self) -> &[Offer] {
        &self.0
    }

    /// The answer of getAuthConditions: `{"code":"200","msg":"ok","data":[…]}`.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Reply<'a> {
            code: &'static str,
            msg: &'static str,
            data: &'a [Offer],
        }
        crate::wire::json(&Reply { code: "200", msg: "ok", data: &self.0 })
    }
}

/// SPEC.md §1: the children each type has.
fn shape(offer: &Offer) -> Result<(), &'static str> {
    let children = &offer.children;
    let flat = children.iter().all(|choice| choice.children.is_empty());
    let labelled = children.iter().all(|choice| choice.label.is_some());
    match offer.param_type {
        ParamType::Text | ParamType::Number if !children.is_empty() => Err("no children"),
        ParamType::Select | ParamType::Checkbox if children.is_empty() || !flat || !labelled => {
            Err("children with `label` and `value`, and nothing below them")
        }
        ParamType::Area | ParamType::DateTimeRange if children.len() != 2 || !flat => {
            Err("two children with `value`, the lower bound first")
        }
        ParamType::Cascader if children.is_empty() || !children.iter().all(has_labels) => {
            Err("children with `label` and `value`, at every level")
        }
        _ => Ok(()),
    }
}

/// The nesting is bounded by serde_json's, or by whoever built the tree.
fn has_labels(choice: &Choice) -> bool {
    choice.label.is_some() && choice.children.iter().all(has_labels)
}
