//! Upload, `SPEC.md §4.1`.

use std::{fmt, sync::Arc};

use platform_http::Response;
use sign_core::Case;

use super::body::{Assembly, Coding, Ledger, Sum};
use super::{Attachment, Content, ContentError, Progress};
use crate::client::{Client, Error, finish, outgoing};
use crate::{
    Code, Credentials, FileFormat, FileType, HashCheck, Host, InputError, Multipart, Outcome, ReplyError,
    Request, Serials, StoredFile, read_upload, upload_request,
};

/// A file to upload.
#[non_exhaustive]
pub struct Upload {
    /// Name, content, and who is told as it leaves.
    pub file: Attachment,
    /// `fileType`.
    pub file_type: FileType,
    /// `fileFormat`.
    pub format: FileFormat,
}

impl Upload {
    /// A file of this name, which travels as raw UTF-8.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        file_type: FileType,
        format: FileFormat,
        content: impl Into<Content>,
    ) -> Self {
        Self { file: Attachment::new(name, content), file_type, format }
    }

    /// Told as the content leaves.
    #[must_use]
    pub fn on_progress(self, progress: Progress) -> Self {
        Self { file: self.file.on_progress(progress), ..self }
    }
}

/// Shows neither name nor content: both may be personal.
impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upload({} {}, {:?})", self.file_type.as_str(), self.format.as_str(), self.file.content)
    }
}

/// A file that the platform has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// What it is called there.
    pub file: StoredFile,
    /// Of the call; files of one call share them.
    pub serials: Serials,
    /// Bytes of content sent.
    pub length: u64,
    /// MD5 of the content sent, lower-case hex.
    pub md5: String,
    /// What the platform's hash says about it (WB-13).
    pub hash: HashCheck,
}

impl Uploaded {
    pub(super) fn new(file: StoredFile, serials: Serials, sum: &Sum) -> Self {
        let proven = sum.digest.verify(&file.hash).is_ok();
        Self {
            file,
            serials,
            length: sum.length,
            md5: sum.digest.signature(Case::Lower).as_str().to_owned(),
            hash: if proven { HashCheck::Proven } else { HashCheck::NotComparable },
        }
    }

    /// Makes a hash that does not prove the transfer an error (WB-13). The file stays where it is.
    ///
    /// # Errors
    /// [`Error::HashDiffers`], with the file's id.
    pub fn require_hash(self) -> Result<Self, Error> {
        match self.hash {
            HashCheck::Proven => Ok(self),
            HashCheck::NotComparable => {
                let serials = Some(Box::new(self.serials));
                Err(Error::HashDiffers { file: self.file, md5: self.md5, serials })
            }
        }
    }
}

impl Client {
    /// Uploads a file, `SPEC.md §4.1`, streamed. Where the content can be read again, it is sent again after a refused
    /// ticket, and as [`Retry`](crate::Retry) says where nothing had been sent; progress begins anew then.
    ///
    /// ```no_run
    /// # async fn example(client: webank::Client) -> Result<(), webank::Error> {
    /// use webank::{Content, FileFormat, FileType, Upload};
    /// let content = Content::file("/data/合同.zip");
    /// let upload = Upload::new("合同.zip", FileType::CONTRACT, FileFormat::new("zip")?, content);
    /// let uploaded = client.upload(upload).await?;
    /// println!("{} {} {} B {:?}", uploaded.file.id, uploaded.file.hash, uploaded.length, uploaded.hash);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Content`] when the content cannot be read, or changes while it is sent; [`Error::Spent`]. After
    /// [`platform_http::Outcome::Unknown`] the file may be there, under an id nobody told us.
    pub async fn upload(&self, upload: Upload) -> Result<Uploaded, Error> {
        self.host(Host::Files)?;
        upload.file.check()?;
        // Before anything is fetched: a fetch kicks out whoever uses this app id.
        unsent(upload.file.content.check().await)?;
        let repeatable = upload.file.content.is_repeatable();
        self.sent(repeatable, |credentials| self.upload_with(credentials, &upload)).await
    }

    /// Sends content, again where it can be read again; [`Error::Spent`] where it cannot.
    pub(super) async fn sent<T, F>(
        &self,
        repeatable: bool,
        once: impl Fn(Arc<Credentials>) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        if repeatable {
            // SPEC.md §3.2: a file that may have arrived is not sent again.
            return self.retried(false, || self.with_credentials(&once)).await;
        }
        let used = self.credentials().await?;
        let error = match once(Arc::clone(&used)).await {
            Err(error) => error,
            done => return done,
        };
        let refusal = error.refusal().cloned();
        // The credentials are renewed all the same, so that the caller's own next try does not meet this refusal.
        let newer = self.newer(&used, error).await;
        newer.and_then(|_| Err(refusal.map_or_else(|| unopened(ContentError::Spent), Error::Spent)))
    }

    async fn upload_with(&self, credentials: Arc<Credentials>, upload: &Upload) -> Result<Uploaded, Error> {
        let opened = unsent(upload.file.content.open().await)?;
        let (app_id, nonce) = (&self.inner.app_id, self.nonce()?);
        let request = upload_request(app_id, &upload.file_type, &upload.format, nonce, &credentials.ticket);
        let (frame, mut assembly) = (Multipart::new(self.entropy()?), Assembly::new());
        assembly.frame(frame.file_head("file", &upload.file.name));
        assembly.content(opened, Coding::Plain, upload.file.progress.clone());
        assembly.frame(frame.tail());
        let (response, ledger) = self.send_body("upload", &request, &frame.content_type(), assembly).await?;
        let noted = |(_, serials): &(_, Serials)| (Code::OK, serials.biz_seq_no.clone());
        let (files, serials) =
            finish(&response, read_upload(&response.body), &self.hidden(&credentials), noted)?;
        let missing = || Error::not_understood(&response, ReplyError::Member("FILE_LIST"));
        let file = files.into_iter().next().ok_or_else(missing)?;
        let sum = sent_whole(&response, &ledger, 1)?.into_iter().next();
        let sum = sum.ok_or_else(|| Error::not_understood(&response, ReplyError::TooEarly))?;
        Ok(Uploaded::new(file, serials, &sum))
    }

    /// Sends a body piece by piece.
    pub(super) async fn send_body(
        &self,
        operation: &'static str,
        request: &Request,
        content_type: &str,
        assembly: Assembly,
    ) -> Result<(Response, Ledger), Error> {
        let (body, ledger) = assembly.finish();
        let outgoing = outgoing(operation, request).content_type(content_type).body(body);
        let response = self.host(request.host())?.send(outgoing).await;
        response.map(|response| (response, ledger.clone())).map_err(|error| ledger.blame(error))
    }
}

/// The sums of all contents. A platform that is content before it has them all is none.
pub(super) fn sent_whole(response: &Response, ledger: &Ledger, contents: usize) -> Result<Vec<Sum>, Error> {
    let sums = ledger.sums();
    match sums.len() == contents {
        true => Ok(sums),
        false => Err(Error::not_understood(response, ReplyError::TooEarly)),
    }
}

/// Content that could not even be opened.
pub(super) fn unsent<T>(opened: Result<T, ContentError>) -> Result<T, Error> {
    opened.map_err(unopened)
}

fn unopened(fault: ContentError) -> Error {
    Error::Content { fault, outcome: Outcome::NotSent }
}

impl Attachment {
    pub(super) fn check(&self) -> Result<(), InputError> {
        match self.name.is_empty() {
            true => Err(InputError::Empty("file name")),
            false => Ok(()),
        }
    }
}
