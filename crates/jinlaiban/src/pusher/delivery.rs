//! One batch: sent until everything in it is settled, or given back.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use platform_state::{Claim, Claimed, Ticket, Verdict};
use sign_core::shown;

use super::aside::Held;
use super::bisect::{Bisection, Next, Part, Trust};
use super::{Event, PusherError, Shared, add};
use crate::batch::Batch;
use crate::encode::{encoded_array_len, encoded_record_len};
use crate::error::{Outcome, PushError, Refused};
use crate::record::Record;
use crate::reply::Status;

/// How a batch ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// All of it is accepted or refused.
    Settled,
    /// The run ends; what was not settled is given back.
    Stopped,
    /// Another one has the batch.
    Lost,
    /// Others go first: they show whether it is about its records.
    Aside(Box<Held>),
}

/// What became of a part of a batch.
enum Answer {
    Accepted,
    Refused(Refused),
    Unknown(PushError),
    Stopped,
}

impl Shared {
    /// Sends a batch that was claimed.
    pub(super) async fn deliver(&self, claim: Claim) -> Result<Ended, PusherError> {
        let ticket = claim.ticket;
        match self.held(claim) {
            Ok(held) => self.resume(held, false).await,
            Err(error) => {
                self.journal.release(ticket, false).await?;
                Err(error)
            }
        }
    }

    /// Sends what is left of a batch, and keeps its lease meanwhile. `last`: there is nothing else to try.
    pub(super) async fn resume(&self, mut held: Held, last: bool) -> Result<Ended, PusherError> {
        if last && self.counters.totals().accepted > held.accepted {
            held.bisection.accepted();
        }
        let ticket = held.ticket;
        tokio::select! {
            // What has just been settled is settled, although its lease is void since then.
            biased;
            ended = (Delivery { shared: self, held, last }).run() => ended,
            () = self.keep(ticket) => Ok(Ended::Lost),
        }
    }

    fn held(&self, claim: Claim) -> Result<Held, PusherError> {
        let read = |item: Claimed| match Record::from_json(&item.content) {
            Ok(record) if record.id() == item.id => Ok((item.place, record)),
            _ => Err(PusherError::Content { id: item.id }),
        };
        let items = claim.items.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        // As long as nobody knows whether the platform takes anything, one batch has all the tries.
        let thorough = !self.aside.in_doubt();
        let bisection = Bisection::new(self.parts(&items).into_iter(), thorough);
        Ok(Held { ticket: claim.ticket, items, bisection, doubt: false, why: None, accepted: 0, over: false })
    }

    /// A batch of an unknown outcome comes as it was sent, perhaps with other limits than ours.
    fn parts(&self, items: &[(u64, Record)]) -> Vec<std::ops::Range<usize>> {
        let size = self.settings.size;
        let (mut parts, mut start, mut length) = (Vec::new(), 0, 0_usize);
        for (place, (_, record)) in items.iter().enumerate() {
            let more = encoded_record_len(record);
            let count = place - start + 1;
            // SPEC.md §3: at most 2000. Fewer than that are sent together again.
            let full =
                count > Batch::MAX || encoded_array_len(length.saturating_add(more), count) > size.bytes();
            if count > 1 && full {
                parts.push(start..place);
                (start, length) = (place, 0);
            }
            length = length.saturating_add(more);
        }
        parts.push(start..items.len());
        parts
    }

    /// Renews a lease until it is lost.
    async fn keep(&self, ticket: Ticket) {
        loop {
            tokio::time::sleep(self.settings.lease / 3).await;
            match self.journal.renew(ticket, self.settings.lease).await {
                Ok(true) => {}
                Ok(false) => return,
                // Whoever settles will meet it, too.
                Err(error) => tracing::warn!(%error, "the lease of a batch is not renewed"),
            }
        }
    }

    /// What is known of the platform right now.
    async fn trust(&self, last: bool) -> Result<Trust, PusherError> {
        Ok(match (self.aside.has_accepted(), last) {
            (true, true) => Trust::Rest,
            (true, false) => Trust::Others,
            (false, true) if self.journal.counts().await?.accepted > 0 => Trust::Before,
            (false, _) => Trust::Never,
        })
    }

    fn pauses(&self) -> ExponentialBackoff {
        // A seed that cannot be drawn makes the pauses less random, no more.
        let seed = self.client.draw().map_or(0, u64::from_le_bytes);
        ExponentialBuilder::default()
            .with_min_delay(self.settings.first_pause)
            .with_max_delay(self.settings.longest_pause)
            .without_max_times()
            .with_jitter()
            .with_jitter_seed(seed)
            .build()
    }
}

/// How the sending of a batch ended.
enum Step {
    Settled,
    Stopped,
    Lost,
    Aside,
}

struct Delivery<'a> {
    shared: &'a Shared,
    held: Held,
    /// Is there nothing else to try?
    last: bool,
}

impl Delivery<'_> {
    async fn run(mut self) -> Result<Ended, PusherError> {
        match self.send_all().await {
            Ok(Step::Settled) => Ok(Ended::Settled),
            Ok(Step::Lost) => Ok(Ended::Lost),
            Ok(Step::Aside) => Ok(Ended::Aside(Box::new(self.held))),
            Ok(Step::Stopped) => {
                self.shared.give_back(&self.held).await;
                Ok(Ended::Stopped)
            }
            Err(error) => {
                self.shared.give_back(&self.held).await;
                Err(error)
            }
        }
    }

    async fn send_all(&mut self) -> Result<Step, PusherError> {
        let mut trust = self.shared.trust(self.last).await?;
        // It has had its tries, and nothing was accepted since.
        if let (true, Trust::Never, Some(why)) = (self.last, trust, &self.held.why) {
            return Err(why.clone());
        }
        loop {
            // Others may have been accepted meanwhile.
            if trust == Trust::Never && self.shared.aside.has_accepted() {
                trust = self.shared.trust(self.last).await?;
            }
            let part = match self.held.bisection.next(trust) {
                Next::Done if self.held.bisection.left_unknown() > 0 => {
                    self.held.over = true;
                    return Ok(Step::Aside);
                }
                Next::Done => return Ok(Step::Settled),
                Next::Send(part) => part,
                Next::Stuck if !self.last => return Ok(Step::Aside),
                Next::Stuck => return self.held.why.clone().map_or(Ok(Step::Stopped), Err),
            };
            match self.send(&part).await? {
                Answer::Stopped => return Ok(Step::Stopped),
                Answer::Accepted => {
                    if !self.settle(&part, &Verdict::Accepted).await? {
                        return Ok(Step::Lost);
                    }
                    self.held.bisection.accepted();
                    self.shared.aside.accepted();
                    trust = self.shared.trust(self.last).await?;
                    add(&self.shared.counters.accepted, part.range.len());
                    self.shared.tell(Event::Accepted { records: part.range.len() });
                }
                Answer::Refused(refused) => {
                    let again = refused.status().is_retryable();
                    if self.held.bisection.refused(part.clone(), trust, !again) {
                        let (code, message) =
                            (refused.status().as_str().to_owned(), shown(refused.msg()).into_owned());
                        if !self.settle(&part, &Verdict::Refused { code, message }).await? {
                            return Ok(Step::Lost);
                        }
                        self.tell_refused(&part, &refused);
                        if self.shared.aside.refused() {
                            return Err(PusherError::RefusesAll(refused));
                        }
                    } else {
                        self.tell_halved(&part, &refused);
                        self.held.why = Some(PusherError::RefusesAll(refused));
                    }
                    if again {
                        // SPEC.md §3: `300` may be about the platform: it is given time.
                        self.shared.pause(self.shared.settings.first_pause / 8).await;
                    }
                }
                Answer::Unknown(error) => {
                    // Before it is halved, others show whether the platform answers at all.
                    let first = !self.last && part.thorough && part.range.len() > 1;
                    if first || trust == Trust::Never {
                        self.held.bisection.later(part);
                        self.held.why = Some(PusherError::Failed(error.clone()));
                        return if self.last { Err(PusherError::Failed(error)) } else { Ok(Step::Aside) };
                    }
                    if !self.held.bisection.unknown(part.clone()) {
                        self.tell_halved(&part, &error);
                    }
                    self.held.why = Some(PusherError::Failed(error));
                    self.shared.pause(self.shared.settings.first_pause / 8).await;
                }
            }
        }
    }

    fn tell_halved(&self, part: &Part, error: &dyn core::error::Error) {
        if part.range.len() > 1 {
            tracing::info!(records = part.range.len(), %error, "not accepted; halving the batch");
            self.shared.tell(Event::Halved { records: part.range.len() });
        }
    }

    fn tell_refused(&self, part: &Part, refused: &Refused) {
        add(&self.shared.counters.refused, part.range.len());
        for (_, record) in self.held.items.get(part.range.clone()).unwrap_or_default() {
            tracing::warn!(id = %shown(record.id()), error = %refused, "record refused");
            self.shared.tell(Event::Refused { id: record.id(), refusal: refused });
        }
    }

    async fn settle(&self, part: &Part, verdict: &Verdict) -> Result<bool, PusherError> {
        let items = self.held.items.get(part.range.clone()).unwrap_or_default();
        let verdicts = items.iter().map(|(place, _)| (*place, verdict.clone())).collect();
        Ok(self.shared.journal.settle(self.held.ticket, verdicts).await?)
    }

    /// Sends a part until its outcome is known. Each time it is signed anew.
    async fn send(&mut self, part: &Part) -> Result<Answer, PusherError> {
        let shared = self.shared;
        let records = self.held.items.get(part.range.clone()).unwrap_or_default();
        let batch = Batch::new(records.iter().map(|(_, record)| record.clone()).collect());
        let batch = batch.map_err(PusherError::Batch)?;
        let mut pauses = shared.pauses();
        let mut attempt = 0_u32;
        loop {
            if shared.is_stopping() {
                return Ok(Answer::Stopped);
            }
            attempt = attempt.saturating_add(1);
            add(&shared.counters.requests, 1);
            let error = match shared.client.push(&batch).await {
                Ok(_) => {
                    tracing::debug!(records = batch.len(), attempt, "batch accepted");
                    return Ok(Answer::Accepted);
                }
                Err(error) => error,
            };
            if error.outcome() == Outcome::Unknown {
                self.held.doubt = true;
                add(&shared.counters.unknown, 1);
            }
            match error {
                // SPEC.md §3: do not retry, call the operator.
                PushError::Refused(refused) if *refused.status() == Status::NO_PERMISSION => {
                    return Err(PusherError::Forbidden(refused));
                }
                // SPEC.md §3: `300` is tried again, then it may be a record's fault.
                PushError::Refused(refused)
                    if !refused.status().is_retryable()
                        || attempt >= if part.thorough { shared.settings.tries } else { 1 } =>
                {
                    return Ok(Answer::Refused(refused));
                }
                // SPEC.md §3: an unknown outcome is tried again, and then others are.
                error
                    if error.outcome() == Outcome::Unknown
                        && attempt >= if part.thorough { shared.settings.tries } else { 1 } =>
                {
                    return Ok(Answer::Unknown(error));
                }
                error if !error.is_retryable() || attempt >= shared.settings.tries => {
                    return Err(PusherError::Failed(error));
                }
                error => {
                    tracing::warn!(records = batch.len(), attempt, %error, "batch not accepted; trying again");
                    shared.tell(Event::Again { records: batch.len(), attempt, error: &error });
                }
            }
            shared.pause(pauses.next().unwrap_or(Duration::ZERO)).await;
        }
    }
}
