//! Each fault as the client sees it on the wire, and what the platform did meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod wire;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use platform_http::{ErrorKind, Method, Outcome, Response, TransportError};
use platform_sandbox::{Access, Fault, FaultKind, Operation, Platform, Sandbox, StartError};
use wire::{FORM, PUSH, Push, call, fetch_token, json, record, sandbox, send, standing, text, ticket};

async fn push(sandbox: &Sandbox, nonce: &str) -> Result<Response, TransportError> {
    let push = Push::new(sandbox, nonce, format!("[{}]", record("1")));
    send(Method::POST, &push.url, PUSH, FORM, push.body()).await
}

/// One push that meets `fault`, whether the platform kept it, and that the next push is all right.
async fn meet(fault: FaultKind, processed: bool) -> Result<Response, TransportError> {
    let sandbox = sandbox().await;
    sandbox.inject(Fault::once(Operation::Push, fault.clone()));
    let met = push(&sandbox, "1").await;
    assert_eq!(sandbox.jinlaiban().counts().batches, u64::from(processed), "{fault}");
    assert_eq!(sandbox.received()[0].fault, Some(fault));
    assert_eq!(sandbox.faults_met(), 1);
    assert_eq!(text(&push(&sandbox, "2").await.unwrap()), r#"{"status":"200","msg":"提交成功"}"#);
    assert_eq!(sandbox.received()[1].fault, None);
    met
}

#[tokio::test]
async fn a_cut_connection_gives_no_answer() {
    for (fault, processed) in [(FaultKind::CutBefore, false), (FaultKind::CutAfter, true)] {
        let error = meet(fault.clone(), processed).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome(), error.status()),
            (&ErrorKind::Cut, Outcome::Unknown, None),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn half_an_answer_breaks_off() {
    let error = meet(FaultKind::Half, true).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (&ErrorKind::Cut, Some(200)));
}

#[tokio::test]
async fn half_an_answer_really_brings_its_first_half() {
    let sandbox = sandbox().await;
    let whole = fetch_token(&sandbox).await.body.len();
    sandbox.inject(Fault::once(Operation::Token, FaultKind::Half));
    let access = &sandbox.access().webank;
    let config = platform_http::Config::new(platform_http::BaseUrl::parse(&sandbox.urls().webank).unwrap());
    let request = platform_http::Request::new("test", "token", Method::GET, "/api/oauth2/access_token")
        .query(format!(
            "app_id={}&secret={}&grant_type=client_credential&version=2.0.0",
            access.app_id,
            access.secret.expose()
        ));
    let mut reply = platform_http::Client::new(config).unwrap().stream(request).await.unwrap();
    assert_eq!(reply.content_length, Some(whole as u64));
    let mut came = 0;
    let error = loop {
        match reply.chunk().await {
            Ok(Some(piece)) => came += piece.len(),
            Ok(None) => panic!("the answer came whole"),
            Err(error) => break error,
        }
    };
    assert_eq!((came, error.kind()), (whole / 2, &ErrorKind::Cut));
}

#[tokio::test]
async fn a_proxy_answers_in_place_of_the_platform() {
    for (fault, processed, status) in [
        (FaultKind::Status(500), false, 500),
        (FaultKind::Status(502), false, 502),
        (FaultKind::StatusAfter(504), true, 504),
        (FaultKind::NotJson, true, 200),
    ] {
        let reply = meet(fault, processed).await.unwrap();
        assert_eq!(reply.status, status);
        assert!(text(&reply).starts_with("<html>"));
    }
    let reply = meet(FaultKind::Empty, true).await.unwrap();
    assert_eq!((reply.status, reply.body.len()), (200, 0));
}

#[tokio::test]
async fn a_platform_refuses_with_the_code_that_was_asked_for() {
    let reply = meet(FaultKind::Code("302".into()), false).await.unwrap();
    assert_eq!(text(&reply), r#"{"status":"302","msg":"接口没有权限,请与管理员联系"}"#);
    let sandbox = Sandbox::builder()
        .clock(standing())
        .faults("yichang:code=7,webank.token:code=60856999*1,webank.call:code=60841017*1".parse().unwrap())
        .start()
        .await
        .unwrap();
    let reply = wire::post(&sandbox.urls().yichang, "/api/syncauth/login", "", "").await;
    assert_eq!(text(&reply), r#"{"code":7,"msg":"系统异常!"}"#);
    assert_eq!(json(&fetch_token(&sandbox).await)["code"], "60856999");
    let ticket = ticket(&sandbox).await;
    let refused = json(&call(&sandbox, &ticket, "{}").await);
    assert_eq!((&refused["code"], &refused["msg"]), (&"60841017".into(), &"ticket验证失败".into()));
    assert_eq!(json(&call(&sandbox, &ticket, "{}").await)["code"], "60840000");
}

#[tokio::test]
async fn a_platform_that_is_in_trouble_for_a_while_counts_what_it_took_in_the_end() {
    let sandbox = sandbox().await;
    sandbox.inject(Fault::times(Operation::Push, FaultKind::Code("300".into()), 3));
    for attempt in 0..3 {
        let refused = push(&sandbox, &attempt.to_string()).await.unwrap();
        assert_eq!(text(&refused), r#"{"status":"300","msg":"异常"}"#);
        assert_eq!(sandbox.jinlaiban().counts().records, 0);
    }
    assert_eq!(text(&push(&sandbox, "3").await.unwrap()), r#"{"status":"200","msg":"提交成功"}"#);
    // Processed, the answer lost, sent again: counted once, recognised once.
    sandbox.inject(Fault::once(Operation::Push, FaultKind::CutAfter));
    push(&sandbox, "4").await.unwrap_err();
    push(&sandbox, "5").await.unwrap();
    let counts = sandbox.jinlaiban().counts();
    assert_eq!((counts.batches, counts.records, counts.distinct, counts.repeats), (3, 3, 1, 2));
    assert_eq!(sandbox.faults_met(), 4);
}

#[tokio::test]
async fn a_slow_answer_is_late_and_whole() {
    let started = Instant::now();
    let reply = meet(FaultKind::Slow(Duration::from_millis(60)), true).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(60));
    assert_eq!(text(&reply), r#"{"status":"200","msg":"提交成功"}"#);
}

#[tokio::test]
async fn state_comes_for_status() {
    let reply = meet(FaultKind::State, true).await.unwrap();
    assert_eq!(text(&reply), r#"{"state":"200","msg":"提交成功"}"#);
}

#[tokio::test]
async fn a_rival_kicks_just_before() {
    let sandbox = sandbox().await;
    let ticket = ticket(&sandbox).await;
    sandbox.inject(Fault::times(Operation::Call, FaultKind::Kick, 2));
    assert_eq!(json(&call(&sandbox, &ticket, "{}").await)["code"], "60840000"); // on grace
    assert_eq!(json(&call(&sandbox, &ticket, "{}").await)["code"], "60841018");
    assert_eq!(sandbox.webank().counts().rival_fetches, 2);
}

#[tokio::test]
async fn a_cut_upload_leaves_no_file() {
    let sandbox = sandbox().await;
    let ticket = ticket(&sandbox).await;
    sandbox.inject(Fault::once(Platform::Webank, FaultKind::CutBefore));
    let query = wire::file_query(&sandbox, &ticket, "1.0.0", "&fileType=001&fileFormat=png");
    let url = format!("/api/s/up/upload?{query}");
    let body = vec![b'x'; 4 * 1024 * 1024];
    let sent =
        send(Method::POST, &sandbox.urls().webank_files, &url, "multipart/form-data; boundary=B", body).await;
    assert_eq!(sent.unwrap_err().outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn faults_follow_from_the_seed_and_can_be_ended() {
    let outcomes = async |seed| {
        let faults = "jinlaiban:status=500@30%,any:empty@20%".parse().unwrap();
        let builder = Sandbox::builder().clock(standing()).seed(seed).faults(faults);
        let sandbox = builder.start().await.unwrap();
        let mut outcomes = Vec::new();
        for nonce in 0..60 {
            let reply = push(&sandbox, &nonce.to_string()).await.unwrap();
            outcomes.push((reply.status, reply.body.is_empty()));
        }
        sandbox.clear_faults();
        assert_eq!(push(&sandbox, "last").await.unwrap().status, 200);
        outcomes
    };
    let once = outcomes(5).await;
    assert_eq!(once, outcomes(5).await);
    assert_ne!(once, outcomes(6).await);
    assert!(once.contains(&(500, false)) && once.contains(&(200, true)) && once.contains(&(200, false)));
}

#[tokio::test]
async fn credentials_and_tokens_follow_from_the_seed_and_the_time() {
    let start = async |seed| Sandbox::builder().clock(standing()).seed(seed).start().await.unwrap();
    let (one, same, other) = (start(1).await, start(1).await, start(2).await);
    let secret = |access: &Access| access.yichang.app_secret.expose().to_owned();
    assert_eq!(secret(one.access()), secret(same.access()));
    assert_ne!(secret(one.access()), secret(other.access()));
    let token = wire::token(&one).await;
    assert_eq!(token, wire::token(&same).await);
    assert_ne!(token, wire::token(&other).await);
    let clock = standing();
    clock.advance(Duration::from_secs(1));
    let later = Sandbox::builder().clock(clock).start().await.unwrap();
    assert_ne!(token, wire::token(&later).await);
}

#[tokio::test]
async fn a_stopped_sandbox_frees_its_addresses_and_takes_four_in_a_row() {
    let first = sandbox().await;
    let address: SocketAddr = first.urls().jinlaiban.trim_start_matches("http://").parse().unwrap();
    let taken = Sandbox::builder().listen(address).start().await.unwrap_err();
    let StartError::Listen { address: named, .. } = &taken else { panic!("{taken}") };
    assert_eq!(*named, address);
    push(&first, "1").await.unwrap();
    first.shutdown().await;
    // The three ports behind it may be somebody else's: then the error names one of them.
    match Sandbox::builder().listen(address).clock(standing()).start().await {
        Ok(again) => {
            assert_eq!(again.urls().jinlaiban, format!("http://{address}"));
            assert_eq!(again.urls().webank_files, format!("http://127.0.0.1:{}", address.port() + 3));
        }
        Err(StartError::Listen { address: named, .. }) => assert_ne!(named, address),
        Err(other) => panic!("{other}"),
    }
    let high = SocketAddr::from(([127, 0, 0, 1], 65_533));
    let error = Sandbox::builder().listen(high).start().await.unwrap_err();
    assert!(matches!(error, StartError::Ports { port: 65_533, .. }), "{error}");
}

#[tokio::test]
async fn a_dropped_sandbox_cuts_what_is_under_way() {
    let sandbox = sandbox().await;
    sandbox.inject(Fault::once(Operation::Push, FaultKind::Slow(Duration::from_secs(3600))));
    let push = Push::new(&sandbox, "1", format!("[{}]", record("1")));
    let waiting = tokio::spawn(async move { send(Method::POST, &push.url, PUSH, FORM, push.body()).await });
    while sandbox.received_count() == 0 {
        tokio::task::yield_now().await;
    }
    drop(sandbox);
    assert_eq!(waiting.await.unwrap().unwrap_err().kind(), &ErrorKind::Cut);
}
