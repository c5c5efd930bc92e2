//! What the platform answers, whatever was asked (`SPEC.md §3`, YC-4, YC-5).

use core::fmt;
use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::error::Category;
use serde_json::value::RawValue;
use sign_core::shown;

use crate::scalar;

/// The platform's verdict. An open set: only [`Code::OK`] is success (YC-4).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Code(Cow<'static, str>);

impl Code {
    /// `1`: success.
    pub const OK: Self = Self(Cow::Borrowed("1"));
    /// `0`: the failure that the document shows.
    pub const FAILED: Self = Self(Cow::Borrowed("0"));

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
        match self.as_str() {
            "1" => Some("请求成功"),
            "0" => Some("请求失败"),
            _ => None,
        }
    }

    /// Whether it is success.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        *self == Self::OK
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(self.as_str()))
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Code").field(&shown(self.as_str())).finish()
    }
}

/// A reply in full: members that nobody has told us of are kept. `Debug` shows no data: it holds tokens and names.
#[derive(Clone)]
pub struct Reply {
    code: Code,
    msg: String,
    data: Option<Box<RawValue>>,
    members: BTreeMap<String, Box<RawValue>>,
}

impl Reply {
    /// Reads a reply's body.
    ///
    /// ```
    /// use yichang::{Code, Reply};
    /// let reply = Reply::parse(r#"{"code":"0","msg":"签名错误!","data":[]}"#.as_bytes())?;
    /// assert_eq!((reply.code(), reply.data()), (&Code::FAILED, None));
    /// assert!(reply.is_signature_error());
    /// # Ok::<(), yichang::ReplyFault>(())
    /// ```
    ///
    /// # Errors
    /// [`ReplyFault`]: not JSON, or without a code.
    pub fn parse(body: &[u8]) -> Result<Self, ReplyFault> {
        // A message in another encoding must not hide the code.
        let body = str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed);
        let mut members: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(body.trim_start_matches('\u{feff}')).map_err(|error| {
                match error.classify() {
                    Category::Data => ReplyFault::NotObject,
                    _ => ReplyFault::NotJson,
                }
            })?;
        // YC-4: a number or a text.
        let code = members.get("code").and_then(|code| scalar::text(code)).ok_or(ReplyFault::NoCode)?;
        let code = Code::new(code.trim().to_owned());
        let msg = members.get("msg").and_then(|msg| scalar::text(msg)).unwrap_or_default();
        let data = members.remove("data").filter(|data| !is_none(data));
        Ok(Self { code, msg, data, members })
    }

    /// The verdict.
    #[must_use]
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// The platform's message; empty when there is none.
    #[must_use]
    pub fn msg(&self) -> &str {
        &self.msg
    }

    /// The JSON of `data` as it came, tokens and names included; `None` when there is none (YC-5).
    #[must_use]
    pub fn data(&self) -> Option<&str> {
        self.data.as_deref().map(RawValue::get)
    }

    pub(crate) fn raw_data(&self) -> Option<&RawValue> {
        self.data.as_deref()
    }

    /// The JSON of any other member as it came, such as `time`.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&str> {
        self.members.get(name).map(|value| value.get())
    }

    /// Does the platform say that the signature is wrong, as it also does for the other digest (YC-1)?
    #[must_use]
    pub fn is_signature_error(&self) -> bool {
        !self.code.is_ok() && self.msg.contains("签名错误")
    }
}

/// YC-5: null, `[]` and `""` mean none, like absence.
fn is_none(data: &RawValue) -> bool {
    let inside = |open, close| data.get().strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    data.get() == "null"
        || inside('[', ']').is_some_and(|inside| inside.trim().is_empty())
        || inside('"', '"').is_some_and(str::is_empty)
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("code", &self.code)
            .field("msg", &shown(&self.msg))
            .field("data", &self.data().map(|data| format!("‹{} B›", data.len())))
            .finish_non_exhaustive()
    }
}

/// Why a reply is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyFault {
    /// Not JSON: often a proxy's or an error page in HTML.
    #[error("is not JSON")]
    NotJson,
    /// JSON, but no object.
    #[error("is not a JSON object")]
    NotObject,
    /// `code` is not there, or neither number nor text.
    #[error("has no `code`")]
    NoCode,
    /// The body says one thing and HTTP another: success in a server error, or a code of a proxy's own.
    #[error("has a code that does not fit the HTTP status")]
    HttpStatus,
    /// Success, but a member of `data` is not there or of another kind.
    #[error("says success, but has no usable `{member}`")]
    Member {
        /// The member's path.
        member: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Result<(&str, &str, Option<&str>), ReplyFault>) {
        let got = Reply::parse(body.as_bytes());
        let got = got.as_ref().map(|reply| (reply.code().as_str(), reply.msg(), reply.data()));
        assert_eq!(got.map_err(|fault| *fault), expected, "{body}");
    }

    #[test]
    fn codes_are_numbers_or_texts() {
        check(r#"{"code":1,"msg":"success"}"#, Ok(("1", "success", None)));
        check(r#"{"code":"1"}"#, Ok(("1", "", None)));
        check(r#"{"code":" 1 ","msg":null}"#, Ok(("1", "", None)));
        check(r#"{"code":-7,"msg":3}"#, Ok(("-7", "3", None)));
        check(r#"{"code":"E1","msg":{}}"#, Ok(("E1", "", None)));
        check("\u{feff}{\"code\":0}", Ok(("0", "", None)));
        for code in ["0", "10", "01", "1.0", "", "E1"] {
            assert!(!Code::new(code).is_ok(), "{code}");
        }
        assert!(Code::new("1").is_ok());
    }

    #[test]
    fn no_data_has_many_spellings() {
        for none in ["null", "[]", "[ ]", r#""""#] {
            check(&format!(r#"{{"code":0,"data":{none}}}"#), Ok(("0", "", None)));
        }
        for some in [r#"{"a":1}"#, "{}", "[1]", r#""x""#, "0", "false"] {
            check(&format!(r#"{{"code":0,"data":{some}}}"#), Ok(("0", "", Some(some))));
        }
    }

    #[test]
    fn what_is_not_understood_has_a_reason() {
        check("", Err(ReplyFault::NotJson));
        check("<html></html>", Err(ReplyFault::NotJson));
        check(r#"{"code":1"#, Err(ReplyFault::NotJson));
        check("[]", Err(ReplyFault::NotObject));
        check("1", Err(ReplyFault::NotObject));
        check("{}", Err(ReplyFault::NoCode));
        check(r#"{"code":null}"#, Err(ReplyFault::NoCode));
        check(r#"{"code":true}"#, Err(ReplyFault::NoCode));
    }

    #[test]
    fn only_a_failure_that_names_the_signature_is_a_signature_error() {
        let is = |body: &str| Reply::parse(body.as_bytes()).unwrap().is_signature_error();
        assert!(is(r#"{"code":0,"msg":"签名错误!"}"#));
        assert!(is(r#"{"code":"401","msg":"对不起,签名错误"}"#));
        assert!(!is(r#"{"code":1,"msg":"签名错误!"}"#));
        assert!(!is(r#"{"code":0,"msg":"手机号码错误"}"#));
        assert!(!is(r#"{"code":0}"#));
    }

    #[test]
    fn unknown_members_survive_and_debug_shows_no_data() {
        let reply = Reply::parse(br#"{"code":1,"time":"1638169006","data":{"ssoToken":"t0k3n"}}"#).unwrap();
        assert_eq!(reply.member("time"), Some("\"1638169006\""));
        let shown = format!("{reply:?}");
        assert!(!shown.contains("t0k3n") && shown.contains("‹20 B›"), "{shown}");
    }
}
