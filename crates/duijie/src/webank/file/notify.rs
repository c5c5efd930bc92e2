//! `duijie webank upload-notify`.

use std::path::PathBuf;

use webank::{
    Attachment, Content, Error, HashCheck, Notice, Uploaded, upload_form_request, upload_json_head,
};

use super::super::{Bank, failure, preview, read, stand_in};
use super::{Host, Kind, Local, progress::Bar, verdict};
use crate::{
    context::Context,
    exit::{Exit, Failure},
    output,
};

/// `duijie webank upload-notify`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The `bizPath` that the bank assigned.
    #[arg(value_name = "BIZPATH")]
    biz_path: String,
    /// The files; they are read while they are sent.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    kind: Kind,
    /// The notice itself, a file of JSON, or `-`.
    #[arg(long, value_name = "FILE")]
    biz_content: Option<PathBuf>,
    /// How they travel: a form of any number of files, or JSON with exactly one.
    #[arg(long = "as", value_enum, value_name = "SHAPE", default_value_t = Shape::Form)]
    shape: Shape,
    /// Sign the JSON body as well (WB-7), for a bank that says so; the file is kept in memory then, 8 MiB at most.
    #[arg(long)]
    sign_body: bool,
    /// Fail, with exit 1, when a hash of the bank's is not the MD5 of what was sent. The files are there all the same.
    #[arg(long)]
    require_hash: bool,
    #[command(flatten)]
    host: Host,
    #[command(flatten)]
    bank: Bank,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Shape {
    Form,
    Json,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let (file_type, format) = args.kind.read()?;
    if args.shape == Shape::Json && args.files.len() != 1 {
        return Err(Failure::usage("--as json takes exactly one file; --as form takes several"));
    }
    if args.shape == Shape::Form && args.sign_body {
        return Err(Failure::usage("--sign-body goes with --as json: a form is never signed"));
    }
    let biz_content = args.biz_content.as_deref().map(|path| {
        String::from_utf8(read(path)?)
            .map_err(|_| Failure::usage(format!("`{}` is not UTF-8", path.display())))
    });
    let biz_content = biz_content.transpose()?;
    let notice = Notice {
        biz_path: &args.biz_path,
        file_type: &file_type,
        format: &format,
        biz_content: biz_content.as_deref(),
    };
    notice.check().map_err(Failure::usage)?;
    let locals = args.files.iter().map(|path| Local::look(path)).collect::<Result<Vec<_>, _>>()?;
    let files_url = args.host.url(context)?;
    if context.dry_run {
        return dry_run(context, args, notice, &locals, &files_url);
    }
    let client = args.bank.client(context, Some(&files_url)).await?;
    let names: Vec<_> = locals.iter().map(|local| local.name.clone()).collect();
    // One bar after the other, as the files go.
    let bars: Vec<_> = names.iter().map(|name| Bar::new(name)).collect();
    let mut attachments: Vec<_> = locals.into_iter().zip(&bars).map(attachment).collect();
    let sent = match (args.shape, attachments.pop()) {
        (Shape::Json, Some(file)) if args.sign_body => {
            client.notify_signed_json(notice, file).await.map(|one| vec![one])
        }
        (Shape::Json, Some(file)) => client.notify_json(notice, file).await.map(|one| vec![one]),
        (_, last) => {
            attachments.extend(last);
            client.notify_form(notice, attachments).await
        }
    };
    drop(bars);
    client.settle().await;
    let sent = sent.map_err(|error: Error| failure(&error))?;
    let shown = show(context, &names, &sent)?;
    Ok(if args.require_hash { require_hashes(sent) } else { shown })
}

/// After the result: the files are there, and their ids must not be lost.
fn require_hashes(sent: Vec<Uploaded>) -> Exit {
    let differing = sent.into_iter().filter_map(|sent| sent.require_hash().err());
    let differing = differing.inspect(|error| eprintln!("duijie: {error}")).count();
    if differing == 0 { Exit::Done } else { Exit::Failed }
}

fn attachment((local, bar): (Local, &Bar)) -> Attachment {
    let mut attachment = Attachment::new(local.name, Content::file(local.path));
    attachment.progress = bar.progress();
    attachment
}

fn show(context: &Context, names: &[String], sent: &[Uploaded]) -> Result<Exit, Failure> {
    if context.json {
        let files = names.iter().zip(sent).map(|(name, sent)| {
            serde_json::json!({
                "fileName": name, "fileId": sent.file.id, "hash": sent.file.hash, "size": sent.length,
                "md5": sent.md5, "hashProven": sent.hash == HashCheck::Proven,
            })
        });
        let biz_seq_no = sent.first().and_then(|sent| sent.serials.biz_seq_no.as_deref());
        return output::json(
            &serde_json::json!({ "files": files.collect::<Vec<_>>(), "BizSeqNo": biz_seq_no }),
        );
    }
    for sent in sent {
        tracing::info!(size = sent.length, md5 = sent.md5, "{}", verdict(sent.hash));
    }
    output::whole(|out| {
        let mut each = names.iter().zip(sent);
        each.try_for_each(|(name, sent)| writeln!(out, "{} {} {name}", sent.file.id, sent.file.hash))
    })
}

fn dry_run(
    context: &Context,
    args: &Args,
    notice: Notice<'_>,
    locals: &[Local],
    files_url: &str,
) -> Result<Exit, Failure> {
    let (ticket, nonce) = stand_in()?;
    let app_id = args.bank.app_id(context)?;
    let request = match args.shape {
        Shape::Form => upload_form_request(&app_id, notice, nonce, &ticket),
        Shape::Json => upload_json_head(&app_id, notice, nonce, &ticket),
    };
    let request = request.map_err(Failure::usage)?;
    let mut shown = format!("{}\n", preview(&request));
    for local in locals {
        shown = format!("{shown}\n{}", local.preview()?);
    }
    if let Some(biz_content) = notice.biz_content {
        shown = format!("{shown}\n‹bizContent {} B›", biz_content.len());
    }
    context.preview(files_url, &[shown])
}
