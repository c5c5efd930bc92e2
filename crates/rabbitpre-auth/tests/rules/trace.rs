//! The trace: SPEC.md §4.9, §4.10 Trace.

use rabbitpre_auth::{CheckRequest, Value, check_line, masked, read};

use crate::external::{S, external};
use crate::{decided, entry, x};

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
    let value = read(line.as_bytes()).unwrap();
    let request = CheckRequest::from_value(value.as_object().unwrap().get("request").unwrap().clone());
    for shown in [format!("{value:?}"), format!("{:?}", request.unwrap()), format!("{:?}", decided(&line))] {
        assert!(!shown.contains("geheim"), "{shown}");
    }
}

/// `{name, held, reason, operator, expected, had}`, in this order and nothing else.
#[test]
fn trace_entries_have_six_members() {
    let shown = |members: &str, had: &str| serde_json::to_string(&entry(members, had)).unwrap();
    assert_eq!(
        shown(r#""chineseName":"年龄","paramType":"number","operator":"gteq","values":"18""#, "17.90"),
        r#"{"name":"a","held":false,"reason":"用户的值不满足条件 (not-satisfied)","operator":"GTEQ","expected":"18","had":17.90}"#
    );
    assert_eq!(
        shown(r#""paramType":"area","values":[1.0,2]"#, "-"),
        r#"{"name":"a","held":false,"reason":"用户没有该属性 (missing-attribute)","operator":"BETWEEN","expected":[1.0,2],"had":null}"#
    );
    assert_eq!(
        shown(r#""paramType":"select","values":"男""#, r#"["男","女性朋友"]"#),
        r#"{"name":"a","held":true,"reason":"满足 (holds)","operator":"IN","expected":"男","had":["*","女**友"]}"#
    );
}

/// What the user has is shown masked, what is configured as it was written.
#[test]
fn trace_masks_what_the_user_has_and_not_what_is_configured() {
    for (had, shown) in [
        (r#""13812345678""#, r#""1*********8""#),
        ("13812345678", "13812345678"),
        ("true", "true"),
        ("[]", "[]"),
    ] {
        let entry = entry(r#""paramType":"text","values":["13812345678","张三"]"#, had);
        assert_eq!(serde_json::to_string(&entry.had).unwrap(), shown);
        assert_eq!(serde_json::to_string(&entry.expected).unwrap(), r#"["13812345678","张三"]"#);
    }
}

#[test]
fn trace_of_external_values_is_named_by_their_first_node() {
    let request = format!(r#"{S},"externalConfigValues":["b",["city","bj"],["a"],[7,"x"],[],null]"#);
    let trace = decided(&external(&request, r#"{"settingData":[{"name":"no","label":"L","value":"x"}]}"#));
    let names: Vec<_> = trace.entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["no", "b", "city", "a", "7", "", ""]);
    let operators: Vec<_> = trace.entries.iter().map(|entry| entry.operator.as_deref().unwrap()).collect();
    assert_eq!(operators, ["EQ", "IN", "IN", "IN", "IN", "IN", "IN"]);
    assert_eq!(trace.entries[0].label, "L");
}
