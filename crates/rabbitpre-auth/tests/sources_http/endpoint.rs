//! An HTTP endpoint on loopback that answers well, badly, late, or not at all.

use std::sync::{Arc, Mutex};

use platform_http::system::listen;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// What the endpoint does with a question.
#[derive(Clone)]
pub(crate) enum Does {
    /// Answers with a status and a body, and keeps the connection.
    Answer(u16, String),
    /// Writes this, and closes the connection.
    Write(Vec<u8>),
    /// Never answers.
    Hang,
}

pub(crate) fn ok(body: &str) -> Does {
    Does::Answer(200, body.to_owned())
}

/// An endpoint on loopback. It notes the heads and bodies of what it is asked.
pub(crate) struct Endpoint {
    pub(crate) address: String,
    pub(crate) asked: Arc<Mutex<Vec<(String, String)>>>,
    pub(crate) hanging: Arc<Notify>,
}

impl Endpoint {
    /// `does` decides by the number of the question, from 1, and its body.
    pub(crate) async fn new(does: impl Fn(usize, &str) -> Does + Send + Sync + 'static) -> Self {
        let listener = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (asked, hanging) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<Notify>::default());
        let does = Arc::new(does);
        let endpoint = Endpoint { address, asked: Arc::clone(&asked), hanging: Arc::clone(&hanging) };
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (asked, hanging, does) = (Arc::clone(&asked), Arc::clone(&hanging), Arc::clone(&does));
                tokio::spawn(async move { serve(stream, &asked, &hanging, &*does).await });
            }
        });
        endpoint
    }

    pub(crate) async fn always(does: Does) -> Self {
        Self::new(move |_, _| does.clone()).await
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

async fn serve(
    mut stream: TcpStream,
    asked: &Mutex<Vec<(String, String)>>,
    hanging: &Notify,
    does: &(dyn Fn(usize, &str) -> Does + Send + Sync),
) -> Option<()> {
    let mut read = Vec::new();
    loop {
        let (head, body) = question(&mut stream, &mut read).await?;
        let number = {
            let mut asked = asked.lock().unwrap();
            asked.push((head, body.clone()));
            asked.len()
        };
        match does(number, &body) {
            Does::Answer(status, body) => {
                let length = body.len();
                let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n\r\n{body}");
                stream.write_all(answer.as_bytes()).await.ok()?;
            }
            Does::Write(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return None;
            }
            Does::Hang => {
                hanging.notify_one();
                std::future::pending::<()>().await;
            }
        }
    }
}

/// The next question's head and body.
async fn question(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<(String, String)> {
    loop {
        let text = String::from_utf8(read.clone()).unwrap();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let length: usize = length.unwrap();
            if let Some((body, rest)) = body.split_at_checked(length) {
                let question = (head.to_owned(), body.to_owned());
                *read = rest.as_bytes().to_vec();
                return Some(question);
            }
        }
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await.ok()? {
            0 => return None,
            length => read.extend_from_slice(&piece[..length]),
        }
    }
}
