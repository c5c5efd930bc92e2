//! A platform of scripted answers on loopback: keeps every request, gives the next answer.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "each test file uses its own part of this; tests fail by panicking"
)]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use platform_http::BaseUrl;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Request line, content type and body.
#[derive(Debug, Clone)]
pub struct Seen {
    pub line: String,
    pub content_type: String,
    pub body: Vec<u8>,
}

/// Answers in order; the last one again and again.
pub struct Platform {
    pub base: BaseUrl,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// A whole HTTP answer.
pub fn answer(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").into_bytes()
}

async fn listener() -> (TcpListener, BaseUrl) {
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = platform_http::system::listen(any_port).await.unwrap();
    let base = BaseUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    (listener, base)
}

impl Platform {
    pub async fn start(answers: Vec<Vec<u8>>) -> Self {
        Self::judging(move |number, _| answers.get(number).or(answers.last()).unwrap().clone()).await
    }

    /// Answers by the number of the request, from 0, and what it says.
    pub async fn judging(answer: impl Fn(usize, &Seen) -> Vec<u8> + Send + 'static) -> Self {
        let (listener, base) = listener().await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read(&mut stream).await;
                let number = {
                    let mut seen = keep.lock().unwrap();
                    seen.push(request.clone());
                    seen.len() - 1
                };
                // A client that is gone wants no answer.
                let _ = stream.write_all(&answer(number, &request)).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { base, seen }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// An address where nothing listens any more.
pub async fn nobody() -> BaseUrl {
    listener().await.1
}

async fn read(stream: &mut TcpStream) -> Seen {
    let mut bytes = Vec::new();
    let mut piece = vec![0; 65536];
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
            break at;
        }
        let length = stream.read(&mut piece).await.unwrap();
        assert!(length > 0, "the request ends in its head");
        bytes.extend_from_slice(&piece[..length]);
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let header = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(given, _)| given.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    };
    let length = header("content-length").parse::<usize>().unwrap();
    while bytes.len() < head + 4 + length {
        let length = stream.read(&mut piece).await.unwrap();
        assert!(length > 0, "the request ends in its body");
        bytes.extend_from_slice(&piece[..length]);
    }
    Seen {
        line: text.lines().next().unwrap().to_owned(),
        content_type: header("content-type").to_owned(),
        body: bytes[head + 4..].to_vec(),
    }
}
