//! Lists, and what is empty: SPEC.md §4.10 Lists.

use rabbitpre_auth::Reason;

use crate::{check, fails, holds, invalid, reason, unreadable};

#[test]
fn lists_of_the_user_ignore_what_cannot_be_read() {
    holds("select", "IN", r#""x""#, r#"[null,["x"],{},"x"]"#);
    fails("select", "IN", r#""x""#, r#"[null,["x"],{},"y"]"#);
    holds("number", "EQ", "1", r#"["x",null,true,[1],1]"#);
    fails("number", "EQ", "1", r#"["x",null,true,[1],2]"#);
    for nothing in ["[null]", r#"[["x"]]"#, "[{}]"] {
        unreadable("select", "IN", r#""x""#, nothing);
        unreadable("select", "NEQ", r#""x""#, nothing);
        unreadable("select", "ALL", r#""x""#, nothing);
    }
    check("select", "NEQ", r#""x""#, "[]", Reason::MissingAttribute);
    check("cascader", "NEQ", r#""x""#, "[]", Reason::MissingAttribute);
}

#[test]
fn configured_lists_with_an_unreadable_element_never_hold() {
    for bad in [r#"["x",null]"#, r#"["x",["y"]]"#, r#"["x",{}]"#, "{}", r#"["x",1e101]"#] {
        for operator in ["EQ", "IN", "NEQ"] {
            invalid("text", operator, bad, r#""x""#);
            invalid("select", operator, bad, r#""x""#);
            invalid("checkbox", operator, bad, r#""x""#);
        }
    }
    for bad in [r#"[1,null]"#, r#"[1,"x"]"#, "[1,[2]]", "[1,true]", r#"[1,""]"#] {
        invalid("number", "IN", bad, "1");
        invalid("area", "BETWEEN", bad, "1");
        invalid("dateTimeRange", "BETWEEN", bad, "1");
    }
}

#[test]
fn an_empty_text_alone_is_empty_values_and_within_a_list_a_text() {
    for param_type in ["text", "checkbox", "select", "number", "cascader"] {
        for empty in [r#""""#, "[]", "null"] {
            check(param_type, "EQ", empty, r#""""#, Reason::EmptyValues);
            check(param_type, "NEQ", empty, r#""x""#, Reason::EmptyValues);
        }
    }
    for param_type in ["area", "dateTimeRange"] {
        check(param_type, "BETWEEN", "[]", "1", Reason::EmptyValues);
        check(param_type, "BETWEEN", r#""""#, "1", Reason::EmptyValues);
    }
    holds("text", "EQ", r#"[""]"#, r#""""#);
    holds("select", "IN", r#"["","x"]"#, r#"[""]"#);
    fails("text", "EQ", r#"[""]"#, r#"" ""#);
    holds("text", "NEQ", r#""x""#, r#""""#);
    assert_eq!(reason(r#""paramType":"text""#, r#""x""#), Reason::EmptyValues);
}

#[test]
fn lists_of_nothing_readable_are_unreadable_for_every_type() {
    for (param_type, operator, values) in [
        ("text", "NEQ", "1"),
        ("checkbox", "NEQ", "1"),
        ("select", "NEQ", "1"),
        ("number", "NEQ", "1"),
        ("area", "GT", "1"),
        ("dateTimeRange", "BETWEEN", "[1,2]"),
    ] {
        for nothing in ["[null]", "[null,null]", "[[1]]", "[[]]", "[{}]", r#"[null,[1],{"a":1},1e101]"#] {
            unreadable(param_type, operator, values, nothing);
        }
        // One that can be read is enough.
        let reason = reason(
            &format!(r#""paramType":"{param_type}","operator":"{operator}","values":{values}"#),
            "[null,[1],{},1e101,2]",
        );
        assert_eq!(reason, Reason::Holds, "{param_type}");
    }
}

#[test]
fn lists_within_lists_are_invalid_and_unreadable_outside_cascader() {
    for (param_type, operator) in [("text", "IN"), ("checkbox", "IN"), ("select", "ALL"), ("number", "EQ")] {
        invalid(param_type, operator, "[[1]]", "1");
        invalid(param_type, operator, "[1,[2]]", "1");
        invalid(param_type, operator, "[1,[]]", "1");
        unreadable(param_type, operator, "1", "[[1]]");
        holds(param_type, operator, "1", "[[2],1]");
        fails(param_type, operator, "1", "[[1],2]");
    }
    for param_type in ["area", "dateTimeRange"] {
        invalid(param_type, "BETWEEN", "[[1,2]]", "1");
        invalid(param_type, "BETWEEN", "[[1],2]", "1");
        unreadable(param_type, "BETWEEN", "[1,2]", "[[1]]");
    }
    holds("cascader", "IN", "[[1]]", "[[1]]");
}

#[test]
fn a_lone_scalar_is_a_list_of_one() {
    for param_type in ["text", "number", "checkbox", "select", "cascader"] {
        for (values, had) in [("1", "1"), ("[1]", "1"), ("1", "[1]"), ("[1]", "[1]")] {
            holds(param_type, "EQ", values, had);
            holds(param_type, "IN", values, had);
            fails(param_type, "NEQ", values, had);
        }
    }
}

#[test]
fn an_empty_text_of_the_users_is_a_text_and_no_number() {
    for param_type in ["text", "checkbox", "select"] {
        holds(param_type, "NEQ", r#""x""#, r#""""#);
        fails(param_type, "EQ", r#""x""#, r#""""#);
        holds(param_type, "EQ", r#"["","x"]"#, r#""""#);
    }
    for param_type in ["number", "area"] {
        unreadable(param_type, "GT", "1", r#""""#);
        invalid(param_type, "GT", r#"[""]"#, "1");
    }
    unreadable("dateTimeRange", "BETWEEN", "[1,2]", r#""""#);
    unreadable("cascader", "NEQ", r#""x""#, r#""""#);
    invalid("cascader", "NEQ", r#"[""]"#, r#""x""#);
}
