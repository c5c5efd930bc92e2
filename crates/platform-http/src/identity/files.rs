//! The files of an identity, as they are at one moment.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Loaded, pem};
use crate::error::ConfigError;

/// Larger files hold no certificate.
const LARGEST: u64 = 1 << 20;

/// Where an identity is kept.
pub(super) enum Files {
    Pem {
        chain: PathBuf,
        key: PathBuf,
    },
    #[cfg(feature = "pkcs12")]
    Pkcs12 {
        path: PathBuf,
        password: Option<sign_core::Secret>,
    },
}

/// What the files hold; compared to see whether they changed. Not by time and length: those miss a change within the
/// file system's tick, and two small files are read faster than a handshake is computed.
#[derive(PartialEq)]
pub(super) enum Content {
    Read(Vec<Zeroizing<Vec<u8>>>),
    Unreadable(PathBuf, io::ErrorKind),
}

impl Files {
    pub(super) fn content(&self) -> Content {
        let all = match self {
            Self::Pem { chain, key } => read(chain).and_then(|chain| Ok(vec![chain, read(key)?])),
            #[cfg(feature = "pkcs12")]
            Self::Pkcs12 { path, .. } => read(path).map(|one| vec![one]),
        };
        match all {
            Ok(bytes) => Content::Read(bytes),
            Err((path, error)) => Content::Unreadable(path, error),
        }
    }

    pub(super) fn load(&self, content: &Content) -> Result<Loaded, ConfigError> {
        match (self, content) {
            (_, Content::Unreadable(path, error)) => {
                Err(ConfigError::IdentityFile { path: path.clone(), error: *error })
            }
            (Self::Pem { .. }, Content::Read(bytes)) => {
                let part = |index: usize| bytes.get(index).map_or(&[][..], |bytes| bytes.as_slice());
                pem::read(part(0), part(1))
            }
            #[cfg(feature = "pkcs12")]
            (Self::Pkcs12 { password, .. }, Content::Read(bytes)) => {
                super::pkcs12::read(bytes.first().map_or(&[], |bytes| bytes.as_slice()), password.as_ref())
            }
        }
    }

    /// Whether they are files that others can replace, not pipes.
    pub(super) fn can_be_read_again(&self) -> bool {
        // What does not exist is told when it is read.
        let again = |path: &Path| path.metadata().map_or(true, |found| found.is_file());
        match self {
            Self::Pem { chain, key } => again(chain) && again(key),
            #[cfg(feature = "pkcs12")]
            Self::Pkcs12 { path, .. } => again(path),
        }
    }

    /// For messages.
    pub(super) fn shown(&self) -> &Path {
        match self {
            Self::Pem { chain, .. } => chain,
            #[cfg(feature = "pkcs12")]
            Self::Pkcs12 { path, .. } => path,
        }
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, (PathBuf, io::ErrorKind)> {
    let failed = |error: io::Error| (path.to_owned(), error.kind());
    let mut bytes = Zeroizing::new(Vec::new());
    File::open(path).map_err(failed)?.take(LARGEST).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}
