//! Paths and trees: SPEC.md §4.3, §4.10 Cascader.

use crate::{fails, holds, invalid, unreadable};

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
fn rule_3_eq_is_in_and_neq_is_neither() {
    for (values, had, equal) in [
        (r#"["北京市"]"#, r#"["北京市","海淀区"]"#, true),
        (r#"[["北京市","海淀区"],"上海市"]"#, r#"[["天津市"],["上海市","黄浦区"]]"#, true),
        (r#"[["北京市","海淀区"]]"#, r#""海淀区""#, true),
        (r#"[["北京市","海淀区"]]"#, r#"[["天津市"],["北京市"]]"#, false),
        (r#""海淀""#, r#""海淀区""#, false),
    ] {
        let run = |operator: &str, expected: bool| {
            if expected {
                holds("cascader", operator, values, had);
            } else {
                fails("cascader", operator, values, had);
            }
        };
        run("EQ", equal);
        run("IN", equal);
        run("NEQ", !equal);
    }
}

#[test]
fn rule_3_a_path_of_several_nodes_does_not_match_by_its_last_node() {
    let configured = r#"[["北京市","朝阳区"]]"#;
    fails("cascader", "IN", configured, r#"["长春市","朝阳区"]"#);
    fails("cascader", "IN", configured, r#"[["长春市","朝阳区"]]"#);
    holds("cascader", "IN", configured, r#"[["朝阳区"]]"#);
    holds("cascader", "NEQ", configured, r#"["长春市","朝阳区"]"#);
    fails("cascader", "NEQ", configured, r#"[["长春市","朝阳区"],["朝阳区"]]"#);
}

#[test]
fn rule_3_a_flat_list_of_texts_is_a_list_of_one_node_paths() {
    for values in [r#"["a","b"]"#, r#"[["a"],["b"]]"#, r#"[{"value":"a"},{"label":"b"}]"#, r#"["a",["b"]]"#] {
        holds("cascader", "IN", values, r#""b""#);
        holds("cascader", "IN", values, r#"["a","x"]"#);
        // Not one path of two nodes.
        fails("cascader", "IN", values, r#"["x","b"]"#);
        holds("cascader", "ALL", values, r#"[["a","x"],["b","y"]]"#);
        fails("cascader", "ALL", values, r#"["a","b"]"#);
    }
}

#[test]
fn cascader_a_lone_text_or_tree_is_a_list_of_one() {
    for (lone, list) in [
        (r#""a""#, r#"["a"]"#),
        ("7", "[7]"),
        (r#"{"value":"a","children":[{"value":"b"}]}"#, r#"[{"value":"a","children":[{"value":"b"}]}]"#),
    ] {
        for values in [lone, list] {
            for (had, expected) in [
                (r#""a""#, lone == r#""a""#),
                (r#"["a","b"]"#, lone != "7"),
                ("7", lone == "7"),
                (r#"["7","x"]"#, lone == "7"),
            ] {
                (if expected { holds } else { fails })("cascader", "IN", values, had);
            }
        }
    }
}

#[test]
fn cascader_a_tree_that_is_invalid_anywhere_makes_the_condition_invalid() {
    for bad in [
        r#"["a",{"value":"b","children":[{"value":"c"},{"value":""}]}]"#,
        r#"[{"value":"a","children":[{"value":"b","children":[{"label":null}]}]}]"#,
        r#"[{"value":"a","children":[["b"]]}]"#,
        r#"[{"value":"a","children":true}]"#,
        r#"[{"value":"a","children":[null]}]"#,
        r#"[{"value":[{"value":"a"},"b"]}]"#,
        r#"[{"value":[{"value":[{"value":"a"}]}]}]"#,
        r#"[{"value":1e101}]"#,
        r#"["a",[["b"]]]"#,
        r#"["a",[]]"#,
        r#"["a",null]"#,
    ] {
        for operator in ["EQ", "NEQ", "IN", "ALL"] {
            invalid("cascader", operator, bad, r#""a""#);
        }
    }
    holds("cascader", "IN", r#"[{"value":true,"children":[{"value":1.50}]}]"#, r#"["true","1.5","x"]"#);
}

#[test]
fn cascader_of_a_list_that_holds_a_list_objects_are_unreadable_and_texts_paths() {
    holds("cascader", "IN", r#""b""#, r#"[{"value":"a"},"b",["c","d"]]"#);
    fails("cascader", "IN", r#""a""#, r#"[{"value":"a"},"b",["c","d"]]"#);
    // Without a list in it, it is one path, and one with an object in it is unreadable whole.
    unreadable("cascader", "IN", r#""b""#, r#"[{"value":"a"},"b"]"#);
    unreadable("cascader", "IN", r#""a""#, r#"{"value":"a"}"#);
    unreadable("cascader", "IN", r#""b""#, r#"["b",null]"#);
    unreadable("cascader", "IN", r#""b""#, r#"["",""]"#);
    holds("cascader", "IN", r#""b""#, r#"["b",null,[]]"#);
}
