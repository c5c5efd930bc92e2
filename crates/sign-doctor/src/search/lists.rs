//! The mistakes that a search puts together, and how many candidates they make.

use std::collections::HashMap;

use crate::got::Got;
use crate::plan::MOST;
use crate::{Case, Mutation};

/// The two halves of the catalogue that can lead to this signature.
pub(super) struct Lists {
    /// With the parameters.
    pub(super) outer: Vec<Mutation>,
    /// With secret, digest and ends.
    pub(super) inner: Vec<Mutation>,
    /// Must one of them change the digest?
    pub(super) another_digest: bool,
}

impl Lists {
    pub(super) fn new(all: Vec<Mutation>, case: &Case<'_>, got: &Got) -> Self {
        let (inner, outer): (Vec<_>, Vec<_>) = all.into_iter().partition(Mutation::frames);
        // The signature's length tells the digest.
        let possible = |mutation: &Mutation| match mutation {
            Mutation::Digest(digest) | Mutation::Hmac { digest, .. } => *digest == got.digest,
            _ => true,
        };
        let inner = inner.into_iter().filter(possible).collect();
        Self { outer, inner, another_digest: got.digest != case.recipe().digest }
    }

    /// The same with the likeliest mistakes alone.
    pub(super) fn first(&self, outer: usize, inner: usize) -> Self {
        let first = |list: &[Mutation], count| list.iter().take(count).copied().collect();
        Self { outer: first(&self.outer, outer), inner: first(&self.inner, inner), ..*self }
    }

    /// How many candidates have so many mistakes, at most.
    pub(super) fn count(&self, mistakes: usize) -> u64 {
        let (outer, inner) = (ways(&self.outer), ways(&self.inner));
        (0..=mistakes)
            .filter_map(|a| Some(outer.get(a)?.saturating_mul(*inner.get(mistakes - a)?)))
            .fold(0, u64::saturating_add)
    }
}

/// How many sets of 0, 1, 2, 3 mistakes on different axes there are.
fn ways(list: &[Mutation]) -> [u64; MOST + 1] {
    let mut axes: HashMap<u16, u64> = HashMap::new();
    list.iter().for_each(|mutation| *axes.entry(mutation.axes().0).or_default() += 1);
    let [mut one, mut two, mut three] = [0_u64; MOST];
    for size in axes.into_values() {
        three = three.saturating_add(two.saturating_mul(size));
        two = two.saturating_add(one.saturating_mul(size));
        one = one.saturating_add(size);
    }
    [1, one, two, three]
}
