//! The engines that decide by rules, behind one trait.

use std::hint::black_box;

mod by_hand;
mod cedar;
mod cel;
mod datalogic;
mod ours;
mod rego;
mod zen;

pub use by_hand::ByHand;
pub use cedar::Cedar;
pub use cel::Cel;
pub use datalogic::{Datalogic, DatalogicText};
pub use ours::Ours;
pub use rego::Rego;
pub use zen::Zen;

/// An engine: what it needs once per process. Whatever belongs to one rule is in its program, whatever belongs to one
/// user in its user.
///
/// A failure of an engine is a mistake of the bench, so these functions panic where a service would answer.
pub trait Engine: Sized {
    /// The name in the table.
    const NAME: &'static str;
    /// A rule, ready to decide.
    type Program;
    /// A user, in the engine's own form.
    type User;

    /// What is there once per process.
    fn start() -> Self;
    /// The eight conditions in the engine's language.
    fn source() -> String;
    /// One of the three users, as text of the kind that the engine is given.
    fn text(user: crate::case::Who) -> String;
    /// From the rule's text to the program.
    fn compile(&self, source: &str) -> Self::Program;
    /// From the user's text to the engine's own form.
    fn read(&self, user: &str) -> Self::User;
    /// May the user take part? A program is changed by some engines: they keep their stack in it.
    fn decide(&self, program: &mut Self::Program, user: &Self::User) -> bool;

    /// From the rule's text to a program that is thrown away.
    fn only_compile(&self, source: &str) {
        black_box(self.compile(source));
    }

    /// From the rule's and the user's text to the decision, nothing kept.
    fn at_once(&self, source: &str, user: &str) -> bool {
        self.decide(&mut self.compile(source), &self.read(user))
    }
}
