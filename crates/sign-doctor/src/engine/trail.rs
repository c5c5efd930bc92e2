//! The states along a text: texts that begin alike share them.

use super::blocks::{BLOCK, Block, Blocks};

/// The states behind the blocks of the latest text.
pub(crate) struct Trail<B: Blocks> {
    text: Vec<u8>,
    /// Behind each of its first blocks; further ones are digested when they are asked for.
    states: Vec<B::Words>,
}

impl<B: Blocks> Trail<B> {
    pub(crate) const fn new() -> Self {
        Self { text: Vec::new(), states: Vec::new() }
    }

    /// Goes over to another text. What it has in common with the last one is not digested again.
    pub(crate) fn follow(&mut self, text: &[u8]) {
        let (old, new): (&[Block], &[Block]) = (self.text.as_chunks().0, text.as_chunks().0);
        let alike = old.iter().zip(new).take_while(|(old, new)| old == new).count();
        self.states.truncate(alike);
        self.text.truncate(alike * BLOCK);
        self.text.extend_from_slice(text.get(alike * BLOCK..).unwrap_or_default());
    }

    /// The state behind so many blocks.
    #[inline]
    pub(crate) fn behind(&mut self, blocks: usize) -> B::Words {
        let mut state = self.states.get(..blocks).unwrap_or(&self.states).last().copied().unwrap_or(B::START);
        let known = self.states.len();
        let all: &[Block] = self.text.as_chunks().0;
        for block in all.get(known..blocks).unwrap_or_default() {
            B::compress(&mut state, std::slice::from_ref(block));
            self.states.push(state);
        }
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::blocks::Md5;

    #[test]
    fn the_same_states_whatever_came_before() {
        let text: Vec<u8> = (0..=255).collect();
        let other = |at: usize| {
            let mut other = text.clone();
            other[at] ^= 1;
            other
        };
        let mut trail = Trail::<Md5>::new();
        for text in [&text[..], &other(0), &text, &other(100), &text[..130], &other(255), &[], &text] {
            trail.follow(text);
            for blocks in [text.len() / BLOCK, 0, text.len() / BLOCK / 2, text.len() / BLOCK] {
                let mut expected = Md5::START;
                Md5::compress(&mut expected, text[..blocks * BLOCK].as_chunks().0);
                assert_eq!(trail.behind(blocks), expected, "{blocks}");
            }
        }
    }
}
