//! The connections of `serve`: so many at a time, and none that is open for ever without saying anything.

use std::{pin::pin, sync::Arc, time::Duration};

use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};
use webank::callback::CallbackService;

/// Connections at a time; more wait at the door. Well below the files that a process may usually have open.
const CONNECTIONS: u32 = 512;
/// How long a connection may take to bring the head of a request, and be idle between two.
const HEAD: Duration = Duration::from_secs(15);
/// How long a connection lives: then its call ends, and the next one comes on another. So goes who does not read.
const LIFE: Duration = Duration::from_secs(600);
/// How long after the stop what had come before it is still taken in: connections that the system has accepted, and calls
/// on those that are open.
const LINGER: Duration = Duration::from_millis(50);

/// Serves until `stopped`, and then until calls under way have ended, those included that had come before.
pub(super) async fn serve(
    listener: TcpListener,
    service: CallbackService,
    grace: Duration,
    stopped: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS as usize));
    let (stopping, stop) = watch::channel(false);
    let accepting = async {
        // Dropped with all this.
        let listener = listener;
        loop {
            // The semaphore is never closed.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let stream = accept(&listener).await;
            let connection = connection(stream, service.clone(), grace, stop.clone());
            tokio::spawn(async move {
                connection.await;
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
    let _all = places.acquire_many(CONNECTIONS).await;
}

/// The next connection. Those that broke off before they were accepted are none; without files left, some may be soon.
async fn accept(listener: &TcpListener) -> TcpStream {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) => {
            }
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    service: CallbackService,
    grace: Duration,
    mut stop: watch::Receiver<bool>,
) {
    // Answers are small and wanted at once; without it they merely come later.
    let _ = stream.set_nodelay(true);
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut serving = pin!(serving);
    let stopped = async {
        let _ = stop.wait_for(|stop| *stop).await;
        sleep(LINGER).await;
    };
    tokio::select! {
        // However it ends, the connection ends with it.
        _ = serving.as_mut() => return,
        () = stopped => {}
        () = sleep(LIFE) => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = timeout(grace, serving).await;
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use platform_http::system::listen;
    use sign_core::Secret;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        sync::oneshot,
    };
    use webank::callback::Receiver;

    use super::*;

    /// Longer than anything here takes.
    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn who_came_before_the_end_is_answered() {
        let listener = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        let address = listener.local_addr().unwrap();
        let receiver = Receiver::new(Secret::new("salt").unwrap());
        let service = CallbackService::builder(receiver).build().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(serve(listener, service, LONG, async { drop(stopped.await) }));
        let mut streams = Vec::new();
        for _ in 0..20 {
            #[expect(clippy::disallowed_methods, reason = "the door is knocked at as strangers knock")]
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
            streams.push(stream);
        }
        stop.send(()).unwrap();
        for mut stream in streams {
            let mut answer = Vec::new();
            timeout(LONG, stream.read_to_end(&mut answer)).await.expect("it stays open").unwrap();
            assert!(answer.starts_with(b"HTTP/1.1 "), "{}", String::from_utf8_lossy(&answer));
        }
        timeout(LONG, serving).await.unwrap().unwrap();
    }
}
