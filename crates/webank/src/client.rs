//! A client for the bank: credentials kept in memory, signed calls, one retry where a ticket was refused.

mod cache;
mod error;
mod transfer;

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use platform_http::system::{Clock, Entropy, SystemClock, SystemEntropy};
use platform_http::{BaseUrl, Client as Http, Config, ConfigError, Request as HttpRequest, Response};
use sign_core::Secret;

use crate::credentials::check_user;
use crate::{
    CallNonce, CallPath, Code, Credentials, DEFAULT_LIFETIME, Granted, Host, InputError, Method, Reply,
    ReplyError, Request, USER_TICKET_LIFETIME, UserData, business_request, read_reply, read_tickets,
    read_token, sign_ticket_request, token_request, user_ticket_request,
};
use cache::{Cache, Failed};
pub use error::Error;
pub use transfer::{Download, Progress, Upload};

/// Builds a [`Client`].
pub struct ClientBuilder {
    app_id: String,
    secret: Secret,
    business: Result<Option<Config>, ConfigError>,
    files: Result<Option<Config>, ConfigError>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl ClientBuilder {
    /// The business host, see [`crate::Environment`]; checked when built.
    #[must_use]
    pub fn business_url(self, url: &str) -> Self {
        Self { business: BaseUrl::parse(url).map(|base| Some(Config::new(base))), ..self }
    }

    /// The business host with timeouts, proxy and client certificate (WB-1).
    #[must_use]
    pub fn business(self, config: Config) -> Self {
        Self { business: Ok(Some(config)), ..self }
    }

    /// The file host, see [`crate::Environment`]; checked when built. There is no total timeout: a large file takes as
    /// long as it takes, and the read timeout watches for a line that stands still.
    #[must_use]
    pub fn files_url(self, url: &str) -> Self {
        Self { files: BaseUrl::parse(url).map(|base| Some(Config::new(base).total_timeout(None))), ..self }
    }

    /// The file host with timeouts and proxy. A total timeout, 30 s by default, holds for whole files.
    #[must_use]
    pub fn files(self, config: Config) -> Self {
        Self { files: Ok(Some(config)), ..self }
    }

    /// Another clock, for tests.
    #[must_use]
    pub fn clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Another source of nonces, for tests.
    #[must_use]
    pub fn entropy(self, entropy: impl Entropy + 'static) -> Self {
        Self { entropy: Arc::new(entropy), ..self }
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    /// [`Error::Input`] when the app id is empty, [`Error::Config`] when a host or its TLS setting is wrong.
    pub fn build(self) -> Result<Client, Error> {
        if self.app_id.is_empty() {
            return Err(InputError::Empty("app_id").into());
        }
        Ok(Client {
            inner: Arc::new(Inner {
                app_id: self.app_id,
                secret: self.secret,
                business: self.business?.map(Http::new).transpose()?,
                files: self.files?.map(Http::new).transpose()?,
                clock: self.clock,
                entropy: self.entropy,
                cache: Cache::default(),
            }),
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("app_id", &self.app_id).finish_non_exhaustive()
    }
}

/// A client of one app id. Clones share credentials and connections.
///
/// Credentials live in this process only: run **one** client per app id, on one machine, or they kick each other out
/// (`SPEC.md §2.3`).
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    app_id: String,
    secret: Secret,
    business: Option<Http>,
    files: Option<Http>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    cache: Cache,
}

/// A `user` ticket: 300 s, single use, `SPEC.md §2.2`. It cannot be copied, only spent.
#[derive(Debug)]
#[must_use = "fetching a ticket kicks out the one before it"]
pub struct UserTicket(Granted);

impl UserTicket {
    /// Hands the ticket over to be put into a page's address.
    #[must_use]
    pub fn spend(self) -> Secret {
        self.0.value
    }

    /// How long it lives from receipt.
    #[must_use]
    pub fn lifetime(&self) -> std::time::Duration {
        self.0.lifetime
    }
}

impl Client {
    /// Starts a client: the app id and the secret that the bank issued.
    pub fn builder(app_id: impl Into<String>, secret: Secret) -> ClientBuilder {
        ClientBuilder {
            app_id: app_id.into(),
            secret,
            business: Ok(None),
            files: Ok(None),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
        }
    }

    /// Makes a business call, `SPEC.md §3`. `kind` is the query's `type`, mostly absent. The body is signed and sent
    /// byte for byte.
    ///
    /// When the gateway refuses the ticket, credentials newer than the refused ones are used, fetched if need be, and
    /// the call is made once more. Nothing else is repeated.
    ///
    /// # Errors
    /// [`Error`] says whose fault it is; [`Error::outcome`] whether the call may have taken effect.
    pub async fn call(
        &self,
        path: &CallPath,
        kind: Option<&str>,
        body: impl Into<Bytes>,
    ) -> Result<Reply, Error> {
        let body = body.into();
        // Before anything is fetched: a fetch kicks out whoever uses this app id.
        if let Err(error) = std::str::from_utf8(&body) {
            return Err(InputError::BodyNotUtf8 { at: error.valid_up_to() }.into());
        }
        self.host(Host::Business)?;
        let used = self.credentials().await?;
        match self.call_with(&used, path, kind, body.clone()).await {
            Err(error) => self.call_with(&*self.newer(&used, error).await?, path, kind, body).await,
            done => done,
        }
    }

    async fn call_with(
        &self,
        credentials: &Credentials,
        path: &CallPath,
        kind: Option<&str>,
        body: Bytes,
    ) -> Result<Reply, Error> {
        let nonce = self.nonce()?;
        let request = business_request(&self.inner.app_id, path, kind, body, nonce, &credentials.ticket)?;
        let response = self.exchange("call", &request).await?;
        let noted = |reply: &Reply| (reply.code.clone(), reply.serials.biz_seq_no.clone());
        let hidden = self.hidden(credentials);
        let mut reply = finish(&response, read_reply(&response.body), &hidden, noted)?;
        reply.msg = without(&hidden, reply.msg);
        Ok(reply)
    }

    /// What a platform that repeats it in a message shall not bring into ours.
    fn hidden<'a>(&'a self, credentials: &'a Credentials) -> [&'a Secret; 3] {
        [&self.inner.secret, &credentials.token, &credentials.ticket]
    }

    /// Fetches a ticket for one user, `SPEC.md §2.2`. Never cached: each use needs one of its own.
    ///
    /// # Errors
    /// [`Error`], with [`Error::Credentials`] when there is no token to ask with.
    pub async fn user_ticket(&self, user: &UserData, merchant: &str) -> Result<UserTicket, Error> {
        // Before anything is fetched, as in a call.
        check_user(user, merchant)?;
        self.host(Host::Business)?;
        let used = self.credentials().await?;
        let ticket = match self.user_ticket_with(&used, user, merchant).await {
            Err(error) => self.user_ticket_with(&*self.newer(&used, error).await?, user, merchant).await?,
            Ok(ticket) => ticket,
        };
        Ok(UserTicket(ticket))
    }

    async fn user_ticket_with(
        &self,
        credentials: &Credentials,
        user: &UserData,
        merchant: &str,
    ) -> Result<Granted, Error> {
        let request = user_ticket_request(&self.inner.app_id, &credentials.token, user, merchant)?;
        self.ticket(&request, &credentials.token, USER_TICKET_LIFETIME).await
    }

    /// The credentials in use: the live ones, fetched if there are none. Those that are due are renewed in the
    /// background.
    ///
    /// # Errors
    /// [`Error::Credentials`] when they cannot be had.
    pub async fn credentials(&self) -> Result<Arc<Credentials>, Error> {
        self.inner.cache.current(self).await
    }

    /// After a refusal of exactly these credentials: newer ones, to do the same once more. Any other error stays.
    async fn newer(&self, used: &Credentials, error: Error) -> Result<Arc<Credentials>, Error> {
        if !error.ticket_refused() {
            return Err(error);
        }
        tracing::warn!(platform = "webank", generation = used.generation, %error, "ticket refused");
        // SPEC.md §2.3: refresh once, retry once; the retry cannot see the value that failed.
        self.inner.cache.newer_than(used.generation, self).await
    }

    /// Token, then ticket: `SPEC.md §2.3`, always together.
    async fn fetch(&self, generation: u64) -> Result<Credentials, Failed> {
        match self.fetch_pair(generation).await {
            // SPEC.md §2.3: 60851002, 60851004: somebody fetched between our two requests. Both again, once.
            Err(failed) if failed.cause.token_refused() => self.fetch_pair(generation).await,
            done => done,
        }
    }

    async fn fetch_pair(&self, generation: u64) -> Result<Credentials, Failed> {
        let fetched_at = self.inner.clock.now();
        let at = |step| move |error| Failed { step, cause: Arc::new(error) };
        let token = self.token().await.map_err(at("access_token"))?;
        let request = sign_ticket_request(&self.inner.app_id, &token.value);
        let ticket = match self.ticket(&request, &token.value, DEFAULT_LIFETIME).await {
            // SPEC.md §2.3: 60851003, 60851005: the ticket again, once.
            Err(error) if error.ticket_refused() && !error.token_refused() => {
                self.ticket(&request, &token.value, DEFAULT_LIFETIME).await
            }
            done => done,
        };
        let ticket = ticket.map_err(at("api_ticket"))?;
        let lifetime = token.lifetime.min(ticket.lifetime);
        Ok(Credentials { generation, token: token.value, ticket: ticket.value, fetched_at, lifetime })
    }

    async fn token(&self) -> Result<Granted, Error> {
        let request = token_request(&self.inner.app_id, &self.inner.secret);
        let response = self.exchange("access_token", &request).await?;
        finish(&response, read_token(&response.body), &[&self.inner.secret], |_| (Code::CREDENTIALS_OK, None))
    }

    async fn ticket(&self, request: &Request, token: &Secret, lifetime: Duration) -> Result<Granted, Error> {
        let response = self.exchange("api_ticket", request).await?;
        let tickets = read_tickets(&response.body, lifetime);
        let tickets =
            finish(&response, tickets, &[&self.inner.secret, token], |_| (Code::CREDENTIALS_OK, None))?;
        let missing = || Error::not_understood(&response, ReplyError::Member("tickets"));
        tickets.into_iter().next().ok_or_else(missing)
    }

    fn nonce(&self) -> Result<CallNonce, Error> {
        Ok(CallNonce::alphanumeric(self.entropy()?))
    }

    fn entropy(&self) -> Result<[u8; 32], Error> {
        let mut bytes = [0; 32];
        self.inner.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }

    async fn exchange(&self, operation: &'static str, request: &Request) -> Result<Response, Error> {
        let http = self.host(request.host())?;
        let mut outgoing = outgoing(operation, request);
        if let Some(content_type) = request.content_type() {
            outgoing = outgoing.content_type(content_type).body(request.body_bytes().clone());
        }
        Ok(http.send(outgoing).await?)
    }

    fn host(&self, host: Host) -> Result<&Http, Error> {
        match host {
            Host::Business => self.inner.business.as_ref().ok_or(Error::NoHost("business")),
            Host::Files => self.inner.files.as_ref().ok_or(Error::NoHost("files")),
        }
    }
}

fn outgoing(operation: &'static str, request: &Request) -> HttpRequest {
    let method = match request.method() {
        Method::Get => platform_http::Method::GET,
        Method::Post => platform_http::Method::POST,
    };
    HttpRequest::new("webank", operation, method, request.path()).query(request.encoded_query())
}

/// A platform's message without these secrets.
fn without(hidden: &[&Secret], msg: String) -> String {
    hidden.iter().fold(msg, |msg, secret| msg.replace(secret.expose(), "***"))
}

/// Notes code and serial number in the call's span, and sorts errors; `hidden` is masked in the platform's message.
fn finish<T>(
    response: &Response,
    read: Result<T, ReplyError>,
    hidden: &[&Secret],
    noted: impl Fn(&T) -> (Code, Option<String>),
) -> Result<T, Error> {
    let (code, serial) = match &read {
        Ok(reply) => noted(reply),
        Err(ReplyError::Refused(refusal)) => (refusal.code.clone(), refusal.serials.biz_seq_no.clone()),
        Err(_) => return read.map_err(|reason| Error::not_understood(response, reason)),
    };
    response.call.record_code(code.as_str());
    response.call.record_serial(serial.as_deref().unwrap_or_default());
    match read {
        Ok(reply) if response.is_success() => Ok(reply),
        // A proxy on the way answers JSON too: under an HTTP error, only the platform's own codes are its word.
        Err(ReplyError::Refused(mut refusal)) if response.is_success() || code.meaning().is_some() => {
            refusal.msg = without(hidden, refusal.msg);
            Err(Error::Refused(refusal))
        }
        _ => Err(Error::not_understood(response, ReplyError::Status)),
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("app_id", &self.inner.app_id).finish_non_exhaustive()
    }
}
