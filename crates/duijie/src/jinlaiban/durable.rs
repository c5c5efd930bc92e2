//! A push through a journal: what was read is durable, and arrives whatever crashes in between.

use std::{
    io::IsTerminal as _,
    num::NonZeroUsize,
    path::Path,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use indicatif::{ProgressBar, ProgressStyle};
use jinlaiban::{
    BatchSize, Client, Enqueued, Event, Feed, Found, Journal, Pusher, PusherError, PusherSettings, RunReport,
    Sighting, State,
};

use super::{journal, records::Records, rejects::Rejects};
use crate::{
    context::Context,
    exit::{Exit, Failure},
    output, sandbox,
};

/// Records that are made durable at once.
const AT_ONCE: usize = 2000;

/// What became of the records of a file.
#[derive(Default)]
struct Fed {
    /// Accepted, or on their way, by an earlier run.
    known: u64,
    /// There before with other content.
    resent: u64,
    /// There before, and refused.
    refused: u64,
}

/// Feeds the records, if there are any, and sends everything that the journal holds.
pub(super) async fn run(
    context: &Context,
    client: Client,
    journal: Arc<dyn Journal>,
    source: Option<(Records, &Path)>,
    size: BatchSize,
    workers: NonZeroUsize,
) -> Result<Exit, Failure> {
    let bar = Bar::new(journal.counts().await.map_err(journal::failure)?.open());
    let mut settings = PusherSettings::default();
    settings.size = size;
    let settings = match bar.0.clone() {
        Some(bar) => settings.on_event(move |event, _| follow(&bar, event)),
        None => settings,
    };
    let pusher = Pusher::open(client, journal, settings).await.map_err(failure)?;
    // A journal that cannot be used does not cost the rejects of the run before.
    let is_a_file = source.as_ref().is_some_and(|(_, file)| *file != Path::new("-"));
    let keep = |(records, file): (Records, &Path)| {
        Ok::<_, Failure>(records.without_repeats().keeping(Rejects::beside(file)?))
    };
    let mut records = source.map(keep).transpose()?;
    let stopper = records.as_ref().map(Records::stopper).unwrap_or_default();
    let feed = pusher.feed().map_err(failure)?;
    let feeding = async {
        let fed = match &mut records {
            Some(records) => feed_all(&feed, records).await,
            None => Ok(Fed::default()),
        };
        drop(feed);
        fed
    };
    // A task of its own: reading may wait for long.
    let sending = tokio::spawn(send(pusher.clone(), workers.get(), is_a_file, stopper));
    let (fed, sent) = tokio::join!(feeding, sending);
    let (report, interrupted) = sent.map_err(Failure::failed)??;
    drop(bar);
    let (rejected, repeated) = records.as_ref().map_or((0, 0), |it| (it.rejected, it.repeated));
    let broken = records.and_then(|records| records.finish().err());
    let (fed, unfed) = match fed {
        Ok(fed) => (fed, None),
        Err(error) => (Fed::default(), Some(error)),
    };
    // What was done is told even where the journal is out of reach now.
    let (left, uncounted) = match pusher.journal().counts().await {
        Ok(counts) => (Some(counts.open()), None),
        Err(error) => (None, Some(journal::failure(error))),
    };
    let shown = left.map_or_else(|| "?".to_owned(), |left| left.to_string());
    let refused = report.totals.refused.saturating_add(fed.refused);
    let interrupted = interrupted.then(|| {
        Failure::failed(format!(
            "interrupted; {shown} records stay in the journal: run the same command again"
        ))
    });
    let failure = [report.ended.err().map(failure), unfed, broken, interrupted, uncounted]
        .into_iter()
        .flatten()
        .reduce(|first, other| {
            eprintln!("duijie: {other}");
            first
        })
        .or_else(|| refusals(refused))
        .or_else(|| {
            (left != Some(0))
                .then(|| Failure::failed(format!("stopped; {shown} records stay in the journal")))
        });
    let totals = report.totals;
    let Fed { known, resent, .. } = fed;
    if context.json {
        output::json(&serde_json::json!({
            "accepted": totals.accepted, "rejected": rejected, "repeated": repeated, "batches": totals.requests,
            "left": left, "refused": refused, "known": known, "resent": resent,
            "error": failure.as_ref().map(ToString::to_string),
        }))?;
    } else {
        output::whole(|out| match context.lang.pick(true, false) {
            true => writeln!(
                out,
                "已接收 {} 条（{} 次请求），拒绝 {rejected} 条，平台拒绝 {refused} 条，重复 {repeated} 条，此前已提交 {known} 条，未送达 {shown} 条",
                totals.accepted, totals.requests
            ),
            false => writeln!(
                out,
                "accepted {} in {} requests, rejected {rejected}, refused {refused}, repeated {repeated}, known {known}, \
                 left {shown}",
                totals.accepted, totals.requests
            ),
        })?;
    }
    match failure {
        // Never exit 4: unknown outcomes were tried again. 1 goes before 3.
        Some(failure) if context.json => {
            eprintln!("duijie: {failure}");
            Ok(failure.exit)
        }
        Some(failure) => Err(failure),
        None if rejected > 0 => Ok(Exit::Rejected),
        None => Ok(Exit::Done),
    }
}

fn refusals(refused: u64) -> Option<Failure> {
    (refused > 0).then(|| {
        Failure::failed(format!(
            "the platform refused {refused} records, each by itself: `duijie jinlaiban export --state refused` shows \
             them; correct and push them, or queue them again with `duijie jinlaiban retry`"
        ))
    })
}

fn failure(error: PusherError) -> Failure {
    match error {
        PusherError::Journal(error) => journal::failure(error),
        PusherError::Target { .. } => Failure::usage(error),
        error => Failure::failed(error),
    }
}

/// Sends until everything is settled, the run fails, or somebody stops this process. Was it the last?
async fn send(
    pusher: Pusher,
    workers: usize,
    is_a_file: bool,
    stopper: Arc<AtomicBool>,
) -> Result<(RunReport, bool), Failure> {
    let mut run = pin!(pusher.run(workers));
    let ended = tokio::select! {
        // The run begins before it can be stopped.
        biased;
        report = &mut run => Some(report),
        () = sandbox::stopped() => None,
    };
    let interrupted = ended.is_none();
    let report = match ended {
        Some(report) => report,
        None => {
            pusher.stop();
            stopper.store(true, Ordering::Relaxed);
            eprintln!("duijie: stopping; what is on its way is finished, the rest stays in the journal");
            tokio::select! {
                biased;
                report = run => report,
                () = sandbox::stopped() => {
                    return Err(Failure::failed(
                        "interrupted at once; what was on its way is sent again by the next run, after a while",
                    ));
                }
            }
        }
    };
    // Behind a failure a file is read to its end: it is durable then, and all rejects are known. A pipe may never end.
    if !is_a_file {
        stopper.store(true, Ordering::Relaxed);
    }
    Ok((report, interrupted))
}

async fn feed_all(feed: &Feed, records: &mut Records) -> Result<Fed, Failure> {
    let mut fed = Fed::default();
    loop {
        let mut batch = Vec::with_capacity(AT_ONCE);
        // Reading waits for the disk or for whoever writes into the pipe.
        tokio::task::block_in_place(|| {
            while batch.len() < AT_ONCE {
                let Some(found) = records.next_found() else { break };
                batch.push(found);
            }
        });
        if batch.is_empty() {
            return Ok(fed);
        }
        let (found, given): (Vec<_>, Vec<_>) = batch.into_iter().map(split).unzip();
        let outcomes = feed.enqueue(&given).await.map_err(journal::failure)?;
        for (found, outcome) in found.into_iter().zip(outcomes) {
            fed.take(found, outcome, records)?;
        }
    }
}

/// The record stays with its place in the file: it may yet be rejected.
fn split(found: Found) -> (Found, jinlaiban::Record) {
    let record = found.record.clone();
    (found, record)
}

impl Fed {
    fn take(&mut self, found: Found, outcome: Enqueued, records: &mut Records) -> Result<(), Failure> {
        match outcome {
            Enqueued::Known(State::Refused) => {
                self.refused = self.refused.saturating_add(1);
                eprintln!("duijie: line {}: the platform has refused this record before", found.line);
            }
            Enqueued::Known(_) => self.known = self.known.saturating_add(1),
            Enqueued::Replaced(state) => {
                self.resent = self.resent.saturating_add(1);
                eprintln!(
                    "duijie: line {}: the id is in the journal with other content, {state}; this one is sent",
                    found.line
                );
            }
            Enqueued::Repeated => records.repeated = records.repeated.saturating_add(1),
            // SPEC.md §3 of the crate `jinlaiban`: of different records with one id, the second is rejected.
            Enqueued::Taken => records.reject(found.reject(Sighting::conflict()))?,
            _ => {}
        }
        Ok(())
    }
}

const STYLE: &str = "{bar:30} {pos}/{len} {per_sec} {eta}";

/// A bar on stderr, where somebody looks at it.
struct Bar(Option<ProgressBar>);

impl Bar {
    fn new(open: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(open);
            bar.set_style(
                ProgressStyle::with_template(STYLE).unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar
        });
        Self(bar)
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

fn follow(bar: &ProgressBar, event: &Event<'_>) {
    let count = |records: &usize| u64::try_from(*records).unwrap_or(u64::MAX);
    match event {
        Event::Queued { records } => bar.inc_length(count(records)),
        Event::Accepted { records } => bar.inc(count(records)),
        Event::Refused { .. } => bar.inc(1),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_right() {
        assert!(ProgressStyle::with_template(STYLE).is_ok());
    }
}
