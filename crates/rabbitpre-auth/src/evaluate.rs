//! The one semantics: a rule and what the user has, to a reason (SPEC.md §4.2–§4.7).
//!
//! Decision and trace both come from [`reason`], so they cannot differ.

use crate::attributes::Lookup;
use crate::decimal::{Decimal, with_number, with_text};
use crate::instant::Moment;
use crate::path::user_paths;
use crate::rule::{Clause, Order, Relation, Test};
use crate::set::Marks;
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
    fn reason(&self, had: &Value<'_>) -> Reason {
        match self {
            Test::Texts(Relation::All, set) => {
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
            Test::Texts(relation, set) => {
                some(*relation, had, |value| with_text(value, |text| set.find(0, text).is_some()))
            }
            Test::Numbers(relation, set) => some(*relation, had, |value| {
                with_number(value, |short| set.contains_short(short), |number| set.contains(number))
            }),
            Test::Order(order, bound) => some(Relation::Some, had, |value| {
                let than_bound =
                    with_number(value, |short| bound.order_of_short(short), |number| bound.order_of(number))?;
                Some(match order {
                    Order::Greater => than_bound.is_gt(),
                    Order::GreaterOrEqual => than_bound.is_ge(),
                    Order::Less => than_bound.is_lt(),
                    Order::LessOrEqual => than_bound.is_le(),
                })
            }),
            Test::Range(lowest, highest) => some(Relation::Some, had, |value| {
                with_number(
                    value,
                    |short| lowest.order_of_short(short).is_ge() && highest.order_of_short(short).is_le(),
                    |number| lowest.order_of(number).is_ge() && highest.order_of(number).is_le(),
                )
            }),
            Test::Period(period) => some(Relation::Some, had, |value| {
                Moment::read(value).and_then(|moment| period.contains(moment))
            }),
            Test::Paths(Relation::All, set) => {
                let mut tally = set.tally();
                let mut readable = false;
                for path in user_paths(had) {
                    readable = true;
                    set.count(&path, &mut tally);
                }
                verdict(readable, set.complete(&tally))
            }
            Test::Paths(relation, set) => any(*relation, user_paths(had).map(|path| set.matches(&path))),
            Test::Content if has_content(had) => Reason::Holds,
            Test::Content => Reason::AttributeWithoutContent,
        }
    }
}

/// `hit` reads one of the user's values; those it cannot read are ignored (SPEC.md §4.10 Lists).
fn some(relation: Relation, had: &Value<'_>, hit: impl Fn(&Value<'_>) -> Option<bool>) -> Reason {
    any(relation, had.elements().iter().filter_map(hit))
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
