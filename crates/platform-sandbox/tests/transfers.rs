//! The bank's files by its own client: round trips, and everything that can go wrong half way.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use platform_http::system::{Entropy, EntropyError, SystemEntropy, UnixMillis, listen};
use platform_http::{ErrorKind, Outcome};
use platform_sandbox::{
    Fault, FaultKind, HashValue, Operation, Pattern, Sandbox, SandboxClock, WebankOptions,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt as _, ReadBuf};
use webank::state::{Key, MemoryStore, Put, Store as _, Swap};
use webank::{
    Attachment, Client, ClientBuilder, Content, ContentError, Download, Error, FileFormat, FileType,
    HashCheck, InputError, Notice, ReplyError, Retry, SIGNED_JSON_LIMIT, Secret, StoredFile, Upload,
    Uploaded,
};

const MIB: u64 = 1024 * 1024;

async fn start(options: WebankOptions) -> (Sandbox, Client) {
    let clock = SandboxClock::standing(UnixMillis::new(1_638_169_006_000));
    let sandbox = Sandbox::builder().clock(clock).webank(options).start().await.unwrap();
    let access = &sandbox.access().webank;
    let client = Client::builder(&access.app_id, access.secret.clone())
        .business_url(&sandbox.urls().webank)
        .files_url(&sandbox.urls().webank_files)
        .clock(sandbox.clock().clone())
        .build()
        .unwrap();
    (sandbox, client)
}

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("webank-transfers-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// A file of the pattern's first bytes.
    fn pattern(&self, length: u64) -> PathBuf {
        let path = self.0.join("pattern.bin");
        let mut file = std::fs::File::create(&path).unwrap();
        Pattern::pieces(length).for_each(|piece| file.write_all(&piece).unwrap());
        path
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0); // left behind at worst
    }
}

fn zip() -> FileFormat {
    FileFormat::new("zip").unwrap()
}

fn upload(name: &str, content: impl Into<Content>) -> Upload {
    Upload::new(name, FileType::ARCHIVE, zip(), content)
}

/// The next call's ticket is refused, and late enough after the last one for a client to fetch back.
fn kicked(sandbox: &Sandbox) {
    sandbox.clock().advance(Duration::from_secs(10));
    sandbox.webank().kick();
    sandbox.webank().kick();
}

fn requests(sandbox: &Sandbox, operation: Operation) -> usize {
    sandbox.received().iter().filter(|one| one.operation == Some(operation)).count()
}

#[tokio::test]
async fn a_file_goes_up_from_disk_and_comes_down_to_disk() {
    let (sandbox, client) = start(WebankOptions::default()).await;
    let folder = Folder::new("round");
    for length in [0, 1, 65_536, 17 * MIB + 5] {
        let path = folder.pattern(length);
        let told = Arc::new(Mutex::new(Vec::new()));
        let progress = {
            let told = Arc::clone(&told);
            Arc::new(move |done, total| told.lock().unwrap().push((done, total)))
        };
        let sent = upload("图 1.zip", Content::file(&path)).on_progress(progress.clone());
        let uploaded = client.upload(sent).await.unwrap().require_hash().unwrap();
        let kept = sandbox.webank().file(&uploaded.file.id).unwrap();
        assert_eq!((kept.length, &kept.md5, kept.name.as_str()), (length, &uploaded.md5, "图 1.zip"));
        assert_eq!((uploaded.length, uploaded.hash), (length, HashCheck::Proven));
        assert!(uploaded.serials.biz_seq_no.is_some());
        let reports = std::mem::take(&mut *told.lock().unwrap());
        assert!(reports.is_sorted() && reports.iter().all(|report| report.1 == Some(length)));
        assert_eq!(reports.last().map_or(0, |report| report.0), length);

        let back = folder.0.join("back.zip");
        std::fs::write(&back, "what was there before").unwrap();
        let download = Download::new(&uploaded.file).content_type("application/zip").on_progress(progress);
        let downloaded = client.download_to(&download.require_hash(), &back).await.unwrap();
        assert_eq!((downloaded.length, &downloaded.md5), (length, &uploaded.md5));
        assert_eq!(std::fs::read(&back).unwrap(), std::fs::read(&path).unwrap());
        assert_eq!(told.lock().unwrap().last().map_or(0, |report| report.0), length);
        assert_eq!(folder.names(), ["back.zip", "pattern.bin"]);
    }
}

#[tokio::test]
async fn file_names_travel_raw_and_break_nothing() {
    let (sandbox, client) = start(WebankOptions::default()).await;
    for (name, kept) in [
        ("身份证 😀 (1).png", "身份证 😀 (1).png"),
        ("a;b=c, d.png", "a;b=c, d.png"),
        ("say \"hi\".png", "say %22hi%22.png"),
        ("two\r\nX-Evil: 1\r\n\r\nlines.png", "two%0D%0AX-Evil: 1%0D%0A%0D%0Alines.png"),
        ("é\u{301}'%41+.png", "é\u{301}'%41+.png"),
        ("..", ".."),
    ] {
        let uploaded = client.upload(upload(name, vec![1, 2, 3])).await.unwrap();
        assert_eq!(uploaded.file.name.as_deref(), Some(kept), "{name:?}");
        let stored = sandbox.webank().file(&uploaded.file.id).unwrap();
        assert_eq!(stored.content().unwrap(), &[1, 2, 3][..], "{name:?}");
    }
    let before = sandbox.received_count();
    let error = client.upload(upload("", vec![])).await.unwrap_err();
    assert!(matches!(error, Error::Input(InputError::Empty("file name"))), "{error}");
    assert_eq!(sandbox.received_count(), before);
}

#[tokio::test]
async fn content_that_can_be_read_again_is_after_a_refused_ticket() {
    let (sandbox, client) = start(WebankOptions::default()).await;
    let folder = Folder::new("again");
    let path = folder.pattern(MIB);
    client.credentials().await.unwrap();
    for content in [Content::file(&path), Content::from(vec![7; 1_000_000])] {
        kicked(&sandbox);
        let uploaded = client.upload(upload("a.zip", content)).await.unwrap();
        assert_eq!(uploaded.hash, HashCheck::Proven);
    }
    kicked(&sandbox);
    let reader = || Content::reader(io::Cursor::new(vec![7; 1_000_000]), 1_000_000);
    let error = client.upload(upload("a.zip", reader())).await.unwrap_err();
    assert!(matches!(error, Error::Spent(_)), "{error}");
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(error.to_string().contains("send it again from its start"), "{error}");
    // New credentials are there: the next try does not meet the same refusal.
    let fetched = sandbox.webank().counts().token_fetches;
    assert_eq!(client.upload(upload("a.zip", reader())).await.unwrap().length, 1_000_000);
    assert_eq!(sandbox.webank().counts().token_fetches, fetched);
}

#[tokio::test]
async fn a_reader_goes_up_with_its_length_and_without() {
    let (_sandbox, client) = start(WebankOptions::default()).await;
    let bytes = || io::Cursor::new(vec![3; 300_000]);
    let known = client.upload(upload("a", Content::reader(bytes(), 300_000))).await.unwrap();
    let unknown = client.upload(upload("a", Content::reader_of_unknown_length(bytes()))).await.unwrap();
    assert_eq!((known.length, &known.md5), (300_000, &unknown.md5));
    assert_eq!((known.hash, unknown.hash), (HashCheck::Proven, HashCheck::Proven));
}

/// How an upload ends whose content is not what it was announced as.
async fn disagree(content: Content) -> (Error, Sandbox) {
    let (sandbox, client) = start(WebankOptions::default()).await;
    let error = client.upload(upload("a.zip", content)).await.unwrap_err();
    assert!(sandbox.received().iter().all(|one| one.code.as_deref() != Some("60840000")));
    (error, sandbox)
}

#[tokio::test]
async fn content_of_another_length_is_the_callers_fault() {
    let zeros = |length| io::Cursor::new(vec![0; length]);
    for (content, words) in [
        (Content::reader(zeros(999_999), 1_000_000), "ended after 999999 of 1000000 B"),
        (Content::reader(zeros(1_000_001), 1_000_000), "goes on after the 1000000 B"),
        (Content::reader(zeros(0), 1), "ended after 0 of 1 B"),
        (Content::reader(zeros(1), 0), "goes on after the 0 B"),
    ] {
        let (error, _) = disagree(content).await;
        assert!(matches!(error, Error::Content { outcome: Outcome::Unknown, .. }), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

/// Gives a first part, does something, and gives the rest.
struct Meanwhile<F> {
    left: usize,
    at: usize,
    act: Option<F>,
}

impl<F: FnOnce() + Unpin> AsyncRead for Meanwhile<F> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left <= self.at
            && let Some(act) = self.act.take()
        {
            act();
        }
        let piece = self.left.min(buffer.remaining()).min(10_000);
        buffer.put_slice(&vec![0; piece]);
        self.left -= piece;
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn files_that_change_while_they_wait_are_found_out() {
    type Act = fn(&Path);
    let cases: [(Act, &str); 3] = [
        (|path| std::fs::remove_file(path).unwrap(), "cannot be read: entity not found"),
        (|path| std::fs::write(path, "short").unwrap(), "ended after 5 of 100000 B"),
        (|path| std::fs::write(path, vec![0; 100_001]).unwrap(), "goes on after the 100000 B"),
    ];
    for (act, words) in cases {
        let (_sandbox, client) = start(WebankOptions::default()).await;
        let folder = Folder::new("change");
        let path = folder.pattern(100_000);
        // The second file is measured with the first, and changes while the first is sent.
        let changed = path.clone();
        let first = Meanwhile { left: 1_000_000, at: 500_000, act: Some(move || act(&changed)) };
        let files = vec![
            Attachment::new("first", Content::reader(first, 1_000_000)),
            Attachment::new("second", Content::file(&path)),
        ];
        let format = zip();
        let notice =
            Notice { biz_path: "loan", file_type: &FileType::ARCHIVE, format: &format, biz_content: None };
        let error = client.notify_form(notice, files).await.unwrap_err();
        assert!(matches!(error, Error::Content { outcome: Outcome::Unknown, .. }), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_found_before_anything_is_fetched() {
    let (sandbox, client) = start(WebankOptions::default()).await;
    let folder = Folder::new("before");
    for path in [folder.0.join("none"), folder.0.clone(), PathBuf::from("/dev/zero")] {
        let error = client.upload(upload("a", Content::file(path))).await.unwrap_err();
        assert!(
            matches!(error, Error::Content { fault: ContentError::Read(_), outcome: Outcome::NotSent }),
            "{error}"
        );
    }
    let format = zip();
    let notice = |biz_path, biz_content| Notice {
        biz_path,
        file_type: &FileType::ARCHIVE,
        format: &format,
        biz_content,
    };
    let file = || Attachment::new("a", vec![]);
    let error = client.notify_form(notice("a/b", None), vec![file()]).await.unwrap_err();
    assert!(matches!(error, Error::Input(InputError::Path(_))), "{error}");
    let error = client.notify_json(notice("a", Some("{")), file()).await.unwrap_err();
    assert!(matches!(error, Error::Input(InputError::NotJson { .. })), "{error}");
    let error = client.notify_form(notice("a", None), vec![]).await.unwrap_err();
    assert!(matches!(error, Error::Input(InputError::Empty("files"))), "{error}");
    let long = Content::reader(tokio::io::empty(), SIGNED_JSON_LIMIT + 1);
    let error = client.notify_signed_json(notice("a", None), Attachment::new("a", long)).await.unwrap_err();
    assert!(matches!(error, Error::Content { fault: ContentError::TooLong { .. }, .. }), "{error}");
    let stored = StoredFile { id: "1".into(), hash: "h".into(), name: None };
    for target in [folder.0.join("no/such/folder"), folder.0.clone(), PathBuf::from("/dev/null")] {
        let error = client.download_to(&Download::new(&stored), &target).await.unwrap_err();
        assert!(matches!(error, Error::Target(_)), "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
    }
    assert_eq!(sandbox.received_count(), 0);
}

#[tokio::test]
async fn an_upload_cut_at_every_tenth_of_the_way_is_unknown_and_leaves_no_file() {
    let (sandbox, client) = start(WebankOptions::default()).await;
    let folder = Folder::new("cut-up");
    let path = folder.pattern(10 * MIB);
    for tenth in 0..=10 {
        let operation = [Operation::Upload, Operation::UploadJson, Operation::UploadForm][tenth as usize % 3];
        sandbox.inject(Fault::once(operation, FaultKind::CutUp(tenth * MIB)));
        let format = zip();
        let notice =
            Notice { biz_path: "loan", file_type: &FileType::ARCHIVE, format: &format, biz_content: None };
        let attachment = || Attachment::new("a.zip", Content::file(&path));
        let before = requests(&sandbox, operation);
        let error = match operation {
            Operation::Upload => client.upload(upload("a.zip", Content::file(&path))).await.map(drop),
            Operation::UploadJson => client.notify_json(notice, attachment()).await.map(drop),
            _ => client.notify_form(notice, vec![attachment()]).await.map(drop),
        }
        .unwrap_err();
        let Error::Transport(transport) = &error else { panic!("{tenth}: {error}") };
        assert_eq!(
            (transport.kind(), error.outcome()),
            (&ErrorKind::Cut, Outcome::Unknown),
            "{tenth}: {error}"
        );
        // What may have been carried out is not repeated.
        assert_eq!(requests(&sandbox, operation), before + 1);
    }
    assert_eq!(sandbox.faults_met(), 11);
}

#[tokio::test]
async fn a_download_cut_at_every_tenth_of_the_way_leaves_nothing() {
    let (sandbox, client) = start(WebankOptions::default()).await;
    let folder = Folder::new("cut-down");
    let planted = sandbox.webank().plant("a.zip", 10 * MIB);
    let stored = StoredFile { id: planted.id, hash: planted.hash, name: None };
    let target = folder.0.join("a.zip");
    let download = Download::new(&stored).content_type("application/zip");
    for tenth in 0..10 {
        sandbox.inject(Fault::once(Operation::Download, FaultKind::CutDown(tenth * MIB)));
        let error = client.download_to(&download, &target).await.unwrap_err();
        let Error::Transport(transport) = &error else { panic!("{tenth}: {error}") };
        assert_eq!((transport.kind(), transport.status()), (&ErrorKind::Cut, Some(200)), "{tenth}: {error}");
        assert!(folder.names().is_empty(), "{tenth}: {:?}", folder.names());
    }
    // What was there before stays as it was.
    std::fs::write(&target, "before").unwrap();
    sandbox.inject(Fault::once(Operation::Download, FaultKind::CutDown(9 * MIB)));
    client.download_to(&download, &target).await.unwrap_err();
    assert_eq!((std::fs::read(&target).unwrap(), folder.names().len()), (b"before".to_vec(), 1));
    assert_eq!(client.download_to(&download, &target).await.unwrap().length, 10 * MIB);
    assert_eq!(std::fs::metadata(&target).unwrap().len(), 10 * MIB);
}

#[tokio::test]
async fn a_download_that_nobody_waits_for_leaves_nothing() {
    let (sandbox, client) = start(WebankOptions::default()).await;
    let folder = Folder::new("dropped");
    let planted = sandbox.webank().plant("a.zip", 64 * MIB);
    let stored = StoredFile { id: planted.id, hash: planted.hash, name: None };
    let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
    let download = Download::new(&stored)
        .content_type("application/zip")
        .on_progress(Arc::new(move |done, _| _ = begun.send(done)));
    let target = folder.0.join("a.zip");
    let task = tokio::spawn(async move { client.download_to(&download, &target).await.map(drop) });
    begins.recv().await.unwrap();
    assert_eq!(folder.names().len(), 1);
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert!(folder.names().is_empty(), "{:?}", folder.names());
}

#[tokio::test]
async fn answers_that_are_no_file_leave_nothing() {
    let (sandbox, client) = start(WebankOptions::default()).await;
    let folder = Folder::new("no-file");
    let planted = sandbox.webank().plant("a.zip", 1000);
    let stored = StoredFile { id: planted.id, hash: planted.hash, name: None };
    let download = Download::new(&stored).content_type("application/zip");
    for (fault, asked) in [
        // Asked for until the head is here, and that it may be another one the next time.
        (FaultKind::Status(503), 3),
        (FaultKind::CutAfter, 3),
        (FaultKind::CutBefore, 3),
        (FaultKind::Code("60840003".into()), 3),
        (FaultKind::NotJson, 1),
        (FaultKind::Status(404), 1),
        (FaultKind::Half, 1),
    ] {
        sandbox.clear_faults();
        sandbox.inject(Fault::always(Operation::Download, fault.clone()));
        let before = requests(&sandbox, Operation::Download);
        let error = client.download_to(&download, folder.0.join("a.zip")).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{fault}: {error}");
        assert!(folder.names().is_empty(), "{fault}: {:?}", folder.names());
        assert_eq!(requests(&sandbox, Operation::Download) - before, asked, "{fault}");
    }
    sandbox.clear_faults();
    sandbox.inject(Fault::times(Operation::Download, FaultKind::CutAfter, 2));
    assert_eq!(client.download(&download, &mut Vec::new()).await.unwrap().length, 1000);
    // SPEC.md §4.2: a file of JSON could not be told from a refusal.
    let json = Download::new(&stored).content_type("application/json; charset=utf-8");
    let error = client.download_to(&json, folder.0.join("a.json")).await.unwrap_err();
    assert!(matches!(error, Error::Input(InputError::FileParameter { what: "content type", .. })), "{error}");
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_full_disk_is_told() {
    let (sandbox, client) = start(WebankOptions::default()).await;
    let planted = sandbox.webank().plant("a.zip", MIB);
    let stored = StoredFile { id: planted.id, hash: planted.hash, name: None };
    let mut full = tokio::fs::OpenOptions::new().write(true).open("/dev/full").await.unwrap();
    let download = Download::new(&stored).content_type("application/zip");
    let error = client.download(&download, &mut full).await.unwrap_err();
    let Error::Write(io) = &error else { panic!("{error}") };
    assert_eq!(io.kind(), io::ErrorKind::StorageFull);
    assert_eq!(error.to_string(), "the file cannot be written: no storage space");
}

#[tokio::test]
async fn wb_13_a_hash_that_proves_nothing_is_an_error_where_that_is_asked_for() {
    let (_sandbox, client) =
        start(WebankOptions { hash: HashValue::Other, ..WebankOptions::default() }).await;
    let folder = Folder::new("hash");
    let uploaded = client.upload(upload("a.zip", vec![9; 100])).await.unwrap();
    assert_eq!(uploaded.hash, HashCheck::NotComparable);
    let stored = uploaded.file.clone();
    let error = uploaded.require_hash().unwrap_err();
    assert!(error.to_string().contains(&stored.hash) && error.to_string().contains(&stored.id), "{error}");

    let download = Download::new(&stored).content_type("application/zip");
    let target = folder.0.join("a.zip");
    let error = client.download_to(&download.clone().require_hash(), &target).await.unwrap_err();
    assert!(matches!(&error, Error::HashDiffers { file, .. } if *file == stored), "{error}");
    assert!(folder.names().is_empty());
    let downloaded = client.download_to(&download, &target).await.unwrap();
    assert_eq!((downloaded.hash, folder.names()), (HashCheck::NotComparable, vec!["a.zip".to_owned()]));
}

fn check_sent(sandbox: &Sandbox, uploaded: &Uploaded, name: &str, content: &[u8]) {
    let kept = sandbox.webank().file(&uploaded.file.id).unwrap();
    assert_eq!((kept.name.as_str(), &kept.content().unwrap()[..]), (name, content));
    assert_eq!((uploaded.length, uploaded.hash), (content.len() as u64, HashCheck::Proven));
    assert_eq!(kept.md5, uploaded.md5);
    assert!(uploaded.serials.biz_seq_no.is_some());
}

#[tokio::test]
async fn notices_carry_one_file_as_json_or_several_as_a_form() {
    let (sandbox, client) = start(WebankOptions::default()).await;
    let format = zip();
    let notice = Notice {
        biz_path: "loan",
        file_type: &FileType::CONTRACT,
        format: &format,
        biz_content: Some("{\"借据\": \"1\\n\"}"),
    };
    client.credentials().await.unwrap();
    for length in [0, 1, 2, 3, 200_000, 200_001] {
        let content: Vec<u8> = Pattern::pieces(length).flatten().collect();
        kicked(&sandbox);
        let file = Attachment::new("合同 \"1\"\n.zip", content.clone());
        let uploaded = client.notify_json(notice, file).await.unwrap();
        assert_eq!((uploaded.length, uploaded.hash), (length, HashCheck::Proven));
        assert_eq!(sandbox.webank().file(&uploaded.file.id).unwrap().name, "合同 \"1\"\n.zip");
    }
    kicked(&sandbox);
    let names = ["一", "二", "一"];
    let contents = [vec![1; 300_000], vec![], vec![3; 7]];
    let files = names.iter().zip(&contents).map(|(name, content)| Attachment::new(*name, content.clone()));
    let sent = client.notify_form(notice, files.collect()).await.unwrap();
    assert_eq!(sent.len(), 3);
    for ((uploaded, name), content) in sent.iter().zip(names).zip(&contents) {
        check_sent(&sandbox, uploaded, name, content);
    }
    // Without a notice's own content.
    let plain = Notice { biz_content: None, ..notice };
    let sent = client.notify_form(plain, vec![Attachment::new("a", vec![1])]).await.unwrap();
    check_sent(&sandbox, &sent[0], "a", &[1]);
    check_sent(&sandbox, &client.notify_json(plain, Attachment::new("a", vec![1])).await.unwrap(), "a", &[1]);
}

#[tokio::test]
async fn wb_7_the_body_is_signed_where_the_bank_wants_it() {
    let options = WebankOptions { upload_json_signed: true, ..WebankOptions::default() };
    let (sandbox, client) = start(options).await;
    let format = zip();
    let notice =
        Notice { biz_path: "loan", file_type: &FileType::CONTRACT, format: &format, biz_content: Some("[]") };
    let file = || Attachment::new("合同.zip", Content::reader(&b"abcd"[..], 4));
    let sent = client.notify_signed_json(notice, file()).await.unwrap();
    check_sent(&sandbox, &sent, "合同.zip", b"abcd");
    // In memory it can be sent again, even from a reader.
    kicked(&sandbox);
    client.notify_signed_json(notice, file()).await.unwrap();
    // Late enough after the last fetch that a refusal causes for the next one.
    sandbox.clock().advance(Duration::from_secs(10));
    let error = client.notify_json(notice, Attachment::new("a", vec![1])).await.unwrap_err();
    assert_eq!(error.refusal().map(|refusal| refusal.code.as_str()), Some("60841018"), "{error}");
}

/// A file host that reads so much of each request, says the same to each, and closes.
async fn host(reads: usize, answer: impl Into<String>) -> String {
    serve(reads, answer.into(), true).await
}

async fn serve(reads: usize, answer: String, drains: bool) -> String {
    let listener = listen((std::net::Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (mut read, mut piece) = (0, vec![0; 4096]);
            while read < reads {
                match stream.read(&mut piece).await {
                    Ok(0) | Err(_) => break,
                    Ok(more) => read += more,
                }
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            if drains {
                stream.shutdown().await.unwrap();
                // What still comes is read, so that the answer is not lost to a reset.
                while matches!(stream.read(&mut piece).await, Ok(more) if more > 0) {}
            }
        }
    });
    format!("http://{address}")
}

fn builder_of(sandbox: &Sandbox, files: &str) -> ClientBuilder {
    let access = &sandbox.access().webank;
    let builder = Client::builder(&access.app_id, access.secret.clone()).business_url(&sandbox.urls().webank);
    builder.files_url(files).clock(sandbox.clock().clone())
}

async fn client_of(sandbox: &Sandbox, files: &str) -> Client {
    builder_of(sandbox, files).build().unwrap()
}

#[tokio::test]
async fn a_success_before_the_file_was_sent_is_none() {
    let (sandbox, _) = start(WebankOptions::default()).await;
    let files = host(
        1,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 94\r\nConnection: close\r\n\r\n\
         {\"code\":\"60840000\",\"BizSeqNo\":\"b\",\"jsonData\":{\"FILE_LIST\":[{\"FILE_ID\":\"1\",\"HASH_VALUE\":\"h\"}]}}",
    )
    .await;
    let client = client_of(&sandbox, &files).await;
    // More than any buffer on the way holds, and never ready to go on.
    let stalled = Content::reader(AsyncReadExt::chain(&[0; 1000][..], Stalled), 64 * MIB);
    let error = client.upload(upload("a.zip", stalled)).await.unwrap_err();
    assert!(
        matches!(error, Error::NotUnderstood { status: 200, reason: ReplyError::TooEarly, .. }),
        "{error}"
    );
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(error.serials().and_then(|serials| serials.biz_seq_no.as_deref()), Some("b"));
}

/// A reader from which nothing comes.
struct Stalled;

impl AsyncRead for Stalled {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

/// Without a length, a cut connection looks like the end: only the hash can tell (RFC 9112 §6.3).
#[tokio::test]
async fn content_without_an_end_of_its_own_is_whole_only_if_its_hash_says_so() {
    let (sandbox, _) = start(WebankOptions::default()).await;
    let folder = Folder::new("unbounded");
    let target = folder.0.join("a.zip");
    let download = |hash: &str| {
        let stored = StoredFile { id: "1".into(), hash: hash.into(), name: None };
        Download::new(&stored).content_type("application/zip")
    };
    let (other, proven) = (download("0000"), download("900150983CD24FB0D6963F7D28E17F72"));
    for (version, headers) in [
        ("1.0", ""),
        ("1.0", "Connection: keep-alive\r\n"),
        ("1.1", ""),
        ("1.1", "Connection: close\r\n"),
        ("1.1", "Connection: Close\r\n"),
        ("1.1", "Connection: keep-alive\r\n"),
        ("1.1", "Transfer-Encoding: identity\r\n"),
        ("1.1", "Transfer-Encoding: chunked, identity\r\n"),
        // A coding goes before a length.
        ("1.1", "Transfer-Encoding: identity\r\nContent-Length: 3\r\n"),
    ] {
        let head = format!("HTTP/{version} 200 OK\r\nContent-Type: application/zip\r\n{headers}");
        let client = client_of(&sandbox, &host(1, format!("{head}\r\nabc")).await).await;
        let error = client.download_to(&other, &target).await.unwrap_err();
        let unbounded =
            matches!(error, Error::NotUnderstood { status: 200, reason: ReplyError::Unbounded, .. });
        assert!(unbounded && folder.names().is_empty(), "{head}: {error}");
        assert_eq!(client.download_to(&proven, &target).await.unwrap().hash, HashCheck::Proven, "{head}");
        assert_eq!(std::fs::read(&target).unwrap(), b"abc");
        std::fs::remove_file(&target).unwrap();
    }
    for (coding, whole, cut) in [
        ("Content-Length: 3\r\n", "abc", "ab"),
        ("Content-Length: 0\r\n", "", ""),
        ("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n", "3\r\nabc\r\n"),
        ("Transfer-Encoding: identity, Chunked\r\n", "3\r\nabc\r\n0\r\n\r\n", "3\r\nab"),
    ] {
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nConnection: close\r\n{coding}\r\n");
        let client = client_of(&sandbox, &host(1, format!("{head}{whole}")).await).await;
        let came = client.download_to(&other, &target).await.unwrap();
        assert_eq!(came.hash, HashCheck::NotComparable, "{head}");
        std::fs::remove_file(&target).unwrap();
        if whole != cut {
            let client = client_of(&sandbox, &host(1, format!("{head}{cut}")).await).await;
            let error = client.download_to(&other, &target).await.unwrap_err();
            let Error::Transport(transport) = &error else { panic!("{head}: {error}") };
            assert_eq!((transport.kind(), folder.names().len()), (&ErrorKind::Cut, 0), "{head}: {error}");
        }
    }
}

/// Counts the nonces drawn, one for each request that is signed, among the 32-byte draws.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        self.0.fetch_add(usize::from(bytes.len() == 32), Ordering::Relaxed);
        SystemEntropy.fill(bytes)
    }
}

/// SPEC.md §3.2: what certainly did not reach the bank is sent again, where its content can be read again.
#[tokio::test]
async fn files_are_sent_again_to_a_host_that_was_not_there() {
    let (sandbox, _) = start(WebankOptions::default()).await;
    let folder = Folder::new("absent");
    let path = folder.pattern(1000);
    let listener = listen((std::net::Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let draws = Counting::default();
    let mut retry = Retry::default();
    retry.first_pause = Duration::from_millis(1);
    let client = builder_of(&sandbox, &nobody).entropy(draws.clone()).retry(retry).build().unwrap();
    client.credentials().await.unwrap();
    let check = |result: Result<(), Error>, attempts: usize, what: &str| {
        let error = result.unwrap_err();
        let Error::Transport(transport) = &error else { panic!("{what}: {error}") };
        assert!(matches!(transport.kind(), ErrorKind::Connect(_)), "{what}: {error}");
        assert_eq!(error.outcome(), Outcome::NotSent, "{what}");
        assert_eq!(draws.0.swap(0, Ordering::Relaxed), attempts, "{what}");
    };
    let format = zip();
    let notice =
        Notice { biz_path: "loan", file_type: &FileType::ARCHIVE, format: &format, biz_content: None };
    let file = || Content::file(&path);
    let reader = || Content::reader(&b"abc"[..], 3);
    let one = |content| Attachment::new("a", content);
    draws.0.store(0, Ordering::Relaxed);
    // A multipart frame draws its boundary too.
    check(client.upload(upload("a", file())).await.map(drop), 2 * 3, "upload");
    check(client.upload(upload("a", reader())).await.map(drop), 2, "upload of a reader");
    check(client.notify_json(notice, one(file())).await.map(drop), 3, "JSON");
    check(client.notify_json(notice, one(reader())).await.map(drop), 1, "JSON of a reader");
    check(client.notify_signed_json(notice, one(reader())).await.map(drop), 3, "signed JSON");
    check(client.notify_form(notice, vec![one(file()), one(file())]).await.map(drop), 2 * 3, "form");
    check(
        client.notify_form(notice, vec![one(file()), one(reader())]).await.map(drop),
        2,
        "form of a reader",
    );
    let stored = StoredFile { id: "1".into(), hash: "h".into(), name: None };
    check(client.download(&Download::new(&stored), &mut Vec::new()).await.map(drop), 3, "download");
}

/// As another process would that was kicked out itself: puts credentials into the cell that nobody takes.
async fn put_dead(sandbox: &Sandbox, store: &MemoryStore) {
    let authority = sandbox.urls().webank.trim_start_matches("http://");
    let key = Key::new("webank", &format!("{}@{authority}", sandbox.access().webank.app_id)).unwrap();
    let entry = store.read(&key).await.unwrap().unwrap();
    let mut cell: serde_json::Value = serde_json::from_str(entry.value.expose()).unwrap();
    (cell["token"], cell["ticket"]) = ("dead".into(), "dead".into());
    (cell["writer"]["host"], cell["writer"]["pid"]) = ("elsewhere".into(), 1.into());
    let value = Secret::new(cell.to_string()).unwrap();
    let swap = store.swap(&key, entry.version, Put::new(&value, &entry.writer)).await.unwrap();
    assert!(matches!(swap, Swap::Done(_)), "{swap:?}");
}

/// SPEC.md §2.3: another process's newer credentials may be dead too; then our own fetch decides.
#[tokio::test]
async fn files_outlive_two_dead_generations() {
    for operation in [Operation::Upload, Operation::UploadJson, Operation::UploadForm, Operation::Download] {
        let (sandbox, _) = start(WebankOptions::default()).await;
        let store = Arc::new(MemoryStore::new());
        let client = builder_of(&sandbox, &sandbox.urls().webank_files).store(store.clone()).build().unwrap();
        let planted = sandbox.webank().plant("a.zip", 1000);
        let stored = StoredFile { id: planted.id, hash: planted.hash, name: None };
        let download = Download::new(&stored).content_type("application/zip");
        let format = zip();
        let notice =
            Notice { biz_path: "loan", file_type: &FileType::ARCHIVE, format: &format, biz_content: None };
        let file = || Attachment::new("a", vec![1]);
        client.credentials().await.unwrap();
        client.settle().await;
        kicked(&sandbox);
        put_dead(&sandbox, &store).await;
        let fetched = sandbox.webank().counts().token_fetches;
        match operation {
            Operation::Upload => client.upload(upload("a.zip", vec![1])).await.map(drop),
            Operation::UploadJson => client.notify_json(notice, file()).await.map(drop),
            Operation::UploadForm => client.notify_form(notice, vec![file()]).await.map(drop),
            _ => client.download(&download, &mut Vec::new()).await.map(drop),
        }
        .unwrap();
        assert_eq!(requests(&sandbox, operation), 3, "{operation:?}");
        assert_eq!(sandbox.webank().counts().token_fetches - fetched, 1, "{operation:?}");
    }
}

/// SPEC.md §3.2: the numbers by which the bank finds the call are on every error.
#[tokio::test]
async fn successes_that_are_none_keep_their_serial_numbers() {
    let (sandbox, _) = start(WebankOptions { hash: HashValue::Other, ..WebankOptions::default() }).await;
    let reply = |body: &str| {
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
    };
    let format = zip();
    let notice =
        Notice { biz_path: "loan", file_type: &FileType::ARCHIVE, format: &format, biz_content: None };
    for body in [
        r#"{"code":"60840000","BizSeqNo":"b1","ConsumerSeqNo":"c1"}"#,
        r#"{"code":"60840000","BizSeqNo":"b1","ConsumerseqNo":"c1","jsonData":"{}","fileList":[]}"#,
    ] {
        // As much as is sent, but for the last few bytes.
        let client = client_of(&sandbox, &host(100_000, reply(body)).await).await;
        let content = || vec![0; 100_000];
        for error in [
            client.upload(upload("a", content())).await.unwrap_err(),
            client.notify_json(notice, Attachment::new("a", content())).await.unwrap_err(),
            client.notify_form(notice, vec![Attachment::new("a", content())]).await.unwrap_err(),
        ] {
            assert!(matches!(error, Error::NotUnderstood { reason: ReplyError::Member(_), .. }), "{error}");
            let serials = error.serials().unwrap_or_else(|| panic!("{error}"));
            assert_eq!(serials.to_string(), "BizSeqNo b1, ConsumerSeqNo c1");
            assert!(error.to_string().contains("BizSeqNo b1, ConsumerSeqNo c1"), "{error}");
        }
    }
    let client = client_of(&sandbox, &sandbox.urls().webank_files).await;
    let uploaded = client.upload(upload("a", vec![1])).await.unwrap();
    let serials = uploaded.serials.clone();
    let error = uploaded.require_hash().unwrap_err();
    assert_eq!(error.serials(), Some(&serials));
    assert!(serials.biz_seq_no.is_some() && error.to_string().contains(&serials.to_string()), "{error}");
}

/// A gateway that refuses at once and closes, while the file is still on its way: the reset that follows may overtake the
/// refusal, but what we say is true either way.
#[tokio::test]
async fn an_early_refusal_is_told_or_its_outcome_is_unknown() {
    let (sandbox, _) = start(WebankOptions::default()).await;
    let body = r#"{"code":"60840002","msg":"no","BizSeqNo":"b1"}"#;
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let files = serve(1, answer, false).await;
    let client = client_of(&sandbox, &files).await;
    let content = bytes::Bytes::from(vec![0; 64 * MIB as usize]);
    let mut told = 0;
    for _ in 0..20 {
        let error = client.upload(upload("a.zip", content.clone())).await.unwrap_err();
        match &error {
            Error::Refused(refusal) => {
                assert_eq!(refusal.serials.biz_seq_no.as_deref(), Some("b1"));
                told += 1;
            }
            Error::Transport(transport) => {
                assert_eq!(
                    (transport.kind(), error.outcome()),
                    (&ErrorKind::Cut, Outcome::Unknown),
                    "{error}"
                );
            }
            other => panic!("{other}"),
        }
    }
    // Linux keeps what was received before the reset.
    assert!(told > 0 || cfg!(not(target_os = "linux")), "no refusal came through");
}
