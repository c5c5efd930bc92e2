//! The name of a cell or of a lease.

use std::fmt;

/// Names a cell, and the lease of the same name: a namespace and a name, shown as `namespace/name`.
///
/// Keys are seen by whoever operates the store and appear in logs: never put a secret or personal data into one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    text: String,
}

/// The longest key, in bytes.
const LONGEST: usize = 512;

impl Key {
    /// Takes a namespace, which a crate chooses, and a name within it.
    ///
    /// # Errors
    /// [`KeyError`] when the namespace is not of lower-case ASCII letters, digits and `-`, when the name is empty or
    /// holds control characters, or when both together have more than 512 bytes.
    ///
    /// ```
    /// use platform_state::Key;
    /// assert_eq!(Key::new("webank", "wx1")?.to_string(), "webank/wx1");
    /// assert!(Key::new("webank", "").is_err());
    /// # Ok::<(), platform_state::KeyError>(())
    /// ```
    pub fn new(namespace: &str, name: &str) -> Result<Self, KeyError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if namespace.is_empty() || !namespace.chars().all(plain) {
            return Err(KeyError::Namespace(namespace.to_owned()));
        }
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(KeyError::Name);
        }
        let text = format!("{namespace}/{name}");
        if text.len() > LONGEST { Err(KeyError::Long(text.len())) } else { Ok(Self { text }) }
    }

    /// `namespace/name`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Why a text is no key: the caller's input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The namespace has another shape.
    #[error("namespace `{0}` is not made of lower-case letters, digits and `-`")]
    Namespace(String),
    /// The name is empty or holds control characters.
    #[error("the name of a key is empty or holds control characters")]
    Name,
    /// Too long.
    #[error("a key has {0} bytes, more than 512: use a digest of the name")]
    Long(usize),
}
