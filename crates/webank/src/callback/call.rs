//! A genuine call, and the answers to it.

use std::fmt;

use bytes::Bytes;
use serde_json::value::RawValue;
use sign_core::{Secret, shown};

use super::{CallbackCode, Echo, seal_answer};

/// A genuine call. Its business JSON may be personal, so `Debug` shows the envelope alone.
#[derive(Clone)]
pub struct Call {
    pub(super) plain: String,
    pub(super) echo: Echo,
    pub(super) signature: String,
    pub(super) salt: Secret,
}

impl Call {
    /// The decoded business JSON: an object.
    #[must_use]
    pub fn plain(&self) -> &str {
        &self.plain
    }

    /// Which interface the bank means. Not signed.
    #[must_use]
    pub fn trans_name(&self) -> &str {
        &self.echo.trans_name
    }

    /// The bank's id of this request. Not signed.
    #[must_use]
    pub fn seq_no(&self) -> &str {
        &self.echo.seq_no
    }

    /// `Timestamp` as it came: milliseconds, covered by the signature.
    #[must_use]
    pub fn timestamp(&self) -> &str {
        &self.echo.timestamp
    }

    /// The signature that was verified, in lower case: the same for the same message, and so, with the `SeqNo` and the
    /// plain, what a repeat is recognised by.
    #[must_use]
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// Seals an answer: `json` is `{"CODE":"0000","DESC":"系统处理成功"}` plus business members (WB-3). What is no
    /// JSON object is a handler's failure and answered as such.
    #[must_use]
    pub fn answer(&self, json: &str) -> Bytes {
        if is_json_object(json) { seal_answer(json, &self.echo, &self.salt) } else { self.handler_failed() }
    }

    /// The answer to a `transName` that nobody handles: `0002`.
    #[must_use]
    pub fn unknown_trans_name(&self) -> Bytes {
        self.refuse(&CallbackCode::INPUT_NOT_MET)
    }

    /// The answer when the handler failed or gave none in time: `0099`.
    #[must_use]
    pub fn handler_failed(&self) -> Bytes {
        self.refuse(&CallbackCode::HANDLER_FAILED)
    }

    fn refuse(&self, code: &CallbackCode) -> Bytes {
        seal_answer(&refusal_json(code), &self.echo, &self.salt)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Call({} {}, ‹plain {} B›)",
            shown(&self.echo.trans_name),
            self.echo.seq_no.chars().take(64).flat_map(char::escape_debug).collect::<String>(),
            self.plain.len()
        )
    }
}

/// Is a text one JSON object and nothing else?
pub(super) fn is_json_object(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok_and(|raw| raw.get().starts_with('{'))
}

/// How every [`refusal_json`] begins.
pub(super) const REFUSAL_START: &str = r#"{"CODE":""#;

pub(super) fn refusal_json(code: &CallbackCode) -> String {
    serde_json::json!({ "CODE": code.as_str(), "DESC": code.meaning().unwrap_or_default() }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_begins_alike() {
        for code in ["0001", "0099", ""] {
            let json = refusal_json(&CallbackCode::from(code.to_owned()));
            assert!(json.starts_with(REFUSAL_START), "{json}");
        }
    }
}
