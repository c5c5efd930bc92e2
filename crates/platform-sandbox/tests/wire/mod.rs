//! Requests made by hand: names, order and bytes as the tests say, signed with sign-core alone.
#![allow(dead_code, reason = "each test file takes what it needs")]

use platform_http::system::UnixMillis;
use platform_http::{BaseUrl, Client, Config, Method, Request, Response, TransportError};
use platform_sandbox::{REASON_HEADER, Sandbox, SandboxClock};
use serde_json::Value;
use sign_core::{Case, Hasher, Md5, Order, Sha1, form, sort_values};

/// 2021-11-29 14:56:46 in China.
pub(crate) const NOW: u64 = 1_638_169_006;

pub(crate) fn standing() -> SandboxClock {
    SandboxClock::standing(UnixMillis::new(NOW * 1000))
}

pub(crate) async fn sandbox() -> Sandbox {
    Sandbox::builder().clock(standing()).start().await.unwrap()
}

/// One request; paths may carry a query.
pub(crate) async fn send(
    method: Method,
    base: &str,
    path_and_query: &str,
    content_type: &str,
    body: impl Into<Vec<u8>>,
) -> Result<Response, TransportError> {
    let client = Client::new(Config::new(BaseUrl::parse(base).unwrap())).unwrap();
    let (path, query) = match path_and_query.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path_and_query, None),
    };
    let mut request = Request::new("test", "test", method, path).body(body.into());
    if !content_type.is_empty() {
        request = request.content_type(content_type);
    }
    if let Some(query) = query {
        request = request.query(query);
    }
    client.send(request).await
}

pub(crate) async fn get(base: &str, path_and_query: &str) -> Response {
    send(Method::GET, base, path_and_query, "", "").await.unwrap()
}

pub(crate) async fn post(
    base: &str,
    path_and_query: &str,
    content_type: &str,
    body: impl Into<Vec<u8>>,
) -> Response {
    send(Method::POST, base, path_and_query, content_type, body).await.unwrap()
}

pub(crate) fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_else(|_| panic!("not JSON: {:?}", response.body))
}

pub(crate) fn text(response: &Response) -> String {
    String::from_utf8(response.body.to_vec()).unwrap()
}

/// Why the sandbox refused.
pub(crate) fn reason(response: &Response) -> String {
    response.headers.get(REASON_HEADER).map_or("", |value| value.to_str().unwrap()).to_owned()
}

pub(crate) fn pairs(pairs: &[(&str, &str)]) -> String {
    let encoded: Vec<_> =
        pairs.iter().map(|(name, value)| format!("{name}={}", form::encode(value))).collect();
    encoded.join("&")
}

/// 晋来办's push: parameters and data, signed for this sandbox.
pub(crate) struct Push {
    pub(crate) appcode: String,
    pub(crate) modulecode: String,
    pub(crate) secret: String,
    pub(crate) timestamp: String,
    pub(crate) nonce: String,
    pub(crate) data: String,
    pub(crate) url: String,
}

pub(crate) const PUSH: &str = "/openplatform/open/busipush.action?generate";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded; charset=UTF-8";

pub(crate) fn record(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","user_id":"8a81","user_phone":"137*****381","user_name":"张三","busi_item":"无房证明查询","busi_detail":"成功","create_date":"2021-03-17 18:57:03"}}"#
    )
}

impl Push {
    pub(crate) fn new(sandbox: &Sandbox, nonce: &str, data: String) -> Self {
        let access = &sandbox.access().jinlaiban;
        Self {
            appcode: access.appcode.clone(),
            modulecode: access.modulecode.clone(),
            secret: access.appsecret.expose().to_owned(),
            timestamp: NOW.to_string(),
            nonce: nonce.to_owned(),
            data,
            url: sandbox.urls().jinlaiban.clone(),
        }
    }

    pub(crate) fn sign(&self) -> String {
        let Self { appcode, modulecode, nonce, timestamp, secret, .. } = self;
        let text =
            format!("appcode={appcode}&modulecode={modulecode}&nonce={nonce}&timestamp={timestamp}{secret}");
        Hasher::<Md5>::of(text.as_bytes()).signature(Case::Lower).to_string()
    }

    pub(crate) fn body(&self) -> String {
        let sign = self.sign();
        pairs(&[
            ("appcode", &self.appcode),
            ("modulecode", &self.modulecode),
            ("timestamp", &self.timestamp),
            ("nonce", &self.nonce),
            ("sign", &sign),
            ("data", &self.data),
        ])
    }

    pub(crate) async fn send(&self) -> Response {
        post(&self.url, PUSH, FORM, self.body()).await
    }
}

/// 宜昌's query, signed with the given digest.
pub(crate) fn yichang_query(sandbox: &Sandbox, nonce: &str, timestamp: &str, sha1: bool) -> String {
    let access = &sandbox.access().yichang;
    let (app_id, secret) = (&access.app_id, access.app_secret.expose());
    let signed =
        format!("appId={app_id}&deviceId=127.0.0.1&deviceType=WEB&nonceStr={nonce}&timeStamp={timestamp}");
    let text = format!("{signed}&appSecret={secret}");
    let signature = if sha1 {
        Hasher::<Sha1>::of(text.as_bytes()).signature(Case::Upper)
    } else {
        Hasher::<Md5>::of(text.as_bytes()).signature(Case::Upper)
    };
    format!("{signed}&signature={signature}")
}

pub(crate) const NONCE: &str = "489c60c97daef599efd10cfda46860a1";

/// WeBank's signature over these values.
pub(crate) fn webank_sign(values: &[&str]) -> String {
    let mut values = values.to_vec();
    sort_values(&mut values, Order::Utf16);
    Hasher::<Sha1>::of(values.concat().as_bytes()).signature(Case::Upper).to_string()
}

pub(crate) async fn fetch_token(sandbox: &Sandbox) -> Response {
    let access = &sandbox.access().webank;
    let (app_id, secret) = (&access.app_id, access.secret.expose());
    let query = format!("app_id={app_id}&secret={secret}&grant_type=client_credential&version=2.0.0");
    get(&sandbox.urls().webank, &format!("/api/oauth2/access_token?{query}")).await
}

pub(crate) async fn token(sandbox: &Sandbox) -> String {
    json(&fetch_token(sandbox).await)["access_token"].as_str().unwrap().to_owned()
}

pub(crate) async fn fetch_ticket(sandbox: &Sandbox, token: &str, further: &str) -> Response {
    let app_id = &sandbox.access().webank.app_id;
    let query = format!("app_id={app_id}&access_token={token}&version=2.0.0{further}");
    get(&sandbox.urls().webank, &format!("/api/oauth2/api_ticket?{query}")).await
}

pub(crate) async fn ticket(sandbox: &Sandbox) -> String {
    let token = token(sandbox).await;
    let reply = json(&fetch_ticket(sandbox, &token, "&type=sign").await);
    reply["tickets"][0]["value"].as_str().unwrap().to_owned()
}

pub(crate) const SERVICE: &str = "/api/s/yh/10002";

pub(crate) fn call_query(sandbox: &Sandbox, ticket: &str, body: &str) -> String {
    let app_id = &sandbox.access().webank.app_id;
    let sign = webank_sign(&[app_id, "2.0.0", NONCE, body, ticket]);
    format!("app_id={app_id}&nonce={NONCE}&sign={sign}&version=2.0.0")
}

pub(crate) async fn call(sandbox: &Sandbox, ticket: &str, body: &str) -> Response {
    let query = call_query(sandbox, ticket, body);
    post(&sandbox.urls().webank, &format!("{SERVICE}?{query}"), "application/json", body).await
}

/// The gateway's code for a call signed with this ticket.
pub(crate) async fn code_of_call(sandbox: &Sandbox, ticket: &str) -> String {
    json(&call(sandbox, ticket, "{\"A\": \"中文 😀\"}").await)["code"].as_str().unwrap().to_owned()
}

/// The query of a file operation, `type=sign`, without body.
pub(crate) fn file_query(sandbox: &Sandbox, ticket: &str, version: &str, further: &str) -> String {
    let app_id = &sandbox.access().webank.app_id;
    let sign = webank_sign(&[app_id, version, NONCE, "sign", ticket]);
    format!("app_id={app_id}&nonce={NONCE}&sign={sign}&version={version}&type=sign{further}")
}
