//! The receiving side's view of a call: public parameters and body as they came, for simulators and gateways
//! (`SPEC.md §1`, `SPEC.md §3`).

use core::fmt;
use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;
use sign_core::{Freshness, Secret, UnixMillis, form};

use crate::mobile::{Mobile, MobileError};
use crate::scalar;
use crate::sign::{DigestKind, Params};
use crate::verify::{Accept, VerifyError, verify};

/// A query or a form, decoded.
type Form<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

fn parse_form(text: &str) -> Result<Form<'_>, FormError> {
    form::pairs(text).collect::<Result<_, _>>().map_err(FormError::Encoding)
}

/// The public parameters of a call, out of its URL's query.
///
/// ```
/// use yichang::ReceivedParams;
/// let params = ReceivedParams::parse("appId=RSJ00001&deviceId=a%3A1&signature=")?;
/// assert_eq!((params.get("deviceId"), params.get("timeStamp")), (Some("a:1"), None));
/// # Ok::<(), yichang::FormError>(())
/// ```
#[derive(Clone)]
pub struct ReceivedParams<'a>(Form<'a>);

impl<'a> ReceivedParams<'a> {
    /// Takes a query apart, without its `?`. A name without `=` has an empty value.
    ///
    /// # Errors
    /// [`FormError`], the sender's mistake: a broken escape.
    pub fn parse(query: &'a str) -> Result<Self, FormError> {
        parse_form(query).map(Self)
    }

    /// A parameter's value, the first if there are several; `None` when it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_ref())
    }

    /// Checks parameters, age and signature, as [`verify()`].
    ///
    /// # Errors
    /// [`VerifyError`], one reason for each check.
    pub fn verify(
        &self,
        accept: Accept,
        secret: &Secret,
        window: &Freshness,
        now: UnixMillis,
    ) -> Result<DigestKind, VerifyError> {
        let given = self.0.iter().map(|(name, value)| (name.as_ref(), Some(value.as_ref())));
        let params = Params::from_params(given)?;
        verify(&params, self.get("signature").unwrap_or(""), accept, secret, window, now)
    }
}

/// Shows the names alone.
impl fmt::Debug for ReceivedParams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReceivedParams")
            .field(&self.0.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .finish()
    }
}

/// The body of a login or of a to-do list's request. `Debug` shows neither number nor URL.
#[derive(Clone)]
pub struct ReceivedBody {
    mobile: Option<String>,
    url: Option<String>,
}

impl ReceivedBody {
    /// Takes a body apart: JSON when the content type says so, otherwise a form (YC-2).
    ///
    /// # Errors
    /// [`FormError`], the sender's mistake: not UTF-8, a broken escape, not a JSON object.
    pub fn parse(content_type: &str, body: &[u8]) -> Result<Self, FormError> {
        let media_type = content_type.split(';').next().unwrap_or("").trim();
        if media_type.eq_ignore_ascii_case("application/json") {
            let members: BTreeMap<String, Box<RawValue>> =
                serde_json::from_slice(body).map_err(|_| FormError::NotJson)?;
            let get = |name| members.get(name).and_then(|value| scalar::text(value));
            return Ok(Self { mobile: get("mobile"), url: get("url") });
        }
        let form = parse_form(core::str::from_utf8(body).map_err(|_| FormError::NotUtf8)?)?;
        let get = |name: &str| {
            let field = form.iter().find(|(given, _)| given == name);
            field.map(|(_, value)| value.clone().into_owned())
        };
        Ok(Self { mobile: get("mobile"), url: get("url") })
    }

    /// The person's number.
    ///
    /// # Errors
    /// [`MobileError`], the sender's mistake: there is none, or it is not one.
    pub fn mobile(&self) -> Result<Mobile, MobileError> {
        Mobile::parse(self.mobile.as_deref().unwrap_or(""))
    }

    /// Where to go after the login; `None` when it is absent or empty.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref().filter(|url| !url.is_empty())
    }
}

impl fmt::Debug for ReceivedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = |text: &Option<String>| text.as_ref().map(|text| format!("‹{} B›", text.len()));
        f.debug_struct("ReceivedBody")
            .field("mobile", &length(&self.mobile))
            .field("url", &length(&self.url))
            .finish()
    }
}

/// A query or body cannot be read: the sender's mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// Not UTF-8.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// Not a JSON object, though the content type says JSON.
    #[error("the body is not a JSON object")]
    NotJson,
    /// A name or a value does not decode; the offset is in the whole query or form.
    #[error("the parameters do not decode: {0}; percent-encode every name and value")]
    Encoding(form::DecodeError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::ParamError;
    use crate::{BodyFormat, sign_login, sign_todo};

    const NOW: UnixMillis = UnixMillis::new(1_574_251_924_000);
    const WINDOW: Freshness = Freshness::within(core::time::Duration::from_secs(300));
    const PARAMS: Params<'_> = Params {
        app_id: "RSJ 1",
        device_id: "10.0.0.1:+&%",
        device_type: "WEB",
        nonce_str: "6PQfHMIv",
        time_stamp: "1574251924",
    };

    #[test]
    fn what_is_sent_is_what_is_received() {
        let secret = Secret::new("s3cret").unwrap();
        let mobile = Mobile::parse("17386500821").unwrap();
        for format in [BodyFormat::Form, BodyFormat::Json] {
            for kind in [DigestKind::Sha1, DigestKind::Md5] {
                let call =
                    sign_login(&mobile, Some("http://a/?b=中 c"), format, PARAMS, &secret, kind).unwrap();
                let params = ReceivedParams::parse(call.query().unwrap()).unwrap();
                assert_eq!(params.verify(Accept::Either, &secret, &WINDOW, NOW), Ok(kind));
                let body = ReceivedBody::parse(call.content_type(), call.body()).unwrap();
                assert_eq!((body.mobile(), body.url()), (Ok(mobile.clone()), Some("http://a/?b=中 c")));
                let shown = format!("{call} {call:?} {params:?} {body:?}");
                for hidden in ["s3cret", "17386500821", "http://a"] {
                    assert!(!shown.contains(hidden), "{shown}");
                }
            }
        }
        let params = ReceivedParams::parse("appId=RSJ1&%E4%B8%AD=1").unwrap();
        assert_eq!(format!("{params:?}"), r#"ReceivedParams(["appId", "中"])"#);
        let body = ReceivedBody::parse("", b"mobile=17386500821").unwrap();
        assert_eq!(format!("{body:?}"), "ReceivedBody { mobile: Some(\"‹11 B›\"), url: None }");
        let call = sign_todo(&mobile, PARAMS, &secret, DigestKind::Sha1).unwrap();
        let body = ReceivedBody::parse(call.content_type(), call.body()).unwrap();
        assert_eq!((body.mobile(), body.url()), (Ok(mobile), None));
    }

    #[test]
    fn a_doubled_parameter_is_refused() {
        let secret = Secret::new("s3cret").unwrap();
        let params = ReceivedParams::parse("appId=a&appId=b").unwrap();
        let doubled = Err(VerifyError::Param(ParamError::Doubled { name: "appId" }));
        assert_eq!(params.verify(Accept::Either, &secret, &WINDOW, NOW), doubled);
    }

    #[track_caller]
    fn check(content_type: &str, body: &[u8], expected: Result<(bool, Option<&str>), FormError>) {
        let got = ReceivedBody::parse(content_type, body);
        let got = got.as_ref().map(|body| (body.mobile().is_ok(), body.url())).map_err(Clone::clone);
        assert_eq!(got, expected);
    }

    #[test]
    fn bodies() {
        let form = "application/x-www-form-urlencoded";
        check(form, b"mobile=17386500821&url=", Ok((true, None)));
        check("", b"mobile=17386500821", Ok((true, None)));
        check(form, b"url=a", Ok((false, Some("a"))));
        check(form, b"mobile=\xff", Err(FormError::NotUtf8));
        check(form, b"%zz=1", Err(FormError::Encoding(form::DecodeError::NotHex { at: 0 })));
        check(form, b"a=1&url=%", Err(FormError::Encoding(form::DecodeError::Incomplete { at: 8 })));
        let json = "Application/JSON; charset=utf-8";
        check(json, br#"{"mobile":17386500821,"url":null}"#, Ok((true, None)));
        check(json, br#"{"mobile":"1","url":"a"}"#, Ok((false, Some("a"))));
        check(json, b"[]", Err(FormError::NotJson));
        check(json, b"mobile=17386500821", Err(FormError::NotJson));
    }
}
