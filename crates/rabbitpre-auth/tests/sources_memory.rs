//! Attributes in memory: what a table, a JSON object and JSON lines say, and where they are wrong.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use proptest::prelude::*;
use rabbitpre_auth::{Attributes, AttributesFileError as Failure, Lookup as _, MemoryAttributes, Value};

#[track_caller]
fn holds(people: &MemoryAttributes, audid: &str, expected: &str) {
    assert!(*people.get(audid) == Attributes::parse(expected.as_bytes()).unwrap(), "{expected}");
}

#[track_caller]
fn table(text: &str, audid: &str, expected: &str) {
    holds(&MemoryAttributes::parse_csv(text.as_bytes()).unwrap(), audid, expected);
}

#[test]
fn a_table_gives_texts_as_written() {
    table("audid,age,city\n1,30,北京市\n", "1", r#"{"age":"30","city":"北京市"}"#);
    table("audid,age\n1,30\n", "2", "{}");
    // Digits as written, larger than 2^53, with zeros in front (RP-3).
    table("audid,n\n9007199254740993,0030\n", "9007199254740993", r#"{"n":"0030"}"#);
    table("audid,n\n007,1\n", "7", "{}");
    // The column may stand anywhere; names lose their blanks, values do not.
    table(" age , audid \n 30 ,1\n", "1", r#"{"age":" 30 "}"#);
    table("audid\n1\n", "1", "{}");
    table("audid,a\n", "1", "{}");
}

#[test]
fn an_empty_cell_is_a_missing_attribute() {
    table("audid,a,b\n1,,x\n", "1", r#"{"b":"x"}"#);
    table("audid,a,b\n1,\"\",x\n", "1", r#"{"b":"x"}"#);
    table("audid,a,b\n1, ,x\n", "1", r#"{"a":" ","b":"x"}"#);
}

#[test]
fn cells_are_quoted_where_needed() {
    table("audid,a\n1,\"x, \"\"y\"\"\nz\"\n", "1", r#"{"a":"x, \"y\"\nz"}"#);
    table("audid,a\r\n1,\"x\r\ny\"\r\n2,z\r\n", "1", r#"{"a":"x\r\ny"}"#);
    table("audid,a\r\n1,\"x\r\ny\"\r\n2,z\r\n", "2", r#"{"a":"z"}"#);
    // A quote within a cell that is not quoted is one.
    table("audid,a,b\r\n1,5\"x\", \"\"\r\n", "1", r#"{"a":"5\"x\"","b":" \"\""}"#);
    table("audid,a\n1,\"\"\"\"\r", "1", r#"{"a":"\""}"#);
    table("\"audid\",\"a,b\"\n\"1\",2\n", "1", r#"{"a,b":"2"}"#);
}

#[test]
fn a_table_may_have_a_mark_blank_lines_and_no_end() {
    table("\u{feff}audid,a\n1,x\n", "1", r#"{"a":"x"}"#);
    table("\n\r\n,,\naudid,a,\n\n1,x,\n,,\n   \n2,y,", "2", r#"{"a":"y"}"#);
    table("audid,a\r\n1,x\r\n2,y\r", "2", r#"{"a":"y"}"#);
    // A mark belongs to the file, not to a row: this user is another one.
    table("audid,a\n\u{feff}1,x\n", "1", "{}");
    table("audid,a\n\u{feff}1,x\n", "\u{feff}1", r#"{"a":"x"}"#);
    table("audid,a\n１,\u{feff}\n", "１", "{\"a\":\"\u{feff}\"}");
    let long = "字".repeat(5000);
    let columns: String = (0..40).map(|n| format!(",c{n}")).collect();
    let cells = ",".repeat(39);
    table(&format!("audid{columns}\n1,{long}{cells}\n"), "1", &format!(r#"{{"c0":"{long}"}}"#));
}

#[track_caller]
fn broken_table(text: impl AsRef<[u8]>, expected: &Failure, shown: &str) {
    let error = MemoryAttributes::parse_csv(text.as_ref()).unwrap_err();
    assert_eq!(error, *expected);
    assert!(error.to_string().contains(shown), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn a_broken_table_says_where() {
    broken_table("", &Failure::NoAudid { line: 1 }, "no column `audid`");
    broken_table("\n\nage;audid\n", &Failure::NoAudid { line: 3 }, "separated by commas");
    let column = "a".to_owned();
    // No header, but somebody's row.
    broken_table("9,secret,secret\n", &Failure::NoAudid { line: 1 }, "names no column");
    broken_table("audid,a,a\n", &Failure::DoubledColumn { line: 1, column }, "`a` twice");
    broken_table("audid,a\n1,x\n2,secret,z\n", &Failure::Cells { line: 3, cells: 3, columns: 2 }, "quote");
    broken_table(
        "audid,a\n1,\"x\ny\"\nsecret\n",
        &Failure::Cells { line: 4, cells: 1, columns: 2 },
        "1 cells",
    );
    broken_table("audid,a,\n1,x,secret\n", &Failure::Nameless { line: 2, column: 3 }, "column 3");
    broken_table("audid,a\n,secret\n", &Failure::Nobody { line: 2 }, "`audid` is empty");
    broken_table(
        "audid,a\nsecret,1\n\nsecret,1\n",
        &Failure::DoubledUser { line: 4, first: 2 },
        "line 2 again",
    );
    broken_table("audid,a\n1,x\n2,\"secret\n3,y\n", &Failure::OpenQuote { line: 3 }, "close it");
    // Two quotes are not closed: the second row would be part of the first one's cell.
    broken_table("audid,a\n1,\"x\n2,\"secret\n", &Failure::AfterQuote { line: 2 }, "closed");
    broken_table("audid,a\n1,x\n2,\"secret \"y\" z\"\n", &Failure::AfterQuote { line: 3 }, "as `\"\"`");
    broken_table("audid,a\n1,\"secret\" ", &Failure::AfterQuote { line: 2 }, "between");
    broken_table("audid,a\n1,\"secret", &Failure::OpenQuote { line: 2 }, "close it");
    broken_table(b"audid,a\n1,\xb1\xb1\n", &Failure::Encoding { line: 2 }, "CSV UTF-8");
}

#[track_caller]
fn broken_json(text: &str, line: usize, shown: &str) {
    let error = MemoryAttributes::parse(text.as_bytes()).unwrap_err();
    assert!(error.to_string().starts_with(&format!("line {line}: ")), "{error}");
    assert!(error.to_string().contains(shown), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn broken_json_says_where() {
    // One object over several lines: the line that is broken, and the byte within it.
    broken_json("{\n  \"1\": {\"a\": 1},\n  \"2\": {\"a\": secret}\n}\n", 3, "at byte 13");
    broken_json("{\n  \"1\": {},\n  \"1\": {}\n}", 4, "twice");
    broken_json("{\n  \"1\": {\"x\": \"}{\\\",:\"},\n  \"secret\":\n   [1]}", 3, "in place 2");
    broken_json("{\"1\":{},\"2\":{}", 1, "byte 14");
    // Lines.
    broken_json(
        "{\"audid\":1,\"attributes\":{}}\n{\"audid\":2,\"attributes\":{\"a\":\"secret",
        2,
        "within a text",
    );
    broken_json("{\"audid\":1,\"attributes\":{}}\n\n{\"audid\":2}\n", 3, "neither");
    broken_json("\n[]\n", 1, "neither");
}

#[test]
fn json_may_have_a_mark_and_lines_may_be_appended() {
    holds(&MemoryAttributes::parse("\u{feff}{\"1\":{\"a\":1}}".as_bytes()).unwrap(), "1", r#"{"a":1}"#);
    let lines = "{\"audid\":1,\"attributes\":{\"a\":1}}\n{\"audid\":\"1\",\"attributes\":{\"a\":2}}\n";
    holds(&MemoryAttributes::parse(lines.as_bytes()).unwrap(), "1", r#"{"a":2}"#);
}

/// Whoever writes cells by RFC 4180 finds them again.
fn is_found_again(rows: &[Vec<String>], end: &str) {
    let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    let mut text = format!("a0,audid,a1,a2{end}");
    for (number, row) in rows.iter().enumerate() {
        let [a0, a1, a2] = [&row[0], &row[1], &row[2]].map(quoted);
        text += &format!("{a0},u{number},{a1},{a2}{end}");
    }
    let people = MemoryAttributes::parse_csv(text.as_bytes()).unwrap();
    assert_eq!(people.len(), rows.len());
    for (number, row) in rows.iter().enumerate() {
        let user = people.get(&format!("u{number}"));
        for (column, cell) in row.iter().enumerate() {
            let found = user.attribute(&format!("a{column}")).and_then(Value::as_text).unwrap_or_default();
            assert_eq!(found, cell, "{text}");
        }
    }
}

/// Whatever a file holds, it is understood or refused with a line.
fn never_panics(bytes: &[u8]) {
    for parsed in [MemoryAttributes::parse_csv(bytes), MemoryAttributes::parse(bytes)] {
        if let Err(error) = parsed {
            assert!(error.to_string().starts_with("line "), "{error}");
        }
    }
}

proptest! {
    #[test]
    fn cells_are_found_again(
        rows in prop::collection::vec(prop::collection::vec("[a,\"\r\n 字]{0,8}", 3), 0..6),
        windows in any::<bool>(),
    ) {
        is_found_again(&rows, if windows { "\r\n" } else { "\n" });
    }

    #[test]
    fn no_file_is_too_strange(
        bytes in prop::collection::vec(prop::sample::select(b"audid,attributes:1{}[]\"\\\r\n \xef\xbb\xbf\x00".to_vec()), 0..60),
    ) {
        never_panics(&bytes);
    }
}
