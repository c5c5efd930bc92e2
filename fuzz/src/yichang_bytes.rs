//! 宜昌: the decoders of what the platform answers, mobile numbers, and signed calls as they are received.

use std::time::Duration;

use yichang::{
    Accept, BodyFormat, DigestKind, Freshness, Login, Mobile, Params, ReceivedBody, ReceivedParams, Reply,
    Secret, TodoList, UnixMillis, VerifyError, sign_login,
};

use crate::flipped;

/// Any bytes as a reply; as text, also as a mobile number.
pub fn replies(data: &[u8]) {
    match Reply::parse(data) {
        Ok(reply) => {
            assert!(reply.member("code").is_some());
            // A success is never taken for a signature that was refused: the client would sign in twice.
            assert!(!(reply.code().is_ok() && reply.is_signature_error()));
            if let Some(data) = reply.data() {
                assert!(serde_json::from_str::<serde::de::IgnoredAny>(data).is_ok());
            }
            assert!(!format!("{reply:?}").is_empty());
        }
        Err(fault) => assert!(!fault.to_string().is_empty()),
    }
    if let Ok(login) = Login::read(200, data) {
        assert!(login.reply().code().is_ok());
        let (token, masked) = (login.sso_token().expose(), login.masked_jump_url());
        // A token of letters and digits cannot come about by masking.
        let plain = token.bytes().all(|byte| byte.is_ascii_alphanumeric());
        assert!(!plain || !masked.contains(token), "a token shows itself in `{masked}`");
    }
    if let Ok(list) = TodoList::read(200, data) {
        assert!(list.reply().code().is_ok());
        let _ = (list.row_count(), list.items().len());
    }
    let text = String::from_utf8_lossy(data);
    if let Ok(mobile) = Mobile::parse(&text) {
        assert_eq!(mobile.expose(), text.trim());
        assert!(!format!("{mobile:?}").contains(mobile.expose()), "a phone number shows itself");
    }
}

/// Behind two bytes that say which bit to flip, a line each: secret, `appId`, `deviceId`, nonce and time stamp; the rest is
/// where to go. What is sent is received and verified; with a flipped bit it is refused, or says the same. And any bytes
/// as what is received.
pub fn calls(data: &[u8]) {
    let text = String::from_utf8_lossy(data.get(2..).unwrap_or_default());
    if let Ok(received) = ReceivedParams::parse(&text) {
        let secret = Secret::new("8e85e612698296b4c522bfa7eb0b82a8").expect("not empty");
        assert!(received.verify(Accept::Either, &secret, &WINDOW, NOW).is_err(), "nobody knows the secret");
    }
    for content_type in ["application/json", "application/x-www-form-urlencoded"] {
        if let Ok(body) = ReceivedBody::parse(content_type, data) {
            let (_, shown) = (body.mobile(), format!("{body:?}"));
            assert!(
                body.url().is_none_or(|url| url.len() < 24 || !shown.contains(url)),
                "a URL shows itself"
            );
        }
    }

    let mut lines = text.splitn(6, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let Ok(secret) = Secret::new(line()) else { return };
    let (app_id, device_id, nonce_str, time_stamp, url) = (line(), line(), line(), line(), line());
    let params = Params { app_id, device_id, device_type: "WEB", nonce_str, time_stamp };
    let mobile = Mobile::parse("17386500821").expect("a number of the document");
    let (format, kind) = if data.first().is_some_and(|byte| byte % 2 == 0) {
        (BodyFormat::Form, DigestKind::Sha1)
    } else {
        (BodyFormat::Json, DigestKind::Md5)
    };
    let Ok(call) = sign_login(&mobile, Some(url), format, params, &secret, kind) else {
        assert!([app_id, device_id, nonce_str, time_stamp].contains(&""), "a call with all values is signed");
        return;
    };
    let body = ReceivedBody::parse(call.content_type(), call.body()).expect("what is sent is a body");
    assert_eq!(body.mobile().as_ref(), Ok(&mobile));
    assert_eq!(body.url(), Some(url).filter(|url| !url.is_empty()));
    let query = call.query().expect("a signed call has a query");
    let received = ReceivedParams::parse(query).expect("what is sent is a query");
    let said = received.verify(Accept::Either, &secret, &WINDOW, NOW);
    match said {
        Ok(used) => assert_eq!(used, kind),
        Err(VerifyError::Nonce | VerifyError::TimeStamp | VerifyError::Stale(_)) => return,
        Err(other) => panic!("{other}"),
    }
    let Some(Ok(other)) = flipped(query.as_bytes(), data).map(String::from_utf8) else { return };
    let Ok(other) = ReceivedParams::parse(&other) else { return };
    let same = |name| received.get(name) == other.get(name);
    let sign = |params: &ReceivedParams<'_>| params.get("signature").map(str::to_ascii_lowercase);
    let same = yichang::NAMES.into_iter().all(same) && sign(&received) == sign(&other);
    assert_eq!(other.verify(Accept::Either, &secret, &WINDOW, NOW).is_ok(), same);
}

const NOW: UnixMillis = UnixMillis::new(1_574_251_924_000);
const WINDOW: Freshness = Freshness::within(Duration::from_secs(300));
