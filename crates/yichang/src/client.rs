//! The client: signs calls and sends them (`SPEC.md §3`, `SPEC.md §4`).

mod builder;

use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use platform_http::system::{Clock, Entropy};
use platform_http::{BaseUrl, Method, Request};
use sign_core::{Nonce, Secret};

pub use self::builder::ClientBuilder;
use crate::call::{BodyFormat, SignedCall};
use crate::detect::Detector;
use crate::error::{Error, ReplyError};
use crate::login::{Login, sign_login};
use crate::memory::Memory;
use crate::mobile::Mobile;
use crate::reply::{Reply, ReplyFault};
use crate::sign::{DEVICE_TYPE, DigestKind, ParamError, Params};
use crate::todo::{TodoList, sign_todo, unsigned_todo};

/// Letters and digits of a `nonceStr` that we make; 6 to 20 are allowed (`SPEC.md §1`).
const NONCE: usize = 20;

/// Calls the platform. Cloning it is cheap and shares connections and what was found out about the digest.
#[derive(Clone)]
pub struct Client {
    http: platform_http::Client,
    base: Arc<str>,
    app_id: Arc<str>,
    device_id: Arc<str>,
    secret: Secret,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    digest: Detector,
    memory: Option<Memory>,
    login_body: BodyFormat,
    todo_is_signed: bool,
    warned: Arc<AtomicBool>,
}

/// What came back, read once.
struct Answer {
    http_status: u16,
    reply: Result<Reply, ReplyFault>,
}

impl Client {
    /// Begins a client with the `appId` and `appSecret` that the platform gave out.
    pub fn builder(app_id: impl Into<String>, secret: Secret) -> ClientBuilder {
        ClientBuilder::new(app_id.into(), secret)
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

    /// Logs a person in. `url` is where to go afterwards. With
    /// [`DigestSetting::Detect`](crate::DigestSetting::Detect), a refused signature makes one more call, once.
    ///
    /// # Errors
    /// [`Error`] says whose fault it is, and what to do.
    pub async fn login(&self, mobile: &Mobile, url: Option<&str>) -> Result<Login, Error> {
        self.call("login", true, Login::of, |kind| self.login_call(mobile, url, kind)).await
    }

    /// Fetches a person's to-do list. With [`DigestSetting::Detect`](crate::DigestSetting::Detect), a refused signature
    /// makes one more call, once.
    ///
    /// # Errors
    /// [`Error`] says whose fault it is, and what to do.
    pub async fn todo(&self, mobile: &Mobile) -> Result<TodoList, Error> {
        self.call("todo", self.todo_is_signed, TodoList::of, |kind| self.todo_call(mobile, kind)).await
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
            return Ok(unsigned_todo(mobile).at(Arc::clone(&self.base)));
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
        Ok(call.at(Arc::clone(&self.base)))
    }

    async fn call<T>(
        &self,
        operation: &'static str,
        signed: bool,
        read: fn(u16, Result<Reply, ReplyFault>) -> Result<T, ReplyError>,
        sign: impl Fn(DigestKind) -> Result<SignedCall, Error>,
    ) -> Result<T, Error> {
        if !signed || !self.digest.detects() {
            let answer = self.send(operation, sign(self.digest.current())?).await?;
            return Ok(read(answer.http_status, answer.reply)?);
        }
        if let Some(memory) = &self.memory {
            memory.recall(&self.digest).await;
        }
        let kind = self.digest.current();
        let mut answer = self.send(operation, sign(kind)?).await?;
        // YC-1: once more with the other digest, with nonce, time stamp and signature of its own.
        if let Some(other) = self.learn(kind, &answer) {
            tracing::info!(refused = %kind, trying = %other, "the platform refused the signature");
            answer = self.send(operation, sign(other)?).await?;
            self.learn(other, &answer);
        }
        if let Some(memory) = &self.memory {
            memory.keep(&self.digest).await;
        }
        Ok(read(answer.http_status, answer.reply)?)
    }

    fn learn(&self, kind: DigestKind, answer: &Answer) -> Option<DigestKind> {
        let success = (200..300).contains(&answer.http_status);
        self.digest.learn(kind, success, answer.reply.as_ref().ok()?)
    }

    async fn send(&self, operation: &'static str, call: SignedCall) -> Result<Answer, Error> {
        self.warn_once_of_plain_http();
        let mut request = Request::new("yichang", operation, Method::POST, call.path())
            .content_type(call.content_type())
            .body(call.body().clone());
        if let Some(query) = call.query() {
            request = request.query(query);
        }
        let response = self.http.send(request).await?;
        let reply = Reply::parse(&response.body);
        if let Ok(reply) = &reply {
            response.call.record_code(reply.code().as_str());
        }
        Ok(Answer { http_status: response.status, reply })
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
