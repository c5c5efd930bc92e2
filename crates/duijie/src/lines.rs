//! Lines in, lines out: in order, in bounded memory, and without keeping a waiting reader waiting.

use std::io::{self, BufRead as _, BufReader, BufWriter, ErrorKind, Read, Write};

use crate::exit::{Exit, Failure};

/// The longest line that is looked at, in bytes. Of a longer one, one byte more is handed over: enough to see that it is
/// too long.
pub(crate) const MAX_LINE: usize = 16 * 1024 * 1024;

/// Answers stdin line by line on stdout. Exit 1 when `answer` calls any line a failure.
pub(crate) fn answer_stdin(
    answer: impl FnMut(u64, &[u8], &mut dyn Write) -> io::Result<Exit>,
) -> Result<Exit, Failure> {
    let input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    let out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match each(input, out, answer) {
        Ok(exit) => Ok(exit),
        // A reader that has closed the pipe has what it wanted.
        Err(Side::Out(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(Exit::Done),
        Err(Side::Out(error)) => Err(Failure::failed(format!("cannot write the answers: {error}"))),
        Err(Side::In(error)) => Err(Failure::failed(format!("cannot read stdin: {error}"))),
    }
}

#[derive(Debug)]
enum Side {
    In(io::Error),
    Out(io::Error),
}

/// Lines are counted from 1, those that are blank too; blank ones get no answer. Nothing but the line's end is taken
/// off: the rest is for JSON to judge.
fn each<R: Read, W: Write>(
    mut input: BufReader<R>,
    mut out: W,
    mut answer: impl FnMut(u64, &[u8], &mut dyn Write) -> io::Result<Exit>,
) -> Result<Exit, Side> {
    let (mut exit, mut line, mut number) = (Exit::Done, Vec::new(), 0_u64);
    loop {
        // Whoever writes the next line may wait for the answers so far.
        if !input.buffer().contains(&b'\n') {
            out.flush().map_err(Side::Out)?;
        }
        line.clear();
        let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX).saturating_add(1);
        if input.by_ref().take(limit).read_until(b'\n', &mut line).map_err(Side::In)? == 0 {
            out.flush().map_err(Side::Out)?;
            return Ok(exit);
        }
        if line.len() > MAX_LINE && line.last() != Some(&b'\n') {
            input.skip_until(b'\n').map_err(Side::In)?;
        }
        number = number.saturating_add(1);
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        // Windows programs begin a file with a mark that is no part of its text.
        let text = text.strip_prefix(b"\xef\xbb\xbf").filter(|_| number == 1).unwrap_or(text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let blank = text.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
        if !blank && answer(number, text, &mut out).map_err(Side::Out)? == Exit::Failed {
            exit = Exit::Failed;
        }
    }
}

/// Answers a text, for tests.
#[cfg(test)]
pub(crate) fn answers(
    input: &str,
    answer: impl FnMut(u64, &[u8], &mut dyn Write) -> io::Result<Exit>,
) -> (String, Exit) {
    let mut out = Vec::new();
    let exit = each(BufReader::new(input.as_bytes()), &mut out, answer).unwrap();
    (String::from_utf8(out).unwrap(), exit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo(number: u64, line: &[u8], out: &mut dyn Write) -> io::Result<Exit> {
        writeln!(out, "{number} {}", String::from_utf8_lossy(line))?;
        Ok(if line == b"bad" { Exit::Failed } else { Exit::Done })
    }

    #[test]
    fn blank_lines_count_and_get_no_answer() {
        assert_eq!(answers("", echo), (String::new(), Exit::Done));
        assert_eq!(answers("\n \t\r\na\r\n\nb", echo), ("3 a\n5 b\n".to_owned(), Exit::Done));
        assert_eq!(answers("\u{feff}a\n", echo), ("1 a\n".to_owned(), Exit::Done));
        assert_eq!(answers(" a \n\u{c}\n", echo), ("1  a \n2 \u{c}\n".to_owned(), Exit::Done));
        assert_eq!(answers("bad\na\n", echo), ("1 bad\n2 a\n".to_owned(), Exit::Failed));
    }

    /// Gives one line at a time, and sees what was answered before it gives the next.
    struct Partner<'a>(Vec<&'static [u8]>, &'a std::cell::RefCell<Vec<u8>>);

    impl Read for Partner<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some(line) = self.0.pop() else { return Ok(0) };
            let answered = self.1.borrow().iter().filter(|byte| **byte == b'\n').count();
            assert_eq!(answered, 2 - self.0.len(), "the answer before is still on its way");
            buffer[..line.len()].copy_from_slice(line);
            Ok(line.len())
        }
    }

    struct Shared<'a>(&'a std::cell::RefCell<Vec<u8>>);

    impl Write for Shared<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_partner_that_waits_for_each_answer_gets_it() {
        let seen = std::cell::RefCell::new(Vec::new());
        let partner = Partner(vec![b"c\n", b"b\n", b"a\n"], &seen);
        each(BufReader::new(partner), BufWriter::new(Shared(&seen)), echo).unwrap();
        assert_eq!(seen.into_inner(), b"1 a\n2 b\n3 c\n");
    }

    #[test]
    fn which_side_failed_is_told() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("no"))
            }
        }
        assert!(matches!(each(BufReader::new(Broken), Vec::new(), echo), Err(Side::In(_))));
    }
}
