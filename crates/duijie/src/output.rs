//! Results on stdout: buffered, and calm when the reader has gone.

use std::io::{self, BufWriter, ErrorKind, Write};

use serde::Serialize;

use crate::exit::{Exit, Failure};

/// Writes a whole result. A reader that has closed the pipe (`… | head`) has what it wanted.
pub(crate) fn whole(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Exit, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Ok(()) => Ok(Exit::Done),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Exit::Done),
        Err(error) => Err(Failure::failed(format!("cannot write the result: {error}"))),
    }
}

/// Writes one JSON document.
pub(crate) fn json(document: &impl Serialize) -> Result<Exit, Failure> {
    whole(|out| {
        serde_json::to_writer_pretty(&mut *out, document)?;
        writeln!(out)
    })
}
