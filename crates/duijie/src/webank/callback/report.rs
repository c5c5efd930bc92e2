//! What a probe of callbacks found, in words.

use std::time::Duration;

use platform_sandbox::{CallError, CallbackOutcome, Violation};
use webank::callback::CallbackCode;

use crate::{
    exit::{Exit, Failure},
    lang::Lang,
    probe::{self, Check, Severity},
};

/// What is wrong.
#[derive(Debug, Clone)]
pub(super) enum Finding {
    Violation(Violation),
    /// No whole answer.
    Call(CallError),
    /// Later than the bank waits.
    Late(Duration),
    /// A good call was refused.
    Refused(String),
    /// A good call was refused for the letter case of its signature.
    LetterCase,
    /// A repeat was answered otherwise than the first.
    AnotherAnswer,
}

impl Finding {
    fn text(&self, lang: Lang) -> String {
        let Lang::Zh = lang else { return self.english() };
        match self {
            Self::Violation(violation) => match violation {
                Violation::Status(status) => format!("HTTP 状态码是 {status}，应为 200"),
                Violation::NotTooLarge(status) => {
                    format!("超过 1 MiB 的请求，HTTP 状态码是 {status}，应为 413")
                }
                Violation::NotJson => "应答不是 JSON 对象".to_owned(),
                Violation::Member(name) => format!("应答缺少 `{name}`，或它不是字符串"),
                Violation::Signature => "应答的签名不是 Plain、盐、Timestamp 的 SHA-256".to_owned(),
                Violation::Echo(name) => format!("应答的 `{name}` 与请求不一致"),
                Violation::FormCoding => {
                    "应答的 `Plain` 没有按表单编码（java.net.URLEncoder）：含有应转义的字符".to_owned()
                }
                Violation::Plain => "应答的 `Plain` 解码后不是 JSON 对象".to_owned(),
                Violation::Business(name) => format!("应答 `Plain` 中缺少 `{name}`，或它不是字符串"),
                Violation::Code { expected } => format!("`CODE` 应为 `{expected}`"),
                other => other.to_string(),
            },
            Self::Call(error) => format!("没有得到完整应答：{error}"),
            Self::Late(elapsed) => format!("{} 毫秒才应答，银行不会等这么久", elapsed.as_millis()),
            Self::Refused(code) => match code.as_str() {
                "0010" => "正确的请求被拒绝（0010）：核对两边的盐，并按收到的原文验签 `Plain`".to_owned(),
                "0012" => "正确的请求被拒绝（0012）：核对两边的时钟".to_owned(),
                "0002" => "正确的请求被拒绝（0002）：用 --trans-name 给出服务器认识的接口名".to_owned(),
                "0099" => "业务处理失败（0099）：用 --plain 给出它能处理的业务 JSON".to_owned(),
                _ => format!("正确的请求被拒绝（{code}）"),
            },
            Self::LetterCase => "大写的签名被拒绝（0010）：比较签名不分大小写".to_owned(),
            Self::AnotherAnswer => "重复请求得到了另一个应答：业务可能执行了两次".to_owned(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Violation(violation) => violation.to_string(),
            Self::Call(error) => format!("no whole answer: {error}"),
            Self::Late(elapsed) => {
                format!("the answer took {} ms, longer than the bank waits", elapsed.as_millis())
            }
            // The advice is for the bank's calls. These two are the probe's own to mend.
            Self::Refused(code) => {
                match code.as_str() {
                    "0002" => "a good call was refused (0002): name an interface it knows with --trans-name"
                        .to_owned(),
                    "0099" => "the handler failed (0099): give it business JSON it can handle with --plain"
                        .to_owned(),
                    _ => {
                        let advice = CallbackCode::from(code.clone()).advice();
                        format!("a good call was refused ({code}): {advice}")
                    }
                }
            }
            Self::LetterCase => {
                "an upper-case signature was refused (0010): compare signatures without regard to case"
                    .to_owned()
            }
            Self::AnotherAnswer => {
                "a repeat got another answer than the first: the handler may have run twice".to_owned()
            }
        }
    }
}

/// What each check does, in Chinese and in English.
const TITLES: &[(&str, &str, &str)] = &[
    ("good-call", "正确的请求", "a good call"),
    ("upper-case-signature", "签名为大写的正确请求", "a good call with its signature in upper case"),
    ("not-json", "请求体不是 JSON", "a body that is not JSON"),
    ("not-object", "请求体是 JSON 数组", "a body that is a list"),
    ("no-plain", "缺少 Plain", "Plain is missing"),
    ("no-signature", "缺少 Signature", "Signature is missing"),
    ("seq-no-not-text", "SeqNo 不是字符串", "SeqNo is no text"),
    ("tampered-plain", "Plain 被篡改", "Plain was changed"),
    ("wrong-signature", "签名错误", "a wrong signature"),
    ("md5-signature", "MD5 签名", "a signature made with MD5"),
    ("signature-last-digit", "签名只有最后一位错误", "a signature of which the last digit is wrong"),
    ("tampered-timestamp", "Timestamp 被篡改", "Timestamp was changed"),
    ("stale-timestamp", "一小时前的请求", "signed an hour ago"),
    ("stale-wrong-signature", "一小时前的请求，签名也错误", "signed an hour ago, and wrongly"),
    ("future-timestamp", "一小时后的请求", "signed in an hour"),
    ("no-timestamp", "缺少 Timestamp", "Timestamp is missing"),
    ("bad-form-coding", "Plain 编码错误", "Plain is wrongly encoded"),
    ("plain-not-object", "Plain 不是 JSON 对象", "Plain is no JSON object"),
    ("unknown-trans-name", "未知的 transName", "an unknown transName"),
    ("not-utf-8", "请求体不是 UTF-8", "a body that is not UTF-8"),
    ("deep-nesting", "嵌套十万层的请求体", "a body nested a hundred thousand deep"),
    ("too-large", "超过 1 MiB 的请求体", "a body of more than 1 MiB"),
    ("repeat", "完全相同的请求再来一次", "the same call again"),
    (
        "repeat-new-timestamp",
        "同一 SeqNo 和 Plain，新 Timestamp",
        "the same SeqNo and Plain, a new Timestamp",
    ),
    ("replay", "同一签名，另一 SeqNo", "the same Signature under another SeqNo"),
    ("other-plain", "被猜中的 SeqNo，另一 Plain", "that SeqNo with another Plain"),
    (
        "refused-first",
        "先以错误的 transName 重放，再来真正的请求",
        "the real call, after a replay under a wrong transName",
    ),
    ("at-once", "十个相同的请求同时到达", "ten times the same call at once"),
    ("further-salt", "轮换中的另一个盐", "another salt, while they rotate"),
];

/// What is to be done about checks that were skipped.
const HINT: (&str, &str) = (
    "未查的项目需要服务器认识的接口：用 --trans-name 和 --plain 给出",
    "what was skipped needs an interface that the server knows: give --trans-name and --plain",
);

/// The report.
pub(super) struct Report(probe::Report);

impl Report {
    pub(super) fn new(lang: Lang, url: &str) -> Self {
        Self(probe::Report::new(lang, url))
    }

    pub(super) fn add(
        &mut self,
        check: &'static str,
        outcome: &Result<CallbackOutcome, CallError>,
        findings: Vec<Finding>,
    ) {
        let mut check = titled(check);
        if let Ok(outcome) = outcome {
            check.answered(outcome.status, outcome.code.as_deref(), outcome.elapsed);
        }
        for finding in findings {
            check.add(Severity::Error, finding.text(self.0.lang()));
        }
        self.0.add(check);
    }

    pub(super) fn skip(&mut self, check: &'static str) {
        self.0.add(titled(check).skip());
    }

    pub(super) fn print(&self, json: bool) -> Result<Exit, Failure> {
        self.0.print(json, HINT)
    }
}

fn titled(check: &'static str) -> Check {
    let title = TITLES.iter().find(|(name, ..)| *name == check);
    Check::new(check, title.map_or((check, check), |(_, zh, en)| (zh, en)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform_sandbox::Mistake;

    #[test]
    fn each_mistake_has_a_title() {
        for mistake in Mistake::ALL {
            assert!(TITLES.iter().any(|(name, ..)| *name == mistake.name()), "{}", mistake.name());
        }
    }

    #[track_caller]
    fn check(finding: &Finding) {
        let zh = finding.text(Lang::Zh);
        assert!(zh.chars().any(|c| c > '\u{2fff}'), "{zh}");
        assert!(finding.text(Lang::En).is_ascii());
    }

    #[test]
    fn findings_are_told_in_both_languages() {
        check(&Finding::AnotherAnswer);
        check(&Finding::LetterCase);
        check(&Finding::Late(Duration::from_secs(11)));
        for code in ["0001", "0002", "0010", "0012", "0099"] {
            check(&Finding::Refused(code.to_owned()));
        }
        for violation in [
            Violation::Status(500),
            Violation::NotTooLarge(200),
            Violation::NotJson,
            Violation::Member("Plain"),
            Violation::Signature,
            Violation::Echo("SeqNo"),
            Violation::FormCoding,
            Violation::Plain,
            Violation::Business("CODE"),
            Violation::Code { expected: "0010" },
        ] {
            check(&Finding::Violation(violation));
        }
    }
}
