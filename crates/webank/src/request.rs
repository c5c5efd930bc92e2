//! A request as a value: what will travel, to the byte. It does not show its secrets.

use std::fmt::{self, Write as _};

use bytes::Bytes;
use sign_core::{Secret, form::Encoded};

/// Which of the bank's two hosts a request goes to, `SPEC.md §1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Host {
    /// Credentials and business calls.
    Business,
    /// Upload and download.
    Files,
}

/// The two methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Credentials and downloads.
    Get,
    /// Business calls and uploads.
    Post,
}

impl Method {
    /// `GET` or `POST`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

#[derive(Clone)]
enum Value {
    Open(String),
    Hidden(Secret),
}

/// A finished request. What was signed is what travels: the body is kept as bytes and nothing re-serialises it.
/// `Display` and `Debug` show it with secrets, tokens and the body masked.
#[derive(Clone)]
pub struct Request {
    method: Method,
    host: Host,
    path: String,
    query: Vec<(&'static str, Value)>,
    content_type: Option<String>,
    body: Bytes,
}

impl Request {
    pub(crate) fn new(method: Method, host: Host, path: impl Into<String>) -> Self {
        Self { method, host, path: path.into(), query: Vec::new(), content_type: None, body: Bytes::new() }
    }

    pub(crate) fn open(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, Value::Open(value.into())));
        self
    }

    pub(crate) fn open_if(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.open(name, value),
            None => self,
        }
    }

    pub(crate) fn hidden(mut self, name: &'static str, value: &Secret) -> Self {
        self.query.push((name, Value::Hidden(value.clone())));
        self
    }

    pub(crate) fn body(mut self, content_type: impl Into<String>, body: Bytes) -> Self {
        self.content_type = Some(content_type.into());
        self.body = body;
        self
    }

    /// `GET` or `POST`.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }

    /// Which host it goes to.
    #[must_use]
    pub const fn host(&self) -> Host {
        self.host
    }

    /// The path, with leading slash.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query as it travels, form-encoded. **Holds secrets** for credential requests: never log it.
    #[must_use]
    pub fn encoded_query(&self) -> String {
        let mut query = String::new();
        let mut between = "";
        for (name, value) in &self.query {
            let value = match value {
                Value::Open(value) => value,
                Value::Hidden(secret) => secret.expose(),
            };
            // Writing into a `String` cannot fail.
            let _ = write!(query, "{between}{name}={}", Encoded(value));
            between = "&";
        }
        query
    }

    /// The body's media type, where there is a body.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The body's bytes.
    #[must_use]
    pub fn body_bytes(&self) -> &Bytes {
        &self.body
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_str(), self.path)?;
        let mut between = '?';
        for (name, value) in &self.query {
            match value {
                Value::Open(value) => write!(f, "{between}{name}={}", Encoded(value))?,
                Value::Hidden(_) => write!(f, "{between}{name}=***")?,
            }
            between = '&';
        }
        if let Some(content_type) = &self.content_type {
            write!(f, "\ncontent-type: {content_type}\n\n‹body {} B›", self.body.len())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({self})")
    }
}
