//! Too many at a time, or too much: `503` at once, and never at the cost of others.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, header};
use futures_util::{StreamExt as _, stream};
use rabbitpre_auth::{
    AttributeSource, Attributes, CheckReply, Fetched, MAX_BODY, MemorySettings, Service, UserParam,
};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::{adults, catalogue, check, people, save, service};

/// A source that answers when it is told to.
#[derive(Clone)]
struct Gated(Arc<Semaphore>);

impl Gated {
    fn shut() -> Self {
        Gated(Arc::new(Semaphore::new(0)))
    }

    fn open(&self) {
        self.0.add_permits(Semaphore::MAX_PERMITS / 2);
    }
}

impl AttributeSource for Gated {
    fn fetch<'a>(&'a self, _: &'a UserParam<'a>, _: &'a [&'a str]) -> Fetched<'a> {
        Box::pin(async move {
            let _pass = self.0.acquire().await?;
            Ok(Arc::new(Attributes::default()))
        })
    }
}

async fn metric(router: &Router, sample: &str) -> f64 {
    use tower::ServiceExt as _;
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let text = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let text = String::from_utf8(text.to_vec()).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(sample)).unwrap();
    line.trim().parse().unwrap()
}

const WHO: &str = r#"{"userParam":{"audid":"1"}}"#;

fn overloaded(reply: &(u16, CheckReply)) -> bool {
    let (status, reply) = reply;
    if reply.error_code != "OVERLOADED" {
        return false;
    }
    assert_eq!((*status, reply.code.as_str(), reply.allowed), (200, "503", false));
    true
}

#[tokio::test(start_paused = true)]
async fn ten_times_too_many_are_all_answered_and_those_inside_undisturbed() {
    let source = Gated::shut();
    let service = Service::new(catalogue(), source.clone(), MemorySettings::new("s-"));
    let router = service.at_a_time(64).router();
    let mut crowd = JoinSet::new();
    for _ in 0..640 {
        let router = router.clone();
        crowd.spawn(async move { check(&router, WHO).await });
    }
    let mut refused = 0;
    // Those beyond the limit are answered while the others still wait.
    while refused < 576 {
        assert!(overloaded(&crowd.join_next().await.unwrap().unwrap()));
        refused += 1;
    }
    assert_eq!(metric(&router, "rabbitpre_requests_in_flight").await, 64.0);
    assert_eq!(metric(&router, r#"rabbitpre_overload_refusals_total{limit="requests"}"#).await, 576.0);
    assert_eq!(save(&router, r#"{"userId":"u","settingData":[]}"#).await.1.code, 503);
    source.open();
    while let Some(reply) = crowd.join_next().await {
        assert!(reply.unwrap().1.allowed);
    }
    assert_eq!(metric(&router, "rabbitpre_requests_in_flight").await, 0.0);
    assert!(check(&router, WHO).await.1.allowed);
}

/// A body in pieces; the last one does not come until the deadline.
fn dribbled(bytes: usize) -> Body {
    let piece = Bytes::from(vec![b' '; 4096]);
    let pieces = stream::iter(vec![piece; bytes / 4096]).map(Ok::<_, std::io::Error>);
    Body::from_stream(pieces.chain(stream::pending()))
}

#[tokio::test(start_paused = true)]
async fn large_bodies_share_a_room_and_small_ones_need_none() {
    let router = service().router();
    let mut crowd = JoinSet::new();
    for _ in 0..64 {
        let router = router.clone();
        crowd.spawn(async move { check(&router, dribbled(MAX_BODY)).await });
    }
    // 48 MiB are full of bodies of 1 MiB, of which 16 KiB each need no room: so 48 are in, and the others are told at once.
    let mut refused = 0;
    while refused < 16 {
        assert!(overloaded(&crowd.join_next().await.unwrap().unwrap()));
        refused += 1;
    }
    assert!(metric(&router, "rabbitpre_large_bodies_bytes").await <= 48.0 * 1024.0 * 1024.0);
    assert!(metric(&router, "rabbitpre_large_bodies_bytes").await > 47.0 * 1024.0 * 1024.0);
    assert_eq!(metric(&router, r#"rabbitpre_overload_refusals_total{limit="bytes"}"#).await, 16.0);
    // Another large one finds no room, a small one needs none.
    let large = adults("1") + &" ".repeat(MAX_BODY - 1000);
    assert!(overloaded(&check(&router, dribbled(MAX_BODY)).await));
    assert!(overloaded(&check(&router, large.clone()).await));
    let small = adults("9007199254740993") + &" ".repeat(15 * 1024);
    assert!(check(&router, small).await.1.allowed);
    assert!(check(&router, dribbled_whole(&adults("9007199254740993"))).await.1.allowed);
    // Those inside run into the deadline, and leave the room as it was.
    while let Some(reply) = crowd.join_next().await {
        assert_eq!(reply.unwrap().1.error_code, "TIMEOUT");
    }
    assert_eq!(metric(&router, "rabbitpre_large_bodies_bytes").await, 0.0);
    assert_eq!(check(&router, large).await.1.error_code, "NOT_QUALIFIED");
}

/// A body byte by byte.
fn dribbled_whole(body: &str) -> Body {
    let bytes: Vec<_> = body.bytes().map(|byte| Ok::<_, std::io::Error>(Bytes::from(vec![byte]))).collect();
    Body::from_stream(stream::iter(bytes))
}

/// The first pieces of a body that is too large, and then the rest, which nobody wants.
#[tokio::test(start_paused = true)]
async fn what_is_refused_is_not_waited_for() {
    let router = service().at_a_time(0).router();
    let begun = tokio::time::Instant::now();
    assert!(overloaded(&check(&router, dribbled(MAX_BODY)).await));
    let router = service().router();
    let too_large = Body::from_stream(
        stream::iter(vec![Ok::<_, std::io::Error>(Bytes::from(vec![b' '; MAX_BODY + 1]))])
            .chain(stream::pending()),
    );
    assert_eq!(check(&router, too_large).await.0, 413);
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

/// `Expect: 100-continue`: to read any of the body would ask for it.
#[tokio::test]
async fn who_asks_before_sending_is_told_no_without_a_read() {
    let body =
        Body::from_stream(stream::poll_fn(|_| -> std::task::Poll<Option<Result<Bytes, std::io::Error>>> {
            panic!("it was read")
        }));
    let request = Request::post("/checkUserAuth")
        .header(header::EXPECT, "100-continue")
        .header(header::CONTENT_LENGTH, (MAX_BODY + 1).to_string())
        .body(body)
        .unwrap();
    let (status, _) = crate::send(&service().router(), request).await;
    assert_eq!(status, 413);
}

/// Large and traced checks are worked on apart, and come to the same.
#[tokio::test]
async fn checks_that_are_worked_on_apart_come_to_the_same() {
    let router = service().router();
    for audid in ["9007199254740993", "9007199254740992"] {
        let small = check(&router, adults(audid)).await;
        let large = check(&router, adults(audid) + &" ".repeat(500_000)).await;
        assert_eq!(small, large);
    }
    let small = save(&router, r#"{"userId":"u","settingData":[{}]}"#).await.1;
    let large =
        save(&router, r#"{"userId":"u","settingData":[{}]}"#.to_owned() + &" ".repeat(500_000)).await.1;
    assert_eq!((small.code, small.msg), (large.code, large.msg));
    assert_eq!(save(&router, "{".to_owned() + &" ".repeat(500_000)).await.0, 400);
}

/// More hostile checks than are worked on apart, each good for seconds: the deadline answers them, small ones go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_checks_do_not_keep_small_ones_out() {
    let numbers = vec!["7"; 60_000].join(",");
    let condition = r#"{"englishName":"zz","paramType":"number","operator":"NEQ","values":5}"#;
    let conditions = vec![condition; 3_000].join(",");
    let hostile = format!(
        r#"{{"userParam":{{"audid":"1","customFields":[{{"fieldId":"zz","fieldValue":[{numbers}]}}]}},"authParams":[{conditions}]}}"#
    );
    let service = Service::new(catalogue(), people(), MemorySettings::new("s-"));
    let router = service.deadline(Duration::from_secs(60)).router();
    let mut crowd = JoinSet::new();
    for _ in 0..24 {
        let (router, hostile) = (router.clone(), hostile.clone());
        crowd.spawn(async move { check(&router, hostile).await });
    }
    for _ in 0..50 {
        assert!(check(&router, adults("9007199254740993")).await.1.allowed);
    }
    assert!(crowd.try_join_next().is_none() || !crowd.is_empty(), "the crowd was gone before the small ones");
    while let Some(reply) = crowd.join_next().await {
        let (status, reply) = reply.unwrap();
        assert_eq!((status, reply.error_code.as_str(), reply.allowed), (200, "TIMEOUT", false));
    }
}
