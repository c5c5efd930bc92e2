//! `duijie jinlaiban push --spool` where a pipe stays open, others use the spool, records are long, and what is left of
//! personal data.
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
    time::{Duration, Instant},
};

use platform_sandbox::{Fault, FaultKind, Operation};
use platform_state::{Journal as _, Most, Owner, SqliteJournal, Turn, Verdict, Writer};

use crate::bench::{Bench, record, records};

const LONG: Duration = Duration::from_secs(60);

/// Waits until it is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let since = Instant::now();
    while !is_so().await {
        assert!(since.elapsed() < LONG, "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_out_of_an_open_pipe_is_sent() {
    let bench = Bench::new("open").await;
    let spool = bench.path("spool");
    let mut running = bench.start(&["push", "-", "--spool", &spool]);
    for id in 0..3 {
        running.stdin().write_all(record(id, "查询").as_bytes()).unwrap();
        bench.met(id as u64 + 1).await;
    }
    running.end().await.check(0, "accepted 3 in 3 requests", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_for_good_ends_it_while_a_pipe_is_open() {
    let bench = Bench::new("open-302").await;
    let spool = bench.path("spool");
    bench.sandbox.inject(Fault::once(Operation::Push, FaultKind::Code("302".to_owned())));
    let mut running = bench.start(&["push", "-", "--spool", &spool]);
    running.stdin().write_all(records(3).concat().as_bytes()).unwrap();
    running.ends_by_itself().await.check(1, "left 3", "302");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn signals_end_it_while_a_pipe_is_open() {
    for signal in ["-INT", "-TERM"] {
        let bench = Bench::new(&format!("open{signal}")).await;
        let spool = bench.path("spool");
        let mut running = bench.start(&["push", "-", "--spool", &spool, "--json"]);
        running.stdin().write_all(records(3).concat().as_bytes()).unwrap();
        bench.met(3).await;
        running.signal(signal);
        let ran = running.ends_by_itself().await;
        ran.check(1, "\"error\": \"interrupted; ", "stopping");
        assert_eq!(bench.status(&spool).await["accepted"].as_u64(), Some(3));
    }
}

/// Does any file of the spool hold it?
fn holds(spool: &str, text: &str) -> bool {
    fs::read_dir(spool).unwrap().any(|file| {
        // SQLite removes its log when it closes.
        let bytes = fs::read(file.unwrap().path()).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_about_a_person_stays_behind() {
    let bench = Bench::new("privacy").await;
    let spool = bench.path("spool");
    let file = bench.file("a.jsonl", &(0..3000).map(|id| record(id, "某某的秘密")).collect::<Vec<_>>());
    bench.run(&["push", &file, "--spool", &spool]).await.check(0, "accepted 3000", "");
    assert!(!holds(&spool, "某某的秘密"));
    // Nor while it waits for more.
    let mut running = bench.start(&["push", "-", "--spool", &spool]);
    running.stdin().write_all(record(9000, "别人的秘密").as_bytes()).unwrap();
    bench.met(3001).await;
    until("it stays", async || !holds(&spool, "别人的秘密")).await;
    running.end().await.check(0, "accepted 1", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_refused_through_another_process_counts() {
    let bench = Bench::new("refused-elsewhere").await;
    let spool = bench.path("spool");
    bench.sandbox.inject(Fault::always(Operation::Push, FaultKind::Slow(LONG)));
    let mut running = bench.start(&["push", "-", "--spool", &spool, "--workers", "1"]);
    running.stdin().write_all(record(1, "查询").as_bytes()).unwrap();
    bench.met(1).await;
    running.stdin().write_all(record(2, "查询").as_bytes()).unwrap();
    let other = SqliteJournal::open(&spool).await.unwrap();
    until("it is not queued", async || other.counts().await.unwrap().queued == 1).await;
    let owner = Owner::new(Writer { host: "there".to_owned(), pid: 1 }, [1; 16]);
    let turn = other.claim(&owner, Most { items: 9, weight: 9999 }, LONG).await.unwrap();
    let Turn::Batch(claim) = turn else { panic!("{turn:?}") };
    assert_eq!(claim.items[0].id, "2");
    let refused = Verdict::Refused { code: "300".to_owned(), message: "异常".to_owned() };
    assert!(other.settle(claim.ticket, vec![(claim.items[0].place, refused)]).await.unwrap());
    drop(other);
    bench.sandbox.clear_faults();
    // The first one's answer does not come; it is sent again.
    running.end().await.check(1, "refused 1", "the platform refused 1 records");
    // The next run of the same records tells it again.
    let again = bench.run_with(&["push", "-", "--spool", &spool], &record(2, "查询"), &[]).await;
    again.check(1, "refused 1", "has refused this record before");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_stands_for_one_record_whatever_others_bring() {
    let bench = Bench::new("taken").await;
    let spool = bench.path("spool");
    let mut running = bench.start(&["push", "-", "--spool", &spool]);
    running.stdin().write_all(record(1, "查询").as_bytes()).unwrap();
    bench.met(1).await;
    let file = bench.file("a.jsonl", &[record(1, "查询")]);
    bench.run(&["push", &file, "--spool", &spool]).await.check(0, "known 1", "");
    running.stdin().write_all(record(1, "办理").as_bytes()).unwrap();
    running.end().await.check(3, "rejected 1", "line 2: member `id`");
    assert_eq!(bench.counts(), (1, 1));
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn long_records_do_not_fill_the_memory() {
    let bench = Bench::new("long").await;
    let spool = bench.path("spool");
    let long = "x".repeat(900_000);
    let lines: Vec<_> =
        (0..80).map(|id| record(id, "查询").replace("\"u\"", &format!("\"{long}\""))).collect();
    let file = bench.file("a.jsonl", &lines);
    let mut running = bench.start(&["push", &file, "--spool", &spool]);
    let mut peak = 0;
    until("it does not end", async || {
        peak = running.peak().unwrap_or(0).max(peak);
        running.has_ended()
    })
    .await;
    running.end().await.check(0, "", "");
    // Two workers with 8 MiB each in several shapes; not the file of 72 MB, in several shapes, too.
    assert!(peak > 0 && peak < 144 * 1024, "{peak} KiB");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn rejects_are_for_nobody_else_to_read_and_in_their_order() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new("rejects").await;
    let spool = bench.path("spool");
    let lines = [record(1, "查询"), record(1, "办理"), "{}\n".to_owned(), record(1, "别的")];
    let file = bench.file("a.jsonl", &lines);
    for journal in [true, false] {
        let push = ["push", &file, "--spool", &spool];
        bench.run(if journal { &push } else { &push[..2] }).await.check(3, "", "");
        let rejects = bench.path("a.jsonl.rejected.jsonl");
        assert_eq!(fs::metadata(&rejects).unwrap().permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(&rejects).unwrap();
        let lines: Vec<_> = text.lines().map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(lines, ["{\"line\":2", "{\"line\":3", "{\"line\":4"]);
    }
}
