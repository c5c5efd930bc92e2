//! A check that is prepared is the check that is read in full, whatever the body, and whatever was prepared before.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use proptest::prelude::*;
use rabbitpre_auth::{Attributes, Check, CheckRequest, Programs, Setting, Trace, Undecidable};

const BODIES: [&str; 5] = [
    r#"{"interfaceName":"checkUserAuth","checkType":"0","externalConfigId":"","userParam":{"audid":9007199254740993,"openid":"o","address":null,"list":["a"],"identitys":[{"identityId":"7","platform":"wx"}],"customFields":[{"fieldId":"n","fieldValue":"x"},{"fieldId":"n","fieldValue":"y"},{"fieldId":12,"fieldValue":[1,"x"]},7,{"fieldId":null}]},"authParams":[{"chineseName":"名","englishName":"n","paramType":"text","values":["x","z"],"operator":"IN","option":[{"label":"甲","value":"x"}]},{"englishName":"12","paramType":"number","values":"1"}],"externalExtras":{"a":{"b":[]}}}"#,
    r#" { "authParams" : [ {"englishName":"a","paramType":"number","operator":"GT","values":[1]} ] , "checkType":true,"externalConfigId":"s","externalConfigOperator":"ALL","externalConfigValues":[["a"],["c","北京"]],"userParam":{"audid":"u","a":"2"}}"#,
    r#"{"userParam":{"audid":"\u4e2d\ud83d\ude00","a":"b\n"},"authParams":[{"englishName":"a","paramType":"text","values":"b\n"},{}],"checkType":1,"externalConfigId":12}"#,
    r#"{"userParam":{"audid":1},"authParams":[]}"#,
    r#"{"authParams":null,"userParam":{"audid":"x","a1":1,"a2":2,"a3":3,"a4":4,"a5":5,"a6":6,"a7":7,"a8":8,"a9":9}}"#,
];

const SETTING: &str = r#"{"userId":"u","settingData":[{"name":"a","value":"2"},{"name":"q","value":"x"}],"externalConfigOperator":"IN"}"#;

const USERS: [&str; 3] = ["{}", r#"{"a":5,"n":"x","12":1,"c":["北京"]}"#, r#"{"a":"b\n","q":"x","n":null}"#];

fn traces(check: &Check<'_>) -> Vec<Trace> {
    let users = USERS.map(|user| Attributes::parse(user.as_bytes()).unwrap());
    let trace = |user: &Attributes<'_>| {
        let trace = check.explain(user);
        assert_eq!(check.decide(user).is_allowed(), trace.allowed);
        assert_eq!(check.decide_while(user, || true), Some(check.decide(user)));
        trace
    };
    users.iter().map(trace).collect()
}

/// Both ways come to the same, errors too. Says whether the body is decidable.
fn same_both_ways(programs: &Programs, body: &[u8]) -> bool {
    let setting = Setting::parse(SETTING.as_bytes()).unwrap();
    let (prepared, request) = match (programs.prepare(body), CheckRequest::parse(body)) {
        (Ok(prepared), Ok(request)) => (prepared, request),
        (Err(ours), Err(theirs)) => {
            assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
            return false;
        }
        (Ok(_), Err(error)) => {
            panic!("only the whole is refused: {error:?} {}", String::from_utf8_lossy(body))
        }
        (Err(error), Ok(_)) => {
            panic!("only the hasty is refused: {error:?} {}", String::from_utf8_lossy(body))
        }
    };
    assert_eq!(prepared.setting_id(), request.setting_id());
    for setting in [None, Some(&setting)] {
        let (one, other) = (prepared.check(setting), Check::new(&request, setting));
        assert_eq!(one.names().collect::<Vec<_>>(), other.names().collect::<Vec<_>>());
        assert_eq!(traces(&one), traces(&other));
        for user in USERS {
            let user = Attributes::parse(user.as_bytes()).unwrap();
            assert_eq!(one.decide(&user), other.decide(&user));
        }
    }
    let (one, other) = (prepared.user(), request.user());
    assert_eq!(one.audid(), other.audid());
    for (name, value) in other.members().iter() {
        assert_eq!(one.member(name), Some(value), "{name}");
    }
    assert_eq!(one.members(), other.members());
    for id in ["n", "12", "a", "audid", ""] {
        assert_eq!(one.custom_field(id), other.custom_field(id), "{id}");
    }
    assert_eq!(one.identitys().count(), other.identitys().count());
    true
}

fn mutate(seed: &str, edits: &[(prop::sample::Index, u8, u8)]) -> Vec<u8> {
    let mut bytes = seed.as_bytes().to_vec();
    for (place, kind, byte) in edits {
        let at = place.index(bytes.len().max(1)).min(bytes.len());
        match kind % 4 {
            0 => bytes.insert(at, *byte),
            1 if at < bytes.len() => bytes[at] = *byte,
            2 if at < bytes.len() => drop(bytes.remove(at)),
            _ => {
                // A piece of it once more: members and elements doubled.
                let end = (at + usize::from(*byte)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

/// Bytes that mean something to a JSON reader, mostly.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![9 => prop::sample::select(b"{}[]\",:\\u09deEfDd+-. \n\ttrn8\xed\xa0\x00".to_vec()), 1 => any::<u8>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_bodies_come_to_the_same(
        seed in prop::sample::select(BODIES.to_vec()),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), byte()), 0..4),
    ) {
        let programs = Programs::new(64);
        let body = mutate(seed, &edits);
        // Nothing is known, the original's programs are known, the body's own are.
        same_both_ways(&programs, &body);
        for known in BODIES {
            assert!(programs.prepare(known.as_bytes()).is_ok());
        }
        same_both_ways(&programs, &body);
        assert!(same_both_ways(&programs, seed.as_bytes()));
    }
}

fn body(conditions: &str) -> String {
    format!(r#"{{"authParams":{conditions},"userParam":{{"audid":1}}}}"#)
}

fn condition(value: usize) -> String {
    format!(r#"[{{"englishName":"a","paramType":"number","values":{value}}}]"#)
}

fn holds(programs: &Programs, body: &str, value: usize) -> bool {
    let user = Attributes::parse(format!(r#"{{"a":{value}}}"#).as_bytes()).unwrap().into_owned();
    programs.prepare(body.as_bytes()).unwrap().check(None).decide(&user).is_allowed()
}

#[track_caller]
fn counters(programs: &Programs, hits: u64, misses: u64, entries: u64) {
    let now = programs.counters();
    assert_eq!((now.hits, now.misses, now.entries), (hits, misses, entries));
}

#[test]
fn a_program_is_compiled_once() {
    let programs = Programs::new(8);
    for round in 0..5 {
        assert!(holds(&programs, &body(&condition(7)), 7));
        counters(&programs, round, 1, 1);
    }
    // Another place in the body, blanks around it: the same bytes. Blanks within: other bytes.
    let elsewhere = format!(r#"{{"userParam":{{"audid":2}} , "auth\u0050arams": {} }}"#, condition(7));
    assert!(holds(&programs, &elsewhere, 7));
    counters(&programs, 5, 1, 1);
    assert!(holds(&programs, &body(&condition(7).replace(':', ": ")), 7));
    counters(&programs, 5, 2, 2);
    // Neither lists nor their refusals are counted where there is nothing to compile.
    for none in ["null", "[]", "[ ]"] {
        assert!(programs.prepare(body(none).as_bytes()).is_ok());
    }
    let refused = programs.prepare(br#"{"userParam":{"audid":1},"authParams":[7]}"#);
    assert!(matches!(refused, Err(Undecidable::ConditionsUnreadable)));
    counters(&programs, 5, 2, 2);
}

#[test]
fn values_that_begin_alike_are_told_apart() {
    let programs = Programs::new(1000);
    for value in (0..200).chain(0..200).rev() {
        assert!(holds(&programs, &body(&condition(value)), value));
        assert!(!holds(&programs, &body(&condition(value)), value + 1));
    }
    counters(&programs, 600, 200, 200);
    // What follows a known list is still read.
    let known = condition(5);
    for bad in [format!("{known}]"), format!("{known}1"), format!("{known}{known}"), known.replace(']', "")] {
        assert!(matches!(programs.prepare(body(&bad).as_bytes()), Err(Undecidable::Unreadable(_))), "{bad}");
    }
}

#[test]
fn the_cache_is_bounded_and_keeps_what_is_asked_for() {
    let programs = Programs::new(16);
    for value in 0..1000 {
        assert!(holds(&programs, &body(&condition(value)), value));
        // One that is asked for between others stays.
        assert!(holds(&programs, &body(&condition(3)), 3) || value < 3);
        assert!(programs.counters().entries <= 16);
    }
    let misses = programs.counters().misses;
    assert_eq!(misses, 1000, "the one that is asked for is compiled once");

    let none = Programs::new(0);
    assert!(holds(&none, &body(&condition(1)), 1) && holds(&none, &body(&condition(1)), 1));
    counters(&none, 0, 2, 0);

    let small = Programs::new(1000).bytes(1000);
    for value in 0..100 {
        assert!(holds(&small, &body(&condition(value)), value));
    }
    assert!((10..20).contains(&small.counters().entries), "{:?}", small.counters());
    let long =
        format!("[{{\"englishName\":\"a\",\"paramType\":\"number\",\"values\":[7{}]}}]", ",7".repeat(200));
    assert!(holds(&small, &body(&long), 7) && holds(&small, &body(&long), 7));
    assert_eq!(small.counters().misses, 102, "one list does not take a quarter of the room");

    // Conditions of two letters take as much memory as others.
    let short = Programs::new(1000).bytes(100_000);
    let empty = body(&format!("[{}{{}}]", "{},".repeat(8000)));
    assert!(empty.len() < 100_000 / 4);
    for _ in 0..2 {
        assert!(
            !short.prepare(empty.as_bytes()).unwrap().check(None).decide(&Attributes::default()).is_allowed()
        );
    }
    counters(&short, 0, 2, 0);
}

#[test]
fn threads_share_programs() {
    let programs = Programs::new(4);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let programs = &programs;
            scope.spawn(move || {
                for round in 0..200 {
                    let value = (round * 7 + thread) % 10;
                    assert!(holds(programs, &body(&condition(value)), value));
                }
            });
        }
    });
    let now = programs.counters();
    assert_eq!(now.hits + now.misses, 800);
    assert!(now.entries <= 4);
}
