//! The body of a check, read for one decision: what no decision looks at is checked and not built (SPEC.md §3).

use super::check::check_type;
use super::condition::{Condition, ConditionText};
use super::user::UserParam;
use crate::error::Undecidable;
use crate::external::ExternalAsked;
use crate::json::{MAX_BODY, ReadError, Reader};
use crate::object::Member;
use crate::value::Value;

/// What a decision needs of a body. It is refused when [`super::CheckRequest::parse`] refuses it, with the same error.
pub(crate) struct CheckBody<'b, K> {
    pub(crate) user: UserParam<'b>,
    pub(crate) conditions: Given<'b, K>,
    /// `checkType` (SPEC.md §4.8).
    pub(crate) check_type: bool,
    pub(crate) external: ExternalMembers<'b>,
}

/// `externalConfigId`, `externalConfigOperator`, `externalConfigValues`; null if absent.
#[derive(Debug, Clone)]
pub(crate) struct ExternalMembers<'b> {
    pub(crate) id: Value<'b>,
    pub(crate) operator: Value<'b>,
    pub(crate) values: Value<'b>,
}

impl ExternalMembers<'_> {
    pub(crate) const fn asked(&self) -> ExternalAsked<'_> {
        ExternalAsked { id: &self.id, operator: &self.operator, values: &self.values }
    }
}

/// `authParams`.
pub(crate) enum Given<'b, K> {
    /// The bytes are known; they were read when they came first.
    Known(K),
    /// What they read as, and the bytes.
    New(Vec<Condition<'b>>, &'b str),
}

impl<'b, K> CheckBody<'b, K> {
    /// Reads a body of at most 1 MiB. `known` is asked with the rest of the body, from the beginning of `authParams` on,
    /// for what is known of the list that begins there, and how many bytes it has.
    pub(crate) fn read(
        body: &'b [u8],
        known: impl Fn(&'b [u8]) -> Option<(K, usize)>,
    ) -> Result<Self, Undecidable> {
        if body.len() > MAX_BODY {
            return Err(ReadError::TooLarge.into());
        }
        let mut reader = Reader::new(body)?;
        reader.blank();
        if reader.peek() != Some(b'{') {
            reader.skip()?;
            reader.end()?;
            return Err(Undecidable::NotAnObject);
        }
        // SPEC.md §4.10 Request: absent or null is none
        let mut given = Some(Given::New(Vec::new(), ""));
        let mut kind = Value::Null;
        let mut external = ExternalMembers { id: Value::Null, operator: Value::Null, values: Value::Null };
        let mut user = None;
        reader.names.reserve(16);
        reader.nested(|reader| {
            reader.members(|reader, name| {
                reader.blank();
                match &*name {
                    "authParams" => given = conditions(reader, &known)?,
                    "userParam" if reader.peek() == Some(b'{') => user = Some(user_param(reader)?),
                    "checkType" => kind = reader.value()?,
                    "externalConfigId" => external.id = reader.value()?,
                    "externalConfigOperator" => external.operator = reader.value()?,
                    "externalConfigValues" => external.values = reader.value()?,
                    _ => reader.skip()?,
                }
                reader.names.push(name);
                Ok(())
            })?;
            reader.distinct(0)
        })?;
        reader.end()?;

        let check_type = check_type(&kind)?;
        let (text, own, fields) = user.ok_or(Undecidable::NoUserParam)?;
        let user = UserParam::of_text(text, own, fields).ok_or(Undecidable::NoAudid)?;
        let conditions = given.ok_or(Undecidable::ConditionsUnreadable)?;
        Ok(CheckBody { user, conditions, check_type, external })
    }
}

/// `None` if they are no list of objects.
fn conditions<'b, K>(
    reader: &mut Reader<'b>,
    known: impl Fn(&'b [u8]) -> Option<(K, usize)>,
) -> Result<Option<Given<'b, K>>, ReadError> {
    if let Some((known, bytes)) = known(reader.rest()) {
        reader.pass(bytes);
        return Ok(Some(Given::Known(known)));
    }
    let start = reader.at();
    let (mut conditions, mut readable) = (Vec::new(), true);
    match reader.peek() {
        Some(b'[') => reader.nested(|reader| {
            reader.elements(|reader| {
                reader.blank();
                if reader.peek() == Some(b'{') {
                    conditions.push(ConditionText::read(reader)?.into());
                    return Ok(());
                }
                readable = false;
                reader.skip()
            })
        })?,
        _ => readable = matches!(reader.value()?, Value::Null),
    }
    let text = reader.since(start)?;
    Ok(readable.then_some(Given::New(conditions, text)))
}

type UserText<'b> = (&'b str, crate::value::Object<'b>, Vec<Member<'b>>);

/// `userParam` with its scalar members, and its custom fields.
fn user_param<'b>(reader: &mut Reader<'b>) -> Result<UserText<'b>, ReadError> {
    let start = reader.at();
    let mut fields = Vec::new();
    let own = reader.object_of(|reader, name| {
        reader.blank();
        let value = match (reader.peek(), &*name) {
            (Some(b'['), "customFields") => {
                custom_fields(reader, &mut fields)?;
                Value::Null
            }
            (Some(b'[' | b'{'), _) => {
                reader.skip()?;
                Value::Null
            }
            _ => reader.scalar()?,
        };
        reader.built.push((name, value));
        Ok(())
    })?;
    Ok((reader.since(start)?, own, fields))
}

/// SPEC.md §4.10 Attributes: a numeric `fieldId` is read as text; other kinds are ignored.
fn custom_fields<'b>(reader: &mut Reader<'b>, fields: &mut Vec<Member<'b>>) -> Result<(), ReadError> {
    reader.nested(|reader| {
        reader.elements(|reader| {
            reader.blank();
            if reader.peek() != Some(b'{') {
                return reader.skip();
            }
            let start = reader.names.len();
            let (mut id, mut value) = (Value::Null, Value::Null);
            reader.nested(|reader| {
                reader.members(|reader, name| {
                    match &*name {
                        "fieldId" => id = reader.value()?,
                        "fieldValue" => value = reader.value()?,
                        _ => reader.skip()?,
                    }
                    reader.names.push(name);
                    Ok(())
                })?;
                reader.distinct(start)
            })?;
            match id {
                Value::Text(id) if !id.is_empty() => fields.push((id, value)),
                Value::Number(id) => fields.push((id.into_text(), value)),
                _ => {}
            }
            Ok(())
        })
    })
}
