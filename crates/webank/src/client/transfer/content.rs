//! Where a file's content comes from, and what can be wrong with it.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use bytes::{Bytes, BytesMut};
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt as _},
};

/// Content is read and handed to the connection in pieces of this size, in bytes.
pub(super) const PIECE: usize = 64 * 1024;

type Reader = Box<dyn AsyncRead + Send + Unpin>;

/// Where a file's content comes from.
///
/// After a refused ticket the content is needed again (`SPEC.md §2.3`), and so it is when the host could not be reached.
/// Bytes and files can give it; a reader cannot: the call ends with [`crate::Error::Spent`], or with what went wrong.
pub struct Content(Source);

enum Source {
    Bytes(Bytes),
    File(PathBuf),
    /// [`None`] once it was read from. The mutex makes a `Send` reader `Sync`, so that calls can be spawned.
    Reader {
        reader: Mutex<Option<Reader>>,
        length: Option<u64>,
    },
}

impl Content {
    /// A file on disk, read while it is sent. It must be a regular file, and not change meanwhile.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Source::File(path.into()))
    }

    /// Whatever can be read, `length` bytes of it and not one more: it must end there. Where more follows, hand over
    /// `AsyncReadExt::take`'s part of it.
    #[must_use]
    pub fn reader(reader: impl AsyncRead + Send + Unpin + 'static, length: u64) -> Self {
        Self(Source::Reader { reader: Mutex::new(Some(Box::new(reader))), length: Some(length) })
    }

    /// Whatever can be read, to its end. It travels without a length (`Transfer-Encoding: chunked`), which the
    /// document does not mention and many gateways refuse: give the length wherever it can be known.
    #[must_use]
    pub fn reader_of_unknown_length(reader: impl AsyncRead + Send + Unpin + 'static) -> Self {
        Self(Source::Reader { reader: Mutex::new(Some(Box::new(reader))), length: None })
    }

    /// Looks whether it can be opened, and opens nothing.
    pub(super) async fn check(&self) -> Result<(), ContentError> {
        match &self.0 {
            Source::File(path) => measure(path).await.map(drop).map_err(ContentError::Read),
            Source::Bytes(_) | Source::Reader { .. } => Ok(()),
        }
    }

    /// Can it be opened as often as it is needed?
    pub(super) fn is_repeatable(&self) -> bool {
        !matches!(self.0, Source::Reader { .. })
    }

    /// Prepares it to be sent once: looks whether it is there and how long it is.
    pub(super) async fn open(&self) -> Result<Opened, ContentError> {
        match &self.0 {
            Source::Bytes(bytes) => {
                let length = u64::try_from(bytes.len()).ok();
                Ok(Opened { length, from: From::Bytes(bytes.clone()) })
            }
            Source::File(path) => {
                let length = measure(path).await.map_err(ContentError::Read)?;
                Ok(Opened { length: Some(length), from: From::File(path.clone()) })
            }
            Source::Reader { reader, length } => {
                let reader = reader.lock().unwrap_or_else(PoisonError::into_inner).take();
                let reader = reader.ok_or(ContentError::Spent)?;
                Ok(Opened { length: *length, from: From::Reader(reader) })
            }
        }
    }
}

/// A file that cannot be opened is found here, before a ticket is fetched and before a byte is sent. It is opened
/// again when its turn comes, so that a form of many files takes one descriptor.
async fn measure(path: &Path) -> io::Result<u64> {
    // A pipe or a device has no length, and opening one may wait for ever: looked at before it is opened.
    let regular = |metadata: &std::fs::Metadata| match metadata.is_file() {
        true => Ok(metadata.len()),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
    };
    regular(&tokio::fs::metadata(path).await?)?;
    regular(&File::open(path).await?.metadata().await?)
}

impl std::convert::From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self(Source::Bytes(bytes))
    }
}

impl std::convert::From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl std::convert::From<&'static [u8]> for Content {
    fn from(bytes: &'static [u8]) -> Self {
        Bytes::from_static(bytes).into()
    }
}

/// Shows neither path nor content: both may be personal.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Bytes(bytes) => write!(f, "Content({} B)", bytes.len()),
            Source::File(_) => f.write_str("Content(file)"),
            Source::Reader { length: Some(length), .. } => write!(f, "Content(reader, {length} B)"),
            Source::Reader { length: None, .. } => f.write_str("Content(reader)"),
        }
    }
}

/// Content that did not hold what was announced: the caller's file or reader is at fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// It cannot be opened or read; also where it is no regular file.
    #[error("the content cannot be read: {}", .0.kind())]
    Read(#[source] io::Error),
    /// It ended early.
    #[error(
        "the content ended after {given} of {announced} B: was the file changed while it was sent? send it again"
    )]
    Shorter {
        /// Its length when sending began, in bytes.
        announced: u64,
        /// What came, in bytes.
        given: u64,
    },
    /// It went on.
    #[error(
        "the content goes on after the {announced} B announced: was the file changed while it was sent? send it again"
    )]
    Longer {
        /// Its length when sending began, in bytes.
        announced: u64,
    },
    /// A reader that was read from already.
    #[error("the content was read already, and can be read only once")]
    Spent,
    /// It is more than is kept in memory to be signed.
    #[error("the content is longer than the {limit} B that are kept in memory to be signed (WB-7)")]
    TooLong {
        /// In bytes.
        limit: u64,
    },
}

/// Content about to be read once.
pub(super) struct Opened {
    pub(super) length: Option<u64>,
    from: From,
}

enum From {
    Bytes(Bytes),
    File(PathBuf),
    Reader(Reader),
}

impl Opened {
    pub(super) fn pieces(self) -> Pieces {
        Pieces { length: self.length, given: 0, from: self.from }
    }
}

/// Reads content piece by piece and holds it to its length.
pub(super) struct Pieces {
    length: Option<u64>,
    given: u64,
    from: From,
}

impl Pieces {
    /// The next piece, never empty; [`None`] when the content ended where it was to end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, ContentError> {
        let piece = self.read().await.map_err(ContentError::Read)?;
        let Some(announced) = self.length else {
            return Ok(Some(piece).filter(|piece| !piece.is_empty()));
        };
        if piece.is_empty() {
            return match self.given == announced {
                true => Ok(None),
                false => Err(ContentError::Shorter { announced, given: self.given }),
            };
        }
        self.given = self.given.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        // The last piece goes out only when it is known to be the last: what is too long must not arrive as if whole.
        if self.given > announced || (self.given == announced && !self.read_one().await?.is_empty()) {
            return Err(ContentError::Longer { announced });
        }
        Ok(Some(piece))
    }

    async fn read(&mut self) -> io::Result<Bytes> {
        self.read_up_to(PIECE).await
    }

    async fn read_one(&mut self) -> Result<Bytes, ContentError> {
        self.read_up_to(1).await.map_err(ContentError::Read)
    }

    async fn read_up_to(&mut self, most: usize) -> io::Result<Bytes> {
        if let From::File(path) = &self.from {
            self.from = From::Reader(Box::new(File::open(path).await?));
        }
        match &mut self.from {
            From::Bytes(bytes) => Ok(bytes.split_to(most.min(bytes.len()))),
            From::Reader(reader) => {
                let mut piece = BytesMut::with_capacity(most);
                let limit = u64::try_from(most).unwrap_or(u64::MAX);
                reader.take(limit).read_buf(&mut piece).await?;
                Ok(piece.freeze())
            }
            // Opened above.
            From::File(_) => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    /// How much comes, and how it ends.
    fn read(content: Content) -> (usize, Result<(), String>) {
        told(async {
            let opened = match content.open().await {
                Ok(opened) => opened,
                Err(error) => return (0, Err(error.to_string())),
            };
            let (mut pieces, mut came) = (opened.pieces(), 0);
            loop {
                match pieces.next().await {
                    Ok(Some(piece)) => {
                        assert!(!piece.is_empty() && piece.len() <= PIECE);
                        came += piece.len();
                    }
                    Ok(None) => return (came, Ok(())),
                    Err(error) => return (came, Err(error.to_string())),
                }
            }
        })
    }

    #[track_caller]
    fn check(content: impl Into<Content>, came: usize, ends: &str) {
        match read(content.into()) {
            (got, Ok(())) => assert_eq!((got, ""), (came, ends)),
            (got, Err(error)) => {
                assert_eq!(got, came, "{error}");
                assert!(!ends.is_empty() && error.contains(ends), "{error}");
            }
        }
    }

    #[test]
    fn content_is_held_to_its_length() {
        let zeros = |length: usize| io::Cursor::new(vec![0; length]);
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE] {
            check(vec![0; length], length, "");
            check(Content::reader(zeros(length), length as u64), length, "");
            check(Content::reader_of_unknown_length(zeros(length)), length, "");
        }
        check(Content::reader(zeros(5), 6), 5, "ended after 5 of 6 B");
        check(Content::reader(zeros(0), 1), 0, "ended after 0 of 1 B");
        check(Content::reader(zeros(7), 6), 0, "goes on after the 6 B");
        check(Content::reader(zeros(1), 0), 0, "goes on after the 0 B");
        // The piece that would have been the last one is held back.
        check(Content::reader(zeros(2 * PIECE + 1), 2 * PIECE as u64), PIECE, "goes on after");
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        check(Content::file("/nowhere/at/all"), 0, "cannot be read: entity not found");
        check(Content::file(std::env::temp_dir()), 0, "cannot be read: invalid input parameter");
        let once = Content::reader(&b"x"[..], 1);
        assert!(told(once.open()).is_ok());
        assert!(matches!(told(once.open()), Err(ContentError::Spent)));
        let bytes = Content::from(vec![1]);
        assert!(told(bytes.open()).is_ok() && told(bytes.open()).is_ok());
        let shown = [Content::file("/home/张三.png"), bytes, Content::reader(&b"x"[..], 1)];
        assert_eq!(format!("{shown:?}"), "[Content(file), Content(1 B), Content(reader, 1 B)]");
    }
}
