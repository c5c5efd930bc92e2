//! Several processes on one file, and their sudden ends.

use std::process::Command;

use platform_state::{SqliteStore, Store as _};
use rusqlite::Connection;

use crate::child::{answer, command, lines};
use crate::crowd::{increment, number};
use crate::folder::Folder;
use crate::{Single, key, single};

pub(crate) fn singles() -> Vec<Single> {
    vec![
        single("two_processes_lose_no_increment", two_processes),
        single("eight_processes_make_one_file", eight_processes),
        single("a_killed_process_leaves_the_file_whole", killed),
        single("a_file_that_may_not_grow_refuses_and_stays_whole", limited),
    ]
}

fn address(folder: &Folder) -> String {
    format!("sqlite:{}", folder.path("state.db").display())
}

async fn two_processes() {
    let folder = Folder::new();
    let mut children = [0; 2].map(|_| command("increment", &address(&folder)).spawn().unwrap());
    let ours = SqliteStore::open(folder.path("state.db")).await.unwrap();
    for _ in 0..50 {
        increment(&ours).await;
    }
    for child in &mut children {
        assert_eq!(lines(child).collect::<Vec<_>>(), ["done"]);
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(number(&ours.read(&key("a")).await.unwrap().unwrap()), (450, 450));
}

async fn eight_processes() {
    // Who makes the file, who finds it half made: each time another one.
    for _ in 0..20 {
        let folder = Folder::new();
        let mut children = [0; 8].map(|_| command("use", &address(&folder)).spawn().unwrap());
        for child in &mut children {
            assert_eq!(lines(child).collect::<Vec<_>>(), ["ok"]);
            child.wait().unwrap();
        }
        let store = SqliteStore::open(folder.path("state.db")).await.unwrap();
        assert_eq!(number(&store.read(&key("a")).await.unwrap().unwrap()), (8, 8));
    }
}

async fn killed() {
    let folder = Folder::new();
    for round in 1..=10 {
        let mut victim = command("increment for ever", &address(&folder)).spawn().unwrap();
        let mut witness = command("increment for ever", &address(&folder)).spawn().unwrap();
        let told: u64 = lines(&mut victim).nth(round * 3).unwrap().parse().unwrap();
        victim.kill().unwrap();
        victim.wait().unwrap();
        // The other one goes on.
        let later: u64 = lines(&mut witness).nth(10).unwrap().parse().unwrap();
        witness.kill().unwrap();
        witness.wait().unwrap();
        let store = SqliteStore::open(folder.path("state.db")).await.unwrap();
        let (version, _) = number(&store.read(&key("a")).await.unwrap().unwrap());
        assert!(version >= told.max(later), "what was told is lost");
        whole(&folder);
    }
}

fn whole(folder: &Folder) {
    let connection = Connection::open(folder.path("state.db")).unwrap();
    let verdict: String = connection.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}

async fn limited() {
    let folder = Folder::new();
    let child = command("fill", &address(&folder));
    // With the signal ignored, a write beyond the limit fails as on a full disk.
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 2000; exec \"$0\""]).arg(std::env::current_exe().unwrap());
    for (name, value) in child.get_envs() {
        limited.env(name, value.unwrap());
    }
    let said = answer(&mut limited);
    let (taken, error) = said.split_once(' ').unwrap();
    assert!(error.starts_with("Refused: sqlite:") && error.contains("space"), "{said}");
    assert!(taken.parse::<u32>().unwrap() > 3, "{said}");
    whole(&folder);
    // Without the limit it goes on.
    assert_eq!(answer(&mut command("use", &address(&folder))), "ok");
}
