//! `FILE.rejected.jsonl`: what was rejected, to be corrected and pushed.

use std::{
    fs,
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use jinlaiban::Rejected;

use crate::exit::Failure;

/// Tells each reject on stderr, whatever the log level, and keeps it.
pub(super) struct Rejects {
    /// [`None`]: kept nowhere.
    path: Option<PathBuf>,
    out: Option<BufWriter<fs::File>>,
}

impl Rejects {
    /// Those of the records that come from stdin, or that nobody will push.
    pub(super) const fn nowhere() -> Self {
        Self { path: None, out: None }
    }

    /// Those of a file, beside it. What the run before rejected says nothing about this one, however it ends, so that it
    /// is removed; the file comes again with the first reject.
    pub(super) fn beside(file: &Path) -> Result<Self, Failure> {
        if file == Path::new("-") {
            return Ok(Self::nowhere());
        }
        let mut name = file.as_os_str().to_owned();
        name.push(".rejected.jsonl");
        let path = PathBuf::from(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot(&path, &error)),
            _ => Ok(Self { path: Some(path), out: None }),
        }
    }

    pub(super) fn take(&mut self, rejected: &Rejected) -> Result<(), Failure> {
        eprintln!("duijie: {rejected}");
        let Some(path) = &self.path else { return Ok(()) };
        let written = match &mut self.out {
            Some(out) => write(out, rejected),
            None => create(path).and_then(|file| write(self.out.insert(BufWriter::new(file)), rejected)),
        };
        written.map_err(|error| cannot(path, &error))
    }

    /// Writes what is left to be written.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        match (&self.path, &mut self.out) {
            (Some(path), Some(out)) => out.flush().map_err(|error| cannot(path, &error)),
            _ => Ok(()),
        }
    }
}

/// For nobody else to read: it holds what people have given.
fn create(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    // It was removed: what stands there again belongs to somebody else.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn write(out: &mut BufWriter<fs::File>, rejected: &Rejected) -> io::Result<()> {
    serde_json::to_writer(&mut *out, rejected)?;
    out.write_all(b"\n")
}

fn cannot(path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("cannot write `{}`: {error}", path.display()))
}
