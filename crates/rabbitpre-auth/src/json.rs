//! The strict reader: what is not JSON, too large, too deep or said twice is refused (SPEC.md §4.10, Limits).
//!
//! Written by hand, because three things must hold that `serde_json` does not give together: digits as
//! written, doubled members refused, and a depth of our choosing. A test holds it against `serde_json`.

use std::borrow::Cow;

use crate::value::{Number, Object, Value};

/// The largest body, in bytes: 1 MiB (SPEC.md §4.10, Limits).
pub const MAX_BODY: usize = 1 << 20;

/// The deepest nesting; every list and object counts, the body is 1 (SPEC.md §4.10, Limits).
pub const MAX_DEPTH: usize = 64;

/// Why a body could not be read. Never holds any of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// More than [`MAX_BODY`] bytes.
    #[error("the body has more than {MAX_BODY} bytes; send less")]
    TooLarge,
    /// Lists and objects nested more than [`MAX_DEPTH`] deep.
    #[error("lists and objects are nested deeper than {MAX_DEPTH} at byte {at}; send a flatter body")]
    TooDeep {
        /// Byte offset of the list or object that is too deep.
        at: usize,
    },
    /// An object names a member twice (RP-8).
    #[error("the object that ends at byte {at} names a member twice; name it once")]
    DoubledMember {
        /// Byte offset of the object's end.
        at: usize,
    },
    /// A `\u` escape is half of a surrogate pair, without the other half.
    #[error(
        "the escape before byte {at} is half of a surrogate pair; write both halves, or the character itself"
    )]
    LoneSurrogate {
        /// Byte offset behind the escape.
        at: usize,
    },
    /// Not JSON, or not UTF-8.
    #[error("the body is not JSON at byte {at}: {what}")]
    NotJson {
        /// Byte offset where reading stopped.
        at: usize,
        /// What was wrong there.
        what: &'static str,
    },
}

/// Reads one JSON value; it borrows from the body wherever no escape had to be resolved.
///
/// # Errors
/// [`ReadError`]: too large, too deep, a doubled member, a lone surrogate, or not JSON at all.
pub fn read(body: &[u8]) -> Result<Value<'_>, ReadError> {
    if body.len() > MAX_BODY { Err(ReadError::TooLarge) } else { read_file(body) }
}

/// The same for a file that its owner wrote, which may be of any size.
pub(crate) fn read_file(json: &[u8]) -> Result<Value<'_>, ReadError> {
    let text = std::str::from_utf8(json)
        .map_err(|error| ReadError::NotJson { at: error.valid_up_to(), what: "not UTF-8" })?;
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = reader.value()?;
    reader.blank();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.wrong("something follows the value")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    const fn wrong(&self, what: &'static str) -> ReadError {
        ReadError::NotJson { at: self.at, what }
    }

    fn since(&self, start: usize) -> Result<&'a str, ReadError> {
        self.text.get(start..self.at).ok_or_else(|| self.wrong("a character is cut in two"))
    }

    fn value(&mut self) -> Result<Value<'a>, ReadError> {
        self.blank();
        match self.peek() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(_) => Err(self.wrong("no value begins here")),
            None => Err(self.wrong("it ends where a value is due")),
        }
    }

    /// The recursion is bounded by [`MAX_DEPTH`], so the stack is too.
    fn nested(
        &mut self,
        read: fn(&mut Self) -> Result<Value<'a>, ReadError>,
    ) -> Result<Value<'a>, ReadError> {
        if self.depth == MAX_DEPTH {
            return Err(ReadError::TooDeep { at: self.at });
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn list(&mut self) -> Result<Value<'a>, ReadError> {
        let mut items = Vec::new();
        self.blank();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value()?);
            self.blank();
            match self.next() {
                Some(b',') => {}
                Some(b']') => return Ok(Value::List(items)),
                _ => return Err(self.wrong("a list goes on with `,` or ends with `]`")),
            }
        }
    }

    fn object(&mut self) -> Result<Value<'a>, ReadError> {
        let mut members = Vec::new();
        self.blank();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(Object::default()));
        }
        loop {
            self.blank();
            if self.peek() != Some(b'"') {
                return Err(self.wrong("a member's name is a text"));
            }
            let name = self.string()?;
            self.blank();
            if self.next() != Some(b':') {
                return Err(self.wrong("`:` is due after a member's name"));
            }
            members.push((name, self.value()?));
            self.blank();
            match self.next() {
                Some(b',') => {}
                Some(b'}') => break,
                _ => return Err(self.wrong("an object goes on with `,` or ends with `}`")),
            }
        }
        // RP-8: names are compared after their escapes are resolved.
        Object::unique(members).map(Value::Object).ok_or(ReadError::DoubledMember { at: self.at })
    }

    fn word(&mut self, word: &'static str, value: Value<'a>) -> Result<Value<'a>, ReadError> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(self.wrong("no value begins here"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn digits(&mut self) -> Result<(), ReadError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.wrong("a digit is due")) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Value<'a>, ReadError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Value::Number(Number::written(self.since(start)?)))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, ReadError> {
        self.at += 1;
        let mut start = self.at;
        let mut built = String::new();
        loop {
            match self.peek() {
                Some(b'"') => {
                    let last = self.since(start)?;
                    self.at += 1;
                    if built.is_empty() {
                        return Ok(Cow::Borrowed(last));
                    }
                    built.push_str(last);
                    return Ok(Cow::Owned(built));
                }
                Some(b'\\') => {
                    built.push_str(self.since(start)?);
                    self.at += 1;
                    built.push(self.escape()?);
                    start = self.at;
                }
                Some(0..=0x1f) => return Err(self.wrong("a control character in a text is escaped")),
                Some(_) => self.at += 1,
                None => return Err(self.wrong("it ends within a text")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, ReadError> {
        match self.next() {
            Some(b'"') => Ok('"'),
            Some(b'\\') => Ok('\\'),
            Some(b'/') => Ok('/'),
            Some(b'b') => Ok('\u{8}'),
            Some(b'f') => Ok('\u{c}'),
            Some(b'n') => Ok('\n'),
            Some(b'r') => Ok('\r'),
            Some(b't') => Ok('\t'),
            Some(b'u') => self.code_point(),
            _ => Err(self.wrong("no such escape")),
        }
    }

    /// `\uXXXX`, or two of them that make a surrogate pair.
    fn code_point(&mut self) -> Result<char, ReadError> {
        let first = self.four_hex()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            if (self.next(), self.next()) != (Some(b'\\'), Some(b'u')) {
                return Err(ReadError::LoneSurrogate { at: self.at });
            }
            let second = self.four_hex()?;
            if !(0xdc00..0xe000).contains(&second) {
                return Err(ReadError::LoneSurrogate { at: self.at });
            }
            0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        // What is left that is no character is the second half of a pair, alone.
        char::from_u32(code).ok_or(ReadError::LoneSurrogate { at: self.at })
    }

    fn four_hex(&mut self) -> Result<u32, ReadError> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.next().and_then(|byte| char::from(byte).to_digit(16));
            code = code * 16 + digit.ok_or_else(|| self.wrong("four hex digits are due"))?;
        }
        Ok(code)
    }
}
