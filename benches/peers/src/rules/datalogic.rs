//! JsonLogic, by datalogic-rs: the rule is JSON, the user lies parsed in an arena.

use std::cell::RefCell;

use datalogic_rs::bumpalo::Bump;
use datalogic_rs::{DataValue, Engine as Logics, Logic, ParsedData};
use serde_json::json;

use super::Engine;
use crate::case::{CHANNELS, TAGS, Who, cities};

/// The same, given numbers as text like us: JsonLogic reads them where it compares with a number.
pub struct DatalogicText(Datalogic);

impl Engine for DatalogicText {
    const NAME: &'static str = "datalogic-rs, numbers as text";
    type Program = Logic;
    type User = ParsedData;

    fn start() -> Self {
        Self(Datalogic::start())
    }

    fn source() -> String {
        Datalogic::source()
    }

    fn text(user: Who) -> String {
        serde_json::Value::from(user.texts()).to_string()
    }

    fn compile(&self, source: &str) -> Logic {
        self.0.compile(source)
    }

    fn read(&self, user: &str) -> ParsedData {
        self.0.read(user)
    }

    fn decide(&self, program: &mut Logic, user: &ParsedData) -> bool {
        self.0.decide(program, user)
    }
}

/// The engine, and the arena that it computes in, emptied after each decision as its own documents advise.
pub struct Datalogic {
    engine: Logics,
    arena: RefCell<Bump>,
}

impl Engine for Datalogic {
    const NAME: &'static str = "datalogic-rs";
    type Program = Logic;
    type User = ParsedData;

    fn start() -> Self {
        Self { engine: Logics::new(), arena: RefCell::new(Bump::with_capacity(4096)) }
    }

    fn source() -> String {
        let var = |name: &str| json!({ "var": name });
        let tag = |tag: &str| json!({"in": [tag, var("tags")]});
        let [new, vip, active] = TAGS.map(tag);
        json!({"and": [
            {"===": [var("level"), "gold"]},
            {">=": [var("age"), 18]},
            {"<=": [100, var("points"), 5000]},
            {"in": [var("channel"), CHANNELS]},
            {"===": [var("sex"), "female"]},
            new, vip, active,
            {"<=": [99.5, var("amount"), 1999.99]},
            {"in": [var("city"), cities()]},
        ]})
        .to_string()
    }

    fn text(user: Who) -> String {
        user.plain_json()
    }

    fn compile(&self, source: &str) -> Logic {
        self.engine.compile(source).expect("JsonLogic")
    }

    fn read(&self, user: &str) -> ParsedData {
        ParsedData::from_json(user).expect("JSON")
    }

    fn decide(&self, program: &mut Logic, user: &ParsedData) -> bool {
        let mut arena = self.arena.borrow_mut();
        let decision = self.engine.evaluate(program, user, &arena).ok().and_then(DataValue::as_bool);
        arena.reset();
        decision.expect("a decision")
    }
}
