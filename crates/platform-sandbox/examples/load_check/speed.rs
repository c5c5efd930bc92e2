//! Ours beside an axum server that reads the body and answers a constant, in turns, so that noise meets both.

use std::sync::Arc;
use std::time::Duration;

use crate::driver::{Load, Tally, drive};
use crate::requests::{ALLOWED, Exchange, campaign};
use crate::server::Server;
use crate::settings::Settings;
use crate::{Failed, Promises};

pub(crate) async fn play(settings: &Settings, promises: &mut Promises) -> Result<(), Failed> {
    println!(
        "\nspeed: checks of {} bytes with 10 conditions",
        campaign().first().map_or(0, |first| first.bytes.len())
    );
    let (constant, ours) =
        (Server::start("constant", settings.threads)?, Server::start("service", settings.threads)?);
    let load = |exchanges: Vec<Exchange>, lasts| Load {
        exchanges: Arc::new(exchanges),
        connections: settings.connections,
        lasts,
        pause_when_refused: Duration::ZERO,
    };
    // The constant server lets everybody in.
    let all_allowed =
        || campaign().into_iter().map(|exchange| Exchange { expected: ALLOWED, ..exchange }).collect();
    let warm = settings.round / 4;
    drive(constant.address, load(all_allowed(), warm)).await?;
    drive(ours.address, load(campaign(), warm)).await?;
    let ticks = [constant.ticks(), ours.ticks()];
    let (mut theirs, mut own, mut ratios) = (Tally::default(), Tally::default(), Vec::new());
    for round in 0..settings.rounds {
        let first = round % 2 == 0;
        let mut one_constant = None;
        if first {
            one_constant = Some(drive(constant.address, load(all_allowed(), settings.round)).await?);
        }
        let one = drive(ours.address, load(campaign(), settings.round)).await?;
        let one_constant = match one_constant {
            Some(tally) => tally,
            None => drive(constant.address, load(all_allowed(), settings.round)).await?,
        };
        let ratio = one.a_second() / one_constant.a_second();
        println!(
            "round {}: {:.0} a second, constant {:.0}: {ratio:.3}",
            round + 1,
            one.a_second(),
            one_constant.a_second()
        );
        ratios.push(ratio);
        theirs.add(one_constant);
        own.add(one);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios.get(ratios.len() / 2).copied().unwrap_or_default();
    for (name, tally) in [("constant", &theirs), ("ours", &own)] {
        println!(
            "{name}: {:.0} a second, p50 {:?}, p99 {:?}, slowest {:?}",
            tally.a_second(),
            tally.within(0.5),
            tally.within(0.99),
            tally.within(1.0)
        );
    }
    // On a machine that others work on, this says more than requests a second.
    if let ([Some(from_theirs), Some(from_own)], Some(to_theirs), Some(to_own)) =
        (ticks, constant.ticks(), ours.ticks())
    {
        let each = |ticks: u64, tally: &Tally| ticks as f64 / tally.answers().max(1) as f64;
        let ratio = each(to_theirs - from_theirs, &theirs) / each(to_own - from_own, &own);
        println!("by processor time for each request, which noise changes less: {ratio:.3}");
    }
    let bad = own.unanswered + own.wrong + theirs.unanswered + theirs.wrong;
    promises.expect(
        bad == 0 && own.refusals() == 0 && own.answers() > 0,
        &format!("{} checks answered as they must be, {bad} not{}", own.answers(), own.such_as()),
    );
    promises.expect_figure(settings, median >= 0.75, &format!("median ratio {median:.3}, at least 0.75"));
    let p99 = own.within(0.99);
    promises.expect_figure(settings, p99 < Duration::from_millis(10), &format!("p99 {p99:?}, under 10 ms"));
    Ok(())
}
