//! The elements of a JSON array, found one by one.

use std::io::BufRead;

use super::lines::BOM;
use super::{Entry, MAX_RECORD_BYTES, ReadError};
use crate::record::RecordFault;

/// How much is kept of an element that is too long, in bytes: enough to recognise it.
const KEPT: usize = 256;

pub(super) struct Array<R> {
    input: R,
    /// Line breaks so far.
    breaks: u64,
    /// Elements so far.
    elements: u64,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing was read.
    Fresh,
    /// Behind `[`: an element or the end.
    Opened,
    /// Behind `,`: an element.
    Next,
    /// Behind `]`.
    Closed,
}

/// An element that is being read. Brackets are counted, texts are skipped; whether it is JSON is judged afterwards.
#[derive(Default)]
struct Element {
    text: Vec<u8>,
    depth: u64,
    in_text: bool,
    escaped: bool,
    too_long: bool,
}

impl Element {
    /// Takes what belongs to the element; says how many bytes those are, and whether the next byte ends it.
    fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        let (mut length, mut ended) = (bytes.len(), false);
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_text => self.escaped = true,
                b'"' => self.in_text = !self.in_text,
                _ if self.in_text => {}
                b',' | b']' if self.depth == 0 => {
                    (length, ended) = (at, true);
                    break;
                }
                b'[' | b'{' => self.depth = self.depth.saturating_add(1),
                b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        let taken = bytes.get(..length).unwrap_or(bytes);
        if self.too_long || self.text.len().saturating_add(taken.len()) > MAX_RECORD_BYTES {
            self.text.extend_from_slice(taken.get(..KEPT).unwrap_or(taken));
            self.text.truncate(KEPT);
            self.too_long = true;
        } else {
            self.text.extend_from_slice(taken);
        }
        (length, ended)
    }
}

impl<R: BufRead> Array<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, breaks: 0, elements: 0, state: State::Fresh }
    }

    /// The next element; [`None`] behind the array.
    pub(super) fn next_entry(&mut self) -> Result<Option<Entry>, ReadError> {
        if self.state == State::Fresh {
            // Byte by byte, because a pipe may bring them so. Part of a mark is no `[` either.
            for byte in BOM {
                if self.input.fill_buf().map_err(ReadError::Io)?.first() == Some(byte) {
                    self.input.consume(1);
                }
            }
            match self.visible()? {
                Some(b'[') => self.step(State::Opened),
                Some(_) => return Err(self.broken("it does not begin with `[`")),
                None => return Err(self.broken("it is empty")),
            }
        }
        match (self.state, self.visible()?) {
            (State::Closed, None) => return Ok(None),
            (State::Closed, Some(_)) => return Err(self.broken("something stands behind the closing `]`")),
            (State::Opened, Some(b']')) => {
                self.step(State::Closed);
                return self.next_entry();
            }
            (_, None) => return Err(self.broken("the closing `]` is missing")),
            (_, Some(b',' | b']')) => return Err(self.broken("no record stands beside a comma")),
            (_, Some(_)) => {}
        }
        self.element().map(Some)
    }

    fn element(&mut self) -> Result<Entry, ReadError> {
        let mut element = Element::default();
        loop {
            let bytes = self.input.fill_buf().map_err(ReadError::Io)?;
            if bytes.is_empty() {
                return Err(self.broken("the file ends within it"));
            }
            let (length, ended) = element.take(bytes);
            let closed = ended && bytes.get(length) == Some(&b']');
            self.breaks = self.breaks.saturating_add(breaks(bytes.get(..length).unwrap_or(bytes)));
            self.input.consume(length);
            if ended {
                self.step(if closed { State::Closed } else { State::Next });
                break;
            }
        }
        let end = element.text.trim_ascii_end().len();
        element.text.truncate(end);
        let number = self.elements.saturating_add(1);
        let entry = Entry::of_element(number, element.text, !element.too_long);
        // Brackets and quotes decide where an element ends: where it is no JSON, they cannot be trusted.
        if let Entry::Rejected(rejected) = &entry
            && let RecordFault::Json { what, .. } = rejected.reason()
        {
            let what = what.clone();
            return Err(self.broken(&what));
        }
        self.elements = number;
        Ok(entry)
    }

    /// The next byte that is no white space, without taking it.
    fn visible(&mut self) -> Result<Option<u8>, ReadError> {
        loop {
            let bytes = self.input.fill_buf().map_err(ReadError::Io)?;
            if bytes.is_empty() {
                return Ok(None);
            }
            let blank = bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
            let found = bytes.get(blank).copied();
            self.breaks = self.breaks.saturating_add(breaks(bytes.get(..blank).unwrap_or(bytes)));
            self.input.consume(blank);
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Takes the one byte that leads there.
    fn step(&mut self, state: State) {
        self.input.consume(1);
        self.state = state;
    }

    fn broken(&self, what: &str) -> ReadError {
        ReadError::Array {
            record: self.elements.saturating_add(1),
            line: self.breaks.saturating_add(1),
            what: what.to_owned(),
        }
    }
}

fn breaks(bytes: &[u8]) -> u64 {
    let count = bytes.iter().filter(|byte| **byte == b'\n').count();
    u64::try_from(count).unwrap_or(u64::MAX)
}
