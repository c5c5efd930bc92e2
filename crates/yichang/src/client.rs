//! The client: signs calls and sends them (`SPEC.md §3`, `SPEC.md §4`).

use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use platform_http::system::{Clock, Entropy, SystemClock, SystemEntropy};
use platform_http::{BaseUrl, Config, Method, Request, Response};
use sign_core::{Nonce, Secret};

use crate::call::{BodyFormat, DEFAULT_BASE_URL, SignedCall};
use crate::detect::{Detector, DigestSetting};
use crate::error::{BuildError, Error, ReplyError};
use crate::login::{Login, sign_login};
use crate::mobile::Mobile;
use crate::reply::Reply;
use crate::sign::{DEVICE_TYPE, DigestKind, ParamError, Params};
use crate::todo::{TodoList, sign_todo, unsigned_todo};

/// Letters and digits of a `nonceStr` that we make; 6 to 20 are allowed (`SPEC.md §1`).
const NONCE: usize = 20;

/// Calls the platform. Cloning it is cheap and shares connections and what was found out about the digest.
#[derive(Clone)]
pub struct Client {
    http: platform_http::Client,
    app_id: Arc<str>,
    device_id: Arc<str>,
    secret: Secret,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    digest: Detector,
    login_body: BodyFormat,
    todo_is_signed: bool,
    warned: Arc<AtomicBool>,
}

/// Settings of a [`Client`] that have a default.
#[must_use]
pub struct ClientBuilder {
    base: Result<BaseUrl, BuildError>,
    http: Vec<Box<dyn FnOnce(Config) -> Config + Send>>,
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
    /// The platform's address. Default: [`DEFAULT_BASE_URL`], which is plain http (YC-6).
    pub fn base_url(mut self, base: BaseUrl) -> Self {
        self.base = Ok(base);
        self
    }

    /// Changes the settings of HTTP: timeouts, proxy, certificates. Default: those of [`Config::new`]. With a
    /// [`Config`] made for another address, that address is the platform's, whatever [`base_url`](Self::base_url) says.
    pub fn http(mut self, change: impl FnOnce(Config) -> Config + Send + 'static) -> Self {
        self.http.push(Box::new(change));
        self
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
    /// [`BuildError`], the caller's mistake: `appId` or `deviceId` is empty, or the HTTP settings are contradictory.
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
        let config = Config::new(self.base?);
        let config = self.http.into_iter().fold(config, |config, change| change(config));
        Ok(Client {
            http: platform_http::Client::new(config)?,
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
            .field("base", &self.base)
            .field("app_id", &self.app_id)
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Begins a client with the `appId` and `appSecret` that the platform gave out.
    pub fn builder(app_id: impl Into<String>, secret: Secret) -> ClientBuilder {
        ClientBuilder {
            base: BaseUrl::parse(DEFAULT_BASE_URL).map_err(BuildError::from),
            http: Vec::new(),
            app_id: app_id.into(),
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

    /// Signs a login without sending it, with a nonce and a time stamp of its own. `url` is where to go afterwards.
    ///
    /// # Errors
    /// [`Error::Entropy`]: this machine has no random bytes.
    pub fn prepare_login(&self, mobile: &Mobile, url: Option<&str>) -> Result<SignedCall, Error> {
        self.login_call(mobile, url, self.digest.current())
    }

    /// Signs a request for the to-do list without sending it, with a nonce and a time stamp of its own.
    ///
    /// # Errors
    /// [`Error::Entropy`]: this machine has no random bytes.
    pub fn prepare_todo(&self, mobile: &Mobile) -> Result<SignedCall, Error> {
        self.todo_call(mobile, self.digest.current())
    }

    /// Logs a person in. `url` is where to go afterwards. With [`DigestSetting::Detect`], a refused signature makes
    /// one more call, once.
    ///
    /// # Errors
    /// [`Error`] says whose fault it is, and what to do.
    pub async fn login(&self, mobile: &Mobile, url: Option<&str>) -> Result<Login, Error> {
        self.call("login", Login::read, |kind| self.login_call(mobile, url, kind)).await
    }

    /// Fetches a person's to-do list. With [`DigestSetting::Detect`], a refused signature makes one more call, once.
    ///
    /// # Errors
    /// [`Error`] says whose fault it is, and what to do.
    pub async fn todo(&self, mobile: &Mobile) -> Result<TodoList, Error> {
        self.call("todo", TodoList::read, |kind| self.todo_call(mobile, kind)).await
    }

    /// Which digest the platform turned out to want; `None` as long as that is not known.
    #[must_use]
    pub fn detected(&self) -> Option<DigestKind> {
        self.digest.found()
    }

    /// The address it calls.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        self.http.config().base()
    }

    fn login_call(&self, mobile: &Mobile, url: Option<&str>, kind: DigestKind) -> Result<SignedCall, Error> {
        self.with_params(|params| sign_login(mobile, url, self.login_body, params, &self.secret, kind))
    }

    fn todo_call(&self, mobile: &Mobile, kind: DigestKind) -> Result<SignedCall, Error> {
        // YC-3: signed, unless the platform turns out to want it otherwise.
        if !self.todo_is_signed {
            return Ok(unsigned_todo(mobile).at(self.base_url().to_string()));
        }
        self.with_params(|params| sign_todo(mobile, params, &self.secret, kind))
    }

    /// Public parameters with a nonce and a time stamp of their own.
    fn with_params(
        &self,
        sign: impl FnOnce(Params<'_>) -> Result<SignedCall, ParamError>,
    ) -> Result<SignedCall, Error> {
        let mut entropy = [0; 32];
        self.entropy.fill(&mut entropy)?;
        let nonce = Nonce::<NONCE>::alphanumeric(entropy);
        let time_stamp = self.clock.now().to_seconds().to_string();
        let call = sign(Params {
            app_id: &self.app_id,
            device_id: &self.device_id,
            device_type: DEVICE_TYPE,
            nonce_str: nonce.as_str(),
            time_stamp: &time_stamp,
        })?;
        Ok(call.at(self.base_url().to_string()))
    }

    async fn call<T>(
        &self,
        operation: &'static str,
        read: fn(u16, &[u8]) -> Result<T, ReplyError>,
        sign: impl Fn(DigestKind) -> Result<SignedCall, Error>,
    ) -> Result<T, Error> {
        let kind = self.digest.current();
        let call = sign(kind)?;
        let signed = call.query().is_some();
        let mut response = self.send(operation, call).await?;
        if signed {
            // YC-1: once more with the other digest, with nonce, time stamp and signature of its own.
            if let Some(other) = self.learn(kind, &response) {
                tracing::info!(refused = %kind, trying = %other, "the platform refused the signature");
                response = self.send(operation, sign(other)?).await?;
                self.learn(other, &response);
            }
        }
        Ok(read(response.status, &response.body)?)
    }

    fn learn(&self, kind: DigestKind, response: &Response) -> Option<DigestKind> {
        let reply = Reply::parse(&response.body).ok()?;
        self.digest.learn(kind, response.is_success(), &reply)
    }

    async fn send(&self, operation: &'static str, call: SignedCall) -> Result<Response, Error> {
        self.warn_once_of_plain_http();
        let mut request = Request::new("yichang", operation, Method::POST, call.path())
            .content_type(call.content_type())
            .body(call.body().clone());
        if let Some(query) = call.query() {
            request = request.query(query);
        }
        let response = self.http.send(request).await?;
        if let Ok(reply) = Reply::parse(&response.body) {
            response.call.record_code(reply.code().as_str());
        }
        Ok(response)
    }

    /// YC-6: http is the documented address, and it carries a phone number and an SSO token.
    fn warn_once_of_plain_http(&self) {
        let base = self.base_url();
        if !base.is_https() && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                host = base.authority(),
                "plain http: anybody on the way can read phone numbers and SSO tokens; use https where the platform \
                 has it"
            );
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("http", &self.http)
            .field("app_id", &self.app_id)
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}
