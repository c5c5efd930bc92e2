//! 宜昌's answers, member by member as the document prints them.

use serde::Serialize;
use serde_json::value::RawValue;
use sign_core::{UnixMillis, form};

use super::YichangOptions;
use crate::exchange::code_json;

/// What `data` is in an answer that refuses (YC-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FailureData {
    /// Not there.
    #[default]
    Absent,
    /// `null`.
    Null,
    /// `[]`: how PHP prints an array with nothing in it.
    EmptyList,
    /// `""`.
    EmptyText,
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    code: &'a RawValue,
    msg: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<T>,
}

/// yichang SPEC.md §3.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoginData<'a> {
    jump_url: String,
    sso_token: &'a str,
}

/// yichang SPEC.md §4.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TodoData {
    row_count: usize,
    items: Vec<TodoItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TodoItem {
    request_id: u32,
    sano: &'static str,
    title: &'static str,
    url: String,
    creator_id: u32,
    creator_name: &'static str,
    workflow_name: &'static str,
    workflow_type_id: u32,
    workflow_type_name: &'static str,
}

fn write<T: Serialize>(
    options: &YichangOptions,
    code: &str,
    msg: &str,
    time: Option<UnixMillis>,
    data: Option<T>,
) -> String {
    // YC-4: number or text.
    let written = RawValue::from_string(code_json(code, !options.code_as_text)).and_then(|code| {
        let time = time.map(|at| at.to_seconds().to_string());
        serde_json::to_string(&Envelope { code: &code, msg, time, data })
    });
    // PHP escapes slashes, as the sample shows. In JSON a slash stands in texts only.
    written.expect("texts and numbers under fixed names can be written").replace('/', "\\/")
}

pub(super) fn login(options: &YichangOptions, now: UnixMillis, url: &str, token: &str) -> String {
    let base = if url.is_empty() { "http://portal.example/wui/index.html" } else { url };
    let separator = if base.contains('?') { '&' } else { '?' };
    let jump_url = format!("{base}{separator}ssoToken={}", form::Encoded(token));
    write(options, "1", "success", Some(now), Some(LoginData { jump_url, sso_token: token }))
}

pub(super) fn todo(options: &YichangOptions, now: UnixMillis) -> String {
    let item = |request_id: u32, sano, title, creator_id, creator_name| TodoItem {
        request_id,
        sano,
        title,
        url: format!("http://portal.example/workflow/{request_id}"),
        creator_id,
        creator_name,
        workflow_name: "签名信息采集",
        workflow_type_id: 100,
        workflow_type_name: "日常办公",
    };
    let items = vec![
        item(10412, "QMXX20210709000002", "签名信息采集-测试甲-2021-07-09", 22, "测试甲"),
        item(10413, "QMXX20210709000003", "签名信息采集-测试乙-2021-07-09", 23, "测试乙"),
    ];
    write(options, "1", "success", Some(now), Some(TodoData { row_count: items.len(), items }))
}

pub(super) fn failure(options: &YichangOptions, code: &str, message: &str) -> String {
    let data = match options.failure_data {
        FailureData::Absent => None,
        FailureData::Null => Some(serde_json::Value::Null),
        FailureData::EmptyList => Some(serde_json::Value::Array(Vec::new())),
        FailureData::EmptyText => Some(serde_json::Value::String(String::new())),
    };
    write(options, code, message, None, data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_failure(failure_data: FailureData, code_as_text: bool, expected: &str) {
        let options = YichangOptions { failure_data, code_as_text, ..YichangOptions::default() };
        assert_eq!(failure(&options, "0", "签名错误!"), expected);
    }

    #[test]
    fn answers_look_as_printed() {
        check_failure(FailureData::Absent, false, r#"{"code":0,"msg":"签名错误!"}"#);
        check_failure(FailureData::Null, false, r#"{"code":0,"msg":"签名错误!","data":null}"#);
        check_failure(FailureData::EmptyList, true, r#"{"code":"0","msg":"签名错误!","data":[]}"#);
        check_failure(FailureData::EmptyText, false, r#"{"code":0,"msg":"签名错误!","data":""}"#);
        let options = YichangOptions::default();
        assert_eq!(
            login(&options, UnixMillis::new(1_638_169_006_000), "http://a.example/x?y=1", "t"),
            r#"{"code":1,"msg":"success","time":"1638169006","data":{"jumpUrl":"http:\/\/a.example\/x?y=1&ssoToken=t","ssoToken":"t"}}"#
        );
    }
}
