//! The door: connections, so many at a time, none that is open for ever without saying anything, and an orderly end.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::HttpBody;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

use super::at_most_a_day;

/// Connections at a time.
const CONNECTIONS: u32 = 2048;
/// How long a connection may take to bring the head of a request, and be idle between two.
const HEAD: Duration = Duration::from_secs(15);
/// How long a connection lives: then its request ends, and the next one comes on another. So goes who does not read.
const LIFE: Duration = Duration::from_secs(600);
/// Every check is answered within 2.5 s.
const GRACE: Duration = Duration::from_secs(3);
/// What one connection may have read and not yet used, in bytes.
const BUFFER: usize = 64 * 1024;
/// Larger heads are answered 431, in bytes.
const LARGEST_HEAD: usize = 32 * 1024;
/// How long after the stop what had come before it is still taken in: connections that the system has accepted, and
/// requests on those that are open.
const LINGER: Duration = Duration::from_millis(50);
/// After a connection could not be accepted for want of files, for example.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves HTTP/1.1 on a listener: [`Endpoints`](super::Endpoints), or any other `tower::Service`.
///
/// Each request carries axum's `ConnectInfo<SocketAddr>`, the address of the connection's other end. [`Endpoints`] are told
/// it only if their guard looks at addresses.
///
/// [`Endpoints`]: super::Endpoints
#[derive(Debug, Clone)]
pub struct Door<S> {
    service: S,
    /// Is each request told where it comes from?
    tells: bool,
    connections: u32,
    head: Duration,
    grace: Duration,
}

impl<S> Door<S> {
    /// A door to the service.
    pub const fn new(service: S) -> Self {
        Door { service, tells: true, connections: CONNECTIONS, head: HEAD, grace: GRACE }
    }

    /// To tell requests where they come from takes memory of its own for each.
    pub(super) const fn tells(mut self, tells: bool) -> Self {
        self.tells = tells;
        self
    }

    /// How many connections are open at a time, 2048 by default; more wait until one closes. Keep it above
    /// [`Service::at_a_time`](super::Service::at_a_time), whose `503` is an answer, and below the number of files that the
    /// process may open.
    #[must_use]
    pub fn connections(mut self, connections: u32) -> Self {
        self.connections = connections.clamp(1, 1 << 20);
        self
    }

    /// How long a connection may take to bring the head of a request, be idle between two, and shake hands; 15 s by
    /// default, a day at most.
    #[must_use]
    pub const fn head_within(mut self, time: Duration) -> Self {
        self.head = at_most_a_day(time);
        self
    }

    /// How long requests under way have after the stop, 3 s by default. What is not answered by then is cut off.
    #[must_use]
    pub const fn grace(mut self, time: Duration) -> Self {
        self.grace = time;
        self
    }
}

impl<S, B> Door<S>
where
    S: tower::Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: HttpBody + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    /// Serves until `stopped`, then closes idle connections, answers the requests under way, and returns. Those are under
    /// way too that have come before the stop, on connections that nobody has looked at yet.
    pub async fn serve(self, listener: TcpListener, stopped: impl Future<Output = ()>) {
        self.serve_with(listener, |stream| std::future::ready(Ok(stream)), stopped).await;
    }

    /// The same on what `accept` makes of each connection, with tokio-rustls for example:
    /// `move |stream| acceptor.accept(stream)`. It runs beside the other connections, and has the time of a head.
    pub async fn serve_with<A, F, T>(
        self,
        listener: TcpListener,
        accept: A,
        stopped: impl Future<Output = ()>,
    ) where
        A: Fn(TcpStream) -> F,
        F: Future<Output = io::Result<T>> + Send + 'static,
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let places = Arc::new(Semaphore::new(self.connections as usize));
        let (stopping, stop) = watch::channel(false);
        let accepting = async {
            // Dropped with all this.
            let listener = listener;
            loop {
                // The semaphore is never closed.
                let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
                let (stream, peer) = next(&listener).await;
                // Answers are small and wanted at once; without it they merely come later.
                let _ = stream.set_nodelay(true);
                let (shake, door, mut stop) = (accept(stream), self.clone(), stop.clone());
                tokio::spawn(async move {
                    let hand = tokio::select! {
                        hand = timeout(door.head, shake) => hand,
                        () = stopped_a_while_ago(&mut stop) => return,
                    };
                    match hand {
                        Ok(Ok(stream)) => door.connection(stream, peer, stop).await,
                        Ok(Err(error)) => tracing::debug!(%error, "a connection was not established"),
                        Err(_) => tracing::debug!("a connection was not established in time"),
                    }
                    drop(place);
                });
            }
        };
        // The system has accepted connections before we do: whoever stands before the door at the stop comes in.
        let stopped = async {
            stopped.await;
            sleep(LINGER).await;
        };
        tokio::select! {
            () = accepting => {}
            () = stopped => {}
        }
        stopping.send_replace(true);
        // All places are free when all connections have ended.
        let _all = places.acquire_many(self.connections).await;
    }

    async fn connection<T>(self, stream: T, peer: SocketAddr, mut stop: watch::Receiver<bool>)
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (service, tells) = (TowerToHyperService::new(self.service), self.tells);
        let with_peer = service_fn(move |mut request: Request<Incoming>| {
            if tells {
                request.extensions_mut().insert(ConnectInfo(peer));
            }
            service.call(request)
        });
        let serving = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.head)
            .max_buf_size(BUFFER)
            .max_header_size(LARGEST_HEAD)
            .serve_connection(TokioIo::new(stream), with_peer);
        let mut serving = pin!(serving);
        tokio::select! {
            biased;
            // However it ends, the connection ends with it.
            _ = serving.as_mut() => return,
            () = stopped_a_while_ago(&mut stop) => {}
            () = sleep(LIFE) => {}
        }
        serving.as_mut().graceful_shutdown();
        if timeout(self.grace, serving).await.is_err() {
            tracing::warn!("a connection was cut off with a request under way");
        }
    }
}

/// A little after the stop: what had arrived by then has been read.
async fn stopped_a_while_ago(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
    sleep(LINGER).await;
}

/// The next connection. Those that broke off before they were accepted are none; without files left, some may be soon.
async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) => {
            }
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                sleep(PAUSE).await;
            }
        }
    }
}
