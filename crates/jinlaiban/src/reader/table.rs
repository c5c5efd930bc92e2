//! The rows of a table with a header, whose cells may span lines.

use core::fmt;
use core::mem::take;
use std::borrow::Cow;
use std::io::{self, BufRead};
use std::sync::Arc;

use csv_core::{ReadRecordResult, ReaderBuilder, Terminator};

use super::entry::{Given, too_long, valid};
use super::lines::{Line, Lines};
use super::{Entry, MAX_RECORD_BYTES, ReadError};
use crate::record::{MEMBERS, REQUIRED, Record, RecordError, RecordFault};

pub(super) struct Table<R> {
    lines: Lines<R>,
    splitter: Splitter,
    header: Option<Arc<Header>>,
}

/// The members that the columns stand for.
pub(super) struct Header(Vec<String>);

/// A row: where each cell ends in their joined text.
pub(super) struct Row {
    cells: Vec<u8>,
    ends: Vec<usize>,
}

impl<R: BufRead> Table<R> {
    pub(super) fn new(input: R) -> Self {
        Self { lines: Lines::new(input), splitter: Splitter::new(), header: None }
    }

    /// The next row; [`None`] at the end.
    pub(super) fn next_entry(&mut self) -> Result<Option<Entry>, ReadError> {
        loop {
            let Some((line, row)) = self.row().map_err(ReadError::Io)? else { return Ok(None) };
            let Some(header) = &self.header else {
                let header = row.map_err(|(error, _)| error).and_then(|row| Header::read(&row));
                self.header = Some(Arc::new(header.map_err(|error| ReadError::Header { line, error })?));
                continue;
            };
            match row {
                Ok(row) if row.is_blank() => {}
                Ok(row) => {
                    let given = |row| Given::Row(Arc::clone(header), row);
                    return Ok(Some(Entry::of(line, header.record(&row), given(row))));
                }
                Err((error, text)) => return Ok(Some(Entry::of(line, Err(error), Given::Json(text)))),
            }
        }
    }

    /// The next lines that make a row, with the number of the first one.
    #[expect(clippy::type_complexity, reason = "a row, or why it is none and its text; used once")]
    fn row(&mut self) -> io::Result<Option<(u64, Result<Row, (RecordError, Vec<u8>)>)>> {
        let Some(first) = self.lines.next_filled()? else { return Ok(None) };
        let Line { number, text, whole } = first;
        if !whole {
            return Ok(Some((number, Err((too_long(), text)))));
        }
        let splitter = &mut self.splitter;
        splitter.begin();
        let mut ended = splitter.feed(&text);
        let (mut more, mut length) = (Vec::new(), text.len());
        while !ended {
            let next = self.lines.next_line()?;
            length = length.saturating_add(next.as_ref().map_or(0, |line| line.text.len()));
            let fits = next.as_ref().is_some_and(|line| line.whole && length <= MAX_RECORD_BYTES);
            if let Some(line) = next {
                ended = fits && splitter.feed(&line.text);
                more.push(line);
            }
            if !fits {
                // One forgotten quote must not swallow the rows behind it: they are read again without it.
                self.lines.give_back(more);
                let error = RecordError::whole(RecordFault::OpenQuote);
                return Ok(Some((number, Err((error, without_end(text))))));
            }
        }
        let checked = more.iter().map(|line| &line.text).chain([&text]).try_for_each(|text| valid(text));
        Ok(Some((number, checked.map(|()| splitter.finish()).map_err(|error| (error, without_end(text))))))
    }
}

fn without_end(mut text: Vec<u8>) -> Vec<u8> {
    let end = text.trim_ascii_end().len();
    text.truncate(end);
    text
}

impl Header {
    fn read(row: &Row) -> Result<Self, RecordError> {
        let names: Vec<_> = row.cells().map(|name| name.trim().to_owned()).collect();
        for (place, name) in names.iter().enumerate() {
            // Spreadsheets add columns without a name: as long as they are empty, they mean nothing.
            if !name.is_empty() && !MEMBERS.contains(&name.as_str()) {
                return Err(RecordError::at(name, RecordFault::Unknown));
            }
            if !name.is_empty() && names.iter().take(place).any(|other| other == name) {
                return Err(RecordError::at(name, RecordFault::Doubled));
            }
        }
        let missing = REQUIRED.iter().find(|name| !names.iter().any(|other| other == **name));
        missing.map_or(Ok(Self(names)), |name| Err(RecordError::at(name, RecordFault::Missing)))
    }

    /// Each member with its cell; [`None`] when there are more or fewer cells than columns.
    ///
    /// SPEC.md §3: absent optional members are left out. A table cannot tell absent from empty, so empty is absent. Of a
    /// required member, empty is what is wrong.
    pub(super) fn members<'a>(
        &'a self,
        row: &'a Row,
    ) -> Option<impl Iterator<Item = (&'a str, Option<Cow<'a, str>>)>> {
        let members = self.0.iter().map(String::as_str).zip(row.cells());
        let members = members.filter(|(name, cell)| !name.is_empty() || !cell.is_empty());
        let members = members.map(|(name, cell)| {
            (name, Some(cell).filter(|cell| !cell.is_empty() || REQUIRED.contains(&name)))
        });
        (self.0.len() == row.ends.len()).then_some(members)
    }

    fn record(&self, row: &Row) -> Result<Record, RecordError> {
        let Some(members) = self.members(row) else {
            let (columns, cells) = (self.0.len(), row.ends.len());
            return Err(RecordError::whole(RecordFault::Cells { columns, cells }));
        };
        Record::from_members(members.map(|(name, cell)| (name, cell.map(Cow::into_owned))))
    }
}

impl Row {
    /// The cells, unquoted.
    pub(super) fn cells(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let starts = core::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| {
            // The text was checked, and cells end at ASCII characters: nothing is lost.
            String::from_utf8_lossy(self.cells.get(start..*end).unwrap_or_default())
        })
    }

    fn is_blank(&self) -> bool {
        self.cells.trim_ascii().is_empty()
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({} cells)", self.ends.len())
    }
}

/// Finds the cells of one row in lines that are fed to it.
struct Splitter {
    reader: csv_core::Reader,
    row: Row,
    /// Bytes of cells, and cells, so far.
    bytes: usize,
    cells: usize,
    carriage_return: bool,
}

impl Splitter {
    fn new() -> Self {
        // Only a line feed ends a row, as in every count of lines; a carriage return before it is taken off at the end.
        let reader = ReaderBuilder::new().terminator(Terminator::Any(b'\n')).build();
        let row = Row { cells: Vec::new(), ends: Vec::new() };
        Self { reader, row, bytes: 0, cells: 0, carriage_return: false }
    }

    /// Forgets the row before, however it ended.
    fn begin(&mut self) {
        self.reader.reset();
        self.row = Row { cells: Vec::new(), ends: vec![0; MEMBERS.len() + 1] };
        (self.bytes, self.cells) = (0, 0);
    }

    /// Takes a line; says whether the row ends with it.
    fn feed(&mut self, line: &[u8]) -> bool {
        self.carriage_return = line.strip_suffix(b"\n").unwrap_or(line).ends_with(b"\r");
        // Cells are never longer than what they are read from.
        self.row.cells.resize(self.bytes.saturating_add(line.len()).saturating_add(1), 0);
        // The last line of a file may lack its end.
        let end: &[u8] = if line.ends_with(b"\n") { b"" } else { b"\n" };
        self.read(line) || (!end.is_empty() && self.read(end))
    }

    fn read(&mut self, mut line: &[u8]) -> bool {
        loop {
            let cells = self.row.cells.get_mut(self.bytes..).unwrap_or_default();
            let ends = self.row.ends.get_mut(self.cells..).unwrap_or_default();
            let (result, taken, bytes, found) = self.reader.read_record(line, cells, ends);
            line = line.get(taken..).unwrap_or_default();
            self.bytes = self.bytes.saturating_add(bytes);
            self.cells = self.cells.saturating_add(found);
            match result {
                ReadRecordResult::Record => return true,
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return false,
                ReadRecordResult::OutputFull => self.row.cells.resize(self.row.cells.len() + 64, 0),
                ReadRecordResult::OutputEndsFull => self.row.ends.resize(self.row.ends.len() * 2, 0),
            }
        }
    }

    fn finish(&mut self) -> Row {
        let mut row = Row { cells: take(&mut self.row.cells), ends: take(&mut self.row.ends) };
        row.ends.truncate(self.cells);
        row.cells.truncate(self.bytes);
        // The line's end was read as the end of the last cell.
        if self.carriage_return
            && row.cells.last() == Some(&b'\r')
            && let Some(end) = row.ends.last_mut()
            && *end == row.cells.len()
        {
            row.cells.pop();
            *end = row.cells.len();
        }
        row
    }
}
