//! What a reader of JSON does at every place: blanks, texts, numbers, words.

use std::borrow::Cow;

use super::{MAX_DEPTH, ReadError};
use crate::object::Member;
use crate::value::{Number, Value};

/// Reads a body from front to back. What it has read of lists and objects that have not ended yet waits in it.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    pub(crate) items: Vec<Value<'a>>,
    pub(crate) built: Vec<Member<'a>>,
    /// Names of objects that are not built.
    pub(crate) names: Vec<Cow<'a, str>>,
}

impl<'a> Reader<'a> {
    /// Begins a text, which is UTF-8.
    pub(crate) fn new(json: &'a [u8]) -> Result<Self, ReadError> {
        let text = match simdutf8::basic::from_utf8(json) {
            Ok(text) => text,
            // Where it goes wrong is asked only if it does.
            Err(_) => std::str::from_utf8(json)
                .map_err(|error| ReadError::NotJson { at: error.valid_up_to(), what: "not UTF-8" })?,
        };
        // What an ordinary body needs.
        let (items, built, names) = (Vec::with_capacity(32), Vec::with_capacity(32), Vec::new());
        Ok(Reader { text, at: 0, depth: 0, items, built, names })
    }

    /// Begins a text that has been read before, or a part of one that begins with a value.
    pub(crate) const fn over(text: &'a str) -> Self {
        Reader { text, at: 0, depth: 0, items: Vec::new(), built: Vec::new(), names: Vec::new() }
    }

    /// In a list that has been read before: goes on to the next element, or behind the list.
    pub(crate) fn another(&mut self) -> bool {
        self.blank();
        if self.peek() == Some(b'[') || self.peek() == Some(b',') {
            self.at += 1;
            self.blank();
        }
        if self.peek() == Some(b']') {
            self.at += 1;
            return false;
        }
        self.peek().is_some()
    }

    /// Nothing may follow the value.
    pub(crate) fn end(&mut self) -> Result<(), ReadError> {
        self.blank();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.wrong("something follows the value")),
        }
    }

    /// Where it stands, in bytes.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// What has not been read.
    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Goes on behind so many bytes, which the caller knows to be a value.
    pub(crate) const fn pass(&mut self, bytes: usize) {
        self.at += bytes;
    }

    #[inline]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    pub(crate) fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    pub(crate) fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    #[cold]
    pub(crate) const fn wrong(&self, what: &'static str) -> ReadError {
        ReadError::NotJson { at: self.at, what }
    }

    pub(crate) fn since(&self, start: usize) -> Result<&'a str, ReadError> {
        self.text.get(start..self.at).ok_or_else(|| self.wrong("a character is cut in two"))
    }

    /// What is between the brackets of a list or object, which is not too deep. The recursion is bounded by
    /// [`MAX_DEPTH`], so the stack is too.
    #[inline]
    pub(crate) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        if self.depth == MAX_DEPTH {
            return Err(ReadError::TooDeep { at: self.at });
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    /// Reads the elements of a list with `element`, up to the bracket behind them.
    #[inline]
    pub(crate) fn elements(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        self.blank();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            element(self)?;
            self.blank();
            match self.next() {
                Some(b',') => {}
                Some(b']') => return Ok(()),
                _ => return Err(self.wrong("a list goes on with `,` or ends with `]`")),
            }
        }
    }

    /// Reads the members of an object with `value`, which is given the name, up to the bracket behind them.
    #[inline]
    pub(crate) fn members(
        &mut self,
        mut value: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        self.blank();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
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
            value(self, name)?;
            self.blank();
            match self.next() {
                Some(b',') => {}
                Some(b'}') => return Ok(()),
                _ => return Err(self.wrong("an object goes on with `,` or ends with `}`")),
            }
        }
    }

    /// A value that is neither list nor object.
    #[inline]
    pub(crate) fn scalar(&mut self) -> Result<Value<'a>, ReadError> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(_) => Err(self.wrong("no value begins here")),
            None => Err(self.wrong("it ends where a value is due")),
        }
    }

    fn word(&mut self, word: &'static str, value: Value<'a>) -> Result<Value<'a>, ReadError> {
        if !self.rest().starts_with(word.as_bytes()) {
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

    #[inline]
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, ReadError> {
        let start = self.at + 1;
        if let Some(text) = self.unescaped() {
            return Ok(Cow::Borrowed(text));
        }
        self.escaped(start).map(Cow::Owned)
    }

    /// A text that nobody will look at.
    #[inline]
    pub(crate) fn skip_string(&mut self) -> Result<(), ReadError> {
        let start = self.at + 1;
        self.at = start + plain(self.behind(start));
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(());
        }
        self.escaped(start).map(drop)
    }

    /// The text that begins here, in a value that has been read before, if it is one without escapes; else nothing is
    /// passed.
    #[inline]
    pub(crate) fn text_again(&mut self) -> Option<&'a str> {
        let start = self.at;
        if self.peek() == Some(b'"')
            && let Some(text) = self.unescaped()
        {
            return Some(text);
        }
        self.at = start;
        None
    }

    /// The text that begins here, if it has no escapes; else where it stands is behind what has none.
    #[inline]
    pub(crate) fn unescaped(&mut self) -> Option<&'a str> {
        let start = self.at + 1;
        self.at = start + plain(self.behind(start));
        if self.peek() != Some(b'"') {
            return None;
        }
        let text = self.text.get(start..self.at);
        self.at += 1;
        text
    }

    #[inline]
    fn behind(&self, start: usize) -> &'a [u8] {
        self.text.as_bytes().get(start..).unwrap_or_default()
    }

    /// The rest of a text that began at `start` and does not end where it stands.
    #[cold]
    fn escaped(&mut self, mut start: usize) -> Result<String, ReadError> {
        let mut built = String::new();
        loop {
            match self.peek() {
                Some(b'"') => {
                    built.push_str(self.since(start)?);
                    self.at += 1;
                    built.shrink_to_fit();
                    return Ok(built);
                }
                Some(b'\\') => {
                    built.push_str(self.since(start)?);
                    self.at += 1;
                    built.push(self.escape()?);
                    start = self.at;
                }
                Some(0..=0x1f) => return Err(self.wrong("a control character in a text is escaped")),
                Some(_) => self.at += plain(self.rest()).max(1),
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

/// How many bytes there are before a quote, a backslash or a control character. Eight are looked at at a time.
#[inline]
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // The high bit of the first byte that is 0, and maybe of some behind it.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let mut count = 0;
    let mut rest = bytes;
    while let Some((piece, behind)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*piece);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let hits = zero(word ^ (ONES * 0x22)) | zero(word ^ (ONES * 0x5c)) | control;
        if hits != 0 {
            return count + usize::try_from(hits.trailing_zeros() / 8).unwrap_or(0);
        }
        count += 8;
        rest = behind;
    }
    count + rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)).count()
}
