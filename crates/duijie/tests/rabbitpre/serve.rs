//! `duijie rabbitpre serve`: each kind of attributes and state, guard, TLS, metrics, and an orderly end.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use platform_http::system::listen;
use platform_http::{BaseUrl, Client, Config, HeaderName, HeaderValue, Method, Request};
use platform_sandbox::{Authority, CheckRequest, Page, PartnerUrls, Verdict};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::serving::{Folder, Serving, adult, aged, lets_in, run, survives_kill, two_see_each_other};

async fn check(page: &Page, audid: &str) -> Verdict {
    page.check(&CheckRequest::user(audid).conditions(vec![adult()])).await
}

#[tokio::test]
async fn each_kind_of_file_is_served() {
    let folder = Folder::new("kinds");
    let toml = folder.file("c.toml", "[[conditions]]\nlabel = '年龄'\nname = 'age'\ntype = 'number'\n");
    let json = folder.usual()[1].clone();
    for (conditions, name, attributes) in [
        (&json, "a.json", r#"{"1":{"age":30},"2":{"age":10}}"#),
        (
            &toml,
            "a.jsonl",
            "{\"audid\":1,\"attributes\":{\"age\":30}}\n{\"audid\":\"2\",\"attributes\":{\"age\":10}}\n",
        ),
        (&json, "a.csv", "audid,age\n1,30\n2,10\n"),
    ] {
        let attributes = folder.file(name, attributes);
        let serving = Serving::start(&["--conditions", conditions, "--attributes", &attributes], &[]).await;
        let page = serving.page();
        assert!(check(&page, "1").await.allowed, "{name}: {}", serving.stderr());
        let denied = check(&page, "2").await;
        assert_eq!(
            (denied.allowed, denied.code.as_deref(), denied.data.as_deref()),
            (false, Some("200"), Some("false"))
        );
        assert!(!check(&page, "3").await.allowed, "{name}: nobody knows that one");
        assert_eq!(serving.editor().conditions().await.unwrap()[0]["name"], "age");
        assert!(serving.stderr().contains("without --state"), "{}", serving.stderr());
    }
}

/// Sees what the other is asked, and answers.
async fn company(token: &'static str) -> String {
    let answer = async move |headers: HeaderMap, body: Bytes| {
        let given = headers.get("authorization").and_then(|value| value.to_str().ok());
        if given != Some(&format!("Bearer {token}")) {
            return (StatusCode::UNAUTHORIZED, String::new());
        }
        let asked: Value = serde_json::from_slice(&body).unwrap();
        let adult = asked.to_string().contains("\"1\"") || asked["userParam"]["audid"] == 1;
        (StatusCode::OK, json!({ "age": if adult { 30 } else { 10 } }).to_string())
    };
    let listener = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/attributes", post(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/attributes")
}

#[tokio::test]
async fn a_service_of_the_companys_own_is_asked() {
    let (folder, url) = (Folder::new("http"), company("c0mpany").await);
    let [flag, conditions, ..] = folder.usual();
    let args = [
        flag.as_str(),
        &conditions,
        "--attributes",
        &url,
        "--attributes-token-env",
        "COMPANY",
        "--attributes-ttl",
        "60",
    ];
    let serving = Serving::start(&args, &[("COMPANY", "c0mpany")]).await;
    let page = serving.page();
    assert!(check(&page, "1").await.allowed, "{}", serving.stderr());
    assert!(!check(&page, "2").await.allowed);
    assert!(!serving.stderr().contains("c0mpany"));
    // Who is not answered decides nothing, and lets nobody in.
    let wrong = Serving::start(&args, &[("COMPANY", "another")]).await;
    let verdict = check(&wrong.page(), "1").await;
    assert!(!verdict.allowed && verdict.code.as_deref() == Some("500"), "{verdict:?}");
}

#[tokio::test]
async fn a_database_is_asked() {
    let folder = Folder::new("sqlite");
    let [flag, conditions, ..] = folder.usual();
    // The state's own file is a database; its tables are not what is asked here: a missing table stops the start.
    let state = format!("sqlite:{}", folder.path("state.db"));
    let first =
        Serving::start(&[&folder.usual()[..], &["--state".to_owned(), state.clone()]].concat(), &[]).await;
    first.editor().save(&aged(30)).await.unwrap();
    let address = format!("{state}?table=users&key=audid");
    let ran = run(&["rabbitpre", "serve", &flag, &conditions, "--attributes", &address], &[]).await;
    assert!(ran.exit == 2 && ran.stderr.contains("no such table"), "{}", ran.stderr);
    let query = format!("{state}?query=SELECT 30 AS age WHERE :audid = '1'");
    let serving = Serving::start(&[&flag, &conditions, "--attributes", &query], &[]).await;
    let page = serving.page();
    assert!(check(&page, "1").await.allowed, "{}", serving.stderr());
    assert!(!check(&page, "2").await.allowed);
}

#[tokio::test]
async fn kill_9_during_saves_loses_nothing_that_was_answered() {
    let folder = Folder::new("kill-state");
    survives_kill(&format!("sqlite:{}", folder.path("state.db"))).await;
}

#[tokio::test]
async fn two_instances_see_each_others_saves() {
    let folder = Folder::new("two-state");
    two_see_each_other(&format!("sqlite:{}", folder.path("state.db"))).await;
}

async fn get(url: &str, path: &str, headers: &[(&'static str, &str)]) -> (u16, String) {
    let client = Client::new(Config::new(BaseUrl::parse(url).unwrap())).unwrap();
    let mut request = Request::new("test", "get", Method::GET, path);
    for (name, value) in headers {
        request = request.header(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    let response = client.send(request).await.unwrap();
    (response.status, String::from_utf8(response.body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_guard_lets_in_who_has_the_token_and_the_address() {
    let folder = Folder::new("guard");
    let with = |more: &[&str]| {
        [&folder.usual()[..], &more.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>()].concat()
    };
    let environment = [("GUARD", "gu4rd"), ("TRACE", "tr4ce")];
    let serving =
        Serving::start(&with(&["--guard-token-env", "GUARD", "--trace-token-env", "TRACE"]), &environment)
            .await;
    assert_eq!(check(&serving.page(), "1").await.status, Some(401));
    let page = |token: &str| Page::new(serving.urls().bearer(token));
    assert_eq!(check(&page("another"), "1").await.status, Some(403));
    assert!(check(&page("gu4rd"), "1").await.allowed);
    assert_eq!(get(&serving.url, "/getAuthConditions", &[]).await.0, 401);
    assert_eq!(get(&serving.url, "/healthz", &[]).await.0, 200);
    assert_eq!(get(&serving.url, "/metrics", &[]).await.0, 401);

    // Why, for who has the token for it.
    let client = Client::new(Config::new(BaseUrl::parse(&serving.url).unwrap())).unwrap();
    let body = CheckRequest::user("2").conditions(vec![adult()]).to_json().to_string();
    let request = |trace: &str| {
        Request::new("test", "check", Method::POST, "/checkUserAuth")
            .header(HeaderName::from_static("authorization"), HeaderValue::from_static("Bearer gu4rd"))
            .header(HeaderName::from_static("x-duijie-trace"), HeaderValue::from_str(trace).unwrap())
            .body(body.clone())
    };
    let traced = client.send(request("Bearer tr4ce")).await.unwrap();
    let plain = client.send(request("tr4ce")).await.unwrap();
    let traces = [traced, plain].map(|reply| serde_json::from_slice::<Value>(&reply.body).unwrap());
    assert!(traces.iter().any(|reply| reply["trace"][0]["name"] == "age"), "{traces:?}");
    assert!(!serving.stderr().contains("gu4rd") && !serving.stderr().contains("tr4ce"));

    let elsewhere =
        Serving::start(&with(&["--allow-ip", "10.0.0.0/8", "--allow-ip", "192.0.2.7"]), &[]).await;
    assert_eq!(check(&elsewhere.page(), "1").await.status, Some(403));
    let here =
        Serving::start(&with(&["--allow-ip", "127.0.0.0/8", "--trusted-proxy", "10.0.0.0/8"]), &[]).await;
    assert!(check(&here.page(), "1").await.allowed);
    // Behind a proxy of our own, the caller is whom it names.
    let behind =
        Serving::start(&with(&["--allow-ip", "192.0.2.7", "--trusted-proxy", "127.0.0.1"]), &[]).await;
    assert_eq!(get(&behind.url, "/getAuthConditions", &[]).await.0, 403);
    assert_eq!(get(&behind.url, "/getAuthConditions", &[("x-forwarded-for", "192.0.2.7")]).await.0, 200);
    assert_eq!(get(&behind.url, "/getAuthConditions", &[("x-forwarded-for", "192.0.2.8")]).await.0, 403);
}

#[tokio::test]
async fn tls_is_spoken() {
    let folder = Folder::new("tls");
    let authority = Authority::new("test").unwrap();
    let server = authority.issue_for_server(&["127.0.0.1".to_owned()]).unwrap();
    let (cert, key) = (
        folder.file("cert.pem", server.certificate_pem()),
        folder.file("key.pem", server.key_pem().expose()),
    );
    let args =
        [&folder.usual()[..], &["--tls-cert".to_owned(), cert.clone(), "--tls-key".to_owned(), key.clone()]]
            .concat();
    let serving = Serving::start(&args, &[]).await;
    assert!(serving.url.starts_with("https://127.0.0.1:"), "{}", serving.url);
    let page = serving.page().connect(|base| {
        Client::new(Config::new(BaseUrl::parse(base)?).root_certificates(authority.pem().as_bytes())?)
    });
    assert!(check(&page.unwrap(), "1").await.allowed, "{}", serving.stderr());
    assert!(check(&serving.page(), "1").await.failure.is_some(), "nobody vouches for it");
    // Those who never shake hands hold up nobody, and the end is orderly.
    #[expect(clippy::disallowed_methods, reason = "what no client does: a connection that says nothing")]
    let silent = TcpStream::connect(serving.address()).await.unwrap();
    serving.terminate();
    assert_eq!(serving.ended().await, 0);
    drop(silent);

    let usual = folder.usual();
    let usual: Vec<&str> = usual.iter().map(String::as_str).collect();
    let conditions = usual[1];
    for (more, words) in [
        (&["--tls-cert", cert.as_str()][..], "--tls-key"),
        (&["--tls-cert", conditions, "--tls-key", &key], "no certificate in it"),
        (&["--tls-cert", &cert, "--tls-key", &cert], "no private key in it"),
        (&["--tls-cert", "nowhere.pem", "--tls-key", &key], "cannot read `nowhere.pem`"),
    ] {
        let ran = run(&[&["rabbitpre", "serve"], &usual[..], more].concat(), &[]).await;
        assert!(ran.exit == 2 && ran.stderr.contains(words), "{more:?}: {}", ran.stderr);
    }
}

#[tokio::test]
async fn metrics_count_and_nothing_personal_is_logged() {
    let folder = Folder::new("metrics");
    let serving = Serving::start(&folder.usual(), &[]).await;
    let page = serving.page();
    for audid in ["1", "1", "2", "420500199001011234"] {
        let mut request = CheckRequest::user(audid).conditions(vec![adult()]);
        request.user = json!({ "audid": audid, "realName": "张三丰", "phone": "13912345678" });
        page.check(&request).await;
    }
    page.check_raw(&json!({})).await;
    let id = serving.editor().save(&aged(30)).await.unwrap();
    assert!(lets_in(&page, &id, 30).await);
    let (status, text) = get(&serving.url, "/metrics", &[]).await;
    assert_eq!(status, 200);
    let mut samples = std::collections::HashMap::new();
    for line in text.lines() {
        if line.starts_with("# HELP ") || line.starts_with("# TYPE ") {
            continue;
        }
        let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
        assert!(name.starts_with(|c: char| c.is_ascii_alphabetic()), "{line}");
        assert!(
            samples.insert(name.to_owned(), value.parse::<f64>().unwrap()).is_none(),
            "{line} comes twice"
        );
    }
    let sum = |name: &str, label: &str| -> f64 {
        samples
            .iter()
            .filter(|(key, _)| key.starts_with(name) && key.contains(label))
            .map(|(_, value)| value)
            .sum()
    };
    assert_eq!(sum("rabbitpre_checks_total", "allowed"), 3.0, "{text}");
    assert_eq!(sum("rabbitpre_checks_total", "denied"), 2.0);
    assert_eq!(sum("rabbitpre_checks_total", "undecidable"), 1.0);
    assert_eq!(sum("rabbitpre_check_duration_seconds_count", ""), 6.0);
    assert_eq!(sum("rabbitpre_saves_total", "\"saved\""), 1.0);
    serving.terminate();
    // RUST_LOG=trace
    let log = serving.stderr();
    for personal in ["张三丰", "13912345678", "420500199001011234"] {
        assert!(!log.contains(personal) && !text.contains(personal), "{log}");
    }
    assert_eq!(serving.ended().await, 0);
}

/// SIGTERM in the middle of a check: its answer comes, then the process ends; new connections are not accepted.
#[tokio::test]
async fn a_check_under_way_is_answered_before_the_end() {
    let folder = Folder::new("end");
    let serving = Serving::start(&folder.usual(), &[]).await;
    let body = CheckRequest::user("1").conditions(vec![adult()]).to_json().to_string();
    #[expect(clippy::disallowed_methods, reason = "what no client does: one connection, byte by byte")]
    let mut stream = TcpStream::connect(serving.address()).await.unwrap();
    let head = format!("POST /checkUserAuth HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len());
    let (first, second) = body.split_at(body.len() / 2);
    stream.write_all(format!("{head}{first}").as_bytes()).await.unwrap();
    // It is under way when the server has read the head.
    while !get(&serving.url, "/metrics", &[]).await.1.contains("rabbitpre_requests_in_flight 1") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    serving.terminate();
    // Nobody else is let in any more.
    #[expect(clippy::disallowed_methods, reason = "only whether somebody accepts")]
    while TcpStream::connect(serving.address()).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stream.write_all(second.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"data\":\"true\""), "{answer}");
    assert_eq!(serving.ended().await, 0);
}

#[tokio::test]
async fn whatever_is_wrong_stops_the_start() {
    let folder = Folder::new("start");
    let usual = folder.usual();
    let (conditions, attributes) = (usual[1].as_str(), usual[3].as_str());
    let misspelt = folder.file("misspelt.toml", "[[conditions]]\nlabel = 'a'\nname = 'a'\ntype = 'nubmer'\n");
    let twice = folder.file(
        "twice.json",
        r#"[{"label":"a","name":"a","type":"text"},{"label":"b","name":"a","type":"text"}]"#,
    );
    let broken = folder.file("broken.jsonl", "{\"audid\":1,\"attributes\":{}}\n{\"audid\":2,\n");
    for (conditions, attributes, more, words) in [
        ("nowhere.json", attributes, &[][..], "cannot read `nowhere.json`"),
        (&misspelt, attributes, &[], "misspelt.toml`: the conditions are not understood at line 4"),
        (&twice, attributes, &[], "twice.json`"),
        (attributes, attributes, &[], "attributes.json`"),
        (conditions, "nowhere.json", &[], "nowhere.json"),
        (conditions, &broken, &[], "line 2"),
        (conditions, "ftp://h/x", &[], "--attributes"),
        (conditions, "sqlite:nowhere.db?table=a&key=b", &[], "nowhere.db"),
        (conditions, attributes, &["--guard-token-env", "NOT_SET"], "NOT_SET"),
        (conditions, attributes, &["--allow-ip", "10.0.0.0/99"], "10.0.0.0/99"),
        (conditions, attributes, &["--state", "mongo:x"], "sqlite:FILE"),
        (conditions, attributes, &["--state", "redis://:s3cret@h"], "DUIJIE_STATE"),
        (conditions, attributes, &["--check-path", "saveNotify"], "saveNotify"),
    ] {
        let args =
            [&["rabbitpre", "serve", "--conditions", conditions, "--attributes", attributes], more].concat();
        // A dry run finds it as well.
        for args in [args.clone(), [&args[..], &["--dry-run"]].concat()] {
            let ran = run(&args, &[]).await;
            assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{args:?}: {}", ran.stderr);
            assert!(ran.stderr.contains(words) && !ran.stderr.contains("s3cret"), "{args:?}: {}", ran.stderr);
        }
    }
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_served() {
    let folder = Folder::new("dry");
    let usual = folder.usual();
    let usual: Vec<&str> = usual.iter().map(String::as_str).collect();
    let state = format!("sqlite:{}", folder.path("state.db"));
    let args =
        [&["rabbitpre", "serve", "--dry-run", "--state", &state, "--check-path", "/check"], &usual[..]]
            .concat();
    let ran = run(&args, &[]).await;
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("POST /check ") && ran.stdout.contains("1 conditions"), "{}", ran.stdout);
    assert!(!std::path::Path::new(&folder.path("state.db")).exists(), "nothing is left behind");
    let ran = run(&[&args[..], &["--json"]].concat(), &[]).await;
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&document["dry_run"], &document["state"]), (&json!(true), &json!(state)));
    // The bank's callbacks know it, too.
    let environment = [("WEBANK_CALLBACK_SALT", "s4lt")];
    let args = ["webank", "callback", "serve", "--route", "A=http://127.0.0.1:1/a?key=s3cret", "--dry-run"];
    let ran = run(&args, &environment).await;
    assert!(ran.exit == 0 && ran.stdout.contains("A → http://127.0.0.1:1/a\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("s3cret"));
}

#[tokio::test]
async fn without_a_guard_other_machines_are_a_warning() {
    let folder = Folder::new("open");
    let usual = folder.usual();
    let usual: Vec<&str> = usual.iter().map(String::as_str).collect();
    let args =
        [&["rabbitpre", "serve", "--listen", "0.0.0.0:0", "--dry-run", "--lang", "zh"], &usual[..]].concat();
    let ran = run(&args, &[]).await;
    assert!(ran.stderr.contains("任何人") && ran.stderr.contains("重启即丢失"), "{}", ran.stderr);
    let denied = Serving::start(&[&usual[..], &["--denied-code", "403"]].concat(), &[]).await;
    assert_eq!(check(&denied.page(), "2").await.code.as_deref(), Some("403"));
    let urls = PartnerUrls::below(&denied.url);
    assert!(urls.check.ends_with("/checkUserAuth"));
}
