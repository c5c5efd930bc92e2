//! A request body put together from frames and contents, streamed; and what is known of each content afterwards.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::{Stream, stream};
use platform_http::{Body, ErrorKind, TransportError};
use sign_core::{Digest, Hasher, Md5};

use super::Progress;
use super::content::{ContentError, Opened, Pieces};
use crate::Error;

/// What was sent of one content.
#[derive(Debug, Clone)]
pub(super) struct Sum {
    pub(super) length: u64,
    pub(super) digest: Digest,
}

/// Is told by the body, which the connection owns, how its contents went.
#[derive(Clone, Default)]
pub(super) struct Ledger(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    sums: Vec<Sum>,
    fault: Option<ContentError>,
}

impl Ledger {
    fn with<T>(&self, change: impl FnOnce(&mut Entries) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The sums of the contents that were read to their end, in their order.
    pub(super) fn sums(&self) -> Vec<Sum> {
        self.with(|entries| entries.sums.clone())
    }

    /// A call that failed for its content says what was wrong with it; any other error stays.
    pub(super) fn blame(&self, error: TransportError) -> Error {
        let fault = match error.kind() {
            ErrorKind::RequestBody => self.with(|entries| entries.fault.take()),
            _ => None,
        };
        match fault {
            Some(fault) => Error::Content { fault, outcome: error.outcome() },
            None => error.into(),
        }
    }
}

/// How content travels.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    /// RFC 4648, padded.
    Base64,
}

impl Coding {
    /// Bytes on the wire.
    fn length(self, content: u64) -> Option<u64> {
        match self {
            Self::Plain => Some(content),
            Self::Base64 => content.div_ceil(3).checked_mul(4),
        }
    }
}

enum Segment {
    Frame(Bytes),
    Content { opened: Opened, coding: Coding, progress: Option<Progress> },
}

/// A body under construction.
pub(super) struct Assembly {
    segments: VecDeque<Segment>,
    /// [`None`] as soon as one content does not know its length.
    length: Option<u64>,
    ledger: Ledger,
}

impl Assembly {
    pub(super) fn new() -> Self {
        Self { segments: VecDeque::new(), length: Some(0), ledger: Ledger::default() }
    }

    fn push(&mut self, segment: Segment, length: Option<u64>) {
        self.length = self.length.zip(length).and_then(|(sum, length)| sum.checked_add(length));
        self.segments.push_back(segment);
    }

    pub(super) fn frame(&mut self, bytes: Bytes) {
        let length = u64::try_from(bytes.len()).ok();
        self.push(Segment::Frame(bytes), length);
    }

    pub(super) fn content(&mut self, opened: Opened, coding: Coding, progress: Option<Progress>) {
        let length = opened.length.and_then(|length| coding.length(length));
        self.push(Segment::Content { opened, coding, progress }, length);
    }

    pub(super) fn finish(self) -> (Body, Ledger) {
        let (length, ledger) = (self.length, self.ledger.clone());
        (Body::stream(self.stream(), length), ledger)
    }

    fn stream(self) -> Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>> {
        let Self { segments, ledger, .. } = self;
        let running = Running { segments, ledger, current: None };
        Box::pin(stream::unfold(running, |mut running| async move {
            let next = running.next().await?;
            Some((next, running))
        }))
    }
}

/// A body that is being sent.
struct Running {
    segments: VecDeque<Segment>,
    ledger: Ledger,
    current: Option<Current>,
}

/// The content that is being sent.
struct Current {
    pieces: Pieces,
    coder: Coder,
    progress: Option<Progress>,
    total: Option<u64>,
    given: u64,
    hasher: Hasher<Md5>,
}

impl Running {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if let Some(mut current) = self.current.take() {
                match current.pieces.next().await {
                    Ok(Some(piece)) => {
                        let coded = current.take(&piece);
                        self.current = Some(current);
                        // Base64 of a piece shorter than three bytes may be nothing yet.
                        if !coded.is_empty() {
                            return Some(Ok(coded));
                        }
                    }
                    Ok(None) => {
                        let sum = Sum { length: current.given, digest: current.hasher.finish() };
                        self.ledger.with(|entries| entries.sums.push(sum));
                        let rest = current.coder.finish();
                        if !rest.is_empty() {
                            return Some(Ok(rest));
                        }
                    }
                    Err(fault) => {
                        self.ledger.with(|entries| entries.fault = Some(fault));
                        self.segments.clear();
                        // Says nothing: the ledger knows, and an error on its way through others may be logged.
                        return Some(Err(io::ErrorKind::Other.into()));
                    }
                }
                continue;
            }
            match self.segments.pop_front()? {
                Segment::Frame(bytes) => return Some(Ok(bytes)),
                Segment::Content { opened, coding, progress } => {
                    self.current = Some(Current {
                        total: opened.length,
                        pieces: opened.pieces(),
                        coder: Coder { coding, carry: Vec::new() },
                        progress,
                        given: 0,
                        hasher: Hasher::new(),
                    });
                }
            }
        }
    }
}

impl Current {
    /// Hashes the piece, tells of it, and gives it as it travels.
    fn take(&mut self, piece: &Bytes) -> Bytes {
        self.hasher.update(piece);
        self.given = self.given.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if let Some(progress) = &self.progress {
            progress(self.given, self.total);
        }
        self.coder.code(piece)
    }
}

struct Coder {
    coding: Coding,
    /// Up to two bytes that wait for a third.
    carry: Vec<u8>,
}

impl Coder {
    fn code(&mut self, piece: &Bytes) -> Bytes {
        if self.coding == Coding::Plain {
            return piece.clone();
        }
        let mut text = String::with_capacity(piece.len().div_ceil(3).saturating_mul(4).saturating_add(4));
        // What waited is filled up first, so that the rest is coded where it lies.
        let missing = match self.carry.len() {
            0 => 0,
            waiting => 3_usize.saturating_sub(waiting).min(piece.len()),
        };
        let (head, rest) = piece.split_at(missing);
        self.carry.extend_from_slice(head);
        if self.carry.len() == 3 {
            STANDARD.encode_string(&self.carry, &mut text);
            self.carry.clear();
        }
        let (whole, left) = rest.split_at(rest.len().saturating_sub(rest.len() % 3));
        STANDARD.encode_string(whole, &mut text);
        self.carry.extend_from_slice(left);
        Bytes::from(text)
    }

    fn finish(self) -> Bytes {
        Bytes::from(STANDARD.encode(self.carry))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;

    use super::super::Content;
    use super::*;

    fn run(parts: Vec<(Content, Coding)>) -> (Result<Vec<u8>, io::Error>, Option<u64>, Ledger) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let mut assembly = Assembly::new();
            assembly.frame(Bytes::from_static(b"<"));
            for (content, coding) in parts {
                assembly.content(content.open().await.unwrap(), coding, None);
                assembly.frame(Bytes::from_static(b">"));
            }
            let (length, ledger) = (assembly.length, assembly.ledger.clone());
            let mut pieces = assembly.stream();
            let mut whole = Vec::new();
            while let Some(piece) = pieces.next().await {
                match piece {
                    Ok(piece) => whole.extend_from_slice(&piece),
                    Err(error) => return (Err(error), length, ledger),
                }
            }
            (Ok(whole), length, ledger)
        })
    }

    /// A reader that gives a byte at a time.
    struct Drip(io::Cursor<Vec<u8>>);

    impl tokio::io::AsyncRead for Drip {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            buffer: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            let mut one = [0];
            if io::Read::read(&mut self.0, &mut one)? == 1 {
                buffer.put_slice(&one);
            }
            std::task::Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn base64_is_the_same_however_the_content_is_cut() {
        for length in (0..20_usize).chain([65_535, 65_536, 65_537, 200_001]) {
            let bytes: Vec<u8> = (0..length).map(|at| at.to_le_bytes()[0]).collect();
            let expected = format!("<{}>", STANDARD.encode(&bytes));
            let drip = Content::reader(Drip(io::Cursor::new(bytes.clone())), length as u64);
            for content in [Content::from(bytes.clone()), drip] {
                let (whole, announced, ledger) = run(vec![(content, Coding::Base64)]);
                assert_eq!(whole.unwrap(), expected.as_bytes(), "{length}");
                assert_eq!(announced, Some(expected.len() as u64));
                let [sum] = &ledger.sums()[..] else { panic!("not one sum") };
                assert_eq!(sum.length, length as u64);
                assert_eq!(sum.digest.as_bytes(), Hasher::<Md5>::of(&bytes).as_bytes());
            }
        }
    }

    #[test]
    fn contents_follow_one_another_and_the_first_fault_ends_the_body() {
        let (whole, length, ledger) =
            run(vec![(vec![b'a'; 3].into(), Coding::Plain), (vec![b'b'; 2].into(), Coding::Plain)]);
        assert_eq!((whole.unwrap(), length), (b"<aaa>bb>".to_vec(), Some(8)));
        assert_eq!(ledger.sums().iter().map(|sum| sum.length).collect::<Vec<_>>(), [3, 2]);

        let short = Content::reader(&b"ab"[..], 3);
        let (whole, _, ledger) = run(vec![(short, Coding::Plain), (vec![b'b'; 2].into(), Coding::Plain)]);
        whole.unwrap_err();
        assert!(ledger.sums().is_empty());
        let fault = ledger.with(|entries| entries.fault.take());
        assert!(matches!(fault, Some(ContentError::Shorter { announced: 3, given: 2 })), "{fault:?}");

        let unknown = Content::reader_of_unknown_length(&b"ab"[..]);
        let (whole, length, _) = run(vec![(unknown, Coding::Plain)]);
        assert_eq!((whole.unwrap(), length), (b"<ab>".to_vec(), None));
    }
}
