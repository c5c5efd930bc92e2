//! Mistakes in words, in English and in Chinese.

pub(crate) mod chinese;
pub(crate) mod english;

use serde::Serialize;

use crate::{Case, Mutation, Place};

/// A language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    En,
    /// 中文.
    Zh,
}

/// The same in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Words {
    /// English.
    pub en: String,
    /// 中文.
    pub zh: String,
}

impl Words {
    pub(crate) fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }

    /// In one language.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

/// A mistake in words: what was done, what to do, and against which rule it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// The word for its kind, such as `secret-place`.
    pub kind: &'static str,
    /// What was done, in one sentence.
    pub message: Words,
    /// What to do.
    pub fix: Words,
    /// The section and erratum, where the platform is known: `yichang SPEC.md §2.3, YC-1`.
    pub section: Option<&'static str>,
    /// The mistake itself.
    #[serde(skip)]
    pub mutation: Mutation,
}

impl Mistake {
    /// Tells a mistake of a case.
    #[must_use]
    pub fn new(case: &Case<'_>, mutation: Mutation) -> Self {
        let (said, to_do) = english::tell(case, &mutation);
        let (said_zh, to_do_zh) = chinese::tell(case, &mutation);
        Self {
            kind: mutation.kind(),
            message: Words::new(said, said_zh),
            fix: Words::new(to_do, to_do_zh),
            section: case.platform().map(|platform| platform.section(&mutation)),
            mutation,
        }
    }
}

/// The name of another secret that was given.
fn secret_name<'a>(case: &Case<'a>, at: usize) -> &'a str {
    case.secrets().get(at).map_or("?", |named| named.name.as_str())
}

/// A separator, such that it can be seen.
fn visible(text: &str) -> String {
    text.replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t")
}

/// The text to sign in outline: `…&key=SECRET`.
pub(crate) fn outline<T: AsRef<str>>(place: &Place<T>, separator: &str) -> Option<String> {
    const TEXT: &str = "…";
    const SECRET: &str = "SECRET";
    let outline = match place.as_str() {
        Place::Nowhere { instead } => [TEXT, instead].concat(),
        Place::End { before, after } => [TEXT, before, SECRET, after].concat(),
        Place::EndTwice { before } => [TEXT, before, SECRET, before, SECRET].concat(),
        Place::Front { before, after } => [before, SECRET, after, TEXT].concat(),
        Place::BothEnds { after, before } => [SECRET, after, TEXT, before, SECRET].concat(),
        Place::SortedAs { name } => [TEXT, separator, name, "=", SECRET, separator, TEXT].concat(),
        Place::Sorted | Place::Behind { .. } => return None,
    };
    Some(visible(&outline))
}
