//! Values, as they are read. Each list and object gets just the memory it needs: a body can hold very many.

use std::borrow::Cow;

use super::{ReadError, Reader};
use crate::object::{Member, Object};
use crate::value::Value;

/// So many elements wait in the reader; beyond it the list moves into memory of its own while it grows.
const WAITING: usize = 1024;

impl<'a> Reader<'a> {
    /// The value that begins here.
    pub(crate) fn value(&mut self) -> Result<Value<'a>, ReadError> {
        self.blank();
        match self.peek() {
            Some(b'{') => self.object().map(Value::Object),
            Some(b'[') => self.list().map(Value::List),
            _ => self.scalar(),
        }
    }

    fn list(&mut self) -> Result<Vec<Value<'a>>, ReadError> {
        let start = self.items.len();
        let mut grown = Vec::new();
        self.nested(|reader| {
            reader.elements(|reader| {
                let value = reader.value()?;
                reader.items.push(value);
                if reader.items.len() - start == WAITING {
                    grown.extend(reader.items.drain(start..));
                }
                Ok(())
            })
        })?;
        Ok(gathered(grown, &mut self.items, start))
    }

    /// The object that begins here.
    pub(crate) fn object(&mut self) -> Result<Object<'a>, ReadError> {
        self.object_of(|reader, name| {
            let value = reader.value()?;
            reader.built.push((name, value));
            Ok(())
        })
    }

    /// The same, of the members that `member` pushes.
    pub(crate) fn object_of(
        &mut self,
        mut member: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), ReadError>,
    ) -> Result<Object<'a>, ReadError> {
        let start = self.built.len();
        let mut grown: Vec<Member<'a>> = Vec::new();
        self.nested(|reader| {
            reader.members(|reader, name| {
                member(reader, name)?;
                if reader.built.len() - start == WAITING {
                    grown.extend(reader.built.drain(start..));
                }
                Ok(())
            })
        })?;
        let members = gathered(grown, &mut self.built, start).into_boxed_slice();
        // RP-8: names are compared after their escapes are resolved.
        Object::unique(members).ok_or(ReadError::DoubledMember { at: self.at() })
    }
}

/// What has grown, with those that wait behind it, in memory of just the size.
fn gathered<T>(mut grown: Vec<T>, waiting: &mut Vec<T>, start: usize) -> Vec<T> {
    if grown.is_empty() {
        return waiting.drain(start..).collect();
    }
    grown.reserve_exact(waiting.len() - start);
    grown.extend(waiting.drain(start..));
    // Moving it takes room for both, so that little waste is not worth it.
    if grown.len() < grown.capacity() / 4 * 3 {
        grown.shrink_to_fit();
    }
    grown
}
