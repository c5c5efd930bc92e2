//! Form coding as Java's `URLEncoder` and `URLDecoder` do it with UTF-8: space is `+`; letters, digits and `*-_.`
//! stay; every other byte is `%` and two upper-case digits. It is also what a browser's form sends.
//!
//! [`pairs`] takes a query or a form's body apart.
//!
//! Decoding is strict: where Java puts U+FFFD for bytes that are no UTF-8, or takes `%+1` and full-width digits for
//! hexadecimal, [`decode`] says where the text is wrong.

use alloc::{borrow::Cow, string::String, vec};
use core::fmt;

/// What a byte becomes, in the first one or three bytes; how many they are, in the last.
static ESCAPES: [[u8; 4]; 256] = {
    const fn digit(half: u8) -> u8 {
        if half < 10 { b'0' + half } else { b'A' + half - 10 }
    }
    let mut escapes = [[0; 4]; 256];
    let mut byte = 0_u8;
    #[expect(clippy::indexing_slicing, reason = "computed at compile time")]
    loop {
        escapes[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'_' | b'.' => [byte, 0, 0, 1],
            b' ' => [b'+', 0, 0, 1],
            _ => [b'%', digit(byte >> 4), digit(byte & 15), 3],
        };
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    escapes
};

/// No value of a hexadecimal digit.
const NO_DIGIT: u8 = 0xff;

/// The values of hexadecimal digits, [`NO_DIGIT`] for all other bytes.
static DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    #[expect(clippy::indexing_slicing, reason = "computed at compile time")]
    while value < 16 {
        digits[b"0123456789ABCDEF"[value] as usize] = value as u8;
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

/// Encodes a text.
///
/// ```
/// assert_eq!(sign_core::form::encode("a b+c 中~*"), "a+b%2Bc+%E4%B8%AD%7E*");
/// ```
#[must_use]
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + text.len() / 2);
    encode_into(text, &mut encoded);
    encoded
}

/// Encodes a text at the end of another.
pub fn encode_into(text: &str, encoded: &mut String) {
    // Writing into a `String` cannot fail.
    let _ = write_encoded(text, encoded);
}

/// Shows a text form-encoded, without building it.
///
/// ```
/// use sign_core::form::Encoded;
/// assert_eq!(format!("data={}", Encoded("[{}]")), "data=%5B%7B%7D%5D");
/// ```
#[derive(Clone, Copy)]
pub struct Encoded<'a>(pub &'a str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_encoded(self.0, f)
    }
}

fn write_encoded(text: &str, out: &mut impl fmt::Write) -> fmt::Result {
    /// Bytes of text that are encoded before they are written.
    const PIECE: usize = 64;
    // The last byte is never part of the result, see below.
    let mut block = [0; PIECE * 3 + 1];
    for piece in text.as_bytes().chunks(PIECE) {
        let mut at = 0;
        for byte in piece {
            // All four bytes are copied, because that is one instruction; the next escape overwrites what is too much.
            // Neither lookup can fail: there are 256 escapes, and the block holds the longest for every byte.
            if let (Some(escape), Some(place)) = (ESCAPES.get(usize::from(*byte)), block.get_mut(at..at + 4))
            {
                place.copy_from_slice(escape);
                at += usize::from(escape[3]);
            }
        }
        // Escapes are ASCII.
        out.write_str(block.get(..at).and_then(|block| str::from_utf8(block).ok()).unwrap_or(""))?;
    }
    Ok(())
}

/// Why a text does not decode. Offsets are in bytes from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The text ends within a `%` escape.
    #[error("incomplete `%` escape at byte {at}")]
    Incomplete {
        /// Where the `%` stands.
        at: usize,
    },
    /// A `%` is not followed by two hexadecimal digits.
    #[error("`%` at byte {at} is not followed by two hexadecimal digits")]
    NotHex {
        /// Where the `%` stands.
        at: usize,
    },
    /// The decoded bytes are not UTF-8.
    #[error("what byte {at} and the next ones decode to is not UTF-8")]
    NotUtf8 {
        /// Where the first of them stands, still encoded.
        at: usize,
    },
}

impl DecodeError {
    /// The same in a text in which this one begins at byte `start`.
    const fn within(self, start: usize) -> Self {
        match self {
            Self::Incomplete { at } => Self::Incomplete { at: start + at },
            Self::NotHex { at } => Self::NotHex { at: start + at },
            Self::NotUtf8 { at } => Self::NotUtf8 { at: start + at },
        }
    }
}

/// Decodes a text: `+` is a space, `%XX` a byte, anything else stands for itself. Borrows where nothing changes.
///
/// # Errors
/// [`DecodeError`] for an escape that is none, and for bytes that are not UTF-8.
///
/// ```
/// use sign_core::form::{DecodeError, decode};
/// assert_eq!(decode("%7B%22a%22%3A+1%7D")?, "{\"a\": 1}");
/// assert_eq!(decode("a%4"), Err(DecodeError::Incomplete { at: 1 }));
/// # Ok::<(), DecodeError>(())
/// ```
pub fn decode(text: &str) -> Result<Cow<'_, str>, DecodeError> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Ok(Cow::Borrowed(text));
    }
    let mut decoded = vec![0; text.len()];
    let (mut rest, mut length) = (text.as_bytes(), 0);
    // There is a place for each byte, because no byte becomes more than one.
    for place in &mut decoded {
        let (byte, tail) = match rest {
            [] => break,
            [b'+', tail @ ..] => (b' ', tail),
            [b'%', high, low, tail @ ..] => {
                let (high, low) = (hex_value(*high), hex_value(*low));
                if high == NO_DIGIT || low == NO_DIGIT {
                    return Err(DecodeError::NotHex { at: text.len() - rest.len() });
                }
                (high << 4 | low, tail)
            }
            [b'%', ..] => return Err(DecodeError::Incomplete { at: text.len() - rest.len() }),
            [other, tail @ ..] => (*other, tail),
        };
        *place = byte;
        rest = tail;
        length += 1;
    }
    decoded.truncate(length);
    String::from_utf8(decoded)
        .map(Cow::Owned)
        .map_err(|error| DecodeError::NotUtf8 { at: encoded_at(text, error.utf8_error().valid_up_to()) })
}

/// Where in the encoded text this decoded byte comes from.
fn encoded_at(text: &str, decoded: usize) -> usize {
    let mut bytes = text.bytes().enumerate();
    for _ in 0..decoded {
        if let Some((_, b'%')) = bytes.next() {
            // Its two digits.
            bytes.nth(1);
        }
    }
    bytes.next().map_or(text.len(), |(at, _)| at)
}

/// Takes a query or a form's body apart, without a leading `?`: name and value of each pair, decoded, in order.
///
/// Pairs stand between `&`, names before the first `=`. A pair without `=` is a name with an empty value, as browsers
/// and `URLSearchParams` read it; empty pairs (`a=1&&b=2`) are skipped. A name may come more than once: what that
/// means is for the caller to say.
///
/// # Errors
/// Each pair may be a [`DecodeError`], whose offset is in the whole text; the pairs after it still follow.
///
/// ```
/// use sign_core::form::{DecodeError, pairs};
/// let all: Result<Vec<_>, _> = pairs("a=1%202&&b&c==").collect();
/// assert_eq!(all?, [("a".into(), "1 2".into()), ("b".into(), "".into()), ("c".into(), "=".into())]);
/// assert_eq!(pairs("a=1&b=%zz").last(), Some(Err(DecodeError::NotHex { at: 6 })));
/// # Ok::<(), DecodeError>(())
/// ```
pub fn pairs(text: &str) -> impl Iterator<Item = Result<(Cow<'_, str>, Cow<'_, str>), DecodeError>> {
    let mut next = 0;
    text.split('&')
        .map(move |pair| {
            let start = next;
            next += pair.len() + 1;
            (start, pair)
        })
        .filter(|(_, pair)| !pair.is_empty())
        .map(|(start, pair)| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let piece = |text, start| decode(text).map_err(|error| error.within(start));
            Ok((piece(name, start)?, piece(value, start + name.len() + 1)?))
        })
}

fn hex_value(digit: u8) -> u8 {
    // There are 256 values.
    DIGITS.get(usize::from(digit)).copied().unwrap_or(NO_DIGIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, vec::Vec};

    #[track_caller]
    fn check(text: &str, expected: Result<&str, DecodeError>) {
        assert_eq!(decode(text).as_deref(), expected.as_deref(), "`{text}`");
    }

    #[test]
    fn decoding_is_strict_and_says_where() {
        check("", Ok(""));
        check("中+文", Ok("中 文"));
        check("%e4%bd%a0", Ok("你"));
        check("%2525", Ok("%25"));
        check("%00", Ok("\0"));
        check("%", Err(DecodeError::Incomplete { at: 0 }));
        check("ab%4", Err(DecodeError::Incomplete { at: 2 }));
        check("%zz", Err(DecodeError::NotHex { at: 0 }));
        check("a%+1", Err(DecodeError::NotHex { at: 1 }));
        check("%-1", Err(DecodeError::NotHex { at: 0 }));
        check("%４１", Err(DecodeError::NotHex { at: 0 }));
        check("a%FF", Err(DecodeError::NotUtf8 { at: 1 }));
        check("%C0%80", Err(DecodeError::NotUtf8 { at: 0 }));
        check("%ED%A0%80", Err(DecodeError::NotUtf8 { at: 0 }));
        check("ok%E4%BD", Err(DecodeError::NotUtf8 { at: 2 }));
        check("%E4%BD%A0+%41%FF!", Err(DecodeError::NotUtf8 { at: 13 }));
        check("%E4%BD%A0中%E4", Err(DecodeError::NotUtf8 { at: 12 }));
    }

    #[track_caller]
    fn check_pairs(text: &str, expected: &[Result<(&str, &str), DecodeError>]) {
        let got: Vec<_> = pairs(text).collect();
        let got: Vec<_> = got
            .iter()
            .map(|pair| pair.as_ref().map(|(name, value)| (&**name, &**value)).map_err(|error| *error))
            .collect();
        assert_eq!(got, expected, "`{text}`");
    }

    #[test]
    fn pairs_are_decoded_and_mistakes_are_found_in_the_whole_text() {
        check_pairs("", &[]);
        check_pairs("&&", &[]);
        check_pairs("a=1&b=2", &[Ok(("a", "1")), Ok(("b", "2"))]);
        check_pairs("&a&&=b&=&c==&", &[Ok(("a", "")), Ok(("", "b")), Ok(("", "")), Ok(("c", "="))]);
        check_pairs("a=1&a=2", &[Ok(("a", "1")), Ok(("a", "2"))]);
        check_pairs("%61%3D=%26+%3D", &[Ok(("a=", "& ="))]);
        check_pairs("a=1&%zz=1", &[Ok(("a", "1")), Err(DecodeError::NotHex { at: 4 })]);
        check_pairs("a=1&bc=x%4", &[Ok(("a", "1")), Err(DecodeError::Incomplete { at: 8 })]);
        check_pairs("&&中=%41%FF&b=", &[Err(DecodeError::NotUtf8 { at: 9 }), Ok(("b", ""))]);
        check_pairs("b%", &[Err(DecodeError::Incomplete { at: 1 })]);
    }

    /// The plain version.
    fn encode_plainly(text: &str) -> String {
        let escape = |byte| match byte {
            b' ' => String::from("+"),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'_' | b'.' => char::from(byte).into(),
            _ => format!("%{byte:02X}"),
        };
        text.bytes().map(escape).collect()
    }

    #[test]
    fn the_table_agrees_with_the_plain_version() {
        let ascii: String = (0..=0x7f_u8).map(char::from).collect();
        let wide: String = ('\u{80}'..='\u{900}').chain("中～😀\u{10ffff}".chars()).collect();
        assert_eq!(encode(&ascii), encode_plainly(&ascii));
        assert_eq!(encode(&wide), encode_plainly(&wide));
        // Around the end of a piece.
        for length in 0..200 {
            let (escaped, kept) = ("%".repeat(length), "a".repeat(length));
            assert_eq!(encode(&escaped), "%25".repeat(length));
            assert_eq!(encode(&kept), kept);
        }
    }

    #[test]
    fn nothing_to_decode_is_borrowed() {
        assert!(matches!(decode("plain-text_1.*中"), Ok(Cow::Borrowed(_))));
    }
}
