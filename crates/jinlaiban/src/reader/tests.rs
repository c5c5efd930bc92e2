//! Each way to write a file of records, each way to get it wrong.

use super::*;
use crate::record::RecordFault;

/// What came out of a file: `line id` of records, `line member: reason` of rejects, and how reading ended.
fn outcome(text: &[u8], format: Format) -> (Vec<String>, Option<String>) {
    // Two bytes at a time: no boundary of the buffer may matter.
    let input = io::BufReader::with_capacity(2, text);
    let mut seen = Vec::new();
    for entry in Reader::new(input, format) {
        match entry {
            Ok(Entry::Record(found)) => seen.push(format!("{} {}", found.line, found.record.id())),
            Ok(Entry::Rejected(rejected)) => seen.push(format!("{rejected}")),
            Err(error) => return (seen, Some(error.to_string())),
        }
    }
    (seen, None)
}

#[track_caller]
fn check_bytes(text: &[u8], format: Format, expected: &[&str], ended: Option<&str>) {
    let (seen, error) = outcome(text, format);
    assert_eq!(seen.len(), expected.len(), "{seen:#?}");
    for (seen, expected) in seen.iter().zip(expected) {
        // A record's line is exact; of a reject, the beginning says which.
        let found = if expected.contains(':') { seen.starts_with(expected) } else { seen == expected };
        assert!(found, "`{seen}` in place of `{expected}`");
    }
    let (error, ended) = (error.unwrap_or_default(), ended.unwrap_or_default());
    assert!(error.contains(ended) && error.is_empty() == ended.is_empty(), "`{error}` in place of `{ended}`");
}

#[track_caller]
fn check(text: &str, format: Format, expected: &[&str], ended: Option<&str>) {
    check_bytes(text.as_bytes(), format, expected, ended);
}

#[track_caller]
fn lines(text: &str, expected: &[&str]) {
    check(text, Format::Lines, expected, None);
}

#[track_caller]
fn array(text: &str, expected: &[&str], ended: Option<&str>) {
    check(text, Format::Array, expected, ended);
}

/// A table whose header is the required four and `busi_detail`.
#[track_caller]
fn table(rows: &str, expected: &[&str]) {
    let text = format!("id,user_id,busi_item,create_date,busi_detail\n{rows}");
    check(&text, Format::Csv, expected, None);
    // As Windows programs write it; a line break in a cell is theirs, too.
    check(&format!("\u{feff}{}", text.replace('\n', "\r\n")), Format::Csv, expected, None);
}

fn json(id: &str) -> String {
    format!(r#"{{"id":{id},"user_id":"u","busi_item":"[查询]","create_date":"2021-03-17 18:57:03"}}"#)
}

/// The only reject of a file, as it stands in the rejects file.
#[track_caller]
fn reject(text: &[u8], format: Format) -> String {
    let rejects: Vec<_> = Reader::new(text, format)
        .filter_map(|entry| match entry.unwrap() {
            Entry::Rejected(rejected) => Some(serde_json::to_string(&rejected).unwrap()),
            Entry::Record(_) => None,
        })
        .collect();
    let [reject] = rejects.as_slice() else { panic!("{rejects:?}") };
    reject.clone()
}

const DATE: &str = "2021-03-17 18:57:03";

#[test]
fn the_name_tells_the_format() {
    let of = |name: &str| Format::of(Path::new(name));
    assert_eq!(of("a/b.jsonl"), Some(Format::Lines));
    assert_eq!(of("b.NDJSON"), Some(Format::Lines));
    assert_eq!(of("b.jsonl.rejected.jsonl"), Some(Format::Lines));
    assert_eq!(of("b.json"), Some(Format::Array));
    assert_eq!(of("b.Csv"), Some(Format::Csv));
    assert_eq!((of("b.xlsx"), of("b"), of("-")), (None, None, None));
}

#[test]
fn lines_are_judged_one_by_one() {
    let (a, b) = (json("1"), json("\"b\""));
    lines("", &[]);
    lines("\n \r\n\n", &[]);
    lines(&format!("{a}\n\n{b}"), &["1 1", "3 b"]);
    lines(&format!("\u{feff}{a}\r\n  {b} \r\n"), &["1 1", "2 b"]);
    lines(&format!("no\n{a}\n[]\n7"), &["line 1: the record is not JSON", "2 1", "line 3:", "line 4:"]);
    lines(&format!("{a}\n\u{feff}{a}"), &["1 1", "line 2: the record is not JSON"]);
    lines(&format!("{a}{a}\n"), &["line 1: the record is not JSON"]);
    lines(&json("null"), &["line 1: member `id` is missing"]);
}

#[test]
fn what_is_not_utf_8_is_one_reject() {
    let mut text = json("1").into_bytes();
    text.extend_from_slice(b"\n{\"id\":\"\xd5\xc5\"}\n"); // GBK
    text.extend_from_slice(json("2").as_bytes());
    let expected = ["1 1", "line 2: the record is not UTF-8 from byte 7 on", "3 2"];
    check_bytes(&text, Format::Lines, &expected, None);
    let array = [b"[".as_slice(), &text, b"]"].concat();
    let array: Vec<_> = array.iter().map(|byte| if *byte == b'\n' { b',' } else { *byte }).collect();
    check_bytes(&array, Format::Array, &["1 1", "line 2: the record is not UTF-8", "3 2"], None);
    let row = format!("id,user_id,busi_item,create_date\n1,\u{1},b,{DATE}\n2,u,b,{DATE}\n");
    let row: Vec<_> = row.bytes().map(|byte| if byte == 1 { 0xd5 } else { byte }).collect();
    check_bytes(&row, Format::Csv, &["line 2: the record is not UTF-8 from byte 2 on", "3 2"], None);
    assert!(reject(&text, Format::Lines).contains("\u{fffd}"));
}

#[test]
fn what_is_too_long_is_not_kept_and_reading_goes_on() {
    let long = "x".repeat(MAX_RECORD_BYTES);
    let (a, b) = (json("1"), json(&format!("\"{long}\"")));
    let too_long = format!("line 2: the record is longer than {MAX_RECORD_BYTES} bytes");
    lines(&format!("{a}\n{b}\n{a}"), &["1 1", &too_long, "3 1"]);
    array(&format!("[{a},{b},{a}]"), &["1 1", &too_long, "3 1"], None);
    table(&format!("1,{long},b,{DATE},\n2,u,b,{DATE},"), &[&too_long, "3 2"]);
    let reject = reject(b.as_bytes(), Format::Lines);
    assert!(reject.len() < 1024, "{} B kept", reject.len());
    // As long as allowed, with the line's end: taken.
    let fitting = "x".repeat(MAX_RECORD_BYTES - json("\"\"").len());
    let fitting = json(&format!("\"{fitting}\""));
    assert_eq!(outcome(format!("{fitting}\n{fitting}").as_bytes(), Format::Lines).0.len(), 2);
    assert!(outcome(fitting.as_bytes(), Format::Lines).0[0].starts_with("1 xxx"));
}

#[test]
fn a_rejects_file_is_a_file_of_records_once_it_is_corrected() {
    let wrapped = |record: &str| format!(r#"{{"line":7,"error":"member `id` …","record":{record}}}"#);
    lines(&wrapped(&json("1")), &["1 1"]);
    lines(&format!(r#"{{"record":{}}}"#, json("1")), &["1 1"]);
    lines(&wrapped(&json("\"\"")), &["line 1: member `id` is empty"]);
    // What was no JSON is a text, and is corrected as one.
    let text = serde_json::Value::from(json("1")).to_string();
    lines(&wrapped(&text), &["1 1"]);
    lines(&wrapped(r#""broken""#), &["line 1: the record is not JSON"]);
    lines(&wrapped("7"), &["line 1: the record is not a JSON object"]);
    // Rejected again, it is not wrapped twice.
    let again = reject(wrapped(r#"{"id":""}"#).as_bytes(), Format::Lines);
    assert!(again.ends_with(r#","record":{"id":""}}"#), "{again}");
    // Anything else is what it looks like.
    lines(&format!(r#"{{"line":7,"record":{},"x":1}}"#, json("1")), &["line 1: member `line` is unknown"]);
    array(&format!("[{}]", wrapped(&json("1"))), &["line 1: member `line` is unknown"], None);
}

#[test]
fn an_array_is_read_element_by_element() {
    let (a, b) = (json("1"), json(r#""],\"[{""#));
    array("[]", &[], None);
    array("\u{feff} [ \n ] \n", &[], None);
    array(&format!("[{a}]"), &["1 1"], None);
    array(&format!(" [\n{a} ,\r\n\t{b}\n]\n"), &["1 1", "2 ],\"[{"], None);
    array(
        &format!(r#"[{a},7,[1,[2]],"x,]",null,{a}]"#),
        &["1 1", "line 2:", "line 3:", "line 4:", "line 5:", "6 1"],
        None,
    );
    array(
        &format!(r#"[{{"id":1,"x":{{"y":[1]}}}},{a}]"#),
        &["line 1: member `x` is an object or a list", "2 1"],
        None,
    );
}

#[test]
fn a_broken_array_stops_behind_what_was_good() {
    let a = json("1");
    array("", &[], Some("record 1, line 1: it is empty"));
    array("{}", &[], Some("does not begin with `[`"));
    array(&format!("[{a}"), &[], Some("record 1, line 1: the file ends within it"));
    array(&format!("[{a},"), &["1 1"], Some("record 2, line 1: the closing `]` is missing"));
    array(&format!("[\n{a}\n,]"), &["1 1"], Some("record 2, line 3: no record stands beside a comma"));
    array("[,]", &[], Some("no record stands"));
    array(&format!("[{a},,{a}]"), &["1 1"], Some("no record stands"));
    array(&format!("[{a}]x"), &["1 1"], Some("something stands behind"));
    array(&format!("[{a}]]"), &["1 1"], Some("something stands behind"));
    array(&format!("[{a} {a}]"), &[], Some("record 1, line 1: trailing characters"));
    array(&format!("[{a},\n{{\"id\":1,}},{a}]"), &["1 1"], Some("record 2, line 2: trailing comma"));
    array(&format!("[{a},{{\"id\":\"1],{a}]"), &["1 1"], Some("record 2, line 1"));
    array(&format!("[{a},{{\"id\":1],{a}]"), &["1 1"], Some("record 2, line 1"));
    array(&format!("[{a}}},{a}]"), &[], Some("record 1, line 1: trailing characters"));
}

#[test]
fn rows_of_a_table() {
    table("", &[]);
    table(&format!("1,u,b,{DATE},\n\n2,u,b,{DATE},d"), &["2 1", "4 2"]);
    table(&format!("\"1,a\",u,\"查 \"\"询\"\"\",{DATE},\n"), &["2 1,a"]);
    table(&format!("1,u,b,{DATE},\"a\n\nb\"\n2,u,\"b\n\",{DATE},\n3,u,b,{DATE},"), &["2 1", "5 2", "7 3"]);
    table(&format!(",,,,\n  \n1,u,b,{DATE},"), &["4 1"]);
    table(
        &format!("1,u,,{DATE},\n2,u,b,,"),
        &["line 2: member `busi_item` is empty", "line 3: member `create_date` is empty"],
    );
    table(
        &format!("1,u,b,{DATE}\n2,u,b,{DATE},,\n3,u,b,{DATE},"),
        &[
            "line 2: the record has 4 cells under 5 columns",
            "line 3: the record has 6 cells under 5 columns",
            "4 3",
        ],
    );
    table(&format!("1{}", ",".repeat(1000)), &["line 2: the record has 1001 cells"]);
    // Quotes in the middle of a text are text.
    table(&format!("1,5\"屏,b,{DATE},\n"), &["2 1"]);
}

#[test]
fn a_forgotten_quote_costs_one_row() {
    table(
        &format!("1,u,\"b,{DATE},\n2,u,b,{DATE},\n3,u,b,{DATE},"),
        &["line 2: the record opens a quote that is not closed", "3 2", "4 3"],
    );
    let long = format!("\"{}\n", "x".repeat(MAX_RECORD_BYTES - 100)).repeat(2);
    let expected = ["line 2: the record has 1 cells", "4 3"];
    table(
        &format!("{}3,u,b,{DATE},\n", long.replace("\n\"", "\n")),
        &["line 2: the record opens", "line 3: the record has 1", "4 3"],
    );
    table(
        &format!("{long}3,u,b,{DATE},\n"),
        &["line 2: the record opens", "line 3: the record opens", expected[1]],
    );
}

#[test]
fn an_empty_cell_is_an_absent_member() {
    let text = format!(
        " busi_detail , user_phone,user_name,create_date,busi_item,user_id,id,\n,137*****381,,{DATE},b,u,1,\n"
    );
    let entry = Reader::new(text.as_bytes(), Format::Csv).next().unwrap().unwrap();
    let Entry::Record(found) = entry else { panic!("{entry:?}") };
    assert_eq!(
        serde_json::to_string(&found.record).unwrap(),
        format!(
            r#"{{"id":"1","user_id":"u","user_phone":"137*****381","user_name":"未认证用户","busi_item":"b","create_date":"{DATE}"}}"#
        )
    );
    // Columns without a name mean nothing as long as they are empty.
    let more = text.replace("1,\n", "1,x\n");
    check(&more, Format::Csv, &["line 2: member `` is unknown"], None);
}

#[test]
fn a_wrong_header_stops_before_the_first_row() {
    let header = |header: &str, what: &str| {
        let text = format!("\n{header}\n1,u,b,{DATE},x\n");
        check(&text, Format::Csv, &[], Some(&format!("line 2, the table's header: member {what}")));
    };
    header("id,user_id,busi_item,create_date,name", "`name` is unknown: there are id");
    header("id,user_id,busi_item,create_date,id", "`id` is given twice");
    header("id,user_id,busi_item", "`create_date` is missing");
    header("ID,user_id,busi_item,create_date", "`ID` is unknown");
    header("1,u,b,x", "`1` is unknown");
    check("", Format::Csv, &[], None);
}

#[test]
fn a_reject_is_one_line_that_can_be_corrected() {
    let array = reject(b"[{\n\"id\":\n1}]", Format::Array);
    assert!(!array.contains('\n') && array.ends_with(r#""record":{ "id": 1}}"#), "{array}");
    assert!(reject(b"broken \n", Format::Lines).ends_with(r#","record":"broken"}"#));
    let row = |row: &str| {
        reject(format!("id,user_id,busi_item,create_date,busi_detail\n{row}\n").as_bytes(), Format::Csv)
    };
    let lacking = row("1,,b,2021,\"a\nb\"");
    assert!(
        lacking.ends_with(
            r#"{"id":"1","user_id":"","busi_item":"b","create_date":"2021","busi_detail":"a\nb"}}"#
        ),
        "{lacking}"
    );
    let corrected = lacking.replace(r#""user_id":"""#, r#""user_id":"u""#).replace("2021", DATE);
    lines(&corrected, &["1 1"]);
    assert!(row("1,u,b,2021,").ends_with(r#""create_date":"2021"}}"#), "an empty optional cell is absent");
    assert!(row("1,u").ends_with(r#""record":["1","u"]}"#));
    assert!(row("1,\"u").ends_with(r#""record":"1,\"u"}"#));
}

#[test]
fn what_is_found_can_be_rejected_afterwards_and_shows_no_person() {
    let text = json("1").replace("}", r#","user_name":"张三"}"#);
    let entry = Reader::new(text.as_bytes(), Format::Lines).next().unwrap().unwrap();
    let Entry::Record(found) = entry else { panic!("{entry:?}") };
    assert!(!format!("{found:?}").contains("张三"));
    let rejected = found.reject(crate::Sighting::conflict());
    assert_eq!((rejected.line(), rejected.member(), rejected.reason()), (1, Some("id"), &RecordFault::Taken));
    assert_eq!(
        format!("{rejected:?}"),
        "Rejected(line 1: member `id` stands on another record of this file already: give each event its own)"
    );
    assert!(serde_json::to_string(&rejected).unwrap().ends_with(&format!(",\"record\":{text}}}")));
}

#[test]
fn a_failing_file_is_told_and_ends_it() {
    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("unplugged"))
        }
    }
    for format in [Format::Lines, Format::Array, Format::Csv] {
        let mut reader = Reader::new(io::BufReader::new(Broken), format);
        let error = reader.next().unwrap().unwrap_err();
        assert!(matches!(error, ReadError::Io(_)), "{error}");
        assert_eq!(error.to_string(), "cannot read the records: unplugged");
        assert!(reader.next().is_none());
    }
}
