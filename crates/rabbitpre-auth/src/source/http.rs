//! Attributes from a service of the company's own, over HTTP.

mod answer;
mod error;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use platform_http::{
    BaseUrl, Client, Config, ErrorKind, HeaderName, HeaderValue, Method, Request, Response, TransportError,
};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use self::answer::{Question, attributes};
pub use self::error::{HttpAttributesError, HttpSettingError};
use super::counting::Counting;
use super::{AttributeSource, Fetched, SourceCounters, end_of, wanted};
use crate::attributes::Attributes;
use crate::json::MAX_BODY;
use crate::wire::UserParam;

/// Well below the 2.5 s by which a check is answered (SPEC.md, head).
const DEADLINE: Duration = Duration::from_secs(1);
/// A hundred requests a second to users whose answers take the whole second leave places free for the others.
const AT_A_TIME: usize = 256;

const AUTHORIZATION: HeaderName = HeaderName::from_static("authorization");

/// Users' attributes from an HTTP endpoint of the company's own.
///
/// It is asked by `POST` with `{"audid":"…","names":["…"],"userParam":{…}}` and answers an object from name to value, or
/// one with that object as its member `attributes`. `audid` is a text, digits as in the request (RP-3); `userParam` is
/// what the platform sent. Status 404 says that nobody knows the user: then there are no attributes; an answer with a
/// `code`, or with `attributes` that are no object, and nothing that was asked for is a failure. Values that were not
/// asked for are left out. An answer has at most 1 MiB and is read strictly ([`read`](crate::read)).
///
/// Connections are kept and used again. To ask again changes nothing: a question whose connection ends without an answer
/// is asked a second time. When no condition reads an attribute, nobody is asked. Clones share connections, places and
/// counters.
///
/// ```no_run
/// use rabbitpre_auth::{CachedAttributes, Catalogue, HttpAttributes, MemorySettings, Service};
/// use std::time::Duration;
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let users = HttpAttributes::new("https://users.example/attributes")?
///     .bearer_token(&std::env::var("USERS_TOKEN")?)?
///     .deadline(Duration::from_millis(800));
/// let users = CachedAttributes::new(users, Duration::from_secs(10));
/// let service = Service::new(Catalogue::default(), users, MemorySettings::new("a1-"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HttpAttributes {
    client: Client,
    /// Relative to the client's address.
    path: &'static str,
    query: Option<String>,
    token: Option<HeaderValue>,
    deadline: Duration,
    places: Arc<Semaphore>,
    counting: Arc<Counting>,
}

impl HttpAttributes {
    /// Asks this address, which may have a query; it is not shown. Nothing is connected yet.
    ///
    /// # Errors
    /// [`HttpSettingError`]: no http or https URL, user or password in it, or a query that is not encoded.
    pub fn new(url: &str) -> Result<Self, HttpSettingError> {
        let (address, query) = match url.trim().split_once('?') {
            Some((address, query)) => (address, Some(query)),
            None => (url.trim(), None),
        };
        // What the URL parser would rewrite is not what was written.
        if query.is_some_and(|query| {
            !query.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"#'<>".contains(&byte))
        }) {
            return Err(HttpSettingError::Query);
        }
        let mut source = Self::of_config(Config::new(BaseUrl::parse(address)?).connect_timeout(DEADLINE))?;
        // A slash at the end is part of an endpoint's address, though not of a platform's.
        source.path = if address.ends_with('/') { "/" } else { "" };
        source.query = query.map(str::to_owned);
        Ok(source)
    }

    /// Asks the address of these settings, which say how: through a proxy, with a client certificate, with authorities
    /// of the company's own. Its total timeout and its limit of the answer are not used.
    ///
    /// # Errors
    /// [`HttpSettingError::Client`]: the settings contradict each other.
    pub fn of_config(config: Config) -> Result<Self, HttpSettingError> {
        Ok(HttpAttributes {
            client: Client::new(config.max_body(MAX_BODY))?,
            path: "",
            query: None,
            token: None,
            deadline: DEADLINE,
            places: Arc::new(Semaphore::new(AT_A_TIME)),
            counting: Arc::default(),
        })
    }

    /// Shows this token: `Authorization: Bearer …`. It is never shown elsewhere. White space around it, as files end with,
    /// is not part of it.
    ///
    /// # Errors
    /// [`HttpSettingError::Token`]: it is empty, or has characters that a header cannot have.
    pub fn bearer_token(mut self, token: &str) -> Result<Self, HttpSettingError> {
        let token = token.trim();
        let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        let value = is_token.then(|| HeaderValue::try_from(format!("Bearer {token}")).ok()).flatten();
        let mut value = value.ok_or(HttpSettingError::Token)?;
        value.set_sensitive(true);
        self.token = Some(value);
        Ok(self)
    }

    /// When an answer must be there, the time for a free place included; 1 s by default.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How many questions are under way at a time, 256 by default; others wait.
    #[must_use]
    pub fn at_a_time(mut self, places: usize) -> Self {
        self.places = Arc::new(Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS)));
        self
    }

    async fn ask(
        &self,
        user: &UserParam<'_>,
        names: &[&str],
    ) -> Result<Attributes<'static>, HttpAttributesError> {
        let names = wanted(names);
        if names.is_empty() {
            return Ok(Attributes::default());
        }
        let until = end_of(self.deadline);
        let place = timeout_at(until, self.places.acquire()).await;
        // Nobody closes the semaphore.
        let Ok(Ok(_place)) = place else {
            return Err(HttpAttributesError::Busy { at: self.shown(), deadline: self.deadline });
        };
        let question = Question { user, names: &names }.to_json();
        let reply = match self.send(question.clone(), until).await {
            Err(error) if is_worth_another(&error) => self.send(question, until).await,
            reply => reply,
        };
        let reply = reply.map_err(HttpAttributesError::Transport)?;
        match reply.status {
            404 => Ok(Attributes::default()),
            200..300 => attributes(&reply.body, &names).map_err(|fault| fault.at(self.shown())),
            status => Err(HttpAttributesError::Status { at: self.shown(), status }),
        }
    }

    async fn send(&self, question: String, until: Instant) -> Result<Response, TransportError> {
        let mut request = Request::new("rabbitpre", "attributes", Method::POST, self.path)
            .content_type("application/json")
            .body(question)
            .total_timeout(Some(until.saturating_duration_since(Instant::now())));
        if let Some(query) = &self.query {
            request = request.query(query);
        }
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token.clone());
        }
        self.client.send(request).await
    }

    /// The address without its query.
    fn shown(&self) -> String {
        format!("{}{}", self.client.config().base(), self.path)
    }
}

/// A kept connection that the service closed while the question travelled looks like this.
fn is_worth_another(error: &TransportError) -> bool {
    matches!(error.kind(), ErrorKind::Cut) && error.status().is_none()
}

impl AttributeSource for HttpAttributes {
    fn fetch<'a>(&'a self, user: &'a UserParam<'a>, names: &'a [&'a str]) -> Fetched<'a> {
        Box::pin(self.counting.fetch(self.ask(user, names)))
    }

    fn counters(&self) -> SourceCounters {
        self.counting.read()
    }
}

impl fmt::Debug for HttpAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAttributes")
            .field("at", &self.shown())
            .field("query", &self.query.as_ref().map(|_| "…"))
            .field("token", &self.token.as_ref().map(|_| "…"))
            .field("deadline", &self.deadline)
            .field("free_places", &self.places.available_permits())
            .finish_non_exhaustive()
    }
}
