//! The evaluator against a slow, obvious reference model, over generated conditions and users.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod generate;
mod reference;

use proptest::prelude::*;
use rabbitpre_auth::{Attributes, Check, CheckRequest, LineAnswer, Program, Reason, Setting, check_line};

use crate::generate::{Json, json};

/// One condition: the program, its owned copy, the saved form and the model decide alike.
fn agrees(param_type: &str, operator: &str, values: &Json, had: Option<&Json>) {
    let members = format!(r#""operator":"{operator}","values":{values}"#);
    let body = format!(
        r#"{{"userParam":{{"audid":1}},"authParams":[{{"englishName":"a","paramType":"{param_type}",{members}}}]}}"#
    );
    let known = had.map_or("{}".to_owned(), |had| format!(r#"{{"a":{had}}}"#));
    let request = CheckRequest::parse(body.as_bytes()).unwrap();
    let attributes = Attributes::parse(known.as_bytes()).unwrap();
    let check = Check::new(&request, None);
    let trace = check.explain(&attributes);
    let expected = reference::holds(param_type, operator, values, had);

    assert_eq!(trace.allowed, expected, "{body} {known} {:?}", trace.entries[0].reason);
    assert_eq!(check.decide(&attributes).is_allowed(), expected);
    assert_eq!(trace.entries[0].held(), expected);
    assert_eq!(trace.entries[0].reason == Reason::Holds, expected);
    assert_eq!(Program::compile(request.conditions()).into_owned().holds(&attributes), expected);

    let saved = format!(
        r#"{{"settingData":[{{"name":"a","type":"{param_type}","operator":"{operator}","value":{values}}}]}}"#
    );
    let setting = Setting::parse(saved.as_bytes()).unwrap();
    let asks = br#"{"userParam":{"audid":1},"checkType":1,"externalConfigId":"s"}"#;
    let asks = CheckRequest::parse(asks).unwrap();
    assert_eq!(Check::new(&asks, Some(&setting)).decide(&attributes).is_allowed(), expected);
    let again = Setting::parse(setting.to_json().as_bytes()).unwrap();
    assert_eq!(Check::new(&asks, Some(&again)).explain(&attributes).allowed, expected);
}

/// Whatever the line holds, decision and trace agree, and an answer comes.
fn decision_and_trace_agree(request: &Json, attributes: &Json, saved: &Json) {
    let (request, attributes, saved) = (request.to_string(), attributes.to_string(), saved.to_string());
    let Ok(request) = CheckRequest::parse(request.as_bytes()) else { return };
    let Ok(attributes) = Attributes::parse(attributes.as_bytes()) else { return };
    let setting = Setting::parse(saved.as_bytes()).unwrap();
    for setting in [None, Some(&setting)] {
        let check = Check::new(&request, setting);
        let trace = check.explain(&attributes);
        assert_eq!(check.decide(&attributes).is_allowed(), trace.allowed);
        let conditions = trace.entries.iter().take(request.conditions().len());
        assert!(!trace.allowed || conditions.clone().all(|entry| entry.held()));
        assert!(!trace.allowed || trace.external.is_none());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn evaluator_agrees_with_the_model((param_type, operator, values, had) in generate::case()) {
        agrees(param_type, operator, &values, had.as_ref());
    }

    #[test]
    fn decision_agrees_with_trace((request, attributes, saved) in generate::check()) {
        decision_and_trace_agree(&request, &attributes, &saved);
    }

    #[test]
    fn any_json_in_any_place_is_answered(request in json(), attributes in json(), settings in json()) {
        let line = format!(r#"{{"request":{request},"attributes":{attributes},"settings":{{"s":{settings}}}}}"#);
        if let Ok(LineAnswer::Decided(trace)) = check_line(line.as_bytes()) {
            assert!(trace.allowed || !trace.entries.is_empty() || trace.external.is_some());
        }
    }
}
