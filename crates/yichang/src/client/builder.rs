//! How a client is made.

use core::fmt;
use std::sync::Arc;

use platform_http::system::{Clock, Entropy, SystemClock, SystemEntropy};
use platform_http::{BaseUrl, Config, ConfigError};
use platform_state::Store;
use sign_core::{Nonce, Secret};

use super::Client;
use crate::call::{BodyFormat, DEFAULT_BASE_URL};
use crate::detect::{Detector, DigestSetting};
use crate::error::BuildError;
use crate::memory::Memory;
use crate::sign::{DigestKind, ParamError};

/// Settings of a [`Client`] that have a default.
#[must_use]
pub struct ClientBuilder {
    http: Result<Config, ConfigError>,
    store: Option<Arc<dyn Store>>,
    app_id: String,
    secret: Secret,
    device_id: Option<String>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    digest: DigestSetting,
    detected: Option<DigestKind>,
    login_body: BodyFormat,
    todo_is_signed: bool,
}

impl ClientBuilder {
    pub(super) fn new(app_id: String, secret: Secret) -> Self {
        Self {
            http: BaseUrl::parse(DEFAULT_BASE_URL).map(Config::new),
            store: None,
            app_id,
            secret,
            device_id: None,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            digest: DigestSetting::default(),
            detected: None,
            login_body: BodyFormat::default(),
            todo_is_signed: true,
        }
    }

    /// The platform's address; checked when built. Default: [`DEFAULT_BASE_URL`], which is plain http (YC-6).
    pub fn url(self, url: &str) -> Self {
        Self { http: BaseUrl::parse(url).map(Config::new), ..self }
    }

    /// The platform's address with timeouts, proxy and certificates. The last one of this and [`url`](Self::url) counts.
    pub fn http(self, config: Config) -> Self {
        Self { http: Ok(config), ..self }
    }

    /// Where what was found out about the digest is kept, so that the next process need not find it out again (YC-1).
    /// One cell for each address and `appId`. A store that fails is warned of, and fails no call. Default: nowhere, clones
    /// of this client share it.
    pub fn store(self, store: Arc<dyn Store>) -> Self {
        Self { store: Some(store), ..self }
    }

    /// `deviceId`: the client's IP address or a UUID. Default: a UUID, one for each client that is built.
    pub fn device_id(mut self, device_id: impl Into<String>) -> Self {
        self.device_id = Some(device_id.into());
        self
    }

    /// Which digest signs. Default: [`DigestSetting::Detect`].
    pub fn digest(mut self, setting: DigestSetting) -> Self {
        self.digest = setting;
        self
    }

    /// What an earlier client [detected](Client::detected), so that this one need not.
    pub fn detected(mut self, kind: DigestKind) -> Self {
        self.detected = Some(kind);
        self
    }

    /// How the body of a login is written. Default: as a form (YC-2).
    pub fn login_body(mut self, format: BodyFormat) -> Self {
        self.login_body = format;
        self
    }

    /// Whether requests for the to-do list carry public parameters and signature. Default: yes (YC-3).
    pub fn sign_todo(mut self, signed: bool) -> Self {
        self.todo_is_signed = signed;
        self
    }

    /// The clock that stamps requests. Default: the system's.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Where nonces and the `deviceId` come from. Default: the system.
    pub fn entropy(mut self, entropy: impl Entropy + 'static) -> Self {
        self.entropy = Arc::new(entropy);
        self
    }

    /// Makes the client. Nothing is connected yet.
    ///
    /// # Errors
    /// [`BuildError`], the caller's mistake: `appId` or `deviceId` is empty, the address is none, or the HTTP settings are contradictory.
    pub fn build(self) -> Result<Client, BuildError> {
        if self.app_id.is_empty() {
            return Err(ParamError::Empty { name: "appId" }.into());
        }
        let device_id = match self.device_id {
            Some(given) if given.is_empty() => return Err(ParamError::Empty { name: "deviceId" }.into()),
            Some(given) => given,
            None => {
                let mut entropy = [0; 16];
                self.entropy.fill(&mut entropy)?;
                Nonce::uuid_v4(entropy).as_str().to_owned()
            }
        };
        let http = platform_http::Client::new(self.http?)?;
        let base: Arc<str> = http.config().base().to_string().into();
        let memory = self.store.map(|store| Memory::new(store, &base, &self.app_id)).transpose()?;
        Ok(Client {
            http,
            base,
            memory,
            app_id: self.app_id.into(),
            device_id: device_id.into(),
            secret: self.secret,
            clock: self.clock,
            entropy: self.entropy,
            digest: Detector::new(self.digest, self.detected),
            login_body: self.login_body,
            todo_is_signed: self.todo_is_signed,
            warned: Arc::default(),
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("http", &self.http)
            .field("app_id", &self.app_id)
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}
