//! The platform's codes, `SPEC.md §6`. An open set: codes nobody has told us of survive.

use std::{borrow::Cow, fmt};

use sign_core::shown;

/// A code of the credential stage (`6085…`) or of the business gateway (`6084…`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Code(Cow<'static, str>);

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $meaning:literal, $advice:literal;)*) => {
        impl Code {
            $($(#[$doc])* pub const $name: Self = Self(Cow::Borrowed($code));)*

            /// Every code that the platform documents.
            pub const DOCUMENTED: &'static [Self] = &[$(Self::$name),*];

            fn documented(&self) -> Option<(&'static str, &'static str)> {
                match self.as_str() {
                    $($code => Some(($meaning, $advice)),)*
                    _ => None,
                }
            }
        }
    };
}

codes! {
    /// The credential stage is content.
    CREDENTIALS_OK = "60850000", "系统处理成功", "nothing to do";
    /// Unknown error of the credential stage.
    CREDENTIALS_UNKNOWN = "60856999", "未知异常信息", "try again later; if it stays, give the bank the time and the serial number";
    /// No such ticket type.
    NO_SUCH_TYPE = "60851001", "Type类型不存在", "ask for the types `sign` or `user`";
    /// The access token is wrong, often kicked out by another fetch.
    BAD_TOKEN = "60851002", "无效的access_token", "fetch a new token, then the ticket; see that one place alone fetches";
    /// The ticket is wrong.
    BAD_TICKET = "60851003", "无效的ticket", "fetch the ticket again";
    /// The access token has expired.
    TOKEN_EXPIRED = "60851004", "access_token已过期", "fetch a new token, then the ticket";
    /// The ticket has expired.
    TICKET_EXPIRED = "60851005", "ticket已过期", "fetch the ticket again";
    /// The request is not one the platform knows.
    BAD_CALL = "60851007", "无效的请求调用", "compare the path and the parameters with the document";
    /// The app id is not known here. Not recoverable.
    BAD_APP_ID = "60851009", "无效的appid", "check app_id and whether it was opened in this environment; nothing to retry";
    /// The ticket could not be made.
    NO_TICKET = "60851010", "ticket获取失败", "try again later; if it stays, ask the bank";
    /// The business gateway is content: look into `jsonData`.
    OK = "60840000", "系统处理成功", "nothing to do";
    /// Unknown error of the business gateway.
    UNKNOWN = "60846999", "未知异常信息", "ask the bank with the serial numbers; the outcome of the call is theirs to say";
    /// The request's parameters are not what the interface wants.
    INPUT_NOT_MET = "60840002", "未满足接口输入要求", "app_id, version, nonce and sign belong into the URL, the business members straight into the body";
    /// The gateway got no answer from the business system: the outcome is unknown.
    TIMEOUT = "60840003", "交易超时", "ask the business side whether the call took effect before repeating it";
    /// The path is not opened.
    BAD_PATH = "60840110", "请求路径不合法", "compare the path with the one the bank assigned";
    /// The ticket does not exist or has expired, often kicked out by another fetch.
    TICKET_CHECK_FAILED = "60841017", "ticket验证失败", "refresh token and ticket once and repeat; see that one place alone fetches";
    /// The signature is wrong, often made with a ticket that was kicked out.
    BAD_SIGNATURE = "60841018", "接入签名不正确", "refresh token and ticket once and repeat; if it stays, compare the text to sign and the body's bytes";
}

impl Code {
    /// Takes a code as it came.
    #[must_use]
    pub fn new(code: impl Into<Cow<'static, str>>) -> Self {
        Self(code.into())
    }

    /// The code's digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The platform's own words for it, where documented.
    #[must_use]
    pub fn meaning(&self) -> Option<&'static str> {
        self.documented().map(|(meaning, _)| meaning)
    }

    /// What to do next.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        self.documented()
            .map_or("the code is not documented, so the call may have taken effect: ask the bank with the serial numbers", |(_, advice)| advice)
    }

    /// Is it exactly the success of the credential stage, or of the business gateway?
    #[must_use]
    pub fn is_ok(&self) -> bool {
        *self == Self::CREDENTIALS_OK || *self == Self::OK
    }

    /// Does a business reply with this code mean that the ticket used is dead, or was kicked out? `SPEC.md §2.3`.
    /// The gateway refused the call before it processed it, so that the call may be repeated.
    #[must_use]
    pub fn invalidates_ticket(&self) -> bool {
        // WB-8: 60841018 is a wrong ticket in one place and a wrong signature in another; same handling.
        [Self::TICKET_CHECK_FAILED, Self::BAD_SIGNATURE, Self::BAD_TICKET, Self::TICKET_EXPIRED]
            .contains(self)
            || self.invalidates_token()
    }

    /// Does it mean that the token, and with it the ticket, must be fetched again? `SPEC.md §2.3`.
    #[must_use]
    pub fn invalidates_token(&self) -> bool {
        [Self::BAD_TOKEN, Self::TOKEN_EXPIRED].contains(self)
    }

    /// Is it documented that the platform refuses with this code before it does anything? Then the call had no effect.
    /// Of codes that nobody has told us of, that is not known.
    #[must_use]
    pub fn is_refused_unprocessed(&self) -> bool {
        self.invalidates_ticket()
            || [Self::INPUT_NOT_MET, Self::BAD_PATH, Self::NO_SUCH_TYPE, Self::BAD_CALL, Self::BAD_APP_ID]
                .contains(self)
            || *self == Self::NO_TICKET
    }

    /// May the same request succeed later without anybody changing anything? Says nothing about whether repeating
    /// it is safe: after [`Code::TIMEOUT`] the outcome is unknown.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        [Self::CREDENTIALS_UNKNOWN, Self::UNKNOWN, Self::TIMEOUT, Self::NO_TICKET].contains(self)
    }
}

/// The code with the platform's words: ``60841017 ticket验证失败``.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.meaning() {
            Some(meaning) => write!(f, "{} {meaning}", self.0),
            None => write!(f, "`{}`", shown(&self.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_codes_survive_with_advice() {
        let code = Code::new("60849999");
        assert_eq!(code.as_str(), "60849999");
        assert_eq!(code.meaning(), None);
        assert!(code.advice().contains("not documented"));
        assert!(
            !code.is_ok()
                && !code.invalidates_ticket()
                && !code.is_transient()
                && !code.is_refused_unprocessed()
        );
    }

    #[test]
    fn success_is_exactly_two_codes() {
        let ok: Vec<_> = Code::DOCUMENTED.iter().filter(|code| code.is_ok()).map(Code::as_str).collect();
        assert_eq!(ok, ["60850000", "60840000"]);
    }

    #[test]
    fn codes_that_end_a_ticket() {
        let ended: Vec<_> =
            Code::DOCUMENTED.iter().filter(|code| code.invalidates_ticket()).map(Code::as_str).collect();
        assert_eq!(ended, ["60851002", "60851003", "60851004", "60851005", "60841017", "60841018"]);
        assert!(Code::TOKEN_EXPIRED.invalidates_token() && !Code::TICKET_EXPIRED.invalidates_token());
    }
}
