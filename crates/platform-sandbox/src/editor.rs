//! 兔展's editor: lists the partner's conditions and saves settings (`rabbitpre-auth SPEC.md §1`, `§2`).

use std::fmt;
use std::time::Duration;

use platform_http::{Body, Client};
use serde_json::{Map, Value, json};
use sign_core::shown;

use crate::outgoing::CallError;
use crate::partner::{Partner, PartnerUrls, Reply, loose_text};

/// The editor does what a designer does with the mouse: see which conditions there are, and save a setting of them.
#[derive(Debug)]
pub struct Editor {
    partner: Partner,
    patience: Duration,
}

/// What is to be saved; see `rabbitpre-auth SPEC.md §2`. `Debug` shows how many conditions there are.
#[derive(Clone)]
pub struct Setting {
    /// `userId` of the designer.
    pub user_id: String,
    /// `authScope`: 0 play, 1 work access, 2 flow.
    pub auth_scope: u8,
    /// `externalConfigId`: [`None`] creates, an id replaces.
    pub config_id: Option<String>,
    /// `settingData`: conditions `{label, name, value, type?, operator?}`.
    pub conditions: Vec<Value>,
    /// `externalConfigOperator`: `ALL` or `IN`.
    pub operator: Option<String>,
    /// `externalConfigValues`.
    pub values: Option<Value>,
}

impl Setting {
    /// A new setting of these conditions.
    #[must_use]
    pub fn new(user_id: &str, conditions: Vec<Value>) -> Self {
        Self {
            user_id: user_id.to_owned(),
            auth_scope: 0,
            config_id: None,
            conditions,
            operator: None,
            values: None,
        }
    }

    /// The request's body.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut body = json!({
            "userId": self.user_id,
            "authScope": self.auth_scope,
            "settingData": self.conditions,
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

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setting")
            .field("config_id", &self.config_id)
            .field("conditions", &self.conditions.len())
            .finish_non_exhaustive()
    }
}

/// The editor got no usable answer: the way's fault, or the partner's.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum EditorError {
    /// No answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Another HTTP status than 200.
    #[error("the partner answered with HTTP status {0}")]
    Status(u16),
    /// No JSON object.
    #[error("the partner's answer is not a JSON object")]
    NotJson,
    /// Another code than 200.
    #[error("the partner refused with code `{code}`: `{message}`")]
    Refused {
        /// `code`, or nothing; fit to be [shown].
        code: String,
        /// `msg`, or nothing; fit to be [shown].
        message: String,
    },
    /// A success without what it should bring.
    #[error("the partner's `{0}` is missing or not of the documented shape")]
    Member(&'static str),
}

impl Editor {
    /// An editor for this partner.
    #[must_use]
    pub fn new(urls: PartnerUrls) -> Self {
        Self { partner: Partner::new(urls), patience: Duration::from_secs(10) }
    }

    /// How long the editor waits. Default: 10 s.
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

    /// `GET getAuthConditions`, and the answer as it came.
    ///
    /// # Errors
    /// [`CallError`]: the address is none, or no whole answer came in time. Any answer is a reply.
    pub async fn list(&self) -> Result<Reply, CallError> {
        let url = &self.partner.urls.conditions;
        Ok(self.partner.ask("conditions", url, None, self.patience).await?.into())
    }

    /// `POST saveNotify` with these bytes, JSON or not, and the answer as it came.
    ///
    /// # Errors
    /// [`CallError`]: the address is none, or no whole answer came in time. Any answer is a reply.
    pub async fn send(&self, body: impl Into<Body>) -> Result<Reply, CallError> {
        let url = &self.partner.urls.save;
        Ok(self.partner.ask("save", url, Some(body.into()), self.patience).await?.into())
    }

    /// `GET getAuthConditions`: the conditions `{label, name, type, value, children}`.
    ///
    /// # Errors
    /// [`EditorError`]: the way's fault, or the partner's.
    pub async fn conditions(&self) -> Result<Vec<Value>, EditorError> {
        let reply = read(&self.list().await?)?;
        let data = reply.get("data").and_then(Value::as_array).ok_or(EditorError::Member("data"))?;
        let named = |name| data.iter().all(|condition| condition.get(name).is_some_and(Value::is_string));
        for name in ["label", "name", "type"] {
            if !named(name) {
                return Err(EditorError::Member(name));
            }
        }
        Ok(data.clone())
    }

    /// `POST saveNotify`: gives the setting's id.
    ///
    /// # Errors
    /// [`EditorError`]: the way's fault, or the partner's.
    pub async fn save(&self, setting: &Setting) -> Result<String, EditorError> {
        self.save_raw(&setting.to_json()).await
    }

    /// `POST saveNotify` with any body.
    ///
    /// # Errors
    /// [`EditorError`]: the way's fault, or the partner's.
    pub async fn save_raw(&self, body: &Value) -> Result<String, EditorError> {
        let reply = read(&self.send(body.to_string()).await?)?;
        let id = reply.get("data").and_then(|data| loose_text(data.get("configId")));
        id.filter(|id| !id.is_empty()).ok_or(EditorError::Member("configId"))
    }
}

fn read(reply: &Reply) -> Result<Map<String, Value>, EditorError> {
    if reply.status != 200 {
        return Err(EditorError::Status(reply.status));
    }
    let reply: Map<String, Value> = serde_json::from_slice(&reply.body).map_err(|_| EditorError::NotJson)?;
    // RP-1: number or text.
    let code = loose_text(reply.get("code")).unwrap_or_default();
    if code == "200" {
        return Ok(reply);
    }
    let message = loose_text(reply.get("msg")).unwrap_or_default();
    Err(EditorError::Refused { code: shown(&code).into_owned(), message: shown(&message).into_owned() })
}
