//! The file and what it held last. Everything here blocks: it runs on threads that may.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::sleep;
use std::time::Duration;

use super::FileError;
use super::stamp::Stamp;
use crate::source::MemoryAttributes;
use crate::source::counting::Counting;

/// File systems count time in steps of up to 10 ms: a file that is written again within the step of its stamp looks
/// unchanged. It is read so long after the stamp was taken: what is written later has another one.
const STEP: Duration = Duration::from_millis(20);

pub(super) struct Watched {
    path: PathBuf,
    /// Held for the time of a clone only, and so never for long.
    attributes: RwLock<Arc<MemoryAttributes>>,
    seen: Mutex<Seen>,
    pub(super) counting: Counting,
}

/// Versions of the file.
struct Seen {
    /// The one that is served; `None` if it is no regular file.
    taken: Option<Stamp>,
    /// Whether that one ends within a line.
    cut_off: bool,
    /// The one that the last look found; it is read when the next one finds it again.
    waiting: Option<Stamp>,
    /// The one that was not taken last, and why; `None` for one that is not there.
    refused: Option<(Option<Stamp>, FileError)>,
}

impl Seen {
    const fn of(taken: Option<Stamp>, cut_off: bool) -> Self {
        Seen { taken, cut_off, waiting: None, refused: None }
    }
}

/// A version of the file.
struct Found {
    attributes: MemoryAttributes,
    stamp: Option<Stamp>,
    /// It holds nothing but blanks.
    blank: bool,
    /// A table that ends within a line: perhaps within a cell, which then has another value.
    cut_off: bool,
}

impl Watched {
    pub(super) fn open(path: PathBuf) -> Result<Self, FileError> {
        let found = read(&path)?;
        Ok(Watched {
            path,
            attributes: RwLock::new(Arc::new(found.attributes)),
            seen: Mutex::new(Seen::of(found.stamp, found.cut_off)),
            counting: Counting::default(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn attributes(&self) -> Arc<MemoryAttributes> {
        Arc::clone(&self.attributes.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the file, unless another thread is just doing so: then after it.
    pub(super) fn reload(&self) -> Result<(), FileError> {
        let mut seen = self.seen();
        self.take(&mut seen).inspect_err(|_| self.counting.failed())
    }

    /// Looks whether there is a new version that is no longer being written, and takes it.
    pub(super) fn look(&self) {
        let mut seen = self.seen();
        if seen.taken.is_none() {
            return;
        }
        let found = match fs::metadata(&self.path) {
            Ok(found) => match Stamp::of(&found) {
                Some(stamp) => Some(stamp),
                // To open a pipe can take for ever.
                None => {
                    let is_folder = found.is_dir();
                    let kind =
                        if is_folder { io::ErrorKind::IsADirectory } else { io::ErrorKind::Unsupported };
                    return self.refuse(&mut seen, None, self.system(&kind.into()));
                }
            },
            Err(error) => return self.refuse(&mut seen, None, self.system(&error)),
        };
        if found == seen.taken {
            (seen.waiting, seen.refused) = (None, None);
        } else if found != seen.waiting {
            seen.waiting = found;
        } else if seen.refused.as_ref().is_none_or(|(stamp, error)| *stamp != found || may_pass(error)) {
            match self.take(&mut seen) {
                Ok(()) => {
                    let users = self.attributes().len();
                    tracing::info!(platform = "rabbitpre", file = %self.path.display(), users, "attributes read anew");
                }
                Err(error) => self.refuse(&mut seen, found, error),
            }
        }
    }

    /// Notes a version that is not taken; says so once.
    fn refuse(&self, seen: &mut Seen, stamp: Option<Stamp>, error: FileError) {
        let refused = Some((stamp, error));
        if seen.refused == refused {
            return;
        }
        self.counting.failed();
        if let Some((_, error)) = &refused {
            tracing::warn!(platform = "rabbitpre", %error, "the attributes stay as they were");
        }
        seen.refused = refused;
    }

    fn take(&self, seen: &mut Seen) -> Result<(), FileError> {
        let Found { attributes, stamp, blank, cut_off } = read(&self.path)?;
        // Who writes a file anew empties it first, and may take his time.
        if blank && !self.attributes().is_empty() {
            return Err(FileError::Emptied { path: self.path.clone() });
        }
        if cut_off && !seen.cut_off {
            return Err(FileError::CutOff { path: self.path.clone() });
        }
        let before = {
            let mut current = self.attributes.write().unwrap_or_else(PoisonError::into_inner);
            mem::replace(&mut *current, Arc::new(attributes))
        };
        *seen = Seen::of(stamp, cut_off);
        // Millions of users are not given back to memory while others wait, nor by a check that just looked at them.
        while Arc::strong_count(&before) > 1 {
            sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    fn system(&self, error: &io::Error) -> FileError {
        FileError::System { path: self.path.clone(), error: error.kind() }
    }
}

/// Whether the same version may be taken later.
const fn may_pass(error: &FileError) -> bool {
    matches!(error, FileError::System { .. } | FileError::Changing { .. })
}

/// Reads a version of the file that does not change meanwhile.
fn read(path: &Path) -> Result<Found, FileError> {
    let system = |error: io::Error| FileError::System { path: path.to_owned(), error: error.kind() };
    let mut file = File::open(path).map_err(system)?;
    let stamp = Stamp::of(&file.metadata().map_err(system)?);
    if stamp.is_some() {
        sleep(STEP);
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(system)?;
    if let Some(stamp) = &stamp {
        let now = Stamp::of(&fs::metadata(path).map_err(system)?);
        if now.as_ref() != Some(stamp) || u64::try_from(text.len()) != Ok(stamp.length()) {
            return Err(FileError::Changing { path: path.to_owned() });
        }
    }
    let is_table = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv"));
    let parsed = if is_table { MemoryAttributes::parse_csv(&text) } else { MemoryAttributes::parse(&text) };
    let attributes = parsed.map_err(|error| FileError::Content { path: path.to_owned(), error })?;
    let cut_off = is_table && !text.ends_with(b"\n");
    Ok(Found { attributes, stamp, blank: text.trim_ascii().is_empty(), cut_off })
}
