//! Hides secrets in everything that is said, in whatever form they stand there: people send them as parameters, encode
//! them, and paste them into the wrong place.

use serde_json::Value;
use sign_core::form;
use sign_doctor::NamedSecret;
use zeroize::Zeroizing;

/// What is shorter is no secret, and hiding it would hide every other word.
const SHORTEST: usize = 4;

/// Knows the secrets, in every form in which they could be shown.
pub(crate) struct Veil {
    /// What to look for, the longest first, and what stands there instead.
    forms: Vec<(Zeroizing<String>, String)>,
    lifted: bool,
}

impl Veil {
    /// Over these secrets. `lifted` is for `--reveal-secret`: then nothing is hidden.
    pub(crate) fn new(secrets: &[NamedSecret], lifted: bool) -> Self {
        let mut forms = Vec::new();
        for named in secrets {
            let secret = named.secret.expose();
            let instead = format!("‹secret {} B›", secret.len());
            for text in [secret, secret.trim()].into_iter().flat_map(forms_of) {
                if text.len() >= SHORTEST && !forms.iter().any(|(known, _)| *known == text) {
                    forms.push((text, instead.clone()));
                }
            }
        }
        forms.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Self { forms, lifted }
    }

    /// Is nothing to be hidden?
    pub(crate) const fn is_lifted(&self) -> bool {
        self.lifted
    }

    /// The text without the secrets.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if self.lifted {
            return text;
        }
        for (secret, instead) in &self.forms {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), instead);
            }
        }
        text
    }

    /// A JSON document without the secrets, whose members' names are its own.
    pub(crate) fn hide_in(&self, document: &mut Value) {
        match document {
            Value::String(text) => *text = self.hide(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide_in(item)),
            Value::Object(members) => members.values_mut().for_each(|value| self.hide_in(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// As it is, in the other letter case, and in the ways in which it may be encoded.
fn forms_of(secret: &str) -> Vec<Zeroizing<String>> {
    let every_byte: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let percent: String = secret
        .bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    let form = form::encode(secret);
    let twice = [form::encode(&form), form::encode(&percent)];
    let json = Value::from(secret).to_string();
    let json = json.get(1..json.len().saturating_sub(1)).unwrap_or_default().to_owned();
    let mut all = vec![
        secret.to_owned(),
        secret.to_lowercase(),
        secret.to_uppercase(),
        secret.escape_default().to_string(),
        lower_escapes(&every_byte),
        lower_escapes(&percent),
        lower_escapes(&form),
        every_byte,
        percent,
        form,
        json,
    ];
    all.extend(twice);
    all.into_iter().map(Zeroizing::new).collect()
}

/// `%2f` for `%2F`; letters outside of escapes stay.
fn lower_escapes(text: &str) -> String {
    let mut left = 0_u8;
    text.chars()
        .map(|character| {
            let within = left > 0;
            left = if character == '%' { 2 } else { left.saturating_sub(1) };
            if within { character.to_ascii_lowercase() } else { character }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "Ab/c d\"秘+1234";

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let veil = Veil::new(&[NamedSecret::new("S", SECRET).unwrap()], false);
        assert_eq!(veil.hide(text), expected);
    }

    #[test]
    fn every_form_is_hidden() {
        check("x=Ab/c d\"秘+1234&y", "x=‹secret 15 B›&y");
        check("x=Ab%2Fc+d%22%E7%A7%98%2B1234", "x=‹secret 15 B›");
        check("x=Ab%2fc%20d%22%e7%a7%98%2b1234", "x=‹secret 15 B›");
        check("x=AB/C D\"秘+1234", "x=‹secret 15 B›");
        check(r#"{"x":"Ab/c d\"秘+1234"}"#, r#"{"x":"‹secret 15 B›"}"#);
        check("x=Ab%252Fc%2Bd%2522%25E7%25A7%2598%252B1234", "x=‹secret 15 B›");
        check("Ab/c", "Ab/c");
    }

    #[test]
    fn a_document_keeps_its_names() {
        let veil = Veil::new(&[NamedSecret::new("S", "verdict").unwrap()], false);
        let mut document = serde_json::json!({"verdict": ["verdict", {"a": "a verdict"}]});
        veil.hide_in(&mut document);
        assert_eq!(document, serde_json::json!({"verdict": ["‹secret 7 B›", {"a": "a ‹secret 7 B›"}]}));
    }

    #[test]
    fn short_texts_are_no_secrets_and_a_lifted_veil_hides_nothing() {
        let secrets = [NamedSecret::new("S", "abc").unwrap()];
        assert_eq!(Veil::new(&secrets, false).hide("abcd"), "abcd");
        let secrets = [NamedSecret::new("S", "abcd").unwrap()];
        assert_eq!(Veil::new(&secrets, false).hide("abcd"), "‹secret 4 B›");
        assert_eq!(Veil::new(&secrets, true).hide("abcd"), "abcd");
    }
}
