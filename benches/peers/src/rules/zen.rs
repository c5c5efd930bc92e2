//! GoRules' expressions, by zen-expression: compiled to byte code, run by a machine that is kept.

use std::cell::RefCell;

use zen_expression::expression::Standard;
use zen_expression::vm::VM;
use zen_expression::{Expression, Isolate, Scope, Variable};

use super::Engine;
use crate::case::{CHANNELS, TAGS, Who, cities, quoted};

/// The compiler with its memory, and the machine with its stack.
pub struct Zen {
    compiler: RefCell<Isolate>,
    machine: RefCell<VM>,
}

impl Engine for Zen {
    const NAME: &'static str = "zen-expression";
    type Program = Expression<Standard>;
    type User = Scope;

    fn start() -> Self {
        Self { compiler: RefCell::new(Isolate::new()), machine: RefCell::new(VM::new()) }
    }

    fn source() -> String {
        format!(
            "level == 'gold' and age >= 18 and points in [100..5000] and channel in [{}] and sex == 'female' \
             and {} and amount in [99.5..1999.99] and city in [{}]",
            quoted(&CHANNELS, '\''),
            TAGS.map(|tag| format!("'{tag}' in tags")).join(" and "),
            quoted(&cities(), '\''),
        )
    }

    fn text(user: Who) -> String {
        user.plain_json()
    }

    fn compile(&self, source: &str) -> Expression<Standard> {
        self.compiler.borrow_mut().compile_standard(source).expect("an expression")
    }

    fn read(&self, user: &str) -> Scope {
        Scope::new(serde_json::from_str::<Variable>(user).expect("JSON"))
    }

    fn decide(&self, program: &mut Expression<Standard>, user: &Scope) -> bool {
        let decision = program.evaluate_with_scope(user, &mut self.machine.borrow_mut());
        decision.expect("a value").as_bool().expect("a decision")
    }
}
