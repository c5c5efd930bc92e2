//! The client: requests go out here, and nowhere else.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderName, HeaderValue, Method};
use tracing::Instrument;
use url::Url;

use crate::call::Call;
use crate::config::Config;
use crate::error::{ConfigError, ErrorKind, Outcome, ProxyFault, Target, TransportError};
use crate::flight::{Flight, Way};
use crate::identity::Shown;
use crate::outgoing::{Outgoing, Progress};
use crate::request::{Request, TotalTimeout};
use crate::response::{Response, StreamingResponse};
use crate::system::{Clock as _, SystemClock};
use crate::tls;

/// Connections that have been idle for longer are not used again: many gateways close them after some 20 s, and a
/// request written to a closed connection has an unknown outcome.
const IDLE: Duration = Duration::from_secs(15);

/// A client of one platform. Cloning it is cheap and shares its connections.
///
/// Nothing is ever sent twice: no redirect is followed and nothing is retried, except that a request of which no byte
/// was written, because an idle connection turned out to be closed, goes out on another one.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    http: reqwest::Client,
    config: Config,
    proxy: Option<String>,
    identity: Arc<Shown>,
}

impl Client {
    /// Makes a client. Nothing is connected yet.
    ///
    /// # Errors
    /// [`ConfigError`] when the settings contradict each other or this machine cannot do TLS.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let route = config.proxy.route(&config.base)?;
        let user_agent = HeaderValue::from_str(&config.user_agent).map_err(|_| ConfigError::UserAgent)?;
        let tls_in_use = config.base.is_https() || route.as_ref().is_some_and(|route| route.tls);
        let identity = Arc::new(Shown::new(config.identity.clone()));
        if let Some(identity) = &config.identity {
            identity.warn(SystemClock.now());
        }
        let tls = tls::client_config(tls_in_use, &config.roots, &identity)?;
        let (builder, proxy) = match route {
            None => (reqwest::Client::builder().no_proxy(), None),
            Some(route) => (reqwest::Client::builder().proxy(route.proxy), Some(route.shown)),
        };
        // Read and total timeouts are kept by `Flight`, which counts progress of the request as well.
        let http = builder
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(config.connect_timeout)
            .pool_idle_timeout(IDLE)
            .user_agent(user_agent)
            .build()
            .map_err(|_| ConfigError::Client)?;
        Ok(Self { inner: Arc::new(Inner { http, config, proxy, identity }) })
    }

    /// The settings it was made with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Sends a request and reads the whole reply. Every HTTP status is a reply.
    ///
    /// # Errors
    /// [`TransportError`]: the caller's request cannot be sent, or the way failed.
    pub async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.stream(request).await?.collect().await
    }

    /// Sends a request and returns as soon as the reply's head is here.
    ///
    /// # Errors
    /// [`TransportError`]: the caller's request cannot be sent, or the way failed.
    pub async fn stream(&self, request: Request) -> Result<StreamingResponse, TransportError> {
        let Inner { http, config, proxy, identity } = &*self.inner;
        let target = Target {
            method: request.method.clone(),
            host: config.base.authority().to_owned(),
            path: config.base.path_of(request.shown_path()),
            proxy: proxy.clone(),
        };
        let mut call = Call::open(request.platform, request.operation, &target);
        let total = match request.total {
            TotalTimeout::OfClient => config.total_timeout,
            TotalTimeout::Own(total) => total,
        };
        let way = Way {
            connect: config.connect_timeout,
            read: config.read_timeout,
            total,
            https: config.base.is_https(),
            proxied: proxy.is_some(),
            identity: Arc::clone(identity),
        };
        let progress = Arc::new(Progress::default());
        let built = self.url(&request, &target.path).and_then(|url| build(request, url, &progress));
        let built = match built {
            Ok(built) => built,
            Err(reason) => {
                let error = TransportError {
                    kind: ErrorKind::InvalidRequest(reason),
                    outcome: Outcome::NotSent,
                    target: Box::new(target),
                    status: None,
                };
                call.failed(&error, 0, 0);
                return Err(error);
            }
        };
        let span = call.span().clone();
        let mut flight = Flight::begin(call, progress, target, way);
        let response = flight.answer(http.execute(built)).instrument(span).await?;
        let mut response = StreamingResponse::new(response, flight, config.max_body);
        // The platform is no proxy: 407 comes from the one on the way.
        if proxy.is_some() && response.status == 407 {
            return Err(response.fail(ErrorKind::Proxy(ProxyFault::Authentication)));
        }
        Ok(response)
    }

    /// The URL of a request whose path at the platform is `path`.
    fn url(&self, request: &Request, path: &str) -> Result<Url, &'static str> {
        if request.path != request.shown_path() {
            return Err("the path holds `?` or `#`: percent-encode it, or give the query as a query");
        }
        self.inner.config.base.at(path, request.query.as_deref())
    }
}

/// Headers that say where the body ends or what the connection does next. Only the one who writes the body can know.
const FRAMING: [HeaderName; 4] = [CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, UPGRADE];

fn build(request: Request, url: Url, progress: &Arc<Progress>) -> Result<reqwest::Request, &'static str> {
    if FRAMING.iter().any(|name| request.headers.contains_key(name)) {
        return Err("the client itself sets Content-Length, Transfer-Encoding, Connection and Upgrade");
    }
    // Gateways answer 411 to a POST that leaves its length open, even if it has no body.
    let announce =
        request.body.is_empty() && matches!(request.method, Method::POST | Method::PUT | Method::PATCH);
    let mut built = reqwest::Request::new(request.method, url);
    *built.headers_mut() = request.headers;
    if announce {
        built.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    if let Some(content_type) = request.content_type {
        let value = HeaderValue::from_str(&content_type)
            .map_err(|_| "its content type holds line breaks or control characters")?;
        built.headers_mut().insert(CONTENT_TYPE, value);
    }
    let body = Outgoing::new(request.body, Arc::clone(progress));
    *built.body_mut() = Some(reqwest::Body::wrap(body));
    Ok(built)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("config", &self.inner.config).finish()
    }
}
