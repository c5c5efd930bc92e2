//! From a file's values to conditions, with the place of each (SPEC.md §1).

use super::nearest::nearest;
use super::node::{Kind, Member, Misread, Node, object};
use super::offer::{Choice, Offer, Scalar};
use crate::operator::ParamType;
use crate::value::{Object, Value};

/// A condition, and where it begins.
pub(super) type Placed = (usize, Offer);

/// The list of conditions, which may be the member `within` of an object.
pub(super) fn offers(file: &Node, within: &str, advice: &str) -> Result<Vec<Placed>, Misread> {
    let wrong = |at| Misread::new(at, advice);
    let list = match &file.kind {
        Kind::List(entries) => entries,
        Kind::Object(members) => match members.iter().find(|member| member.name == within) {
            Some(Member { node: Node { kind: Kind::List(entries), .. }, .. }) => entries,
            Some(member) => return Err(wrong(member.at)),
            None => {
                let near = members.iter().find(|member| nearest(&member.name, [within]).is_some());
                return Err(near.map_or_else(
                    || wrong(file.at),
                    |member| Misread::new(member.at, misspelt(&member.name, within)),
                ));
            }
        },
        Kind::Scalar(_) => return Err(wrong(file.at)),
    };
    (1..).zip(list).map(|(place, entry)| Ok((entry.at, offer(place, entry)?))).collect()
}

fn misspelt(name: &str, known: &str) -> String {
    format!("`{}` is unknown; did you mean `{known}`?", name.escape_debug())
}

const OFFER: &[&str] = &["label", "name", "type", "value", "children"];
const CHOICE: &[&str] = &["label", "value", "children"];

fn offer(place: usize, node: &Node) -> Result<Offer, Misread> {
    let whose = format!("condition {place}");
    let Kind::Object(members) = &node.kind else {
        let what = format!("{whose} is no object; write one with `label`, `name` and `type`");
        return Err(Misread::new(node.at, what));
    };
    let more = unknown(&whose, members, OFFER)?;
    let member = |name| members.iter().find(|member| member.name == name);
    let param_type = match member("type") {
        None => return Err(Misread::new(node.at, format!("{whose} has no `type`; {}", types("")))),
        Some(member) => param_type(&whose, member)?,
    };
    Ok(Offer {
        label: text(&whose, member("label"))?.unwrap_or_default(),
        name: text(&whose, member("name"))?.unwrap_or_default(),
        param_type,
        value: member("value").map_or_else(|| Value::from(""), |member| member.node.value()),
        children: choices(&whose, member("children"))?,
        more,
    })
}

fn choice(whose: &str, node: &Node) -> Result<Choice, Misread> {
    let Kind::Object(members) = &node.kind else {
        let what = format!("a choice of {whose} is no object; write `label` and `value`");
        return Err(Misread::new(node.at, what));
    };
    let whose = format!("a choice of {}", whose.strip_prefix("a choice of ").unwrap_or(whose));
    let more = unknown(&whose, members, CHOICE)?;
    let member = |name| members.iter().find(|member| member.name == name);
    let value = match member("value") {
        None => Scalar::default(),
        Some(Member { node: Node { kind: Kind::Scalar(Value::Null), .. }, .. }) => Scalar::default(),
        Some(member) => Scalar::new(member.node.value()).ok_or_else(|| {
            let what = format!("`value` of {whose} is a list or an object; write a text, number or boolean");
            Misread::new(member.at, what)
        })?,
    };
    let label = text(&whose, member("label"))?;
    Ok(Choice { label, value, children: choices(&whose, member("children"))?, more })
}

fn choices(whose: &str, member: Option<&Member>) -> Result<Vec<Choice>, Misread> {
    match member.map(|member| (&member.node.kind, member.at)) {
        None | Some((Kind::Scalar(Value::Null), _)) => Ok(Vec::new()),
        Some((Kind::List(nodes), _)) => nodes.iter().map(|node| choice(whose, node)).collect(),
        Some((_, at)) => {
            Err(Misread::new(at, format!("`children` of {whose} is no list; write the choices as a list")))
        }
    }
}

/// A text; a number is one as it is written.
fn text(whose: &str, member: Option<&Member>) -> Result<Option<String>, Misread> {
    let Some(member) = member else { return Ok(None) };
    match &member.node.kind {
        Kind::Scalar(Value::Null) => Ok(None),
        Kind::Scalar(Value::Text(text)) => Ok(Some(text.to_string())),
        Kind::Scalar(Value::Number(number)) => Ok(Some(number.as_str().to_owned())),
        _ => Err(Misread::new(member.at, format!("`{}` of {whose} is no text; write one", member.name))),
    }
}

fn param_type(whose: &str, member: &Member) -> Result<ParamType, Misread> {
    let word = match &member.node.kind {
        Kind::Scalar(Value::Text(word)) => word.as_ref(),
        _ => "",
    };
    ParamType::parse(word).ok_or_else(|| {
        Misread::new(member.at, format!("`type` of {whose} is none that is known; {}", types(word)))
    })
}

/// What to write as a type; the platform's words for choices are the reverse of HTML's (SPEC.md §1).
fn types(word: &str) -> String {
    let known = ParamType::ALL.map(ParamType::as_str);
    match nearest(word, known) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!(
            "write one of `{}`; `checkbox` is one of several, `select` some of several",
            known.join("`, `")
        ),
    }
}

/// Members that this crate does not know are kept, because the platform may. One that is almost a known one is a slip.
fn unknown(whose: &str, members: &[Member], known: &[&str]) -> Result<Object<'static>, Misread> {
    let mut kept = Vec::new();
    for member in members.iter().filter(|member| !known.contains(&&*member.name)) {
        if let Some(nearest) = nearest(&member.name, known.iter().copied()) {
            return Err(Misread::new(member.at, format!("{whose}: {}", misspelt(&member.name, nearest))));
        }
        kept.push(member);
    }
    Ok(object(kept))
}
