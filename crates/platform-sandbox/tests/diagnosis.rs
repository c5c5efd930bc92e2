//! The doctor in the sandbox: which mistake a wrong signature is told, and that the platform's own answer stays the same.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod wire;

use std::time::Duration;

use platform_http::Response;
use platform_sandbox::{
    AcceptedDigest, DIAGNOSIS_HEADER, DoctorOptions, Fault, FaultKind, Operation, Sandbox, YichangOptions,
};
use sign_core::{Case, Hasher, Md5, Sha1, Sha256, form};
use wire::{
    FORM, NONCE, NOW, PUSH, Push, SERVICE, call_query, file_query, json, pairs, post, reason, record,
    standing, text, ticket, webank_sign,
};

/// On a loaded machine as well.
const PATIENT: DoctorOptions = DoctorOptions { at_once: 2, patience: Duration::from_secs(300) };

async fn sandbox() -> Sandbox {
    Sandbox::builder().clock(standing()).doctor(PATIENT).start().await.unwrap()
}

fn diagnosis(response: &Response) -> Option<&str> {
    response.headers.get(DIAGNOSIS_HEADER).map(|value| value.to_str().unwrap())
}

/// The header says so, the log says the same, and neither says a secret.
#[track_caller]
fn check_told(sandbox: &Sandbox, response: &Response, secrets: &[&str], words: &str) {
    let told = diagnosis(response).unwrap_or_else(|| panic!("no header; {}", reason(response)));
    assert!(told.contains(words), "{told}");
    assert!(told.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{told}");
    let entry = sandbox.received().pop().unwrap();
    let logged = entry.diagnosis.clone().unwrap();
    assert_eq!(
        told,
        logged.replace('§', "section ").replace('…', "...").replace('%', "%25").replace('姓', "%E5%A7%93")
    );
    let debug = format!("{entry:?}");
    for secret in secrets {
        for shown in [told, &logged, &debug] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

fn md5(text: &str) -> String {
    Hasher::<Md5>::of(text.as_bytes()).signature(Case::Lower).to_string()
}

fn sha1(text: &str) -> String {
    Hasher::<Sha1>::of(text.as_bytes()).signature(Case::Lower).to_string()
}

fn sha256(text: &str) -> String {
    Hasher::<Sha256>::of(text.as_bytes()).signature(Case::Lower).to_string()
}

/// The text up to the secret.
fn sorted(push: &Push) -> String {
    let Push { appcode, modulecode, nonce, timestamp, .. } = push;
    format!("appcode={appcode}&modulecode={modulecode}&nonce={nonce}&timestamp={timestamp}")
}

/// A push whose signature was made so.
async fn check_push(sign: impl FnOnce(&Push) -> String, words: &str) {
    let sandbox = sandbox().await;
    let push = Push::new(&sandbox, "n /中", format!("[{}]", record("1")));
    let body = pairs(&[
        ("appcode", &push.appcode),
        ("modulecode", &push.modulecode),
        ("timestamp", &push.timestamp),
        ("nonce", &push.nonce),
        ("sign", &sign(&push)),
        ("data", &push.data),
    ]);
    let reply = post(&push.url, PUSH, FORM, body).await;
    assert_eq!((reply.status, text(&reply).as_str()), (200, r#"{"status":"300","msg":"签名错误"}"#));
    check_told(&sandbox, &reply, &[&push.secret], words);
}

#[tokio::test]
async fn mistakes_with_a_push_are_named() {
    check_push(|it| md5(&sorted(it)), "the secret is not in the text").await;
    check_push(|it| md5(&format!("{}&{}", sorted(it), it.secret)), "at the end as `...").await;
    check_push(|it| md5(&format!("{}&key={}", sorted(it), it.secret)), "&key=SECRET`: it must be at the end")
        .await;
    check_push(|it| md5(&format!("{}{}", it.secret, sorted(it))), "the secret is in front as `SECRET").await;
    check_push(|it| md5(&format!("{}{}\n", sorted(it), it.secret)), "a newline").await;
    check_push(|it| md5(&format!("{}\"{}\"", sorted(it), it.secret)), "used in double quotes").await;
    check_push(|it| it.sign().to_uppercase(), "upper-case letters: write it in lower-case letters").await;
    check_push(|it| sha1(&format!("{}{}", sorted(it), it.secret)), "the digest is SHA-1, not MD5: use MD5")
        .await;
    check_push(
        |it| {
            let Push { appcode, modulecode, nonce, timestamp, secret, .. } = it;
            md5(&format!(
                "appcode={appcode}&modulecode={modulecode}&timestamp={timestamp}&nonce={nonce}{secret}"
            ))
        },
        "the parameters are not sorted: they must be sorted",
    )
    .await;
    check_push(
        |it| {
            let nonce = form::encode(&it.nonce);
            md5(&format!("{}{}", sorted(it).replace(&it.nonce, &nonce), it.secret))
        },
        "before signing: sign them raw",
    )
    .await;
    check_push(
        |it| {
            let Push { appcode, modulecode, nonce, timestamp, secret, data, .. } = it;
            md5(&format!(
                "appcode={appcode}&data={data}&modulecode={modulecode}&nonce={nonce}&timestamp={timestamp}{secret}"
            ))
        },
        "`data` is signed, but takes no part",
    )
    .await;
    // Two at once.
    check_push(|it| sha256(&sorted(it)), "; and ").await;
    check_push(|_| "0".repeat(32), "none of these mistakes makes this signature").await;
    check_push(|_| "0".repeat(33), "33 characters and is neither").await;
}

/// A login whose signature was made so, of the text up to the secret, and the secret.
async fn check_login(digest: AcceptedDigest, sign: impl FnOnce(&str, &str) -> String, words: &str) {
    let options = YichangOptions { digest, ..YichangOptions::default() };
    let sandbox =
        Sandbox::builder().clock(standing()).doctor(PATIENT).yichang(options).start().await.unwrap();
    let access = &sandbox.access().yichang;
    let (app_id, secret) = (&access.app_id, access.app_secret.expose());
    let signed =
        format!("appId={app_id}&deviceId=127.0.0.1&deviceType=WEB&nonceStr=6PQfHMIv&timeStamp={NOW}");
    let query = format!("{signed}&signature={}&%E5%A7%93=x", form::encode(&sign(&signed, secret)));
    let path = format!("/api/syncauth/login?{query}");
    let reply = post(&sandbox.urls().yichang, &path, FORM, "mobile=13800000001").await;
    assert_eq!((reply.status, json(&reply)["msg"].as_str()), (200, Some("签名错误!")));
    check_told(&sandbox, &reply, &[secret, "13800000001"], words);
}

#[tokio::test]
async fn mistakes_with_a_login_are_named() {
    use AcceptedDigest::{Either, Md5, Sha1};
    let right = |text: &str, secret: &str| format!("{text}&appSecret={secret}");
    let words = "the digest is MD5, not SHA-1: use SHA-1 (yichang SPEC.md section 2.3, YC-1)";
    check_login(Sha1, |text, secret| md5(&right(text, secret)).to_uppercase(), words).await;
    check_login(Md5, |text, secret| sha1(&right(text, secret)).to_uppercase(), "SHA-1, not MD5").await;
    check_login(Either, |text, secret| md5(&right(text, secret)), "lower-case letters").await;
    let upper = |text: String| sha1(&text).to_uppercase();
    check_login(Either, |text, secret| upper(format!("{text}&key={secret}")), "&key=SECRET`").await;
    check_login(Either, |text, secret| upper(format!("{text}{secret}")), "`...SECRET`").await;
    check_login(Either, |text, _| upper(text.to_owned()), "the secret is not in the text").await;
    check_login(
        Either,
        |text, secret| upper(right(&format!("{text}&姓=x"), secret)),
        "`%E5%A7%93` is signed",
    )
    .await;
    check_login(Either, |_, _| "签名".to_owned(), "2 characters and is neither").await;
}

/// A call whose signature was made so, of app id, ticket and body.
async fn check_call(body: &str, sign: impl AsyncFnOnce(&Sandbox, &str) -> String, words: &str) {
    let sandbox = sandbox().await;
    let ticket = ticket(&sandbox).await;
    let app_id = &sandbox.access().webank.app_id;
    let sign = sign(&sandbox, &ticket).await;
    let query = format!("app_id={app_id}&nonce={NONCE}&sign={sign}&version=2.0.0");
    let path = format!("{SERVICE}?{query}");
    let reply = post(&sandbox.urls().webank, &path, "application/json", body).await;
    assert_eq!((reply.status, json(&reply)["code"].as_str()), (200, Some("60841018")));
    let secret = sandbox.access().webank.secret.expose();
    check_told(&sandbox, &reply, &[secret, &ticket, "411528199110024452"], words);
}

#[tokio::test]
async fn mistakes_with_a_call_are_named() {
    const BODY: &str = r#"{"ID_NO": "411528199110024452", "姓名": "a/b"}"#;
    let app_id = |sandbox: &Sandbox| sandbox.access().webank.app_id.clone();
    let signed = |sandbox: &Sandbox, ticket: &str, body: &str| {
        webank_sign(&[&app_id(sandbox), "2.0.0", NONCE, body, ticket])
    };
    let compact = BODY.replace(": ", ":").replace(", ", ",");
    check_call(BODY, async |it, ticket| signed(it, ticket, &compact), "without its white space").await;
    let words = "`body` is not signed: sign `body` as well";
    check_call(BODY, async |it, ticket| webank_sign(&[&app_id(it), "2.0.0", NONCE, ticket]), words).await;
    check_call(
        BODY,
        async |it, ticket| webank_sign(&[&app_id(it), "2.0.0", NONCE, BODY, "sign", ticket]),
        "`sign` is signed as `type`",
    )
    .await;
    check_call(
        BODY,
        async |it, ticket| sha1(&[&app_id(it), "2.0.0", NONCE, BODY, ticket].concat()),
        "the parameters are not sorted",
    )
    .await;
    let words = "it is signed with the secret in WEBANK_SECRET, not in the sign ticket";
    check_call(BODY, async |it, _| signed(it, it.access().webank.secret.expose(), BODY), words).await;
}

#[tokio::test]
async fn a_token_in_place_of_a_ticket_is_named() {
    let sandbox = sandbox().await;
    let token = wire::token(&sandbox).await;
    wire::fetch_ticket(&sandbox, &token, "&type=sign").await;
    let reply = wire::call(&sandbox, &token, "{}").await;
    check_told(
        &sandbox,
        &reply,
        &[&token],
        "signed with the secret in the access token, not in the sign ticket",
    );
}

#[tokio::test]
async fn mistakes_with_a_file_are_named() {
    let sandbox = sandbox().await;
    let ticket = ticket(&sandbox).await;
    let app_id = &sandbox.access().webank.app_id;
    let sign = webank_sign(&[app_id, "1.0.0", NONCE, "sign", &ticket, "f1"]);
    let further = "&fileId=f1&hashValue=h1";
    let query = file_query(&sandbox, &ticket, "1.0.0", further);
    let (_, rest) = query.split_once("&sign=").unwrap();
    let (right, rest) = rest.split_once('&').unwrap();
    let query = format!("app_id={app_id}&nonce={NONCE}&sign={sign}&{rest}");
    assert_ne!(right, sign);
    let reply = wire::get(&sandbox.urls().webank_files, &format!("/api/s/up/download?{query}")).await;
    check_told(&sandbox, &reply, &[&ticket], "`fileId` is signed, but takes no part");
}

#[tokio::test]
async fn nothing_is_said_about_what_is_no_mistake_in_signing() {
    let sandbox = sandbox().await;
    let first = ticket(&sandbox).await;
    assert_eq!(diagnosis(&wire::call(&sandbox, &first, "{}").await), None);
    // The reason knows better: this ticket was right once.
    sandbox.webank().kick();
    sandbox.webank().kick();
    let reply = wire::call(&sandbox, &first, "{}").await;
    assert!(reason(&reply).contains("kicked"), "{}", reason(&reply));
    assert_eq!(diagnosis(&reply), None);
    let mut push = Push::new(&sandbox, "n-1", format!("[{}]", record("1")));
    assert_eq!(diagnosis(&push.send().await), None);
    push.timestamp = "1".into();
    assert_eq!(diagnosis(&push.send().await), None);
    // A fault takes the platform's place.
    push = Push::new(&sandbox, "n-2", format!("[{}]", record("2")));
    push.secret = "wrong".into();
    sandbox.inject(Fault::once(Operation::Push, FaultKind::Code("300".into())));
    assert_eq!(diagnosis(&push.send().await), None);
    // Nobody has fetched a ticket: there is nothing to compare with.
    let fresh = Sandbox::builder().clock(standing()).doctor(PATIENT).start().await.unwrap();
    let reply = wire::call(&fresh, "guessed", "{}").await;
    assert_eq!((json(&reply)["code"].as_str(), diagnosis(&reply)), (Some("60841017"), None));
}

#[tokio::test]
async fn a_crowd_of_wrong_signatures_gets_the_same_answers() {
    let quiet = DoctorOptions { at_once: 0, ..PATIENT };
    for (options, least) in [(quiet, 0), (DoctorOptions { at_once: 1, ..PATIENT }, 1), (PATIENT, 1)] {
        let sandbox = Sandbox::builder().clock(standing()).doctor(options).start().await.unwrap();
        let mut push = Push::new(&sandbox, "n-1", format!("[{}]", record("1")));
        push.secret = "wrong".into();
        let push = &push;
        let replies = futures_util::future::join_all((0..64).map(|_| push.send())).await;
        let told = replies.iter().filter(|reply| diagnosis(reply).is_some()).count();
        assert!(told >= least && (options.at_once > 0 || told == 0), "{told} of 64 with {options:?}");
        for reply in &replies {
            assert_eq!(text(reply), r#"{"status":"300","msg":"签名错误"}"#);
            assert!(reason(reply).contains("signature does not match"), "{}", reason(reply));
        }
        sandbox.shutdown().await;
    }
}

#[tokio::test]
async fn nobody_waits_for_long() {
    let options = DoctorOptions { patience: Duration::ZERO, ..PATIENT };
    let sandbox = Sandbox::builder().clock(standing()).doctor(options).start().await.unwrap();
    let mut push = Push::new(&sandbox, "n-1", format!("[{}]", record("1")));
    push.secret = "wrong".into();
    for _ in 0..4 {
        assert_eq!(text(&push.send().await), r#"{"status":"300","msg":"签名错误"}"#);
    }
}

#[tokio::test]
async fn a_huge_body_is_refused_without_a_search() {
    let sandbox = sandbox().await;
    let ticket = ticket(&sandbox).await;
    let body = format!("{{\"A\":\"{}\"}}", "x".repeat(1 << 20));
    let query = call_query(&sandbox, &ticket, &body);
    let changed = body.replacen('A', "B", 1);
    let path = format!("{SERVICE}?{query}");
    let reply = post(&sandbox.urls().webank, &path, "application/json", changed).await;
    assert_eq!((json(&reply)["code"].as_str(), diagnosis(&reply)), (Some("60841018"), None));
}
