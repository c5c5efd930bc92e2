//! One candidate: a recipe's choices, some of them replaced by mistakes. Small and copied, never allocated.

use std::borrow::Cow;

use crate::prepared::{Entry, Prepared, ValueForm};
use crate::{
    DigestKind, Encoding, Ends, Fill, Letters, Mutation, Names, Newlines, Order, Output, PairFormat, Place,
    Recipe, Rounds, SecretForm, TextForm,
};

/// The most mistakes that are looked for at once.
pub(crate) const MOST: usize = 3;

/// At most [`MOST`] mistakes, in place.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Few([Option<Mutation>; MOST]);

impl Few {
    pub(crate) fn and(mut self, mutation: Mutation) -> Self {
        if let Some(free) = self.0.iter_mut().find(|slot| slot.is_none()) {
            *free = Some(mutation);
        }
        self
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Mutation> + '_ {
        self.0.iter().flatten().copied()
    }
}

/// What is done to every parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Globals {
    pub(crate) nulls: Fill,
    pub(crate) empties: Fill,
    pub(crate) trimmed: bool,
    pub(crate) newlines: Newlines,
    pub(crate) names: Names,
    pub(crate) encoding: Encoding,
    pub(crate) pair: PairFormat,
    pub(crate) text: TextForm,
}

/// What is done to one parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) entry: usize,
    pub(crate) change: Change,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Missing,
    Twice,
    Added,
    /// Its value is this one of its forms.
    Form(usize),
}

/// What is around the parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) secret: usize,
    pub(crate) form: SecretForm,
    pub(crate) place: Place<&'a str>,
    pub(crate) ends: Ends,
    pub(crate) digest: DigestKind,
    pub(crate) hmac: bool,
    pub(crate) rounds: Rounds,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan<'a> {
    pub(crate) globals: Globals,
    pub(crate) edits: [Option<Edit>; MOST],
    pub(crate) order: Order,
    pub(crate) separator: &'a str,
    pub(crate) frame: Frame<'a>,
    pub(crate) output: Output,
    /// Other letters than the output's own.
    pub(crate) letters: Option<Letters>,
    pub(crate) short: bool,
}

impl<'a> Plan<'a> {
    pub(crate) fn of(recipe: &'a Recipe) -> Self {
        Self {
            globals: Globals {
                nulls: recipe.nulls,
                empties: recipe.empties,
                trimmed: false,
                newlines: Newlines::AsGiven,
                names: Names::AsGiven,
                encoding: recipe.encoding,
                pair: recipe.pair,
                text: recipe.text,
            },
            edits: [None; MOST],
            order: recipe.order,
            separator: &recipe.separator,
            frame: Frame {
                secret: 0,
                form: recipe.secret_form,
                place: recipe.secret.as_str(),
                ends: Ends::Bare,
                digest: recipe.digest,
                hmac: recipe.hmac,
                rounds: recipe.rounds,
            },
            output: recipe.output,
            letters: None,
            short: recipe.short,
        }
    }

    /// The plan with one mistake more.
    pub(crate) fn with(mut self, mutation: Mutation, prepared: &Prepared<'_>) -> Self {
        let mut edit = |entry: Option<usize>, change: Option<Change>| {
            let free = self.edits.iter_mut().find(|edit| edit.is_none());
            if let (Some(free), Some(entry), Some(change)) = (free, entry, change) {
                *free = Some(Edit { entry, change });
            }
        };
        match mutation {
            Mutation::Missing(at) => edit(Some(at.into()), Some(Change::Missing)),
            Mutation::Twice(at) => edit(Some(at.into()), Some(Change::Twice)),
            Mutation::Added(at) => edit(Some(at.into()), Some(Change::Added)),
            Mutation::Extra { name, value } => edit(prepared.extra(name, value), Some(Change::Added)),
            Mutation::Body(at, form) => {
                edit(Some(at.into()), prepared.form(at, ValueForm::Body(form)).map(Change::Form));
            }
            Mutation::Time(at, form) => {
                edit(Some(at.into()), prepared.form(at, ValueForm::Time(form)).map(Change::Form));
            }
            Mutation::Nulls(fill) => self.globals.nulls = fill,
            Mutation::Empties(fill) => self.globals.empties = fill,
            Mutation::Encoding(encoding) => self.globals.encoding = encoding,
            Mutation::Text(form) => self.globals.text = form,
            Mutation::Trimmed => self.globals.trimmed = true,
            Mutation::Newlines(newlines) => self.globals.newlines = newlines,
            Mutation::Names(names) => self.globals.names = names,
            Mutation::Pair(pair) => self.globals.pair = pair,
            Mutation::Order(order) => self.order = order,
            Mutation::Separator(separator) => self.separator = separator,
            Mutation::Letters(letters) => self.letters = Some(letters),
            Mutation::Output(output) => self.output = output,
            Mutation::Short(short) => self.short = short,
            Mutation::Digest(_)
            | Mutation::Hmac { .. }
            | Mutation::Rounds(_)
            | Mutation::Secret(_)
            | Mutation::SecretForm(_)
            | Mutation::OtherSecret(_)
            | Mutation::Ends(_) => self.frame = self.frame.with(mutation),
        }
        self
    }

    /// How often each entry is signed, and in which of its forms.
    pub(crate) fn uses(&self, at: usize, entry: &Entry<'_>) -> (u8, Option<usize>) {
        let changes = self.edits.iter().flatten().filter(|edit| edit.entry == at);
        let usual = (u8::from(entry.selected), None);
        changes.fold(usual, |(times, form), edit| match edit.change {
            Change::Missing => (0, form),
            Change::Twice => (times * 2, form),
            Change::Added => (1, form),
            Change::Form(form) => (times, Some(form)),
        })
    }
}

impl Frame<'_> {
    pub(crate) fn with(mut self, mutation: Mutation) -> Self {
        match mutation {
            Mutation::Digest(digest) => {
                self.digest = digest;
                self.hmac = false;
            }
            Mutation::Hmac { digest, secret_in_text } => {
                self.digest = digest;
                self.hmac = true;
                if !secret_in_text {
                    self.place = Place::Nowhere { instead: "" };
                }
            }
            Mutation::Rounds(rounds) => self.rounds = rounds,
            Mutation::Secret(place) => self.place = place,
            Mutation::SecretForm(form) => self.form = form,
            Mutation::OtherSecret(secret) => self.secret = secret.into(),
            Mutation::Ends(ends) => self.ends = ends,
            _ => {}
        }
        self
    }
}

impl Globals {
    /// Name and value as they are signed; [`None`] where the parameter is left out.
    pub(crate) fn piece<'e>(
        &self,
        entry: &'e Entry<'_>,
        form: Option<usize>,
    ) -> Option<(Cow<'e, str>, Cow<'e, str>)> {
        let formed = form.and_then(|form| entry.forms.get(form)).map(|(_, text)| text.as_str());
        let value = match formed.or(entry.value.as_deref()) {
            None => self.nulls.text()?,
            Some(value) => match if self.trimmed { value.trim() } else { value } {
                // Whoever adds something by hand does not drop it again.
                "" if !entry.extra => self.empties.text()?,
                value => value,
            },
        };
        let value = match self.newlines.apply(value) {
            Cow::Borrowed(value) => self.encoding.apply(value),
            Cow::Owned(value) => Cow::Owned(self.encoding.apply(&value).into_owned()),
        };
        Some((self.names.apply(&entry.name), value))
    }

    /// Do parameters stand in the text to sign just as `name=value`?
    pub(crate) fn signs_pairs(&self) -> bool {
        self.pair == PairFormat::NameEqualsValue && self.text == TextForm::Utf8
    }
}
