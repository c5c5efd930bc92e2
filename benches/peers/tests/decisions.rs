//! Every engine gives every user the same decision: only then does it make sense to ask which is the fastest.

use peers::case::Who;
use peers::rules::{ByHand, Cedar, Cel, Datalogic, DatalogicText, Engine, Ours, Rego, Zen};

#[track_caller]
fn check<E: Engine>() {
    let engine = E::start();
    let source = E::source();
    let mut program = engine.compile(&source);
    for who in Who::ALL {
        let expected = who.may_take_part();
        let text = E::text(who);
        let user = engine.read(&text);
        for _ in 0..3 {
            assert_eq!(engine.decide(&mut program, &user), expected, "{}: {}", E::NAME, who.name());
        }
        assert_eq!(engine.at_once(&source, &text), expected, "{}: {}, at once", E::NAME, who.name());
    }
    engine.only_compile(&source);
}

#[test]
fn the_same_decisions() {
    check::<ByHand>();
    check::<Ours>();
    check::<Datalogic>();
    check::<DatalogicText>();
    check::<Zen>();
    check::<Cel>();
    check::<Rego>();
    check::<Cedar>();
}
