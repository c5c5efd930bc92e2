//! What a cell holds, and how it changes.

use std::fmt;
use std::time::Duration;

use sign_core::Secret;

/// Which process wrote: for people who look for it. Not an identity to rely on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Writer {
    /// The machine's name.
    pub host: String,
    /// The process's number on that machine.
    pub pid: u32,
}

impl Writer {
    /// This process on this machine.
    #[must_use]
    pub fn this_process() -> Self {
        let host = gethostname::gethostname().to_string_lossy().into_owned();
        Self { host, pid: std::process::id() }
    }
}

/// `pid 4711 on web-1`.
impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pid {} on {}", self.pid, self.host)
    }
}

/// What a cell holds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Entry {
    /// Counts from 1 with each swap, without gaps, for as long as the cell lives.
    pub version: u64,
    /// The value, as it was put.
    pub value: Secret,
    /// Who put it.
    pub writer: Writer,
    /// How long ago it was put, by the store's clock.
    pub age: Duration,
}

/// Two entries are the same when they are the same version of the same text by the same writer, whatever their age.
impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
            && self.value.expose() == other.value.expose()
            && self.writer == other.writer
    }
}

impl Eq for Entry {}

impl Entry {
    /// An entry as a store has it.
    #[must_use]
    pub fn new(version: u64, value: Secret, writer: Writer, age: Duration) -> Self {
        Self { version, value, writer, age }
    }
}

/// What to put into a cell.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Put<'a> {
    /// The value.
    pub value: &'a Secret,
    /// Who puts it.
    pub writer: &'a Writer,
    /// For how long, by the store's clock; afterwards the cell is absent again. [`None`]: for good.
    pub keep: Option<Duration>,
}

impl<'a> Put<'a> {
    /// A value that stays for good.
    #[must_use]
    pub fn new(value: &'a Secret, writer: &'a Writer) -> Self {
        Self { value, writer, keep: None }
    }

    /// A value that is forgotten after this time.
    #[must_use]
    pub fn keep(self, time: Duration) -> Self {
        Self { keep: Some(time), ..self }
    }
}

/// What became of a swap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Swap {
    /// The value is there, under this version: the expected one plus 1.
    Done(u64),
    /// The cell was not at the expected version, and was left alone. This is what it holds; [`None`]: nothing.
    Moved(Option<Entry>),
}
