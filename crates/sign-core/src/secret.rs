//! A secret that does not show itself.

use alloc::string::String;
use core::fmt;

use zeroize::Zeroizing;

/// An app secret, ticket, token or salt. Not empty. `Debug` prints fixed text, there is no `==`, and the memory is
/// wiped when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret as it was issued: nothing is trimmed.
    ///
    /// # Errors
    /// [`EmptySecret`] when there is nothing in it: whoever signs without a secret forgot to configure one.
    ///
    /// ```
    /// use sign_core::{EmptySecret, Secret};
    /// let secret = Secret::new("s3cret")?;
    /// assert_eq!(format!("{secret:?}"), "Secret(***)");
    /// assert_eq!(Secret::new("").unwrap_err(), EmptySecret);
    /// # Ok::<(), EmptySecret>(())
    /// ```
    pub fn new(text: impl Into<String>) -> Result<Self, EmptySecret> {
        let text = Zeroizing::new(text.into());
        if text.is_empty() { Err(EmptySecret) } else { Ok(Self(text)) }
    }

    /// The secret's text. Each use of this is a place to look at.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// A secret was empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret is empty: check where it is configured")]
pub struct EmptySecret;
