//! `duijie webank upload`, `download` and `upload-notify` against the sandbox: results, exit codes, memory.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use platform_sandbox::{Fault, FaultKind, HashValue, Operation, Pattern, Sandbox, WebankOptions};
use serde_json::Value;

const MIB: u64 = 1024 * 1024;

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("duijie-files-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.0.join(name), content).unwrap();
        self.path(name)
    }

    fn pattern(&self, name: &str, length: u64) -> String {
        let mut file = fs::File::create(self.0.join(name)).unwrap();
        Pattern::pieces(length).for_each(|piece| file.write_all(&piece).unwrap());
        self.path(name)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // left behind at worst
    }
}

struct Ran {
    exit: i32,
    stdout: String,
    stderr: String,
}

impl Ran {
    #[track_caller]
    fn check(&self, exit: i32, stdout: &str, stderr: &str) {
        let Self { exit: got, stdout: out, stderr: err } = self;
        assert_eq!(*got, exit, "{out}\n{err}");
        assert!(out.contains(stdout), "{out}");
        assert!(err.contains(stderr), "{err}");
    }

    #[track_caller]
    fn json(&self) -> Value {
        assert_eq!(self.exit, 0, "{}\n{}", self.stdout, self.stderr);
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{}\n{}", self.stdout, self.stderr))
    }
}

fn command(sandbox: &Sandbox, args: &[&str]) -> Command {
    let (urls, access) = (sandbox.urls(), &sandbox.access().webank);
    let mut command = Command::new(env!("CARGO_BIN_EXE_duijie"));
    command.arg("webank").args(args).env_clear().envs([
        ("WEBANK_BASE_URL", urls.webank.as_str()),
        ("WEBANK_FILES_URL", &urls.webank_files),
        ("WEBANK_APP_ID", &access.app_id),
        ("WEBANK_SECRET", access.secret.expose()),
        ("RUST_LOG", "trace"),
    ]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn run(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let mut command = command(sandbox, args);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let ran = Ran {
        exit: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    let secret = sandbox.access().webank.secret.expose();
    assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{args:?}: {}", ran.stderr);
    // No bars where nobody looks.
    assert!(!ran.stderr.contains(['\r', '\u{1b}']), "{}", ran.stderr);
    ran
}

const KIND: [&str; 4] = ["--file-type", "006", "--file-format", "zip"];

fn upload<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["upload", file], &KIND[..], more].concat()
}

#[tokio::test]
async fn upload_and_download_say_what_they_moved() {
    let (sandbox, folder) = (Sandbox::start().await.unwrap(), Folder::new("move"));
    let file = folder.file("合同 \"1\".zip", "合同");
    let sent = run(&sandbox, &upload(&file, &["--json", "--require-hash"])).await.json();
    let kept = sandbox.webank().file(sent["fileId"].as_str().unwrap()).unwrap();
    assert_eq!((&sent["hash"], &sent["md5"]), (&kept.hash.as_str().into(), &kept.md5.as_str().into()));
    assert_eq!((&sent["size"], &sent["hashProven"]), (&6.into(), &true.into()));
    assert!(sent["BizSeqNo"].is_string());
    run(&sandbox, &upload(&file, &[])).await.check(0, &format!(" {}\n", kept.hash), "");
    let preview = run(&sandbox, &upload(&file, &["--dry-run"])).await;
    preview.check(0, &format!("‹file 6 B, md5 {}›", kept.md5), "");

    let out = folder.path("back.zip");
    let zip = ["-o", &out, "--content-type", "application/zip"];
    let download = [&["download", &kept.id, &kept.hash], &zip[..]].concat();
    run(&sandbox, &download).await.check(0, "6 B, md5 ", "");
    let came = run(&sandbox, &[&download[..], &["--json", "--require-hash"]].concat()).await.json();
    assert_eq!((&came["size"], &came["md5"], &came["hashProven"]), (&6.into(), &sent["md5"], &true.into()));
    assert_eq!(fs::read(&out).unwrap(), fs::read(&file).unwrap());

    run(&sandbox, &upload("-", &[])).await.check(2, "", "`-` is no file");
    run(&sandbox, &upload("/dev/zero", &[])).await.check(2, "", "no regular file");
    run(&sandbox, &upload(&folder.path("none"), &[])).await.check(2, "", "cannot read");
    let nowhere = ["download", &kept.id, &kept.hash, "-o", "/nowhere/at/all"];
    run(&sandbox, &nowhere).await.check(2, "", "cannot write `/nowhere/at/all`");
    let unknown = [&["download", "1", "00"], &zip[..]].concat();
    run(&sandbox, &unknown).await.check(1, "", "60840002");
    assert_eq!(fs::read(&out).unwrap(), fs::read(&file).unwrap());
    assert_eq!(folder.names().len(), 2);
}

#[tokio::test]
async fn wb_13_a_required_hash_that_differs_fails() {
    let options = WebankOptions { hash: HashValue::Other, ..WebankOptions::default() };
    let sandbox = Sandbox::builder().webank(options).start().await.unwrap();
    let folder = Folder::new("hash");
    let file = folder.file("a.zip", "abc");
    let ran = run(&sandbox, &upload(&file, &["--json", "--require-hash"])).await;
    ran.check(1, "\"hashProven\": false", "is not the MD5");
    let sent: Value = serde_json::from_str(&ran.stdout).unwrap();
    let (id, hash) = (sent["fileId"].as_str().unwrap(), sent["hash"].as_str().unwrap());
    let out = folder.path("back.zip");
    let download = ["download", id, hash, "-o", &out, "--content-type", "application/zip"];
    run(&sandbox, &[&download[..], &["--require-hash"]].concat()).await.check(1, "", "is not the MD5");
    assert_eq!(folder.names(), ["a.zip"]);
    run(&sandbox, &download).await.check(0, "hash not comparable", "");

    let other = folder.file("b.zip", "abcd");
    let notify = [&["upload-notify", "loan", &file, &other, "--json"][..], &KIND].concat();
    run(&sandbox, &notify).await.check(0, "\"hashProven\": false", "");
    let ran = run(&sandbox, &[&notify[..], &["--require-hash"]].concat()).await;
    ran.check(1, "\"hashProven\": false", "is not the MD5");
    assert_eq!(ran.stderr.matches("is not the MD5").count(), 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("BizSeqNo "), "{}", ran.stderr);
}

#[tokio::test]
async fn upload_notify_sends_a_form_or_json() {
    let (sandbox, folder) = (Sandbox::start().await.unwrap(), Folder::new("notify"));
    let (one, two) = (folder.file("一.zip", "1"), folder.file("二.zip", ""));
    let notice = folder.file("notice.json", "{\"A\": \"借\"}");
    let notify = |more: &[&'static str]| {
        let mut args = vec!["upload-notify", "loan", &one, &two, "--biz-content", &notice];
        args.extend(KIND);
        args.extend(more);
        args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>()
    };
    let go =
        async |args: Vec<String>| run(&sandbox, &args.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let sent = go(notify(&["--json"])).await.json();
    for (file, (name, content)) in
        sent["files"].as_array().unwrap().iter().zip([("一.zip", "1"), ("二.zip", "")])
    {
        let kept = sandbox.webank().file(file["fileId"].as_str().unwrap()).unwrap();
        assert_eq!((kept.name.as_str(), kept.content().unwrap().as_ref()), (name, content.as_bytes()));
        assert_eq!(
            (&file["fileName"], &file["hash"], &file["md5"], &file["size"]),
            (&name.into(), &kept.hash.as_str().into(), &kept.md5.as_str().into(), &content.len().into())
        );
    }
    assert_eq!(sent["files"].as_array().unwrap().len(), 2);
    go(notify(&["--dry-run"])).await.check(0, "‹bizContent 12 B›", "");
    go(notify(&[])).await.check(0, " 二.zip\n", "");
    go(notify(&["--require-hash"])).await.check(0, " 二.zip\n", "");
    go(notify(&["--as", "json"])).await.check(2, "", "exactly one file");
    go(notify(&["--sign-body"])).await.check(2, "", "--sign-body");

    let json = ["upload-notify", "loan", &one, "--as", "json", "--json"];
    let json = [&json[..], &KIND].concat();
    let sent = run(&sandbox, &json).await.json();
    assert_eq!((sent["files"].as_array().unwrap().len(), &sent["files"][0]["size"]), (1, &1.into()));
    let broken = folder.file("broken.json", "{");
    let before = sandbox.received_count();
    run(&sandbox, &[&json[..], &["--biz-content", &broken]].concat()).await.check(
        2,
        "",
        "`bizContent` is not JSON",
    );
    let wrong = [&["upload-notify", "a/b", &one][..], &KIND].concat();
    run(&sandbox, &wrong).await.check(2, "", "`a/b`");
    assert_eq!(sandbox.received_count(), before, "a usage error was found too late");
    for kind in [FaultKind::CutUp(10), FaultKind::CutAfter] {
        sandbox.inject(Fault::once(Operation::UploadJson, kind));
        run(&sandbox, &json).await.check(4, "\"exit\":4", "may have carried it out");
    }
}

#[tokio::test]
async fn cut_connections_leave_nothing_and_say_so() {
    let (sandbox, folder) = (Sandbox::start().await.unwrap(), Folder::new("cut"));
    let file = folder.pattern("a.zip", 10 * MIB);
    let planted = sandbox.webank().plant("a.zip", 10 * MIB);
    let out = folder.path("back.zip");
    let download = ["download", &planted.id, &planted.hash, "-o", &out, "--content-type", "application/zip"];
    for tenth in [0, 3, 9] {
        sandbox.inject(Fault::once(Operation::Upload, FaultKind::CutUp(tenth * MIB)));
        run(&sandbox, &upload(&file, &[])).await.check(4, "", "may have carried it out");
        sandbox.inject(Fault::once(Operation::Download, FaultKind::CutDown(tenth * MIB)));
        run(&sandbox, &download).await.check(4, "", "closed before the answer was complete");
        assert_eq!(folder.names(), ["a.zip"]);
    }
}

/// Ctrl-C in the middle: the part goes with the command.
#[tokio::test]
#[cfg(unix)]
async fn a_download_that_is_stopped_leaves_nothing() {
    let (sandbox, folder) = (Sandbox::start().await.unwrap(), Folder::new("stop"));
    let planted = sandbox.webank().plant("a.zip", MIB);
    // It waits, with its part on disk, until it is stopped.
    sandbox.inject(Fault::once(Operation::Download, FaultKind::Slow(Duration::from_secs(3600))));
    let out = folder.path("back.zip");
    let download = ["download", &planted.id, &planted.hash, "-o", &out, "--content-type", "application/zip"];
    let mut command = command(&sandbox, &download);
    let folder_names = folder.0.clone();
    let output = tokio::task::spawn_blocking(move || {
        let child = command.spawn().unwrap();
        while fs::read_dir(&folder_names).unwrap().next().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        child.wait_with_output().unwrap()
    })
    .await
    .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("stopped; nothing was kept"));
    assert!(folder.names().is_empty(), "{:?}", folder.names());
}

/// Runs the command, and looks at its peak memory, in KiB, until it ends.
#[cfg(target_os = "linux")]
async fn peak(sandbox: &Sandbox, args: &[&str]) -> (u64, Value) {
    let mut command = command(sandbox, args);
    command.env_remove("RUST_LOG");
    let (peak, output) = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        let status = format!("/proc/{}/status", child.id());
        let mut peak = 0;
        while child.try_wait().unwrap().is_none() {
            let status = fs::read_to_string(&status).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
            peak = kib.unwrap_or(0).max(peak);
            std::thread::sleep(Duration::from_millis(2));
        }
        (peak, child.wait_with_output().unwrap())
    })
    .await
    .unwrap();
    assert!(output.status.success(), "{output:?}");
    (peak, serde_json::from_slice(&output.stdout).unwrap())
}

/// `cargo run --release -p platform-sandbox --example large_files` does the same with 1 GiB.
#[tokio::test(flavor = "multi_thread")]
#[cfg(target_os = "linux")]
async fn memory_does_not_grow_with_the_file() {
    const LENGTH: u64 = 64 * MIB;
    const LIMIT: u64 = 32 * 1024;
    let (sandbox, folder) = (Sandbox::start().await.unwrap(), Folder::new("memory"));
    let file = folder.pattern("large.zip", LENGTH);
    let (up, sent) = peak(&sandbox, &upload(&file, &["--json"])).await;
    let (id, hash) = (sent["fileId"].as_str().unwrap(), sent["hash"].as_str().unwrap());
    let out = folder.path("back.zip");
    let download = ["download", id, hash, "-o", &out, "--content-type", "application/zip", "--json"];
    let (down, came) = peak(&sandbox, &download).await;
    assert_eq!((&came["size"], &came["md5"]), (&LENGTH.into(), &sent["md5"]));
    assert_eq!(fs::metadata(&out).unwrap().len(), LENGTH);
    let form = [&["upload-notify", "loan", &file, &file, "--json"][..], &KIND].concat();
    let (form, _) = peak(&sandbox, &form).await;
    let json = [&["upload-notify", "loan", &file, "--as", "json", "--json"][..], &KIND].concat();
    let (json, _) = peak(&sandbox, &json).await;
    println!(
        "peak memory of the command for {LENGTH} B: up {up} KiB, down {down} KiB, form of two {form} KiB, \
         JSON {json} KiB"
    );
    for peak in [up, down, form, json] {
        assert!((1..LIMIT).contains(&peak), "up {up} KiB, down {down} KiB, form {form} KiB, JSON {json} KiB");
    }
}
