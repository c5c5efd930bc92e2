//! 宜昌, simulated: login and to-do list.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod wire;

use platform_http::Method;
use platform_sandbox::{AcceptedDigest, FailureData, Sandbox, YichangOptions};
use wire::{NOW, json, post, reason, sandbox, send, standing, text, yichang_query};

const LOGIN: &str = "/api/syncauth/login";
const TODO: &str = "/api/synctodo/getTodoList";
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const MOBILE: &str = "mobile=13800000001";

#[tokio::test]
async fn a_login_answers_as_the_document_prints_it() {
    let sandbox = sandbox().await;
    let query = yichang_query(&sandbox, "6PQfHMIv", &NOW.to_string(), true);
    let reply =
        post(&sandbox.urls().yichang, &format!("{LOGIN}?{query}"), FORM, format!("{MOBILE}&url=")).await;
    let body = text(&reply);
    assert!(
        body.starts_with(r#"{"code":1,"msg":"success","time":"1638169006","data":{"jumpUrl":"http:\/\/"#),
        "{body}"
    );
    let token = json(&reply)["data"]["ssoToken"].as_str().unwrap().to_owned();
    assert_eq!(sandbox.yichang().logged_in(&token).as_deref(), Some("13800000001"));
    assert_eq!(sandbox.yichang().logged_in("x"), None);
    assert_eq!(sandbox.yichang().counts().logins, 1);
}

#[tokio::test]
async fn a_login_may_be_json_and_says_where_to_go() {
    let sandbox = sandbox().await;
    let query = yichang_query(&sandbox, "6PQfHMIv", &NOW.to_string(), false);
    let body = r#"{"mobile":"13800000002","url":"http://a.example/b?c=1"}"#;
    let reply = json(&post(&sandbox.urls().yichang, &format!("{LOGIN}?{query}"), JSON, body).await);
    let jump = reply["data"]["jumpUrl"].as_str().unwrap();
    assert!(jump.starts_with("http://a.example/b?c=1&ssoToken="), "{jump}");
}

async fn check_login(edit: impl Fn(String) -> String, media: &str, body: &str, message: &str, why: &str) {
    let sandbox = sandbox().await;
    let query = edit(yichang_query(&sandbox, "6PQfHMIv", &NOW.to_string(), true));
    let reply = post(&sandbox.urls().yichang, &format!("{LOGIN}?{query}"), media, body).await;
    assert_eq!(text(&reply), format!(r#"{{"code":0,"msg":"{message}"}}"#), "{}", reason(&reply));
    assert!(reason(&reply).contains(why), "{}", reason(&reply));
    assert_eq!(sandbox.yichang().counts().logins, 0);
    let wrong = sandbox.yichang().counts().wrong_signatures;
    assert_eq!(wrong, u64::from(message == "签名错误!"));
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_code_0() {
    let same = |query| query;
    check_login(|query| query.replace("127.0.0.1", "127.0.0.2"), FORM, MOBILE, "签名错误!", "does not match")
        .await;
    check_login(
        |query| {
            let (head, sign) = query.split_once("&signature=").unwrap();
            format!("{head}&signature={}", sign.to_lowercase())
        },
        FORM,
        MOBILE,
        "签名错误!",
        "upper case",
    )
    .await;
    check_login(|query| query.replace("&signature=", "&signature=0"), FORM, MOBILE, "签名错误!", "41").await;
    check_login(|query| query.replace("=TEST", "=test"), FORM, MOBILE, "应用不存在!", "appId").await;
    check_login(|query| query.replace("=WEB", "=web"), FORM, MOBILE, "参数错误!", "deviceType").await;
    check_login(|query| query.replace("127.0.0.1", "pc"), FORM, MOBILE, "参数错误!", "deviceId").await;
    check_login(|query| query.replace("6PQfHMIv", "6PQfH"), FORM, MOBILE, "参数错误!", "nonceStr").await;
    check_login(|query| query.replace("16381", "16380"), FORM, MOBILE, "请求已过期!", "too old").await;
    check_login(|query| query + "&mobile=13800000001", FORM, "url=", "参数错误!", "`mobile` is missing")
        .await;
    check_login(|query| query.replace("deviceType", "devicetype"), FORM, MOBILE, "参数错误!", "`deviceType`")
        .await;
    check_login(|_| String::new(), FORM, MOBILE, "参数错误!", "`appId` is missing").await;
    check_login(same, FORM, "mobile=13800000009", "用户不存在!", "no user").await;
    check_login(same, FORM, "mobile=1380000000", "手机号码格式错误!", "11 digits").await;
    check_login(same, FORM, "mobile=", "参数错误!", "`mobile` is missing").await;
    check_login(same, FORM, "phone=13800000001", "参数错误!", "`phone`").await;
    check_login(same, JSON, r#"{"mobile":13800000001}"#, "参数错误!", "the body is not").await;
    check_login(same, "text/plain", MOBILE, "参数错误!", "content type").await;
}

#[tokio::test]
async fn a_nonce_comes_once() {
    let sandbox = sandbox().await;
    let query = yichang_query(&sandbox, "6PQfHMIv", &NOW.to_string(), true);
    let url = format!("{LOGIN}?{query}");
    assert_eq!(json(&post(&sandbox.urls().yichang, &url, FORM, MOBILE).await)["code"], 1);
    let again = post(&sandbox.urls().yichang, &url, FORM, MOBILE).await;
    assert_eq!(text(&again), r#"{"code":0,"msg":"重复的请求!"}"#);
}

async fn check_digest(digest: AcceptedDigest, sha1: bool, code: u64) {
    let options = YichangOptions { digest, ..YichangOptions::default() };
    let sandbox = Sandbox::builder().clock(standing()).yichang(options).start().await.unwrap();
    let query = yichang_query(&sandbox, "6PQfHMIv", &NOW.to_string(), sha1);
    let reply = post(&sandbox.urls().yichang, &format!("{LOGIN}?{query}"), FORM, MOBILE).await;
    assert_eq!(json(&reply)["code"], code);
}

#[tokio::test]
async fn the_digest_is_as_configured() {
    check_digest(AcceptedDigest::Either, true, 1).await;
    check_digest(AcceptedDigest::Either, false, 1).await;
    check_digest(AcceptedDigest::Sha1, true, 1).await;
    check_digest(AcceptedDigest::Sha1, false, 0).await;
    check_digest(AcceptedDigest::Md5, true, 0).await;
    check_digest(AcceptedDigest::Md5, false, 1).await;
}

#[tokio::test]
async fn the_to_do_list_is_signed_unless_configured_otherwise() {
    let body = r#"{"mobile":"13800000001"}"#;
    let sandbox = sandbox().await;
    let query = yichang_query(&sandbox, "6PQfHMIv", &NOW.to_string(), true);
    let list = json(&post(&sandbox.urls().yichang, &format!("{TODO}?{query}"), JSON, body).await);
    assert_eq!(list["data"]["rowCount"], 2);
    assert_eq!(list["data"]["items"][0]["sano"], "QMXX20210709000002");
    assert_eq!(json(&post(&sandbox.urls().yichang, TODO, JSON, body).await)["code"], 0);

    let options = YichangOptions {
        todo_signed: false,
        code_as_text: true,
        failure_data: FailureData::EmptyList,
        ..YichangOptions::default()
    };
    let open = Sandbox::builder().clock(standing()).yichang(options).start().await.unwrap();
    assert_eq!(json(&post(&open.urls().yichang, TODO, JSON, body).await)["code"], "1");
    let refused = post(&open.urls().yichang, TODO, FORM, MOBILE).await;
    assert_eq!(text(&refused), r#"{"code":"0","msg":"参数错误!","data":[]}"#);
}

#[tokio::test]
async fn other_paths_and_methods_are_not_there() {
    let sandbox = sandbox().await;
    assert_eq!(post(&sandbox.urls().yichang, "/api/syncauth/logout", FORM, "").await.status, 404);
    let reply = send(Method::GET, &sandbox.urls().yichang, LOGIN, "", "").await.unwrap();
    assert_eq!(reply.status, 405);
}
