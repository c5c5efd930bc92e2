//! One example of a signature.

use serde::Deserialize;

use crate::{NamedSecret, Request};

/// What was signed, with which secret, and the signature that the platform made or took.
#[derive(Debug, Clone)]
pub struct Example {
    /// The parameters or values.
    pub request: Request,
    /// The secret.
    pub secret: NamedSecret,
    /// The signature.
    pub signature: String,
}

/// A line is no example: the caller's mistake.
#[derive(Debug, thiserror::Error)]
pub enum ExampleError {
    /// Not JSON of this shape.
    #[error(
        "not an example: {0}; wanted is `{{\"params\":{{…}}|\"values\":[…],\"secret\":\"…\",\"signature\":\"…\"}}`"
    )]
    Json(#[from] serde_json::Error),
    /// Neither parameters nor values, or both.
    #[error("an example has either `params` or `values`")]
    Input,
    /// No secret.
    #[error("`secret` is empty: an example needs the secret that signed it")]
    NoSecret,
}

/// `sign` and `ticket` go by other names on some platforms, but in examples these are the words.
#[derive(Deserialize)]
struct Line {
    params: Option<Request>,
    values: Option<Request>,
    secret: String,
    signature: String,
}

impl Example {
    /// Reads `{"params":{…}|"values":[…],"secret":"…","signature":"…"}`.
    ///
    /// # Errors
    /// [`ExampleError`]; it shows no value.
    pub fn parse(json: &str) -> Result<Self, ExampleError> {
        let line: Line = serde_json::from_str(json)?;
        let request = match (line.params, line.values) {
            (Some(request), None) | (None, Some(request)) => request,
            _ => return Err(ExampleError::Input),
        };
        let secret =
            NamedSecret::new("the example's secret", line.secret).map_err(|_| ExampleError::NoSecret)?;
        Ok(Self { request, secret, signature: line.signature })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let good = Example::parse(r#"{"values":["a",null],"secret":"s","signature":"x"}"#).unwrap();
        assert_eq!((good.request.parameters().len(), good.signature.as_str()), (2, "x"));
        let refused = |line: &str| Example::parse(line).unwrap_err();
        assert!(matches!(refused("{"), ExampleError::Json(_)));
        assert!(matches!(refused(r#"{"secret":"s","signature":"x"}"#), ExampleError::Input));
        assert!(matches!(refused(r#"{"params":{},"secret":"","signature":"x"}"#), ExampleError::NoSecret));
    }
}
