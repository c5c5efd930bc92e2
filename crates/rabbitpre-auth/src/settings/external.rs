//! `externalConfigOperator` and `externalConfigValues`, of a request or of a saved setting (SPEC.md §4.8, §4.10 External
//! check).

use std::borrow::Cow;

use crate::configured::Configured;
use crate::decimal::scalar_text;
use crate::operator::Combine;
use crate::path::{PathSet, node};
use crate::program::Program;
use crate::rule::{Expected, Relation, Rule, Test};
use crate::trace::Reason;
use crate::value::Value;

/// `externalConfigOperator`: `None` if it is not given, that is null, absent or `""`; `[]` and `{}` are unknown
/// (SPEC.md §4.10 External check).
pub(crate) fn combination(given: &Value<'_>) -> Result<Option<Combine>, Reason> {
    match given {
        Value::Null => Ok(None),
        Value::Text(word) if word.is_empty() => Ok(None),
        Value::Text(word) => Combine::parse(word).map(Some).ok_or(Reason::UnknownCombination),
        _ => Err(Reason::UnknownCombination),
    }
}

/// `externalConfigValues`: `None` if they are not given, that is null, absent or empty
/// (SPEC.md §4.10 External check).
pub(crate) fn external_values<'a>(given: &'a Value<'a>) -> Result<Option<Program<'a>>, Reason> {
    match given {
        Value::Null => Ok(None),
        Value::Text(text) if text.is_empty() => Ok(None),
        Value::List(entries) if entries.is_empty() => Ok(None),
        // A lone text as values is one entry; another kind denies.
        Value::Text(_) | Value::List(_) => Ok(Some(given.elements().iter().map(external_value).collect())),
        _ => Err(Reason::UnreadableExternalValues),
    }
}

/// SPEC.md §4.8: the first node names an attribute, the rest is a cascader path in it.
fn external_value<'a>(entry: &'a Value<'a>) -> Rule<'a> {
    let nodes = match entry {
        Value::Text(_) => std::slice::from_ref(entry),
        Value::List(nodes) => nodes,
        _ => &[],
    };
    let name = nodes.first().and_then(node).unwrap_or_default();
    let test = match nodes {
        _ if name.is_empty() => Err(Reason::UnreadableValues),
        [_] => Ok(Test::Content),
        [_, path @ ..] => PathSet::single(path)
            .map(|set| Test::Paths(Relation::Some, Box::new(set)))
            .ok_or(Reason::UnreadableValues),
        [] => Err(Reason::UnreadableValues),
    };
    Rule {
        label: name.clone(),
        name,
        operator: None,
        expected: Expected::Given(Configured::Read(entry)),
        test,
    }
}

/// How an operator is shown in a trace: the word that is in force, or what was written instead.
pub(crate) fn shown(given: &Value<'_>) -> Option<String> {
    scalar_text(given).filter(|word| !word.is_empty()).map(Cow::into_owned)
}
