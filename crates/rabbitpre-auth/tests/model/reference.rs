//! SPEC.md §4.2–§4.7 and §4.10 as plainly as they can be written: everything is cloned, nothing is prepared.

use super::value::Json;

/// Whether the condition holds. Doubt of any kind is `false`.
pub(crate) fn holds(param_type: &str, operator: &str, values: &Json, had: Option<&Json>) -> bool {
    try_holds(&param_type.to_lowercase(), &operator.to_uppercase(), values, had).unwrap_or(false)
}

fn try_holds(param_type: &str, operator: &str, values: &Json, had: Option<&Json>) -> Option<bool> {
    let (default, operators) = match param_type {
        "text" => ("EQ", "EQ NEQ IN ALL"),
        "number" => ("EQ", "EQ NEQ GT GTEQ LT LTEQ BETWEEN IN"),
        "checkbox" => ("EQ", "EQ NEQ IN"),
        "select" => ("IN", "EQ NEQ IN ALL"),
        "area" => ("BETWEEN", "BETWEEN GT GTEQ LT LTEQ"),
        "cascader" => ("IN", "EQ NEQ IN ALL"),
        "datetimerange" => ("BETWEEN", "BETWEEN"),
        _ => return None,
    };
    let operator = if operator.is_empty() { default } else { operator };
    operators.split(' ').find(|known| *known == operator)?;
    let had = had.filter(|had| **had != Json::Null && **had != Json::List(vec![]))?;
    if [Json::Null, Json::Text(String::new()), Json::List(vec![])].contains(values) {
        return None;
    }
    match param_type {
        "cascader" => {
            let (configured, users) = (configured_paths(values)?, user_paths(had));
            sets(operator, &configured, &users, |c, u| covers(c, u))
        }
        "datetimerange" => {
            let bounds: Option<Vec<_>> = elements(values).iter().map(moment).collect();
            let [from, to] = <[_; 2]>::try_from(bounds?).ok()?;
            let end = if to.whole_day { plus(&to.at, "86400") } else { to.at.clone() };
            if from.is_time != to.is_time {
                return None;
            }
            let users: Vec<_> =
                elements(had).iter().filter_map(moment).filter(|m| m.is_time == to.is_time).collect();
            Some(users.iter().any(|m| from.at <= m.at && if to.whole_day { m.at < end } else { m.at <= end }))
        }
        "number" | "area" => {
            let configured: Option<Vec<_>> = elements(values).iter().map(number).collect();
            let (configured, users) =
                (configured?, elements(had).iter().filter_map(number).collect::<Vec<_>>());
            let one = || <[_; 1]>::try_from(configured.clone()).ok().map(|[bound]| bound);
            match operator {
                "GT" => one().map(|bound| users.iter().any(|v| *v > bound)),
                "GTEQ" => one().map(|bound| users.iter().any(|v| *v >= bound)),
                "LT" => one().map(|bound| users.iter().any(|v| *v < bound)),
                "LTEQ" => one().map(|bound| users.iter().any(|v| *v <= bound)),
                "BETWEEN" => {
                    let [lowest, highest] = <[_; 2]>::try_from(configured).ok()?;
                    Some(users.iter().any(|v| lowest <= *v && *v <= highest))
                }
                _ => sets(operator, &configured, &users, |c, u| c == u),
            }
        }
        _ => {
            let configured: Option<Vec<_>> = elements(values).iter().map(text).collect();
            let users: Vec<_> = elements(had).iter().filter_map(text).collect();
            sets(operator, &configured?, &users, |c, u| c == u)
        }
    }
}

/// Whether a configured path equals a user's.
pub(crate) fn covers(configured: &[String], user: &[String]) -> bool {
    user.starts_with(configured) || (user.len() == 1 && configured.last() == user.first())
}

fn sets<T>(operator: &str, configured: &[T], users: &[T], same: impl Fn(&T, &T) -> bool) -> Option<bool> {
    if users.is_empty() {
        return None;
    }
    let among = |c: &T| users.iter().any(|u| same(c, u));
    Some(match operator {
        "NEQ" => !configured.iter().any(among),
        "ALL" => configured.iter().all(among),
        _ => configured.iter().any(among),
    })
}

fn elements(value: &Json) -> Vec<Json> {
    if let Json::List(items) = value { items.clone() } else { vec![value.clone()] }
}

/// A number on a scale that strings compare on: sign, then 250 digits before the point and 250 behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fixed {
    negative: bool,
    digits: String,
}

impl PartialOrd for Fixed {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(match (self.negative, other.negative) {
            (false, false) => self.digits.cmp(&other.digits),
            (true, true) => other.digits.cmp(&self.digits),
            (true, false) => std::cmp::Ordering::Less,
            (false, true) => std::cmp::Ordering::Greater,
        })
    }
}

const SIDE: usize = 250;

pub(crate) fn fixed(written: &str) -> Option<Fixed> {
    let written = written.trim_matches(|c: char| c.is_ascii_whitespace());
    let (negative, rest) = match written.strip_prefix(['+', '-']) {
        Some(rest) => (written.starts_with('-'), rest),
        None => (false, written),
    };
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent_digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if [whole, fraction, exponent_digits]
        .iter()
        .any(|d| d.is_empty() || !d.chars().all(|c| c.is_ascii_digit()))
    {
        return None;
    }
    let exponent: i64 = exponent.parse().ok().filter(|e: &i64| e.abs() <= 100)?;
    if mantissa.chars().filter(char::is_ascii_digit).count() > 100 {
        return None;
    }
    let mut digits: Vec<char> = format!("{whole:0>SIDE$}{fraction:0<SIDE$}").chars().collect();
    for _ in 0..exponent.abs() {
        if exponent > 0 {
            digits.rotate_left(1);
        } else {
            digits.rotate_right(1);
        }
    }
    let zero = digits.iter().all(|digit| *digit == '0');
    Some(Fixed { negative: negative && !zero, digits: digits.into_iter().collect() })
}

fn number(value: &Json) -> Option<Fixed> {
    match value {
        Json::Number(written) | Json::Text(written) => fixed(written),
        _ => None,
    }
}

fn text(value: &Json) -> Option<String> {
    match value {
        Json::Text(text) => Some(text.clone()),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Number(written) => {
            let number = fixed(written)?;
            let (whole, fraction) = number.digits.split_at(SIDE);
            let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
            let sign = if number.negative { "-" } else { "" };
            let whole = if whole.is_empty() { "0" } else { whole };
            Some(if fraction.is_empty() {
                format!("{sign}{whole}")
            } else {
                format!("{sign}{whole}.{fraction}")
            })
        }
        _ => None,
    }
}

fn node(value: &Json) -> Option<String> {
    text(value).filter(|text| !text.is_empty())
}

pub(crate) fn path(nodes: &[Json]) -> Option<Vec<String>> {
    if nodes.is_empty() { None } else { nodes.iter().map(node).collect() }
}

pub(crate) fn member<'a>(object: &'a [(&str, Json)], name: &str) -> Option<&'a Json> {
    object
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
        .filter(|value| **value != Json::Null)
}

fn leaves(tree: &Json) -> Option<Vec<Vec<String>>> {
    let Json::Object(members) = tree else { return None };
    let name = node(member(members, "value").or_else(|| member(members, "label"))?)?;
    let children = match member(members, "children") {
        None => vec![],
        Some(Json::List(children)) => children.clone(),
        Some(_) => return None,
    };
    if children.is_empty() {
        return Some(vec![vec![name]]);
    }
    let below: Option<Vec<_>> = children.iter().map(leaves).collect();
    Some(below?.concat().into_iter().map(|rest| [vec![name.clone()], rest].concat()).collect())
}

fn configured_paths(values: &Json) -> Option<Vec<Vec<String>>> {
    let entries: Option<Vec<_>> = elements(values)
        .iter()
        .map(|entry| match entry {
            Json::List(nodes) => path(nodes).map(|path| vec![path]),
            Json::Object(members) => match member(members, "value") {
                Some(Json::List(trees)) if trees.is_empty() => None,
                Some(Json::List(trees)) => {
                    trees.iter().map(leaves).collect::<Option<Vec<_>>>().map(|all| all.concat())
                }
                _ => leaves(entry),
            },
            lone => path(std::slice::from_ref(lone)).map(|path| vec![path]),
        })
        .collect();
    entries.map(|entries| entries.concat())
}

pub(crate) fn user_paths(had: &Json) -> Vec<Vec<String>> {
    match had {
        Json::List(entries) if entries.iter().any(|entry| matches!(entry, Json::List(_))) => {
            entries.iter().filter_map(|entry| path(&elements(entry))).collect()
        }
        Json::List(nodes) => path(nodes).into_iter().collect(),
        lone => path(std::slice::from_ref(lone)).into_iter().collect(),
    }
}

struct Moment {
    /// Seconds since the day before the year 1 in UTC, or the plain number.
    at: Fixed,
    is_time: bool,
    whole_day: bool,
}

fn plus(number: &Fixed, seconds: &str) -> Fixed {
    let whole: u128 = number.digits.get(SIDE - 30..SIDE).unwrap().parse().unwrap();
    let sum = whole + seconds.parse::<u128>().unwrap();
    Fixed { negative: false, digits: format!("{sum:0>SIDE$}{}", number.digits.get(SIDE..).unwrap()) }
}

/// Seconds from the day before the year 1 to 1970: east of Greenwich, the year 1 begins that early.
const TO_1970: &str = "62135683200";

fn moment(value: &Json) -> Option<Moment> {
    if let Some(at) = number(value) {
        let whole = at.digits.chars().skip(SIDE).all(|digit| digit == '0');
        let millis = whole && !at.negative && at >= fixed("100000000000")? && at <= fixed("253402300799999")?;
        if !millis {
            return Some(Moment { at, is_time: false, whole_day: false });
        }
        let mut digits: Vec<char> = at.digits.chars().collect();
        digits.rotate_right(3);
        let seconds = Fixed { negative: false, digits: digits.into_iter().collect() };
        return Some(Moment { at: plus(&seconds, TO_1970), is_time: true, whole_day: false });
    }
    let Json::Text(text) = value else { return None };
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    let part = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<u64>().ok());
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let leap = |year: u64| (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let days_in = |year: u64, month: u64| match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if year == 0 || !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) {
        return None;
    }
    let days = (1..year).map(|year| if leap(year) { 366 } else { 365 }).sum::<u64>()
        + (1..month).map(|month| days_in(year, month)).sum::<u64>()
        + day;
    let clock = |hour: Option<u64>, minute: Option<u64>, second: Option<u64>| {
        let (hour, minute, second) = (hour?, minute?, second?);
        (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
    };
    const CHINA: i64 = 8 * 3600;
    let (seconds, east, fraction) = match shape.as_str() {
        "9999-99-99" => (0, CHINA, "0"),
        "9999-99-99 99:99" => (clock(part(11, 13), part(14, 16), Some(0))?, CHINA, "0"),
        "9999-99-99 99:99:99" => (clock(part(11, 13), part(14, 16), part(17, 19))?, CHINA, "0"),
        _ => {
            if !["9999-99-99T99:99:99", "9999-99-99t99:99:99"].contains(&shape.get(..19)?) {
                return None;
            }
            let (fraction, zone) = match text.get(19..)?.strip_prefix('.') {
                Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?),
                None => ("0", text.get(19..)?),
            };
            // §4.10: with the zero before the point, at most 100 digits.
            if fraction.is_empty() || fraction.len() > 99 {
                return None;
            }
            let at =
                |from: usize, to: usize| zone.get(from..to).and_then(|digits| digits.parse::<u64>().ok());
            let offset =
                || clock(at(1, 3), at(4, 6), Some(0)).and_then(|seconds| i64::try_from(seconds).ok());
            let zone_shape: String = zone.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
            let east = match zone_shape.as_str() {
                "Z" | "z" => 0,
                "+99:99" => offset()?,
                "-99:99" => -offset()?,
                _ => return None,
            };
            (clock(part(11, 13), part(14, 16), part(17, 19))?, east, fraction)
        }
    };
    let seconds = i64::try_from(days * 86400 + seconds).ok()? - east;
    let at = Fixed { negative: false, digits: format!("{seconds:0>SIDE$}{fraction:0<SIDE$}") };
    Some(Moment { at, is_time: true, whole_day: shape.len() == 10 })
}
