//! Ten times as many as there are places: everybody is answered, those beyond them with a denial and 503, and memory stays
//! as it is.

use std::sync::Arc;
use std::time::Duration;

use crate::driver::{Load, Tally, drive};
use crate::requests::{ALLOWED, AUDID, exchange};
use crate::server::{PLACES, SLOW, Server};
use crate::settings::Settings;
use crate::{Failed, Promises};

/// What the peak may grow once the crowd was there, in KiB.
const GROWTH: u64 = 4 * 1024;
/// After so many rounds at the least.
const WARM: usize = 4;
/// What it may be at all.
const PEAK: u64 = 128 * 1024;

pub(crate) async fn play(settings: &Settings, promises: &mut Promises) -> Result<(), Failed> {
    let connections = PLACES * 10;
    println!("\ncrowd: {connections} connections, {PLACES} places, a source that takes {SLOW:?}");
    let server = Server::start("crowded", settings.threads)?;
    let load = Load {
        exchanges: Arc::new(vec![exchange(AUDID, ALLOWED)]),
        connections,
        lasts: settings.round,
        pause_when_refused: Duration::from_millis(20),
    };
    let before = server.peak();
    // Connections come and go each round; the allocator has found its size after some.
    for _ in 0..settings.rounds.max(WARM) {
        drive(server.address, load.clone()).await?;
    }
    let first = server.peak();
    let mut all = Tally::default();
    for _ in 0..settings.rounds {
        all.add(drive(server.address, load.clone()).await?);
    }
    let last = server.peak();
    println!(
        "{} decided, p50 {:?}, p99 {:?}; {} refused, p50 {:?}, p99 {:?}",
        all.answers(),
        all.within(0.5),
        all.within(0.99),
        all.refusals(),
        all.refused_within(0.5),
        all.refused_within(0.99)
    );
    promises.expect(
        all.unanswered == 0 && all.wrong == 0,
        &format!("{} unanswered, {} answered otherwise{}", all.unanswered, all.wrong, all.such_as()),
    );
    promises.expect(
        all.answers() >= PLACES && all.refusals() >= PLACES,
        &format!("{} decided and {} denied with 503", all.answers(), all.refusals()),
    );
    match (before, first, last) {
        (Some(before), Some(first), Some(last)) => promises.expect(
            last.saturating_sub(first) <= GROWTH && last <= PEAK,
            &format!(
                "peak memory {before} KiB alone, {first} KiB in the crowd, {last} KiB after {} rounds",
                settings.rounds
            ),
        ),
        _ => println!("· this system does not tell how much memory a process uses"),
    }
    Ok(())
}
