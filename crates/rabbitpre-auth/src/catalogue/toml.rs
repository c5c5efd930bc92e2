//! Conditions files in TOML: `[[conditions]]`.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::node::{DEEPEST, Kind, Member, Misread, Node};
use crate::json::read_file;
use crate::value::Value;

/// Reads TOML. Numbers keep their digits.
pub(super) fn toml(text: &str) -> Result<Node, Misread> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        // What the parser says may take several lines.
        let what = error.message().lines().collect::<Vec<_>>().join("; ");
        Misread::new(at, format!("not TOML: {what}"))
    })?;
    object(table.span().start, table.get_ref(), DEEPEST)
}

fn object(at: usize, table: &DeTable<'_>, depth: usize) -> Result<Node, Misread> {
    let mut members: Vec<Member> = table
        .iter()
        .map(|(name, value)| {
            let at = name.span().start;
            Ok(Member { name: name.get_ref().to_string(), at, node: node(value, depth)? })
        })
        .collect::<Result<_, _>>()?;
    // The table sorts them by name.
    members.sort_by_key(|member| member.at);
    Ok(Node { at, kind: Kind::Object(members) })
}

fn node(value: &Spanned<DeValue<'_>>, depth: usize) -> Result<Node, Misread> {
    let at = value.span().start;
    let deeper = || depth.checked_sub(1).ok_or_else(|| Misread::new(at, "it is nested too deep"));
    let scalar = match value.get_ref() {
        DeValue::Table(table) => return object(at, table, deeper()?),
        DeValue::Array(values) => {
            let depth = deeper()?;
            let nodes = values.iter().map(|value| node(value, depth)).collect::<Result<_, _>>()?;
            return Ok(Node { at, kind: Kind::List(nodes) });
        }
        DeValue::String(text) => Value::from(text.to_string()),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Integer(integer) if integer.radix() == 10 => number(at, integer.as_str())?,
        DeValue::Integer(integer) => {
            let value = i64::from_str_radix(integer.as_str(), integer.radix());
            value
                .map(Value::from)
                .map_err(|_| Misread::new(at, "the number is too large; write it in decimal"))?
        }
        DeValue::Float(float) => number(at, float.as_str())?,
        // A date is shown to people and read by SPEC.md §4.4, as it is written here.
        DeValue::Datetime(moment) => Value::from(moment.to_string()),
    };
    Ok(Node { at, kind: Kind::Scalar(scalar) })
}

/// A number of TOML is one of JSON, but for a plus sign, `inf` and `nan`.
fn number(at: usize, digits: &str) -> Result<Value<'static>, Misread> {
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    match read_file(digits.as_bytes()) {
        Ok(number @ Value::Number(_)) => Ok(number.into_owned()),
        _ => Err(Misread::new(at, "`inf` and `nan` are no numbers here; write digits")),
    }
}
