//! A table of users: a header, then a row for each (comma-separated, quoted where needed).

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};

use super::memory::AttributesFileError;
use crate::attributes::Attributes;
use crate::value::Value;

/// audid → attributes, from the whole text of a table.
pub(super) fn parse(table: &[u8]) -> Result<HashMap<String, Arc<Attributes<'static>>>, AttributesFileError> {
    let text = std::str::from_utf8(table).map_err(|error| {
        let before = table.get(..error.valid_up_to()).unwrap_or_default();
        AttributesFileError::Encoding { line: 1 + newlines(before) }
    })?;
    let mut rows = Rows::new(text);
    let header = loop {
        match rows.next()? {
            None => return Err(AttributesFileError::NoAudid { line: 1 }),
            Some(row) if row.is_blank() => {}
            Some(row) => break Header::read(&row)?,
        }
    };
    let mut known: HashMap<String, (usize, Arc<Attributes<'static>>)> = HashMap::new();
    while let Some(row) = rows.next()? {
        if row.is_blank() {
            continue;
        }
        let (audid, attributes) = header.user(&row)?;
        match known.entry(audid.to_owned()) {
            Entry::Occupied(entry) => {
                return Err(AttributesFileError::DoubledUser { line: row.line, first: entry.get().0 });
            }
            Entry::Vacant(entry) => entry.insert((row.line, Arc::new(attributes))),
        };
    }
    Ok(known.into_iter().map(|(audid, (_, attributes))| (audid, attributes)).collect())
}

fn newlines(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
}

struct Header {
    columns: Vec<String>,
    audid: usize,
}

impl Header {
    fn read(row: &Row) -> Result<Self, AttributesFileError> {
        let line = row.line;
        let columns: Vec<String> = row.cells().map(|name| name.trim().to_owned()).collect();
        // Before anything is quoted: what names no `audid` may be no header, but somebody's row.
        let audid = columns.iter().position(|name| name == "audid");
        let audid = audid.ok_or(AttributesFileError::NoAudid { line })?;
        for (place, name) in columns.iter().enumerate() {
            if !name.is_empty() && columns.iter().take(place).any(|other| other == name) {
                return Err(AttributesFileError::DoubledColumn { line, column: name.clone() });
            }
        }
        Ok(Header { columns, audid })
    }

    fn user<'r>(&self, row: &'r Row) -> Result<(&'r str, Attributes<'static>), AttributesFileError> {
        let line = row.line;
        let (cells, columns) = (row.ends.len(), self.columns.len());
        if cells != columns {
            return Err(AttributesFileError::Cells { line, cells, columns });
        }
        // Spreadsheets add columns without a name: as long as they are empty, they mean nothing.
        let mut cells = self.columns.iter().zip(row.cells()).enumerate();
        if let Some((place, _)) = cells.find(|(_, (name, cell))| name.is_empty() && !cell.is_empty()) {
            return Err(AttributesFileError::Nameless { line, column: place + 1 });
        }
        let audid = row.cells().nth(self.audid).filter(|audid| !audid.is_empty());
        let audid = audid.ok_or(AttributesFileError::Nobody { line })?;
        let attributes = self.columns.iter().zip(row.cells()).enumerate();
        let attributes = attributes.filter(|(place, (_, cell))| *place != self.audid && !cell.is_empty());
        let attributes = attributes
            .map(|(_, (name, cell))| (Cow::Owned(name.clone()), Value::Text(Cow::Owned(cell.to_owned()))));
        Ok((audid, attributes.collect::<Attributes<'static>>()))
    }
}

/// A row: its cells' joined text, and where each ends.
struct Row {
    line: usize,
    text: String,
    ends: Vec<usize>,
}

impl Row {
    /// The cells, unquoted.
    fn cells(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.text.get(start..*end).unwrap_or_default())
    }

    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// Cuts a text into rows.
struct Rows<'a> {
    rest: &'a [u8],
    reader: Reader,
    line: usize,
    /// The last line may lack its end.
    end: &'static [u8],
}

impl<'a> Rows<'a> {
    fn new(text: &'a str) -> Self {
        // Only a line feed ends a row, as in every count of lines; a carriage return before it is taken off at the end.
        let reader = ReaderBuilder::new().terminator(Terminator::Any(b'\n')).build();
        let end: &[u8] = if text.ends_with('\n') { b"" } else { b"\n" };
        Rows { rest: text.as_bytes(), reader, line: 1, end }
    }

    /// The next row that is not an empty line; `None` at the end.
    fn next(&mut self) -> Result<Option<Row>, AttributesFileError> {
        // csv-core passes over empty lines.
        while let Some(rest) = self.rest.strip_prefix(b"\n").or_else(|| self.rest.strip_prefix(b"\r\n")) {
            self.rest = rest;
            self.line += 1;
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (line, whole) = (self.line, self.rest);
        self.reader.reset();
        let (mut text, mut ends) = (vec![0; 256], vec![0; 16]);
        let (mut bytes, mut cells) = (0, 0);
        let mut carriage_return = false;
        loop {
            let input = match self.rest {
                [] => std::mem::take(&mut self.end),
                // csv-core would pass over a mark at the beginning of a row, as if it were that of the file.
                [first @ 0xef, ..] => std::slice::from_ref(first),
                rest => rest,
            };
            if input.is_empty() {
                // Within quotes even the end of the last line is part of the cell.
                return Err(AttributesFileError::OpenQuote { line });
            }
            let to = text.get_mut(bytes..).unwrap_or_default();
            let (result, taken, wrote, found) =
                self.reader.read_record(input, to, ends.get_mut(cells..).unwrap_or_default());
            let read = input.get(..taken).unwrap_or_default();
            if let Some(before) = read.strip_suffix(b"\n") {
                carriage_return = if before.is_empty() { carriage_return } else { before.ends_with(b"\r") };
            } else if !read.is_empty() {
                carriage_return = read.ends_with(b"\r");
            }
            self.line += newlines(read);
            if !self.rest.is_empty() {
                self.rest = self.rest.get(taken..).unwrap_or_default();
            }
            bytes += wrote;
            cells += found;
            match result {
                ReadRecordResult::Record => break,
                ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
                ReadRecordResult::OutputFull => text.resize(text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2, 0),
            }
        }
        // csv-core would join `"a"b` into one cell: rather a quote was forgotten, perhaps rows ago.
        if !ends_its_quotes(whole.get(..whole.len() - self.rest.len()).unwrap_or_default()) {
            return Err(AttributesFileError::AfterQuote { line });
        }
        text.truncate(bytes);
        ends.truncate(cells);
        // The line's end was read as the end of the last cell.
        if carriage_return
            && text.last() == Some(&b'\r')
            && let Some(end) = ends.last_mut()
            && *end == text.len()
        {
            text.pop();
            *end = text.len();
        }
        // The whole was checked, and cells end at ASCII characters.
        let text = String::from_utf8(text).map_err(|_| AttributesFileError::Encoding { line })?;
        Ok(Some(Row { line, text, ends }))
    }
}

/// Whether nothing stands between the end of a quoted cell and the next comma, or the end of the row.
fn ends_its_quotes(row: &[u8]) -> bool {
    enum At {
        Begin,
        Plain,
        Quoted,
        Quote,
    }
    let row = row.strip_suffix(b"\n").unwrap_or(row);
    let row = row.strip_suffix(b"\r").unwrap_or(row);
    let mut at = At::Begin;
    for byte in row {
        at = match (at, byte) {
            (At::Quoted, b'"') => At::Quote,
            (At::Quoted, _) | (At::Begin | At::Quote, b'"') => At::Quoted,
            (At::Begin | At::Plain | At::Quote, b',') => At::Begin,
            (At::Begin | At::Plain, _) => At::Plain,
            (At::Quote, _) => return false,
        };
    }
    true
}
