//! A recipe as code that a reader can paste. The secret is an argument, and the comment shows where it comes from: the
//! environment.

mod go;
mod java;
mod javascript;
mod php;
mod python;
mod rust;

use crate::{BodyForm, Encoding, PairFormat, Recipe, SecretForm, Selection, SortKey, TextForm};

/// A language that recipes are printed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Rust, with `sign-core`.
    Rust,
    /// Java 11 and later, nothing else.
    Java,
    /// Python 3, nothing else.
    Python,
    /// PHP 8, nothing else.
    Php,
    /// Go, nothing else.
    Go,
    /// JavaScript for Node, nothing else.
    JavaScript,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Rust, Self::Java, Self::Python, Self::Php, Self::Go, Self::JavaScript];

    /// The name on a command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Java => "java",
            Self::Python => "python",
            Self::Php => "php",
            Self::Go => "go",
            Self::JavaScript => "javascript",
        }
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A recipe takes a step that has no short code in this language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no {language} code for this recipe: {step} needs more than the language brings; the words and the JSON tell it whole"
)]
pub struct Unprintable {
    /// The language.
    pub language: &'static str,
    /// The step.
    pub step: &'static str,
}

impl Recipe {
    /// The recipe as a function `sign(params, secret)`, or `sign(values, secret)` where names play no part.
    ///
    /// ```
    /// use sign_doctor::{Language, Platform};
    /// let code = Platform::Jinlaiban.recipe().code(Language::Python)?;
    /// assert!(code.contains("hashlib.md5(data)"));
    /// # Ok::<(), sign_doctor::Unprintable>(())
    /// ```
    ///
    /// # Errors
    /// [`Unprintable`]: a step needs a library that the language does not bring, such as GBK in Go.
    pub fn code(&self, language: Language) -> Result<String, Unprintable> {
        let unprintable = |step| Err(Unprintable { language: language.name(), step });
        if self.body != BodyForm::AsSent {
            return unprintable("a body that is written anew");
        }
        if self.encoding != Encoding::Raw && escape(self.encoding).is_none() {
            return unprintable("this encoding of values");
        }
        if !matches!(
            self.secret_form,
            SecretForm::AsIssued
                | SecretForm::Md5
                | SecretForm::Md5Upper
                | SecretForm::Upper
                | SecretForm::Lower
        ) {
            return unprintable("this form of the secret");
        }
        let foreign = matches!(language, Language::Go | Language::JavaScript | Language::Rust);
        if self.text == TextForm::Gbk && foreign {
            return unprintable("GBK");
        }
        if language == Language::Rust && (self.hmac || self.output.letters().is_none()) {
            return unprintable("HMAC or base64, which sign-core leaves to others,");
        }
        Ok(match language {
            Language::Rust => rust::print(self),
            Language::Java => java::print(self),
            Language::Python => python::print(self),
            Language::Php => php::print(self),
            Language::Go => go::print(self),
            Language::JavaScript => javascript::print(self),
        })
    }

    /// Do names play no part, so that a list of values is enough?
    #[must_use]
    pub fn signs_bare_values(&self) -> bool {
        let listed = matches!(self.selection, Selection::Only(_));
        self.pair == PairFormat::Value
            && (self.order.by == SortKey::Value || (self.order.by == SortKey::Given && !listed))
    }
}

/// How an encoding escapes: which bytes stay besides letters and digits, is a blank `+`, are the digits lower-case, and
/// how often.
#[derive(Debug, Clone, Copy)]
struct Escape {
    kept: &'static str,
    plus: bool,
    lower: bool,
    times: usize,
}

const fn escape(encoding: Encoding) -> Option<Escape> {
    let (kept, plus, lower, times) = match encoding {
        Encoding::Percent => ("-._~", false, false, 1),
        Encoding::PercentLower => ("-._~", false, true, 1),
        Encoding::PercentTwice => ("-._~", false, false, 2),
        Encoding::Form => ("*-_.", true, false, 1),
        Encoding::FormLower => ("*-_.", true, true, 1),
        Encoding::FormTwice => ("*-_.", true, false, 2),
        Encoding::FormPhp => ("-_.", true, false, 1),
        Encoding::Component => ("-_.!~*'()", false, false, 1),
        Encoding::Raw | Encoding::Decoded | Encoding::LowerEscapes | Encoding::PlusEscaped => return None,
    };
    Some(Escape { kept, plus, lower, times })
}

/// The encoding of the text as a whole.
const fn whole(text: TextForm) -> Option<Escape> {
    match text {
        TextForm::Percent => escape(Encoding::Percent),
        TextForm::Form => escape(Encoding::Form),
        TextForm::Utf8 | TextForm::Gbk | TextForm::Lower | TextForm::Upper => None,
    }
}

/// Is a function for escaping needed?
const fn escapes(recipe: &Recipe) -> bool {
    escape(recipe.encoding).is_some() || whole(recipe.text).is_some()
}

/// A text in double quotes, as all six languages understand it.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// Several of them, with commas.
fn list(texts: &[String]) -> String {
    texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")
}

/// An expression that adds texts up, without empty ones.
fn sum(parts: &[&str], plus: &str) -> String {
    let parts: Vec<_> = parts.iter().copied().filter(|part| *part != "\"\"").collect();
    if parts.is_empty() { "\"\"".to_owned() } else { parts.join(plus) }
}

/// The text with the secret at its ends, as an expression over `text` and `secret`.
fn framed(recipe: &Recipe, text: &str, secret: &str, plus: &str, quote: fn(&str) -> String) -> String {
    use crate::Place;
    match recipe.secret.as_str() {
        Place::Nowhere { instead } => sum(&[text, &quote(instead)], plus),
        Place::End { before, after } => sum(&[text, &quote(before), secret, &quote(after)], plus),
        Place::EndTwice { before } => {
            let before = quote(before);
            sum(&[text, &before, secret, &before, secret], plus)
        }
        Place::Front { before, after } => sum(&[&quote(before), secret, &quote(after), text], plus),
        Place::BothEnds { after, before } => {
            sum(&[secret, &quote(after), text, &quote(before), secret], plus)
        }
        Place::Sorted | Place::SortedAs { .. } | Place::Behind { .. } => text.to_owned(),
    }
}

/// Name and value as one, as an expression.
fn paired(pair: PairFormat, name: &str, value: &str, plus: &str) -> String {
    match pair {
        PairFormat::NameEqualsValue => [name, "\"=\"", value].join(plus),
        PairFormat::NameValue => [name, value].join(plus),
        PairFormat::Value => value.to_owned(),
        PairFormat::NameColonValue => [name, "\":\"", value].join(plus),
    }
}

/// The line that says what the function does.
fn summary(recipe: &Recipe) -> String {
    let [_, _, _, secret, digest] = recipe
        .in_words()
        .try_into()
        .map_or_else(|_| <[String; 5]>::default(), |words: [crate::Words; 5]| words.map(|words| words.en));
    format!("{}: {secret}; {digest}", recipe.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Platform;

    #[test]
    fn every_platform_in_every_language() {
        for platform in Platform::ALL {
            for language in Language::ALL {
                let code = platform.recipe().code(language).unwrap();
                assert!(
                    code.to_lowercase().contains("sign(") && code.contains("APP_SECRET"),
                    "{platform} {language}: {code}"
                );
                assert!(!code.contains('\t') || language == Language::Go, "{platform} {language}");
            }
        }
    }

    #[test]
    fn what_a_language_lacks_is_said() {
        let gbk = Recipe { text: TextForm::Gbk, ..Platform::Jinlaiban.recipe() };
        assert_eq!(gbk.code(Language::Go).unwrap_err().step, "GBK");
        assert!(gbk.code(Language::Java).is_ok());
    }
}
