//! One golden vector: the input, each stage on the way, and where it comes from.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{Problem, Scheme};

/// A case that every implementation of [`Scheme`] must reproduce.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Vector {
    /// Unique among all files, such as `jinlaiban-java-0007`.
    pub id: String,
    /// The scheme that `input` names.
    pub scheme: Scheme,
    /// Who computed it, with version, or the document's section.
    pub origin: String,
    /// What is special about it; cites the erratum it is there for (`JL-3`), if any.
    pub note: String,
    /// The input, parsed. Whole numbers beyond 64 bits have become floats here: take `input_line` for those.
    pub input: Value,
    /// The input to the letter: a line for `duijie sign --batch`, without its newline.
    pub input_line: String,
    /// What must come out.
    pub expected: Expected,
    /// The request that carries the signature, where the input makes a whole one.
    ///
    /// jinlaiban: the form body. yichang, webank: the URL's query in the documented order.
    /// webank-callback: the envelope's JSON.
    pub request: Option<String>,
}

/// What a signer makes of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// It signs.
    Signature {
        /// The text to sign, secret included.
        text: String,
        /// The text's digest, lower-case hex.
        digest: String,
        /// The signature as it travels, in the platform's letter case.
        signature: String,
    },
    /// It refuses: the caller's mistake.
    Error {
        /// The mistake.
        kind: ErrorKind,
    },
}

/// Why an input cannot be signed. Each error case has exactly one mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The secret, ticket or salt is empty, null or absent.
    EmptySecret,
    /// A required parameter is there, but empty or null (jinlaiban `SPEC.md §2.2`, yichang `SPEC.md §2.3`).
    EmptyParameter,
    /// A required parameter is not there (yichang `SPEC.md §2.3`).
    MissingParameter,
    /// A value to sign is neither text nor a whole number: a fraction, a boolean, an object, a list;
    /// or null as a callback's `Plain`.
    UnsupportedValue,
}

impl ErrorKind {
    /// The word in the files, such as `empty-secret`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EmptySecret => "empty-secret",
            Self::EmptyParameter => "empty-parameter",
            Self::MissingParameter => "missing-parameter",
            Self::UnsupportedValue => "unsupported-value",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A line as it stands in the file. Unknown members are refused: a misspelt `request` must not go unnoticed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    id: String,
    scheme: Scheme,
    origin: String,
    note: String,
    #[serde(borrow)]
    input: &'a RawValue,
    text: Option<String>,
    digest: Option<String>,
    signature: Option<String>,
    error: Option<ErrorKind>,
    request: Option<String>,
}

impl Vector {
    pub(crate) fn parse(line: &str) -> Result<Self, Problem> {
        let line: Line<'_> = serde_json::from_str(line)?;
        let expected = match (line.text, line.digest, line.signature, line.error) {
            (Some(text), Some(digest), Some(signature), None) => {
                Expected::Signature { text, digest, signature }
            }
            (None, None, None, Some(kind)) if line.request.is_none() => Expected::Error { kind },
            _ => return Err(Problem::Outcome),
        };
        Ok(Self {
            id: line.id,
            scheme: line.scheme,
            origin: line.origin,
            note: line.note,
            input: serde_json::from_str(line.input.get())?,
            input_line: line.input.get().to_owned(),
            expected,
            request: line.request,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        r#"{"id":"a","scheme":"webank","origin":"o","note":"n","input":{"n":18446744073709551616}"#;

    #[track_caller]
    fn check(tail: &str, expected: Result<Expected, &str>) {
        let got = Vector::parse(&format!("{HEAD}{tail}")).map(|vector| vector.expected);
        assert_eq!(got.map_err(|problem| problem.to_string()), expected.map_err(str::to_owned));
    }

    const NEITHER: &str = "a case ends either in `text`, `digest` and `signature`, or in `error`";

    #[test]
    fn outcomes() {
        let signed =
            Expected::Signature { text: "t".to_owned(), digest: "d".to_owned(), signature: "D".to_owned() };
        check(r#","text":"t","digest":"d","signature":"D"}"#, Ok(signed.clone()));
        check(r#","text":"t","digest":"d","signature":"D","request":"r"}"#, Ok(signed));
        check(r#","error":"empty-secret"}"#, Ok(Expected::Error { kind: ErrorKind::EmptySecret }));
        check("}", Err(NEITHER));
        check(r#","text":"t","digest":"d"}"#, Err(NEITHER));
        check(r#","text":"t","digest":"d","signature":"D","error":"empty-secret"}"#, Err(NEITHER));
        check(r#","error":"empty-secret","request":"r"}"#, Err(NEITHER));
    }

    #[test]
    fn the_input_line_keeps_what_the_value_cannot() {
        let vector = Vector::parse(&format!(r#"{HEAD},"error":"empty-secret"}}"#)).unwrap();
        assert_eq!(vector.input_line, r#"{"n":18446744073709551616}"#);
        assert!(vector.input["n"].is_f64());
    }

    #[test]
    fn unknown_members_and_words_are_refused() {
        for tail in [r#","error":"empty-secret","sing":1}"#, r#","error":"tired"}"#, r#","error":"#] {
            let got = Vector::parse(&format!("{HEAD}{tail}"));
            assert!(matches!(got, Err(Problem::Json(_))), "{tail}: {got:?}");
        }
    }
}
