//! One check, decided and explained in every way there is. All of them have to come to the same.

use rabbitpre_auth::{
    Attributes, Check, CheckRequest, Decision, Programs, SaveRequest, Setting, Trace, TraceEntry,
    Undecidable, Value, check, read,
};

/// The body of a check, for a user of whom `source` is known, with what is saved under the id it asks for.
#[track_caller]
pub(crate) fn every_way(
    body: &[u8],
    source: &Attributes<'_>,
    setting: Option<&Setting>,
) -> Result<Trace, Undecidable> {
    let programs = Programs::new(4);
    let request = match CheckRequest::parse(body) {
        Ok(request) => request,
        Err(reason) => {
            for _ in 0..2 {
                assert_eq!(format!("{:?}", programs.prepare(body).unwrap_err()), format!("{reason:?}"));
            }
            return Err(reason);
        }
    };
    let read = Check::new(&request, setting);
    let trace = told(&read, source);
    assert_eq!(check(&request, source, setting).is_allowed(), trace.allowed);
    for kept in [false, true] {
        let prepared = programs.prepare(body).unwrap();
        assert_eq!(prepared.setting_id(), request.setting_id());
        let check = prepared.check(setting);
        assert_eq!(told(&check, source), trace, "kept: {kept}");
        assert_eq!(check.names().collect::<Vec<_>>(), read.names().collect::<Vec<_>>());
    }
    let kept = u64::from(!request.conditions().is_empty());
    assert_eq!((programs.counters().misses, programs.counters().hits), (kept, kept));
    Ok(trace)
}

/// The account of a check, after its decision was found to be the same.
#[track_caller]
fn told(check: &Check<'_>, source: &Attributes<'_>) -> Trace {
    let (trace, decision) = (check.explain(source), check.decide(source));
    assert_eq!(check.decide_while(source, || true), Some(decision.clone()));
    let Decision::Denied(denial) = decision else {
        assert!(trace.allowed && trace.external.is_none());
        return trace;
    };
    assert!(!trace.allowed);
    match &denial.condition {
        // The answer names the first condition that does not hold.
        Some(label) => {
            let first = trace.entries.iter().find(|entry| !entry.held()).unwrap();
            assert_eq!((first.label.as_str(), first.reason), (&**label, denial.reason));
        }
        None => assert_eq!(trace.external, Some(denial.reason)),
    }
    trace
}

/// Conditions for a user who has the attribute `a` (`-`: missing): from the source, and below it from a custom field
/// and from a member of userParam's own.
#[track_caller]
pub(crate) fn known_in_every_way(conditions: &str, had: &str) -> Trace {
    let run = |user: &str, source: &str| {
        let body = format!(r#"{{"userParam":{{"audid":1{user}}},"authParams":{conditions}}}"#);
        every_way(body.as_bytes(), &Attributes::parse(source.as_bytes()).unwrap(), None).unwrap()
    };
    if had == "-" {
        return run("", "{}");
    }
    let trace = run("", &format!(r#"{{"a":{had}}}"#));
    let more = (0..20).map(|n| format!(r#""a{n}":{n},"#)).collect::<String>();
    assert_eq!(run("", &format!(r#"{{{more}"a":{had}}}"#)), trace, "among many");
    let field = format!(r#","customFields":[{{"fieldId":"a","fieldValue":{had}}}]"#);
    assert_eq!(run(&field, "{}"), trace, "as a custom field");
    // Lists and objects of userParam's own are no attributes.
    if !had.starts_with(['[', '{']) {
        assert_eq!(run(&format!(r#","a":{had}"#), "{}"), trace, "as a member of userParam");
    }
    trace
}

/// A saved condition for such a user: as it was saved, and as it comes back from a store.
#[track_caller]
pub(crate) fn saved_in_every_way(item: &str, had: &str) -> TraceEntry {
    let saved = format!(r#"{{"userId":"u","settingData":[{item}]}}"#);
    let setting = Setting::from(SaveRequest::parse(saved.as_bytes()).unwrap());
    let again = Setting::parse(setting.to_json().as_bytes()).unwrap();
    let body = br#"{"userParam":{"audid":1},"checkType":true,"externalConfigId":"s"}"#;
    let source = if had == "-" { "{}".to_owned() } else { format!(r#"{{"a":{had}}}"#) };
    let source = Attributes::parse(source.as_bytes()).unwrap();
    let trace = every_way(body, &source, Some(&setting)).unwrap();
    assert_eq!(trace.allowed, trace.entries[0].held());
    assert_eq!(every_way(body, &source, Some(&again)).unwrap(), trace);
    trace.entries[0].clone()
}

/// The check of a line of `check --batch`.
#[track_caller]
pub(crate) fn every_way_of_line(line: &str) -> Result<Trace, Undecidable> {
    let line = read(line.as_bytes()).unwrap();
    let member = |name: &str| line.as_object().unwrap().get(name);
    let json = |value: &Value<'_>| serde_json::to_string(value).unwrap();
    let body = member("request").map(json).unwrap();
    let source = member("attributes").filter(|given| **given != Value::Null).map_or("{}".to_owned(), json);
    let request = CheckRequest::parse(body.as_bytes()).ok();
    let setting = request.as_ref().and_then(CheckRequest::setting_id).and_then(|id| {
        let saved = member("settings")?.as_object()?.get(id)?;
        Some(Setting::parse(json(saved).as_bytes()).unwrap())
    });
    every_way(body.as_bytes(), &Attributes::parse(source.as_bytes()).unwrap(), setting.as_ref())
}
