//! A server of hand-written bytes: what it received is kept, what it answers is up to the test.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "every test file uses its own part of this; tests fail by panicking"
)]

pub mod authority;
pub mod log;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use platform_http::{BaseUrl, Client, Config, Method, Request, TransportError};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

#[derive(Clone)]
pub struct Server {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Server {
    /// Runs `handler` for every connection.
    pub async fn start<F, Fut>(handler: F) -> Self
    where
        F: Fn(TcpStream, Server) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let listener = platform_http::system::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let server = Self { address: listener.local_addr().unwrap(), seen: Arc::default() };
        let given = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(handler(stream, given.clone()));
            }
        });
        server
    }

    /// Reads one request, answers these bytes, closes.
    pub async fn answering(reply: impl Into<Vec<u8>>) -> Self {
        let reply = Arc::new(reply.into());
        Self::start(move |mut stream, server| {
            let reply = Arc::clone(&reply);
            async move {
                server.read(&mut stream).await;
                stream.write_all(&reply).await.unwrap();
                stream.shutdown().await.ok();
            }
        })
        .await
    }

    /// Reads one request, then stays silent with the connection open.
    pub async fn hanging() -> Self {
        Self::start(|mut stream, server| async move {
            server.read(&mut stream).await;
            std::future::pending::<()>().await;
        })
        .await
    }

    /// Reads and keeps one whole request (`Content-Length` or chunked); what there is of it when the client leaves.
    pub async fn read(&self, stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
        let mut request = Vec::new();
        let mut piece = vec![0; 65536];
        while !complete(&request) {
            match stream.read(&mut piece).await {
                Ok(0) | Err(_) => break,
                Ok(length) => request.extend_from_slice(&piece[..length]),
            }
        }
        self.seen.lock().unwrap().push(request.clone());
        request
    }

    pub fn requests(&self) -> Vec<Vec<u8>> {
        self.seen.lock().unwrap().clone()
    }

    pub fn only_request(&self) -> String {
        let seen = self.requests();
        assert_eq!(seen.len(), 1);
        String::from_utf8(seen[0].clone()).unwrap()
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn config(&self) -> Config {
        config(&self.base())
    }

    pub fn client(&self) -> Client {
        Client::new(self.config()).unwrap()
    }
}

fn complete(request: &[u8]) -> bool {
    let Some(head) = request.windows(4).position(|w| w == b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&request[..head]).to_lowercase();
    let body = &request[head + 4..];
    if text.contains("transfer-encoding: chunked") {
        return body.ends_with(b"0\r\n\r\n");
    }
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.trim().parse::<usize>().unwrap());
    body.len() >= length
}

pub fn config(base: &str) -> Config {
    Config::new(BaseUrl::parse(base).unwrap()).connect_timeout(Duration::from_secs(5))
}

pub fn get(path: &str) -> Request {
    Request::new("test", "get", Method::GET, path)
}

pub fn post(body: impl Into<platform_http::Body>) -> Request {
    Request::new("test", "post", Method::POST, "/in").content_type("application/json").body(body)
}

/// Sends and expects an error; its texts must be free of what the tests call secret.
#[track_caller]
pub fn failed<T: std::fmt::Debug>(result: Result<T, TransportError>) -> TransportError {
    let error = result.unwrap_err();
    for shown in [error.to_string(), format!("{error:?}"), format!("{error:#?}")] {
        assert!(!shown.to_lowercase().contains("secret"), "{shown}");
    }
    error
}
