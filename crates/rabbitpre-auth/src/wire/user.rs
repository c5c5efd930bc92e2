//! `userParam`: who asks to take part (SPEC.md §3, §4.10 Attributes).

use std::fmt;

use crate::value::{Object, Value};

/// What the request says about the user. Unknown members are kept; `Debug` shows none of it.
#[derive(Clone)]
pub struct UserParam<'a> {
    members: Object<'a>,
    /// Positions in `customFields` of the entries with a readable id, by id; of equal ids the first comes first.
    by_field_id: Box<[u32]>,
}

impl<'a> UserParam<'a> {
    /// `None` without an `audid`, which is a text that is not empty or an integer (SPEC.md §4.10 Request).
    pub(crate) fn new(members: Object<'a>) -> Option<Self> {
        let audid = members.get("audid")?.as_id()?;
        if matches!(members.member("audid"), Value::Number(_)) && !audid.bytes().all(is_integer_byte) {
            return None;
        }
        let fields = custom_fields(&members);
        let mut by_field_id: Vec<u32> =
            (0..).zip(fields).filter(|(_, field)| field_id(field).is_some()).map(|(at, _)| at).collect();
        // A stable sort: the first of equal `fieldId`s stays first.
        by_field_id.sort_by_key(|&at| fields.get(at as usize).and_then(field_id));
        let by_field_id = by_field_id.into_boxed_slice();
        Some(UserParam { members, by_field_id })
    }

    /// The user's id, digits as written (RP-3).
    #[must_use]
    pub fn audid(&self) -> &str {
        self.members.member("audid").as_id().unwrap_or_default()
    }

    /// A member by its exact name: `openid`, `phone`, `appId` (RP-9: not `appid`) …
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value<'a>> {
        self.members.get(name)
    }

    /// Every member, in the order they were written.
    #[must_use]
    pub const fn members(&self) -> &Object<'a> {
        &self.members
    }

    /// `fieldValue` of the first of `customFields` with this `fieldId`; null if it has none.
    #[must_use]
    pub fn custom_field(&self, id: &str) -> Option<&Value<'a>> {
        let fields = custom_fields(&self.members);
        let field = |at: &u32| fields.get(*at as usize);
        let first = self.by_field_id.partition_point(|at| field(at).and_then(field_id) < Some(id));
        let found = self.by_field_id.get(first).and_then(field)?;
        (field_id(found) == Some(id)).then(|| found.as_object().map(|field| field.member("fieldValue")))?
    }

    /// `identitys`: the accounts the user has elsewhere; entries that are no objects are left out.
    pub fn identitys(&self) -> impl Iterator<Item = Identity<'_, 'a>> {
        let entries = match self.members.member("identitys") {
            Value::List(entries) => &**entries,
            _ => &[],
        };
        entries.iter().filter_map(Value::as_object).map(Identity)
    }
}

impl fmt::Debug for UserParam<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserParam({} members)", self.members.len())
    }
}

/// One account of `identitys[]`.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'r, 'a>(&'r Object<'a>);

impl<'r, 'a> Identity<'r, 'a> {
    /// A member by its exact name: `identityId`, `openid`, `unionid`, `jcappid`, `appid` …
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&'r Value<'a>> {
        self.0.get(name)
    }

    /// `platform`, by its new name or its old one, `fromTo` (RP-5).
    #[must_use]
    pub fn platform(&self) -> Option<&'r Value<'a>> {
        self.member("platform").or_else(|| self.member("fromTo"))
    }
}

const fn is_integer_byte(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-')
}

/// SPEC.md §4.10 Attributes: `customFields` that is no list is ignored.
fn custom_fields<'r, 'a>(members: &'r Object<'a>) -> &'r [Value<'a>] {
    if let Value::List(fields) = members.member("customFields") { fields } else { &[] }
}

/// SPEC.md §4.10 Attributes: a numeric `fieldId` is read as text; other kinds are ignored.
fn field_id<'r>(field: &'r Value<'_>) -> Option<&'r str> {
    field.as_object()?.member("fieldId").as_id()
}
