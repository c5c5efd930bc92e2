//! HTTP: any path, POST alone, and bodies that are refused without being read.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use http_body::{Frame, SizeHint};
use platform_http::{BaseUrl, Client, Config, Method};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tower::ServiceExt as _;
use webank::callback::{MAX_BODY, Repeats};

use crate::partner::{Message, Opened, Partner, Work};

const MIB: u64 = 1024 * 1024;

/// A body of blanks that counts what is taken of it.
struct Counted {
    left: u64,
    taken: Arc<AtomicU64>,
    says_its_length: bool,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let piece = self.left.min(64 * 1024);
        if piece == 0 {
            return Poll::Ready(None);
        }
        self.left -= piece;
        self.taken.fetch_add(piece, Ordering::SeqCst);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(vec![b' '; usize::try_from(piece).unwrap()])))))
    }

    fn size_hint(&self) -> SizeHint {
        if self.says_its_length { SizeHint::with_exact(self.left) } else { SizeHint::default() }
    }
}

async fn opened(response: Response<Body>) -> Opened {
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 8 * MAX_BODY).await.unwrap();
    Opened::new(status, &body, "new-salt")
}

fn post(body: impl http_body::Body<Data = Bytes, Error = std::io::Error> + Send + 'static) -> Request<Body> {
    Request::post("/any/path?at=all").body(Body::new(body)).unwrap()
}

/// The answer to a body of so many blanks, and how much of it had been read by then.
async fn check(length: u64, says_its_length: bool, status: u16, most: u64) {
    let taken = Arc::new(AtomicU64::new(0));
    let body = Counted { left: length, taken: Arc::clone(&taken), says_its_length };
    let response = Partner::new().service.oneshot(post(body)).await.unwrap();
    let read = taken.load(Ordering::SeqCst);
    let answer = opened(response).await;
    assert_eq!((answer.status, answer.code()), (status, "0001"));
    assert!(read <= most, "{read} bytes were read");
}

#[tokio::test]
async fn what_is_too_large_is_refused_without_being_read() {
    check(MIB, true, 200, MIB).await;
    check(MIB, false, 200, MIB).await;
    check(MIB + 1, true, 413, 0).await;
    check(MIB + 1, false, 413, MIB + 64 * 1024).await;
    check(100 * MIB, true, 413, 0).await;
    check(100 * MIB, false, 413, MIB + 64 * 1024).await;
}

/// After the answer, some of the rest is let in for the sake of clients that write before they read, and no more.
#[tokio::test]
async fn the_rest_of_what_is_too_large_is_not_read_to_the_end() {
    let taken = Arc::new(AtomicU64::new(0));
    let body = Counted { left: u64::MAX, taken: Arc::clone(&taken), says_its_length: true };
    let response = Partner::new().service.oneshot(post(body)).await.unwrap();
    assert_eq!(response.status(), 413);
    let mut before = None;
    while before != Some(taken.load(Ordering::SeqCst)) {
        before = Some(taken.load(Ordering::SeqCst));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(before.unwrap() <= 32 * MIB, "{before:?}");
}

#[tokio::test]
async fn a_mebibyte_is_a_call_like_any_other() {
    let partner = Partner::new();
    let frame = Message::new("1", r#"{"a":""}"#).body().len();
    let message = Message::new("1", &format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_BODY - frame)));
    assert_eq!(message.body().len(), MAX_BODY);
    let request = Request::post("/").body(Body::from(message.body())).unwrap();
    assert_eq!(opened(partner.service.clone().oneshot(request).await.unwrap()).await.code(), "0000");
    let request = Request::post("/").body(Body::from([message.body(), b" ".to_vec()].concat())).unwrap();
    let answer = opened(partner.service.oneshot(request).await.unwrap()).await;
    assert_eq!((answer.status, answer.code()), (413, "0001"));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_arrive_is_not_waited_for() {
    let never = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
    let request = Request::post("/").body(Body::from_stream(never)).unwrap();
    let answer = opened(Partner::new().service.oneshot(request).await.unwrap()).await;
    assert_eq!((answer.status, answer.code()), (408, "0001"));
    let broken = futures_util::stream::iter([Ok(Bytes::from("{")), Err(std::io::Error::other("cut"))]);
    let request = Request::post("/").body(Body::from_stream(broken)).unwrap();
    let answer = opened(Partner::new().service.oneshot(request).await.unwrap()).await;
    assert_eq!((answer.status, answer.code()), (400, "0001"));
}

/// A body of so many pieces, one each second, behind nothing.
fn dribble(pieces: usize, piece: Bytes) -> Body {
    Body::from_stream(futures_util::stream::unfold(pieces, move |left| {
        let piece = piece.clone();
        async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            (left > 0).then(|| (Ok::<_, std::io::Error>(piece), left - 1))
        }
    }))
}

async fn check_dribble(pieces: usize, piece: usize, status: u16, after: u64) {
    let begun = tokio::time::Instant::now();
    let request = Request::post("/").body(dribble(pieces, Bytes::from(vec![b' '; piece]))).unwrap();
    let answer = opened(Partner::new().service.oneshot(request).await.unwrap()).await;
    assert_eq!((answer.status, answer.code()), (status, "0001"));
    assert_eq!(begun.elapsed().as_secs(), after);
}

#[tokio::test(start_paused = true)]
async fn a_body_has_so_much_time_as_it_brings_bytes() {
    check_dribble(3, 1, 200, 4).await;
    check_dribble(1000, 1, 408, 5).await;
    check_dribble(7, 128 * 1024, 200, 8).await;
    check_dribble(1000, 16 * 1024, 408, 5).await;
    check_dribble(1000, 100 * 1024, 408, 10).await;
}

/// Bodies that do not arrive keep nobody out whose call is there.
#[tokio::test(start_paused = true)]
async fn who_dribbles_takes_no_place() {
    let partner = Partner::built(Repeats::default(), Work::quick(), |builder| builder.at_a_time(1));
    let slow: Vec<_> = (0..16_384)
        .map(|_| {
            let never = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
            let request = Request::post("/").body(Body::from_stream(never)).unwrap();
            tokio::spawn(partner.service.clone().oneshot(request))
        })
        .collect();
    // Until all of them wait.
    tokio::time::sleep(Duration::from_millis(1)).await;
    let send = async |body: Body| {
        let request = Request::post("/").body(body).unwrap();
        opened(partner.service.clone().oneshot(request).await.unwrap()).await
    };
    let late = |number: &str| dribble(1, Message::new(number, "{}").body().into());
    // There are as many as there can be: who has to be waited for is one too many.
    let refused = send(late("1")).await;
    assert_eq!((refused.status, refused.code()), (503, "0099"));
    assert_eq!(send(Body::from(Message::new("2", "{}").body())).await.code(), "0000");
    slow[0].abort();
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(send(late("3")).await.code(), "0000");
    for slow in slow.into_iter().skip(1) {
        assert_eq!(slow.await.unwrap().unwrap().status(), 408);
    }
}

#[tokio::test]
async fn only_post_is_answered_and_under_any_path() {
    let router = Partner::new().service.router();
    for path in ["/", "/callback", "/a/b/c?d=e"] {
        let body = Body::from(Message::new("1", "{}").body());
        let request = Request::post(path).body(body).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()["content-type"], "application/json;charset=UTF-8");
        assert_eq!(opened(response).await.code(), "0000");
        for method in [Method::GET, Method::PUT, Method::HEAD] {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(
                (response.status().as_u16(), &response.headers()["allow"]),
                (405, &"POST".parse().unwrap())
            );
        }
    }
}

/// Over a real connection: the refusal reaches a client that is still sending.
#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending() {
    let listener = platform_http::system::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Partner::new().service.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = Client::new(Config::new(BaseUrl::parse(&url).unwrap())).unwrap();
    for megabytes in [2, 24] {
        let request = platform_http::Request::new("webank", "callback", Method::POST, "/")
            .body(vec![b'{'; megabytes * MAX_BODY]);
        let response = client.send(request).await.unwrap();
        let answer = Opened::new(response.status, &response.body, "new-salt");
        assert_eq!((answer.status, answer.code()), (413, "0001"));
    }
}

/// A connection to a partner, on which requests are written by hand.
async fn connected() -> TcpStream {
    let listener = platform_http::system::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Partner::new().service.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    #[expect(clippy::disallowed_methods, reason = "what no client does: one connection, byte by byte")]
    TcpStream::connect(address).await.unwrap()
}

/// The head of the next answer, and its body.
async fn next_answer(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()).unwrap_or("0");
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    (head, body)
}

async fn write_call(stream: &mut TcpStream, headers: &str, body: &[u8]) {
    let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_lives_on_after_a_refusal() {
    let mut stream = connected().await;
    for number in 0..3 {
        write_call(&mut stream, "", &vec![b' '; 2 * MAX_BODY]).await;
        let (head, body) = next_answer(&mut stream).await;
        assert!(head.starts_with("http/1.1 413"), "{head}");
        assert_eq!(Opened::new(413, &body, "new-salt").code(), "0001");
        write_call(&mut stream, "", &Message::new(&number.to_string(), "{}").body()).await;
        let (head, body) = next_answer(&mut stream).await;
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert_eq!(Opened::new(200, &body, "new-salt").code(), "0000");
    }
}

/// Whoever asks before he sends is not told to go on with what will be refused.
#[tokio::test]
async fn who_asks_first_is_answered_at_once() {
    let mut stream = connected().await;
    let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 104857600\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let (head, body) = next_answer(&mut stream).await;
    assert!(head.starts_with("http/1.1 413"), "{head}");
    assert_eq!(Opened::new(413, &body, "new-salt").code(), "0001");
    // A body that is welcome is asked for.
    let call = Message::new("1", "{}").body();
    let mut stream = connected().await;
    let head = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        call.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let (head, _) = next_answer(&mut stream).await;
    assert!(head.starts_with("http/1.1 100"), "{head}");
    stream.write_all(&call).await.unwrap();
    let (_, body) = next_answer(&mut stream).await;
    assert_eq!(Opened::new(200, &body, "new-salt").code(), "0000");
}
