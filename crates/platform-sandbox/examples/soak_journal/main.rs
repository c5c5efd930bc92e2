//! A million records through the journal to 晋来办, while everything fails and processes are killed: none is lost.
//!
//! ```console
//! $ cargo run --release -p platform-sandbox --example soak_journal -- [journal=redis] [processes=4] …
//! ```
//!
//! Settings, each `name=value`: `journal` sqlite or redis (needs `redis-server`), `records`, `processes` (each feeds its
//! share and sends what comes), `workers` in each, `kills` (with -9, at random; another process takes the place),
//! `faults` in percent of the requests, `lease` in milliseconds, `seed`. Prints figures and exits with 1 if a promise was
//! broken.
#![expect(clippy::print_stdout, reason = "a program that shows figures")]

mod settings;
mod worker;

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use platform_sandbox::{JinlaibanOptions, LogLimits, Sandbox};

use settings::{Dice, Settings};
use worker::Workers;

type Failed = Box<dyn Error + Send + Sync>;

fn main() -> Result<ExitCode, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if std::env::args().nth(1).as_deref() == Some("worker") {
        return runtime.block_on(worker::run()).map(|()| ExitCode::SUCCESS);
    }
    let settings = Settings::parse(std::env::args().skip(1))?;
    runtime.block_on(soak(&settings))
}

async fn soak(settings: &Settings) -> Result<ExitCode, Failed> {
    println!("{settings}");
    let place = settings.place()?;
    let sandbox = Sandbox::builder()
        .seed(settings.seed)
        .faults(settings.schedule()?)
        .log(LogLimits { requests: 0, body: 0 })
        .jinlaiban(JinlaibanOptions { keep_records: 0, ..JinlaibanOptions::default() })
        .start()
        .await?;
    let mut dice = Dice::new(settings.seed);
    let mut workers = Workers::start(settings, &place.address, &sandbox)?;
    let began = Instant::now();
    let mut killed = 0;
    let limit = Duration::from_secs(600) + Duration::from_millis(settings.records);
    while workers.are_running()? {
        if began.elapsed() > limit {
            return Err("no end".into());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
        // Kills are spread over the whole, at random moments.
        let due = settings.records * (killed + 1) / (settings.kills + 2);
        if killed < settings.kills && sandbox.jinlaiban().counts().distinct >= due {
            tokio::time::sleep(Duration::from_micros(dice.below(60_000))).await;
            if workers.kill(dice.below(u64::MAX))? {
                killed += 1;
            }
        }
    }
    let took = began.elapsed();
    let counts = sandbox.jinlaiban().counts();
    let journal = worker::open(&place.address).await?.counts().await?;
    let lost = (0..settings.records).filter(|id| !sandbox.jinlaiban().has_record(&worker::id(*id))).count();
    println!(
        "{:.1} s, {:.0} records a second; {} accepted pushes, {} faults, {killed} kills; records that came again after \
         an unknown outcome: {}\njournal: {journal:?}",
        took.as_secs_f64(),
        settings.records as f64 / took.as_secs_f64(),
        counts.batches,
        sandbox.faults_met(),
        counts.repeats,
    );
    let peak = workers.peak;
    let promises = [
        (
            format!("{} of {} ids arrived", counts.distinct, settings.records),
            lost == 0 && counts.distinct == settings.records,
        ),
        (format!("{} came again with other content", counts.conflicts), counts.conflicts == 0),
        (
            format!("effective duplicates: {}", counts.records - counts.repeats - counts.distinct),
            counts.records - counts.repeats == counts.distinct,
        ),
        (format!("{} pushes held more than 2000 records", counts.oversized), counts.oversized == 0),
        (
            format!(
                "{} batches were sent by two at once while the first one waited for its answer",
                counts.overlaps
            ),
            counts.overlaps == 0,
        ),
        (
            "the journal knows all of them as accepted, and nothing else".to_owned(),
            journal.accepted == settings.records && journal.open() == 0 && journal.refused == 0,
        ),
        (format!("{killed} kills"), killed == settings.kills),
        (
            format!("peak memory of a pushing process: {:.1} MiB", peak as f64 / 1024.0),
            peak > 0 && peak < 64 * 1024,
        ),
    ];
    let mut kept = true;
    for (promise, held) in promises {
        kept &= held;
        println!("{} {promise}", if held { "✓" } else { "✗" });
    }
    Ok(if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
