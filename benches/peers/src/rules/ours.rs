//! `rabbitpre-auth`: the conditions as the platform sends them.

use std::hint::black_box;

use benches::rules::{CONDITIONS, small_body};
use rabbitpre_auth::{Attributes, CheckRequest, Program};

use super::Engine;
use crate::case::Who;

/// Nothing is kept over several rules.
pub struct Ours;

impl Engine for Ours {
    const NAME: &'static str = "rabbitpre-auth";
    type Program = Program<'static>;
    type User = Attributes<'static>;

    fn start() -> Self {
        Self
    }

    fn source() -> String {
        small_body(CONDITIONS)
    }

    fn text(user: Who) -> String {
        user.as_text().to_owned()
    }

    fn compile(&self, source: &str) -> Program<'static> {
        let request = CheckRequest::parse(source.as_bytes()).expect("a request");
        Program::compile(request.conditions()).into_owned()
    }

    fn read(&self, user: &str) -> Attributes<'static> {
        Attributes::parse(user.as_bytes()).expect("attributes").into_owned()
    }

    fn decide(&self, program: &mut Program<'static>, user: &Attributes<'static>) -> bool {
        program.holds(user)
    }

    /// A program borrows from its request, so nothing has to be copied.
    fn only_compile(&self, source: &str) {
        let request = CheckRequest::parse(source.as_bytes()).expect("a request");
        black_box(Program::compile(request.conditions()));
    }

    /// Nor has the user.
    fn at_once(&self, source: &str, user: &str) -> bool {
        let request = CheckRequest::parse(source.as_bytes()).expect("a request");
        let attributes = Attributes::parse(user.as_bytes()).expect("attributes");
        Program::compile(request.conditions()).holds(&attributes)
    }
}
