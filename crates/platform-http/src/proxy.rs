//! Whether requests go through a proxy, and which.

use std::fmt;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use crate::base::BaseUrl;
use crate::error::ConfigError;

/// Which proxy a client uses. A base URL on loopback is never proxied.
///
/// Environment variables such as `HTTPS_PROXY` have no effect unless [`Proxy::System`] asks for them: a variable
/// that someone exported for another program must not redirect signed requests.
#[derive(Debug, Clone, Default)]
pub enum Proxy {
    /// Straight to the platform.
    #[default]
    None,
    /// What `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say, then the settings of the desktop
    /// (macOS, Windows). Read once, when the client is made.
    System,
    /// This one.
    Url(ProxyUrl),
}

impl Proxy {
    /// A proxy by its URL, see [`ProxyUrl::parse`].
    ///
    /// # Errors
    /// As [`ProxyUrl::parse`].
    pub fn url(text: &str) -> Result<Self, ConfigError> {
        ProxyUrl::parse(text).map(Self::Url)
    }

    /// The proxy for this base URL, if there is one.
    pub(crate) fn route(&self, base: &BaseUrl) -> Result<Option<Route>, ConfigError> {
        if base.is_loopback() {
            return Ok(None);
        }
        match self {
            Self::None => Ok(None),
            Self::Url(ProxyUrl(url)) => Route::to(url, None).map(Some),
            Self::System => {
                let invalid = |reason| ConfigError::Proxy { reason };
                let target: Uri =
                    base.as_url().as_str().parse().map_err(|_| invalid("the base URL is no URI"))?;
                let Some(found) = Matcher::from_system().intercept(&target) else { return Ok(None) };
                let url = Url::parse(&found.uri().to_string())
                    .map_err(|_| invalid("the environment's proxy is not a URL; check HTTPS_PROXY"))?;
                Route::to(&ProxyUrl::check(url)?.0, found.basic_auth().cloned()).map(Some)
            }
        }
    }
}

/// The address of an HTTP proxy: `http://` or `https://`, host, port, perhaps user and password.
/// `Debug` shows host and port only.
#[derive(Clone)]
pub struct ProxyUrl(Url);

impl ProxyUrl {
    /// Reads a proxy's URL. Without a scheme, `http://` is meant.
    ///
    /// # Errors
    /// [`ConfigError::Proxy`] when it is not an http or https URL of a host. The message does not repeat it, because
    /// a password may stand in it.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let text = text.trim();
        let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
        Self::check(
            url.map_err(|_| ConfigError::Proxy { reason: "it is not a URL such as http://proxy:3128" })?,
        )
    }

    fn check(url: Url) -> Result<Self, ConfigError> {
        let invalid = |reason| ConfigError::Proxy { reason };
        match url.scheme() {
            "http" | "https" => {}
            "socks4" | "socks4a" | "socks5" | "socks5h" => {
                return Err(invalid("SOCKS is not supported; use an http:// or https:// proxy"));
            }
            _ => return Err(invalid("its scheme is neither http nor https")),
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("it holds a path, query or fragment; give scheme, host and port only"));
        }
        Ok(Self(url))
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProxyUrl({})", shown(&self.0))
    }
}

/// A proxy in use, and how errors may name it.
pub(crate) struct Route {
    pub(crate) proxy: reqwest::Proxy,
    /// Whether the proxy itself is spoken to under TLS.
    pub(crate) tls: bool,
    pub(crate) shown: String,
}

impl Route {
    fn to(url: &Url, auth: Option<HeaderValue>) -> Result<Self, ConfigError> {
        let mut proxy = reqwest::Proxy::all(url.clone())
            .map_err(|_| ConfigError::Proxy { reason: "the HTTP client does not take it" })?;
        if let Some(mut auth) = auth {
            auth.set_sensitive(true);
            proxy = proxy.custom_http_auth(auth);
        }
        Ok(Self { proxy, tls: url.scheme() == "https", shown: shown(url) })
    }
}

/// Host and port, never user and password.
fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
