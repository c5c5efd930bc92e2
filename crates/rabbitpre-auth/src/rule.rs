//! One condition, compiled: what is illegal becomes a reason why it never holds (SPEC.md §4, table; §4.7).

use std::borrow::Cow;

use crate::bound::Bound;
use crate::decimal::{Decimal, scalar_text};
use crate::instant::{Moment, Period};
use crate::intern::Interned;
use crate::label::Span;
use crate::name::Name;
use crate::operator::{Operator, ParamType};
use crate::path::PathSet;
use crate::set::NumberSet;
use crate::trace::Reason;
use crate::value::Value;

/// A condition as it was written, by the names it has in either body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written<'a> {
    /// `englishName`, in settings `name`.
    pub(crate) name: &'a Value<'a>,
    /// `chineseName`, in settings `label`.
    pub(crate) label: &'a Value<'a>,
    /// `paramType`, in settings `type`.
    pub(crate) param_type: &'a Value<'a>,
    /// `operator`.
    pub(crate) operator: &'a Value<'a>,
    /// `values`, in settings `value`.
    pub(crate) values: &'a Value<'a>,
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
    pub(crate) label: Span,
}

/// Of a rule, what it takes besides to tell of it.
#[derive(Clone)]
pub(crate) struct Account<'a> {
    pub(crate) operator: Option<Cow<'a, str>>,
    pub(crate) expected: Expected<'a>,
}

/// The configured values as written: borrowed from the request, or owned by a saved setting.
#[derive(Clone)]
pub(crate) enum Expected<'a> {
    Borrowed(&'a Value<'a>),
    Owned(Value<'a>),
}

impl<'a> Expected<'a> {
    pub(crate) const fn value(&self) -> &Value<'a> {
        match self {
            Expected::Borrowed(value) => value,
            Expected::Owned(value) => value,
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
        let name = written.name.as_id().unwrap_or_default();
        let param_type = written.param_type.as_text().and_then(ParamType::parse);
        let operator = match written.operator {
            // RP-7: null, absent or empty: the type's default
            Value::Null => Ok(param_type.map(ParamType::default_operator)),
            Value::Text(word) if word.is_empty() => Ok(param_type.map(ParamType::default_operator)),
            Value::Text(word) => Operator::parse(word).map(Some).ok_or(Reason::UnknownOperator),
            _ => Err(Reason::UnknownOperator),
        };
        let test = match (name, param_type, operator) {
            ("", _, _) => Err(Reason::NoName),
            (_, None, _) | (_, _, Ok(None)) => Err(Reason::UnknownType),
            (_, _, Err(reason)) => Err(reason),
            (_, Some(param_type), Ok(Some(operator))) => Test::compile(param_type, operator, written.values),
        };
        let operator = match operator {
            Ok(known) => known.map(|operator| Cow::Borrowed(operator.as_str())),
            Err(_) => written.operator.as_id().map(Cow::Borrowed),
        };
        Rule {
            name: Cow::Borrowed(name),
            label: Cow::Borrowed(written.label.as_id().unwrap_or(name)),
            operator,
            expected: Expected::Borrowed(written.values),
            test,
        }
    }

    /// Takes it apart; its label goes to those of the whole program.
    pub(crate) fn parts(self, labels: &mut String) -> (Clause<'a>, Account<'a>) {
        let label = Span::push(labels, &self.label);
        let account = Account { operator: self.operator, expected: self.expected };
        (Clause { name: self.name.into(), test: self.test, label }, account)
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
            expected: Expected::Owned(self.expected.value().clone().into_owned()),
        }
    }
}

impl Test {
    fn compile(param_type: ParamType, operator: Operator, values: &Value<'_>) -> Result<Self, Reason> {
        if !param_type.operators().contains(&operator) {
            return Err(Reason::OperatorNotForType);
        }
        // SPEC.md §4.10 Lists: a lone "" configured is empty values
        match values {
            Value::Null => return Err(Reason::EmptyValues),
            Value::Text(text) if text.is_empty() => return Err(Reason::EmptyValues),
            Value::List(items) if items.is_empty() => return Err(Reason::EmptyValues),
            _ => {}
        }
        let relation = match operator {
            Operator::Neq => Relation::None,
            Operator::All => Relation::All,
            _ => Relation::Some,
        };
        match param_type {
            ParamType::Text | ParamType::Checkbox | ParamType::Select => {
                let mut set = Interned::default();
                for text in each(values, scalar_text) {
                    set.intern(0, &text?);
                }
                Ok(Test::Texts(relation, set))
            }
            ParamType::Cascader => {
                PathSet::configured(values).map(|set| Test::Paths(relation, Box::new(set)))
            }
            ParamType::Number | ParamType::Area => Self::number(operator, values),
            ParamType::DateTimeRange => Self::period(&bounds(values, Moment::read)?),
        }
    }

    fn number(operator: Operator, values: &Value<'_>) -> Result<Self, Reason> {
        let order = match operator {
            Operator::Gt => Order::Greater,
            Operator::Gteq => Order::GreaterOrEqual,
            Operator::Lt => Order::Less,
            Operator::Lteq => Order::LessOrEqual,
            Operator::Between => {
                let &[lowest, highest] = &*bounds(values, Decimal::read)? else {
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
                for number in each(values, Decimal::read) {
                    set.insert(number?);
                }
                return Ok(Test::Numbers(relation, set));
            }
        };
        // SPEC.md §4.2: an order operator takes exactly one number
        let &[bound] = &*bounds(values, Decimal::read)? else { return Err(Reason::WrongNumberOfValues) };
        Ok(Test::Order(order, bound.into()))
    }

    fn period(moments: &[Moment]) -> Result<Self, Reason> {
        let &[from, to] = moments else { return Err(Reason::WrongNumberOfValues) };
        // SPEC.md §4.10 Dates: value and bounds must be of one kind
        let period = Period::between(from, to).ok_or(Reason::UnreadableValues)?;
        if period.is_empty() { Err(Reason::EmptyRange) } else { Ok(Test::Period(Box::new(period))) }
    }
}

/// Reads every configured value; one that is unreadable, null or a list makes the condition invalid
/// (SPEC.md §4.10 Lists).
fn each<'a, T>(
    values: &'a Value<'a>,
    read: impl Fn(&'a Value<'a>) -> Option<T>,
) -> impl Iterator<Item = Result<T, Reason>> {
    values.elements().iter().map(move |value| read(value).ok_or(Reason::UnreadableValues))
}

/// Reads the one or two values of an operator that takes no more. Of more only whether they are readable is asked: a
/// body can hold very many.
fn bounds<'a, T>(values: &'a Value<'a>, read: impl Fn(&'a Value<'a>) -> Option<T>) -> Result<Vec<T>, Reason> {
    let values_read = each(values, read);
    if values.elements().len() <= 2 {
        return values_read.collect();
    }
    for value in values_read {
        value?;
    }
    Err(Reason::WrongNumberOfValues)
}
