//! Replies of the file host, `SPEC.md §4`.

use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;
use sign_core::json;

use crate::business::lossy;
use crate::{Code, Refusal, ReplyError, Serials, read_reply};

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
}
