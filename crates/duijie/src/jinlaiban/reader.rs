//! Records out of a file: what is one, what is rejected and why, what is there twice.

use std::{collections::HashMap, collections::hash_map::Entry, io::BufRead, path::Path};

use jinlaiban::Record;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::exit::Failure;

/// A record that cannot be pushed, as it stands in the rejects file.
#[derive(Serialize)]
pub(crate) struct Reject {
    /// The line, or for an array the place in it; from 1.
    pub(crate) line: u64,
    /// Which member, and why.
    pub(crate) error: String,
    /// As it was given.
    record: Box<RawValue>,
}

/// What a file holds.
#[derive(Default)]
pub(crate) struct Contents {
    pub(crate) records: Vec<Record>,
    pub(crate) rejects: Vec<Reject>,
    /// Records that stood there before, equal in every member.
    pub(crate) repeated: u64,
    /// Where each id stands in `records`.
    seen: HashMap<String, usize>,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// One JSON object a line.
    Lines,
    /// One JSON array.
    Array,
}

impl Format {
    /// By the file's name; `-` is JSON lines.
    pub(crate) fn of(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Ok(Self::Lines);
        }
        let extension =
            path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        match extension.as_deref() {
            Some("jsonl" | "ndjson") => Ok(Self::Lines),
            Some("json") => Ok(Self::Array),
            _ => {
                let shown = path.display();
                Err(Failure::usage(format!(
                    "`{shown}`: name it .jsonl (a record a line) or .json (an array of records)"
                )))
            }
        }
    }
}

/// Reads all records.
pub(crate) fn read(mut input: impl BufRead, format: Format) -> Result<Contents, Failure> {
    let cannot = |error: std::io::Error| Failure::failed(format!("cannot read the records: {error}"));
    let mut contents = Contents::default();
    match format {
        Format::Lines => {
            let (mut line, mut number) = (Vec::new(), 0_u64);
            loop {
                line.clear();
                if input.read_until(b'\n', &mut line).map_err(cannot)? == 0 {
                    return Ok(contents);
                }
                number = number.saturating_add(1);
                let text = without_bom(number, &line).trim_ascii();
                if !text.is_empty() {
                    contents.take(number, text);
                }
            }
        }
        Format::Array => {
            let mut text = String::new();
            input.read_to_string(&mut text).map_err(cannot)?;
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            let records: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| {
                let place = format!("line {}, column {}", error.line(), error.column());
                Failure::failed(format!("the file is not one JSON array ({place})"))
            })?;
            for (number, record) in (1..).zip(records) {
                contents.take(number, record.get().as_bytes());
            }
            Ok(contents)
        }
    }
}

/// Windows programs begin a file with a mark that is no part of its text.
fn without_bom(line: u64, text: &[u8]) -> &[u8] {
    if line == 1 { text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text) } else { text }
}

impl Contents {
    fn take(&mut self, line: u64, text: &[u8]) {
        let record = match Record::from_json(text) {
            Ok(record) => record,
            Err(error) => return self.reject(line, error.to_string(), text),
        };
        // SPEC.md §3: the same id twice in one file: equal records are one, of different ones the second is rejected.
        match self.seen.entry(record.id().to_owned()) {
            Entry::Vacant(place) => {
                place.insert(self.records.len());
                self.records.push(record);
            }
            Entry::Occupied(place) if self.records.get(*place.get()) == Some(&record) => {
                self.repeated = self.repeated.saturating_add(1);
            }
            Entry::Occupied(_) => {
                let error =
                    "member `id` stands on another record of this file already: give each event its own"
                        .to_owned();
                self.reject(line, error, text);
            }
        }
    }

    fn reject(&mut self, line: u64, error: String, text: &[u8]) {
        let text = String::from_utf8_lossy(text);
        // A reject is one line. In valid JSON, a line break is white space between tokens.
        let record = RawValue::from_string(text.replace(['\n', '\r'], " "))
            .or_else(|_| serde_json::value::to_raw_value(&text))
            .unwrap_or_else(|_| RawValue::NULL.to_owned());
        self.rejects.push(Reject { line, error, record });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str, item: &str) -> String {
        format!(r#"{{"id":{id},"user_id":"u","busi_item":"{item}","create_date":"2021-03-17 18:57:03"}}"#)
    }

    #[track_caller]
    fn check(text: &str, format: Format, records: usize, rejects: &[(u64, &str)], repeated: u64) {
        let contents = read(text.as_bytes(), format).unwrap();
        assert_eq!(contents.records.len(), records);
        let got: Vec<_> =
            contents.rejects.iter().map(|reject| (reject.line, reject.error.as_str())).collect();
        for ((line, error), (expected_line, part)) in got.iter().zip(rejects) {
            assert!(line == expected_line && error.contains(part), "{got:?}");
        }
        assert_eq!((got.len(), contents.repeated), (rejects.len(), repeated), "{got:?}");
    }

    #[test]
    fn lines_are_judged_one_by_one() {
        let (a, b) = (line("1", "查询"), line("\"1\"", "办理"));
        check(&format!("{a}\n\n{a}\r\n{b}\nno\n"), Format::Lines, 1, &[(4, "`id`"), (5, "JSON")], 1);
        check("", Format::Lines, 0, &[], 0);
        check(&format!("\u{feff}{a}\n\u{feff}{b}"), Format::Lines, 1, &[(2, "JSON")], 0);
    }

    #[test]
    fn a_reject_is_one_line_however_the_array_was_written() {
        let contents = read(&b"[{\n\"id\":\n1}]"[..], Format::Array).unwrap();
        let line = serde_json::to_string(&contents.rejects[0]).unwrap();
        assert!(!line.contains('\n') && line.ends_with(r#""record":{ "id": 1}}"#), "{line}");
    }

    #[test]
    fn an_array_counts_its_records_from_one() {
        let (a, b) = (line("1", "查询"), line("2", ""));
        check(&format!("[\n{a},\n{b}, 7]"), Format::Array, 1, &[(2, "`busi_item`"), (3, "object")], 0);
        assert!(
            read(&b"{}"[..], Format::Array).is_err_and(|failure| failure.exit == crate::exit::Exit::Failed)
        );
    }
}
