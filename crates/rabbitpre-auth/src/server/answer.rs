//! Answers as they go out: status, content type, bytes.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use crate::trace::{Trace, TraceEntry};
use crate::wire::{self, CheckReply};

/// What most are told; a test holds it against [`CheckReply`].
pub(super) const ALLOWED_REPLY: &[u8] =
    "{\"code\":\"200\",\"msg\":\"鉴权成功\",\"data\":\"true\",\"errorCode\":\"\"}".as_bytes();

pub(super) fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

pub(super) fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json;charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

pub(super) fn refused(status: StatusCode, body: String) -> Response<Body> {
    let mut response = json(status, body);
    if status == StatusCode::UNAUTHORIZED {
        // RFC 9110 §11.6.1: a 401 says which scheme is wanted
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

pub(super) fn plain(content_type: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::from(body.into()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    // Yesterday's health is no health.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn nothing(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

pub(super) fn wrong_method(allowed: &'static str) -> Response<Body> {
    let mut response = nothing(StatusCode::METHOD_NOT_ALLOWED);
    // RFC 9110 §15.5.6: a 405 says which methods there are
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

/// The reply, with the trace as members of its own if there is one (SPEC.md §4.9).
pub(super) fn traced(reply: &CheckReply, trace: Option<&Trace>) -> String {
    #[derive(Serialize)]
    struct Traced<'a> {
        #[serde(flatten)]
        reply: &'a CheckReply,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        trace: &'a [TraceEntry],
    }
    match trace {
        None => reply.to_json(),
        Some(trace) => wire::json(&Traced {
            reply,
            reason: trace.external.map(|reason| reason.to_string()),
            trace: &trace.entries,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Decision;

    #[test]
    fn the_constant_reply_is_the_one_that_is_written() {
        assert_eq!(CheckReply::from(&Decision::Allowed).to_json().as_bytes(), ALLOWED_REPLY);
    }
}
