//! 兔展's H5 page: asks whether a user may take part (`rabbitpre-auth SPEC.md §3`).

use std::time::Duration;

use platform_http::{Body, Client};
use serde_json::{Map, Value, json};
use sign_core::shown;

use crate::outgoing::CallError;
use crate::partner::{Partner, PartnerUrls, Reply, loose_text};

/// The page as a user meets it. It waits 3 s at most, and lets in only those whose answer is code 200 with data true:
/// everything else is a denial.
#[derive(Debug)]
pub struct Page {
    partner: Partner,
    patience: Duration,
}

/// What the page asks; see `rabbitpre-auth SPEC.md §3`.
#[derive(Clone)]
pub struct CheckRequest {
    /// `userParam`: at least `audid`.
    pub user: Value,
    /// `authParams`: conditions `{chineseName, englishName, paramType, values, operator, option}`.
    pub conditions: Vec<Value>,
    /// `externalConfigId` of saved settings that must hold as well; sets `checkType`.
    pub config_id: Option<String>,
    /// `externalConfigOperator`.
    pub operator: Option<String>,
    /// `externalConfigValues`.
    pub values: Option<Value>,
}

impl CheckRequest {
    /// For a user of whom the id is known, without conditions.
    #[must_use]
    pub fn user(audid: &str) -> Self {
        Self {
            user: json!({ "audid": audid }),
            conditions: Vec::new(),
            config_id: None,
            operator: None,
            values: None,
        }
    }

    /// With these conditions.
    #[must_use]
    pub fn conditions(mut self, conditions: Vec<Value>) -> Self {
        self.conditions = conditions;
        self
    }

    /// With the settings saved under this id.
    #[must_use]
    pub fn saved(mut self, config_id: &str) -> Self {
        self.config_id = Some(config_id.to_owned());
        self
    }

    /// The request's body.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut body = json!({
            "interfaceName": "checkUserAuth",
            "checkType": self.config_id.is_some().to_string(),
            "userParam": self.user,
            "authParams": self.conditions,
            "externalExtras": {},
        });
        let optional = [
            ("externalConfigId", self.config_id.clone().map(Value::from)),
            ("externalConfigOperator", self.operator.clone().map(Value::from)),
            ("externalConfigValues", self.values.clone()),
        ];
        if let Value::Object(members) = &mut body {
            members.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        }
        body
    }
}

/// Shows how many conditions there are, and nothing of the user.
impl std::fmt::Debug for CheckRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckRequest")
            .field("conditions", &self.conditions.len())
            .field("config_id", &self.config_id)
            .finish_non_exhaustive()
    }
}

/// What the page made of the answer. `Debug` shows the partner's words fit for a log.
#[derive(Clone)]
#[non_exhaustive]
pub struct Verdict {
    /// May the user take part?
    pub allowed: bool,
    /// The HTTP status, if an answer came.
    pub status: Option<u16>,
    /// `code`, read as text (RP-1).
    pub code: Option<String>,
    /// `data`, read as text (RP-2).
    pub data: Option<String>,
    /// `msg`.
    pub message: Option<String>,
    /// `errorCode`.
    pub error_code: Option<String>,
    /// How long it took.
    pub elapsed: Option<Duration>,
    /// Why there is no answer to read.
    pub failure: Option<CheckFailure>,
}

impl std::fmt::Debug for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fit = |words: &Option<String>| words.as_deref().map(|words| shown(words).into_owned());
        f.debug_struct("Verdict")
            .field("allowed", &self.allowed)
            .field("status", &self.status)
            .field("code", &fit(&self.code))
            .field("data", &fit(&self.data))
            .field("message", &fit(&self.message))
            .field("error_code", &fit(&self.error_code))
            .field("elapsed", &self.elapsed)
            .field("failure", &self.failure)
            .finish()
    }
}

/// Why the page has no answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CheckFailure {
    /// No whole answer in time.
    #[error(transparent)]
    Call(#[from] CallError),
    /// No JSON object.
    #[error("the partner's answer is not a JSON object")]
    NotJson,
}

impl Page {
    /// A page of this partner's.
    #[must_use]
    pub fn new(urls: PartnerUrls) -> Self {
        // SPEC.md: the platform waits 3 s.
        Self { partner: Partner::new(urls), patience: Duration::from_secs(3) }
    }

    /// How long the page waits. Default: 3 s.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Reaches the partner through clients of your own: with a proxy, or an authority that is not the system's.
    /// `connect` is given scheme, host and port of each of the three addresses.
    ///
    /// # Errors
    /// What `connect` says.
    pub fn connect<E>(self, connect: impl FnMut(&str) -> Result<Client, E>) -> Result<Self, E> {
        self.partner.connect(connect)?;
        Ok(self)
    }

    /// `POST checkUserAuth` with these bytes, JSON or not, and the answer as it came: for those who judge it by
    /// themselves.
    ///
    /// # Errors
    /// [`CallError`]: the address is none, or no whole answer came in time. Any answer is a reply.
    pub async fn send(&self, body: impl Into<Body>) -> Result<Reply, CallError> {
        let url = &self.partner.urls.check;
        Ok(self.partner.ask("check", url, Some(body.into()), self.patience).await?.into())
    }

    /// `POST checkUserAuth`.
    pub async fn check(&self, request: &CheckRequest) -> Verdict {
        self.check_raw(&request.to_json()).await
    }

    /// `POST checkUserAuth` with any body.
    pub async fn check_raw(&self, body: &Value) -> Verdict {
        let mut verdict = Verdict {
            allowed: false,
            status: None,
            code: None,
            data: None,
            message: None,
            error_code: None,
            elapsed: None,
            failure: None,
        };
        let answer = match self.send(body.to_string()).await {
            Ok(answer) => answer,
            Err(error) => {
                verdict.failure = Some(error.into());
                return verdict;
            }
        };
        verdict.status = Some(answer.status);
        verdict.elapsed = Some(answer.elapsed);
        let Ok(reply) = serde_json::from_slice::<Map<String, Value>>(&answer.body) else {
            verdict.failure = Some(CheckFailure::NotJson);
            return verdict;
        };
        verdict.code = loose_text(reply.get("code"));
        verdict.data = loose_text(reply.get("data"));
        verdict.message = loose_text(reply.get("msg"));
        verdict.error_code = loose_text(reply.get("errorCode"));
        // rabbitpre-auth SPEC.md §3: 200 and true, and nothing else.
        verdict.allowed = answer.status == 200
            && verdict.code.as_deref() == Some("200")
            && verdict.data.as_deref() == Some("true");
        verdict
    }
}
