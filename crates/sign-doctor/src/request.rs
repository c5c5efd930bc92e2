//! What somebody signed: parameters as they were given, and the secrets that may have signed them.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use sign_core::{EmptySecret, Secret, json::Scalar};

/// A parameter's value, as it was given. Numbers keep their digits.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Null: there, without a value.
    Null,
    /// A text, raw: not percent-encoded.
    Text(String),
    /// A number as it is written, such as `9007199254740993` or `1.50`.
    Number(String),
    /// Anything else, as JSON: `true`, a list, an object. No platform says how it would be signed.
    Json(String),
}

impl Value {
    /// The text that is signed for it; [`None`] for null.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Null => None,
            Self::Text(text) | Self::Number(text) | Self::Json(text) => Some(text),
        }
    }

    fn read(raw: &RawValue) -> Result<Self, serde_json::Error> {
        Ok(match Scalar::read(raw)? {
            Scalar::Null => Self::Null,
            Scalar::Text(text) => Self::Text(text.into_owned()),
            Scalar::Number("-0") => Self::Number("0".to_owned()),
            Scalar::Number(number) => Self::Number(number.to_owned()),
            Scalar::Bool(_) | Scalar::Nested => Self::Json(raw.get().to_owned()),
        })
    }
}

/// Shows the kind and the length: values may be personal.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Text(text) => write!(f, "‹text {} B›", text.len()),
            Self::Number(text) => write!(f, "‹number {} B›", text.len()),
            Self::Json(text) => write!(f, "‹json {} B›", text.len()),
        }
    }
}

/// A parameter. Bare values, as WeBank signs them, have an empty name where none is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The name, case-sensitive.
    pub name: String,
    /// The raw value.
    pub value: Value,
}

/// What was to be signed, in the order in which it was given. `Debug` shows names and lengths.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    parameters: Vec<Parameter>,
}

impl Request {
    /// Of named parameters, in the order in which they were given.
    ///
    /// ```
    /// use sign_doctor::{Request, Value};
    /// let request = Request::named([("uid", Value::Number("1000".into())), ("remark", Value::Null)]);
    /// assert_eq!(request.parameters().len(), 2);
    /// ```
    pub fn named<N: Into<String>>(parameters: impl IntoIterator<Item = (N, Value)>) -> Self {
        let parameters = parameters.into_iter().map(|(name, value)| Parameter { name: name.into(), value });
        Self { parameters: parameters.collect() }
    }

    /// Of texts with names: the usual case.
    pub fn texts<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self::named(parameters.into_iter().map(|(name, text)| (name, Value::Text(text.to_owned()))))
    }

    /// Of bare values in the order in which they were given.
    pub fn values(values: impl IntoIterator<Item = Value>) -> Self {
        Self::named(values.into_iter().map(|value| ("", value)))
    }

    /// The parameters, in the order in which they were given.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The first parameter of this name, in its letter case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.parameters.iter().find(|parameter| parameter.name == name).map(|parameter| &parameter.value)
    }

    /// How a message calls the parameter at this place: its name, or `value 3`.
    #[must_use]
    pub fn label(&self, at: usize) -> String {
        match self.parameters.get(at) {
            Some(parameter) if !parameter.name.is_empty() => parameter.name.clone(),
            _ => format!("value {}", at + 1),
        }
    }

    /// Reads a JSON object (names and values, in their order) or a list (bare values).
    ///
    /// ```
    /// use sign_doctor::Request;
    /// let request = Request::from_json(r#"{"b":1,"a":null}"#)?;
    /// assert_eq!(request.parameters()[0].name, "b");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    /// What is neither, and texts with escapes that are no Unicode: the caller's mistake.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }
}

impl<'de> Deserialize<'de> for Request {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parameters;
        impl<'de> Visitor<'de> for Parameters {
            type Value = Request;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of parameters or a list of values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Request, A::Error> {
                let mut parameters = Vec::new();
                while let Some((name, raw)) = members.next_entry::<String, Box<RawValue>>()? {
                    let value = Value::read(&raw).map_err(serde::de::Error::custom)?;
                    parameters.push(Parameter { name, value });
                }
                Ok(Request { parameters })
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Request, A::Error> {
                let mut values = Vec::new();
                while let Some(raw) = list.next_element::<Box<RawValue>>()? {
                    values.push(Value::read(&raw).map_err(serde::de::Error::custom)?);
                }
                Ok(Request::values(values))
            }
        }
        deserializer.deserialize_any(Parameters)
    }
}

/// A secret and what to call it in a message: `TEST_SECRET`, `the production secret`.
#[derive(Debug, Clone)]
pub struct NamedSecret {
    /// What messages call it. Never the secret itself.
    pub name: String,
    /// The secret.
    pub secret: Secret,
}

impl NamedSecret {
    /// A secret under a name.
    ///
    /// # Errors
    /// [`EmptySecret`].
    pub fn new(name: impl Into<String>, secret: impl Into<String>) -> Result<Self, EmptySecret> {
        Ok(Self { name: name.into(), secret: Secret::new(secret)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_order_digits_and_nulls() {
        let request =
            Request::from_json(r#"{"b":18446744073709551616,"a":null,"c":"x","d":[1, 2],"e":1.50}"#).unwrap();
        let read: Vec<_> =
            request.parameters().iter().map(|it| (it.name.as_str(), it.value.text())).collect();
        let expected = [
            ("b", Some("18446744073709551616")),
            ("a", None),
            ("c", Some("x")),
            ("d", Some("[1, 2]")),
            ("e", Some("1.50")),
        ];
        assert_eq!(read, expected);
        let values = Request::from_json(r#"["x",null]"#).unwrap();
        assert_eq!((values.parameters().len(), values.label(1).as_str()), (2, "value 2"));
        assert!(Request::from_json("1").is_err_and(|error| error.is_data()));
    }

    #[test]
    fn nothing_shows_a_value() {
        let request = Request::texts([("mobile", "17386500821")]);
        let secret = NamedSecret::new("TEST", "s3cret-s3cret").unwrap();
        let shown = format!("{request:?} {secret:?}");
        assert!(!shown.contains("1738") && !shown.contains("s3cret") && shown.contains("mobile"), "{shown}");
    }
}
