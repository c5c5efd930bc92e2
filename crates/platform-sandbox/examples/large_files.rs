//! Moves a large file to the bank and back, and shows how much memory that takes.
//!
//! ```console
//! $ cargo run --release -p platform-sandbox --example large_files [-- MIB]
//! ```
//!
//! The sandbox runs in a process of its own, so that the peak is the client's alone. Exits with 1 when a hash differs or
//! the client takes more than 32 MiB (Linux tells; elsewhere memory is not looked at).
#![expect(clippy::print_stdout, reason = "a program that shows figures")]

use std::error::Error;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use platform_sandbox::{Pattern, Sandbox};
use sign_core::Secret;
use webank::{Attachment, Client, Content, Download, FileFormat, FileType, Notice, Upload};

const MIB: u64 = 1024 * 1024;
const LIMIT_KIB: u64 = 32 * 1024;

type Failed = Box<dyn Error>;

fn main() -> Result<ExitCode, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match std::env::args().nth(1).as_deref() {
        Some("serve") => runtime.block_on(serve()).map(|()| ExitCode::SUCCESS),
        given => runtime.block_on(show(given.map_or(Ok(1024), str::parse)? * MIB)),
    }
}

/// The sandbox, until stdin ends.
async fn serve() -> Result<(), Failed> {
    let sandbox = Sandbox::start().await?;
    let access = &sandbox.access().webank;
    let mut out = io::stdout();
    for line in [&sandbox.urls().webank, &sandbox.urls().webank_files, &access.app_id, access.secret.expose()]
    {
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}

async fn show(length: u64) -> Result<ExitCode, Failed> {
    let mut server = Command::new(std::env::current_exe()?)
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let told = BufReader::new(server.stdout.take().ok_or("no stdout")?).lines().take(4);
    let told = told.collect::<Result<Vec<_>, _>>()?;
    let [business, files, app_id, secret] = &told[..] else { return Err("the sandbox did not start".into()) };
    let client =
        Client::builder(app_id, Secret::new(secret)?).business_url(business).files_url(files).build()?;

    let folder = Folder::new()?;
    let (file, back) = (folder.0.join("large.zip"), folder.0.join("back.zip"));
    write(&file, length)?;
    client.credentials().await?;
    println!("before: peak memory {}", shown(peak()));

    let started = Instant::now();
    let upload = Upload::new("large.zip", FileType::ARCHIVE, FileFormat::new("zip")?, Content::file(&file));
    let uploaded = client.upload(upload).await?.require_hash()?;
    tell("up", uploaded.length, &uploaded.md5, started);

    let started = Instant::now();
    let download = Download::new(&uploaded.file).content_type("application/zip").require_hash();
    let downloaded = client.download_to(&download, &back).await?;
    tell("down", downloaded.length, &downloaded.md5, started);

    let format = FileFormat::new("zip")?;
    let notice =
        Notice { biz_path: "loan", file_type: &FileType::ARCHIVE, format: &format, biz_content: Some("{}") };
    let attachment = || Attachment::new("large.zip", Content::file(&file));
    let started = Instant::now();
    for sent in client.notify_form(notice, vec![attachment()]).await? {
        tell("form", sent.length, &sent.require_hash()?.md5, started);
    }
    let started = Instant::now();
    let sent = client.notify_json(notice, attachment()).await?.require_hash()?;
    tell("json", sent.length, &sent.md5, started);

    drop(server.stdin.take());
    server.wait()?;
    let equal = (uploaded.length, &uploaded.md5) == (length, &downloaded.md5) && sent.md5 == downloaded.md5;
    let small = peak().is_none_or(|kib| kib < LIMIT_KIB);
    println!("hashes equal: {equal}; peak memory {}, limit {}", shown(peak()), shown(Some(LIMIT_KIB)));
    Ok(if equal && small { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(way: &str, length: u64, md5: &str, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    println!("{way}: {} MiB in {seconds:.1} s, md5 {md5}, peak memory {}", length / MIB, shown(peak()));
}

fn write(path: &Path, length: u64) -> io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    Pattern::pieces(length).try_for_each(|piece| file.write_all(&piece))
}

/// The most memory that this process had, in KiB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn shown(kib: Option<u64>) -> String {
    kib.map_or("unknown".to_owned(), |kib| format!("{:.1} MiB", kib as f64 / 1024.0))
}

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("webank-large-files-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0); // left behind at worst
    }
}
