//! The receiving side's view of a push: the form as it came, to be verified and taken apart (`SPEC.md §3`).

use core::fmt;
use std::borrow::Cow;

use serde_json::value::RawValue;
use sign_core::{Freshness, Secret, UnixMillis, form};

use crate::record::{Record, RecordError};
use crate::verify::{VerifyError, verify};

/// The form of a push, decoded. Parameters that the platform does not know are kept: they are signed as well.
///
/// ```
/// use jinlaiban::ReceivedPush;
/// let push = ReceivedPush::parse(b"appcode=a&nonce=n+1&data=%5B%5D&sign=")?;
/// assert_eq!((push.get("nonce"), push.get("sign"), push.get("timestamp")), (Some("n 1"), Some(""), None));
/// # Ok::<(), jinlaiban::FormError>(())
/// ```
#[derive(Clone)]
pub struct ReceivedPush<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> ReceivedPush<'a> {
    /// Takes a form body apart. A field without `=` has an empty value.
    ///
    /// # Errors
    /// [`FormError`], the sender's mistake: not UTF-8, a broken escape, a field given twice.
    pub fn parse(body: &'a [u8]) -> Result<Self, FormError> {
        let body = core::str::from_utf8(body).map_err(|_| FormError::NotUtf8)?;
        let fields = form::pairs(body).collect::<Result<Vec<_>, _>>().map_err(FormError::Encoding)?;
        let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_ref()).collect();
        names.sort_unstable();
        if let Some((name, _)) = names.iter().zip(names.iter().skip(1)).find(|(a, b)| a == b) {
            return Err(FormError::Doubled { name: (*name).to_owned() });
        }
        Ok(Self(fields))
    }

    /// A field's value; `None` when it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_ref())
    }

    /// Checks completeness, age, nonce and signature, as [`verify()`].
    ///
    /// # Errors
    /// [`VerifyError`], one reason for each check.
    pub fn verify(&self, secret: &Secret, window: &Freshness, now: UnixMillis) -> Result<(), VerifyError> {
        let params: Vec<_> =
            self.0.iter().map(|(name, value)| (name.as_ref(), Some(value.as_ref()))).collect();
        verify(&params, self.get("sign").unwrap_or(""), secret, window, now)
    }

    /// The elements of `data`, each a record or what is wrong with it. There may be more than a batch may hold.
    ///
    /// # Errors
    /// [`DataError`], the sender's mistake: `data` is missing or not a JSON array.
    pub fn records(&self) -> Result<Vec<Result<Record, RecordError>>, DataError> {
        let data = self.get("data").filter(|data| !data.is_empty()).ok_or(DataError::Missing)?;
        let elements: Vec<&RawValue> = serde_json::from_str(data).map_err(|_| DataError::NotArray)?;
        Ok(elements.into_iter().map(|element| Record::from_json(element.get())).collect())
    }
}

/// Shows the names alone.
impl fmt::Debug for ReceivedPush<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReceivedPush").field(&self.0.iter().map(|(name, _)| name).collect::<Vec<_>>()).finish()
    }
}

/// A body is no form: the sender's mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// Not UTF-8.
    #[error("the form is not UTF-8: encode it as the document says")]
    NotUtf8,
    /// A field's name or value does not decode; the offset is in the whole form.
    #[error("the form does not decode: {0}; percent-encode every name and value")]
    Encoding(form::DecodeError),
    /// A field is given twice.
    #[error("field `{name}` is given twice: give it once")]
    Doubled {
        /// The field's name.
        name: String,
    },
}

/// `data` holds no records: the sender's mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// Not there, or empty.
    #[error("field `data` is missing or empty: give a JSON array of records")]
    Missing,
    /// Not a JSON array.
    #[error("field `data` is not a JSON array of records")]
    NotArray,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RecordFault;
    use crate::{Batch, CreateDate, PushParams, SignedPush, Stale};

    const NOW: UnixMillis = UnixMillis::new(1_615_978_623_000);
    const WINDOW: Freshness = Freshness::within(core::time::Duration::from_secs(300));

    #[test]
    fn what_is_sent_is_what_is_received() {
        let secret = Secret::new("s3cret").unwrap();
        let date = CreateDate::parse("2021-03-17 18:57:03").unwrap();
        let record = Record::new("1", "u", "a+b&c=d%", date).unwrap().with_user_name("张 三");
        let batch = Batch::new(vec![record.clone()]).unwrap();
        let params = PushParams { appcode: "a b", modulecode: "m", timestamp: "1615978623", nonce: "中+" };
        let push = SignedPush::new(&batch, &params, &secret).unwrap();
        let received = ReceivedPush::parse(push.body()).unwrap();
        assert_eq!(received.verify(&secret, &WINDOW, NOW), Ok(()));
        assert_eq!(received.records(), Ok(vec![Ok(record)]));
        let late = NOW.saturating_add(core::time::Duration::from_secs(301));
        let stale = Stale::TooOld { by: core::time::Duration::from_secs(1) };
        assert_eq!(received.verify(&secret, &WINDOW, late), Err(VerifyError::Stale(stale)));
        assert_eq!(
            format!("{received:?}"),
            r#"ReceivedPush(["appcode", "modulecode", "timestamp", "nonce", "sign", "data"])"#
        );
    }

    #[track_caller]
    fn check(body: &[u8], expected: Result<(), FormError>) {
        assert_eq!(ReceivedPush::parse(body).map(drop), expected);
    }

    #[test]
    fn forms() {
        check(b"", Ok(()));
        check(b"a&b=&&c==1&", Ok(()));
        check(b"a=\xff", Err(FormError::NotUtf8));
        check(b"%=1", Err(FormError::Encoding(form::DecodeError::Incomplete { at: 0 })));
        check(b"a=1&b=%FF", Err(FormError::Encoding(form::DecodeError::NotUtf8 { at: 6 })));
        check(b"a=1&b=2&%61=1", Err(FormError::Doubled { name: "a".to_owned() }));
    }

    #[track_caller]
    fn check_data(data: &str, expected: Result<Vec<Option<RecordFault>>, DataError>) {
        let body = format!("data={}", form::encode(data));
        let records = ReceivedPush::parse(body.as_bytes()).unwrap().records();
        let faults = records.map(|all| {
            all.into_iter().map(|one| one.err().map(|error| error.reason().clone())).collect::<Vec<_>>()
        });
        assert_eq!(faults, expected, "{data}");
    }

    #[test]
    fn data_is_an_array_of_records() {
        let good = r#"{"id":"1","user_id":"u","busi_item":"b","create_date":"2021-03-17 18:57:03"}"#;
        check_data("", Err(DataError::Missing));
        check_data("{}", Err(DataError::NotArray));
        check_data("[1", Err(DataError::NotArray));
        check_data("[]", Ok(vec![]));
        check_data(&format!("[{good}, 1]"), Ok(vec![None, Some(RecordFault::NotObject)]));
    }
}
