//! Where a client's requests go: the parsed base URL, and the exact joining of path and query to it.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::error::ConfigError;

/// The address of a platform: `http://` or `https://`, host, port, and perhaps a path in front of every path.
///
/// ```
/// use platform_http::BaseUrl;
/// let base = BaseUrl::parse("https://bank.example:8443/gateway/")?;
/// assert_eq!(base.to_string(), "https://bank.example:8443/gateway");
/// assert!(BaseUrl::parse("https://user:secret@bank.example").is_err());
/// # Ok::<(), platform_http::ConfigError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Reads a base URL. A trailing slash makes no difference.
    ///
    /// # Errors
    /// [`ConfigError::BaseUrl`] when it is not an absolute http or https URL, or carries user info, a query or a
    /// fragment. The message does not repeat the URL, because a password may stand in it.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let invalid = |reason| ConfigError::BaseUrl { reason };
        let mut url = Url::parse(text.trim()).map_err(|_| invalid("it is not an absolute URL"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("its scheme is neither http nor https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("it holds a user name or password; the platforms take none"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("it holds a query or fragment; give the address only"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// Whether requests travel under TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether the host is this very machine: `localhost`, `*.localhost`, `127.0.0.0/8`, `::1`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                name == "localhost" || name.ends_with(".localhost")
            }
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip).to_canonical().is_loopback(),
            None => false,
        }
    }

    /// Host, and the port if it is not the scheme's own.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.0.authority()
    }

    /// The path of a request as it will stand in the request line, without the query.
    pub(crate) fn path_of(&self, path: &str) -> String {
        let prefix = self.0.path().trim_end_matches('/');
        if path.is_empty() && !prefix.is_empty() {
            return prefix.to_owned();
        }
        [prefix, "/", path.strip_prefix('/').unwrap_or(path)].concat()
    }

    /// The URL of a path, as [`Self::path_of`] gives it, and a query. What the caller gave is what travels; a text the
    /// URL parser would rewrite is refused, because its signature or its meaning would change on the way.
    pub(crate) fn at(&self, path: &str, query: Option<&str>) -> Result<Url, &'static str> {
        let mut url = self.0.clone();
        url.set_path(path);
        if url.path() != path {
            return Err(
                "the path would change on the way: percent-encode it, and use no `.` or `..` segments",
            );
        }
        // `set_query` drops tabs and line breaks, encodes blanks, quotes and non-ASCII; all of that is a change.
        url.set_query(query);
        if url.query() != query {
            return Err("the query would change on the way: percent-encode every name and value first");
        }
        Ok(url)
    }

    pub(crate) fn as_url(&self) -> &Url {
        &self.0
    }
}

impl std::str::FromStr for BaseUrl {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        Self::parse(text)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUrl({self})")
    }
}
