//! Cascader paths: read as configured, read as the user has them, and matched (SPEC.md §4.3, §4.10 Cascader).

use std::borrow::Cow;

use crate::configured::{Configured, read};
use crate::decimal::{scalar_text, with_text};
use crate::intern::Interned;
use crate::json::Reader;
use crate::set::Marks;
use crate::trace::Reason;
use crate::value::{Object, Value};

/// A node: a text that is not empty, or a number or boolean read as text.
pub(crate) fn node<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    scalar_text(value).filter(|text| !text.is_empty())
}

/// The same for a look that keeps nothing of it.
fn with_node<R>(value: &Value<'_>, look: impl FnOnce(&str) -> R) -> Option<R> {
    with_text(value, |text| (!text.is_empty()).then(|| look(text))).flatten()
}

/// Whether the value is a node.
fn is_node(value: &Value<'_>) -> bool {
    with_text(value, |text| !text.is_empty()) == Some(true)
}

/// So many paths are looked through by their last nodes, which takes no memory; of more, a table of those is made.
const FEW: usize = 32;

/// The configured paths as a tree, so that a user's path is matched by one walk however many there are.
#[derive(Clone, Default)]
pub(crate) struct PathSet {
    /// The nodes: a text below a parent. Node 0 is the root, the others count from 1.
    nodes: Interned,
    /// For each node the path that ends there, counted from 1; 0 if none does.
    ends: Vec<u32>,
    /// How many paths there are.
    count: usize,
    /// None as long as the paths are few.
    lasts: Option<Box<Lasts>>,
}

/// What leads to paths by their last nodes.
#[derive(Clone, Default)]
struct Lasts {
    texts: Interned,
    /// For each path, which of `texts` is its last node.
    of: Vec<u32>,
}

impl PathSet {
    /// Reads a condition's `values`.
    pub(crate) fn configured(values: Configured<'_>) -> Result<Self, Reason> {
        let mut set = PathSet::default();
        if values.len() > FEW {
            set.lasts = Some(Box::default());
        } else {
            set.nodes.reserve(values.len() * 2);
            set.ends.reserve(values.len() * 2);
        }
        set.entries(values)?;
        if set.lasts.is_none() && set.count > FEW {
            // Few entries that turned out to be trees of many paths.
            set = PathSet { lasts: Some(Box::default()), ..PathSet::default() };
            set.entries(values)?;
        }
        Ok(set)
    }

    fn entries(&mut self, values: Configured<'_>) -> Result<(), Reason> {
        match values {
            // A lone text is one one-node path, one tree a list of one.
            Configured::Read(value) => {
                let mut entries = value.elements().iter();
                entries.try_for_each(|entry| self.entry(entry)).ok_or(Reason::UnreadableValues)
            }
            Configured::Written(_) => values.each_in_place(|reader| self.written(reader)),
        }
    }

    /// One path, given by its nodes; `None` if a node is unreadable or there is none.
    pub(crate) fn single(nodes: &[Value<'_>]) -> Option<Self> {
        let mut set = PathSet::default();
        set.path(nodes)?;
        Some(set)
    }

    /// An entry that is still as it was written: of a path, one node is built at a time.
    fn written(&mut self, reader: &mut Reader<'_>) -> Result<(), Reason> {
        if reader.peek() != Some(b'[') {
            return self.entry(&read(reader)?).ok_or(Reason::UnreadableValues);
        }
        let (mut at, mut last) = (0, Cow::Borrowed(""));
        while reader.another() {
            last = match reader.text_again() {
                Some(text) => Cow::Borrowed(text),
                None => node(&read(reader)?).ok_or(Reason::UnreadableValues)?.into_owned().into(),
            };
            if last.is_empty() {
                return Err(Reason::UnreadableValues);
            }
            at = self.child(at, &last);
        }
        // A path has a node.
        if last.is_empty() {
            return Err(Reason::UnreadableValues);
        }
        self.end(at, &last);
        Ok(())
    }

    /// SPEC.md §4.10 Cascader: a list may mix texts, paths and trees.
    fn entry(&mut self, entry: &Value<'_>) -> Option<()> {
        match entry {
            Value::List(nodes) => self.path(nodes),
            Value::Object(tree) => match tree.get("value") {
                // The old sample: an entry whose `value` is a list stands for the trees in it.
                Some(Value::List(trees)) if !trees.is_empty() => {
                    trees.iter().try_for_each(|tree| self.tree(tree.as_object()?, 0))
                }
                _ => self.tree(tree, 0),
            },
            _ => self.path(std::slice::from_ref(entry)),
        }
    }

    fn path(&mut self, nodes: &[Value<'_>]) -> Option<()> {
        let mut at = 0;
        for value in nodes {
            at = with_node(value, |text| self.child(at, text))?;
        }
        with_node(nodes.last()?, |last| self.end(at, last))
    }

    /// SPEC.md §4.3: saved trees are read as their root-to-leaf paths. The depth is bounded by the reader's.
    fn tree(&mut self, tree: &Object<'_>, parent: u32) -> Option<()> {
        // SPEC.md §4.10 Cascader: a tree node without `value` uses `label`; null counts as without
        let name = [tree.member("value"), tree.member("label")]
            .into_iter()
            .find(|name| !matches!(name, Value::Null))?;
        let text = node(name)?;
        let at = self.child(parent, &text);
        match tree.member("children") {
            Value::Null => self.end(at, &text),
            Value::List(children) if children.is_empty() => self.end(at, &text),
            Value::List(children) => {
                return children.iter().try_for_each(|child| self.tree(child.as_object()?, at));
            }
            _ => return None,
        }
        Some(())
    }

    fn child(&mut self, parent: u32, text: &str) -> u32 {
        let child = self.nodes.intern(parent, text) + 1;
        if self.ends.len() < self.nodes.len() {
            self.ends.push(0);
        }
        child
    }

    fn end(&mut self, at: u32, last: &str) {
        let Some(end) = self.ends.get_mut((at as usize).wrapping_sub(1)).filter(|end| **end == 0) else {
            return;
        };
        self.count += 1;
        *end = u32::try_from(self.count).unwrap_or(u32::MAX);
        if let Some(lasts) = &mut self.lasts {
            lasts.of.push(lasts.texts.intern(0, last));
        }
    }

    /// Whether some configured path equals the user's path.
    #[inline]
    pub(crate) fn matches(&self, path: &UserPath<'_>) -> bool {
        match path.0 {
            // A configured path of this one node has it as its last node.
            [only] => {
                with_text(only, |text| match &self.lasts {
                    None => self.ending_with(text).next().is_some(),
                    Some(lasts) => lasts.texts.find(0, text).is_some(),
                }) == Some(true)
            }
            _ => self.prefixes(path).next().is_some(),
        }
    }

    /// What was matched so far, for `ALL`.
    pub(crate) fn tally(&self) -> Tally {
        let lasts = self.lasts.as_ref().map_or(0, |lasts| lasts.texts.len());
        Tally { paths: Marks::new(self.count), lasts: Marks::new(lasts) }
    }

    /// Marks every configured path that equals the user's path.
    pub(crate) fn count(&self, path: &UserPath<'_>, tally: &mut Tally) {
        // SPEC.md §4.3: a one-node user path also matches p if it equals p's last node
        if let [only] = path.0 {
            with_text(only, |text| match &self.lasts {
                None => self.ending_with(text).for_each(|path| tally.paths.mark(path)),
                Some(lasts) => {
                    lasts.texts.find(0, text).into_iter().for_each(|last| tally.lasts.mark(last as usize));
                }
            });
        }
        for end in self.prefixes(path) {
            tally.paths.mark(end);
        }
    }

    /// Whether every configured path has been matched.
    pub(crate) fn complete(&self, tally: &Tally) -> bool {
        let last = |path| Some(*self.lasts.as_ref()?.of.get(path)? as usize);
        (0..self.count)
            .all(|path| tally.paths.has(path) || last(path).is_some_and(|last| tally.lasts.has(last)))
    }

    /// The paths whose last node has this text.
    fn ending_with(&self, text: &str) -> impl Iterator<Item = usize> {
        let nodes = self.nodes.in_any_group(text);
        nodes.filter_map(|node| self.ends.get(node)?.checked_sub(1)).map(|path| path as usize)
    }

    /// SPEC.md §4.3: the configured paths that are a prefix of the user's.
    fn prefixes(&self, path: &UserPath<'_>) -> impl Iterator<Item = usize> {
        let mut at = 0;
        let walk = path.0.iter().map_while(move |value| {
            let found = with_text(value, |text| self.nodes.find(at, text)).flatten()?;
            at = found + 1;
            self.ends.get(found as usize).copied()
        });
        walk.filter_map(|end| end.checked_sub(1)).map(|path| path as usize)
    }
}

/// The matches of an `ALL` so far.
#[derive(Debug)]
pub(crate) struct Tally {
    paths: Marks,
    lasts: Marks,
}

/// A user's path: readable nodes, at least one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UserPath<'v>(&'v [Value<'v>]);

impl<'v> UserPath<'v> {
    /// A path with an unreadable node is ignored whole (SPEC.md §4.10 Cascader).
    fn new(nodes: &'v [Value<'v>]) -> Option<Self> {
        (!nodes.is_empty() && nodes.iter().all(is_node)).then_some(UserPath(nodes))
    }
}

/// The user's value, if it is one path of texts: the usual case.
#[inline]
pub(crate) fn lone_path<'v>(had: &'v Value<'v>) -> Option<UserPath<'v>> {
    let Value::List(nodes) = had else { return None };
    let texts = nodes.iter().all(|node| matches!(node, Value::Text(text) if !text.is_empty()));
    (texts && !nodes.is_empty()).then_some(UserPath(nodes))
}

/// The user's value as paths: a path, a list of paths, or a lone text (SPEC.md §4.3, §4.10 Cascader).
pub(crate) fn user_paths<'v>(had: &'v Value<'v>) -> impl Iterator<Item = UserPath<'v>> {
    let (whole, entries) = match had {
        // A list that holds a list is a list of paths; texts in it are one-node paths.
        Value::List(entries) if entries.iter().any(|entry| matches!(entry, Value::List(_))) => {
            (&[][..], &**entries)
        }
        Value::List(nodes) => (&**nodes, &[][..]),
        lone => (std::slice::from_ref(lone), &[][..]),
    };
    UserPath::new(whole).into_iter().chain(entries.iter().filter_map(|entry| UserPath::new(entry.elements())))
}
