//! Compiled programs, kept by the bytes of `authParams` they were compiled from (SPEC.md §3).

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};

use crate::attributes::Lookup;
use crate::check::{Check, Conditions};
use crate::error::Undecidable;
use crate::json::read;
use crate::program::Program;
use crate::settings::Setting;
use crate::trace::TraceEntry;
use crate::wire::{CheckBody, ExternalMembers, Given, UserParam, conditions};

/// Bytes of `authParams` that are kept in all. A program takes several times the bytes it was compiled from.
const BYTES: usize = 4 << 20;
/// So many times, for what is the same in each condition.
const TIMES: usize = 4;
/// How many programs are looked at, at most, to make room for one.
const LOOKS: usize = 8;

/// A bounded cache of compiled programs, shared by all checks of a server.
///
/// A program is kept by the bytes of the whole list it was compiled from, and found by comparing them all. Programs that
/// are asked for stay; of the others the oldest goes first.
///
/// ```
/// use rabbitpre_auth::{Attributes, Programs};
///
/// let programs = Programs::new(1024);
/// let body = br#"{"userParam":{"audid":1},"authParams":[
///     {"englishName":"age","paramType":"number","operator":"GTEQ","values":"18"}]}"#;
/// let prepared = programs.prepare(body)?;
/// let check = prepared.check(None);
/// assert_eq!(check.names().collect::<Vec<_>>(), ["age"]);
/// assert!(check.decide(&Attributes::parse(br#"{"age":"18"}"#).unwrap()).is_allowed());
/// programs.prepare(body)?;
/// assert_eq!((programs.counters().misses, programs.counters().hits), (1, 1));
/// # Ok::<(), rabbitpre_auth::Undecidable>(())
/// ```
pub struct Programs {
    entries: usize,
    bytes: usize,
    shelf: RwLock<Shelf>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// What a [`Programs`] has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProgramCounters {
    /// Checks whose program was known.
    pub hits: u64,
    /// Checks whose program had to be compiled.
    pub misses: u64,
    /// Programs kept now.
    pub entries: u64,
}

impl Programs {
    /// Keeps up to `entries` programs, of up to 4 MiB of `authParams` in all; none if it is 0.
    #[must_use]
    pub fn new(entries: usize) -> Self {
        Programs {
            entries,
            bytes: BYTES,
            shelf: RwLock::default(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// Another bound for the bytes of `authParams` in all. A program takes several times the bytes it is compiled from.
    #[must_use]
    pub const fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// Reads a body of at most 1 MiB; the same as [`crate::CheckRequest::parse`], but what no decision looks at is not
    /// kept, and a program that is known is not compiled again.
    ///
    /// # Errors
    /// [`Undecidable`], code 400: the body is unreadable, or not a check as SPEC.md §4.10 Request says.
    pub fn prepare<'b>(&self, body: &'b [u8]) -> Result<Prepared<'b>, Undecidable> {
        let CheckBody { user, conditions: given, check_type, external } =
            CheckBody::read(body, |rest| self.known(rest).map(|kept| (Arc::clone(&kept), kept.text.len())))?;
        let kept = match given {
            Given::Known(kept) => {
                self.hits.fetch_add(1, Relaxed);
                kept
            }
            Given::New(conditions, text) => {
                let kept = Arc::new(Kept {
                    program: Program::compile(&conditions).into_decider(),
                    text: text.as_bytes().into(),
                    asked_for: AtomicBool::new(false),
                });
                if !conditions.is_empty() {
                    self.misses.fetch_add(1, Relaxed);
                    self.keep(&kept);
                }
                kept
            }
        };
        Ok(Prepared { user, kept, external: check_type.then_some(external) })
    }

    /// What was done so far.
    #[must_use]
    pub fn counters(&self) -> ProgramCounters {
        let kept = self.shelf.read().unwrap_or_else(PoisonError::into_inner).by_text.len();
        ProgramCounters {
            hits: self.hits.load(Relaxed),
            misses: self.misses.load(Relaxed),
            entries: u64::try_from(kept).unwrap_or(u64::MAX),
        }
    }

    /// The program of the list that begins here.
    fn known(&self, rest: &[u8]) -> Option<Arc<Kept>> {
        let shelf = self.shelf.read().unwrap_or_else(PoisonError::into_inner);
        // Each key is a whole JSON list, so that none begins another. Of those before `rest` in order only the last can
        // begin it: one between them would begin with it too. And a list that begins it ends where the key ends.
        let last = shelf.by_text.range::<[u8], _>((Bound::Unbounded, Bound::Included(rest))).next_back()?;
        let kept = &last.0;
        if !rest.starts_with(&kept.text) {
            return None;
        }
        // Most are marked already, and a line of memory that nobody writes to is shared by all cores.
        if !kept.asked_for.load(Relaxed) {
            kept.asked_for.store(true, Relaxed);
        }
        Some(Arc::clone(kept))
    }

    fn keep(&self, kept: &Arc<Kept>) {
        let size = kept.weight();
        if self.entries == 0 || size > self.bytes / 4 {
            return;
        }
        let mut shelf = self.shelf.write().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..LOOKS {
            if shelf.in_turn.len() < self.entries && shelf.bytes + size <= self.bytes {
                break;
            }
            shelf.make_room();
        }
        // Where all that were looked at are asked for, they stay, and this one does not come in.
        if shelf.in_turn.len() < self.entries
            && shelf.bytes + size <= self.bytes
            && shelf.by_text.insert(ByText(Arc::clone(kept)))
        {
            shelf.bytes += size;
            shelf.in_turn.push_back(Arc::clone(kept));
        }
    }
}

impl fmt::Debug for Programs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Programs({:?})", self.counters())
    }
}

/// Programs in order of their texts, and in the turn in which they are looked at to make room.
#[derive(Default)]
struct Shelf {
    by_text: BTreeSet<ByText>,
    in_turn: VecDeque<Arc<Kept>>,
    bytes: usize,
}

impl Shelf {
    /// Takes out the program whose turn it is, unless it was asked for since its last turn.
    fn make_room(&mut self) {
        let Some(kept) = self.in_turn.pop_front() else { return };
        if kept.asked_for.swap(false, Relaxed) {
            self.in_turn.push_back(kept);
        } else if self.by_text.remove(&*kept.text) {
            self.bytes -= kept.weight();
        }
    }
}

/// A program, and the list it was compiled from.
pub(crate) struct Kept {
    text: Box<[u8]>,
    program: Program<'static>,
    asked_for: AtomicBool,
}

impl Kept {
    /// What it counts for: the bytes it was compiled from, or more where it has very many very short conditions. Each takes
    /// the same room, however short.
    fn weight(&self) -> usize {
        self.text.len().max(self.program.size() / TIMES)
    }

    pub(crate) const fn program(&self) -> &Program<'static> {
        &self.program
    }

    /// Reads the list again: whoever asks why has time.
    pub(crate) fn explain(&self, user: &impl Lookup) -> Vec<TraceEntry> {
        // It has been read before.
        let Ok(Ok(conditions)) = read(&self.text).map(conditions) else { return Vec::new() };
        Program::compile(&conditions).explain(user)
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.program.fmt(f)
    }
}

struct ByText(Arc<Kept>);

impl Borrow<[u8]> for ByText {
    fn borrow(&self) -> &[u8] {
        &self.0.text
    }
}

impl Ord for ByText {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.text.cmp(&other.0.text)
    }
}

impl PartialOrd for ByText {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ByText {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for ByText {}

/// A check that was read, with its program.
#[derive(Debug)]
pub struct Prepared<'b> {
    user: UserParam<'b>,
    kept: Arc<Kept>,
    external: Option<ExternalMembers<'b>>,
}

impl<'b> Prepared<'b> {
    /// Who asks to take part.
    #[must_use]
    pub const fn user(&self) -> &UserParam<'b> {
        &self.user
    }

    /// The id of the setting that has to be loaded before the check can be decided; see
    /// [`crate::CheckRequest::setting_id`].
    #[must_use]
    pub fn setting_id(&self) -> Option<&str> {
        self.external.as_ref()?.id.as_id()
    }

    /// The check; `setting` is what is saved under [`Prepared::setting_id`].
    #[must_use]
    pub fn check<'s>(&'s self, setting: Option<&'s Setting>) -> Check<'s> {
        let asked = self.external.as_ref().map(ExternalMembers::asked);
        Check::of(&self.user, Conditions::Kept(&self.kept), asked, setting)
    }
}
