//! Bodies and answers (SPEC.md §1–§3, errata), the catalogue, files of attributes, settings in memory.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use rabbitpre_auth::{
    AttributesFileError, Catalogue, CheckReply, CheckRequest, Choice, Lookup as _, MemoryAttributes,
    MemorySettings, Offer, ParamType, ReplyError, SaveReply, SaveRequest, Setting, StoreError, Value,
};

#[test]
fn rp_1_and_rp_2_replies_are_read_in_either_form() {
    for body in [
        r#"{"code":"200","msg":"ok","data":"true","errorCode":""}"#,
        r#"{"code":200,"msg":"ok","data":true,"errorCode":null,"more":1}"#,
        r#"{"code:":200,"msg":"ok","data":"TRUE"}"#,
    ] {
        let reply = CheckReply::parse(body.as_bytes()).unwrap();
        assert_eq!((reply.code.as_str(), reply.allowed, reply.error_code.as_str()), ("200", true, ""));
    }
    for body in [r#"{"code":200,"data":{"configId":"7"}}"#, r#"{"code:":"200","data":{"configId":7}}"#] {
        let reply = SaveReply::parse(body.as_bytes()).unwrap();
        assert_eq!((reply.code, reply.config_id.as_deref()), (200, Some("7")));
    }
}

#[test]
fn replies_that_are_not_understood_say_where() {
    assert_eq!(CheckReply::parse(br#"{"code":"200"}"#), Err(ReplyError::Member("data")));
    assert_eq!(CheckReply::parse(br#"{"data":"yes","code":1}"#), Err(ReplyError::Member("data")));
    assert_eq!(CheckReply::parse(br#"{"data":"true"}"#), Err(ReplyError::Member("code")));
    assert_eq!(CheckReply::parse(b"[]"), Err(ReplyError::NotAnObject));
    assert!(matches!(SaveReply::parse(b"<html>"), Err(ReplyError::Read(_))));
    assert_eq!(SaveReply::parse(br#"{"code":"x"}"#), Err(ReplyError::Member("code")));
}

#[test]
fn rp_5_and_rp_9_members_of_a_user() {
    let body = r#"{"userParam":{"audid":"007","appId":"work","more":[1],
        "identitys":[{"platform":1,"appid":"official"},7,{"fromTo":"old"}]},"interfaceName":"x"}"#;
    let request = CheckRequest::parse(body.as_bytes()).unwrap();
    let user = request.user();
    assert_eq!(user.audid(), "007");
    assert_eq!(user.member("appId").and_then(Value::as_text), Some("work"));
    assert_eq!(user.member("appid"), None);
    assert!(user.member("more").is_some() && request.member("interfaceName").is_some());
    let platforms: Vec<_> = user.identitys().map(|identity| identity.platform().cloned()).collect();
    assert_eq!(platforms, [Some(1.into()), Some("old".into())]);
    assert_eq!(user.identitys().next().unwrap().member("appid").and_then(Value::as_text), Some("official"));
}

#[test]
fn a_save_is_read_with_unknown_members_types_and_operators() {
    let body = br#"{"userId":7,"externalConfigId":12,"settingData":[{},{"name":"a","type":"?","operator":[]}],"x":1}"#;
    let save = SaveRequest::parse(body).unwrap();
    assert_eq!(
        (save.user_id(), save.config_id(), save.skipped(), save.items().len()),
        ("7", Some("12"), 1, 1)
    );
    assert_eq!(save.items()[0].member("type").as_text(), Some("?"));
    assert_eq!(save.member("x"), Some(&1.into()));
    assert_eq!(Setting::from(save).to_json().as_bytes(), body);
    for create in [r#"null"#, r#""""#] {
        let body = format!(r#"{{"userId":"u","settingData":[],"externalConfigId":{create}}}"#);
        assert_eq!(SaveRequest::parse(body.as_bytes()).unwrap().config_id(), None);
    }
}

#[test]
fn the_catalogue_is_written_as_section_1_shows() {
    let catalogue = Catalogue::new(vec![
        Offer::new("姓名", "realName", ParamType::Text),
        Offer::new("年龄", "age", ParamType::Area).with([Choice::bound(18), Choice::bound(60)]),
        Offer::new("性别", "sex", ParamType::Checkbox).with([Choice::new("男", "1"), Choice::new("女", "2")]),
        Offer::new("城市", "city", ParamType::Cascader)
            .with([Choice::new("北京市", "bj").with([Choice::new("海淀区", "hd")])]),
    ])
    .unwrap();
    let json = concat!(
        r#"{"code":"200","msg":"ok","data":[{"label":"姓名","name":"realName","type":"text","value":"","children":[]},"#,
        r#"{"label":"年龄","name":"age","type":"area","value":"","children":[{"value":18},{"value":60}]},"#,
        r#"{"label":"性别","name":"sex","type":"checkbox","value":"","children":[{"label":"男","value":"1"},{"label":"女","value":"2"}]},"#,
        r#"{"label":"城市","name":"city","type":"cascader","value":"","children":[{"label":"北京市","value":"bj","children":[{"label":"海淀区","value":"hd"}]}]}]}"#
    );
    assert_eq!(catalogue.to_json(), json);
    let array = json.strip_prefix(r#"{"code":"200","msg":"ok","data":"#).unwrap().strip_suffix('}').unwrap();
    assert_eq!(Catalogue::parse(array.as_bytes()).unwrap(), catalogue);
}

#[test]
fn attributes_are_read_from_an_object_or_from_lines() {
    let lines =
        "{\"audid\":\"1\",\"attributes\":{\"a\":\"x\"}}\n\n{\"audid\":2,\"attributes\":{\"a\":null}}\r\n";
    for file in [r#"{"1":{"a":"x"},"2":{"a":null}}"#, lines, lines.lines().next().unwrap()] {
        let people = MemoryAttributes::parse(file.as_bytes()).unwrap();
        assert_eq!(people.get("1").attribute("a").and_then(Value::as_text), Some("x"));
        assert_eq!(people.get("2").attribute("a"), None);
        assert!(people.get("3").is_empty());
    }
    assert!(MemoryAttributes::parse(b"{}").unwrap().get("1").is_empty());
}

#[test]
fn files_without_attributes_say_where() {
    let error = |file: &str| MemoryAttributes::parse(file.as_bytes()).unwrap_err();
    assert_eq!(error("[]"), AttributesFileError::Shape { line: 1 });
    assert_eq!(error(r#"{"1":{},"2":[]}"#), AttributesFileError::User { line: 1, user: 2 });
    let line = r#"{"audid":1,"attributes":{}}"#;
    assert!(matches!(error(&format!("{line}\n{{")), AttributesFileError::Read { line: 2, .. }));
    assert_eq!(error(&format!("{line}\n\n{{\"audid\":1}}")), AttributesFileError::Shape { line: 3 });
}

#[test]
fn settings_in_memory_create_replace_and_refuse_unknown_ids() {
    let store = MemorySettings::new("p-");
    let setting = |name: &str| {
        Setting::parse(format!(r#"{{"settingData":[{{"name":"{name}"}}]}}"#).as_bytes()).unwrap()
    };
    store.insert("p-1", setting("kept"));
    // An id that is taken is not given out again.
    let id = store.put(None, setting("a")).unwrap();
    assert_eq!(id, "p-2");
    assert_eq!(store.put(Some(&id), setting("b")).unwrap(), id);
    assert_eq!(store.get(&id).unwrap().to_json(), setting("b").to_json());
    assert!(matches!(store.put(Some("p-9"), setting("c")), Err(StoreError::UnknownId)));
    assert!(store.get("p-9").is_none());
    assert_eq!(store.get("p-1").unwrap().to_json(), setting("kept").to_json());
}
