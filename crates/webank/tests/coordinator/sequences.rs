//! Any sequence of operations ends well.

use proptest::prelude::*;

use super::operations::{Operation, check};

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

/// Found by fuzzing: three who were kicked out by strangers, and a cell that was emptied meanwhile.
#[test]
fn strangers_and_an_emptied_cell() {
    use Operation::{Call, Empty, Rival, Step};
    let none = 2;
    let operations = [
        Step(1, 0),
        Step(0, 1),
        Call(0),
        Rival,
        Call(1),
        Rival,
        Call(2),
        Call(0),
        Empty,
        Step(0, none),
        Step(0, 0),
        Rival,
        Call(3),
        Step(1, none),
        Step(1, 0),
    ];
    check(&operations, false);
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
