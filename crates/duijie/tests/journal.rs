//! `duijie jinlaiban push --spool` and what belongs to it, against the sandbox: what is sent, what stays, exit codes.
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

use std::{fs, path::PathBuf};

use platform_sandbox::{Fault, FaultKind, Operation};

use crate::bench::{Bench, record, records};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_sends_nothing_twice() {
    let bench = Bench::new("twice").await;
    let (file, spool) = (bench.file("a.jsonl", &records(4100)), bench.path("spool"));
    let push = ["push", &file, "--spool", &spool, "--json"];
    let first = bench.run(&push).await;
    first.check(0, "", "");
    assert_eq!((first.json()["accepted"].as_u64(), bench.counts()), (Some(4100), (4100, 4100)));
    let second = bench.run(&push).await;
    second.check(0, "", "");
    assert_eq!((second.json()["known"].as_u64(), bench.counts()), (Some(4100), (4100, 4100)));
    let status = bench.status(&spool).await;
    assert_eq!((status["accepted"].as_u64(), status["queued"].as_u64()), (Some(4100), Some(0)));
    assert!(status["target"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    bench.run(&["status", "--spool", &spool]).await.check(0, "4100", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_content_is_sent_again_with_a_note() {
    let bench = Bench::new("other").await;
    let spool = bench.path("spool");
    let file = bench.file("a.jsonl", &records(3));
    bench.run(&["push", &file, "--spool", &spool]).await.check(0, "accepted 3", "");
    let file =
        bench.file("b.jsonl", &[record(0, "查询"), record(1, "办理"), record(1, "别的"), record(0, "查询")]);
    let ran = bench.run(&["push", &file, "--spool", &spool]).await;
    ran.check(
        3,
        "accepted 1 in 1 requests, rejected 1, refused 0, repeated 1, known 1",
        "line 2: the id is in the journal",
    );
    ran.check(3, "", "line 3: member `id`");
    let rejects = fs::read_to_string(bench.path("b.jsonl.rejected.jsonl")).unwrap();
    assert!(rejects.starts_with("{\"line\":3,") && rejects.lines().count() == 1, "{rejects}");
    assert_eq!(bench.counts(), (3, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_serves_one_target() {
    let bench = Bench::new("target").await;
    let (file, spool) = (bench.file("a.jsonl", &records(1)), bench.path("spool"));
    bench.run(&["push", &file, "--spool", &spool]).await.check(0, "", "");
    for other in [["--appcode", "x"], ["--modulecode", "x"], ["--base-url", "http://127.0.0.1:1"]] {
        let args = ["push", &file, "--spool", &spool, other[0], other[1]];
        bench.run(&args).await.check(2, "", "the journal serves");
    }
    assert_eq!(bench.counts(), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_accepted_stays_and_is_sent_later() {
    let bench = Bench::new("stays").await;
    let (file, spool) = (bench.file("a.jsonl", &records(2500)), bench.path("spool"));
    bench.sandbox.inject(Fault::once(Operation::Push, FaultKind::Code("302".to_owned())));
    let ran = bench.run(&["push", &file, "--spool", &spool, "--workers", "1", "--json"]).await;
    ran.check(1, "", "302");
    assert_eq!((ran.json()["left"].as_u64(), bench.counts()), (Some(2500), (0, 0)));
    assert_eq!(bench.status(&spool).await["queued"].as_u64(), Some(2500));
    let ran = bench.run(&["export", "--spool", &spool, "--state", "queued"]).await;
    assert_eq!((ran.exit, ran.stdout.lines().count()), (0, 2500));
    // Without a file, what the journal holds.
    bench.sandbox.inject(Fault::once(Operation::Push, FaultKind::CutAfter));
    bench.run(&["push", "--spool", &spool]).await.check(0, "accepted 2500", "");
    assert_eq!(bench.counts().0, 2500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_refuses_everything_ends_the_run() {
    let bench = Bench::new("refuses").await;
    let spool = bench.path("spool");
    for _ in 0..6 {
        bench.sandbox.inject(Fault::once(Operation::Push, FaultKind::Code("300".to_owned())));
    }
    let ran = bench.run_with(&["push", "-", "--spool", &spool], &record(1, "查询"), &[]).await;
    ran.check(1, "left 1", "no single record can be blamed");
    assert_eq!(bench.status(&spool).await["queued"].as_u64(), Some(1));
    bench.run(&["retry", "--spool", &spool]).await.check(0, "queued 0 again", "");
    bench.run(&["export", "--spool", &spool, "--state", "refused"]).await.check(0, "", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said() {
    let bench = Bench::new("wrong").await;
    let (file, spool) = (bench.file("a.jsonl", &records(1)), bench.path("spool"));
    bench.run(&["push"]).await.check(2, "", "FILE");
    bench.run(&["push", &file, "--state", "redis://:s3cret@host"]).await.check(2, "", "DUIJIE_STATE");
    bench.run(&["push", &file, "--state", "sqlite:x"]).await.check(2, "", "--spool");
    bench.run(&["push", &file, "--state", "redis://127.0.0.1:1"]).await.check(1, "", "check that the server");
    bench.run(&["status"]).await.check(2, "", "name the journal");
    bench.run(&["status", "--spool", &spool]).await.check(2, "", "there is no journal");
    bench.run(&["export", "--spool", &spool, "--state", "refuse"]).await.check(
        2,
        "",
        "queued, sending, unknown",
    );
    assert!(!PathBuf::from(&spool).exists());
    bench.run(&["push", &file, "--spool", &file]).await.check(2, "", "cannot be made");
    fs::create_dir(&spool).unwrap();
    fs::write(bench.path("spool/journal.db"), "no database").unwrap();
    bench.run(&["push", &file, "--spool", &spool]).await.check(1, "", "no SQLite database");
    assert_eq!(fs::read_to_string(bench.path("spool/journal.db")).unwrap(), "no database");
    assert_eq!(bench.counts(), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_share_a_spool() {
    let bench = Bench::new("two").await;
    let spool = bench.path("spool");
    let all = records(9000);
    let (one, two) = (bench.file("a.jsonl", &all[..6000]), bench.file("b.jsonl", &all[3000..]));
    let (one, two) = (["push", &one, "--spool", &spool], ["push", &two, "--spool", &spool]);
    let (one, two) = tokio::join!(bench.run(&one), bench.run(&two));
    one.check(0, "left 0", "");
    two.check(0, "left 0", "");
    assert_eq!(bench.counts(), (9000, 9000));
}
