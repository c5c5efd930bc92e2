//! Google's Common Expression Language, by the crate `cel`: a tree that is walked.

use std::sync::Arc;

use cel::{Context, Env, Program, Value};

use super::Engine;
use crate::case::{CHANNELS, TAGS, Who, cities, quoted};

/// Its standard library.
pub struct Cel(Arc<Env>);

impl Engine for Cel {
    const NAME: &'static str = "cel";
    type Program = Program;
    type User = Context<'static, 'static>;

    fn start() -> Self {
        Self(Arc::new(Env::stdlib()))
    }

    fn source() -> String {
        format!(
            "level == 'gold' && age >= 18 && points >= 100 && points <= 5000 && channel in [{}] && sex == 'female' \
             && {} && amount >= 99.5 && amount <= 1999.99 && city in [{}]",
            quoted(&CHANNELS, '\''),
            TAGS.map(|tag| format!("'{tag}' in tags")).join(" && "),
            quoted(&cities(), '\''),
        )
    }

    fn text(user: Who) -> String {
        user.plain_json()
    }

    fn compile(&self, source: &str) -> Program {
        self.0.compile(source).expect("an expression")
    }

    fn read(&self, user: &str) -> Context<'static, 'static> {
        let user: serde_json::Map<String, serde_json::Value> = serde_json::from_str(user).expect("JSON");
        let mut context = Context::with_env(Arc::clone(&self.0));
        for (name, value) in user {
            // JSON has one kind of number, CEL has three; those without fraction are signed.
            match value.as_i64() {
                Some(number) => context.add_variable_from_value(name, number),
                None => context.add_variable(name, cel::to_value(value).expect("a value")).expect("a value"),
            }
        }
        context
    }

    fn decide(&self, program: &mut Program, user: &Context<'static, 'static>) -> bool {
        match program.execute(user) {
            Ok(Value::Bool(decision)) => decision,
            other => panic!("no decision: {other:?}"),
        }
    }
}
