//! `duijie webank callback serve` and `probe`: against an application, against each other, and against servers that are
//! wrong on purpose.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use platform_http::system::{Clock as _, SystemClock, listen};
use platform_sandbox::{Bank, CallbackOutcome};
use serde_json::{Value, json};
use sign_core::{Canonical as _, Freshness, Md5, Secret, form};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use webank::callback::{Echo, Received, Receiver, SignedEnvelope, seal_answer};

const SALT: &str = "n3w-salt";
const NAME: &str = "TLMerchantQuery";
const BUSINESS: &str = "{ \"ID_NO\": \"42050019900101123X\", \"rate\": 1.50, \"名\": \"a+b~\" } ";

fn salt() -> Secret {
    Secret::new(SALT).unwrap()
}

fn bank() -> Bank {
    static SEED: AtomicUsize = AtomicUsize::new(1);
    Bank::new(salt(), SystemClock, SEED.fetch_add(1, Ordering::SeqCst) as u64)
        .deadline(Duration::from_secs(60))
}

async fn listening(app: Router) -> String {
    let listener = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

/// An application without any idea of the bank's protocol.
#[derive(Clone, Default)]
struct Application {
    seen: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

impl Application {
    fn calls(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    async fn start(&self) -> String {
        let seen = Arc::clone(&self.seen);
        let answer = move |path: &'static str| {
            let seen = Arc::clone(&seen);
            async move |headers: HeaderMap, body: Bytes| {
                let number = {
                    let mut seen = seen.lock().unwrap();
                    seen.push((headers, body));
                    seen.len()
                };
                match path {
                    "good" => (
                        StatusCode::OK,
                        format!("{{ \"CODE\":\"0000\", \"DESC\":\"好\", \"n\": {number}.0 }}\n"),
                    ),
                    "created" => (StatusCode::CREATED, r#"{"CODE":"0000","DESC":""}"#.to_owned()),
                    "down" => (StatusCode::BAD_GATEWAY, r#"{"CODE":"0000","DESC":""}"#.to_owned()),
                    "redirect" => (StatusCode::FOUND, r#"{"CODE":"0000","DESC":""}"#.to_owned()),
                    "list" => (StatusCode::OK, "[]".to_owned()),
                    "text" => (StatusCode::OK, "ok".to_owned()),
                    "slow" => {
                        tokio::time::sleep(Duration::from_secs(3)).await;
                        (StatusCode::OK, r#"{"CODE":"0000","DESC":"slow"}"#.to_owned())
                    }
                    _ => std::future::pending().await,
                }
            }
        };
        let mut app = Router::new();
        for path in ["good", "created", "down", "redirect", "list", "text", "slow", "never"] {
            app = app.route(&format!("/{path}"), post(answer(path)));
        }
        listening(app).await
    }
}

/// `duijie webank callback serve`, ended with the test.
struct Serving {
    child: Child,
    url: String,
}

impl Serving {
    async fn start(routes: &[&str], further: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_duijie"));
        command.args(["webank", "callback", "serve", "--listen", "127.0.0.1:0"]).args(further);
        for route in routes {
            command.args(["--route", route]);
        }
        command.env_clear().env("WEBANK_CALLBACK_SALT", format!("{SALT}, old-salt")).env("RUST_LOG", "off");
        tokio::task::spawn_blocking(move || {
            let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
            Self { child, url: line.trim().to_owned() }
        })
        .await
        .unwrap()
    }

    /// A connection on which requests are written by hand.
    async fn connect(&self) -> TcpStream {
        let address = self.url.trim_start_matches("http://");
        #[expect(clippy::disallowed_methods, reason = "what no client does: one connection, byte by byte")]
        TcpStream::connect(address).await.unwrap()
    }

    /// What it held in memory at the most until now, in bytes, as the kernel counts.
    #[cfg(target_os = "linux")]
    fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Asks it to stop, as a supervisor does.
    async fn stop(mut self) -> i32 {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(asked.success());
        loop {
            if let Some(ended) = self.child.try_wait().unwrap() {
                return ended.code().unwrap();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("duijie-callbacks-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0); // left behind at worst
    }
}

struct Ran {
    exit: i32,
    stdout: String,
    stderr: String,
}

/// Runs the command with this in its environment.
async fn run(args: &[&str], environment: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_duijie"));
    command.args(args).env_clear().envs(environment.iter().copied()).env("RUST_LOG", "trace");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let ran = Ran {
        exit: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    for secret in [SALT, "old-salt", "42050019900101123X"] {
        assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{args:?}: {}", ran.stderr);
    }
    ran
}

#[track_caller]
fn check(outcome: &CallbackOutcome, code: &str) {
    assert_eq!(outcome.violations, []);
    assert_eq!(outcome.code.as_deref(), Some(code));
}

#[tokio::test]
async fn serve_hands_the_decoded_bytes_on_and_signs_the_answers_bytes() {
    let application = Application::default();
    let app = application.start().await;
    let serving =
        Serving::start(&[&format!("{NAME}={app}/good?tenant=1"), &format!("Made={app}/created")], &[]).await;
    let (bank, url) = (bank(), format!("{}/any/path", serving.url));

    let call = bank.seal(NAME, BUSINESS);
    let outcome = bank.send(&url, &call).await.unwrap();
    check(&outcome, "0000");
    assert_eq!(outcome.plain.as_deref(), Some("{ \"CODE\":\"0000\", \"DESC\":\"好\", \"n\": 1.0 }\n"));
    {
        let seen = application.seen.lock().unwrap();
        let (headers, body) = &seen[0];
        assert_eq!(body, BUSINESS.as_bytes());
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(headers["duijie-trans-name"], NAME);
        assert_eq!(headers["duijie-seq-no"], call.seq_no());
        assert!(headers["duijie-timestamp"].len() == 13);
    }

    // The bank's repeats, in all their forms.
    for again in [call.clone(), bank.seal_again(&call), bank.replay(&call, "Made", "guessed")] {
        assert_eq!(bank.send(&url, &again).await.unwrap().plain, outcome.plain);
    }
    assert_eq!(application.calls(), 1);
    // Another Plain: within a millisecond the same one would have the same Signature.
    check(&bank.call(&url, "Made", r#"{"made":1}"#).await.unwrap(), "0000");
    check(&bank.call(&url, "Nobody", BUSINESS).await.unwrap(), "0002");
    // What is no header, form-encoded.
    let strange = bank.seal_under("第 1\n号", NAME, "{}");
    check(&bank.send(&url, &strange).await.unwrap(), "0000");
    assert_eq!(application.seen.lock().unwrap()[2].0["duijie-seq-no"], form::encode("第 1\n号"));
    // The salt from before the rotation.
    let old = Bank::new(Secret::new("old-salt").unwrap(), SystemClock, 77);
    check(&old.call(&url, NAME, "{}").await.unwrap(), "0000");
    assert_eq!(serving.stop().await, 0);
}

#[tokio::test]
async fn whatever_is_wrong_with_the_route_is_0099_and_not_kept() {
    let application = Application::default();
    let app = application.start().await;
    let paths = ["down", "redirect", "list", "text"];
    let mut routes: Vec<_> = paths.iter().map(|path| format!("{path}={app}/{path}")).collect();
    routes.push("nobody=http://127.0.0.1:1/".to_owned());
    let routes: Vec<_> = routes.iter().map(String::as_str).collect();
    let serving = Serving::start(&routes, &[]).await;
    let bank = bank();
    for name in paths {
        let (call, before) = (bank.seal(name, BUSINESS), application.calls());
        check(&bank.send(&serving.url, &call).await.unwrap(), "0099");
        check(&bank.send(&serving.url, &call).await.unwrap(), "0099");
        assert_eq!(application.calls(), before + 2, "{name}: a repeat tries again");
    }
    check(&bank.call(&serving.url, "nobody", BUSINESS).await.unwrap(), "0099");
}

#[tokio::test]
async fn a_slow_application_is_waited_for_and_its_answer_given_to_a_repeat() {
    let application = Application::default();
    let app = application.start().await;
    let routes = [format!("slow={app}/slow"), format!("never={app}/never")];
    let routes: Vec<_> = routes.iter().map(String::as_str).collect();
    let serving = Serving::start(&routes, &["--deadline", "500ms"]).await;
    let bank = bank();
    let call = bank.seal("slow", "{}");
    let first = bank.send(&serving.url, &call).await.unwrap();
    check(&first, "0099");
    let answered = loop {
        let outcome = bank.send(&serving.url, &call).await.unwrap();
        if outcome.code.as_deref() != Some("0099") {
            break outcome;
        }
    };
    check(&answered, "0000");
    assert_eq!(answered.desc.as_deref(), Some("slow"));
    assert_eq!(application.calls(), 1);
    check(&bank.call(&serving.url, "never", "{}").await.unwrap(), "0099");
    assert_eq!(serving.stop().await, 0, "nobody waits for an application that never answers");
}

#[tokio::test]
async fn answers_survive_a_restart() {
    let (application, folder) = (Application::default(), Folder::new("restart"));
    let app = application.start().await;
    let (route, state) =
        (format!("{NAME}={app}/good"), format!("sqlite:{}", folder.0.join("state.db").display()));
    let bank = bank();
    let call = bank.seal(NAME, BUSINESS);
    let mut answers = Vec::new();
    for _ in 0..2 {
        let serving = Serving::start(&[&route], &["--state", &state]).await;
        answers.push(bank.send(&serving.url, &call).await.unwrap().plain.unwrap());
        assert_eq!(serving.stop().await, 0);
    }
    assert_eq!((answers[0] == answers[1], application.calls()), (true, 1));
}

/// Two processes on one file: repeats that come to both at the same time reach the application once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_ask_the_application_once() {
    let (application, folder) = (Application::default(), Folder::new("two"));
    let app = application.start().await;
    let route = format!("{NAME}={app}/slow");
    let state = format!("sqlite:{}", folder.0.join("state.db").display());
    let further = ["--state", state.as_str(), "--deadline", "60s"];
    let servings = [Serving::start(&[&route], &further).await, Serving::start(&[&route], &further).await];
    let bank = Arc::new(bank());
    for round in 1..=3 {
        let call = bank.seal(NAME, BUSINESS);
        let sent: Vec<_> = (0..20)
            .map(|number| {
                let (bank, url) = (Arc::clone(&bank), servings[number % 2].url.clone());
                // To the letter, and under new time stamps.
                let call = if number < 10 { call.clone() } else { bank.seal_again(&call) };
                tokio::spawn(async move { bank.send(&url, &call).await.unwrap() })
            })
            .collect();
        for outcome in sent {
            check(&outcome.await.unwrap(), "0000");
        }
        assert_eq!(application.calls(), round);
    }
}

/// A process is killed while the application works: nobody was answered, so the other process asks once more, when the
/// lease of the dead one has ended; and never again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_leaves_its_call_to_the_other() {
    let (application, folder) = (Application::default(), Folder::new("killed"));
    let app = application.start().await;
    let state = format!("sqlite:{}", folder.0.join("state.db").display());
    let further = ["--state", state.as_str(), "--deadline", "60s"];
    let mut victim = Serving::start(&[&format!("{NAME}={app}/never")], &further).await;
    let heir = Serving::start(&[&format!("{NAME}={app}/good")], &further).await;
    let bank = Arc::new(bank());
    let call = bank.seal(NAME, BUSINESS);
    let unanswered = {
        let (bank, url, call) = (Arc::clone(&bank), victim.url.clone(), call.clone());
        tokio::spawn(async move { bank.send(&url, &call).await })
    };
    while application.calls() < 1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let waiting = {
        let (bank, url, call) = (Arc::clone(&bank), heir.url.clone(), bank.seal_again(&call));
        tokio::spawn(async move { bank.send(&url, &call).await.unwrap() })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    // SIGKILL.
    victim.child.kill().unwrap();
    victim.child.wait().unwrap();
    unanswered.await.unwrap().unwrap_err();
    let outcome = waiting.await.unwrap();
    check(&outcome, "0000");
    for again in [call.clone(), bank.seal_again(&call)] {
        assert_eq!(bank.send(&heir.url, &again).await.unwrap().plain, outcome.plain);
    }
    assert_eq!(application.calls(), 2);
}

/// A hundred megabytes, announced or not, are refused and never held.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_takes_no_memory() {
    const MEGABYTE: usize = 1024 * 1024;
    let application = Application::default();
    let app = application.start().await;
    let serving = Serving::start(&[&format!("{NAME}={app}/good")], &[]).await;
    check(&bank().call(&serving.url, NAME, "{}").await.unwrap(), "0000");
    let before = serving.peak_memory();
    for announced in [true, false] {
        let sending: Vec<_> = (0..4)
            .map(|_| async {
                let mut stream = serving.connect().await;
                let length =
                    if announced { "Content-Length: 104857600" } else { "Transfer-Encoding: chunked" };
                let head = format!("POST / HTTP/1.1\r\nHost: a\r\n{length}\r\n\r\n");
                stream.write_all(head.as_bytes()).await.unwrap();
                let (mut reader, mut writer) = stream.split();
                let sending = async {
                    let piece = vec![b' '; MEGABYTE];
                    for _ in 0..100 {
                        if !announced {
                            writer.write_all(b"100000\r\n").await?;
                        }
                        writer.write_all(&piece).await?;
                        if !announced {
                            writer.write_all(b"\r\n").await?;
                        }
                    }
                    std::io::Result::Ok(())
                };
                let answer = async {
                    let mut head = [0; 12];
                    reader.read_exact(&mut head).await.unwrap();
                    String::from_utf8(head.to_vec()).unwrap()
                };
                // The connection may end under the sender's hands, but not before the answer.
                let (_, answer) = tokio::join!(sending, answer);
                answer
            })
            .collect();
        for answer in futures_util::future::join_all(sending).await {
            assert_eq!(answer, "HTTP/1.1 413");
        }
    }
    let taken = serving.peak_memory() - before;
    println!("8 × 100 MiB took {} KiB on top of {} KiB", taken / 1024, before / 1024);
    assert!(taken < 48 * MEGABYTE as u64, "{taken} bytes");
    assert_eq!(application.calls(), 1);
}

/// Who opens connections and says nothing, or too slowly, keeps nobody out for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_say_nothing_end() {
    let application = Application::default();
    let app = application.start().await;
    let serving = Serving::start(&[&format!("{NAME}={app}/good")], &[]).await;
    let mut silent = Vec::new();
    // As many as there can be; some more wait at the door.
    for number in 0..520 {
        let mut stream = serving.connect().await;
        if number % 2 == 0 {
            stream.write_all(b"POST / HTTP/1.1\r\nHost").await.unwrap();
        }
        silent.push(stream);
    }
    check(&bank().call(&serving.url, NAME, "{}").await.unwrap(), "0000");
    for mut stream in silent.into_iter().take(4) {
        // Nothing, or 408: in any case, the end.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
    assert_eq!(serving.stop().await, 0);
}

/// A SeqNo is anybody's: the application is not refused for one that no header can hold.
#[tokio::test]
async fn a_seq_no_that_is_too_long_is_no_header() {
    let application = Application::default();
    let app = application.start().await;
    let serving = Serving::start(&[&format!("{NAME}={app}/good")], &[]).await;
    let bank = bank();
    for (seq_no, business, expected) in
        [("9".repeat(900_000), "{}", None), ("a%+b".to_owned(), "{ }", Some("a%25%2Bb"))]
    {
        let call = bank.seal_under(&seq_no, NAME, business);
        check(&bank.send(&serving.url, &call).await.unwrap(), "0000");
        let header = application.seen.lock().unwrap().last().unwrap().0.get("duijie-seq-no").cloned();
        assert_eq!(header.as_ref().map(|value| value.to_str().unwrap()), expected);
    }
    assert_eq!(application.calls(), 2);
}

#[tokio::test]
async fn serve_does_not_start_wrongly() {
    let serve = ["webank", "callback", "serve", "--listen", "127.0.0.1:0", "--route"];
    let check = async |route: &[&str], salt: Option<&str>, said: &str| {
        let environment: Vec<_> = salt.map(|salt| ("WEBANK_CALLBACK_SALT", salt)).into_iter().collect();
        let ran = run(&[&serve, route].concat(), &environment).await;
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    };
    check(&["A=http://127.0.0.1:1"], None, "WEBANK_CALLBACK_SALT").await;
    check(&["A=http://127.0.0.1:1"], Some(""), "WEBANK_CALLBACK_SALT").await;
    check(&["A=http://127.0.0.1:1"], Some("n3w-salt,,old-salt"), "one of the salts is empty").await;
    check(&["A"], Some(SALT), "TRANSNAME=http").await;
    check(&["=http://127.0.0.1:1"], Some(SALT), "TRANSNAME=http").await;
    check(&["A=nonsense"], Some(SALT), "--route of `A`").await;
    check(&["A=http://127.0.0.1:1", "--route", "A=http://127.0.0.1:2"], Some(SALT), "twice").await;
    check(&["A=http://127.0.0.1:1", "--window", "x"], Some(SALT), "--window").await;
    check(&["A=http://127.0.0.1:1", "--state", "mongo:x"], Some(SALT), "sqlite:FILE").await;
}

#[tokio::test]
async fn the_window_is_configurable() {
    let application = Application::default();
    let app = application.start().await;
    let serving = Serving::start(&[&format!("{NAME}={app}/good")], &["--window", "7200"]).await;
    let bank = bank();
    let stale = bank.seal_with(platform_sandbox::Mistake::StaleTimestamp, NAME, "{}");
    let outcome = bank.send(&serving.url, &stale).await.unwrap();
    assert_eq!(outcome.code.as_deref(), Some("0000"));
}

/// Probes a server: exit code, and what it found, by check.
async fn probe(url: &str, further: &[&str]) -> (i32, HashMap<String, Value>) {
    let args = [&["webank", "callback", "probe", url, "--json"], further].concat();
    let ran = run(&args, &[("WEBANK_CALLBACK_SALT", SALT)]).await;
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    let checks = report["checks"].as_array().unwrap_or_else(|| panic!("{report}"));
    let wrong = checks.iter().filter(|check| check["result"] == "wrong").count();
    assert_eq!(report["wrong"], wrong);
    assert_eq!(ran.exit, i32::from(wrong > 0));
    let by_name = |check: &Value| (check["check"].as_str().unwrap().to_owned(), check.clone());
    (ran.exit, checks.iter().map(by_name).collect())
}

#[tokio::test]
async fn the_probe_finds_nothing_wrong_with_serve() {
    let application = Application::default();
    let app = application.start().await;
    let serving = Serving::start(&[&format!("{NAME}={app}/good")], &[]).await;
    let (exit, checks) = probe(&serving.url, &["--trans-name", NAME]).await;
    assert_eq!(exit, 0, "{checks:?}");
    assert_eq!(checks.len(), 28);
    assert!(checks.values().all(|check| check["result"] == "ok"), "{checks:?}");
    // good call · in upper case · repeat · the other Plain · after the refusal · ten at once
    assert_eq!(application.calls(), 6);
    // Without a name it knows, what needs the handler is skipped, and nothing is wrong.
    let (exit, checks) = probe(&serving.url, &[]).await;
    assert_eq!((exit, &checks["repeat"]["result"]), (0, &json!("skipped")));
    assert_eq!((&checks["good-call"]["code"], application.calls()), (&json!("0002"), 6));
    assert_eq!(checks["upper-case-signature"]["result"], "ok");
    let salts = [("WEBANK_CALLBACK_SALT", "n3w-salt,old-salt")];
    let args = ["webank", "callback", "probe", &serving.url, "--trans-name", NAME, "--lang", "zh"];
    let ran = run(&args, &salts).await;
    assert_eq!(ran.exit, 0, "{}", ran.stdout);
    assert!(
        ran.stdout.contains("正确 轮换中的另一个盐 → 0000")
            && ran.stdout.contains("共 29 项：0 项错误，0 项未查")
    );
}

/// What a server does wrong.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    /// Its answers are signed with another salt.
    Salt,
    /// It keeps no answers.
    NoRepeats,
    /// It takes any time stamp.
    NoWindow,
    /// It verifies nothing.
    NoVerification,
    /// It has a status for each error.
    Statuses,
    /// It takes any length for granted.
    NoLimit,
    /// It echoes nothing.
    NoEcho,
    /// It keeps what it has answered by SeqNo alone, refusals too.
    SeqNoAlone,
    /// It takes its time.
    Slow,
    /// It answers refusals in the open.
    OpenErrors,
    /// Its answers' `Plain` is the JSON itself, and signed so.
    RawPlain,
    /// It looks at the clock first.
    ClockFirst,
    /// It takes MD5 as well.
    Md5Too,
    /// It compares half of the signature.
    HalfSignature,
    /// It wants the signature in lower case.
    LowerCaseOnly,
}

impl Wrong {
    /// Does a server that is wrong like this take a signature for the right one?
    fn takes(self, got: &str, signed: &SignedEnvelope<'_>) -> bool {
        match self {
            Self::Md5Too => signed.digest::<Md5>().verify(got).is_ok(),
            Self::HalfSignature => got.get(..32) == signed.sign().as_str().get(..32),
            _ => false,
        }
    }

    /// A refusal that comes before its time.
    fn refuses(self, signature: &str, timestamp: &str) -> Option<&'static str> {
        let away = |stamp: u64| SystemClock.now().get().abs_diff(stamp);
        match self {
            Self::ClockFirst if timestamp.parse().is_ok_and(|stamp| away(stamp) > 300_000) => Some("0012"),
            Self::LowerCaseOnly if signature != signature.to_lowercase() => Some("0010"),
            _ => None,
        }
    }
}

/// The answer, with its JSON as it is.
fn seal_raw(json: &str, echo: &Echo) -> Bytes {
    let signed = SignedEnvelope { plain: json, salt: &salt(), timestamp: &echo.timestamp };
    let (plain, signature) = (json, signed.sign().to_string());
    json!({"Plain": plain, "Signature": signature, "Timestamp": echo.timestamp,
        "transName": echo.trans_name, "SeqNo": echo.seq_no})
    .to_string()
    .into()
}

/// A server that is right but for one thing.
async fn wrong_server(wrong: Wrong) -> String {
    let runs = Arc::new(AtomicUsize::new(0));
    let kept: Arc<Mutex<HashMap<String, String>>> = Arc::default();
    let answer = async move |body: Bytes| {
        if wrong == Wrong::Slow {
            tokio::time::sleep(Duration::from_millis(1200)).await;
        }
        let window = if wrong == Wrong::NoWindow { u64::from(u32::MAX) } else { 300 };
        let receiver = Receiver::new(salt()).window(Freshness::within(Duration::from_secs(window)));
        let handled = || {
            let run = runs.fetch_add(1, Ordering::SeqCst);
            json!({"CODE": "0000", "DESC": "", "run": run}).to_string()
        };
        let envelope: Value = serde_json::from_slice(&body).unwrap_or_default();
        let text = |name: &str| envelope[name].as_str().unwrap_or_default().to_owned();
        let echo =
            Echo { timestamp: text("Timestamp"), trans_name: text("transName"), seq_no: text("SeqNo") };
        let (plain, signature, timestamp) = (text("Plain"), text("Signature"), text("Timestamp"));
        let signed = SignedEnvelope { plain: &plain, salt: &salt(), timestamp: &timestamp };
        let body = if wrong.takes(&signature, &signed) {
            let mut righted = envelope.clone();
            righted["Signature"] = signed.sign().as_str().into();
            righted.to_string().into()
        } else {
            body
        };
        if let Some(code) = wrong.refuses(&signature, &timestamp) {
            let refusal = json!({"CODE": code, "DESC": ""}).to_string();
            return (StatusCode::OK, seal_answer(&refusal, &echo, &salt()));
        }
        let (status, mut sealed) = match receiver.receive(&body, SystemClock.now()) {
            _ if wrong == Wrong::NoVerification && envelope.is_object() => {
                (200, seal_answer(&handled(), &echo, &salt()))
            }
            Received::Call(call) => {
                let key = match wrong {
                    Wrong::SeqNoAlone => call.seq_no().to_owned(),
                    Wrong::NoRepeats => runs.load(Ordering::SeqCst).to_string(),
                    _ => call.plain().to_owned() + call.signature(),
                };
                let (by_plain, unknown) =
                    (call.plain().to_owned() + call.seq_no(), call.trans_name() != NAME);
                let mut kept = kept.lock().unwrap();
                let json = match kept.get(&key).or_else(|| kept.get(&by_plain)) {
                    Some(json) if wrong != Wrong::NoRepeats => json.clone(),
                    _ if unknown => r#"{"CODE":"0002","DESC":""}"#.to_owned(),
                    _ => handled(),
                };
                if !unknown || wrong == Wrong::SeqNoAlone {
                    kept.insert(key, json.clone());
                    if wrong != Wrong::SeqNoAlone {
                        kept.insert(by_plain, json.clone());
                    }
                }
                (
                    200,
                    if unknown && wrong != Wrong::SeqNoAlone {
                        call.unknown_trans_name()
                    } else {
                        call.answer(&json)
                    },
                )
            }
            Received::Refused(_) if wrong == Wrong::OpenErrors => {
                return (StatusCode::OK, Bytes::from_static(b"{\"code\":1}"));
            }
            Received::Refused(refused) => (refused.status(), refused.into_body()),
        };
        let plain = |sealed: &Bytes| {
            let envelope: Value = serde_json::from_slice(sealed).unwrap();
            form::decode(envelope["Plain"].as_str().unwrap()).unwrap().into_owned()
        };
        let is_refusal = !plain(&sealed).contains("\"0000\"");
        match wrong {
            Wrong::Salt => sealed = seal_answer(&plain(&sealed), &echo, &Secret::new("another").unwrap()),
            Wrong::RawPlain => sealed = seal_raw(&plain(&sealed), &echo),
            Wrong::NoEcho => sealed = seal_answer(&plain(&sealed), &Echo::default(), &salt()),
            _ => {}
        }
        let status = match wrong {
            Wrong::Statuses if is_refusal && status == 200 => 400,
            Wrong::NoLimit => 200,
            _ => status,
        };
        (StatusCode::from_u16(status).unwrap(), sealed)
    };
    let answer = Arc::new(answer);
    let answer = move |body: Bytes| {
        let answer = Arc::clone(&answer);
        async move { answer(body).await }
    };
    listening(Router::new().route("/", post(answer)).layer(DefaultBodyLimit::disable())).await
}

/// Exactly these checks fail, each with this finding.
async fn check_wrong(wrong: Wrong, further: &[&str], finding: &str, expected: &[&str]) {
    let url = wrong_server(wrong).await;
    let (exit, checks) = probe(&url, &[&["--trans-name", NAME], further].concat()).await;
    assert_eq!(exit, 1);
    let mut failed: Vec<_> = checks
        .iter()
        .filter(|(_, check)| check["result"] == "wrong")
        .map(|(name, _)| name.as_str())
        .collect();
    let mut expected = expected.to_vec();
    failed.sort_unstable();
    expected.sort_unstable();
    assert_eq!(failed, expected, "{finding}: {checks:?}");
    for name in failed {
        assert!(checks[name]["findings"].to_string().contains(finding), "{name}: {}", checks[name]);
    }
}

#[tokio::test]
async fn the_probe_finds_each_thing_that_is_wrong() {
    check_wrong(
        Wrong::NoRepeats,
        &[],
        "a repeat got another answer",
        &["repeat", "repeat-new-timestamp", "replay", "at-once"],
    )
    .await;
    check_wrong(Wrong::NoWindow, &[], "`CODE` is not `0012`", &["stale-timestamp", "future-timestamp"]).await;
    let not_refused = "`CODE` is not `0010`";
    check_wrong(Wrong::ClockFirst, &[], not_refused, &["stale-wrong-signature"]).await;
    check_wrong(Wrong::Md5Too, &[], not_refused, &["md5-signature"]).await;
    check_wrong(Wrong::HalfSignature, &[], not_refused, &["signature-last-digit"]).await;
    check_wrong(Wrong::LowerCaseOnly, &[], "an upper-case signature was refused", &["upper-case-signature"])
        .await;
    check_wrong(Wrong::NoLimit, &[], "is 200, not 413", &["too-large"]).await;
    // A refusal that is kept, and a replay that is run.
    check_wrong(Wrong::SeqNoAlone, &[], "a ", &["refused-first", "replay"]).await;
    let refusals = [
        "not-json",
        "not-object",
        "no-plain",
        "no-signature",
        "seq-no-not-text",
        "tampered-plain",
        "wrong-signature",
        "md5-signature",
        "signature-last-digit",
        "tampered-timestamp",
        "stale-timestamp",
        "stale-wrong-signature",
        "future-timestamp",
        "no-timestamp",
        "bad-form-coding",
        "plain-not-object",
        "not-utf-8",
        "deep-nesting",
    ];
    let with = |more: &[&'static str]| [&refusals, more].concat();
    check_wrong(Wrong::Statuses, &[], "the HTTP status is 400, not 200", &with(&["unknown-trans-name"]))
        .await;
    check_wrong(Wrong::OpenErrors, &[], "`Plain` is missing", &with(&["too-large"])).await;
}

#[tokio::test]
async fn the_probe_finds_what_is_wrong_with_every_answer() {
    for (wrong, further, finding) in [
        (Wrong::Salt, &[][..], "signature"),
        (Wrong::RawPlain, &[], "`Plain` is not form-encoded"),
        (Wrong::NoEcho, &[], "`SeqNo` is not the call's"),
        (Wrong::Slow, &["--deadline", "1s"], "longer than the bank waits"),
    ] {
        let url = wrong_server(wrong).await;
        let (exit, checks) = probe(&url, &[&["--trans-name", NAME], further].concat()).await;
        let good = &checks["good-call"];
        assert_eq!((exit, &good["result"]), (1, &json!("wrong")), "{good}");
        assert!(good["findings"].to_string().contains(finding), "{good}");
        // Repeats say nothing where not even a good call is answered well.
        assert_eq!(checks["repeat"]["result"], "skipped");
    }
    // The letter case needs no handler.
    let (exit, checks) = probe(&wrong_server(Wrong::LowerCaseOnly).await, &[]).await;
    let [good, upper] = ["good-call", "upper-case-signature"].map(|check| &checks[check]["result"]);
    assert_eq!((exit, good, upper), (1, &json!("ok"), &json!("wrong")));
    let (_, checks) = probe(&wrong_server(Wrong::NoVerification).await, &["--trans-name", NAME]).await;
    for check in ["tampered-plain", "wrong-signature", "tampered-timestamp", "stale-timestamp", "no-plain"] {
        assert_eq!(checks[check]["result"], "wrong", "{check}");
    }
}

#[tokio::test]
async fn a_probe_of_nobody_says_so() {
    let environment = [("WEBANK_CALLBACK_SALT", SALT)];
    let ran = run(&["webank", "callback", "probe", "http://127.0.0.1:1/cb?key=s3cret"], &environment).await;
    assert_eq!(ran.exit, 1);
    assert!(ran.stderr.contains("127.0.0.1:1") && !ran.stderr.contains("s3cret"), "{}", ran.stderr);
    let ran = run(&["webank", "callback", "probe", "nonsense"], &environment).await;
    assert_eq!(ran.exit, 2, "{}", ran.stderr);
    let ran = run(&["webank", "callback", "probe", "http://127.0.0.1:1"], &[]).await;
    assert_eq!(ran.exit, 2);
    assert!(ran.stderr.contains("WEBANK_CALLBACK_SALT"));
    let ran =
        run(&["webank", "callback", "probe", "http://127.0.0.1:1/?a=b", "--dry-run"], &environment).await;
    assert_eq!(ran.exit, 0);
    assert!(ran.stdout.contains("POST http://127.0.0.1:1/ # tampered-plain"), "{}", ran.stdout);
}
