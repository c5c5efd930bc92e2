//! What this program does when a test starts it as another process.

use std::env;
use std::io::{Write as _, stdout};
use std::process::{Command, Stdio};
use std::time::Duration;

use platform_state::{Item, Journal as _, Most, Owner, SqliteJournal, Turn, Verdict, Writer};

use crate::{Folder, run as block_on};

const TASK: &str = "PLATFORM_STATE_JOURNAL_TASK";
const FOLDER: &str = "PLATFORM_STATE_JOURNAL";

/// A command that starts this program for a task.
pub(crate) fn command(task: &str, folder: &Folder) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.env(TASK, task).env(FOLDER, &folder.0).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// Does what the environment tells, if it tells anything.
pub(crate) fn run() -> bool {
    let (Ok(task), Ok(folder)) = (env::var(TASK), env::var(FOLDER)) else { return false };
    block_on(async move {
        let journal = match SqliteJournal::open(folder).await {
            Ok(journal) => journal,
            Err(error) => return say(&format!("{:?}: {error}", error.kind())),
        };
        match task.as_str() {
            "fill" => fill(&journal).await,
            "work for ever" => work(&journal).await,
            _ => panic!("unknown task `{task}`"),
        }
    });
    true
}

/// Puts records in until the disk is full. Says how many it was told to be durable, and the error.
async fn fill(journal: &SqliteJournal) {
    let mut taken = 0_u32;
    let error = loop {
        let items = (0..100).map(|n| Item::new(format!("{}", taken + n), vec![b'x'; 1000])).collect();
        match journal.enqueue(1, items).await {
            Ok(_) if taken < 1_000_000 => taken += 100,
            Ok(_) => return say("nothing refuses"),
            Err(error) => break error,
        }
    };
    say(&format!("{taken} {:?}: {error}", error.kind()));
}

/// Feeds and settles until it is killed; says how many records are durable.
async fn work(journal: &SqliteJournal) {
    let owner = Owner::new(Writer::this_process(), [1; 16]);
    let most = Most { items: 30, weight: 1 << 30 };
    let mut taken = u64::from(std::process::id()) << 32;
    loop {
        let items = (0..50).map(|n| Item::new(format!("{}", taken + n), vec![b'x'; 300])).collect();
        journal.enqueue(taken, items).await.unwrap();
        taken += 50;
        say("50");
        if let Turn::Batch(claim) = journal.claim(&owner, most, Duration::from_millis(20)).await.unwrap() {
            let verdicts = claim.items.iter().map(|item| (item.place, Verdict::Accepted)).collect();
            journal.settle(claim.ticket, verdicts).await.unwrap();
        }
    }
}

fn say(line: &str) {
    let mut out = stdout().lock();
    // Nobody listens any more to what is about to be killed.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
