//! Checks as JSON lines, each with the user's attributes and the saved settings it needs.

use serde::Serialize;

use crate::attributes::Attributes;
use crate::check::Check;
use crate::error::Undecidable;
use crate::json::{ReadError, read};
use crate::settings::Setting;
use crate::trace::Trace;
use crate::value::{Object, Value};
use crate::wire::{CheckRequest, json};

/// What one line comes to.
#[derive(Debug)]
pub enum LineAnswer {
    /// The check was decided.
    Decided(Trace),
    /// The request is not decidable, which is a denial (SPEC.md §4.10 Request).
    Undecidable(Undecidable),
}

/// A line that holds no check at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Not JSON, over 1 MiB, or too deep.
    #[error("the line cannot be read: {0}")]
    Read(#[from] ReadError),
    /// JSON, but no object.
    #[error("a line is a JSON object with `request`; this one is something else")]
    NotAnObject,
    /// There is no `request`.
    #[error("the line has no `request`; add the body of a check")]
    NoRequest,
    /// `attributes` is no object.
    #[error("`attributes` is no object from name to value; correct it, or leave it out")]
    Attributes,
    /// `settings` is no object.
    #[error("`settings` is no object from id to the body of a save; correct it, or leave it out")]
    Settings,
}

/// Decides a line `{"request":{…},"attributes":{…},"settings":{"<configId>":{save body}}}`.
///
/// `attributes` and `settings` may be left out. The limits of a body apply to the line (SPEC.md §4.10 Limits).
///
/// ```
/// let answer = rabbitpre_auth::check_line(br#"{"request":{"userParam":{"audid":"7"}}}"#)?;
/// assert_eq!(answer.to_json(), r#"{"allowed":true,"trace":[]}"#);
/// # Ok::<(), rabbitpre_auth::LineError>(())
/// ```
///
/// # Errors
/// [`LineError`]: the line holds no check.
pub fn check_line(line: &[u8]) -> Result<LineAnswer, LineError> {
    let Value::Object(mut members) = read(line)? else { return Err(LineError::NotAnObject) };
    if members.get("request").is_none() {
        return Err(LineError::NoRequest);
    }
    let attributes = optional(members.take("attributes")).ok_or(LineError::Attributes)?;
    let settings = optional(members.take("settings")).ok_or(LineError::Settings)?;
    let request = match CheckRequest::from_value(members.take("request")) {
        Ok(request) => request,
        Err(reason) => return Ok(LineAnswer::Undecidable(reason)),
    };
    let setting = request.setting_id().and_then(|id| settings.get(id)).map(Setting::from_value);
    Ok(LineAnswer::Decided(Check::new(&request, setting.as_ref()).explain(&Attributes::from(attributes))))
}

fn optional(member: Value<'_>) -> Option<Object<'_>> {
    match member {
        Value::Null => Some(Object::default()),
        Value::Object(object) => Some(object),
        _ => None,
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Why the external check as a whole denies.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<&'a [crate::trace::TraceEntry]>,
}

impl LineAnswer {
    /// `{"allowed":bool,"trace":[…]}`, with `reason` if the external check as a whole denies; a check that is
    /// not decidable: `{"allowed":false,"error":"…","trace":[]}`.
    #[must_use]
    pub fn to_json(&self) -> String {
        json(&match self {
            LineAnswer::Decided(trace) => Answer {
                allowed: trace.allowed,
                error: None,
                reason: trace.external.map(|reason| reason.to_string()),
                trace: Some(&trace.entries),
            },
            LineAnswer::Undecidable(reason) => {
                Answer { allowed: false, error: Some(reason.to_string()), reason: None, trace: Some(&[]) }
            }
        })
    }
}

impl LineError {
    /// `{"allowed":false,"error":"…"}`.
    #[must_use]
    pub fn to_json(&self) -> String {
        json(&Answer { allowed: false, error: Some(self.to_string()), reason: None, trace: None })
    }
}
