//! The client against a platform of scripted answers.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod platform;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use platform::{Platform, Seen, answer};
use platform_http::system::{EntropyError, ManualClock, SeededEntropy};
use yichang::state::{
    Entry, ErrorKind, Key, KeyError, Lease, MemoryStore, Owner, Put, StateError, Store, Swap,
};
use yichang::{
    Accept, BaseUrl, BodyFormat, BuildError, Client, ClientBuilder, Config, DigestKind, DigestSetting, Error,
    Fault, Freshness, Mobile, Outcome, ParamError, ReceivedBody, ReceivedParams, ReplyFault, Secret,
    UnixMillis,
};

/// What the port returns, as `futures` names it.
type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

const SECRET: &str = "8e85e612698296b4c522bfa7eb0b82a8";
const NOW: UnixMillis = UnixMillis::new(1_574_251_924_456);
const LOGIN: &str = r#"{"code":1,"msg":"success","time":"1638169006","data":{"jumpUrl":"http:\/\/a.cn:81\/i.html?ssoToken=t0k3n","ssoToken":"t0k3n"}}"#;
const TODO: &str = r#"{"code":"1","msg":"success","data":{"rowCount":"1","items":[{"requestId":10412,"title":"采集-白骥"}]}}"#;
const WRONG: &str = r#"{"code":0,"msg":"签名错误!"}"#;
const OTHER: &str = r#"{"code":0,"msg":"用户不存在","data":[]}"#;
const NUMBER: &str = "17386500821";

fn builder(base: &BaseUrl) -> ClientBuilder {
    Client::builder("RSJ00001", Secret::new(SECRET).unwrap())
        .url(&base.to_string())
        .clock(ManualClock::new(NOW))
        .entropy(SeededEntropy::new(7))
}

fn client(base: &BaseUrl, digest: DigestSetting) -> Client {
    builder(base).digest(digest).build().unwrap()
}

fn mobile() -> Mobile {
    Mobile::parse(NUMBER).unwrap()
}

async fn platform(answers: &[&str]) -> Platform {
    Platform::start(answers.iter().map(|body| answer(200, body)).collect()).await
}

/// Path and query of what came in.
fn target(seen: &Seen) -> (&str, Option<&str>) {
    let target = seen.line.strip_prefix("POST ").unwrap().strip_suffix(" HTTP/1.1").unwrap();
    target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)))
}

/// The digest that signed what came in.
fn digest(seen: &Seen) -> DigestKind {
    let params = ReceivedParams::parse(target(seen).1.unwrap()).unwrap();
    let window = Freshness::within(Duration::from_secs(1));
    params.verify(Accept::Either, &Secret::new(SECRET).unwrap(), &window, NOW).unwrap()
}

fn digests(platform: &Platform) -> Vec<DigestKind> {
    platform.seen().iter().map(digest).collect()
}

const SHA1: DigestKind = DigestKind::Sha1;
const MD5: DigestKind = DigestKind::Md5;

#[tokio::test]
async fn a_login_is_as_documented() {
    for (format, content_type) in [
        (BodyFormat::Form, "application/x-www-form-urlencoded; charset=UTF-8"),
        (BodyFormat::Json, "application/json; charset=UTF-8"),
    ] {
        let platform = platform(&[LOGIN]).await;
        let client = builder(&platform.base).login_body(format).build().unwrap();
        let login = client.login(&mobile(), Some("http://b/?c=中")).await.unwrap();
        assert_eq!(login.jump_url().expose(), "http://a.cn:81/i.html?ssoToken=t0k3n");
        assert_eq!(login.sso_token().expose(), "t0k3n");

        let seen = platform.seen();
        assert_eq!((seen.len(), target(&seen[0]).0), (1, "/api/syncauth/login"));
        assert_eq!(seen[0].content_type, content_type);
        assert_eq!(digest(&seen[0]), SHA1);
        let params = ReceivedParams::parse(target(&seen[0]).1.unwrap()).unwrap();
        assert_eq!(params.get("timeStamp"), Some("1574251924"));
        assert_eq!(params.get("nonceStr").unwrap().len(), 20);
        assert_eq!(params.get("deviceId").unwrap().len(), 36);
        let body = ReceivedBody::parse(&seen[0].content_type, &seen[0].body).unwrap();
        assert_eq!((body.mobile(), body.url()), (Ok(mobile()), Some("http://b/?c=中")));
        let sent = format!("{:?}{}", seen[0].line, String::from_utf8_lossy(&seen[0].body));
        assert!(!sent.contains(SECRET), "{sent}");
    }
}

#[tokio::test]
async fn a_to_do_list_is_signed_unless_told_otherwise() {
    let platform = platform(&[TODO]).await;
    let list = client(&platform.base, DigestSetting::Md5).todo(&mobile()).await.unwrap();
    assert_eq!(list.items()[0].request_id.as_deref(), Some("10412"));
    let unsigned = builder(&platform.base).sign_todo(false).build().unwrap();
    unsigned.todo(&mobile()).await.unwrap();

    let seen = platform.seen();
    assert_eq!(digest(&seen[0]), MD5);
    assert_eq!(target(&seen[1]), ("/api/synctodo/getTodoList", None));
    for seen in &seen {
        assert_eq!(target(seen).0, "/api/synctodo/getTodoList");
        assert_eq!(seen.body, br#"{"mobile":"17386500821"}"#);
        assert_eq!(seen.content_type, "application/json; charset=UTF-8");
    }
}

#[tokio::test]
async fn detection_costs_one_more_call_once_and_clones_share_it() {
    let platform = platform(&[WRONG, LOGIN, TODO]).await;
    let client = client(&platform.base, DigestSetting::Detect);
    let clone = client.clone();
    client.login(&mobile(), None).await.unwrap();
    assert_eq!((client.detected(), clone.detected()), (Some(MD5), Some(MD5)));
    clone.todo(&mobile()).await.unwrap();
    assert_eq!(digests(&platform), [SHA1, MD5, MD5]);

    let seen = platform.seen();
    let nonce = |seen: &Seen| {
        let params = ReceivedParams::parse(target(seen).1.unwrap()).unwrap();
        params.get("nonceStr").unwrap().to_owned()
    };
    assert_ne!(nonce(&seen[0]), nonce(&seen[1]), "the second call has a nonce of its own");
    assert_eq!(seen[0].body, seen[1].body);
}

#[tokio::test]
async fn detection_stays_with_sha1_where_that_works() {
    let platform = platform(&[LOGIN, WRONG]).await;
    let client = client(&platform.base, DigestSetting::Detect);
    client.login(&mobile(), None).await.unwrap();
    let error = client.login(&mobile(), None).await.unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    assert_eq!((digests(&platform), client.detected()), (vec![SHA1, SHA1], Some(SHA1)));
}

#[tokio::test]
async fn a_wrong_secret_is_two_calls_and_nothing_is_remembered() {
    let platform = platform(&[WRONG]).await;
    let client = client(&platform.base, DigestSetting::Detect);
    let error = client.login(&mobile(), None).await.unwrap_err();
    assert!(error.to_string().contains("compare appId and appSecret"), "{error}");
    assert_eq!((digests(&platform), client.detected()), (vec![SHA1, MD5], None));
}

#[tokio::test]
async fn another_refusal_of_md5_is_not_what_worked() {
    let platform = platform(&[WRONG, OTHER, LOGIN]).await;
    let client = client(&platform.base, DigestSetting::Detect);
    let error = client.login(&mobile(), None).await.unwrap_err();
    let Error::Refused(refused) = &error else { panic!("{error:?}") };
    assert_eq!((refused.msg(), error.outcome()), ("用户不存在", Outcome::NotSent));
    assert_eq!(client.detected(), None);
    client.login(&mobile(), None).await.unwrap();
    assert_eq!((digests(&platform), client.detected()), (vec![SHA1, MD5, SHA1], Some(SHA1)));
}

#[tokio::test]
async fn the_address_of_the_http_settings_counts_everywhere() {
    let platform = platform(&[LOGIN]).await;
    let there = Config::new(platform.base.clone());
    let elsewhere = BaseUrl::parse("https://elsewhere.example").unwrap();
    let client = builder(&elsewhere).http(there).build().unwrap();
    assert_eq!(client.base_url(), &platform.base);
    let shown = client.prepare_login(&mobile(), None).unwrap().to_string();
    assert!(shown.starts_with(&format!("POST {}/api/", platform.base)), "{shown}");
    client.login(&mobile(), None).await.unwrap();
    assert_eq!(platform.seen().len(), 1);
}

#[tokio::test]
async fn other_refusals_and_set_digests_make_no_second_call() {
    for (digest, reply, kind) in [
        (DigestSetting::Detect, OTHER, SHA1),
        (DigestSetting::Sha1, WRONG, SHA1),
        (DigestSetting::Md5, WRONG, MD5),
    ] {
        let platform = platform(&[reply]).await;
        let client = client(&platform.base, digest);
        let error = client.login(&mobile(), None).await.unwrap_err();
        let Error::Refused(refused) = &error else { panic!("{error:?}") };
        assert_eq!((refused.code().as_str(), error.fault()), ("0", Fault::Platform));
        assert_eq!((digests(&platform), client.detected()), (vec![kind], None));
    }
}

#[tokio::test]
async fn what_was_detected_elsewhere_is_used_at_once() {
    let platform = platform(&[LOGIN]).await;
    let client = builder(&platform.base).detected(MD5).build().unwrap();
    client.login(&mobile(), None).await.unwrap();
    assert_eq!(digests(&platform), [MD5]);
}

#[tokio::test]
async fn a_store_saves_the_next_process_the_detection() {
    let platform = platform(&[WRONG, LOGIN, TODO, WRONG, LOGIN, TODO, TODO]).await;
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let process = || builder(&platform.base).store(Arc::clone(&store)).build().unwrap();
    process().login(&mobile(), None).await.unwrap();
    process().todo(&mobile()).await.unwrap();
    assert_eq!(digests(&platform), [SHA1, MD5, MD5]);
    // What was kept is long ago: the platform changed its mind, and that costs one call once.
    let client = process();
    client.login(&mobile(), None).await.unwrap();
    assert_eq!(client.detected(), Some(SHA1));
    process().todo(&mobile()).await.unwrap();
    assert_eq!(digests(&platform)[3..], [MD5, SHA1, SHA1]);
    // Another appId is another cell, and an unsigned call asks nobody.
    let other = Client::builder("RSJ00002", Secret::new(SECRET).unwrap()).store(Arc::clone(&store));
    let other = other.url(&platform.base.to_string()).sign_todo(false).build().unwrap();
    other.todo(&mobile()).await.unwrap();
    assert_eq!(other.detected(), None);
}

#[tokio::test]
async fn a_store_that_fails_fails_no_call() {
    #[derive(Debug)]
    struct Broken;
    fn no<'a, T>() -> BoxFuture<'a, Result<T, StateError>> {
        Box::pin(async { Err(StateError::new(ErrorKind::Unavailable, "test", "unplugged")) })
    }
    impl Store for Broken {
        fn read<'a>(&'a self, _: &'a Key) -> BoxFuture<'a, Result<Option<Entry>, StateError>> {
            no()
        }
        fn swap<'a>(&'a self, _: &'a Key, _: u64, _: Put<'a>) -> BoxFuture<'a, Result<Swap, StateError>> {
            no()
        }
        fn acquire<'a>(
            &'a self,
            _: &'a Key,
            _: &'a Owner,
            _: Duration,
        ) -> BoxFuture<'a, Result<Lease, StateError>> {
            no()
        }
        fn release<'a>(&'a self, _: &'a Key, _: &'a Owner) -> BoxFuture<'a, Result<(), StateError>> {
            no()
        }
    }
    let platform = platform(&[WRONG, LOGIN, TODO]).await;
    let client = builder(&platform.base).store(Arc::new(Broken)).build().unwrap();
    client.login(&mobile(), None).await.unwrap();
    client.todo(&mobile()).await.unwrap();
    assert_eq!(digests(&platform), [SHA1, MD5, MD5]);
}

#[tokio::test]
async fn calls_at_once_all_find_the_digest() {
    let platform = Platform::serve(|seen| answer(200, if digest(seen) == MD5 { LOGIN } else { WRONG })).await;
    let client = client(&platform.base, DigestSetting::Detect);
    let calls: Vec<_> = (0..16)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.login(&mobile(), None).await.map(drop) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(client.detected(), Some(MD5));
    let before = platform.seen().len();
    assert!((17..=32).contains(&before), "{before} calls");
    client.login(&mobile(), None).await.unwrap();
    assert_eq!(platform.seen().len(), before + 1);
}

#[track_caller]
fn hides_everything(error: &Error) {
    let shown = format!("{error} {error:?}");
    for hidden in [SECRET, NUMBER, "t0k3n", "signature=", "白骥"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

#[tokio::test]
async fn answers_that_are_not_understood() {
    for (http_status, body, reason) in [
        (200, "<html>login</html>", ReplyFault::NotJson),
        (502, "<html>bad gateway</html>", ReplyFault::NotJson),
        (200, "", ReplyFault::NotJson),
        (200, "[]", ReplyFault::NotObject),
        (200, r#"{"status":1}"#, ReplyFault::NoCode),
        (500, LOGIN, ReplyFault::HttpStatus),
        (502, r#"{"code":502,"msg":"Bad Gateway"}"#, ReplyFault::HttpStatus),
        (200, r#"{"code":1,"data":[]}"#, ReplyFault::Member { member: "data" }),
        (200, r#"{"code":1,"data":{"ssoToken":"t0k3n"}}"#, ReplyFault::Member { member: "data.jumpUrl" }),
    ] {
        let platform = Platform::start(vec![answer(http_status, body)]).await;
        let error = client(&platform.base, DigestSetting::Detect).login(&mobile(), None).await.unwrap_err();
        hides_everything(&error);
        let Error::NotUnderstood(fault) = &error else { panic!("{error:?}") };
        assert_eq!((fault.http_status(), fault.reason()), (http_status, reason));
        assert_eq!((error.fault(), error.outcome()), (Fault::Reply, Outcome::Unknown));
        assert_eq!(platform.seen().len(), 1);
    }
}

#[tokio::test]
async fn the_way_fails() {
    for cut in ["", "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"code\":1"] {
        let platform = Platform::start(vec![cut.into()]).await;
        let error = client(&platform.base, DigestSetting::Detect).todo(&mobile()).await.unwrap_err();
        hides_everything(&error);
        assert!(matches!(error, Error::Transport(_)), "{error:?}");
        assert_eq!((error.fault(), error.outcome()), (Fault::Transport, Outcome::Unknown));
    }
    let nobody = platform::nobody().await;
    let error = client(&nobody, DigestSetting::Detect).todo(&mobile()).await.unwrap_err();
    hides_everything(&error);
    assert!(matches!(error, Error::Transport(_)), "{error:?}");
    assert_eq!((error.fault(), error.outcome()), (Fault::Transport, Outcome::NotSent));
}

#[tokio::test]
async fn without_entropy_nothing_is_sent() {
    struct Dry;
    impl platform_http::system::Entropy for Dry {
        fn fill(&self, _: &mut [u8]) -> Result<(), EntropyError> {
            Err(EntropyError)
        }
    }
    let nobody = platform::nobody().await;
    let error = builder(&nobody).entropy(Dry).build().unwrap_err();
    assert_eq!(error, BuildError::Entropy(EntropyError));
    let client = builder(&nobody).entropy(Dry).device_id("10.0.0.1").build().unwrap();
    let error = client.login(&mobile(), None).await.unwrap_err();
    assert!(matches!(error, Error::Entropy(_)), "{error:?}");
    assert_eq!((error.fault(), error.outcome()), (Fault::Caller, Outcome::NotSent));
}

#[tokio::test]
async fn what_is_prepared_shows_neither_secret_nor_person() {
    let nobody = platform::nobody().await;
    let client = builder(&nobody).device_id("10.0.0.1").build().unwrap();
    let login = client.prepare_login(&mobile(), Some("http://b/?who=白骥")).unwrap();
    let todo = client.prepare_todo(&mobile()).unwrap();
    let shown = format!("{login}\n{todo}\n{login:?} {todo:?} {client:?}");
    for hidden in [SECRET, NUMBER, "白骥", "who"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    let shown = login.to_string();
    let head =
        format!("POST {nobody}/api/syncauth/login?appId=RSJ00001&deviceId=10.0.0.1&deviceType=WEB&nonceStr=");
    assert!(shown.starts_with(&head), "{shown}");
    assert!(shown.ends_with("\n\nmobile=‹11 B›\nurl=‹20 B›"), "{shown}");
    assert_ne!(login.query(), client.prepare_login(&mobile(), None).unwrap().query());
}

#[test]
fn defaults_and_mistakes_of_the_builder() {
    let new = |app_id: &str| Client::builder(app_id, Secret::new(SECRET).unwrap());
    let client = new("RSJ00001").build().unwrap();
    assert_eq!(client.base_url().to_string(), yichang::DEFAULT_BASE_URL);
    let empty = |name| BuildError::Param(ParamError::Empty { name });
    assert_eq!(new("").build().unwrap_err(), empty("appId"));
    assert_eq!(new("a").device_id("").build().unwrap_err(), empty("deviceId"));
    let base = BaseUrl::parse(yichang::DEFAULT_BASE_URL).unwrap();
    let wrong = new("a").http(Config::new(base).user_agent("a\nb")).build().unwrap_err();
    assert!(matches!(wrong, BuildError::Config(_)), "{wrong:?}");
    let wrong = new("a").url("portal").build().unwrap_err();
    assert!(matches!(wrong, BuildError::Config(_)), "{wrong:?}");
    let wrong = new("a\nb").store(Arc::new(MemoryStore::new())).build().unwrap_err();
    assert_eq!(wrong, BuildError::Key(KeyError::Name));
}
