//! `duijie jinlaiban push`: every record of a file, in batches, each tried until its outcome is known.

use std::{
    fs,
    io::{self, BufRead, BufReader, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use jinlaiban::{BaseUrl, Batch, BatchSize, Client, Credentials, PushError};
use sign_core::shown;

use super::reader::{Contents, Format, Reject, read};
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
    /// The records: `.jsonl` (one a line), `.json` (an array), or `-` for lines from stdin.
    file: PathBuf,
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
    #[command(flatten)]
    secret: SecretArgs,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let format = Format::of(&args.file)?;
    let size = BatchSize::new(args.batch).map_err(|error| Failure::usage(format!("--batch: {error}")))?;
    let client = client(context, args)?;
    let input = open(&args.file)?;
    if context.dry_run {
        return dry_run(context, &client, read(input, format)?, size);
    }
    // What the run before rejected says nothing about this one, however it ends.
    keep_rejects(&args.file, &[])?;
    let contents = read(input, format)?;
    tell_rejects(&contents.rejects);
    keep_rejects(&args.file, &contents.rejects)?;
    let (rejected, repeated, total) = (contents.rejects.len(), contents.repeated, contents.records.len());
    let (mut accepted, mut batches) = (0, 0_u64);
    let mut failure = None;
    for batch in Batch::split_by(contents.records, size) {
        match push(&client, &batch).await {
            Ok(()) => {
                accepted += batch.len();
                batches = batches.saturating_add(1);
            }
            Err(error) => {
                failure = Some(error);
                break;
            }
        }
    }
    if context.json {
        output::json(&serde_json::json!({
            "accepted": accepted, "rejected": rejected, "repeated": repeated, "batches": batches,
            "left": total - accepted, "error": failure.as_ref().map(ToString::to_string),
        }))?;
    } else {
        let left = total - accepted;
        output::whole(|out| match context.lang.pick(true, false) {
            true => writeln!(
                out,
                "已接收 {accepted} 条（{batches} 批），拒绝 {rejected} 条，重复 {repeated} 条，未送达 {left} 条"
            ),
            false => writeln!(
                out,
                "accepted {accepted} in {batches} batches, rejected {rejected}, repeated {repeated}, left {left}"
            ),
        })?;
    }
    match failure {
        // Never exit 4: unknown outcomes were tried again.
        Some(error) if context.json => {
            eprintln!("duijie: {error}");
            Ok(Exit::Failed)
        }
        Some(error) => Err(Failure::failed(error)),
        None if rejected > 0 => Ok(Exit::Rejected),
        None => Ok(Exit::Done),
    }
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
    let config = context.http(&base_url)?;
    let base = BaseUrl::parse(&base_url).map_err(Failure::usage)?;
    Client::builder(base, credentials).http(|_| config).build().map_err(Failure::usage)
}

fn open(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = fs::File::open(path)
        .map_err(|error| Failure::usage(format!("cannot read `{}`: {error}", path.display())))?;
    Ok(Box::new(BufReader::new(file)))
}

/// Tells each reject on stderr, whatever the log level.
fn tell_rejects(rejects: &[Reject]) {
    for reject in rejects {
        eprintln!("duijie: line {}: {}", reject.line, reject.error);
    }
}

/// Keeps the rejects beside the file: replaced by each run, removed when there are none.
fn keep_rejects(path: &Path, rejects: &[Reject]) -> Result<(), Failure> {
    if path == Path::new("-") {
        return Ok(());
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".rejected.jsonl");
    let name = PathBuf::from(name);
    let cannot = |error: io::Error| Failure::failed(format!("cannot write `{}`: {error}", name.display()));
    if rejects.is_empty() {
        return match fs::remove_file(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot(error)),
            _ => Ok(()),
        };
    }
    let mut out = io::BufWriter::new(fs::File::create(&name).map_err(cannot)?);
    for reject in rejects {
        serde_json::to_writer(&mut out, reject).map_err(|error| cannot(error.into()))?;
        out.write_all(b"\n").map_err(cannot)?;
    }
    out.flush().map_err(cannot)
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

fn dry_run(context: &Context, client: &Client, contents: Contents, size: BatchSize) -> Result<Exit, Failure> {
    let Contents { records, rejects, repeated, .. } = contents;
    let rejected = rejects.len();
    let mut requests = Vec::new();
    for batch in Batch::split_by(records, size) {
        requests.push(client.prepare(&batch).map_err(Failure::failed)?.to_string());
    }
    tell_rejects(&rejects);
    tracing::info!(rejected, repeated, "nothing was sent");
    let exit = context.preview(&client.base_url().to_string(), &requests)?;
    Ok(if rejected > 0 { Exit::Rejected } else { exit })
}
