//! Each example, run as its own process against the sandbox, the way its reader would run it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use platform_http::{BaseUrl, Client, Config, HeaderName, HeaderValue, Method, Request, Response};
use platform_sandbox::{Access, Fault, FaultKind, Mistake, Operation, Sandbox, Urls};

/// A folder of its own, in which the program runs. Removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("duijie-example-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The program with the sandbox's addresses and credentials, as `duijie sandbox` prints them.
    fn command(&self, program: &str, urls: &Urls, access: &Access) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.0).env_clear().env("LISTEN", "127.0.0.1:0").envs([
            ("JINLAIBAN_BASE_URL", urls.jinlaiban.as_str()),
            ("JINLAIBAN_APPCODE", &access.jinlaiban.appcode),
            ("JINLAIBAN_MODULECODE", &access.jinlaiban.modulecode),
            ("JINLAIBAN_APPSECRET", access.jinlaiban.appsecret.expose()),
            ("YICHANG_BASE_URL", &urls.yichang),
            ("YICHANG_APP_ID", &access.yichang.app_id),
            ("YICHANG_APP_SECRET", access.yichang.app_secret.expose()),
            ("WEBANK_CALLBACK_SALT", access.webank.callback_salt.expose()),
            ("GUARD_TOKEN", "a-token-for-tests"),
            ("CONDITIONS", concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/duijie/samples/conditions.json")),
        ]);
        command
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0); // left behind at worst
    }
}

/// A program that serves, and the address that it prints. It is killed when this is dropped.
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim().to_owned() }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}

async fn ask(method: Method, url: &str, body: Option<&str>, token: Option<&'static str>) -> Response {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let client = Client::new(Config::new(BaseUrl::parse(&format!("{scheme}://{host}")).unwrap())).unwrap();
    let mut request = Request::new("example", "smoke", method, path.to_owned());
    if !query.is_empty() {
        request = request.query(query.to_owned());
    }
    if let Some(body) = body {
        request = request.content_type("application/json").body(body.to_owned());
    }
    if let Some(token) = token {
        request = request.header(HeaderName::from_static("authorization"), HeaderValue::from_static(token));
    }
    client.send(request).await.unwrap()
}

#[tokio::test]
async fn webank_callbacks_answers_the_bank() {
    let (folder, sandbox) = (Folder::new("callbacks"), Sandbox::start().await.unwrap());
    let program = env!("CARGO_BIN_EXE_webank_callbacks");
    let served = Served::start(folder.command(program, sandbox.urls(), sandbox.access()));
    let bank = sandbox.bank();

    let good = bank.call(&served.url, "TLMerchantQuery", r#"{"req_nbr":"tbt001"}"#).await.unwrap();
    assert!(good.is_success(), "{:?}", good.violations);
    let unfit = bank.call(&served.url, "TLMerchantQuery", r#"{"no":"such member"}"#).await.unwrap();
    assert_eq!(unfit.code.as_deref(), Some("0099"));
    let tampered = bank.seal_with(Mistake::TamperedPlain, "TLMerchantQuery", r#"{"req_nbr":"tbt001"}"#);
    assert_eq!(bank.send(&served.url, &tampered).await.unwrap().code.as_deref(), Some("0010"));
    let health = served.url.replace("/webank", "/healthz");
    assert_eq!(ask(Method::GET, &health, None, None).await.body, "ok");
}

#[tokio::test]
async fn first_push_pushes_its_record() {
    let (folder, sandbox) = (Folder::new("first"), Sandbox::start().await.unwrap());
    let run = || {
        let mut command = folder.command(env!("CARGO_BIN_EXE_first_push"), sandbox.urls(), sandbox.access());
        tokio::task::spawn_blocking(move || command.output().unwrap())
    };
    let pushed = run().await.unwrap();
    assert_eq!(String::from_utf8_lossy(&pushed.stdout), "accepted 1\n", "{pushed:?}");
    assert!(pushed.status.success() && pushed.stderr.is_empty(), "{pushed:?}");
    assert_eq!(sandbox.jinlaiban().counts().distinct, 1);

    sandbox.inject(Fault::always(Operation::Push, FaultKind::Code("302".to_owned())));
    let refused = run().await.unwrap();
    assert_eq!(String::from_utf8_lossy(&refused.stdout), "accepted 0\n");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(
        said.contains("1 records not accepted: ") && said.contains("ask the platform operator"),
        "{said}"
    );
}

#[tokio::test]
async fn nightly_push_loses_nothing() {
    let (folder, sandbox) = (Folder::new("push"), Sandbox::start().await.unwrap());
    let good = r#""user_id":"u","busi_item":"无房证明查询","create_date":"2021-03-17 18:57:03"}"#;
    let lines: String = (0..2500).map(|id| format!("{{\"id\":{id},{good}\n")).collect();
    let bad = good.replace("03-17", "02-30");
    std::fs::write(folder.0.join("records.jsonl"), format!("{lines}{{\"id\":2500,{bad}\n")).unwrap();
    let run = || {
        let program = env!("CARGO_BIN_EXE_nightly_push");
        let mut command = folder.command(program, sandbox.urls(), sandbox.access());
        command.arg("records.jsonl");
        tokio::task::spawn_blocking(move || command.output().unwrap())
    };

    sandbox.inject(Fault::always(Operation::Push, FaultKind::Code("302".to_owned())));
    let refused = run().await.unwrap();
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("ask the platform operator"), "{refused:?}");

    sandbox.clear_faults();
    sandbox.inject(Fault::once(Operation::Push, FaultKind::CutAfter));
    let pushed = run().await.unwrap();
    assert_eq!(pushed.status.code(), Some(3), "{pushed:?}");
    assert_eq!(String::from_utf8_lossy(&pushed.stdout), "accepted 2500, refused 0, rejected 1\n");
    assert!(
        String::from_utf8_lossy(&pushed.stderr).contains("line 2501: member `create_date`"),
        "{pushed:?}"
    );
    assert_eq!(sandbox.jinlaiban().counts().distinct, 2500);

    let before = sandbox.jinlaiban().counts().records;
    let again = run().await.unwrap();
    assert_eq!(String::from_utf8_lossy(&again.stdout), "accepted 0, refused 0, rejected 1\n");
    assert_eq!(sandbox.jinlaiban().counts().records, before);
}

#[tokio::test]
async fn sso_login_sends_the_browser_to_the_portal() {
    let (folder, sandbox) = (Folder::new("sso"), Sandbox::start().await.unwrap());
    let program = env!("CARGO_BIN_EXE_sso_login");
    let served = Served::start(folder.command(program, sandbox.urls(), sandbox.access()));

    let reply = ask(Method::GET, &served.url, None, None).await;
    assert_eq!(reply.status, 303);
    let address = reply.headers.get("location").unwrap().to_str().unwrap();
    assert!(address.starts_with("http://portal.example/") && address.contains("ssoToken="), "{address}");
    assert_eq!(reply.headers.get("cache-control").unwrap(), "no-store");

    let stranger = served.url.replace("/u1", "/u9");
    assert_eq!(ask(Method::GET, &stranger, None, None).await.status, 401);
    sandbox.inject(Fault::once(Operation::Login, FaultKind::Status(502)));
    assert_eq!(ask(Method::GET, &served.url, None, None).await.status, 502);
}

#[tokio::test]
async fn check_service_decides() {
    let (folder, sandbox) = (Folder::new("check"), Sandbox::start().await.unwrap());
    let program = env!("CARGO_BIN_EXE_check_service");
    let served = Served::start(folder.command(program, sandbox.urls(), sandbox.access()));
    let check = format!("{}/checkUserAuth", served.url);
    let ask_for = |audid: &str| {
        format!(
            r#"{{"userParam":{{"audid":"{audid}"}},"authParams":[{{"chineseName":"年龄","englishName":"age",
            "paramType":"number","operator":"GTEQ","values":"18"}}]}}"#
        )
    };
    let said = async |audid: &str, token| {
        let reply = ask(Method::POST, &check, Some(&ask_for(audid)), token).await;
        (reply.status, rabbitpre_auth::CheckReply::parse(&reply.body).unwrap().allowed)
    };
    let token = Some("Bearer a-token-for-tests");
    assert_eq!(said("720332229959618560", token).await, (200, true));
    assert_eq!(said("720332229959618569", token).await, (200, false));
    assert_eq!(said("720332229959618560", None).await, (401, false));
    let conditions = ask(Method::GET, &format!("{}/getAuthConditions", served.url), None, token).await;
    assert!(String::from_utf8_lossy(&conditions.body).contains("会员等级"));
}
