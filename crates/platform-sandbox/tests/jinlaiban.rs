//! 晋来办, simulated: what it takes, what it refuses, what it counts.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod wire;

use platform_http::Method;
use platform_sandbox::{JinlaibanOptions, Sandbox};
use wire::{FORM, NOW, PUSH, Push, post, reason, record, sandbox, send, standing, text};

/// What comes back for a push that was changed after everything else was right.
async fn check(change: impl FnOnce(&mut Push), code: &str, message: &str, why: &str) {
    let sandbox = sandbox().await;
    let mut push = Push::new(&sandbox, "n-1", format!("[{}]", record("1")));
    change(&mut push);
    let reply = push.send().await;
    assert_eq!(text(&reply), format!(r#"{{"status":"{code}","msg":"{message}"}}"#));
    assert!(reason(&reply).contains(why), "{}", reason(&reply));
    let logged = &sandbox.received()[0];
    assert_eq!(logged.code.as_deref(), Some(code));
    assert_eq!(logged.reason.as_deref().unwrap_or(""), reason(&reply));
    assert_eq!(sandbox.jinlaiban().counts().batches, u64::from(code == "200"));
}

#[tokio::test]
async fn a_right_push_is_taken() {
    check(|_| (), "200", "提交成功", "").await;
    check(|push| push.nonce = "九".repeat(64), "200", "提交成功", "").await;
    check(|push| push.timestamp = (NOW - 600).to_string(), "200", "提交成功", "").await;
    check(|push| push.timestamp = (NOW + 600).to_string(), "200", "提交成功", "").await;
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_its_code() {
    let no_permission = "接口没有权限,请与管理员联系";
    check(|push| push.appcode = "x".into(), "302", no_permission, "no such appcode").await;
    check(|push| push.modulecode = "x".into(), "302", no_permission, "no such appcode").await;
    check(|push| push.secret = "x".into(), "300", "签名错误", "does not match").await;
    check(|push| push.timestamp = (NOW - 601).to_string(), "300", "请求已过期", "too old by 1000 ms").await;
    check(|push| push.timestamp = (NOW + 601).to_string(), "300", "请求已过期", "too far ahead by 1000 ms")
        .await;
    check(|push| push.timestamp = format!("{NOW}000"), "300", "参数错误", "10 digits").await;
    check(|push| push.nonce = "x".repeat(65), "300", "参数错误", "nonce").await;
    check(|push| push.nonce = "x\ny".into(), "300", "参数错误", "nonce").await;
    check(|push| push.nonce = String::new(), "300", "参数错误", "`nonce` is missing or empty").await;
    check(|push| push.data = String::new(), "300", "参数错误", "`data` is missing or empty").await;
    check(|push| push.data = "[]".into(), "300", "业务数据格式错误", "`data` is empty").await;
    check(|push| push.data = "{}".into(), "300", "业务数据格式错误", "not a JSON array").await;
    check(|push| push.data = record("1"), "300", "业务数据格式错误", "not a JSON array").await;
    let bad_date = |push: &mut Push| push.data = push.data.replace("03-17", "02-29");
    check(bad_date, "300", "业务数据格式错误", "record 1 of `data`: `create_date`").await;
}

#[tokio::test]
async fn the_charset_may_be_left_out() {
    let sandbox = sandbox().await;
    let body = Push::new(&sandbox, "n-1", format!("[{}]", record("1"))).body();
    let media = "application/x-www-form-urlencoded";
    let reply = send(Method::POST, &sandbox.urls().jinlaiban, PUSH, media, body).await.unwrap();
    assert_eq!(text(&reply), r#"{"status":"200","msg":"提交成功"}"#);
}

async fn check_wire(
    method: Method,
    path: &str,
    media: &str,
    edit: impl FnOnce(String) -> String,
    status: u16,
    why: &str,
) {
    let sandbox = sandbox().await;
    let body = edit(Push::new(&sandbox, "n-1", format!("[{}]", record("1"))).body());
    let reply = send(method, &sandbox.urls().jinlaiban, path, media, body).await.unwrap();
    assert_eq!(reply.status, status);
    assert!(reason(&reply).contains(why), "{}", reason(&reply));
    assert_eq!(sandbox.jinlaiban().counts().records, 0);
}

#[tokio::test]
async fn the_form_of_the_request_is_checked() {
    let same = |body| body;
    check_wire(Method::POST, "/openplatform/open/push.action?generate", FORM, same, 404, "no such path")
        .await;
    check_wire(Method::PUT, PUSH, FORM, same, 405, "only POST").await;
    let path = PUSH.trim_end_matches("?generate");
    check_wire(Method::POST, path, FORM, same, 200, "query").await;
    check_wire(Method::POST, &format!("{path}?generate="), FORM, same, 200, "query").await;
    check_wire(Method::POST, &format!("{PUSH}&x=1"), FORM, same, 200, "query").await;
    check_wire(Method::POST, PUSH, "application/json; charset=UTF-8", same, 200, "content type").await;
    let gbk = "application/x-www-form-urlencoded; charset=GBK";
    check_wire(Method::POST, PUSH, gbk, same, 200, "content type").await;
    check_wire(Method::POST, PUSH, FORM, |body| body + "&extra=1", 200, "`extra` is none of").await;
    check_wire(Method::POST, PUSH, FORM, |body| body + "&nonce=2", 200, "`nonce` is given twice").await;
    check_wire(Method::POST, PUSH, FORM, |body| body.replace("sign=", "sign=0"), 200, "33 characters").await;
    check_wire(Method::POST, PUSH, FORM, |body| body.replace("%22", "%2"), 200, "not form-encoded").await;
    check_wire(Method::POST, PUSH, FORM, |body| body + "张三", 200, "not ASCII").await;
    let upper = |body: String| {
        let (head, tail) = body.split_once("&sign=").unwrap();
        let (sign, data) = tail.split_once('&').unwrap();
        format!("{head}&sign={}&{data}", sign.to_uppercase())
    };
    check_wire(Method::POST, PUSH, FORM, upper, 200, "lower case").await;
}

#[tokio::test]
async fn a_request_comes_once_and_a_refused_one_does_not_use_up_its_nonce() {
    let sandbox = sandbox().await;
    let mut push = Push::new(&sandbox, "n-1", "[]".into());
    assert!(text(&push.send().await).contains("业务数据格式错误"));
    push.data = format!("[{}]", record("1"));
    assert!(text(&push.send().await).contains("提交成功"));
    assert_eq!(text(&push.send().await), r#"{"status":"300","msg":"重复的请求"}"#);
    push.timestamp = (NOW + 1).to_string();
    assert!(text(&push.send().await).contains("提交成功")); // the same nonce with another timestamp
    assert_eq!(sandbox.jinlaiban().counts().repeats, 1);
}

#[tokio::test]
async fn repeats_are_recognised_by_their_id() {
    let sandbox = sandbox().await;
    let push =
        |nonce: &str, records: &[String]| Push::new(&sandbox, nonce, format!("[{}]", records.join(",")));
    push("1", &[record("a"), record("b"), record("a")]).send().await;
    push("2", &[record("b"), record("c")]).send().await;
    push("3", &[record("c").replace("张三", "李四")]).send().await;
    let counts = sandbox.jinlaiban().counts();
    assert_eq!(
        (counts.batches, counts.records, counts.distinct, counts.repeats, counts.conflicts),
        (3, 6, 3, 3, 1)
    );
    let ids: Vec<_> = sandbox.jinlaiban().records().into_iter().map(|record| record.id).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    assert!(sandbox.jinlaiban().has_record("c") && !sandbox.jinlaiban().has_record("d"));
}

#[tokio::test]
async fn two_thousand_records_are_taken_and_one_more_is_not() {
    let sandbox = sandbox().await;
    let records: Vec<_> = (0..2001).map(|number| record(&number.to_string())).collect();
    let push = |records: &[String]| {
        Push::new(&sandbox, &records.len().to_string(), format!("[{}]", records.join(",")))
    };
    assert_eq!(text(&push(&records).send().await), r#"{"status":"300","msg":"单次最多上传2000条数据"}"#);
    assert!(text(&push(&records[..2000]).send().await).contains("提交成功"));
    let counts = sandbox.jinlaiban().counts();
    assert_eq!((counts.oversized, counts.distinct), (1, 2000));
}

async fn check_answer(state_for_status: bool, status_as_number: bool, expected: &str) {
    let options = JinlaibanOptions { state_for_status, status_as_number, ..JinlaibanOptions::default() };
    let sandbox = Sandbox::builder().clock(standing()).jinlaiban(options).start().await.unwrap();
    assert_eq!(text(&Push::new(&sandbox, "n", format!("[{}]", record("1"))).send().await), expected);
}

#[tokio::test]
async fn the_answer_wavers_as_the_document_does() {
    check_answer(false, false, r#"{"status":"200","msg":"提交成功"}"#).await;
    check_answer(true, false, r#"{"state":"200","msg":"提交成功"}"#).await;
    check_answer(false, true, r#"{"status":200,"msg":"提交成功"}"#).await;
    check_answer(true, true, r#"{"state":200,"msg":"提交成功"}"#).await;
}

#[tokio::test]
async fn what_was_received_can_be_looked_at_and_shows_nothing_by_itself() {
    let sandbox = sandbox().await;
    let push = Push::new(&sandbox, "n-1", format!("[{}]", record("1")));
    post(&push.url, PUSH, FORM, push.body()).await;
    let received = sandbox.received();
    assert_eq!(received[0].body.as_deref(), Some(push.body().as_bytes()));
    let shown = format!("{received:?} {:?} {:?}", sandbox.jinlaiban().records(), sandbox);
    for hidden in ["137", "张三", "%E5%BC%A0", &push.secret] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
}
