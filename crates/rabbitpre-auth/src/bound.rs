//! The bounds of order operators and of BETWEEN (SPEC.md §4.2).

use std::cmp::Ordering;

use crate::decimal::{Decimal, Form};
use crate::short::Short;

/// A configured number, in little room: most are short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bound {
    Short(Short),
    Long(Box<Decimal>),
}

impl Bound {
    /// How the user's number compares with this one.
    #[inline]
    pub(crate) fn order_of_short(&self, number: Short) -> Ordering {
        match self {
            Bound::Short(bound) => number.cmp(bound),
            Bound::Long(bound) => Decimal::from(number).cmp(bound),
        }
    }

    /// The same, of any number.
    pub(crate) fn order_of(&self, number: &Decimal) -> Ordering {
        match self {
            Bound::Short(bound) => number.cmp(&Decimal::from(*bound)),
            Bound::Long(bound) => number.cmp(bound),
        }
    }
}

impl From<Decimal> for Bound {
    fn from(number: Decimal) -> Self {
        match number.form() {
            Form::Short(short) => Bound::Short(*short),
            Form::Long(_) => Bound::Long(Box::new(number)),
        }
    }
}
