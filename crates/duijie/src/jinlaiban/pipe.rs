//! Stdin that can be let go: whoever writes into a pipe may stay silent for ever.

use std::{
    io::{self, BufRead, Read},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, sync_channel},
    },
    thread,
    time::Duration,
};

/// Bytes that are read at once.
const CHUNK: usize = 1 << 16;
/// Chunks that are read ahead.
const AHEAD: usize = 4;
/// How often a reader that waits looks whether it should go on.
const LOOK: Duration = Duration::from_millis(50);

/// What a thread of its own reads.
pub(super) struct Pipe {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    /// So much of the chunk is taken.
    taken: usize,
    stop: Arc<AtomicBool>,
}

impl Pipe {
    /// Begins to read; ends with an error when `stop` is set. The thread is left to the end of the process.
    pub(super) fn new(mut input: impl Read + Send + 'static, stop: Arc<AtomicBool>) -> Self {
        let (sender, chunks) = sync_channel(AHEAD);
        thread::spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK];
                let read = match input.read(&mut chunk) {
                    Ok(0) => return,
                    Ok(length) => {
                        chunk.truncate(length);
                        Ok(chunk)
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => Err(error),
                };
                let broken = read.is_err();
                if sender.send(read).is_err() || broken {
                    return;
                }
            }
        });
        Self { chunks, chunk: Vec::new(), taken: 0, stop }
    }
}

impl BufRead for Pipe {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.taken >= self.chunk.len() {
            match self.chunks.recv_timeout(LOOK) {
                Ok(chunk) => (self.chunk, self.taken) = (chunk?, 0),
                // No end of the input: half a line must not be taken for a record.
                Err(RecvTimeoutError::Timeout) if self.stop.load(Ordering::Relaxed) => {
                    return Err(io::Error::other("stopped"));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(&[]),
            }
        }
        Ok(self.chunk.get(self.taken..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.taken = self.taken.saturating_add(amount).min(self.chunk.len());
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives this, then stays silent.
    struct Silent(&'static [u8]);

    impl Read for Silent {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => loop {
                    thread::park();
                },
                length => Ok(length),
            }
        }
    }

    #[test]
    fn everything_comes_through() {
        let text: String = (0..50_000).map(|number| format!("{number}\n")).collect();
        let mut pipe = Pipe::new(io::Cursor::new(text.clone()), Arc::default());
        let mut got = String::new();
        pipe.read_to_string(&mut got).unwrap();
        assert!(got == text);
        assert_eq!(pipe.read(&mut [0; 8]).unwrap(), 0);
    }

    #[test]
    fn a_silent_pipe_is_let_go() {
        let stop = Arc::new(AtomicBool::new(false));
        let mut pipe = Pipe::new(Silent(b"one\nhal"), Arc::clone(&stop));
        let mut line = String::new();
        pipe.read_line(&mut line).unwrap();
        assert_eq!(line, "one\n");
        stop.store(true, Ordering::Relaxed);
        assert_eq!(pipe.read_line(&mut line).unwrap_err().kind(), io::ErrorKind::Other);
    }
}
