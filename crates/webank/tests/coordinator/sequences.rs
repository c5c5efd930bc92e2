//! Whatever happens in whatever order: no retry sees what failed, and once the world is well again, every call passes
//! and nobody fetches more than he has to.

use std::time::Duration;

use proptest::prelude::*;

use super::world::{Fault, World};

#[derive(Debug, Clone)]
enum Operation {
    Step(usize, u8),
    Call(usize),
    Advance(u32),
    Rival,
    Crash(usize),
    Store(bool),
    Empty,
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        12 => (0..4_usize, 0..8_u8).prop_map(|(process, fault)| Operation::Step(process, fault)),
        4 => (0..4_usize).prop_map(Operation::Call),
        3 => prop_oneof![1..5_000_u32, 60_000..3_700_000_u32].prop_map(Operation::Advance),
        1 => Just(Operation::Rival),
        1 => (0..4_usize).prop_map(Operation::Crash),
        1 => any::<bool>().prop_map(Operation::Store),
        1 => Just(Operation::Empty),
    ]
}

fn check(operations: &[Operation], strict: bool) {
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
    for process in 0..world.processes.len() {
        assert_eq!(world.call(process), Ok(true), "process {process}");
    }
    let before = world.bank.fetches.len();
    world.advance(Duration::from_secs(600));
    world.settle();
    (0..world.processes.len()).for_each(|process| assert_eq!(world.call(process), Ok(true)));
    assert!(world.bank.fetches.len() <= before + 1, "they agree");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_sequence_ends_well(
        operations in proptest::collection::vec(operation(), 0..120),
        strict in any::<bool>(),
    ) {
        check(&operations, strict);
    }
}
