//! What 兔展's endpoints answer: codes of checks and saves, and the reasons of a denial.

use std::io;

use rabbitpre_auth::{ReadError, Reason, SaveError, Undecidable};

use super::{Again, Row, Table, words};

const OF: &str = "rabbitpre-auth";

pub(super) fn tables() -> [Table; 3] {
    [checks(), saves(), reasons()]
}

fn checks() -> Table {
    let source = || Box::new(io::Error::other("")) as Box<_>;
    let all = [
        Undecidable::NoUserParam,
        Undecidable::Unreadable(ReadError::NotJson { at: 0, what: "" }),
        Undecidable::Unreadable(ReadError::TooLarge),
        Undecidable::SourceFailed(source()),
        Undecidable::StoreFailed(source()),
        Undecidable::TooLate,
        Undecidable::Overloaded,
        Undecidable::Internal,
    ];
    let mut rows = vec![
        row("NOT_QUALIFIED", ("denied", "不予通过"), reason_row(), Again::No, "§3"),
        row(
            "REFUSED",
            (
                "the guard does not let the caller in: HTTP 401 or 403",
                "访问控制拒绝了调用方：HTTP 401 或 403",
            ),
            (
                "compare token and address with what the server was given",
                "核对 token 和来源 IP 与服务器的配置",
            ),
            Again::No,
            "§3",
        ),
    ];
    rows.extend(all.iter().map(|reason| {
        let (code, http) = (reason.code(), reason.http_status());
        let (what, advice) = split(&kind(reason));
        let named = format!("{what}: code `{code}`, HTTP {http}");
        let again = if code == "400" { Again::No } else { Again::Later };
        let chinese = words_of(reason.error_code());
        let meaning = (named, format!("{}：返回码 `{code}`，HTTP {http}", chinese.0));
        Row {
            code: reason.error_code().to_owned(),
            meaning,
            advice: (advice, chinese.1.to_owned()),
            again,
            section: "§3",
        }
    }));
    Table {
        title: ("兔展 Rabbitpre: `errorCode` of a check", "兔展：检查应答的 `errorCode`"),
        about: (
            "Whatever stands here, `data` is `\"false\"`: the user is denied.",
            "凡出现以下 `errorCode`，`data` 均为 `\"false\"`，即不通过。",
        ),
        of: OF,
        rows,
    }
}

/// The message, without where in the body it was.
fn kind(reason: &Undecidable) -> String {
    match reason {
        Undecidable::NoUserParam => {
            "a member is missing or of another kind; the message says which".to_owned()
        }
        Undecidable::Unreadable(ReadError::NotJson { .. }) => {
            "the body is not JSON, nested too deep, or names a member twice; the log says at which byte"
                .to_owned()
        }
        other => other.to_string(),
    }
}

fn words_of(error_code: &str) -> (&'static str, &'static str) {
    match error_code {
        "BAD_REQUEST" => ("缺少字段或字段类型不对", "返回的消息指出是哪个字段"),
        "UNREADABLE_BODY" => ("请求体不是 JSON、嵌套过深或有重复成员", "日志指出出错的字节位置"),
        "BODY_TOO_LARGE" => ("请求体过大", "减小请求体"),
        "ATTRIBUTE_SOURCE_FAILED" => ("用户属性来源出错", "检查属性来源，可以重试"),
        "SETTINGS_STORE_FAILED" => ("配置存储出错", "检查配置存储，可以重试"),
        "TIMEOUT" => ("未能在时限内判定", "检查属性来源的速度、请求体和条件数量"),
        "OVERLOADED" => ("并发请求过多", "稍后重试；增加实例"),
        "INTERNAL_ERROR" => ("本服务内部错误", "查看 stderr 并报告"),
        _ => ("", ""),
    }
}

fn saves() -> Table {
    let all = [
        (SaveError::NoUserId, "请求体或字段有误", "返回的消息指出原因", Again::No),
        (SaveError::UnknownId, "`externalConfigId` 不存在", "不带该字段即新建", Again::No),
        (
            SaveError::StoreFailed(Box::new(io::Error::other(""))),
            "配置存储出错",
            "检查配置存储，然后再次保存",
            Again::Later,
        ),
        (SaveError::TooLate, "配置存储未及时应答", "先确认是否已保存，再决定是否重发", Again::AskFirst),
    ];
    let rows = all.into_iter().map(|(error, meaning, advice, again)| {
        let said = match error {
            SaveError::NoUserId => {
                "the body or a member is not as documented; the message says which".to_owned()
            }
            ref other => other.to_string(),
        };
        let (what, to_do) = split(&said);
        let (meaning, advice) = ((what, meaning.to_owned()), (to_do, advice.to_owned()));
        Row { code: error.code().to_string(), meaning, advice, again, section: "§2" }
    });
    Table {
        title: ("兔展 Rabbitpre: `code` of a save", "兔展：保存应答的 `code`"),
        about: (
            "Nothing has changed, but for `503` and `500`: look whether the setting is there. `200` is success.",
            "配置未改变；`503` 和 `500` 例外，须确认是否已保存。`200` 表示成功。",
        ),
        of: OF,
        rows: rows.collect(),
    }
}

/// In the order in which the crate lists them.
const REASONS: &[Reason] = &[
    Reason::Holds,
    Reason::NotSatisfied,
    Reason::MissingAttribute,
    Reason::UnreadableAttribute,
    Reason::NoName,
    Reason::UnknownType,
    Reason::UnknownOperator,
    Reason::OperatorNotForType,
    Reason::EmptyValues,
    Reason::WrongNumberOfValues,
    Reason::UnreadableValues,
    Reason::EmptyRange,
    Reason::AttributeWithoutContent,
    Reason::NoSettingId,
    Reason::UnknownSetting,
    Reason::UnreadableSetting,
    Reason::UnknownCombination,
    Reason::UnreadableExternalValues,
    Reason::NothingToCheck,
    Reason::NoSavedConditionHolds,
    Reason::NoExternalValueHolds,
];

fn reasons() -> Table {
    let rows = REASONS.iter().map(|reason| {
        let (code, chinese) = (reason.code(), reason.chinese());
        let again = if *reason == Reason::Holds { Again::Needless } else { Again::No };
        let meaning = format!("{} (`{chinese}`)", code.replace('-', " "));
        Row {
            code: code.to_owned(),
            meaning: (meaning, chinese.to_owned()),
            advice: both(words::reason(code)),
            again,
            section: "§4",
        }
    });
    Table {
        title: ("兔展 Rabbitpre: reasons in a trace", "兔展：trace 中的原因"),
        about: (
            "Why a condition holds or does not, as `duijie rabbitpre check` and the member `trace` show it. Everything but `holds` denies.",
            "条件是否满足的原因，见 `duijie rabbitpre check` 和应答中的 `trace`。除 `holds` 外均为不通过。",
        ),
        of: OF,
        rows: rows.collect(),
    }
}

fn reason_row() -> (&'static str, &'static str) {
    (
        "`duijie rabbitpre check` says which condition, and why: the reasons below",
        "`duijie rabbitpre check` 指出哪个条件、什么原因，见下文",
    )
}

fn row(
    code: &str,
    meaning: (&'static str, &'static str),
    advice: (&'static str, &'static str),
    again: Again,
    section: &'static str,
) -> Row {
    Row { code: code.to_owned(), meaning: both(meaning), advice: both(advice), again, section }
}

fn both(words: (&'static str, &'static str)) -> super::Words {
    (words.0.to_owned(), words.1.to_owned())
}

/// Our messages say what is wrong, then what to do.
fn split(message: &str) -> (String, String) {
    let (what, advice) = message.split_once("; ").unwrap_or((message, "see the message"));
    (what.to_owned(), advice.to_owned())
}
