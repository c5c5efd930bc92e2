//! Objects read member by member, without a map in between: of several members with one name, the last one counts.

use core::fmt;
use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Gives each member of an object to `take`, in the order in which they are written.
///
/// # Errors
/// It is no object.
pub(crate) fn each<'de, D: Deserializer<'de>>(
    deserializer: D,
    take: impl FnMut(Cow<'de, str>, &'de RawValue),
) -> Result<(), D::Error> {
    deserializer.deserialize_map(Taking(take))
}

struct Taking<F>(F);

/// A name: borrowed, unless it holds escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de, F: FnMut(Cow<'de, str>, &'de RawValue)> Visitor<'de> for Taking<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        while let Some((Name(name), value)) = members.next_entry()? {
            (self.0)(name, value);
        }
        Ok(())
    }
}
