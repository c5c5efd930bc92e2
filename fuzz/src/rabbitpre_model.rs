//! Rabbitpre: rules compiled and evaluated, against the reference model.

use crate::choices::Choices;
use crate::model::agreement::{agrees, whole_agrees};
use crate::model::value::{Json, NUMBERS, TEXTS};

/// Choices of conditions and of what users have: the evaluator and the model decide alike.
pub fn model(data: &[u8]) {
    let mut choices = Choices::new(data);
    if choices.below(4) == 0 {
        whole(&mut choices);
    } else {
        let (kind, operator) = (choices.of(&TYPES), choices.of(&OPERATORS));
        let (values, had) = (value(&mut choices, 3), value(&mut choices, 3));
        agrees(kind, operator, &values, (!choices.flag()).then_some(&had));
    }
}

/// A check with conditions, an external part and a saved setting.
fn whole(choices: &mut Choices<'_>) {
    let attributes = object(choices);
    let Json::Object(mut user) = object(choices) else { unreachable!() };
    let fields = list(choices, |choices| {
        Json::Object(vec![("fieldId", word(choices)), ("fieldValue", value(choices, 2))])
    });
    user.extend([("audid", Json::Number("1".to_owned())), ("customFields", fields)]);
    let conditions = list(choices, |choices| condition(choices, ["englishName", "paramType", "values"]));
    let request = Json::Object(vec![
        ("userParam", Json::Object(user)),
        ("checkType", Json::Bool(choices.flag())),
        ("externalConfigId", text("s")),
        ("externalConfigOperator", combine(choices)),
        ("externalConfigValues", list(choices, entry)),
        ("authParams", conditions),
    ]);
    let saved = Json::Object(vec![
        ("externalConfigOperator", combine(choices)),
        ("externalConfigValues", list(choices, entry)),
        ("settingData", list(choices, |choices| condition(choices, ["name", "type", "value"]))),
    ]);
    whole_agrees(&request, &attributes, &saved);
}

const TYPES: [&str; 10] = [
    "text",
    "number",
    "checkbox",
    "select",
    "area",
    "cascader",
    "dateTimeRange",
    "DATETIMERANGE",
    "Cascader",
    "other",
];
const OPERATORS: [&str; 12] =
    ["", "EQ", "NEQ", "GT", "GTEQ", "LT", "LTEQ", "BETWEEN", "IN", "ALL", "in", "LIKE"];
const NAMES: [&str; 4] = ["a", "b", "c", "d"];

fn condition(choices: &mut Choices<'_>, [name, kind, values]: [&'static str; 3]) -> Json {
    Json::Object(vec![
        (name, word(choices)),
        (kind, text(choices.of(&TYPES))),
        ("operator", text(choices.of(&OPERATORS))),
        (values, value(choices, 3)),
    ])
}

fn combine(choices: &mut Choices<'_>) -> Json {
    let words = ["ALL", "in", "x", ""];
    if choices.flag() { Json::Null } else { text(choices.of(&words)) }
}

/// A value, or a path.
fn entry(choices: &mut Choices<'_>) -> Json {
    if choices.flag() { list(choices, word) } else { value(choices, 1) }
}

fn text(text: &str) -> Json {
    Json::Text(text.to_owned())
}

fn word(choices: &mut Choices<'_>) -> Json {
    text(choices.of(&NAMES))
}

fn list(choices: &mut Choices<'_>, item: impl Fn(&mut Choices<'_>) -> Json) -> Json {
    Json::List((0..choices.below(4)).map(|_| item(choices)).collect())
}

fn object(choices: &mut Choices<'_>) -> Json {
    Json::Object(
        NAMES.into_iter().filter_map(|name| choices.flag().then(|| (name, value(choices, 2)))).collect(),
    )
}

/// Lists of up to 17: from nine on, what is looked up is not compared one by one.
const LENGTHS: [usize; 8] = [0, 1, 2, 2, 3, 4, 9, 17];

fn value(choices: &mut Choices<'_>, depth: usize) -> Json {
    match choices.below(if depth == 0 { 8 } else { 12 }) {
        0 => word(choices),
        1 => Json::Number(choices.of(&NUMBERS).to_owned()),
        2 => text(choices.of(&TEXTS)),
        3 => Json::Number(number(choices)),
        4 => Json::Text(date(choices)),
        5 => Json::Text(choices.pieces(&PIECES, 12)),
        6 => Json::Bool(choices.flag()),
        7 => Json::Null,
        8 | 9 => Json::List((0..choices.of(&LENGTHS)).map(|_| value(choices, depth - 1)).collect()),
        10 => tree(choices, depth),
        _ => Json::Object(vec![("value", value(choices, depth - 1))]),
    }
}

fn tree(choices: &mut Choices<'_>, depth: usize) -> Json {
    let name = if choices.flag() { "label" } else { "value" };
    let mut members = vec![(name, if choices.below(8) == 7 { value(choices, 0) } else { word(choices) })];
    if depth > 0 && choices.flag() {
        members.push(("children", list(choices, |choices| tree(choices, depth - 1))));
    }
    Json::Object(members)
}

const PIECES: [&str; 24] = [
    "0",
    "1",
    "5",
    "9",
    "00",
    ".",
    "-",
    "+",
    "e",
    "E",
    " ",
    "\t",
    ":",
    "T",
    "Z",
    "2021-07-01",
    "a",
    "北京",
    "１",
    "\u{3000}",
    "\u{0}",
    "\"",
    "true",
    "😀",
];
const DIGITS: [&str; 11] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0000000000000000000"];

/// A number as JSON writes it, of any length.
fn number(choices: &mut Choices<'_>) -> String {
    let sign = if choices.flag() { "-" } else { "" };
    let whole = choices.pieces(&DIGITS, 24);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let fraction = choices.pieces(&DIGITS, 12);
    let fraction = if fraction.is_empty() { fraction } else { format!(".{fraction}") };
    let exponent =
        choices.of(&["", "e0", "E+2", "e-3", "e19", "e-19", "e99", "E100", "e101", "e-100", "e-101"]);
    format!("{sign}{whole}{fraction}{exponent}")
}

/// A date in one of the listed forms, or just not.
fn date(choices: &mut Choices<'_>) -> String {
    let year = choices.of(&["2021", "0001", "0000", "1900", "2000", "2024", "9999", "+123", "1969"]);
    let two = |choices: &mut Choices<'_>, from: usize, below: usize| {
        format!("{:02}", from + choices.below(below - from))
    };
    let mut date = format!("{year}-{}-{}", two(choices, 0, 14), two(choices, 0, 33));
    date.push_str(choices.of(&["", " ", "T", "t", "  ", "x"]));
    if date.len() == 10 {
        return date;
    }
    date.push_str(&format!("{}:{}", two(choices, 0, 25), two(choices, 0, 61)));
    if choices.below(4) > 0 {
        date.push_str(&format!(":{}", two(choices, 0, 62)));
    }
    if choices.flag() {
        date.push('.');
        date.push_str(&choices.pieces(&DIGITS, 8));
    }
    date.push_str(
        choices.of(&["", "Z", "z", "+08:00", "-00:00", "-08:30", "+23:59", "+24:00", "+8:00", "+08", " "]),
    );
    date
}
