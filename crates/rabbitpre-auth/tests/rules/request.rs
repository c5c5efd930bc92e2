//! The request as a whole: SPEC.md §3, §4.1, §4.10 Request, checkType, Limits.

use std::cell::Cell;

use rabbitpre_auth::{
    Attributes, Check, CheckReply, CheckRequest, Decision, LineError, MAX_BODY, ReadError, Undecidable,
    check_line,
};

use crate::ways::every_way;
use crate::{decided, undecidable, x};

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

#[test]
fn a_decision_ends_with_the_patience_of_whoever_waits() {
    let body = format!(
        r#"{{"userParam":{{"audid":1}},"authParams":[{}]}}"#,
        (0..10_000).map(|_| x("a")).collect::<Vec<_>>().join(",")
    );
    let request = CheckRequest::parse(body.as_bytes()).unwrap();
    let check = Check::new(&request, None);
    let long = format!(r#"{{"a":[{},"x"]}}"#, vec!["\"y\""; 1000].join(","));
    for (user, least) in [(r#"{"a":"x"}"#, 100), (&long, 10_000)] {
        let user = Attributes::parse(user.as_bytes()).unwrap();
        let asked = Cell::new(0);
        let going = |until: usize| {
            asked.set(0);
            let going = || {
                asked.set(asked.get() + 1);
                asked.get() <= until
            };
            (check.decide_while(&user, going), asked.get())
        };
        // Asked before whatever takes long, and once more at the end.
        let (decision, times) = going(usize::MAX);
        assert_eq!(decision, Some(Decision::Allowed));
        assert!(times >= least && times <= 10_001, "{times}");
        // Whoever has none gets no decision, and it ends at once.
        for until in [0, 1, 50] {
            assert_eq!(going(until), (None, until + 1));
        }
        assert_eq!(going(times - 1).0, None);
    }
}

/// SPEC.md §4.10 Attributes: digits as written.
#[test]
fn request_audid_is_text_with_its_digits_as_written() {
    for (written, audid) in [
        ("9007199254740993", "9007199254740993"),
        ("-0", "-0"),
        (r#""007""#, "007"),
        (r#"" 7 ""#, " 7 "),
        (r#""1.0""#, "1.0"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
    ] {
        let body = format!(r#"{{"userParam":{{"audid":{written}}}}}"#);
        assert_eq!(CheckRequest::parse(body.as_bytes()).unwrap().user().audid(), audid);
    }
}

/// RP-4 and SPEC.md §4.8: what asks for the external check, and what leaves its members unread.
#[test]
fn check_type_asks_for_a_setting_or_ignores_its_id() {
    for (given, asks) in [
        ("true", true),
        (r#""TRUE""#, true),
        ("1", true),
        (r#""1""#, true),
        ("false", false),
        ("0", false),
        ("null", false),
    ] {
        let body = format!(r#"{{"userParam":{{"audid":1}},"checkType":{given},"externalConfigId":"s"}}"#);
        let request = CheckRequest::parse(body.as_bytes()).unwrap();
        assert_eq!((request.check_type(), request.setting_id()), (asks, asks.then_some("s")), "{given}");
    }
    let without = CheckRequest::parse(br#"{"userParam":{"audid":1},"externalConfigId":"s"}"#).unwrap();
    assert_eq!((without.check_type(), without.setting_id()), (false, None));
}

/// SPEC.md §4.10 Limits, for a body as for a line.
#[test]
fn limits_of_a_body() {
    let refused = |body: &[u8]| match every_way(body, &Attributes::default(), None) {
        Err(Undecidable::Unreadable(error)) => error,
        other => panic!("{other:?}"),
    };
    let padded = |size: usize| {
        let body = r#"{"userParam":{"audid":1}}"#;
        body.to_owned() + &" ".repeat(size - body.len())
    };
    assert!(every_way(padded(MAX_BODY).as_bytes(), &Attributes::default(), None).unwrap().allowed);
    assert_eq!(refused(padded(MAX_BODY + 1).as_bytes()), ReadError::TooLarge);
    // In whichever member it is: the body is 1, the member's value the second.
    for member in ["authParams", "externalExtras", "externalConfigValues", "checkType", "unknown"] {
        let nested = |depth: usize| {
            let (open, close) = ("[".repeat(depth - 1), "]".repeat(depth - 1));
            format!(r#"{{"userParam":{{"audid":1}},"{member}":{open}{close}}}"#)
        };
        let deep = every_way(nested(64).as_bytes(), &Attributes::default(), None);
        assert!(!matches!(deep, Err(Undecidable::Unreadable(_))), "{member}");
        assert!(matches!(refused(nested(65).as_bytes()), ReadError::TooDeep { .. }), "{member}");
    }
    // Wherever it is, also in what no decision looks at. Escapes are resolved before names are compared.
    for place in [
        r#"{"userParam":{"audid":1},@}"#,
        r#"{"userParam":{"audid":1,@}}"#,
        r#"{"userParam":{"audid":1,"identitys":[{@}]}}"#,
        r#"{"userParam":{"audid":1,"customFields":[{"fieldId":"a",@}]}}"#,
        r#"{"userParam":{"audid":1},"authParams":[{@}]}"#,
        r#"{"userParam":{"audid":1},"authParams":[{"option":[{@}]}]}"#,
        r#"{"userParam":{"audid":1},"externalExtras":{@}}"#,
    ] {
        let with = |members: &str| place.replace('@', members);
        for doubled in [r#""b":1,"b":1"#, r#""b":1,"\u0062":null"#] {
            let error = refused(with(doubled).as_bytes());
            assert!(matches!(error, ReadError::DoubledMember { .. }), "{place} {doubled}");
        }
        for lone in [r#""b":"\ud83d""#, r#""b":["\ude00\ud83d"]"#, r#""\ud83dx":1"#] {
            let error = refused(with(lone).as_bytes());
            assert!(matches!(error, ReadError::LoneSurrogate { .. }), "{place} {lone}");
        }
        for fine in [r#""b":1,"B":1"#, r#""b":"\ud83d\ude00""#, r#""b":{"b":{"b":1}}"#] {
            assert!(every_way(with(fine).as_bytes(), &Attributes::default(), None).is_ok(), "{place} {fine}");
        }
    }
}

#[test]
fn limits_of_a_line_refuse_doubled_members_and_lone_surrogates_everywhere() {
    for (line, doubled) in [
        (r#"{"request":{"userParam":{"audid":1,"audid":1}}}"#, true),
        (r#"{"request":{"userParam":{"audid":1}},"attributes":{"a":1,"a":1}}"#, true),
        (r#"{"request":{"userParam":{"audid":1}},"settings":{"s":{"userId":1,"userId":1}}}"#, true),
        (r#"{"request":{"userParam":{"audid":1}},"attributes":{"a":"\ud800"}}"#, false),
        (r#"{"request":{"userParam":{"audid":"\udc00"}}}"#, false),
    ] {
        let error = check_line(line.as_bytes()).unwrap_err();
        match doubled {
            true => assert!(matches!(error, LineError::Read(ReadError::DoubledMember { .. })), "{line}"),
            false => assert!(matches!(error, LineError::Read(ReadError::LoneSurrogate { .. })), "{line}"),
        }
    }
}

/// SPEC.md §3: what was not decided is denied, with a code of its own, and HTTP 200 unless the body is unreadable.
#[test]
fn undecidable_checks_are_answered_false_with_a_code_and_an_error_code() {
    let failed = || "down".into();
    for (reason, code, error_code, status) in [
        (Undecidable::NotAnObject, "400", "BAD_REQUEST", 200),
        (Undecidable::NoUserParam, "400", "BAD_REQUEST", 200),
        (Undecidable::NoAudid, "400", "BAD_REQUEST", 200),
        (Undecidable::ConditionsUnreadable, "400", "BAD_REQUEST", 200),
        (Undecidable::CheckTypeUnknown, "400", "BAD_REQUEST", 200),
        (Undecidable::Unreadable(ReadError::TooDeep { at: 0 }), "400", "UNREADABLE_BODY", 400),
        (Undecidable::Unreadable(ReadError::TooLarge), "400", "BODY_TOO_LARGE", 413),
        (Undecidable::BodyBrokeOff, "400", "UNREADABLE_BODY", 400),
        (Undecidable::SourceFailed(failed()), "500", "ATTRIBUTE_SOURCE_FAILED", 200),
        (Undecidable::StoreFailed(failed()), "500", "SETTINGS_STORE_FAILED", 200),
        (Undecidable::Internal, "500", "INTERNAL_ERROR", 200),
        (Undecidable::TooLate, "503", "TIMEOUT", 200),
        (Undecidable::Overloaded, "503", "OVERLOADED", 200),
    ] {
        assert_eq!(reason.http_status(), status, "{reason:?}");
        let reply = CheckReply::from(&reason);
        assert_eq!((&*reply.code, &*reply.error_code, reply.allowed), (code, error_code, false));
        assert!(
            reply.to_json().contains(r#""data":"false""#) && !reply.msg.is_empty() && !reply.msg.is_ascii()
        );
    }
}
