//! A request before it travels.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::body::Body;

/// One request, relative to the client's base URL. Path, query and body travel byte by byte as they are given here.
///
/// `Debug` shows neither query, nor header values, nor body.
///
/// ```
/// use platform_http::{Body, Request};
/// let request = Request::new("webank", "access_token", http::Method::GET, "/api/oauth2/access_token")
///     .query("app_id=A&secret=S%2B")
///     .content_type("application/json")
///     .body(Body::from("{}"));
/// assert!(!format!("{request:?}").contains("S%2B"));
/// ```
pub struct Request {
    pub(crate) platform: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) total: TotalTimeout,
}

/// Which total timeout holds for a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TotalTimeout {
    OfClient,
    Own(Option<Duration>),
}

impl Request {
    /// A request without query and body. `platform` and `operation` name the call in spans; `path` is
    /// percent-encoded, with or without a leading slash.
    #[must_use]
    pub fn new(
        platform: &'static str,
        operation: &'static str,
        method: Method,
        path: impl Into<String>,
    ) -> Self {
        Self {
            platform,
            operation,
            method,
            path: path.into(),
            query: None,
            content_type: None,
            headers: HeaderMap::new(),
            body: Body::empty(),
            total: TotalTimeout::OfClient,
        }
    }

    /// The query, encoded, without the `?`. It is sent exactly so: not decoded, not sorted, not encoded again.
    #[must_use]
    pub fn query(mut self, encoded: impl Into<String>) -> Self {
        self.query = Some(encoded.into());
        self
    }

    /// The `Content-Type` of the body.
    #[must_use]
    pub fn content_type(mut self, value: impl Into<String>) -> Self {
        self.content_type = Some(value.into());
        self
    }

    /// Another header; a second one of the same name stands beside the first.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// The body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// The total timeout of this request in place of the client's; `None` is without limit.
    #[must_use]
    pub fn total_timeout(mut self, limit: Option<Duration>) -> Self {
        self.total = TotalTimeout::Own(limit);
        self
    }

    /// The path as it may be shown, should the caller have put a query into it.
    pub(crate) fn shown_path(&self) -> &str {
        self.path.split(['?', '#']).next().unwrap_or_default()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("platform", &self.platform)
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("path", &self.shown_path())
            .field("query", &self.query.as_ref().map(|_| "…"))
            .field("content_type", &self.content_type)
            .field("headers", &self.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
