//! The client: signs batches and sends them (`SPEC.md §3`).

use core::fmt;
use std::sync::Arc;

use platform_http::system::{Clock, Entropy, SystemClock, SystemEntropy};
use platform_http::{BaseUrl, Config, ConfigError, Method, Request};
use sign_core::{Nonce, Secret};

use crate::batch::Batch;
use crate::error::{BuildError, PushError, Receipt};
use crate::push::{CONTENT_TYPE, PATH, QUERY, SignedPush};
use crate::record::Record;
use crate::reply::Status;
use crate::report::{BatchReport, PushReport};
use crate::sign::{ParamError, PushParams};

/// What the platform operator gave out (`SPEC.md §1`). `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Credentials {
    appcode: String,
    modulecode: String,
    secret: Secret,
}

impl Credentials {
    /// Takes appcode, modulecode and appsecret as they were given out.
    ///
    /// # Errors
    /// [`ParamError::Empty`], the caller's mistake: one of the codes is empty.
    pub fn new(
        appcode: impl Into<String>,
        modulecode: impl Into<String>,
        secret: Secret,
    ) -> Result<Self, ParamError> {
        let not_empty = |name, value: String| {
            if value.is_empty() { Err(ParamError::Empty { name }) } else { Ok(value) }
        };
        let appcode = not_empty("appcode", appcode.into())?;
        let modulecode = not_empty("modulecode", modulecode.into())?;
        Ok(Self { appcode, modulecode, secret })
    }
}

/// Pushes batches to the platform. Cloning it is cheap and shares its connections.
#[derive(Clone)]
pub struct Client {
    http: platform_http::Client,
    credentials: Arc<Credentials>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// Settings of a [`Client`]; all but the address have a default.
#[must_use]
pub struct ClientBuilder {
    http: Option<Result<Config, ConfigError>>,
    credentials: Credentials,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl ClientBuilder {
    /// The platform's address, which the operator gives (`SPEC.md §1`); checked when built.
    pub fn url(self, url: &str) -> Self {
        Self { http: Some(BaseUrl::parse(url).map(Config::new)), ..self }
    }

    /// The platform's address with timeouts, proxy and certificates. The last one of this and [`url`](Self::url) counts.
    pub fn http(self, config: Config) -> Self {
        Self { http: Some(Ok(config)), ..self }
    }

    /// The clock that stamps requests. Default: the system's.
    pub fn clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Where nonces come from. Default: the system.
    pub fn entropy(self, entropy: impl Entropy + 'static) -> Self {
        Self { entropy: Arc::new(entropy), ..self }
    }

    /// Makes the client. Nothing is connected yet.
    ///
    /// # Errors
    /// [`BuildError`], the caller's mistake: no address, an address that is none, settings that contradict each other, or
    /// a machine that cannot do TLS.
    pub fn build(self) -> Result<Client, BuildError> {
        let config = self.http.ok_or(BuildError::NoUrl)??;
        Ok(Client {
            http: platform_http::Client::new(config)?,
            credentials: Arc::new(self.credentials),
            clock: self.clock,
            entropy: self.entropy,
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("http", &self.http)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Begins a client with what the platform operator gave out; [`url`](ClientBuilder::url) or
    /// [`http`](ClientBuilder::http) says where the platform is.
    pub fn builder(credentials: Credentials) -> ClientBuilder {
        ClientBuilder {
            http: None,
            credentials,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
        }
    }

    /// Signs a batch without sending it, with a time stamp and a nonce of its own. Two of these differ.
    ///
    /// # Errors
    /// [`PushError::Entropy`]: this machine has no random bytes.
    pub fn prepare(&self, batch: &Batch) -> Result<SignedPush, PushError> {
        let mut entropy = [0; 16];
        self.entropy.fill(&mut entropy)?;
        // SPEC.md §2.5, JL-1: 10 digits, and a UUID.
        let timestamp = format!("{:010}", self.clock.now().to_seconds());
        let nonce = Nonce::uuid_v4(entropy);
        let Credentials { appcode, modulecode, secret } = &*self.credentials;
        let params = PushParams { appcode, modulecode, timestamp: &timestamp, nonce: nonce.as_str() };
        Ok(SignedPush::new(batch, &params, secret)?.at(self.base_url().to_string()))
    }

    /// Sends a signed push as it is.
    ///
    /// # Errors
    /// [`PushError`] says whose fault it is, what became of the records, and what to do.
    pub async fn send(&self, push: &SignedPush) -> Result<Receipt, PushError> {
        let request = Request::new("jinlaiban", "push", Method::POST, PATH)
            .query(QUERY)
            .content_type(CONTENT_TYPE)
            .body(push.body().clone());
        let response = self.http.send(request).await?;
        let receipt = Receipt::read(response.status, &response.body);
        match &receipt {
            Ok(receipt) => response.call.record_code(receipt.reply().status().as_str()),
            Err(crate::ReplyError::Refused(refused)) => {
                response.call.record_code(refused.status().as_str());
            }
            Err(crate::ReplyError::NotUnderstood(_)) => {}
        }
        Ok(receipt?)
    }

    /// Signs and sends a batch, once. After an unknown outcome, push it again: the platform recognises the ids.
    ///
    /// # Errors
    /// [`PushError`] says whose fault it is, what became of the records, and what to do.
    pub async fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        self.send(&self.prepare(batch)?).await
    }

    /// Splits any number of records into batches and pushes them one after the other, each once and with its own
    /// time stamp, nonce and signature. Goes on after a batch that failed, except that `302` (no permission) stops:
    /// what is left then comes back in the report.
    pub async fn push_all<I>(&self, records: I) -> PushReport
    where
        I: IntoIterator<Item = Record>,
        I::IntoIter: Send,
    {
        let mut batches = Batch::split(records);
        let mut report = PushReport::default();
        while let Some(batch) = batches.next() {
            let result = self.push(&batch).await;
            let (records, first) = (batch.len(), report.records());
            match &result {
                Ok(_) => tracing::debug!(first, records, "batch accepted"),
                Err(error) => tracing::warn!(first, records, %error, "batch not accepted"),
            }
            let forbidden = matches!(&result, Err(PushError::Refused(refused)) if *refused.status() == Status::NO_PERMISSION);
            report.batches.push(BatchReport {
                first,
                records,
                result: result.map_err(|error| (batch, error)),
            });
            if forbidden {
                // SPEC.md §3: do not retry, call the operator.
                report.not_tried = batches.flat_map(Batch::into_records).collect();
                return report;
            }
        }
        report
    }

    /// Whom a journal of this client's records serves.
    pub(crate) fn target(&self) -> String {
        let Credentials { appcode, modulecode, .. } = &*self.credentials;
        format!("{} appcode={appcode} modulecode={modulecode}", self.base_url())
    }

    /// Random bytes.
    pub(crate) fn draw<const N: usize>(&self) -> Result<[u8; N], platform_http::system::EntropyError> {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// The platform's address.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        self.http.config().base()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("http", &self.http)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}
