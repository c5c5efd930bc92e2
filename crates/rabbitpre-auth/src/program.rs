//! Conditions, compiled once and evaluated for many users.

use std::fmt;

use crate::attributes::Lookup;
use crate::evaluate::reason;
use crate::rule::{Rule, Written};
use crate::trace::{Reason, TraceEntry, masked};
use crate::value::Value;
use crate::wire::Condition;

/// A list of compiled conditions. Illegal ones are in it and never hold (SPEC.md §4.7).
///
/// ```
/// use rabbitpre_auth::{Attributes, CheckRequest, Program};
///
/// let request = CheckRequest::parse(r#"{"userParam":{"audid":1},"authParams":[
///     {"englishName":"age","paramType":"number","operator":"GTEQ","values":"18"}]}"#.as_bytes())?;
/// let adults = Program::compile(request.conditions());
/// assert!(adults.holds(&Attributes::parse(br#"{"age":18}"#).unwrap()));
/// assert!(!adults.holds(&Attributes::default()));
/// # Ok::<(), rabbitpre_auth::Undecidable>(())
/// ```
#[derive(Clone, Default)]
pub struct Program<'a> {
    pub(crate) rules: Vec<Rule<'a>>,
}

impl<'a> Program<'a> {
    /// Compiles the conditions of a check; it borrows from them.
    #[must_use]
    pub fn compile(conditions: &'a [Condition<'a>]) -> Self {
        conditions.iter().map(Condition::written).collect()
    }

    /// Copies whatever is borrowed, so that the program can outlive the request.
    #[must_use]
    pub fn into_owned(self) -> Program<'static> {
        Program { rules: self.rules.into_iter().map(Rule::into_owned).collect() }
    }

    /// How many conditions there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none; an empty program holds (SPEC.md §4.1).
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The attributes it reads, with repetitions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().filter(|rule| rule.test.is_ok()).map(|rule| &*rule.name)
    }

    /// Whether every condition holds (SPEC.md §4.1); stops at the first that does not.
    #[must_use]
    pub fn holds(&self, user: &impl Lookup) -> bool {
        self.first_denial(user).is_none()
    }

    /// The account of every condition, in order.
    #[must_use]
    pub fn explain(&self, user: &impl Lookup) -> Vec<TraceEntry> {
        let entry = |rule: &Rule<'_>| TraceEntry {
            name: rule.name.clone().into_owned(),
            label: rule.label.clone().into_owned(),
            reason: reason(rule, user),
            operator: rule.operator.clone().map(std::borrow::Cow::into_owned),
            expected: rule.expected.value().clone().into_owned(),
            had: user.attribute(&rule.name).filter(|_| !rule.name.is_empty()).map_or(Value::Null, masked),
        };
        self.rules.iter().map(entry).collect()
    }

    pub(crate) fn first_denial(&self, user: &impl Lookup) -> Option<(&Rule<'a>, Reason)> {
        self.rules.iter().map(|rule| (rule, reason(rule, user))).find(|(_, reason)| *reason != Reason::Holds)
    }

    pub(crate) fn any_holds(&self, user: &impl Lookup) -> bool {
        self.rules.iter().any(|rule| reason(rule, user) == Reason::Holds)
    }
}

impl fmt::Debug for Program<'_> {
    /// Configured values may be personal too, a list of phone numbers for example.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Program({} conditions)", self.rules.len())
    }
}

impl<'a> FromIterator<Written<'a>> for Program<'a> {
    fn from_iter<I: IntoIterator<Item = Written<'a>>>(conditions: I) -> Self {
        Program { rules: conditions.into_iter().map(Rule::compile).collect() }
    }
}
