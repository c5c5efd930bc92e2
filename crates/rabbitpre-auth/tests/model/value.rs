//! JSON as the model sees it, and numbers and texts that mean something to some type.

use std::fmt;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(flag) => flag.fmt(f),
            Json::Number(digits) => f.write_str(digits),
            Json::Text(text) => f.write_str(&serde_json::to_string(text).unwrap()),
            Json::List(items) => {
                let items: Vec<_> = items.iter().map(Json::to_string).collect();
                write!(f, "[{}]", items.join(","))
            }
            Json::Object(members) => {
                let members: Vec<_> =
                    members.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
                write!(f, "{{{}}}", members.join(","))
            }
        }
    }
}

pub(crate) const NUMBERS: [&str; 24] = [
    "0",
    "-0",
    "1",
    "1.0",
    "10e-1",
    "1.5",
    "2",
    "-1",
    "-1.5",
    "3",
    "20",
    "202",
    "1e2",
    "100",
    "9007199254740993",
    "9007199254740992",
    "1e100",
    "1e101",
    "1e-100",
    "0.1",
    "1625068800000",
    "1625068800000.5",
    "99999999999",
    "253402300800000",
];

pub(crate) const TEXTS: [&str; 34] = [
    "",
    " ",
    "a",
    "b",
    "c",
    "d",
    "A",
    "0",
    "1",
    "1.0",
    " 1 ",
    "+1",
    "01",
    ".5",
    "5.",
    "１",
    "true",
    "false",
    "-1.5",
    "北京",
    "海淀",
    "2021-07-01",
    "2021-07-02",
    "2021-06-30",
    "2021-07-01 08:00",
    "2021-07-01 08:00:30",
    "2021-07-01 08:00:60",
    "2021-07-01T00:00:00Z",
    "2021-07-01T00:00:00.5Z",
    "2021-06-30T16:00:00-00:00",
    "2021-07-02T00:00:00+08:00",
    "1625068800000",
    "1625068800000.0",
    "0000-01-01",
];
