//! SPEC.md §4.1, §4.8, §4.10 Attributes, External check and One-node external value, as plainly as they can be written.

use super::reference::{covers, fixed, holds, member, path, user_paths};
use super::value::Json;

/// Whether the check is allowed. The saved setting is `None` where the id is unknown.
pub(crate) fn allowed(request: &Json, attributes: &Json, saved: Option<&Json>) -> bool {
    let had = |name: &str| attribute(request, attributes, name);
    let conditions = list(&of(request, "authParams"));
    if !conditions.iter().all(|one| condition(one, ["englishName", "paramType", "values"], &had)) {
        return false;
    }
    if of(request, "checkType") != Json::Bool(true) {
        return true;
    }
    let Some(saved) = saved else { return false };
    let given = |name: &str, nothing: &[Json]| {
        let of_request = of(request, name);
        if nothing.contains(&of_request) { of(saved, name) } else { of_request }
    };
    let (null, empty) = (Json::Null, Json::Text(String::new()));
    let every = match given("externalConfigOperator", &[null.clone(), empty.clone()]) {
        operator if operator == null || operator == empty => false,
        Json::Text(word) if word.to_uppercase() == "IN" => false,
        Json::Text(word) if word.to_uppercase() == "ALL" => true,
        _ => return false,
    };
    let values = match given("externalConfigValues", &[null.clone(), empty.clone(), Json::List(vec![])]) {
        none if none == null || none == empty => vec![],
        lone @ Json::Text(_) => vec![lone],
        Json::List(entries) => entries,
        _ => return false,
    };
    let saved: Vec<bool> = list(&of(saved, "settingData"))
        .iter()
        .map(|one| condition(one, ["name", "type", "value"], &had))
        .collect();
    let values: Vec<bool> = values.iter().map(|entry| value(entry, &had)).collect();
    let group = |group: &[bool]| {
        let held = group.iter().filter(|held| **held).count();
        group.is_empty() || if every { held == group.len() } else { held > 0 }
    };
    !(saved.is_empty() && values.is_empty()) && group(&saved) && group(&values)
}

fn condition(one: &Json, [name, kind, values]: [&str; 3], had: &impl Fn(&str) -> Option<Json>) -> bool {
    let name = match of(one, name) {
        Json::Text(name) | Json::Number(name) if !name.is_empty() => name,
        _ => return false,
    };
    let (Json::Text(kind), Json::Text(operator)) = (of(one, kind), of(one, "operator")) else { return false };
    holds(&kind, &operator, &of(one, values), had(&name).as_ref())
}

/// One external value.
fn value(entry: &Json, had: &impl Fn(&str) -> Option<Json>) -> bool {
    let nodes = match entry {
        Json::Text(_) => path(std::slice::from_ref(entry)),
        Json::List(nodes) => path(nodes),
        _ => None,
    };
    let Some((name, below)) = nodes.as_deref().and_then(<[String]>::split_first) else { return false };
    let Some(had) = had(name) else { return false };
    if below.is_empty() { has_content(&had) } else { user_paths(&had).iter().any(|path| covers(below, path)) }
}

fn has_content(had: &Json) -> bool {
    let zero = |text: &str| fixed(text).is_some_and(|number| Some(number) == fixed("0"));
    match had {
        Json::Null => false,
        Json::Bool(flag) => *flag,
        Json::Number(digits) => fixed(digits).is_some() && !zero(digits),
        Json::Text(text) => {
            let text = text.trim();
            !text.is_empty() && text.to_lowercase() != "false" && !zero(text)
        }
        Json::List(items) => items.iter().any(has_content),
        Json::Object(members) => !members.is_empty(),
    }
}

/// The source's answer, below it userParam's own member, below that the first custom field of this id.
fn attribute(request: &Json, attributes: &Json, name: &str) -> Option<Json> {
    let named = |object: &Json| match object {
        Json::Object(members) => {
            members.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
        }
        _ => None,
    };
    let user = of(request, "userParam");
    let scalar = |value: &Json| matches!(value, Json::Text(_) | Json::Number(_) | Json::Bool(_));
    let field = || {
        let same = |field: &Json| match of(field, "fieldId") {
            Json::Text(id) | Json::Number(id) => id == name,
            _ => false,
        };
        list(&of(&user, "customFields")).into_iter().find(same).map(|field| of(&field, "fieldValue"))
    };
    let own = || named(&user).map(|own| if scalar(&own) { own } else { Json::Null });
    named(attributes).or_else(own).or_else(field).filter(|value| *value != Json::Null)
}

/// A member; null if there is none.
fn of(object: &Json, name: &str) -> Json {
    match object {
        Json::Object(members) => member(members, name).cloned().unwrap_or(Json::Null),
        _ => Json::Null,
    }
}

fn list(value: &Json) -> Vec<Json> {
    if let Json::List(items) = value { items.clone() } else { vec![] }
}
