//! What a request must hold, and bodies that are none (SPEC.md §3, §4.10 Request, checkType, Limits).

use super::{
    found::Expected,
    target::{Ask, Target},
};
use crate::probe::{Check, Report};

/// SPEC.md §4.10 Limits.
const LIMIT: usize = 1024 * 1024;
const DEPTH: usize = 64;

type Line = (&'static str, String, Expected);

struct Group {
    check: &'static str,
    section: &'static str,
    title: (&'static str, &'static str),
    lines: Vec<Line>,
}

/// Requests around `audid`, JSON.
fn groups(audid: &str) -> Vec<Group> {
    use Expected::{Allowed, Denied, Refused, Undecidable};
    let user = format!(r#""userParam":{{"audid":{audid}}}"#);
    let with = |members: &str| format!("{{{user},{members}}}");
    let group = |check, section, title, lines| Group { check, section, title, lines };
    vec![
        group(
            "tolerance",
            "§4.10",
            ("可省略的成员与未知成员", "members that may be left out, and unknown ones"),
            vec![
                ("userParam", format!("{{{user}}}"), Allowed),
                ("authParams null", with(r#""authParams":null"#), Allowed),
                ("authParams []", with(r#""authParams":[]"#), Allowed),
                ("unknown members", with(r#""authParams":[],"duijie":{"x":[1]}"#), Allowed),
                (
                    "identitys",
                    format!(
                        r#"{{"userParam":{{"audid":{audid},"sex":"1","markFlag":0,"identitys":[{{"identityId":"1","platform":"wx","jcappid":9007199254740993,"appid":"wx"}}]}}}}"#
                    ),
                    Allowed,
                ),
                ("audid \"text\"", r#"{"userParam":{"audid":"duijie-probe"}}"#.to_owned(), Allowed),
                ("blank first", format!(" \n{{{user}}}\n"), Allowed),
            ],
        ),
        group(
            "no-user",
            "§4.10",
            ("没有 audid：无法判定", "without audid: not decidable"),
            vec![
                ("no userParam", r#"{"authParams":[]}"#.to_owned(), Undecidable),
                ("no audid", r#"{"userParam":{"phone":"1"}}"#.to_owned(), Undecidable),
                ("audid null", r#"{"userParam":{"audid":null}}"#.to_owned(), Undecidable),
                ("audid \"\"", r#"{"userParam":{"audid":""}}"#.to_owned(), Undecidable),
                ("audid []", r#"{"userParam":{"audid":[]}}"#.to_owned(), Undecidable),
                ("userParam []", r#"{"userParam":[]}"#.to_owned(), Undecidable),
                ("[]", "[]".to_owned(), Undecidable),
            ],
        ),
        group(
            "bad-conditions",
            "§4.10",
            ("authParams 不是条件列表：无法判定", "authParams is no list of conditions: not decidable"),
            vec![
                ("authParams {}", with(r#""authParams":{}"#), Undecidable),
                ("authParams \"\"", with(r#""authParams":"x""#), Undecidable),
                ("authParams [null]", with(r#""authParams":[null]"#), Undecidable),
                ("authParams [\"a\"]", with(r#""authParams":["a"]"#), Undecidable),
            ],
        ),
        group(
            "check-type-off",
            "§4.8",
            ("checkType 为假：不看外部配置", "checkType false: no external check"),
            ["false", r#""false""#, "0", r#""0""#, r#""FALSE""#, "null", r#""""#]
                .into_iter()
                .map(|word| {
                    (
                        word,
                        with(&format!(r#""checkType":{word},"externalConfigId":"duijie-nobody""#)),
                        Allowed,
                    )
                })
                .collect(),
        ),
        group(
            "check-type-on",
            "§4.8",
            ("checkType 为真，配置不存在：拒绝", "checkType true, and an unknown externalConfigId: denied"),
            ["true", r#""true""#, "1", r#""1""#, r#""TRUE""#]
                .into_iter()
                .map(|word| {
                    (word, with(&format!(r#""checkType":{word},"externalConfigId":"duijie-nobody""#)), Denied)
                })
                .chain([("no externalConfigId", with(r#""checkType":true"#), Denied)])
                .collect(),
        ),
        group(
            "check-type-else",
            "§4.10",
            ("checkType 读不懂：无法判定", "checkType is neither: not decidable"),
            [r#""yes""#, "2", "{}", "[]"]
                .into_iter()
                .map(|word| (word, with(&format!(r#""checkType":{word}"#)), Undecidable))
                .collect(),
        ),
        group(
            "not-json",
            "§3",
            ("请求体不是 JSON", "bodies that are not JSON"),
            vec![
                ("text", "duijie".to_owned(), Refused(400)),
                ("empty", String::new(), Refused(400)),
                ("cut off", format!("{{{user}"), Refused(400)),
                ("form", "userParam=1&audid=2".to_owned(), Refused(400)),
                ("two documents", format!("{{{user}}}{{{user}}}"), Refused(400)),
                ("trailing comma", format!("{{{user},}}"), Refused(400)),
            ],
        ),
        group(
            "doubled-members",
            "§4.10",
            ("重复的成员：拒收", "doubled members are refused"),
            vec![
                ("authParams", with(r#""authParams":[],"authParams":[]"#), Refused(400)),
                ("audid", format!(r#"{{"userParam":{{"audid":{audid},"audid":"2"}}}}"#), Refused(400)),
                ("escaped", with(r#""x":1,"\u0078":2"#), Refused(400)),
            ],
        ),
        group(
            "lone-surrogate",
            "§4.10",
            ("半个代理对：拒收", "lone surrogates are refused"),
            vec![
                ("\\ud83d", with(r#""x":"\ud83d""#), Refused(400)),
                ("\\ude00\\ud83d", with(r#""x":"\ude00\ud83d""#), Refused(400)),
            ],
        ),
        group(
            "depth",
            "§4.10",
            ("嵌套层数的上限", "the limit of nesting"),
            vec![
                ("64", with(&nested(DEPTH)), Allowed),
                ("65", with(&nested(DEPTH.saturating_add(1))), Refused(400)),
                ("100000", with(&nested(100_000)), Refused(400)),
            ],
        ),
        group(
            "too-large",
            "§4.10",
            ("请求体大小的上限", "the limit of a body"),
            vec![
                ("1 MiB", padded(&user, LIMIT), Allowed),
                ("1 MiB + 1 B", padded(&user, LIMIT.saturating_add(1)), Refused(413)),
                ("4 MiB", padded(&user, LIMIT.saturating_mul(4)), Refused(413)),
            ],
        ),
    ]
}

/// A member that makes the body so deep; the body itself is the first.
fn nested(depth: usize) -> String {
    let lists = depth.saturating_sub(1);
    format!(r#""deep":{}{}"#, "[".repeat(lists), "]".repeat(lists))
}

/// A body of so many bytes.
fn padded(user: &str, bytes: usize) -> String {
    let head = format!(r#"{{{user},"padding":""#);
    let padding = bytes.saturating_sub(head.len()).saturating_sub(2);
    format!("{head}{}\"}}", "x".repeat(padding))
}

/// Where nobody is let in anyway, a denial says nothing.
pub(super) async fn check(target: &Target, works: bool, report: &mut Report) {
    for group in groups(&target.audid) {
        let mut check = Check::new(group.check, group.title).section(group.section);
        if !works {
            report.add(check.skip());
            continue;
        }
        for (what, body, expected) in group.lines {
            let answer = target.check_body(body).await;
            target.conclude(&mut check, &answer, expected, what);
        }
        if group.check == "not-json" {
            let mut body = br#"{"userParam":{"audid":"1","x":""#.to_vec();
            body.extend(b"\xff\xfe\"}}");
            let answer = target.check_body(body).await;
            target.conclude(&mut check, &answer, Expected::Refused(400), "not UTF-8");
            let answer = target.check(&Ask::default()).await;
            target.conclude(&mut check, &answer, Expected::Allowed, "a good request after them");
        }
        report.add(check);
    }
}

#[cfg(test)]
mod tests {
    use rabbitpre_auth::{CheckRequest, Undecidable};

    use super::*;

    /// The reference implementation reads, and refuses, the same.
    #[test]
    fn the_parser_agrees_with_every_line() {
        for group in groups("9007199254740993") {
            for (what, body, expected) in group.lines {
                let parsed = CheckRequest::parse(body.as_bytes());
                let fits = match expected {
                    Expected::Allowed => parsed.is_ok(),
                    Expected::Denied => parsed.is_ok(),
                    Expected::Undecidable => parsed.as_ref().is_err_and(|error| error.http_status() == 200),
                    Expected::Refused(status) => {
                        parsed.as_ref().is_err_and(|error: &Undecidable| error.http_status() == status)
                    }
                };
                assert!(fits, "{} {what}: {parsed:?}", group.check);
            }
        }
    }

    #[test]
    fn bodies_are_as_long_and_as_deep_as_they_say() {
        assert_eq!(padded(r#""userParam":{"audid":1}"#, LIMIT).len(), LIMIT);
        assert_eq!(nested(3), r#""deep":[[]]"#);
    }
}
