//! Attributes from a file, read anew when it changes.

mod stamp;
mod watched;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{AbortHandle, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval};

use self::watched::Watched;
use super::{AttributeSource, AttributesFileError, Fetched, SourceCounters};
use crate::wire::UserParam;

/// How often a file is looked at by default.
const EVERY: Duration = Duration::from_secs(1);

/// Users' attributes in a file that its owner may change at any time: a JSON object audid → attributes, JSON lines
/// `{"audid":…,"attributes":{…}}`, or, where its name ends in `.csv`, a table with a column `audid`.
///
/// The file is looked at once a second. A new version is read when it is the same for two looks, and takes the place of
/// the old one at once: a check sees the one or the other. A version that is not understood, is being written, or is
/// empty, is not taken, nor is a table that ends within a line if the old one did not: the old one stays, a warning says
/// why, and [`SourceCounters::failed`] counts it. Whoever writes the file had best write another one and rename it: a
/// table, or JSON lines, cut off between two lines look complete.
///
/// A file that cannot change, such as a pipe, is read once.
///
/// ```
/// use rabbitpre_auth::FileAttributes;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = std::env::temp_dir().join(format!("rabbitpre-auth-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("users.csv");
/// std::fs::write(&path, "audid,age\n9007199254740993,30\n")?;
/// let source = FileAttributes::open(&path).await?;
/// assert_eq!(source.users(), 1);
///
/// std::fs::write(&path, "audid,age\n1,17\n2,\n")?;
/// source.reload().await?; // or wait two seconds
/// assert_eq!(source.users(), 2);
///
/// std::fs::write(&path, "age\n17\n")?;
/// let error = source.reload().await.unwrap_err().to_string();
/// assert!(error.ends_with("users.csv`: line 1: the header names no column `audid`; columns are separated by commas"));
/// assert_eq!(source.users(), 2);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(())
/// # }
/// ```
pub struct FileAttributes {
    file: Arc<Watched>,
    watching: Watching,
}

/// Ends the task that looks at the file.
struct Watching(AbortHandle);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A file, or a version of it, whose attributes are not taken. It holds nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The operating system does not let us read it.
    #[error(
        "cannot read the attributes file `{}`: {error}; check the path, and that this user may read it",
        path.display()
    )]
    System {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        error: io::ErrorKind,
    },
    /// It does not hold attributes.
    #[error("attributes file `{}`: {error}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        #[source]
        error: AttributesFileError,
    },
    /// It changed while it was read.
    #[error(
        "the attributes file `{}` changed while it was read; write another file and rename it, or try again",
        path.display()
    )]
    Changing {
        /// The file.
        path: PathBuf,
    },
    /// It was emptied, perhaps to be written anew.
    #[error("the attributes file `{}` is empty now; write `{{}}` if nobody is known any more", path.display())]
    Emptied {
        /// The file.
        path: PathBuf,
    },
    /// A table ends within a line, where the version before did not.
    #[error(
        "the attributes file `{}` ends within a line, as if it were cut off; end its last line, or write it whole",
        path.display()
    )]
    CutOff {
        /// The file.
        path: PathBuf,
    },
    /// Reading it panicked: a bug of this program.
    #[error("reading the attributes file `{}` panicked; see its own message on stderr", path.display())]
    Panicked {
        /// The file.
        path: PathBuf,
    },
}

impl FileAttributes {
    /// Reads the file, and looks at it once a second from then on. Call it within a tokio runtime with its timer.
    ///
    /// # Errors
    /// [`FileError`]: it cannot be read, or does not hold attributes.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self, FileError> {
        Self::open_looking(path, EVERY).await
    }

    /// The same with another time between two looks, of at least a millisecond.
    ///
    /// # Errors
    /// As [`FileAttributes::open`].
    pub async fn open_looking(path: impl Into<PathBuf>, every: Duration) -> Result<Self, FileError> {
        let path = path.into();
        let opened = path.clone();
        let file = spawn_blocking(move || Watched::open(opened)).await;
        let file = Arc::new(file.unwrap_or(Err(FileError::Panicked { path }))?);
        let watching = tokio::spawn(watch(Arc::clone(&file), every.max(Duration::from_millis(1))));
        Ok(FileAttributes { file, watching: Watching(watching.abort_handle()) })
    }

    /// Reads the file now, whether it has changed or not.
    ///
    /// # Errors
    /// [`FileError`]; the attributes stay as they were.
    pub async fn reload(&self) -> Result<(), FileError> {
        let file = Arc::clone(&self.file);
        let read = spawn_blocking(move || file.reload()).await;
        read.unwrap_or_else(|_| Err(FileError::Panicked { path: self.file.path().to_owned() }))
    }

    /// How many users are known.
    #[must_use]
    pub fn users(&self) -> usize {
        self.file.attributes().len()
    }
}

/// Looks at the file again and again.
async fn watch(file: Arc<Watched>, every: Duration) {
    let mut looks = interval(every);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first one is at once.
    looks.tick().await;
    loop {
        looks.tick().await;
        let file = Arc::clone(&file);
        if spawn_blocking(move || file.look()).await.is_err_and(|error| error.is_cancelled()) {
            return;
        }
    }
}

impl AttributeSource for FileAttributes {
    fn fetch<'a>(&'a self, user: &'a UserParam<'a>, _names: &'a [&'a str]) -> Fetched<'a> {
        self.file.counting.asked();
        Box::pin(async move { Ok(self.file.attributes().get(user.audid())) })
    }

    fn counters(&self) -> SourceCounters {
        self.file.counting.read()
    }
}

impl fmt::Debug for FileAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileAttributes")
            .field("path", &self.file.path())
            .field("users", &self.users())
            .field("watching", &!self.watching.0.is_finished())
            .finish()
    }
}
