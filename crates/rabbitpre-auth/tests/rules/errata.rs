//! Each erratum by its number (SPEC.md, Errata).

use rabbitpre_auth::{
    Catalogue, CheckReply, CheckRequest, Choice, Decision, Denial, Offer, ParamType, Reason, SaveReply,
    Undecidable, Value, check_line,
};

use crate::{decided, holds, reason};

#[test]
fn rp_1_each_answer_has_the_code_its_sample_shows_and_either_is_read() {
    assert_eq!(
        SaveReply::saved("7".to_owned(), 0).to_json(),
        r#"{"code":200,"msg":"ok","data":{"configId":"7"}}"#
    );
    assert_eq!(
        CheckReply::from(&Decision::Allowed).to_json(),
        r#"{"code":"200","msg":"鉴权成功","data":"true","errorCode":""}"#
    );
    for code in [r#""code":200"#, r#""code":"200""#, r#""code:":200"#, r#""code:":"200""#] {
        let save = format!(r#"{{{code},"msg":"ok","data":{{"configId":"7"}}}}"#);
        assert_eq!(SaveReply::parse(save.as_bytes()).unwrap().code, 200, "{code}");
        let check = format!(r#"{{{code},"msg":"ok","data":"true"}}"#);
        assert_eq!(CheckReply::parse(check.as_bytes()).unwrap().code, "200", "{code}");
    }
}

#[test]
fn rp_2_data_is_sent_as_text_and_read_as_boolean_or_text() {
    for (data, allowed) in
        [("true", true), (r#""true""#, true), (r#""TRUE""#, true), ("false", false), (r#""false""#, false)]
    {
        let reply = CheckReply::parse(format!(r#"{{"code":"200","data":{data}}}"#).as_bytes()).unwrap();
        assert_eq!(reply.allowed, allowed, "{data}");
        let text = if allowed { r#""data":"true""# } else { r#""data":"false""# };
        assert!(reply.to_json().contains(text));
    }
    for other in ["1", "{}", "null", r#""yes""#, r#""""#] {
        let body = format!(r#"{{"code":"200","data":{other}}}"#);
        assert!(CheckReply::parse(body.as_bytes()).is_err(), "{other}");
    }
}

#[test]
fn rp_3_numbers_and_texts_for_each_other_and_ids_exact() {
    for (name, written) in [("sex", "1"), ("sex", r#""1""#), ("markFlag", "1"), ("markFlag", r#""1""#)] {
        for (param_type, values, allowed) in [
            ("text", r#""1""#, true),
            ("text", r#""2""#, false),
            ("number", "1", true),
            ("number", "2", false),
            ("checkbox", "1", true),
            ("checkbox", r#""2""#, false),
            ("select", r#"["1","3"]"#, true),
            ("select", r#"["2","3"]"#, false),
        ] {
            let line = format!(
                r#"{{"request":{{"userParam":{{"audid":1,"{name}":{written}}},"authParams":[{{"englishName":"{name}","paramType":"{param_type}","values":{values}}}]}}}}"#
            );
            assert_eq!(decided(&line).allowed, allowed, "{line}");
        }
    }
    let body = br#"{"userParam":{"audid":9007199254740993,"identitys":[{"jcappid":9007199254740993}]}}"#;
    let request = CheckRequest::parse(body).unwrap();
    assert_eq!(request.user().audid(), "9007199254740993");
    let identity = request.user().identitys().next().unwrap();
    assert_eq!(identity.member("jcappid").and_then(Value::as_id), Some("9007199254740993"));
    let exact = |configured: &str| {
        let line = format!(
            r#"{{"request":{{"userParam":{{"audid":9007199254740993}},"authParams":[{{"englishName":"audid","paramType":"text","values":{configured}}}]}}}}"#
        );
        decided(&line).allowed
    };
    assert!(exact(r#""9007199254740993""#) && exact("9007199254740993"));
    assert!(!exact(r#""9007199254740992""#) && !exact("9007199254740992"));
}

#[test]
fn rp_4_check_type_is_a_boolean_or_a_text() {
    for (given, asks) in [("true", true), (r#""true""#, true), ("false", false), (r#""false""#, false)] {
        let line = format!(
            r#"{{"request":{{"userParam":{{"audid":1}},"checkType":{given},"externalConfigId":"nobody's"}}}}"#
        );
        assert_eq!(decided(&line).external, asks.then_some(Reason::UnknownSetting), "{given}");
    }
}

#[test]
fn rp_5_platform_by_either_name_and_custom_fields_of_the_old_revision() {
    let platform = |identity: &str| {
        let body = format!(r#"{{"userParam":{{"audid":1,"identitys":[{identity}]}}}}"#);
        let request = CheckRequest::parse(body.as_bytes()).unwrap();
        let platforms: Vec<_> =
            request.user().identitys().map(|one| one.platform().cloned().map(Value::into_owned)).collect();
        platforms
    };
    assert_eq!(platform(r#"{"platform":"wx"}"#), [Some("wx".into())]);
    assert_eq!(platform(r#"{"fromTo":"wx"}"#), [Some("wx".into())]);
    assert_eq!(platform(r#"{"fromTo":"old","platform":"new"}"#), [Some("new".into())]);
    assert_eq!(platform(r#"{"fromto":"wx"}"#), [None]);
    let fields = r#"{"request":{"userParam":{"audid":1,"customFields":[{"fieldId":"n","fieldType":"text","fieldValue":"x"}]},"authParams":[{"englishName":"n","paramType":"text","values":"x"}]}}"#;
    assert!(decided(fields).allowed);
    assert!(!decided(&fields.replace(r#""fieldValue":"x""#, r#""fieldValue":"y""#)).allowed);
}

#[test]
fn rp_6_date_time_range_is_a_type_and_the_samples_numbers_compare_as_numbers() {
    holds("dateTimeRange", "BETWEEN", "[20,202]", "20");
    holds("dateTimeRange", "BETWEEN", r#"["2021-07-01","2021-07-31"]"#, r#""2021-07-31 23:59:59""#);
    let catalogue =
        Offer::new("时间", "at", ParamType::DateTimeRange).with([Choice::bound(20), Choice::bound(202)]);
    assert!(Catalogue::new(vec![catalogue]).unwrap().to_json().contains(r#""type":"dateTimeRange""#));
}

#[test]
fn rp_7_an_operator_that_is_null_or_absent_is_the_types_default() {
    for (operator, expected) in [
        ("", Reason::Holds),
        (r#","operator":null"#, Reason::Holds),
        (r#","operator":"""#, Reason::Holds),
        (r#","operator":"EQ""#, Reason::OperatorNotForType),
        (r#","operator":" ""#, Reason::UnknownOperator),
    ] {
        assert_eq!(
            reason(&format!(r#""paramType":"area","values":[1,2]{operator}"#), "1"),
            expected,
            "{operator}"
        );
    }
}

#[test]
fn rp_8_a_body_that_is_not_json_is_refused() {
    for body in [
        r#"{"userParam":{"audid":1},"checkType":false,"checkType":false}"#,
        r#"{"userParam":{"audid":1,"sex":1,"sex":"1"}}"#,
        r#"{"userParam":{"audid":1},}"#,
        r#"{"userParam":{"audid":1} "authParams":[]}"#,
        r#"{'userParam':{'audid':1}}"#,
        r#"{"userParam":{"audid":1}} // sample"#,
        "\u{feff}{\"userParam\":{\"audid\":1}}",
    ] {
        let error = CheckRequest::parse(body.as_bytes()).unwrap_err();
        assert!(matches!(error, Undecidable::Unreadable(_)), "{body}");
        assert_eq!((error.code(), error.http_status()), ("400", 400));
        assert!(check_line(format!(r#"{{"request":{body}}}"#).as_bytes()).is_err());
    }
}

#[test]
fn rp_9_app_id_and_appid_are_two_members() {
    for (name, allowed) in [("appId", true), ("appid", false), ("appID", false), ("APPID", false)] {
        let line = format!(
            r#"{{"request":{{"userParam":{{"audid":1,"appId":"work","appid":"official"}},"authParams":[{{"englishName":"{name}","paramType":"text","values":"work"}}]}}}}"#
        );
        assert_eq!(decided(&line).allowed, allowed, "{name}");
        assert_eq!(
            decided(&line.replace(r#""values":"work""#, r#""values":"official""#)).allowed,
            name == "appid"
        );
    }
}

/// The glued name is two: the old one and `checkUserAuth`, which is the one that counts.
#[test]
#[cfg(feature = "server")]
fn rp_10_the_check_is_check_user_auth() {
    let paths = rabbitpre_auth::Paths::default();
    let given = rabbitpre_auth::Paths::new("/getAuthConditions", "/saveNotify", "/checkUserAuth").unwrap();
    assert_eq!(paths, given);
    assert_ne!(paths, rabbitpre_auth::Paths::new("/a", "/b", "/checkDataAuth").unwrap());
}

#[test]
fn rp_11_a_denial_answers_200_or_another_code_and_nothing_else_does() {
    let denied = Decision::Denied(Denial { condition: None, reason: Reason::UnknownSetting });
    let reply = CheckReply::from(&denied);
    assert_eq!(
        reply.to_json(),
        r#"{"code":"200","msg":"鉴权不通过：外部配置不存在","data":"false","errorCode":"NOT_QUALIFIED"}"#
    );
    assert_eq!(reply.with_denied_code("403").code, "403");
    assert_eq!(CheckReply::from(&Decision::Allowed).with_denied_code("403").code, "200");
    assert_eq!(CheckReply::from(&Undecidable::NoAudid).with_denied_code("403").code, "400");
}

#[test]
fn rp_12_conditions_are_answered_in_an_envelope_and_named_as_in_setting_data() {
    let catalogue = Catalogue::new(vec![Offer::new("姓名", "realName", ParamType::Text)]).unwrap();
    let json = r#"{"code":"200","msg":"ok","data":[{"label":"姓名","name":"realName","type":"text","value":"","children":[]}]}"#;
    assert_eq!(catalogue.to_json(), json);
    assert_eq!(Catalogue::parse(json.as_bytes()).unwrap(), catalogue);
    // `englishName` is the name in a check only.
    let saved = |name: &str| {
        let line = format!(
            r#"{{"request":{{"userParam":{{"audid":1,"realName":"x"}},"checkType":true,"externalConfigId":"s"}},"settings":{{"s":{{"settingData":[{{"{name}":"realName","value":"x"}}]}}}}}}"#
        );
        decided(&line).allowed
    };
    assert!(saved("name") && !saved("englishName"));
}
