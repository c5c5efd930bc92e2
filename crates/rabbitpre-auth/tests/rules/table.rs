//! The table of SPEC.md §4: types, their operators and defaults; §4.10 Types and operators, area; §4.7.

use rabbitpre_auth::{Attributes, Operator, ParamType, Reason, Value};

use crate::ways::{every_way, saved_in_every_way};
use crate::{check, entry, fails, holds, reason, unreadable};

/// RP-7: absent, null and empty are the type's default.
#[test]
fn table_default_operators() {
    let default = |param_type: &str, operator: &str, values: &str, inside: &str, outside: &str| {
        for absent in ["", r#""operator":null,"#, r#""operator":"","#] {
            let members = format!(r#""paramType":"{param_type}",{absent}"values":{values}"#);
            let saved = format!(r#"{{"name":"a","type":"{param_type}",{absent}"value":{values}}}"#);
            for (had, expected) in [(inside, Reason::Holds), (outside, Reason::NotSatisfied)] {
                let entry = entry(&members, had);
                assert_eq!(
                    (entry.reason, entry.operator.as_deref()),
                    (expected, Some(operator)),
                    "{members}"
                );
                assert_eq!(saved_in_every_way(&saved, had), entry);
            }
        }
    };
    default("text", "EQ", r#""x""#, r#""x""#, r#""y""#);
    default("number", "EQ", "5", "5", "6");
    default("checkbox", "EQ", r#""x""#, r#""x""#, r#""y""#);
    default("select", "IN", r#"["x","y"]"#, r#"["y","z"]"#, r#"["z"]"#);
    default("area", "BETWEEN", "[1,5]", "3", "6");
    default("cascader", "IN", r#"["x","y"]"#, r#""y""#, r#""z""#);
    default("dateTimeRange", "BETWEEN", "[1,5]", "3", "6");
}

#[test]
fn table_operators_that_apply_and_that_do_not() {
    for param_type in ParamType::ALL {
        for operator in Operator::EVERY {
            let values = if operator == Operator::Between { "[1,2]" } else { "[1]" };
            let reason = reason(
                &format!(
                    r#""paramType":"{}","operator":"{}","values":{values}"#,
                    param_type.as_str(),
                    operator.as_str()
                ),
                "1",
            );
            let applies = param_type.operators().contains(&operator);
            assert_eq!(reason != Reason::OperatorNotForType, applies, "{param_type:?} {operator:?}");
        }
    }
    for (param_type, operators) in [
        ("text", "EQ NEQ IN ALL"),
        ("number", "EQ NEQ GT GTEQ LT LTEQ BETWEEN IN"),
        ("checkbox", "EQ NEQ IN"),
        ("select", "EQ NEQ IN ALL"),
        ("area", "BETWEEN GT GTEQ LT LTEQ"),
        ("cascader", "EQ NEQ IN ALL"),
        ("dateTimeRange", "BETWEEN"),
    ] {
        let known = ParamType::parse(param_type).unwrap().operators();
        assert_eq!(known.iter().map(|operator| operator.as_str()).collect::<Vec<_>>().join(" "), operators);
    }
}

#[test]
fn rule_7_a_missing_or_null_attribute_denies_every_operator_of_every_type() {
    for param_type in ParamType::ALL {
        for operator in param_type.operators() {
            let values = if *operator == Operator::Between { "[1,2]" } else { "1" };
            // An empty list is missing too, and what is not there for NEQ as for all others.
            for had in ["-", "null", "[]"] {
                check(param_type.as_str(), operator.as_str(), values, had, Reason::MissingAttribute);
            }
        }
    }
}

#[test]
fn rule_7_an_object_cannot_be_read() {
    for param_type in ParamType::ALL {
        for operator in param_type.operators() {
            let values = if *operator == Operator::Between { "[1,2]" } else { "1" };
            for object in ["{}", r#"{"value":1}"#, r#"[{"value":1}]"#] {
                unreadable(param_type.as_str(), operator.as_str(), values, object);
            }
        }
    }
}

#[test]
fn types_and_operators_are_read_without_regard_to_case() {
    holds("TEXT", "eq", r#""x""#, r#""x""#);
    holds("datetimerange", "between", "[1,2]", "1");
    holds("Cascader", "In", r#""x""#, r#""x""#);
    for unknown in ["", "texts", " text", "ｔext", "boolean", "\u{17f}elect", "chec\u{212a}box"] {
        check(unknown, "EQ", r#""x""#, r#""x""#, Reason::UnknownType);
    }
    for unknown in [" EQ", "=", "LIKE", "BETWEEN ", "ＥＱ"] {
        check("text", unknown, r#""x""#, r#""x""#, Reason::UnknownOperator);
    }
}

#[test]
fn an_absent_type_and_an_operator_that_is_no_text_are_unknown() {
    for members in [r#""values":"x""#, r#""paramType":null,"values":"x""#, r#""paramType":1,"values":"x""#] {
        assert_eq!(reason(members, r#""x""#), Reason::UnknownType, "{members}");
    }
    for operator in ["1", "true", "[]", "{}", r#"["EQ"]"#] {
        let members = format!(r#""paramType":"text","operator":{operator},"values":"x""#);
        assert_eq!(reason(&members, r#""x""#), Reason::UnknownOperator, "{members}");
    }
}

#[test]
fn a_condition_without_a_name_does_not_hold() {
    for name in [
        "",
        r#""englishName":"","#,
        r#""englishName":null,"#,
        r#""englishName":["a"],"#,
        r#""englishName":true,"#,
    ] {
        let body = format!(
            r#"{{"userParam":{{"audid":1}},"authParams":[{{{name}"chineseName":"a","paramType":"text","values":"x"}}]}}"#
        );
        let user = Attributes::parse(br#"{"":"x","a":"x","true":"x"}"#).unwrap();
        let trace = every_way(body.as_bytes(), &user, None).unwrap();
        assert_eq!((trace.allowed, trace.entries[0].reason), (false, Reason::NoName), "{name}");
        // Nothing is looked up, not even under the empty name.
        assert_eq!(trace.entries[0].had, Value::Null, "{name}");
        let saved = format!(r#"{{{}"value":"x"}}"#, name.replace("englishName", "name"));
        assert_eq!(saved_in_every_way(&saved, r#""x""#).reason, Reason::NoName, "{name}");
    }
}

#[test]
fn rule_7_the_reason_says_which_doubt_it_is() {
    for (members, had, code) in [
        (r#""paramType":"text","operator":"EQ","values":"x""#, "-", "missing-attribute"),
        (r#""paramType":"number","operator":"EQ","values":"1""#, r#""x""#, "unreadable-attribute"),
        (r#""paramType":"number","operator":"ALL","values":"1""#, "1", "operator-not-for-type"),
        (r#""paramType":"numeral","operator":"EQ","values":"1""#, "1", "unknown-type"),
        (r#""paramType":"number","operator":"IS","values":"1""#, "1", "unknown-operator"),
        (r#""paramType":"number","operator":"EQ","values":[]"#, "1", "empty-values"),
        (r#""paramType":"number","operator":"GT","values":[1,2]"#, "3", "wrong-number-of-values"),
        (r#""paramType":"number","operator":"GT","values":"x""#, "3", "unreadable-values"),
        (r#""paramType":"area","operator":"BETWEEN","values":[2,1]"#, "1", "empty-range"),
        (r#""paramType":"area","operator":"BETWEEN","values":[1,2]"#, "3", "not-satisfied"),
        (r#""paramType":"area","operator":"BETWEEN","values":[1,2]"#, "2", "holds"),
    ] {
        assert_eq!(reason(members, had).code(), code, "{members}");
    }
}

/// SPEC.md §4.10 area.
#[test]
fn area_knows_between_and_the_order_operators_only() {
    holds("area", "BETWEEN", "[1,5]", "5");
    holds("area", "GT", "1", "5");
    holds("area", "GTEQ", "5", "5");
    holds("area", "LT", "9", "5");
    holds("area", "LTEQ", "5", "5");
    fails("area", "LTEQ", "4", "5");
    for operator in ["EQ", "NEQ", "IN", "ALL"] {
        check("area", operator, "5", "5", Reason::OperatorNotForType);
        check("area", operator, "[1,5]", "5", Reason::OperatorNotForType);
    }
}

/// What is wrong with the condition is said before what is wrong with the user.
#[test]
fn a_condition_that_is_invalid_says_so_whatever_the_user_has() {
    for had in ["-", "null", "{}", "1"] {
        check("number", "GT", "[1,2]", had, Reason::WrongNumberOfValues);
        check("number", "ALL", "1", had, Reason::OperatorNotForType);
        check("text", "LIKE", "1", had, Reason::UnknownOperator);
        check("texts", "EQ", "1", had, Reason::UnknownType);
    }
}
