//! The rules and the users that every engine is given: those of [`benches::rules`], eight conditions and three users, in
//! the form that others want.
//!
//! Others know no cascader: they are given the user's province and city as one text, which is less work than the path
//! that we compare. They are given numbers as numbers, we are given them as text; who reads those too is measured both ways.

use benches::rules::{CITIES, FIRST_FAILS, LAST_FAILS, PASSES};
use serde_json::{Map, Value};

/// One of the three users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Satisfies every condition.
    Passes,
    /// Does not satisfy the first condition.
    FailsFirst,
    /// Does not satisfy the last condition.
    FailsLast,
}

impl Who {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Passes, Self::FailsFirst, Self::FailsLast];

    /// As in the names of the benches.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passes => "all pass",
            Self::FailsFirst => "first fails",
            Self::FailsLast => "last fails",
        }
    }

    /// What every engine must say.
    #[must_use]
    pub const fn may_take_part(self) -> bool {
        matches!(self, Self::Passes)
    }

    /// The user as we are given one: everything is text, the city a path.
    #[must_use]
    pub const fn as_text(self) -> &'static str {
        match self {
            Self::Passes => PASSES,
            Self::FailsFirst => FIRST_FAILS,
            Self::FailsLast => LAST_FAILS,
        }
    }

    /// The user as others are given one.
    #[must_use]
    pub fn plain(self) -> Map<String, Value> {
        let mut user = self.texts();
        for name in ["age", "points", "amount"] {
            let number = user[name].as_str().and_then(|text| serde_json::from_str(text).ok());
            user.insert(name.to_owned(), number.expect("a number"));
        }
        user
    }

    /// The same with numbers as text, for engines that read them.
    #[must_use]
    pub fn texts(self) -> Map<String, Value> {
        let mut user: Map<String, Value> = serde_json::from_str(self.as_text()).expect("JSON");
        let path: Vec<_> = user["city"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let city = Value::from(path.join("/"));
        user.insert("city".to_owned(), city);
        user
    }

    /// The same as JSON.
    #[must_use]
    pub fn plain_json(self) -> String {
        Value::from(self.plain()).to_string()
    }
}

/// One of which is the user's.
pub const CHANNELS: [&str; 4] = ["app", "h5", "mini", "store"];
/// All of which are the user's.
pub const TAGS: [&str; 3] = ["new", "vip", "active"];

/// The cities, each as one text.
#[must_use]
pub fn cities() -> [String; 20] {
    CITIES.map(|city| city.join("/"))
}

/// Texts as the elements of a list in a programming language. They hold no quotes.
#[must_use]
pub fn quoted(texts: &[impl AsRef<str>], quote: char) -> String {
    let texts: Vec<_> = texts.iter().map(|text| format!("{quote}{}{quote}", text.as_ref())).collect();
    texts.join(", ")
}
