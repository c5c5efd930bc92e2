//! Uploads with notice, `SPEC.md §4.3`: one file as JSON, or several as a form.

use std::{fmt, sync::Arc};

use platform_http::Response;
use sign_core::{Hasher, Md5};

use super::body::{Assembly, Coding, Sum};
use super::content::Opened;
use super::upload::{sent_whole, unsent};
use super::{Content, ContentError, Progress, Uploaded};
use crate::client::{Client, Error, finish};
use crate::{
    Code, Credentials, Host, InputError, JsonFrame, Multipart, Notice, ReplyError, Serials, StoredFile,
    read_notice, upload_form_request, upload_json_head, upload_json_request,
};

/// The longest content, in bytes, of an uploadJson body that is signed (WB-7): it is signed as one text, so it is kept
/// in memory, as content and as base64. 8 MiB.
pub const SIGNED_JSON_LIMIT: u64 = 8 * 1024 * 1024;

/// A file to send: its name and its content.
#[non_exhaustive]
pub struct Attachment {
    /// Its name, sent as raw UTF-8.
    pub name: String,
    /// The content.
    pub content: Content,
    /// Told as the content leaves.
    pub progress: Option<Progress>,
}

impl Attachment {
    /// A file of this name.
    #[must_use]
    pub fn new(name: impl Into<String>, content: impl Into<Content>) -> Self {
        Self { name: name.into(), content: content.into(), progress: None }
    }

    /// Told as the content leaves.
    #[must_use]
    pub fn on_progress(self, progress: Progress) -> Self {
        Self { progress: Some(progress), ..self }
    }
}

/// Shows neither name nor content: both may be personal.
impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({:?})", self.content)
    }
}

impl Client {
    /// Uploads one file with notice as JSON, `SPEC.md §4.3`: base64, streamed, the body not signed (WB-7). Sent again as
    /// in [`Client::upload`].
    ///
    /// # Errors
    /// As [`Client::upload`]; [`Error::Input`] for a notice that cannot be sent.
    pub async fn notify_json(&self, notice: Notice<'_>, file: Attachment) -> Result<Uploaded, Error> {
        self.host(Host::Files)?;
        notice.check()?;
        file.check()?;
        unsent(file.content.check().await)?;
        let repeatable = file.content.is_repeatable();
        self.sent(repeatable, |credentials| self.notify_json_with(credentials, notice, &file)).await
    }

    async fn notify_json_with(
        &self,
        credentials: Arc<Credentials>,
        notice: Notice<'_>,
        file: &Attachment,
    ) -> Result<Uploaded, Error> {
        let opened = unsent(file.content.open().await)?;
        let request = upload_json_head(&self.inner.app_id, notice, self.nonce()?, &credentials.ticket)?;
        let (frame, mut assembly) = (JsonFrame::new(&file.name, notice.biz_content)?, Assembly::new());
        assembly.frame(JsonFrame::head());
        assembly.content(opened, Coding::Base64, file.progress.clone());
        assembly.frame(frame.tail());
        let (response, ledger) =
            self.send_body("upload_json", &request, "application/json", assembly).await?;
        let listed = self.listed(&response, &credentials)?;
        one(&response, listed, &sent_whole(&response, &ledger, 1)?, &file.name)
    }

    /// As [`Client::notify_json`], and the body is signed (WB-7): for a bank that says so. The content is read into
    /// memory, up to [`SIGNED_JSON_LIMIT`].
    ///
    /// # Errors
    /// As [`Client::notify_json`]; [`ContentError::TooLong`].
    pub async fn notify_signed_json(&self, notice: Notice<'_>, file: Attachment) -> Result<Uploaded, Error> {
        self.host(Host::Files)?;
        notice.check()?;
        file.check()?;
        let content = unsent(whole(file.content.open().await).await)?;
        let once = |credentials| self.notify_signed_json_with(credentials, notice, &file, &content);
        // In memory it can be sent again, wherever it came from.
        self.sent(true, once).await
    }

    async fn notify_signed_json_with(
        &self,
        credentials: Arc<Credentials>,
        notice: Notice<'_>,
        file: &Attachment,
        content: &[u8],
    ) -> Result<Uploaded, Error> {
        let (app_id, nonce) = (&self.inner.app_id, self.nonce()?);
        let ticket = &credentials.ticket;
        let request = upload_json_request(app_id, notice, &file.name, content, true, nonce, ticket)?;
        let response = self.exchange("upload_json", &request).await?;
        let length = u64::try_from(content.len()).unwrap_or(u64::MAX);
        if let Some(progress) = &file.progress {
            progress(length, Some(length));
        }
        let sum = Sum { length, digest: Hasher::<Md5>::of(content) };
        let listed = self.listed(&response, &credentials)?;
        one(&response, listed, &[sum], &file.name)
    }

    /// Uploads files with notice as a form, `SPEC.md §4.3`, streamed one after the other. The result has one entry for
    /// each file, in the order given. Sent again as in [`Client::upload`], where all contents can be read again.
    ///
    /// # Errors
    /// As [`Client::notify_json`]; [`InputError::Empty`] without files.
    pub async fn notify_form(
        &self,
        notice: Notice<'_>,
        files: Vec<Attachment>,
    ) -> Result<Vec<Uploaded>, Error> {
        self.host(Host::Files)?;
        notice.check()?;
        if files.is_empty() {
            return Err(InputError::Empty("files").into());
        }
        files.iter().try_for_each(Attachment::check)?;
        for file in &files {
            unsent(file.content.check().await)?;
        }
        let repeatable = files.iter().all(|file| file.content.is_repeatable());
        self.sent(repeatable, |credentials| self.notify_form_with(credentials, notice, &files)).await
    }

    async fn notify_form_with(
        &self,
        credentials: Arc<Credentials>,
        notice: Notice<'_>,
        files: &[Attachment],
    ) -> Result<Vec<Uploaded>, Error> {
        let opened = unsent(open_all(files).await)?;
        let request = upload_form_request(&self.inner.app_id, notice, self.nonce()?, &credentials.ticket)?;
        let (frame, mut assembly) = (Multipart::new(self.entropy()?), Assembly::new());
        let mut first = true;
        for (file, opened) in files.iter().zip(opened) {
            if !std::mem::take(&mut first) {
                assembly.frame(Multipart::between());
            }
            assembly.frame(frame.file_head("file", &file.name));
            assembly.content(opened, Coding::Plain, file.progress.clone());
        }
        // SPEC.md §4.3: the files, then `bizContent`.
        if let Some(biz_content) = notice.biz_content {
            assembly.frame(Multipart::between());
            assembly.frame(frame.text_field("bizContent", biz_content));
        }
        assembly.frame(frame.tail());
        let (response, ledger) =
            self.send_body("upload_form", &request, &frame.content_type(), assembly).await?;
        let (stored, serials) = self.listed(&response, &credentials)?;
        let sums = sent_whole(&response, &ledger, files.len())?;
        let sent: Vec<_> = files.iter().map(|file| file.name.as_str()).zip(&sums).collect();
        let stored = in_order(stored, &sent)
            .ok_or_else(|| Error::not_understood(&response, ReplyError::Member("fileList")))?;
        let each = stored.into_iter().zip(&sums);
        Ok(each.map(|(file, sum)| Uploaded::new(file, serials.clone(), sum)).collect())
    }

    fn listed(
        &self,
        response: &Response,
        credentials: &Credentials,
    ) -> Result<(Vec<StoredFile>, Serials), Error> {
        let noted = |(_, serials): &(_, Serials)| (Code::OK, serials.biz_seq_no.clone());
        finish(response, read_notice(&response.body), &self.hidden(credentials), noted)
    }
}

async fn open_all(files: &[Attachment]) -> Result<Vec<Opened>, ContentError> {
    let mut all = Vec::with_capacity(files.len());
    for file in files {
        all.push(file.content.open().await?);
    }
    Ok(all)
}

/// Reads content that is short enough into memory.
async fn whole(opened: Result<Opened, ContentError>) -> Result<Vec<u8>, ContentError> {
    let too_long = || ContentError::TooLong { limit: SIGNED_JSON_LIMIT };
    let limit = usize::try_from(SIGNED_JSON_LIMIT).unwrap_or(usize::MAX);
    let opened = opened?;
    if opened.length.is_some_and(|length| length > SIGNED_JSON_LIMIT) {
        return Err(too_long());
    }
    let (mut pieces, mut content) = (opened.pieces(), Vec::new());
    while let Some(piece) = pieces.next().await? {
        if content.len().saturating_add(piece.len()) > limit {
            return Err(too_long());
        }
        content.extend_from_slice(&piece);
    }
    Ok(content)
}

fn one(
    response: &Response,
    (stored, serials): (Vec<StoredFile>, Serials),
    sums: &[Sum],
    name: &str,
) -> Result<Uploaded, Error> {
    let missing = || Error::not_understood(response, ReplyError::Member("fileList"));
    let sum = sums.first().ok_or_else(|| Error::not_understood(response, ReplyError::TooEarly))?;
    let file = in_order(stored, &[(name, sum)]).and_then(|files| files.into_iter().next());
    Ok(Uploaded::new(file.ok_or_else(missing)?, serials, sum))
}

/// The reply's files in the order in which they were sent. Each is known by its name, and where several have it, by its
/// hash too; where the platform has changed a name or left it out, by its hash, as far as that is an MD5 (WB-13); and else
/// by its place. [`None`] when there are fewer than were sent.
fn in_order(stored: Vec<StoredFile>, sent: &[(&str, &Sum)]) -> Option<Vec<StoredFile>> {
    type Same = fn(&StoredFile, &str, &Sum) -> bool;
    let named: Same = |file, name, _| file.name.as_deref() == Some(name);
    let hashed: Same = |file, _, sum| sum.digest.verify(&file.hash).is_ok();
    let both: Same =
        |file, name, sum| file.name.as_deref() == Some(name) && sum.digest.verify(&file.hash).is_ok();
    let mut left: Vec<Option<StoredFile>> = stored.into_iter().map(Some).collect();
    let mut found: Vec<Option<StoredFile>> = sent.iter().map(|_| None).collect();
    for same in [both, named, hashed, |_, _, _| true] {
        for (place, (name, sum)) in found.iter_mut().zip(sent).filter(|(place, _)| place.is_none()) {
            let fits =
                |file: &&mut Option<StoredFile>| file.as_ref().is_some_and(|file| same(file, name, sum));
            *place = left.iter_mut().find(fits).and_then(Option::take);
        }
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each file stored: id, name, and whose content its hash is of. Each file sent: name and content.
    #[track_caller]
    fn check(stored: &[(&str, Option<&str>, &str)], sent: &[(&str, &str)], expected: Option<&[&str]>) {
        let sum = |content: &str| Sum { length: 0, digest: Hasher::<Md5>::of(content.as_bytes()) };
        let stored = stored.iter().map(|(id, name, content)| StoredFile {
            id: (*id).into(),
            hash: sum(content).digest.signature(sign_core::Case::Lower).as_str().to_owned(),
            name: name.map(str::to_owned),
        });
        let sums: Vec<_> = sent.iter().map(|(_, content)| sum(content)).collect();
        let sent: Vec<_> = sent.iter().map(|(name, _)| *name).zip(&sums).collect();
        let ids = in_order(stored.collect(), &sent)
            .map(|files| files.into_iter().map(|file| file.id).collect::<Vec<_>>());
        assert_eq!(
            ids.as_deref(),
            expected.map(|ids| ids.iter().map(|&id| id.into()).collect::<Vec<String>>()).as_deref()
        );
    }

    /// As [`check`], for a platform whose hash is no MD5.
    #[track_caller]
    fn check_named(stored: &[(&str, Option<&str>)], sent: &[&str], expected: Option<&[&str]>) {
        let stored: Vec<_> = stored.iter().map(|(id, name)| (*id, *name, "something else")).collect();
        let sent: Vec<_> = sent.iter().map(|name| (*name, *name)).collect();
        check(&stored, &sent, expected);
    }

    #[test]
    fn files_are_found_by_name_and_then_by_place() {
        check_named(&[("1", Some("a")), ("2", Some("b"))], &["a", "b"], Some(&["1", "2"]));
        check_named(&[("2", Some("b")), ("1", Some("a"))], &["a", "b"], Some(&["1", "2"]));
        check_named(&[("1", Some("a")), ("2", Some("a"))], &["a", "a"], Some(&["1", "2"]));
        check_named(&[("1", None), ("2", None)], &["a", "b"], Some(&["1", "2"]));
        check_named(&[("1", Some("%22")), ("2", Some("b"))], &["\"", "b"], Some(&["1", "2"]));
        check_named(&[("2", Some("b")), ("1", Some("%22"))], &["\"", "b"], Some(&["1", "2"]));
        check_named(&[("1", Some("a"))], &["a", "b"], None);
        check_named(&[("1", Some("a")), ("2", Some("b"))], &["b"], Some(&["2"]));
    }

    #[test]
    fn renamed_files_are_found_by_their_hash_before_their_place() {
        let sent = [("a", "1"), ("b", "2"), ("c", "3")];
        check(
            &[("z", Some("x"), "3"), ("y", None, "2"), ("x", Some("z"), "1")],
            &sent,
            Some(&["x", "y", "z"]),
        );
        // The name is the platform's word; a hash may not be an MD5 and agree by nothing.
        check(
            &[("y", Some("b"), "?"), ("z", Some("x"), "3"), ("x", None, "?")],
            &sent,
            Some(&["x", "y", "z"]),
        );
        // Of one name and of one content.
        check(&[("y", Some("a"), "2"), ("x", Some("a"), "1")], &[("a", "1"), ("a", "2")], Some(&["x", "y"]));
        check(
            &[("y", Some("a"), "2"), ("x", Some("a(1)"), "1")],
            &[("a", "1"), ("a", "2")],
            Some(&["x", "y"]),
        );
        check(&[("x", None, "1"), ("y", None, "1")], &[("a", "1"), ("b", "1")], Some(&["x", "y"]));
    }
}
