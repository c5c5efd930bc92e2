//! The door, on real sockets: peers, idle and silent connections, an orderly end.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use rabbitpre_auth::{AttributeSource, Attributes, Door, Fetched, MemorySettings, Service, UserParam};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::{adults, catalogue, service};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(60);

struct Served {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn listener() -> TcpListener {
    #[expect(clippy::disallowed_methods, reason = "the door has its listener from its caller")]
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

async fn serve(
    service: Service,
    arrange: impl Fn(Door<rabbitpre_auth::Endpoints>) -> Door<rabbitpre_auth::Endpoints>,
) -> Served {
    let listener = listener().await;
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let door = arrange(service.door());
    let ended = tokio::spawn(door.serve(listener, async { drop(stopped.await) }));
    Served { address, stop, ended }
}

impl Served {
    async fn connect(&self) -> TcpStream {
        #[expect(clippy::disallowed_methods, reason = "what no client does: byte by byte")]
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn end(self) {
        let _ = self.stop.send(());
        timeout(LONG, self.ended).await.expect("the door did not close").unwrap();
    }
}

fn post(body: &str) -> String {
    format!("POST /checkUserAuth HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// One answer: its head, and a body of the length that it says.
async fn answer(stream: &mut TcpStream) -> String {
    let mut seen = Vec::new();
    loop {
        let byte = timeout(LONG, stream.read_u8()).await.expect("no answer").expect("no whole answer");
        seen.push(byte);
        let Some(head) = seen.strip_suffix(b"\r\n\r\n") else { continue };
        let head = String::from_utf8(head.to_vec()).unwrap().to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        let mut body = vec![0; length.parse().unwrap()];
        timeout(LONG, stream.read_exact(&mut body)).await.expect("no body").unwrap();
        return head + "\n" + std::str::from_utf8(&body).unwrap();
    }
}

async fn closed(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    timeout(LONG, stream.read_to_end(&mut rest)).await.expect("it stays open").is_err() || rest.is_empty()
}

fn as_it_is<T>(door: T) -> T {
    door
}

#[tokio::test]
async fn requests_follow_each_other_on_one_connection() {
    let served = serve(service(), as_it_is).await;
    let mut stream = served.connect().await;
    for (audid, data) in
        [("9007199254740993", "true"), ("9007199254740992", "false"), ("9007199254740993", "true")]
    {
        stream.write_all(post(&adults(audid)).as_bytes()).await.unwrap();
        let answer = answer(&mut stream).await;
        assert!(answer.starts_with("http/1.1 200 ok"), "{answer}");
        assert!(answer.contains(&format!(r#""data":"{data}""#)), "{answer}");
    }
    // Two at once, and one whose body comes late.
    let two = post("{}") + &post(&adults("1"));
    stream.write_all(two.as_bytes()).await.unwrap();
    assert!(answer(&mut stream).await.contains("BAD_REQUEST"));
    assert!(answer(&mut stream).await.contains("NOT_QUALIFIED"));
    let whole = post(&adults("9007199254740993"));
    let (early, late) = whole.split_at(whole.len() - 10);
    stream.write_all(early.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    stream.write_all(late.as_bytes()).await.unwrap();
    assert!(answer(&mut stream).await.contains(r#""data":"true""#));
    served.end().await;
    assert!(closed(&mut stream).await);
}

#[tokio::test]
async fn the_address_of_the_peer_is_known() {
    for (networks, status) in [("127.0.0.1", "200"), ("::/0", "403"), ("10.0.0.0/8", "403")] {
        let served = serve(service().networks(networks.parse().unwrap()), as_it_is).await;
        let mut stream = served.connect().await;
        stream.write_all(post("{}").as_bytes()).await.unwrap();
        let answer = answer(&mut stream).await;
        assert!(answer.starts_with(&format!("http/1.1 {status}")), "{networks}: {answer}");
        served.end().await;
    }
}

#[tokio::test]
async fn silent_slow_and_idle_connections_are_closed() {
    let served = serve(service(), |door| door.head_within(Duration::from_millis(300))).await;
    let mut silent = served.connect().await;
    let mut slow = served.connect().await;
    slow.write_all(b"POST /checkUserAuth HTTP/1.1\r\nhost: ").await.unwrap();
    let mut idle = served.connect().await;
    idle.write_all(post("{}").as_bytes()).await.unwrap();
    answer(&mut idle).await;
    for (name, stream) in [("silent", &mut silent), ("slow", &mut slow), ("idle", &mut idle)] {
        let mut rest = Vec::new();
        let end = timeout(LONG, stream.read_to_end(&mut rest)).await;
        assert!(end.is_ok(), "the {name} connection stays open");
    }
    served.end().await;
}

#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let served = serve(service(), as_it_is).await;
    let mut stream = served.connect().await;
    let head = format!("POST /checkUserAuth HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(100_000));
    // The answer may come before all of it is written.
    let _ = stream.write_all(head.as_bytes()).await;
    let answer = answer(&mut stream).await;
    assert!(answer.starts_with("http/1.1 431"), "{answer}");
    served.end().await;
}

#[tokio::test]
async fn more_connections_than_there_may_be_wait_for_one_to_close() {
    let served = serve(service(), |door| door.connections(2)).await;
    let (mut first, mut second, mut third) =
        (served.connect().await, served.connect().await, served.connect().await);
    for stream in [&mut first, &mut second] {
        stream.write_all(post("{}").as_bytes()).await.unwrap();
        answer(stream).await;
    }
    third.write_all(post("{}").as_bytes()).await.unwrap();
    let waits = timeout(Duration::from_millis(200), third.read_u8()).await;
    assert!(waits.is_err(), "a third connection is served");
    drop(first);
    assert!(answer(&mut third).await.contains("BAD_REQUEST"));
    served.end().await;
}

/// Answers when it is let, and says when somebody waits.
struct Gated {
    waits: Arc<Semaphore>,
    pass: Arc<Semaphore>,
}

impl AttributeSource for Gated {
    fn fetch<'a>(&'a self, _: &'a UserParam<'a>, _: &'a [&'a str]) -> Fetched<'a> {
        Box::pin(async move {
            self.waits.add_permits(1);
            let _pass = self.pass.acquire().await?;
            Ok(Arc::new(Attributes::default()))
        })
    }
}

#[tokio::test]
async fn at_the_end_idle_connections_close_and_requests_under_way_are_answered() {
    let (waits, pass) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let source = Gated { waits: Arc::clone(&waits), pass: Arc::clone(&pass) };
    let service = Service::new(catalogue(), source, MemorySettings::new("s-"));
    let served = serve(service.deadline(LONG), |door| door.grace(LONG)).await;
    let mut busy = served.connect().await;
    busy.write_all(post(r#"{"userParam":{"audid":"1"}}"#).as_bytes()).await.unwrap();
    waits.acquire().await.unwrap().forget();
    let mut idle = served.connect().await;
    idle.write_all(post("{}").as_bytes()).await.unwrap();
    answer(&mut idle).await;
    let address = served.address;
    let ending = tokio::spawn(served.end());
    assert!(closed(&mut idle).await);
    // Nobody new comes in.
    #[expect(clippy::disallowed_methods, reason = "what no client does: nothing is sent")]
    let late = TcpStream::connect(address).await;
    if let Ok(mut late) = late {
        assert!(closed(&mut late).await);
    }
    assert!(!ending.is_finished());
    pass.add_permits(1);
    assert!(answer(&mut busy).await.contains(r#""data":"true""#));
    timeout(LONG, ending).await.unwrap().unwrap();
}

/// Their connections stand at the door, and some of their requests too, when it is to be closed.
#[tokio::test]
async fn who_came_before_the_end_is_answered() {
    let served = serve(service(), as_it_is).await;
    let mut open = served.connect().await;
    open.write_all(post("{}").as_bytes()).await.unwrap();
    answer(&mut open).await;
    let mut streams = vec![open];
    for _ in 0..40 {
        streams.push(served.connect().await);
    }
    for stream in &mut streams {
        stream.write_all(post(&adults("9007199254740993")).as_bytes()).await.unwrap();
    }
    let ending = tokio::spawn(served.end());
    for stream in &mut streams {
        assert!(answer(stream).await.contains(r#""data":"true""#));
        assert!(closed(stream).await);
    }
    timeout(LONG, ending).await.unwrap().unwrap();
}

#[tokio::test]
async fn times_without_end_are_understood() {
    let service = service().deadline(Duration::MAX);
    let served = serve(service, |door| door.head_within(Duration::MAX).grace(Duration::MAX)).await;
    let mut stream = served.connect().await;
    for path in ["/checkUserAuth", "/saveNotify"] {
        let request = post(r#"{"userId":"u","settingData":[],"userParam":{"audid":"1"}}"#);
        stream.write_all(request.replace("/checkUserAuth", path).as_bytes()).await.unwrap();
        let answer = answer(&mut stream).await;
        assert!(answer.contains(r#""200""#) || answer.contains("200,"), "{answer}");
    }
    served.end().await;
}

#[tokio::test]
async fn who_is_not_done_when_the_grace_ends_is_cut_off() {
    let (waits, pass) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let source = Gated { waits: Arc::clone(&waits), pass };
    let service = Service::new(catalogue(), source, MemorySettings::new("s-"));
    let served = serve(service.deadline(LONG), |door| door.grace(Duration::from_millis(100))).await;
    let mut busy = served.connect().await;
    busy.write_all(post(r#"{"userParam":{"audid":"1"}}"#).as_bytes()).await.unwrap();
    waits.acquire().await.unwrap().forget();
    served.end().await;
    assert!(closed(&mut busy).await);
}

/// Any other service goes through the door too; what wraps the stream is the caller's.
#[tokio::test]
async fn the_door_is_open_to_other_services_and_streams() {
    let listener = listener().await;
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let service = tower::service_fn(|request: Request<hyper::body::Incoming>| async move {
        let peer = request.extensions().get::<ConnectInfo<std::net::SocketAddr>>().unwrap().0;
        Ok(Response::new(Body::from(peer.ip().to_string())))
    });
    let accept = |stream: TcpStream| async move {
        let mut stream = tokio::io::BufStream::new(stream);
        // A handshake of one letter.
        match stream.read_u8().await? {
            b'!' => Ok(stream),
            _ => Err(std::io::Error::other("no `!`")),
        }
    };
    let door = Door::new(service).head_within(Duration::from_secs(2));
    let ended = tokio::spawn(door.serve_with(listener, accept, async { drop(stopped.await) }));
    let connect = async || {
        #[expect(clippy::disallowed_methods, reason = "what no client does: another handshake")]
        TcpStream::connect(address).await.unwrap()
    };
    let (mut good, mut bad, mut silent) = (connect().await, connect().await, connect().await);
    bad.write_all(b"?").await.unwrap();
    assert!(closed(&mut bad).await);
    good.write_all(b"!GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(answer(&mut good).await.ends_with("\n127.0.0.1"));
    assert!(closed(&mut silent).await);
    let _ = stop.send(());
    timeout(LONG, ended).await.unwrap().unwrap();
}
