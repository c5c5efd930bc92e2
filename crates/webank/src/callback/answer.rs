//! What a handler answers, or why it cannot.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::CallbackCode;
use super::call::is_json_object;

/// A handler's answer: the business JSON that is sealed for the bank, kept, and given to repeats (WB-3).
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    json: String,
}

/// `CODE` and `DESC`, then the business members.
#[derive(Serialize)]
struct Filled<'a, T> {
    #[serde(rename = "CODE")]
    code: &'a str,
    #[serde(rename = "DESC")]
    desc: &'a str,
    #[serde(flatten)]
    members: T,
}

/// Refuses a doubled `CODE` or `DESC`.
#[derive(Deserialize)]
struct Codes {
    #[serde(rename = "CODE")]
    _code: serde::de::IgnoredAny,
    #[serde(rename = "DESC")]
    _desc: serde::de::IgnoredAny,
}

impl Answer {
    /// `{"CODE":"0000","DESC":"系统处理成功"}` plus business members: a struct, a map, or `()` for none.
    ///
    /// # Errors
    /// [`HandlerError`] when the members are no JSON object, or hold `CODE` or `DESC` themselves.
    ///
    /// ```
    /// use webank::callback::Answer;
    /// # fn main() -> Result<(), webank::callback::HandlerError> {
    /// let answer = Answer::ok(serde_json::json!({"req_nbr": "tbt001"}))?;
    /// assert_eq!(answer.json(), r#"{"CODE":"0000","DESC":"系统处理成功","req_nbr":"tbt001"}"#);
    /// assert_eq!(Answer::ok(())?.json(), r#"{"CODE":"0000","DESC":"系统处理成功"}"#);
    /// # Ok(())
    /// # }
    /// ```
    pub fn ok(members: impl Serialize) -> Result<Self, HandlerError> {
        Self::with(&CallbackCode::OK, "系统处理成功", members)
    }

    /// Another code that was agreed with the bank. It is an answer like any other: kept, and given to repeats. What is
    /// to be tried again is a [`HandlerError`].
    ///
    /// # Errors
    /// As [`Answer::ok`].
    pub fn with(code: &CallbackCode, desc: &str, members: impl Serialize) -> Result<Self, HandlerError> {
        let filled = Filled { code: code.as_str(), desc, members };
        let json = serde_json::to_string(&filled).map_err(|_| NO_OBJECT.to_error())?;
        // The reader names a doubled member, never its value.
        serde_json::from_str::<Codes>(&json).map_err(|_| DOUBLED.to_error())?;
        Ok(Self { json })
    }

    /// JSON from elsewhere, sealed as it stands: its bytes are the bytes that the bank decodes.
    ///
    /// # Errors
    /// [`HandlerError`] when it is no JSON object.
    pub fn raw(json: impl Into<String>) -> Result<Self, HandlerError> {
        let json = json.into();
        if is_json_object(&json) { Ok(Self { json }) } else { Err(NO_OBJECT.to_error()) }
    }

    /// The business JSON.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }
}

/// Its business JSON may be personal.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer(‹{} B›)", self.json.len())
    }
}

const NO_OBJECT: Reason = Reason("the handler's answer is no JSON object");
const DOUBLED: Reason =
    Reason("the handler's members hold `CODE` or `DESC`; use `Answer::with` or `Answer::raw`");

struct Reason(&'static str);

impl Reason {
    fn to_error(&self) -> HandlerError {
        HandlerError::new(self.0)
    }
}

/// A handler failed: the bank is answered `0099`, nothing is kept, and a repeat runs the handler again.
///
/// Made from any error with `?`. Its text goes to the log, where long runs of digits are masked; names and secrets
/// cannot be recognised there and must not be in it.
pub struct HandlerError {
    reason: String,
}

impl HandlerError {
    /// A failure, with what the log should say.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self { reason: reason.to_string() }
    }
}

impl<E: std::error::Error> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sign_core::shown(&self.reason))
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HandlerError({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(answer: Result<Answer, HandlerError>, expected: Result<&str, &str>) {
        let answer = answer.map(|answer| answer.json().to_owned()).map_err(|error| error.to_string());
        assert_eq!(answer.as_ref().map(String::as_str).map_err(String::as_str), expected);
    }

    #[test]
    fn an_answer_always_has_code_and_desc_once() {
        check(Answer::ok(json!({"a": 1})), Ok(r#"{"CODE":"0000","DESC":"系统处理成功","a":1}"#));
        let busy = CallbackCode::from("2001".to_owned());
        check(Answer::with(&busy, "稍后", ()), Ok(r#"{"CODE":"2001","DESC":"稍后"}"#));
        check(Answer::ok(json!([1])), Err(NO_OBJECT.0));
        check(Answer::ok(7), Err(NO_OBJECT.0));
        check(Answer::ok(json!({"CODE": "1"})), Err(DOUBLED.0));
        check(Answer::raw(" {\"a\": 1.50} "), Ok(" {\"a\": 1.50} "));
        check(Answer::raw("[]"), Err(NO_OBJECT.0));
        check(Answer::raw(""), Err(NO_OBJECT.0));
    }

    #[test]
    fn neither_answers_nor_errors_show_people() {
        assert_eq!(format!("{:?}", Answer::ok(json!({"NAME": "张三"})).unwrap()), "Answer(‹59 B›)");
        let error = HandlerError::from(std::io::Error::other("no user 17386500821"));
        assert_eq!(format!("{error:?}"), "HandlerError(no user ***)");
    }
}
