//! Download, `SPEC.md §4.2`.

use std::{io, path::Path, sync::Arc};

use platform_http::StreamingResponse;
use sign_core::{Case, Hasher, Md5};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::Progress;
use super::part::Part;
use crate::client::{Client, Error, finish, outgoing};
use crate::{
    Credentials, HashCheck, Host, InputError, Reply, ReplyError, StoredFile, download_request, read_reply,
};

/// What a download gets where nobody names a content type, `SPEC.md §4.2`.
const DEFAULT_CONTENT_TYPE: &str = "image/jpeg";

/// A file to download.
#[derive(Clone)]
#[non_exhaustive]
pub struct Download {
    /// Its id and hash, as the upload gave them.
    pub file: StoredFile,
    /// Which media type to ask for; [`None`] is the platform's `image/jpeg`.
    pub content_type: Option<String>,
    /// Is a hash that does not prove the transfer an error (WB-13)? Default: false.
    pub require_hash: bool,
    /// Told as the content arrives.
    pub progress: Option<Progress>,
}

impl Download {
    /// The file with this id and hash.
    #[must_use]
    pub fn new(file: &StoredFile) -> Self {
        Self { file: file.clone(), content_type: None, require_hash: false, progress: None }
    }

    /// Asks for this media type. What comes under another one is no success.
    #[must_use]
    pub fn content_type(self, content_type: impl Into<String>) -> Self {
        Self { content_type: Some(content_type.into()), ..self }
    }

    /// Makes a hash that does not prove the transfer an error (WB-13): for a bank whose hash is known to be MD5.
    #[must_use]
    pub fn require_hash(self) -> Self {
        Self { require_hash: true, ..self }
    }

    /// Told as the content arrives.
    #[must_use]
    pub fn on_progress(self, progress: Progress) -> Self {
        Self { progress: Some(progress), ..self }
    }

    fn wanted(&self) -> &str {
        self.content_type.as_deref().unwrap_or(DEFAULT_CONTENT_TYPE)
    }

    fn check(&self) -> Result<(), InputError> {
        let wanted = self.wanted();
        if !is_json(wanted) {
            return Ok(());
        }
        let shape = "a media type other than JSON, in which the platform reports failures";
        Err(InputError::FileParameter { what: "content type", value: wanted.to_owned(), shape })
    }
}

/// As [`StoredFile`]: without the file's name.
impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Download({:?} as {})", self.file, self.wanted())
    }
}

/// A file that was received whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Downloaded {
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
    /// Fetches a file's content into `writer`, `SPEC.md §4.2`, streamed. After an error the writer may hold a part:
    /// where that must not be seen, use [`Client::download_to`]. Until the content begins to come, it is asked for again
    /// as [`Retry`](crate::Retry) says; after that never.
    ///
    /// # Errors
    /// [`Error::Refused`] when the platform answers JSON in place of the content; asking for JSON is therefore an
    /// [`InputError`]: content and refusal could not be told apart. [`Error::Write`], [`Error::HashDiffers`].
    pub async fn download(
        &self,
        download: &Download,
        writer: &mut (impl AsyncWrite + Unpin),
    ) -> Result<Downloaded, Error> {
        receive(self.begin(download).await?, download, writer).await
    }

    /// Fetches a file's content into the file `path`, `SPEC.md §4.2`, streamed. The file appears under its name when it
    /// is whole and on disk, and replaces what was there at once; before that, and after an error, there is nothing of
    /// it. The same holds when the future is dropped.
    ///
    /// ```no_run
    /// # async fn example(client: webank::Client, stored: webank::StoredFile) -> Result<(), webank::Error> {
    /// let download = webank::Download::new(&stored).content_type("application/zip").require_hash();
    /// let downloaded = client.download_to(&download, "/data/合同.zip").await?;
    /// println!("{} B, md5 {}", downloaded.length, downloaded.md5);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Client::download`]; [`Error::Target`] when nothing can be written there, or `path` is there and no regular file.
    pub async fn download_to(
        &self,
        download: &Download,
        path: impl AsRef<Path>,
    ) -> Result<Downloaded, Error> {
        self.host(Host::Files)?;
        download.check()?;
        let (target, unique) = (path.as_ref().to_owned(), self.nonce()?);
        // Before anything is fetched: a folder that is not there is the caller's mistake.
        let (part, file) =
            blocking(move || Part::create(&target, unique.as_str())).await?.map_err(Error::Target)?;
        let reply = self.begin(download).await?;
        let mut file = tokio::fs::File::from_std(file);
        let downloaded = receive(reply, download, &mut file).await?;
        file.sync_all().await.map_err(Error::Write)?;
        drop(file);
        blocking(move || part.keep()).await?.map_err(Error::Write)?;
        Ok(downloaded)
    }

    /// Asks for the content; it is about to come when this returns.
    async fn begin(&self, download: &Download) -> Result<StreamingResponse, Error> {
        download.check()?;
        self.host(Host::Files)?;
        // Asking changes nothing, so it may be done twice, also after an unknown outcome. What comes after the head is in
        // the writer already.
        let asked = || self.with_credentials(|credentials| self.begin_with(credentials, download));
        self.retried(true, asked).await?
    }

    /// The outer error may be gone the next time. The inner one is an answer: a file that is there under another type.
    async fn begin_with(
        &self,
        credentials: Arc<Credentials>,
        download: &Download,
    ) -> Result<Result<StreamingResponse, Error>, Error> {
        let (app_id, nonce, file) = (&self.inner.app_id, self.nonce()?, &download.file);
        let content_type = download.content_type.as_deref();
        let request =
            download_request(app_id, &file.id, &file.hash, content_type, nonce, &credentials.ticket);
        let reply = self.host(request.host())?.stream(outgoing("download", &request)).await?;
        // SPEC.md §4.2: success has the content type that was asked for; a failure is JSON.
        let wanted = media_type(download.wanted());
        let got = reply.content_type.clone().unwrap_or_default();
        let got = media_type(&got);
        if reply.status == 200 && got.eq_ignore_ascii_case(wanted) {
            return Ok(Ok(reply));
        }
        let response = reply.collect().await?;
        let noted = |reply: &Reply| (reply.code.clone(), reply.serials.biz_seq_no.clone());
        let refused = match is_json(got) {
            true => finish(&response, read_reply(&response.body), &self.hidden(&credentials), noted).err(),
            false => None,
        };
        let other = || ReplyError::ContentType { wanted: wanted.to_owned(), got: got.to_owned() };
        let error = refused.unwrap_or_else(|| Error::not_understood(&response, other()));
        match &error {
            Error::NotUnderstood { status: 200, reason: ReplyError::ContentType { .. }, .. } => {
                Ok(Err(error))
            }
            _ => Err(error),
        }
    }
}

async fn receive(
    mut reply: StreamingResponse,
    download: &Download,
    writer: &mut (impl AsyncWrite + Unpin),
) -> Result<Downloaded, Error> {
    let (mut length, mut hasher) = (0_u64, Hasher::<Md5>::new());
    while let Some(piece) = reply.chunk().await? {
        hasher.update(&piece);
        writer.write_all(&piece).await.map_err(Error::Write)?;
        length = length.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if let Some(progress) = &download.progress {
            progress(length, reply.content_length);
        }
    }
    writer.flush().await.map_err(Error::Write)?;
    let digest = hasher.finish();
    let (proven, md5) = (digest.verify(&download.file.hash).is_ok(), digest.signature(Case::Lower));
    if download.require_hash && !proven {
        let (file, md5) = (download.file.clone(), md5.as_str().to_owned());
        return Err(Error::HashDiffers { file, md5, serials: None });
    }
    // Nobody but the hash can tell the end of the content from a cut.
    if !proven && reply.ends_with_connection {
        return Err(Error::NotUnderstood {
            status: reply.status,
            reason: ReplyError::Unbounded,
            serials: None,
        });
    }
    Ok(Downloaded {
        content_type: reply.content_type.clone().unwrap_or_default(),
        length,
        md5: md5.as_str().to_owned(),
        hash: if proven { HashCheck::Proven } else { HashCheck::NotComparable },
    })
}

/// Runs what blocks where it may. When the caller has gone meanwhile, its result is dropped there.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<io::Result<T>, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Interrupted)
}

fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

fn is_json(content_type: &str) -> bool {
    media_type(content_type).eq_ignore_ascii_case("application/json")
}
