//! A trace as a table, for the people who configure conditions: in their language, aligned, without JSON.

use std::io::{self, Write};

use rabbitpre_auth::{Operator, Reason, Trace, TraceEntry, Value};
use unicode_width::UnicodeWidthStr as _;

use crate::lang::Lang;

const HEADS: ([&str; 7], [&str; 7]) = (
    ["条件", "名称", "运算符", "期望", "用户", "结果", "原因"],
    ["condition", "name", "operator", "expected", "user", "holds", "reason"],
);
/// How many values of one list are shown.
const VALUES: usize = 6;
/// How wide a cell may be, in columns of a terminal.
const WIDTH: usize = 48;
/// Stands for nothing.
const NOTHING: &str = "-";

/// The decision, then a line for each condition.
pub(super) fn show(lang: Lang, trace: &Trace, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", if trace.allowed { lang.pick("✓ 通过", "✓ allowed") } else { denied(lang) })?;
    if let Some(reason) = trace.external {
        writeln!(out, "{}{}", lang.pick("外部校验：", "external check: "), words(lang, reason))?;
    }
    if trace.entries.is_empty() {
        return Ok(());
    }
    let heads = lang.pick(HEADS.0, HEADS.1).map(str::to_owned);
    let rows: Vec<_> =
        std::iter::once(heads).chain(trace.entries.iter().map(|entry| row(lang, entry))).collect();
    let mut widths = [0; HEADS.0.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let padding = width.saturating_sub(cell.width()).saturating_add(2);
            line.push_str(cell);
            line.push_str(&" ".repeat(padding));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// The decision where it is no.
pub(super) fn denied(lang: Lang) -> &'static str {
    lang.pick("✗ 不予通过", "✗ denied")
}

/// A clause in Chinese; in English the code, which the index of all codes explains.
fn words(lang: Lang, reason: Reason) -> &'static str {
    lang.pick(reason.chinese(), reason.code())
}

fn row(lang: Lang, entry: &TraceEntry) -> [String; 7] {
    let operator = entry.operator.as_deref();
    [
        cell(&entry.label),
        cell(&entry.name),
        operator.map_or_else(|| NOTHING.to_owned(), |operator| cell(word(lang, operator))),
        cell(&values(lang, &entry.expected, operator)),
        cell(&values(lang, &entry.had, None)),
        if entry.held() { "✓" } else { "✗" }.to_owned(),
        words(lang, entry.reason).to_owned(),
    ]
}

/// The operator in words; one that is unknown as it was written.
fn word(lang: Lang, operator: &str) -> &str {
    let (zh, en) = match Operator::parse(operator) {
        Some(Operator::Eq) => ("等于", "is"),
        Some(Operator::Neq) => ("不等于", "is not"),
        Some(Operator::In) => ("属于其一", "one of"),
        Some(Operator::All) => ("全部包含", "all of"),
        Some(Operator::Gt) => ("大于", "above"),
        Some(Operator::Gteq) => ("大于等于", "at least"),
        Some(Operator::Lt) => ("小于", "below"),
        Some(Operator::Lteq) => ("小于等于", "at most"),
        Some(Operator::Between) => ("介于", "between"),
        None => (operator, operator),
    };
    lang.pick(zh, en)
}

/// A value without quotes and brackets: `金卡、黑金`, `湖北省/宜昌市`, `18 ~ 30`.
fn values(lang: Lang, value: &Value<'_>, operator: Option<&str>) -> String {
    let Value::List(items) = value else { return one(lang, value) };
    match (&items[..], operator.and_then(Operator::parse)) {
        ([], _) => empty(lang),
        ([low, high], Some(Operator::Between)) => format!("{} ~ {}", one(lang, low), one(lang, high)),
        _ => {
            let joined = list(lang, items.get(..VALUES).unwrap_or(items));
            match (items.len(), lang) {
                (..=VALUES, _) => joined,
                (all, Lang::Zh) => format!("{joined} 等 {all} 项"),
                (all, Lang::En) => format!("{joined} … {all} in all"),
            }
        }
    }
}

fn empty(lang: Lang) -> String {
    lang.pick("（空）", "(empty)").to_owned()
}

fn list(lang: Lang, items: &[Value<'_>]) -> String {
    items.iter().map(|item| one(lang, item)).collect::<Vec<_>>().join(lang.pick("、", ", "))
}

/// One value; a path is written with `/`. The reader's limit bounds the depth.
fn one(lang: Lang, value: &Value<'_>) -> String {
    match value {
        Value::Null => NOTHING.to_owned(),
        Value::Bool(true) => "true".to_owned(),
        Value::Bool(false) => "false".to_owned(),
        Value::Number(number) => number.as_str().to_owned(),
        Value::Text(text) if text.is_empty() => empty(lang),
        Value::Text(text) => text.clone().into_owned(),
        Value::List(nodes) => nodes.iter().map(|node| one(lang, node)).collect::<Vec<_>>().join("/"),
        // A node of a tree: what people chose is its label, or the value.
        Value::Object(node) => {
            let given = |name| node.get(name).filter(|value| **value != Value::Null);
            let head = given("label").or_else(|| given("value"));
            let head = head.map_or_else(|| "{…}".to_owned(), |head| one(lang, head));
            match (given("children"), lang) {
                (Some(Value::List(below)), _) if below.is_empty() => head,
                (Some(Value::List(below)), _) if below.len() == 1 => format!("{head}/{}", list(lang, below)),
                (Some(Value::List(below)), Lang::Zh) => format!("{head}/（{}）", list(lang, below)),
                (Some(Value::List(below)), Lang::En) => format!("{head}/({})", list(lang, below)),
                _ => head,
            }
        }
    }
}

/// Fit for a cell: no longer than it may be, and nothing in it that moves the cursor.
fn cell(text: &str) -> String {
    let (mut cell, mut width) = (String::new(), 0_usize);
    for character in text.chars() {
        let piece: String = if character.is_control() || is_direction(character) {
            character.escape_unicode().collect()
        } else {
            character.into()
        };
        width = width.saturating_add(piece.width());
        if width > WIDTH {
            cell.push('…');
            return cell;
        }
        cell.push_str(&piece);
    }
    if cell.is_empty() { NOTHING.to_owned() } else { cell }
}

/// Marks that turn the direction of what follows: a text could be shown as another.
const fn is_direction(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use rabbitpre_auth::{LineAnswer, check_line};

    use super::*;

    fn table(lang: Lang, line: &str) -> String {
        let Ok(LineAnswer::Decided(trace)) = check_line(line.as_bytes()) else { panic!("{line}") };
        let mut out = Vec::new();
        show(lang, &trace, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    const DENIED: &str = r#"{"request":{"userParam":{"audid":1,"realName":"张三丰","age":17,"level":"gold"},"authParams":[
        {"chineseName":"年龄","englishName":"age","paramType":"number","operator":"GTEQ","values":"18"},
        {"chineseName":"会员等级","englishName":"level","paramType":"checkbox","operator":"IN","values":["gold","black"]},
        {"chineseName":"姓名","englishName":"realName","paramType":"text","operator":"LIKE","values":"张%"},
        {"chineseName":"消费","englishName":"spending","paramType":"area","values":[100,"1000.50"]}]}}"#;

    #[test]
    fn columns_are_aligned_where_characters_are_two_wide() {
        assert_eq!(
            table(Lang::Zh, DENIED),
            "✗ 不予通过\n\
             条件      名称      运算符    期望           用户   结果  原因\n\
             年龄      age       大于等于  18             17     ✗     用户的值不满足条件\n\
             会员等级  level     属于其一  gold、black    g**d   ✓     满足\n\
             姓名      realName  LIKE      张%            张*丰  ✗     条件运算符未知\n\
             消费      spending  介于      100 ~ 1000.50  -      ✗     用户没有该属性\n"
        );
    }

    /// But for what conditions and users are called.
    #[test]
    fn the_same_in_english() {
        assert_eq!(
            table(Lang::En, DENIED),
            "✗ denied\n\
             condition  name      operator  expected       user   holds  reason\n\
             年龄       age       at least  18             17     ✗      not-satisfied\n\
             会员等级   level     one of    gold, black    g**d   ✓      holds\n\
             姓名       realName  LIKE      张%            张*丰  ✗      unknown-operator\n\
             消费       spending  between   100 ~ 1000.50  -      ✗      missing-attribute\n"
        );
        let external = r#"{"request":{"userParam":{"audid":1},"checkType":true,"externalConfigId":"x"}}"#;
        assert_eq!(table(Lang::En, external), "✗ denied\nexternal check: unknown-setting\n");
        assert_eq!(table(Lang::En, r#"{"request":{"userParam":{"audid":1}}}"#), "✓ allowed\n");
        let shown =
            |json: &str| values(Lang::En, &rabbitpre_auth::read(json.as_bytes()).unwrap(), Some("IN"));
        assert_eq!(shown("[]"), "(empty)");
        assert_eq!(shown("[1,2,3,4,5,6,7]"), "1, 2, 3, 4, 5, 6 … 7 in all");
        assert_eq!(shown(r#"{"label":"a","children":[{"label":"b"},{"label":""}]}"#), "a/(b, (empty))");
        let operators = ["EQ", "NEQ", "IN", "ALL", "GT", "GTEQ", "LT", "LTEQ", "BETWEEN"];
        assert!(operators.map(|operator| word(Lang::En, operator)).iter().all(|word| word.is_ascii()));
    }

    #[track_caller]
    fn check(json: &str, operator: Option<&str>, expected: &str) {
        assert_eq!(values(Lang::Zh, &rabbitpre_auth::read(json.as_bytes()).unwrap(), operator), expected);
    }

    #[test]
    fn values_are_read_without_knowing_json() {
        check("null", None, "-");
        check("[]", Some("IN"), "（空）");
        check(r#""""#, Some("EQ"), "（空）");
        check("[1,2]", Some("BETWEEN"), "1 ~ 2");
        check("[1,2]", Some("IN"), "1、2");
        check("[1,2,3]", Some("BETWEEN"), "1、2、3");
        check(r#"[["湖北省","宜昌市"],["山西省"]]"#, Some("IN"), "湖北省/宜昌市、山西省");
        check(
            r#"[{"label":"湖北省","value":"42","children":[{"label":"宜昌市","value":"4205","children":[]}]},{"value":"14"}]"#,
            Some("IN"),
            "湖北省/宜昌市、14",
        );
        check(r#"{"label":"湖北省","children":[{"label":"甲"},{"label":"乙"}]}"#, None, "湖北省/（甲、乙）");
        check("[1,2,3,4,5,6,7,8]", Some("IN"), "1、2、3、4、5、6 等 8 项");
        check("9007199254740993", None, "9007199254740993");
    }

    #[test]
    fn nothing_in_a_cell_moves_the_cursor() {
        assert_eq!(cell("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\u{a}");
        assert_eq!(cell("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(cell(&"宽".repeat(40)), "宽".repeat(24) + "…");
        assert_eq!(cell(""), "-");
    }

    #[test]
    fn an_external_check_says_why_it_denies() {
        let external = r#"{"request":{"userParam":{"audid":1},"checkType":true,"externalConfigId":"x"}}"#;
        assert_eq!(table(Lang::Zh, external), "✗ 不予通过\n外部校验：外部配置不存在\n");
        assert_eq!(table(Lang::Zh, r#"{"request":{"userParam":{"audid":1}}}"#), "✓ 通过\n");
    }
}
