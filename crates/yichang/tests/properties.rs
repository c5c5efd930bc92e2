//! What holds for every input.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::time::Duration;

use proptest::prelude::*;
use yichang::{
    Accept, BodyFormat, DigestKind, Freshness, Login, Mobile, Params, ReceivedBody, ReceivedParams, Reply,
    Secret, SignatureError, SigningInput, TodoList, UnixMillis, VerifyError, sign_login, verify,
};

const WINDOW: Freshness = Freshness::within(Duration::from_secs(300));
const NOW: UnixMillis = UnixMillis::new(1_574_251_924_000);
const NAMES: [&str; 5] = ["appId", "deviceId", "deviceType", "nonceStr", "timeStamp"];
const PARAMS: Params<'_> = Params {
    app_id: "RSJ00001",
    device_id: "67D3D9A8-4D67-2444-71CE-66851AEDCFE1",
    device_type: "WEB",
    nonce_str: "6PQfHMIv",
    time_stamp: "1574251924",
};

fn kind(md5: bool) -> DigestKind {
    if md5 { DigestKind::Md5 } else { DigestKind::Sha1 }
}

fn order_and_others_do_not_matter(values: &[String; 5], turn: usize, other: &str, md5: bool) {
    let secret = Secret::new("s3cret").unwrap();
    let mut given: Vec<_> =
        NAMES.into_iter().zip(values).map(|(name, value)| (name, Some(value.as_str()))).collect();
    let sign = |given: &[(&str, Option<&str>)]| {
        let params = Params::from_params(given.iter().copied()).unwrap();
        SigningInput::new(params, &secret).unwrap().sign(kind(md5)).to_string()
    };
    let expected = sign(&given);
    given.push(("appid", Some(other)));
    given.push(("signature", None));
    let turn = turn % given.len();
    given.rotate_left(turn);
    assert_eq!(sign(&given), expected);
    given.reverse();
    assert_eq!(sign(&given), expected);
}

/// Flips one bit of one character where that leaves text; otherwise appends to it, which is as good.
fn flip(text: &str, at: usize, bit: u32) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let at = at % chars.len();
    match char::from_u32(u32::from(chars[at]) ^ (1 << (bit % 7))) {
        Some(flipped) => chars[at] = flipped,
        None => chars.push('x'),
    }
    chars.into_iter().collect()
}

fn a_flipped_bit_is_noticed(pieces: &[String; 6], which: usize, at: usize, bit: u32, md5: bool) {
    fn params(pieces: &[String; 6]) -> (Params<'_>, Secret) {
        let [app_id, device_id, device_type, nonce_str, time_stamp, secret] = pieces;
        let params = Params { app_id, device_id, device_type, nonce_str, time_stamp };
        (params, Secret::new(secret.as_str()).unwrap())
    }
    let (good, secret) = params(pieces);
    let signature = SigningInput::new(good, &secret).unwrap().sign(kind(md5));
    let mut flipped = pieces.clone();
    flipped[which] = flip(&pieces[which], at, bit);
    let (bad, secret) = params(&flipped);
    let got = SigningInput::new(bad, &secret).unwrap().verify(kind(md5), signature.as_str());
    assert_eq!(got, Err(SignatureError::Different));
}

fn a_flipped_signature_is_noticed(at: usize, bit: u32, md5: bool) {
    let secret = Secret::new("s3cret").unwrap();
    let signature = SigningInput::new(PARAMS, &secret).unwrap().sign(kind(md5));
    let flipped = flip(signature.as_str(), at, bit);
    let got = verify(&PARAMS, &flipped, Accept::Either, &secret, &WINDOW, NOW);
    // Flipping the bit of letter case leaves the same signature.
    if flipped.eq_ignore_ascii_case(signature.as_str()) {
        assert_eq!(got, Ok(kind(md5)));
    } else {
        assert!(matches!(got, Err(VerifyError::Signature(_))), "{got:?}");
    }
}

fn a_login_survives_the_journey(app_id: &str, device_id: &str, url: &str, json: bool, md5: bool) {
    let secret = Secret::new("s3cret").unwrap();
    let mobile = Mobile::parse("17386500821").unwrap();
    let format = if json { BodyFormat::Json } else { BodyFormat::Form };
    let params = Params { app_id, device_id, ..PARAMS };
    let call = sign_login(&mobile, Some(url), format, params, &secret, kind(md5)).unwrap();
    let received = ReceivedParams::parse(call.query().unwrap()).unwrap();
    assert_eq!(received.verify(Accept::Either, &secret, &WINDOW, NOW), Ok(kind(md5)));
    let body = ReceivedBody::parse(call.content_type(), call.body()).unwrap();
    assert_eq!((body.mobile(), body.url()), (Ok(mobile), Some(url)));
}

/// However URL and token look, the masked URL does not hold the token.
fn a_masked_url_holds_no_token(url: &str, token: &str) {
    let url = url.replace('T', token);
    let body = serde_json::json!({"code": 1, "data": {"jumpUrl": url, "ssoToken": token}}).to_string();
    let login = Login::read(200, body.as_bytes()).unwrap();
    assert_eq!(login.jump_url().expose(), url);
    assert!(!login.masked_jump_url().contains(token), "{}", login.masked_jump_url());
}

/// Whatever comes in, something is said about it.
fn nothing_panics(bytes: &[u8], text: &str, now: u64) {
    if let Ok(reply) = Reply::parse(bytes) {
        let success = reply.code().as_str() == "1";
        assert_eq!(reply.code().is_ok(), success);
        assert!(success || Login::read(200, bytes).is_err() && TodoList::read(200, bytes).is_err());
        assert!(Login::read(200, bytes).is_err() || reply.data().is_some());
    } else {
        assert!(Login::read(200, bytes).is_err() && TodoList::read(200, bytes).is_err());
    }
    let secret = Secret::new("s").unwrap();
    for content_type in ["application/json", text] {
        if let Ok(body) = ReceivedBody::parse(content_type, bytes) {
            assert!(body.mobile().is_err() || body.mobile().unwrap().expose().len() == 11);
        }
    }
    if let Ok(params) = ReceivedParams::parse(text) {
        assert!(params.verify(Accept::Either, &secret, &WINDOW, UnixMillis::new(now)).is_err());
    }
    let params = Params { app_id: text, device_id: text, ..PARAMS };
    assert!(verify(&params, text, Accept::Either, &secret, &WINDOW, UnixMillis::new(now)).is_err());
    if let Ok(mobile) = Mobile::parse(text) {
        assert_eq!(mobile.expose(), text);
    }
}

/// Text that forms and JSON have to escape, and characters of every width.
fn text() -> impl Strategy<Value = String> {
    r#"([a-zA-Z0-9 +%&=#?"\\]|中|～|😀|\PC){1,12}"#
}

proptest! {
    #[test]
    fn order(values in proptest::array::uniform5(text()), turn: usize, other in text(), md5: bool) {
        order_and_others_do_not_matter(&values, turn, &other, md5);
    }

    #[test]
    fn flipped_bits(
        pieces in proptest::array::uniform6(text()),
        which in 0..6_usize,
        at: usize,
        bit: u32,
        md5: bool,
    ) {
        a_flipped_bit_is_noticed(&pieces, which, at, bit, md5);
    }

    #[test]
    fn flipped_signatures(at: usize, bit: u32, md5: bool) {
        a_flipped_signature_is_noticed(at, bit, md5);
    }

    #[test]
    fn logins(app_id in text(), device_id in text(), url in text(), json: bool, md5: bool) {
        a_login_survives_the_journey(&app_id, &device_id, &url, json, md5);
    }

    #[test]
    fn masks(url in "http://a(/|T|[?#&=]|[a-z中]){0,12}", token in "[A-Z0-9]{6,12}|令牌[A-Z]{4}") {
        a_masked_url_holds_no_token(&url, &token);
    }

    #[test]
    fn bytes(bytes: Vec<u8>, text: String, now: u64) {
        nothing_panics(&bytes, &text, now);
    }

    #[test]
    fn nearly_json(
        json in r#"\{("(code|msg|data|items|mobile)":("[01a张]*"|[01]|null|\[\]|\{"(jumpUrl|ssoToken|items|rowCount)":(1|"a"|\[\{\}\])\}),?){0,4}\}?"#,
    ) {
        nothing_panics(json.as_bytes(), &json, 0);
    }

    #[test]
    fn nearly_queries(query in r"((appId|deviceId|nonceStr|signature)=?(%[0-9A-F]{0,2}|[a-z+]){0,5}&?){0,5}") {
        nothing_panics(query.as_bytes(), &query, 0);
    }
}
