//! The calls that platforms make to the partner: through platform-http, which is the only way out.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use platform_http::{
    BaseUrl, Body, Client, Config, ConfigError, HeaderName, HeaderValue, Method, Request, Response,
    TransportError,
};

/// A platform could not call the partner, or got no whole answer in time.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The partner's address is none: the caller's mistake.
    #[error(transparent)]
    Address(#[from] ConfigError),
    /// No connection, no answer, or not in time.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// What came back, whatever it is.
pub(crate) struct Answer {
    pub(crate) response: Response,
    pub(crate) elapsed: Duration,
}

/// Calls partners. Keeps its connections.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    clients: Mutex<HashMap<String, Client>>,
}

/// One call.
pub(crate) struct Outbound<'a> {
    pub(crate) platform: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) url: &'a str,
    pub(crate) body: Option<Body>,
    pub(crate) header: Option<(HeaderName, HeaderValue)>,
    pub(crate) deadline: Duration,
}

impl Outgoing {
    pub(crate) async fn send(&self, call: Outbound<'_>) -> Result<Answer, CallError> {
        let (base, path, query) = split(call.url);
        let mut request =
            Request::new(call.platform, call.operation, call.method, path).total_timeout(Some(call.deadline));
        if let Some(query) = query {
            request = request.query(query);
        }
        if let Some((name, value)) = call.header {
            request = request.header(name, value);
        }
        if let Some(body) = call.body {
            request = request.content_type("application/json;charset=UTF-8").body(body);
        }
        let client = self.client(base)?;
        let started = Instant::now();
        let response = client.send(request).await?;
        Ok(Answer { response, elapsed: started.elapsed() })
    }

    /// Reaches the host of `url` through a client of the caller's.
    pub(crate) fn connect<E>(
        &self,
        url: &str,
        connect: impl FnOnce(&str) -> Result<Client, E>,
    ) -> Result<(), E> {
        let (base, _, _) = split(url);
        let client = connect(base)?;
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).insert(base.to_owned(), client);
        Ok(())
    }

    fn client(&self, base: &str) -> Result<Client, ConfigError> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(base) {
            return Ok(client.clone());
        }
        let client = Client::new(Config::new(BaseUrl::parse(base)?))?;
        clients.insert(base.to_owned(), client.clone());
        Ok(client)
    }
}

/// Address, path and query of a URL.
fn split(url: &str) -> (&str, &str, Option<&str>) {
    let (url, query) = match url.split_once('?') {
        Some((url, query)) => (url, Some(query)),
        None => (url, None),
    };
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let host_end = url.bytes().skip(after_scheme).position(|byte| byte == b'/').map(|at| at + after_scheme);
    let (base, path) = host_end.and_then(|at| url.split_at_checked(at)).unwrap_or((url, "/"));
    (base, path, query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart_without_change() {
        assert_eq!(split("http://h:1"), ("http://h:1", "/", None));
        assert_eq!(split("http://h/a/b?c=%20&d"), ("http://h", "/a/b", Some("c=%20&d")));
        assert_eq!(split("https://h/?"), ("https://h", "/", Some("")));
        assert_eq!(split("nonsense/x"), ("nonsense", "/x", None));
    }
}
