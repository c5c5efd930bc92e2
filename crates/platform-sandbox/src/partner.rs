//! The partner's endpoints that 兔展 calls, and how they are reached.

use platform_http::{HeaderName, HeaderValue, Method};
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

    pub(crate) async fn ask(
        &self,
        operation: &'static str,
        url: &str,
        body: Option<&Value>,
        deadline: Duration,
    ) -> Result<Answer, CallError> {
        let authorization = HeaderName::from_static("authorization");
        let outbound = Outbound {
            platform: "rabbitpre",
            operation,
            method: if body.is_some() { Method::POST } else { Method::GET },
            url,
            body: body.map(|body| body.to_string().into_bytes()),
            header: self.urls.bearer.clone().map(|bearer| (authorization, bearer)),
            deadline,
        };
        self.outgoing.send(outbound).await
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
