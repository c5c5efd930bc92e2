//! A saved setting against the catalogue: unknown names, other types, values that were not on offer (SPEC.md §1, §4.10).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::finding::{Finding, FindingKind};
use super::nearest::nearest;
use super::offer::{Choice, Offer};
use crate::decimal::scalar_text;
use crate::operator::ParamType;
use crate::path::node;
use crate::rule::Rule;
use crate::value::{Object, Value};
use crate::wire::SettingItem;

/// Whoever has so many findings mends them before he wants to hear of more.
const MOST: usize = 100;

/// What is found in `settingData`, at most [`MOST`].
pub(super) fn findings<'v>(offers: &'v [Offer], setting_data: &'v Value<'v>) -> Vec<Finding> {
    let known: HashMap<&str, &Offer> = offers.iter().map(|offer| (&*offer.name, offer)).collect();
    // Made once for each condition that is asked for: thousands of saved conditions may name the same one.
    let mut choices: HashMap<&str, Choices<'_>> = HashMap::new();
    let mut findings = Vec::new();
    for (place, item) in (1..).zip(SettingItem::of(setting_data).unwrap_or_default()) {
        let written = item.written();
        let (name, saved) = (item.member("name").as_id().unwrap_or_default(), written.param_type);
        let mut found = |kind| findings.push(Finding::new(place, name, kind));
        if let Some(reason) = Rule::compile(written).test.err() {
            found(FindingKind::NeverHolds(reason));
        }
        match (known.get(name), saved) {
            // It has been found to have no name.
            (None, _) if name.is_empty() => {}
            (None, _) => {
                let nearest = nearest(name, known.keys().copied()).map(str::to_owned);
                found(FindingKind::UnknownName { nearest });
            }
            // It has been found to have no type.
            (Some(_), None) => {}
            (Some(offer), Some(saved)) if saved != offer.param_type => {
                found(FindingKind::OtherType { saved, offered: offer.param_type });
            }
            (Some(offer), Some(_)) => {
                let choices = choices.entry(&offer.name).or_insert_with(|| Choices::of(offer));
                let values = choices.others(item.member("value"));
                if values > 0 {
                    found(FindingKind::NotAChoice { values });
                }
            }
        }
        if findings.len() >= MOST {
            findings.truncate(MOST);
            break;
        }
    }
    findings
}

/// What can be chosen.
enum Choices<'c> {
    /// Whatever can be read as the type.
    Any,
    /// checkbox, select
    Flat(HashSet<Cow<'c, str>>),
    /// cascader
    Tree { roots: Level<'c>, nodes: HashSet<Cow<'c, str>> },
}

/// The nodes below a node.
#[derive(Default)]
struct Level<'c>(HashMap<Cow<'c, str>, Level<'c>>);

impl<'c> Choices<'c> {
    fn of(offer: &'c Offer) -> Self {
        match offer.param_type {
            ParamType::Select | ParamType::Checkbox => Self::Flat(
                offer.children.iter().filter_map(|choice| scalar_text(choice.value.as_value())).collect(),
            ),
            ParamType::Cascader => {
                let mut nodes = HashSet::new();
                let roots = Level::of(&offer.children, &mut nodes);
                Self::Tree { roots, nodes }
            }
            ParamType::Text | ParamType::Number | ParamType::Area | ParamType::DateTimeRange => Self::Any,
        }
    }

    /// How many configured values cannot be chosen. Unreadable ones are not counted: they have been found already.
    fn others(&self, values: &Value<'_>) -> usize {
        let count =
            |other: &dyn Fn(&Value<'_>) -> bool| values.elements().iter().filter(|v| other(v)).count();
        match self {
            Self::Any => 0,
            Self::Flat(keys) => {
                count(&|value| scalar_text(value).is_some_and(|key| !key.is_empty() && !keys.contains(&*key)))
            }
            Self::Tree { roots, nodes } => count(&|entry| match entry {
                Value::List(path) => !roots.has_path(path),
                // SPEC.md §4.10 Cascader: the old sample's entry, whose `value` is a list, stands for the trees in it.
                Value::Object(tree) => match tree.get("value") {
                    Some(Value::List(trees)) => !roots.has_trees(trees),
                    _ => !roots.has_tree(tree),
                },
                // SPEC.md §4.3: a one-node path also meets users who have the last node alone.
                lone => node(lone).is_some_and(|node| !nodes.contains(&*node)),
            }),
        }
    }
}

impl<'c> Level<'c> {
    /// The catalogue's depth is bounded, see [`super::shape`].
    fn of(choices: &'c [Choice], nodes: &mut HashSet<Cow<'c, str>>) -> Self {
        let mut level = Level::default();
        for choice in choices {
            let Some(value) = node(choice.value.as_value()) else { continue };
            nodes.insert(value.clone());
            level.0.insert(value, Level::of(&choice.children, nodes));
        }
        level
    }

    fn has_path(&self, path: &[Value<'_>]) -> bool {
        let mut level = Some(self);
        path.iter().all(|value| {
            level = level.zip(node(value)).and_then(|(level, node)| level.0.get(&*node));
            level.is_some()
        })
    }

    fn has_trees(&self, trees: &[Value<'_>]) -> bool {
        trees.iter().all(|tree| tree.as_object().is_none_or(|tree| self.has_tree(tree)))
    }

    /// The depth of a body is bounded by its reader.
    fn has_tree(&self, tree: &Object<'_>) -> bool {
        // SPEC.md §4.10 Cascader: a tree node without `value` uses `label`
        let value = match tree.member("value") {
            Value::Null => tree.member("label"),
            value => value,
        };
        let Some(below) = node(value).and_then(|node| self.0.get(&*node)) else { return false };
        match tree.member("children") {
            Value::List(children) => below.has_trees(children),
            _ => true,
        }
    }
}
