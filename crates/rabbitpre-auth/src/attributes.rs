//! What is known about a user: the attribute source's answer, and `userParam` below it (SPEC.md §4).

use std::fmt;

use crate::json::{ReadError, read};
use crate::name::Name;
use crate::value::{Object, Value};
use crate::wire::UserParam;

/// Something conditions can look a user's attributes up in.
pub trait Lookup {
    /// The value of the attribute, or `None` if it is missing or null (SPEC.md §4.7).
    fn attribute(&self, name: &str) -> Option<&Value<'_>>;

    /// The same by a name that was prepared; a program asks with those.
    fn attribute_named(&self, name: &Name<'_>) -> Option<&Value<'_>> {
        self.attribute(name.as_str())
    }
}

/// A user's attributes: name → text, number, boolean, list of those, or list of paths.
///
/// ```
/// use rabbitpre_auth::{Attributes, Lookup as _};
///
/// let user = Attributes::parse(br#"{"age":30,"city":["\u5317\u4eac\u5e02"],"email":null}"#)?;
/// assert!(user.attribute("age").is_some());
/// assert!(user.attribute("email").is_none());
/// # Ok::<(), rabbitpre_auth::AttributesError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Attributes<'a>(Object<'a>);

/// A text that does not hold a user's attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttributesError {
    /// Not JSON, too large or too deep.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// JSON, but no object.
    #[error("a user's attributes are a JSON object from name to value; this is something else")]
    NotAnObject,
}

impl<'a> Attributes<'a> {
    /// Reads a JSON object.
    ///
    /// # Errors
    /// [`AttributesError`]: not JSON, or no object.
    pub fn parse(json: &'a [u8]) -> Result<Self, AttributesError> {
        match read(json)? {
            Value::Object(object) => Ok(Attributes(object)),
            _ => Err(AttributesError::NotAnObject),
        }
    }

    /// Copies whatever is borrowed.
    #[must_use]
    pub fn into_owned(self) -> Attributes<'static> {
        Attributes(self.0.into_owned())
    }

    /// How many attributes there are, null ones included.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and values, null ones included.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.0.iter()
    }
}

impl fmt::Debug for Attributes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attributes({})", self.0.len())
    }
}

impl<'a> From<Object<'a>> for Attributes<'a> {
    fn from(object: Object<'a>) -> Self {
        Attributes(object)
    }
}

impl<'a, N: Into<std::borrow::Cow<'a, str>>, V: Into<Value<'a>>> FromIterator<(N, V)> for Attributes<'a> {
    /// Of equal names the first one stays.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(members: I) -> Self {
        Attributes(members.into_iter().collect())
    }
}

impl Lookup for Attributes<'_> {
    fn attribute(&self, name: &str) -> Option<&Value<'_>> {
        self.attribute_named(&Name::from(name))
    }

    #[inline]
    fn attribute_named(&self, name: &Name<'_>) -> Option<&Value<'_>> {
        known(self.0.named(name))
    }
}

/// The source's answer with `userParam` below it.
#[derive(Debug, Clone, Copy)]
pub struct User<'a> {
    /// What the attribute source answered.
    pub source: &'a Attributes<'a>,
    /// What the request said about the user.
    pub param: &'a UserParam<'a>,
}

impl Lookup for User<'_> {
    fn attribute(&self, name: &str) -> Option<&Value<'_>> {
        self.attribute_named(&Name::from(name))
    }

    #[inline]
    fn attribute_named(&self, name: &Name<'_>) -> Option<&Value<'_>> {
        known(match self.source.0.named(name) {
            // SPEC.md §4.10 Attributes: a null from the source hides userParam's member
            Some(value) => Some(value),
            None => self.param.attribute(name),
        })
    }
}

#[inline]
fn known<'v, 'a>(found: Option<&'v Value<'a>>) -> Option<&'v Value<'a>> {
    found.filter(|value| !matches!(value, Value::Null))
}
