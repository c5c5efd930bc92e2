//! The eight conditions as a programmer writes them down once and for all, over the texts that we are given too.

use benches::rules::{Person, hand_written};
use serde::Deserialize;

use super::Engine;
use crate::case::Who;

/// Nothing is configured.
pub struct ByHand;

#[derive(Deserialize)]
struct Read<'a> {
    level: &'a str,
    age: &'a str,
    points: &'a str,
    channel: &'a str,
    sex: &'a str,
    tags: Vec<&'a str>,
    amount: &'a str,
    city: Vec<&'a str>,
}

impl Engine for ByHand {
    const NAME: &'static str = "by hand";
    type Program = ();
    type User = Person<'static>;

    fn start() -> Self {
        Self
    }

    fn source() -> String {
        String::new()
    }

    fn text(user: Who) -> String {
        user.as_text().to_owned()
    }

    fn compile(&self, _: &str) {}

    /// Nothing of this is measured, so the text is leaked.
    fn read(&self, user: &str) -> Person<'static> {
        let user: &'static str = user.to_owned().leak();
        let Read { level, age, points, channel, sex, tags, amount, city } =
            serde_json::from_str(user).expect("JSON");
        Person { level, age, points, channel, sex, tags, amount, city }
    }

    fn decide(&self, (): &mut (), user: &Person<'static>) -> bool {
        hand_written(user)
    }
}
