//! Where state is kept, in one text.

use std::fmt;
#[cfg(feature = "sqlite")]
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use crate::{ErrorKind, MemoryStore, StateError, Store};
#[cfg(feature = "redis")]
use crate::{RedisStore, Timeouts, redis};

/// Names a store: `sqlite:FILE`, `redis://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]` (with TLS `rediss://…`), or
/// `memory:` for one that ends with the process. Shown without user and password.
///
/// ```
/// use platform_state::Address;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let address: Address = "memory:".parse()?;
/// let store = address.open().await?;
/// assert_eq!(format!("{address}, {address:?}, {store:?}"), "memory:, Address(memory:), MemoryStore");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Address(Place);

#[derive(Clone)]
enum Place {
    Memory,
    #[cfg(feature = "sqlite")]
    Sqlite(PathBuf),
    #[cfg(feature = "redis")]
    Redis(Box<redis::Place>),
}

fn input(reason: &str) -> StateError {
    StateError::new(ErrorKind::Input, "address of the state", reason)
}

impl FromStr for Address {
    type Err = StateError;

    /// # Errors
    /// [`StateError`] of kind [`Input`](ErrorKind::Input) when the text has another shape, or names a store whose
    /// feature this program was built without.
    fn from_str(text: &str) -> Result<Self, StateError> {
        // The text stays out of the errors: wherever it is wrong, there may be a password in it.
        let place = match text.split_once(':') {
            Some(("memory", "")) => Place::Memory,
            Some(("sqlite", file)) => sqlite(file)?,
            Some(("redis" | "rediss", _)) => redis(text)?,
            _ => {
                return Err(input(
                    "this is neither `sqlite:FILE` nor `redis://HOST` nor `memory:`; before a file's name stands \
                     `sqlite:`",
                ));
            }
        };
        Ok(Self(place))
    }
}

#[cfg(feature = "sqlite")]
fn sqlite(file: &str) -> Result<Place, StateError> {
    if file.is_empty() || file.contains('\0') {
        return Err(input("`sqlite:` is followed by the path of a file: write `sqlite:FILE`"));
    }
    // Two slashes are relative to some, absolute to others.
    if file.starts_with("//") {
        return Err(input("`sqlite:` is followed by the path itself, without `//`: write `sqlite:FILE`"));
    }
    Ok(Place::Sqlite(file.into()))
}

#[cfg(not(feature = "sqlite"))]
fn sqlite(_: &str) -> Result<Place, StateError> {
    Err(input("this program was built without `sqlite:`: enable the feature `sqlite` of `platform-state`"))
}

#[cfg(feature = "redis")]
fn redis(url: &str) -> Result<Place, StateError> {
    Ok(Place::Redis(Box::new(redis::Place::parse(url)?)))
}

#[cfg(not(feature = "redis"))]
fn redis(_: &str) -> Result<Place, StateError> {
    Err(input("this program was built without `redis:`: enable the feature `redis` of `platform-state`"))
}

impl Address {
    /// Opens the store; `memory:` is an empty one each time. Call it within a tokio runtime.
    ///
    /// # Errors
    /// What the opening of the store says.
    #[cfg_attr(
        not(any(feature = "sqlite", feature = "redis")),
        expect(clippy::unused_async, reason = "the stores of features are opened asynchronously")
    )]
    pub async fn open(&self) -> Result<Arc<dyn Store>, StateError> {
        match &self.0 {
            Place::Memory => Ok(Arc::new(MemoryStore::new())),
            #[cfg(feature = "sqlite")]
            Place::Sqlite(file) => Ok(Arc::new(crate::SqliteStore::open(file).await?)),
            #[cfg(feature = "redis")]
            Place::Redis(place) => {
                Ok(Arc::new(RedisStore::open((**place).clone(), Timeouts::default()).await?))
            }
        }
    }
}

/// Without user and password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Memory => f.write_str("memory:"),
            #[cfg(feature = "sqlite")]
            Place::Sqlite(file) => write!(f, "sqlite:{}", file.display()),
            #[cfg(feature = "redis")]
            Place::Redis(place) => place.fmt(f),
        }
    }
}

/// Without user and password.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown = match text.parse::<Address>() {
            Ok(address) => {
                assert_eq!(format!("{address:?}"), format!("Address({address})"));
                address.to_string()
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Input);
                error.to_string()
            }
        };
        assert!(shown.contains(expected), "{shown}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn what_is_no_address_is_refused_without_quoting_it() {
        check("memory:", "memory:");
        check("memory:s3cret", "neither");
        check("", "neither");
        check("state.db", "before a file's name stands `sqlite:`");
        check("postgres://me:s3cret@host", "neither");
        check("REDIS://:s3cret@host", "neither");
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn files_have_addresses() {
        check("sqlite:state.db", "sqlite:state.db");
        check("sqlite:/var/lib/状态/a b.db", "sqlite:/var/lib/状态/a b.db");
        check("sqlite:", "`sqlite:FILE`");
        check("sqlite:///var/lib/state.db", "without `//`");
        check("sqlite:a\0b", "`sqlite:FILE`");
    }

    #[cfg(feature = "redis")]
    #[test]
    fn servers_have_addresses() {
        check("redis://me:s3cret@host/1", "redis://host:6379/1");
        check("rediss://:s3cret@host:7", "rediss://host:7/0");
        check("redis:s3cret@host", "redis://[USER");
    }

    #[cfg(not(feature = "redis"))]
    #[test]
    fn a_feature_that_is_missing_is_named() {
        check("redis://:s3cret@host", "enable the feature `redis`");
    }
}
