//! GET getAuthConditions: what the editor is to show (SPEC.md §1).

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{
    found::Found,
    reply::{code, object},
    target::Target,
};
use crate::probe::{Check, Report};

/// How many findings of one list are told.
const TOLD: usize = 20;

pub(super) async fn check(target: &Target, report: &mut Report) {
    let title = ("条件列表的应答", "the answer to getAuthConditions");
    let mut check = Check::new("conditions", title).section("§1");
    let title = ("每个条件的格式", "the form of each condition");
    let mut each = Check::new("condition-forms", title).section("§1");
    let reply = match target.editor.list().await {
        Ok(reply) => reply,
        Err(error) => {
            Found::no_answer(&error).add_to(&mut check, target.lang);
            report.add(check);
            report.add(each.skip());
            return;
        }
    };
    let mut found = Vec::new();
    let members = object(&reply, &mut found);
    let code = members.as_ref().and_then(|members| code(members, true, &mut found));
    check.answered(reply.status, code.as_deref(), reply.elapsed);
    let data = members.as_ref().and_then(|members| members.get("data")?.as_array());
    if reply.status != 200 {
        found = vec![Found::error(
            format!("HTTP 状态码是 {}，应为 200", reply.status),
            format!("the HTTP status is {}, not 200", reply.status),
        )];
    } else if members.is_some() {
        if code.as_deref().is_some_and(|code| code != "200") {
            found.push(Found::error(
                "`code` 不是 200：编辑器视为失败",
                "`code` is not 200: a failure to the editor",
            ));
        }
        if data.is_none() {
            found.push(Found::error("`data` 不是列表", "`data` is no list"));
        }
    }
    match data {
        Some(data) if reply.status == 200 => {
            if data.is_empty() {
                found.push(Found::note("没有任何条件可选", "there is no condition to choose"));
            }
            for found in conditions(data).into_iter().take(TOLD) {
                found.add_to(&mut each, target.lang);
            }
        }
        _ => each = each.skip(),
    }
    found.iter().for_each(|found| found.add_to(&mut check, target.lang));
    report.add(check);
    report.add(each);
}

fn conditions(data: &[Value]) -> Vec<Found> {
    let (mut found, mut names) = (Vec::new(), HashSet::new());
    for (place, entry) in (1..).zip(data) {
        let Some(members) = entry.as_object() else {
            found.push(Found::error(
                format!("第 {place} 个：不是对象"),
                format!("number {place} is no object"),
            ));
            continue;
        };
        let text = |member: &str| members.get(member).and_then(Value::as_str).unwrap_or_default();
        let name = text("name");
        let what = format!("{place} `{}`", sign_core::shown(name));
        let mut add = |one: Found| found.push(one.of(&what));
        for member in ["label", "name", "type"] {
            if text(member).is_empty() {
                add(Found::error(
                    format!("`{member}` 缺失、为空，或不是字符串"),
                    format!("`{member}` is missing, empty, or no text"),
                ));
            }
        }
        if !name.is_empty() && !names.insert(name) {
            add(Found::error("与前面的条件同名", "a condition before it has the same name"));
        }
        if !members.contains_key("value") {
            add(Found::note("`value` 缺失", "`value` is missing"));
        }
        if !text("type").is_empty() {
            children(text("type"), members, &mut add);
        }
    }
    found
}

/// SPEC.md §1: the children each type has.
fn children(kind: &str, members: &Map<String, Value>, add: &mut impl FnMut(Found)) {
    if !["text", "number", "select", "checkbox", "area", "cascader", "dateTimeRange"].contains(&kind) {
        add(Found::error(
            format!("类型 `{}` 不存在；大小写也要一致", sign_core::shown(kind)),
            format!("there is no type `{}`; its letter case counts, too", sign_core::shown(kind)),
        ));
        return;
    }
    let Some(children) = members.get("children").and_then(Value::as_array) else {
        add(match kind {
            "text" | "number" => Found::warning("`children` 不是空列表", "`children` is no empty list"),
            _ => Found::error("`children` 不是列表", "`children` is no list"),
        });
        return;
    };
    let labelled = |child: &Value| child.get("label").is_some_and(Value::is_string) && has_value(child);
    let leaf = |child: &Value| below(child).is_none_or(<[Value]>::is_empty);
    match kind {
        "text" | "number" if !children.is_empty() => {
            add(Found::error("text 与 number 没有 `children`", "text and number have no `children`"));
        }
        "select" | "checkbox" | "cascader" if children.is_empty() => {
            add(Found::error("没有可选项", "there is nothing to choose"));
        }
        "select" | "checkbox" if !children.iter().all(|child| labelled(child) && leaf(child)) => {
            add(Found::error(
                "选项应为平铺的 `{label, value}`",
                "choices are a flat list of `{label, value}`",
            ));
        }
        "cascader" if !tree(children, 1) => {
            add(Found::error(
                "每一级都应为 `{label, value, children}`",
                "every level is a list of `{label, value, children}`",
            ));
        }
        "area" | "dateTimeRange"
            if children.len() != 2 || !children.iter().all(|child| has_value(child) && leaf(child)) =>
        {
            add(Found::error(
                "应有两个只含 `value` 的 `children`：下限与上限",
                "there are two `children` with `value` alone: the lower bound and the upper one",
            ));
        }
        "select" | "checkbox" => {
            let mut values = HashSet::new();
            if !children.iter().all(|child| values.insert(child.get("value").map(Value::to_string))) {
                add(Found::warning("有两个选项的 `value` 相同", "two choices have the same `value`"));
            }
        }
        _ => {}
    }
}

/// A text, number or boolean that can be compared.
fn has_value(child: &Value) -> bool {
    child.get("value").is_some_and(|value| value.is_string() || value.is_number() || value.is_boolean())
}

fn below(child: &Value) -> Option<&[Value]> {
    child.get("children")?.as_array().map(Vec::as_slice)
}

/// The reader's own limit bounds the depth.
fn tree(children: &[Value], depth: usize) -> bool {
    depth < 128
        && children.iter().all(|child| {
            let named = child.get("label").is_some_and(Value::is_string) && has_value(child);
            let listed =
                child.get("children").is_none_or(|children| children.is_array() || children.is_null());
            named && listed && below(child).is_none_or(|children| tree(children, depth.saturating_add(1)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lang::Lang, probe::Severity};

    #[track_caller]
    fn check(condition: &str, finding: &str) {
        let data = [serde_json::from_str(condition).unwrap()];
        let found: Vec<_> = conditions(&data).iter().map(|found| found.text(Lang::En)).collect();
        match finding {
            "" => assert_eq!(found, [""; 0]),
            _ => assert!(found.len() == 1 && found[0].contains(finding), "{condition}: {found:?}"),
        }
    }

    #[test]
    fn each_type_has_its_children() {
        let of = |kind: &str, children: &str| {
            format!(r#"{{"label":"甲","name":"a","type":"{kind}","value":"","children":{children}}}"#)
        };
        check(&of("text", "[]"), "");
        check(&of("number", r#"[{"value":1}]"#), "have no `children`");
        check(&of("text", "null"), "no empty list");
        check(&of("select", "[]"), "nothing to choose");
        check(&of("select", r#"[{"label":"A","value":"a"},{"label":"B","value":2}]"#), "");
        check(&of("select", r#"[{"label":"A"}]"#), "flat list");
        check(
            &of("checkbox", r#"[{"label":"A","value":"a","children":[{"label":"B","value":"b"}]}]"#),
            "flat list",
        );
        check(&of("checkbox", r#"[{"label":"A","value":"a"},{"label":"B","value":"a"}]"#), "same `value`");
        check(&of("area", r#"[{"value":""},{"value":""}]"#), "");
        check(&of("area", r#"[{"value":1}]"#), "two `children`");
        check(&of("dateTimeRange", "{}"), "is no list");
        check(
            &of(
                "cascader",
                r#"[{"label":"A","value":"a","children":[{"label":"B","value":"b","children":[]}]}]"#,
            ),
            "",
        );
        check(&of("cascader", r#"[{"label":"A","value":"a","children":[{"value":"b"}]}]"#), "every level");
        check(&of("radio", "[]"), "no type `radio`");
        check(&of("datetimerange", "[]"), "no type");
    }

    #[test]
    fn each_condition_has_its_members() {
        check(r#"{"label":"甲","type":"text","value":"","children":[]}"#, "`name` is missing");
        check(r#"{"label":"","name":"a","type":"text","value":"","children":[]}"#, "`label` is missing");
        check(r#"{"label":"甲","name":"a","type":1,"value":"","children":[]}"#, "`type` is missing");
        check(r#"{"label":"甲","name":"a","type":"text","children":[]}"#, "`value` is missing");
        check("7", "number 1 is no object");
        let twice: Value =
            serde_json::from_str(r#"{"label":"甲","name":"a","type":"text","value":"","children":[]}"#)
                .unwrap();
        let found = conditions(&[twice.clone(), twice]);
        assert!(matches!(&found[..], [one] if one.severity == Severity::Error), "{found:?}");
    }
}
