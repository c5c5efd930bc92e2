//! Requests of upload and download, `SPEC.md §4.1`, `§4.2`. Content and file parameters are not signed; `type=sign` is.

use sign_core::Secret;

use crate::{CallNonce, FileFormat, FileType, Host, Method, Request, SignedValues, sign};

/// The version that upload and download carry, `SPEC.md §4`.
pub const FILE_VERSION: &str = "1.0.0";

const SIGN_TYPE: &str = "sign";

pub(super) fn signed(
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
