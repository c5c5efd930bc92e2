//! A client for the bank: credentials that are shared and kept fresh, signed calls, files.

mod builder;
mod call;
mod error;
mod fetcher;
mod keeper;
mod retry;
mod transfer;

use std::{fmt, sync::Arc};

use platform_http::system::Entropy;
use platform_http::{Client as Http, Request as HttpRequest, Response};
use sign_core::Secret;
use tokio::time::sleep;

use crate::credentials::{Counters, check_user};
use crate::{
    CallNonce, Code, Credentials, Granted, Host, Method, ReplyError, Request, USER_TICKET_LIFETIME, UserData,
    user_ticket_request,
};
pub use builder::ClientBuilder;
pub use call::{Answer, BusinessCall};
pub use error::Error;
use keeper::Keeper;
pub use retry::Retry;
use retry::{Retries, worth_repeating};
pub use transfer::{
    Attachment, Content, ContentError, Download, Downloaded, Progress, SIGNED_JSON_LIMIT, Upload, Uploaded,
};

/// A client of one app id. Clones share credentials and connections.
///
/// Token and ticket are fetched at the first call, renewed ahead of their end while anybody holds the client, and shared
/// with other processes through the [store](ClientBuilder::store): one process fetches for all. **Without a store, make
/// one client per app id**, and clone it: two of them would kick each other out, even in one process (`SPEC.md §2.3`).
///
/// Its task lives on the tokio runtime of the first call, and is started anew on another one when that has gone. A
/// runtime that stands still between calls does not renew, and may stand still while it has the right to fetch.
///
/// A program that ends soon after its calls waits for [`Client::settle`] before it does.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    app_id: Arc<str>,
    secret: Secret,
    business: Option<Http>,
    files: Option<Http>,
    entropy: Arc<dyn Entropy>,
    /// Credentials come from the business host: without one, there are none.
    keeper: Option<Keeper>,
    retries: Retries,
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
        ClientBuilder::new(app_id.into(), secret)
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
        self.retried(false, || self.user_ticket_once(user, merchant)).await.map(UserTicket)
    }

    async fn user_ticket_once(&self, user: &UserData, merchant: &str) -> Result<Granted, Error> {
        self.with_credentials(|credentials| self.user_ticket_with(credentials, user, merchant)).await
    }

    async fn user_ticket_with(
        &self,
        credentials: Arc<Credentials>,
        user: &UserData,
        merchant: &str,
    ) -> Result<Granted, Error> {
        let request = user_ticket_request(&self.inner.app_id, &credentials.token, user, merchant)?;
        let fetcher = self.keeper()?.fetcher();
        fetcher.ticket(&request, &credentials.token, USER_TICKET_LIFETIME).await
    }

    /// The credentials in use: the live ones, from memory; only where there are none does the caller wait until they
    /// are fetched.
    ///
    /// # Errors
    /// [`Error::Credentials`] when they cannot be had, [`Error::Late`] when they do not come in time.
    pub async fn credentials(&self) -> Result<Arc<Credentials>, Error> {
        self.keeper()?.current().await
    }

    /// The credentials that processes share, as the store has them; [`None`] when nobody has fetched any yet. Fetches
    /// nothing.
    ///
    /// # Errors
    /// [`Error::Credentials`] when the store cannot be read.
    pub async fn shared_credentials(&self) -> Result<Option<Credentials>, Error> {
        Ok(self.keeper()?.peek().await?.map(|shared| shared.credentials().clone()))
    }

    /// Waits until no refresh of shared credentials is under way or due, within a bound. A program that ends at once after
    /// its calls waits for this, so that what it has fetched reaches the others. Without a shared store there is nothing
    /// to wait for.
    pub async fn settle(&self) {
        if let Some(keeper) = &self.inner.keeper {
            keeper.settle().await;
        }
    }

    /// What happened to the credentials since the client was made.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.inner.keeper.as_ref().map(Keeper::counters).unwrap_or_default()
    }

    fn keeper(&self) -> Result<&Keeper, Error> {
        self.inner.keeper.as_ref().ok_or(Error::NoHost("business"))
    }

    /// Does something with the credentials in use, and once more with newer ones after their ticket was refused
    /// (`SPEC.md §2.3`). Newer ones that another process had fetched may be dead as well, where a rival is at work; then
    /// our own fetch decides.
    async fn with_credentials<T, F>(&self, mut once: impl FnMut(Arc<Credentials>) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let keeper = self.keeper()?;
        let used = self.credentials().await?;
        let error = match once(Arc::clone(&used)).await {
            Err(error) => error,
            done => return done,
        };
        let newer = self.newer(&used, error).await?;
        match once(Arc::clone(&newer)).await {
            Err(error) if !keeper.fetched(&newer) => once(self.newer(&newer, error).await?).await,
            done => done,
        }
    }

    /// After a refusal of exactly these credentials: newer ones, to do the same once more. Any other error stays.
    async fn newer(&self, used: &Credentials, error: Error) -> Result<Arc<Credentials>, Error> {
        let refusal = match error {
            Error::Refused(refusal) if refusal.code.invalidates_ticket() => refusal,
            other => return Err(other),
        };
        let code = refusal.code.as_str();
        tracing::debug!(platform = "webank", generation = used.generation, code, "ticket refused");
        // SPEC.md §2.3: refresh once, retry once; the retry cannot see the value that failed.
        let refusal = Some(Box::new(refusal));
        self.keeper()?.newer_than(used).await.map_err(|error| match error {
            Error::ForeignKick { kick, .. } => Error::ForeignKick { kick, refusal },
            Error::Credentials { step, cause, .. } => Error::Credentials { step, cause, refusal },
            Error::Late { waited, busy, .. } => Error::Late { waited, busy, refusal },
            other => other,
        })
    }

    /// Does something again, as [`Retry`] says.
    async fn retried<T, F>(&self, idempotent: bool, mut once: impl FnMut() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let retries = &self.inner.retries;
        let mut pauses = None;
        loop {
            let error = match once().await {
                Ok(done) => {
                    retries.succeeded();
                    return Ok(done);
                }
                Err(error) => error,
            };
            if !worth_repeating(&error, idempotent) {
                return Err(error);
            }
            if pauses.is_none() {
                pauses = Some(retries.pauses(self.seed()?));
            }
            match pauses.as_mut().and_then(Iterator::next) {
                Some(pause) if retries.take() => {
                    tracing::debug!(platform = "webank", %error, "trying again");
                    sleep(pause).await;
                }
                _ => return Err(error),
            }
        }
    }

    fn seed(&self) -> Result<u64, Error> {
        let mut seed = [0; 8];
        self.inner.entropy.fill(&mut seed)?;
        Ok(u64::from_le_bytes(seed))
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
        let mut outgoing = outgoing(operation, request);
        if let Some(content_type) = request.content_type() {
            outgoing = outgoing.content_type(content_type).body(request.body_bytes().clone());
        }
        Ok(self.host(request.host())?.send(outgoing).await?)
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
