//! Who fetches credentials when, `SPEC.md §2.3`: one for all, ahead of their end, and never twice at once.
//!
//! A state machine without clock, store or network. [`Coordinator::step`] says what to do next; whoever does it brings
//! back what came of it, and asks again. Every process that shares an app id runs one, and they meet in the shared
//! cell: whoever holds the lease, and sees in the cell that nobody was faster, fetches; what he got goes into the cell
//! by compare-and-swap, as the next generation.

use std::sync::Arc;
use std::time::Duration;

use sign_core::{Secret, UnixMillis};

use super::{Credentials, Failure, Granted, Kick, Policy, Shared, Verdict, Want, Writer};

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Read the shared cell, then [`Coordinator::read`].
    Read,
    /// Ask for the lease, or prolong it, then [`Coordinator::acquired`].
    Acquire,
    /// Fetch a token, then [`Coordinator::token`]; or [`Coordinator::lease_ended`], if it has.
    FetchToken,
    /// Fetch a `sign` ticket with this token, then [`Coordinator::ticket`]; or [`Coordinator::lease_ended`], if it has.
    FetchTicket(Secret),
    /// Put this text into the shared cell if it is at version `expected`, then [`Coordinator::published`].
    Publish {
        /// 0: if it is absent.
        expected: u64,
        /// Token and ticket, as [`Shared::text`] writes them.
        text: Secret,
    },
    /// Give the lease back, then [`Coordinator::released`].
    Release,
    /// Let this much real time pass, then [`Coordinator::paused`].
    Pause(Duration),
    /// Nothing until then, or until somebody needs credentials.
    Wait {
        /// By the clock that `now` comes from.
        until: UnixMillis,
    },
}

/// In which way a fetch failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchFault {
    /// It may work next time.
    Passing,
    /// The token was refused: another one is needed.
    TokenRefused,
    /// The ticket was refused: ask for another one.
    TicketRefused,
    /// It will not work before somebody changes something.
    Lasting,
}

/// What became of [`Step::Publish`].
#[derive(Debug)]
pub enum Published {
    /// It is there, under this version.
    Done(u64),
    /// Somebody else was faster, and this is there.
    Moved(Option<Shared>),
}

/// What happened, for logs and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// This process has fetched a generation.
    Fetched {
        /// Which.
        generation: u64,
    },
    /// Another process has fetched, and we use it.
    Adopted {
        /// Which generation.
        generation: u64,
        /// Who fetched it.
        writer: Writer,
    },
    /// Somebody who does not share our credentials has fetched.
    ForeignKick(Kick),
}

/// What a coordinator has counted since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Generations fetched by this process.
    pub fetched: u64,
    /// Generations taken over from other processes.
    pub adopted: u64,
    /// Fetches, readings and writings of the shared store that failed.
    pub failed: u64,
    /// Refusals of the credentials that were current.
    pub refused: u64,
    /// Generations that somebody outside kicked out.
    pub foreign_kicks: u64,
}

#[derive(Debug)]
enum Phase {
    Rest,
    Read { leased: bool },
    Acquire,
    Token,
    Ticket { again: bool },
    Publish,
    Release,
    Pause(Duration),
}

/// A token that still lacks its ticket.
#[derive(Debug)]
struct Half {
    token: Granted,
    sent_at: UnixMillis,
    /// The cell's version when it was fetched: once that moves on, the token is worth nothing.
    seen: u64,
}

#[derive(Debug)]
struct Condemned {
    serial: u64,
    /// The shared cell was read under the lease since the refusal, and holds nothing newer: nobody of ours is at it.
    confirmed: bool,
    confirmed_at: UnixMillis,
    /// A fetch, or the store, has failed since: better a pair that may be dead than none.
    failed: bool,
    /// One of ours fetched, or may have, since these credentials were made: then the refusal is our own doing.
    ours: bool,
}

enum Need {
    Nothing { until: UnixMillis },
    Look,
    Publish,
    Fetch,
}

/// The state machine. `E` is the driver's error; it is handed to those who wait.
#[derive(Debug)]
pub struct Coordinator<E> {
    policy: Policy,
    writer: Writer,
    draw: u32,
    phase: Phase,
    current: Option<Arc<Credentials>>,
    /// The shared cell holds `current`, as far as we know.
    shared: bool,
    /// The version of the shared cell when it was last seen.
    seen: u64,
    look_at: UnixMillis,
    half: Option<Half>,
    /// A token was refused right after it was fetched, and another one is being fetched: once.
    second: bool,
    condemned: Option<Condemned>,
    reported: Option<u64>,
    /// A token was asked for since the current credentials were made: it may have kicked them out.
    lost: bool,
    /// How many pairs this process has seen.
    serials: u64,
    forced_at: Option<UnixMillis>,
    /// The stamp that the cell had when it was last seen.
    forced_stamp: Option<UnixMillis>,
    /// Who had the lease when we asked for it.
    busy: Option<Writer>,
    /// How many wait. While nobody does, dead credentials are left alone: a fetch may kick somebody.
    waiting: usize,
    pause_after: Option<Duration>,
    streak: u32,
    failures: u64,
    last: Option<(Failure<E>, bool)>,
    counters: Counters,
    events: Vec<Event>,
}

impl<E: Clone> Coordinator<E> {
    /// A coordinator that knows nothing yet. `draw` is random, so that processes renew at different times.
    #[must_use]
    pub fn new(policy: Policy, writer: Writer, draw: u32) -> Self {
        Self {
            policy,
            writer,
            draw,
            phase: Phase::Rest,
            current: None,
            shared: false,
            seen: 0,
            look_at: UnixMillis::new(0),
            half: None,
            second: false,
            condemned: None,
            reported: None,
            lost: false,
            serials: 0,
            forced_at: None,
            forced_stamp: None,
            busy: None,
            waiting: 0,
            pause_after: None,
            streak: 0,
            failures: 0,
            last: None,
            counters: Counters::default(),
            events: Vec::new(),
        }
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What has been counted.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// What has happened since this was last called.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Is nothing under way?
    #[must_use]
    pub fn is_resting(&self) -> bool {
        matches!(self.phase, Phase::Rest)
    }

    /// The driver was stopped in the middle: what was under way is forgotten.
    pub fn interrupted(&mut self) {
        self.phase = Phase::Rest;
        self.pause_after = None;
    }

    /// Somebody needs credentials; after a refusal, newer ones than those that were refused. Whoever has asked, and waits no
    /// more, says so with [`Self::left`].
    pub fn want(&mut self, refused: Option<&Credentials>) -> Want {
        self.waiting = self.waiting.saturating_add(1);
        Want { after: refused.map(|used| used.serial), failures_before: self.failures }
    }

    /// Somebody who asked waits no more: he got what he wanted, or lost patience.
    pub fn left(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }

    /// Is there nothing that somebody who is about to end should wait for? What is under way is, and a renewal that is due;
    /// what failed, and is tried again after a pause, is not.
    #[must_use]
    pub fn is_settled(&self, now: UnixMillis) -> bool {
        let alive = self.current.as_ref().is_some_and(|current| current.is_alive(now));
        match self.phase {
            // What the others do not have yet is worth another try.
            Phase::Pause(_) => !alive || self.shared,
            Phase::Rest => !alive || matches!(self.need(now), Need::Look | Need::Nothing { .. }),
            _ => false,
        }
    }

    /// The platform refused a call with `60841017` or `60841018`, and these are the credentials that signed it. They are
    /// not handed out again, unless it is too early to fetch (see [`Policy::min_interval`]).
    pub fn refused(&mut self, used: &Credentials, now: UnixMillis) {
        // SPEC.md §2.3: if someone else has refreshed meanwhile, theirs are used; the newer ones were not refused.
        if self.current.as_ref().is_none_or(|current| current.serial != used.serial) {
            return;
        }
        self.counters.refused += 1;
        match &mut self.condemned {
            Some(known) if known.serial == used.serial => {
                // Whether others have fetched is asked again, but not for each of many calls.
                if now.saturating_since(known.confirmed_at) >= ASK_AGAIN {
                    known.confirmed = false;
                }
            }
            _ => {
                self.condemned = Some(Condemned {
                    serial: used.serial,
                    confirmed: false,
                    confirmed_at: UnixMillis::new(0),
                    failed: false,
                    ours: self.lost,
                });
            }
        }
    }

    /// What somebody who needs credentials is to do.
    pub fn verdict(&mut self, want: Want, now: UnixMillis) -> Verdict<E> {
        let retry_at = self.blocked_until(now);
        if let Some(current) = self.current.as_ref().filter(|current| current.is_alive(now)) {
            let newer = want.after.is_none_or(|after| current.serial > after);
            // A refusal may be one call's own fault: while nobody may fetch, or can, the others go on with what there is.
            let failed = self.condemned.as_ref().is_some_and(|condemned| condemned.failed);
            if newer && (!self.is_condemned(current) || retry_at.is_some() || failed) {
                return Verdict::Ready(Arc::clone(current));
            }
        }
        let failed = self.failures.saturating_sub(want.failures_before);
        if let Some((failure, lasting)) = &self.last
            && (failed >= u64::from(self.policy.attempts.max(1)) || (failed > 0 && *lasting))
        {
            return Verdict::Failed(failure.clone());
        }
        if let Some(retry_at) = retry_at
            && retry_at.saturating_since(now) > self.policy.patience
            && let Some(current) = &self.current
        {
            return Verdict::Failed(Failure::Kicked(kick(current, retry_at, now)));
        }
        Verdict::Wait
    }

    /// What somebody is told whose patience has ended.
    #[must_use]
    pub fn last_failure(&self, now: UnixMillis) -> Option<Failure<E>> {
        if let (Some(retry_at), Some(current)) = (self.blocked_until(now), &self.current) {
            return Some(Failure::Kicked(kick(current, retry_at, now)));
        }
        self.last.as_ref().map(|(failure, _)| failure.clone())
    }

    /// Who had the right to fetch when this process last asked for it in vain.
    #[must_use]
    pub fn busy(&self) -> Option<&Writer> {
        self.busy.as_ref()
    }

    fn is_condemned(&self, credentials: &Credentials) -> bool {
        self.condemned.as_ref().is_some_and(|condemned| condemned.serial == credentials.serial)
    }

    /// The current credentials were refused, nobody of ours has newer ones, and it is too early to fetch: until when.
    fn blocked_until(&self, now: UnixMillis) -> Option<UnixMillis> {
        let confirmed = self.condemned.as_ref().filter(|condemned| condemned.confirmed)?;
        let current = self.current.as_ref().filter(|current| current.serial == confirmed.serial)?;
        // A stamp from the future is a clock that was set back; and a token that lacks its ticket is no reason to wait.
        let forced_at = self.forced_at.filter(|at| *at <= now && self.half.is_none())?;
        let retry_at = forced_at.saturating_add(self.policy.min_interval);
        (retry_at > now && current.is_alive(now)).then_some(retry_at)
    }

    fn need(&self, now: UnixMillis) -> Need {
        let Some(current) = &self.current else {
            return if self.waiting > 0 { Need::Fetch } else { Need::Nothing { until: FAR } };
        };
        let alive = current.is_alive(now);
        if let Some(condemned) = self.condemned.as_ref().filter(|one| alive && one.serial == current.serial) {
            return match (condemned.confirmed, self.blocked_until(now)) {
                (false, _) => Need::Fetch,
                (true, None) => Need::Fetch,
                (true, Some(_)) if now >= self.look_at => Need::Look,
                (true, Some(retry_at)) => Need::Nothing { until: retry_at.min(self.look_at) },
            };
        }
        if !alive {
            return if self.waiting > 0 { Need::Fetch } else { Need::Nothing { until: FAR } };
        }
        if !self.shared {
            return Need::Publish;
        }
        let due_at = current.fetched_at.saturating_add(self.due_age(current));
        if now >= due_at {
            return Need::Fetch;
        }
        if now >= self.look_at { Need::Look } else { Need::Nothing { until: due_at.min(self.look_at) } }
    }

    /// SPEC.md §2.3: token and ticket together, every 20 minutes; each process at a moment of its own.
    fn due_age(&self, current: &Credentials) -> Duration {
        // Multiplying by a large odd number spreads neighbouring generations (Fibonacci hashing).
        let spread = current.generation.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let draw = self.draw ^ u32::try_from(spread).unwrap_or_default();
        self.policy.due_age(current.lifetime, draw)
    }

    /// What to do next. Asked twice, it says the same twice, so that a driver which was interrupted goes on.
    pub fn step(&mut self, now: UnixMillis) -> Step {
        if matches!(self.phase, Phase::Rest) {
            match self.need(now) {
                Need::Nothing { until } => return Step::Wait { until },
                // A fetch, too, begins with a look: somebody else may have been faster.
                Need::Look | Need::Fetch | Need::Publish => self.phase = Phase::Read { leased: false },
            }
        }
        match &self.phase {
            Phase::Rest => Step::Wait { until: now },
            Phase::Read { .. } => Step::Read,
            Phase::Acquire => Step::Acquire,
            Phase::Token => Step::FetchToken,
            Phase::Ticket { .. } => match &self.half {
                Some(half) => Step::FetchTicket(half.token.value.clone()),
                None => Step::FetchToken,
            },
            Phase::Publish => match &self.current {
                Some(current) => Step::Publish { expected: self.seen, text: self.as_shared(current).text() },
                None => Step::Release,
            },
            Phase::Release => Step::Release,
            Phase::Pause(time) => Step::Pause(*time),
        }
    }

    fn as_shared(&self, current: &Arc<Credentials>) -> Shared {
        Shared { credentials: Credentials::clone(current), forced_at: self.forced_at }
    }

    /// What came of [`Step::Read`].
    pub fn read(&mut self, result: Result<Option<Shared>, E>, now: UnixMillis) {
        let leased = matches!(self.phase, Phase::Read { leased: true });
        match result {
            Err(error) => return self.fail(Failure::Store(error), false, leased),
            Ok(found) => self.observe(found, now),
        }
        if leased {
            self.confirm(now);
        }
        self.phase = match self.need(now) {
            Need::Publish => Phase::Publish,
            Need::Fetch if leased => self.resume(now),
            Need::Fetch => Phase::Acquire,
            Need::Look | Need::Nothing { .. } if leased => Phase::Release,
            Need::Look | Need::Nothing { .. } => Phase::Rest,
        };
    }

    /// With a token from an attempt that got no ticket, the ticket alone is missing.
    fn resume(&mut self, now: UnixMillis) -> Phase {
        let fresh = |half: &Half| now.saturating_since(half.sent_at) < half.token.lifetime / 3;
        if self.half.as_ref().is_some_and(|half| half.seen == self.seen && fresh(half)) {
            return Phase::Ticket { again: false };
        }
        self.half = None;
        Phase::Token
    }

    /// Takes over what the cell holds, if it is newer than what we have.
    fn observe(&mut self, found: Option<Shared>, now: UnixMillis) {
        let near_due = self.current.as_ref().is_some_and(|current| {
            now.saturating_since(current.fetched_at) >= self.policy.earliest_due_age(current.lifetime)
        });
        // While others may be renewing, look more often.
        self.look_at = now.saturating_add(if near_due { self.policy.watch / 12 } else { self.policy.watch });
        self.seen = found.as_ref().map_or(0, |shared| shared.credentials.generation);
        let Some(shared) = found else {
            self.shared = false;
            return;
        };
        if shared.forced_at != self.forced_stamp {
            self.forced_stamp = shared.forced_at;
            // A stamp from the future is another machine's clock: it counts as one from now, when it is first seen.
            self.forced_at = self.forced_at.max(shared.forced_at.map(|at| at.min(now)));
        }
        // For the same reason nothing is younger than now.
        let fetched_at = shared.credentials.fetched_at.min(now);
        let theirs = Credentials { fetched_at, ..shared.credentials };
        let adopt = match &self.current {
            None => true,
            Some(ours) if ours.same_as(&theirs) => {
                if ours.generation != theirs.generation {
                    let generation = theirs.generation;
                    self.current = Some(Arc::new(Credentials { generation, ..Credentials::clone(ours) }));
                }
                self.shared = true;
                false
            }
            Some(ours) if self.shared && theirs.generation > ours.generation => true,
            // Ours never arrived there, or the store was emptied: what was fetched last is what lives.
            Some(ours) if theirs.fetched_at > ours.fetched_at => true,
            Some(_) => {
                self.shared = false;
                false
            }
        };
        if adopt {
            let (generation, writer) = (theirs.generation, theirs.writer.clone());
            self.replace(theirs);
            self.shared = true;
            self.half = None;
            self.settled();
            self.counters.adopted += 1;
            self.events.push(Event::Adopted { generation, writer });
            self.look_at = now.saturating_add(self.policy.watch);
        }
    }

    /// There are new credentials: what went wrong before is history.
    fn settled(&mut self) {
        self.streak = 0;
        self.last = None;
        self.lost = false;
        self.second = false;
        self.busy = None;
    }

    /// Makes a pair that is new to this process the current one.
    fn replace(&mut self, credentials: Credentials) {
        self.serials += 1;
        self.current = Some(Arc::new(Credentials { serial: self.serials, ..credentials }));
    }

    /// Whoever holds the lease and finds nothing newer knows that nobody of ours is fetching: a refusal was the doing of
    /// somebody else.
    fn confirm(&mut self, now: UnixMillis) {
        let Some(current) = &self.current else { return };
        let Some(condemned) = self.condemned.as_mut().filter(|one| one.serial == current.serial) else {
            self.condemned = None;
            return;
        };
        condemned.confirmed = true;
        condemned.confirmed_at = now;
        let foreign = self.shared && !condemned.ours && current.is_alive(now);
        if foreign && self.reported != Some(condemned.serial) {
            self.reported = Some(condemned.serial);
            self.counters.foreign_kicks += 1;
            let retry_at = self.forced_at.map_or(now, |at| at.saturating_add(self.policy.min_interval));
            self.events.push(Event::ForeignKick(kick(current, retry_at.max(now), now)));
        }
    }

    /// What came of [`Step::Acquire`]: nothing, and the lease is ours; or who else has it.
    pub fn acquired(&mut self, result: Result<Option<Writer>, E>) {
        match result {
            Err(error) => self.fail(Failure::Store(error), false, false),
            // Whatever the lease was before, somebody else may have had it in between.
            Ok(None) => self.phase = Phase::Read { leased: true },
            // Somebody else is at it: look for what he brings. A token of ours is worth nothing then.
            Ok(Some(holder)) => {
                self.half = None;
                self.busy = Some(holder);
                if let Some(condemned) = &mut self.condemned {
                    condemned.ours = true;
                }
                self.phase = Phase::Pause(self.policy.poll);
            }
        }
    }

    /// In place of a fetch: the lease has ended, or would before the fetch does, because this process stood still. It is
    /// asked for again.
    pub fn lease_ended(&mut self) {
        self.phase = Phase::Pause(self.policy.poll);
    }

    /// What came of [`Step::FetchToken`]; `sent_at`: when the request was sent.
    pub fn token(&mut self, result: Result<Granted, (FetchFault, E)>, sent_at: UnixMillis) {
        // Until there is a ticket as well, whatever is refused may be refused because of this.
        self.lost = true;
        match result {
            Ok(token) => {
                self.half = Some(Half { token, sent_at, seen: self.seen });
                if self.current.as_ref().is_some_and(|current| self.is_condemned(current)) {
                    self.forced_at = Some(sent_at);
                }
                // The lease must outlast the second request as well, and must not have been somebody else's meanwhile.
                self.phase = Phase::Acquire;
            }
            Err((fault, cause)) => {
                let failure = Failure::Fetch { step: "access_token", cause };
                self.fail(failure, fault == FetchFault::Lasting, true);
            }
        }
    }

    /// What came of [`Step::FetchTicket`].
    pub fn ticket(&mut self, result: Result<Granted, (FetchFault, E)>, now: UnixMillis) {
        let again = matches!(self.phase, Phase::Ticket { again: true });
        let half = self.half.take();
        match (result, half) {
            (Ok(ticket), Some(half)) => self.fetched(half, ticket, now),
            // SPEC.md §2.3: 60851002, 60851004: a new token, then the ticket. Once, and only if it was none of ours who came
            // between.
            (Err((FetchFault::TokenRefused, _)), Some(_)) if !self.second => {
                self.second = true;
                self.phase = Phase::Acquire;
            }
            // SPEC.md §2.3: 60851003, 60851005: the ticket again. Once.
            (Err((FetchFault::TicketRefused, _)), Some(half)) if !again => {
                self.half = Some(half);
                self.phase = Phase::Ticket { again: true };
            }
            (Err((fault, cause)), half) => {
                // The token is good for another try at the ticket, unless it was the token that was refused.
                self.half = half.filter(|_| fault == FetchFault::Passing);
                let failure = Failure::Fetch { step: "api_ticket", cause };
                self.fail(failure, fault == FetchFault::Lasting, true);
            }
            (Ok(_), None) => self.phase = Phase::Release,
        }
    }

    fn fetched(&mut self, half: Half, ticket: Granted, now: UnixMillis) {
        let generation = self.seen.saturating_add(1);
        let fresh = Credentials {
            generation,
            lifetime: half.token.lifetime.min(ticket.lifetime),
            token: half.token.value,
            ticket: ticket.value,
            // Nothing granted lives longer than its lifetime from when the first request was sent.
            fetched_at: half.sent_at,
            writer: self.writer.clone(),
            serial: 0,
        };
        self.replace(fresh);
        self.shared = false;
        self.condemned = None;
        self.settled();
        self.look_at = now.saturating_add(self.policy.watch);
        self.counters.fetched += 1;
        self.events.push(Event::Fetched { generation });
        self.phase = Phase::Publish;
    }

    /// What came of [`Step::Publish`].
    pub fn published(&mut self, result: Result<Published, E>, now: UnixMillis) {
        match result {
            Ok(Published::Done(version)) => {
                self.seen = version;
                self.shared = true;
                if let Some(current) = self.current.as_ref().filter(|current| current.generation != version) {
                    let renumbered = Credentials { generation: version, ..Credentials::clone(current) };
                    self.current = Some(Arc::new(renumbered));
                }
                self.phase = Phase::Release;
            }
            Ok(Published::Moved(found)) => {
                self.observe(found, now);
                self.phase = if self.shared { Phase::Release } else { Phase::Publish };
            }
            // What we have lives, and is used here; the others are told when the store is back.
            Err(error) => self.fail(Failure::Store(error), false, true),
        }
    }

    /// What [`Step::Release`] brought does not matter: the lease ends by itself.
    pub fn released(&mut self) {
        self.phase = self.pause_after.take().map_or(Phase::Rest, Phase::Pause);
    }

    /// [`Step::Pause`] is over.
    pub fn paused(&mut self) {
        self.phase = Phase::Rest;
    }

    /// SPEC.md §2.3: a failed refresh never displaces a live token; it is tried again, less and less often.
    fn fail(&mut self, failure: Failure<E>, lasting: bool, leased: bool) {
        self.failures += 1;
        self.counters.failed += 1;
        self.streak = self.streak.saturating_add(1);
        self.second = false;
        if let Some(condemned) = &mut self.condemned {
            condemned.failed = true;
        }
        // An answer that was lost may have kicked out what the others use: as long as we try again at once, the lease tells
        // them whose doing that is.
        let again_at_once = matches!(failure, Failure::Fetch { .. }) && !lasting && self.streak <= AT_ONCE;
        let leased = leased && !again_at_once;
        self.last = Some((failure, lasting));
        let pause = if lasting { self.policy.longest_pause } else { self.policy.pause(self.streak) };
        if leased {
            self.pause_after = Some(pause);
            self.phase = Phase::Release;
        } else {
            self.phase = Phase::Pause(pause);
        }
    }
}

/// While one refusal follows another, the shared cell is asked so often whether somebody has fetched.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// After so many failures in a row, the lease is given back between attempts.
const AT_ONCE: u32 = 3;

/// Later than any clock shows.
const FAR: UnixMillis = UnixMillis::new(u64::MAX);

fn kick(current: &Credentials, retry_at: UnixMillis, now: UnixMillis) -> Kick {
    Kick {
        generation: current.generation,
        age: now.saturating_since(current.fetched_at),
        writer: current.writer.clone(),
        fetched_at: current.fetched_at,
        retry_at,
    }
}
