//! `duijie jinlaiban push`: every record of a file, in batches, each tried until its outcome is known.

use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

use jinlaiban::{Batch, BatchSize, Client, Credentials, PushError};
use sign_core::shown;

use super::{durable, journal::JournalArgs, records::Records, rejects::Rejects};
use crate::{
    context::{Context, required},
    exit::{Exit, Failure},
    output,
    secret::SecretArgs,
};

/// `300` and unknown outcomes are tried again so often, SPEC.md §3 of the crate `jinlaiban`.
const TRIES: u32 = 5;
/// Before the second try; doubled before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// `duijie jinlaiban push`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The records: `.jsonl` (one a line), `.json` (an array), `.csv` (UTF-8, the header names the members, an empty
    /// cell is none), or `-` for lines from stdin. A corrected `.rejected.jsonl` is pushed like any other.
    /// With a journal it may be missing: what the journal holds is sent.
    #[arg(required_unless_present_any = ["spool", "state"])]
    file: Option<PathBuf>,
    /// The platform's address, given by its operator.
    #[arg(long, value_name = "URL", env = "JINLAIBAN_BASE_URL")]
    base_url: Option<String>,
    /// Assigned by the platform.
    #[arg(long, value_name = "CODE", env = "JINLAIBAN_APPCODE")]
    appcode: Option<String>,
    /// Assigned by the platform.
    #[arg(long, value_name = "CODE", env = "JINLAIBAN_MODULECODE")]
    modulecode: Option<String>,
    /// Records a batch, at most 2000.
    #[arg(long, value_name = "N", default_value_t = Batch::MAX)]
    batch: usize,
    /// Bytes a batch, as it travels; a record that is longer by itself is rejected.
    #[arg(long, value_name = "BYTES", default_value_t = BatchSize::DEFAULT_BYTES)]
    max_bytes: usize,
    /// How many batches of a journal are sent at once. Without one, they are sent one after the other.
    #[arg(long, value_name = "N", default_value = "2")]
    workers: NonZeroUsize,
    #[command(flatten)]
    journal: JournalArgs,
    #[command(flatten)]
    secret: SecretArgs,
}

/// What became of the records.
#[derive(Default)]
struct Summary {
    accepted: usize,
    rejected: u64,
    repeated: u64,
    batches: u64,
    left: usize,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let size = BatchSize::new(args.batch).map_err(|error| Failure::usage(format!("--batch: {error}")))?;
    let size = size.max_bytes(args.max_bytes);
    let client = client(context, args)?;
    let open = |file: &PathBuf| Records::open(file, size, Rejects::nowhere());
    if context.dry_run {
        let Some(file) = &args.file else { return Err(Failure::usage("--dry-run wants a file of records")) };
        return dry_run(context, &client, open(file)?, size);
    }
    // A file that cannot be read does not cost the rejects of the run before, nor does a journal that cannot be opened.
    let records = args.file.as_ref().map(open).transpose()?;
    if let Some(journal) = args.journal.open().await? {
        let source = records.zip(args.file.as_deref());
        return durable::run(context, client, journal, source, size, args.workers).await;
    }
    let missing = || Failure::usage("name a file of records, or - for stdin");
    let (Some(records), Some(file)) = (records, &args.file) else { return Err(missing()) };
    let mut records = records.keeping(Rejects::beside(file)?);
    let (summary, failure) = push_all(&client, &mut records, size, args.is_a_file()).await;
    // A broken file is told even where a batch failed before.
    let broken = records.finish().err();
    if let (Some(_), Some(broken)) = (&failure, &broken) {
        eprintln!("duijie: {broken}");
    }
    let failure = failure.map(Failure::failed).or(broken);
    tell(context, &summary, failure.as_ref())?;
    match failure {
        // Never exit 4: unknown outcomes were tried again.
        Some(failure) if context.json => {
            eprintln!("duijie: {failure}");
            Ok(failure.exit)
        }
        Some(failure) => Err(failure),
        None if summary.rejected > 0 => Ok(Exit::Rejected),
        None => Ok(Exit::Done),
    }
}

impl Args {
    fn is_a_file(&self) -> bool {
        self.file.as_ref().is_none_or(|file| file.as_os_str() != "-")
    }
}

/// Pushes batch after batch while the file is read. Behind a batch that failed for good, a file is read to its end, so
/// that all rejects are known and what is left is counted; a pipe may never end, and is left alone.
async fn push_all(
    client: &Client,
    records: &mut Records,
    size: BatchSize,
    count_rest: bool,
) -> (Summary, Option<PushError>) {
    let mut summary = Summary::default();
    let mut failure = None;
    let mut batches = Batch::split_by(&mut *records, size);
    // Reading waits for the disk or for whoever writes into the pipe.
    while let Some(batch) = tokio::task::block_in_place(|| batches.next()) {
        if failure.is_some() {
            summary.left += batch.len();
            continue;
        }
        match push(client, &batch).await {
            Ok(()) => {
                summary.accepted += batch.len();
                summary.batches = summary.batches.saturating_add(1);
            }
            Err(error) => {
                failure = Some(error);
                summary.left += batch.len();
                if !count_rest {
                    break;
                }
            }
        }
    }
    (summary.rejected, summary.repeated) = (records.rejected, records.repeated);
    (summary, failure)
}

fn tell(context: &Context, summary: &Summary, failure: Option<&Failure>) -> Result<Exit, Failure> {
    let Summary { accepted, rejected, repeated, batches, left } = summary;
    if context.json {
        return output::json(&serde_json::json!({
            "accepted": accepted, "rejected": rejected, "repeated": repeated, "batches": batches,
            "left": left, "error": failure.map(ToString::to_string),
        }));
    }
    output::whole(|out| match context.lang.pick(true, false) {
        true => writeln!(
            out,
            "已接收 {accepted} 条（{batches} 批），拒绝 {rejected} 条，重复 {repeated} 条，未送达 {left} 条"
        ),
        false => writeln!(
            out,
            "accepted {accepted} in {batches} batches, rejected {rejected}, repeated {repeated}, left {left}"
        ),
    })
}

fn client(context: &Context, args: &Args) -> Result<Client, Failure> {
    let profile = &context.profile.jinlaiban;
    let base_url =
        required("--base-url", "JINLAIBAN_BASE_URL", args.base_url.as_ref(), profile.base_url.as_ref())?;
    let appcode =
        required("--appcode", "JINLAIBAN_APPCODE", args.appcode.as_ref(), profile.appcode.as_ref())?;
    let modulecode = required(
        "--modulecode",
        "JINLAIBAN_MODULECODE",
        args.modulecode.as_ref(),
        profile.modulecode.as_ref(),
    )?;
    let secret = args.secret.find("JINLAIBAN_APPSECRET", profile.secret.as_ref())?;
    let credentials = Credentials::new(appcode, modulecode, secret).map_err(Failure::usage)?;
    Client::builder(credentials).http(context.http(&base_url)?).build().map_err(Failure::usage)
}

/// Pushes a batch until it is accepted, refused for good, or tried often enough.
async fn push(client: &Client, batch: &Batch) -> Result<(), PushError> {
    let mut pause = FIRST_PAUSE;
    for attempt in 1_u32.. {
        match client.push(batch).await {
            Ok(receipt) => {
                tracing::info!(records = batch.len(), msg = %shown(receipt.msg()), "batch accepted");
                return Ok(());
            }
            // 302 is not retryable, so it stops at once: the operator must be called.
            Err(error) if attempt >= TRIES || !error.is_retryable() => return Err(error),
            Err(error) => tracing::warn!(attempt, %error, "batch not accepted; trying again"),
        }
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2);
    }
    Ok(())
}

fn dry_run(
    context: &Context,
    client: &Client,
    mut records: Records,
    size: BatchSize,
) -> Result<Exit, Failure> {
    let mut requests = Vec::new();
    for batch in Batch::split_by(&mut records, size) {
        requests.push(client.prepare(&batch).map_err(Failure::failed)?.to_string());
    }
    let (rejected, repeated) = (records.rejected, records.repeated);
    records.finish()?;
    tracing::info!(rejected, repeated, "nothing was sent");
    let exit = context.preview(&client.base_url().to_string(), &requests)?;
    Ok(if rejected > 0 { Exit::Rejected } else { exit })
}
