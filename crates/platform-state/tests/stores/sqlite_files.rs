//! Files that are not as they should be: refused with words, and left as they were.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use platform_state::{ErrorKind, Lease, SqliteStore, Store as _};
use rusqlite::Connection;

use crate::crowd::{increment, number};
use crate::folder::Folder;
use crate::{Single, key, owner, single};

pub(crate) fn singles() -> Vec<Single> {
    vec![
        single("the_files_are_for_their_owner_only", modes),
        single("a_file_that_others_may_read_is_closed_to_them", closed_to_others),
        single("what_is_there_is_there_when_opened_again", opened_again),
        single("an_empty_file_is_taken", empty_file),
        single("a_text_is_no_database", text_file),
        single("a_file_of_zeros_is_no_database", zeros),
        single("a_cut_off_file_is_corrupted", cut_off),
        single("a_broken_page_is_corrupted", broken_page),
        single("a_foreign_database_is_left_alone", foreign),
        single("a_foreign_database_without_a_number_is_left_alone", foreign_without_number),
        single("a_newer_file_is_left_alone", newer),
        single("a_row_of_somebody_else_is_corrupted", foreign_row),
        single("a_missing_folder_is_named", missing_folder),
        single("a_folder_is_no_file", folder_as_file),
        single("a_locked_file_is_unavailable_after_the_wait", locked),
        single("a_lease_outlives_a_clock_that_is_set_back_by_its_length", clock_set_back),
        single("a_cell_from_the_future_has_no_age", cell_from_the_future),
        single("ended_rows_are_cleared_away", cleared),
        single("a_deleted_file_is_made_anew", deleted),
        single("a_file_whose_log_is_left_behind_is_not_made_anew", deleted_without_log),
        single("a_path_is_taken_as_it_is", odd_paths),
    ]
}

async fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path).await.unwrap()
}

#[track_caller]
fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Opening is refused so, in these words, and nothing changes.
async fn refused(path: &Path, kind: ErrorKind, words: &str) {
    let before = fs::read(path).ok();
    let error = SqliteStore::open_waiting(path, Duration::from_millis(100)).await.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(words), "{error}");
    assert!(error.to_string().contains(&*path.to_string_lossy()), "{error}");
    assert!(fs::read(path).ok() == before, "the file has changed");
}

/// A file with one cell that nobody has open.
async fn used(path: &Path) {
    let store = open(path).await;
    increment(&store).await;
    closed(store, path).await;
}

/// The thread ends soon after the last store; the log goes with it.
async fn closed(store: SqliteStore, path: &Path) {
    drop(store);
    let log = path.with_extension("db-wal");
    for _ in 0..4000 {
        if !log.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the file stays open");
}

async fn modes() {
    let folder = Folder::new();
    let store = open(&folder.path("state.db")).await;
    increment(&store).await;
    for name in ["state.db", "state.db-wal", "state.db-shm"] {
        assert_eq!(mode(&folder.path(name)), 0o600, "{name}");
    }
    assert_eq!(fs::read_dir(folder.itself()).unwrap().count(), 3);
}

async fn closed_to_others() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    used(&path).await;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
    let store = open(&path).await;
    increment(&store).await;
    for name in ["state.db", "state.db-wal", "state.db-shm"] {
        assert_eq!(mode(&folder.path(name)), 0o600, "{name}");
    }
}

async fn opened_again() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    used(&path).await;
    let (store, other) = (open(&path).await, open(&path).await);
    assert_eq!(increment(&store).await, 2);
    assert_eq!(number(&other.read(&key("a")).await.unwrap().unwrap()), (2, 2));
}

async fn empty_file() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    fs::write(&path, "").unwrap();
    assert_eq!(increment(&open(&path).await).await, 1);
    assert_eq!(mode(&path), 0o600);
}

async fn text_file() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    for text in ["x", "[webank]\napp-id = \"wx1\"\n", &"long ".repeat(10_000)] {
        fs::write(&path, text).unwrap();
        refused(&path, ErrorKind::Corrupted, "no SQLite database").await;
        assert_eq!(fs::read_dir(folder.itself()).unwrap().count(), 1);
    }
}

async fn zeros() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    fs::write(&path, [0; 8192]).unwrap();
    refused(&path, ErrorKind::Corrupted, "no SQLite database").await;
}

async fn cut_off() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    used(&path).await;
    let whole = fs::read(&path).unwrap();
    for length in [16, 100, 511, 512, 4095, 4096, 8192, whole.len() - 4096, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        refused(&path, ErrorKind::Corrupted, "restore it").await;
    }
    assert_eq!(fs::read_dir(folder.itself()).unwrap().count(), 1);
    fs::write(&path, &whole).unwrap();
    assert_eq!(increment(&open(&path).await).await, 2);
}

async fn broken_page() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    used(&path).await;
    let mut bytes = fs::read(&path).unwrap();
    for byte in bytes.iter_mut().skip(4096) {
        *byte = 0xa5;
    }
    fs::write(&path, &bytes).unwrap();
    // Opening reads the first page only; the first use meets the others.
    let error = match SqliteStore::open(&path).await {
        Ok(store) => store.read(&key("a")).await.unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::Corrupted, "{error}");
    assert!(error.to_string().contains("the file is broken"), "{error}");
}

/// A database made by these statements.
fn database(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

async fn foreign() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    database(&path, "PRAGMA application_id = 7; CREATE TABLE theirs (x)");
    refused(&path, ErrorKind::Corrupted, "another application's").await;
    assert_eq!(fs::read_dir(folder.itself()).unwrap().count(), 1);
}

async fn foreign_without_number() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    database(&path, "CREATE TABLE theirs (x)");
    refused(&path, ErrorKind::Corrupted, "another application's").await;
    database(&path, "PRAGMA user_version = 1");
    refused(&path, ErrorKind::Corrupted, "another application's").await;
}

async fn newer() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    used(&path).await;
    database(&path, "PRAGMA user_version = 99");
    refused(&path, ErrorKind::Newer, "format 99").await;
    database(&path, "PRAGMA user_version = -1");
    refused(&path, ErrorKind::Corrupted, "impossible format -1").await;
}

async fn foreign_row() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    let store = open(&path).await;
    increment(&store).await;
    for wrong in ["value = ''", "version = -1", "pid = -1", "pid = 99999999999"] {
        database(&path, &format!("UPDATE cell SET {wrong}"));
        let error = store.read(&key("a")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupted, "{wrong}: {error}");
        database(&path, "UPDATE cell SET value = '1', version = 1, pid = 1");
    }
    database(&path, "DROP TABLE lease");
    let error = store.release(&key("a"), &owner(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupted, "{error}");
    assert_eq!(increment(&store).await, 2);
}

async fn missing_folder() {
    let folder = Folder::new();
    refused(&folder.path("none/state.db"), ErrorKind::Input, "make it first").await;
    assert!(!folder.path("none").exists());
}

async fn folder_as_file() {
    let folder = Folder::new();
    let error = SqliteStore::open(folder.itself()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input, "{error}");
}

async fn locked() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    let store = SqliteStore::open_waiting(&path, Duration::from_millis(50)).await.unwrap();
    increment(&store).await;
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // Readers do not mind.
    assert_eq!(number(&store.read(&key("a")).await.unwrap().unwrap()), (1, 1));
    let (one, two) = (owner(1), owner(2));
    let name = key("a");
    let both = tokio::join!(
        store.acquire(&name, &one, Duration::from_secs(1)),
        store.acquire(&name, &two, Duration::from_secs(1)),
    );
    for outcome in [both.0, both.1] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    }
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(increment(&store).await, 2);
}

async fn clock_set_back() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    let store = open(&path).await;
    let minute = Duration::from_secs(60);
    assert_eq!(store.acquire(&key("a"), &owner(1), minute).await.unwrap(), Lease::Held);
    database(&path, "UPDATE lease SET until = until + 3600000");
    // Its owner may be at work. Whoever asks is told so, and the end is not put off by asking again.
    let mut left = minute;
    for _ in 0..2 {
        let Lease::Busy { remaining, .. } = store.acquire(&key("a"), &owner(2), minute).await.unwrap() else {
            panic!("held twice")
        };
        assert!(remaining <= left && remaining > minute / 2, "{remaining:?}");
        left = remaining;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(store.acquire(&key("a"), &owner(1), minute).await.unwrap(), Lease::Held);
    let short = Duration::from_millis(30);
    assert_eq!(store.acquire(&key("a"), &owner(1), short).await.unwrap(), Lease::Held);
    database(&path, "UPDATE lease SET until = until + 3600000");
    let since = std::time::Instant::now();
    while store.acquire(&key("a"), &owner(2), minute).await.unwrap() != Lease::Held {
        assert!(since.elapsed() < minute, "the lease does not end");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn cell_from_the_future() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    let store = open(&path).await;
    increment(&store).await;
    database(&path, "UPDATE cell SET put = put + 3600000");
    assert_eq!(store.read(&key("a")).await.unwrap().unwrap().age, Duration::ZERO);
}

async fn cleared() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    let store = open(&path).await;
    database(
        &path,
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 20)
         INSERT INTO cell SELECT 'test/' || x, 1, 'v', 'h', 1, 1, 2 FROM n;
         INSERT INTO lease SELECT key, 'o', 'h', 1, 1, 2 FROM cell",
    );
    let left = |table| {
        let sql = format!("SELECT count(*) FROM {table} WHERE until = 2");
        Connection::open(&path).unwrap().query_row(&sql, (), |row| row.get::<_, i64>(0)).unwrap()
    };
    for expected in [12, 4, 0] {
        increment(&store).await;
        store.acquire(&key("a"), &owner(1), Duration::from_secs(60)).await.unwrap();
        assert_eq!((left("cell"), left("lease")), (expected, expected));
    }
}

async fn deleted() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    let (store, other) = (open(&path).await, open(&path).await);
    increment(&store).await;
    assert_eq!(increment(&other).await, 2);
    for name in ["state.db", "state.db-wal", "state.db-shm"] {
        fs::remove_file(folder.path(name)).unwrap();
    }
    // Both meet in the new file.
    assert_eq!(increment(&store).await, 1);
    assert_eq!(increment(&other).await, 2);
    assert_eq!(increment(&open(&path).await).await, 3);
    assert_eq!(mode(&path), 0o600);
}

async fn deleted_without_log() {
    let folder = Folder::new();
    let path = folder.path("state.db");
    let store = open(&path).await;
    increment(&store).await;
    fs::remove_file(&path).unwrap();
    let error = store.read(&key("a")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    refused(&path, ErrorKind::Refused, "state.db-wal` is left").await;
    for name in ["state.db-wal", "state.db-shm"] {
        fs::remove_file(folder.path(name)).unwrap();
    }
    assert_eq!(increment(&store).await, 1);
}

async fn odd_paths() {
    let folder = Folder::new();
    for name in ["状态 1.db", "file:x?mode=memory", ":memory:", "a%20b'.db"] {
        let path = folder.path(name);
        assert_eq!(increment(&open(&path).await).await, 1);
        assert!(path.is_file(), "{name}");
    }
}
