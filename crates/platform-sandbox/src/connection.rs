//! Connections that can be cut in the middle, as real networks do.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;

use crate::tls::{Door, Wire};

/// Cuts one connection: nothing more is read or written, and the server closes the socket.
#[derive(Debug, Clone)]
pub(crate) struct Switch(Arc<SwitchState>);

#[derive(Debug, Default)]
struct SwitchState {
    cut: AtomicBool,
    reader: AtomicWaker,
}

impl Switch {
    pub(crate) fn cut(&self) {
        self.0.cut();
    }
}

impl SwitchState {
    fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        // The server reads while a handler works, to notice a client that left; this wakes that read.
        self.reader.wake();
    }

    fn check(&self) -> io::Result<()> {
        if self.cut.load(Ordering::SeqCst) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

/// The switches of all open connections of one listener.
#[derive(Debug, Clone, Default)]
pub(crate) struct Switches(Arc<Mutex<Vec<Weak<SwitchState>>>>);

impl Switches {
    fn add(&self) -> Arc<SwitchState> {
        let switch = Arc::new(SwitchState::default());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|known| known.strong_count() > 0);
        all.push(Arc::downgrade(&switch));
        switch
    }

    pub(crate) fn cut_all(&self) {
        for switch in self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            if let Some(switch) = switch.upgrade() {
                switch.cut();
            }
        }
    }
}

/// Accepts connections that have a switch, under TLS if there is a door.
pub(crate) struct CuttableListener {
    listener: TcpListener,
    door: Option<Door>,
    switches: Switches,
}

impl CuttableListener {
    pub(crate) fn new(listener: TcpListener, door: Option<Door>, switches: Switches) -> Self {
        Self { listener, door, switches }
    }
}

impl Listener for CuttableListener {
    type Io = Cuttable;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        // axum's own listener waits out errors such as too many open files.
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Small answers must not wait for the client's acknowledgement; if it fails they are merely slower.
        let _ = stream.set_nodelay(true);
        let stream = Wire::new(stream, self.door.as_ref());
        (Cuttable { stream, switch: self.switches.add() }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, CuttableListener>> for Switch {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Self {
        Self(stream.io().switch.clone())
    }
}

/// A connection with a switch.
pub(crate) struct Cuttable {
    stream: Wire,
    switch: Arc<SwitchState>,
}

impl AsyncRead for Cuttable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.switch.reader.register(context.waker());
        self.switch.check()?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Cuttable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.switch.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.switch.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.switch.check().is_err() {
            return self.stream.poll_abandon(context);
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
