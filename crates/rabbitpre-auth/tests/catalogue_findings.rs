//! Saved settings held against the conditions catalogue (SPEC.md §1, §2).
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use rabbitpre_auth::{Catalogue, Finding, FindingKind, Reason, SaveRequest, Setting};

fn catalogue() -> Catalogue {
    Catalogue::parse(
        r#"[
        {"label":"姓名","name":"realName","type":"text"},
        {"label":"年龄","name":"age","type":"number"},
        {"label":"性别","name":"sex","type":"checkbox","children":[{"label":"男","value":1},{"label":"女","value":"2"}]},
        {"label":"爱好","name":"hobby","type":"select","children":[{"label":"书","value":"book"},{"label":"球","value":"ball"}]},
        {"label":"价格","name":"price","type":"area","children":[{"value":0},{"value":10}]},
        {"label":"日期","name":"day","type":"dateTimeRange","children":[{"value":""},{"value":""}]},
        {"label":"城市","name":"city","type":"cascader","children":[
            {"label":"北京市","value":"bj","children":[{"label":"海淀区","value":"hd"},{"label":"东城区","value":"dc"}]},
            {"label":"湖北省","value":"hb","children":[{"label":"宜昌市","value":"yc","children":[{"label":"西陵区","value":"xl"}]}]}]}
        ]"#
        .as_bytes(),
    )
    .unwrap()
}

/// What is found in one saved condition: the codes, joined.
#[track_caller]
fn found(item: &str, expected: &str) {
    let body = format!(r#"{{"userId":"u","settingData":[{{}},{item}]}}"#);
    let findings = catalogue().findings(&SaveRequest::parse(body.as_bytes()).unwrap());
    assert!(findings.iter().all(|finding| finding.place == 1));
    let codes: Vec<_> = findings.iter().map(|finding| finding.kind.code()).collect();
    assert_eq!(codes.join(" "), expected, "{item}");
    assert_eq!(catalogue().findings_in(&Setting::parse(body.as_bytes()).unwrap()), findings);
}

#[test]
fn what_the_catalogue_offers_is_found_good() {
    found(r#"{"name":"realName","type":"text","value":"x"}"#, "");
    found(r#"{"name":"realName","value":"x"}"#, "");
    found(r#"{"name":"age","type":"NUMBER","value":"18","operator":"gteq"}"#, "");
    found(r#"{"name":"sex","type":"checkbox","value":"1"}"#, "");
    found(r#"{"name":"sex","type":"checkbox","value":[1.0,2]}"#, "");
    found(r#"{"name":"hobby","value":["book","ball"]}"#, "");
    found(r#"{"name":"hobby","type":"select","value":"book","operator":"ALL"}"#, "");
    found(r#"{"name":"price","type":"area","value":[100,200]}"#, "");
    found(r#"{"name":"day","type":"dateTimeRange","value":["2026-01-01","2026-02-01"]}"#, "");
    for value in [
        r#"[["bj"],["bj","hd"],["hb","yc","xl"]]"#,
        r#"["bj","xl"]"#,
        r#""hd""#,
        r#"{"value":"hb","children":[{"value":"yc","children":[]}]}"#,
        r#"[{"label":"湖北省","value":"hb","children":null}]"#,
        r#"[{"value":[{"value":"bj","children":[{"label":"hd"}]}]}]"#,
    ] {
        found(&format!(r#"{{"name":"city","type":"cascader","value":{value}}}"#), "");
    }
}

#[test]
fn what_an_editor_did_not_mean_is_found() {
    found(r#"{"name":"nickname","type":"text","value":"x"}"#, "unknown-name");
    found(r#"{"label":"L","type":"text","value":"x"}"#, "no-name");
    found(r#"{"name":"age","value":18}"#, "other-type");
    found(r#"{"name":"age","type":"area","value":[1,2]}"#, "other-type");
    found(r#"{"name":"age","type":"numbr","value":18}"#, "unknown-type");
    found(r#"{"name":"age","type":"number","value":"eighteen"}"#, "unreadable-values");
    found(r#"{"name":"age","type":"number","value":18,"operator":"ALL"}"#, "operator-not-for-type");
    found(r#"{"name":"age","type":"number","value":18,"operator":">="}"#, "unknown-operator");
    found(r#"{"name":"age","type":"number","value":[1,2],"operator":"GT"}"#, "wrong-number-of-values");
    found(r#"{"name":"price","type":"area","value":[2,1]}"#, "empty-range");
    found(r#"{"name":"hobby","type":"select","value":[]}"#, "empty-values");
    found(r#"{"name":"sex","type":"checkbox","value":3}"#, "not-a-choice");
    found(r#"{"name":"hobby","type":"select","value":["book","sleep"]}"#, "not-a-choice");
    found(r#"{"name":"hobby","type":"select","value":["sleep",[1]]}"#, "unreadable-values not-a-choice");
    found(r#"{"name":"Hobby","type":"select","value":[]}"#, "empty-values unknown-name");
    for value in [
        r#"[["hd"]]"#,
        r#"[["bj","xl"]]"#,
        r#"["bj","nowhere"]"#,
        r#"{"value":"bj","children":[{"value":"yc"}]}"#,
        r#"[{"value":[{"value":"xl"}]}]"#,
    ] {
        found(&format!(r#"{{"name":"city","type":"cascader","value":{value}}}"#), "not-a-choice");
    }
}

#[test]
fn findings_speak_to_operators_and_to_editors() {
    let body = r#"{"userId":"u","settingData":[
        {"name":"hoby","type":"select","value":"book"},
        {"name":"密码\n","type":"text","value":"x"},
        {"name":"age","value":18},
        {"name":"hobby","value":["13800000000","sleep"]},
        {"name":"sex","type":"checkbox","value":"3"},
        {"name":"price","type":"area","value":1,"operator":"EQ"}]}"#;
    let save = SaveRequest::parse(body.as_bytes()).unwrap();
    let findings = catalogue().findings(&save);
    let english: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        english,
        [
            "condition 1 `hoby` is not in the catalogue; did you mean `hobby`?",
            "condition 2 `密码\\n` is not in the catalogue; offer it there, or save another one",
            "condition 3 `age` is compared as `text`, and the catalogue offers it as `number`; save it as that",
            "condition 4 `hobby` has 2 values that are not among the catalogue's choices; save one of those",
            "condition 5 `sex` has 1 value that is not among the catalogue's choices; save one of those",
            "condition 6 `price` never holds: its operator does not apply to its type; save another one, or none",
        ]
    );
    let chinese: Vec<_> = findings.iter().map(Finding::chinese).collect();
    assert_eq!(
        chinese,
        [
            "第1个条件「hoby」不在条件目录中，是否应为「hobby」？",
            "第2个条件「密码\n」不在条件目录中",
            "第3个条件「age」按类型text比较，而条件目录中为number",
            "第4个条件「hobby」有2个值不在可选项中",
            "第5个条件「sex」有1个值不在可选项中",
            "第6个条件「price」永远不会满足：该类型不支持此运算符",
        ]
    );
    assert_eq!(findings[5].kind, FindingKind::NeverHolds(Reason::OperatorNotForType));
    assert_eq!(catalogue().unknown_names(&save), ["hoby", "密码\n"]);
}

#[test]
fn findings_are_bounded() {
    let many = vec![r#"{"name":"unknown","type":"nothing","value":1}"#; 5000].join(",");
    let body = format!(r#"{{"userId":"u","settingData":[{many}]}}"#);
    let save = SaveRequest::parse(body.as_bytes()).unwrap();
    assert_eq!(catalogue().findings(&save).len(), 100);
    assert_eq!(catalogue().unknown_names(&save), ["unknown"]);
    let long = format!(r#"{{"userId":"u","settingData":[{{"name":"{}","value":1}}]}}"#, "长".repeat(1000));
    let save = SaveRequest::parse(long.as_bytes()).unwrap();
    assert_eq!(catalogue().findings(&save)[0].name.chars().count(), 64);
    assert!(catalogue().findings_in(&Setting::parse(b"[]").unwrap()).is_empty());
}
