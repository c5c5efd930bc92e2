//! The reader against `serde_json`, and the limits of SPEC.md §4.10.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use proptest::prelude::*;
use rabbitpre_auth::{MAX_BODY, MAX_DEPTH, Object, ReadError, Value, read};

#[track_caller]
fn refused(json: &[u8], expected: fn(&ReadError) -> bool) {
    let error = read(json).unwrap_err();
    assert!(expected(&error), "{error:?}");
}

fn not_json(error: &ReadError) -> bool {
    matches!(error, ReadError::NotJson { .. })
}

fn lone(error: &ReadError) -> bool {
    matches!(error, ReadError::LoneSurrogate { .. })
}

fn doubled(error: &ReadError) -> bool {
    matches!(error, ReadError::DoubledMember { .. })
}

#[track_caller]
fn writes_back(json: &str) {
    assert_eq!(serde_json::to_string(&read(json.as_bytes()).unwrap()).unwrap(), json);
}

#[test]
fn debug_shows_the_shape_alone() {
    for (json, expected) in [
        ("null", "Null"),
        ("true", "Bool(..)"),
        ("12.5", "Number(..)"),
        ("\"x\"", "Text(..)"),
        ("[1,\"x\"]", "List(2 elements)"),
        ("{\"a\":1}", "Object(1 members)"),
    ] {
        assert_eq!(format!("{:?}", read(json.as_bytes()).unwrap()), expected);
    }
    let Value::Number(number) = read(b"12.5").unwrap() else { panic!("it is a number") };
    assert_eq!(format!("{number:?}"), "Number(..)");
}

#[test]
fn what_is_read_is_written_back() {
    for json in [
        "null",
        "true",
        "false",
        "0",
        "-0.0e+00",
        "9007199254740993",
        "1e999",
        "123456789012345678901234567890.10",
        r#""""#,
        r#""中文 \" \\ \n \u0000 😀""#,
        "[]",
        "{}",
        r#"[1,"a",[null,{}],{"b":{"a":[]},"a":1}]"#,
    ] {
        writes_back(json);
    }
}

#[test]
fn escapes_are_resolved() {
    let text = r#""\"\\\/\b\f\n\r\t\u4e2d\uD83D\uDE00\u00e9""#;
    assert_eq!(read(text.as_bytes()).unwrap().as_text(), Some("\"\\/\u{8}\u{c}\n\r\t中😀é"));
}

#[test]
fn what_is_not_json_is_refused() {
    for bad in [
        "",
        " ",
        "nul",
        "nulL",
        "tru",
        "True",
        "01",
        "-",
        "+1",
        ".5",
        "5.",
        "1e",
        "1e+",
        "0x1",
        "NaN",
        "'a'",
        "\"a",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u12\"",
        "\"a\u{1}\"",
        "\"\n\"",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[",
        "]",
        "{",
        "{]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "{\"a\" 1}",
        "1 2",
        "{} {}",
        "// c\n1",
        "\u{feff}1",
        "\u{a0}1",
        "1\u{b}",
        "\"\\",
    ] {
        refused(bad.as_bytes(), not_json);
    }
    refused(b"\"\xff\"", not_json);
    refused(b"\"\xed\xa0\x80\"", not_json);
}

#[test]
fn lone_surrogates_are_refused() {
    for bad in [
        r#""\ud83d""#,
        r#""\ude00""#,
        r#""\ud83dx""#,
        r#""\ud83d\n""#,
        r#""\ud83d\ud83d""#,
        r#""\ude00\ud83d""#,
        r#"{"\ud83d":1}"#,
    ] {
        refused(bad.as_bytes(), lone);
    }
}

#[test]
fn doubled_members_are_refused() {
    refused(br#"{"a":1,"b":2,"a":1}"#, doubled);
    refused(br#"{"a":1,"\u0061":1}"#, doubled);
    refused(br#"[{"x":{"a":1,"a":null}}]"#, doubled);
    let many = |last: &str| {
        let members: Vec<_> = (0..100).map(|n| format!("\"k{n}\":{n}")).collect();
        format!("{{{},\"{last}\":0}}", members.join(","))
    };
    refused(many("k50").as_bytes(), doubled);
    let wide = many("K50");
    let wide = read(wide.as_bytes()).unwrap();
    let wide = wide.as_object().unwrap();
    assert_eq!(wide.get("k50"), Some(&50.into()));
    assert_eq!(wide.get("K50"), Some(&0.into()));
    assert_eq!(wide.get("k100"), None);
    assert!(read(br#"{"a":{"a":1},"A":2}"#).is_ok());
}

#[test]
fn depth_and_size_are_limited() {
    let nested = |open: &str, close: &str, depth: usize| open.repeat(depth) + "1" + &close.repeat(depth);
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        assert!(read(nested(open, close, MAX_DEPTH).as_bytes()).is_ok());
        refused(nested(open, close, MAX_DEPTH + 1).as_bytes(), |e| matches!(e, ReadError::TooDeep { .. }));
    }
    // Side by side is not deep.
    assert!(read(format!("[{}[]]", "[],".repeat(1000)).as_bytes()).is_ok());
    assert!(
        read(" ".repeat(MAX_BODY - 1).as_bytes().iter().chain(b"1").copied().collect::<Vec<_>>().as_slice())
            .is_ok()
    );
    refused(&vec![b'['; MAX_BODY], |e| matches!(e, ReadError::TooDeep { .. }));
    refused(&vec![b' '; MAX_BODY + 1], |e| matches!(e, ReadError::TooLarge));
}

#[test]
fn of_collected_members_the_first_of_a_name_stays() {
    let object: Object<'_> =
        [("b", 1), ("a", 2), ("b", 3)].map(|(name, n)| (name, Value::from(n))).into_iter().collect();
    assert_eq!((object.len(), object.get("b"), object.get("a")), (2, Some(&1.into()), Some(&2.into())));
}

/// What `serde_json` reads we read, but for what SPEC.md §4.10 refuses; and to the same value.
fn agrees_with_serde_json(bytes: &[u8]) {
    let theirs = serde_json::from_slice::<serde_json::Value>(bytes);
    match (read(bytes), theirs) {
        (Ok(ours), Ok(theirs)) => {
            let written = serde_json::to_string(&ours).unwrap();
            assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap(), theirs);
        }
        (Err(ReadError::DoubledMember { .. } | ReadError::TooDeep { .. }), _) | (Err(_), Err(_)) => {}
        // Numbers keep their digits, so they need not fit a float.
        (Ok(_), Err(error)) => assert!(error.to_string().contains("number out of range"), "{error}"),
        (Err(error), Ok(_)) => panic!("{error} but serde_json reads {bytes:?}"),
    }
}

fn mutate(seed: &str, edits: &[(prop::sample::Index, u8, u8)]) -> Vec<u8> {
    let mut bytes = seed.as_bytes().to_vec();
    for (place, kind, byte) in edits {
        let at = place.index(bytes.len().max(1)).min(bytes.len());
        match kind % 3 {
            0 => bytes.insert(at, *byte),
            1 if at < bytes.len() => bytes[at] = *byte,
            _ if at < bytes.len() => drop(bytes.remove(at)),
            _ => {}
        }
    }
    bytes
}

const SEEDS: [&str; 6] = [
    r#"{"userParam":{"audid":9007199254740993,"sex":"1"},"authParams":[{"values":[1,-2.50e-3,"中"],"operator":null}]}"#,
    r#"["\ud83d\ude00","\u4e2d\n\"\\\/",true,false,null,{},[],0,-0.0,1E+2]"#,
    r#"{"a":{"b":{"c":[[[]]]}},"d":"\uD83D\uDE00x"}"#,
    "[1.0e10 , -1 , 0.5e-7]",
    r#""\udbff\udfff""#,
    "{ \"k\" : [ ] ,\t\"l\" : \"\\u0000\" }\r\n",
];

/// Bytes that mean something to a JSON reader, mostly.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![9 => prop::sample::select(b"{}[]\",:\\u09deEfDd+-. \n\ttrn8\xed\xa0\x00".to_vec()), 1 => any::<u8>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_bodies_are_read_as_serde_json_reads_them(
        seed in prop::sample::select(SEEDS.to_vec()),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), byte()), 0..4),
    ) {
        agrees_with_serde_json(&mutate(seed, &edits));
    }

    #[test]
    fn any_bytes_are_read_as_serde_json_reads_them(bytes in prop::collection::vec(byte(), 0..24)) {
        agrees_with_serde_json(&bytes);
    }
}
