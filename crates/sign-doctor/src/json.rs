//! JSON bodies written anew, as other programs would write them. Digits stay as they are; so does the order of
//! members, unless it is what changes.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON text, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    /// A number, `true`, `false` or `null`, as it is written.
    Word(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<Member>),
}

/// A name and its value.
type Member = (String, Json);

/// How it is written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Style {
    /// One level's white space; then each member has a line of its own.
    pub(crate) indent: Option<&'static str>,
    /// A blank after `,` and `:`, as Python's `json.dumps` does.
    pub(crate) spaced: bool,
    /// `/` as `\/`, as PHP's `json_encode` does.
    pub(crate) slashes: bool,
    /// Everything beyond ASCII as `\uXXXX`.
    pub(crate) ascii: bool,
}

/// Members in the order in which they are written; [`Vec`], because an order is what this is about.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Members, A::Error> {
                let mut all = Vec::new();
                while let Some(member) = members.next_entry()? {
                    all.push(member);
                }
                Ok(Members(all))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

impl Json {
    /// An object or a list; [`None`] for everything else, which nobody sends as a body.
    pub(crate) fn body(text: &str) -> Option<Self> {
        if !text.trim_start().starts_with(['{', '[']) {
            return None;
        }
        Self::read(text).ok()
    }

    fn read(text: &str) -> Result<Self, serde_json::Error> {
        let text = text.trim();
        Ok(match text.as_bytes().first() {
            Some(b'{') => {
                let Members(members) = serde_json::from_str(text)?;
                let read = members.into_iter().map(|(name, raw)| Ok((name, Self::read(raw.get())?)));
                Self::Object(read.collect::<Result<_, serde_json::Error>>()?)
            }
            Some(b'[') => {
                let items: Vec<Box<RawValue>> = serde_json::from_str(text)?;
                Self::List(items.iter().map(|raw| Self::read(raw.get())).collect::<Result<_, _>>()?)
            }
            Some(b'"') => Self::Text(serde_json::from_str(text)?),
            _ => Self::Word(serde_json::from_str::<&RawValue>(text)?.get().to_owned()),
        })
    }

    /// Members sorted by name, at every level.
    pub(crate) fn sorted(mut self) -> Self {
        self.arrange(&|members| members.sort_by(|(a, _), (b, _)| a.cmp(b)));
        self
    }

    /// Members in the opposite order, at every level.
    pub(crate) fn reversed(mut self) -> Self {
        self.arrange(&|members| members.reverse());
        self
    }

    fn arrange(&mut self, order: &dyn Fn(&mut [Member])) {
        match self {
            Self::Object(members) => {
                order(members);
                members.iter_mut().for_each(|(_, value)| value.arrange(order));
            }
            Self::List(items) => items.iter_mut().for_each(|item| item.arrange(order)),
            Self::Word(_) | Self::Text(_) => {}
        }
    }

    pub(crate) fn written(&self, style: Style) -> String {
        let mut text = String::new();
        self.write(style, 0, &mut text);
        text
    }

    fn write(&self, style: Style, depth: usize, out: &mut String) {
        match self {
            Self::Word(word) => out.push_str(word),
            Self::Text(text) => quote(text, style, out),
            Self::List(items) => {
                series('[', ']', items, style, depth, out, |item, out| item.write(style, depth + 1, out));
            }
            Self::Object(members) => {
                series('{', '}', members, style, depth, out, |(name, value), out| {
                    quote(name, style, out);
                    out.push_str(if style.spaced || style.indent.is_some() { ": " } else { ":" });
                    value.write(style, depth + 1, out);
                });
            }
        }
    }
}

fn series<T>(
    open: char,
    close: char,
    items: &[T],
    style: Style,
    depth: usize,
    out: &mut String,
    mut write: impl FnMut(&T, &mut String),
) {
    out.push(open);
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(if style.spaced { ", " } else { "," });
        }
        line(style, depth + 1, out);
        write(item, out);
    }
    if !items.is_empty() {
        line(style, depth, out);
    }
    out.push(close);
}

fn line(style: Style, depth: usize, out: &mut String) {
    if let Some(indent) = style.indent {
        out.push('\n');
        (0..depth).for_each(|_| out.push_str(indent));
    }
}

fn quote(text: &str, style: Style, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '/' if style.slashes => out.push_str("\\/"),
            other if other < ' ' || (style.ascii && !other.is_ascii()) => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    // Writing into a `String` cannot fail.
                    let _ = fmt::Write::write_fmt(out, format_args!("\\u{unit:04x}"));
                }
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#" {"b": 1.50, "a":[1,{"z":"中/文😀\n"},[]] ,"c":{},"n":null} "#;

    #[track_caller]
    fn check(style: Style, expected: &str) {
        assert_eq!(Json::body(BODY).unwrap().written(style), expected);
    }

    #[test]
    fn each_style() {
        check(Style::default(), r#"{"b":1.50,"a":[1,{"z":"中/文😀\n"},[]],"c":{},"n":null}"#);
        check(
            Style { spaced: true, ascii: true, ..Style::default() },
            r#"{"b": 1.50, "a": [1, {"z": "\u4e2d/\u6587\ud83d\ude00\n"}, []], "c": {}, "n": null}"#,
        );
        check(
            Style { slashes: true, ..Style::default() },
            r#"{"b":1.50,"a":[1,{"z":"中\/文😀\n"},[]],"c":{},"n":null}"#,
        );
        let pretty = "{\n  \"b\": 1.50,\n  \"a\": [\n    1,\n    {\n      \"z\": \"中/文😀\\n\"\n    },\n    []\n  ],\n  \"c\": {},\n  \"n\": null\n}";
        check(Style { indent: Some("  "), ..Style::default() }, pretty);
    }

    #[test]
    fn members_change_places() {
        let body = || Json::body(r#"{"b":{"y":1,"x":2},"a":[{"d":1,"c":2}]}"#).unwrap();
        let style = Style::default();
        assert_eq!(body().sorted().written(style), r#"{"a":[{"c":2,"d":1}],"b":{"x":2,"y":1}}"#);
        assert_eq!(body().reversed().written(style), r#"{"a":[{"c":2,"d":1}],"b":{"x":2,"y":1}}"#);
    }

    #[test]
    fn what_is_no_body() {
        for text in ["", "1", "\"{}\"", "{", "{} x", r#"{"a":"\ud83d"}"#] {
            assert_eq!(Json::body(text), None, "{text}");
        }
    }
}
