//! `duijie webank download`.

use std::path::PathBuf;

use webank::{Download, Error, HashCheck, StoredFile, download_request};

use super::super::{Bank, failure, preview, stand_in};
use super::{Host, progress::Bar};
use crate::{
    context::Context,
    exit::{Exit, Failure},
    lang::Lang,
    output, sandbox,
};

/// `duijie webank download`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The id that the upload gave.
    file_id: String,
    /// The hash that the upload gave.
    hash: String,
    /// Where to put it. It appears there when it is whole, and replaces what was there.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The media type to ask for; the platform says image/jpeg otherwise.
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// Fail, and keep nothing, when the hash is not the MD5 of what came.
    #[arg(long)]
    require_hash: bool,
    #[command(flatten)]
    host: Host,
    #[command(flatten)]
    bank: Bank,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let files_url = args.host.url(context)?;
    if context.dry_run {
        let (ticket, nonce) = stand_in()?;
        let (app_id, content_type) = (args.bank.app_id(context)?, args.content_type.as_deref());
        let request = download_request(&app_id, &args.file_id, &args.hash, content_type, nonce, &ticket);
        return context.preview(&files_url, &[preview(&request)]);
    }
    let client = args.bank.client(context, Some(&files_url)).await?;
    let stored = StoredFile { id: args.file_id.clone(), hash: args.hash.clone(), name: None };
    let mut download = Download::new(&stored);
    download.content_type.clone_from(&args.content_type);
    download.require_hash = args.require_hash;
    let bar = Bar::new(&args.output.file_name().unwrap_or_default().to_string_lossy());
    download.progress = bar.progress();
    let fetched = tokio::select! {
        biased; // listens before it begins
        // Dropped in good order, the download takes its part with it.
        () = sandbox::stopped() => return Err(Failure::failed("stopped; nothing was kept")),
        fetched = client.download_to(&download, &args.output) => fetched,
    };
    drop(bar);
    client.settle().await;
    let downloaded = fetched.map_err(|error| cannot(args, &error))?;
    if context.json {
        return output::json(&serde_json::json!({
            "fileId": stored.id, "hash": stored.hash, "size": downloaded.length, "md5": downloaded.md5,
            "contentType": downloaded.content_type, "hashProven": downloaded.hash == HashCheck::Proven,
        }));
    }
    let verdict = match downloaded.hash {
        HashCheck::Proven => context.lang.pick("哈希一致", "hash proven"),
        _ => context.lang.pick("哈希无法比较", "hash not comparable"),
    };
    output::whole(|out| match context.lang {
        Lang::Zh => writeln!(out, "{} 字节，md5 {}，{verdict}", downloaded.length, downloaded.md5),
        Lang::En => writeln!(out, "{} B, md5 {}, {verdict}", downloaded.length, downloaded.md5),
    })
}

fn cannot(args: &Args, error: &Error) -> Failure {
    let shown = args.output.display();
    match error {
        Error::Target(_) => Failure::usage(format!("cannot write `{shown}`: {error}")),
        Error::Write(_) => Failure::failed(format!("cannot write `{shown}`: {error}")),
        _ => failure(error),
    }
}
