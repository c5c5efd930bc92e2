//! What the operators mean: SPEC.md §4.2.

use rabbitpre_auth::Reason;

use crate::{check, fails, holds};

#[test]
fn rule_2_eq_and_in() {
    for operator in ["EQ", "IN"] {
        for param_type in ["text", "checkbox", "select", "cascader"] {
            holds(param_type, operator, r#""x""#, r#""x""#);
            fails(param_type, operator, r#""x""#, r#""y""#);
            holds(param_type, operator, r#"["x","y"]"#, r#""y""#);
            fails(param_type, operator, r#"["x","y"]"#, r#""z""#);
        }
        holds("select", operator, r#"["x","y"]"#, r#"["z","y"]"#);
        fails("select", operator, r#"["x","y"]"#, r#"["z"]"#);
        holds("number", operator, "[1,2]", "[3,2]");
        fails("number", operator, "[1,2]", "[3,4]");
        holds("number", operator, "5", "5");
        fails("number", operator, "5", "6");
    }
}

#[test]
fn rule_2_neq() {
    for param_type in ["text", "checkbox", "select", "cascader"] {
        holds(param_type, "NEQ", r#""x""#, r#""y""#);
        fails(param_type, "NEQ", r#""x""#, r#""x""#);
        holds(param_type, "NEQ", r#"["x","y"]"#, r#""z""#);
        fails(param_type, "NEQ", r#"["x","y"]"#, r#""y""#);
    }
    holds("number", "NEQ", "[1,2]", "[3,4]");
    fails("number", "NEQ", "[1,2]", "[3,2]");
}

#[test]
fn rule_2_all() {
    for param_type in ["text", "select"] {
        holds(param_type, "ALL", r#"["x","y","x"]"#, r#"["y","z","x"]"#);
        fails(param_type, "ALL", r#"["x","y"]"#, r#"["y","z"]"#);
        holds(param_type, "ALL", r#""x""#, r#""x""#);
        fails(param_type, "ALL", r#"["x","y"]"#, r#""x""#);
    }
}

#[test]
fn rule_2_all_over_sets_of_any_size() {
    for size in [8, 9, 64, 65, 200] {
        let all = (0..size).map(|n| format!("\"k{n}\"")).collect::<Vec<_>>();
        let (values, missing) = (format!("[{}]", all.join(",")), format!("[{}]", all[1..].join(",")));
        for param_type in ["select", "cascader"] {
            let user = if param_type == "select" {
                values.clone()
            } else {
                format!("[[\"k0\"],{}]", all[1..].join(","))
            };
            holds(param_type, "ALL", &values, &user);
            let user = if param_type == "select" {
                missing.clone()
            } else {
                format!("[[\"zz\"],{}]", all[1..].join(","))
            };
            fails(param_type, "ALL", &values, &user);
        }
        holds("select", "IN", &values, r#""k7""#);
        fails("select", "IN", &values, r#""k-1""#);
    }
}

#[test]
fn rule_2_order_operators() {
    for param_type in ["number", "area"] {
        holds(param_type, "GT", "5", "5.1");
        fails(param_type, "GT", "5", "5");
        holds(param_type, "GTEQ", "5", "5");
        fails(param_type, "GTEQ", "5", "4.9");
        holds(param_type, "LT", "5", "4.9");
        fails(param_type, "LT", "5", "5");
        holds(param_type, "LTEQ", "5", "5");
        fails(param_type, "LTEQ", "5", "5.1");
        holds(param_type, "GT", "5", "[1,6]");
        fails(param_type, "GT", "5", "[1,2]");
        holds(param_type, "GT", "[5]", "6");
        check(param_type, "GT", "[5,6]", "7", Reason::WrongNumberOfValues);
    }
}

#[test]
fn rule_2_between_is_closed() {
    for param_type in ["number", "area"] {
        for inside in ["1", "1.5", "2", "[0,2]", r#""1""#] {
            holds(param_type, "BETWEEN", "[1,2]", inside);
        }
        for outside in ["0.9", "2.1", "[0,3]"] {
            fails(param_type, "BETWEEN", "[1,2]", outside);
        }
        holds(param_type, "BETWEEN", r#"["1","2"]"#, "1");
        holds(param_type, "BETWEEN", "[2,2]", "2");
        check(param_type, "BETWEEN", "[2,1]", "1.5", Reason::EmptyRange);
        for wrong in ["1", "[1]", "[1,2,3]"] {
            check(param_type, "BETWEEN", wrong, "1", Reason::WrongNumberOfValues);
        }
    }
    check(
        "dateTimeRange",
        "BETWEEN",
        r#"["2021-01-02","2021-01-01"]"#,
        r#""2021-01-01""#,
        Reason::EmptyRange,
    );
    check("dateTimeRange", "BETWEEN", "[2,1]", "1", Reason::EmptyRange);
}

/// EQ with a list: some c.
#[test]
fn rule_2_eq_of_a_list_wants_one_of_it_and_neq_none() {
    for param_type in ["text", "number", "checkbox", "select"] {
        holds(param_type, "EQ", "[1,2,3]", "2");
        fails(param_type, "EQ", "[1,2,3]", "4");
        holds(param_type, "NEQ", "[1,2,3]", "4");
        fails(param_type, "NEQ", "[1,2,3]", "2");
        // Of several values one is enough for EQ, and too many for NEQ.
        holds(param_type, "EQ", "2", "[1,2]");
        fails(param_type, "EQ", "2", "[1,3]");
        holds(param_type, "NEQ", "2", "[1,3]");
        fails(param_type, "NEQ", "2", "[1,2]");
    }
}

#[test]
fn rule_2_some_value_is_enough_for_ranges() {
    for param_type in ["number", "area", "dateTimeRange"] {
        holds(param_type, "BETWEEN", "[10,20]", "[1,15,30]");
        fails(param_type, "BETWEEN", "[10,20]", "[1,30]");
    }
    for (operator, inside, outside) in [
        ("GT", "[1,6]", "[1,5]"),
        ("GTEQ", "[1,5]", "[1,4]"),
        ("LT", "[9,4]", "[9,5]"),
        ("LTEQ", "[9,5]", "[9,6]"),
    ] {
        for param_type in ["number", "area"] {
            holds(param_type, operator, "5", inside);
            fails(param_type, operator, "5", outside);
        }
    }
}

#[test]
fn rule_2_an_order_operator_takes_exactly_one_number() {
    for param_type in ["number", "area"] {
        for operator in ["GT", "GTEQ", "LT", "LTEQ"] {
            check(param_type, operator, "[]", "5", Reason::EmptyValues);
            check(param_type, operator, "[5,5]", "5", Reason::WrongNumberOfValues);
            check(param_type, operator, "[1,2,3]", "5", Reason::WrongNumberOfValues);
            check(param_type, operator, r#"[1,2,"x"]"#, "5", Reason::UnreadableValues);
            check(param_type, operator, r#""x""#, "5", Reason::UnreadableValues);
            check(param_type, operator, r#"[[5]]"#, "5", Reason::UnreadableValues);
        }
        holds(param_type, "GTEQ", r#""5""#, "5");
        holds(param_type, "GTEQ", r#"["5"]"#, "5");
    }
}
