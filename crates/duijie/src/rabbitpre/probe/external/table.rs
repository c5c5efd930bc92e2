//! The table itself: settings, and who is let in by them.

use super::{Line, Setting, no, yes};

const fn setting(
    check: &'static str,
    section: &'static str,
    title: (&'static str, &'static str),
    members: &'static str,
    lines: &'static [Line],
) -> Setting {
    Setting { check, section, title, members, lines }
}

/// What is saved, in this order.
pub(super) const SETTINGS: &[Setting] = &[
    setting(
        "saved-in",
        "§4.8",
        ("默认 IN：已存条件满足一个即可", "IN by default: one saved condition is enough"),
        r#""settingData":[{"label":"探测","name":"⟨A⟩","type":"text","value":"1"},{"label":"探测","name":"⟨B⟩","type":"text","value":"1"}]"#,
        &[
            yes(r#""1""#, r#""2""#, ""),
            yes("", r#""1""#, ""),
            no(r#""2""#, r#""2""#, ""),
            no("", "", ""),
            no(r#""1""#, r#""2""#, r#","externalConfigOperator":"ALL""#),
            yes(r#""1""#, r#""1""#, r#","externalConfigOperator":"all""#),
            no(r#""1""#, r#""1""#, r#","externalConfigOperator":"ANY""#),
            no(r#""1""#, r#""1""#, r#","externalConfigOperator":[]"#),
            yes(r#""1""#, "", r#","externalConfigOperator":null"#),
        ],
    ),
    setting(
        "saved-all",
        "§4.8",
        ("ALL：已存条件全部满足", "ALL: every saved condition must hold"),
        r#""settingData":[{"label":"探测","name":"⟨A⟩","type":"text","value":"1"},{"label":"探测","name":"⟨B⟩","type":"text","value":"1"}],"externalConfigOperator":"ALL""#,
        &[
            yes(r#""1""#, r#""1""#, ""),
            no(r#""1""#, r#""2""#, ""),
            no(r#""1""#, "", ""),
            yes(r#""1""#, r#""2""#, r#","externalConfigOperator":"IN""#),
            no(r#""1""#, r#""2""#, r#","externalConfigOperator":"""#),
        ],
    ),
    setting(
        "saved-and-request",
        "§4.8",
        ("已存条件与请求条件都要满足", "saved conditions count beside the request's own"),
        r#""settingData":[{"label":"探测","name":"⟨A⟩","type":"number","operator":"GTEQ","value":18}]"#,
        &[yes("18", "", r#","authScope":0"#), no("17", "", ""), no("", "", ""), yes(r#""18.0""#, "", "")],
    ),
    setting(
        "saved-types",
        "§4.10",
        ("没有 type 的已存条件", "saved conditions without a type"),
        r#""settingData":[{"label":"探测","name":"⟨A⟩","value":["a","b"]},{"label":"探测","name":"⟨B⟩","type":null,"value":[{"label":"湖北省","value":"42","children":[{"label":"宜昌市","value":"4205","children":[]}]}]}],"externalConfigOperator":"ALL""#,
        &[
            yes(r#"["x","b"]"#, r#"["42","4205"]"#, ""),
            no(r#"["x"]"#, r#"["42","4205"]"#, ""),
            no(r#"["b"]"#, r#"["42","4201"]"#, ""),
        ],
    ),
    setting(
        "saved-empty-entry",
        "§4.10",
        ("settingData 里的 {}：跳过", "{} in settingData is skipped"),
        r#""settingData":[{},{"label":"甲","name":"⟨A⟩","type":"text","value":"1"}],"externalConfigOperator":"ALL""#,
        &[yes(r#""1""#, "", ""), no(r#""2""#, "", "")],
    ),
    setting(
        "saved-unknown-type",
        "§4.10",
        ("未知类型可以保存，鉴权时拒绝", "unknown types are saved, and deny"),
        r#""settingData":[{"label":"探测","name":"⟨A⟩","type":"radio","operator":"IS","value":"1"}]"#,
        &[no(r#""1""#, "", ""), no("", "", "")],
    ),
    setting(
        "saved-nothing",
        "§4.10",
        ("外部配置为空：拒绝", "nothing saved, and no external values: denied"),
        r#""settingData":[]"#,
        &[
            no(r#""1""#, "", ""),
            no(r#""1""#, "", r#","externalConfigValues":[]"#),
            yes(r#""1""#, "", r#","externalConfigValues":["⟨A⟩"]"#),
            yes(r#""1""#, "", r#","externalConfigValues":"⟨A⟩""#),
            no("", "", r#","externalConfigValues":["⟨A⟩"]"#),
            no(r#""1""#, "", r#","externalConfigValues":5"#),
        ],
    ),
    setting(
        "external-value",
        "§4.10",
        ("单节点的外部值：属性有内容才算", "an external value of one node wants an attribute with content"),
        r#""settingData":[],"externalConfigValues":["⟨A⟩"]"#,
        &[
            yes(r#""x""#, "", ""),
            yes("true", "", ""),
            yes("1", "", ""),
            yes(r#"["","x"]"#, "", ""),
            no("false", "", ""),
            no(r#""false""#, "", ""),
            no(r#""FALSE""#, "", ""),
            no("0", "", ""),
            no(r#""0""#, "", ""),
            no(r#""0.0""#, "", ""),
            no(r#""""#, "", ""),
            no(r#""  ""#, "", ""),
            no("[]", "", ""),
            no("null", "", ""),
        ],
    ),
    setting(
        "external-path",
        "§4.8",
        ("外部值：属性名加级联路径", "external values: an attribute, and a path in it"),
        r#""settingData":[],"externalConfigValues":[["⟨A⟩","湖北省"],["⟨B⟩"]],"externalConfigOperator":"ALL""#,
        &[
            yes(r#"["湖北省","宜昌市"]"#, "1", ""),
            no(r#"["湖北省","宜昌市"]"#, "", ""),
            no(r#"["山西省"]"#, "1", ""),
            yes(r#"["湖北省"]"#, "", r#","externalConfigOperator":"IN""#),
            no("", "", r#","externalConfigOperator":"IN""#),
        ],
    ),
    setting(
        "external-groups",
        "§4.10",
        (
            "已存条件与外部值是两组，都要满足",
            "saved conditions and external values are two groups; both must hold",
        ),
        r#""settingData":[{"label":"探测","name":"⟨A⟩","type":"text","value":"1"}],"externalConfigValues":["⟨B⟩"]"#,
        &[
            yes(r#""1""#, r#""x""#, ""),
            no(r#""1""#, "", ""),
            no(r#""2""#, r#""x""#, ""),
            no(r#""1""#, r#""x""#, r#","externalConfigValues":[[]]"#),
            no(r#""1""#, r#""x""#, r#","externalConfigValues":{}"#),
        ],
    ),
];
