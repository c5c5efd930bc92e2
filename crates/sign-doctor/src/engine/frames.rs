//! What goes around a core: the secret, the ends, the digest. Made once for all cores of a search.

use std::collections::HashMap;
use std::hash::Hasher as _;
use std::ops::Range;

use rustc_hash::{FxBuildHasher, FxHasher};
use zeroize::Zeroizing;

use crate::engine::blocks::{Blocks, Machine, pad};
use crate::order::Sortable;
use crate::plan::{Few, Frame};
use crate::text::{key, secret_text};
use crate::{Ends, NamedSecret, Order, PairFormat, Place, Rounds, SecretForm, SortKey, TextForm};

/// A frame's choices and the mistakes that led to them.
pub(crate) type Choice<'a> = (Frame<'a>, Few);

/// Frames that fit cores of one [`TextForm`] and one [`PairFormat`], with the digests they begin with.
pub(crate) struct Frames<'c, 'a, B: Blocks> {
    pub(super) choices: &'c [Choice<'a>],
    /// Sorted, so that neighbours have as much in common as can be.
    pub(super) frames: Vec<Framed>,
    machines: Vec<Machine<B>>,
    inners: Vec<Within<'a>>,
    fronts: Vec<Range<usize>>,
    backs: Vec<Range<usize>>,
    secrets: Vec<Written>,
    arena: Zeroizing<Vec<u8>>,
}

/// A frame: what it is made of, by number, in the order in which it is digested.
#[derive(Debug, Clone, Copy)]
pub(super) struct Framed {
    pub(super) machine: u32,
    pub(super) front: u32,
    /// The text that stands among the parameters; 0 where none does.
    pub(super) text: u32,
    pub(super) back: u32,
    /// What it is, which says where among them; 0 as well.
    pub(super) inner: u32,
    pub(super) rounds: Rounds,
    /// Which of the choices it is.
    pub(super) choice: u32,
}

/// A secret among the parameters.
struct Within<'a> {
    place: Place<&'a str>,
    secret: usize,
    bytes: Range<usize>,
    /// `name=secret`.
    pair: Zeroizing<String>,
    /// Which one has the same place where names do not sort.
    by_value: usize,
}

/// A secret in one of its forms.
struct Written {
    secret: usize,
    form: SecretForm,
    text: Zeroizing<String>,
    /// As it stands in the text to sign.
    bytes: Range<usize>,
    machine: Option<u32>,
}

/// A secret among the parameters of a core.
pub(crate) struct Inner<'f> {
    pub(crate) place: Place<&'f str>,
    pub(crate) key: Sortable<'f>,
}

impl<'c, 'a, B: Blocks> Frames<'c, 'a, B> {
    /// What is to be used again is worth sorting.
    pub(crate) fn new(
        choices: &'c [Choice<'a>],
        text: TextForm,
        pair: PairFormat,
        secrets: &[NamedSecret],
        again: bool,
    ) -> Self {
        let frames = Self {
            choices,
            frames: Vec::with_capacity(choices.len()),
            machines: vec![Machine::plain()],
            inners: Vec::new(),
            fronts: Vec::new(),
            backs: Vec::new(),
            secrets: Vec::new(),
            arena: Zeroizing::new(Vec::new()),
        };
        let mut maker = Maker {
            frames,
            text,
            pair,
            secrets,
            again,
            fronts: HashMap::default(),
            backs: HashMap::default(),
            layouts: HashMap::default(),
        };
        for (at, (choice, _)) in choices.iter().enumerate() {
            maker.add(at, choice);
        }
        let mut frames = maker.frames;
        let key = |it: &Framed| {
            ((it.machine, it.front, it.text), (it.back, it.inner), (it.rounds as u8, it.choice))
        };
        if again {
            frames.frames.sort_unstable_by_key(key);
        }
        frames
    }

    pub(crate) const fn len(&self) -> usize {
        self.choices.len()
    }

    pub(super) fn machine(&self, at: u32) -> Option<&Machine<B>> {
        self.machines.get(at as usize)
    }

    pub(super) fn front(&self, at: u32) -> &[u8] {
        self.fronts.get(at as usize).map_or(&[], |range| self.bytes(range))
    }

    /// What stands behind, and its length without what ends a text.
    pub(super) fn back(&self, at: u32) -> (&[u8], usize) {
        let Some(range) = self.backs.get(at as usize) else { return (&[], 0) };
        (self.arena.get(range.start..).unwrap_or_default(), range.len())
    }

    pub(super) fn inner(&self, at: u32) -> Option<Inner<'_>> {
        let inner = self.inners.get((at as usize).checked_sub(1)?)?;
        let secret = self.secrets.get(inner.secret).map_or("", |written| written.text.as_str());
        // `name=secret` stands in front of its form in the text; a bare secret is compared as a whole.
        let (name, pair) = match inner.place {
            Place::SortedAs { name } => (name, inner.pair.as_str()),
            _ => (secret, secret),
        };
        let key = Sortable { name, value: secret, pair };
        Some(Inner { place: inner.place, key })
    }

    /// The text of what stands among the parameters.
    pub(super) fn within(&self, at: u32) -> &[u8] {
        let inner = (at as usize).checked_sub(1).and_then(|at| self.inners.get(at));
        inner.map_or(&[], |inner| self.bytes(&inner.bytes))
    }

    /// A number that is the same for those that stand in the same place in this order.
    pub(super) fn slot(&self, at: u32, order: Order) -> Option<usize> {
        let own = (at as usize).checked_sub(1)?;
        match order.by {
            SortKey::Given | SortKey::Value => self.inners.get(own).map(|inner| inner.by_value),
            SortKey::Name | SortKey::Pair => Some(own),
        }
    }

    /// In how many ways something stands among the parameters.
    pub(super) const fn inners(&self) -> usize {
        self.inners.len()
    }

    fn bytes(&self, range: &Range<usize>) -> &[u8] {
        self.arena.get(range.clone()).unwrap_or_default()
    }
}

/// What a front or a back consists of.
#[derive(Clone, Copy)]
enum Part<'p> {
    Text(&'p str),
    Secret,
}

/// What a frame is made of: see [`Framed`].
#[derive(Debug, Clone, Copy)]
struct Layout {
    front: u32,
    text: u32,
    inner: u32,
    back: u32,
}

/// Makes frames. Texts that occur before are known again, so that they are digested once.
struct Maker<'m, 'c, 'a, B: Blocks> {
    frames: Frames<'c, 'a, B>,
    text: TextForm,
    pair: PairFormat,
    secrets: &'m [NamedSecret],
    again: bool,
    /// Fronts and backs by their hash, each the last one of its hash: they hold secrets, and no copy is kept for this.
    fronts: HashMap<u64, u32, FxBuildHasher>,
    backs: HashMap<u64, u32, FxBuildHasher>,
    layouts: HashMap<(Place<&'a str>, Ends, usize), Layout, FxBuildHasher>,
}

impl<'a, B: Blocks> Maker<'_, '_, 'a, B> {
    fn add(&mut self, at: usize, choice: &Frame<'a>) {
        let secret = self.secret(choice);
        let machine = if choice.hmac { self.machine(choice, secret) } else { 0 };
        let known = self.layouts.get(&(choice.place, choice.ends, secret)).copied();
        let Layout { front, text, inner, back } = known.unwrap_or_else(|| {
            let layout = self.layout(choice, secret);
            self.layouts.insert((choice.place, choice.ends, secret), layout);
            layout
        });
        let (rounds, choice) = (choice.rounds, number(at));
        self.frames.frames.push(Framed { machine, front, text, back, inner, rounds, choice });
    }

    fn layout(&mut self, choice: &Frame<'a>, at: usize) -> Layout {
        use Part::{Secret, Text};
        let (first, last) = choice.ends.texts();
        let (first, last) = (Text(first), Text(last));
        let (front, back): (&[Part<'_>], &[Part<'_>]) = match choice.place {
            Place::Nowhere { instead } => (&[first], &[Text(instead), last]),
            Place::End { before, after } => (&[first], &[Text(before), Secret, Text(after), last]),
            Place::EndTwice { before } => (&[first], &[Text(before), Secret, Text(before), Secret, last]),
            Place::Front { before, after } => (&[first, Text(before), Secret, Text(after)], &[last]),
            Place::BothEnds { after, before } => {
                (&[first, Secret, Text(after)], &[Text(before), Secret, last])
            }
            Place::Sorted | Place::SortedAs { .. } | Place::Behind { .. } => (&[first], &[last]),
        };
        let (front, back) = (self.front(front, at), self.back(back, at));
        let (start, mut pair) = (self.frames.arena.len(), Zeroizing::new(String::new()));
        match choice.place {
            Place::SortedAs { name } => {
                let secret = self.frames.secrets.get(at).map_or("", |written| written.text.as_str());
                let (text, arena) = (self.text, &mut self.frames.arena);
                self.pair.write(name, secret, |part, _| arena.extend_from_slice(&text.apply(part)));
                *pair = [name, "=", secret].concat();
            }
            Place::Sorted | Place::Behind { .. } => self.put(&[Secret], at),
            _ => return Layout { front, text: 0, inner: 0, back },
        }
        let bytes = start..self.frames.arena.len();
        let (place, own) = (choice.place, self.frames.inners.len());
        let counts = |place: &Place<&str>| matches!(place, Place::Behind { .. });
        let same = |other: &Within<'_>| self.frames.bytes(&other.bytes) == self.frames.bytes(&bytes);
        let alike = |other: &Within<'_>| other.secret == at && !counts(&other.place);
        // What is used once is not worth the looking.
        let known = if self.again { self.frames.inners.as_slice() } else { &[] };
        let text = known.iter().position(same).unwrap_or(own);
        let by_value = known.iter().position(alike).filter(|_| !counts(&place)).unwrap_or(own);
        self.frames.inners.push(Within { place, secret: at, bytes, pair, by_value });
        Layout { front, text: number(text + 1), inner: number(self.frames.inners.len()), back }
    }

    fn put(&mut self, parts: &[Part<'_>], secret: usize) {
        for part in parts {
            match part {
                Part::Text("") => {}
                Part::Text(text) => self.frames.arena.extend_from_slice(&self.text.apply(text)),
                Part::Secret => {
                    if let Some(written) = self.frames.secrets.get(secret) {
                        self.frames.arena.extend_from_within(written.bytes.clone());
                    }
                }
            }
        }
    }

    fn front(&mut self, parts: &[Part<'_>], secret: usize) -> u32 {
        let start = self.frames.arena.len();
        self.put(parts, secret);
        let frames = &mut self.frames;
        let new = frames.arena.get(start..).unwrap_or_default();
        let hash = quick(new);
        let known = self.fronts.get(&hash).copied().filter(|known| frames.front(*known) == new);
        if let Some(known) = known {
            frames.arena.truncate(start);
            return known;
        }
        frames.fronts.push(start..frames.arena.len());
        self.fronts.insert(hash, number(frames.fronts.len() - 1));
        number(frames.fronts.len() - 1)
    }

    fn back(&mut self, parts: &[Part<'_>], secret: usize) -> u32 {
        let start = self.frames.arena.len();
        self.put(parts, secret);
        let frames = &mut self.frames;
        if !self.again {
            frames.backs.push(start..frames.arena.len());
            pad(&mut frames.arena);
            return number(frames.backs.len() - 1);
        }
        let new = frames.arena.get(start..).unwrap_or_default();
        let hash = quick(new);
        let same =
            |known: &u32| frames.backs.get(*known as usize).map(|range| frames.bytes(range)) == Some(new);
        if let Some(known) = self.backs.get(&hash).copied().filter(same) {
            frames.arena.truncate(start);
            return known;
        }
        frames.backs.push(start..frames.arena.len());
        pad(&mut frames.arena);
        self.backs.insert(hash, number(frames.backs.len() - 1));
        number(frames.backs.len() - 1)
    }

    /// Where the secret is.
    fn secret(&mut self, choice: &Frame<'_>) -> usize {
        let asked = (choice.secret, choice.form);
        let known = self.frames.secrets.iter().position(|it| (it.secret, it.form) == asked);
        known.unwrap_or_else(|| {
            let (text, start) = (secret_text(choice, self.secrets), self.frames.arena.len());
            self.frames.arena.extend_from_slice(&self.text.apply(&text));
            let bytes = start..self.frames.arena.len();
            let written = Written { secret: choice.secret, form: choice.form, text, bytes, machine: None };
            self.frames.secrets.push(written);
            self.frames.secrets.len() - 1
        })
    }

    /// The machine that has it as its key.
    fn machine(&mut self, choice: &Frame<'_>, secret: usize) -> u32 {
        let Some(written) = self.frames.secrets.get_mut(secret) else { return 0 };
        let machines = &mut self.frames.machines;
        *written.machine.get_or_insert_with(|| {
            let key = key(choice, self.text, self.secrets).map(Zeroizing::new).unwrap_or_default();
            machines.push(Machine::keyed(&key));
            number(machines.len() - 1)
        })
    }
}

/// There are never as many as that.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A hash of bytes that nobody depends on.
fn quick(bytes: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(bytes);
    hasher.finish()
}
