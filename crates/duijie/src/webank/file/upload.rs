//! `duijie webank upload`.

use std::path::PathBuf;

use webank::{Content, HashCheck, Upload, upload_request};

use super::super::{Bank, failure, preview, stand_in};
use super::{Host, Kind, Local, progress::Bar, verdict};
use crate::{
    context::Context,
    exit::{Exit, Failure},
    output,
};

/// `duijie webank upload`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The file; it is read while it is sent.
    file: PathBuf,
    #[command(flatten)]
    kind: Kind,
    /// Fail, with exit 1, when the bank's hash is not the MD5 of what was sent. The file is there all the same.
    #[arg(long)]
    require_hash: bool,
    #[command(flatten)]
    host: Host,
    #[command(flatten)]
    bank: Bank,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let (file_type, format) = args.kind.read()?;
    let local = Local::look(&args.file)?;
    let files_url = args.host.url(context)?;
    if context.dry_run {
        let (ticket, nonce) = stand_in()?;
        let request = upload_request(&args.bank.app_id(context)?, &file_type, &format, nonce, &ticket);
        let request = format!("{}\n\n{}", preview(&request), local.preview()?);
        return context.preview(&files_url, &[request]);
    }
    let client = args.bank.client(context, Some(&files_url)).await?;
    let bar = Bar::new(&local.name);
    let mut upload = Upload::new(local.name, file_type, format, Content::file(local.path));
    upload.file.progress = bar.progress();
    let uploaded = client.upload(upload).await;
    drop(bar);
    client.settle().await;
    let uploaded = uploaded.map_err(|error| failure(&error))?;
    let stored = &uploaded.file;
    if context.json {
        output::json(&serde_json::json!({
            "fileId": stored.id, "hash": stored.hash, "size": uploaded.length, "md5": uploaded.md5,
            "hashProven": uploaded.hash == HashCheck::Proven, "BizSeqNo": uploaded.serials.biz_seq_no,
        }))?;
    } else {
        tracing::info!(size = uploaded.length, md5 = uploaded.md5, "{}", verdict(uploaded.hash));
        output::whole(|out| writeln!(out, "{} {}", stored.id, stored.hash))?;
    }
    // After the result: the file is there, and its id must not be lost.
    if args.require_hash
        && let Err(error) = uploaded.require_hash()
    {
        eprintln!("duijie: {error}");
        return Ok(Exit::Failed);
    }
    Ok(Exit::Done)
}
