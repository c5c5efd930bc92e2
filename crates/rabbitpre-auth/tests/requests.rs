//! SPEC.md §3, §4.1, §4.8 and §4.10 about the request as a whole: what is decidable, attributes, the external
//! check, the trace. Driven by the lines of `check --batch`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use rabbitpre_auth::{LineAnswer, LineError, ReadError, Trace, Undecidable, check_line};

#[track_caller]
fn decided(line: &str) -> Trace {
    match check_line(line.as_bytes()).unwrap() {
        LineAnswer::Decided(trace) => trace,
        LineAnswer::Undecidable(reason) => panic!("not decidable: {reason}"),
    }
}

#[track_caller]
fn undecidable(line: &str) -> Undecidable {
    match check_line(line.as_bytes()).unwrap() {
        LineAnswer::Decided(trace) => panic!("decided: {trace:?}"),
        LineAnswer::Undecidable(reason) => {
            assert_eq!(reason.code(), "400");
            reason
        }
    }
}

/// A condition that `name` is `x`.
fn x(name: &str) -> String {
    format!(r#"{{"englishName":"{name}","paramType":"text","values":"x"}}"#)
}

#[test]
fn rule_1_every_condition_must_hold_and_none_is_allowed() {
    let line = |conditions: &str| {
        decided(&format!(
            r#"{{"request":{{"userParam":{{"audid":1}},"authParams":[{conditions}]}},"attributes":{{"a":"x","b":"x","c":"y"}}}}"#
        ))
    };
    assert!(line("").allowed);
    assert!(line(&x("a")).allowed);
    assert!(line(&format!("{},{}", x("a"), x("b"))).allowed);
    for bad in [format!("{},{}", x("a"), x("c")), format!("{},{}", x("c"), x("a")), x("d"), "{}".to_owned()] {
        assert!(!line(&bad).allowed, "{bad}");
    }
    // The trace lists every condition, also behind the one that denied.
    let trace = line(&format!("{},{},{}", x("c"), x("a"), x("d")));
    assert_eq!(trace.entries.iter().map(|entry| entry.held()).collect::<Vec<_>>(), [false, true, false]);
}

#[test]
fn request_audid_is_required() {
    for good in [r#""x""#, "1", "-1", "9007199254740993", r#"" ""#] {
        assert!(decided(&format!(r#"{{"request":{{"userParam":{{"audid":{good}}}}}}}"#)).allowed, "{good}");
    }
    for bad in [r#""""#, "null", "true", "1.0", "1e5", "[]", r#"["x"]"#, "{}"] {
        let reason = undecidable(&format!(r#"{{"request":{{"userParam":{{"audid":{bad}}}}}}}"#));
        assert!(matches!(reason, Undecidable::NoAudid), "{bad}");
    }
    assert!(matches!(undecidable(r#"{"request":{"userParam":{}}}"#), Undecidable::NoAudid));
    for bad in ["{}", r#"{"userParam":null}"#, r#"{"userParam":[]}"#, r#"{"userParam":"x"}"#] {
        assert!(matches!(undecidable(&format!(r#"{{"request":{bad}}}"#)), Undecidable::NoUserParam), "{bad}");
    }
    for bad in ["null", "[]", "1", r#""x""#] {
        assert!(matches!(undecidable(&format!(r#"{{"request":{bad}}}"#)), Undecidable::NotAnObject), "{bad}");
    }
}

#[test]
fn request_auth_params_are_a_list_of_objects_or_absent() {
    let request =
        |params: &str| format!(r#"{{"request":{{"userParam":{{"audid":1}},"authParams":{params}}}}}"#);
    for none in ["null", "[]"] {
        assert!(decided(&request(none)).allowed);
    }
    for bad in ["{}", r#""""#, "1", "false", "[null]", "[1]", "[[]]", r#"["x"]"#, "[{},1]"] {
        assert!(matches!(undecidable(&request(bad)), Undecidable::ConditionsUnreadable), "{bad}");
    }
    // An empty object is a condition, and one without a name.
    assert!(!decided(&request("[{}]")).allowed);
}

#[test]
fn request_is_tolerant_about_the_rest() {
    let line = r#"{"request":{"interfaceName":5,"appId":null,"authScope":[],"userParam":{"audid":1},
        "externalExtras":"x","unknown":{}}}"#;
    assert!(decided(line).allowed);
}

#[test]
fn check_type_is_read_as_value_or_text() {
    let request = |given: &str| format!(r#"{{"request":{{"userParam":{{"audid":1}},"checkType":{given}}}}}"#);
    for no in ["null", r#""""#, "false", "0", r#""false""#, r#""FALSE""#, r#""0""#] {
        assert!(decided(&request(no)).allowed, "{no}");
    }
    for yes in ["true", "1", r#""true""#, r#""True""#, r#""1""#] {
        assert!(!decided(&request(yes)).allowed, "{yes}");
    }
    for bad in ["2", "-1", r#""yes""#, r#"" true""#, "[]", "{}", "[true]", "1e200", r#""1.0""#] {
        assert!(matches!(undecidable(&request(bad)), Undecidable::CheckTypeUnknown), "{bad}");
    }
}

#[test]
fn lines_that_hold_no_check() {
    let error = |line: &str| check_line(line.as_bytes()).unwrap_err();
    assert!(matches!(error(""), LineError::Read(ReadError::NotJson { at: 0, .. })));
    assert!(matches!(error("{"), LineError::Read(ReadError::NotJson { .. })));
    assert!(matches!(
        error(r#"{"request":{},"request":{}}"#),
        LineError::Read(ReadError::DoubledMember { .. })
    ));
    assert_eq!(error("[]"), LineError::NotAnObject);
    assert_eq!(error("{}"), LineError::NoRequest);
    assert_eq!(error(r#"{"attributes":{}}"#), LineError::NoRequest);
    assert_eq!(error(r#"{"request":{},"attributes":[]}"#), LineError::Attributes);
    assert_eq!(error(r#"{"request":{},"settings":1}"#), LineError::Settings);
    assert_eq!(
        LineError::NoRequest.to_json(),
        r#"{"allowed":false,"error":"the line has no `request`; add the body of a check"}"#
    );
}

#[test]
fn limits_of_a_line_are_those_of_a_body() {
    let padded = |size: usize| {
        let line = r#"{"request":{"userParam":{"audid":1}}}"#;
        line.to_owned() + &" ".repeat(size - line.len())
    };
    assert!(decided(&padded(1 << 20)).allowed);
    assert_eq!(
        check_line(padded((1 << 20) + 1).as_bytes()).unwrap_err(),
        LineError::Read(ReadError::TooLarge)
    );
    let nested = |depth: usize| {
        let inner = depth - 2;
        format!(
            r#"{{"request":{{"userParam":{{"audid":1}},"x":{}{}}}}}"#,
            "[".repeat(inner),
            "]".repeat(inner)
        )
    };
    assert!(decided(&nested(64)).allowed);
    assert!(matches!(check_line(nested(65).as_bytes()), Err(LineError::Read(ReadError::TooDeep { .. }))));
}

#[test]
fn undecidable_lines_have_an_error_and_an_empty_trace() {
    let answer = check_line(br#"{"request":{}}"#).unwrap().to_json();
    assert!(
        answer.starts_with(r#"{"allowed":false,"error":""#) && answer.ends_with(r#","trace":[]}"#),
        "{answer}"
    );
}

/// Whether the attribute `n` is `x`, given `userParam`'s other members and the source's answer.
#[track_caller]
fn knows(user_param: &str, attributes: &str) -> bool {
    decided(&format!(
        r#"{{"request":{{"userParam":{{"audid":"x",{user_param}}},"authParams":[{}]}},"attributes":{attributes}}}"#,
        x("n")
    ))
    .allowed
}

#[test]
fn attributes_come_from_the_source_and_below_it_from_user_param() {
    assert!(knows(r#""q":1"#, r#"{"n":"x"}"#));
    assert!(knows(r#""n":"x""#, "{}"));
    assert!(knows(r#""n":"y""#, r#"{"n":"x"}"#));
    assert!(!knows(r#""n":"x""#, r#"{"n":"y"}"#));
    assert!(knows(r#""customFields":[{"fieldId":"n","fieldValue":"x"}]"#, "{}"));
    assert!(!knows(r#""N":"x""#, r#"{"N":"x"}"#));
    let audid = format!(r#"{{"request":{{"userParam":{{"audid":"x"}},"authParams":[{}]}}}}"#, x("audid"));
    assert!(decided(&audid).allowed);
}

#[test]
fn attributes_a_null_from_the_source_hides_what_is_below() {
    assert!(!knows(r#""n":"x""#, r#"{"n":null}"#));
    assert!(!knows(r#""customFields":[{"fieldId":"n","fieldValue":"x"}]"#, r#"{"n":null}"#));
    assert!(!knows(r#""n":"x""#, r#"{"n":[]}"#));
    assert!(!knows(r#""n":"x""#, r#"{"n":{}}"#));
}

#[test]
fn attributes_user_params_own_member_wins_over_custom_fields() {
    let custom = r#""customFields":[{"fieldId":"n","fieldValue":"x"}]"#;
    for own in [r#""y""#, "null", "[]", r#"["x"]"#, "{}"] {
        assert!(!knows(&format!(r#""n":{own},{custom}"#), "{}"), "{own}");
    }
    assert!(knows(&format!(r#""n":"x",{}"#, custom.replace(r#""x""#, r#""y""#)), "{}"));
    // Lists and objects of userParam's own are no attributes.
    assert!(!knows(r#""n":["x"]"#, "{}"));
}

#[test]
fn attributes_of_custom_fields() {
    let custom = |fields: &str| knows(&format!(r#""customFields":{fields}"#), "{}");
    assert!(custom(r#"[{"fieldId":"n","fieldValue":["y","x"]}]"#));
    // The first of equal ids wins, whatever it holds.
    assert!(custom(r#"[{"fieldId":"n","fieldValue":"x"},{"fieldId":"n","fieldValue":"y"}]"#));
    assert!(!custom(r#"[{"fieldId":"n","fieldValue":"y"},{"fieldId":"n","fieldValue":"x"}]"#));
    assert!(!custom(r#"[{"fieldId":"n","fieldValue":null},{"fieldId":"n","fieldValue":"x"}]"#));
    assert!(!custom(r#"[{"fieldId":"n"},{"fieldId":"n","fieldValue":"x"}]"#));
    // Other kinds are ignored.
    assert!(custom(
        r#"[1,null,"n",{},{"fieldId":null},{"fieldId":["n"],"fieldValue":"y"},{"fieldId":"n","fieldValue":"x"}]"#
    ));
    for none in [
        "null",
        "{}",
        r#""n""#,
        "1",
        r#"{"fieldId":"n","fieldValue":"x"}"#,
        r#"[{"fieldId":true,"fieldValue":"x"}]"#,
    ] {
        assert!(!custom(none), "{none}");
    }
    assert!(!custom(r#"[{"fieldId":"n","fieldNumValue":"x"}]"#));
    // Many of them, in no order.
    let many =
        (0..50).map(|n| format!(r#"{{"fieldId":"f{n}","fieldValue":"y"}}"#)).collect::<Vec<_>>().join(",");
    assert!(custom(&format!(r#"[{many},{{"fieldId":"n","fieldValue":"x"}},{many}]"#)));
}

#[test]
fn attributes_a_numeric_field_id_is_read_as_text() {
    let line = format!(
        r#"{{"request":{{"userParam":{{"audid":1,"customFields":[{{"fieldId":9007199254740993,"fieldValue":"x"}}]}},"authParams":[{}]}}}}"#,
        x("9007199254740993")
    );
    assert!(decided(&line).allowed);
}

/// An external check: members of the request, and the setting saved under `s`.
fn external(request: &str, setting: &str) -> String {
    format!(
        r#"{{"request":{{"userParam":{{"audid":1}},"checkType":true,{request}}},
            "attributes":{{"a":"x","b":"x","no":"y","zero":0,"city":["bj","hd"]}},"settings":{{"s":{setting}}}}}"#
    )
}

#[track_caller]
fn passes(request: &str, setting: &str) {
    let trace = decided(&external(request, setting));
    assert!(trace.allowed, "{request} {setting} {trace:?}");
    assert_eq!(trace.external, None);
}

#[track_caller]
fn denied(request: &str, setting: &str) {
    assert!(!decided(&external(request, setting)).allowed, "{request} {setting}");
}

/// Denied as a whole, for the reason with this code.
#[track_caller]
fn denied_whole(request: &str, setting: &str, code: &str) {
    let trace = decided(&external(request, setting));
    assert!(!trace.allowed, "{request} {setting}");
    assert_eq!(trace.external.unwrap().code(), code, "{request} {setting}");
}

/// A setting with these conditions (each: `name` is `x`) and other members.
fn setting(names: &[&str], members: &str) -> String {
    let items = names
        .iter()
        .map(|name| format!(r#"{{"label":"l","name":"{name}","value":"x"}}"#))
        .collect::<Vec<_>>();
    format!(r#"{{"userId":"u","settingData":[{}]{members}}}"#, items.join(","))
}

const S: &str = r#""externalConfigId":"s""#;

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

#[test]
fn external_a_one_node_value_wants_an_attribute_with_content() {
    let holds = |had: &str| {
        let line = external(&format!(r#"{S},"externalConfigValues":["v"]"#), &setting(&["a"], ""));
        decided(&line.replace(r#""zero":0"#, &format!(r#""v":{had}"#))).allowed
    };
    for none in [
        "null",
        "false",
        "0",
        "0.0",
        "-0",
        "0e5",
        r#""""#,
        r#""  ""#,
        r#""\t\n""#,
        r#""0""#,
        r#"" 0 ""#,
        r#""0.00""#,
        r#""-0""#,
        r#""+0e9""#,
        r#""false""#,
        r#""FALSE""#,
        r#"" False ""#,
        "\"\u{3000}\"",
        "\"\u{3000}0\u{a0}\"",
        "[]",
        "{}",
        "[0]",
        r#"[null,"",[],{},[0,"false"]]"#,
    ] {
        assert!(!holds(none), "{none}");
    }
    for some in [
        "true",
        "1",
        "-1",
        "0.1",
        r#""x""#,
        r#""no""#,
        r#""1""#,
        r#""0x""#,
        r#""null""#,
        "[1]",
        r#"[0,"x"]"#,
        r#"{"a":0}"#,
    ] {
        assert!(holds(some), "{some}");
    }
}

#[test]
fn saved_types_that_are_absent_are_told_by_the_value() {
    let saved = |item: &str, had: &str| {
        let line = external(S, &format!(r#"{{"settingData":[{item}]}}"#));
        decided(&line.replace(r#""zero":0"#, &format!(r#""v":{had}"#))).allowed
    };
    for absent in ["", r#""type":null,"#, r#""type":"","#] {
        let item = |value: &str| format!(r#"{{"name":"v",{absent}"value":{value}}}"#);
        // text: EQ, and ALL of a lone text is known
        assert!(saved(&item(r#""x""#), r#""x""#));
        assert!(saved(&item("1"), r#""1""#));
        // select: a flat list of the user's is several values
        assert!(saved(&item(r#"["x","y"]"#), r#"["q","y"]"#));
        // cascader: a flat list of the user's is one path
        assert!(saved(&item(r#"[["x"],"y"]"#), r#"["x","z"]"#));
        assert!(!saved(&item(r#"[["x"],"y"]"#), r#"["q","y"]"#));
        assert!(saved(&item(r#"{"value":"x","children":[{"value":"y"}]}"#), r#"["x","y"]"#));
        assert!(saved(&item(r#"["q",{"value":"x"}]"#), r#"["x","y"]"#));
    }
    assert!(!saved(r#"{"name":"v","type":"unknown","value":"x"}"#, r#""x""#));
    assert!(!saved(r#"{"name":"v","type":1,"value":"x"}"#, r#""x""#));
    assert!(!saved(r#"{"label":"v","value":"x"}"#, r#""x""#));
    assert!(saved(r#"{"name":"v","type":"NUMBER","operator":"gt","value":"1"}"#, "2"));
}

#[test]
fn trace_lists_conditions_then_saved_ones_then_external_values() {
    let request = format!(
        r#"{S},"externalConfigOperator":"all","externalConfigValues":["b",["city","bj"],7],"authParams":[{}]"#,
        x("a")
    );
    let saved = r#"{"settingData":[{"name":"no","label":"L","value":["x"]}]}"#;
    let answer = check_line(external(&request, saved).as_bytes()).unwrap().to_json();
    assert_eq!(
        answer,
        concat!(
            r#"{"allowed":false,"trace":["#,
            r#"{"name":"a","held":true,"reason":"满足 (holds)","operator":"EQ","expected":"x","had":"*"},"#,
            r#"{"name":"no","held":false,"reason":"用户的值不满足条件 (not-satisfied)","operator":"IN","expected":["x"],"had":"*"},"#,
            r#"{"name":"b","held":true,"reason":"满足 (holds)","operator":"ALL","expected":"b","had":"*"},"#,
            r#"{"name":"city","held":true,"reason":"满足 (holds)","operator":"ALL","expected":["city","bj"],"had":["**","**"]},"#,
            r#"{"name":"","held":false,"reason":"条件配置值与类型不符 (unreadable-values)","operator":"ALL","expected":7,"had":null}]}"#
        )
    );
}

#[test]
fn trace_says_why_the_external_check_as_a_whole_denies() {
    let answer = check_line(external(r#""externalConfigId":"t""#, "{}").as_bytes()).unwrap().to_json();
    assert_eq!(answer, r#"{"allowed":false,"reason":"外部配置不存在 (unknown-setting)","trace":[]}"#);
}

#[test]
fn trace_operator_is_the_effective_one() {
    let operator = |condition: &str| {
        let line = format!(r#"{{"request":{{"userParam":{{"audid":1}},"authParams":[{condition}]}}}}"#);
        decided(&line).entries[0].operator.clone()
    };
    assert_eq!(operator(r#"{"paramType":"Area"}"#).as_deref(), Some("BETWEEN"));
    assert_eq!(operator(r#"{"paramType":"text","operator":"neq"}"#).as_deref(), Some("NEQ"));
    assert_eq!(operator(r#"{"operator":"gt"}"#).as_deref(), Some("GT"));
    assert_eq!(operator(r#"{"paramType":"text","operator":"like"}"#).as_deref(), Some("like"));
    assert_eq!(operator(r#"{}"#), None);
}

#[test]
fn trace_masks_the_texts_that_the_user_has() {
    let had = |had: &str| {
        let line = format!(
            r#"{{"request":{{"userParam":{{"audid":1}},"authParams":[{}]}},"attributes":{{"a":{had}}}}}"#,
            x("a")
        );
        serde_json::to_string(&decided(&line).entries[0].had).unwrap()
    };
    for (value, masked) in [
        (r#""13812345678""#, r#""1*********8""#),
        (r#""张小三""#, r#""张*三""#),
        (r#""张三""#, r#""**""#),
        (r#""张""#, r#""*""#),
        (r#""""#, r#""""#),
        (r#""😀a😀""#, r#""😀*😀""#),
        (r#"["abc",[ "ab",1.50 ],null,true]"#, r#"["a*c",["**",1.50],null,true]"#),
        ("9007199254740993", "9007199254740993"),
        (r#"{"name":"张小三"}"#, r#""{*}""#),
        ("null", "null"),
    ] {
        assert_eq!(had(value), masked);
    }
}

#[test]
fn trace_shows_the_beginning_of_what_is_long() {
    use rabbitpre_auth::{Value, masked};
    let Value::List(shown) = masked(&vec!["abc"; 1000].into()) else { panic!("a list") };
    assert_eq!((shown.len(), &shown[255], &shown[256]), (257, &"a*c".into(), &"…".into()));
    let Value::List(shown) = masked(&vec![vec!["abc"; 10]; 1000].into()) else { panic!("a list") };
    assert!(shown.len() < 30);
    let text = format!("A{}Z", "x".repeat(1000));
    assert_eq!(masked(&text.into()), format!("A{}Z", "*".repeat(254)).into());
}

#[test]
fn nothing_personal_is_in_debug() {
    let line = format!(
        r#"{{"request":{{"userParam":{{"audid":"geheim","phone":"geheim","customFields":[{{"fieldId":"geheim"}}]}},"authParams":[{}]}},"attributes":{{"a":"geheim","geheim":1}}}}"#,
        x("a")
    );
    let value = rabbitpre_auth::read(line.as_bytes()).unwrap();
    let request =
        rabbitpre_auth::CheckRequest::from_value(value.as_object().unwrap().get("request").unwrap().clone());
    for shown in [format!("{value:?}"), format!("{:?}", request.unwrap()), format!("{:?}", decided(&line))] {
        assert!(!shown.contains("geheim"), "{shown}");
    }
}
