//! Why, on demand: for whoever carries the token for it, and for nobody else.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use rabbitpre_auth::{BearerToken, MemoryAttributes, MemorySettings, Service, Setting};
use serde_json::{Value, json};

use crate::{catalogue, send};

fn service() -> Service {
    let people = MemoryAttributes::parse(
        r#"{"1":{"age":20,"name":"欧阳小明","city":[["北京市","朝阳区"]]}}"#.as_bytes(),
    );
    let settings = MemorySettings::new("s-");
    settings.insert("old", Setting::parse(br#"{"userId":"u","settingData":[]}"#).unwrap());
    Service::new(catalogue(), people.unwrap(), settings).trace(BearerToken::new("why").unwrap())
}

async fn ask(service: Service, token: Option<&str>, body: &str) -> (StatusCode, Value) {
    let mut request = Request::post("/checkUserAuth");
    if let Some(token) = token {
        request = request.header("x-duijie-trace", token);
    }
    let (status, body) = send(&service.router(), request.body(Body::from(body.to_owned())).unwrap()).await;
    (status, serde_json::from_str(&body).unwrap())
}

const NAMED: &str = r#"{"userParam":{"audid":1},"authParams":[
    {"englishName":"age","paramType":"number","operator":"GTEQ","values":"18"},
    {"englishName":"name","paramType":"text","values":"张三"},
    {"englishName":"none","paramType":"text","values":"x"}]}"#;

#[tokio::test]
async fn the_trace_lists_every_condition_masked() {
    let (status, reply) = ask(service(), Some("why"), NAMED).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        reply,
        json!({
            "code": "200", "msg": "鉴权不通过：条件「name」：用户的值不满足条件", "data": "false", "errorCode": "NOT_QUALIFIED",
            "trace": [
                {"name": "age", "held": true, "reason": "满足 (holds)", "operator": "GTEQ", "expected": "18", "had": 20},
                {"name": "name", "held": false, "reason": "用户的值不满足条件 (not-satisfied)", "operator": "EQ",
                 "expected": "张三", "had": "欧**明"},
                {"name": "none", "held": false, "reason": "用户没有该属性 (missing-attribute)", "operator": "EQ",
                 "expected": "x", "had": null},
            ]
        })
    );
}

#[tokio::test]
async fn without_the_token_the_reply_is_the_same_but_for_the_trace() {
    let (_, mut traced) = ask(service(), Some(" why "), NAMED).await;
    traced.as_object_mut().unwrap().remove("trace").unwrap();
    for token in [None, Some(""), Some("wh"), Some("whyy"), Some("Bearer why")] {
        assert_eq!(ask(service(), token, NAMED).await.1, traced, "{token:?}");
    }
}

#[tokio::test]
async fn a_service_without_a_trace_token_shows_nothing_to_anybody() {
    let service = || Service::new(catalogue(), MemoryAttributes::default(), MemorySettings::new("s-"));
    for token in ["why", ""] {
        let (_, reply) = ask(service(), Some(token), r#"{"userParam":{"audid":1}}"#).await;
        assert_eq!(reply, json!({"code": "200", "msg": "鉴权成功", "data": "true", "errorCode": ""}));
    }
}

#[tokio::test]
async fn allowed_undecidable_and_external_checks_have_a_trace_too() {
    for (body, code, data, reason, entries) in [
        (r#"{"userParam":{"audid":1}}"#, "200", "true", Value::Null, 0),
        ("{}", "400", "false", Value::Null, 0),
        ("{", "400", "false", Value::Null, 0),
        (
            r#"{"userParam":{"audid":1},"checkType":1,"externalConfigId":"old"}"#,
            "200",
            "false",
            json!("外部配置为空 (nothing-to-check)"),
            0,
        ),
        (
            r#"{"userParam":{"audid":1},"checkType":1,"externalConfigId":"old","externalConfigValues":[["city","北京市"]]}"#,
            "200",
            "true",
            Value::Null,
            1,
        ),
    ] {
        let (_, reply) = ask(service(), Some("why"), body).await;
        assert_eq!((&reply["code"], &reply["data"]), (&json!(code), &json!(data)), "{body}");
        assert_eq!(reply["reason"], reason, "{body}");
        assert_eq!(reply["trace"].as_array().unwrap().len(), entries, "{body}");
    }
}

/// RP-11 holds with a trace as well.
#[tokio::test]
async fn another_code_for_denials_is_kept() {
    let (_, reply) = ask(service().denied_code("403"), Some("why"), NAMED).await;
    assert_eq!(reply["code"], "403");
}
