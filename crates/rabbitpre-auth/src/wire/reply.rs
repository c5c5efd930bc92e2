//! The answers, byte for byte as the samples show, and read with tolerance (SPEC.md §2, §3; RP-1, RP-2).

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::check::Decision;
use crate::error::{SaveError, Undecidable};
use crate::json::{ReadError, read};
use crate::value::{Object, Value};

/// `errorCode` of a denial.
const NOT_QUALIFIED: &str = "NOT_QUALIFIED";

/// `msg` of a refusal by the guard.
#[cfg(feature = "server")]
const REFUSED: &str = "无权调用";

/// The answer to a check.
///
/// ```
/// use rabbitpre_auth::{CheckReply, Decision};
///
/// let reply = CheckReply::from(&Decision::Allowed);
/// assert_eq!(reply.to_json(), r#"{"code":"200","msg":"鉴权成功","data":"true","errorCode":""}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReply {
    /// `200` for a decision (for denials see RP-11), `400`, `500` or `503` when none could be made.
    pub code: String,
    /// For people; Chinese when we wrote it.
    pub msg: String,
    /// Whether the user may take part.
    pub allowed: bool,
    /// Empty when allowed.
    pub error_code: String,
}

impl CheckReply {
    /// The body as the platform expects it: `code` and `data` are texts.
    #[must_use]
    pub fn to_json(&self) -> String {
        json(self)
    }

    /// Reads an answer; `code` may be a number, `data` a boolean (RP-1, RP-2).
    ///
    /// # Errors
    /// [`ReplyError`]: not JSON, no object, or without a readable `code` or `data`.
    pub fn parse(body: &[u8]) -> Result<Self, ReplyError> {
        let members = object(body)?;
        let allowed = match members.member("data") {
            Value::Bool(flag) => *flag,
            Value::Text(word) if word.eq_ignore_ascii_case("true") => true,
            Value::Text(word) if word.eq_ignore_ascii_case("false") => false,
            _ => return Err(ReplyError::Member("data")),
        };
        Ok(CheckReply {
            code: code(&members)?,
            msg: text(&members, "msg"),
            allowed,
            error_code: text(&members, "errorCode"),
        })
    }

    /// RP-11: a denial with another code, for a platform that looks at `code` alone.
    #[must_use]
    pub fn with_denied_code(mut self, code: &str) -> Self {
        if self.error_code == NOT_QUALIFIED {
            code.clone_into(&mut self.code);
        }
        self
    }
}

#[cfg(feature = "server")]
impl CheckReply {
    /// The guard lets the caller not in.
    pub(crate) fn refused(code: &str) -> Self {
        CheckReply {
            code: code.to_owned(),
            msg: REFUSED.to_owned(),
            allowed: false,
            error_code: "REFUSED".to_owned(),
        }
    }
}

impl From<&Decision> for CheckReply {
    fn from(decision: &Decision) -> Self {
        let (msg, allowed, error_code) = match decision {
            Decision::Allowed => ("鉴权成功".to_owned(), true, ""),
            Decision::Denied(denial) => (denial.to_string(), false, NOT_QUALIFIED),
        };
        CheckReply { code: "200".to_owned(), msg, allowed, error_code: error_code.to_owned() }
    }
}

impl From<&Undecidable> for CheckReply {
    fn from(reason: &Undecidable) -> Self {
        CheckReply {
            code: reason.code().to_owned(),
            msg: reason.chinese().to_owned(),
            allowed: false,
            error_code: reason.error_code().to_owned(),
        }
    }
}

impl Serialize for CheckReply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut reply = serializer.serialize_struct("CheckReply", 4)?;
        reply.serialize_field("code", &self.code)?;
        reply.serialize_field("msg", &self.msg)?;
        // RP-2: `data` is a text
        reply.serialize_field("data", if self.allowed { "true" } else { "false" })?;
        reply.serialize_field("errorCode", &self.error_code)?;
        reply.end()
    }
}

/// The answer to a save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaveReply {
    /// `200`, or `400`, `404`, `500`, `503`.
    pub code: u16,
    /// For people; Chinese when we wrote it.
    pub msg: String,
    /// The setting's id; `None` if nothing was saved.
    pub config_id: Option<String>,
}

impl SaveReply {
    /// The setting is kept under `config_id`; `skipped` entries were `{}` (RP-8).
    #[must_use]
    pub fn saved(config_id: String, skipped: usize) -> Self {
        let msg = if skipped == 0 { "ok".to_owned() } else { format!("ok，已忽略{skipped}个空条件") };
        SaveReply { code: 200, msg, config_id: Some(config_id) }
    }

    /// The body as the platform expects it: `code` is a number (RP-1).
    #[must_use]
    pub fn to_json(&self) -> String {
        json(self)
    }

    /// Reads an answer; `code` may be a text, and its key the broken `"code:"` of the sample (RP-1).
    ///
    /// # Errors
    /// [`ReplyError`]: not JSON, no object, or without a readable `code`.
    pub fn parse(body: &[u8]) -> Result<Self, ReplyError> {
        let members = object(body)?;
        let data = members.member("data").as_object();
        let config_id = data.and_then(|data| data.member("configId").as_id()).map(str::to_owned);
        let code = code(&members)?.parse().map_err(|_| ReplyError::Member("code"))?;
        Ok(SaveReply { code, msg: text(&members, "msg"), config_id })
    }
}

#[cfg(feature = "server")]
impl SaveReply {
    /// The guard lets the caller not in.
    pub(crate) fn refused(code: u16) -> Self {
        SaveReply { code, msg: REFUSED.to_owned(), config_id: None }
    }
}

impl From<&SaveError> for SaveReply {
    fn from(error: &SaveError) -> Self {
        SaveReply { code: error.code(), msg: error.chinese().to_owned(), config_id: None }
    }
}

impl Serialize for SaveReply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut reply = serializer.serialize_struct("SaveReply", 3)?;
        reply.serialize_field("code", &self.code)?;
        reply.serialize_field("msg", &self.msg)?;
        let data = self.config_id.iter().map(|id| ("configId", id.clone())).collect::<Object<'_>>();
        let data = if data.is_empty() { Value::Null } else { Value::Object(data) };
        reply.serialize_field("data", &data)?;
        reply.end()
    }
}

/// An answer that is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// Not JSON.
    #[error("the reply is not understood: {0}")]
    Read(#[from] ReadError),
    /// JSON, but no object.
    #[error("the reply is no JSON object; is this the address of a Rabbitpre endpoint?")]
    NotAnObject,
    /// A member is missing or of another kind.
    #[error("the reply's `{0}` is missing or of another kind; compare it with the platform's sample")]
    Member(&'static str),
}

fn object(body: &[u8]) -> Result<Object<'_>, ReplyError> {
    if let Value::Object(members) = read(body)? { Ok(members) } else { Err(ReplyError::NotAnObject) }
}

fn code(members: &Object<'_>) -> Result<String, ReplyError> {
    // RP-1: the save sample's key is broken
    let code = members.get("code").or_else(|| members.get("code:"));
    code.and_then(Value::as_id).map(str::to_owned).ok_or(ReplyError::Member("code"))
}

fn text(members: &Object<'_>, name: &str) -> String {
    members.member(name).as_id().unwrap_or_default().to_owned()
}

/// Texts, booleans and numbers always serialise.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
