//! WeBank's business host, simulated: credentials, their life cycle, business calls.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod wire;

use std::time::Duration;

use platform_http::Method;
use platform_sandbox::{BusinessAnswer, JsonDataShape, Sandbox, WebankOptions};
use webank::Code;
use wire::{
    NONCE, SERVICE, call, call_query, code_of_call, fetch_ticket, fetch_token, get, json, post, reason,
    sandbox, send, standing, text, ticket, token, webank_sign,
};

const OK: &str = "60840000";
const CHECK_FAILED: &str = "60841017";
const BAD_SIGNATURE: &str = "60841018";

#[tokio::test]
async fn credentials_come_as_the_document_prints_them() {
    let sandbox = sandbox().await;
    let reply = json(&fetch_token(&sandbox).await);
    assert_eq!(reply["code"], "60850000");
    assert_eq!(reply["msg"], "系统处理成功");
    assert_eq!((&reply["expire_in"], &reply["expire_time"]), (&"3600".into(), &"1638172606000".into()));
    assert_eq!(reply["transactionTime"], "20211129145646");
    let token = reply["access_token"].as_str().unwrap();
    assert_eq!(token.len(), 64);
    let reply = json(&fetch_ticket(&sandbox, token, "&type=sign").await);
    assert_eq!(reply["code"], "60850000");
    assert_eq!(reply["tickets"][0]["expire_in"], "3600");
}

#[tokio::test]
async fn several_tickets_come_in_the_order_asked_for() {
    let sandbox = sandbox().await;
    let user = "&type=user,sign&user_data=%7B%22USER_ID%22%3A%22u%22%7D&mechant_id=m";
    let token = token(&sandbox).await;
    let reply = json(&fetch_ticket(&sandbox, &token, user).await);
    assert_eq!(
        (&reply["tickets"][0]["expire_in"], &reply["tickets"][1]["expire_in"]),
        (&"300".into(), &"3600".into())
    );
    assert_eq!(code_of_call(&sandbox, reply["tickets"][1]["value"].as_str().unwrap()).await, OK);
    let login = sandbox.webank().redeem(reply["tickets"][0]["value"].as_str().unwrap()).unwrap();
    assert_eq!((login.user_id.as_str(), login.merchant_id.as_str()), ("u", "m"));
}

async fn check_token(edit: impl FnOnce(String) -> String, code: &str) {
    let sandbox = sandbox().await;
    let access = &sandbox.access().webank;
    let query = format!(
        "app_id={}&secret={}&grant_type=client_credential&version=2.0.0",
        access.app_id,
        access.secret.expose()
    );
    let reply = get(&sandbox.urls().webank, &format!("/api/oauth2/access_token?{}", edit(query))).await;
    assert_eq!(json(&reply)["code"], code, "{}", reason(&reply));
    assert_eq!(sandbox.webank().counts().token_fetches, u64::from(code == "60850000"));
}

#[tokio::test]
async fn token_requests_are_checked() {
    check_token(|query| query, "60850000").await;
    check_token(|query| query.replace("app_id=wb", "app_id=wx"), "60851009").await;
    check_token(|query| query.replace("secret=", "secret=0"), "60851007").await;
    check_token(|query| query.replace("client_credential", "password"), "60851007").await;
    check_token(|query| query.replace("2.0.0", "1.0.0"), "60851007").await;
    check_token(|query| query + "&type=sign", "60851007").await;
    check_token(|query| query + "&app_id=x", "60851007").await;
    check_token(|_| String::new(), "60851007").await;
    let sandbox = sandbox().await;
    let reply = post(&sandbox.urls().webank, "/api/oauth2/access_token", "", "").await;
    assert_eq!(json(&reply)["code"], "60851007");
}

async fn check_ticket(further: &str, code: &str, why: &str) {
    let sandbox = sandbox().await;
    let token = token(&sandbox).await;
    let reply = fetch_ticket(&sandbox, &token, further).await;
    assert_eq!(json(&reply)["code"], code);
    assert!(reason(&reply).contains(why), "{}", reason(&reply));
    assert!(!text(&reply).contains("tickets"));
}

#[tokio::test]
async fn ticket_requests_are_checked() {
    check_ticket("", "60851007", "`type` is missing").await;
    check_ticket("&type=login", "60851001", "neither sign nor user").await;
    check_ticket("&type=sign,", "60851001", "neither sign nor user").await;
    check_ticket("&type=user&mechant_id=m", "60851007", "user_data").await;
    check_ticket("&type=user&user_data=%7B%22USER_ID%22%3A%22u%22%7D", "60851007", "mechant_id").await;
    let misspelt = "&type=user&user_data=%7B%22USER_ID%22%3A%22u%22%7D&merchant_id=m";
    check_ticket(misspelt, "60851007", "`merchant_id` is none of").await;
    let spaced = "&type=user&user_data=%7B%22USER_ID%22%3A+%22u%22%7D&mechant_id=m";
    check_ticket(spaced, "60851007", "not compact").await;
    let sandbox = sandbox().await;
    assert_eq!(json(&fetch_ticket(&sandbox, "x", "&type=sign").await)["code"], "60851002");
}

#[tokio::test]
async fn a_business_call_is_echoed() {
    let sandbox = sandbox().await;
    let ticket = ticket(&sandbox).await;
    let reply = json(&call(&sandbox, &ticket, "{\"B\": \"😀～\",\n\"A\":1}").await);
    assert_eq!((&reply["code"], &reply["msg"]), (&OK.into(), &"系统处理成功".into()));
    assert_eq!(reply["BizSeqNo"].as_str().unwrap().len(), 32);
    assert_eq!(reply["ConsumerSeqNo"].as_str().unwrap().len(), 32);
    let expected = "{\"CODE\":\"66590000\",\"DESC\":\"交易成功\",\"ECHO\":{\"B\": \"😀～\",\n\"A\":1}}";
    assert_eq!(reply["jsonData"], expected);
}

#[tokio::test]
async fn a_service_can_be_programmed() {
    let sandbox = sandbox().await;
    let ticket = ticket(&sandbox).await;
    sandbox.webank().on_call(SERVICE, |call| match &*call.body {
        b"{}" => BusinessAnswer::outcome("66591234", "额度不足"),
        _ => BusinessAnswer::Refused(Code::TIMEOUT),
    });
    assert_eq!(
        json(&call(&sandbox, &ticket, "{}").await)["jsonData"],
        r#"{"CODE":"66591234","DESC":"额度不足"}"#
    );
    let refused = json(&call(&sandbox, &ticket, "{\"A\":1}").await);
    assert_eq!((&refused["code"], refused.get("jsonData")), (&"60840003".into(), None));
}

#[tokio::test]
async fn the_type_is_signed_where_there_is_one() {
    let sandbox = sandbox().await;
    let ticket = ticket(&sandbox).await;
    let app_id = &sandbox.access().webank.app_id;
    let typed = webank_sign(&[app_id, "2.0.0", NONCE, "sync", "{}", &ticket]);
    let query = format!("app_id={app_id}&nonce={NONCE}&sign={typed}&version=2.0.0&type=sync");
    let url = format!("{SERVICE}?{query}");
    assert_eq!(json(&post(&sandbox.urls().webank, &url, "application/json", "{}").await)["code"], OK);
    let empty = format!("{SERVICE}?{}&type=", call_query(&sandbox, &ticket, "{}")); // WB-6
    assert_eq!(json(&post(&sandbox.urls().webank, &empty, "application/json", "{}").await)["code"], OK);
}

async fn check_call(edit: impl FnOnce(String) -> String, media: &str, body: &str, code: &str, why: &str) {
    let sandbox = sandbox().await;
    let ticket = ticket(&sandbox).await;
    let url = edit(format!("{SERVICE}?{}", call_query(&sandbox, &ticket, "{}")));
    let reply = post(&sandbox.urls().webank, &url, media, body).await;
    assert_eq!(json(&reply)["code"], code, "{}", reason(&reply));
    assert!(reason(&reply).contains(why), "{}", reason(&reply));
    assert!(json(&reply)["BizSeqNo"].is_string());
}

#[tokio::test]
async fn calls_are_checked() {
    let media = "application/json";
    check_call(|url| url.replace("/api/s/yh/", "/api/s/"), media, "{}", "60840110", "no such path").await;
    check_call(|url| url.replace("/api/s/yh/10002", "/api/s/up/upload"), media, "{}", "60840110", "").await;
    check_call(|url| url.replace(NONCE, "489c60"), media, "{}", "60840002", "`nonce` is not 32").await;
    check_call(|url| url.replace("489c60", "489c6-"), media, "{}", "60840002", "`nonce` is not 32").await;
    check_call(|url| url.replace("2.0.0", "1.0.0"), media, "{}", "60840002", "version").await;
    check_call(|url| url.replace("&sign=", "&sing="), media, "{}", "60840002", "`sing`").await;
    check_call(|url| url.replace("app_id=wb", "app_id=wx"), media, "{}", "60851009", "app_id").await;
    check_call(|url| url, media, "{ }", BAD_SIGNATURE, "fits no ticket").await;
    check_call(|url| url, media, "{}\n", BAD_SIGNATURE, "fits no ticket").await;
    check_call(|url| url, "text/plain", "{}", "60840002", "content type").await;
}

#[tokio::test]
async fn a_body_is_a_json_object() {
    let sandbox = sandbox().await;
    let ticket = ticket(&sandbox).await;
    for body in ["", "[]", "A=1", "{"] {
        let reply = call(&sandbox, &ticket, body).await;
        assert_eq!(json(&reply)["code"], "60840002", "{body}");
    }
    let url = format!("{SERVICE}?{}", call_query(&sandbox, &ticket, ""));
    let reply = send(Method::GET, &sandbox.urls().webank, &url, "", "").await.unwrap();
    assert_eq!(json(&reply)["code"], "60840110");
}

#[tokio::test]
async fn the_previous_ticket_lives_five_minutes_and_the_current_one_an_hour() {
    let sandbox = sandbox().await;
    let first = ticket(&sandbox).await;
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    sandbox.clock().advance(minutes(20));
    let second = ticket(&sandbox).await;
    sandbox.clock().advance(minutes(5) - Duration::from_secs(1));
    assert_eq!(code_of_call(&sandbox, &first).await, OK);
    assert_eq!(code_of_call(&sandbox, &second).await, OK);
    sandbox.clock().advance(Duration::from_secs(2));
    assert_eq!(code_of_call(&sandbox, &first).await, BAD_SIGNATURE);
    assert_eq!(code_of_call(&sandbox, &second).await, OK);
    sandbox.clock().advance(minutes(55) - Duration::from_secs(2));
    assert_eq!(code_of_call(&sandbox, &second).await, OK);
    sandbox.clock().advance(Duration::from_secs(1));
    assert_eq!(code_of_call(&sandbox, &second).await, CHECK_FAILED);
    let counts = sandbox.webank().counts();
    assert_eq!((counts.token_fetches, counts.ticket_fetches), (2, 2));
    assert_eq!((counts.token_kicks, counts.ticket_kicks), (1, 1));
    assert_eq!((counts.passed, counts.passed_on_grace), (4, 1));
    assert_eq!((counts.refused_kicked, counts.refused_expired), (1, 1));
}

#[tokio::test]
async fn a_token_lives_an_hour_and_a_newer_one_kicks_it_out() {
    let sandbox = sandbox().await;
    let first = token(&sandbox).await;
    let code = async |token: &str| json(&fetch_ticket(&sandbox, token, "&type=sign").await)["code"].clone();
    sandbox.clock().advance(Duration::from_secs(3599));
    assert_eq!(code(&first).await, "60850000");
    sandbox.clock().advance(Duration::from_secs(1));
    assert_eq!(code(&first).await, "60851004");
    let second = token(&sandbox).await;
    assert_eq!(code(&first).await, "60851002");
    assert_eq!(code(&second).await, "60850000");
}

#[tokio::test]
async fn a_rival_kicks_us_out() {
    let sandbox = sandbox().await;
    let ours = ticket(&sandbox).await;
    sandbox.webank().kick();
    assert_eq!(code_of_call(&sandbox, &ours).await, OK); // five minutes are left
    sandbox.webank().kick();
    assert_eq!(code_of_call(&sandbox, &ours).await, BAD_SIGNATURE);
    let again = ticket(&sandbox).await;
    assert_eq!(code_of_call(&sandbox, &again).await, OK);
    assert_eq!(sandbox.webank().counts().rival_fetches, 2);
}

#[tokio::test]
async fn a_strict_bank_ends_tickets_with_their_token() {
    let options = WebankOptions { strict: true, ..WebankOptions::default() };
    let sandbox = Sandbox::builder().clock(standing()).webank(options).start().await.unwrap();
    let ticket = ticket(&sandbox).await;
    token(&sandbox).await;
    assert_eq!(code_of_call(&sandbox, &ticket).await, BAD_SIGNATURE);
}

#[tokio::test]
async fn a_new_secret_ends_everything() {
    let sandbox = sandbox().await;
    let ticket = ticket(&sandbox).await;
    let new = sandbox.webank().change_secret();
    assert_eq!(code_of_call(&sandbox, &ticket).await, BAD_SIGNATURE);
    assert_eq!(json(&fetch_token(&sandbox).await)["code"], "60851007");
    let app_id = &sandbox.access().webank.app_id;
    let query = format!("app_id={app_id}&secret={}&grant_type=client_credential&version=2.0.0", new.expose());
    let reply = get(&sandbox.urls().webank, &format!("/api/oauth2/access_token?{query}")).await;
    assert_eq!(json(&reply)["code"], "60850000");
}

#[tokio::test]
async fn without_any_ticket_the_check_fails() {
    let sandbox = sandbox().await;
    assert_eq!(code_of_call(&sandbox, "none").await, CHECK_FAILED);
}

#[tokio::test]
async fn a_user_ticket_is_used_once_within_300_seconds() {
    let sandbox = sandbox().await;
    let token = token(&sandbox).await;
    let user = async || {
        let further = "&type=user&user_data=%7B%22USER_ID%22%3A%22u%22%7D&mechant_id=m";
        let reply = json(&fetch_ticket(&sandbox, &token, further).await);
        reply["tickets"][0]["value"].as_str().unwrap().to_owned()
    };
    let first = user().await;
    sandbox.clock().advance(Duration::from_secs(299));
    assert_eq!(sandbox.webank().redeem(&first).unwrap().user_id, "u");
    assert_eq!(sandbox.webank().redeem(&first), Err(Code::BAD_TICKET));
    let second = user().await;
    sandbox.clock().advance(Duration::from_secs(300));
    assert_eq!(sandbox.webank().redeem(&second), Err(Code::TICKET_EXPIRED));
    let (third, fourth) = (user().await, user().await);
    assert_eq!(sandbox.webank().redeem(&third), Err(Code::BAD_TICKET));
    assert_eq!(sandbox.webank().redeem(&fourth).unwrap().merchant_id, "m");
    assert_eq!(sandbox.webank().counts().user_ticket_fetches, 4);
}

#[tokio::test]
async fn the_answer_wavers_as_the_document_does() {
    let reply = async |options| {
        let sandbox = Sandbox::builder().clock(standing()).webank(options).start().await.unwrap();
        let token = json(&fetch_token(&sandbox).await);
        let tickets =
            json(&fetch_ticket(&sandbox, token["access_token"].as_str().unwrap(), "&type=sign").await);
        let tickets = tickets["tickets"].clone();
        let ticket = tickets.get(0).unwrap_or(&tickets)["value"].as_str().unwrap().to_owned();
        (token, tickets, json(&call(&sandbox, &ticket, "{}").await))
    };
    let (token, tickets, call) = reply(WebankOptions {
        numbers: true,
        ticket_as_object: true,
        lower_seq_no: true,
        json_data: JsonDataShape::Object,
        ..WebankOptions::default()
    })
    .await;
    assert_eq!((&token["code"], &token["expire_in"]), (&60_850_000.into(), &3600.into()));
    assert!(tickets.is_object());
    assert_eq!((&call["code"], &call["jsonData"]["CODE"]), (&60_840_000.into(), &"66590000".into()));
    assert!(call["ConsumerseqNo"].is_string() && call.get("ConsumerSeqNo").is_none());
    let (.., call) =
        reply(WebankOptions { json_data: JsonDataShape::Null, ..WebankOptions::default() }).await;
    assert!(call["jsonData"].is_null() && call.get("jsonData").is_some());
}

#[tokio::test]
async fn nothing_shows_a_secret_by_itself() {
    let sandbox = sandbox().await;
    let ticket = ticket(&sandbox).await;
    call(&sandbox, &ticket, "{\"ID_NO\":\"411528199110024452\"}").await;
    let stored = sandbox.webank().plant("身份证.png", 9);
    let shown = format!("{sandbox:?} {:?} {stored:?} {:?}", sandbox.received(), sandbox.access());
    let access = &sandbox.access();
    let mobile = &access.yichang.mobiles[0];
    for hidden in [access.webank.secret.expose(), &ticket, "4115281", mobile, "身份证"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    assert_eq!(sandbox.received()[0].query_value("secret").as_deref(), Some(access.webank.secret.expose()));
}
