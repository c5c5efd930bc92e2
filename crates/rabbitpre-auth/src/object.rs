//! Objects: members as they were written, found by name.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::name::{Name, Tags, hash, same, tag};
use crate::table::Table;
use crate::value::{NULL, Value};

/// Up to this many members are told apart by their tags.
const SOME: usize = 64;

/// A member: its name and value.
pub(crate) type Member<'a> = (Cow<'a, str>, Value<'a>);

/// A JSON object: members in the order they were written, names unique.
#[derive(Clone, Default)]
pub struct Object<'a> {
    members: Box<[Member<'a>]>,
    by_name: ByName<'a>,
}

/// What leads from a name to its place.
#[derive(Clone)]
enum ByName<'a> {
    /// Up to 8 members.
    Few(Tags<1>),
    /// Up to [`SOME`] members.
    Some(Box<Tags<8>>),
    Many(Box<Many<'a>>),
}

#[derive(Clone, Default)]
struct Many<'a> {
    table: Table,
    /// Names that found no place in the table: none, unless somebody made them collide.
    crowd: BTreeMap<Cow<'a, str>, u32>,
}

impl<'a> Object<'a> {
    /// Takes the members as they were read; `None` if a name is there twice.
    pub(crate) fn unique(members: Box<[Member<'a>]>) -> Option<Self> {
        let by_name = ByName::unique(&members)?;
        Some(Object { members, by_name })
    }

    /// Of members with the same name the first one stays.
    pub(crate) fn first_wins(members: Vec<Member<'a>>) -> Self {
        let mut members = members.into_boxed_slice();
        let by_name = ByName::unique(&members).or_else(|| {
            let mut names = BTreeSet::new();
            members = std::mem::take(&mut members)
                .into_iter()
                .filter(|member| names.insert(member.0.clone()))
                .collect();
            ByName::unique(&members)
        });
        // No name is there twice now.
        Object { by_name: by_name.unwrap_or_default(), members }
    }

    /// The member `name`; names are compared exactly (RP-9: `appId` is not `appid`).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.place(name, || tag(name), || hash(0, name.as_bytes()))
    }

    /// The same, with tag and hash worked out before.
    #[inline]
    pub(crate) fn named(&self, name: &Name<'_>) -> Option<&Value<'a>> {
        match &self.by_name {
            ByName::Few(tags) => self.tagged(tags, name.as_str(), name.tag()),
            _ => self.among_more(name),
        }
    }

    #[inline(never)]
    fn among_more(&self, name: &Name<'_>) -> Option<&Value<'a>> {
        self.place(name.as_str(), || name.tag(), || name.hash())
    }

    fn place(&self, name: &str, tag: impl Fn() -> u8, hash: impl Fn() -> u32) -> Option<&Value<'a>> {
        match &self.by_name {
            ByName::Few(tags) => self.tagged(tags, name, tag()),
            ByName::Some(tags) => self.tagged(tags, name, tag()),
            ByName::Many(many) => {
                let at = many.find(&self.members, name, hash())?;
                self.members.get(at).map(|member| &member.1)
            }
        }
    }

    #[inline]
    fn tagged<const WORDS: usize>(&self, tags: &Tags<WORDS>, name: &str, tag: u8) -> Option<&Value<'a>> {
        let at = tags.find(tag, |at| {
            self.members.get(at).is_some_and(|member| same(member.0.as_bytes(), name.as_bytes()))
        })?;
        self.members.get(at).map(|member| &member.1)
    }

    /// The member `name`, or null.
    pub(crate) fn member(&self, name: &str) -> &Value<'a> {
        self.get(name).unwrap_or(&NULL)
    }

    /// Takes the member `name` out, leaving null.
    pub(crate) fn take(&mut self, name: &str) -> Value<'a> {
        self.members
            .iter_mut()
            .find(|member| member.0 == name)
            .map_or(Value::Null, |member| std::mem::replace(&mut member.1, Value::Null))
    }

    /// Names and values, in the order they were written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.members.iter().map(|(name, value)| (&**name, value))
    }

    /// How many members there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether it is `{}`.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Copies whatever is borrowed.
    #[must_use]
    pub fn into_owned(self) -> Object<'static> {
        let owned = |(name, value): Member<'_>| (Cow::Owned(name.into_owned()), value.into_owned());
        let by_name = match self.by_name {
            ByName::Few(tags) => ByName::Few(tags),
            ByName::Some(tags) => ByName::Some(tags),
            ByName::Many(many) => {
                let crowd = many.crowd.into_iter().map(|(name, at)| (Cow::Owned(name.into_owned()), at));
                ByName::Many(Box::new(Many { table: many.table, crowd: crowd.collect() }))
            }
        };
        Object { members: self.members.into_iter().map(owned).collect(), by_name }
    }
}

impl<'a> ByName<'a> {
    /// `None` if a name is there twice.
    fn unique(members: &[Member<'a>]) -> Option<Self> {
        match members.len() {
            0..=8 => tags(members.iter().map(|member| &*member.0)).map(ByName::Few),
            9..=SOME => {
                tags(members.iter().map(|member| &*member.0)).map(|tags| ByName::Some(Box::new(tags)))
            }
            _ => Many::unique(members).map(|many| ByName::Many(Box::new(many))),
        }
    }
}

/// The tags of up to `8 × WORDS` names; `None` if a name is there twice.
pub(crate) fn tags<'n, const WORDS: usize>(
    names: impl Iterator<Item = &'n str> + Clone,
) -> Option<Tags<WORDS>> {
    let mut tags = Tags::NONE;
    for (at, name) in names.clone().enumerate() {
        let tag = tag(name);
        // Names before this one are noted, and no others.
        if tags
            .find(tag, |before| {
                names.clone().nth(before).is_some_and(|known| same(known.as_bytes(), name.as_bytes()))
            })
            .is_some()
        {
            return None;
        }
        tags.note(at, tag);
    }
    Some(tags)
}

impl<'a> Many<'a> {
    fn unique(members: &[Member<'a>]) -> Option<Self> {
        let mut many = Many::default();
        // A body of 1 MiB (SPEC.md §4.10 Limits) has fewer members than `u32` counts.
        for (at, (name, _)) in (0_u32..).zip(members) {
            let hash = hash(0, name.as_bytes());
            if many.find(members, name, hash).is_some() {
                return None;
            }
            let crowd = &mut many.crowd;
            many.table.insert(hash, at, |away| {
                if let Some((name, _)) = members.get(away as usize) {
                    crowd.insert(name.clone(), away);
                }
            });
        }
        Some(many)
    }

    fn find(&self, members: &[Member<'_>], name: &str, hash: u32) -> Option<usize> {
        let is = |at: u32| {
            members.get(at as usize).is_some_and(|member| same(member.0.as_bytes(), name.as_bytes()))
        };
        let found = match self.table.find(hash, is) {
            None if !self.crowd.is_empty() => self.crowd.get(name).copied(),
            found => found,
        };
        found.map(|at| at as usize)
    }
}

impl Default for ByName<'_> {
    fn default() -> Self {
        ByName::Few(Tags::NONE)
    }
}

impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.members == other.members
    }
}

impl Eq for Object<'_> {}

impl<'a, N: Into<Cow<'a, str>>, V: Into<Value<'a>>> FromIterator<(N, V)> for Object<'a> {
    /// Of equal names the first one stays.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(members: I) -> Self {
        Object::first_wins(members.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({} members)", self.members.len())
    }
}
