//! Places by hash, with an end to how long a search takes: who finds no place nearby is sent away.
//!
//! The hash is no secret, so somebody may send texts that all want the same place. They end up in the caller's ordered
//! map, and cost what a search in order costs.

/// How many slots are looked at. Hashes that spread do not come near it.
const NEAR: usize = 64;
const SLOTS: usize = 16;

/// Positions, found by hash. Each slot is 0, or a hash and a position counted from 1.
#[derive(Clone, Default)]
pub(crate) struct Table {
    slots: Box<[u64]>,
    count: usize,
}

impl Table {
    /// The position of this hash for which `is` holds; those sent away are not found.
    #[inline]
    pub(crate) fn find(&self, hash: u32, is: impl Fn(u32) -> bool) -> Option<u32> {
        for slot in self.near(hash) {
            let position = position(slot)?;
            if slot >> 32 == u64::from(hash) && is(position) {
                return Some(position);
            }
        }
        None
    }

    /// Room for so many positions in a table that is empty.
    pub(crate) fn reserve(&mut self, positions: usize) {
        if self.count == 0 {
            self.slots = vec![0; (positions * 2).next_power_of_two().max(SLOTS)].into_boxed_slice();
        }
    }

    /// Takes in a position that is not there yet. Those that find no place are given to `away`: this one, or, when
    /// the table grows, others.
    pub(crate) fn insert(&mut self, hash: u32, position: u32, mut away: impl FnMut(u32)) {
        if (self.count + 1) * 2 > self.slots.len() {
            let larger = vec![0; (self.slots.len() * 2).max(SLOTS)].into_boxed_slice();
            let before = std::mem::replace(&mut self.slots, larger);
            for slot in before.into_iter().filter(|slot| *slot != 0) {
                self.place(slot, &mut away);
            }
        }
        self.count += 1;
        self.place(u64::from(hash) << 32 | (u64::from(position) + 1), &mut away);
    }

    fn place(&mut self, entry: u64, away: &mut impl FnMut(u32)) {
        let (mask, start) = (self.mask(), start(entry >> 32));
        for step in 0..NEAR {
            if let Some(slot) = self.slots.get_mut((start + step) & mask)
                && *slot == 0
            {
                *slot = entry;
                return;
            }
        }
        if let Some(position) = position(entry) {
            away(position);
        }
    }

    fn near(&self, hash: u32) -> impl Iterator<Item = u64> {
        let (mask, start) = (self.mask(), start(u64::from(hash)));
        (0..NEAR).map_while(move |step| self.slots.get((start + step) & mask).copied())
    }

    /// The number of slots is a power of two.
    const fn mask(&self) -> usize {
        self.slots.len().wrapping_sub(1)
    }
}

fn start(hash: u64) -> usize {
    usize::try_from(hash).unwrap_or(0)
}

/// The position in a slot; none if it is empty.
fn position(slot: u64) -> Option<u32> {
    let low = u32::try_from(slot & u64::from(u32::MAX)).unwrap_or(0);
    low.checked_sub(1)
}
