//! What the server under test answered, read as the platform reads it; and what is wrong with its form.

use std::time::Duration;

use platform_sandbox::Reply;
use serde_json::{Map, Value};

use super::found::Found;

/// The answer to a check.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) code: Option<String>,
    pub(super) data: Option<bool>,
    pub(super) elapsed: Duration,
    /// What is wrong with its form.
    pub(super) flaws: Vec<Found>,
}

impl Answer {
    /// SPEC.md §3: 200 and true, and nothing else.
    pub(super) fn allowed(&self) -> bool {
        self.status == 200 && self.code.as_deref() == Some("200") && self.data == Some(true)
    }

    pub(super) fn read(reply: &Reply) -> Self {
        let mut answer =
            Self { status: reply.status, code: None, data: None, elapsed: reply.elapsed, flaws: Vec::new() };
        // Who is turned away, or asked with what is no request, need not be answered in this form.
        let wants_form = reply.status == 200;
        let flaws = &mut Vec::new();
        let Some(members) = object(reply, flaws) else {
            if wants_form {
                answer.flaws.append(flaws);
            }
            return answer;
        };
        answer.code = code(&members, true, flaws);
        answer.data = data(&members, flaws);
        let error_code = members.get("errorCode").and_then(Value::as_str);
        match (error_code, answer.data) {
            (None, _) => flaws
                .push(Found::warning("`errorCode` 缺失，或不是字符串", "`errorCode` is missing, or no text")),
            (Some(""), Some(false)) => flaws.push(Found::warning(
                "拒绝时 `errorCode` 为空，应说明原因，如 `NOT_QUALIFIED`",
                "`errorCode` of a denial is empty; it should say why, as `NOT_QUALIFIED` does",
            )),
            (Some(word), Some(true)) if !word.is_empty() => flaws.push(Found::warning(
                "放行时 `errorCode` 不为空",
                "`errorCode` of an admission is not empty",
            )),
            _ => {}
        }
        match members.get("msg").and_then(Value::as_str) {
            None => flaws.push(Found::warning("`msg` 缺失，或不是字符串", "`msg` is missing, or no text")),
            Some(words) if answer.data == Some(false) && words.is_ascii() => flaws.push(Found::note(
                "拒绝时 `msg` 不是中文：用户和运营者会看到它",
                "`msg` of a denial is not Chinese; users and operators read it",
            )),
            Some(_) => {}
        }
        if let (Some(code), Some("NOT_QUALIFIED")) = (answer.code.as_deref(), error_code)
            && code != "200"
        {
            let code = sign_core::shown(code);
            flaws.push(Found::note(
                format!("拒绝以 code `{code}` 作答（RP-11）：请确认平台按 code 判断"),
                format!("denials carry code `{code}` (RP-11): make sure that the platform looks at code"),
            ));
        }
        if wants_form {
            answer.flaws.append(flaws);
        }
        answer
    }
}

/// The body's members, if it is a JSON object.
pub(super) fn object(reply: &Reply, flaws: &mut Vec<Found>) -> Option<Map<String, Value>> {
    let kind = reply.content_type.as_deref().unwrap_or_default();
    let Ok(members) = serde_json::from_slice::<Map<String, Value>>(&reply.body) else {
        flaws.push(Found::error("应答不是 JSON 对象", "the answer is no JSON object"));
        return None;
    };
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        flaws.push(Found::warning(
            "应答的 Content-Type 不是 application/json",
            "the answer's Content-Type is not application/json",
        ));
    }
    Some(members)
}

/// RP-1: each sample shows `code` in another form; both are read.
pub(super) fn code(members: &Map<String, Value>, as_text: bool, flaws: &mut Vec<Found>) -> Option<String> {
    let code = match (members.get("code"), members.get("code:")) {
        (Some(code), _) => code,
        (None, Some(code)) => {
            flaws.push(Found::warning(
                "成员名是 `code:`，样例的笔误；应为 `code`（RP-1）",
                "the member is named `code:`, the sample's slip; it should be `code` (RP-1)",
            ));
            code
        }
        (None, None) => {
            flaws.push(Found::error("`code` 缺失", "`code` is missing"));
            return None;
        }
    };
    match code {
        Value::String(text) => {
            if !as_text {
                flaws.push(Found::note(
                    "`code` 是字符串；样例为数字 200（RP-1）",
                    "`code` is a text; the sample shows the number 200 (RP-1)",
                ));
            }
            Some(text.clone())
        }
        Value::Number(number) => {
            if as_text {
                flaws.push(Found::warning(
                    "`code` 是数字；样例为字符串 \"200\"（RP-1）",
                    "`code` is a number; the sample shows the text \"200\" (RP-1)",
                ));
            }
            Some(number.to_string())
        }
        _ => {
            flaws
                .push(Found::error("`code` 既不是字符串也不是数字", "`code` is neither a text nor a number"));
            None
        }
    }
}

/// RP-2: a text, by the sample; a boolean is understood.
fn data(members: &Map<String, Value>, flaws: &mut Vec<Found>) -> Option<bool> {
    match members.get("data") {
        Some(Value::String(text)) if text == "true" || text == "false" => Some(text == "true"),
        Some(Value::Bool(data)) => {
            flaws.push(Found::warning(
                "`data` 是布尔值；样例为字符串 \"true\"（RP-2）",
                "`data` is a boolean; the sample shows the text \"true\" (RP-2)",
            ));
            Some(*data)
        }
        _ => {
            flaws.push(Found::error(
                "`data` 不是字符串 \"true\" 或 \"false\"",
                "`data` is neither the text \"true\" nor \"false\"",
            ));
            None
        }
    }
}

/// The answer to a save.
#[derive(Debug)]
pub(super) struct Saved {
    pub(super) status: u16,
    pub(super) code: Option<String>,
    /// `configId`, where the save was a success.
    pub(super) id: Option<String>,
    pub(super) elapsed: Duration,
    pub(super) flaws: Vec<Found>,
}

impl Saved {
    pub(super) fn read(reply: &Reply) -> Self {
        let mut flaws = Vec::new();
        let members = object(reply, &mut flaws);
        let code = members.as_ref().and_then(|members| code(members, false, &mut flaws));
        let given = members.as_ref().and_then(|members| members.get("data")?.get("configId"));
        let id = match given {
            Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
            Some(Value::Number(number)) => {
                flaws.push(Found::warning(
                    "`configId` 是数字；应为字符串：大于 2^53 的编号会失真",
                    "`configId` is a number; it should be a text: above 2^53 its digits are lost",
                ));
                Some(number.to_string())
            }
            _ => None,
        };
        let id = id.filter(|_| reply.status == 200 && code.as_deref() == Some("200"));
        if members.is_some_and(|members| !members.get("msg").is_some_and(Value::is_string)) {
            flaws.push(Found::warning("`msg` 缺失，或不是字符串", "`msg` is missing, or no text"));
        }
        if reply.status != 200 {
            flaws.clear();
        }
        Self { status: reply.status, code, id, elapsed: reply.elapsed, flaws }
    }
}
