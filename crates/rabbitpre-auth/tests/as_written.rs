//! A request is read without building what no decision looks at. The plain way, which builds everything first, is the model:
//! both refuse the same bodies with the same error, and tell the same of those that they read.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use rabbitpre_auth::{Attributes, Check, CheckRequest, Program, Undecidable, read};

/// Every member that matters, values of each kind, escapes, numbers for texts, members nobody knows.
const BODY: &str = r#" {"interfaceName":"c\u0068eck","checkType":1,"externalConfigId":7,"externalConfigOperator":"all",
"externalConfigValues":["a",["c","北京"]],"externalExtras":{"x":[1,{"y":null}]},"userParam":{"audid":9007199254740993,
"a":"1\t2","sex":null,"identitys":[{"openid":"o"}],"customFields":[{"fieldId":"v","fieldValue":"12"},{"fieldId":5}]},
"authParams":[{"chineseName":"名\"称","englishName":"a","paramType":"text","operator":"IN","values":["1\u00092",3,true]},
{"englishName":7,"paramType":"NUMBER","values":[" 1 ",2.50,"3e1"],"operator":"in","option":[{"label":"l","value":"v"}]},
{"englishName":"\u0063","paramType":"cascader","values":["江苏",["北京","海淀"],{"value":"x","children":[{"label":"y"}]}]},
{"englishName":"d","paramType":"dateTimeRange","values":["2024-01-01","2024-02-01"],"other":{"a":1},"more":[]},
{"englishName":"n","paramType":"area","values":[1,2,3],"chineseName":5},{"values":"","operator":9},{"operator":"WHICH"},{}]} "#;

const USERS: [&str; 3] =
    ["{}", r#"{"a":"1\t2","7":2.5,"c":["北京","海淀","x"],"d":"2024-01-31"}"#, r#"{"a":3,"c":"y"}"#];

/// The plain way.
fn built(body: &[u8]) -> Result<CheckRequest<'_>, Undecidable> {
    CheckRequest::from_value(read(body)?)
}

#[track_caller]
fn same(body: &[u8]) -> bool {
    let told = || String::from_utf8_lossy(body).into_owned();
    let (built, written) = match (built(body), CheckRequest::parse(body)) {
        (Ok(built), Ok(written)) => (built, written),
        (Err(built), Err(written)) => {
            assert_eq!(format!("{built:?}"), format!("{written:?}"), "{}", told());
            return false;
        }
        (built, written) => panic!("{} but {} {}", built.is_ok(), written.is_ok(), told()),
    };
    assert_eq!(built.user().audid(), written.user().audid());
    assert_eq!(built.user().members(), written.user().members(), "{}", told());
    assert_eq!((built.check_type(), built.setting_id()), (written.check_type(), written.setting_id()));
    for name in ["interfaceName", "externalConfigId", "externalExtras", "userParam", "authParams", "none"] {
        assert_eq!(built.member(name), written.member(name), "{name} {}", told());
    }
    assert_eq!(built.conditions().len(), written.conditions().len(), "{}", told());
    for (built, written) in built.conditions().iter().zip(written.conditions()) {
        assert_eq!(built.english_name(), written.english_name(), "{}", told());
        assert_eq!(built.chinese_name(), written.chinese_name(), "{}", told());
        for name in
            ["englishName", "chineseName", "paramType", "values", "operator", "option", "other", "none"]
        {
            assert_eq!(built.member(name), written.member(name), "{name} {}", told());
        }
    }
    for user in USERS {
        let user = Attributes::parse(user.as_bytes()).unwrap();
        let (built, written) = (Check::new(&built, None), Check::new(&written, None));
        assert_eq!(built.explain(&user), written.explain(&user), "{}", told());
        assert_eq!(built.decide(&user), written.decide(&user), "{}", told());
    }
    let owned = |request: &CheckRequest<'_>| Program::compile(request.conditions()).into_owned();
    let user = Attributes::parse(USERS[1].as_bytes()).unwrap();
    assert_eq!(owned(&built).explain(&user), owned(&written).explain(&user), "{}", told());
    true
}

#[test]
fn what_is_read() {
    assert!(same(BODY.as_bytes()));
    assert!(same(br#"{"userParam":{"audid":"1"}}"#));
    assert!(same(br#"{"userParam":{"audid":"1"},"authParams":null}"#));
    assert!(same(br#"{"userParam":{"audid":"1"},"authParams":[]}"#));
    let condition = |members: &str| {
        let body =
            format!(r#"{{"authParams":[{{"englishName":"a",{members}}}],"userParam":{{"audid":"1"}}}}"#);
        assert!(same(body.as_bytes()), "{members}");
    };
    condition(r#""values":[],"paramType":"text""#);
    condition(r#""values":[[]],"paramType":"cascader""#);
    condition(r#""values":[["a",""]],"paramType":"cascader""#);
    condition(r#""values":[["a",["b"]]],"paramType":"cascader""#);
    condition(r#""values":[{"value":["a"]}],"paramType":"cascader""#);
    condition(r#""values":"a","paramType":"cascader""#);
    condition(r#""values":[null],"paramType":"select""#);
    condition(r#""values":["a",["b"]],"paramType":"select""#);
    condition(r#""values":"\u0000","paramType":"text""#);
    condition(r#""values":nul"#.replace("nul", "null").as_str());
    condition(r#""values":[1,2,"x"],"paramType":"area""#);
    condition(r#""values":[1,2,3],"paramType":"area""#);
    condition(r#""values":[1],"paramType":"area","operator":"between""#);
    condition(r#""values":[1,2],"paramType":"area","operator":"gt""#);
    condition(r#""paramType":["text"],"chineseName":{"a":1},"operator":[]"#);
}

#[test]
fn what_is_refused() {
    let refused = |body: &str| assert!(!same(body.as_bytes()), "{body}");
    refused("[]");
    refused(r#"{"authParams":[]}"#);
    refused(r#"{"userParam":{"audid":1},"authParams":{}}"#);
    refused(r#"{"userParam":{"audid":1},"authParams":[{},1]}"#);
    refused(r#"{"userParam":{"audid":1},"authParams":[1,{"a":1,"a":2}]}"#);
    refused(r#"{"userParam":{"audid":1},"authParams":[{"values":1,"values":2}]}"#);
    refused(r#"{"userParam":{"audid":1},"authParams":[{"value\u0073":1,"values":2}]}"#);
    refused(r#"{"userParam":{"audid":1},"authParams":[{"option":1,"option":2}]}"#);
    refused(r#"{"userParam":{"audid":1},"authParams":[{"values":[{"a":1,"a":2}]}]}"#);
    refused(r#"{"userParam":{"audid":1},"authParams":[{"values":["\ud800"]}]}"#);
    refused(r#"{"userParam":{"audid":1},"authParams":[{"values":[1,]}]}"#);
    refused(&format!(r#"{{"userParam":{{"audid":1}},"authParams":[{{"values":{}}}]}}"#, "[".repeat(62)));
    refused(r#"{"checkType":"maybe","authParams":1}"#);
}

/// One byte changed, anywhere.
#[test]
fn what_is_damaged() {
    let mut read = 0;
    for at in 0..BODY.len() {
        for byte in *b"\"\\}],:0\xff" {
            let mut body = BODY.as_bytes().to_vec();
            body[at] = byte;
            read += usize::from(same(&body));
        }
        let mut body = BODY.as_bytes().to_vec();
        body.remove(at);
        read += usize::from(same(&body));
        same(&BODY.as_bytes()[..at]);
    }
    // Much of it is content.
    assert!((2000..6000).contains(&read), "{read}");
}

/// More values and paths than are looked through one by one.
#[test]
fn what_is_long() {
    for count in [1, 8, 9, 32, 33, 64, 65, 500] {
        let list = |of: fn(usize) -> String| (0..count).map(of).collect::<Vec<_>>().join(",");
        let texts = list(|n| format!("\"t{n}{}\"", "x".repeat(n % 30)));
        let numbers = list(|n| format!("\"{n}.50\""));
        let paths = list(|n| format!("[\"p{}\",\"t{n}\"]", n % 7));
        let tree = list(|n| format!("{{\"value\":\"t{n}\"}}"));
        let tree = format!("{{\"value\":\"p\",\"children\":[{tree}]}}");
        for (kind, values) in
            [("select", &texts), ("number", &numbers), ("cascader", &paths), ("cascader", &tree)]
        {
            for operator in ["IN", "NEQ", "ALL", "EQ"] {
                let condition = format!(
                    r#"{{"englishName":"a","paramType":"{kind}","operator":"{operator}","values":[{values}]}}"#
                );
                let body = format!(r#"{{"userParam":{{"audid":1}},"authParams":[{condition}]}}"#);
                assert!(same(body.as_bytes()));
                let (built, written) =
                    (built(body.as_bytes()).unwrap(), CheckRequest::parse(body.as_bytes()).unwrap());
                let last = count - 1;
                let long = "x".repeat(last % 30);
                for had in [
                    format!("\"t{last}{long}\""),
                    format!("\"t{last}\""),
                    format!("[{texts}]"),
                    format!("{last}.5"),
                    format!("[\"p{}\",\"t{last}\",\"deeper\"]", last % 7),
                    format!("[[\"p\",\"t{last}\"],[\"t0\"]]"),
                    format!("[{paths}]"),
                    "\"none\"".to_owned(),
                ] {
                    let known = format!(r#"{{"a":{had}}}"#);
                    let known = Attributes::parse(known.as_bytes()).unwrap();
                    let (built, written) = (Check::new(&built, None), Check::new(&written, None));
                    let holds = match (kind, operator, &*had) {
                        (_, "IN" | "EQ", "\"none\"") => Some(false),
                        ("cascader", "IN" | "EQ", _) if had == format!("\"t{last}\"") => Some(true),
                        ("number", "IN" | "EQ", _) if had == format!("{last}.5") => Some(true),
                        ("select", "IN" | "EQ" | "ALL", _) if had == format!("[{texts}]") => Some(true),
                        _ => None,
                    };
                    let decided = written.decide(&known).is_allowed();
                    assert!(holds.is_none_or(|holds| holds == decided), "{kind} {operator} {count} {had}");
                    assert_eq!(
                        built.explain(&known),
                        written.explain(&known),
                        "{kind} {operator} {count} {had}"
                    );
                }
            }
        }
    }
}
