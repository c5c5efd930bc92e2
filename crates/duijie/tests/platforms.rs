//! The platforms' commands against the sandbox: exit codes, output, and no secret anywhere.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use platform_sandbox::{AcceptedDigest, Fault, FaultKind, Operation, Sandbox, YichangOptions};
use serde_json::Value;

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("duijie-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // left behind at worst
    }
}

struct Ran {
    exit: i32,
    stdout: String,
    stderr: String,
}

/// Runs the command with the sandbox's credentials in its environment.
async fn run(sandbox: &Sandbox, args: &[&str], stdin: &str) -> Ran {
    run_with(sandbox, args, stdin, &[]).await
}

async fn run_with(sandbox: &Sandbox, args: &[&str], stdin: &str, environment: &[(&str, &str)]) -> Ran {
    let (urls, access) = (sandbox.urls(), sandbox.access());
    let mut command = Command::new(env!("CARGO_BIN_EXE_duijie"));
    command.args(args).env_clear().envs([
        ("JINLAIBAN_BASE_URL", urls.jinlaiban.as_str()),
        ("JINLAIBAN_APPCODE", &access.jinlaiban.appcode),
        ("JINLAIBAN_MODULECODE", &access.jinlaiban.modulecode),
        ("JINLAIBAN_APPSECRET", access.jinlaiban.appsecret.expose()),
        ("YICHANG_BASE_URL", &urls.yichang),
        ("YICHANG_APP_ID", &access.yichang.app_id),
        ("YICHANG_APP_SECRET", access.yichang.app_secret.expose()),
        ("WEBANK_BASE_URL", &urls.webank),
        ("WEBANK_FILES_URL", &urls.webank_files),
        ("WEBANK_APP_ID", &access.webank.app_id),
        ("WEBANK_SECRET", access.webank.secret.expose()),
        ("RUST_LOG", "trace"),
    ]);
    command.envs(environment.iter().copied());
    let stdin = stdin.to_owned();
    let output: Output = tokio::task::spawn_blocking(move || {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes()); // it may end without reading
        child.wait_with_output().unwrap()
    })
    .await
    .unwrap();
    let ran = Ran {
        exit: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    // Whatever was asked for and at whatever log level: no secret, and nothing about the person.
    let known = &access.yichang.mobiles[0];
    for secret in [
        access.jinlaiban.appsecret.expose(),
        access.yichang.app_secret.expose(),
        access.webank.secret.expose(),
        known,
    ] {
        assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{args:?}: {}", ran.stderr);
    }
    ran
}

impl Ran {
    #[track_caller]
    fn check(&self, exit: i32, stdout: &str, stderr: &str) {
        let Self { exit: got, stdout: out, stderr: err } = self;
        assert_eq!(*got, exit, "{out}\n{err}");
        assert!(out.contains(stdout), "{out}");
        assert!(err.contains(stderr), "{err}");
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{}\n{}", self.stdout, self.stderr))
    }
}

fn record(id: &str, date: &str) -> String {
    format!("{{\"id\":{id},\"user_id\":\"u\",\"busi_item\":\"查询\",\"create_date\":\"{date}\"}}\n")
}

#[tokio::test]
async fn jinlaiban_push_splits_rejects_and_repeats() {
    let (sandbox, folder) = (Sandbox::start().await.unwrap(), Folder::new("push"));
    let good: String = (0..2001).map(|id| record(&id.to_string(), "2021-03-17 18:57:03")).collect();
    let file = folder.file("good.jsonl", &good);
    let ran = run(&sandbox, &["jinlaiban", "push", &file, "--json"], "").await;
    ran.check(0, "", "");
    assert_eq!((&ran.json()["accepted"], &ran.json()["batches"]), (&2001.into(), &2.into()));
    assert_eq!(sandbox.jinlaiban().counts().distinct, 2001);

    let mixed =
        record("9001", "2021-03-17 18:57:03") + "\n" + &record("9002", "2021-02-30 18:57:03") + "broken\n";
    let file = folder.file("mixed.jsonl", &mixed);
    let ran = run(&sandbox, &["jinlaiban", "push", &file], "").await;
    ran.check(3, "accepted 1 in 1 batches, rejected 2", "line 3: member `create_date`");
    let rejects = fs::read_to_string(format!("{file}.rejected.jsonl")).unwrap();
    let rejects: Vec<Value> = rejects.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&rejects[0]["line"], &rejects[0]["record"]["id"]), (&3.into(), &9002.into()));
    assert_eq!((&rejects[1]["line"], &rejects[1]["record"]), (&4.into(), &"broken".into()));

    // Corrected: the rejects file goes away.
    fs::write(&file, record("9001", "2021-03-17 18:57:03")).unwrap();
    run(&sandbox, &["jinlaiban", "push", &file], "").await.check(0, "accepted 1", "");
    assert!(!fs::exists(format!("{file}.rejected.jsonl")).unwrap());

    // An array, and a lost answer that is sent again.
    sandbox.inject(Fault::once(Operation::Push, FaultKind::CutAfter));
    let array = folder.file("array.json", &format!("[{}]", record("9003", "2021-03-17 18:57:03")));
    run(&sandbox, &["jinlaiban", "push", &array], "").await.check(0, "accepted 1", "");
    assert_eq!(sandbox.jinlaiban().counts().distinct, 2003);
}

#[tokio::test]
async fn jinlaiban_push_reads_tables_and_corrected_rejects() {
    let (sandbox, folder) = (Sandbox::start().await.unwrap(), Folder::new("table"));
    let table = "\u{feff}id,user_id,user_name,busi_item,busi_detail,create_date\r\n\
                 t1,u,张三,查询,\"两行\r\n\"\"详情\"\"\",2021-03-17 18:57:03\r\n\
                 t2,u,,查询,,2021-03-17 18:57\r\n\
                 t3,u,,,,2021-03-17 18:57:03\r\n\
                 t1,u,李四,查询,,2021-03-17 18:57:03\r\n\
                 t4,u,,查询,,2021-03-17 18:57:03\r\n";
    let file = folder.file("table.csv", table);
    let ran = run(&sandbox, &["jinlaiban", "push", &file, "--json"], "").await;
    ran.check(3, "", "line 4: member `create_date` is not written as");
    assert!(ran.stderr.contains("line 5: member `busi_item` is empty"), "{}", ran.stderr);
    assert!(ran.stderr.contains("line 6: member `id` stands on another record"), "{}", ran.stderr);
    assert_eq!((&ran.json()["accepted"], &ran.json()["rejected"]), (&2.into(), &3.into()));
    let records = sandbox.jinlaiban().records();
    assert_eq!(records[0].busi_detail.as_deref(), Some("两行\r\n\"详情\""));
    assert_eq!((records[1].user_name.as_deref(), &records[1].busi_detail), (Some("未认证用户"), &None));

    // Corrected in place, the rejects file is pushed like any other.
    let rejects = format!("{file}.rejected.jsonl");
    let text = fs::read_to_string(&rejects).unwrap();
    let text = text
        .replace("18:57\"", "18:57:03\"")
        .replace(r#""busi_item":"""#, r#""busi_item":"办理""#)
        .replace("t1", "t5");
    fs::write(&rejects, text).unwrap();
    run(&sandbox, &["jinlaiban", "push", &rejects], "").await.check(0, "accepted 3", "");
    assert!(sandbox.jinlaiban().has_record("t2") && sandbox.jinlaiban().has_record("t5"));

    // What stands before a break is sent; a byte limit splits, and what is longer by itself is rejected.
    let one = record("8001", "2021-03-17 18:57:03");
    let broken = folder.file("broken.json", &format!("[{one},{{\"id\":1,}},{one}]"));
    run(&sandbox, &["jinlaiban", "push", &broken], "").await.check(1, "accepted 1", "record 2, line 2");
    assert!(sandbox.jinlaiban().has_record("8001"));
    let long = one.replace("查询", &"长".repeat(200));
    let lines = folder.file("lines.jsonl", &format!("{one}{}{long}", one.replace("8001", "8002")));
    let args = ["jinlaiban", "push", &lines, "--max-bytes", "300", "--json"];
    let ran = run(&sandbox, &args, "").await;
    ran.check(3, "", "line 3: the record is longer than 300 bytes");
    assert_eq!((&ran.json()["accepted"], &ran.json()["batches"]), (&2.into(), &2.into()));

    // Under a wrong header every row would be wrong: nothing is sent.
    let header = folder.file("header.csv", "id,name\n1,张三\n");
    run(&sandbox, &["jinlaiban", "push", &header], "").await.check(
        1,
        "accepted 0",
        "line 1, the table's header",
    );
}

#[tokio::test]
async fn jinlaiban_push_says_what_is_wrong() {
    let (sandbox, folder) = (Sandbox::start().await.unwrap(), Folder::new("wrong"));
    let one = record("1", "2021-03-17 18:57:03");
    let file = folder.file("one.jsonl", &one);
    run(&sandbox, &["jinlaiban", "push", &file, "--batch", "2001"], "").await.check(2, "", "2000");
    run(&sandbox, &["jinlaiban", "push", "none.jsonl"], "").await.check(2, "", "cannot read `none.jsonl`");
    run(&sandbox, &["jinlaiban", "push", "x.pdf"], "").await.check(2, "", "name it .jsonl");
    run(&sandbox, &["jinlaiban", "push", "-", "--dry-run"], &one).await.check(0, "data=‹1 records, ", "");
    // 302 stops at once: exactly one request.
    sandbox.inject(Fault::once(Operation::Push, FaultKind::Code("302".into())));
    let before = sandbox.received_count();
    run(&sandbox, &["jinlaiban", "push", "-"], &one).await.check(1, "left 1", "302");
    assert_eq!(sandbox.received_count() - before, 1);
    let closed = ["jinlaiban", "push", &file, "--base-url", "http://127.0.0.1:1"];
    run(&sandbox, &closed, "").await.check(1, "left 1", "127.0.0.1:1");
}

#[tokio::test]
async fn yichang_login_and_todo() {
    let sandbox = Sandbox::start().await.unwrap();
    let mobile = sandbox.access().yichang.mobiles[0].clone();
    let ran = run(&sandbox, &["yichang", "login", "--mobile", &mobile], "").await;
    ran.check(0, "ssoToken ***", "");
    let ran = run(&sandbox, &["yichang", "login", "--mobile", &mobile, "--json", "--body", "json"], "").await;
    let token = ran.json()["ssoToken"].as_str().unwrap().to_owned();
    assert_eq!(sandbox.yichang().logged_in(&token).as_deref(), Some(mobile.as_str()));
    assert!(!ran.stderr.contains(&token));
    let ran = run(&sandbox, &["yichang", "todo", "--mobile", &mobile, "--json", "--digest", "md5"], "").await;
    assert!(ran.json()["items"].as_array().is_some_and(|items| !items.is_empty()));

    // The same options for both, and the token stays masked unless asked for.
    let all = ["--mobile", &mobile, "--url", "http://a.example/b", "--digest", "sha1", "--body", "form"];
    let ran = run(&sandbox, &[&["yichang", "login", "--show-token"], &all[..]].concat(), "").await;
    ran.check(0, "http://a.example/b", "");
    let token = ran.stdout.trim_end().rsplit_once(' ').unwrap().1;
    assert_eq!(sandbox.yichang().logged_in(token).as_deref(), Some(mobile.as_str()));
    run(&sandbox, &[&["yichang", "todo", "--show-token"], &all[..]].concat(), "").await.check(0, "QMXX", "");
    run(&sandbox, &["yichang", "todo", "--mobile", &mobile, "--unsigned"], "").await.check(1, "", "code 0");

    run(&sandbox, &["yichang", "login", "--mobile", "12345"], "").await.check(2, "", "mobile");
    run(&sandbox, &["yichang", "login", "--mobile", "13900000000"], "").await.check(1, "", "yichang");
    run(&sandbox, &["yichang", "login", "--mobile", &mobile, "--dry-run"], "").await.check(
        0,
        "/api/syncauth/login",
        "",
    );
    let https = sandbox.urls().yichang.replace("http://", "https://");
    let tls = run(&sandbox, &["yichang", "login", "--mobile", &mobile, "--base-url", &https], "").await;
    tls.check(1, "", "TLS");
    for (kind, exit, words) in [
        (FaultKind::NotJson, 1, "JSON"),
        (FaultKind::Code("77".into()), 1, "77"),
        (FaultKind::CutAfter, 4, "may have carried it out"),
    ] {
        sandbox.inject(Fault::once(Operation::Login, kind));
        run(&sandbox, &["yichang", "login", "--mobile", &mobile], "").await.check(exit, "", words);
    }
}

#[tokio::test]
async fn yichang_detects_once_with_a_state() {
    let options = YichangOptions { digest: AcceptedDigest::Md5, ..YichangOptions::default() };
    let sandbox = Sandbox::builder().yichang(options).start().await.unwrap();
    let folder = Folder::new("detect");
    let mobile = sandbox.access().yichang.mobiles[0].clone();
    let state = format!("sqlite:{}", folder.0.join("state.db").display());
    let login = ["yichang", "login", "--mobile", &mobile];
    let remembering = [&login[..], &["--state", &state]].concat();
    let count = async |args: &[&str]| {
        let before = sandbox.received_count();
        run(&sandbox, args, "").await.check(0, "***", "");
        sandbox.received_count() - before
    };
    assert_eq!((count(&login).await, count(&login).await), (2, 2), "nobody told where to keep it");
    let looked_at = [&remembering[..], &["--dry-run"]].concat();
    run(&sandbox, &looked_at, "").await.check(0, "/api/syncauth/login", "");
    assert!(!folder.0.join("state.db").exists(), "a preview keeps nothing");
    assert_eq!((count(&remembering).await, count(&remembering).await), (2, 1));
    assert_eq!(sandbox.yichang().counts().wrong_signatures, 3);
    let wrong = [&login[..], &["--state", "redis://:s3cret@127.0.0.1"]].concat();
    run(&sandbox, &wrong, "").await.check(2, "", "DUIJIE_STATE");
    let nowhere = format!("sqlite:{}", folder.0.join("none/state.db").display());
    run(&sandbox, &[&login[..], &["--state", &nowhere]].concat(), "").await.check(2, "", "state.db");
}

/// `--open` starts `xdg-open`, here one that notes what it is given.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn yichang_opens_a_browser_only_when_asked() {
    use std::os::unix::fs::PermissionsExt as _;
    let (sandbox, folder) = (Sandbox::start().await.unwrap(), Folder::new("open"));
    let mobile = sandbox.access().yichang.mobiles[0].clone();
    let (opened, path) = (folder.0.join("opened"), folder.0.join("bin"));
    fs::create_dir(&path).unwrap();
    let opener = path.join("xdg-open");
    let script = |end: &str| {
        fs::write(
            &opener,
            format!("#!/bin/sh\nprintf '%s %s' \"$#\" \"$1\" > '{}'\n{end}\n", opened.display()),
        )
        .unwrap();
        fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
    };
    script("");
    let shell = "http://a.example/$(touch x);b?c=1&d='";
    let login = ["yichang", "login", "--mobile", &mobile, "--url", shell];
    let with_path = [("PATH", path.to_str().unwrap())];
    run_with(&sandbox, &login, "", &with_path).await.check(0, "***", "");
    assert!(!opened.exists(), "nobody asked");
    let open = [&login[..], &["--open"]].concat();
    run_with(&sandbox, &[&open[..], &["--dry-run"]].concat(), "", &with_path).await.check(0, "POST", "");
    assert!(!opened.exists(), "a preview opens nothing");

    let ran = run_with(&sandbox, &open, "", &with_path).await;
    ran.check(0, "***", "");
    let url = fs::read_to_string(&opened).unwrap();
    assert!(url.starts_with(&format!("1 {shell}")), "one argument, as it is: {url}");
    let token = url.rsplit_once('=').unwrap().1;
    assert_eq!(sandbox.yichang().logged_in(token).as_deref(), Some(mobile.as_str()));
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(token));

    script("exit 3");
    let ran = run_with(&sandbox, &[&open[..], &["--json"]].concat(), "", &with_path).await;
    ran.check(1, "jumpUrl", "`xdg-open` ended with exit status: 3");
    assert!(ran.json()["ssoToken"].is_string(), "one document, whatever became of the browser");
    fs::remove_file(&opener).unwrap();
    run_with(&sandbox, &open, "", &with_path).await.check(1, "***", "open the jump URL by hand");
}

#[tokio::test]
async fn webank_calls_files_and_tickets() {
    let (sandbox, folder) = (Sandbox::start().await.unwrap(), Folder::new("webank"));
    let call = ["webank", "call", "api/s/demo/10002", "--body", "-", "--json"];
    let body = r#"{"ID_NO":"411528199110024452"}"#;
    let ran = run(&sandbox, &call, body).await;
    ran.check(0, "", "");
    assert_eq!(ran.json()["code"], "60840000");
    assert!(ran.json()["BizSeqNo"].is_string() && !ran.stderr.contains("411528"));

    sandbox.inject(Fault::once(Operation::Call, FaultKind::Code("60846999".into())));
    let ran = run(&sandbox, &call, body).await;
    assert_eq!((ran.exit, &ran.json()["code"]), (1, &"60846999".into()));
    sandbox.inject(Fault::once(Operation::Call, FaultKind::CutAfter));
    run(&sandbox, &call, body).await.check(4, "\"exit\":4", "");
    sandbox.inject(Fault::once(Operation::Call, FaultKind::Status(502)));
    run(&sandbox, &call, body).await.check(1, "", "502");
    // An answer that was lost is asked for again; where none ever comes, that is told.
    sandbox.inject(Fault::once(Operation::Token, FaultKind::CutAfter));
    run(&sandbox, &call, body).await.check(0, "60840000", "");
    sandbox.inject(Fault::always(Operation::Token, FaultKind::CutAfter));
    run(&sandbox, &call, body).await.check(1, "", "no credentials (access_token)");
    sandbox.clear_faults();
    run(&sandbox, &["webank", "call", "/a?b", "--body", "-"], body).await.check(2, "", "plain path");
    run(&sandbox, &["webank", "call", "/a", "--body", "-", "--dry-run"], body).await.check(0, "sign=***", "");

    let file = folder.file("合同 1.png", &"合同".repeat(50_000));
    let upload = ["webank", "upload", &file, "--file-type", "006", "--file-format", "png", "--json"];
    let stored = run(&sandbox, &upload, "").await.json();
    assert_eq!((&stored["size"], &stored["hash"]), (&300_000.into(), &stored["md5"]));
    let (id, hash) = (stored["fileId"].as_str().unwrap(), stored["hash"].as_str().unwrap());
    let out = folder.0.join("back.png");
    let out = out.to_str().unwrap();
    let download = ["webank", "download", id, hash, "-o", out, "--content-type", "image/png", "--json"];
    assert_eq!(run(&sandbox, &download, "").await.json()["hashProven"], true);
    assert_eq!(fs::read(out).unwrap(), fs::read(&file).unwrap());
    fs::remove_file(out).unwrap();
    sandbox.inject(Fault::once(Operation::Download, FaultKind::Half));
    run(&sandbox, &download, "").await.check(4, "", "");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "a part was left behind");
    run(&sandbox, &["webank", "upload", &file, "--file-type", "6", "--file-format", "png"], "")
        .await
        .check(2, "", "`6`");

    let user = folder.file("user.json", r#"{"USER_ID":"u1","MOBILE":"13800000001"}"#);
    let ticket = ["webank", "user-ticket", "--user-data", &user, "--merchant", "m1", "--json"];
    let ran = run(&sandbox, &ticket, "").await;
    let ticket = ran.json()["ticket"].as_str().unwrap().to_owned();
    // What the command exists to obtain is on stdout, and nowhere else.
    assert!(!ran.stderr.contains(&ticket) && !ran.stderr.contains("13800000001"), "{}", ran.stderr);
    assert!(sandbox.webank().redeem(&ticket).is_ok());
    run(&sandbox, &["webank", "token"], "").await.check(0, "token ***, ticket ***", "");

    // Usage errors are found before anything is fetched: a fetch kicks out whoever uses the app id.
    let fetches = sandbox.webank().counts().token_fetches;
    let not_text = folder.0.join("body.bin");
    fs::write(&not_text, b"{\"a\":\"\xff\"}").unwrap();
    let call = ["webank", "call", "/api/s/demo/10002", "--body", not_text.to_str().unwrap()];
    run(&sandbox, &call, "").await.check(2, "", "not UTF-8 from byte 6");
    let nobody = folder.file("nobody.json", r#"{"USER_ID":""}"#);
    let ticket = ["webank", "user-ticket", "--user-data", &nobody, "--merchant", "m1"];
    run(&sandbox, &ticket, "").await.check(2, "", "`USER_ID` is required");
    assert_eq!(sandbox.webank().counts().token_fetches, fetches);
    let preview =
        run(&sandbox, &["webank", "call", "/a/b", "--body", "-", "--dry-run", "--json"], body).await;
    assert_eq!(preview.json()["baseUrl"], sandbox.urls().webank);
}

#[tokio::test]
async fn a_profile_names_the_platform_and_where_the_secret_is() {
    let (sandbox, folder) = (Sandbox::start().await.unwrap(), Folder::new("profile"));
    let access = &sandbox.access().jinlaiban;
    let secret = folder.file("secret", &format!("{}\n", access.appsecret.expose()));
    let config = folder.file(
        "duijie.toml",
        &format!(
            "[profiles.test.jinlaiban]\nbase_url = \"{}\"\nappcode = \"{}\"\nmodulecode = \"{}\"\nsecret = {{ file = \"{secret}\" }}\n",
            sandbox.urls().jinlaiban, access.appcode, access.modulecode
        ),
    );
    let push = |profile: &'static str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_duijie"));
        command.env_clear().args(["jinlaiban", "push", "-", "--config", &config, "--profile", profile]);
        tokio::task::spawn_blocking(move || {
            let mut child =
                command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            let _ = child.stdin.take().unwrap().write_all(record("1", "2021-03-17 18:57:03").as_bytes());
            child.wait_with_output().unwrap()
        })
    };
    assert_eq!(push("test").await.unwrap().status.code(), Some(0));
    let wrong = push("live").await.unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("no profile `live`; there is `test`"));
}

#[test]
fn rabbitpre_check_decides_from_files() {
    let folder = Folder::new("check");
    let request = folder.file(
        "request.json",
        r#"{"userParam":{"audid":720332229959618560},"authParams":[{"englishName":"age","paramType":"number","operator":"GTEQ","values":18}]}"#,
    );
    let attributes = folder.file("attributes.json", r#"{"720332229959618560":{"age":"17"}}"#);
    let check = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_duijie")).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "denied is done: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let args = ["rabbitpre", "check", "--request", &request, "--attributes", &attributes];
    let shown = check(&args);
    let table = "✗ 不予通过\n条件  名称  运算符    期望  用户  结果  原因\nage   age   大于等于  18    **    ✗     用户的值不满足条件\n";
    assert_eq!(shown, table);
    let json: Value = serde_json::from_str(&check(&[&args[..], &["--json"]].concat())).unwrap();
    assert_eq!((&json["allowed"], &json["trace"][0]["operator"]), (&false.into(), &"GTEQ".into()));
}

#[test]
fn the_demonstration_holds() {
    let output = Command::new(env!("CARGO_BIN_EXE_duijie")).args(["demo", "--json"]).output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &document["ok"]), (Some(0), &true.into()), "{document:#}");
    let steps = document["steps"].as_array().unwrap();
    for platform in ["晋来办", "宜昌", "微众银行", "兔展"] {
        assert!(steps.iter().any(|step| step["platform"] == platform), "{platform}");
    }
    assert!(steps.len() >= 14, "{}", steps.len());
}
