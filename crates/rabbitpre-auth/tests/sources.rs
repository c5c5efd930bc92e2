//! Attributes from files that change, and the addresses that name sources.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rabbitpre_auth::{
    AddressError, AttributeSource, Attributes, AttributesFileError as Failure, CheckRequest, FileAttributes,
    FileError, OpenError, SourceAddress, SourceOptions,
};

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("rabbitpre-sources-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What is known of user 1.
async fn ask(source: &dyn AttributeSource) -> Attributes<'static> {
    let request = CheckRequest::parse(br#"{"userParam":{"audid":1}}"#).unwrap();
    let answer = source.fetch(request.user(), &["a"]).await.unwrap();
    (*answer).clone()
}

fn attributes(json: &str) -> Attributes<'_> {
    Attributes::parse(json.as_bytes()).unwrap()
}

/// Two looks and a bit; the clock jumps.
async fn two_looks() {
    tokio::time::sleep(Duration::from_millis(2_100)).await;
}

#[tokio::test(start_paused = true)]
async fn a_file_that_changes_is_read_anew() {
    let folder = Folder::new();
    let path = folder.file("users.json", r#"{"1":{"a":1}}"#);
    let source = FileAttributes::open(&path).await.unwrap();
    assert!(ask(&source).await == attributes(r#"{"a":1}"#));
    // Written in place; replaced; and one with the same length.
    for (number, text) in [r#"{"1":{"a":22}}"#, r#"{"1":{"a":333}}"#, r#"{"1":{"a":444}}"#].iter().enumerate()
    {
        if number == 1 {
            fs::rename(folder.file("new.json", text), &path).unwrap();
        } else {
            fs::write(&path, text).unwrap();
        }
        two_looks().await;
        let expected = text.trim_start_matches(r#"{"1":"#).trim_end_matches('}').to_owned() + "}";
        assert!(ask(&source).await == attributes(&expected), "{text}");
    }
    assert_eq!((source.counters().failed, source.counters().asked), (0, 4));
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_being_written_is_not_taken() {
    let folder = Folder::new();
    let path = folder.file("users.json", r#"{"1":{"a":1}}"#);
    let source = FileAttributes::open(&path).await.unwrap();
    // As a writer does that empties the file, and then writes piece by piece.
    for (failed, text) in [(1, ""), (2, "{"), (3, r#"{"1":{"a":2}"#), (4, "\n \n")] {
        fs::write(&path, text).unwrap();
        two_looks().await;
        two_looks().await;
        assert!(ask(&source).await == attributes(r#"{"a":1}"#), "{text}");
        assert_eq!(source.counters().failed, failed, "counted once: {text}");
    }
    fs::remove_file(&path).unwrap();
    two_looks().await;
    assert!(ask(&source).await == attributes(r#"{"a":1}"#));
    assert_eq!(source.counters().failed, 5);
    fs::write(&path, r#"{"1":{"a":2}}"#).unwrap();
    two_looks().await;
    assert!(ask(&source).await == attributes(r#"{"a":2}"#));
    // Nobody known is said in so many words.
    fs::write(&path, "{}").unwrap();
    two_looks().await;
    assert!(ask(&source).await.is_empty());
    assert_eq!(source.counters().failed, 5);
}

#[tokio::test(start_paused = true)]
async fn a_table_cut_off_within_a_cell_is_not_taken() {
    let folder = Folder::new();
    let path = folder.file("users.csv", "audid,a\n1,10\n");
    let source = FileAttributes::open(&path).await.unwrap();
    // The cell was to be 199.
    fs::write(&path, "audid,a\n1,19").unwrap();
    two_looks().await;
    assert!(ask(&source).await == attributes(r#"{"a":"10"}"#));
    assert_eq!(source.reload().await, Err(FileError::CutOff { path: path.clone() }));
    fs::write(&path, "audid,a\n1,199\n").unwrap();
    two_looks().await;
    assert!(ask(&source).await == attributes(r#"{"a":"199"}"#));
    // Who never ends his last line may go on so.
    let path = folder.file("others.csv", "audid,a\n1,10");
    let source = FileAttributes::open(&path).await.unwrap();
    fs::write(&path, "audid,a\n1,11").unwrap();
    two_looks().await;
    assert!(ask(&source).await == attributes(r#"{"a":"11"}"#));
}

#[tokio::test(start_paused = true)]
async fn a_version_is_read_when_two_looks_find_it() {
    let folder = Folder::new();
    let path = folder.file("users.json", r#"{"1":{"a":1}}"#);
    let source = FileAttributes::open_looking(&path, Duration::from_secs(60)).await.unwrap();
    fs::write(&path, r#"{"1":{"a":2}}"#).unwrap();
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert!(ask(&source).await == attributes(r#"{"a":1}"#), "it may still be written");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(ask(&source).await == attributes(r#"{"a":2}"#));
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn a_pipe_in_place_of_the_file_is_not_waited_for() {
    let folder = Folder::new();
    let path = folder.file("users.json", r#"{"1":{"a":1}}"#);
    let source = FileAttributes::open(&path).await.unwrap();
    fs::remove_file(&path).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    two_looks().await;
    two_looks().await;
    assert_eq!(source.counters().failed, 1, "said once");
    fs::remove_file(&path).unwrap();
    folder.file("users.json", r#"{"1":{"a":2}}"#);
    two_looks().await;
    assert!(ask(&source).await == attributes(r#"{"a":2}"#));
}

#[tokio::test]
async fn a_file_is_read_anew_on_demand_and_an_error_changes_nothing() {
    let folder = Folder::new();
    let path = folder.file("users.csv", "audid,a\n1,x\n");
    let source = FileAttributes::open(&path).await.unwrap();
    fs::write(&path, "audid,a\n1,y\n").unwrap();
    source.reload().await.unwrap();
    assert!(ask(&source).await == attributes(r#"{"a":"y"}"#));
    fs::write(&path, "audid,a\n1\n").unwrap();
    let error = source.reload().await.unwrap_err();
    assert!(matches!(&error, FileError::Content { error: Failure::Cells { line: 2, .. }, .. }), "{error}");
    assert!(ask(&source).await == attributes(r#"{"a":"y"}"#));
    assert_eq!(source.counters().failed, 1);
    let shown = format!("{source:?}");
    assert!(shown.contains("users: 1") && shown.contains("watching: true"), "{shown}");
}

#[tokio::test]
async fn the_start_is_stopped_by_a_file_that_cannot_be_read() {
    let folder = Folder::new();
    let missing = folder.0.join("missing.json");
    let error = FileAttributes::open(&missing).await.unwrap_err();
    let not_found = FileError::System { path: missing.clone(), error: std::io::ErrorKind::NotFound };
    assert_eq!(error, not_found);
    let expected = format!(
        "cannot read the attributes file `{}`: entity not found; check the path, and that this user may read it",
        missing.display()
    );
    assert_eq!(error.to_string(), expected);
    let error = FileAttributes::open(&folder.0).await.unwrap_err();
    assert!(matches!(error, FileError::System { error: std::io::ErrorKind::IsADirectory, .. }), "{error}");
    let error = FileAttributes::open(folder.file("a.json", "{\n\"1\":[]}")).await.unwrap_err();
    assert!(matches!(error, FileError::Content { error: Failure::User { line: 2, user: 1 }, .. }), "{error}");
    let error = FileAttributes::open(folder.file("A.CSV", "{}")).await.unwrap_err();
    assert!(matches!(error, FileError::Content { error: Failure::NoAudid { line: 1 }, .. }), "{error}");
}

#[track_caller]
fn address(text: &str, shown: &str) {
    let address = SourceAddress::parse(text).unwrap();
    assert_eq!(address.to_string(), shown);
    assert_eq!(text.parse::<SourceAddress>().unwrap(), address);
    assert!(!format!("{address:?}").contains("secret"));
}

#[track_caller]
fn no_address(text: &str, expected: impl Fn(&AddressError) -> bool, shown: &str) {
    let error = SourceAddress::parse(text).unwrap_err();
    assert!(expected(&error), "{error:?}");
    assert!(error.to_string().contains(shown), "{error}");
    assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
}

#[test]
fn addresses_name_files() {
    address("users.json", "users.json");
    address("/var/lib/用户 1.csv", "/var/lib/用户 1.csv");
    address("a:b", "a:b");
    address("./sqlite:x", "./sqlite:x");
    no_address("", |error| matches!(error, AddressError::Unknown { scheme: None }), "empty");
    let unknown = |error: &AddressError| matches!(error, AddressError::Unknown { scheme: Some(_) });
    no_address("postgres://me:secret@host/users", unknown, "no attributes at `postgres:`");
    no_address("redis://:secret@host", unknown, "name a file");
}

#[cfg(feature = "http")]
#[test]
fn addresses_name_endpoints() {
    address("http://127.0.0.1:8080/attributes?key=secret", "http://127.0.0.1:8080/attributes");
    address("HTTPS://users.example", "HTTPS://users.example");
    let wrong = |error: &AddressError| matches!(error, AddressError::Http(_));
    no_address("http://me:secret@host/", wrong, "user name or password");
    no_address("http://host/?a=secret b", wrong, "percent-encode");
    no_address("http://", wrong, "base URL");
}

#[cfg(not(feature = "http"))]
#[test]
fn endpoints_need_their_feature() {
    let missing = |error: &AddressError| matches!(error, AddressError::NotBuiltIn { feature: "http", .. });
    no_address("https://host/secret", missing, "enable the feature `http`");
}

#[cfg(not(feature = "sqlite"))]
#[test]
fn databases_need_their_feature() {
    let missing = |error: &AddressError| matches!(error, AddressError::NotBuiltIn { feature: "sqlite", .. });
    no_address("sqlite:secret.db", missing, "enable the feature `sqlite`");
}

#[cfg(feature = "sqlite")]
#[test]
fn addresses_name_databases() {
    address("sqlite:users.db?table=users&key=secret", "sqlite:users.db");
    address("sqlite:/a b.db?query=SELECT 'secret' AS a WHERE :audid = '%31%26'", "sqlite:/a b.db");
    address("sqlite:users.db?table=users", "sqlite:users.db");
    let wrong = |error: &AddressError| matches!(error, AddressError::Sqlite { .. });
    no_address("sqlite:users.db", wrong, "write `sqlite:FILE?table=TABLE&key=COLUMN`");
    no_address("sqlite:users.db?", wrong, "write `sqlite:FILE?table=TABLE&key=COLUMN`");
    no_address("sqlite:users.db?key=a", wrong, "write `sqlite:FILE?table=TABLE&key=COLUMN`");
    no_address("sqlite:users.db?table=a&query=secret", wrong, "or `sqlite:FILE?query=");
    no_address("sqlite:?table=a", wrong, "followed by the path");
    no_address("sqlite:///users.db?table=a", wrong, "without `//`");
    no_address("sqlite:a.db?table=a&table=b", wrong, "twice");
    no_address("sqlite:a.db?table=", wrong, "without a value");
    no_address("sqlite:a.db?tabel=a", wrong, "only `table`, `key` and `query`");
    no_address("sqlite:a.db?query=SELECT a LIKE '%x'", wrong, "write a percent sign as `%25`");
    no_address("sqlite:a.db?table=%ff", wrong, "UTF-8");
}

#[tokio::test]
async fn a_source_is_opened_by_its_address() {
    let folder = Folder::new();
    let open = async |path: &Path, options| {
        SourceAddress::parse(path.to_str().unwrap()).unwrap().open(options).await
    };
    let path = folder.file("users.jsonl", "{\"audid\":\"1\",\"attributes\":{\"a\":true}}");
    let source = open(&path, SourceOptions::default().look_every(Duration::from_secs(5))).await.unwrap();
    assert!(ask(&*source).await == attributes(r#"{"a":true}"#));
    assert_eq!(source.counters().asked, 1);
    let options = SourceOptions::default().bearer_token("secret");
    assert!(!format!("{options:?}").contains("secret"));
    assert_eq!(open(&path, options).await.err(), Some(OpenError::TokenUnused));
    let error = open(&folder.0.join("none"), SourceOptions::default()).await.err();
    assert!(matches!(error, Some(OpenError::File(FileError::System { .. }))), "{error:?}");
}
