//! Text, and what is read as text: SPEC.md §4.5, §4.6, §4.10 Canonical decimal.

use crate::{fails, holds, invalid, unreadable};

#[test]
fn rule_5_text_compares_by_code_point() {
    fails("text", "EQ", r#""Abc""#, r#""abc""#);
    fails("text", "EQ", r#""a""#, r#""a ""#);
    fails("text", "EQ", "\"\u{e9}\"", "\"e\u{301}\"");
    holds("text", "EQ", r#""\u4e2d""#, r#""中""#);
}

#[test]
fn rule_6_numbers_are_text_in_canonical_form() {
    for param_type in ["text", "checkbox", "select"] {
        holds(param_type, "EQ", r#""1""#, "1");
        holds(param_type, "EQ", r#""1""#, "1.0");
        holds(param_type, "EQ", r#""1.5""#, "15e-1");
        holds(param_type, "EQ", r#""0""#, "-0");
        holds(param_type, "EQ", r#""-1000""#, "-1e3");
        holds(param_type, "EQ", "1.50", r#""1.5""#);
        holds(param_type, "EQ", "1e0", "1");
        fails(param_type, "EQ", r#""1.0""#, "1");
        fails(param_type, "EQ", r#""01""#, "1");
        fails(param_type, "EQ", "1", r#""1.0""#);
        // true and false are those words
        holds(param_type, "EQ", "true", r#""true""#);
        holds(param_type, "EQ", r#""false""#, "false");
        fails(param_type, "EQ", "true", r#""TRUE""#);
        fails(param_type, "EQ", "true", "1");
    }
}

#[test]
fn rule_6_numbers_are_text_for_every_operator() {
    for param_type in ["text", "select"] {
        holds(param_type, "IN", r#"["1","2"]"#, "2.0");
        fails(param_type, "IN", r#"["1","2.0"]"#, "2.0");
        holds(param_type, "NEQ", r#""2.0""#, "2.0");
        fails(param_type, "NEQ", r#""2""#, "2.0");
        holds(param_type, "ALL", r#"["1","2"]"#, "[1e0,2.0]");
        fails(param_type, "ALL", r#"["1","2.0"]"#, "[1e0,2.0]");
        // Both are numbers: both are read by their canonical form.
        holds(param_type, "ALL", "[1,2.50]", "[2.5,1.0]");
    }
}

/// SPEC.md §4.10 Canonical decimal: a configured number is read by it.
#[test]
fn configured_numbers_are_canonical_text() {
    for param_type in ["text", "checkbox", "select"] {
        for (configured, canonical) in [
            ("1e3", "1000"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("0e5", "0"),
            ("1.500", "1.5"),
            ("100", "100"),
            ("12e-1", "1.2"),
            ("9007199254740993", "9007199254740993"),
            ("9007199254740993.10", "9007199254740993.1"),
            ("1E+2", "100"),
        ] {
            holds(param_type, "EQ", configured, &format!("\"{canonical}\""));
            holds(param_type, "EQ", &format!("\"{canonical}\""), configured);
            holds(param_type, "IN", &format!("[{configured}]"), configured);
            if configured != canonical {
                fails(param_type, "EQ", configured, &format!("\"{configured}\""));
                fails(param_type, "EQ", &format!("\"{configured}\""), configured);
            }
        }
    }
}

#[test]
fn true_and_false_are_those_words() {
    for param_type in ["text", "checkbox", "select", "cascader"] {
        for (word, other) in [("true", "false"), ("false", "true")] {
            holds(param_type, "EQ", word, word);
            holds(param_type, "EQ", word, &format!("\"{word}\""));
            holds(param_type, "EQ", &format!("\"{word}\""), word);
            fails(param_type, "EQ", word, other);
            fails(param_type, "EQ", word, &format!("\"{}\"", word.to_uppercase()));
            fails(param_type, "EQ", word, if word == "true" { "1" } else { "0" });
        }
    }
    for param_type in ["number", "area"] {
        invalid(param_type, "GT", "true", "2");
        unreadable(param_type, "GT", "1", "true");
    }
}

#[test]
fn rule_5_text_is_not_normalised() {
    for (configured, had) in
        [("a", "A"), ("a", " a"), ("a", "a\\n"), ("ａ", "a"), ("臺", "台"), ("ß", "ss"), ("1", "1 ")]
    {
        for param_type in ["text", "checkbox", "select", "cascader"] {
            fails(param_type, "EQ", &format!("\"{configured}\""), &format!("\"{had}\""));
            holds(param_type, "NEQ", &format!("\"{configured}\""), &format!("\"{had}\""));
        }
    }
    holds("text", "EQ", r#""\ud83d\ude00""#, "\"😀\"");
    holds("text", "EQ", r#""a\u0000""#, r#""a\u0000""#);
}
