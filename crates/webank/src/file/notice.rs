//! Uploads with notice, `SPEC.md §4.3`: one file as JSON, or several as a form.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use sign_core::Secret;

use super::request::signed;
use crate::{CallNonce, FileFormat, FileType, Host, InputError, Method, Request, VERSION};

const JSON: &str = "application/json";

/// Which part of the business's own path an upload with notice takes, and how it is signed, `SPEC.md §4.3`.
#[derive(Clone, Copy)]
pub struct Notice<'a> {
    /// The `{bizPath}` that the bank assigned.
    pub biz_path: &'a str,
    /// `fileType`.
    pub file_type: &'a FileType,
    /// `fileFormat`.
    pub format: &'a FileFormat,
    /// The notice's own JSON, as text.
    pub biz_content: Option<&'a str>,
}

/// Leaves out the notice's content, which may be personal.
impl fmt::Debug for Notice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { biz_path, file_type, format, .. } = self;
        write!(f, "Notice({biz_path} {} {})", file_type.as_str(), format.as_str())
    }
}

impl Notice<'_> {
    /// Can it be sent? For those who want to know before they fetch a ticket, which kicks out whoever holds one.
    ///
    /// # Errors
    /// [`InputError::Path`] when `biz_path` is no single path segment, [`InputError::NotJson`] when `biz_content` is
    /// not JSON.
    pub fn check(&self) -> Result<(), InputError> {
        if let Some(biz_content) = self.biz_content {
            let read = serde_json::from_str::<serde::de::IgnoredAny>(biz_content);
            // The parser's own message may quote the notice, so only the place is kept.
            read.map_err(|error| InputError::NotJson {
                what: "bizContent",
                line: error.line(),
                column: error.column(),
            })?;
        }
        self.request("").map(drop)
    }

    fn request(&self, suffix: &str) -> Result<Request, InputError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if self.biz_path.is_empty() || !self.biz_path.chars().all(plain) {
            return Err(InputError::Path(self.biz_path.to_owned()));
        }
        Ok(Request::new(Method::Post, Host::Files, format!("/up/s/{}/{suffix}", self.biz_path)))
    }

    fn with_file_parameters(&self, request: Request) -> Request {
        request.open("fileType", self.file_type.as_str()).open("fileFormat", self.format.as_str())
    }
}

/// What stands around the content of an uploadJson body, `SPEC.md §4.3`: head, content in base64 (RFC 4648, padded),
/// tail. So a file can travel without being kept in memory.
#[derive(Clone, PartialEq, Eq)]
pub struct JsonFrame {
    tail: String,
}

impl JsonFrame {
    /// The frame for a file of this name; `biz_content` as in [`Notice`].
    ///
    /// # Errors
    /// [`InputError::Serialise`] never in practice: texts can always be written as JSON.
    pub fn new(file_name: &str, biz_content: Option<&str>) -> Result<Self, InputError> {
        let json = |text: &str| {
            serde_json::to_string(text).map_err(|error| InputError::Serialise(error.to_string()))
        };
        let mut tail = format!("\",\"fileName\":{}", json(file_name)?);
        if let Some(biz_content) = biz_content {
            // The notice is a text that holds JSON, not JSON itself.
            tail.push_str(",\"bizContent\":");
            tail.push_str(&json(biz_content)?);
        }
        tail.push('}');
        Ok(Self { tail })
    }

    /// What stands before the content.
    #[must_use]
    pub fn head() -> Bytes {
        Bytes::from_static(b"{\"file\":\"")
    }

    /// What stands after the content.
    #[must_use]
    pub fn tail(&self) -> Bytes {
        Bytes::copy_from_slice(self.tail.as_bytes())
    }
}

/// Shows neither name nor notice: both may be personal.
impl fmt::Debug for JsonFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JsonFrame")
    }
}

/// One file with notice as JSON, content in base64, `SPEC.md §4.3`, all of it in memory. `sign_body` is WB-7: off is
/// the platform's word.
///
/// # Errors
/// [`InputError::Path`] when `biz_path` is no single path segment.
pub fn upload_json_request(
    app_id: &str,
    notice: Notice<'_>,
    file_name: &str,
    content: &[u8],
    sign_body: bool,
    nonce: CallNonce,
    ticket: &Secret,
) -> Result<Request, InputError> {
    let frame = JsonFrame::new(file_name, notice.biz_content)?;
    let mut body = String::from_utf8_lossy(&JsonFrame::head()).into_owned();
    body.reserve_exact(content.len().div_ceil(3).saturating_mul(4).saturating_add(frame.tail.len()));
    STANDARD.encode_string(content, &mut body);
    body.push_str(&frame.tail);
    let signed_body = sign_body.then_some(body.as_str());
    let request = signed(notice.request("uploadJson")?, app_id, VERSION, nonce, signed_body, ticket);
    Ok(notice.with_file_parameters(request).body(JSON, Bytes::from(body)))
}

/// What stands in front of an uploadJson body that is not signed (WB-7) and not kept in memory: the caller frames the
/// content with [`JsonFrame`], as `application/json`.
///
/// # Errors
/// [`InputError::Path`] when `biz_path` is no single path segment.
pub fn upload_json_head(
    app_id: &str,
    notice: Notice<'_>,
    nonce: CallNonce,
    ticket: &Secret,
) -> Result<Request, InputError> {
    let request = signed(notice.request("uploadJson")?, app_id, VERSION, nonce, None, ticket);
    Ok(notice.with_file_parameters(request))
}

/// What stands in front of an upload of several files with notice, `SPEC.md §4.3`: parts `file`, and `bizContent`.
///
/// # Errors
/// [`InputError::Path`] when `biz_path` is no single path segment.
pub fn upload_form_request(
    app_id: &str,
    notice: Notice<'_>,
    nonce: CallNonce,
    ticket: &Secret,
) -> Result<Request, InputError> {
    let request = signed(notice.request("uploadForm")?, app_id, VERSION, nonce, None, ticket);
    Ok(notice.with_file_parameters(request))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wb_7_the_json_body_is_signed_only_when_asked() {
        let (ticket, nonce) = (Secret::new("t").unwrap(), CallNonce::alphanumeric([3; 32]));
        let format = FileFormat::new("png").unwrap();
        let notice = Notice {
            biz_path: "loan",
            file_type: &FileType::INVOICE,
            format: &format,
            biz_content: Some("{}"),
        };
        let request = |sign_body, content: &[u8]| {
            upload_json_request("wx", notice, "发票.png", content, sign_body, nonce, &ticket).unwrap()
        };
        let sign = |request: &Request| request.encoded_query().split('&').nth(2).map(str::to_owned);
        assert_eq!(request(false, b"1").path(), "/up/s/loan/uploadJson");
        assert_eq!(sign(&request(false, b"1")), sign(&request(false, b"2")));
        assert_ne!(sign(&request(true, b"1")), sign(&request(true, b"2")));
        assert_eq!(
            request(false, b"hi").body_bytes(),
            r#"{"file":"aGk=","fileName":"发票.png","bizContent":"{}"}"#.as_bytes()
        );
        let broken = Notice { biz_content: Some("{\n\"a\":}"), ..notice };
        let place = InputError::NotJson { what: "bizContent", line: 2, column: 5 };
        assert_eq!((notice.check(), broken.check()), (Ok(()), Err(place)));
        let streamed = upload_json_head("wx", notice, nonce, &ticket).unwrap();
        assert_eq!(streamed.encoded_query(), request(false, b"1").encoded_query());
        let frame = JsonFrame::new("发票.png", Some("{}")).unwrap();
        let framed = [&JsonFrame::head()[..], b"aGk=", &frame.tail()].concat();
        assert_eq!(framed, request(false, b"hi").body_bytes()[..]);
        assert_eq!(format!("{frame:?} {notice:?}"), "JsonFrame Notice(loan 005 png)");
        let stray = Notice { biz_path: "a/b", ..notice };
        assert_eq!(
            upload_form_request("wx", stray, nonce, &ticket).unwrap_err(),
            InputError::Path("a/b".into())
        );
    }
}
