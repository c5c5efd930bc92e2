//! Files up and down, with progress.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use platform_http::{Body, StreamingResponse};
use sign_core::{Case, Hasher, Md5};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::{Client, Error, finish, outgoing};
use crate::{
    Code, Credentials, FileFormat, FileType, HashCheck, Host, InputError, Multipart, Reply, ReplyError,
    Serials, StoredFile, download_request, read_reply, read_upload, upload_request,
};

/// What a download gets where nobody names a content type, `SPEC.md §4.2`.
const DEFAULT_CONTENT_TYPE: &str = "image/jpeg";

/// Content is handed to the connection in pieces of this size, in bytes, so that progress can be told.
const PIECE: usize = 64 * 1024;

/// Is told how many bytes of the content have passed, and how many there are, where that is known.
pub type Progress = Arc<dyn Fn(u64, Option<u64>) + Send + Sync>;

/// A file to upload.
#[derive(Clone)]
#[non_exhaustive]
pub struct Upload {
    /// Its name, sent as raw UTF-8.
    pub name: String,
    /// `fileType`.
    pub file_type: FileType,
    /// `fileFormat`.
    pub format: FileFormat,
    /// The content.
    pub content: Bytes,
    /// Told as the content leaves.
    pub progress: Option<Progress>,
}

impl Upload {
    /// A file with its content in memory.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        file_type: FileType,
        format: FileFormat,
        content: impl Into<Bytes>,
    ) -> Self {
        Self { name: name.into(), file_type, format, content: content.into(), progress: None }
    }

    /// Told as the content leaves.
    #[must_use]
    pub fn on_progress(self, progress: Progress) -> Self {
        Self { progress: Some(progress), ..self }
    }
}

/// Shows neither name nor content: both may be personal.
impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upload({} {}, {} B)", self.file_type.as_str(), self.format.as_str(), self.content.len())
    }
}

/// A file that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Download {
    /// As the platform says.
    pub content_type: String,
    /// Bytes written.
    pub length: u64,
    /// MD5 of the content, lower-case hex.
    pub md5: String,
    /// What the hash given with the file says about it (WB-13).
    pub hash: HashCheck,
}

impl Client {
    /// Uploads a file, `SPEC.md §4.1`. Tried once more only when the gateway refused the ticket.
    ///
    /// # Errors
    /// [`Error`]; after [`platform_http::Outcome::Unknown`] the file may be there, under an id nobody told us.
    pub async fn upload(&self, upload: &Upload) -> Result<(StoredFile, Serials), Error> {
        self.host(Host::Files)?;
        let used = self.credentials().await?;
        match self.upload_with(&used, upload).await {
            Err(error) => self.upload_with(&*self.newer(&used, error).await?, upload).await,
            done => done,
        }
    }

    async fn upload_with(
        &self,
        credentials: &Credentials,
        upload: &Upload,
    ) -> Result<(StoredFile, Serials), Error> {
        let (app_id, nonce) = (&self.inner.app_id, self.nonce()?);
        let request = upload_request(app_id, &upload.file_type, &upload.format, nonce, &credentials.ticket);
        let (content_type, body) = multipart(&Multipart::new(self.entropy()?), upload);
        let outgoing = outgoing("upload", &request).content_type(content_type).body(body);
        let response = self.host(request.host())?.send(outgoing).await?;
        let noted = |(_, serials): &(_, Serials)| (Code::OK, serials.biz_seq_no.clone());
        let (files, serials) =
            finish(&response, read_upload(&response.body), &self.hidden(credentials), noted)?;
        let missing = || Error::not_understood(&response, ReplyError::Member("FILE_LIST"));
        files.into_iter().next().map(|file| (file, serials)).ok_or_else(missing)
    }

    /// Fetches a file's content into `writer`, `SPEC.md §4.2`. `content_type` other than `image/jpeg` must be asked
    /// for, and what comes under another one is no success. After an error the writer may hold a part.
    ///
    /// # Errors
    /// [`Error::Refused`] when the platform answers JSON in place of the content; asking for JSON is therefore an
    /// [`InputError`]: content and refusal could not be told apart.
    pub async fn download(
        &self,
        file: &StoredFile,
        content_type: Option<&str>,
        writer: &mut (impl AsyncWrite + Unpin),
        progress: Option<Progress>,
    ) -> Result<Download, Error> {
        let wanted = content_type.unwrap_or(DEFAULT_CONTENT_TYPE);
        if is_json(wanted) {
            let shape = "a media type other than JSON, in which the platform reports failures";
            return Err(
                InputError::FileParameter { what: "content type", value: wanted.to_owned(), shape }.into()
            );
        }
        self.host(Host::Files)?;
        let used = self.credentials().await?;
        let mut reply = match self.open_download(&used, file, content_type).await {
            Err(error) => self.open_download(&*self.newer(&used, error).await?, file, content_type).await?,
            Ok(reply) => reply,
        };
        let (mut length, mut hasher) = (0_u64, Hasher::<Md5>::new());
        while let Some(piece) = reply.chunk().await? {
            hasher.update(&piece);
            writer.write_all(&piece).await.map_err(Error::Write)?;
            length = length.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            if let Some(progress) = &progress {
                progress(length, reply.content_length);
            }
        }
        writer.flush().await.map_err(Error::Write)?;
        let digest = hasher.finish();
        let proven = digest.verify(&file.hash).is_ok();
        Ok(Download {
            content_type: reply.content_type.clone().unwrap_or_default(),
            length,
            md5: digest.signature(Case::Lower).as_str().to_owned(),
            hash: if proven { HashCheck::Proven } else { HashCheck::NotComparable },
        })
    }
}

impl Client {
    /// Asks for the content; it is about to come when this returns.
    async fn open_download(
        &self,
        credentials: &Credentials,
        file: &StoredFile,
        content_type: Option<&str>,
    ) -> Result<StreamingResponse, Error> {
        let (app_id, nonce) = (&self.inner.app_id, self.nonce()?);
        let request =
            download_request(app_id, &file.id, &file.hash, content_type, nonce, &credentials.ticket);
        let reply = self.host(request.host())?.stream(outgoing("download", &request)).await?;
        // SPEC.md §4.2: success has the content type that was asked for; a failure is JSON.
        let wanted = media_type(content_type.unwrap_or(DEFAULT_CONTENT_TYPE));
        let got = reply.content_type.clone().unwrap_or_default();
        let got = media_type(&got);
        if reply.status == 200 && got.eq_ignore_ascii_case(wanted) {
            return Ok(reply);
        }
        let response = reply.collect().await?;
        let noted = |reply: &Reply| (reply.code.clone(), reply.serials.biz_seq_no.clone());
        let refused = match is_json(got) {
            true => finish(&response, read_reply(&response.body), &self.hidden(credentials), noted).err(),
            false => None,
        };
        let other = || ReplyError::ContentType { wanted: wanted.to_owned(), got: got.to_owned() };
        Err(refused.unwrap_or_else(|| Error::not_understood(&response, other())))
    }
}

fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

fn is_json(content_type: &str) -> bool {
    media_type(content_type).eq_ignore_ascii_case("application/json")
}

/// The multipart body as a stream of known length: frame, content piece by piece, frame.
fn multipart(frame: &Multipart, upload: &Upload) -> (String, Body) {
    let (head, tail) = (frame.file_head("file", &upload.name), frame.tail());
    let total = u64::try_from(upload.content.len()).unwrap_or(u64::MAX);
    let framing = u64::try_from(head.len() + tail.len()).unwrap_or(0);
    let mut rest = upload.content.clone();
    let progress = upload.progress.clone();
    let mut sent = 0_u64;
    let content = std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let piece = rest.split_to(PIECE.min(rest.len()));
        sent = sent.saturating_add(u64::try_from(piece.len()).unwrap_or(0));
        if let Some(progress) = &progress {
            progress(sent, Some(total));
        }
        Some(piece)
    });
    let pieces = std::iter::once(head).chain(content).chain(std::iter::once(tail)).map(Ok);
    (frame.content_type(), Body::stream(stream::iter(pieces), total.checked_add(framing)))
}
