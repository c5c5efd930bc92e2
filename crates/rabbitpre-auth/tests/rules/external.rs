//! The external check: SPEC.md §4.8, §4.10 External check, One-node external value.

use crate::{decided, x};

/// An external check: members of the request, and the setting saved under `s`.
pub(crate) fn external(request: &str, setting: &str) -> String {
    format!(
        r#"{{"request":{{"userParam":{{"audid":1}},"checkType":true,{request}}},
            "attributes":{{"a":"x","b":"x","no":"y","zero":0,"city":["bj","hd"]}},"settings":{{"s":{setting}}}}}"#
    )
}

#[track_caller]
pub(crate) fn passes(request: &str, setting: &str) {
    let trace = decided(&external(request, setting));
    assert!(trace.allowed, "{request} {setting} {trace:?}");
    assert_eq!(trace.external, None);
}

#[track_caller]
pub(crate) fn denied(request: &str, setting: &str) {
    assert!(!decided(&external(request, setting)).allowed, "{request} {setting}");
}

/// Denied as a whole, for the reason with this code.
#[track_caller]
pub(crate) fn denied_whole(request: &str, setting: &str, code: &str) {
    let trace = decided(&external(request, setting));
    assert!(!trace.allowed, "{request} {setting}");
    assert_eq!(trace.external.unwrap().code(), code, "{request} {setting}");
}

/// A setting with these conditions (each: `name` is `x`) and other members.
pub(crate) fn setting(names: &[&str], members: &str) -> String {
    let items = names
        .iter()
        .map(|name| format!(r#"{{"label":"l","name":"{name}","value":"x"}}"#))
        .collect::<Vec<_>>();
    format!(r#"{{"userId":"u","settingData":[{}]{members}}}"#, items.join(","))
}

pub(crate) const S: &str = r#""externalConfigId":"s""#;

#[test]
fn external_in_wants_one_and_all_wants_every_saved_condition() {
    for operator in [
        "",
        r#","externalConfigOperator":"IN""#,
        r#","externalConfigOperator":"in""#,
        r#","externalConfigOperator":"""#,
        r#","externalConfigOperator":null"#,
    ] {
        passes(&format!("{S}{operator}"), &setting(&["no", "a"], ""));
        denied_whole(&format!("{S}{operator}"), &setting(&["no", "nobody"], ""), "no-saved-condition-holds");
    }
    for operator in ["ALL", "all", "All"] {
        let request = format!(r#"{S},"externalConfigOperator":"{operator}""#);
        passes(&request, &setting(&["a", "b"], ""));
        denied(&request, &setting(&["a", "no"], ""));
    }
}

#[test]
fn external_check_and_conditions_must_both_hold() {
    let request = format!(r#"{S},"authParams":[{}]"#, x("no"));
    denied(&request, &setting(&["a"], ""));
    passes(&request.replace("\"no\"", "\"b\""), &setting(&["a"], ""));
}

#[test]
fn external_unknown_or_unreadable_ids_deny() {
    denied_whole(r#""externalConfigId":"t""#, &setting(&["a"], ""), "unknown-setting");
    for bad in [r#""""#, "null", "[]", r#"["s"]"#, "true", "{}"] {
        denied_whole(&format!(r#""externalConfigId":{bad}"#), &setting(&["a"], ""), "no-setting-id");
    }
    denied_whole(r#""x":1"#, &setting(&["a"], ""), "no-setting-id");
    let numeric = external(r#""externalConfigId":9007199254740993"#, &setting(&["a"], ""));
    assert!(decided(&numeric.replace(r#"{"s":"#, r#"{"9007199254740993":"#)).allowed);
    assert!(!decided(&numeric.replace(r#"{"s":"#, r#"{"9007199254740992":"#)).allowed);
}

#[test]
fn external_a_setting_that_cannot_be_read_denies() {
    for bad in
        ["null", "[]", r#""x""#, r#"{"settingData":{}}"#, r#"{"settingData":[1]}"#, r#"{"settingData":"x"}"#]
    {
        denied_whole(S, bad, "unreadable-setting");
    }
}

#[test]
fn external_is_ignored_without_check_type() {
    let line =
        external(r#""externalConfigId":"t","externalConfigOperator":7,"externalConfigValues":7"#, "{}");
    assert!(decided(&line.replace(r#""checkType":true"#, r#""checkType":false"#)).allowed);
}

#[test]
fn external_operator_of_the_request_wins_over_the_saved_one() {
    let all = setting(&["a", "no"], r#","externalConfigOperator":"ALL""#);
    denied(S, &all);
    denied(&format!(r#"{S},"externalConfigOperator":"""#), &all);
    denied(&format!(r#"{S},"externalConfigOperator":null"#), &all);
    passes(&format!(r#"{S},"externalConfigOperator":"IN""#), &all);
    let unknown = setting(&["a"], r#","externalConfigOperator":"SOME""#);
    denied_whole(S, &unknown, "unknown-combination");
    passes(&format!(r#"{S},"externalConfigOperator":"IN""#), &unknown);
}

#[test]
fn external_an_unknown_operator_denies() {
    for bad in [r#""SOME""#, r#"" IN""#, "1", "true", "[]", "{}", r#"["IN"]"#] {
        denied_whole(
            &format!(r#"{S},"externalConfigOperator":{bad}"#),
            &setting(&["a"], ""),
            "unknown-combination",
        );
        denied_whole(
            S,
            &setting(&["a"], &format!(r#","externalConfigOperator":{bad}"#)),
            "unknown-combination",
        );
    }
}

#[test]
fn external_both_groups_empty_denies() {
    denied_whole(S, &setting(&[], ""), "nothing-to-check");
    denied_whole(S, r#"{"settingData":[{},{}]}"#, "nothing-to-check");
    denied_whole(&format!(r#"{S},"externalConfigValues":[]"#), &setting(&[], ""), "nothing-to-check");
    // No list of objects: nobody could have saved this.
    denied_whole(S, r#"{"userId":"u"}"#, "unreadable-setting");
    denied_whole(S, r#"{"settingData":null}"#, "unreadable-setting");
    passes(&format!(r#"{S},"externalConfigValues":["a"]"#), &setting(&[], ""));
}

#[test]
fn external_empty_objects_in_setting_data_are_skipped() {
    let saved = r#"{"settingData":[{},{"name":"a","value":"x"},{}],"externalConfigOperator":"ALL"}"#;
    passes(S, saved);
    assert_eq!(decided(&external(S, saved)).entries.len(), 1);
}

#[test]
fn external_values_are_paths_whose_first_node_is_an_attribute() {
    let values = |values: &str| format!(r#"{S},"externalConfigValues":{values}"#);
    let saved = setting(&["a"], "");
    for good in [
        r#"["a"]"#,
        r#""a""#,
        r#"[["a"]]"#,
        r#"[["city","bj"]]"#,
        r#"[["city","bj","hd"]]"#,
        r#"[["a","x"]]"#,
        r#"["nobody","a"]"#,
        r#"[["zero",0]]"#,
    ] {
        passes(&values(good), &saved);
    }
    for bad in [
        r#"["nobody"]"#,
        r#""zero""#,
        r#"[["city","hd"]]"#,
        r#"[["city","bj","cy"]]"#,
        r#"[["nobody","x"]]"#,
        r#"[["no","x"]]"#,
    ] {
        denied_whole(&values(bad), &saved, "no-external-value-holds");
    }
    // The groups do not help each other out.
    denied_whole(&values(r#"["a"]"#), &setting(&["no"], ""), "no-saved-condition-holds");
}

#[test]
fn external_values_combine_by_the_same_operator() {
    let all = |values: &str| format!(r#"{S},"externalConfigOperator":"ALL","externalConfigValues":{values}"#);
    passes(&all(r#"["a",["city","bj"]]"#), &setting(&["a", "b"], ""));
    denied(&all(r#"["a","zero"]"#), &setting(&["a", "b"], ""));
    denied(&all(r#"["a"]"#), &setting(&["a", "no"], ""));
}

#[test]
fn external_values_of_the_request_win_over_the_saved_ones() {
    let saved = setting(&["a"], r#","externalConfigValues":["zero"]"#);
    denied(S, &saved);
    for not_given in ["null", r#""""#, "[]"] {
        denied(&format!(r#"{S},"externalConfigValues":{not_given}"#), &saved);
    }
    passes(&format!(r#"{S},"externalConfigValues":["b"]"#), &saved);
    passes(S, &saved.replace("zero", "b"));
}

#[test]
fn external_values_of_another_kind_deny() {
    for bad in ["1", "true", "false", "0", "{}", r#"{"a":1}"#] {
        let request = format!(r#"{S},"externalConfigValues":{bad}"#);
        denied_whole(&request, &setting(&["a"], ""), "unreadable-external-values");
        denied_whole(
            S,
            &setting(&["a"], &format!(r#","externalConfigValues":{bad}"#)),
            "unreadable-external-values",
        );
    }
}

#[test]
fn external_entries_that_cannot_be_read_never_hold() {
    for bad in [
        "1",
        "true",
        "null",
        "{}",
        "[]",
        r#""""#,
        r#"["a",null]"#,
        r#"["a",""]"#,
        r#"["a",["x"]]"#,
        r#"["a",{}]"#,
        r#"["","x"]"#,
        "[null]",
        r#"["a",1e101]"#,
    ] {
        let entries = |operator: &str| {
            format!(r#"{S},"externalConfigOperator":"{operator}","externalConfigValues":[{bad},"b"]"#)
        };
        passes(&entries("IN"), &setting(&["a"], ""));
        denied(&entries("ALL"), &setting(&["a"], ""));
        denied(&format!(r#"{S},"externalConfigValues":[{bad}]"#), &setting(&["a"], ""));
    }
}

/// RP-4, as the sample and as the document write it.
#[test]
fn external_check_type_in_any_form_wants_the_saved_conditions() {
    for (given, asks) in [
        ("true", true),
        (r#""true""#, true),
        ("1", true),
        (r#""1""#, true),
        (r#""false""#, false),
        ("0", false),
    ] {
        for (name, allowed) in [("a", true), ("no", !asks)] {
            let line = external(S, &setting(&[name], ""))
                .replace(r#""checkType":true"#, &format!(r#""checkType":{given}"#));
            assert_eq!(decided(&line).allowed, allowed, "{given} {name}");
        }
    }
}

#[test]
fn external_values_match_as_a_cascader_does() {
    let values = |entry: &str| format!(r#"{S},"externalConfigValues":[{entry}]"#);
    let saved = setting(&["a"], "");
    let with = |entry: &str, had: &str| {
        let line = external(&values(entry), &saved).replace(r#""zero":0"#, &format!(r#""v":{had}"#));
        decided(&line).allowed
    };
    for (entry, had, allowed) in [
        // A prefix of what the user has.
        (r#"["v","bj"]"#, r#"["bj","hd"]"#, true),
        (r#"["v","bj","hd"]"#, r#"["bj"]"#, false),
        // The last node, for a user's path of one.
        (r#"["v","bj","hd"]"#, r#""hd""#, true),
        (r#"["v","bj","hd"]"#, r#""bj""#, false),
        (r#"["v","bj","hd"]"#, r#"[["sh"],["bj","hd","x"]]"#, true),
        (r#"["v","1"]"#, "1.0", true),
        (r#"["v",1.0]"#, r#""1""#, true),
        (r#"["v",true]"#, "true", true),
        (r#"["v",""]"#, r#""""#, false),
        // A path wants no content: the node 0 is a node.
        (r#"["v",0]"#, "0", true),
        (r#"["v","x"]"#, "null", false),
        (r#"["v","x"]"#, "{}", false),
        (r#"["v","x"]"#, "[]", false),
    ] {
        assert_eq!(with(entry, had), allowed, "{entry} {had}");
    }
}

#[test]
fn external_a_first_node_that_is_a_number_or_boolean_names_by_its_text() {
    let allowed = |entry: &str, name: &str| {
        let line = external(&format!(r#"{S},"externalConfigValues":[{entry}]"#), &setting(&["a"], ""));
        decided(&line.replace(r#""zero":0"#, &format!(r#""{name}":"x""#))).allowed
    };
    assert!(allowed("[7.0]", "7") && !allowed("[7.0]", "7.0"));
    assert!(allowed(r#"[7,"x"]"#, "7") && !allowed(r#"[7,"y"]"#, "7"));
    assert!(allowed("[true]", "true") && !allowed("[true]", "false"));
    // Alone, outside a list, it is no path.
    assert!(!allowed("7", "7") && !allowed("true", "true"));
}

/// Each group that is not empty must hold by the operator.
#[test]
fn external_groups_hold_each_by_the_operator() {
    for (operator, saved, values, allowed) in [
        ("IN", &["a", "no"][..], r#"["b","zero"]"#, true),
        ("IN", &["no"], r#"["b"]"#, false),
        ("IN", &["a"], r#"["zero"]"#, false),
        ("IN", &[], r#"["b","zero"]"#, true),
        ("IN", &[], r#"["zero"]"#, false),
        ("IN", &["a", "no"], "[]", true),
        ("ALL", &["a", "b"], r#"["a","b"]"#, true),
        ("ALL", &["a", "no"], r#"["a","b"]"#, false),
        ("ALL", &["a", "b"], r#"["a","zero"]"#, false),
        ("ALL", &[], r#"["a","b"]"#, true),
        ("ALL", &[], r#"["a","zero"]"#, false),
        ("ALL", &["a", "b"], "[]", true),
        ("ALL", &["a", "no"], "[]", false),
    ] {
        let given = format!(r#""externalConfigOperator":"{operator}","externalConfigValues":{values}"#);
        // Both in the request, both saved, one here and one there.
        let (in_request, in_setting) = (format!("{S},{given}"), format!(",{given}"));
        let split = format!(r#"{S},"externalConfigOperator":"{operator}""#);
        for (request, setting) in [
            (&in_request, setting(saved, "")),
            (&S.to_owned(), setting(saved, &in_setting)),
            (&split, setting(saved, &format!(r#","externalConfigValues":{values}"#))),
        ] {
            if allowed { passes(request, &setting) } else { denied(request, &setting) }
        }
    }
}

/// A null attribute, an unknown type or operator in a saved condition is doubt there as well.
#[test]
fn external_doubt_in_a_saved_condition_is_that_condition_not_holding() {
    for doubt in [
        r#"{"name":"nobody","value":"x"}"#,
        r#"{"name":"a","value":"x","type":"?"}"#,
        r#"{"name":"a","value":"x","operator":"?"}"#,
        r#"{"name":"a","value":"x","operator":7}"#,
        r#"{"name":"a","value":[]}"#,
        r#"{"value":"x"}"#,
        r#"{"name":"a","operator":"NEQ","value":""}"#,
    ] {
        let both = format!(r#"{{"settingData":[{doubt},{{"name":"b","value":"x"}}]}}"#);
        passes(S, &both);
        denied(&format!(r#"{S},"externalConfigOperator":"ALL""#), &both);
        denied_whole(S, &format!(r#"{{"settingData":[{doubt}]}}"#), "no-saved-condition-holds");
    }
}
