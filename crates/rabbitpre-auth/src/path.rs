//! Cascader paths: read as configured, read as the user has them, and matched (SPEC.md §4.3, §4.10 Cascader).

use std::borrow::Cow;
use std::collections::HashMap;

use crate::decimal::scalar_text;
use crate::set::Marks;
use crate::trace::Reason;
use crate::value::{Object, Value};

/// A node: a text that is not empty, or a number or boolean read as text.
pub(crate) fn node<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    scalar_text(value).filter(|text| !text.is_empty())
}

/// The configured paths as a tree, so that a user's path is matched by one walk however many there are.
#[derive(Clone)]
pub(crate) struct PathSet<'a> {
    /// The first one is the root.
    nodes: Vec<Node<'a>>,
    /// The last nodes of the paths, each with a position.
    lasts: HashMap<Cow<'a, str>, usize>,
    /// For each path, the position of its last node in `lasts`.
    ends: Vec<usize>,
}

#[derive(Clone, Default)]
struct Node<'a> {
    children: HashMap<Cow<'a, str>, usize>,
    /// The position in `ends` of the path that ends here.
    end: Option<usize>,
}

impl<'a> PathSet<'a> {
    /// Reads a condition's `values`.
    pub(crate) fn configured(values: &'a Value<'a>) -> Result<Self, Reason> {
        let mut set = PathSet { nodes: vec![Node::default()], lasts: HashMap::new(), ends: Vec::new() };
        // A lone text is one one-node path, one tree a list of one.
        for entry in values.elements() {
            set.entry(entry).ok_or(Reason::UnreadableValues)?;
        }
        Ok(set)
    }

    /// One path, given by its nodes; `None` if a node is unreadable or there is none.
    pub(crate) fn single(nodes: &'a [Value<'a>]) -> Option<Self> {
        let mut set = PathSet { nodes: vec![Node::default()], lasts: HashMap::new(), ends: Vec::new() };
        set.path(nodes)?;
        Some(set)
    }

    /// SPEC.md §4.10 Cascader: a list may mix texts, paths and trees.
    fn entry(&mut self, entry: &'a Value<'a>) -> Option<()> {
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

    fn path(&mut self, nodes: &'a [Value<'a>]) -> Option<()> {
        let mut at = 0;
        let mut last = None;
        for value in nodes {
            let text = node(value)?;
            at = self.child(at, text.clone())?;
            last = Some(text);
        }
        self.end(at, last?)
    }

    /// SPEC.md §4.3: saved trees are read as their root-to-leaf paths. The depth is bounded by the reader's.
    fn tree(&mut self, tree: &'a Object<'a>, parent: usize) -> Option<()> {
        // SPEC.md §4.10 Cascader: a tree node without `value` uses `label`; null counts as without
        let name = [tree.member("value"), tree.member("label")]
            .into_iter()
            .find(|name| !matches!(name, Value::Null))?;
        let text = node(name)?;
        let at = self.child(parent, text.clone())?;
        match tree.member("children") {
            Value::Null => self.end(at, text),
            Value::List(children) if children.is_empty() => self.end(at, text),
            Value::List(children) => children.iter().try_for_each(|child| self.tree(child.as_object()?, at)),
            _ => None,
        }
    }

    fn child(&mut self, parent: usize, text: Cow<'a, str>) -> Option<usize> {
        let next = self.nodes.len();
        let child = *self.nodes.get_mut(parent)?.children.entry(text).or_insert(next);
        if child == next {
            self.nodes.push(Node::default());
        }
        Some(child)
    }

    fn end(&mut self, at: usize, last: Cow<'a, str>) -> Option<()> {
        let node = self.nodes.get_mut(at)?;
        if node.end.is_none() {
            node.end = Some(self.ends.len());
            let next = self.lasts.len();
            self.ends.push(*self.lasts.entry(last).or_insert(next));
        }
        Some(())
    }

    /// Whether some configured path equals the user's path.
    pub(crate) fn matches(&self, path: &UserPath<'_>) -> bool {
        path.only_node().is_some_and(|node| self.lasts.contains_key(&*node))
            || self.prefixes(path).next().is_some()
    }

    /// What was matched so far, for `ALL`.
    pub(crate) fn tally(&self) -> Tally {
        Tally { paths: Marks::new(self.ends.len()), lasts: Marks::new(self.lasts.len()) }
    }

    /// Marks every configured path that equals the user's path.
    pub(crate) fn count(&self, path: &UserPath<'_>, tally: &mut Tally) {
        if let Some(&last) = path.only_node().and_then(|node| self.lasts.get(&*node)) {
            tally.lasts.mark(last);
        }
        for end in self.prefixes(path) {
            tally.paths.mark(end);
        }
    }

    /// Whether every configured path has been matched.
    pub(crate) fn complete(&self, tally: &Tally) -> bool {
        self.ends.iter().enumerate().all(|(end, &last)| tally.paths.has(end) || tally.lasts.has(last))
    }

    /// SPEC.md §4.3: the configured paths that are a prefix of the user's.
    fn prefixes(&self, path: &UserPath<'_>) -> impl Iterator<Item = usize> {
        let mut at = self.nodes.first();
        path.0
            .iter()
            .map_while(move |value| {
                at = node(value)
                    .and_then(|text| at?.children.get(&*text))
                    .and_then(|&child| self.nodes.get(child));
                at
            })
            .filter_map(|node| node.end)
    }

    pub(crate) fn into_owned(self) -> PathSet<'static> {
        let owned = |(text, at): (Cow<'_, str>, usize)| (Cow::Owned(text.into_owned()), at);
        let nodes = self
            .nodes
            .into_iter()
            .map(|node| Node { children: node.children.into_iter().map(owned).collect(), end: node.end });
        PathSet {
            nodes: nodes.collect(),
            lasts: self.lasts.into_iter().map(owned).collect(),
            ends: self.ends,
        }
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
        (!nodes.is_empty() && nodes.iter().all(|value| node(value).is_some())).then_some(UserPath(nodes))
    }

    /// SPEC.md §4.3: a one-node user path also matches p if it equals p's last node.
    fn only_node(&self) -> Option<Cow<'v, str>> {
        if let [only] = self.0 { node(only) } else { None }
    }
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
