//! One example as it stands in a file. What is wrong is told with the member it is in; no value is repeated, because one
//! of them is the secret.

use serde_json::error::Category;
use sign_doctor::{Case, Example, NamedSecret, Platform, Request, Search, Value};

/// What the secret is called in messages. Its value never is.
const SECRET_NAME: &str = "the example's secret";

/// In bytes of values.
const LONGEST: usize = 1024 * 1024;

/// More parameters are no request.
const MOST: usize = 1024;

/// Lengths of hexadecimal signatures.
const HEXADECIMAL: [usize; 4] = [16, 32, 40, 64];

/// Why a line is no example: whoever wrote the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The member that is wrong; [`None`] where it is the line as a whole.
    pub(super) member: Option<&'static str>,
    pub(super) reason: String,
}

impl Wrong {
    fn line(reason: impl Into<String>) -> Self {
        Self { member: None, reason: reason.into() }
    }

    pub(super) fn member(member: &'static str, reason: impl Into<String>) -> Self {
        Self { member: Some(member), reason: reason.into() }
    }
}

/// Reads `{"params":{…}|"values":[…],"secret":"…","signature":"…"}`. Members beyond these are ignored.
pub(super) fn read(line: &str) -> Result<Example, Wrong> {
    if !line.trim_start().starts_with('{') {
        return Err(Wrong::line("not a JSON object"));
    }
    let line = Request::from_json(line).map_err(|error| Wrong::line(describe(&error)))?;
    let members = Members(&line);
    let shown = |name: &str| match members.get("secret") {
        Ok(Some(Value::Text(secret))) if !secret.is_empty() && name.contains(secret.as_str()) => {
            "a name".to_owned()
        }
        _ => format!("`{}`", name.escape_debug()),
    };
    let request = match (members.get("params")?, members.get("values")?) {
        (Some(params), None) => parameters("params", params, '{', "an object of names and values", &shown)?,
        (None, Some(values)) => parameters("values", values, '[', "a list of values", &shown)?,
        (Some(_), Some(_)) => {
            return Err(Wrong::member("values", "there beside `params`: an example has one of them"));
        }
        (None, None) => {
            return Err(Wrong::member("params", "missing, and so is `values`: one of them is needed"));
        }
    };
    let aliases = ["ticket", "salt", "key", "appSecret", "app_secret", "appsecret", "api_key"];
    let secret = members.text("secret", &aliases, "the one that made the signature")?;
    let signature =
        members.text("signature", &["sign", "sig", "Signature"], "the one that the platform made or took")?;
    if mixes_letters(signature) {
        return Err(Wrong::member(
            "signature",
            "mixes lower-case and upper-case letters, which no platform does: was it typed by hand?",
        ));
    }
    let secret = NamedSecret::new(SECRET_NAME, secret).map_err(|_| Wrong::member("secret", "empty"))?;
    is_signature(signature, &secret).map_err(|reason| Wrong::member("signature", reason))?;
    Ok(Example { request, secret, signature: signature.to_owned() })
}

/// Can this be a signature at all? Asked of an empty request, which nobody searches.
fn is_signature(signature: &str, secret: &NamedSecret) -> Result<(), String> {
    let (recipe, request) = (Platform::Jinlaiban.recipe(), Request::default());
    let case = Case::new(&recipe, &request, std::slice::from_ref(secret)).map_err(|it| it.to_string())?;
    case.diagnose(signature, &Search::default().mistakes(0)).map(drop).map_err(|it| it.to_string())
}

/// How many bytes an example digests, about.
pub(super) fn length(example: &Example) -> usize {
    let parameters = example.request.parameters().iter();
    parameters.map(|it| it.name.len().saturating_add(it.value.text().map_or(0, str::len))).sum()
}

struct Members<'a>(&'a Request);

impl<'a> Members<'a> {
    fn get(&self, name: &'static str) -> Result<Option<&'a Value>, Wrong> {
        let mut found = self.0.parameters().iter().filter(|it| it.name == name);
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(Wrong::member(name, "given twice")),
            (found, None) => Ok(found.map(|it| &it.value)),
        }
    }

    fn text(&self, name: &'static str, aliases: &[&str], which: &str) -> Result<&'a str, Wrong> {
        match self.get(name)? {
            Some(Value::Text(text)) if text.trim().is_empty() => {
                Err(Wrong::member(name, format!("empty: an example needs {which}")))
            }
            Some(Value::Text(text)) => Ok(text),
            Some(other) => Err(Wrong::member(name, format!("{}: a text is needed", kind(other)))),
            None => {
                let alias = aliases.iter().find(|alias| self.0.get(alias).is_some());
                let hint =
                    alias.map_or_else(String::new, |alias| format!("; is it what stands in `{alias}`?"));
                Err(Wrong::member(name, format!("missing: an example needs {which}{hint}")))
            }
        }
    }
}

fn parameters(
    member: &'static str,
    value: &Value,
    opens: char,
    wanted: &str,
    shown: &dyn Fn(&str) -> String,
) -> Result<Request, Wrong> {
    let wrong = |reason: String| Wrong::member(member, reason);
    let json = match value {
        Value::Json(json) if json.starts_with(opens) => json,
        other => return Err(wrong(format!("{}: {wanted} is needed", kind(other)))),
    };
    let request = Request::from_json(json).map_err(|error| wrong(describe(&error)))?;
    let parameters = request.parameters();
    if parameters.is_empty() {
        return Err(wrong("empty: nothing is signed".to_owned()));
    }
    if parameters.len() > MOST {
        return Err(wrong(format!("{} of them, and at most {MOST} are looked at", parameters.len())));
    }
    let mut names: Vec<&str> =
        parameters.iter().map(|it| it.name.as_str()).filter(|it| !it.is_empty()).collect();
    names.sort_unstable();
    if let Some(name) = names.array_windows().find_map(|[one, two]| (one == two).then_some(one)) {
        return Err(wrong(format!("{} is given twice: nobody says which of them is signed", shown(name))));
    }
    let length: usize = parameters.iter().filter_map(|it| it.value.text()).map(str::len).sum();
    if length > LONGEST {
        return Err(wrong(format!(
            "{length} bytes of values, and at most {LONGEST} are looked at: give a shorter example"
        )));
    }
    Ok(request)
}

fn mixes_letters(signature: &str) -> bool {
    let signature = signature.trim();
    HEXADECIMAL.contains(&signature.len())
        && signature.bytes().all(|byte| byte.is_ascii_hexdigit())
        && signature.bytes().any(|byte| byte.is_ascii_lowercase())
        && signature.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Text(_) => "a text",
        Value::Number(_) => "a number",
        Value::Json(json) if json.starts_with('{') => "an object",
        Value::Json(json) if json.starts_with('[') => "a list",
        Value::Json(_) => "true or false",
    }
}

/// Serde's own message may quote a value, so only the place is told.
fn describe(error: &serde_json::Error) -> String {
    let column = error.column();
    match error.classify() {
        Category::Eof => format!("the JSON does not end (column {column})"),
        Category::Syntax | Category::Io => format!("not JSON (column {column})"),
        Category::Data => "holds a text that is no Unicode: a lone surrogate".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Result<usize, (Option<&str>, &str)>) {
        match (read(line), expected) {
            (Ok(example), Ok(count)) => assert_eq!(example.request.parameters().len(), count, "{line}"),
            (Err(wrong), Err((member, reason))) => {
                assert_eq!((wrong.member, wrong.reason.as_str()), (member, reason), "{line}");
            }
            (got, _) => panic!("{line}: {:?}", got.map(drop)),
        }
    }

    #[test]
    fn lines() {
        check(
            r#"{"params":{"a":"1","b":null},"secret":"s","signature":"900150983cd24fb0d6963f7d28e17f72"}"#,
            Ok(2),
        );
        check(
            r#" {"values":["a",1,true],"secret":"s","signature":"900150983cd24fb0d6963f7d28e17f72","note":[]}"#,
            Ok(3),
        );
        check("no", Err((None, "not a JSON object")));
        check("[]", Err((None, "not a JSON object")));
        check("{", Err((None, "the JSON does not end (column 1)")));
        check("{}x", Err((None, "not JSON (column 3)")));
        check("{}", Err((Some("params"), "missing, and so is `values`: one of them is needed")));
        let both = r#"{"params":{"a":"1"},"values":["1"]}"#;
        check(both, Err((Some("values"), "there beside `params`: an example has one of them")));
        let params = |value: &str| {
            format!(r#"{{"params":{value},"secret":"s","signature":"900150983cd24fb0d6963f7d28e17f72"}}"#)
        };
        check(&params("[1]"), Err((Some("params"), "a list: an object of names and values is needed")));
        check(&params("\"x\""), Err((Some("params"), "a text: an object of names and values is needed")));
        check(&params("{}"), Err((Some("params"), "empty: nothing is signed")));
        let twice = "`a` is given twice: nobody says which of them is signed";
        check(&params(r#"{"a":"1","b":"2","a":"3"}"#), Err((Some("params"), twice)));
        let secret = r#"{"params":{"s3cret":1,"s3cret":2},"secret":"s3cret"}"#;
        check(secret, Err((Some("params"), "a name is given twice: nobody says which of them is signed")));
        let lone = "holds a text that is no Unicode: a lone surrogate";
        check(&params(r#"{"a":"\ud800"}"#), Err((Some("params"), lone)));
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(LONGEST + 1));
        let longer = "1048577 bytes of values, and at most 1048576 are looked at: give a shorter example";
        check(&params(&long), Err((Some("params"), longer)));
        check(r#"{"values":{"a":1}}"#, Err((Some("values"), "an object: a list of values is needed")));
        check(r#"{"params":{"a":1},"params":{"a":1}}"#, Err((Some("params"), "given twice")));
        let rest = |rest: &str| format!(r#"{{"params":{{"a":"1"}},{rest}}}"#);
        check(&rest(r#""secret":12345"#), Err((Some("secret"), "a number: a text is needed")));
        check(&rest(r#""secret":null"#), Err((Some("secret"), "null: a text is needed")));
        let empty = "empty: an example needs the one that made the signature";
        check(&rest(r#""secret":"""#), Err((Some("secret"), empty)));
        let hint =
            "missing: an example needs the one that made the signature; is it what stands in `ticket`?";
        check(&rest(r#""ticket":"t""#), Err((Some("secret"), hint)));
        let hint =
            "missing: an example needs the one that the platform made or took; is it what stands in `sign`?";
        check(&rest(r#""secret":"s","sign":"x""#), Err((Some("signature"), hint)));
        let mixed = r#""secret":"s","signature":"aA000000000000000000000000000000""#;
        check(
            &rest(mixed),
            Err((
                Some("signature"),
                "mixes lower-case and upper-case letters, which no platform does: was it typed by hand?",
            )),
        );
    }
}
