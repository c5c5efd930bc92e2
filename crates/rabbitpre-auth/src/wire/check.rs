//! The body of a check (SPEC.md §3, §4.10 Request, checkType).

use std::convert::Infallible;
use std::fmt;
use std::sync::OnceLock;

use super::body::{CheckBody, ExternalMembers, Given};
use super::condition::Condition;
use crate::decimal::Decimal;
use crate::error::Undecidable;
use crate::external::ExternalAsked;
use crate::json::read;
use crate::value::{Object, Value};
use crate::wire::UserParam;

/// A check that can be decided. Unknown members are kept; `Debug` shows none of it.
#[derive(Clone)]
pub struct CheckRequest<'a> {
    members: Members<'a>,
    user: UserParam<'a>,
    conditions: Vec<Condition<'a>>,
    check_type: bool,
}

#[derive(Clone)]
enum Members<'a> {
    /// All but `userParam` and `authParams`, which are null.
    Read(Object<'a>),
    /// What a decision needs of them, and the body, should anybody want to see the others.
    Text { body: &'a [u8], external: ExternalMembers<'a>, all: OnceLock<Object<'static>> },
}

impl<'a> CheckRequest<'a> {
    /// Reads a body of at most 1 MiB. What a decision does not look at is checked, and built when it is asked for.
    ///
    /// # Errors
    /// [`Undecidable`], code 400: the body is unreadable, or not a check as SPEC.md §4.10 Request says.
    pub fn parse(body: &'a [u8]) -> Result<Self, Undecidable> {
        let read = CheckBody::read(body, |_| None::<(Infallible, usize)>)?;
        let conditions = match read.conditions {
            Given::New(conditions, _) => conditions,
            Given::Known(never) => match never {},
        };
        let members = Members::Text { body, external: read.external, all: OnceLock::new() };
        Ok(CheckRequest { members, user: read.user, conditions, check_type: read.check_type })
    }

    /// The same from JSON that has been read already.
    ///
    /// # Errors
    /// [`Undecidable`], code 400: not a check as SPEC.md §4.10 Request says.
    pub fn from_value(body: Value<'a>) -> Result<Self, Undecidable> {
        let Value::Object(mut members) = body else { return Err(Undecidable::NotAnObject) };
        let check_type = check_type(members.member("checkType"))?;
        let Value::Object(user) = members.take("userParam") else { return Err(Undecidable::NoUserParam) };
        let user = UserParam::new(user).ok_or(Undecidable::NoAudid)?;
        let conditions = conditions(members.take("authParams"))?;
        Ok(CheckRequest { members: Members::Read(members), user, conditions, check_type })
    }

    /// Who asks to take part.
    #[must_use]
    pub const fn user(&self) -> &UserParam<'a> {
        &self.user
    }

    /// The conditions of `authParams`.
    #[must_use]
    pub fn conditions(&self) -> &[Condition<'a>] {
        &self.conditions
    }

    /// `checkType`: whether the saved setting must hold as well (RP-4, SPEC.md §4.8).
    #[must_use]
    pub const fn check_type(&self) -> bool {
        self.check_type
    }

    /// The id of the setting that has to be loaded before the check can be decided.
    ///
    /// `None` if `checkType` is false, or if `externalConfigId` is no id (the check then denies).
    #[must_use]
    pub fn setting_id(&self) -> Option<&str> {
        // SPEC.md §4.10 External check: a numeric externalConfigId is read as text
        self.asked()?.id.as_id()
    }

    /// `None` if `checkType` is false (SPEC.md §4.8).
    pub(crate) fn asked(&self) -> Option<ExternalAsked<'_>> {
        self.check_type.then(|| match &self.members {
            Members::Read(members) => ExternalAsked {
                id: members.member("externalConfigId"),
                operator: members.member("externalConfigOperator"),
                values: members.member("externalConfigValues"),
            },
            Members::Text { external, .. } => external.asked(),
        })
    }

    /// Any other member: `interfaceName`, `externalConditionUrl`, `externalExtras` …
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value<'a>> {
        match &self.members {
            Members::Read(members) => members.get(name),
            Members::Text { body, all, .. } => all.get_or_init(|| others(body)).get(name),
        }
    }
}

impl fmt::Debug for CheckRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckRequest({:?}, {} conditions)", self.user, self.conditions.len())
    }
}

/// All members but `userParam` and `authParams`, which are null.
fn others(body: &[u8]) -> Object<'static> {
    // It has been read before.
    let Ok(Value::Object(mut members)) = read(body) else { return Object::default() };
    members.take("userParam");
    members.take("authParams");
    members.into_owned()
}

/// SPEC.md §4.10 checkType.
pub(super) fn check_type(value: &Value<'_>) -> Result<bool, Undecidable> {
    let known = match value {
        Value::Null => Some(false),
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match Decimal::parse(number.as_str()).and_then(|number| number.as_integer())
        {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::Text(word) if word.is_empty() || word == "0" || word.eq_ignore_ascii_case("false") => {
            Some(false)
        }
        Value::Text(word) if word == "1" || word.eq_ignore_ascii_case("true") => Some(true),
        _ => None,
    };
    known.ok_or(Undecidable::CheckTypeUnknown)
}

/// SPEC.md §4.10 Request: absent or null is none; a list of objects, or not decidable.
pub(crate) fn conditions(auth_params: Value<'_>) -> Result<Vec<Condition<'_>>, Undecidable> {
    let condition = |entry| match entry {
        Value::Object(members) => Ok(Condition::from(members)),
        _ => Err(Undecidable::ConditionsUnreadable),
    };
    match auth_params {
        Value::Null => Ok(Vec::new()),
        Value::List(entries) => entries.into_iter().map(condition).collect(),
        _ => Err(Undecidable::ConditionsUnreadable),
    }
}
