//! The three endpoints, driven without a socket, and the door on real ones.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod crowd;
mod door;
mod guard;
mod metrics;
mod sources;
mod trace;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use rabbitpre_auth::{
    BearerToken, Catalogue, CheckReply, MAX_BODY, MemoryAttributes, MemorySettings, Offer, ParamType, Paths,
    PathsError, SaveReply, Service,
};
use tower::ServiceExt as _;

pub(crate) fn catalogue() -> Catalogue {
    Catalogue::new(vec![Offer::new("年龄", "age", ParamType::Number)]).unwrap()
}

pub(crate) fn people() -> MemoryAttributes {
    MemoryAttributes::parse(br#"{"9007199254740993":{"age":20},"9007199254740992":{"age":10}}"#).unwrap()
}

pub(crate) fn service() -> Service {
    Service::new(catalogue(), people(), MemorySettings::new("s-"))
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> (StatusCode, String) {
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json;charset=UTF-8");
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

pub(crate) async fn call(router: &Router, path: &str, body: impl Into<Body>) -> (StatusCode, String) {
    send(router, Request::post(path).body(body.into()).unwrap()).await
}

/// The answer to a check, and its HTTP status.
pub(crate) async fn check(router: &Router, body: impl Into<Body>) -> (u16, CheckReply) {
    let (status, body) = call(router, "/checkUserAuth", body).await;
    (status.as_u16(), CheckReply::parse(body.as_bytes()).unwrap())
}

pub(crate) async fn save(router: &Router, body: impl Into<Body>) -> (u16, SaveReply) {
    let (status, body) = call(router, "/saveNotify", body).await;
    (status.as_u16(), SaveReply::parse(body.as_bytes()).unwrap())
}

pub(crate) fn adults(audid: &str) -> String {
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
