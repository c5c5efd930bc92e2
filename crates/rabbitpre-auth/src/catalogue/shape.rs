//! The shape that each type wants of its children (SPEC.md §1).

use std::borrow::Cow;
use std::collections::HashSet;

use super::error::CatalogueError;
use super::offer::{Choice, Offer};
use crate::decimal::{Decimal, scalar_text};
use crate::instant::{Moment, Period};
use crate::json::MAX_DEPTH;
use crate::operator::ParamType;

/// The most levels of a cascader. A saved tree lies in a body, its `settingData`, a condition of it and the list of its
/// values, and each level is an object in a list.
pub(super) const MAX_LEVELS: usize = (MAX_DEPTH - 4) / 2;

/// Checks the children of one offer, the `place`th from 1.
pub(super) fn check(place: usize, offer: &Offer) -> Result<(), CatalogueError> {
    let name = || offer.name.clone();
    if deeper(&offer.children, MAX_LEVELS) {
        return Err(CatalogueError::TooDeep { place, name: name() });
    }
    if let Err(wanted) = shape(offer) {
        let param_type = offer.param_type.as_str();
        return Err(CatalogueError::Children { place, name: name(), param_type, wanted });
    }
    match (offer.param_type, doubled(&offer.children)) {
        (ParamType::Area | ParamType::DateTimeRange, _) | (_, None) => Ok(()),
        (_, Some(value)) => {
            Err(CatalogueError::DoubledChoice { place, name: name(), value: value.into_owned() })
        }
    }
}

fn deeper(choices: &[Choice], levels: usize) -> bool {
    !choices.is_empty()
        && levels
            .checked_sub(1)
            .is_none_or(|left| choices.iter().any(|choice| deeper(&choice.children, left)))
}

/// SPEC.md §1: the children each type has.
fn shape(offer: &Offer) -> Result<(), &'static str> {
    let children = &offer.children;
    let flat = children.iter().all(|choice| choice.children.is_empty());
    match offer.param_type {
        ParamType::Text | ParamType::Number if !children.is_empty() => Err("no children"),
        ParamType::Select | ParamType::Checkbox if children.is_empty() || !flat || !complete(children) => {
            Err("children with `label` and `value`, and nothing below them")
        }
        ParamType::Area | ParamType::DateTimeRange => {
            let [lowest, highest] = &**children else { return Err(TWO_BOUNDS) };
            if !flat {
                return Err(TWO_BOUNDS);
            }
            bounds(offer.param_type, lowest, highest)
        }
        ParamType::Cascader if children.is_empty() || !complete_tree(children) => {
            Err("children with `label` and `value`, at every level")
        }
        _ => Ok(()),
    }
}

const TWO_BOUNDS: &str = "two children with `value`, the lower bound first";

fn complete(choices: &[Choice]) -> bool {
    choices.iter().all(|choice| choice.label.is_some() && !choice.value.is_empty())
}

fn complete_tree(choices: &[Choice]) -> bool {
    complete(choices) && choices.iter().all(|choice| complete_tree(&choice.children))
}

/// Bounds may be left open: the editor's user fills them in.
fn bounds(param_type: ParamType, lowest: &Choice, highest: &Choice) -> Result<(), &'static str> {
    let given = || [lowest, highest].into_iter().map(|bound| &bound.value).filter(|value| !value.is_empty());
    let (lowest, highest) = (lowest.value.as_value(), highest.value.as_value());
    let both = given().count() == 2;
    if param_type == ParamType::Area {
        if given().any(|value| Decimal::read(value.as_value()).is_none()) {
            return Err("numbers as the `value` of its two children");
        }
        if both && Decimal::read(lowest) > Decimal::read(highest) {
            return Err(TWO_BOUNDS);
        }
        return Ok(());
    }
    if given().any(|value| Moment::read(value.as_value()).is_none()) {
        return Err(
            "dates as the `value` of its two children: `yyyy-MM-dd`, `yyyy-MM-dd HH:mm:ss`, RFC 3339 or milliseconds",
        );
    }
    if let (true, Some(from), Some(to)) = (both, Moment::read(lowest), Moment::read(highest)) {
        let period = Period::between(from, to).ok_or("two dates or two plain numbers, not one of each")?;
        if period.is_empty() {
            return Err(TWO_BOUNDS);
        }
    }
    Ok(())
}

/// A value that stands twice beside each other, at any level: whoever chooses it could not tell which is meant.
fn doubled(choices: &[Choice]) -> Option<Cow<'_, str>> {
    let mut seen = HashSet::new();
    let values = choices.iter().filter_map(|choice| scalar_text(choice.value.as_value()));
    let twice = values.into_iter().find(|value| !seen.insert(value.clone()));
    twice.or_else(|| choices.iter().find_map(|choice| doubled(&choice.children)))
}
