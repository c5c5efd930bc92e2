//! The evaluator, in each way it can be asked, against the model.

use rabbitpre_auth::{Attributes, Check, CheckRequest, Program, Programs, Reason, Setting};

use super::reference::holds;
use super::value::Json;
use super::whole::allowed;

/// One condition: the program, its owned copy, the saved form and the model decide alike.
pub(crate) fn agrees(param_type: &str, operator: &str, values: &Json, had: Option<&Json>) {
    let members = format!(r#""operator":"{operator}","values":{values}"#);
    let body = format!(
        r#"{{"userParam":{{"audid":1}},"authParams":[{{"englishName":"a","paramType":"{param_type}",{members}}}]}}"#
    );
    let known = had.map_or("{}".to_owned(), |had| format!(r#"{{"a":{had}}}"#));
    let request = CheckRequest::parse(body.as_bytes()).unwrap();
    let attributes = Attributes::parse(known.as_bytes()).unwrap();
    let check = Check::new(&request, None);
    let trace = check.explain(&attributes);
    let expected = holds(param_type, operator, values, had);

    assert_eq!(trace.allowed, expected, "{body} {known} {:?}", trace.entries[0].reason);
    assert_eq!(check.decide(&attributes).is_allowed(), expected);
    assert_eq!(trace.entries[0].held(), expected);
    assert_eq!(trace.entries[0].reason == Reason::Holds, expected);
    assert_eq!(Program::compile(request.conditions()).into_owned().holds(&attributes), expected);

    // What was kept decides and explains alike, and so does a user of whom much is known.
    let programs = Programs::new(1);
    for _ in 0..2 {
        let prepared = programs.prepare(body.as_bytes()).unwrap();
        assert_eq!(prepared.check(None).explain(&attributes), trace);
        assert_eq!(prepared.check(None).decide(&attributes), check.decide(&attributes));
    }
    for more in [20, 100] {
        let more = (0..more).map(|n| format!(r#""a{n}":{n},"#)).collect::<String>();
        let known = had.map_or("{}".to_owned(), |had| format!(r#"{{{more}"a":{had}}}"#));
        let attributes = Attributes::parse(known.as_bytes()).unwrap();
        assert_eq!(check.explain(&attributes), trace);
    }

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

/// The whole check: however it is decided, it comes to what the model says.
pub(crate) fn whole_agrees(request: &Json, attributes: &Json, saved: &Json) {
    let body = request.to_string();
    let known = attributes.to_string();
    let parsed = CheckRequest::parse(body.as_bytes()).unwrap();
    let known = Attributes::parse(known.as_bytes()).unwrap();
    let setting = Setting::parse(saved.to_string().as_bytes()).unwrap();
    for setting in [None, Some(&setting)] {
        let expected = allowed(request, attributes, setting.map(|_| saved));
        let check = Check::new(&parsed, setting);
        let trace = check.explain(&known);
        assert_eq!(trace.allowed, expected, "{body} {attributes} {saved} {trace:?}");
        assert_eq!(check.decide(&known).is_allowed(), expected);
        let conditions = trace.entries.iter().take(parsed.conditions().len());
        assert!(!trace.allowed || conditions.clone().all(|entry| entry.held()));
        assert!(!trace.allowed || trace.external.is_none());
        let programs = Programs::new(1);
        for _ in 0..2 {
            let prepared = programs.prepare(body.as_bytes()).unwrap();
            assert_eq!(prepared.check(setting).explain(&known), trace);
            assert_eq!(prepared.check(setting).decide(&known), check.decide(&known));
        }
    }
}
