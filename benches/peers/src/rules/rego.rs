//! Open Policy Agent's Rego, by regorus: compiled for its register machine, which is faster than its interpreter.

use std::sync::Arc;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine as Policies, Value};

use super::Engine;
use crate::case::{CHANNELS, TAGS, Who, cities, quoted};

/// Nothing is kept over several rules.
pub struct Rego;

impl Engine for Rego {
    const NAME: &'static str = "regorus";
    type Program = RegoVM;
    type User = Value;

    fn start() -> Self {
        Self
    }

    fn source() -> String {
        format!(
            "package access\nimport rego.v1\ndefault allow := false\nallow if {{\n input.level == \"gold\"\n \
             input.age >= 18\n input.points >= 100\n input.points <= 5000\n input.channel in {{{}}}\n \
             input.sex == \"female\"\n {}\n input.amount >= 99.5\n input.amount <= 1999.99\n \
             input.city in {{{}}}\n}}\n",
            quoted(&CHANNELS, '"'),
            TAGS.map(|tag| format!("\"{tag}\" in input.tags")).join("\n "),
            quoted(&cities(), '"'),
        )
    }

    fn text(user: Who) -> String {
        user.plain_json()
    }

    fn compile(&self, source: &str) -> RegoVM {
        let mut engine = Policies::new();
        engine.add_policy("access.rego".to_owned(), source.to_owned()).expect("Rego");
        let entry = "data.access.allow";
        let policy = engine.compile_with_entrypoint(&entry.into()).expect("a policy");
        let program = Compiler::compile_from_policy(&policy, &[entry]).expect("a program");
        let mut machine = RegoVM::new();
        machine.load_program(Arc::clone(&program));
        machine
    }

    fn read(&self, user: &str) -> Value {
        Value::from_json_str(user).expect("JSON")
    }

    fn decide(&self, machine: &mut RegoVM, user: &Value) -> bool {
        machine.set_input(user.clone());
        *machine.execute().expect("a value").as_bool().expect("a decision")
    }
}
