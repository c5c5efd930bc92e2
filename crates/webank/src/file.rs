//! Files, `SPEC.md §4`: requests and replies. Content and file parameters are not signed; `type=sign` is.

use std::{borrow::Cow, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sign_core::{Secret, json};

use crate::business::lossy;
use crate::{
    CallNonce, Code, Host, InputError, Method, Refusal, ReplyError, Request, Serials, SignedValues, VERSION,
    read_reply, sign,
};

/// The version that upload and download carry, `SPEC.md §4`.
pub const FILE_VERSION: &str = "1.0.0";

const SIGN_TYPE: &str = "sign";

/// `fileType`: three digits. An open set.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileType(Cow<'static, str>);

impl FileType {
    /// 身份证.
    pub const ID_CARD: Self = Self(Cow::Borrowed("001"));
    /// 营业执照.
    pub const BUSINESS_LICENCE: Self = Self(Cow::Borrowed("002"));
    /// 开户许可证.
    pub const ACCOUNT_PERMIT: Self = Self(Cow::Borrowed("003"));
    /// 企业授权函.
    pub const AUTHORISATION: Self = Self(Cow::Borrowed("004"));
    /// 发票.
    pub const INVOICE: Self = Self(Cow::Borrowed("005"));
    /// 合同.
    pub const CONTRACT: Self = Self(Cow::Borrowed("006"));
    /// 资金证明文件.
    pub const PROOF_OF_FUNDS: Self = Self(Cow::Borrowed("007"));
    /// 压缩文件.
    pub const ARCHIVE: Self = Self(Cow::Borrowed("008"));
    /// 未知类型.
    pub const UNKNOWN: Self = Self(Cow::Borrowed("999"));

    /// Takes three digits.
    ///
    /// # Errors
    /// [`InputError::FileParameter`] for anything else.
    pub fn new(code: &str) -> Result<Self, InputError> {
        if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(Cow::Owned(code.to_owned())));
        }
        Err(InputError::FileParameter {
            what: "file type",
            value: code.to_owned(),
            shape: "three digits like `001`",
        })
    }

    /// The three digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `fileFormat`: `jpg`, `png`, `zip`, … (the document's `jgp` is a slip of the pen).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileFormat(String);

impl FileFormat {
    /// Takes 1 to 16 ASCII letters, digits and dots (`tar.gz`).
    ///
    /// # Errors
    /// [`InputError::FileParameter`] for anything else.
    pub fn new(format: &str) -> Result<Self, InputError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.';
        if (1..=16).contains(&format.len()) && format.bytes().all(plain) {
            return Ok(Self(format.to_owned()));
        }
        let shape = "a file name extension like `png`, without the dot in front";
        Err(InputError::FileParameter { what: "file format", value: format.to_owned(), shape })
    }

    /// The extension.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn signed(
    request: Request,
    app_id: &str,
    version: &str,
    nonce: CallNonce,
    body: Option<&str>,
    ticket: &Secret,
) -> Request {
    let values = SignedValues { app_id, version, nonce: nonce.as_str(), kind: Some(SIGN_TYPE), body };
    let signature = sign(values, ticket);
    request
        .open("app_id", app_id)
        .open("nonce", nonce.as_str())
        .open("sign", signature.as_str())
        .open("version", version)
        .open("type", SIGN_TYPE)
}

/// What stands in front of an upload's content: method, path and query, `SPEC.md §4.1`. The body is multipart with
/// the field `file`; the caller frames it with [`crate::Multipart`].
#[must_use]
pub fn upload_request(
    app_id: &str,
    file_type: &FileType,
    format: &FileFormat,
    nonce: CallNonce,
    ticket: &Secret,
) -> Request {
    let request = Request::new(Method::Post, Host::Files, "/api/s/up/upload");
    signed(request, app_id, FILE_VERSION, nonce, None, ticket)
        .open("fileType", file_type.as_str())
        .open("fileFormat", format.as_str())
}

/// The request for a file's content, `SPEC.md §4.2`. Without `content_type` the platform says `image/jpeg`.
#[must_use]
pub fn download_request(
    app_id: &str,
    file_id: &str,
    hash: &str,
    content_type: Option<&str>,
    nonce: CallNonce,
    ticket: &Secret,
) -> Request {
    let request = Request::new(Method::Get, Host::Files, "/api/s/up/download");
    signed(request, app_id, FILE_VERSION, nonce, None, ticket)
        .open("fileId", file_id)
        .open("hashValue", hash)
        .open_if("contentType", content_type)
}

/// Which part of the business's own path an upload with notice takes, and how it is signed, `SPEC.md §4.3`.
#[derive(Debug, Clone, Copy)]
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

impl Notice<'_> {
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UploadJson<'a> {
    file: String,
    file_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    biz_content: Option<&'a str>,
}

/// One file with notice as JSON, content in base64, `SPEC.md §4.3`. `sign_body` is WB-7: off is the platform's word.
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
    let body = UploadJson { file: STANDARD.encode(content), file_name, biz_content: notice.biz_content };
    let body = serde_json::to_string(&body).map_err(|error| InputError::Serialise(error.to_string()))?;
    let signed_body = sign_body.then_some(body.as_str());
    let request = signed(notice.request("uploadJson")?, app_id, VERSION, nonce, signed_body, ticket);
    Ok(notice.with_file_parameters(request).body("application/json", Bytes::from(body)))
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

/// A file as the platform keeps it. `Debug` leaves out its name, which may be a person's.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct StoredFile {
    /// `FILE_ID`: needed to fetch it.
    #[serde(rename = "FILE_ID", alias = "fileId", deserialize_with = "json::text")]
    pub id: String,
    /// `HASH_VALUE`: needed to fetch it; opaque (WB-13).
    #[serde(rename = "HASH_VALUE", alias = "hashValue", deserialize_with = "json::text")]
    pub hash: String,
    /// `FILE_NAME`.
    #[serde(rename = "FILE_NAME", alias = "fileName", default, deserialize_with = "json::optional_text")]
    pub name: Option<String>,
}

impl fmt::Debug for StoredFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredFile").field("id", &self.id).field("hash", &self.hash).finish_non_exhaustive()
    }
}

/// Reads the reply to an upload, `SPEC.md §4.1`.
///
/// # Errors
/// As [`read_reply`]; [`ReplyError::Member`] when it names no file.
pub fn read_upload(body: &[u8]) -> Result<(Vec<StoredFile>, Serials), ReplyError> {
    #[derive(Deserialize)]
    struct FileList {
        #[serde(rename = "CODE", default, deserialize_with = "json::optional_text")]
        code: Option<String>,
        #[serde(rename = "DESC", default, deserialize_with = "json::optional_text")]
        desc: Option<String>,
        #[serde(rename = "FILE_LIST", default)]
        files: Option<Vec<StoredFile>>,
    }
    let reply = read_reply(body)?;
    let list: FileList = reply.json_data.parse().map_err(|_| ReplyError::Member("jsonData"))?;
    // The sample's inner CODE is the gateway's; another one is a refusal by the file system behind it.
    if let Some(code) = list.code.filter(|code| code != Code::OK.as_str()) {
        let msg = list.desc.unwrap_or_default();
        return Err(ReplyError::Refused(Refusal { code: Code::new(code), msg, serials: reply.serials }));
    }
    let files = list.files.filter(|files| !files.is_empty()).ok_or(ReplyError::Member("FILE_LIST"))?;
    Ok((files, reply.serials))
}

/// Reads the reply to an upload with notice, `SPEC.md §4.3`.
///
/// # Errors
/// [`ReplyError::Refused`] for any code but `60840000`; [`ReplyError::Member`] when it names no file.
pub fn read_notice(body: &[u8]) -> Result<(Vec<StoredFile>, Serials), ReplyError> {
    #[derive(Deserialize)]
    struct Wire<'a> {
        #[serde(rename = "fileList", borrow, default)]
        files: Option<&'a RawValue>,
    }
    let reply = read_reply(body)?;
    let text = lossy(body);
    let wire: Wire<'_> = serde_json::from_str(&text).map_err(|error| ReplyError::not_json(&error))?;
    let files: Vec<StoredFile> = wire
        .files
        .and_then(|files| serde_json::from_str(files.get()).ok())
        .filter(|files: &Vec<StoredFile>| !files.is_empty())
        .ok_or(ReplyError::Member("fileList"))?;
    Ok((files, reply.serials))
}

/// What the hash that the platform gave says about the content, WB-13.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HashCheck {
    /// It is the MD5 of the content: the transfer is proven.
    Proven,
    /// It is not the MD5: the platform uses another algorithm, or the content differs. Nobody can say.
    NotComparable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_upload_reply_is_read() {
        let body = r#"{"msg":"系统处理成功","BizSeqNo":"1910280FH06207170022153392801372","code":"60840000",
            "jsonData":"{\"CODE\":\"60840000\",\"FILE_LIST\":[{\"HASH_VALUE\":\"028f15759359930c726a85a15c64eb72\",\"FILE_ID\":\"9700\",\"FILE_NAME\":\"HX.tar.gz\"}],\"DESC\":\"系统处理成功\"}"}"#;
        let (files, serials) = read_upload(body.as_bytes()).unwrap();
        let hash = "028f15759359930c726a85a15c64eb72".into();
        assert_eq!(files, [StoredFile { id: "9700".into(), hash, name: Some("HX.tar.gz".into()) }]);
        assert_eq!(serials.biz_seq_no.as_deref(), Some("1910280FH06207170022153392801372"));
    }

    #[test]
    fn an_upload_without_a_file_is_no_success() {
        let empty = br#"{"code":"60840000","jsonData":"{}"}"#;
        assert_eq!(read_upload(empty).unwrap_err(), ReplyError::Member("FILE_LIST"));
        let refused = br#"{"code":"60840000","jsonData":{"CODE":"1","DESC":"full","FILE_LIST":null}}"#;
        let ReplyError::Refused(refusal) = read_upload(refused).unwrap_err() else { panic!("accepted") };
        assert_eq!((refusal.code.as_str(), refusal.msg.as_str()), ("1", "full"));
    }

    #[test]
    fn a_notice_lists_its_files_beside_the_code() {
        let body = br#"{"code":60840000,"fileList":[{"fileName":"a","fileId":1,"hashValue":"h"}]}"#;
        assert_eq!(
            read_notice(body).unwrap().0,
            [StoredFile { id: "1".into(), hash: "h".into(), name: Some("a".into()) }]
        );
        assert_eq!(read_notice(br#"{"code":60840000}"#).unwrap_err(), ReplyError::Member("fileList"));
    }

    #[test]
    fn file_parameters_are_sent_and_not_signed() {
        let (ticket, nonce) = (Secret::new("t").unwrap(), CallNonce::alphanumeric([3; 32]));
        let query = |kind: &FileType, format: &str| {
            let format = FileFormat::new(format).unwrap();
            upload_request("wx", kind, &format, nonce, &ticket).encoded_query()
        };
        let (one, other) = (query(&FileType::ID_CARD, "png"), query(&FileType::CONTRACT, "jpg"));
        let cut = |query: &str| query.split("&fileType=").next().map(str::to_owned);
        assert_eq!(cut(&one), cut(&other));
        assert!(one.ends_with("&version=1.0.0&type=sign&fileType=001&fileFormat=png"), "{one}");
        let request = download_request("wx", "id", "h", Some("image/png"), nonce, &ticket);
        assert!(request.encoded_query().ends_with("&fileId=id&hashValue=h&contentType=image%2Fpng"));
    }

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
        let stray = Notice { biz_path: "a/b", ..notice };
        assert_eq!(
            upload_form_request("wx", stray, nonce, &ticket).unwrap_err(),
            InputError::Path("a/b".into())
        );
    }

    #[test]
    fn file_types_and_formats_have_a_shape() {
        assert_eq!(FileType::new("001").unwrap(), FileType::ID_CARD);
        for bad in ["", "1", "0001", "00a", "００１"] {
            assert!(
                matches!(FileType::new(bad), Err(InputError::FileParameter { what: "file type", .. })),
                "{bad}"
            );
        }
        assert_eq!(FileFormat::new("tar.gz").unwrap().as_str(), "tar.gz");
        for bad in ["", "p ng", "照片", "a&b"] {
            assert!(
                matches!(FileFormat::new(bad), Err(InputError::FileParameter { what: "file format", .. })),
                "{bad}"
            );
        }
    }
}
