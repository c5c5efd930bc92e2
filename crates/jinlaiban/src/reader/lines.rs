//! Lines of bounded length.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read as _};

use super::MAX_RECORD_BYTES;

/// How much is kept of a line that is too long, in bytes: enough to recognise it.
const KEPT: usize = 256;

/// A line with its end.
pub(super) struct Line {
    /// Counted from 1.
    pub(super) number: u64,
    pub(super) text: Vec<u8>,
    /// False when it is longer than [`MAX_RECORD_BYTES`]: then the text is its beginning.
    pub(super) whole: bool,
}

impl Line {
    pub(super) fn is_blank(&self) -> bool {
        self.text.trim_ascii().is_empty()
    }
}

pub(super) struct Lines<R> {
    input: R,
    number: u64,
    /// Lines that were read and given back.
    again: VecDeque<Line>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, number: 0, again: VecDeque::new() }
    }

    /// The next line; [`None`] at the end.
    pub(super) fn next_line(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.again.pop_front() {
            return Ok(Some(line));
        }
        let mut text = Vec::new();
        // One byte more, for the line's end.
        let limit = u64::try_from(MAX_RECORD_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        if self.input.by_ref().take(limit).read_until(b'\n', &mut text)? == 0 {
            return Ok(None);
        }
        self.number = self.number.saturating_add(1);
        let whole = text.len() <= MAX_RECORD_BYTES || text.last() == Some(&b'\n');
        if !whole {
            self.input.skip_until(b'\n')?;
            text.truncate(KEPT);
            text.shrink_to_fit();
        }
        // Windows programs begin a file with a mark that is no part of its text.
        if self.number == 1 && text.starts_with(BOM) {
            text.drain(..BOM.len());
        }
        Ok(Some(Line { number: self.number, text, whole }))
    }

    /// The next line that is not blank.
    pub(super) fn next_filled(&mut self) -> io::Result<Option<Line>> {
        loop {
            match self.next_line()? {
                Some(line) if line.whole && line.is_blank() => {}
                other => return Ok(other),
            }
        }
    }

    /// Takes lines back, to be read again.
    pub(super) fn give_back(&mut self, lines: Vec<Line>) {
        for line in lines.into_iter().rev() {
            self.again.push_front(line);
        }
    }
}

/// The byte order mark.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";
