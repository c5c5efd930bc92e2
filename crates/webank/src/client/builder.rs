//! How a client is made.

use std::fmt;
use std::sync::Arc;

use platform_http::system::{Clock, Entropy, SystemClock, SystemEntropy};
use platform_http::{BaseUrl, Client as Http, Config, ConfigError};
use platform_state::{Key, MemoryStore, Owner, Store, Writer};
use sign_core::Secret;

use super::fetcher::Fetcher;
use super::keeper::{Keeper, Means, Observer};
use super::retry::{Retries, Retry};
use super::{Client, Error, Inner};
use crate::InputError;
use crate::credentials::{Event, Policy, Writer as Origin};

/// Builds a [`Client`].
#[must_use]
pub struct ClientBuilder {
    app_id: String,
    secret: Secret,
    business: Result<Option<Config>, ConfigError>,
    files: Result<Option<Config>, ConfigError>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    store: Option<Arc<dyn Store>>,
    policy: Policy,
    retry: Retry,
    observer: Option<Observer>,
    shared_as: Option<String>,
}

impl ClientBuilder {
    pub(super) fn new(app_id: String, secret: Secret) -> Self {
        Self {
            app_id,
            secret,
            business: Ok(None),
            files: Ok(None),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            store: None,
            policy: Policy::default(),
            retry: Retry::default(),
            observer: None,
            shared_as: None,
        }
    }

    /// The business host, see [`crate::Environment`]; checked when built.
    pub fn business_url(self, url: &str) -> Self {
        Self { business: BaseUrl::parse(url).map(|base| Some(Config::new(base))), ..self }
    }

    /// The business host with timeouts, proxy and client certificate (WB-1).
    pub fn business(self, config: Config) -> Self {
        Self { business: Ok(Some(config)), ..self }
    }

    /// The file host, see [`crate::Environment`]; checked when built. There is no total timeout: a large file takes as
    /// long as it takes, and the read timeout watches for a line that stands still.
    pub fn files_url(self, url: &str) -> Self {
        Self { files: BaseUrl::parse(url).map(|base| Some(Config::new(base).total_timeout(None))), ..self }
    }

    /// The file host with timeouts and proxy. A total timeout, 30 s by default, holds for whole files.
    pub fn files(self, config: Config) -> Self {
        Self { files: Ok(Some(config)), ..self }
    }

    /// Where credentials are shared with other processes that use this app id: without one, they live in this process
    /// only, and a second process would kick it out (`SPEC.md §2.3`).
    ///
    /// ```no_run
    /// # #[cfg(feature = "sqlite")] async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use webank::{Client, Secret, state::Address};
    /// let store = "sqlite:/var/lib/webank/state.db".parse::<Address>()?.open().await?;
    /// let client = Client::builder("wxhiw5xt6q4qtmwcrn", Secret::new(std::env::var("WEBANK_SECRET")?)?)
    ///     .business_url("https://f1-capapi-v2.test.webank.com")
    ///     .store(store)
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn store(self, store: Arc<dyn Store>) -> Self {
        Self { store: Some(store), ..self }
    }

    /// The name under which credentials are shared, by default the app id and the business host's authority. Processes that
    /// reach one environment under several names (one directly, one through a gateway) need the same name.
    pub fn shared_as(self, name: impl Into<String>) -> Self {
        Self { shared_as: Some(name.into()), ..self }
    }

    /// When to refresh credentials, and how hard to try.
    pub fn policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// When a call is made once more that did not reach the bank.
    pub fn retry(self, retry: Retry) -> Self {
        Self { retry, ..self }
    }

    /// Is told what happens to the credentials, besides `tracing`: fetched, taken over, kicked out from outside. Called
    /// from the client's own task: do not block in it.
    pub fn observer(self, observer: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self { observer: Some(Arc::new(observer)), ..self }
    }

    /// Another clock, for tests.
    pub fn clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Another source of nonces, for tests.
    pub fn entropy(self, entropy: impl Entropy + 'static) -> Self {
        Self { entropy: Arc::new(entropy), ..self }
    }

    /// Builds the client. Nothing is sent, and nothing is fetched before the first call.
    ///
    /// # Errors
    /// [`Error::Input`] when the app id is empty or longer than a key of the store may be, or the policy makes no sense, [`Error::Config`] when a host
    /// or its TLS setting is wrong, [`Error::Entropy`] when the machine gives no randomness.
    pub fn build(self) -> Result<Client, Error> {
        if self.app_id.is_empty() {
            return Err(InputError::Empty("app_id").into());
        }
        if let Some(fault) = self.policy.fault() {
            return Err(InputError::Policy(fault).into());
        }
        let app_id: Arc<str> = self.app_id.into();
        let business = self.business?.map(Http::new).transpose()?;
        let mut unique = [0; 16];
        self.entropy.fill(&mut unique)?;
        let mut draw = [0; 4];
        self.entropy.fill(&mut draw)?;
        let keeper = match &business {
            None => None,
            Some(http) => {
                let writer = Writer::this_process();
                let origin = Origin { host: writer.host.clone(), pid: writer.pid };
                let means = Means {
                    fetcher: Fetcher {
                        app_id: Arc::clone(&app_id),
                        secret: self.secret.clone(),
                        http: http.clone(),
                        timeout: self.policy.fetch_timeout,
                    },
                    key: key(&app_id, http.config().base(), self.shared_as)?,
                    shared: self.store.is_some(),
                    store: self.store.unwrap_or_else(|| Arc::new(MemoryStore::new())),
                    owner: Owner::new(writer, unique),
                    clock: Arc::clone(&self.clock),
                    observer: self.observer,
                };
                Some(Keeper::new(self.policy, origin, u32::from_le_bytes(draw), means))
            }
        };
        let files = self.files?.map(Http::new).transpose()?;
        let retries = Retries::new(self.retry);
        Ok(Client {
            inner: Arc::new(Inner {
                app_id,
                secret: self.secret,
                business,
                files,
                entropy: self.entropy,
                keeper,
                retries,
            }),
        })
    }
}

/// SPEC.md §2.3: unique per app id, and each environment has app ids of its own.
fn key(app_id: &str, base: &BaseUrl, shared_as: Option<String>) -> Result<Key, InputError> {
    let name = shared_as.unwrap_or_else(|| format!("{app_id}@{}", base.authority()));
    Key::new("webank", &name).map_err(|_| InputError::AppId(app_id.to_owned()))
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("app_id", &self.app_id).finish_non_exhaustive()
    }
}
