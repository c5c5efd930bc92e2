//! Writes records as form-encoded JSON in one pass: JSON's escapes and the form's are one table, and the JSON never
//! exists as a text of its own.

use crate::batch::Batch;
use crate::date::CreateDate;
use crate::record::Record;

/// Appends a batch as the value of a form field: what `sign_core::form` makes of what `serde_json` makes of it.
pub(crate) fn encode_batch(batch: &Batch, out: &mut Vec<u8>) {
    let mut between = "%5B"; // [
    for record in batch.records() {
        out.extend_from_slice(between.as_bytes());
        encode_record(record, out);
        between = "%2C"; // ,
    }
    out.extend_from_slice(b"%5D"); // ]
}

/// Every value is a text, so that the quotes around it are part of what stands between values.
fn encode_record(record: &Record, out: &mut Vec<u8>) {
    let mut member = |frame: &str, text: &str| {
        out.extend_from_slice(frame.as_bytes());
        encode_text(text, out);
    };
    member("%7B%22id%22%3A%22", record.id()); // {"id":"
    member("%22%2C%22user_id%22%3A%22", record.user_id()); // ","user_id":"
    if let Some(phone) = record.user_phone() {
        member("%22%2C%22user_phone%22%3A%22", phone);
    }
    member("%22%2C%22user_name%22%3A%22", record.user_name());
    member("%22%2C%22busi_item%22%3A%22", record.busi_item());
    if let Some(detail) = record.busi_detail() {
        member("%22%2C%22busi_detail%22%3A%22", detail);
    }
    out.extend_from_slice(b"%22%2C%22create_date%22%3A%22");
    encode_date(record.create_date(), out);
    out.extend_from_slice(b"%22%7D"); // "}
}

/// How long a record becomes.
pub(crate) fn encoded_record_len(record: &Record) -> usize {
    let text = |text: &str| text.bytes().map(|byte| usize::from(Escape::length(byte))).sum::<usize>();
    let optional = |member: &str, value: Option<&str>| value.map_or(0, |value| member.len() + text(value));
    REQUIRED_FRAME.len()
        + text(record.id())
        + text(record.user_id())
        + text(record.user_name())
        + text(record.busi_item())
        + optional("%22%2C%22user_phone%22%3A%22", record.user_phone())
        + optional("%22%2C%22busi_detail%22%3A%22", record.busi_detail())
}

/// What stands around the values of the members that are always there, and the date's own characters.
const REQUIRED_FRAME: &str = "%7B%22id%22%3A%22%22%2C%22user_id%22%3A%22%22%2C%22user_name%22%3A%22%22%2C%22busi_item%22%3A%22\
                              %22%2C%22create_date%22%3A%222021-03-17+18%3A57%3A03%22%7D";

/// How long an array becomes whose records have this length together: `[`, `]`, and the commas between.
pub(crate) const fn encoded_array_len(records: usize, count: usize) -> usize {
    records.saturating_add(count.saturating_sub(1).saturating_add(2).saturating_mul(3))
}

fn encode_date(date: CreateDate, out: &mut Vec<u8>) {
    let date = date.civil();
    // Two digits each: a year has at most four, the others at most two.
    let mut two = |number: i16, before: &[u8]| {
        out.extend_from_slice(before);
        let digit = |digit: i16| u8::try_from(digit).map_or(b'0', |digit| b'0' + digit);
        out.extend_from_slice(&[digit(number / 10), digit(number % 10)]);
    };
    two(date.year() / 100, b"");
    two(date.year() % 100, b"");
    two(date.month().into(), b"-");
    two(date.day().into(), b"-");
    two(date.hour().into(), b"+");
    two(date.minute().into(), b"%3A");
    two(date.second().into(), b"%3A");
}

/// What a byte of a JSON text becomes in a form: at most `%5Cu00XX`.
#[derive(Clone, Copy)]
struct Escape {
    bytes: [u8; Self::LONGEST],
    length: usize,
}

impl Escape {
    const LONGEST: usize = 8;

    fn length(byte: u8) -> u8 {
        // There are 256 escapes.
        LENGTHS.get(usize::from(byte)).copied().unwrap_or(0)
    }

    const fn of(byte: u8) -> Self {
        const fn digit(half: u8) -> u8 {
            if half < 10 { b'0' + half } else { b'A' + half - 10 }
        }
        let (high, low) = (digit(byte >> 4), digit(byte & 15));
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'_' | b'.' => {
                Self { bytes: [byte, 0, 0, 0, 0, 0, 0, 0], length: 1 }
            }
            b' ' => Self { bytes: *b"+\0\0\0\0\0\0\0", length: 1 },
            // JSON: \" and \\
            b'"' => Self { bytes: *b"%5C%22\0\0", length: 6 },
            b'\\' => Self { bytes: *b"%5C%5C\0\0", length: 6 },
            0x08 => Self { bytes: *b"%5Cb\0\0\0\0", length: 4 },
            b'\t' => Self { bytes: *b"%5Ct\0\0\0\0", length: 4 },
            b'\n' => Self { bytes: *b"%5Cn\0\0\0\0", length: 4 },
            0x0c => Self { bytes: *b"%5Cf\0\0\0\0", length: 4 },
            b'\r' => Self { bytes: *b"%5Cr\0\0\0\0", length: 4 },
            // JSON: \u00xx, in lower case as serde_json writes it
            0..0x20 => Self {
                bytes: [b'%', b'5', b'C', b'u', b'0', b'0', high, low.to_ascii_lowercase()],
                length: 8,
            },
            _ => Self { bytes: [b'%', high, low, 0, 0, 0, 0, 0], length: 3 },
        }
    }
}

static ESCAPES: [Escape; 256] = {
    let mut escapes = [Escape::of(0); 256];
    let mut byte = 0_u8;
    #[expect(clippy::indexing_slicing, reason = "computed at compile time")]
    loop {
        escapes[byte as usize] = Escape::of(byte);
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    escapes
};

/// The lengths alone, close together for whoever only counts.
static LENGTHS: [u8; 256] = {
    let mut lengths = [0; 256];
    let mut byte = 0_u8;
    #[expect(
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        reason = "computed at compile time, at most 8"
    )]
    loop {
        lengths[byte as usize] = Escape::of(byte).length as u8;
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    lengths
};

/// Appends a text's characters, without the quotes around it.
fn encode_text(text: &str, out: &mut Vec<u8>) {
    /// Bytes of text that are encoded before they are appended.
    const PIECE: usize = 32;
    let mut block = [0; PIECE * Escape::LONGEST];
    for piece in text.as_bytes().chunks(PIECE) {
        let mut at = 0;
        for byte in piece {
            // All eight bytes are copied, because that is one instruction; the next escape overwrites what is too
            // much. Neither lookup can fail: there are 256 escapes, and the block holds the longest for every byte.
            if let (Some(escape), Some(place)) =
                (ESCAPES.get(usize::from(*byte)), block.get_mut(at..at + Escape::LONGEST))
            {
                place.copy_from_slice(&escape.bytes);
                at += escape.length;
            }
        }
        out.extend_from_slice(block.get(..at).unwrap_or(&block));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ways agree: in one pass, and text by text.
    #[track_caller]
    fn check(records: Vec<Record>) {
        let batch = Batch::new(records).unwrap();
        let mut encoded = Vec::new();
        encode_batch(&batch, &mut encoded);
        let lengths = batch.records().iter().map(encoded_record_len).sum();
        assert_eq!(encoded.len(), encoded_array_len(lengths, batch.len()));
        let json = serde_json::to_string(&batch).unwrap();
        assert_eq!(String::from_utf8(encoded).unwrap(), sign_core::form::encode(&json));
    }

    fn record(text: &str, date: &str) -> Record {
        Record::new(text, text, text, CreateDate::parse(date).unwrap()).unwrap()
    }

    #[test]
    fn one_pass_agrees_with_two() {
        let date = "2021-03-17 18:57:03";
        let ascii: String = (0..=0x7f_u8).map(char::from).collect();
        let wide: String = ('\u{80}'..='\u{900}').chain("中～😀\u{10ffff}".chars()).collect();
        for text in [ascii.as_str(), wide.as_str(), "a b+c 中~*-_.", "\"\\\u{0}\u{1f}/<>&'", "x"] {
            check(vec![record(text, date)]);
            let full = record(text, date).with_user_phone(text).with_user_name(text).with_busi_detail(text);
            check(vec![full.clone(), record("1", date), full]);
        }
        // The longest escape in every place of a piece, and one more.
        for length in 1..70 {
            check(vec![record(&"\u{1}".repeat(length), date).with_busi_detail("")]);
        }
    }

    #[test]
    fn dates_keep_their_zeros() {
        for date in
            ["0001-01-01 00:00:00", "0099-10-02 03:04:05", "2000-02-29 10:20:30", "9999-12-31 23:59:59"]
        {
            check(vec![record("1", date)]);
        }
    }
}
