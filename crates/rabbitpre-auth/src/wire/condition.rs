//! One condition of a check, read before or still as it was written (SPEC.md §3).

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use crate::configured::{Configured, WrittenValues};
use crate::json::{ReadError, Reader};
use crate::rule::{Asked, Written};
use crate::value::{NULL, Object, Value};

/// One condition of `authParams[]`: `{chineseName, englishName, paramType, values, operator, option[]}`.
#[derive(Debug, Clone)]
pub struct Condition<'a>(Form<'a>);

#[derive(Debug, Clone)]
enum Form<'a> {
    Read(Object<'a>),
    Text(ConditionText<'a>),
}

/// A condition that has been checked and not built: a decision needs five of its members, and its values once.
#[derive(Clone)]
pub(super) struct ConditionText<'a> {
    text: &'a str,
    /// Where the members of [`MEMBERS`] have their values.
    places: [Place; 5],
    /// How many elements `values` has; 1 if it is no list.
    count: u32,
    /// All of it, should anybody want to see it.
    whole: OnceLock<Box<Object<'static>>>,
}

/// Where a value stands in its condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Nowhere,
    /// A text without escapes: of so many bytes, without its quotes.
    Text(u32, u32),
    /// Any value begins here.
    Value(u32),
}

/// What a decision needs.
const MEMBERS: [&str; 5] = [ENGLISH_NAME, CHINESE_NAME, PARAM_TYPE, OPERATOR, VALUES];
const ENGLISH_NAME: &str = "englishName";
const CHINESE_NAME: &str = "chineseName";
const PARAM_TYPE: &str = "paramType";
const OPERATOR: &str = "operator";
const VALUES: &str = "values";

impl<'a> Condition<'a> {
    /// `englishName`: the attribute it looks up. Empty if there is none; the condition then never holds.
    #[must_use]
    pub fn english_name(&self) -> &str {
        self.id(0, ENGLISH_NAME)
    }

    /// `chineseName`, for people.
    #[must_use]
    pub fn chinese_name(&self) -> &str {
        self.id(1, CHINESE_NAME)
    }

    /// A member by its exact name; null if there is none.
    #[must_use]
    pub fn member(&self, name: &str) -> &Value<'a> {
        let members = match &self.0 {
            Form::Read(members) => members,
            Form::Text(text) => text.whole(),
        };
        members.get(name).unwrap_or(&NULL)
    }

    fn id(&self, at: usize, name: &str) -> &str {
        if let Form::Text(text) = &self.0
            && let Some(Cow::Borrowed(id)) = text.member(at).into_id()
        {
            return id;
        }
        // It was read before, or has escapes.
        self.member(name).as_id().unwrap_or_default()
    }

    pub(crate) fn written(&'a self) -> Written<'a> {
        match &self.0 {
            Form::Read(_) => Written::read(MEMBERS.map(|name| self.member(name))),
            Form::Text(text) => text.written(),
        }
    }
}

impl<'a> From<Object<'a>> for Condition<'a> {
    fn from(members: Object<'a>) -> Self {
        Condition(Form::Read(members))
    }
}

impl<'a> From<ConditionText<'a>> for Condition<'a> {
    fn from(text: ConditionText<'a>) -> Self {
        Condition(Form::Text(text))
    }
}

impl<'a> ConditionText<'a> {
    /// Checks the object that begins here.
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, ReadError> {
        let start = reader.at();
        let (mut places, mut count, mut doubled) = ([Place::Nowhere; 5], 1, false);
        // A body has less than `u32` counts.
        let from_start = |at: usize| u32::try_from(at - start).unwrap_or(u32::MAX);
        let names = reader.names.len();
        reader.nested(|reader| {
            reader.members(|reader, name| {
                reader.blank();
                let member = match &*name {
                    ENGLISH_NAME => 0,
                    CHINESE_NAME => 1,
                    PARAM_TYPE => 2,
                    OPERATOR => 3,
                    VALUES => 4,
                    _ => {
                        reader.names.push(name);
                        return reader.skip();
                    }
                };
                let Some(place) = places.get_mut(member) else { return Ok(()) };
                doubled |= *place != Place::Nowhere;
                let here = from_start(reader.at());
                *place = Place::Value(here);
                match reader.peek() {
                    Some(b'[') if member == 4 => {
                        count = 0;
                        reader.nested(|reader| {
                            reader.elements(|reader| {
                                count += 1;
                                reader.skip()
                            })
                        })
                    }
                    Some(b'"') if member != 4 => {
                        if let Cow::Borrowed(_) = reader.string()? {
                            *place = Place::Text(here + 1, from_start(reader.at()) - here - 2);
                        }
                        Ok(())
                    }
                    _ => reader.skip(),
                }
            })
        })?;
        // RP-8; the names that are not known are not among those that are.
        reader.distinct(names)?;
        if doubled {
            return Err(ReadError::DoubledMember { at: reader.at() });
        }
        Ok(ConditionText { text: reader.since(start)?, places, count, whole: OnceLock::new() })
    }

    /// What is written at a place; null if there is no member.
    #[inline]
    fn member(&self, at: usize) -> Value<'a> {
        match self.places.get(at) {
            Some(Place::Text(from, length)) => {
                let text = self.text.get(*from as usize..).and_then(|text| text.get(..*length as usize));
                Value::Text(Cow::Borrowed(text.unwrap_or_default()))
            }
            Some(Place::Value(from)) => self.value(*from),
            Some(Place::Nowhere) | None => Value::Null,
        }
    }

    #[cold]
    fn value(&self, from: u32) -> Value<'a> {
        // It has been checked.
        let rest = self.text.get(from as usize..).unwrap_or_default();
        Reader::over(rest).value().unwrap_or(Value::Null)
    }

    fn written(&self) -> Written<'a> {
        let values = match self.places {
            [.., Place::Value(from)] => {
                let rest = self.text.get(from as usize..).unwrap_or_default();
                Configured::Written(WrittenValues::new(rest, self.count))
            }
            _ => Configured::Read(&NULL),
        };
        Written {
            name: self.member(0).into_id().unwrap_or_default(),
            label: self.member(1).into_id(),
            param_type: Written::param_type(&self.member(2)),
            operator: Asked::owned(self.member(3)),
            values,
        }
    }

    fn whole(&self) -> &Object<'static> {
        self.whole.get_or_init(|| match Reader::over(self.text).value() {
            Ok(Value::Object(members)) => Box::new(members.into_owned()),
            // It has been checked.
            _ => Box::default(),
        })
    }
}

impl fmt::Debug for ConditionText<'_> {
    /// Configured values may be personal too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConditionText({} bytes)", self.text.len())
    }
}
