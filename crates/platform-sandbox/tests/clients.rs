//! The protocol crates' own clients, on the sandbox's clock, against their platforms.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use platform_http::system::UnixMillis;
use platform_sandbox::{AcceptedDigest, Fault, FaultKind, Operation, Sandbox, SandboxClock, YichangOptions};
use webank::{
    Attachment, BusinessCall, CallPath, Download, FileFormat, FileType, HashCheck, Notice, Upload, UserData,
};
use yichang::state::{MemoryStore, Store};
use yichang::{BodyFormat, DigestSetting, Mobile};

async fn sandbox() -> Sandbox {
    let clock = SandboxClock::standing(UnixMillis::new(1_638_169_006_000));
    Sandbox::builder().clock(clock).start().await.unwrap()
}

#[tokio::test]
async fn jinlaiban_pushes_in_batches() {
    let sandbox = sandbox().await;
    let access = &sandbox.access().jinlaiban;
    let credentials =
        jinlaiban::Credentials::new(&access.appcode, &access.modulecode, access.appsecret.clone()).unwrap();
    let client = jinlaiban::Client::builder(credentials)
        .url(&sandbox.urls().jinlaiban)
        .clock(sandbox.clock().clone())
        .build()
        .unwrap();
    let date = jinlaiban::CreateDate::parse("2021-03-17 18:57:03").unwrap();
    let records: Vec<_> =
        (0..2001).map(|id| jinlaiban::Record::new(id.to_string(), "u", "查询", date).unwrap()).collect();
    assert!(client.push_all(records).await.is_complete());
    let counts = sandbox.jinlaiban().counts();
    assert_eq!((counts.batches, counts.distinct, counts.repeats, counts.oversized), (2, 2001, 0, 0));
}

/// A client whose digest setting is this, of a portal that accepts that digest, in both ways to write a body. One more
/// request is made for the first call where detection meets MD5, and none after it.
async fn check_yichang(setting: DigestSetting, accepted: AcceptedDigest, extra: u64) {
    for body in [BodyFormat::Form, BodyFormat::Json] {
        let clock = SandboxClock::standing(UnixMillis::new(1_638_169_006_000));
        let options = YichangOptions { digest: accepted, ..YichangOptions::default() };
        let sandbox = Sandbox::builder().clock(clock).yichang(options).start().await.unwrap();
        let access = &sandbox.access().yichang;
        let mobile = Mobile::parse(&access.mobiles[0]).unwrap();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        // Two clients on one store stand for two processes.
        for more in [extra, 0] {
            let client = yichang::Client::builder(&access.app_id, access.app_secret.clone())
                .url(&sandbox.urls().yichang)
                .clock(sandbox.clock().clone())
                .digest(setting)
                .login_body(body)
                .store(Arc::clone(&store))
                .build()
                .unwrap();
            let before = sandbox.received_count();
            let login = client.login(&mobile, Some("http://a.example/中")).await.unwrap();
            let known = sandbox.yichang().logged_in(login.sso_token().expose());
            assert_eq!(known.as_deref(), Some(mobile.expose()));
            assert_eq!(client.todo(&mobile).await.unwrap().items().len(), 2);
            assert_eq!(sandbox.received_count() - before, 2 + more, "{setting:?} {accepted:?} {body:?}");
        }
    }
}

#[tokio::test]
async fn yichang_logs_in_and_lists_in_every_setting() {
    check_yichang(DigestSetting::Sha1, AcceptedDigest::Sha1, 0).await;
    check_yichang(DigestSetting::Sha1, AcceptedDigest::Either, 0).await;
    check_yichang(DigestSetting::Md5, AcceptedDigest::Md5, 0).await;
    check_yichang(DigestSetting::Md5, AcceptedDigest::Either, 0).await;
    check_yichang(DigestSetting::Detect, AcceptedDigest::Sha1, 0).await;
    check_yichang(DigestSetting::Detect, AcceptedDigest::Either, 0).await;
    check_yichang(DigestSetting::Detect, AcceptedDigest::Md5, 1).await;
}

fn webank_client(sandbox: &Sandbox) -> webank::Client {
    let access = &sandbox.access().webank;
    // As patient as ever, and quicker about it.
    let mut policy = webank::credentials::Policy::default();
    policy.first_pause = Duration::from_millis(5);
    policy.longest_pause = Duration::from_millis(20);
    webank::Client::builder(&access.app_id, access.secret.clone())
        .business_url(&sandbox.urls().webank)
        .files_url(&sandbox.urls().webank_files)
        .clock(sandbox.clock().clone())
        .policy(policy)
        .build()
        .unwrap()
}

#[tokio::test]
async fn webank_calls_and_survives_being_kicked_and_expired() {
    let sandbox = sandbox().await;
    let client = webank_client(&sandbox);
    let path = CallPath::new("/api/s/yh/10002").unwrap();
    let code = async || {
        let reply = client.send(&BusinessCall::new(path.clone(), "{\"A\": \"中 😀\"}")).await.unwrap();
        reply.json_data.outcome().unwrap().code
    };
    assert_eq!(code().await, "66590000");
    sandbox.webank().kick();
    sandbox.webank().kick();
    assert_eq!(code().await, "66590000");
    sandbox.clock().advance(Duration::from_secs(7200));
    assert_eq!(code().await, "66590000");
    sandbox.inject(Fault::once(Operation::Call, FaultKind::Code("60841017".into())));
    assert_eq!(code().await, "66590000");
    let counts = sandbox.webank().counts();
    assert_eq!((counts.token_fetches, counts.ticket_fetches, counts.refused_kicked), (4, 4, 1));
}

/// What a client's calls end with when 64 of them run at once.
async fn at_once(client: &webank::Client) -> Vec<Result<webank::Reply, webank::Error>> {
    let calls: Vec<_> = (0..64)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                let path = CallPath::new("/api/s/yh/10002").unwrap();
                client.send(&BusinessCall::new(path.clone(), "{}")).await
            })
        })
        .collect();
    let mut ended = Vec::new();
    for call in calls {
        ended.push(call.await.unwrap());
    }
    ended
}

#[tokio::test]
async fn webank_fetches_once_however_many_wait() {
    let sandbox = sandbox().await;
    let client = webank_client(&sandbox);
    assert!(at_once(&client).await.iter().all(Result::is_ok));
    assert_eq!(sandbox.webank().counts().token_fetches, 1);
    // Kicked out beyond the grace: all 64 are refused, one fetches, the others use what it got.
    sandbox.webank().kick();
    sandbox.webank().kick();
    assert!(at_once(&client).await.iter().all(Result::is_ok));
    let counts = sandbox.webank().counts();
    assert_eq!((counts.token_fetches, counts.ticket_fetches), (2, 2));
}

#[tokio::test]
async fn webank_keeps_live_credentials_when_a_refresh_fails() {
    let sandbox = sandbox().await;
    let client = webank_client(&sandbox);
    assert!(at_once(&client).await.iter().all(Result::is_ok));
    // Due after 20 minutes; the platform is down, the ticket lives on.
    sandbox.clock().advance(Duration::from_secs(21 * 60));
    sandbox.inject(Fault::always(Operation::Token, FaultKind::Status(503)));
    assert!(at_once(&client).await.iter().all(Result::is_ok));
    assert!(at_once(&client).await.iter().all(Result::is_ok));
    // One try at a time for all of them, with pauses in between.
    let tries = |sandbox: &Sandbox| {
        sandbox.received().iter().filter(|received| received.operation == Some(Operation::Token)).count()
    };
    for _ in 0..1000 {
        if tries(&sandbox) > 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!((2..50).contains(&tries(&sandbox)), "{}", tries(&sandbox));
    // Dead after an hour: then the reason is told, and no call is sent without a ticket.
    sandbox.clock().advance(Duration::from_secs(40 * 60));
    let calls = |sandbox: &Sandbox| {
        sandbox.received().iter().filter(|received| received.operation == Some(Operation::Call)).count()
    };
    let before = calls(&sandbox);
    for ended in at_once(&client).await {
        let error = ended.unwrap_err();
        assert!(matches!(error, webank::Error::Credentials { step: "access_token", .. }), "{error}");
        assert_eq!(error.outcome(), platform_http::Outcome::NotSent);
    }
    assert_eq!(calls(&sandbox), before);
}

#[tokio::test]
async fn webank_keeps_what_it_fetched_for_a_caller_that_lost_patience() {
    let sandbox = sandbox().await;
    let client = webank_client(&sandbox);
    sandbox.inject(Fault::once(Operation::Token, FaultKind::Slow(Duration::from_millis(200))));
    let hasty = tokio::time::timeout(Duration::from_millis(20), client.credentials()).await;
    assert!(hasty.is_err(), "the answer came too early to show anything");
    // Whoever comes next waits for the same fetch.
    assert_eq!(client.credentials().await.unwrap().generation, 1);
    assert_eq!(sandbox.webank().counts().token_fetches, 1);
}

#[tokio::test]
async fn webank_fetches_both_again_when_a_rival_came_between_token_and_ticket() {
    let sandbox = sandbox().await;
    let client = webank_client(&sandbox);
    sandbox.inject(Fault::once(Operation::Ticket, FaultKind::Code("60851002".into())));
    assert!(client.credentials().await.is_ok());
    assert_eq!(sandbox.webank().counts().token_fetches, 2);
    // SPEC.md §2.3: after 60851005, the ticket alone.
    let client = webank_client(&sandbox);
    sandbox.inject(Fault::once(Operation::Ticket, FaultKind::Code("60851005".into())));
    assert!(client.credentials().await.is_ok());
    assert_eq!(sandbox.webank().counts().token_fetches, 3);
}

#[tokio::test]
async fn webank_takes_nothing_for_a_file_that_is_none() {
    let sandbox = sandbox().await;
    let client = webank_client(&sandbox);
    let planted = sandbox.webank().plant("a.png", 1000);
    let file = webank::StoredFile { id: planted.id.clone(), hash: planted.hash.clone(), name: None };
    sandbox.inject(Fault::once(Operation::Download, FaultKind::NotJson));
    let mut writer = Vec::new();
    let error =
        client.download(&Download::new(&file).content_type("image/png"), &mut writer).await.unwrap_err();
    let other = matches!(&error, webank::Error::NotUnderstood { reason: webank::ReplyError::ContentType { wanted, .. }, .. } if wanted == "image/png");
    assert!(other, "{error}");
    assert!(writer.is_empty());
}

#[tokio::test]
async fn webank_repeats_only_what_the_gateway_refused() {
    let sandbox = sandbox().await;
    let client = webank_client(&sandbox);
    let path = CallPath::new("/api/s/yh/10002").unwrap();
    client.credentials().await.unwrap();
    for (kind, requests, outcome) in [
        // A real signature error: refused again with new credentials, then reported.
        (FaultKind::Code("60841018".into()), 2, platform_http::Outcome::NotSent),
        (FaultKind::Code("60840003".into()), 1, platform_http::Outcome::Unknown),
        (FaultKind::Code("60840002".into()), 1, platform_http::Outcome::NotSent),
        // Nobody has told us whether this one is said before or after the call took effect.
        (FaultKind::Code("60849999".into()), 1, platform_http::Outcome::Unknown),
        (FaultKind::Status(502), 1, platform_http::Outcome::Unknown),
        (FaultKind::CutAfter, 1, platform_http::Outcome::Unknown),
        (FaultKind::Half, 1, platform_http::Outcome::Unknown),
        (FaultKind::NotJson, 1, platform_http::Outcome::Unknown),
    ] {
        sandbox.clear_faults();
        sandbox.inject(Fault::always(Operation::Call, kind.clone()));
        let calls = || sandbox.received().iter().filter(|one| one.operation == Some(Operation::Call)).count();
        let before = calls();
        let error = client.send(&BusinessCall::new(path.clone(), "{}")).await.unwrap_err();
        assert_eq!((calls() - before, error.outcome()), (requests, outcome), "{kind:?}: {error}");
    }
}

/// A web application calls from tasks that move between threads.
#[tokio::test]
async fn every_call_can_be_spawned() {
    fn check<T: Send>(_: impl Future<Output = T> + Send) {}
    let sandbox = sandbox().await;
    let client = webank_client(&sandbox);
    let (path, user) = (CallPath::new("/a").unwrap(), UserData::default());
    let file = webank::StoredFile { id: "1".into(), hash: "h".into(), name: None };
    let format = FileFormat::new("png").unwrap();
    let upload = Upload::new("n", FileType::INVOICE, format.clone(), Bytes::new());
    let download = Download::new(&file);
    let notice = Notice { biz_path: "b", file_type: &FileType::INVOICE, format: &format, biz_content: None };
    let attachment = || Attachment::new("n", Bytes::new());
    let mut writer = Vec::new();
    let call = BusinessCall::new(path.clone(), "{}");
    check(client.send(&call));
    check(client.call::<_, serde_json::Value>(&path, "{}"));
    check(client.settle());
    check(client.credentials());
    check(client.user_ticket(&user, "m"));
    check(client.upload(upload));
    check(client.notify_json(notice, attachment()));
    check(client.notify_signed_json(notice, attachment()));
    check(client.notify_form(notice, vec![attachment()]));
    check(client.download(&download, &mut writer));
    check(client.download_to(&download, "n"));

    let access = &sandbox.access().yichang;
    let yichang = yichang::Client::builder(&access.app_id, access.app_secret.clone()).build().unwrap();
    let mobile = Mobile::parse(&access.mobiles[0]).unwrap();
    check(yichang.login(&mobile, None));
    check(yichang.todo(&mobile));

    let access = &sandbox.access().jinlaiban;
    let credentials =
        jinlaiban::Credentials::new(&access.appcode, &access.modulecode, access.appsecret.clone()).unwrap();
    let jinlaiban = jinlaiban::Client::builder(credentials).url(&sandbox.urls().jinlaiban).build().unwrap();
    check(jinlaiban.push_all([]));
    assert_eq!(sandbox.received_count(), 0, "nothing is sent by a future that nobody polls");
}

#[tokio::test]
async fn webank_fetches_a_user_ticket() {
    let sandbox = sandbox().await;
    let user = UserData { user_id: "u 1".into(), user_name: Some("张 三".into()), ..UserData::default() };
    let ticket = webank_client(&sandbox).user_ticket(&user, "m").await.unwrap();
    assert_eq!(sandbox.webank().redeem(ticket.spend().expose()).unwrap().user_id, "u 1");
}

#[tokio::test]
async fn webank_moves_files() {
    let sandbox = sandbox().await;
    let client = webank_client(&sandbox);
    let content = Bytes::from(vec![b'x'; 3 * 1024 * 1024]);
    let format = FileFormat::new("png").unwrap();
    let upload = Upload::new("身份证 1.png", FileType::ID_CARD, format, content.clone());
    client.credentials().await.unwrap();
    sandbox.webank().kick();
    sandbox.webank().kick();
    // The ticket is refused while the form is on its way; the refusal arrives all the same.
    let file = client.upload(upload).await.unwrap().file;
    assert_eq!(sandbox.webank().file(&file.id).unwrap().name, "身份证 1.png");
    let mut writer = Vec::new();
    let download = Download::new(&file).content_type("image/png");
    let download = client.download(&download, &mut writer).await.unwrap();
    assert_eq!((writer.len(), download.hash), (content.len(), HashCheck::Proven));
}
