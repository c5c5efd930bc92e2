//! Opening a file: whose it is, who may read it, what SQLite is told, and whether it is still there.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::fault::{Fault, READ_ONLY};
use super::schema;
use crate::ErrorKind;

/// An open file.
pub(crate) struct File {
    path: PathBuf,
    wait: Duration,
    open: Option<(Connection, Identity)>,
}

impl File {
    /// Opens the file, and makes it where it is missing. Other processes are waited for at most for `wait`.
    pub(crate) fn open(path: PathBuf, wait: Duration) -> Result<Self, Fault> {
        let open = Some(open(&path, wait)?);
        Ok(Self { path, wait, open })
    }

    /// How many rows were changed through this connection.
    pub(crate) fn changes(&self) -> u64 {
        self.open.as_ref().map_or(0, |(connection, _)| connection.total_changes())
    }

    /// The connection, which will wait for other processes at most for `wait`. Where somebody has deleted or replaced
    /// the file, the one that is there now is opened.
    pub(crate) fn connection(&mut self, wait: Duration) -> Result<&mut Connection, Fault> {
        if let Some((connection, identity)) = self.open.take_if(|(_, identity)| identity.is_gone(&self.path))
        {
            // What SQLite does at the end, it does by name: it would take the new file's log away.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
            drop(connection);
            identity.let_go(&self.path)?;
            tracing::warn!(file = %self.path.display(), "the file was deleted or replaced; opening it anew");
        }
        let (connection, _) = match &mut self.open {
            Some(open) => open,
            none => none.insert(open(&self.path, self.wait)?),
        };
        connection.busy_timeout(wait)?;
        Ok(connection)
    }
}

/// Looks at the file, then lets SQLite open it.
fn open(path: &Path, wait: Duration) -> Result<(Connection, Identity), Fault> {
    let until = Instant::now() + wait.min(LONGEST_WAIT);
    make(path)?;
    look(path)?;
    close_to_others(path)?;
    // Neither made by SQLite, which would not know the mode, nor taken for a URI.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    loop {
        let opened =
            Connection::open_with_flags(path, flags).map_err(Fault::from).and_then(|mut connection| {
                connection.busy_timeout(until.saturating_duration_since(Instant::now()))?;
                prepare(&mut connection)?;
                Ok(connection)
            });
        match opened {
            Ok(connection) => return Ok((connection, Identity::of(path))),
            // When several processes make the log at once, SQLite does not wait by itself.
            Err(fault) if fault.kind() == ErrorKind::Unavailable && Instant::now() < until => {
                thread::sleep(Duration::from_millis(5));
            }
            Err(fault) => return Err(fault),
        }
    }
}

/// A day: a wait beyond it is a mistake, and must not overflow a clock.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes the file where it is missing, for nobody else to read. SQLite gives `-wal` and `-shm` the mode that it finds.
fn make(path: &Path) -> Result<(), Fault> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => return Ok(()),
        Ok(_) => return Err(Fault::new(ErrorKind::Input, "this is not a file: name one")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Fault::of_the_system("the file cannot be looked at", &error)),
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder
        && !folder.is_dir()
    {
        return Err(Fault::new(
            ErrorKind::Input,
            format!("the folder `{}` is missing: make it first", folder.display()),
        ));
    }
    // A log without its file belongs to processes that still use a deleted one: with a new file both would be ruined.
    if let Some(left) = ["-wal", "-shm"].map(|end| beside(path, end)).into_iter().find(|left| left.exists()) {
        return Err(Fault::new(
            ErrorKind::Refused,
            format!(
                "the file is gone, but `{}` is left: stop the programs that use it, then remove that one too",
                left.display()
            ),
        ));
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Fault::of_the_system("the file cannot be made", &error)),
    }
}

/// `state.db` and `-wal`: `state.db-wal`.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(end);
    path.into()
}

/// What every SQLite file begins with, see <https://www.sqlite.org/fileformat.html>.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// The smallest page, and so the smallest file that is not empty.
const SMALLEST: u64 = 512;
/// Where the header has the size of a page, and the application's number, big-endian.
const PAGE_AT: usize = 16;
const APPLICATION_AT: usize = 68;

/// Refuses what is no database or another application's before SQLite or we change anything about it.
fn look(path: &Path) -> Result<(), Fault> {
    let unreadable = |error: io::Error| Fault::of_the_system("the file cannot be read", &error);
    let mut header = Vec::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    file.take(SMALLEST).read_to_end(&mut header).map_err(unreadable)?;
    if header.is_empty() {
        return Ok(());
    }
    if !header.starts_with(MAGIC) {
        return Err(Fault::new(ErrorKind::Corrupted, "this is no SQLite database: name another file"));
    }
    let page = header.get(PAGE_AT..).and_then(<[u8]>::first_chunk::<2>);
    let number = header.get(APPLICATION_AT..).and_then(<[u8]>::first_chunk::<4>);
    let (Some(page), Some(number)) = (page, number) else { return Err(Fault::cut_off()) };
    // 1 stands for 64 KiB. SQLite itself would take half a page for a whole one.
    let page = match u16::from_be_bytes(*page) {
        1 => 65_536,
        page => u64::from(page).max(SMALLEST),
    };
    if !length.is_multiple_of(page) {
        return Err(Fault::cut_off());
    }
    match i32::from_be_bytes(*number) {
        // As long as the log has not been written back, the number may be missing.
        0 | schema::APPLICATION => Ok(()),
        _ => Err(Fault::foreign()),
    }
}

/// Takes the right to read and write from everybody else, where they have it.
#[cfg(unix)]
fn close_to_others(path: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::PermissionsExt as _;
    for file in [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")] {
        let mode = match fs::metadata(&file) {
            Ok(found) => found.permissions().mode(),
            // The log comes and goes.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Fault::of_the_system("the file cannot be looked at", &error)),
        };
        if mode & 0o077 == 0 {
            continue;
        }
        tracing::warn!(
            file = %file.display(),
            mode = %format_args!("{:o}", mode & 0o777),
            "other users could read this file, which holds tokens; it is closed to them now"
        );
        match fs::set_permissions(&file, fs::Permissions::from_mode(mode & 0o700)) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                let what =
                    "other users may read the file, which is to hold tokens, and it cannot be closed to them";
                return Err(Fault::of_the_system(what, &error));
            }
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn close_to_others(_: &Path) -> Result<(), Fault> {
    Ok(())
}

/// Tells a new connection how to work, and brings the file to the newest version.
fn prepare(connection: &mut Connection) -> Result<(), Fault> {
    // SQLite opens what it may not write for reading only, and says nothing. Before anything is read: it would make a log
    // that nobody may write either.
    if connection.is_readonly("main")? {
        return Err(Fault::new(ErrorKind::Refused, READ_ONLY));
    }
    // Before anything is changed: is it ours?
    schema::state(connection)?;
    // Readers do not wait for writers; a change is on the disk when its transaction ends.
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", (), |row| row.get(0))?;
    if mode != "wal" {
        return Err(Fault::new(
            ErrorKind::Refused,
            "the file system cannot share memory between processes: use a file on a disk of this machine",
        ));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Replaced tokens do not stay in unused pages.
    connection.query_row("PRAGMA secure_delete = ON", (), |_| Ok(()))?;
    schema::bring_up(connection)
}

/// Which file was opened: the number of the file and of the memory that its users share.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    file: Option<(u64, u64)>,
    shared: Option<(u64, u64)>,
}

impl Identity {
    fn of(path: &Path) -> Self {
        Self { file: number(path), shared: number(&beside(path, "-shm")) }
    }

    /// Is another file, or none, at the path?
    fn is_gone(&self, path: &Path) -> bool {
        number(path) != self.file
    }

    /// May the file that is there now be opened? Not while it would share memory with users of the old one.
    fn let_go(&self, path: &Path) -> Result<(), Fault> {
        if self.shared.is_some() && number(&beside(path, "-shm")) == self.shared {
            return Err(Fault::new(
                ErrorKind::Refused,
                "the file was deleted or replaced while in use: stop the programs that use it, and remove what is \
                 left of it, `-wal` and `-shm`",
            ));
        }
        Ok(())
    }
}

#[cfg(unix)]
fn number(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

/// Open files cannot be deleted there.
#[cfg(not(unix))]
fn number(_: &Path) -> Option<(u64, u64)> {
    None
}
