//! The settings of a client, each with a sensible default.

use std::fmt;
use std::time::Duration;

use rustls::pki_types::CertificateDer;

use crate::base::BaseUrl;
use crate::error::ConfigError;
use crate::identity::{Identity, PemFault, certificates};
use crate::proxy::Proxy;

/// The settings of a [`Client`](crate::Client). Redirects are never followed: a signature is made for one address.
///
/// ```
/// use platform_http::{BaseUrl, Config, Proxy};
/// use std::time::Duration;
/// let config = Config::new(BaseUrl::parse("https://platform.example")?)
///     .connect_timeout(Duration::from_secs(2))
///     .proxy(Proxy::url("http://proxy.example:3128")?)
///     .user_agent("my-service/1.0");
/// # Ok::<(), platform_http::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Config {
    pub(crate) base: BaseUrl,
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) total_timeout: Option<Duration>,
    pub(crate) proxy: Proxy,
    pub(crate) roots: Vec<CertificateDer<'static>>,
    pub(crate) identity: Option<Identity>,
    pub(crate) user_agent: String,
    pub(crate) max_body: usize,
}

impl Config {
    /// The defaults, for this address.
    #[must_use]
    pub fn new(base: BaseUrl) -> Self {
        Self {
            base,
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_secs(15),
            total_timeout: Some(Duration::from_secs(30)),
            proxy: Proxy::None,
            roots: Vec::new(),
            identity: None,
            user_agent: concat!("duijie/", env!("CARGO_PKG_VERSION")).to_owned(),
            max_body: 8 * 1024 * 1024,
        }
    }

    /// The address.
    #[must_use]
    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// The time for name resolution, connection and TLS handshake together. Default: 5 s.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// The longest silence: no byte of the request taken, and none of the reply given. Default: 15 s.
    #[must_use]
    pub fn read_timeout(mut self, limit: Duration) -> Self {
        self.read_timeout = limit;
        self
    }

    /// The time for a whole call, reply body included; `None` is without limit. Default: 30 s.
    /// A [`Request`](crate::Request) may set its own.
    #[must_use]
    pub fn total_timeout(mut self, limit: Option<Duration>) -> Self {
        self.total_timeout = limit;
        self
    }

    /// The proxy. Default: none, and the environment's variables are not looked at.
    #[must_use]
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = proxy;
        self
    }

    /// Authorities to trust besides the operating system's, as PEM; may be called several times.
    ///
    /// # Errors
    /// [`ConfigError::Roots`] when the text is not PEM or holds no certificate.
    pub fn root_certificates(mut self, pem: &[u8]) -> Result<Self, ConfigError> {
        let found = certificates(pem).map_err(|found| ConfigError::Roots {
            reason: match found {
                PemFault::Broken => "it is not PEM",
                PemFault::Empty => "it holds no `BEGIN CERTIFICATE`",
            },
        })?;
        self.roots.extend(found);
        Ok(self)
    }

    /// The certificate to show when the platform asks for one (mutual TLS). Default: none. One that is
    /// [watched](Identity::watch_pem) is replaced while the client lives: new connections use the new one.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// The `User-Agent` header. Default: `duijie/` and the version.
    #[must_use]
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = name.into();
        self
    }

    /// The largest reply body, in bytes, that [`Client::send`](crate::Client::send) keeps in memory. Default: 8 MiB.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("base", &self.base)
            .field("connect_timeout", &self.connect_timeout)
            .field("read_timeout", &self.read_timeout)
            .field("total_timeout", &self.total_timeout)
            .field("proxy", &self.proxy)
            .field("roots", &self.roots.len())
            .field("identity", &self.identity)
            .field("user_agent", &self.user_agent)
            .field("max_body", &self.max_body)
            .finish()
    }
}
