//! Where attributes come from, in one text.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

#[cfg(any(feature = "http", feature = "sqlite"))]
use super::CachedAttributes;
#[cfg(feature = "http")]
use super::http::{HttpAttributes, HttpSettingError};
#[cfg(feature = "sqlite")]
use super::sqlite::{Place, SqliteAttributes, SqliteAttributesError};
use super::{AttributeSource, FileAttributes, FileError};

/// Names a source of attributes: the path of a file, `http://…` or `https://…`, or
/// `sqlite:FILE?table=TABLE&key=COLUMN`, or `sqlite:FILE?query=SELECT…`.
///
/// A file is what [`FileAttributes`] reads: a table if its name ends in `.csv`, otherwise JSON. Addresses need the feature
/// `http`, databases the feature `sqlite`. It is shown without the query of an address.
///
/// ```
/// use rabbitpre_auth::{AttributeSource as _, CheckRequest, SourceAddress, SourceOptions};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let file = std::env::temp_dir().join(format!("rabbitpre-auth-address-{}.jsonl", std::process::id()));
/// std::fs::write(&file, "{\"audid\":1,\"attributes\":{\"age\":30}}\n")?;
/// let address = SourceAddress::parse(file.to_str().unwrap())?;
/// let source = address.open(SourceOptions::default().cache(Duration::from_secs(5))).await?;
///
/// let request = CheckRequest::parse(br#"{"userParam":{"audid":1}}"#)?;
/// assert_eq!(source.fetch(request.user(), &["age"]).await?.len(), 1);
/// # std::fs::remove_file(&file)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SourceAddress(Kind);

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    File(PathBuf),
    #[cfg(feature = "http")]
    Http(String),
    #[cfg(feature = "sqlite")]
    Sqlite(Place),
}

/// A text that names no source: the caller's mistake. It does not quote the text, in which there may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// None of the shapes.
    #[error("{}; name a file, `http://…`, or `sqlite:FILE?table=TABLE&key=COLUMN`", match scheme {
        Some(scheme) => format!("there are no attributes at `{scheme}:`"),
        None => "the address of attributes is empty".to_owned(),
    })]
    Unknown {
        /// What stands before `://`, if anything.
        scheme: Option<String>,
    },
    /// The program was built without it.
    #[error("this program was built without `{scheme}:`; enable the feature `{feature}` of `rabbitpre-auth`")]
    NotBuiltIn {
        /// The beginning of the address.
        scheme: &'static str,
        /// The feature that is missing.
        feature: &'static str,
    },
    /// Something behind `sqlite:`.
    #[error("{reason}")]
    Sqlite {
        /// What is wrong with it, and what to write.
        reason: &'static str,
    },
    /// Something in `http://…` or `https://…`.
    #[cfg(feature = "http")]
    #[error(transparent)]
    Http(#[from] HttpSettingError),
}

/// A source that cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The address, or the token for it.
    #[cfg(feature = "http")]
    #[error(transparent)]
    Http(#[from] HttpSettingError),
    /// The database.
    #[cfg(feature = "sqlite")]
    #[error(transparent)]
    Sqlite(#[from] SqliteAttributesError),
    /// A token was given for what takes none.
    #[error("a token is shown to `http://` and `https://` only; leave it out")]
    TokenUnused,
}

/// How a source is used; the defaults are those of each source, without a cache.
#[derive(Clone, Default)]
pub struct SourceOptions {
    deadline: Option<Duration>,
    at_a_time: Option<usize>,
    look_every: Option<Duration>,
    token: Option<Zeroizing<String>>,
    cache: Option<Duration>,
}

impl SourceOptions {
    /// When an address or a database must have answered; 1 s by default.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How many questions are under way at a time: 256 to an address, 4 to a database by default.
    #[must_use]
    pub const fn at_a_time(mut self, questions: usize) -> Self {
        self.at_a_time = Some(questions);
        self
    }

    /// How often a file is looked at; once a second by default.
    #[must_use]
    pub const fn look_every(mut self, time: Duration) -> Self {
        self.look_every = Some(time);
        self
    }

    /// The bearer token for an address.
    #[must_use]
    pub fn bearer_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(Zeroizing::new(token.into()));
        self
    }

    /// How long answers of an address or a database are remembered ([`CachedAttributes`](crate::CachedAttributes)); not at all by default. Files
    /// are in memory anyway.
    #[must_use]
    pub const fn cache(mut self, time_to_live: Duration) -> Self {
        self.cache = Some(time_to_live);
        self
    }
}

impl fmt::Debug for SourceOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceOptions")
            .field("deadline", &self.deadline)
            .field("at_a_time", &self.at_a_time)
            .field("look_every", &self.look_every)
            .field("token", &self.token.as_ref().map(|_| "…"))
            .field("cache", &self.cache)
            .finish()
    }
}

impl SourceAddress {
    /// Reads an address. Nothing is opened yet.
    ///
    /// # Errors
    /// [`AddressError`]: it has another shape, or names what this program was built without.
    pub fn parse(address: &str) -> Result<Self, AddressError> {
        if address.starts_with("sqlite:") {
            return sqlite(address);
        }
        match address.split_once("://") {
            Some((scheme, _)) if ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) => {
                http(address)
            }
            // A path may have anything in it; but what looks like a scheme is meant as one.
            Some((scheme, _))
                if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) =>
            {
                Err(AddressError::Unknown { scheme: Some(scheme.to_owned()) })
            }
            _ if address.is_empty() => Err(AddressError::Unknown { scheme: None }),
            _ => Ok(SourceAddress(Kind::File(address.into()))),
        }
    }

    /// Opens the source. Call it within a tokio runtime with its timer.
    ///
    /// # Errors
    /// [`OpenError`]: a file or database that cannot be read, with the place; settings that do not fit.
    pub async fn open(&self, options: SourceOptions) -> Result<Arc<dyn AttributeSource>, OpenError> {
        #[cfg(feature = "http")]
        let takes_token = matches!(self.0, Kind::Http(_));
        #[cfg(not(feature = "http"))]
        let takes_token = false;
        if options.token.is_some() && !takes_token {
            return Err(OpenError::TokenUnused);
        }
        match &self.0 {
            Kind::File(path) => Ok(match options.look_every {
                Some(every) => Arc::new(FileAttributes::open_looking(path, every).await?),
                None => Arc::new(FileAttributes::open(path).await?),
            }),
            #[cfg(feature = "http")]
            Kind::Http(url) => {
                let mut source = HttpAttributes::new(url)?;
                if let Some(token) = &options.token {
                    source = source.bearer_token(token)?;
                }
                if let Some(deadline) = options.deadline {
                    source = source.deadline(deadline);
                }
                if let Some(places) = options.at_a_time {
                    source = source.at_a_time(places);
                }
                // The endpoint sees the whole of userParam, and may answer from any of it.
                Ok(remembered(source, &options, CachedAttributes::new))
            }
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(place) => {
                let mut source = SqliteAttributes::open(&place.file, place.query.clone()).await?;
                if let Some(deadline) = options.deadline {
                    source = source.deadline(deadline);
                }
                if let Some(connections) = options.at_a_time {
                    source = source.connections(connections);
                }
                Ok(remembered(source, &options, CachedAttributes::by_audid))
            }
        }
    }
}

/// By so much a cache's deadline lies behind its source's.
#[cfg(any(feature = "http", feature = "sqlite"))]
const AFTERWARDS: Duration = Duration::from_millis(100);

#[cfg(any(feature = "http", feature = "sqlite"))]
fn remembered<S: AttributeSource + 'static>(
    source: S,
    options: &SourceOptions,
    around: fn(S, Duration) -> CachedAttributes<S>,
) -> Arc<dyn AttributeSource> {
    let Some(time_to_live) = options.cache else { return Arc::new(source) };
    let cached = around(source, time_to_live);
    Arc::new(match options.deadline {
        // The source knows best why it is late.
        Some(deadline) => cached.deadline(deadline.saturating_add(AFTERWARDS)),
        None => cached,
    })
}

#[cfg(feature = "http")]
fn http(url: &str) -> Result<SourceAddress, AddressError> {
    HttpAttributes::new(url)?;
    Ok(SourceAddress(Kind::Http(url.to_owned())))
}

#[cfg(not(feature = "http"))]
fn http(_: &str) -> Result<SourceAddress, AddressError> {
    Err(AddressError::NotBuiltIn { scheme: "http", feature: "http" })
}

#[cfg(feature = "sqlite")]
fn sqlite(address: &str) -> Result<SourceAddress, AddressError> {
    let place = Place::parse(address).map_err(|reason| AddressError::Sqlite { reason })?;
    Ok(SourceAddress(Kind::Sqlite(place)))
}

#[cfg(not(feature = "sqlite"))]
fn sqlite(_: &str) -> Result<SourceAddress, AddressError> {
    Err(AddressError::NotBuiltIn { scheme: "sqlite", feature: "sqlite" })
}

impl std::str::FromStr for SourceAddress {
    type Err = AddressError;

    fn from_str(address: &str) -> Result<Self, AddressError> {
        Self::parse(address)
    }
}

/// Without queries.
impl fmt::Display for SourceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::File(path) => write!(f, "{}", path.display()),
            #[cfg(feature = "http")]
            Kind::Http(url) => f.write_str(url.split('?').next().unwrap_or_default()),
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(place) => write!(f, "sqlite:{}", place.file.display()),
        }
    }
}

/// Without queries.
impl fmt::Debug for SourceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceAddress({self})")
    }
}
