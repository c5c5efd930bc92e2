//! The digest of a text: plain or keyed, once or twice.

use digest::Digest;
use serde::{Deserialize, Serialize};

/// Which digest signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DigestKind {
    /// MD5: 32 hexadecimal digits.
    #[serde(rename = "md5")]
    Md5,
    /// SHA-1: 40 hexadecimal digits.
    #[serde(rename = "sha1")]
    Sha1,
    /// SHA-256: 64 hexadecimal digits.
    #[serde(rename = "sha256")]
    Sha256,
}

impl DigestKind {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Md5, Self::Sha1, Self::Sha256];

    /// Its length in bytes.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// Its usual name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
        }
    }
}

impl std::fmt::Display for DigestKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Is the digest taken again?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounds {
    /// No.
    #[default]
    Once,
    /// Of its lower-case hexadecimal text.
    OfHex,
    /// Of its upper-case hexadecimal text.
    OfUpperHex,
    /// Of its bytes.
    OfBytes,
}

impl Rounds {
    pub(crate) const CHANGES: [Self; 3] = [Self::OfHex, Self::OfUpperHex, Self::OfBytes];
}

/// A finished digest.
#[derive(Clone, Copy)]
pub(crate) struct Sum {
    bytes: [u8; 32],
    length: u8,
}

impl Sum {
    #[inline]
    fn of(digest: &[u8]) -> Self {
        let mut bytes = [0; 32];
        let length = digest.len().min(bytes.len());
        if let (Some(to), Some(from)) = (bytes.get_mut(..length), digest.get(..length)) {
            to.copy_from_slice(from);
        }
        Self { bytes, length: u8::try_from(length).unwrap_or(32) }
    }

    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }
}

/// The digest of a whole text, by the kind's name.
pub(crate) fn digest_of(kind: DigestKind, key: Option<&[u8]>, text: &[u8], rounds: Rounds) -> Sum {
    match kind {
        DigestKind::Md5 => rounded::<md5::Md5>(key, text, rounds),
        DigestKind::Sha1 => rounded::<sha1::Sha1>(key, text, rounds),
        DigestKind::Sha256 => rounded::<sha2::Sha256>(key, text, rounds),
    }
}

fn rounded<D: Digest>(key: Option<&[u8]>, text: &[u8], rounds: Rounds) -> Sum {
    let first = once::<D>(key, text);
    match rounds {
        Rounds::Once => first,
        Rounds::OfBytes => once::<D>(key, first.as_bytes()),
        Rounds::OfHex => once::<D>(key, hex::encode(first.as_bytes()).as_bytes()),
        Rounds::OfUpperHex => once::<D>(key, hex::encode_upper(first.as_bytes()).as_bytes()),
    }
}

fn once<D: Digest>(key: Option<&[u8]>, text: &[u8]) -> Sum {
    let Some(key) = key else { return Sum::of(&D::digest(text)) };
    // HMAC, RFC 2104. All three digests have blocks of 64 bytes.
    let mut block = [0_u8; 64];
    let hashed;
    let key = if key.len() > block.len() {
        hashed = Sum::of(&D::digest(key));
        hashed.as_bytes()
    } else {
        key
    };
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let padded = |pad: u8| D::new_with_prefix(block.map(|byte| byte ^ pad));
    let inner = padded(0x36).chain_update(text).finalize();
    Sum::of(&padded(0x5c).chain_update(&inner).finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: DigestKind, key: Option<&[u8]>, rounds: Rounds, expected: &str) {
        let text = b"what do ya want for nothing?";
        assert_eq!(hex::encode(digest_of(kind, key, text, rounds).as_bytes()), expected);
    }

    #[test]
    fn published_values_of_hmac() {
        let key = Some(&b"Jefe"[..]);
        // RFC 2202 §2, §3, test case 2; RFC 4231 §4.3
        check(DigestKind::Md5, key, Rounds::Once, "750c783e6ab0b503eaa86e310a5db738");
        check(DigestKind::Sha1, key, Rounds::Once, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        check(
            DigestKind::Sha256,
            key,
            Rounds::Once,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        );
        // RFC 2202 §2, test case 6: a key longer than a block
        let long = digest_of(
            DigestKind::Md5,
            Some(&[0xaa; 80]),
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            Rounds::Once,
        );
        assert_eq!(hex::encode(long.as_bytes()), "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
    }

    #[test]
    fn twice() {
        let once = hex::encode(digest_of(DigestKind::Md5, None, b"abc", Rounds::Once).as_bytes());
        let twice = digest_of(DigestKind::Md5, None, b"abc", Rounds::OfHex);
        let by_hand = digest_of(DigestKind::Md5, None, once.as_bytes(), Rounds::Once);
        assert_eq!(twice.as_bytes(), by_hand.as_bytes());
    }
}
