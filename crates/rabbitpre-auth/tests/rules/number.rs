//! Numbers: SPEC.md §4.5, §4.10 Numeric text, Canonical decimal.

use rabbitpre_auth::Reason;

use crate::{check, fails, holds, invalid, unreadable};

#[test]
fn rule_5_numbers_are_exact() {
    for written in ["222", r#""222""#, "222.0", "2.22e2", r#"" 222 ""#, r#""+222""#, r#""0222""#, "22200e-2"]
    {
        holds("number", "EQ", "222", written);
        holds("number", "EQ", written, "222");
    }
    fails("number", "EQ", "9007199254740993", "9007199254740992");
    holds("number", "EQ", "9007199254740993", r#""9007199254740993""#);
    fails("number", "EQ", "0.3", "0.30000000000000004");
    holds("number", "GT", "0.3", "0.30000000000000004");
    fails("number", "GTEQ", "9007199254740993", "9007199254740992");
    holds("number", "EQ", "0", "-0.0");
    holds("number", "LT", "-1", "-1.5");
    fails("number", "LT", "-1.5", "-1");
    holds("number", "GT", "-1", "0");
    holds("number", "LT", "1e-100", "0");
    holds("number", "GT", "1e-100", "1e100");
}

#[test]
fn numeric_text_is_ascii_digits() {
    for good in ["7", "007", "+7", "7.0", "7e0", "70E-1", "7e+0", " 7\t", "0.7e1", "7.000"] {
        holds("number", "EQ", "7", &format!("\"{}\"", good.replace('\t', "\\t")));
    }
    for bad in [
        ".5",
        "5.",
        "1,000",
        "５",
        "",
        " ",
        "+",
        "-",
        "e1",
        "7e",
        "7e+",
        "0x7",
        "7 7",
        "1_0",
        "--7",
        "NaN",
        "Infinity",
        "\u{a0}7",
        "\u{3000}7",
        "7.e1",
        "７",
    ] {
        unreadable("number", "NEQ", "1", &format!("\"{bad}\""));
        let expected = if bad.is_empty() { Reason::EmptyValues } else { Reason::UnreadableValues };
        check("number", "NEQ", &format!("\"{bad}\""), "1", expected);
    }
    unreadable("number", "NEQ", "1", "true");
    invalid("number", "NEQ", "true", "1");
    unreadable("number", "NEQ", "1", "{}");
    unreadable("area", "BETWEEN", "[0,9]", "\"x\"");
}

#[test]
fn numbers_have_at_most_100_digits_and_exponents_up_to_100() {
    let digits = |count: usize| "1".repeat(count);
    holds("number", "GT", "1", &digits(100));
    unreadable("number", "GT", "1", &digits(101));
    holds("number", "EQ", "1", &format!("1.{}", "0".repeat(99)));
    // Digits are counted as written.
    unreadable("number", "EQ", "1", &format!("1.{}", "0".repeat(100)));
    holds("number", "EQ", "1", &format!("\"{}1\"", "0".repeat(99)));
    unreadable("number", "EQ", "1", &format!("\"{}1\"", "0".repeat(100)));
    holds("number", "GT", "1", "1e100");
    holds("number", "GT", "1", r#""1e0100""#);
    unreadable("number", "GT", "1", "1e101");
    holds("number", "LT", "1", "1e-100");
    unreadable("number", "LT", "1", "1e-101");
    unreadable("number", "LT", "1", "0e999999999999999999999");
    invalid("number", "GT", "1e101", "1");
    invalid("text", "EQ", "1e101", "1");
    unreadable("text", "NEQ", "1", "1e101");
    unreadable("text", "NEQ", "1", &digits(101));
    // A text is a text, however long.
    holds("text", "NEQ", "1", &format!("\"{}\"", digits(101)));
    unreadable("cascader", "NEQ", "1", "1e101");
    invalid("cascader", "NEQ", "1e101", "1");
    unreadable("dateTimeRange", "BETWEEN", "[0,1]", "1e101");
    let long = digits(99) + ".5";
    holds("text", "EQ", &format!("\"{long}\""), &long);
    holds("text", "EQ", &format!("\"0.{}1\"", "0".repeat(99)), "1e-100");
    holds("text", "EQ", &format!("\"1{}\"", "0".repeat(100)), "1e100");
    holds("number", "EQ", &format!("1{}e-50", "0".repeat(50)), "1");
}

/// The user's and the configured, in every place where a number is read.
#[test]
fn numbers_beyond_the_limits_are_unreadable_wherever_they_are_read() {
    let long = "1".repeat(101);
    for beyond in ["1e101", "1e-101", "0e101", &long] {
        let text = format!("\"{beyond}\"");
        for (param_type, operator, values) in [
            ("number", "NEQ", "1"),
            ("number", "GT", "1"),
            ("number", "BETWEEN", "[0,1]"),
            ("area", "BETWEEN", "[0,1]"),
            ("area", "LT", "1"),
            ("dateTimeRange", "BETWEEN", "[0,1]"),
        ] {
            unreadable(param_type, operator, values, beyond);
            unreadable(param_type, operator, values, &text);
            let configured =
                |value: &str| if values.len() > 1 { format!("[0,{value}]") } else { value.to_owned() };
            invalid(param_type, operator, &configured(beyond), "1");
            invalid(param_type, operator, &configured(&text), "1");
        }
        for param_type in ["text", "checkbox", "select", "cascader"] {
            unreadable(param_type, "NEQ", "1", beyond);
            invalid(param_type, "NEQ", beyond, "1");
            // A text is a text.
            holds(param_type, "EQ", &text, &text);
        }
    }
}

#[test]
fn numbers_compare_whatever_their_size() {
    let nines = "9".repeat(100);
    for (small, large) in [
        ("-1e100", "-1e99"),
        ("-2", "-1"),
        ("-1e-100", "0"),
        ("0", "1e-100"),
        ("1e-100", "2e-100"),
        ("0.1", "0.10000000000000000000000000000000000001"),
        ("999999999999999999", "1000000000000000000"),
        ("9223372036854775807", "9223372036854775808"),
        ("18446744073709551615", "18446744073709551616"),
        ("123456789.000000001", "123456789.000000002"),
        (&nines, "1e100"),
    ] {
        holds("number", "LT", large, small);
        fails("number", "LT", small, large);
        holds("number", "GT", small, large);
        fails("number", "GT", large, small);
        fails("number", "LT", small, small);
        holds("number", "GTEQ", large, large);
        holds("number", "BETWEEN", &format!("[{small},{large}]"), small);
        holds("number", "BETWEEN", &format!("[{small},{large}]"), large);
        check("number", "BETWEEN", &format!("[{large},{small}]"), small, Reason::EmptyRange);
        fails("number", "EQ", small, large);
        holds("number", "NEQ", small, large);
    }
}

#[test]
fn a_list_of_configured_numbers_is_a_set_of_any_size() {
    for size in [1, 8, 9, 300] {
        let all = (0..size).map(|n| format!("{n}.50")).collect::<Vec<_>>().join(",");
        holds("number", "IN", &format!("[{all}]"), "0.5");
        holds("number", "IN", &format!("[{all}]"), &format!("\"{}.5\"", size - 1));
        fails("number", "IN", &format!("[{all}]"), "0.05");
        holds("number", "NEQ", &format!("[{all}]"), &format!("{size}.5"));
        fails("number", "NEQ", &format!("[{all}]"), &format!("[7000,{}.50e0]", size - 1));
    }
}
