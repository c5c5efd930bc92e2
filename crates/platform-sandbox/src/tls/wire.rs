//! A connection's bytes, plain or under TLS. The handshake is part of the first read, so that a slow client keeps
//! nobody else waiting at the door, and has an end, so that one who says nothing is not waited for.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::{FallibleAccept, TlsStream};

use super::Door;

/// How long a client that was turned away may go on writing before it is not listened to any more.
const LINGER: Duration = Duration::from_secs(2);

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

pub(crate) enum Wire {
    Plain(TcpStream),
    Handshake(Box<Handshake>),
    Tls(Box<TlsStream<TcpStream>>),
    /// The handshake failed, or was given up.
    Closed,
}

pub(crate) struct Handshake {
    accept: FallibleAccept<TcpStream>,
    door: Door,
    end: Pin<Box<Sleep>>,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, door: Option<&Door>) -> Self {
        match door {
            None => Self::Plain(stream),
            Some(door) => {
                let accept = TlsAcceptor::from(door.config()).accept(stream).into_fallible();
                let end = Box::pin(sleep(HANDSHAKE));
                Self::Handshake(Box::new(Handshake { accept, door: door.clone(), end }))
            }
        }
    }

    /// Goes on with the handshake, if there is one and it is not done.
    fn open(&mut self, context: &mut Context<'_>) -> Poll<io::Result<&mut dyn Stream>> {
        if let Self::Handshake(handshake) = self {
            match Pin::new(&mut handshake.accept).poll(context) {
                Poll::Ready(Ok(stream)) => *self = Self::Tls(Box::new(stream)),
                Poll::Ready(Err((error, stream))) => {
                    handshake.door.refuse(&error);
                    tokio::spawn(linger(stream));
                    *self = Self::Closed;
                    return Poll::Ready(Err(error));
                }
                Poll::Pending => {
                    ready!(handshake.end.as_mut().poll(context));
                    let error = io::Error::new(io::ErrorKind::TimedOut, "the handshake took too long");
                    handshake.door.refuse(&error);
                    *self = Self::Closed;
                    return Poll::Ready(Err(error));
                }
            }
        }
        Poll::Ready(match self {
            Self::Plain(stream) => Ok(stream),
            Self::Tls(stream) => Ok(&mut **stream),
            Self::Handshake(_) | Self::Closed => Err(io::ErrorKind::NotConnected.into()),
        })
    }

    /// Closes the connection without a word: under TLS, without the notice that this is the end.
    pub(crate) fn poll_abandon(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream.get_mut().0).poll_shutdown(context),
            Self::Handshake(_) | Self::Closed => {
                *self = Self::Closed;
                Poll::Ready(Ok(()))
            }
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// Under TLS 1.3 a client is already sending its request when it is turned away. If the socket were closed on unread
/// bytes, the system would reset the connection, and the client might never read why.
async fn linger(mut stream: TcpStream) {
    let drained = async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await
    };
    // However it ends, the connection ends with it.
    let _ = tokio::time::timeout(LINGER, drained).await;
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(ready!(self.open(context))?).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(ready!(self.open(context))?).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
            // Nothing of ours was written yet.
            Self::Handshake(_) | Self::Closed => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
            _ => self.poll_abandon(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;
    use crate::{Sandbox, TlsOptions};

    /// Who says nothing, and who begins and goes silent.
    #[tokio::test(start_paused = true)]
    async fn a_handshake_has_an_end() {
        let sandbox = Sandbox::builder().tls(TlsOptions::default()).start().await.unwrap();
        let address = sandbox.urls().webank.trim_start_matches("https://").to_owned();
        for said in [&[][..], &[0x16, 3, 1]] {
            let begun = tokio::time::Instant::now();
            #[expect(clippy::disallowed_methods, reason = "what no client does: not to say hello")]
            let mut stream = TcpStream::connect(&address).await.unwrap();
            stream.write_all(said).await.unwrap();
            // The end, or a reset, whichever the system makes of it.
            let _ = stream.read_to_end(&mut Vec::new()).await;
            assert!((HANDSHAKE..HANDSHAKE + LINGER).contains(&begun.elapsed()), "{:?}", begun.elapsed());
        }
        assert_eq!(sandbox.tls().unwrap().refused(), 2);
    }
}
