//! Where a user's attributes come from: SPEC.md §4, §4.10 Attributes.

use crate::ways::known_in_every_way;
use crate::{decided, x};

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

/// SPEC.md §3: the members of userParam, each by its name; unknown ones too.
#[test]
fn attributes_are_user_params_scalar_members_by_name() {
    for name in [
        "audid",
        "openid",
        "appId",
        "componentId",
        "flowId",
        "appInstanceId",
        "identityId",
        "identityType",
        "realName",
        "phone",
        "address",
        "device",
        "markFlag",
        "payFeature",
        "sex",
        "unknown",
        "中文",
        "userParam",
    ] {
        let other = if name == "audid" { "" } else { r#""audid":1,"# };
        for (value, allowed) in [
            (r#""x""#, true),
            (r#""y""#, false),
            (r#"["x"]"#, false),
            (r#"{"x":"x"}"#, false),
            ("null", false),
        ] {
            // Without an audid that is text or integer nothing is decided.
            if name == "audid" && !value.starts_with('"') {
                continue;
            }
            let line = format!(
                r#"{{"request":{{"userParam":{{{other}"{name}":{value}}},"authParams":[{}]}}}}"#,
                x(name)
            );
            assert_eq!(decided(&line).allowed, allowed, "{name} {value}");
        }
    }
}

#[test]
fn attributes_may_be_numbers_and_booleans_of_user_param() {
    let is = |configured: &str, user: &str| {
        let line = format!(
            r#"{{"request":{{"userParam":{{"audid":9007199254740993,{user}}},"authParams":[{{"englishName":"n","paramType":"text","values":{configured}}}]}}}}"#
        );
        decided(&line).allowed
    };
    assert!(is(r#""1""#, r#""n":1"#) && !is(r#""1""#, r#""n":2"#));
    assert!(is("true", r#""n":true"#) && !is("true", r#""n":false"#));
    assert!(is(r#""1.5""#, r#""n":1.50"#));
}

#[test]
fn attributes_names_are_exact() {
    let allowed = |name: &str, source: &str| {
        decided(&format!(
            r#"{{"request":{{"userParam":{{"audid":1}},"authParams":[{}]}},"attributes":{source}}}"#,
            x(name)
        ))
        .allowed
    };
    assert!(allowed("n", r#"{"n":"x"}"#));
    for other in [
        r#"{"N":"x"}"#,
        r#"{" n":"x"}"#,
        r#"{"n ":"x"}"#,
        r#"{"ｎ":"x"}"#,
        r#"{"n.n":"x"}"#,
        r#"{"n":{"n":"x"}}"#,
    ] {
        assert!(!allowed("n", other), "{other}");
    }
    assert!(allowed("\u{e9}", r#"{"\u00e9":"x"}"#));
    assert!(!allowed("\u{e9}", "{\"e\u{301}\":\"x\"}"));
    // A long name is compared to its end.
    let long = "n".repeat(300);
    assert!(allowed(&long, &format!(r#"{{"{long}":"x"}}"#)));
    assert!(!allowed(&long, &format!(r#"{{"{long}n":"x"}}"#)));
}

#[test]
fn attributes_of_equal_field_ids_the_first_wins_number_or_text() {
    for (fields, allowed) in [
        (r#"[{"fieldId":12,"fieldValue":"x"},{"fieldId":"12","fieldValue":"y"}]"#, true),
        (r#"[{"fieldId":"12","fieldValue":"y"},{"fieldId":12,"fieldValue":"x"}]"#, false),
        (r#"[{"fieldId":12,"fieldValue":["y"]},{"fieldId":12,"fieldValue":"x"}]"#, false),
        (r#"[{"fieldId":12.0,"fieldValue":"y"},{"fieldId":12,"fieldValue":"x"}]"#, true),
        (r#"[{"fieldId":" 12","fieldValue":"y"},{"fieldId":12,"fieldValue":"x"}]"#, true),
        (
            r#"[{"fieldId":true,"fieldValue":"y"},{"fieldId":{},"fieldValue":"y"},{"fieldId":12,"fieldValue":"x"}]"#,
            true,
        ),
        (r#"[[{"fieldId":12,"fieldValue":"x"}]]"#, false),
        (r#"[{"FieldId":12,"fieldValue":"x"}]"#, false),
    ] {
        let line = format!(
            r#"{{"request":{{"userParam":{{"audid":1,"customFields":{fields}}},"authParams":[{}]}}}}"#,
            x("12")
        );
        assert_eq!(decided(&line).allowed, allowed, "{fields}");
    }
}

/// The list itself is no attribute, and neither are other lists and objects of userParam.
#[test]
fn attributes_lists_of_user_param_are_none() {
    for name in ["customFields", "identitys"] {
        let line = |custom: &str| {
            decided(&format!(
                r#"{{"request":{{"userParam":{{"audid":1,"{name}":[{custom}]}},"authParams":[{}]}}}}"#,
                x(name)
            ))
            .allowed
        };
        assert!(!line(r#""x""#));
        assert!(!line(&format!(r#"{{"fieldId":"{name}","fieldValue":"x"}}"#)));
    }
}

/// A list of texts, numbers, booleans, paths: whichever way it is known.
#[test]
fn attributes_of_every_kind() {
    for (condition, had, allowed) in [
        (r#""paramType":"select","values":"x""#, r#"["y","x"]"#, true),
        (r#""paramType":"select","values":"true""#, "[false,true]", true),
        (r#""paramType":"number","values":2"#, r#"[1,"2"]"#, true),
        (r#""paramType":"cascader","values":[["a","b"]]"#, r#"[["a","b","c"],["d"]]"#, true),
        (r#""paramType":"cascader","values":[["a","b"]]"#, r#"[["a"],["b","a"]]"#, false),
    ] {
        let trace = known_in_every_way(&format!(r#"[{{"englishName":"a",{condition}}}]"#), had);
        assert_eq!(trace.allowed, allowed, "{condition} {had}");
    }
}
