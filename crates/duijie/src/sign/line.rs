//! One line of `sign --batch`: a JSON object that says what to sign.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use sign_core::{Secret, Signature, json::Scalar};

use super::scheme::{Input, Scheme, sign};

/// The members of a line, not yet looked into. Members it does not know are ignored.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    scheme: Option<&'a RawValue>,
    #[serde(borrow, default)]
    params: Option<Params<'a>>,
    #[serde(borrow, default)]
    secret: Option<&'a RawValue>,
    #[serde(borrow, default)]
    values: Option<&'a RawValue>,
    #[serde(borrow, default)]
    ticket: Option<&'a RawValue>,
    #[serde(borrow, default)]
    plain: Option<&'a RawValue>,
    #[serde(borrow, default)]
    salt: Option<&'a RawValue>,
    #[serde(borrow, default)]
    timestamp: Option<&'a RawValue>,
}

/// An object's members in their order.
struct Params<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Params<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Params<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Name(name), value)) = map.next_entry()? {
                    members.push((name, value));
                }
                Ok(Params(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// A member's name, borrowed where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Signs what a line asks for. The reason never holds a value of the line: it may be the secret.
pub(super) fn sign_line(line: &[u8]) -> Result<Signature, String> {
    let line =
        std::str::from_utf8(line).map_err(|error| format!("not UTF-8 from byte {}", error.valid_up_to()))?;
    // Serde would also read a struct from a list.
    if !line.trim_ascii_start().starts_with('{') {
        return Err("not a JSON object".to_owned());
    }
    let line: Line<'_> = serde_json::from_str(line).map_err(describe)?;
    let scheme = text("scheme", line.scheme)?;
    let scheme = Scheme::from_name(&scheme).ok_or_else(|| {
        let known: Vec<_> = Scheme::ALL.iter().map(|scheme| format!("`{}`", scheme.name())).collect();
        format!("unknown scheme `{}`; known are {}", scheme.escape_debug(), known.join(", "))
    })?;
    match scheme {
        Scheme::Jinlaiban | Scheme::YichangSha1 | Scheme::YichangMd5 => {
            let params = line.params.ok_or("`params` is missing")?;
            let params = params
                .0
                .iter()
                .map(|(name, raw)| Ok((&**name, param(scheme, name, raw)?)))
                .collect::<Result<Vec<_>, String>>()?;
            let params = params.iter().map(|(name, value)| (*name, value.as_deref())).collect();
            finish(scheme, &Input::Params(params), &secret("secret", line.secret)?)
        }
        Scheme::Webank => {
            let list: Vec<&RawValue> = line
                .values
                .and_then(|list| serde_json::from_str(list.get()).ok())
                .ok_or("`values` is missing or no list")?;
            let values = list.into_iter().enumerate().map(value).collect::<Result<Vec<_>, String>>()?;
            let values = values.iter().map(Option::as_deref).collect();
            finish(scheme, &Input::Values(values), &secret("ticket", line.ticket)?)
        }
        Scheme::WebankCallback => {
            let (plain, timestamp) = (text("plain", line.plain)?, text("timestamp", line.timestamp)?);
            let input = Input::Envelope { plain: &plain, timestamp: &timestamp };
            finish(scheme, &input, &secret("salt", line.salt)?)
        }
    }
}

fn finish(scheme: Scheme, input: &Input<'_>, secret: &Secret) -> Result<Signature, String> {
    sign(scheme, input, secret).map_err(|error| error.to_string())
}

/// Serde's own message may quote a value, so only the place is told; doubled members are named.
fn describe(error: serde_json::Error) -> String {
    let place = format!("column {}", error.column());
    let message = error.to_string();
    match message.strip_prefix("duplicate field `").and_then(|rest| rest.split('`').next()) {
        Some(member) => format!("member `{member}` is given twice ({place})"),
        None if error.is_eof() => format!("the JSON object does not end ({place})"),
        None if error.is_data() => format!("not a JSON object of the documented shape ({place})"),
        None => format!("not JSON ({place})"),
    }
}

/// A parameter: text, whole number, or null.
fn param<'a>(scheme: Scheme, name: &str, raw: &'a RawValue) -> Result<Option<Cow<'a, str>>, String> {
    if !scheme.signs(name) {
        return Ok(None);
    }
    let scalar = scalar(name, raw)?;
    if scalar == Scalar::Null {
        return Ok(None);
    }
    let kind = scalar.kind();
    scalar.whole_text().map(Some).ok_or_else(|| {
        let fraction = kind == "a number";
        let found = if fraction { "a number that is not written as whole digits" } else { kind };
        format!(
            "parameter `{}` is {found}: only texts, whole numbers and null can be signed",
            name.escape_debug()
        )
    })
}

/// A value of the list: text or null.
fn value((at, raw): (usize, &RawValue)) -> Result<Option<Cow<'_, str>>, String> {
    match Scalar::read(raw) {
        Ok(Scalar::Null) => Ok(None),
        Ok(Scalar::Text(text)) => Ok(Some(text)),
        Ok(other) => Err(format!(
            "value {} of `values` is {}: only texts and null",
            at.saturating_add(1),
            other.kind()
        )),
        Err(_) => Err(format!("value {} of `values` is a text with a lone surrogate", at.saturating_add(1))),
    }
}

fn scalar<'a>(member: &str, raw: &'a RawValue) -> Result<Scalar<'a>, String> {
    Scalar::read(raw).map_err(|_| format!("`{}` is a text with a lone surrogate", member.escape_debug()))
}

fn text<'a>(member: &str, raw: Option<&'a RawValue>) -> Result<Cow<'a, str>, String> {
    match raw.map(|raw| scalar(member, raw)).transpose()? {
        None => Err(format!("`{member}` is missing")),
        Some(Scalar::Text(text)) => Ok(text),
        Some(other) => Err(format!("`{member}` is {}: a text is needed", other.kind())),
    }
}

fn secret(member: &str, raw: Option<&RawValue>) -> Result<Secret, String> {
    Secret::new(text(member, raw)?).map_err(|_| format!("`{member}` is empty"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Result<&str, &str>) {
        let got = sign_line(line.as_bytes());
        assert_eq!(got.as_ref().map(Signature::as_str).map_err(String::as_str), expected, "{line}");
    }

    #[test]
    fn the_known_answers() {
        check(
            r#"{"scheme":"jinlaiban","params":{"uid":1000,"timestamp":"1548047628","x":null},"secret":"58b31d465652be856d7ed80977aa4ce4"}"#,
            Ok("15540d3398e5ed2a37533e3fc032e1a0"),
        );
    }

    #[test]
    fn mistakes_are_named_and_no_value_is_repeated() {
        check("no", Err("not a JSON object"));
        check(r#""s3cret""#, Err("not a JSON object"));
        check("[]", Err("not a JSON object"));
        check("{", Err("the JSON object does not end (column 1)"));
        check("{} x", Err("not JSON (column 4)"));
        check("{}", Err("`scheme` is missing"));
        check(r#"{"scheme":1}"#, Err("`scheme` is a number: a text is needed"));
        check(r#"{"scheme":"webank","scheme":"x"}"#, Err("member `scheme` is given twice (column 27)"));
        check(
            r#"{"scheme":"md5"}"#,
            Err(
                "unknown scheme `md5`; known are `jinlaiban`, `yichang-sha1`, `yichang-md5`, `webank`, `webank-callback`",
            ),
        );
        check(r#"{"scheme":"jinlaiban"}"#, Err("`params` is missing"));
        check(
            r#"{"scheme":"jinlaiban","params":"s3cret"}"#,
            Err("not a JSON object of the documented shape (column 39)"),
        );
        check(r#"{"scheme":"jinlaiban","params":{}}"#, Err("`secret` is missing"));
        check(r#"{"scheme":"jinlaiban","params":{},"secret":null}"#, Err("`secret` is missing"));
        check(
            r#"{"scheme":"jinlaiban","params":{},"secret":7}"#,
            Err("`secret` is a number: a text is needed"),
        );
        check(r#"{"scheme":"jinlaiban","params":{},"secret":""}"#, Err("`secret` is empty"));
        check(r#"{"scheme":"webank","values":[],"ticket":null}"#, Err("`ticket` is missing"));
        check(r#"{"scheme":"webank","values":{},"ticket":"t"}"#, Err("`values` is missing or no list"));
        check(
            r#"{"scheme":"webank","values":["a",1],"ticket":"t"}"#,
            Err("value 2 of `values` is a number: only texts and null"),
        );
        check(
            r#"{"scheme":"jinlaiban","params":{"a":1.5},"secret":"s"}"#,
            Err(
                "parameter `a` is a number that is not written as whole digits: only texts, whole numbers and null can be signed",
            ),
        );
        check(
            r#"{"scheme":"jinlaiban","params":{"a":[]},"secret":"s"}"#,
            Err("parameter `a` is a list or object: only texts, whole numbers and null can be signed"),
        );
        check(
            r#"{"scheme":"jinlaiban","params":{"a":"\ud800"},"secret":"s"}"#,
            Err("`a` is a text with a lone surrogate"),
        );
        assert_eq!(sign_line(b"{\"scheme\":\"\xff\"}").unwrap_err(), "not UTF-8 from byte 11");
    }

    #[test]
    fn what_is_not_signed_may_be_of_any_kind() {
        let text = r#"{"scheme":"jinlaiban","params":{"a":"1","data":[1.5],"sign":true},"secret":"s"}"#;
        let plain = r#"{"scheme":"jinlaiban","params":{"a":1},"secret":"s"}"#;
        let sign = |line: &str| sign_line(line.as_bytes()).unwrap().as_str().to_owned();
        assert_eq!(sign(text), sign(plain));
    }
}
