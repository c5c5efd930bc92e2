//! Conditions, compiled once and evaluated for many users.

use std::fmt;

use crate::attributes::Lookup;
use crate::check::Denies;
use crate::evaluate::reason;
use crate::rule::{Account, Clause, Rule, Written};
use crate::trace::{Reason, SHOWN_IN_ALL, TraceEntry, masked_among};
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
    clauses: Vec<Clause<'a>>,
    /// One for each of them.
    accounts: Vec<Account<'a>>,
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
        Program {
            clauses: self.clauses.into_iter().map(Clause::into_owned).collect(),
            accounts: self.accounts.into_iter().map(Account::into_owned).collect(),
        }
    }

    /// The same, but without what it takes to explain: whoever keeps it keeps the conditions too.
    pub(crate) fn into_decider(self) -> Program<'static> {
        let mut decider = Program { accounts: Vec::new(), ..self }.into_owned();
        // It is kept for long.
        decider.clauses.shrink_to_fit();
        decider
    }

    /// What its conditions take in memory whatever they are about, in bytes.
    pub(crate) const fn size(&self) -> usize {
        self.clauses.len() * size_of::<Clause<'_>>()
    }

    /// How many conditions there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.clauses.len()
    }

    /// Whether there are none; an empty program holds (SPEC.md §4.1).
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// The attributes it reads, with repetitions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.clauses.iter().filter(|clause| clause.test.is_ok()).map(|clause| clause.name.as_str())
    }

    /// Whether every condition holds (SPEC.md §4.1); stops at the first that does not.
    #[must_use]
    pub fn holds(&self, user: &impl Lookup) -> bool {
        self.clauses.iter().all(|clause| reason(clause, user) == Reason::Holds)
    }

    /// The account of every condition, in order.
    #[must_use]
    pub fn explain(&self, user: &impl Lookup) -> Vec<TraceEntry> {
        let mut left = SHOWN_IN_ALL;
        let entry = |(clause, account): (&Clause<'_>, &Account<'_>)| {
            let name = clause.name.as_str();
            let had = user.attribute(name).filter(|_| !name.is_empty());
            TraceEntry {
                name: name.to_owned(),
                label: clause.label.to_string(),
                reason: reason(clause, user),
                operator: account.operator.clone().map(std::borrow::Cow::into_owned),
                expected: account.expected.to_value(),
                had: had.map_or(Value::Null, |had| masked_among(had, &mut left)),
            }
        };
        self.clauses.iter().zip(&self.accounts).map(entry).collect()
    }

    /// The first condition that does not hold.
    #[inline]
    pub(crate) fn denies(&self, user: &impl Lookup) -> Option<Denies<'_>> {
        self.clauses.iter().find_map(|clause| match reason(clause, user) {
            Reason::Holds => None,
            reason => Some(Denies { condition: Some(&clause.label), reason }),
        })
    }

    pub(crate) fn any_holds(&self, user: &impl Lookup) -> bool {
        self.clauses.iter().any(|clause| reason(clause, user) == Reason::Holds)
    }
}

impl fmt::Debug for Program<'_> {
    /// Configured values may be personal too, a list of phone numbers for example.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Program({} conditions)", self.clauses.len())
    }
}

impl<'a> FromIterator<Written<'a>> for Program<'a> {
    fn from_iter<I: IntoIterator<Item = Written<'a>>>(conditions: I) -> Self {
        conditions.into_iter().map(Rule::compile).collect()
    }
}

impl<'a> FromIterator<Rule<'a>> for Program<'a> {
    fn from_iter<I: IntoIterator<Item = Rule<'a>>>(rules: I) -> Self {
        let (clauses, accounts) = rules.into_iter().map(Rule::parts).unzip();
        Program { clauses, accounts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes::Attributes;
    use crate::wire::CheckRequest;

    #[test]
    fn a_program_counts_its_conditions_and_does_not_show_them() {
        let check = |conditions: &str, expected: usize, names: &[&str]| {
            let body = format!(r#"{{"userParam":{{"audid":1}},"authParams":[{conditions}]}}"#);
            let request = CheckRequest::parse(body.as_bytes()).unwrap();
            let program = Program::compile(request.conditions());
            assert_eq!((program.len(), program.is_empty()), (expected, expected == 0));
            assert_eq!(program.names().collect::<Vec<_>>(), names);
            assert_eq!(format!("{program:?}"), format!("Program({expected} conditions)"));
        };
        let condition = r#"{"englishName":"phone","paramType":"text","values":["17386500821"]}"#;
        check("", 0, &[]);
        // What is illegal counts too, and reads nothing.
        check(&format!("{condition},{{}},{condition}"), 3, &["phone", "phone"]);
    }

    #[test]
    fn a_condition_without_a_label_goes_by_its_name() {
        let check = |label: &str, expected: &str| {
            let condition = format!(r#"{{"englishName":"age",{label}"paramType":"number","values":1}}"#);
            let body = format!(r#"{{"userParam":{{"audid":1}},"authParams":[{condition}]}}"#);
            let request = CheckRequest::parse(body.as_bytes()).unwrap();
            let entries = Program::compile(request.conditions()).explain(&Attributes::default());
            assert_eq!(entries.first().unwrap().label, expected);
        };
        check(r#""chineseName":"年龄","#, "年龄");
        check(r#""chineseName":"","#, "age");
        check(r#""chineseName":null,"#, "age");
        check("", "age");
    }

    #[test]
    fn a_trace_of_very_many_conditions_shows_a_long_list_a_few_times() {
        let condition = r#"{"englishName":"tags","paramType":"select","values":["x"]}"#;
        let conditions = vec![condition; 5000].join(",");
        let body = format!(r#"{{"userParam":{{"audid":1}},"authParams":[{conditions}]}}"#);
        let request = CheckRequest::parse(body.as_bytes()).unwrap();
        let tags: Vec<_> = (0..1000).map(|n| format!("tag{n}")).collect();
        let user: Attributes<'_> = [("tags", tags)].into_iter().collect();
        let entries = Program::compile(request.conditions()).explain(&user);
        let shown = |at: usize| entries.get(at).unwrap().had.elements().len();
        // 256 of them and `…`, as long as there is room; then `…` alone.
        assert_eq!((entries.len(), shown(0), shown(63), shown(64), shown(4999)), (5000, 257, 257, 1, 1));
        assert!(entries.iter().all(|entry| entry.reason == Reason::NotSatisfied));
    }
}
