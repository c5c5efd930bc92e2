//! Business calls, `SPEC.md §3`.

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use sign_core::{Secret, json};

use crate::{
    CallNonce, Code, Host, InputError, Method, Refusal, ReplyError, Request, Serials, SignedValues, VERSION,
    sign,
};

/// A path that the bank assigned, like `/api/s/{area}/{service_code}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CallPath(String);

impl CallPath {
    /// Takes a path with or without leading slash.
    ///
    /// # Errors
    /// [`InputError::Path`] when it is empty, or holds anything but ASCII letters, digits and `/-_.~`.
    ///
    /// ```
    /// assert_eq!(webank::CallPath::new("api/s/yh/10002")?.as_str(), "/api/s/yh/10002");
    /// # Ok::<(), webank::InputError>(())
    /// ```
    pub fn new(path: &str) -> Result<Self, InputError> {
        let bare = path.strip_prefix('/').unwrap_or(path);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '~');
        let dots = bare.split('/').any(|part| matches!(part, "." | ".." | ""));
        if dots || !bare.chars().all(plain) {
            // What follows a `?` may be a secret.
            return Err(InputError::Path(path.split('?').next().unwrap_or_default().to_owned()));
        }
        Ok(Self(format!("/{bare}")))
    }

    /// The path with leading slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Signs a business call. The body's bytes are signed and sent as they are.
///
/// # Errors
/// [`InputError`] when `app_id` is empty or the body is no UTF-8.
pub fn business_request(
    app_id: &str,
    path: &CallPath,
    kind: Option<&str>,
    body: Bytes,
    nonce: CallNonce,
    ticket: &Secret,
) -> Result<Request, InputError> {
    if app_id.is_empty() {
        return Err(InputError::Empty("app_id"));
    }
    let text =
        std::str::from_utf8(&body).map_err(|error| InputError::BodyNotUtf8 { at: error.valid_up_to() })?;
    // WB-6: an empty type signs like an absent one; it is not sent either.
    let kind = kind.filter(|kind| !kind.is_empty());
    let values = SignedValues { app_id, version: VERSION, nonce: nonce.as_str(), kind, body: Some(text) };
    let signature = sign(values, ticket);
    Ok(Request::new(Method::Post, Host::Business, path.as_str())
        .open("app_id", app_id)
        .open("nonce", nonce.as_str())
        .open("sign", signature.as_str())
        .open("version", VERSION)
        .open_if("type", kind)
        .body("application/json", body))
}

/// `jsonData` as it came (WB-9): an object, or a text that holds JSON. Shows its length alone.
#[derive(Clone, Default)]
pub struct JsonData(Option<Box<RawValue>>);

impl JsonData {
    /// The JSON inside: a text is unwrapped, anything else is taken as it stands. [`None`] when absent or null.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let raw = self.0.as_deref()?;
        match json::Scalar::read(raw).ok()? {
            json::Scalar::Null => None,
            json::Scalar::Text(text) => Some(text.into_owned()),
            _ => Some(raw.get().to_owned()),
        }
    }

    /// The raw text of the member, quotes and escapes included.
    #[must_use]
    pub fn raw(&self) -> Option<&str> {
        self.0.as_deref().map(RawValue::get)
    }

    /// Reads the business reply into a type.
    ///
    /// # Errors
    /// [`ReplyError::Member`] when there is none, [`ReplyError::NotJson`] when it is not of that type.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, ReplyError> {
        let text = self.text().ok_or(ReplyError::Member("jsonData"))?;
        serde_json::from_str(&text).map_err(|error| ReplyError::not_json(&error))
    }

    /// The business system's `CODE` and `DESC`, where it has them.
    #[must_use]
    pub fn outcome(&self) -> Option<BusinessOutcome> {
        self.parse().ok()
    }
}

impl fmt::Debug for JsonData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonData(‹{} B›)", self.raw().map_or(0, str::len))
    }
}

/// What the business system behind the gateway says, `SPEC.md §3.2`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BusinessOutcome {
    /// Its own code; the set is the interface document's.
    #[serde(rename = "CODE", deserialize_with = "json::text")]
    pub code: String,
    /// Its words.
    #[serde(rename = "DESC", default, deserialize_with = "json::optional_text")]
    pub desc: Option<String>,
}

/// A reply with which the gateway was content.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reply {
    /// Always [`Code::OK`] here.
    pub code: Code,
    /// The gateway's words.
    pub msg: String,
    /// For the bank's support.
    pub serials: Serials,
    /// When the server was done, `yyyyMMddHHmmss`.
    pub transaction_time: Option<String>,
    /// The business reply.
    pub json_data: JsonData,
}

/// `code` alone must be readable; what surrounds it is taken as far as it can be, so that no decoration hides it.
#[derive(Deserialize)]
struct WireReply {
    #[serde(deserialize_with = "json::text")]
    code: String,
    #[serde(default)]
    msg: Option<Box<RawValue>>,
    #[serde(rename = "BizSeqNo", default)]
    biz_seq_no: Option<Box<RawValue>>,
    #[serde(rename = "ConsumerSeqNo", default)]
    consumer_seq_no: Option<Box<RawValue>>,
    /// The other spelling of the same member, `SPEC.md §3.2`.
    #[serde(rename = "ConsumerseqNo", default)]
    consumerseq_no: Option<Box<RawValue>>,
    #[serde(rename = "transactionTime", default)]
    transaction_time: Option<Box<RawValue>>,
    #[serde(rename = "jsonData", default)]
    json_data: Option<Box<RawValue>>,
}

/// A member's text or digits; [`None`] for anything else.
pub(crate) fn loose(raw: Option<&RawValue>) -> Option<String> {
    Some(json::Scalar::read(raw?).ok()?.any_text()?.into_owned())
}

/// A reply's text. What is no UTF-8 in it (a gateway's message in GBK) is replaced, not refused.
pub(crate) fn lossy(body: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(body)
}

/// Reads the reply to a business call.
///
/// # Errors
/// [`ReplyError::Refused`] for any gateway code but `60840000`; [`ReplyError::NotJson`] when it is no such reply.
pub fn read_reply(body: &[u8]) -> Result<Reply, ReplyError> {
    let wire: WireReply = serde_json::from_str(&lossy(body)).map_err(|error| ReplyError::not_json(&error))?;
    let consumer_seq_no =
        loose(wire.consumer_seq_no.as_deref()).or_else(|| loose(wire.consumerseq_no.as_deref()));
    let serials = Serials { biz_seq_no: loose(wire.biz_seq_no.as_deref()), consumer_seq_no };
    let (code, msg) = (Code::new(wire.code), loose(wire.msg.as_deref()).unwrap_or_default());
    // SPEC.md §3.2: 60840000 alone means that the gateway is content.
    if code != Code::OK {
        return Err(ReplyError::Refused(Refusal { code, msg, serials }));
    }
    let transaction_time = loose(wire.transaction_time.as_deref());
    Ok(Reply { code, msg, serials, transaction_time, json_data: JsonData(wire.json_data) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_path(path: &str, expected: Option<&str>) {
        assert_eq!(CallPath::new(path).ok().as_ref().map(CallPath::as_str), expected, "`{path}`");
    }

    #[test]
    fn paths_are_plain() {
        check_path("/api/s/yh/10002", Some("/api/s/yh/10002"));
        check_path("api/s/yh/10002", Some("/api/s/yh/10002"));
        for bad in
            ["", "/", "//evil.example/x", "/a?b", "/a#b", "/a b", "/a/../b", "/a//b", "/中", "http://x/y"]
        {
            check_path(bad, None);
        }
    }

    #[test]
    fn the_documents_call_is_signed_and_sent_as_it_stands() {
        // SPEC.md §3.1, known answer.
        let ticket = Secret::new("58b8ea10e5487b88e555feec27fb48201fd788c05b2d424234537b73c7282b70").unwrap();
        let body = r#"{"REQUEST_TIME": "20190829163531", "SERVICE_CODE": "10002", "WX_OPEN_ID": "oAUZp5LGzWcXKP1k7m8N16TKlaC8", "SF_SUC_TIME": "20191124003946", "ID_NO": "411528199110024452", "DEVICE_TYPE": "1", "DEVICE_LOGIN_COUNT": "0", "MERCHANT_ID": "260125411000001", "WX_UNION_ID": "otkO4v0ieKtCBqq8f4jaiifu7jzA"}"#;
        let nonce = "489c60c97daef599efd10cfda46860a1";
        let values = SignedValues {
            app_id: "wxhiw5xt6q4qtmwcrn",
            version: VERSION,
            nonce,
            kind: None,
            body: Some(body),
        };
        assert_eq!(sign(values, &ticket).as_str(), "07DC5F50333B99D1D99C80AEE3863701C107C6B7");
        let path = CallPath::new("/api/s/yh/10002").unwrap();
        let nonce = CallNonce::alphanumeric([1; 32]);
        let bytes = Bytes::from_static(body.as_bytes());
        let request =
            business_request("wxhiw5xt6q4qtmwcrn", &path, Some(""), bytes.clone(), nonce, &ticket).unwrap();
        assert_eq!(request.body_bytes(), &bytes);
        assert!(!request.encoded_query().contains("type="), "WB-6");
        assert!(!format!("{request:?}").contains("411528"), "personal data");
    }

    #[test]
    fn a_body_that_is_no_text_is_refused() {
        let path = CallPath::new("/a").unwrap();
        let (nonce, ticket) = (CallNonce::alphanumeric([1; 32]), Secret::new("t").unwrap());
        let refused =
            business_request("wx", &path, None, Bytes::from_static(b"{\"a\":\xff}"), nonce, &ticket);
        assert_eq!(refused.unwrap_err(), InputError::BodyNotUtf8 { at: 5 });
    }

    #[track_caller]
    fn check_data(json_data: &str, expected: Option<(&str, Option<&str>)>) {
        let body =
            format!(r#"{{"code":"60840000","BizSeqNo":"b","ConsumerseqNo":7,"jsonData":{json_data}}}"#);
        let reply = read_reply(body.as_bytes()).unwrap();
        assert_eq!(reply.serials.to_string(), "BizSeqNo b, ConsumerSeqNo 7");
        let outcome = reply.json_data.outcome();
        assert_eq!(outcome.as_ref().map(|o| (o.code.as_str(), o.desc.as_deref())), expected, "{json_data}");
        assert_eq!(reply.json_data.raw(), Some(json_data).filter(|json| *json != "null"));
    }

    #[test]
    fn json_data_comes_as_text_object_or_null() {
        check_data(
            r#""{\"CODE\":\"66590000\",\"DESC\":\"交易成功\"}""#,
            Some(("66590000", Some("交易成功"))),
        );
        check_data(r#"{"CODE":66590000}"#, Some(("66590000", None)));
        check_data("null", None);
        check_data(r#""""#, None);
        check_data("[]", None);
    }

    #[test]
    fn a_gateway_error_carries_code_advice_and_serials() {
        let error = read_reply(r#"{"code":60841018,"msg":"x","BizSeqNo":"b1"}"#.as_bytes()).unwrap_err();
        let ReplyError::Refused(refusal) = &error else { panic!("{error:?}") };
        assert_eq!(refusal.code, Code::BAD_SIGNATURE);
        assert_eq!(
            error.to_string(),
            "refused with 60841018 接入签名不正确 (`x`); BizSeqNo b1; refresh token and ticket once and repeat; \
             if it stays, compare the text to sign and the body's bytes"
        );
        // Decoration that cannot be read does not hide the code.
        let decorated = b"{\"code\":\"60841017\",\"msg\":\"\xcd\xa8\",\"ConsumerSeqNo\":\"a\",\"ConsumerseqNo\":\"b\",\"BizSeqNo\":{}}";
        let ReplyError::Refused(refusal) = read_reply(decorated).unwrap_err() else { panic!("not refused") };
        assert_eq!(
            (refusal.code, refusal.serials.consumer_seq_no.as_deref()),
            (Code::TICKET_CHECK_FAILED, Some("a"))
        );
        let html = read_reply(b"<html>").unwrap_err();
        assert_eq!(html, ReplyError::NotJson { line: 1, column: 1 });
        let silent = read_reply(b"{}").unwrap_err();
        assert_eq!(silent, ReplyError::NotJson { line: 1, column: 2 });
    }
}
