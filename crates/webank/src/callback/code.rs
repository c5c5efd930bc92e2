//! The codes of callback answers, `SPEC.md §5`.

use std::borrow::Cow;

/// The codes that the partner answers with, `SPEC.md §5`. An open set: business systems may agree on more.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CallbackCode(Cow<'static, str>);

impl CallbackCode {
    /// Done.
    pub const OK: Self = Self(Cow::Borrowed("0000"));
    /// The body is not the documented JSON.
    pub const MALFORMED: Self = Self(Cow::Borrowed("0001"));
    /// A member is missing, or the `transName` is not known here.
    pub const INPUT_NOT_MET: Self = Self(Cow::Borrowed("0002"));
    /// The signature is wrong.
    pub const BAD_SIGNATURE: Self = Self(Cow::Borrowed("0010"));
    /// The time stamp lies outside the window.
    pub const STALE: Self = Self(Cow::Borrowed("0012"));
    /// TLS failed.
    pub const TLS: Self = Self(Cow::Borrowed("0016"));
    /// The handler failed.
    pub const HANDLER_FAILED: Self = Self(Cow::Borrowed("0099"));
    /// `Plain` does not decode to a JSON object.
    pub const UNREADABLE: Self = Self(Cow::Borrowed("0103"));

    /// The code's digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The words that go with it.
    #[must_use]
    pub fn meaning(&self) -> Option<&'static str> {
        self.documented().map(|(meaning, _)| meaning)
    }

    /// What to do next, for whoever runs the server that answers it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        self.documented().map_or("look it up in what you have agreed on with the bank", |(_, advice)| advice)
    }

    fn documented(&self) -> Option<(&'static str, &'static str)> {
        Some(match self.as_str() {
            "0000" => ("系统处理成功", "nothing to do"),
            "0001" => ("报文格式错误", "look whether something on the way rewrites or cuts bodies"),
            "0002" => (
                "未满足接口输入要求",
                "give the `transName` a handler; where a member is missing, tell the bank",
            ),
            "0010" => (
                "签名验证失败",
                "compare the salt, and verify `Plain` as it came, before anything decodes it",
            ),
            "0012" => ("时间戳过期", "compare clocks with the bank, and look for a queue that holds calls"),
            "0016" => ("SSL认证失败", "look at the server's certificate and its chain"),
            "0099" => ("系统处理失败", "look into the application's log; the bank asks again"),
            "0103" => ("报文解析失败", "tell the bank: `Plain` is a form-encoded JSON object"),
            _ => return None,
        })
    }

    /// WB-3: the encoded sample answers `60840000` where the table and the text say `0000`; both are success.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        matches!(self.as_str(), "0000" | "60840000")
    }
}

impl From<String> for CallbackCode {
    fn from(code: String) -> Self {
        Self(code.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, meaning: Option<&str>, advice: &str) {
        let code = CallbackCode::from(code.to_owned());
        assert_eq!(code.meaning(), meaning);
        assert!(code.advice().contains(advice), "{}", code.advice());
    }

    #[test]
    fn each_code_says_what_to_do() {
        check("0000", Some("系统处理成功"), "nothing to do");
        check("0001", Some("报文格式错误"), "rewrites or cuts bodies");
        check("0002", Some("未满足接口输入要求"), "give the `transName` a handler");
        check("0010", Some("签名验证失败"), "compare the salt");
        check("0012", Some("时间戳过期"), "compare clocks");
        check("0016", Some("SSL认证失败"), "certificate");
        check("0099", Some("系统处理失败"), "the application's log");
        check("0103", Some("报文解析失败"), "form-encoded JSON object");
        // Business systems may agree on more.
        check("2001", None, "agreed on with the bank");
        check("", None, "agreed on with the bank");
    }
}
