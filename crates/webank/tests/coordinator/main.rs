//! Who fetches credentials when (`SPEC.md §2.3`): processes that share a cell, against a simulated bank, without waiting.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "tests fail by panicking"
)]

mod operations;
mod sequences;
mod world;

use std::time::Duration;

use webank::credentials::{Event, Failure, FetchFault, Step, Verdict};
use world::{Fault, HOUR, World};

const MINUTE: Duration = Duration::from_secs(60);

fn events(world: &mut World, process: usize) -> Vec<Event> {
    world.processes[process].coordinator.take_events()
}

fn kicks(world: &mut World, process: usize) -> usize {
    events(world, process).iter().filter(|event| matches!(event, Event::ForeignKick(_))).count()
}

#[test]
fn nothing_is_fetched_before_somebody_asks() {
    let mut world = World::new(2);
    world.settle();
    assert!(world.bank.fetches.is_empty());
}

#[test]
fn one_fetches_for_all() {
    let mut world = World::new(8);
    let wants: Vec<_> = (0..8).map(|process| world.want(process, None)).collect();
    for (process, want) in wants.into_iter().enumerate() {
        assert_eq!(world.wait(process, want).unwrap().generation, 1);
    }
    assert_eq!(world.bank.fetches.len(), 1);
    let adopted: u64 = world.processes.iter().map(|one| one.coordinator.counters().adopted).sum();
    assert_eq!(adopted, 7);
}

/// Two days in steps of ten seconds, eight processes: no call is refused, and one fetch every 20 minutes.
#[track_caller]
fn two_days(strict: bool) -> (usize, u64) {
    let mut world = World::new(8);
    world.bank.strict = strict;
    for tick in 0..(2 * 24 * 360) {
        world.settle();
        assert_eq!(world.call(tick % 8), Ok(true));
        world.advance(Duration::from_secs(10));
    }
    assert_eq!((0..8).map(|process| kicks(&mut world, process)).sum::<usize>(), 0, "nobody outside fetched");
    let refused = world.processes.iter().map(|one| one.coordinator.counters().refused).sum();
    (world.bank.fetches.len(), refused)
}

#[test]
fn a_refresh_spreads_within_the_grace_and_no_call_is_refused() {
    let (fetches, refused) = two_days(false);
    assert_eq!(refused, 0);
    assert!((144..=151).contains(&fetches), "{fetches}"); // 144 × 1.05
}

#[test]
fn where_a_new_token_ends_old_tickets_at_once_calls_survive() {
    let (fetches, refused) = two_days(true);
    assert!((144..=151).contains(&fetches), "{fetches}");
    assert!(refused < 144 * 8, "{refused}");
}

#[test]
fn a_refusal_ends_the_generation_it_used_and_no_other() {
    let mut world = World::new(2);
    assert_eq!(world.call(0), Ok(true));
    let want = world.want(1, None);
    let old = world.wait(1, want).unwrap();
    // Process 0 has fetched meanwhile; process 1's call is refused, and it takes what is there.
    world.bank.rival(world.now);
    world.bank.rival(world.now);
    assert_eq!(world.call(0), Ok(true));
    assert_eq!(world.bank.fetches.len(), 2);
    world.processes[1].coordinator.refused(&old, world.now);
    let want = world.want(1, Some(&old));
    assert_eq!(world.wait(1, want).unwrap().generation, 2);
    // The old one is refused once more, to somebody who was slow: the new one is not touched.
    world.processes[1].coordinator.refused(&old, world.now);
    let want = world.want(1, Some(&old));
    assert_eq!(world.wait(1, want).unwrap().generation, 2);
    assert_eq!(world.bank.fetches.len(), 2);
}

#[test]
fn a_failed_refresh_keeps_what_lives_and_goes_on_trying() {
    let mut world = World::new(1);
    assert_eq!(world.call(0), Ok(true));
    world.advance(21 * MINUTE);
    let mut pauses = Vec::new();
    for _ in 0..200 {
        if let Step::Pause(time) = world.processes[0].coordinator.step(world.now) {
            pauses.push(time.as_millis());
        }
        assert_eq!(world.call_without_work(0), Ok(true));
        world.step(0, Fault::Before);
    }
    assert_eq!(pauses[..7], [200, 400, 800, 1600, 3200, 6400, 10_000]);
    assert_eq!(world.bank.fetches.len(), 1);
    world.settle();
    assert_eq!(world.bank.fetches.len(), 2, "when the bank is back, it succeeds");
}

impl World {
    /// A call with what is in memory.
    fn call_without_work(&mut self, process: usize) -> Result<bool, String> {
        let want = self.want(process, None);
        let verdict = self.verdict(process, want);
        self.processes[process].coordinator.left();
        match verdict {
            Verdict::Ready(credentials) => Ok(self.bank.accepts(&credentials.ticket, self.now)),
            other => Err(format!("{other:?}")),
        }
    }
}

#[test]
fn a_call_sits_through_some_failures_and_then_hears_why() {
    let mut world = World::new(1);
    let want = world.want(0, None);
    let mut seen = Vec::new();
    for _ in 0..40 {
        match world.verdict(0, want) {
            Verdict::Wait => world.step(0, Fault::Before),
            Verdict::Failed(Failure::Fetch { step, .. }) => {
                seen.push(step);
                break;
            }
            other => panic!("{other:?}"),
        };
    }
    assert_eq!(seen, ["access_token"]);
    assert_eq!(world.processes[0].coordinator.counters().failed, 3);
}

#[test]
fn what_will_not_change_is_told_at_once_and_not_tried_before_somebody_asks() {
    let mut world = World::new(1);
    let want = world.want(0, None);
    while !matches!(world.processes[0].coordinator.step(world.now), Step::FetchToken) {
        world.step(0, Fault::None);
    }
    let refused = Err((FetchFault::Lasting, "60851009"));
    world.processes[0].coordinator.token(refused, world.now);
    assert!(matches!(world.verdict(0, want), Verdict::Failed(Failure::Fetch { cause: "60851009", .. })));
    world.processes[0].coordinator.left();
    world.settle();
    world.advance(HOUR);
    world.settle();
    assert!(world.bank.fetches.is_empty());
    assert_eq!(world.call(0), Ok(true), "the next call asks again");
}

#[test]
fn when_nobody_waits_any_more_nothing_is_tried() {
    let mut world = World::new(1);
    world.want(0, None);
    while !matches!(world.processes[0].coordinator.step(world.now), Step::FetchToken) {
        world.step(0, Fault::None);
    }
    world.step(0, Fault::Before);
    world.processes[0].coordinator.left();
    world.settle();
    assert!(world.bank.fetches.is_empty());
    assert!(world.processes[0].coordinator.is_settled(world.now));
}

#[test]
fn a_program_that_ends_waits_for_what_is_under_way_and_due() {
    let mut world = World::new(1);
    assert_eq!(world.call(0), Ok(true));
    world.settle();
    assert!(world.processes[0].coordinator.is_settled(world.now));
    world.advance(21 * MINUTE);
    for step in 0.. {
        if world.processes[0].coordinator.is_settled(world.now) {
            assert!(step > 4, "{step}");
            break;
        }
        assert!(world.step(0, Fault::None));
    }
    assert_eq!(world.bank.fetches.len(), 2);
    // What failed is not waited for.
    world.advance(21 * MINUTE);
    while !world.processes[0].coordinator.is_settled(world.now) {
        world.step(0, Fault::Before);
    }
    assert_eq!(world.bank.fetches.len(), 2);
}

#[test]
fn without_a_store_nobody_fetches_and_what_lives_is_used() {
    let mut world = World::new(2);
    assert_eq!(world.call(0), Ok(true));
    world.store_down = true;
    world.advance(21 * MINUTE);
    for _ in 0..100 {
        world.step(0, Fault::None);
        assert_eq!(world.call_without_work(0), Ok(true));
    }
    assert_eq!(world.bank.fetches.len(), 1);
    let failed = world.call(1).unwrap_err();
    assert!(failed.contains("Store"), "{failed}");
    world.advance(HOUR);
    let failed = world.call(0).unwrap_err();
    assert!(failed.contains("Store"), "{failed}");
    world.store_down = false;
    assert_eq!(world.call(0), Ok(true));
    assert_eq!((world.call(1), world.bank.fetches.len()), (Ok(true), 2));
}

#[test]
fn what_was_fetched_while_the_store_failed_reaches_the_others_later() {
    let mut world = World::new(2);
    let want = world.want(0, None);
    while !matches!(world.processes[0].coordinator.step(world.now), Step::Publish { .. }) {
        world.step(0, Fault::None);
    }
    world.store_down = true;
    world.step(0, Fault::None);
    assert!(matches!(world.verdict(0, want), Verdict::Ready(_)), "it is used here");
    world.store_down = false;
    world.settle();
    assert_eq!((world.call(1), world.bank.fetches.len()), (Ok(true), 1));
}

#[test]
fn a_lost_answer_of_the_store_does_no_harm() {
    let mut world = World::new(2);
    let want = world.want(0, None);
    while !matches!(world.processes[0].coordinator.step(world.now), Step::Publish { .. }) {
        world.step(0, Fault::None);
    }
    world.step(0, Fault::After);
    world.settle();
    assert_eq!(world.wait(0, want).unwrap().generation, 1);
    assert_eq!((world.call(1), world.bank.fetches.len()), (Ok(true), 1));
}

#[test]
fn after_a_kill_the_others_wait_for_the_lease_and_no_longer() {
    let mut world = World::new(2);
    world.want(0, None);
    while !matches!(world.processes[0].coordinator.step(world.now), Step::FetchTicket(_)) {
        world.step(0, Fault::None);
    }
    world.crash(0);
    let (began, lease) = (world.now, world.policy.lease);
    assert_eq!(world.call(1), Ok(true));
    let waited = world.now.saturating_since(began);
    assert!(waited <= lease + Duration::from_secs(1), "{waited:?}");
    assert_eq!(kicks(&mut world, 1), 0);
}

#[test]
fn whoever_stood_still_does_not_kick_those_who_went_on() {
    for stand_still in ["acquire", "ticket"] {
        let mut world = World::new(2);
        world.want(0, None);
        while world.bank.fetches.is_empty() {
            world.step(0, Fault::None);
        }
        if stand_still == "ticket" {
            while !matches!(world.processes[0].coordinator.step(world.now), Step::FetchTicket(_)) {
                world.step(0, Fault::None);
            }
        }
        world.advance(world.policy.lease * 2);
        // The other one takes over, and has done when the first wakes up.
        let want = world.want(1, None);
        while !matches!(world.verdict(1, want), Verdict::Ready(_))
            || !world.processes[1].coordinator.is_resting()
        {
            world.step(1, Fault::None);
        }
        assert_eq!(world.bank.fetches.len(), 2);
        world.settle();
        assert_eq!((world.call(0), world.call(1)), (Ok(true), Ok(true)));
        assert_eq!(world.bank.fetches.len(), 2, "{stand_still}: it fetched once more");
    }
}

#[test]
fn a_lost_fetch_of_ours_is_not_laid_on_somebody_outside() {
    let mut world = World::new(2);
    world.bank.strict = true;
    assert_eq!((world.call(0), world.call(1)), (Ok(true), Ok(true)));
    world.settle();
    world.advance(20 * MINUTE);
    // The token of a renewal is granted, and its answer is lost: the ticket that the other one holds is dead.
    while world.bank.fetches.len() < 2 {
        world.step(0, Fault::After);
    }
    assert_eq!(world.call(1), Ok(true));
    assert_eq!((kicks(&mut world, 0), kicks(&mut world, 1)), (0, 0));
}

/// The store fails, or the bank grants nothing, and one call is refused for its own fault: what lives is used.
#[test]
fn a_wrong_signature_during_an_outage_stops_nobody() {
    for store_down in [true, false] {
        let mut world = World::new(1);
        let want = world.want(0, None);
        let used = world.wait(0, want).unwrap();
        world.settle();
        world.store_down = store_down;
        world.processes[0].coordinator.refused(&used, world.now);
        for _ in 0..20 {
            world.step(0, Fault::Before);
        }
        assert_eq!(world.call_without_work(0), Ok(true), "store down: {store_down}");
    }
}

#[test]
fn clocks_that_differ_block_nobody() {
    let mut world = World::new(2);
    assert_eq!(world.call(0), Ok(true));
    world.bank.rival(world.now);
    world.bank.rival(world.now);
    assert_eq!(world.call(0), Ok(true), "a refusal caused this fetch");
    world.settle();
    // Machine 1's clock is ten minutes behind: both stamps lie in its future.
    let real = world.now;
    world.now = webank::UnixMillis::new(real.get() - 600_000);
    assert_eq!(world.call(1), Ok(true));
    world.advance(Duration::from_secs(10));
    (world.bank.strict, world.now) = (true, world.now);
    let behind = world.now;
    world.bank.rival(real);
    world.bank.rival(real);
    world.now = behind;
    assert_eq!(world.call(1), Ok(true));
    assert_eq!(world.bank.fetches.len(), 3);
}

#[test]
fn a_token_without_its_ticket_is_not_wasted() {
    let mut world = World::new(1);
    let want = world.want(0, None);
    while !matches!(world.processes[0].coordinator.step(world.now), Step::FetchTicket(_)) {
        world.step(0, Fault::None);
    }
    world.step(0, Fault::Before);
    world.wait(0, want).unwrap();
    assert_eq!(world.bank.fetches.len(), 1, "the ticket alone was missing");
}

#[test]
fn a_foreign_kick_is_named_with_the_last_writer() {
    let mut world = World::new(2);
    assert_eq!(world.call(0), Ok(true));
    assert_eq!(world.call(1), Ok(true));
    world.advance(2 * MINUTE);
    world.bank.rival(world.now);
    assert_eq!(world.call(1), Ok(true), "the previous ticket has five minutes");
    world.bank.rival(world.now);
    assert_eq!(world.call(1), Ok(true));
    assert_eq!(world.bank.fetches.len(), 2);
    let told: Vec<_> = events(&mut world, 1)
        .into_iter()
        .filter_map(|event| match event {
            Event::ForeignKick(kick) => Some(kick),
            _ => None,
        })
        .collect();
    assert_eq!(told.len(), 1);
    // The fetch itself took a millisecond.
    let age = 2 * MINUTE + Duration::from_millis(1);
    assert_eq!((told[0].generation, told[0].writer.pid, told[0].age), (1, 1, age));
    // The others take what was fetched, and have nobody to accuse.
    assert_eq!(world.call(0), Ok(true));
    assert_eq!((kicks(&mut world, 0), world.bank.fetches.len()), (0, 2));
}

/// Does whatever there is to do with a rival who fetches each minute; returns (calls that failed, our fetches).
fn rival(min_interval: Duration, minutes: u32) -> (Vec<String>, Vec<u64>) {
    let mut world = World::new(2);
    world.policy.min_interval = min_interval;
    world.crash(0);
    world.crash(1);
    let mut failed = Vec::new();
    for second in 0..minutes * 60 {
        if second % 60 == 30 {
            world.bank.rival(world.now);
        }
        world.settle();
        match world.call(usize::try_from(second % 2).unwrap()) {
            Ok(true) => {}
            Ok(false) => panic!("a retry that saw a dead ticket"),
            Err(failure) => failed.push(failure),
        }
        world.advance(Duration::from_secs(1));
    }
    (failed, world.bank.fetches.iter().map(|at| at.get() / 1000).collect())
}

#[test]
fn a_rival_who_fetches_each_minute_is_survived() {
    let (failed, fetches) = rival(Duration::from_secs(5), 30);
    assert_eq!(failed, Vec::<String>::new());
    assert!(fetches.len() <= 31, "{}", fetches.len());
}

#[test]
fn against_a_rival_there_is_no_storm() {
    let (failed, fetches) = rival(Duration::from_secs(300), 30);
    // The first fetch was nobody's answer to anything.
    assert!(fetches[1..].windows(2).all(|pair| pair[1] - pair[0] >= 300), "{fetches:?}");
    assert!(!failed.is_empty() && failed.iter().all(|failure| failure.contains("Kicked")), "{failed:?}");
}

/// One call is refused whatever it is signed with; the others go on, and nothing is fetched in a storm.
#[test]
fn a_call_that_is_always_refused_does_not_stop_the_others() {
    let mut world = World::new(1);
    world.policy.min_interval = Duration::from_secs(60);
    world.crash(0);
    assert_eq!(world.call(0), Ok(true));
    let began = world.now;
    for _ in 0..300 {
        let want = world.want(0, None);
        let used = world.wait(0, want).unwrap();
        world.processes[0].coordinator.refused(&used, world.now);
        let want = world.want(0, Some(&used));
        match world.wait(0, want) {
            Ok(newer) => assert_ne!(newer.ticket.expose(), used.ticket.expose()),
            Err(failure) => assert!(failure.contains("Kicked"), "{failure}"),
        }
        assert_eq!(world.call(0), Ok(true));
        world.advance(Duration::from_secs(1));
    }
    let minutes = world.now.saturating_since(began).as_secs() / 60;
    let fetches = u64::try_from(world.bank.fetches.len()).unwrap();
    assert!(fetches > 2 && fetches <= minutes + 2, "{fetches} in {minutes} minutes");
}

#[test]
fn an_emptied_store_begins_anew() {
    let mut world = World::new(3);
    for _ in 0..3 {
        assert_eq!(world.call(0), Ok(true));
        world.advance(21 * MINUTE);
        world.settle();
    }
    assert_eq!(world.call(1), Ok(true));
    let before = world.bank.fetches.len();
    world.cell = None;
    world.advance(2 * MINUTE);
    world.settle();
    assert_eq!((world.call(2), world.bank.fetches.len()), (Ok(true), before), "what lives is put back");
    // Emptied, and somebody who knew nothing was faster: his are the ones that live.
    world.cell = None;
    world.lease = None;
    world.crash(2);
    assert_eq!(world.call(2), Ok(true));
    world.advance(6 * MINUTE);
    assert_eq!((world.call(0), world.call(1)), (Ok(true), Ok(true)));
    assert_eq!(world.bank.fetches.len(), before + 1);
}
