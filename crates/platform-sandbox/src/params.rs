//! Parameters of a query or a form, read as strictly as they can be.

use sign_core::form::{self, DecodeError};

/// Why parameters are refused: always the sender's mistake. Shows names, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParamsError {
    #[error("more than {MOST} parameters")]
    TooMany,
    #[error("parameter {number} is not `name=value`")]
    NoPair { number: usize },
    #[error("parameter {number} is not form-encoded: {error}")]
    Encoding { number: usize, error: DecodeError },
    #[error("parameter `{0}` is given twice")]
    Doubled(String),
    #[error("parameter `{0}` is none of this interface's")]
    Unknown(String),
    #[error("parameter `{0}` is missing or empty")]
    Missing(&'static str),
}

/// No interface has so many.
const MOST: usize = 64;

/// Parameters by name, each at most once.
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads `name=value&…`. Platforms differ in which of two equal names they take, so a doubled one is refused.
    pub(crate) fn parse(encoded: &str) -> Result<Self, ParamsError> {
        let pieces = encoded.split('&').filter(|_| !encoded.is_empty());
        for (number, piece) in (1..).zip(pieces) {
            if number > MOST {
                return Err(ParamsError::TooMany);
            }
            // `form::pairs` is more lenient.
            if !piece.contains('=') {
                return Err(ParamsError::NoPair { number });
            }
        }
        let mut params: Vec<(String, String)> = Vec::new();
        for (number, pair) in (1..).zip(form::pairs(encoded)) {
            let (name, value) = pair.map_err(|error| ParamsError::Encoding { number, error })?;
            if params.iter().any(|(known, _)| *known == name) {
                return Err(ParamsError::Doubled(name.into_owned()));
            }
            params.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(params))
    }

    /// The value; an absent one is empty.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The value, which must be there.
    pub(crate) fn need(&self, name: &'static str) -> Result<&str, ParamsError> {
        Some(self.get(name)).filter(|value| !value.is_empty()).ok_or(ParamsError::Missing(name))
    }

    /// Are there no others than these?
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), ParamsError> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(ParamsError::Unknown(name.clone())),
            None => Ok(()),
        }
    }

    /// All of them, in the order in which they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&[(&str, &str)], ParamsError>) {
        let pairs = Params::parse(text).map(|params| params.0);
        let expected =
            expected.map(|pairs| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
        assert_eq!(pairs, expected);
    }

    #[test]
    fn reading_is_strict() {
        check("", Ok(&[]));
        check("a=1&b=%E4%B8%AD+x&c=", Ok(&[("a", "1"), ("b", "中 x"), ("c", "")]));
        check("a=1=2", Ok(&[("a", "1=2")]));
        check("a=1&b", Err(ParamsError::NoPair { number: 2 }));
        check("a=1&", Err(ParamsError::NoPair { number: 2 }));
        check("a=1&a=1", Err(ParamsError::Doubled("a".into())));
        check(&"&".repeat(64), Err(ParamsError::NoPair { number: 1 }));
        let many: Vec<_> = (0..65).map(|number| format!("{number}=")).collect();
        check(&many.join("&"), Err(ParamsError::TooMany));
        let error = DecodeError::NotHex { at: 6 };
        check("a=1&x=%zz", Err(ParamsError::Encoding { number: 2, error }));
    }

    #[test]
    fn names_can_be_required_and_closed() {
        let params = Params::parse("a=1&b=").unwrap();
        assert_eq!(params.need("a"), Ok("1"));
        assert_eq!(params.need("b"), Err(ParamsError::Missing("b")));
        assert_eq!(params.need("c"), Err(ParamsError::Missing("c")));
        assert_eq!(params.only(&["a"]), Err(ParamsError::Unknown("b".into())));
        assert_eq!(params.only(&["b", "a", "c"]), Ok(()));
        assert!(params.has("b") && !params.has("c"));
    }
}
