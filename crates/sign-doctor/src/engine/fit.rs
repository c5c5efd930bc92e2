//! A core in each frame: which of them make the signature?

use super::blocks::{BLOCK, Begun, Blocks, Machine, bytes};
use super::frames::{Choice, Framed, Frames};
use super::trail::Trail;
use super::{Core, Tables};
use crate::Rounds;
use crate::got::Got;
use crate::plan::Plan;

/// What one worker keeps from one core to the next.
pub(crate) struct Bench<B: Blocks> {
    /// Along the cores, without a key and without anything in front.
    trail: Trail<B>,
    begun: Begun<B>,
    /// Of the latest core: where the secret stands, for each way of putting it among the parameters.
    holes: Vec<Hole>,
}

/// Before which parameter a secret stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hole {
    NotAskedFor,
    /// Where it was tried with one mistake less.
    Known,
    Before(usize),
}

impl<B: Blocks> Bench<B> {
    pub(crate) fn new() -> Self {
        Self { trail: Trail::new(), begun: Begun::new(), holes: Vec::new() }
    }
}

/// The signature, so that most digests are refused at a glance.
pub(crate) struct Target<'g> {
    got: &'g Got,
    word: usize,
    first: Option<[u8; 4]>,
}

impl<'g> Target<'g> {
    pub(crate) fn new(got: &'g Got) -> Self {
        // The digits in the middle begin with the second word.
        Self { got, word: usize::from(got.short), first: got.bytes.first_chunk().copied() }
    }

    #[inline]
    fn is<B: Blocks>(&self, words: &B::Words) -> bool {
        words.as_ref().get(self.word).map(|word| B::word(*word)) == self.first && self.is_whole::<B>(words)
    }

    #[cold]
    fn is_whole<B: Blocks>(&self, words: &B::Words) -> bool {
        let (bytes, length) = bytes::<B>(words);
        self.got.is(bytes.get(..length).unwrap_or(&bytes))
    }
}

impl<'a, B: Blocks> Frames<'_, 'a, B> {
    /// Tries a core, which is arranged, in each frame, and tells which fit.
    pub(crate) fn fit(
        &self,
        bench: &mut Bench<B>,
        core: &mut Core,
        tables: &Tables,
        plan: &Plan<'_>,
        target: &Target<'_>,
        mut found: impl FnMut(&Choice<'a>),
    ) {
        if core.is_known() && self.inners() == 0 {
            return;
        }
        core.write(tables, plan);
        bench.trail.follow(&core.bytes);
        bench.holes.clear();
        bench.holes.resize(self.inners(), Hole::NotAskedFor);
        // What the last frame had, and its digest: frames that have the same take up where it was.
        let (mut begun, mut ended, mut digest) = (None, None, B::START);
        for framed in &self.frames {
            let Some(machine) = self.machine(framed.machine) else { continue };
            let hole = if framed.inner == 0 {
                if core.is_known() { Hole::Known } else { Hole::NotAskedFor }
            } else {
                self.hole(bench, framed.inner, core, tables, plan)
            };
            if hole == Hole::Known {
                continue;
            }
            let begins = (framed.machine, framed.front, framed.text, hole);
            if begun != Some(begins) {
                self.begin(bench, machine, *framed, core, hole);
                (begun, ended) = (Some(begins), None);
            }
            if ended != Some(framed.back) {
                let (back, length) = self.back(framed.back);
                digest = machine.finish(bench.begun.end(back, length));
                ended = Some(framed.back);
            }
            let fits = match framed.rounds {
                Rounds::Once => target.is::<B>(&digest),
                rounds => target.is::<B>(&machine.again(&digest, rounds)),
            };
            if fits && let Some(choice) = self.choices.get(framed.choice as usize) {
                found(choice);
            }
        }
    }

    /// Where the secret stands.
    fn hole(&self, bench: &mut Bench<B>, inner: u32, core: &Core, tables: &Tables, plan: &Plan<'_>) -> Hole {
        // Where it was tried with one mistake less is a question of another order as well.
        let slot =
            if core.is_known() { (inner as usize).checked_sub(1) } else { self.slot(inner, plan.order) };
        let slot = slot.and_then(|slot| bench.holes.get_mut(slot));
        let Some(slot) = slot else { return Hole::Known };
        if *slot == Hole::NotAskedFor
            && let Some(inner) = self.inner(inner)
        {
            *slot = core.hole(tables, plan.order, &inner).map_or(Hole::Known, Hole::Before);
        }
        *slot
    }

    /// Digests what stands before the back.
    fn begin(&self, bench: &mut Bench<B>, machine: &Machine<B>, framed: Framed, core: &Core, hole: Hole) {
        let (before, behind) = match hole {
            Hole::Before(parameter) => core.around(parameter, self.within(framed.inner)),
            Hole::NotAskedFor | Hole::Known => (core.bytes.as_slice(), [&[][..]; 3]),
        };
        let front = self.front(framed.front);
        if front.is_empty() && machine.is_plain() {
            let blocks = before.len() / BLOCK;
            let (whole, rest) = before.split_at_checked(blocks * BLOCK).unwrap_or((before, &[]));
            bench.begun.restart(bench.trail.behind(blocks), whole.len() as u64);
            bench.begun.push(rest);
        } else {
            machine.begin(&mut bench.begun);
            bench.begun.push(front);
            bench.begun.push(before);
        }
        behind.iter().for_each(|part| bench.begun.push(part));
        bench.begun.settle();
    }
}
