//! The signed request: made once, its bytes are what travels (`SPEC.md §1`).

use core::fmt;
use std::sync::Arc;

use bytes::Bytes;
use sign_core::{Secret, Signature, form};

use crate::sign::{DigestKind, ParamError, Params, SigningInput};

/// The documented address (YC-6): plain http.
pub const DEFAULT_BASE_URL: &str = "http://jgfw.yichang.gov.cn";

/// How the body of a call is written (YC-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BodyFormat {
    /// `application/x-www-form-urlencoded`.
    #[default]
    Form,
    /// `application/json`.
    Json,
}

impl BodyFormat {
    /// The content type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Form => "application/x-www-form-urlencoded; charset=UTF-8",
            Self::Json => "application/json; charset=UTF-8",
        }
    }

    pub(crate) fn body<const N: usize>(self, fields: [(&'static str, &str); N]) -> String {
        let mut body = String::new();
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let mut between = if self == Self::Json { "{" } else { "" };
        for (name, value) in fields {
            body.push_str(between);
            match self {
                Self::Form => {
                    body.push_str(name);
                    body.push('=');
                    form::encode_into(value, &mut body);
                    between = "&";
                }
                Self::Json => {
                    body.push_str(&quoted(name));
                    body.push(':');
                    body.push_str(&quoted(value));
                    between = ",";
                }
            }
        }
        if self == Self::Json {
            body.push('}');
        }
        body
    }
}

/// A request that is ready to travel. Query and body are fixed: nothing can encode them again.
///
/// `Display` is the request for people to look at, with the lengths of what is personal; `Debug` shows sizes alone.
#[derive(Clone)]
pub struct SignedCall {
    /// Of the platform it is made for, if a client made it.
    base: Arc<str>,
    path: &'static str,
    query: Option<String>,
    format: BodyFormat,
    fields: Vec<(&'static str, usize)>,
    body: Bytes,
}

impl SignedCall {
    pub(crate) fn new<const N: usize>(
        path: &'static str,
        query: Option<String>,
        format: BodyFormat,
        fields: [(&'static str, &str); N],
    ) -> Self {
        let lengths = fields.iter().map(|(name, value)| (*name, value.len())).collect();
        Self { base: Arc::default(), path, query, format, fields: lengths, body: format.body(fields).into() }
    }

    #[cfg(feature = "client")]
    pub(crate) fn at(self, base: Arc<str>) -> Self {
        Self { base, ..self }
    }

    /// Where it goes, public parameters and signature included; without the platform's address unless a client made
    /// it.
    #[must_use]
    pub fn url(&self) -> String {
        match &self.query {
            Some(query) => format!("{}{}?{query}", self.base, self.path),
            None => format!("{}{}", self.base, self.path),
        }
    }

    /// The path below the base URL.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// The query, encoded, without the `?`: public parameters and signature. `None` when the call is not signed.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// The content type of the body.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        self.format.content_type()
    }

    /// The body: what travels, byte for byte. It holds personal data.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body's members with the lengths of their values in bytes.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.fields.iter().copied()
    }
}

/// The public parameters and their signature as a query, in the documented order (`SPEC.md §1`).
pub(crate) fn query(params: Params<'_>, secret: &Secret, kind: DigestKind) -> Result<String, ParamError> {
    let signature: Signature = SigningInput::new(params, secret)?.sign(kind);
    let mut query = String::new();
    for pair in params.sorted() {
        query.push_str(pair.name);
        query.push('=');
        form::encode_into(pair.value, &mut query);
        query.push('&');
    }
    query.push_str("signature=");
    query.push_str(signature.as_str());
    Ok(query)
}

/// Method, URL and the body's members; of their values, the lengths.
impl fmt::Display for SignedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "POST {}", self.url())?;
        write!(f, "\nContent-Type: {}\n", self.content_type())?;
        self.fields.iter().try_for_each(|(name, length)| write!(f, "\n{name}=‹{length} B›"))
    }
}

impl fmt::Debug for SignedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedCall({}, {} B)", self.path, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        let fields = [("mobile", "17386500821"), ("url", "http://a.cn/?x=\"中 文\"&y=1")];
        assert_eq!(
            BodyFormat::Form.body(fields),
            "mobile=17386500821&url=http%3A%2F%2Fa.cn%2F%3Fx%3D%22%E4%B8%AD+%E6%96%87%22%26y%3D1"
        );
        assert_eq!(
            BodyFormat::Json.body(fields),
            r#"{"mobile":"17386500821","url":"http://a.cn/?x=\"中 文\"&y=1"}"#
        );
    }

    #[test]
    fn the_documented_query() {
        let secret = Secret::new("8e85e612698296b4c522bfa7eb0b82a8").unwrap();
        let params = Params {
            app_id: "RSJ00001",
            device_id: "67D3D9A8-4D67-2444-71CE-66851AEDCFE1",
            device_type: "WEB",
            nonce_str: "6PQfHMIv",
            time_stamp: "1574251924",
        };
        assert_eq!(
            query(params, &secret, DigestKind::Md5).unwrap(),
            "appId=RSJ00001&deviceId=67D3D9A8-4D67-2444-71CE-66851AEDCFE1&deviceType=WEB&nonceStr=6PQfHMIv\
             &timeStamp=1574251924&signature=6FF704C5DF1FB65BE046EC202BE353E0"
        );
        let odd = Params { device_id: "a b&c", ..params };
        assert!(query(odd, &secret, DigestKind::Sha1).unwrap().contains("&deviceId=a+b%26c&"));
    }
}
