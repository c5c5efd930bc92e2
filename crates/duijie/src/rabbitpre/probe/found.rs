//! What is wrong with one answer, in Chinese and in English.

use platform_sandbox::CallError;

use super::reply::Answer;
use crate::{
    lang::Lang,
    probe::{Check, Severity},
};

/// A finding in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) severity: Severity,
    zh: String,
    en: String,
}

impl Found {
    pub(super) fn error(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { severity: Severity::Error, zh: zh.into(), en: en.into() }
    }

    pub(super) fn warning(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(zh, en) }
    }

    pub(super) fn note(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(zh, en) }
    }

    pub(super) fn no_answer(error: &CallError) -> Self {
        Self::error(format!("没有得到完整应答：{error}"), format!("no whole answer: {error}"))
    }

    /// The same, said of this.
    pub(super) fn of(self, what: &str) -> Self {
        if what.is_empty() {
            return self;
        }
        Self { zh: format!("{what}：{}", self.zh), en: format!("{what}: {}", self.en), ..self }
    }

    pub(super) fn text(&self, lang: Lang) -> String {
        lang.pick(&self.zh, &self.en).clone()
    }

    pub(super) fn add_to(&self, check: &mut Check, lang: Lang) {
        check.add(self.severity, self.text(lang));
    }
}

/// What a check should come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    Allowed,
    Denied,
    /// The request says too little: code 400, and denied.
    Undecidable,
    /// The body is none: this HTTP status, and denied.
    Refused(u16),
}

impl From<bool> for Expected {
    fn from(allowed: bool) -> Self {
        if allowed { Self::Allowed } else { Self::Denied }
    }
}

/// What is wrong with the decision; its form is judged elsewhere. To let in whom nobody should is the worst; to deny in
/// other words than the document's harms nobody.
pub(super) fn judge(answer: &Result<Answer, CallError>, expected: Expected, what: &str) -> Vec<Found> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return vec![Found::no_answer(error).of(what)],
    };
    let code = answer.code.as_deref().map_or_else(|| "-".into(), sign_core::shown);
    let status = answer.status;
    let found = match expected {
        Expected::Allowed if answer.allowed() => None,
        Expected::Allowed if matches!(status, 401 | 403) => Some(Found::error(
            format!("HTTP {status}：被拒之门外；用 --guard-token-env 给出令牌"),
            format!("HTTP {status}: turned away; give its token with --guard-token-env"),
        )),
        Expected::Allowed if status != 200 => Some(Found::error(
            format!("应放行，却答以 HTTP {status}"),
            format!("should be allowed, but was answered with HTTP {status}"),
        )),
        Expected::Allowed if answer.data == Some(true) => Some(Found::error(
            format!("data 为 true 而 code 是 `{code}`：平台视为拒绝"),
            format!("data is true, but code is `{code}`: to the platform this is a denial"),
        )),
        Expected::Allowed => Some(Found::error(
            format!("应放行，却被拒绝（code `{code}`）"),
            format!("should be allowed, but was denied (code `{code}`)"),
        )),
        _ if answer.allowed() => Some(Found::error("应拒绝，却放行", "should be denied, but was allowed")),
        Expected::Denied if status != 200 => Some(Found::warning(
            format!("拒绝以 HTTP {status} 作答，应为 200"),
            format!("denied with HTTP {status}; a denial is answered with 200"),
        )),
        Expected::Denied if matches!(code.as_ref(), "400" | "500" | "503") => Some(Found::warning(
            format!("拒绝以 code `{code}` 作答；可以判定的请求应答 `200` 与 data `false`"),
            format!("denied with code `{code}`; what can be decided is answered with `200` and data `false`"),
        )),
        Expected::Undecidable if status != 200 => Some(Found::warning(
            format!("以 HTTP {status} 作答，应为 200 与 code `400`"),
            format!("answered with HTTP {status}; it should be 200 with code `400`"),
        )),
        Expected::Undecidable if code == "200" => Some(Found::warning(
            "无法判定的请求以 code `200` 作答，应为 `400`",
            "what cannot be decided was answered with code `200`; it should be `400`",
        )),
        Expected::Refused(wanted) if status != wanted => Some(Found::warning(
            format!("以 HTTP {status} 作答，应为 {wanted}"),
            format!("answered with HTTP {status}; it should be {wanted}"),
        )),
        _ => None,
    };
    found.into_iter().map(|found| found.of(what)).collect()
}
