//! Whatever happens in whatever order: no retry sees what failed, and once the world is well again, every call passes
//! and nobody fetches more than he has to.

use std::time::Duration;

use super::world::{Fault, World};

/// What happens next. Processes are counted from 0 to 3.
#[derive(Debug, Clone)]
pub enum Operation {
    /// A process does one thing, with this fault: 0 before it arrives, 1 the answer is lost, otherwise none.
    Step(usize, u8),
    Call(usize),
    /// Milliseconds.
    Advance(u32),
    /// Somebody else fetches.
    Rival,
    /// kill -9.
    Crash(usize),
    /// The store fails from now on, or no longer.
    Store(bool),
    /// Somebody removes the cell.
    Empty,
}

pub fn check(operations: &[Operation], strict: bool) {
    let mut world = World::new(4);
    world.bank.strict = strict;
    for operation in operations {
        match operation {
            Operation::Step(process, fault) => {
                let fault = [Fault::Before, Fault::After].get(usize::from(*fault)).copied();
                world.step(*process, fault.unwrap_or(Fault::None));
            }
            // The call itself asserts that its retry does not see the value that failed.
            Operation::Call(process) => drop(world.call(*process)),
            Operation::Advance(millis) => world.advance(Duration::from_millis(u64::from(*millis))),
            Operation::Rival => world.bank.rival(world.now),
            Operation::Crash(process) => world.crash(*process),
            Operation::Store(down) => world.store_down = *down,
            Operation::Empty => world.cell = None,
        }
    }
    world.store_down = false;
    world.advance(Duration::from_secs(600));
    world.settle();
    heal(&mut world, operations);
    let before = world.bank.fetches.len();
    world.advance(Duration::from_secs(600));
    world.settle();
    (0..world.processes.len()).for_each(|process| assert_eq!(world.call(process), Ok(true)));
    assert!(world.bank.fetches.len() <= before + 1, "they agree");
}

/// Every call passes. With one exception: where somebody outside has fetched *and* somebody has removed the cell, processes
/// fill it with pairs of which they do not know that they are dead. A call that meets two such pairs in a row fails, and
/// each that fails retires what it met: there are no more than processes.
fn heal(world: &mut World, operations: &[Operation]) {
    let rival = operations.iter().any(|operation| matches!(operation, Operation::Rival));
    let emptied = operations.iter().any(|operation| matches!(operation, Operation::Empty));
    if rival && emptied {
        let all_pass = |world: &mut World| {
            let passed: Vec<_> =
                (0..world.processes.len()).map(|process| world.call(process).unwrap()).collect();
            passed.into_iter().all(|passed| passed)
        };
        assert!((0..world.processes.len()).any(|_| all_pass(world)), "the dead pairs are used up");
    }
    for process in 0..world.processes.len() {
        assert_eq!(world.call(process), Ok(true), "process {process}");
    }
}
