//! A source that hangs, is slow, fails or answers garbage for some: they are denied in time with the reason, and the others
//! do not notice.

use std::sync::Arc;
use std::time::Duration;

use crate::driver::{Load, Tally, drive};
use crate::requests::{campaign, exchange};
use crate::server::{BAD, Server};
use crate::settings::Settings;
use crate::{Failed, Promises};

/// By when everybody is answered; the platform waits 3 s.
const ANSWERED: Duration = Duration::from_millis(2600);
const PATIENCE: Duration = Duration::from_secs(3);

pub(crate) async fn play(settings: &Settings, promises: &mut Promises) -> Result<(), Failed> {
    println!(
        "\nsources: {} connections, and beside them those whom the source serves badly",
        settings.connections
    );
    let server = Server::start("moody", settings.threads)?;
    let good = |lasts| Load {
        exchanges: Arc::new(campaign()),
        connections: settings.connections,
        lasts,
        pause_when_refused: Duration::ZERO,
    };
    drive(server.address, good(settings.round / 4)).await?;
    let (mut calm, mut beside) = (Tally::default(), Tally::default());
    let mut bad = BAD.map(|kind| (kind, Tally::default()));
    for _ in 0..settings.rounds {
        calm.add(drive(server.address, good(settings.round)).await?);
        let badly = BAD.map(|(audid, _, expected)| {
            let load = Load {
                exchanges: Arc::new(vec![exchange(audid, expected)]),
                // Those who fail at once come again at once: one of them is enough.
                connections: if expected.contains("TIMEOUT") { 32 } else { 1 },
                lasts: settings.round,
                pause_when_refused: Duration::ZERO,
            };
            tokio::spawn(drive(server.address, load))
        });
        beside.add(drive(server.address, good(settings.round)).await?);
        for (driven, (_, tally)) in badly.into_iter().zip(&mut bad) {
            tally.add(driven.await??);
        }
    }
    for ((_, what, _), tally) in &bad {
        let slowest = tally.within(1.0);
        println!("{what}: {} denied, slowest after {slowest:?}", tally.answers());
        promises.expect(
            tally.answers() > 0
                && tally.unanswered + tally.wrong == 0
                && tally.refusals() == 0
                && slowest < PATIENCE,
            &format!(
                "a source that {what}: all denied with the reason, {} not{}",
                tally.wrong,
                tally.such_as()
            ),
        );
        promises.expect_figure(
            settings,
            slowest <= ANSWERED,
            &format!("slowest {slowest:?}, at most {ANSWERED:?}"),
        );
    }
    promises.expect(
        beside.answers() > 0 && beside.unanswered + beside.wrong == 0 && beside.refusals() == 0,
        &format!(
            "{} others answered as they must be, {} not{}",
            beside.answers(),
            beside.wrong,
            beside.such_as()
        ),
    );
    let (alone, with) = (calm.within(0.99), beside.within(0.99));
    promises.expect_figure(
        settings,
        with < Duration::from_millis(10) && with < alone * 2 + Duration::from_millis(1),
        &format!(
            "p99 of the others {with:?}, alone {alone:?}; median {:?}, alone {:?}",
            beside.within(0.5),
            calm.within(0.5)
        ),
    );
    Ok(())
}
