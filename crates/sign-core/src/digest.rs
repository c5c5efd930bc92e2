//! MD5, SHA-1 and SHA-256 behind one streaming type.

use core::fmt;

use ::digest::Digest as _;

use crate::{Case, Signature, SignatureError};

mod sealed {
    pub trait Sealed {
        type State: ::digest::Digest;
    }
}

/// A digest algorithm: [`Md5`], [`Sha1`] or [`Sha256`].
pub trait Algorithm: sealed::Sealed {
    /// The algorithm's usual name.
    const NAME: &'static str;
    /// The digest's length in bytes; its text has twice as many characters.
    const LENGTH: usize;
}

macro_rules! algorithm {
    ($(#[$doc:meta])* $marker:ident, $state:ty, $name:literal, $length:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $marker {}
        impl sealed::Sealed for $marker {
            type State = $state;
        }
        impl Algorithm for $marker {
            const NAME: &'static str = $name;
            const LENGTH: usize = $length;
        }
    };
}

algorithm!(
    /// MD5, 16 bytes. Collisions are cheap: it authenticates nothing by itself, platforms require it all the same.
    Md5, md5::Md5, "MD5", 16
);
algorithm!(
    /// SHA-1, 20 bytes. Collisions are known: platforms require it all the same.
    Sha1, sha1::Sha1, "SHA-1", 20
);
algorithm!(
    /// SHA-256, 32 bytes.
    Sha256, sha2::Sha256, "SHA-256", 32
);

/// A digest in the making. Takes bytes as they come and keeps none of them.
#[derive(Clone)]
pub struct Hasher<A: Algorithm>(A::State);

impl<A: Algorithm> Hasher<A> {
    /// An empty text's digest, to be continued.
    #[must_use]
    pub fn new() -> Self {
        Self(A::State::new())
    }

    /// Appends bytes.
    #[inline]
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Ends the text.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest::from_slice(&self.0.finalize())
    }

    /// The digest of bytes that are at hand in one piece.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Digest {
        Digest::from_slice(&A::State::digest(bytes))
    }
}

impl<A: Algorithm> Default for Hasher<A> {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows the algorithm alone: the state depends on the secret.
impl<A: Algorithm> fmt::Debug for Hasher<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hasher({})", A::NAME)
    }
}

/// A finished digest: 16, 20 or 32 bytes. It is what a valid signature would be, so it does not show itself and has
/// no `==`; see [`Digest::verify`].
#[derive(Clone, Copy)]
pub struct Digest {
    bytes: [u8; Self::LONGEST],
    length: u8,
}

impl Digest {
    const LONGEST: usize = 32;

    #[expect(clippy::cast_possible_truncation, reason = "the longest of the sealed algorithms has 32 bytes")]
    fn from_slice(digest: &[u8]) -> Self {
        let mut bytes = [0; Self::LONGEST];
        for (to, from) in bytes.iter_mut().zip(digest) {
            *to = *from;
        }
        Self { bytes, length: digest.len().min(Self::LONGEST) as u8 }
    }

    /// The digest's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }

    /// The digest as it travels: hexadecimal text.
    #[must_use]
    pub fn signature(&self, case: Case) -> Signature {
        Signature::of(self.as_bytes(), case)
    }

    /// Is `got` this digest in hexadecimal? Letter case carries no meaning. The cheap checks come first and say what
    /// is wrong with the text; the comparison itself is over the digests' bytes and takes the same time wherever
    /// they differ.
    ///
    /// # Errors
    /// [`SignatureError`] says in which way `got` is no such signature, never what the right one is.
    pub fn verify(&self, got: &str) -> Result<(), SignatureError> {
        crate::signature::verify(self.as_bytes(), got)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest(‹{} B›)", self.length)
    }
}
