//! In which form a JSON body is signed.

use serde::{Deserialize, Serialize};

use crate::json::{Json, Style};

/// In which form a JSON body is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BodyForm {
    /// As it is sent.
    #[default]
    AsSent,
    /// Without white space.
    Compact,
    /// As Python's `json.dumps` writes it: blanks behind `,` and `:`, everything beyond ASCII as `\uXXXX`.
    Python,
    /// As PHP's `json_encode` writes it: `/` as `\/`, everything beyond ASCII as `\uXXXX`.
    Php,
    /// With blanks behind `,` and `:`.
    Spaced,
    /// Pretty-printed, two blanks a level.
    Pretty2,
    /// Pretty-printed, four blanks a level.
    Pretty4,
    /// Pretty-printed, a tab a level.
    PrettyTab,
    /// Without white space, members sorted by name.
    Sorted,
    /// Without white space, members in the opposite order.
    Reversed,
    /// Without white space, `/` as `\/`.
    Slashes,
    /// Without white space, everything beyond ASCII as `\uXXXX`.
    Ascii,
    /// With a newline at the end.
    Newline,
    /// With a byte order mark in front.
    Bom,
}

impl BodyForm {
    pub(crate) const CHANGES: [Self; 13] = [
        Self::Compact,
        Self::Newline,
        Self::Pretty2,
        Self::Spaced,
        Self::Python,
        Self::Php,
        Self::Sorted,
        Self::Slashes,
        Self::Ascii,
        Self::Pretty4,
        Self::PrettyTab,
        Self::Reversed,
        Self::Bom,
    ];

    /// The body in this form; [`None`] where the text is no JSON body.
    pub(crate) fn apply(self, text: &str) -> Option<String> {
        Some(self.write(&Json::body(text)?, text))
    }

    /// The same of a body that was read already.
    pub(crate) fn write(self, body: &Json, text: &str) -> String {
        let plain = Style::default();
        match self {
            Self::AsSent => text.to_owned(),
            Self::Compact => body.written(plain),
            Self::Python => body.written(Style { spaced: true, ascii: true, ..plain }),
            Self::Php => body.written(Style { slashes: true, ascii: true, ..plain }),
            Self::Spaced => body.written(Style { spaced: true, ..plain }),
            Self::Pretty2 => body.written(Style { indent: Some("  "), ..plain }),
            Self::Pretty4 => body.written(Style { indent: Some("    "), ..plain }),
            Self::PrettyTab => body.written(Style { indent: Some("\t"), ..plain }),
            Self::Sorted => body.clone().sorted().written(plain),
            Self::Reversed => body.clone().reversed().written(plain),
            Self::Slashes => body.written(Style { slashes: true, ..plain }),
            Self::Ascii => body.written(Style { ascii: true, ..plain }),
            Self::Newline => format!("{text}\n"),
            Self::Bom => format!("\u{feff}{text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        let body = r#"{"b": "中/", "a":1}"#;
        let check = |form: BodyForm, expected: &str| assert_eq!(form.apply(body).as_deref(), Some(expected));
        check(BodyForm::AsSent, body);
        check(BodyForm::Compact, r#"{"b":"中/","a":1}"#);
        check(BodyForm::Python, r#"{"b": "\u4e2d/", "a": 1}"#);
        check(BodyForm::Php, r#"{"b":"\u4e2d\/","a":1}"#);
        check(BodyForm::Sorted, r#"{"a":1,"b":"中/"}"#);
        check(BodyForm::PrettyTab, "{\n\t\"b\": \"中/\",\n\t\"a\": 1\n}");
        check(BodyForm::Newline, "{\"b\": \"中/\", \"a\":1}\n");
        assert_eq!(BodyForm::Compact.apply("a=1"), None);
    }
}
