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
        Some(match self.as_str() {
            "0000" => "系统处理成功",
            "0001" => "报文格式错误",
            "0002" => "未满足接口输入要求",
            "0010" => "签名验证失败",
            "0012" => "时间戳过期",
            "0016" => "SSL认证失败",
            "0099" => "系统处理失败",
            "0103" => "报文解析失败",
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
