//! A request, made ready for a recipe: which parameters take part, in which order they were given, and the forms that
//! their values can take.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use rustc_hash::FxBuildHasher;

use crate::json::Json;
use crate::{BodyForm, PairFormat, Recipe, Request, SortKey, TimeForm, Value};

/// Another text for one parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ValueForm {
    Body(BodyForm),
    Time(TimeForm),
}

/// Something that can take part.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) name: Cow<'a, str>,
    /// [`None`] for null.
    pub(crate) value: Option<Cow<'a, str>>,
    /// Does it take part by the recipe?
    pub(crate) selected: bool,
    /// Not of the request: something that people add.
    pub(crate) extra: bool,
    /// Business content, which may be personal.
    pub(crate) body: bool,
    pub(crate) forms: Vec<(ValueForm, String)>,
    /// Where each form is.
    known: HashMap<ValueForm, usize, FxBuildHasher>,
    /// Its place in the order in which they were given.
    pub(crate) given: usize,
    /// Where its value and its forms are when those of all entries are counted.
    pub(crate) slot: usize,
}

#[derive(Debug)]
pub(crate) struct Prepared<'a> {
    pub(crate) entries: Vec<Entry<'a>>,
    /// The entries in the order in which they were given, or in that of the recipe's list.
    pub(crate) given: Vec<usize>,
    /// Of the request's own parameters.
    pub(crate) count: usize,
    /// Values and forms of all entries.
    pub(crate) slots: usize,
}

/// What people sign that is not in the request.
const EXTRA_PAIRS: [(&str, &str); 4] = [("sign", ""), ("signature", ""), ("sign", "null"), ("data", "")];
const EXTRA_VALUES: [(&str, &str); 3] = [("type", "sign"), ("type", "null"), ("type", "user")];

/// All of these.
pub(crate) fn extras() -> impl Iterator<Item = (&'static str, &'static str)> {
    EXTRA_PAIRS.into_iter().chain(EXTRA_VALUES)
}

impl<'a> Prepared<'a> {
    /// `wide` adds all the time stamps that the clock may have shown a moment earlier or later.
    pub(crate) fn new(recipe: &'a Recipe, request: &'a Request, wide: bool) -> Self {
        let mut entries: Vec<_> = request
            .parameters()
            .iter()
            .map(|parameter| {
                let text = parameter.value.text();
                // The form that the recipe wants is the one that others are measured against.
                let wanted = text.filter(|_| recipe.body != BodyForm::AsSent);
                let wanted = wanted.and_then(|text| recipe.body.apply(text)).map(Cow::Owned);
                Entry {
                    name: Cow::Borrowed(parameter.name.as_str()),
                    value: wanted.or(text.map(Cow::Borrowed)),
                    selected: recipe.selection.takes(&parameter.name),
                    extra: false,
                    body: matches!(parameter.value, Value::Json(_)) || text.is_some_and(is_body),
                    forms: text.map(|text| forms(text, wide)).unwrap_or_default(),
                    known: HashMap::default(),
                    given: 0,
                    slot: 0,
                }
            })
            .collect();
        let count = entries.len();
        let extras: &[_] = if recipe.pair == PairFormat::Value { &EXTRA_VALUES } else { &EXTRA_PAIRS };
        for (name, value) in extras {
            // A null one is in the request in all but its value.
            if !request.parameters().iter().any(|it| it.name == *name && it.value != Value::Null) {
                entries.push(Entry {
                    name: Cow::Borrowed(name),
                    value: Some(Cow::Borrowed(value)),
                    selected: false,
                    extra: true,
                    body: false,
                    forms: Vec::new(),
                    known: HashMap::default(),
                    given: 0,
                    slot: 0,
                });
            }
        }
        let mut given: Vec<_> = (0..entries.len()).collect();
        if recipe.order.by == SortKey::Given {
            let rank = |at: &usize| entries.get(*at).and_then(|entry| recipe.selection.rank(&entry.name));
            // What the list does not name keeps its place behind.
            given.sort_by_key(|at| rank(at).unwrap_or(usize::MAX));
        }
        let mut slots = 0;
        for entry in &mut entries {
            let forms = entry.forms.iter().enumerate();
            entry.known = forms.map(|(at, (form, _))| (*form, at)).collect();
            entry.slot = slots;
            slots += 1 + entry.forms.len();
        }
        for (place, at) in given.iter().enumerate() {
            if let Some(entry) = entries.get_mut(*at) {
                entry.given = place;
            }
        }
        Self { entries, given, count, slots }
    }

    pub(crate) fn form(&self, at: u16, form: ValueForm) -> Option<usize> {
        self.entries.get(usize::from(at))?.known.get(&form).copied()
    }

    pub(crate) fn extra(&self, name: &str, value: &str) -> Option<usize> {
        self.entries
            .iter()
            .position(|entry| entry.extra && entry.name == name && entry.value.as_deref() == Some(value))
    }
}

fn is_body(text: &str) -> bool {
    // An encoded body is one, too.
    text.starts_with(['{', '[']) || text.starts_with("%7B") || text.starts_with("%5B")
}

fn forms(text: &str, wide: bool) -> Vec<(ValueForm, String)> {
    let (mut forms, mut known) = (Vec::new(), HashSet::from([text.to_owned()]));
    let mut add = |form, made: Option<String>| {
        // Forms that give the same text are one mistake.
        if let Some(made) = made.filter(|made| known.insert(made.clone())) {
            forms.push((form, made));
        }
    };
    if let Some(body) = Json::body(text) {
        for form in BodyForm::CHANGES {
            add(ValueForm::Body(form), Some(form.write(&body, text)));
        }
    }
    for form in [TimeForm::Millis(0), TimeForm::Seconds] {
        add(ValueForm::Time(form), form.apply(text));
    }
    // These differ from each other, and from all others, by what they are.
    let later = (1..=60_i16).flat_map(|by| [TimeForm::Later(by), TimeForm::Later(-by)]);
    let millis = (1..1000).map(TimeForm::Millis);
    let stamps = later.chain(millis).filter(|_| wide);
    forms.extend(stamps.filter_map(|form| Some((ValueForm::Time(form), form.apply(text)?))));
    forms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Platform;

    #[test]
    fn bodies_and_stamps_have_forms() {
        let recipe = Platform::Jinlaiban.recipe();
        let request = Request::texts([("timestamp", "1615978623"), ("data", "[{\"a\":1}]"), ("nonce", "x")]);
        let prepared = Prepared::new(&recipe, &request, false);
        let count = |at: usize| prepared.entries[at].forms.len();
        assert_eq!((count(0), count(2)), (1, 0));
        assert!(count(1) > 4);
        assert!(!prepared.entries[1].selected && prepared.entries[0].selected);
        assert_eq!(prepared.entries.len(), 3 + 3);
        assert!(Prepared::new(&recipe, &request, true).entries[0].forms.len() > 1000);
    }
}
