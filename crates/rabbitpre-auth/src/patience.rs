//! Patience: a check may ask for more work than there is time for, and whoever waits says when that is.

use std::cell::Cell;

use crate::attributes::Lookup;
use crate::name::Name;
use crate::value::Value;

/// Patience is asked for once in so many values; asking may cost more than looking at one.
const OFTEN: usize = 64;
/// Bytes of text that count like a value.
const TEXT: usize = 64;

/// A user whose attributes are there as long as somebody has patience: without attributes every condition denies, and
/// at once (SPEC.md §4.7).
pub(crate) struct Patient<L, F> {
    user: L,
    going: F,
    /// What may be looked at before the next question; `None` once the answer was no.
    left: Cell<Option<usize>>,
}

impl<L: Lookup, F: Fn() -> bool> Patient<L, F> {
    pub(crate) const fn new(user: L, going: F) -> Self {
        Patient { user, going, left: Cell::new(Some(OFTEN)) }
    }

    /// Whether there was patience all the time, and still is.
    pub(crate) fn to_the_end(&self) -> bool {
        self.left.get().is_some() && (self.going)()
    }

    /// Whether there is patience for one more condition about this value.
    fn lasts(&self, value: Option<&Value<'_>>) -> bool {
        let Some(left) = self.left.get() else { return false };
        let left = left.checked_sub(1 + value.map_or(0, size)).or_else(|| (self.going)().then_some(OFTEN));
        self.left.set(left);
        left.is_some()
    }
}

impl<L: Lookup, F: Fn() -> bool> Lookup for Patient<L, F> {
    fn attribute(&self, name: &str) -> Option<&Value<'_>> {
        self.attribute_named(&Name::from(name))
    }

    #[inline]
    fn attribute_named(&self, name: &Name<'_>) -> Option<&Value<'_>> {
        let value = self.user.attribute_named(name);
        if self.lasts(value) { value } else { None }
    }
}

/// How much there is to look at, roughly; of a long list its length says enough.
fn size(value: &Value<'_>) -> usize {
    match value {
        Value::Text(text) => text.len() / TEXT,
        Value::List(items) if items.len() < OFTEN => {
            let inner = |item: &Value<'_>| match item {
                Value::Text(text) => text.len() / TEXT,
                Value::List(items) => items.len(),
                _ => 0,
            };
            items.len() + items.iter().map(inner).sum::<usize>()
        }
        Value::List(items) => items.len(),
        _ => 0,
    }
}
