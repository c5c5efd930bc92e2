//! 晋来办: files of records.

use std::io::{BufReader, Read};

use jinlaiban::{Entry, Format, MAX_RECORD_BYTES, ReadError, Reader, Record};

use crate::choices::Choices;

/// What came of one place of a file: its number, and the record or what a rejects file says.
type Told = (u64, Result<Record, String>);

/// Everything a reader says, and the error that it ended with.
fn told<R: Read>(input: R, capacity: usize, format: Format) -> (Vec<Told>, Option<String>) {
    let mut told = Vec::new();
    for entry in Reader::new(BufReader::with_capacity(capacity, input), format) {
        match entry {
            Ok(Entry::Record(found)) => told.push((found.line, Ok(found.record))),
            Ok(Entry::Rejected(rejected)) => {
                let shown = format!("{rejected} {rejected:?}");
                assert!(shown.contains(&rejected.reason().to_string()), "{shown}");
                told.push((
                    rejected.line(),
                    Err(serde_json::to_string(&rejected).expect("a reject is JSON")),
                ));
            }
            Err(error) => {
                assert!(!matches!(error, ReadError::Io(_)), "nothing was wrong with the input");
                return (told, Some(error.to_string()));
            }
        }
    }
    (told, None)
}

/// The first byte says how the file is written, the others are the file; and, for a table, cells to write and read.
pub fn files(data: &[u8]) {
    let Some((first, file)) = data.split_first() else { return };
    let format = [Format::Lines, Format::Array, Format::Csv][usize::from(first % 3)];
    let (entries, error) = told(file, 8192, format);
    // However the bytes come in, the file is the same.
    let (again, error_again) = told(file, 1 + usize::from(first / 3), format);
    assert_eq!((&again, &error_again), (&entries, &error));
    assert!(entries.windows(2).all(|pair| pair[0].0 < pair[1].0), "places do not go up");
    if format == Format::Lines {
        assert_eq!(error, None, "lines have no error that ends them");
        assert_eq!(entries.iter().map(|(line, _)| *line).collect::<Vec<_>>(), filled_lines(file));
        lines_one_by_one(file, &entries);
    }
    for (_, entry) in &entries {
        match entry {
            Ok(record) => {
                let json = serde_json::to_string(record).expect("a record is JSON");
                assert_eq!(told(json.as_bytes(), 64, Format::Lines), (vec![(1, Ok(record.clone()))], None));
            }
            Err(reject) => rejected_again(reject),
        }
    }
    table(&mut Choices::new(file));
}

/// Which lines are not blank, counted from 1.
fn filled_lines(file: &[u8]) -> Vec<u64> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let lines = (1..).zip(file.split(|byte| *byte == b'\n'));
    lines.filter(|(_, line)| !line.trim_ascii().is_empty()).map(|(number, _)| number).collect()
}

/// A line is what it is whatever stands before it.
fn lines_one_by_one(file: &[u8], entries: &[Told]) {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let lines: Vec<_> = file.split(|byte| *byte == b'\n').collect();
    for (number, entry) in entries {
        let line = lines[usize::try_from(*number).expect("a line of this file") - 1];
        assert!(line.len() <= MAX_RECORD_BYTES);
        // A mark at the beginning of a file is skipped, and only there.
        if !line.starts_with(b"\xef\xbb\xbf") {
            let alone = told(line, 64, Format::Lines).0;
            assert_eq!(alone.first().map(|(_, entry)| entry.is_ok()), Some(entry.is_ok()));
        }
    }
}

/// A rejects file is read again, line for line, and rejected for the same reason.
fn rejected_again(reject: &str) {
    assert!(!reject.contains('\n'), "a reject is one line");
    let (again, error) = told(reject.as_bytes(), 64, Format::Lines);
    assert_eq!((again.len(), error), (1, None), "{reject}");
    // What could be corrected is not lost on the way: rejected again, it is the same reject.
    if let Some((_, Err(twice))) = again.first() {
        let (thrice, _) = told(twice.as_bytes(), 64, Format::Lines);
        assert_eq!(thrice.first().map(|(_, entry)| entry), Some(&Err(twice.clone())), "{reject}");
    }
}

const NAMES: [&str; 7] =
    ["id", "user_id", "user_phone", "user_name", "busi_item", "busi_detail", "create_date"];

/// A record with any cells, written as a table in the strictest way, is read as `Record` reads its members.
fn table(choices: &mut Choices<'_>) {
    let mut cells: Vec<String> =
        NAMES.iter().map(|_| String::from_utf8_lossy(choices.bytes()).into_owned()).collect();
    if choices.flag() {
        cells[6] = "2021-03-17 18:57:03".to_owned();
    }
    // Blank rows are skipped.
    if cells.iter().all(|cell| cell.trim().is_empty()) {
        return;
    }
    let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    let row: Vec<_> = cells.iter().map(quoted).collect();
    let file = format!("{}\n{}\n", NAMES.join(","), row.join(","));
    let (entries, error) = told(file.as_bytes(), 64, Format::Csv);
    assert_eq!((entries.len(), &error), (1, &None), "{file:?}");
    let required = ["id", "user_id", "busi_item", "create_date"];
    let members = NAMES.into_iter().zip(&cells).map(|(name, cell)| {
        (name, Some(cell.clone()).filter(|cell| !cell.is_empty() || required.contains(&name)))
    });
    let record = Record::from_members(members).ok();
    assert_eq!(entries[0].1.as_ref().ok(), record.as_ref(), "{file:?}");
}
