//! What goes around a core: the secret, the ends, the digest. Made once for all cores of a search.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;

use zeroize::Zeroizing;

use crate::digest::{Hash, Machine};
use crate::engine::{Core, Tables};
use crate::got::Got;
use crate::order::Sortable;
use crate::plan::{Few, Frame, Plan};
use crate::text::{key, secret_text};
use crate::{NamedSecret, PairFormat, Place, SecretForm, TextForm};

/// A frame, its bytes in the arena of its set.
pub(crate) struct Framed<'a> {
    pub(crate) choice: Frame<'a>,
    /// The mistakes that make it.
    pub(crate) mutations: Few,
    front: Range<usize>,
    back: Range<usize>,
    /// What stands among the parameters, if anything does.
    inner: Range<usize>,
    within: bool,
    /// Which of the secrets' forms.
    secret: usize,
    machine: usize,
    /// The same number for the same machine and front.
    ground: usize,
}

/// A frame's choices and the mistakes that led to them.
pub(crate) type Frames<'a> = Vec<(Frame<'a>, Few)>;

/// Frames that fit cores of one [`TextForm`] and one [`PairFormat`], with the digests they begin with.
pub(crate) struct FramesOf<'a, D: Hash> {
    frames: Vec<Framed<'a>>,
    machines: Vec<Machine<D>>,
    secrets: Vec<Zeroizing<String>>,
    arena: Zeroizing<Vec<u8>>,
}

/// A secret among the parameters of a core.
pub(crate) struct Inner<'f> {
    pub(crate) place: Place<&'f str>,
    pub(crate) bytes: &'f [u8],
    pub(crate) key: Sortable<'f>,
}

impl<'a, D: Hash> FramesOf<'a, D> {
    pub(crate) fn new(
        choices: Frames<'a>,
        text: TextForm,
        pair: PairFormat,
        secrets: &[NamedSecret],
    ) -> Self {
        let mut made = Maker { text, pair, forms: Vec::new(), arena: Vec::new(), secrets: Vec::new() };
        let (mut keys, mut grounds) = (Vec::<Option<Zeroizing<Vec<u8>>>>::new(), HashMap::new());
        let hashing = RandomState::new();
        let mut frames = Vec::with_capacity(choices.len());
        for (choice, mutations) in choices {
            let key = key(&choice, text, secrets).map(Zeroizing::new);
            let machine = keys.iter().position(|known| *known == key).unwrap_or_else(|| {
                keys.push(key);
                keys.len() - 1
            });
            let mut frame = made.frame(choice, mutations, machine, secrets);
            let front = made.arena.get(frame.front.clone()).unwrap_or_default();
            let next = grounds.len();
            // By 64 bits of hash: fronts hold secrets, and no copy of them is kept for this.
            frame.ground = *grounds.entry((machine, hashing.hash_one(front))).or_insert(next);
            frames.push(frame);
        }
        // Neighbours share the state behind `front + core`.
        frames.sort_by_key(|frame| frame.ground);
        let machines =
            keys.iter().map(|key| key.as_ref().map_or_else(Machine::plain, |key| Machine::keyed(key)));
        let machines = machines.collect();
        Self { frames, machines, secrets: made.secrets, arena: Zeroizing::new(made.arena) }
    }

    pub(crate) const fn len(&self) -> usize {
        self.frames.len()
    }

    fn bytes(&self, range: &Range<usize>) -> &[u8] {
        self.arena.get(range.clone()).unwrap_or_default()
    }

    /// Tries a core in each frame, and tells which fit.
    pub(crate) fn fit(
        &self,
        core: &Core,
        tables: &Tables,
        plan: &Plan<'_>,
        got: &Got,
        mut found: impl FnMut(&Framed<'a>),
    ) {
        let mut kept = None;
        for frame in &self.frames {
            let Some(machine) = self.machines.get(frame.machine) else { continue };
            let mut hasher = if frame.within {
                let mut hasher = machine.begin();
                hasher.update(self.bytes(&frame.front));
                core.feed_around(tables, plan, &self.inner(frame), &mut hasher);
                hasher
            } else {
                match &kept {
                    Some((ground, begun)) if *ground == frame.ground => D::clone(begun),
                    _ => {
                        let mut hasher = machine.begin();
                        hasher.update(self.bytes(&frame.front));
                        hasher.update(&core.bytes);
                        // One frame alone needs no copy.
                        if self.frames.len() > 1 {
                            kept = Some((frame.ground, hasher.clone()));
                        }
                        hasher
                    }
                }
            };
            hasher.update(self.bytes(&frame.back));
            if got.is(&machine.finish(hasher, frame.choice.rounds)) {
                found(frame);
            }
        }
    }

    fn inner<'f>(&'f self, frame: &'f Framed<'a>) -> Inner<'f> {
        let secret = self.secrets.get(frame.secret).map_or("", |secret| secret.as_str());
        // `name=secret` stands in front of its form in the text; a bare secret is compared as a whole.
        let (name, pair) = match frame.choice.place {
            Place::SortedAs { name } => {
                let pair = self.secrets.get(frame.secret + 1).map_or("", |pair| pair.as_str());
                (name, pair)
            }
            _ => (secret, secret),
        };
        let key = Sortable { name, value: secret, pair };
        Inner { place: frame.choice.place, bytes: self.bytes(&frame.inner), key }
    }
}

/// Makes frames.
struct Maker {
    text: TextForm,
    pair: PairFormat,
    /// Which secret in which form, under which name, is where in `secrets`.
    forms: Vec<(usize, SecretForm, String, usize)>,
    arena: Vec<u8>,
    secrets: Vec<Zeroizing<String>>,
}

impl Maker {
    fn frame<'a>(
        &mut self,
        choice: Frame<'a>,
        mutations: Few,
        machine: usize,
        secrets: &[NamedSecret],
    ) -> Framed<'a> {
        let at = self.secret(&choice, secrets);
        let secret = self.secrets.get(at).cloned().unwrap_or_default();
        let (first, last) = choice.ends.texts();
        let (front, inner, back): (&[&str], &[&str], &[&str]) = match choice.place {
            Place::Nowhere { instead } => (&[first], &[], &[instead, last]),
            Place::End { before, after } => (&[first], &[], &[before, &secret, after, last]),
            Place::EndTwice { before } => (&[first], &[], &[before, &secret, before, &secret, last]),
            Place::Front { before, after } => (&[first, before, &secret, after], &[], &[last]),
            Place::BothEnds { after, before } => (&[first, &secret, after], &[], &[before, &secret, last]),
            Place::Sorted | Place::Behind { .. } => (&[first], &[&secret], &[last]),
            Place::SortedAs { .. } => (&[first], &[], &[last]),
        };
        let (front, back) = (self.put(front), self.put(back));
        let inner = if let Place::SortedAs { name } = choice.place {
            let (start, text, pair) = (self.arena.len(), self.text, self.pair);
            pair.write(name, &secret, |part, _| self.arena.extend_from_slice(&text.apply(part)));
            start..self.arena.len()
        } else {
            self.put(inner)
        };
        let within = matches!(choice.place, Place::Sorted | Place::SortedAs { .. } | Place::Behind { .. });
        Framed { choice, mutations, front, back, inner, within, secret: at, machine, ground: 0 }
    }

    fn put(&mut self, parts: &[&str]) -> Range<usize> {
        let start = self.arena.len();
        parts.iter().for_each(|part| self.arena.extend_from_slice(&self.text.apply(part)));
        start..self.arena.len()
    }

    /// Where the secret is, and behind it the pair that it makes.
    fn secret(&mut self, choice: &Frame<'_>, secrets: &[NamedSecret]) -> usize {
        let name = if let Place::SortedAs { name } = choice.place { name } else { "" };
        let known = self.forms.iter().find(|(secret, form, known, _)| {
            (*secret, *form, known.as_str()) == (choice.secret, choice.form, name)
        });
        if let Some((.., at)) = known {
            return *at;
        }
        let (at, secret) = (self.secrets.len(), secret_text(choice, secrets));
        let pair = Zeroizing::new([name, "=", &secret].concat());
        self.secrets.extend([secret, pair]);
        self.forms.push((choice.secret, choice.form, name.to_owned(), at));
        at
    }
}
