//! What counts as having an attribute: SPEC.md §4.8, §4.10 One-node external value.

use crate::decided;
use crate::external::{S, external, setting};

#[test]
fn external_a_one_node_value_wants_an_attribute_with_content() {
    let holds = |had: &str| {
        let line = external(&format!(r#"{S},"externalConfigValues":["v"]"#), &setting(&["a"], ""));
        decided(&line.replace(r#""zero":0"#, &format!(r#""v":{had}"#))).allowed
    };
    for none in [
        "null",
        "false",
        "0",
        "0.0",
        "-0",
        "0e5",
        r#""""#,
        r#""  ""#,
        r#""\t\n""#,
        r#""0""#,
        r#"" 0 ""#,
        r#""0.00""#,
        r#""-0""#,
        r#""+0e9""#,
        r#""false""#,
        r#""FALSE""#,
        r#"" False ""#,
        "\"\u{3000}\"",
        "\"\u{3000}0\u{a0}\"",
        "[]",
        "{}",
        "[0]",
        r#"[null,"",[],{},[0,"false"]]"#,
        // A number that cannot be read is doubt.
        "1e101",
        "0e101",
        "[1e101]",
    ] {
        assert!(!holds(none), "{none}");
    }
    for some in [
        "true",
        "1",
        "-1",
        "0.1",
        r#""x""#,
        r#""no""#,
        r#""1""#,
        r#""0x""#,
        r#""null""#,
        // A text that reads as no number is a text.
        r#""0e101""#,
        r#""1e101""#,
        r#""0.""#,
        "\"０\"",
        "[1]",
        r#"[0,"x"]"#,
        r#"{"a":0}"#,
    ] {
        assert!(holds(some), "{some}");
    }
}
