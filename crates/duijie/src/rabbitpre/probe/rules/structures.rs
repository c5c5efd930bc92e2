//! Paths and dates.

use super::{Rule, no, rule, yes};

/// What is asked, in this order.
pub(super) const STRUCTURES: &[Rule] = &[
    rule(
        "cascader",
        "§4.3",
        ("级联：配置是用户路径的前缀", "cascader: the configured path is a prefix"),
        &[
            yes("cascader", "IN", r#"[["北京市"]]"#, r#"["北京市","海淀区"]"#),
            yes("cascader", "IN", r#"[["湖北省","宜昌市"]]"#, r#"["湖北省","宜昌市","西陵区"]"#),
            no("cascader", "IN", r#"[["湖北省","宜昌市"]]"#, r#"["湖北省","武汉市"]"#),
            no("cascader", "IN", r#"[["湖北省","宜昌市"]]"#, r#"["湖北省"]"#),
            no("cascader", "IN", r#"[["宜昌市"]]"#, r#"["湖北省","宜昌市"]"#),
            yes("cascader", "IN", r#"["山西省","湖北省"]"#, r#"["湖北省","宜昌市"]"#),
            yes("cascader", "EQ", r#"[["湖北省"]]"#, r#"[["山西省","太原市"],["湖北省","宜昌市"]]"#),
            no("cascader", "NEQ", r#"[["湖北省"]]"#, r#"["湖北省","宜昌市"]"#),
            yes("cascader", "NEQ", r#"[["湖北省"]]"#, r#"["山西省"]"#),
            yes("cascader", "IN", r#"[["湖北省","宜昌市"]]"#, r#""宜昌市""#),
            no("cascader", "IN", r#"[["湖北省","宜昌市"]]"#, r#""湖北省""#),
            no("cascader", "IN", r#"[["湖北"]]"#, r#"["湖北省","宜昌市"]"#),
        ],
    ),
    rule(
        "cascader-tree",
        "§4.3",
        ("级联：旧版的树", "cascader: old saved trees"),
        &[
            yes(
                "cascader",
                "IN",
                r#"[{"value":"湖北省","children":[{"value":"宜昌市"}]}]"#,
                r#"["湖北省","宜昌市"]"#,
            ),
            no(
                "cascader",
                "IN",
                r#"[{"value":"湖北省","children":[{"value":"宜昌市"}]}]"#,
                r#"["湖北省","武汉市"]"#,
            ),
            yes("cascader", "IN", r#"{"label":"湖北省","value":"42","children":[]}"#, r#"["42","4205"]"#),
            yes("cascader", "IN", r#"[{"label":"湖北省"}]"#, r#"["湖北省"]"#),
            no("cascader", "NEQ", r#"[{"children":[]}]"#, r#"["湖北省"]"#),
        ],
    ),
    rule(
        "cascader-nodes",
        "§4.10",
        ("级联：读不懂的节点", "cascader: unreadable nodes"),
        &[
            yes("cascader", "IN", "[[42]]", r#"["42","4205"]"#),
            no("cascader", "NEQ", r#"[[""]]"#, r#"["a"]"#),
            no("cascader", "NEQ", "[[]]", r#"["a"]"#),
            no("cascader", "IN", r#"[["a"],[null]]"#, r#"["a"]"#),
            yes("cascader", "IN", r#"[["a"]]"#, r#"[["x",null],["a"]]"#),
        ],
    ),
    rule(
        "dates",
        "§4.4",
        ("日期区间：闭区间，含末日全天", "date ranges are closed, the last day included"),
        &[
            yes("dateTimeRange", "", r#"["2021-07-01","2021-07-31"]"#, r#""2021-07-01""#),
            yes("dateTimeRange", "", r#"["2021-07-01","2021-07-31"]"#, r#""2021-07-31 23:59:59""#),
            no("dateTimeRange", "", r#"["2021-07-01","2021-07-31"]"#, r#""2021-08-01""#),
            no("dateTimeRange", "", r#"["2021-07-01","2021-07-31"]"#, r#""2021-06-30 23:59:59""#),
            yes(
                "dateTimeRange",
                "",
                r#"["2021-07-01 08:00","2021-07-01 18:00"]"#,
                r#""2021-07-01 18:00:00""#,
            ),
            no("dateTimeRange", "", r#"["2021-07-01 08:00","2021-07-01 18:00"]"#, r#""2021-07-01 18:00:01""#),
            no("dateTimeRange", "", r#"["2021-07-01 08:00","2021-07-01 18:00"]"#, r#""2021-07-01""#),
        ],
    ),
    rule(
        "dates-zone",
        "§4.4",
        ("日期：中国时间与时间戳", "dates: China time, and epoch milliseconds"),
        &[
            yes("dateTimeRange", "", r#"["2021-07-01","2021-07-01"]"#, r#""2021-06-30T16:00:00Z""#),
            no("dateTimeRange", "", r#"["2021-07-01","2021-07-01"]"#, r#""2021-06-30T15:59:59Z""#),
            yes("dateTimeRange", "", r#"["2021-07-01","2021-07-01"]"#, "1625068800000"),
            no("dateTimeRange", "", r#"["2021-07-01","2021-07-01"]"#, "1625068799999"),
            yes("dateTimeRange", "", r#"[1625068800000,"1625155199999"]"#, r#""2021-07-01 12:00""#),
        ],
    ),
    rule(
        "dates-unreadable",
        "§4.10",
        ("读不懂的日期：拒绝", "unreadable dates deny"),
        &[
            no("dateTimeRange", "", r#"["2021-07-01","2021-07-31"]"#, r#""2021/07/15""#),
            no("dateTimeRange", "", r#"["2021-02-01","2021-03-31"]"#, r#""2021-02-30""#),
            no("dateTimeRange", "", r#"["2021-07-01","2021-07-31"]"#, r#"" 2021-07-15""#),
            no("dateTimeRange", "", r#"["2021-07-01","x"]"#, r#""2021-07-15""#),
            no("dateTimeRange", "", r#"["2021-07-01","2021-07-31"]"#, "20210715"),
            yes("dateTimeRange", "", "[20,202]", "100"),
            no("dateTimeRange", "", "[20,202]", "203"),
            no("dateTimeRange", "", "[20,202]", r#""2021-07-15""#),
        ],
    ),
];
