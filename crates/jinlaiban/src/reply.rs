//! What the platform answers (`SPEC.md §3`, JL-2).

use core::fmt;
use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;
use sign_core::json::Scalar;
use sign_core::shown;

/// The platform's verdict on a push. An open set: statuses nobody has told us of survive.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Status(Cow<'static, str>);

impl Status {
    /// `200`: every record of the batch is accepted.
    pub const ACCEPTED: Self = Self(Cow::Borrowed("200"));
    /// `300`: something went wrong over there.
    pub const ERROR: Self = Self(Cow::Borrowed("300"));
    /// `302`: this partner or module may not push.
    pub const NO_PERMISSION: Self = Self(Cow::Borrowed("302"));

    /// Takes a status as it came.
    #[must_use]
    pub fn new(status: impl Into<Cow<'static, str>>) -> Self {
        Self(status.into())
    }

    /// The status's digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The platform's own words for it, where documented.
    #[must_use]
    pub fn meaning(&self) -> Option<&'static str> {
        match self.as_str() {
            "200" => Some("成功"),
            "300" => Some("异常"),
            "302" => Some("接口没有权限,请与管理员联系"),
            _ => None,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self.as_str() {
            "200" => "nothing to do",
            "300" => "send the same records again after a pause; the platform recognises them by their ids",
            "302" => {
                "do not send again: ask the platform operator to open this interface for appcode and modulecode"
            }
            _ => "the status is not documented: show the platform operator status and message",
        }
    }

    /// Does it help to send the same records again? True of [`Status::ERROR`] alone (`SPEC.md §3`).
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        *self == Self::ERROR
    }
}

/// The status with the platform's words: `302 接口没有权限,请与管理员联系`.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(self.as_str()))?;
        self.meaning().map_or(Ok(()), |meaning| write!(f, " {meaning}"))
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Status").field(&shown(self.as_str())).finish()
    }
}

/// A reply in full: members that nobody has told us of are kept.
#[derive(Clone)]
pub struct Reply {
    status: Status,
    msg: String,
    members: BTreeMap<String, Box<RawValue>>,
}

impl Reply {
    /// Reads a reply's body. `status` and `state` mean the same (JL-2); numbers and texts do, too.
    ///
    /// ```
    /// use jinlaiban::{Reply, Status};
    /// let reply = Reply::parse(r#"{ "state": "200", "msg": "提交成功" }"#.as_bytes())?;
    /// assert_eq!((reply.status(), reply.msg()), (&Status::ACCEPTED, "提交成功"));
    /// # Ok::<(), jinlaiban::ReplyFault>(())
    /// ```
    ///
    /// # Errors
    /// [`ReplyFault`]: not JSON, or without a status.
    pub fn parse(body: &[u8]) -> Result<Self, ReplyFault> {
        // A message in another encoding must not hide the status.
        let body = String::from_utf8_lossy(body);
        let body = body.trim_start_matches('\u{feff}');
        let members: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(body).map_err(|error| match error.classify() {
                serde_json::error::Category::Data => ReplyFault::NotObject,
                _ => ReplyFault::NotJson,
            })?;
        // JL-2: the table says `status`, the sample `state`.
        let verdict =
            |name| members.get(name).and_then(|value| scalar(value)).filter(|text| !text.is_empty());
        let status = match (verdict("status"), verdict("state")) {
            (Some(status), Some(state)) if status != state => return Err(ReplyFault::TwoStatuses),
            (Some(status), _) | (None, Some(status)) => Status::new(status),
            (None, None) => return Err(ReplyFault::NoStatus),
        };
        let msg = members.get("msg").and_then(|value| scalar(value)).unwrap_or_default();
        Ok(Self { status, msg, members })
    }

    /// The verdict.
    #[must_use]
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// The platform's message; empty when there is none.
    #[must_use]
    pub fn msg(&self) -> &str {
        &self.msg
    }

    /// Any member's JSON as it came.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&str> {
        self.members.get(name).map(|value| value.get())
    }
}

/// Shows status and message, fit for a log, and of the rest the names.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("msg", &shown(&self.msg))
            .field("members", &self.members.keys().map(|name| shown(name)).collect::<Vec<_>>())
            .finish()
    }
}

/// A text, or a number as it is written; `None` for everything else.
fn scalar(value: &RawValue) -> Option<String> {
    Some(Scalar::read(value).ok()?.any_text()?.trim().to_owned())
}

/// Why a reply is not understood. Whether the push took effect is then unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyFault {
    /// Not JSON: often a proxy's or an error page in HTML.
    #[error("is not JSON")]
    NotJson,
    /// JSON, but no object.
    #[error("is not a JSON object")]
    NotObject,
    /// Neither `status` nor `state` is a text or a number.
    #[error("has neither `status` nor `state`")]
    NoStatus,
    /// `status` and `state` contradict each other.
    #[error("has `status` and `state`, and they differ")]
    TwoStatuses,
    /// The body says one thing and HTTP another, such as 200 in a server error.
    #[error("has a status that does not fit the HTTP status")]
    HttpStatus,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Result<(&str, &str), ReplyFault>) {
        let got = Reply::parse(body.as_bytes());
        let got = got.as_ref().map(|reply| (reply.status().as_str(), reply.msg())).map_err(|fault| *fault);
        assert_eq!(got, expected, "{body}");
    }

    #[test]
    fn both_names_and_both_types_are_taken() {
        check(r#"{"state": "200", "msg": "提交成功"}"#, Ok(("200", "提交成功")));
        check(r#"{"status":"200","msg":"提交成功"}"#, Ok(("200", "提交成功")));
        check(r#"{"status":200,"msg":7}"#, Ok(("200", "7")));
        check(r#"{"state":300}"#, Ok(("300", "")));
        check(r#"{"state":" 302 ","msg":null}"#, Ok(("302", "")));
        check(r#"{"status":null,"state":"200"}"#, Ok(("200", "")));
        check(r#"{"status":"","state":"200"}"#, Ok(("200", "")));
        check(r#"{"status":"200","state":200,"msg":{}}"#, Ok(("200", "")));
        check("\u{feff}{\"status\":\"999\"}\n", Ok(("999", "")));
    }

    #[test]
    fn what_is_not_understood_has_a_reason() {
        check("", Err(ReplyFault::NotJson));
        check("<html><body>502</body></html>", Err(ReplyFault::NotJson));
        check(r#"{"status":"200""#, Err(ReplyFault::NotJson));
        check("200", Err(ReplyFault::NotObject));
        check(r#"[{"status":"200"}]"#, Err(ReplyFault::NotObject));
        check("{}", Err(ReplyFault::NoStatus));
        check(r#"{"status":true}"#, Err(ReplyFault::NoStatus));
        check(r#"{"Status":"200"}"#, Err(ReplyFault::NoStatus));
        check(r#"{"status":"200","state":"300"}"#, Err(ReplyFault::TwoStatuses));
    }

    #[test]
    fn a_message_in_another_encoding_does_not_hide_the_status() {
        let reply = Reply::parse(b"{\"status\":\"200\",\"msg\":\"\xcc\xe1\xbd\xbb\"}").unwrap();
        assert_eq!(reply.status(), &Status::ACCEPTED);
    }

    #[test]
    fn unknown_members_and_statuses_survive() {
        let reply = Reply::parse(br#"{"status":"999","trace":{"n":1e999}}"#).unwrap();
        assert_eq!((reply.status().as_str(), reply.status().meaning()), ("999", None));
        assert_eq!(reply.member("trace"), Some(r#"{"n":1e999}"#));
        assert_eq!(reply.member("msg"), None);
        assert_eq!(
            format!("{reply:?}"),
            r#"Reply { status: Status("999"), msg: "", members: ["status", "trace"] }"#
        );
    }

    #[test]
    fn only_300_is_worth_another_try() {
        let retryable = ["200", "300", "302", "999"].map(|status| Status::new(status).is_retryable());
        assert_eq!(retryable, [false, true, false, false]);
        assert_eq!(Status::NO_PERMISSION.to_string(), "302 接口没有权限,请与管理员联系");
        assert_eq!(Status::new("9\n9").to_string(), "9\\n9");
    }
}
