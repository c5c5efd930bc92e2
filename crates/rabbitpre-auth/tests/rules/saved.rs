//! Saved settings: SPEC.md §2, §4.10 Types and operators, Limits.

use rabbitpre_auth::{ReadError, SaveError, SaveReply, SaveRequest, Setting};

use crate::decided;
use crate::external::{S, denied_whole, external};
use crate::ways::saved_in_every_way;

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
fn saved_types_that_are_absent_are_the_same_however_they_are_absent() {
    for (value, had, param_type) in [
        (r#""x""#, r#"["y","x"]"#, "text"),
        ("1.0", r#""1""#, "text"),
        ("true", r#""true""#, "text"),
        ("null", r#""x""#, "text"),
        (r#""""#, r#""""#, "text"),
        (r#"["x","y"]"#, r#"["y","z"]"#, "select"),
        ("[1,2]", "2.0", "select"),
        ("[]", r#""x""#, "select"),
        (r#"[null]"#, r#""x""#, "select"),
        (r#"[["x","y"]]"#, r#"["x","y","z"]"#, "cascader"),
        (r#"["q",["x"]]"#, r#"["x","y"]"#, "cascader"),
        (r#"["q",{"value":"x"}]"#, r#"["x","y"]"#, "cascader"),
        (r#"{"value":"x"}"#, r#"["x","y"]"#, "cascader"),
        ("{}", r#""x""#, "cascader"),
        ("[[]]", r#""x""#, "cascader"),
    ] {
        let item =
            |given: &str| saved_in_every_way(&format!(r#"{{"name":"a",{given}"value":{value}}}"#), had);
        let explicit = item(&format!(r#""type":"{param_type}","#));
        for absent in ["", r#""type":null,"#, r#""type":"","#] {
            assert_eq!(item(absent), explicit, "{value}");
        }
    }
}

/// RP-8: skipped, and reported.
#[test]
fn saved_empty_objects_are_skipped_and_reported() {
    let save = |entries: &str| {
        SaveRequest::parse(format!(r#"{{"userId":"u","settingData":[{entries}]}}"#).as_bytes())
            .map(|save| (save.items().len(), SaveReply::saved("1".to_owned(), save.skipped()).msg))
            .unwrap()
    };
    assert_eq!(save(r#"{"name":"a"}"#), (1, "ok".to_owned()));
    assert_eq!(save(r#"{},{"name":"a"},{}"#), (1, "ok，已忽略2个空条件".to_owned()));
    // An object with something in it is a condition, and one without a name does not hold.
    assert_eq!(save(r#"{"x":1}"#), (1, "ok".to_owned()));
    denied_whole(S, r#"{"settingData":[{},{"x":1}]}"#, "no-saved-condition-holds");
}

#[test]
fn save_is_refused_without_a_user_or_a_list_of_objects() {
    let save = |members: &str| {
        SaveRequest::parse(format!("{{{members}}}").as_bytes()).map(|save| save.items().len())
    };
    let data = r#""settingData":[]"#;
    for user in [r#""u""#, "7", "9007199254740993", r#"" ""#] {
        assert_eq!(save(&format!(r#""userId":{user},{data}"#)).unwrap(), 0, "{user}");
    }
    for user in [
        "",
        r#""userId":null,"#,
        r#""userId":"","#,
        r#""userId":["u"],"#,
        r#""userId":{},"#,
        r#""userId":true,"#,
    ] {
        let error = save(&format!("{user}{data}")).unwrap_err();
        assert!(matches!(error, SaveError::NoUserId), "{user}");
        assert_eq!((error.code(), error.http_status()), (400, 200));
    }
    for data in [
        "",
        ",\"settingData\":null",
        ",\"settingData\":{}",
        ",\"settingData\":\"[]\"",
        ",\"settingData\":[null]",
        ",\"settingData\":[{},[]]",
        ",\"settingData\":[1]",
    ] {
        let error = save(&format!(r#""userId":"u"{data}"#)).unwrap_err();
        assert!(matches!(error, SaveError::NoSettingData), "{data}");
        assert_eq!((error.code(), error.http_status()), (400, 200));
    }
    assert!(matches!(SaveRequest::parse(b"[]"), Err(SaveError::NotAnObject)));
    for (body, status) in [
        (&br#"{"userId":1,"userId":1,"settingData":[]}"#[..], 400),
        (br#"{"userId":"\ud800","settingData":[]}"#, 400),
        (b"{", 400),
        (&[b' '; (1 << 20) + 1], 413),
    ] {
        let error = SaveRequest::parse(body).unwrap_err();
        assert!(matches!(error, SaveError::Unreadable(_)), "{error:?}");
        assert_eq!((error.code(), error.http_status()), (400, status));
    }
    let deep = |depth: usize| {
        let body = format!(
            r#"{{"userId":1,"settingData":[],"x":{}{}}}"#,
            "[".repeat(depth - 1),
            "]".repeat(depth - 1)
        );
        SaveRequest::parse(body.as_bytes()).map(|_| ())
    };
    assert!(deep(64).is_ok());
    assert!(matches!(deep(65), Err(SaveError::Unreadable(ReadError::TooDeep { .. }))));
}

/// SPEC.md §2: empty, null or missing creates; a text or a number replaces.
#[test]
fn save_creates_or_replaces() {
    let id = |given: &str| {
        let body = format!(r#"{{"userId":"u",{given}"settingData":[]}}"#);
        SaveRequest::parse(body.as_bytes()).map(|save| save.config_id().map(str::to_owned))
    };
    for create in ["", r#""externalConfigId":null,"#, r#""externalConfigId":"","#] {
        assert_eq!(id(create).unwrap(), None, "{create}");
    }
    for (replace, expected) in [
        (r#""7""#, "7"),
        ("7", "7"),
        ("9007199254740993", "9007199254740993"),
        (r#"" ""#, " "),
        (r#""007""#, "007"),
    ] {
        assert_eq!(id(&format!(r#""externalConfigId":{replace},"#)).unwrap().as_deref(), Some(expected));
    }
    for bad in ["[]", "{}", "true", r#"["7"]"#] {
        let error = id(&format!(r#""externalConfigId":{bad},"#)).unwrap_err();
        assert!(matches!(error, SaveError::UnreadableId), "{bad}");
    }
}

/// The evaluation denies what a save takes.
#[test]
fn save_takes_unknown_types_operators_and_members() {
    for item in [
        r#"{"name":"a","type":"?","value":"x"}"#,
        r#"{"name":"a","type":["text"],"value":"x"}"#,
        r#"{"name":"a","operator":"?","value":"x"}"#,
        r#"{"name":"a","operator":{},"value":"x"}"#,
        r#"{"name":"a","operator":"GT","type":"text","value":"x"}"#,
        r#"{"name":"a","type":"number","value":"x"}"#,
        r#"{"name":{},"value":"x"}"#,
        r#"{"more":[{}]}"#,
    ] {
        for rest in [
            "",
            r#","authScope":9,"sceneType":{},"componentId":[],"externalConfigOperator":"?","externalConfigValues":7"#,
        ] {
            let body = format!(r#"{{"userId":"u","settingData":[{item}]{rest}}}"#);
            let save = SaveRequest::parse(body.as_bytes()).unwrap();
            assert_eq!(Setting::from(save).to_json(), body, "kept as it was written");
            assert!(!decided(&external(S, &body)).allowed, "{body}");
        }
    }
}
