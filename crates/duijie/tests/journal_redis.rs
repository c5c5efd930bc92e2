//! `duijie jinlaiban push --state redis://…` against the sandbox.
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
mod with_redis;

use std::time::Duration;

use libtest_mimic::Arguments;
use platform_sandbox::{Fault, FaultKind, Operation};
use platform_state::testing::RedisServer;

use crate::bench::{Bench, records};
use crate::with_redis::trial;

async fn several_machines() {
    let server = RedisServer::start().unwrap();
    let bench = Bench::new("redis").await;
    let file = bench.file("a.jsonl", &records(2500));
    let url = server.url();
    bench.run(&["push", &file, "--state", &url]).await.check(0, "accepted 2500", "");
    bench.run(&["push", &file, "--state", &url]).await.check(0, "known 2500", "");
    assert_eq!(bench.counts(), (2500, 2500));
    bench.run_with(&["status", "--json"], "", &[("DUIJIE_STATE", &url)]).await.check(
        0,
        "\"accepted\": 2500",
        "",
    );
    bench.run(&["push", &file, "--state", &url, "--appcode", "x"]).await.check(2, "", "the journal serves");
    let ran = bench.run(&["export", "--state", "refused", "--state", &url]).await;
    ran.check(0, "", "");
}

/// Everything that the server was told is on its disk; a server that hangs or is gone ends the run with an error.
async fn server_stops() {
    let mut server = with_redis::durable();
    let bench = Bench::new("redis-stops").await;
    let file = bench.file("a.jsonl", &records(9000));
    let url = server.url();
    let push = ["push", &file, "--state", &url, "--workers", "1", "--json"];
    let slow = FaultKind::Slow(Duration::from_millis(300));
    bench.sandbox.inject(Fault::always(Operation::Push, slow));
    let running = bench.start(&push);
    bench.met(4000).await;
    server.stop();
    let ran = running.end().await;
    ran.check(1, "\"error\": \"", "redis://");
    // The second batch was on its way or just accepted, the first one is in the journal.
    server.start_again().unwrap();
    bench.sandbox.clear_faults();
    let (_, sent) = bench.counts();
    let again = bench.run(&push).await;
    again.check(0, "\"left\": 0", "");
    let (distinct, records) = bench.counts();
    assert_eq!(distinct, 9000);
    assert!(records - sent <= 9000 - 2000, "{sent} {records}");
    assert!(again.json()["accepted"].as_u64().unwrap() <= 9000 - 2000);
    bench.run(&push).await.check(0, "\"known\": 9000", "");
    assert_eq!(bench.counts().1, records);
}

fn main() {
    let trials = vec![
        trial("a_server_keeps_the_records_of_several_machines", several_machines),
        trial("a_server_that_stops_in_the_middle_loses_nothing", server_stops),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
