//! The conditions catalogue: read, checked, written (SPEC.md §1).
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use rabbitpre_auth::{Catalogue, CatalogueError, Choice, Offer, ParamType, SaveRequest, Scalar, Value, read};

/// The conditions as `data` of the answer.
fn data(catalogue: &Catalogue) -> String {
    let json = catalogue.to_json();
    json.strip_prefix(r#"{"code":"200","msg":"ok","data":"#).unwrap().strip_suffix('}').unwrap().to_owned()
}

#[track_caller]
fn kept(json: &str) {
    let catalogue = Catalogue::parse(json.as_bytes()).unwrap();
    assert_eq!(data(&catalogue), json);
    // The answer is input again.
    assert_eq!(Catalogue::parse(catalogue.to_json().as_bytes()).unwrap(), catalogue);
}

#[test]
fn what_is_read_is_written_as_it_was() {
    kept("[]");
    kept(r#"[{"label":"姓名","name":"realName","type":"text","value":"","children":[]}]"#);
    kept(
        r#"[{"label":"年龄","name":"age","type":"area","value":"","children":[{"value":1.50},{"value":90071992547409931234.0}]}]"#,
    );
    kept(r#"[{"label":"L","name":"n","type":"area","value":"","children":[{"value":""},{"value":""}]}]"#);
    kept(
        r#"[{"label":"L","name":"n","type":"dateTimeRange","value":"","children":[{"value":"2026-01-01"},{"value":"2026-12-31 12:00"}]}]"#,
    );
    kept(
        r#"[{"label":"L","name":"n","type":"checkbox","value":null,"children":[{"label":"是","value":true},{"label":"否","value":false},{"label":"?","value":1e2}]}]"#,
    );
    kept(
        r#"[{"label":"L","name":"n","type":"cascader","value":[],"children":[{"label":"北京市","value":"bj","children":[{"label":"海淀区","value":"hd"}]}]}]"#,
    );
    // What the platform may know and we do not.
    kept(
        r#"[{"label":"L","name":"n","type":"text","value":"","children":[],"remark":{"a":[1.0,null]},"order":9007199254740993}]"#,
    );
    kept(
        r#"[{"label":"L","name":"n","type":"select","value":"","children":[{"label":"a","value":1,"disabled":true}]}]"#,
    );
}

#[test]
fn much_is_tolerated() {
    let plain = Catalogue::new(vec![
        Offer::new("2024", "age", ParamType::DateTimeRange).with([Choice::bound(1), Choice::bound(2)]),
    ])
    .unwrap();
    let written = |json: &str| assert_eq!(Catalogue::parse(json.as_bytes()).unwrap(), plain);
    written(
        r#"[{"label":2024,"name":"age","type":"datetimerange","children":[{"value":1,"children":[]},{"label":null,"value":2}]}]"#,
    );
    written(
        "\u{feff}{\"code\":200,\"data\":[{\"type\":\"dateTimeRange\",\"children\":[{\"value\":1},{\"value\":2,\"children\":null}],\"name\":\"age\",\"label\":\"2024\"}]}",
    );
}

#[test]
fn a_catalogue_from_code_is_the_same() {
    let catalogue = Catalogue::new(vec![
        Offer::new("性别", "sex", ParamType::Checkbox).with([Choice::new("男", 1), Choice::new("女", "2")]),
        Offer::new("会员", "vip", ParamType::Select).with([Choice::new("是", true)]),
        Offer::new("价格", "price", ParamType::Area)
            .with([Choice::bound(Scalar::new(read(b"0.10").unwrap()).unwrap()), Choice::bound("")]),
    ])
    .unwrap();
    assert_eq!(
        data(&catalogue),
        r#"[{"label":"性别","name":"sex","type":"checkbox","value":"","children":[{"label":"男","value":1},{"label":"女","value":"2"}]},{"label":"会员","name":"vip","type":"select","value":"","children":[{"label":"是","value":true}]},{"label":"价格","name":"price","type":"area","value":"","children":[{"value":0.10},{"value":""}]}]"#
    );
    assert_eq!(Catalogue::parse(data(&catalogue).as_bytes()).unwrap(), catalogue);
    assert_eq!(Scalar::new(Value::Null), None);
    assert_eq!(Scalar::new(read(b"[1]").unwrap()), None);
}

/// What is said about a file, and where.
#[track_caller]
fn misread(json: &str, expected: (usize, usize, &str)) {
    match Catalogue::parse(json.as_bytes()).unwrap_err() {
        CatalogueError::NotUnderstood { line, column, what } => {
            assert_eq!((line, column, &*what), expected);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_that_are_no_catalogue_say_where_and_what_to_write() {
    const ADVICE: &str =
        r#"write an array of conditions `{"label","name","type",…}`, alone or as the `data` of an object"#;
    misread("", (1, 1, "not JSON: EOF while parsing a value"));
    misread("[{]", (1, 3, "not JSON: key must be a string"));
    misread("[\n  {\"姓名\": tru}\n]", (2, 13, "not JSON: expected ident"));
    misread("7", (1, 1, ADVICE));
    misread(" {}", (1, 2, ADVICE));
    misread(r#"{"code":"200","data":{}}"#, (1, 22, ADVICE));
    misread(r#"{"dat":[]}"#, (1, 8, "`dat` is unknown; did you mean `data`?"));
    misread("[7]", (1, 2, "condition 1 is no object; write one with `label`, `name` and `type`"));
    misread(
        "[{}]",
        (
            1,
            2,
            "condition 1 has no `type`; write one of `text`, `number`, `checkbox`, `select`, `area`, `cascader`, \
             `dateTimeRange`; `checkbox` is one of several, `select` some of several",
        ),
    );
    misread(
        "[\n{\"label\":\"L\",\"name\":\"n\",\n\"type\":\"casacder\"}]",
        (3, 8, "`type` of condition 1 is none that is known; did you mean `cascader`?"),
    );
    let offer = |members: &str| format!(r#"[{{"label":"L","name":"n","type":"select",{members}}}]"#);
    misread(
        &offer(r#""chlidren":[]"#),
        (1, 53, "condition 1: `chlidren` is unknown; did you mean `children`?"),
    );
    misread(
        &offer(r#""children":[{"lable":"a","value":1}]"#),
        (1, 63, "a choice of condition 1: `lable` is unknown; did you mean `label`?"),
    );
    misread(
        &offer(r#""children":{}"#),
        (1, 53, "`children` of condition 1 is no list; write the choices as a list"),
    );
    misread(
        &offer(r#""children":["a"]"#),
        (1, 54, "a choice of condition 1 is no object; write `label` and `value`"),
    );
    misread(
        &offer(r#""children":[{"label":"a","value":[1]}]"#),
        (1, 75, "`value` of a choice of condition 1 is a list or an object; write a text, number or boolean"),
    );
    misread(
        &offer(r#""children":[{"label":true,"value":1}]"#),
        (1, 63, "`label` of a choice of condition 1 is no text; write one"),
    );
    misread(&offer(r#""name":"m""#), (1, 49, "`name` is there twice; name it once"));
    misread(&format!("{}{}", "[".repeat(500), "]".repeat(500)), (1, 129, "it is nested too deep"));
}

#[test]
fn a_file_that_is_no_text_says_where() {
    let error = Catalogue::parse(b"[\n\"\xe5\xa7\x93\xff\"]").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the conditions are not understood at line 2, column 3: not UTF-8; save the file as UTF-8"
    );
}

#[track_caller]
fn refused(json: &str, expected: &str) {
    assert_eq!(Catalogue::parse(json.as_bytes()).unwrap_err().to_string(), expected);
}

#[test]
fn conditions_that_cannot_be_offered_are_refused_with_their_place() {
    let age = r#"{"label":"L","name":"age","type":"number"}"#;
    refused(
        &format!("[{age},\n  {age}]"),
        "line 2, column 3: condition 2 is named `age` like one before it; a name stands for one condition",
    );
    refused(
        r#"[{"label":"L","name":"","type":"text"}]"#,
        "line 1, column 2: condition 1 has no `name`; give it one",
    );
    refused(r#"[{"name":"n","type":"text"}]"#, "line 1, column 2: condition 1 has no `label`; give it one");
    let wants = |param_type: &str, children: &str, wanted: &str| {
        refused(
            &format!(r#"[{{"label":"L","name":"n","type":"{param_type}","children":{children}}}]"#),
            &format!("line 1, column 2: condition 1 `n` is of type `{param_type}`, which wants {wanted}"),
        );
    };
    wants("text", r#"[{"value":1}]"#, "no children");
    wants("number", r#"[{"label":"a","value":1}]"#, "no children");
    let flat = "children with `label` and `value`, and nothing below them";
    wants("select", "[]", flat);
    wants("select", "null", flat);
    wants("select", r#"[{"label":"a"}]"#, flat);
    wants("select", r#"[{"label":"a","value":""}]"#, flat);
    wants("checkbox", r#"[{"value":1}]"#, flat);
    wants("checkbox", r#"[{"label":"a","value":1,"children":[{"label":"b","value":2}]}]"#, flat);
    let bounds = "two children with `value`, the lower bound first";
    wants("area", r#"[{"value":1}]"#, bounds);
    wants("area", r#"[{"value":2},{"value":1.99}]"#, bounds);
    wants("area", r#"[{"value":1},{"value":"x"}]"#, "numbers as the `value` of its two children");
    wants("dateTimeRange", "[]", bounds);
    wants("dateTimeRange", r#"[{"value":"2026-02-01"},{"value":"2026-01-01"}]"#, bounds);
    wants(
        "dateTimeRange",
        r#"[{"value":"2026-02-30"},{"value":""}]"#,
        "dates as the `value` of its two children: `yyyy-MM-dd`, `yyyy-MM-dd HH:mm:ss`, RFC 3339 or milliseconds",
    );
    wants(
        "dateTimeRange",
        r#"[{"value":"2026-02-01"},{"value":7}]"#,
        "two dates or two plain numbers, not one of each",
    );
    wants(
        "cascader",
        r#"[{"label":"a","value":1,"children":[{"value":1}]}]"#,
        "children with `label` and `value`, at every level",
    );
    refused(
        r#"[{"label":"L","name":"n","type":"select","children":[{"label":"a","value":1},{"label":"b","value":"1"}]}]"#,
        "line 1, column 2: condition 1 `n` has two choices of the value `1`; a value stands for one choice",
    );
    refused(
        r#"[{"label":"L","name":"n","type":"cascader","children":[{"label":"a","value":"a","children":[{"label":"b","value":"b"},{"label":"c","value":"b"}]}]}]"#,
        "line 1, column 2: condition 1 `n` has two choices of the value `b`; a value stands for one choice",
    );
}

/// A cascader of so many levels.
fn levels(levels: usize) -> Offer {
    let mut choices = Vec::new();
    for level in 0..levels {
        choices = vec![Choice::new("L", i64::try_from(level).unwrap()).with(choices)];
    }
    Offer::new("L", "n", ParamType::Cascader).with(choices)
}

#[test]
fn a_cascader_is_as_deep_as_a_saved_tree_may_be() {
    let catalogue = Catalogue::new(vec![levels(30)]).unwrap();
    assert_eq!(Catalogue::parse(catalogue.to_json().as_bytes()).unwrap(), catalogue);
    assert_eq!(
        Catalogue::new(vec![levels(31)]).unwrap_err().to_string(),
        "condition 1 `n` has more than 30 levels; a saved tree of them could not be read"
    );
    // The deepest is read when it is saved as a tree, and holds nothing unknown.
    let tree = |levels| {
        let mut tree = String::from("[]");
        for level in 0..levels {
            tree = format!(r#"[{{"value":{level},"children":{tree}}}]"#);
        }
        format!(r#"{{"userId":"u","settingData":[{{"name":"n","type":"cascader","value":{tree}}}]}}"#)
    };
    // The innermost `children` is one more list.
    let saved = tree(30).replace(r#","children":[]"#, "");
    assert!(catalogue.findings(&SaveRequest::parse(saved.as_bytes()).unwrap()).is_empty());
}

#[cfg(feature = "toml")]
mod toml {
    use super::*;

    #[track_caller]
    fn same(toml: &str, json: &str) {
        assert_eq!(data(&Catalogue::parse_toml(toml).unwrap()), json);
    }

    #[test]
    fn toml_says_the_same() {
        same("conditions = []", "[]");
        same(
            "\u{feff}[[conditions]]\nlabel = '姓名'\nname = \"realName\"\ntype = 'text'\n",
            r#"[{"label":"姓名","name":"realName","type":"text","value":"","children":[]}]"#,
        );
        same(
            "[[conditions]]\nlabel='L'\nname='n'\ntype='cascader'\nremark=[1, {a=2026-01-01}]\n\
             [[conditions.children]]\nlabel='北京'\nvalue='bj'\n\
             [[conditions.children.children]]\nlabel='海淀'\nvalue='hd'\n",
            r#"[{"label":"L","name":"n","type":"cascader","value":"","children":[{"label":"北京","value":"bj","children":[{"label":"海淀","value":"hd"}]}],"remark":[1,{"a":"2026-01-01"}]}]"#,
        );
        let area = |low: &str, high: &str| {
            format!(
                "[[conditions]]\nlabel='L'\nname='n'\ntype='area'\nchildren=[{{value={low}}},{{value={high}}}]"
            )
        };
        let written = |low: &str, high: &str| {
            format!(
                r#"[{{"label":"L","name":"n","type":"area","value":"","children":[{{"value":{low}}},{{"value":{high}}}]}}]"#
            )
        };
        same(&area("+1", "1_000"), &written("1", "1000"));
        same(&area("0.10", "90071992547409931234.50"), &written("0.10", "90071992547409931234.50"));
        same(&area("0x10", "+1e2"), &written("16", "1e2"));
        same(
            &area("9007199254740993", "99999999999999999999"),
            &written("9007199254740993", "99999999999999999999"),
        );
    }

    #[track_caller]
    fn wrong(toml: &str, expected: &str) {
        assert_eq!(Catalogue::parse_toml(toml).unwrap_err().to_string(), expected);
    }

    #[test]
    fn toml_that_is_no_catalogue_says_where_and_what_to_write() {
        const ADVICE: &str =
            "write a table `[[conditions]]` with `label`, `name` and `type` for each condition";
        let at = |line: usize, column: usize, what: &str| {
            format!("the conditions are not understood at line {line}, column {column}: {what}")
        };
        wrong("", &at(1, 1, ADVICE));
        wrong("a = 1", &at(1, 1, ADVICE));
        wrong("\n[conditions]\n", &at(2, 2, ADVICE));
        wrong("[[condition]]\nname='n'\n", &at(1, 3, "`condition` is unknown; did you mean `conditions`?"));
        wrong(
            "[[conditions]]\nlabel = 'L'\nname = 'n'\ntype = 'select'\n\n[[conditions.chlidren]]\nvalue = 1\n",
            &at(6, 14, "condition 1: `chlidren` is unknown; did you mean `children`?"),
        );
        wrong(
            "[[conditions]]\nlabel = 'L'\nname = 'n'\ntype = 'Nubmer'\n",
            &at(4, 1, "`type` of condition 1 is none that is known; did you mean `number`?"),
        );
        wrong(
            "[[conditions]]\nlabel = 'L'\nname = 'n'\ntype = 'area'\nchildren = [{ value = inf }, { value = 1 }]\n",
            &at(5, 23, "`inf` and `nan` are no numbers here; write digits"),
        );
        wrong(
            "[[conditions]]\nlabel='L'\nname='n'\ntype='text'\n[[conditions]]\nlabel='L'\nname='n'\ntype='text'\n",
            "line 5, column 1: condition 2 is named `n` like one before it; a name stands for one condition",
        );
        let error = Catalogue::parse_toml("[[conditions]]\nname = \n").unwrap_err();
        assert!(matches!(error, CatalogueError::NotUnderstood { line: 2, .. }), "{error}");
    }
}
