//! The partner's endpoints that 兔展 calls, and how they are reached.

use platform_http::{Body, Client, HeaderName, HeaderValue, Method};
use serde_json::Value;
use std::fmt;
use std::time::Duration;

use crate::outgoing::{Answer, CallError, Outbound, Outgoing};

/// Where a partner's three endpoints are (`rabbitpre-auth SPEC.md`): the paths are the partner's choice. `Debug` hides
/// the guard's token.
#[derive(Clone)]
pub struct PartnerUrls {
    /// `GET`: the conditions.
    pub conditions: String,
    /// `POST`: save settings.
    pub save: String,
    /// `POST`: may this user take part?
    pub check: String,
    bearer: Option<HeaderValue>,
}

impl PartnerUrls {
    /// The usual paths below a base URL: `/getAuthConditions`, `/saveNotify`, `/checkUserAuth`.
    #[must_use]
    pub fn below(base_url: &str) -> Self {
        let base = base_url.trim_end_matches('/');
        Self {
            conditions: format!("{base}/getAuthConditions"),
            save: format!("{base}/saveNotify"),
            check: format!("{base}/checkUserAuth"),
            bearer: None,
        }
    }

    /// The token that the partner's guard wants; one that cannot stand in a header is not sent.
    #[must_use]
    pub fn bearer(mut self, token: &str) -> Self {
        self.bearer = HeaderValue::from_str(&format!("Bearer {token}")).ok().map(|mut value| {
            value.set_sensitive(true);
            value
        });
        self
    }

    /// Without a token.
    #[must_use]
    pub fn anonymous(self) -> Self {
        Self { bearer: None, ..self }
    }
}

impl fmt::Debug for PartnerUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartnerUrls")
            .field("conditions", &self.conditions)
            .field("save", &self.save)
            .field("check", &self.check)
            .finish_non_exhaustive()
    }
}

/// Calls the partner as 兔展 does.
#[derive(Debug)]
pub(crate) struct Partner {
    pub(crate) urls: PartnerUrls,
    outgoing: Outgoing,
}

impl Partner {
    pub(crate) fn new(urls: PartnerUrls) -> Self {
        Self { urls, outgoing: Outgoing::default() }
    }

    /// Reaches the partner's hosts through clients of the caller's.
    pub(crate) fn connect<E>(&self, mut connect: impl FnMut(&str) -> Result<Client, E>) -> Result<(), E> {
        let urls = &self.urls;
        [&urls.conditions, &urls.save, &urls.check]
            .into_iter()
            .try_for_each(|url| self.outgoing.connect(url, &mut connect))
    }

    pub(crate) async fn ask(
        &self,
        operation: &'static str,
        url: &str,
        body: Option<Body>,
        deadline: Duration,
    ) -> Result<Answer, CallError> {
        let authorization = HeaderName::from_static("authorization");
        let outbound = Outbound {
            platform: "rabbitpre",
            operation,
            method: if body.is_some() { Method::POST } else { Method::GET },
            url,
            body,
            header: self.urls.bearer.clone().map(|bearer| (authorization, bearer)),
            deadline,
        };
        self.outgoing.send(outbound).await
    }
}

/// A partner's answer as it came, for those who judge it by themselves. `Debug` shows no more than its length.
#[derive(Clone)]
#[non_exhaustive]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`, if there is one.
    pub content_type: Option<String>,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// From the first byte of the request to the last one of the answer.
    pub elapsed: Duration,
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self {
            status: answer.response.status,
            content_type: answer.response.content_type,
            body: answer.response.body.to_vec(),
            elapsed: answer.elapsed,
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("body", &format_args!("‹{} B›", self.body.len()))
            .field("elapsed", &self.elapsed)
            .finish_non_exhaustive()
    }
}

/// RP-1, RP-4: numbers, booleans and texts for each other.
pub(crate) fn loose_text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
