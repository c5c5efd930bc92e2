//! The values of a condition, read before or still as they were written: a list of thousands is compiled without being
//! built.

use std::borrow::Cow;

use crate::json::Reader;
use crate::trace::Reason;
use crate::value::Value;

/// `values`, in settings `value`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Configured<'a> {
    Read(&'a Value<'a>),
    Written(WrittenValues<'a>),
}

/// A JSON value that has been checked and not built.
#[derive(Clone, Copy)]
pub(crate) struct WrittenValues<'a> {
    /// Begins with the value; more may follow.
    text: &'a str,
    /// How many elements the list has; 1 if it is none.
    count: u32,
}

impl<'a> WrittenValues<'a> {
    /// The caller has checked that a value begins here, and counted.
    pub(crate) const fn new(text: &'a str, count: u32) -> Self {
        WrittenValues { text, count }
    }

    /// Whoever looks at it reads it.
    fn reader(self) -> Reader<'a> {
        Reader::over(self.text)
    }
}

impl<'a> Configured<'a> {
    /// How many elements there are; anything but a list is its own only element.
    pub(crate) const fn len(self) -> usize {
        match self {
            Configured::Read(Value::List(items)) => items.len(),
            Configured::Read(_) => 1,
            Configured::Written(written) => written.count as usize,
        }
    }

    /// SPEC.md §4.10 Lists: a lone "" configured is empty values.
    pub(crate) fn is_empty(self) -> bool {
        match self {
            Configured::Read(Value::Null) => true,
            Configured::Read(Value::Text(text)) => text.is_empty(),
            Configured::Read(_) => self.len() == 0,
            Configured::Written(written) => {
                written.count == 0 || written.text.starts_with("null") || written.text.starts_with("\"\"")
            }
        }
    }

    /// Looks at each element, as long as they are looked at gladly.
    #[inline]
    pub(crate) fn each(self, mut look: impl FnMut(&Value<'a>) -> Result<(), Reason>) -> Result<(), Reason> {
        match self {
            Configured::Read(value) => value.elements().iter().try_for_each(look),
            Configured::Written(_) => self.each_in_place(|reader| match reader.text_again() {
                Some(text) => look(&Value::Text(Cow::Borrowed(text))),
                None => look(&read(reader)?),
            }),
        }
    }

    /// The same for a look that reads the elements where they are written; those that were read before are not looked at.
    pub(crate) fn each_in_place(
        self,
        mut look: impl FnMut(&mut Reader<'a>) -> Result<(), Reason>,
    ) -> Result<(), Reason> {
        let Configured::Written(written) = self else { return Ok(()) };
        let mut reader = written.reader();
        if reader.peek() != Some(b'[') {
            return look(&mut reader);
        }
        while reader.another() {
            look(&mut reader)?;
        }
        Ok(())
    }

    /// All of it, for somebody who wants to see it.
    pub(crate) fn to_value(self) -> Value<'static> {
        match self {
            Configured::Read(value) => value.clone().into_owned(),
            // It has been checked.
            Configured::Written(written) => written.reader().value().map_or(Value::Null, Value::into_owned),
        }
    }
}

/// The value that begins here, which has been checked.
pub(crate) fn read<'a>(reader: &mut Reader<'a>) -> Result<Value<'a>, Reason> {
    reader.value().map_err(|_| Reason::UnreadableValues)
}

impl std::fmt::Debug for WrittenValues<'_> {
    /// Configured values may be personal too, a list of phone numbers for example.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WrittenValues({} elements)", self.count)
    }
}
