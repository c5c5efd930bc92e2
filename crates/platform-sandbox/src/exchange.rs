//! One request as a simulator sees it, and its answer.

use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode, header};
use bytes::Bytes;
use futures_util::StreamExt as _;
use sign_core::UnixMillis;

use crate::Operation;
use crate::doctor::Suspect;

/// A request.
pub(crate) struct Call {
    pub(crate) operation: Option<Operation>,
    pub(crate) method: Method,
    pub(crate) path: String,
    /// As it travelled, without the `?`.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
    /// The sandbox's time at which it arrived.
    pub(crate) now: UnixMillis,
}

/// A request's body.
pub(crate) enum Payload {
    Whole(Bytes),
    /// For files.
    Stream(Body),
}

impl Call {
    /// The media type and its charset, both in lower case.
    pub(crate) fn media_type(&self) -> (String, Option<String>) {
        let value =
            self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
        let media = parts.next().unwrap_or_default();
        let charset =
            parts.find_map(|part| part.strip_prefix("charset=").map(|set| set.trim_matches('"').to_owned()));
        (media, charset)
    }

    /// Is it JSON in UTF-8?
    pub(crate) fn is_json(&self) -> bool {
        let (media, charset) = self.media_type();
        media == "application/json" && charset.is_none_or(|set| set == "utf-8")
    }

    /// The body that was read in one piece.
    pub(crate) fn body(&self) -> &[u8] {
        match &self.payload {
            Payload::Whole(bytes) => bytes,
            Payload::Stream(_) => &[],
        }
    }
}

impl Payload {
    /// Reads what is left and forgets it. A server that answers and closes while the client still writes makes the
    /// client lose the answer.
    pub(crate) async fn drain(self) {
        if let Self::Stream(body) = self {
            let mut pieces = body.into_data_stream();
            while let Some(Ok(_)) = pieces.next().await {}
        }
    }
}

/// An answer, and what the log should know about it.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) content_type: String,
    pub(crate) body: ReplyBody,
    /// The platform's own code.
    pub(crate) code: Option<String>,
    /// Why it was refused, in English, without personal data.
    pub(crate) reason: Option<String>,
    /// A signature that was refused, to be examined.
    pub(crate) suspect: Option<Box<Suspect>>,
    /// What came of it: for the log and the header of [`DIAGNOSIS_HEADER`](crate::DIAGNOSIS_HEADER).
    pub(crate) diagnosis: Option<String>,
    /// Dropped once the answer goes out, or when the client has left.
    pub(crate) held: Option<Box<dyn Send>>,
}

pub(crate) enum ReplyBody {
    Whole(Bytes),
    Stream { body: Body, length: u64 },
}

impl ReplyBody {
    /// In bytes.
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Stream { length, .. } => *length,
        }
    }
}

impl Reply {
    /// A JSON text with the platform's code.
    pub(crate) fn json(body: String, code: impl Into<String>) -> Self {
        Self {
            status: StatusCode::OK,
            content_type: "application/json;charset=UTF-8".into(),
            body: ReplyBody::Whole(body.into()),
            code: Some(code.into()),
            reason: None,
            suspect: None,
            diagnosis: None,
            held: None,
        }
    }

    /// A page as servers and proxies send it.
    pub(crate) fn page(status: StatusCode) -> Self {
        let text = status.canonical_reason().unwrap_or("");
        let number = status.as_u16();
        let html =
            format!("<html><head><title>{number} {text}</title></head><body>{number} {text}</body></html>\n");
        Self {
            status,
            content_type: "text/html;charset=UTF-8".into(),
            body: ReplyBody::Whole(html.into()),
            code: None,
            reason: None,
            suspect: None,
            diagnosis: None,
            held: None,
        }
    }

    /// Says why, for the log and the header of [`REASON_HEADER`](crate::REASON_HEADER).
    pub(crate) fn because(mut self, reason: impl ToString) -> Self {
        self.reason = Some(reason.to_string());
        self
    }

    /// Has the signature examined before the answer goes out.
    pub(crate) fn suspecting(mut self, suspect: Option<Box<Suspect>>) -> Self {
        self.suspect = suspect;
        self
    }
}

/// A code as JSON: a number where that is wanted and possible, else a text.
pub(crate) fn code_json(code: &str, as_number: bool) -> String {
    if as_number && serde_json::from_str::<u64>(code).is_ok() {
        code.to_owned()
    } else {
        serde_json::Value::from(code).to_string()
    }
}
