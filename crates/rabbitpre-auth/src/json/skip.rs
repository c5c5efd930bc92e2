//! Values that nobody will look at: they are checked like any other, and not built.

use super::{ReadError, Reader};
use crate::object::tags;

/// Up to this many names are told apart by their tags.
const SOME: usize = 64;

impl<'a> Reader<'a> {
    /// Checks the value that begins here.
    pub(crate) fn skip(&mut self) -> Result<(), ReadError> {
        self.blank();
        match self.peek() {
            Some(b'{') => self.nested(|reader| {
                let start = reader.names.len();
                reader.members(|reader, name| {
                    reader.names.push(name);
                    reader.skip()
                })?;
                reader.distinct(start)
            }),
            Some(b'[') => self.nested(|reader| reader.elements(Self::skip)),
            Some(b'"') => self.skip_string(),
            _ => self.scalar().map(drop),
        }
    }

    /// Takes back the names from `start` on, which are those of one object that ends here (RP-8).
    pub(crate) fn distinct(&mut self, start: usize) -> Result<(), ReadError> {
        let names = self.names.get_mut(start..).unwrap_or_default();
        let distinct = match names.len() {
            0 | 1 => true,
            2..=8 => tags::<1>(names.iter().map(|name| &**name)).is_some(),
            9..=SOME => tags::<8>(names.iter().map(|name| &**name)).is_some(),
            _ => {
                names.sort_unstable();
                names.windows(2).all(|pair| !matches!(pair, [one, other] if one == other))
            }
        };
        self.names.truncate(start);
        if distinct { Ok(()) } else { Err(ReadError::DoubledMember { at: self.at() }) }
    }
}
