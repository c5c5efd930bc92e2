//! The file host: upload, download, upload with notice (`webank SPEC.md §4`).

use ::webank::{Code, FILE_VERSION, FileFormat, FileType, VERSION};
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde::Serialize;

use super::gateway::{Refused, parameters};
use super::json_upload::{Broken, Scanner};
use super::shelf::{Content, Recorder};
use super::{Pattern, StoredFile, Webank};
use crate::exchange::{Call, Payload, Reply, ReplyBody};
use crate::params::Params;
use crate::server::Simulator;
use crate::{Operation, Platform};

/// Where files are served.
pub(crate) struct FileHost(pub(crate) Webank);

/// webank SPEC.md §4.1: what stands in `jsonData`.
#[derive(Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
struct Uploaded<'a> {
    code: &'a str,
    file_list: Vec<UploadedFile>,
    desc: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
struct UploadedFile {
    hash_value: String,
    file_id: String,
    file_name: String,
}

/// webank SPEC.md §4.3.
const FILE_TYPES: [&str; 9] = ["001", "002", "003", "004", "005", "006", "007", "008", "999"];

const FILE_PARAMETERS: [&str; 2] = ["fileType", "fileFormat"];

impl FileHost {
    /// Parameters and signature of any file request.
    fn admit(
        &self,
        call: &Call,
        version: &str,
        further: &[&str],
        body: Option<&str>,
    ) -> Result<Params, Refused> {
        let params = parameters(call, version, further)?;
        // webank SPEC.md §4: `type=sign` is there, and signed; content and file parameters are not.
        if params.get("type") != "sign" {
            return Err(Refused::input("parameter `type` is not `sign`"));
        }
        self.0.check_signed(call, &params, body)?;
        Ok(params)
    }

    fn check_kind(params: &Params) -> Result<(), Refused> {
        FileType::new(params.need("fileType")?)
            .ok()
            .filter(|kind| FILE_TYPES.contains(&kind.as_str()))
            .ok_or_else(|| Refused::input("parameter `fileType` is none of 001 to 008 and 999"))?;
        FileFormat::new(params.need("fileFormat")?)
            .map_err(|_| Refused::input("parameter `fileFormat` is no file name extension"))?;
        Ok(())
    }

    /// What stands in front of a form: checked before a byte of the form is read.
    async fn admit_form(&self, call: Call, version: &str) -> Result<Call, Refused> {
        let admitted = self.admit(&call, version, &FILE_PARAMETERS, None);
        match admitted.and_then(|params| Self::check_kind(&params)) {
            Ok(()) => Ok(call),
            Err(refused) => {
                call.payload.drain().await;
                Err(refused)
            }
        }
    }

    /// webank SPEC.md §4.1.
    async fn upload(&self, call: Call) -> Result<Reply, Refused> {
        let call = self.admit_form(call, FILE_VERSION).await?;
        let now = call.now;
        let files = self.read_parts(call, false).await?;
        let file_list = files
            .into_iter()
            .map(|file| UploadedFile { hash_value: file.hash, file_id: file.id, file_name: file.name })
            .collect();
        let uploaded =
            Uploaded { code: Code::OK.as_str(), file_list, desc: Code::OK.meaning().unwrap_or_default() };
        let json = serde_json::to_string(&uploaded).expect("texts under fixed names can be written");
        Ok(self.0.content(now, json))
    }

    /// webank SPEC.md §4.3, several files.
    async fn upload_form(&self, call: Call) -> Result<Reply, Refused> {
        let call = self.admit_form(call, VERSION).await?;
        let now = call.now;
        Ok(self.0.listed(now, self.read_parts(call, true).await?))
    }

    /// webank SPEC.md §4.3, one file.
    async fn upload_json(&self, call: Call) -> Result<Reply, Refused> {
        // WB-7: a body that is signed is kept whole, all others are read piece by piece.
        let call = match &call.payload {
            Payload::Whole(body) => {
                let body = std::str::from_utf8(body).map_err(|_| Refused::input("the body is not UTF-8"))?;
                let params = self.admit(&call, VERSION, &FILE_PARAMETERS, Some(body))?;
                Self::check_kind(&params)?;
                call
            }
            Payload::Stream(_) => self.admit_form(call, VERSION).await?,
        };
        if !call.is_json() {
            call.payload.drain().await;
            return Err(Refused::input("the content type is not application/json"));
        }
        let now = call.now;
        let (name, recorder) = self.read_json(call.payload).await?;
        Ok(self.0.listed(now, vec![self.0.shelf().put(name, recorder)]))
    }

    /// Reads the file of a JSON body, piece by piece.
    async fn read_json(&self, payload: Payload) -> Result<(String, Recorder), Refused> {
        let wrong = |broken: Broken| Refused::input(broken.reason());
        let body = match payload {
            Payload::Whole(body) => Body::from(body),
            Payload::Stream(body) => body,
        };
        let mut pieces = body.into_data_stream();
        let (mut scanner, mut recorder) = (Scanner::default(), self.recorder());
        let mut read = Ok(());
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|_| Refused::input("the body did not arrive whole"))?;
            // The rest of a body that is wrong is read and forgotten, so that the refusal arrives.
            if read.is_ok() {
                read = scanner.take(&piece).map(|content| recorder.take(&content));
            }
        }
        let (upload, content) = read.and_then(|()| scanner.finish()).map_err(wrong)?;
        recorder.take(&content);
        if upload.file_name.is_empty() {
            return Err(Refused::input("`fileName` is empty"));
        }
        if let Some(notice) = &upload.biz_content {
            check_notice(notice)?;
        }
        Ok((upload.file_name, recorder))
    }

    fn recorder(&self) -> Recorder {
        Recorder::new(self.0.0.options.keep_file, self.0.0.options.hash)
    }

    /// Reads the files of a form, piece by piece.
    async fn read_parts(&self, call: Call, with_notice: bool) -> Result<Vec<StoredFile>, Refused> {
        let form = |_| Refused::input("the body is not a whole multipart/form-data");
        let Payload::Stream(body) = call.payload else {
            return Err(Refused::new(Code::UNKNOWN, "uploads are read piece by piece"));
        };
        let mut request = Request::new(body);
        *request.headers_mut() = call.headers;
        DefaultBodyLimit::disable().apply(&mut request);
        let mut parts = Multipart::from_request(request, &())
            .await
            .map_err(|_| Refused::input("the content type is not multipart/form-data with a boundary"))?;
        let mut files = Vec::new();
        while let Some(mut part) = parts.next_field().await.map_err(form)? {
            match part.name() {
                Some("file") => {}
                Some("bizContent") if with_notice => {
                    check_notice(&part.text().await.map_err(form)?)?;
                    continue;
                }
                _ => return Err(Refused::input("the form has a part of another name than `file`")),
            }
            let disposition = part.headers().get(header::CONTENT_DISPOSITION).map(HeaderValue::as_bytes);
            // webank SPEC.md §4.1: the name travels as raw UTF-8, not in RFC 5987's `filename*`.
            if disposition.is_none_or(|value| value.windows(9).any(|piece| piece == b"filename*")) {
                return Err(Refused::input("the file name is coded as `filename*`: send it as raw UTF-8"));
            }
            let name = part.file_name().unwrap_or_default().to_owned();
            if name.is_empty() {
                return Err(Refused::input("the part `file` has no file name"));
            }
            let mut recorder = self.recorder();
            while let Some(piece) = part.chunk().await.map_err(form)? {
                recorder.take(&piece);
            }
            files.push((name, recorder));
        }
        if files.is_empty() {
            return Err(Refused::input("the form has no part `file`"));
        }
        // Kept only now: a form that breaks off leaves nothing behind.
        let mut shelf = self.0.shelf();
        Ok(files.into_iter().map(|(name, recorder)| shelf.put(name, recorder)).collect())
    }

    /// webank SPEC.md §4.2.
    fn download(&self, call: &Call) -> Result<Reply, Refused> {
        let params = self.admit(call, FILE_VERSION, &["fileId", "hashValue", "contentType"], None)?;
        let (id, hash) = (params.need("fileId")?, params.need("hashValue")?);
        let content_type = match params.get("contentType") {
            "" => "image/jpeg",
            given => given,
        };
        if !content_type.contains('/') || HeaderValue::from_str(content_type).is_err() {
            return Err(Refused::input("parameter `contentType` is no media type"));
        }
        let shelf = self.0.shelf();
        let file = shelf.get(id).ok_or_else(|| Refused::input("no such file"))?;
        if !file.hash.eq_ignore_ascii_case(hash) {
            return Err(Refused::input("the file has another hash"));
        }
        let body = match &file.content {
            Content::Kept(bytes) => ReplyBody::Whole(bytes.clone()),
            Content::Pattern => {
                let pieces = Pattern::pieces(file.length).map(Ok::<Bytes, std::convert::Infallible>);
                ReplyBody::Stream { body: Body::from_stream(stream::iter(pieces)), length: file.length }
            }
            Content::Forgotten => {
                return Err(Refused::new(
                    Code::UNKNOWN,
                    "the sandbox kept length and hash of this file alone",
                ));
            }
        };
        Ok(Reply {
            status: StatusCode::OK,
            content_type: content_type.to_owned(),
            body,
            code: Some(Code::OK.as_str().to_owned()),
            reason: None,
            suspect: None,
            diagnosis: None,
            held: None,
        })
    }
}

fn check_notice(notice: &str) -> Result<(), Refused> {
    serde_json::from_str::<serde::de::IgnoredAny>(notice)
        .map(drop)
        .map_err(|_| Refused::input("`bizContent` is not a text that holds JSON"))
}

impl Simulator for FileHost {
    const PLATFORM: Platform = Platform::Webank;

    fn operation(&self, path: &str) -> Option<Operation> {
        match path {
            "/api/s/up/upload" => Some(Operation::Upload),
            "/api/s/up/download" => Some(Operation::Download),
            _ => {
                let (business, last) = path.strip_prefix("/up/s/")?.split_once('/')?;
                match last {
                    _ if business.is_empty() => None,
                    "uploadJson" => Some(Operation::UploadJson),
                    "uploadForm" => Some(Operation::UploadForm),
                    _ => None,
                }
            }
        }
    }

    fn streams(&self, operation: Option<Operation>) -> bool {
        match operation {
            Some(Operation::Upload | Operation::UploadForm) => true,
            Some(Operation::UploadJson) => !self.0.0.options.upload_json_signed,
            _ => false,
        }
    }

    async fn answer(&self, call: Call) -> Reply {
        let now = call.now;
        let wanted = match call.operation {
            Some(Operation::Download) => Method::GET,
            _ => Method::POST,
        };
        let answered = match call.operation {
            None => Err(Refused::new(Code::BAD_PATH, "no such path on the file host")),
            Some(_) if call.method != wanted => {
                Err(Refused::new(Code::BAD_PATH, format!("only {wanted} is taken")))
            }
            Some(Operation::Upload) => self.upload(call).await,
            Some(Operation::Download) => self.download(&call),
            Some(Operation::UploadJson) => self.upload_json(call).await,
            Some(_) => self.upload_form(call).await,
        };
        answered.unwrap_or_else(|refused| refused.told(|code| self.0.refused(now, code)))
    }

    fn refuse(&self, _: Option<Operation>, code: &str) -> Reply {
        use platform_http::system::Clock as _;
        self.0.refused(self.0.0.clock.now(), &Code::new(code.to_owned()))
    }

    fn kick(&self) {
        self.0.kick();
    }
}
