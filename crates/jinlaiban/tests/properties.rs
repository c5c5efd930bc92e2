//! What holds for every input.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::time::Duration;

use jinlaiban::{
    Batch, BatchSize, CreateDate, Entry, Format, Freshness, PushParams, Reader, Receipt, ReceivedPush,
    Record, Reply, Secret, SignatureError, SignedPush, SigningInput, UnixMillis, VerifyError, verify,
};
use proptest::prelude::*;

const WINDOW: Freshness = Freshness::within(Duration::from_secs(300));

fn order_does_not_matter(params: &[(String, Option<String>)], turn: usize, secret: &str) {
    let secret = Secret::new(secret).unwrap();
    let sign = |params: &[(String, Option<String>)]| {
        let params = params.iter().map(|(name, value)| (name.as_str(), value.as_deref()));
        SigningInput::from_params(params, &secret).map(|input| input.sign().to_string())
    };
    let mut turned = params.to_vec();
    turned.rotate_left(turn % params.len().max(1));
    assert_eq!(sign(params), sign(&turned));
    turned.reverse();
    assert_eq!(sign(params), sign(&turned));
}

/// Flips one bit of one character where that leaves text; otherwise appends to it, which is as good.
fn flip(text: &str, at: usize, bit: u32) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let at = at % chars.len();
    match char::from_u32(u32::from(chars[at]) ^ (1 << (bit % 7))) {
        Some(flipped) => chars[at] = flipped,
        None => chars.push('x'),
    }
    chars.into_iter().collect()
}

fn a_flipped_bit_is_noticed(pieces: &[String; 5], which: usize, at: usize, bit: u32) {
    let sign = |pieces: &[String; 5]| {
        let [appcode, modulecode, timestamp, nonce, secret] = pieces;
        let secret = Secret::new(secret.as_str()).unwrap();
        let params = PushParams { appcode, modulecode, timestamp, nonce };
        SigningInput::push(&params, &secret).unwrap().sign()
    };
    let good = sign(pieces);
    let mut flipped = pieces.clone();
    flipped[which] = flip(&pieces[which], at, bit);
    let [appcode, modulecode, timestamp, nonce, secret] = &flipped;
    let secret = Secret::new(secret.as_str()).unwrap();
    let params = PushParams { appcode, modulecode, timestamp, nonce };
    let input = SigningInput::push(&params, &secret).unwrap();
    assert_eq!(input.verify(good.as_str()), Err(SignatureError::Different));
}

fn a_flipped_signature_is_noticed(at: usize, bit: u32) {
    let secret = Secret::new("s3cret").unwrap();
    let params = PushParams { appcode: "a", modulecode: "m", timestamp: "1615978623", nonce: "n" };
    let sign = SigningInput::push(&params, &secret).unwrap().sign();
    let now = UnixMillis::new(1_615_978_623_000);
    let flipped = flip(sign.as_str(), at, bit);
    let got = params.verify(&flipped, &secret, &WINDOW, now);
    // Flipping the bit of letter case leaves the same signature.
    if flipped.eq_ignore_ascii_case(sign.as_str()) {
        assert_eq!(got, Ok(()));
    } else {
        assert!(matches!(got, Err(VerifyError::Signature(_))), "{got:?}");
    }
}

fn a_record_survives_the_journey(texts: [String; 4], optional: [Option<String>; 2], second: i64) {
    let [id, user_id, busi_item, phone] = texts;
    let start = jiff::civil::date(1, 1, 1).at(0, 0, 0, 0);
    let date = start.checked_add(jiff::Span::new().seconds(second)).unwrap();
    let mut record = Record::new(id, user_id, busi_item, CreateDate::try_from(date).unwrap())
        .unwrap()
        .with_user_phone(phone);
    let [name, detail] = optional;
    if let Some(name) = name {
        record = record.with_user_name(name);
    }
    if let Some(detail) = detail {
        record = record.with_busi_detail(detail);
    }
    let json = serde_json::to_string(&record).unwrap();
    assert_eq!(Record::from_json(&json).as_ref(), Ok(&record));

    let secret = Secret::new("s3cret").unwrap();
    let params = PushParams { appcode: "a", modulecode: "m", timestamp: "1615978623", nonce: "中 +%" };
    let push = SignedPush::new(&Batch::new(vec![record.clone()]).unwrap(), &params, &secret).unwrap();
    let body = std::str::from_utf8(push.body()).unwrap();
    assert!(body.ends_with(&format!("&data={}", sign_core::form::encode(&format!("[{json}]")))));
    let received = ReceivedPush::parse(push.body()).unwrap();
    assert_eq!(received.records(), Ok(vec![Ok(record)]));
    assert_eq!(received.verify(&secret, &WINDOW, UnixMillis::new(1_615_978_623_000)), Ok(()));
}

/// Whatever comes in, something is said about it, and what was not understood is not repeated.
fn nothing_panics(bytes: &[u8], text: &str, now: u64) {
    if let Ok(record) = Record::from_json(bytes) {
        assert_eq!(Record::from_json(serde_json::to_string(&record).unwrap()), Ok(record));
    }
    if let Ok(reply) = Reply::parse(bytes) {
        assert!(!reply.status().as_str().is_empty());
    }
    let _ = Receipt::read(200, bytes).map(|receipt| assert_eq!(receipt.reply().status().as_str(), "200"));
    let secret = Secret::new("s").unwrap();
    if let Ok(push) = ReceivedPush::parse(bytes) {
        assert!(push.verify(&secret, &WINDOW, UnixMillis::new(now)).is_err());
        assert!(push.records().is_err() || push.get("data").is_some());
    }
    if let Ok(date) = CreateDate::parse(text) {
        assert_eq!(date.to_string(), text);
    }
    let params = [("appcode", Some(text)), ("nonce", Some(text)), ("timestamp", Some(text)), (text, None)];
    assert!(verify(&params, text, &secret, &WINDOW, UnixMillis::new(now)).is_err());
}

/// A file of these records in each format.
fn files(records: &[Record]) -> [(Format, String); 3] {
    let json: Vec<_> = records.iter().map(|record| serde_json::to_string(record).unwrap()).collect();
    let header = "id,user_id,user_phone,user_name,busi_item,busi_detail,create_date\r\n".to_owned();
    let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let table = records.iter().fold(header, |table, record| {
        let phone = record.user_phone().unwrap_or("");
        let detail = record.busi_detail().unwrap_or("");
        let cells = [record.id(), record.user_id(), phone, record.user_name(), record.busi_item(), detail];
        let cells: Vec<_> = cells.into_iter().map(cell).chain([record.create_date().to_string()]).collect();
        format!("{table}{}\r\n", cells.join(","))
    });
    [(Format::Lines, json.join("\n")), (Format::Array, format!("[{}]", json.join(","))), (Format::Csv, table)]
}

fn entries(text: &[u8], format: Format, buffer: usize) -> Vec<String> {
    Reader::new(std::io::BufReader::with_capacity(buffer, text), format)
        .map(|entry| match entry {
            Ok(Entry::Record(found)) => {
                format!("{} {}", found.line, serde_json::to_string(&found.record).unwrap())
            }
            Ok(Entry::Rejected(rejected)) => serde_json::to_string(&rejected).unwrap(),
            Err(error) => error.to_string(),
        })
        .collect()
}

/// Records that are written to a file come back from it, wherever the file is cut into pieces.
fn files_bring_back_their_records(texts: &[[String; 5]], buffer: usize) {
    let date = CreateDate::parse("2021-03-17 18:57:03").unwrap();
    let records: Vec<_> = texts
        .iter()
        .map(|[id, user_id, item, phone, detail]| {
            let record = Record::new(id, user_id, item, date).unwrap();
            record.with_user_phone(phone).with_busi_detail(detail)
        })
        .collect();
    for (format, file) in files(&records) {
        let read: Vec<_> = Reader::new(std::io::BufReader::with_capacity(buffer, file.as_bytes()), format)
            .map(|entry| match entry.unwrap() {
                Entry::Record(found) => found.record,
                Entry::Rejected(rejected) => panic!("{format:?}: {rejected}\n{file}"),
            })
            .collect();
        assert_eq!(read, records, "{format:?}\n{file}");
    }
    let batches: Vec<_> = Batch::split_by(records.clone(), BatchSize::default().max_bytes(2000)).collect();
    for batch in &batches {
        let encoded = sign_core::form::encode(&serde_json::to_string(batch).unwrap()).len();
        assert!(encoded <= 2000 || batch.len() == 1, "{} records, {encoded} B", batch.len());
    }
    assert_eq!(batches.into_iter().flat_map(Batch::into_records).collect::<Vec<_>>(), records);
}

/// Whatever a file holds, reading it ends, says something about each place, and depends on nothing but its bytes.
fn no_file_panics(bytes: &[u8], buffer: usize) {
    for format in [Format::Lines, Format::Array, Format::Csv] {
        let seen = entries(bytes, format, buffer);
        assert_eq!(seen, entries(bytes, format, bytes.len().max(1)), "{format:?}");
        for reject in seen.iter().filter(|entry| entry.starts_with('{')) {
            assert!(!reject.contains('\n'), "{reject}");
            let wrapped = entries(reject.as_bytes(), Format::Lines, buffer);
            assert_eq!(wrapped.len(), 1, "what was rejected is rejected again, or a record: {reject}");
        }
    }
}

/// Text that JSON and forms have to escape, and characters of every width.
fn text() -> impl Strategy<Value = String> {
    r#"([a-z0-9 +%&="\\\t]|张|三|～|😀|\PC){1,12}"#
}

/// Text for every member; absent is another matter, and empty is absent in a table.
fn cell() -> impl Strategy<Value = String> {
    r#"([a-z0-9 ,"{}\[\]\\:\r\n\t]|张|😀|\PC){1,12}"#
}

/// What files of records are made of.
const PIECES: &[&str] = &[
    "\u{feff}",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\"",
    "\\",
    "\n",
    "\r\n",
    " ",
    "张",
    "id,user_id,busi_item,create_date\n",
    "1,u,b,2021-03-17 18:57:03",
    r#"{"id":1,"user_id":2,"busi_item":3,"create_date":"2021-03-17 18:57:03"}"#,
    r#"{"line":1,"error":"","record":"#,
];

proptest! {
    #[test]
    fn order(
        params in proptest::collection::btree_map("[a-k]{1,2}[0-9]?|～|😀", proptest::option::of(".{0,6}"), 0..8),
        turn: usize,
        secret in ".{1,8}",
    ) {
        order_does_not_matter(&params.into_iter().collect::<Vec<_>>(), turn, &secret);
    }

    #[test]
    fn flipped_bits(pieces in proptest::array::uniform5(text()), which in 0..5_usize, at: usize, bit: u32) {
        a_flipped_bit_is_noticed(&pieces, which, at, bit);
    }

    #[test]
    fn flipped_signatures(at: usize, bit: u32) {
        a_flipped_signature_is_noticed(at, bit);
    }

    #[test]
    fn records(
        texts in proptest::array::uniform4(text()),
        optional in proptest::array::uniform2(proptest::option::of(text())),
        second in 0..315_537_897_600_i64,
    ) {
        a_record_survives_the_journey(texts, optional, second);
    }

    #[test]
    fn bytes(bytes: Vec<u8>, text: String, now: u64) {
        nothing_panics(&bytes, &text, now);
    }

    #[test]
    fn nearly_json(json in r#"\{("(id|user_id|busi_item|create_date|status|state|x)":("[0-9a张]*"|[0-9]{1,20}|null|true|\[\]|1\.5),?){0,5}\}?"#) {
        nothing_panics(json.as_bytes(), &json, 0);
    }

    #[test]
    fn nearly_forms(form in r"((appcode|nonce|data|sign|timestamp)=?(%[0-9A-F]{0,2}|[a-z+]|\[\]){0,5}&?){0,5}") {
        nothing_panics(form.as_bytes(), &form, 0);
    }

    #[test]
    fn files_of_records(
        texts in proptest::collection::vec(proptest::array::uniform5(cell()), 0..6),
        buffer in 1..200_usize,
    ) {
        files_bring_back_their_records(&texts, buffer);
    }

    #[test]
    fn files_of_bytes(bytes: Vec<u8>, buffer in 1..20_usize) {
        no_file_panics(&bytes, buffer);
    }

    #[test]
    fn nearly_files(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..40),
        buffer in 1..20_usize,
    ) {
        no_file_panics(pieces.concat().as_bytes(), buffer);
    }

    #[test]
    fn nearly_dates(text in "[0-9]{4}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-6][0-9]:[0-6][0-9]") {
        nothing_panics(&[], &text, 0);
    }
}
