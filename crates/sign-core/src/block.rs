//! Where the pieces of a text wait until they fill blocks, and how the last block ends.
//!
//! A digest that is called once for each short piece spends as long being called as digesting. Here pieces are copied
//! to their places, and the digest sees them once.

/// What the digests take at a time, in bytes.
pub(crate) const BLOCK: usize = 64;

/// One block.
pub(crate) type Block = [u8; BLOCK];

/// Bytes that wait for the digest. They may hold a secret: wiped when dropped. Blocks begin where cache lines do, or the
/// digest would take longer over some of them, by chance.
#[derive(Clone)]
#[repr(align(64))]
pub(crate) struct Front {
    /// Zeros behind the bytes that wait, so that the last block need not be filled up.
    blocks: [Block; Self::BLOCKS],
    /// Room for so many more bytes, at most [`Self::CAPACITY`].
    room: usize,
}

impl Front {
    /// The last of them is for what ends a text alone.
    const BLOCKS: usize = 4;

    /// Room for a whole text to sign with its secret, where no body is signed.
    pub(crate) const CAPACITY: usize = (Self::BLOCKS - 1) * BLOCK;

    #[inline]
    pub(crate) const fn new() -> Self {
        Self { blocks: [[0; BLOCK]; Self::BLOCKS], room: Self::CAPACITY }
    }

    /// Forgets what was digested, to gather anew.
    pub(crate) const fn clear(&mut self) {
        self.blocks = [[0; BLOCK]; Self::BLOCKS];
        self.room = Self::CAPACITY;
    }

    #[inline]
    pub(crate) const fn len(&self) -> usize {
        Self::CAPACITY - self.room
    }

    /// Appends all of a piece, or nothing where there is no room for it.
    #[inline]
    pub(crate) fn push(&mut self, piece: &[u8]) -> bool {
        let (at, Some(room)) = (self.len(), self.room.checked_sub(piece.len())) else { return false };
        if let Some(place) = self.blocks.as_flattened_mut().get_mut(at..at + piece.len()) {
            place.copy_from_slice(piece);
        }
        self.room = room;
        true
    }

    /// Appends as much of a piece as ends the block that is begun, and returns the rest.
    #[inline]
    pub(crate) fn fill<'a>(&mut self, piece: &'a [u8]) -> &'a [u8] {
        let (head, rest) = piece.split_at_checked(self.room % BLOCK).unwrap_or((piece, &[]));
        self.push(head);
        rest
    }

    /// The blocks that are filled.
    #[inline]
    pub(crate) fn full(&self) -> &[Block] {
        self.blocks.get(..self.len() / BLOCK).unwrap_or(&[])
    }

    /// Ends the text: a one, zeros up to the end of a block, in which the length is last. Returns the blocks that are
    /// to be digested.
    #[inline]
    pub(crate) fn end(&mut self, length: [u8; 8]) -> &[Block] {
        let filled = self.len();
        if let Some(place) = self.blocks.as_flattened_mut().get_mut(filled) {
            *place = 0x80;
        }
        let last = (filled + length.len()) / BLOCK;
        if let Some(place) = self.blocks.get_mut(last).and_then(|block| block.last_chunk_mut()) {
            *place = length;
        }
        self.blocks.get(..=last).unwrap_or(&self.blocks)
    }
}

impl Drop for Front {
    #[inline]
    fn drop(&mut self) {
        // All at once: `zeroize()` writes byte by byte, which takes longer than a text takes to get here.
        self.blocks = [[0; BLOCK]; Self::BLOCKS];
        zeroize::optimization_barrier(&self.blocks);
    }
}
