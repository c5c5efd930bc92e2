//! The records of a file that are to be pushed: each once, the rejects told and kept on the way.

use std::{
    fs,
    io::{self, BufRead, BufReader},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use jinlaiban::{BatchSize, Entry, Format, Found, Reader, Record, RecordFault, Rejected, Repeats, Sighting};

use super::{pipe::Pipe, rejects::Rejects};
use crate::exit::Failure;

/// Reads a file record by record. What it had to leave out is counted.
pub(super) struct Records {
    reader: Reader<Box<dyn BufRead + Send>>,
    size: BatchSize,
    /// Also where a journal knows the ids: what it says of a run can be overwritten by another process that brings the
    /// same ids. 24 bytes a record, and as much again while it grows.
    repeats: Repeats,
    rejects: Rejects,
    pub(super) rejected: u64,
    /// Records that stood there before, equal in every member.
    pub(super) repeated: u64,
    failure: Option<Failure>,
    stop: Arc<AtomicBool>,
}

impl Records {
    pub(super) fn open(path: &Path, size: BatchSize, rejects: Rejects) -> Result<Self, Failure> {
        let format = format(path)?;
        let stop = Arc::<AtomicBool>::default();
        let input: Box<dyn BufRead + Send> = if path == Path::new("-") {
            Box::new(Pipe::new(io::stdin(), Arc::clone(&stop)))
        } else {
            let file = fs::File::open(path)
                .map_err(|error| Failure::usage(format!("cannot read `{}`: {error}", path.display())))?;
            // A named pipe may stay silent like any other.
            match file.metadata() {
                Ok(found) if !found.is_file() && !found.is_dir() => {
                    Box::new(Pipe::new(file, Arc::clone(&stop)))
                }
                _ => Box::new(BufReader::with_capacity(1 << 16, file)),
            }
        };
        Ok(Self { stop, ..Self::new(Reader::new(input, format), size, rejects) })
    }

    fn new(reader: Reader<Box<dyn BufRead + Send>>, size: BatchSize, rejects: Rejects) -> Self {
        Self {
            reader,
            size,
            repeats: Repeats::default(),
            rejects,
            rejected: 0,
            repeated: 0,
            failure: None,
            stop: Arc::default(),
        }
    }

    /// Keeps the rejects there.
    pub(super) fn keeping(self, rejects: Rejects) -> Self {
        Self { rejects, ..self }
    }

    /// Was this very record in the file?
    pub(super) fn had(&mut self, record: &Record) -> bool {
        self.repeats.see(record) == Sighting::Repeat
    }

    /// Ends the records early, even while they are waited for, when it is set.
    pub(super) fn stopper(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Why reading ended before the end of the file, if so. The rejects are complete when this returns.
    pub(super) fn finish(self) -> Result<(), Failure> {
        self.rejects.finish()?;
        self.failure.map_or(Ok(()), Err)
    }

    /// The record, a reject where it does not fit into a batch or its id is taken, nothing where it was there before.
    fn judge(&mut self, found: Found) -> Option<Entry> {
        if !self.size.fits(&found.record) {
            let limit = self.size.bytes();
            return Some(Entry::Rejected(found.reject(RecordFault::TooLong { limit }.into())));
        }
        // SPEC.md §3 of the crate `jinlaiban`: the same id twice in one file: equal records are one, of different ones
        // the second is rejected.
        match self.repeats.see(&found.record) {
            Sighting::New => Some(Entry::Record(found)),
            Sighting::Conflict => Some(Entry::Rejected(found.reject(Sighting::conflict()))),
            Sighting::Repeat => {
                self.repeated = self.repeated.saturating_add(1);
                None
            }
        }
    }

    /// Tells and keeps a reject.
    fn reject(&mut self, rejected: Rejected) -> Result<(), Failure> {
        self.rejected = self.rejected.saturating_add(1);
        self.rejects.take(&rejected)
    }

    fn read_on(&mut self) -> Result<Option<Found>, Failure> {
        while let Some(entry) = self.reader.next() {
            let judged = match entry.map_err(Failure::failed)? {
                Entry::Record(found) => self.judge(found),
                rejected @ Entry::Rejected(_) => Some(rejected),
            };
            match judged {
                Some(Entry::Record(found)) => return Ok(Some(found)),
                Some(Entry::Rejected(rejected)) => self.reject(rejected)?,
                None => {}
            }
        }
        Ok(None)
    }

    /// The next record with its place in the file.
    pub(super) fn next_found(&mut self) -> Option<Found> {
        if self.failure.is_some() || self.is_stopped() {
            return None;
        }
        self.read_on().unwrap_or_else(|failure| {
            // Who stopped it knows why it ended.
            if !self.is_stopped() {
                self.failure = Some(failure);
            }
            None
        })
    }
}

impl Iterator for Records {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        self.next_found().map(|found| found.record)
    }
}

/// By the file's name; `-` is JSON lines.
fn format(path: &Path) -> Result<Format, Failure> {
    if path == Path::new("-") {
        return Ok(Format::Lines);
    }
    Format::of(path).ok_or_else(|| {
        let shown = path.display();
        Failure::usage(format!(
            "`{shown}`: name it .jsonl (a record a line), .json (an array of records) or .csv (a table with header)"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    fn line(id: &str, item: &str) -> String {
        format!(r#"{{"id":{id},"user_id":"u","busi_item":"{item}","create_date":"2021-03-17 18:57:03"}}"#)
    }

    /// Records, rejects and repeats of a file, and how reading ended.
    #[track_caller]
    fn check(text: &str, format: Format, expected: (usize, u64, u64), ended: Option<&str>) {
        let input: Box<dyn BufRead + Send> = Box::new(io::Cursor::new(text.to_owned()));
        let size = BatchSize::default().max_bytes(1000);
        let mut records = Records::new(Reader::new(input, format), size, Rejects::nowhere());
        let count = records.by_ref().count();
        assert_eq!((count, records.rejected, records.repeated), expected);
        let failure = records.finish().err();
        assert!(failure.as_ref().is_none_or(|failure| failure.exit == Exit::Failed));
        let failure = failure.map(|failure| format!("{failure:?}"));
        assert_eq!(failure.is_some(), ended.is_some(), "{failure:?}");
        assert!(failure.unwrap_or_default().contains(ended.unwrap_or_default()));
    }

    #[test]
    fn each_record_comes_once() {
        let (a, b) = (line("1", "查询"), line("\"1\"", "办理"));
        check(&format!("{a}\n\n{a}\r\n{b}\nno\n"), Format::Lines, (1, 2, 1), None);
        check(&format!("[{a},{b},{a}]"), Format::Array, (1, 1, 1), None);
        check("", Format::Lines, (0, 0, 0), None);
        check(&line("1", &"长".repeat(100)), Format::Lines, (0, 1, 0), None);
    }

    #[test]
    fn what_stands_before_a_break_is_read() {
        let a = line("1", "查询");
        check(&format!("[{a},"), Format::Array, (1, 0, 0), Some("not one JSON array"));
        check("{}", Format::Array, (0, 0, 0), Some("not one JSON array"));
        check("id,name\n", Format::Csv, (0, 0, 0), Some("`name` is unknown"));
    }

    #[test]
    fn the_name_tells_the_format() {
        assert!(format(Path::new("x.pdf")).is_err_and(|failure| failure.exit == Exit::Usage));
        assert!(matches!(format(Path::new("-")), Ok(Format::Lines)));
        assert!(matches!(format(Path::new("x.CSV")), Ok(Format::Csv)));
    }
}
