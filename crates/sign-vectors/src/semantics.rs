//! What Java and PHP do with single steps: sorting, form coding, text of numbers, hashing.

use serde::Deserialize;
use serde_json::Value;

/// One step, as the platform's language takes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Semantics {
    /// The step and a number or a word, such as `urldecode-37`; unique in its file.
    pub case: String,
    /// What goes in; its shape belongs to the step (`values`, `text`, `utf16` code units, `params` …).
    pub input: Value,
    /// The text between input and result, or a remark. Empty when there is none.
    pub canonical: String,
    /// What comes out; null when it fails.
    pub expected: Value,
    /// The language's own message, when it fails.
    #[serde(default)]
    pub error: Option<String>,
}

impl Semantics {
    /// The step's name: `case` without the part behind the last `-` when that is a number.
    #[must_use]
    pub fn step(&self) -> &str {
        match self.case.rsplit_once('-') {
            Some((step, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => step,
            _ => &self.case,
        }
    }
}
