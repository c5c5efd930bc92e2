//! `duijie webank upload` and `download`.

use std::{
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use sign_core::{Case, Hasher, Md5};
use webank::{
    FileFormat, FileType, HashCheck, Progress, StoredFile, Upload, download_request, upload_request,
};

use super::{Bank, failure, preview, read, stand_in};
use crate::{
    context::{Context, required},
    exit::{Exit, Failure},
    output,
};

/// `duijie webank upload`.
#[derive(clap::Args)]
pub(crate) struct UploadArgs {
    /// The file.
    file: PathBuf,
    /// 001 身份证, 002 营业执照, 003 开户许可证, 004 企业授权函, 005 发票, 006 合同, 007 资金证明文件, 008 压缩文件, 999.
    #[arg(long, value_name = "CODE")]
    file_type: String,
    /// `jpg`, `png`, `zip`, …
    #[arg(long, value_name = "FORMAT")]
    file_format: String,
    /// The file host.
    #[arg(long, value_name = "URL", env = "WEBANK_FILES_URL")]
    files_url: Option<String>,
    #[command(flatten)]
    bank: Bank,
}

/// `duijie webank download`.
#[derive(clap::Args)]
pub(crate) struct DownloadArgs {
    /// The id that the upload gave.
    file_id: String,
    /// The hash that the upload gave.
    hash: String,
    /// Where to put it.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The media type to ask for; the platform says image/jpeg otherwise.
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// The file host.
    #[arg(long, value_name = "URL", env = "WEBANK_FILES_URL")]
    files_url: Option<String>,
    #[command(flatten)]
    bank: Bank,
}

fn files_url(context: &Context, given: Option<&String>) -> Result<String, Failure> {
    required("--files-url", "WEBANK_FILES_URL", given, context.profile.webank.files_url.as_ref())
}

pub(crate) async fn upload(context: &Context, args: &UploadArgs) -> Result<Exit, Failure> {
    let file_type = FileType::new(&args.file_type).map_err(Failure::usage)?;
    let format = FileFormat::new(&args.file_format).map_err(Failure::usage)?;
    let name = args.file.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Failure::usage("the file's name is not UTF-8"))?.to_owned();
    let content = Bytes::from(read(&args.file)?);
    let (length, md5) = (content.len(), Hasher::<Md5>::of(&content).signature(Case::Lower));
    if context.dry_run {
        let (ticket, nonce) = stand_in()?;
        let request = upload_request(&args.bank.app_id(context)?, &file_type, &format, nonce, &ticket);
        let request = format!("{}\n\n‹file {length} B, md5 {md5}›", preview(&request));
        return context.preview(&files_url(context, args.files_url.as_ref())?, &[request]);
    }
    let client = args.bank.client(context, Some(&files_url(context, args.files_url.as_ref())?))?;
    let mut upload = Upload::new(name, file_type, format, content);
    upload.progress = progress_bar();
    let (stored, serials) = client.upload(&upload).await.map_err(|error| failure(&error))?;
    if context.json {
        return output::json(&serde_json::json!({
            "fileId": stored.id, "hash": stored.hash, "size": length, "md5": md5.as_str(),
            "BizSeqNo": serials.biz_seq_no,
        }));
    }
    output::whole(|out| writeln!(out, "{} {}", stored.id, stored.hash))
}

pub(crate) async fn download(context: &Context, args: &DownloadArgs) -> Result<Exit, Failure> {
    if context.dry_run {
        let (ticket, nonce) = stand_in()?;
        let (app_id, content_type) = (args.bank.app_id(context)?, args.content_type.as_deref());
        let request = download_request(&app_id, &args.file_id, &args.hash, content_type, nonce, &ticket);
        return context.preview(&files_url(context, args.files_url.as_ref())?, &[preview(&request)]);
    }
    let client = args.bank.client(context, Some(&files_url(context, args.files_url.as_ref())?))?;
    let stored = StoredFile { id: args.file_id.clone(), hash: args.hash.clone(), name: None };
    let part = part_name(&args.output);
    let cannot =
        |error: std::io::Error| Failure::failed(format!("cannot write `{}`: {error}", args.output.display()));
    let mut file = tokio::fs::File::create(&part).await.map_err(cannot)?;
    let fetched = client.download(&stored, args.content_type.as_deref(), &mut file, progress_bar()).await;
    let kept = match fetched {
        Ok(download) => file.sync_all().await.and(Ok(download)).map_err(cannot),
        Err(error) => Err(failure(&error)),
    };
    drop(file);
    // A part is never left under the final name, nor beside it.
    let kept = match kept {
        Ok(download) => tokio::fs::rename(&part, &args.output).await.and(Ok(download)).map_err(cannot),
        Err(failure) => Err(failure),
    };
    if kept.is_err() {
        // The failure that is reported is the one that led here.
        let _ = tokio::fs::remove_file(&part).await;
    }
    let download = kept?;
    let proven = download.hash == HashCheck::Proven;
    if context.json {
        return output::json(&serde_json::json!({
            "fileId": stored.id, "hash": stored.hash, "size": download.length, "md5": download.md5,
            "contentType": download.content_type, "hashProven": proven,
        }));
    }
    let verdict = if proven { "hash proven" } else { "hash not comparable" };
    output::whole(|out| writeln!(out, "{} B, md5 {}, {verdict}", download.length, download.md5))
}

fn part_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// One line that is written over, where somebody looks at it.
fn progress_bar() -> Option<Progress> {
    if !std::io::stderr().is_terminal() {
        return None;
    }
    Some(Arc::new(|done, total| {
        let mut err = std::io::stderr().lock();
        // A terminal that has gone is no reason to stop the transfer.
        let _ = match total {
            Some(total) => write!(err, "\r{done} / {total} B"),
            None => write!(err, "\r{done} B"),
        };
        if Some(done) == total {
            let _ = writeln!(err);
        }
    }))
}
