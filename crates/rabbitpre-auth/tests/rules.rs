//! Each sentence of SPEC.md §4.2–§4.7 and §4.10 about a single condition, both ways.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use rabbitpre_auth::{Attributes, Check, CheckRequest, Operator, ParamType, Reason};

/// Runs one condition, given as JSON members, against the attribute `a`, given as JSON (`-`: missing).
#[track_caller]
fn reason(members: &str, had: &str) -> Reason {
    let body = format!(r#"{{"userParam":{{"audid":1}},"authParams":[{{"englishName":"a",{members}}}]}}"#);
    let user = if had == "-" { "{}".to_owned() } else { format!(r#"{{"a":{had}}}"#) };
    let request = CheckRequest::parse(body.as_bytes()).unwrap();
    let user = Attributes::parse(user.as_bytes()).unwrap();
    let check = Check::new(&request, None);
    let trace = check.explain(&user);
    assert_eq!(trace.allowed, trace.entries[0].held());
    assert_eq!(trace.allowed, check.decide(&user).is_allowed());
    trace.entries[0].reason
}

#[track_caller]
fn check(param_type: &str, operator: &str, values: &str, had: &str, expected: Reason) {
    let members = format!(r#""paramType":"{param_type}","operator":"{operator}","values":{values}"#);
    assert_eq!(reason(&members, had), expected, "{param_type} {operator} {values} against {had}");
}

#[track_caller]
fn holds(param_type: &str, operator: &str, values: &str, had: &str) {
    check(param_type, operator, values, had, Reason::Holds);
}

#[track_caller]
fn fails(param_type: &str, operator: &str, values: &str, had: &str) {
    check(param_type, operator, values, had, Reason::NotSatisfied);
}

#[track_caller]
fn unreadable(param_type: &str, operator: &str, values: &str, had: &str) {
    check(param_type, operator, values, had, Reason::UnreadableAttribute);
}

#[track_caller]
fn invalid(param_type: &str, operator: &str, values: &str, had: &str) {
    check(param_type, operator, values, had, Reason::UnreadableValues);
}

#[test]
fn table_default_operators() {
    let default = |param_type: &str, values: &str, had: &str| {
        for operator in ["", r#""operator":null,"#, r#""operator":"","#] {
            let members = format!(r#""paramType":"{param_type}",{operator}"values":{values}"#);
            assert_eq!(reason(&members, had), Reason::Holds, "{members}");
        }
    };
    default("text", r#""x""#, r#""x""#);
    default("number", "5", "5");
    default("checkbox", r#""x""#, r#""x""#);
    default("select", r#"["x","y"]"#, r#"["y","z"]"#);
    default("area", "[1,5]", "3");
    default("cascader", r#"["x","y"]"#, r#""y""#);
    default("dateTimeRange", "[1,5]", "3");
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

#[test]
fn rule_3_a_configured_path_covers_what_is_below_it() {
    holds("cascader", "IN", r#"[["北京市"]]"#, r#"["北京市","海淀区"]"#);
    holds("cascader", "IN", r#"["北京市"]"#, r#"["北京市","海淀区"]"#);
    holds("cascader", "IN", r#"[["北京市","海淀区"]]"#, r#"["北京市","海淀区"]"#);
    fails("cascader", "IN", r#"[["北京市","海淀区"]]"#, r#"["北京市"]"#);
    fails("cascader", "IN", r#"[["北京市","海淀区"]]"#, r#"["北京市","朝阳区"]"#);
    // Not a prefix, though the last node is there.
    fails("cascader", "IN", r#"["海淀区"]"#, r#"["北京市","海淀区"]"#);
    fails("cascader", "NEQ", r#"["北京市"]"#, r#"["北京市","海淀区"]"#);
    holds("cascader", "NEQ", r#"["上海市"]"#, r#"["北京市","海淀区"]"#);
}

#[test]
fn rule_3_a_one_node_user_path_also_matches_the_last_node() {
    holds("cascader", "IN", r#"[["北京市","海淀区"]]"#, r#""海淀区""#);
    holds("cascader", "IN", r#"[["北京市","海淀区"]]"#, r#"["海淀区"]"#);
    fails("cascader", "IN", r#"[["北京市","海淀区","中关村"]]"#, r#""海淀区""#);
    fails("cascader", "IN", r#"[["北京市","海淀区"]]"#, r#""北京市""#);
    fails("cascader", "NEQ", r#"[["北京市","海淀区"]]"#, r#""海淀区""#);
}

#[test]
fn rule_3_the_user_has_a_path_a_list_of_paths_or_a_text() {
    let configured = r#"[["a","b"]]"#;
    holds("cascader", "IN", configured, r#"["a","b","c"]"#);
    holds("cascader", "IN", configured, r#"[["x"],["a","b"]]"#);
    fails("cascader", "IN", configured, r#"[["x"],["a","c"]]"#);
    // A flat list is one path, not several.
    fails("cascader", "IN", r#"["b"]"#, r#"["a","b"]"#);
    // In a list that holds a list, texts are one-node paths.
    holds("cascader", "IN", r#"["b"]"#, r#"["b",["x","y"]]"#);
    holds("cascader", "IN", r#"["7"]"#, r#"[7,["x","y"]]"#);
}

#[test]
fn rule_3_all_wants_every_path() {
    holds("cascader", "ALL", r#"["a",["b","c"]]"#, r#"[["a","x"],["b","c","d"]]"#);
    fails("cascader", "ALL", r#"["a",["b","c"]]"#, r#"[["a","x"],["b"]]"#);
    holds("cascader", "ALL", r#"["a",["b","c"]]"#, r#"[["a"],"c"]"#);
    // One user path may match several configured ones.
    holds("cascader", "ALL", r#"["a",["a","b"]]"#, r#"["a","b"]"#);
    holds("cascader", "ALL", r#"[["x","c"],["y","c"]]"#, r#""c""#);
    fails("cascader", "ALL", r#"[["x","c"],["y","d"]]"#, r#""c""#);
}

#[test]
fn cascader_trees_are_their_root_to_leaf_paths() {
    let tree = r#"{"value":"a","label":"A","children":[{"value":"b","children":[]},{"value":"c"}]}"#;
    let list = format!("[{tree},\"z\",[\"y\",\"x\"]]");
    for values in [tree, &list] {
        holds("cascader", "IN", values, r#"["a","b"]"#);
        holds("cascader", "IN", values, r#"["a","c","d"]"#);
        holds("cascader", "IN", values, r#""c""#);
        // The root alone was not chosen.
        fails("cascader", "IN", values, r#"["a"]"#);
        fails("cascader", "IN", values, r#"["a","d"]"#);
    }
    holds("cascader", "IN", &list, r#""z""#);
    holds("cascader", "IN", &list, r#"["y","x"]"#);
    holds("cascader", "ALL", tree, r#"[["a","b"],["a","c"]]"#);
    fails("cascader", "ALL", tree, r#"[["a","b"]]"#);
}

#[test]
fn cascader_tree_nodes_use_label_without_value() {
    holds("cascader", "IN", r#"{"label":"a"}"#, r#""a""#);
    holds("cascader", "IN", r#"{"value":null,"label":"a","children":null}"#, r#""a""#);
    fails("cascader", "IN", r#"{"value":"v","label":"a"}"#, r#""a""#);
    for bad in [
        r#"{}"#,
        r#"{"value":null,"label":null}"#,
        r#"{"value":"","label":"a"}"#,
        r#"{"value":{},"label":"a"}"#,
        r#"{"value":"a","children":{}}"#,
        r#"{"value":"a","children":"b"}"#,
        r#"{"value":"a","children":["b"]}"#,
        r#"{"value":"a","children":[{"value":"b"},{}]}"#,
        r#"["a",{}]"#,
    ] {
        invalid("cascader", "IN", bad, r#""a""#);
        invalid("cascader", "NEQ", bad, r#""q""#);
    }
}

#[test]
fn cascader_an_entry_whose_value_is_a_list_stands_for_its_trees() {
    let entry = r#"{"label":"城市","value":[{"value":"a","children":[{"value":"b"}]},{"label":"c"}]}"#;
    for values in [entry.to_owned(), format!("[{entry}]")] {
        holds("cascader", "IN", &values, r#"["a","b"]"#);
        holds("cascader", "IN", &values, r#""c""#);
        fails("cascader", "IN", &values, r#""城市""#);
    }
    invalid("cascader", "IN", r#"{"value":["a"]}"#, r#""a""#);
    invalid("cascader", "IN", r#"{"value":[]}"#, r#""a""#);
}

#[test]
fn cascader_numbers_and_booleans_are_nodes() {
    holds("cascader", "IN", r#"[[1,true]]"#, r#"["1","true"]"#);
    holds("cascader", "IN", r#"[["1.5","false"]]"#, r#"[1.50,false]"#);
    holds("cascader", "IN", "7", r#""7""#);
    holds("cascader", "IN", r#""7""#, "7");
    holds("cascader", "IN", r#""true""#, "true");
    fails("cascader", "IN", "7", "8");
}

#[test]
fn cascader_bad_nodes_are_invalid_configured_and_ignored_whole_in_the_users() {
    for bad in [
        r#"[["a",""]]"#,
        r#"[[]]"#,
        r#"[["a",null]]"#,
        r#"[["a",["b"]]]"#,
        r#"[["a",{}]]"#,
        r#"["a",""]"#,
        r#"["a",null]"#,
    ] {
        invalid("cascader", "IN", bad, r#""a""#);
    }
    for bad in [
        r#"["a",""]"#,
        r#"["a",null]"#,
        r#"["a",{}]"#,
        r#"[["a",""]]"#,
        r#"[[]]"#,
        r#"[["a",["b"]]]"#,
        r#""""#,
        "{}",
        r#"[{},["",""]]"#,
    ] {
        unreadable("cascader", "IN", r#""a""#, bad);
        unreadable("cascader", "NEQ", r#""q""#, bad);
    }
    holds("cascader", "IN", r#""b""#, r#"[["a",""],null,{"value":"a"},["b"]]"#);
    fails("cascader", "IN", r#""a""#, r#"[["a",""],null,{"value":"a"},["b"]]"#);
}

#[test]
fn rule_4_dates_in_china_time() {
    let day = r#"["2021-07-01","2021-07-01"]"#;
    for inside in [
        r#""2021-07-01""#,
        r#""2021-07-01 00:00""#,
        r#""2021-07-01 23:59:59""#,
        r#""2021-06-30T16:00:00Z""#,
        r#""2021-07-01T15:59:59.999999999999Z""#,
        r#""2021-07-01T00:00:00+08:00""#,
        r#""2021-06-30t10:00:00.5-06:00""#,
        "1625068800000",
        "1625155199999",
        r#""1625068800000""#,
        r#""1625068800000.0""#,
        "1.6250688e12",
    ] {
        holds("dateTimeRange", "BETWEEN", day, inside);
    }
    for outside in [
        r#""2021-06-30""#,
        r#""2021-06-30 23:59:59""#,
        r#""2021-07-02""#,
        r#""2021-07-02 00:00""#,
        r#""2021-06-30T15:59:59.999999999999Z""#,
        r#""2021-07-01T16:00:00z""#,
        "1625068799999",
        "1625155200000",
    ] {
        fails("dateTimeRange", "BETWEEN", day, outside);
    }
}

#[test]
fn rule_4_an_end_with_a_time_is_closed_at_that_time() {
    let range = r#"["2021-07-01 08:00","2021-07-01 09:00:00"]"#;
    holds("dateTimeRange", "BETWEEN", range, r#""2021-07-01 08:00:00""#);
    holds("dateTimeRange", "BETWEEN", range, r#""2021-07-01 09:00""#);
    fails("dateTimeRange", "BETWEEN", range, r#""2021-07-01T09:00:00.001+08:00""#);
    fails("dateTimeRange", "BETWEEN", range, r#""2021-07-01 07:59:59""#);
    // A user's date alone is the day's first instant.
    fails("dateTimeRange", "BETWEEN", range, r#""2021-07-01""#);
    holds("dateTimeRange", "BETWEEN", r#"["2021-07-01 00:00","2021-07-01 00:00"]"#, r#""2021-07-01""#);
    holds("dateTimeRange", "BETWEEN", range, r#"["2020-01-01","2021-07-01 08:30"]"#);
}

#[test]
fn rule_4_small_numbers_compare_as_numbers_and_kinds_do_not_mix() {
    holds("dateTimeRange", "BETWEEN", "[20,202]", "20.0");
    holds("dateTimeRange", "BETWEEN", r#"["20","202"]"#, r#""202""#);
    fails("dateTimeRange", "BETWEEN", "[20,202]", "203");
    // 10^11 and 253402300799999 are the first and last milliseconds; what is beyond is a plain number
    holds("dateTimeRange", "BETWEEN", "[100000000000,253402300799999]", r#""2021-07-01""#);
    unreadable("dateTimeRange", "BETWEEN", "[100000000000,253402300799999]", "99999999999");
    unreadable("dateTimeRange", "BETWEEN", "[100000000000,253402300799999]", "253402300800000");
    unreadable("dateTimeRange", "BETWEEN", "[100000000000,253402300799999]", "1625068800000.5");
    unreadable("dateTimeRange", "BETWEEN", "[20,202]", r#""2021-07-01""#);
    unreadable("dateTimeRange", "BETWEEN", r#"["2021-07-01","2021-07-02"]"#, "20");
    invalid("dateTimeRange", "BETWEEN", r#"["2021-07-01",20]"#, "20");
    invalid("dateTimeRange", "BETWEEN", r#"[20,"2021-07-01"]"#, "20");
    // Elements of the other kind are ignored.
    holds("dateTimeRange", "BETWEEN", "[20,202]", r#"["2021-07-01",21]"#);
    check("dateTimeRange", "BETWEEN", "[1]", "1", Reason::WrongNumberOfValues);
    check("dateTimeRange", "BETWEEN", r#""2021-07-01""#, "1", Reason::WrongNumberOfValues);
}

#[test]
fn dates_are_read_in_the_listed_forms_only() {
    for bad in [
        " 2021-07-01",
        "2021-07-01 ",
        "2021-7-1",
        "20210701T000000Z",
        "2021/07/01",
        "2021-02-29",
        "2021-13-01",
        "2021-00-01",
        "2021-07-00",
        "0000-01-01",
        "0000-01-01T00:00:00Z",
        "2021-07-01 24:00",
        "2021-07-01 23:60",
        "2021-07-01 23:59:60",
        "2021-07-01T23:59:60Z",
        "2021-07-01  08:00",
        "2021-07-01 8:00",
        "2021-07-01 08:00:00.5",
        "2021-07-01 08:00:00Z",
        "2021-07-01 08:00Z",
        "2021-07-01 08",
        "2021-07-01T08:00Z",
        "2021-07-01T08:00:00",
        "2021-07-01T08:00:00.Z",
        "2021-07-01T08:00:00+0800",
        "2021-07-01T08:00:00+08",
        "2021-07-01T08:00:00+24:00",
        "2021-07-01T08:00:00+08:60",
        "2021-07-01T08:00:00Z ",
        "2021-07-01T",
        "+021-07-01",
        "２０２１-07-01",
        "2021-07-01T08:00:00．5Z",
        "today",
    ] {
        unreadable("dateTimeRange", "BETWEEN", r#"["0001-01-01","9999-12-31"]"#, &format!("\"{bad}\""));
        invalid("dateTimeRange", "BETWEEN", &format!(r#"["{bad}","9999-12-31"]"#), r#""2021-07-01""#);
    }
    for good in [
        "0001-01-01",
        "2020-02-29",
        "9999-12-31",
        "9999-12-31T23:59:59-23:59",
        "2021-07-01T08:00:00-00:00",
        "2021-07-01 08:00:59",
    ] {
        let reason = reason(
            r#""paramType":"dateTimeRange","values":["0001-01-01","9999-12-31"]"#,
            &format!("\"{good}\""),
        );
        assert!(matches!(reason, Reason::Holds | Reason::NotSatisfied), "{good}");
    }
    unreadable("dateTimeRange", "BETWEEN", "[0,1]", "true");
    unreadable("dateTimeRange", "BETWEEN", "[0,1]", "{}");
}

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
fn rule_7_a_missing_or_null_attribute_denies_every_operator() {
    for had in ["-", "null"] {
        for operator in ["EQ", "NEQ", "IN", "ALL"] {
            check("text", operator, r#""x""#, had, Reason::MissingAttribute);
        }
        check("number", "NEQ", "1", had, Reason::MissingAttribute);
        check("cascader", "NEQ", r#""x""#, had, Reason::MissingAttribute);
    }
}

#[test]
fn rule_7_an_object_cannot_be_read() {
    for param_type in ["text", "number", "checkbox", "select", "cascader"] {
        unreadable(param_type, "NEQ", "1", r#"{"value":"x"}"#);
    }
}

#[test]
fn types_and_operators_are_read_without_regard_to_case() {
    holds("TEXT", "eq", r#""x""#, r#""x""#);
    holds("datetimerange", "between", "[1,2]", "1");
    holds("Cascader", "In", r#""x""#, r#""x""#);
    for unknown in ["", "texts", " text", "ｔext", "boolean"] {
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
    for name in ["", r#""englishName":"","#, r#""englishName":null,"#, r#""englishName":["a"],"#] {
        let body = format!(
            r#"{{"userParam":{{"audid":1}},"authParams":[{{{name}"chineseName":"a","paramType":"text","values":"x"}}]}}"#
        );
        let request = CheckRequest::parse(body.as_bytes()).unwrap();
        let user = Attributes::parse(br#"{"":"x","a":"x"}"#).unwrap();
        assert_eq!(Check::new(&request, None).explain(&user).entries[0].reason, Reason::NoName);
    }
}
