//! One batch: sent until everything in it is settled, or given back.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use platform_state::{Claim, Claimed, Ticket, Verdict};
use sign_core::shown;

use super::bisect::{Bisection, Next, Part};
use super::{Event, PusherError, Shared, add};
use crate::batch::Batch;
use crate::encode::{encoded_array_len, encoded_record_len};
use crate::error::{Outcome, PushError, Refused};
use crate::record::Record;
use crate::reply::Status;

/// How a batch ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// All of it is accepted or refused.
    Settled,
    /// The run ends; what was not settled is given back.
    Stopped,
    /// Another one has the batch.
    Lost,
}

/// What became of a part of a batch.
enum Answer {
    Accepted,
    Refused(Refused),
    Stopped,
}

impl Shared {
    /// Sends a batch, and keeps its lease meanwhile.
    pub(super) async fn deliver(&self, claim: Claim) -> Result<Ended, PusherError> {
        let ticket = claim.ticket;
        let delivery = match Delivery::new(self, claim) {
            Ok(delivery) => delivery,
            Err(error) => {
                self.journal.release(ticket, false).await?;
                return Err(error);
            }
        };
        tokio::select! {
            ended = delivery.run() => ended,
            () = self.keep(ticket) => Ok(Ended::Lost),
        }
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

struct Delivery<'a> {
    shared: &'a Shared,
    ticket: Ticket,
    items: Vec<(u64, Record)>,
    /// Was a request's outcome unknown?
    doubt: bool,
}

impl<'a> Delivery<'a> {
    fn new(shared: &'a Shared, claim: Claim) -> Result<Self, PusherError> {
        let read = |item: Claimed| match Record::from_json(&item.content) {
            Ok(record) if record.id() == item.id => Ok((item.place, record)),
            _ => Err(PusherError::Content { id: item.id }),
        };
        let items = claim.items.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { shared, ticket: claim.ticket, items, doubt: false })
    }

    async fn run(mut self) -> Result<Ended, PusherError> {
        let ended = self.send_all().await;
        if !matches!(ended, Ok(Ended::Settled | Ended::Lost)) {
            // SPEC.md §3: no reply is an unknown outcome, not a failure.
            let held = self.shared.journal.release(self.ticket, self.doubt).await;
            if let Err(error) = held {
                tracing::warn!(%error, "a batch is not given back; its lease will end");
            }
        }
        ended
    }

    async fn send_all(&mut self) -> Result<Ended, PusherError> {
        let trusted = self.shared.counters.totals().accepted > 0;
        let mut bisection = Bisection::new(self.parts().into_iter(), trusted);
        let mut refusal = None;
        loop {
            let part = match bisection.next() {
                Next::Done => return Ok(Ended::Settled),
                Next::Send(part) => part,
                Next::Hopeless => {
                    return match refusal {
                        Some(refusal) => Err(PusherError::RefusesAll(refusal)),
                        // Nothing is hopeless before something was refused.
                        None => Ok(Ended::Stopped),
                    };
                }
            };
            match self.send(&part).await? {
                Answer::Stopped => return Ok(Ended::Stopped),
                Answer::Accepted => {
                    if !self.settle(&part, &Verdict::Accepted).await? {
                        return Ok(Ended::Lost);
                    }
                    bisection.accepted();
                    add(&self.shared.counters.accepted, part.range.len());
                    self.shared.tell(Event::Accepted { records: part.range.len() });
                }
                Answer::Refused(refused) => {
                    let whole = part.clone();
                    if bisection.refused(part).is_some() {
                        let (code, message) =
                            (refused.status().as_str().to_owned(), shown(refused.msg()).into_owned());
                        if !self.settle(&whole, &Verdict::Refused { code, message }).await? {
                            return Ok(Ended::Lost);
                        }
                        self.tell_refused(&whole, &refused);
                    } else if whole.range.len() > 1 {
                        tracing::info!(records = whole.range.len(), error = %refused, "refused; halving the batch");
                        self.shared.tell(Event::Halved { records: whole.range.len() });
                    }
                    refusal = Some(refused);
                }
            }
        }
    }

    fn tell_refused(&self, part: &Part, refused: &Refused) {
        add(&self.shared.counters.refused, part.range.len());
        for (_, record) in self.items.get(part.range.clone()).unwrap_or_default() {
            tracing::warn!(id = %shown(record.id()), error = %refused, "record refused");
            self.shared.tell(Event::Refused { id: record.id(), refusal: refused });
        }
    }

    /// A batch of an unknown outcome comes as it was sent, perhaps with other limits than ours.
    fn parts(&self) -> Vec<std::ops::Range<usize>> {
        let size = self.shared.settings.size;
        let (mut parts, mut start, mut length) = (Vec::new(), 0, 0_usize);
        for (place, (_, record)) in self.items.iter().enumerate() {
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
        parts.push(start..self.items.len());
        parts
    }

    async fn settle(&self, part: &Part, verdict: &Verdict) -> Result<bool, PusherError> {
        let items = self.items.get(part.range.clone()).unwrap_or_default();
        let verdicts = items.iter().map(|(place, _)| (*place, verdict.clone())).collect();
        Ok(self.shared.journal.settle(self.ticket, verdicts).await?)
    }

    /// Sends a part until its outcome is known. Each time it is signed anew.
    async fn send(&mut self, part: &Part) -> Result<Answer, PusherError> {
        let shared = self.shared;
        let records = self.items.get(part.range.clone()).unwrap_or_default();
        let batch = Batch::new(records.iter().map(|(_, record)| record.clone()).collect());
        // Neither no records nor too many: a part is never empty, and `parts` has split them.
        let Ok(batch) = batch else { return Ok(Answer::Accepted) };
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
                self.doubt = true;
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
