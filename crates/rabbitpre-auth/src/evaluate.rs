//! The one semantics: a rule and what the user has, to a reason (SPEC.md §4.2–§4.7).
//!
//! Decision and trace both come from [`reason`], so they cannot differ.

use crate::attributes::Lookup;
use crate::bound::Bound;
use crate::decimal::{Decimal, with_number, with_text};
use crate::instant::{Moment, Period};
use crate::intern::Interned;
use crate::path::{PathSet, lone_path, user_paths};
use crate::rule::{Clause, Order, Relation, Test};
use crate::set::{Marks, NumberSet};
use crate::trace::Reason;
use crate::value::Value;

/// Whether the rule holds for the user, and why.
#[inline]
pub(crate) fn reason(clause: &Clause<'_>, user: &impl Lookup) -> Reason {
    let test = match &clause.test {
        Ok(test) => test,
        Err(reason) => return *reason,
    };
    match user.attribute_named(&clause.name) {
        // SPEC.md §4.7: for NEQ too. §4.10 Lists: an empty user's list is a missing attribute
        None => Reason::MissingAttribute,
        Some(Value::List(items)) if items.is_empty() => Reason::MissingAttribute,
        Some(had) => test.reason(had),
    }
}

impl Test {
    /// Each kind of test is a function of its own: together they would need more registers than there are, and each would
    /// save and restore them all.
    fn reason(&self, had: &Value<'_>) -> Reason {
        match self {
            Test::Texts(Relation::All, set) => all_texts(set, had),
            Test::Texts(relation, set) => texts(*relation, set, had),
            Test::Numbers(relation, set) => numbers(*relation, set, had),
            Test::Order(order, bound) => ordered(*order, bound, had),
            Test::Range(lowest, highest) => within(lowest, highest, had),
            Test::Period(period) => during(period, had),
            Test::Paths(Relation::All, set) => all_paths(set, had),
            Test::Paths(relation, set) => paths(*relation, set, had),
            Test::Content if has_content(had) => Reason::Holds,
            Test::Content => Reason::AttributeWithoutContent,
        }
    }
}

#[inline(never)]
fn all_texts(set: &Interned, had: &Value<'_>) -> Reason {
    let mut marks = Marks::new(set.len());
    let mut readable = false;
    for value in had.elements() {
        if let Some(found) = with_text(value, |text| set.find(0, text)) {
            readable = true;
            found.into_iter().for_each(|at| marks.mark(at as usize));
        }
    }
    verdict(readable, marks.complete())
}

#[inline(never)]
fn texts(relation: Relation, set: &Interned, had: &Value<'_>) -> Reason {
    match had {
        Value::Text(text) => one(relation, Some(set.find(0, text).is_some())),
        _ => texts_of_any(relation, set, had),
    }
}

#[inline(never)]
fn texts_of_any(relation: Relation, set: &Interned, had: &Value<'_>) -> Reason {
    some(relation, had, |value| with_text(value, |text| set.find(0, text).is_some()))
}

#[inline(never)]
fn numbers(relation: Relation, set: &NumberSet, had: &Value<'_>) -> Reason {
    some(relation, had, |value| {
        with_number(value, |short| set.contains_short(short), |number| set.contains(number))
    })
}

#[inline(never)]
fn ordered(order: Order, bound: &Bound, had: &Value<'_>) -> Reason {
    some(Relation::Some, had, |value| {
        let than_bound =
            with_number(value, |short| bound.order_of_short(short), |number| bound.order_of(number))?;
        Some(match order {
            Order::Greater => than_bound.is_gt(),
            Order::GreaterOrEqual => than_bound.is_ge(),
            Order::Less => than_bound.is_lt(),
            Order::LessOrEqual => than_bound.is_le(),
        })
    })
}

#[inline(never)]
fn within(lowest: &Bound, highest: &Bound, had: &Value<'_>) -> Reason {
    some(Relation::Some, had, |value| {
        with_number(
            value,
            |short| lowest.order_of_short(short).is_ge() && highest.order_of_short(short).is_le(),
            |number| lowest.order_of(number).is_ge() && highest.order_of(number).is_le(),
        )
    })
}

#[inline(never)]
fn during(period: &Period, had: &Value<'_>) -> Reason {
    some(Relation::Some, had, |value| Moment::read(value).and_then(|moment| period.contains(moment)))
}

#[inline(never)]
fn all_paths(set: &PathSet, had: &Value<'_>) -> Reason {
    let mut tally = set.tally();
    let mut readable = false;
    for path in user_paths(had) {
        readable = true;
        set.count(&path, &mut tally);
    }
    verdict(readable, set.complete(&tally))
}

#[inline(never)]
fn paths(relation: Relation, set: &PathSet, had: &Value<'_>) -> Reason {
    match lone_path(had) {
        Some(path) => one(relation, Some(set.matches(&path))),
        None => any(relation, user_paths(had).map(|path| set.matches(&path))),
    }
}

/// `hit` reads one of the user's values; those it cannot read are ignored (SPEC.md §4.10 Lists).
#[inline]
fn some(relation: Relation, had: &Value<'_>, hit: impl Fn(&Value<'_>) -> Option<bool>) -> Reason {
    match had {
        Value::List(items) => any(relation, items.iter().filter_map(hit)),
        lone => one(relation, hit(lone)),
    }
}

/// The same of one value.
#[inline]
fn one(relation: Relation, hit: Option<bool>) -> Reason {
    match hit {
        Some(hit) => verdict(true, hit == (relation != Relation::None)),
        None => verdict(false, false),
    }
}

/// Whether some value hits, or for NEQ none. No readable value at all is doubt, for NEQ too (SPEC.md §4.7).
fn any(relation: Relation, hits: impl Iterator<Item = bool>) -> Reason {
    let mut readable = false;
    for hit in hits {
        readable = true;
        if hit {
            return verdict(true, relation != Relation::None);
        }
    }
    verdict(readable, relation == Relation::None)
}

const fn verdict(readable: bool, satisfied: bool) -> Reason {
    match (readable, satisfied) {
        (false, _) => Reason::UnreadableAttribute,
        (true, true) => Reason::Holds,
        (true, false) => Reason::NotSatisfied,
    }
}

/// SPEC.md §4.10 One-node external value. The depth is bounded by the reader's.
fn has_content(had: &Value<'_>) -> bool {
    match had {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        // A number that cannot be read is doubt.
        Value::Number(number) => {
            Decimal::parse(number.as_str()).is_some_and(|number| number != Decimal::ZERO)
        }
        Value::Text(text) => {
            // Blank is what a person sees as blank, a full-width space too.
            let text = text.trim();
            !text.is_empty()
                && !text.eq_ignore_ascii_case("false")
                && Decimal::parse(text) != Some(Decimal::ZERO)
        }
        Value::List(items) => items.iter().any(has_content),
        Value::Object(object) => !object.is_empty(),
    }
}
