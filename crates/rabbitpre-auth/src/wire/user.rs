//! `userParam`: who asks to take part (SPEC.md §3, §4.10 Attributes).

use std::fmt;
use std::sync::OnceLock;

use crate::json::read;
use crate::name::Name;
use crate::object::Member;
use crate::value::{Object, Value};

/// What the request says about the user. Unknown members are kept; `Debug` shows none of it.
#[derive(Clone)]
pub struct UserParam<'a> {
    /// Every member. Of a user whose `text` is kept, lists and objects are null, as conditions see them.
    own: Object<'a>,
    fields: Fields<'a>,
    /// `userParam` as it was written, and what it reads as, should anybody want to see all of it.
    whole: Option<(&'a str, OnceLock<Object<'static>>)>,
}

/// `customFields` as conditions see them: those with a readable id, of equal ids the first.
#[derive(Clone)]
enum Fields<'a> {
    /// Positions in the list, by id; of equal ids the first comes first.
    Among(Box<[u32]>),
    /// Their ids and values.
    Apart(Object<'a>),
}

impl<'a> UserParam<'a> {
    /// `None` without an `audid`, which is a text that is not empty or an integer (SPEC.md §4.10 Request).
    pub(crate) fn new(members: Object<'a>) -> Option<Self> {
        let fields = custom_fields(&members);
        let mut by_id: Vec<u32> =
            (0..).zip(fields).filter(|(_, field)| field_id(field).is_some()).map(|(at, _)| at).collect();
        // A stable sort: the first of equal `fieldId`s stays first.
        by_id.sort_by_key(|&at| fields.get(at as usize).and_then(field_id));
        let fields = Fields::Among(by_id.into_boxed_slice());
        UserParam { own: members, fields, whole: None }.identified()
    }

    /// The same of what [`crate::json`] read without building lists and objects that no condition sees.
    pub(crate) fn of_text(text: &'a str, own: Object<'a>, fields: Vec<Member<'a>>) -> Option<Self> {
        let fields = Fields::Apart(Object::first_wins(fields));
        UserParam { own, fields, whole: Some((text, OnceLock::new())) }.identified()
    }

    fn identified(self) -> Option<Self> {
        let audid = self.own.get("audid")?;
        let id = audid.as_id()?;
        let integer = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-'));
        if matches!(audid, Value::Number(_)) && !integer { None } else { Some(self) }
    }

    /// The user's id, digits as written (RP-3).
    #[must_use]
    pub fn audid(&self) -> &str {
        self.own.member("audid").as_id().unwrap_or_default()
    }

    /// A member by its exact name: `openid`, `phone`, `appId` (RP-9: not `appid`) …
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value<'a>> {
        match self.own.get(name) {
            // It may be a list or an object.
            Some(Value::Null) => self.members().get(name),
            found => found,
        }
    }

    /// Every member, in the order they were written.
    #[must_use]
    pub fn members(&self) -> &Object<'a> {
        match &self.whole {
            None => &self.own,
            Some((text, whole)) => whole.get_or_init(|| match read(text.as_bytes()) {
                Ok(Value::Object(members)) => members.into_owned(),
                // It has been read before.
                _ => Object::default(),
            }),
        }
    }

    /// `fieldValue` of the first of `customFields` with this `fieldId`; null if it has none.
    #[must_use]
    pub fn custom_field(&self, id: &str) -> Option<&Value<'a>> {
        self.field(&Name::from(id))
    }

    /// What a condition finds under this name below the source's answer (SPEC.md §4.10 Attributes).
    #[inline(never)]
    pub(crate) fn attribute(&self, name: &Name<'_>) -> Option<&Value<'a>> {
        match self.own.named(name) {
            // userParam's own member wins over customFields; one that is null, a list or an object hides it too
            Some(value) => Some(value).filter(|value| value.is_scalar()),
            None => self.field(name),
        }
    }

    fn field(&self, id: &Name<'_>) -> Option<&Value<'a>> {
        let by_id = match &self.fields {
            Fields::Apart(fields) => return fields.named(id),
            Fields::Among(by_id) => by_id,
        };
        let (fields, id) = (custom_fields(&self.own), id.as_str());
        let field = |at: &u32| fields.get(*at as usize);
        let first = by_id.partition_point(|at| field(at).and_then(field_id) < Some(id));
        let found = by_id.get(first).and_then(field)?;
        (field_id(found) == Some(id)).then(|| found.as_object().map(|field| field.member("fieldValue")))?
    }

    /// `identitys`: the accounts the user has elsewhere; entries that are no objects are left out.
    pub fn identitys(&self) -> impl Iterator<Item = Identity<'_, 'a>> {
        let entries = match self.members().member("identitys") {
            Value::List(entries) => &**entries,
            _ => &[],
        };
        entries.iter().filter_map(Value::as_object).map(Identity)
    }
}

impl fmt::Debug for UserParam<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserParam({} members)", self.own.len())
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

/// SPEC.md §4.10 Attributes: `customFields` that is no list is ignored.
fn custom_fields<'r, 'a>(members: &'r Object<'a>) -> &'r [Value<'a>] {
    if let Value::List(fields) = members.member("customFields") { fields } else { &[] }
}

/// SPEC.md §4.10 Attributes: a numeric `fieldId` is read as text; other kinds are ignored.
fn field_id<'r>(field: &'r Value<'_>) -> Option<&'r str> {
    field.as_object()?.member("fieldId").as_id()
}
