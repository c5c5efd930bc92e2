//! A push through a journal: what was read is durable, and arrives whatever crashes in between.

use std::{
    collections::HashSet,
    io::IsTerminal as _,
    num::NonZeroUsize,
    path::Path,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use indicatif::{ProgressBar, ProgressStyle};
use jinlaiban::{
    BatchSize, Client, Enqueued, Event, Feed, Journal, Pusher, PusherError, PusherSettings, Record,
    RunReport, State,
};

use super::{ahead::Ahead, journal, records::Records, rejects::Rejects};
use crate::{
    context::Context,
    exit::{Exit, Failure},
    output, sandbox,
};

/// Refused records that are looked at at once.
const AT_ONCE: usize = 200;

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
    let ours = Arc::<RefusedIds>::default();
    let (told, shown) = (Arc::clone(&ours), bar.0.clone());
    let settings = settings.on_event(move |event, _| {
        if let Event::Refused { id, .. } = event {
            told.add(id);
        }
        if let Some(bar) = &shown {
            follow(bar, event);
        }
    });
    let pusher = Pusher::open(client, journal, settings).await.map_err(failure)?;
    // A journal that cannot be used does not cost the rejects of the run before.
    let is_a_file = source.as_ref().is_some_and(|(_, file)| *file != Path::new("-"));
    let keep = |(records, file): (Records, &Path)| Ok::<_, Failure>(records.keeping(Rejects::beside(file)?));
    let records = source.map(keep).transpose()?;
    let stopper = records.as_ref().map(Records::stopper).unwrap_or_default();
    let feed = pusher.feed().map_err(failure)?;
    let ahead = records.map(Ahead::new).transpose()?;
    let stop_reading = Arc::clone(&stopper);
    let feeding = async {
        let Some(mut ahead) = ahead else {
            drop(feed);
            return Ok((Fed::default(), None, None));
        };
        let mut fed = Fed::default();
        let unfed = feed_all(&feed, &mut ahead, &mut fed).await.err();
        drop(feed);
        if unfed.is_some() {
            stop_reading.store(true, Ordering::Relaxed);
        }
        Ok::<_, Failure>((fed, unfed, Some(ahead.finish().await?)))
    };
    // A task of its own, so that neither waits for the other.
    let sending = tokio::spawn(send(pusher.clone(), workers.get(), is_a_file, stopper));
    let (fed, sent) = tokio::join!(feeding, sending);
    let (report, interrupted) = sent.map_err(Failure::failed)??;
    drop(bar);
    let (fed, unfed, mut records) = fed?;
    let (rejected, repeated) = records.as_ref().map_or((0, 0), |it| (it.rejected, it.repeated));
    // What was done is told even where the journal is out of reach now.
    let looked = look_back(pusher.journal().as_ref(), &ours, records.as_mut()).await;
    let broken = records.and_then(|records| records.finish().err());
    let (left, refused, uncounted) = match looked {
        Ok((left, refused)) => (Some(left), refused, None),
        Err(error) => {
            (None, report.totals.refused.saturating_add(fed.refused), Some(journal::failure(error)))
        }
    };
    let shown = left.map_or_else(|| "?".to_owned(), |left| left.to_string());
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

async fn feed_all(feed: &Feed, ahead: &mut Ahead, fed: &mut Fed) -> Result<(), Failure> {
    loop {
        let (lines, records): (Vec<u64>, Vec<Record>) =
            ahead.next().await.into_iter().map(|placed| (placed.line, placed.record)).unzip();
        if lines.is_empty() {
            return Ok(());
        }
        let outcomes = feed.enqueue(&records).await.map_err(journal::failure)?;
        for (line, outcome) in lines.into_iter().zip(outcomes) {
            fed.take(line, outcome);
        }
    }
}

impl Fed {
    fn take(&mut self, line: u64, outcome: Enqueued) {
        match outcome {
            Enqueued::Known(State::Refused) => {
                self.refused = self.refused.saturating_add(1);
                eprintln!("duijie: line {line}: the platform has refused this record before");
            }
            Enqueued::Known(_) => self.known = self.known.saturating_add(1),
            Enqueued::Replaced(state) => {
                self.resent = self.resent.saturating_add(1);
                eprintln!(
                    "duijie: line {line}: the id is in the journal with other content, {state}; this one is sent"
                );
            }
            // Repeats were told apart while reading: where the journal says so, it was asked twice.
            _ => {}
        }
    }
}

/// The records that the platform refused when this process sent them.
#[derive(Default)]
struct RefusedIds(Mutex<HashSet<String>>);

impl RefusedIds {
    fn add(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
    }

    fn len(&self) -> u64 {
        u64::try_from(self.0.lock().unwrap_or_else(PoisonError::into_inner).len()).unwrap_or(u64::MAX)
    }

    fn has(&self, id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }
}

/// How many records the journal still has to send; and how many were refused, whoever sent them: another process on the
/// same journal may have got a record of this file, and its refusal.
async fn look_back(
    journal: &dyn Journal,
    ours: &RefusedIds,
    mut records: Option<&mut Records>,
) -> Result<(u64, u64), jinlaiban::StateError> {
    // What was accepted is deleted, and must not stay in a log either.
    if let Err(error) = journal.tidy().await {
        eprintln!("duijie: what was deleted may still be in the journal's log: {error}");
    }
    let counts = journal.counts().await?;
    let mut refused = ours.len();
    let mut from = None;
    while let Some(records) = records.as_mut().filter(|_| counts.refused > 0) {
        let page = journal.export(State::Refused, from, AT_ONCE).await?;
        for exported in page.records {
            let record = exported.content.and_then(|content| Record::from_json(&content).ok());
            if !ours.has(&exported.id) && record.is_some_and(|record| records.had(&record)) {
                refused = refused.saturating_add(1);
            }
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    Ok((counts.open(), refused))
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
