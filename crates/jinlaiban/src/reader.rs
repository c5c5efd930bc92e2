//! Records out of a file, one at a time and in bounded memory: what is one, what is not and why (`SPEC.md §3`).

mod array;
mod entry;
mod lines;
mod table;

use core::fmt;
use std::io::{self, BufRead};
use std::path::Path;

use self::array::Array;
pub use self::entry::{Entry, Found, Rejected};
use self::lines::Lines;
use self::table::Table;
use crate::record::RecordError;

/// The longest record that is looked at, in bytes of the file: 1 MiB. A longer one is rejected without being kept.
pub const MAX_RECORD_BYTES: usize = 1024 * 1024;

/// How a file of records is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// One JSON object a line. Blank lines are skipped.
    ///
    /// A line of a rejects file, `{"line":…,"error":…,"record":…}`, counts as the record that it holds, so that a
    /// corrected rejects file is a file of records. A record that was no JSON stands there as a text: correct the text.
    Lines,
    /// One JSON array of objects.
    Array,
    /// Comma-separated values as spreadsheets write them, UTF-8; the first line names each column's member, in any
    /// order. An empty cell is an absent member. Rows without any content are skipped.
    Csv,
}

impl Format {
    /// By the end of the file's name: `.jsonl` or `.ndjson`, `.json`, `.csv`, in any letter case.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Some(Self::Lines),
            "json" => Some(Self::Array),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

/// Reads records one by one. Keeps one record in memory, whatever the length of the file; of a CSV file, at most
/// [`MAX_RECORD_BYTES`] to look for a quote's end.
///
/// What is no record is an [`Entry::Rejected`], and reading goes on behind it. An error is about the file: it is the
/// last that comes, and says that nothing behind it was read.
///
/// ```
/// use jinlaiban::{Entry, Format, Reader};
///
/// let table = "id,user_id,busi_item,create_date\n\
///              1,8a81,查询,2021-03-17 18:57:03\n\
///              2,8a82,查询,2021-02-30 18:57:03\n";
/// let (mut records, mut rejects) = (Vec::new(), Vec::new());
/// for entry in Reader::new(table.as_bytes(), Format::Csv) {
///     match entry? {
///         Entry::Record(found) => records.push(found.record),
///         Entry::Rejected(rejected) => rejects.push(serde_json::to_string(&rejected)?),
///     }
/// }
/// assert_eq!(records.len(), 1);
/// assert!(rejects[0].starts_with(r#"{"line":3,"error":"member `create_date` does not exist"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Reader<R> {
    source: Source<R>,
    ended: bool,
}

enum Source<R> {
    Lines(Lines<R>),
    Array(Array<R>),
    Table(Box<Table<R>>),
}

impl<R: BufRead> Reader<R> {
    /// Reads records that are written in this way. A byte order mark at the beginning is skipped.
    pub fn new(input: R, format: Format) -> Self {
        let source = match format {
            Format::Lines => Source::Lines(Lines::new(input)),
            Format::Array => Source::Array(Array::new(input)),
            Format::Csv => Source::Table(Box::new(Table::new(input))),
        };
        Self { source, ended: false }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Entry, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = match &mut self.source {
            Source::Lines(lines) => {
                lines.next_filled().map(|line| line.map(Entry::of_line)).map_err(ReadError::Io)
            }
            Source::Array(array) => array.next_entry(),
            Source::Table(table) => table.next_entry(),
        };
        self.ended = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

impl<R> fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = match &self.source {
            Source::Lines(_) => Format::Lines,
            Source::Array(_) => Format::Array,
            Source::Table(_) => Format::Csv,
        };
        write!(f, "Reader({format:?})")
    }
}

/// The file cannot be read on: everything before was, and nothing behind.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// This machine's or the file system's fault.
    #[error("cannot read the records: {0}")]
    Io(#[source] io::Error),
    /// The caller's mistake: the file is not one JSON array. Where a bracket or a quote is wrong, nobody can tell where
    /// the next record begins.
    #[error(
        "the file is not one JSON array: record {record}, line {line}: {what}; the records before it were read, none behind it"
    )]
    Array {
        /// Which record it would be, counted from 1.
        record: u64,
        /// The line of the file, counted from 1, near which reading stopped.
        line: u64,
        /// What is wrong.
        what: String,
    },
    /// The caller's mistake: a column of a table is unknown, doubled or missing, so that every row would be wrong.
    #[error("line {line}, the table's header: {error}")]
    Header {
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with which column.
        error: RecordError,
    },
}

#[cfg(test)]
mod tests;
