//! `duijie jinlaiban push --spool` that is stopped, killed, or not allowed to write: nothing is lost, nothing sent twice.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

#[path = "journals/bench.rs"]
#[allow(dead_code, reason = "the other tests take what these leave")]
mod bench;

use std::{
    fs,
    io::Write as _,
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::Path,
    process::Command,
    time::Duration,
};

use platform_sandbox::{Fault, FaultKind, Operation};

use crate::bench::{Bench, Ran, Running, record, records};

fn slow(bench: &Bench, milliseconds: u64) {
    let kind = FaultKind::Slow(Duration::from_millis(milliseconds));
    bench.sandbox.inject(Fault::always(Operation::Push, kind));
}

/// Stopped while the platform is about to answer: batches are finished or given back, and the next run does the rest.
async fn stopped_by(signal: &str) {
    let bench = Bench::new(&format!("stopped{signal}")).await;
    let (file, spool) = (bench.file("a.jsonl", &records(9000)), bench.path("spool"));
    let push = ["push", &file, "--spool", &spool, "--json"];
    slow(&bench, 400);
    let running = bench.start(&push);
    bench.met(2000).await;
    running.signal(signal);
    let ran = running.ends_by_itself().await;
    ran.check(1, "\"error\": \"interrupted; ", "stopping; what is on its way is finished");
    let (distinct, sent) = bench.counts();
    assert!(distinct == sent && sent < 9000, "{distinct} {sent}");
    let status = bench.status(&spool).await;
    let of = |state: &str| status[state].as_u64().unwrap();
    assert_eq!((of("accepted"), of("sending"), of("unknown")), (sent, 0, 0));
    assert_eq!(ran.json()["left"].as_u64(), Some(of("queued")));
    bench.sandbox.clear_faults();
    let again = bench.run(&push).await;
    again.check(0, "\"left\": 0", "");
    assert_eq!((again.json()["accepted"].as_u64(), bench.counts()), (Some(9000 - sent), (9000, 9000)));
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_finishes_what_is_on_its_way() {
    stopped_by("-INT").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_stops_it_in_the_same_way() {
    stopped_by("-TERM").await;
}

/// Who writes into the pipe keeps it open, half a line in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_pipe_does_not_hold_it_up() {
    let bench = Bench::new("silent").await;
    let spool = bench.path("spool");
    let push = ["push", "-", "--spool", &spool];
    let mut running = bench.start(&push);
    running.stdin().write_all(records(2500).concat().as_bytes()).unwrap();
    running.stdin().write_all(b"{\"id\":9").unwrap();
    bench.met(2500).await;
    running.signal("-INT");
    let ran = running.ends_by_itself().await;
    ran.check(1, "rejected 0", "interrupted; ");
    // What was met may not have been settled yet.
    bench.run(&["push", "--spool", &spool]).await.check(0, "left 0", "");
    assert_eq!(bench.counts(), (2500, 2500));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_ends_it_while_a_pipe_is_silent() {
    let bench = Bench::new("silent-failure").await;
    let spool = bench.path("spool");
    bench.sandbox.inject(Fault::once(Operation::Push, FaultKind::Code("302".to_owned())));
    let mut running = bench.start(&["push", "-", "--spool", &spool]);
    running.stdin().write_all(records(2001).concat().as_bytes()).unwrap();
    let ran = running.ends_by_itself().await;
    ran.check(1, "left 2001", "302");
    assert_eq!(bench.counts(), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_twice_it_ends_at_once() {
    let bench = Bench::new("asked-twice").await;
    let (file, spool) = (bench.file("a.jsonl", &records(10)), bench.path("spool"));
    slow(&bench, 300_000);
    let mut running = bench.start(&["push", &file, "--spool", &spool]);
    bench.met(10).await;
    running.signal("-INT");
    let since = std::time::Instant::now();
    let ran = loop {
        // Two that come at the same time may be seen as one.
        assert!(since.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(200)).await;
        if running.has_ended() {
            break running.ends_by_itself().await;
        }
        running.signal("-INT");
    };
    ran.check(1, "", "interrupted at once");
    bench.sandbox.clear_faults();
    bench.run(&["push", "--spool", &spool]).await.check(0, "accepted 10 in", "");
    assert_eq!(bench.counts(), (10, 20));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_it_loses_nothing() {
    let bench = Bench::new("killed").await;
    let (file, spool) = (bench.file("a.jsonl", &records(9000)), bench.path("spool"));
    let push = ["push", &file, "--spool", &spool, "--workers", "1", "--json"];
    slow(&bench, 300);
    let running = bench.start(&push);
    bench.met(4000).await;
    running.signal("-KILL");
    assert_eq!(running.ends_by_itself().await.exit, -1);
    let status = bench.status(&spool).await;
    let accepted = status["accepted"].as_u64().unwrap();
    assert!((2000..9000).contains(&accepted), "{status}");
    bench.sandbox.clear_faults();
    let (_, sent) = bench.counts();
    let again = bench.run(&push).await;
    again.check(0, "\"left\": 0", "");
    let (distinct, records) = bench.counts();
    assert_eq!((distinct, again.json()["accepted"].as_u64()), (9000, Some(9000 - accepted)));
    // What was accepted is not sent again.
    assert_eq!(records - sent, 9000 - accepted);
}

/// Nobody's number, nearly everywhere. As root nothing is forbidden: then that user tries.
const NOBODY: u32 = 65534;

struct Limited {
    bench: Bench,
    root: bool,
}

impl Limited {
    async fn new(name: &str) -> Self {
        let bench = Bench::new(name).await;
        let root = fs::metadata(&bench.folder).unwrap().uid() == 0;
        // Where the command was built another user may see nothing.
        fs::copy(env!("CARGO_BIN_EXE_duijie"), bench.folder.join("duijie")).unwrap();
        bench.file("a.jsonl", &[record(1, "查询")]);
        let limited = Self { bench, root };
        limited.give(&limited.bench.folder, 0o700);
        limited
    }

    fn give(&self, path: &Path, mode: u32) {
        if self.root {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn spool(&self) -> String {
        self.bench.path("spool")
    }

    async fn push(&self) -> Ran {
        let ours = self.bench.command(&["push", &self.bench.path("a.jsonl"), "--spool", &self.spool()]);
        let mut command = Command::new(self.bench.folder.join("duijie"));
        command.args(ours.get_args()).env_clear();
        command.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if self.root {
            command.uid(NOBODY).gid(NOBODY);
        }
        Running::start(command).end().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_that_cannot_be_made_or_written_is_refused() {
    let limited = Limited::new("read-only").await;
    let (folder, spool) = (limited.bench.folder.clone(), limited.bench.folder.join("spool"));
    // Where it cannot be made.
    limited.give(&folder, 0o500);
    limited.push().await.check(1, "", "cannot be made");
    assert!(!spool.exists());
    limited.give(&folder, 0o700);
    // An empty folder that cannot be written.
    fs::create_dir(&spool).unwrap();
    limited.give(&spool, 0o500);
    limited.push().await.check(1, "", "the right to read and write it and its folder");
    assert_eq!(fs::read_dir(&spool).unwrap().count(), 0);
    limited.give(&spool, 0o700);
    limited.push().await.check(0, "accepted 1", "");
    // A journal that cannot be written.
    let journal = spool.join("journal.db");
    limited.give(&journal, 0o400);
    let before = fs::read(&journal).unwrap();
    limited.push().await.check(1, "", "read only");
    assert_eq!(fs::read(&journal).unwrap(), before);
    limited.give(&journal, 0o600);
    // A journal in a folder that cannot be written: the log has no place.
    // A process that ends in haste leaves its log, which would do; whoever closes the file last takes it away.
    drop(platform_state::SqliteJournal::open(&spool).await.unwrap());
    let since = std::time::Instant::now();
    while spool.join("journal.db-wal").exists() {
        assert!(since.elapsed() < Duration::from_secs(20), "the file is not closed");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let before = fs::read(&journal).unwrap();
    limited.give(&spool, 0o500);
    limited.push().await.check(1, "", "the right to");
    assert_eq!(fs::read(&journal).unwrap(), before);
    limited.give(&spool, 0o700);
    limited.push().await.check(0, "known 1", "");
    assert_eq!(limited.bench.counts(), (1, 1));
}
