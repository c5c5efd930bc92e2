//! Days of many processes that share one app id's credentials, in minutes: nobody kicks anybody, and no call is lost.
//!
//! ```console
//! $ cargo run --release -p platform-sandbox --example soak_credentials -- [store=redis] [days=2] [scene=rival] …
//! ```
//!
//! Settings, each `name=value`: `store` sqlite or redis (needs `redis-server`); `scene`
//!
//! - `faults` (default): a share of requests fails in many ways, and the bank is restarted six times;
//! - `calm`: nothing fails, and the client is as it comes, with its default policy;
//! - `strict`: the faults again, where a new token ends all old tickets at once (WB-12);
//! - `kill`: whoever holds the lease is killed with -9, again and again, in the middle of a refresh;
//! - `rival`: somebody outside fetches each minute;
//!
//! `days` of simulated time, `speed` (simulated seconds in a second), `processes`, `calls` in flight in each,
//! `faults` in percent, `seed`. Prints figures and exits with 1 if a promise was broken.
#![expect(clippy::print_stdout, reason = "a program that shows figures")]

mod bank;
mod clock;
mod kill;
mod settings;
mod tally;
mod worker;

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bank::Banks;
use settings::{Scene, Settings};
use tally::Tally;
use worker::Workers;

type Failed = Box<dyn Error + Send + Sync>;

fn main() -> Result<ExitCode, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut args = std::env::args().skip(1);
    if args.next().as_deref() == Some("worker") {
        return runtime.block_on(worker::run()).map(|()| ExitCode::SUCCESS);
    }
    let settings = Settings::parse(std::env::args().skip(1))?;
    runtime.block_on(soak(&settings))
}

async fn soak(settings: &Settings) -> Result<ExitCode, Failed> {
    let place = settings.place()?;
    println!("{settings}");
    let mut banks = Banks::start(settings).await?;
    let end = Instant::now() + settings.real_time();
    let mut workers = Workers::start(settings, &place.address, &banks)?;
    let mut killed = kill::Killed::default();
    let (mut next_outage, mut next_rival) =
        (Instant::now() + settings.real_time() / 7, Instant::now() + settings.real(Duration::from_secs(60)));
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(5)).await;
        banks.watch();
        match settings.scene {
            Scene::Faults | Scene::Strict if Instant::now() >= next_outage => {
                next_outage += settings.real_time() / 7;
                banks.restart().await?;
            }
            Scene::Rival if Instant::now() >= next_rival => {
                next_rival += settings.real(Duration::from_secs(60));
                banks.kick();
            }
            Scene::Kill => killed.look(&place.address, &banks, settings, &mut workers).await?,
            _ => {}
        }
    }
    let tally = workers.end()?;
    let promises = promises(settings, &banks, &tally, &killed);
    let mut out = std::io::stdout().lock();
    writeln!(out, "{banks}\n{tally}")?;
    if settings.scene == Scene::Kill {
        writeln!(out, "{killed}")?;
    }
    let mut kept = true;
    for (promise, held) in promises {
        kept &= held;
        writeln!(out, "{} {promise}", if held { "✓" } else { "✗" })?;
    }
    Ok(if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What must be true in the end.
fn promises(settings: &Settings, banks: &Banks, tally: &Tally, killed: &kill::Killed) -> Vec<(String, bool)> {
    // Only against a rival may a call end with the foreign-kick error.
    let lost = tally.failed() + if settings.scene == Scene::Rival { 0 } else { tally.kicked };
    let mut promises = vec![(
        format!("{} calls, {lost} of them failed that a correct client could have saved", tally.calls()),
        tally.calls() > 0 && lost == 0,
    )];
    let (fetches, faults) = (banks.token_fetches(), banks.fetch_faults());
    let regular = settings.days * 24.0 * 3.0;
    // A bank that forgets its tokens, and a process that dies with a token, cost a fetch each; the first one comes at once.
    let allowed = (regular * 1.05).ceil() as u64 + faults + banks.restarts() + killed.count() + 1;
    if settings.scene == Scene::Rival {
        let least = banks.least_distance();
        let interval = worker::MIN_INTERVAL;
        // Seen every five milliseconds of real time, which are some seconds of the bank's.
        let blur = Duration::from_millis(50).saturating_mul(settings.speed);
        let pairs = banks.ticket_fetches();
        promises.push((
            format!(
                "{pairs} pairs fetched, after the first at least {} s apart: {} s",
                interval.as_secs(),
                least.as_secs()
            ),
            pairs > 2 && least + blur >= interval,
        ));
        promises.push((
            format!("{fetches} tokens for them: a second one only where the rival came before the ticket"),
            fetches <= 2 * pairs + faults,
        ));
        promises.push((
            format!("the foreign kick was named: {} events", tally.counters.foreign_kicks),
            tally.counters.foreign_kicks > 0,
        ));
        return promises;
    }
    promises.push((
        format!(
            "{fetches} fetches, {allowed} allowed: 1.05 × {regular:.0} and {faults} faults of fetches, {} restarts, {} \
             kills",
            banks.restarts(),
            killed.count()
        ),
        fetches <= allowed,
    ));
    if settings.scene == Scene::Kill {
        promises.push((
            format!("no call waited longer than the lease and a fetch: {} ms", tally.slowest.as_millis()),
            killed.count() > 0 && tally.slowest <= worker::LEASE + worker::FETCH_TIMEOUT * 2,
        ));
    }
    // A bank that forgets its tokens looks like a rival, and a fetch whose answer was lost kicks like one.
    let excused = banks.restarts() * settings.processes as u64 + faults + killed.count();
    let kicks = tally.counters.foreign_kicks;
    promises
        .push((format!("{kicks} kicks were laid on somebody outside, {excused} excused"), kicks <= excused));
    let refused = banks.refused_kicked();
    if matches!(settings.scene, Scene::Faults | Scene::Calm) {
        promises.push((
            format!("{refused} calls were refused because a ticket of ours had been kicked out"),
            // Where the answer to a fetch was lost that happens, and not otherwise: the scene `calm` shows it.
            refused == 0 || faults > 0,
        ));
    }
    promises
}
