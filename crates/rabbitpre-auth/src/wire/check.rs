//! The body of a check (SPEC.md §3, §4.10 Request, checkType).

use crate::decimal::Decimal;
use crate::error::Undecidable;
use crate::json::read;
use crate::rule::Written;
use crate::value::{NULL, Object, Value};
use crate::wire::UserParam;

/// A check that can be decided. Unknown members are kept.
#[derive(Debug, Clone)]
pub struct CheckRequest<'a> {
    members: Object<'a>,
    user: UserParam<'a>,
    conditions: Vec<Condition<'a>>,
    check_type: bool,
}

impl<'a> CheckRequest<'a> {
    /// Reads a body of at most 1 MiB.
    ///
    /// # Errors
    /// [`Undecidable`], code 400: the body is unreadable, or not a check as SPEC.md §4.10 Request says.
    pub fn parse(body: &'a [u8]) -> Result<Self, Undecidable> {
        Self::from_value(read(body)?)
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
        Ok(CheckRequest { members, user, conditions, check_type })
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
        self.member("externalConfigId").filter(|_| self.check_type)?.as_id()
    }

    /// Any other member: `interfaceName`, `externalConditionUrl`, `externalExtras` …
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value<'a>> {
        self.members.get(name)
    }
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
        Value::Object(members) => Ok(Condition(members)),
        _ => Err(Undecidable::ConditionsUnreadable),
    };
    match auth_params {
        Value::Null => Ok(Vec::new()),
        Value::List(entries) => entries.into_iter().map(condition).collect(),
        _ => Err(Undecidable::ConditionsUnreadable),
    }
}

/// One condition of `authParams[]`: `{chineseName, englishName, paramType, values, operator, option[]}`.
#[derive(Debug, Clone)]
pub struct Condition<'a>(Object<'a>);

impl<'a> Condition<'a> {
    /// `englishName`: the attribute it looks up. Empty if there is none; the condition then never holds.
    #[must_use]
    pub fn english_name(&self) -> &str {
        self.0.member("englishName").as_id().unwrap_or_default()
    }

    /// `chineseName`, for people.
    #[must_use]
    pub fn chinese_name(&self) -> &str {
        self.0.member("chineseName").as_id().unwrap_or_default()
    }

    /// A member by its exact name; null if there is none.
    #[must_use]
    pub fn member(&self, name: &str) -> &Value<'a> {
        self.0.get(name).unwrap_or(&NULL)
    }

    pub(crate) fn written(&'a self) -> Written<'a> {
        Written {
            name: self.member("englishName"),
            label: self.member("chineseName"),
            param_type: self.member("paramType"),
            operator: self.member("operator"),
            values: self.member("values"),
        }
    }
}

impl<'a> From<Object<'a>> for Condition<'a> {
    fn from(members: Object<'a>) -> Self {
        Condition(members)
    }
}
