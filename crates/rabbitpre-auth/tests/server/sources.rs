//! Sources and stores that hang, fail, panic, answer garbage, or are slow for some: everybody is answered in time, denied
//! with the reason, and the others do not notice.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use rabbitpre_auth::{
    AttributeSource, Attributes, CheckReply, Fetched, MAX_BODY, MemorySettings, Pending, Service, Setting,
    SettingsStore, StoreError, UserParam,
};
use tokio::time::Instant;

use crate::{adults, catalogue, check, people, save, send, service};

/// A source that does what its name says.
enum Broken {
    Hangs,
    Fails,
    Panics,
}

impl AttributeSource for Broken {
    fn fetch<'a>(&'a self, _user: &'a UserParam<'a>, _names: &'a [&'a str]) -> Fetched<'a> {
        Box::pin(async move {
            match self {
                Broken::Hangs => std::future::pending().await,
                Broken::Fails => Err("no connection".into()),
                Broken::Panics => panic!("a source that panics"),
            }
        })
    }
}

async fn broken(source: Broken) -> (u16, CheckReply) {
    let router = Service::new(catalogue(), source, MemorySettings::new("s-")).router();
    check(&router, r#"{"userParam":{"audid":"1"}}"#).await
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_denies_by_the_deadline() {
    let start = tokio::time::Instant::now();
    let (status, reply) = broken(Broken::Hangs).await;
    assert_eq!((status, reply.code.as_str(), reply.error_code.as_str()), (200, "503", "TIMEOUT"));
    assert!(!reply.allowed);
    assert_eq!(start.elapsed().as_millis() / 10, 250);
}

#[tokio::test]
async fn a_source_that_fails_or_panics_denies() {
    for source in [Broken::Fails, Broken::Panics] {
        let (status, reply) = broken(source).await;
        assert_eq!((status, reply.code.as_str()), (200, "500"));
        assert_eq!((reply.error_code.as_str(), reply.allowed), ("ATTRIBUTE_SOURCE_FAILED", false));
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_arrive_denies_by_the_deadline() {
    struct Never;
    impl axum::body::HttpBody for Never {
        type Data = axum::body::Bytes;
        type Error = std::io::Error;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
            std::task::Poll::Pending
        }
    }
    let (status, reply) = check(&service().router(), Body::new(Never)).await;
    assert_eq!((status, reply.error_code.as_str(), reply.allowed), (200, "TIMEOUT", false));
}

/// A store that fails at everything.
struct BrokenStore;

impl SettingsStore for BrokenStore {
    fn load<'a>(&'a self, _: &'a str) -> Pending<'a, Result<Option<Arc<Setting>>, StoreError>> {
        Box::pin(async { Err(StoreError::Failed("disk".into())) })
    }

    fn save<'a>(&'a self, _: Option<&'a str>, _: Setting) -> Pending<'a, Result<String, StoreError>> {
        Box::pin(async { Err(StoreError::Failed("disk".into())) })
    }
}

#[tokio::test]
async fn a_store_that_fails_denies_and_saves_nothing() {
    let router = Service::new(catalogue(), people(), BrokenStore).router();
    let asks = r#"{"userParam":{"audid":"1"},"checkType":1,"externalConfigId":"x"}"#;
    let (_, reply) = check(&router, asks).await;
    assert_eq!((reply.code.as_str(), reply.error_code.as_str()), ("500", "SETTINGS_STORE_FAILED"));
    // A check that needs no setting does not ask the store.
    assert_eq!(check(&router, r#"{"userParam":{"audid":"1"}}"#).await.1.code, "200");
    assert_eq!(save(&router, r#"{"userId":"u","settingData":[]}"#).await.1.code, 500);
}

#[tokio::test(start_paused = true)]
async fn beyond_the_limit_the_answer_is_503_at_once() {
    let service = Service::new(catalogue(), Broken::Hangs, MemorySettings::new("s-"));
    let router = service.at_a_time(1).deadline(Duration::from_secs(1)).router();
    let body = r#"{"userParam":{"audid":"1"}}"#;
    let (first, second) = tokio::join!(check(&router, body), check(&router, body));
    assert_eq!(first.1.error_code, "TIMEOUT");
    assert_eq!((second.0, second.1.code.as_str(), second.1.error_code.as_str()), (200, "503", "OVERLOADED"));
}

/// A source that answers only what it is asked for, and by whom it was asked.
struct Asked;

impl AttributeSource for Asked {
    fn fetch<'a>(&'a self, user: &'a UserParam<'a>, names: &'a [&'a str]) -> Fetched<'a> {
        let known = names.iter().map(|name| ((*name).to_owned(), user.audid().to_owned()));
        let attributes = known.collect::<Attributes<'static>>();
        Box::pin(async move { Ok(Arc::new(attributes)) })
    }
}

#[tokio::test]
async fn the_source_is_asked_by_audid_for_the_names_that_are_read() {
    let settings = MemorySettings::new("s-");
    let saved = br#"{"userId":"u","settingData":[{"name":"b","value":"0012"}],"externalConfigValues":[["c","0012"]]}"#;
    settings.insert("x", Setting::parse(saved).unwrap());
    let router = Service::new(catalogue(), Asked, settings).router();
    let body = r#"{"userParam":{"audid":"0012"},"checkType":true,"externalConfigId":"x",
        "authParams":[{"englishName":"a","paramType":"text","values":"0012"}]}"#;
    assert!(check(&router, body).await.1.allowed);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_says_it_is_too_large_is_not_waited_for() {
    let never =
        Body::from_stream(futures_util::stream::pending::<Result<axum::body::Bytes, std::io::Error>>());
    let length = (MAX_BODY + 1).to_string();
    let request = Request::post("/checkUserAuth").header(header::CONTENT_LENGTH, length).body(never).unwrap();
    // The runtime's clock, which jumps: no test waits here.
    let started = tokio::time::Instant::now();
    let (status, _) = send(&service().router(), request).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(started.elapsed() < Duration::from_secs(2), "it waited for the deadline");
}

/// Without a bound, this one body would keep a thread busy for seconds, and then be allowed.
#[tokio::test]
async fn a_request_that_asks_for_too_much_work_is_denied() {
    let numbers = vec!["7"; 60_000].join(",");
    let condition = r#"{"englishName":"zz","paramType":"number","operator":"NEQ","values":5}"#;
    let conditions = vec![condition; 5_000].join(",");
    let body = format!(
        r#"{{"userParam":{{"audid":"1","customFields":[{{"fieldId":"zz","fieldValue":[{numbers}]}}]}},"authParams":[{conditions}]}}"#
    );
    assert!(body.len() < MAX_BODY);
    let (status, reply) = check(&service().router(), body).await;
    assert_eq!((status, reply.allowed, reply.code.as_str()), (200, false, "503"));
}

/// A source with bad days for some users: by the last two digits of the audid.
struct Moody;

impl AttributeSource for Moody {
    fn fetch<'a>(&'a self, user: &'a UserParam<'a>, _: &'a [&'a str]) -> Fetched<'a> {
        Box::pin(async move {
            let audid: u32 = user.audid().parse()?;
            match audid % 100 {
                7 => std::future::pending().await,
                17 => tokio::time::sleep(Duration::from_secs(2)).await,
                27 => tokio::time::sleep(Duration::from_secs(10)).await,
                37 => return Err("no connection".into()),
                47 => panic!("a source that panics"),
                // Garbage: what the platform's own parser says of it.
                57 => drop(Attributes::parse(b"<html>502</html>")?),
                67 => return Ok(Arc::new(Attributes::parse(br#"{"age":{"no":"number"}}"#)?.into_owned())),
                _ => {}
            }
            Ok(Arc::new(Attributes::parse(br#"{"age":20}"#)?.into_owned()))
        })
    }
}

/// By the runtime's clock, which moves only when everybody waits: an answer at 0 ms waited for nobody.
#[tokio::test(start_paused = true)]
async fn a_source_that_is_bad_for_some_is_good_for_the_others() {
    let router = Service::new(catalogue(), Moody, MemorySettings::new("s-")).router();
    let mut crowd = tokio::task::JoinSet::new();
    for audid in 0..1000_u32 {
        let router = router.clone();
        crowd.spawn(async move {
            let begun = Instant::now();
            let (status, reply) = check(&router, adults(&audid.to_string())).await;
            (audid % 100, status, reply, begun.elapsed())
        });
    }
    while let Some(answer) = crowd.join_next().await {
        let (kind, status, reply, took) = answer.unwrap();
        let (code, error_code, millis) = match kind {
            7 | 27 => ("503", "TIMEOUT", 2500),
            17 => ("200", "", 2000),
            37 | 47 | 57 => ("500", "ATTRIBUTE_SOURCE_FAILED", 0),
            67 => ("200", "NOT_QUALIFIED", 0),
            _ => ("200", "", 0),
        };
        assert_eq!(
            (status, reply.code.as_str(), reply.error_code.as_str()),
            (200, code, error_code),
            "{kind}"
        );
        assert_eq!(reply.allowed, error_code.is_empty(), "{kind}");
        let took = u64::try_from(took.as_millis()).unwrap();
        assert!((millis..millis + 10).contains(&took), "{kind} took {took} ms");
    }
}

/// Apart from the others, the deadline is the same. By the real clock: tokio's does not jump while a thread is at work.
#[tokio::test]
async fn a_large_check_of_a_source_that_hangs_or_panics_is_denied_too() {
    for (source, seconds, code, error_code) in [
        (Broken::Hangs, 1, "503", "TIMEOUT"),
        (Broken::Fails, 60, "500", "ATTRIBUTE_SOURCE_FAILED"),
        (Broken::Panics, 60, "500", "ATTRIBUTE_SOURCE_FAILED"),
    ] {
        let service = Service::new(catalogue(), source, MemorySettings::new("s-"));
        let router = service.deadline(Duration::from_secs(seconds)).router();
        let (status, reply) = check(&router, adults("1") + &" ".repeat(100_000)).await;
        assert_eq!((status, reply.code.as_str(), reply.error_code.as_str()), (200, code, error_code));
        assert!(!reply.allowed);
    }
}

/// A store whose saves panic or hang.
struct BadStore(bool);

impl SettingsStore for BadStore {
    fn load<'a>(&'a self, _: &'a str) -> Pending<'a, Result<Option<Arc<Setting>>, StoreError>> {
        let hangs = self.0;
        Box::pin(
            async move { if hangs { std::future::pending().await } else { panic!("a store that panics") } },
        )
    }

    fn save<'a>(&'a self, _: Option<&'a str>, _: Setting) -> Pending<'a, Result<String, StoreError>> {
        let hangs = self.0;
        Box::pin(
            async move { if hangs { std::future::pending().await } else { panic!("a store that panics") } },
        )
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_or_panics_denies_and_says_that_nothing_is_known() {
    let asks = r#"{"userParam":{"audid":"1"},"checkType":1,"externalConfigId":"x"}"#;
    for (hangs, error_code, code) in [(true, "TIMEOUT", 503), (false, "SETTINGS_STORE_FAILED", 500)] {
        let router = Service::new(catalogue(), people(), BadStore(hangs)).router();
        let (_, reply) = check(&router, asks).await;
        assert_eq!((reply.error_code.as_str(), reply.allowed), (error_code, false));
        let saved = save(&router, r#"{"userId":"u","settingData":[]}"#).await.1;
        assert_eq!((saved.code, saved.config_id), (code, None));
    }
}
