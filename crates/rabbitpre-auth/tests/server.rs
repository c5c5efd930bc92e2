//! The three endpoints, driven without a socket.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use rabbitpre_auth::{
    AttributeSource, Attributes, BearerToken, Catalogue, CheckReply, Fetched, MAX_BODY, MemoryAttributes,
    MemorySettings, Offer, ParamType, Paths, PathsError, Pending, SaveReply, Service, Setting, SettingsStore,
    StoreError, UserParam,
};
use tower::ServiceExt as _;

fn catalogue() -> Catalogue {
    Catalogue::new(vec![Offer::new("年龄", "age", ParamType::Number)]).unwrap()
}

fn people() -> MemoryAttributes {
    MemoryAttributes::parse(br#"{"9007199254740993":{"age":20},"9007199254740992":{"age":10}}"#).unwrap()
}

fn service() -> Service {
    Service::new(catalogue(), people(), MemorySettings::new("s-"))
}

async fn send(router: &Router, request: Request<Body>) -> (StatusCode, String) {
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json;charset=UTF-8");
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn call(router: &Router, path: &str, body: impl Into<Body>) -> (StatusCode, String) {
    send(router, Request::post(path).body(body.into()).unwrap()).await
}

/// The answer to a check, and its HTTP status.
async fn check(router: &Router, body: impl Into<Body>) -> (u16, CheckReply) {
    let (status, body) = call(router, "/checkUserAuth", body).await;
    (status.as_u16(), CheckReply::parse(body.as_bytes()).unwrap())
}

async fn save(router: &Router, body: impl Into<Body>) -> (u16, SaveReply) {
    let (status, body) = call(router, "/saveNotify", body).await;
    (status.as_u16(), SaveReply::parse(body.as_bytes()).unwrap())
}

fn adults(audid: &str) -> String {
    format!(
        r#"{{"userParam":{{"audid":{audid}}},"authParams":[{{"chineseName":"年龄","englishName":"age",
            "paramType":"number","operator":"GTEQ","values":18}}]}}"#
    )
}

#[tokio::test]
async fn conditions_are_answered_as_section_1_shows() {
    let request = Request::get("/getAuthConditions").body(Body::empty()).unwrap();
    let (status, body) = send(&service().router(), request).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        body,
        r#"{"code":"200","msg":"ok","data":[{"label":"年龄","name":"age","type":"number","value":"","children":[]}]}"#
    );
}

#[tokio::test]
async fn an_allowed_check_is_answered_byte_for_byte_as_the_sample() {
    let (status, body) = call(&service().router(), "/checkUserAuth", adults("9007199254740993")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body, r#"{"code":"200","msg":"鉴权成功","data":"true","errorCode":""}"#);
}

#[tokio::test]
async fn a_denied_check_says_which_condition_and_keeps_audids_exact() {
    let (status, body) = call(&service().router(), "/checkUserAuth", adults("9007199254740992")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        body,
        r#"{"code":"200","msg":"鉴权不通过：条件「年龄」：用户的值不满足条件","data":"false","errorCode":"NOT_QUALIFIED"}"#
    );
}

#[tokio::test]
async fn a_denial_answers_another_code_if_asked_to() {
    let router = service().denied_code("403").router();
    assert_eq!(check(&router, adults("1")).await.1.code, "403");
    assert_eq!(check(&router, adults("9007199254740993")).await.1.code, "200");
    // Not a denial by a condition: it keeps its own code.
    assert_eq!(check(&router, "{}").await.1.code, "400");
}

#[tokio::test]
async fn a_setting_is_saved_used_replaced_and_unknown_ids_change_nothing() {
    let router = service().router();
    let body = |id: &str, least: u32| {
        format!(
            r#"{{"userId":"u","authScope":0,"externalConfigId":{id},"settingData":[{{}},
                {{"label":"年龄","name":"age","value":{least},"type":"number","operator":"GTEQ"}}]}}"#
        )
    };
    let ask = |id: &str| {
        format!(
            r#"{{"userParam":{{"audid":"9007199254740993"}},"checkType":true,"externalConfigId":"{id}"}}"#
        )
    };
    let (status, saved) = save(&router, body("null", 18)).await;
    let id = saved.config_id.unwrap();
    assert_eq!((status, saved.code, saved.msg.as_str()), (200, 200, "ok，已忽略1个空条件"));
    assert!(check(&router, ask(&id)).await.1.allowed);

    let again = save(&router, body(&format!("\"{id}\""), 21)).await.1;
    assert_eq!(again.config_id.as_deref(), Some(&*id));
    assert!(!check(&router, ask(&id)).await.1.allowed);

    let (status, unknown) = save(&router, body("\"nobody\"", 0)).await;
    assert_eq!((status, unknown.code, unknown.config_id), (200, 404, None));
    assert!(!check(&router, ask("nobody")).await.1.allowed);
    assert!(!check(&router, ask(&id)).await.1.allowed);
}

#[tokio::test]
async fn a_save_is_answered_byte_for_byte_as_the_sample() {
    let (_, body) = call(&service().router(), "/saveNotify", r#"{"userId":1,"settingData":[]}"#).await;
    assert_eq!(body, r#"{"code":200,"msg":"ok","data":{"configId":"s-1"}}"#);
}

#[tokio::test]
async fn a_save_without_user_or_data_is_refused() {
    let router = service().router();
    for body in [
        r#"{"settingData":[]}"#,
        r#"{"userId":"","settingData":[]}"#,
        r#"{"userId":"u"}"#,
        r#"{"userId":"u","settingData":{}}"#,
        r#"{"userId":"u","settingData":[1]}"#,
        r#"{"userId":"u","settingData":[],"externalConfigId":[]}"#,
        "[]",
    ] {
        let (status, reply) = save(&router, body).await;
        assert_eq!((status, reply.code, reply.config_id), (200, 400, None), "{body}");
    }
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_400_and_those_over_the_limit_413() {
    let router = service().router();
    for (body, status, error_code) in [
        ("{".to_owned(), 400, "UNREADABLE_BODY"),
        (r#"{"a":1,"a":1}"#.to_owned(), 400, "UNREADABLE_BODY"),
        ("[".repeat(65) + &"]".repeat(65), 400, "UNREADABLE_BODY"),
        (" ".repeat(MAX_BODY + 1), 413, "BODY_TOO_LARGE"),
        (adults("1") + &" ".repeat(MAX_BODY - adults("1").len()), 200, "NOT_QUALIFIED"),
        ("[]".to_owned(), 200, "BAD_REQUEST"),
        ("{}".to_owned(), 200, "BAD_REQUEST"),
    ] {
        let (got, reply) = check(&router, body).await;
        assert_eq!((got, reply.error_code.as_str(), reply.allowed), (status, error_code, false));
        assert_eq!(reply.code, if error_code == "NOT_QUALIFIED" { "200" } else { "400" });
    }
    assert_eq!(save(&router, "{").await.0, 400);
    assert_eq!(save(&router, " ".repeat(MAX_BODY + 1)).await.0, 413);
}

#[tokio::test]
async fn the_guard_wants_the_token_on_every_endpoint() {
    let router = service().guard(BearerToken::new("secret\n").unwrap()).router();
    for (method, path) in
        [(Method::GET, "/getAuthConditions"), (Method::POST, "/saveNotify"), (Method::POST, "/checkUserAuth")]
    {
        for (header, status) in [
            (None, 401),
            (Some("Basic secret"), 401),
            (Some("Bearer"), 401),
            (Some("Bearer other!"), 403),
            (Some("Bearer "), 403),
            (Some("Bearer secre"), 403),
            (Some("bearer secret"), 200),
        ] {
            let mut request = Request::builder().method(&method).uri(path);
            if let Some(header) = header {
                request = request.header(header::AUTHORIZATION, header);
            }
            let body = if path == "/saveNotify" { r#"{"userId":"u","settingData":[]}"# } else { "{}" };
            let (got, _) = send(&router, request.body(Body::from(body)).unwrap()).await;
            assert_eq!(got.as_u16(), status, "{path} {header:?}");
        }
    }
    let (status, refused) = check(&router, adults("9007199254740993")).await;
    assert_eq!((status, refused.code.as_str(), refused.allowed), (401, "401", false));
}

#[test]
fn an_empty_token_guards_nothing_and_is_refused() {
    assert!(BearerToken::new(" \n").is_err());
    assert_eq!(format!("{:?}", BearerToken::new("secret").unwrap()), "BearerToken(..)");
}

#[tokio::test]
async fn paths_can_be_chosen() {
    let router = service().paths(Paths::new("/a/conditions", "/a/save", "/a/check").unwrap()).router();
    assert_eq!(call(&router, "/a/check", "{}").await.0, StatusCode::OK);
    let old = Request::post("/checkUserAuth").body(Body::from("{}")).unwrap();
    assert_eq!(router.oneshot(old).await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[test]
fn paths_that_cannot_be_served_are_refused() {
    for bad in ["check", "/{id}", "/a b", ""] {
        assert_eq!(Paths::new(bad, "/b", "/c"), Err(PathsError::Unusable(bad.to_owned())));
    }
    assert_eq!(Paths::new("/a", "/b", "/b"), Err(PathsError::Doubled("/b".to_owned())));
    assert_eq!(Paths::new("/a", "/b", "/a"), Err(PathsError::Doubled("/a".to_owned())));
}

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
