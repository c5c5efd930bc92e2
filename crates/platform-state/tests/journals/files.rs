//! Files that are not as they should be, disks that are full, processes that are killed.

use std::fs;
use std::future::Future;
use std::io::{BufRead as _, BufReader};
use std::pin::Pin;
use std::process::Command;
use std::time::{Duration, Instant};

use platform_state::{ErrorKind, Item, Journal as _, SqliteJournal, SqliteStore, State};
use rusqlite::Connection;

use crate::Folder;
use crate::child::command;

type Single = fn() -> Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) fn singles() -> Vec<(&'static str, Single)> {
    vec![
        ("a_broken_file_is_refused_and_left_as_it_is", || Box::pin(broken())),
        ("a_newer_file_is_left_alone", || Box::pin(newer())),
        ("a_full_disk_refuses_and_loses_nothing", || Box::pin(full())),
        ("killed_processes_lose_nothing_that_was_told", || Box::pin(killed())),
        ("a_journal_that_is_not_there_is_not_made_by_looking", || Box::pin(missing())),
        ("folder_and_file_are_for_their_owner_only", || Box::pin(modes())),
        ("a_file_without_a_journal_becomes_one", || Box::pin(older())),
        ("accepted_content_is_gone_from_the_file", || Box::pin(wiped())),
    ]
}

async fn filled(folder: &Folder) {
    let journal = SqliteJournal::open(&folder.0).await.unwrap();
    journal.enqueue(1, vec![Item::new("a", "one"), Item::new("b", "two")]).await.unwrap();
    drop(journal);
    // Its thread writes the log back and takes it away.
    let since = Instant::now();
    while folder.0.join("journal.db-wal").exists() {
        assert!(since.elapsed() < Duration::from_secs(20), "the file is not closed");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn broken() {
    let folder = Folder::new();
    filled(&folder).await;
    let path = folder.0.join("journal.db");
    let whole = fs::read(&path).unwrap();
    for wrong in [whole[..whole.len() - 1].to_vec(), b"id,user_id\n1,2\n".to_vec()] {
        fs::write(&path, &wrong).unwrap();
        let error = SqliteJournal::open(&folder.0).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupted, "{error}");
        assert_eq!(fs::read(&path).unwrap(), wrong);
    }
    let mut pages = whole.clone();
    pages.iter_mut().skip(4096).for_each(|byte| *byte = 0xa5);
    fs::write(&path, &pages).unwrap();
    let error = match SqliteJournal::open(&folder.0).await {
        Ok(journal) => journal.enqueue(2, vec![Item::new("c", "x")]).await.unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::Corrupted, "{error}");
    fs::write(&path, &whole).unwrap();
    assert_eq!(SqliteJournal::open(&folder.0).await.unwrap().counts().await.unwrap().queued, 2);
}

async fn newer() {
    let folder = Folder::new();
    filled(&folder).await;
    Connection::open(folder.0.join("journal.db")).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let error = SqliteJournal::open(&folder.0).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Newer, "{error}");
}

async fn full() {
    let folder = Folder::new();
    let child = command("fill", &folder);
    // With the signal ignored, a write beyond the limit fails as on a full disk.
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 4000; exec \"$0\""]).arg(std::env::current_exe().unwrap());
    for (name, value) in child.get_envs() {
        limited.env(name, value.unwrap());
    }
    let said = String::from_utf8(limited.output().unwrap().stdout).unwrap();
    let (taken, error) = said.trim_end().split_once(' ').unwrap();
    assert!(error.starts_with("Refused: sqlite:"), "{said}");
    let taken: u64 = taken.parse().unwrap();
    // What was told is there, the rest is not, and it goes on.
    let journal = SqliteJournal::open(&folder.0).await.unwrap();
    assert!(taken >= 100);
    assert_eq!(journal.counts().await.unwrap().queued, taken);
    journal.enqueue(2, vec![Item::new("more", "x")]).await.unwrap();
    assert_eq!(journal.counts().await.unwrap().queued, taken + 1);
}

async fn killed() {
    let folder = Folder::new();
    let mut told = 0;
    for round in 1..=8 {
        let mut children = [0; 2].map(|_| command("work for ever", &folder).spawn().unwrap());
        for child in &mut children {
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            told +=
                lines.map_while(Result::ok).take(round).map(|line| line.parse::<u64>().unwrap()).sum::<u64>();
        }
        for child in &mut children {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let journal = SqliteJournal::open(&folder.0).await.unwrap();
        let counts = journal.counts().await.unwrap();
        // The counters say what is there, and everything that was told is.
        let connection = Connection::open(folder.0.join("journal.db")).unwrap();
        let count = |sql: &str| connection.query_row(sql, (), |row| row.get::<_, u64>(0)).unwrap();
        let (waiting, accepted) = (
            count("SELECT count(*) FROM journal_waiting"),
            count("SELECT count(*) FROM journal_known WHERE accepted IS NOT NULL"),
        );
        assert_eq!((counts.open(), counts.accepted), (waiting, accepted));
        assert_eq!(count("SELECT count(*) FROM journal_known"), waiting + accepted);
        assert!(waiting + accepted >= told, "what was told is lost");
        let verdict: String = connection.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
        assert_eq!(verdict, "ok");
    }
}

async fn missing() {
    let folder = Folder::new();
    assert!(SqliteJournal::find(&folder.0).await.unwrap().is_none());
    assert!(!folder.0.exists());
    filled(&folder).await;
    let journal = SqliteJournal::find(&folder.0).await.unwrap().unwrap();
    assert_eq!(journal.counts().await.unwrap().queued, 2);
    let error = SqliteJournal::open(folder.0.join("journal.db")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input, "{error}");
}

async fn modes() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    filled(&folder).await;
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(folder.0.clone()), mode(folder.0.join("journal.db"))), (0o700, 0o600));
}

async fn older() {
    let folder = Folder::new();
    fs::create_dir_all(&folder.0).unwrap();
    let path = folder.0.join("journal.db");
    drop(SqliteStore::open(&path).await.unwrap());
    // As the first version left it.
    let connection = Connection::open(&path).unwrap();
    for table in ["journal", "journal_known", "journal_waiting", "journal_refused", "journal_batch"] {
        connection.execute_batch(&format!("DROP TABLE {table}")).unwrap();
    }
    connection.execute_batch("PRAGMA user_version = 1").unwrap();
    drop(connection);
    filled(&folder).await;
}

async fn wiped() {
    use platform_state::{Most, Owner, Turn, Verdict, Writer};
    let folder = Folder::new();
    let journal = SqliteJournal::open(&folder.0).await.unwrap();
    journal.enqueue(1, vec![Item::new("a", "张三的电话")]).await.unwrap();
    let owner = Owner::new(Writer::this_process(), [1; 16]);
    let most = Most { items: 1, weight: 1 };
    let Turn::Batch(claim) = journal.claim(&owner, most, Duration::from_secs(60)).await.unwrap() else {
        panic!()
    };
    journal.settle(claim.ticket, vec![(claim.items[0].place, Verdict::Accepted)]).await.unwrap();
    assert_eq!(journal.export(State::Accepted, None, 1).await.unwrap().records[0].content, None);
    let path = folder.0.join("journal.db");
    Connection::open(&path).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let bytes = fs::read(&path).unwrap();
    let text = "张三的电话".as_bytes();
    assert!(!bytes.windows(text.len()).any(|window| window == text));
}
