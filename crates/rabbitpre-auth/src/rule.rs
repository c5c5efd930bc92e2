//! One condition, compiled: what is illegal becomes a reason why it never holds (SPEC.md §4, table; §4.7).

use std::borrow::Cow;

use crate::bound::Bound;
use crate::configured::Configured;
use crate::decimal::{Decimal, with_text};
use crate::instant::{Moment, Period};
use crate::intern::Interned;
use crate::label::Label;
use crate::name::Name;
use crate::operator::{Operator, ParamType};
use crate::path::PathSet;
use crate::set::NumberSet;
use crate::trace::Reason;
use crate::value::Value;

/// A condition as it was written.
#[derive(Debug, Clone)]
pub(crate) struct Written<'a> {
    /// `englishName`, in settings `name`; empty if there is none.
    pub(crate) name: Cow<'a, str>,
    /// `chineseName`, in settings `label`.
    pub(crate) label: Option<Cow<'a, str>>,
    /// `paramType`, in settings `type`; `None` if it is absent or unknown.
    pub(crate) param_type: Option<ParamType>,
    /// `operator`.
    pub(crate) operator: Asked<'a>,
    /// `values`, in settings `value`.
    pub(crate) values: Configured<'a>,
}

/// The operator of a condition, as it was written.
#[derive(Debug, Clone)]
pub(crate) enum Asked<'a> {
    /// RP-7: null, absent or empty.
    Default,
    Known(Operator),
    /// The word, if it is one.
    Unknown(Option<Cow<'a, str>>),
}

impl<'a> Written<'a> {
    /// Name, label, type, operator and values, which were read before.
    pub(crate) fn read([name, label, param_type, operator, values]: [&'a Value<'a>; 5]) -> Self {
        Written {
            name: name.as_id().unwrap_or_default().into(),
            label: label.as_id().map(Cow::Borrowed),
            param_type: Self::param_type(param_type),
            operator: Asked::of(operator)
                .unwrap_or_else(|| Asked::Unknown(operator.as_id().map(Cow::Borrowed))),
            values: Configured::Read(values),
        }
    }

    pub(crate) fn param_type(value: &Value<'_>) -> Option<ParamType> {
        value.as_text().and_then(ParamType::parse)
    }
}

impl<'a> Asked<'a> {
    /// Of a value that nobody needs any more.
    pub(crate) fn owned(value: Value<'a>) -> Self {
        Self::of(&value).unwrap_or_else(|| Asked::Unknown(value.into_id()))
    }

    /// `None` if it is unknown.
    fn of(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Null => Some(Asked::Default),
            Value::Text(word) if word.is_empty() => Some(Asked::Default),
            Value::Text(word) => Operator::parse(word).map(Asked::Known),
            _ => None,
        }
    }
}

/// A compiled condition. It cannot hold an illegal combination of type, operator and values.
#[derive(Clone)]
pub(crate) struct Rule<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) label: Cow<'a, str>,
    /// The effective operator, or the unknown one as written.
    pub(crate) operator: Option<Cow<'a, str>>,
    pub(crate) expected: Expected<'a>,
    pub(crate) test: Result<Test, Reason>,
}

/// Of a rule, what it takes to decide.
#[derive(Clone)]
pub(crate) struct Clause<'a> {
    pub(crate) name: Name<'a>,
    pub(crate) test: Result<Test, Reason>,
    pub(crate) label: Label,
}

/// Of a rule, what it takes besides to tell of it.
#[derive(Clone)]
pub(crate) struct Account<'a> {
    pub(crate) operator: Option<Cow<'a, str>>,
    pub(crate) expected: Expected<'a>,
}

/// The configured values: as they were given, or owned by a program that outlives them.
#[derive(Clone)]
pub(crate) enum Expected<'a> {
    Given(Configured<'a>),
    Owned(Box<Value<'static>>),
}

impl Expected<'_> {
    pub(crate) fn to_value(&self) -> Value<'static> {
        match self {
            Expected::Given(values) => values.to_value(),
            Expected::Owned(value) => Value::clone(value),
        }
    }
}

/// What has to be true of the user's value.
#[derive(Clone)]
pub(crate) enum Test {
    /// text, checkbox, select
    Texts(Relation, Interned),
    /// number, against a set
    Numbers(Relation, NumberSet),
    /// number, area: GT, GTEQ, LT, LTEQ
    Order(Order, Bound),
    /// number, area: BETWEEN, closed
    Range(Bound, Bound),
    /// cascader
    Paths(Relation, Box<PathSet>),
    /// dateTimeRange
    Period(Box<Period>),
    /// A one-node external value: the user has the attribute, with content
    Content,
}

/// How the user's values V relate to the configured ones C (SPEC.md §4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// EQ and IN: V and C intersect.
    Some,
    /// NEQ: they do not.
    None,
    /// ALL: every c is in V.
    All,
}

/// An order operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl<'a> Rule<'a> {
    pub(crate) fn compile(written: Written<'a>) -> Self {
        let Written { name, label, param_type, operator, values } = written;
        let effective = match &operator {
            // RP-7: null, absent or empty: the type's default
            Asked::Default => Ok(param_type.map(ParamType::default_operator)),
            Asked::Known(operator) => Ok(Some(*operator)),
            Asked::Unknown(_) => Err(Reason::UnknownOperator),
        };
        let test = match (&*name, param_type, effective) {
            ("", _, _) => Err(Reason::NoName),
            (_, None, _) | (_, _, Ok(None)) => Err(Reason::UnknownType),
            (_, _, Err(reason)) => Err(reason),
            (_, Some(param_type), Ok(Some(operator))) => Test::compile(param_type, operator, values),
        };
        let operator = match operator {
            Asked::Unknown(word) => word,
            _ => effective.ok().flatten().map(|operator| Cow::Borrowed(operator.as_str())),
        };
        Rule {
            label: label.unwrap_or_else(|| name.clone()),
            name,
            operator,
            expected: Expected::Given(values),
            test,
        }
    }

    /// Takes it apart.
    pub(crate) fn parts(self) -> (Clause<'a>, Account<'a>) {
        let account = Account { operator: self.operator, expected: self.expected };
        (Clause { name: self.name.into(), test: self.test, label: Label::from(&*self.label) }, account)
    }
}

impl Clause<'_> {
    pub(crate) fn into_owned(self) -> Clause<'static> {
        Clause { name: self.name.into_owned(), test: self.test, label: self.label }
    }
}

impl Account<'_> {
    pub(crate) fn into_owned(self) -> Account<'static> {
        Account {
            operator: self.operator.map(|word| Cow::Owned(word.into_owned())),
            expected: Expected::Owned(Box::new(self.expected.to_value())),
        }
    }
}

impl Test {
    fn compile(param_type: ParamType, operator: Operator, values: Configured<'_>) -> Result<Self, Reason> {
        if !param_type.operators().contains(&operator) {
            return Err(Reason::OperatorNotForType);
        }
        if values.is_empty() {
            return Err(Reason::EmptyValues);
        }
        let relation = match operator {
            Operator::Neq => Relation::None,
            Operator::All => Relation::All,
            _ => Relation::Some,
        };
        match param_type {
            ParamType::Text | ParamType::Checkbox | ParamType::Select => {
                let mut set = Interned::default();
                set.reserve(values.len().min(SOME));
                each(values, |value| with_text(value, |text| set.intern(0, text)))?;
                Ok(Test::Texts(relation, set))
            }
            ParamType::Cascader => {
                PathSet::configured(values).map(|set| Test::Paths(relation, Box::new(set)))
            }
            ParamType::Number | ParamType::Area => Self::number(operator, values),
            ParamType::DateTimeRange => {
                // SPEC.md §4.2: a range has two ends
                let [Some(from), Some(to)] = bounds(values, Moment::read)? else {
                    return Err(Reason::WrongNumberOfValues);
                };
                // SPEC.md §4.10 Dates: value and bounds must be of one kind
                let period = Period::between(from, to).ok_or(Reason::UnreadableValues)?;
                if period.is_empty() { Err(Reason::EmptyRange) } else { Ok(Test::Period(Box::new(period))) }
            }
        }
    }

    fn number(operator: Operator, values: Configured<'_>) -> Result<Self, Reason> {
        let order = match operator {
            Operator::Gt => Order::Greater,
            Operator::Gteq => Order::GreaterOrEqual,
            Operator::Lt => Order::Less,
            Operator::Lteq => Order::LessOrEqual,
            Operator::Between => {
                let [Some(lowest), Some(highest)] = bounds(values, Decimal::read)? else {
                    return Err(Reason::WrongNumberOfValues);
                };
                // SPEC.md §4.2: lo > hi never holds
                return if lowest > highest {
                    Err(Reason::EmptyRange)
                } else {
                    Ok(Test::Range(lowest.into(), highest.into()))
                };
            }
            Operator::Eq | Operator::Neq | Operator::In | Operator::All => {
                let relation = if operator == Operator::Neq { Relation::None } else { Relation::Some };
                let mut set = NumberSet::default();
                each(values, |value| Decimal::read(value).map(|number| set.insert(number)))?;
                return Ok(Test::Numbers(relation, set));
            }
        };
        // SPEC.md §4.2: an order operator takes exactly one number
        let [Some(bound), None] = bounds(values, Decimal::read)? else {
            return Err(Reason::WrongNumberOfValues);
        };
        Ok(Test::Order(order, bound.into()))
    }
}

/// Up to so many texts get their room at once; of more most may be the same one.
const SOME: usize = 64;

/// Reads every configured value; one that is unreadable, null or a list makes the condition invalid
/// (SPEC.md §4.10 Lists).
fn each<T>(values: Configured<'_>, mut read: impl FnMut(&Value<'_>) -> Option<T>) -> Result<(), Reason> {
    values.each(|value| read(value).map(drop).ok_or(Reason::UnreadableValues))
}

/// Reads the one or two values of an operator that takes no more. Of more only whether they are readable is asked: a
/// body can hold very many.
fn bounds<T>(
    values: Configured<'_>,
    read: impl Fn(&Value<'_>) -> Option<T>,
) -> Result<[Option<T>; 2], Reason> {
    let (mut bounds, mut count) = ([None, None], 0_usize);
    each(values, |value| {
        let bound = read(value)?;
        if let Some(place) = bounds.get_mut(count) {
            *place = Some(bound);
        }
        count += 1;
        Some(())
    })?;
    if count > 2 { Err(Reason::WrongNumberOfValues) } else { Ok(bounds) }
}
