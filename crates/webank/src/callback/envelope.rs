//! The signed envelope: what is signed, and how an answer is sealed.

use bytes::Bytes;
use serde::Serialize;
use sign_core::{Canonical, Case, Secret, Sha256, Signature, SignatureError, TextSink, form};

/// `Plain + salt + Timestamp`, the text that a callback signs. `Plain` is taken as it came, still encoded.
#[derive(Clone, Copy)]
pub struct SignedEnvelope<'a> {
    /// The form-encoded business JSON.
    pub plain: &'a str,
    /// Shared with the bank.
    pub salt: &'a Secret,
    /// Milliseconds as text; empty when absent.
    pub timestamp: &'a str,
}

impl SignedEnvelope<'_> {
    /// SHA-256, lower-case hex, 64 characters (WB-4). Allocates nothing.
    ///
    /// ```
    /// use webank::callback::SignedEnvelope;
    /// let salt = sign_core::Secret::new("salt")?;
    /// let envelope = SignedEnvelope { plain: "%7B%7D", salt: &salt, timestamp: "1519700632680" };
    /// assert_eq!(envelope.sign().as_str().len(), 64);
    /// # Ok::<(), sign_core::EmptySecret>(())
    /// ```
    #[must_use]
    pub fn sign(&self) -> Signature {
        self.digest::<Sha256>().signature(Case::Lower)
    }

    /// Is `got` the signature? In constant time, letter case aside (WB-11).
    ///
    /// # Errors
    /// [`SignatureError`] says in which way it is not, never what the right one is.
    pub fn verify(&self, got: &str) -> Result<(), SignatureError> {
        self.digest::<Sha256>().verify(got)
    }
}

impl Canonical for SignedEnvelope<'_> {
    #[inline]
    fn write_to<S: TextSink + ?Sized>(&self, sink: &mut S) {
        sink.personal(self.plain);
        sink.secret(self.salt.expose());
        sink.open(self.timestamp);
    }
}

/// The five members as they travel.
#[derive(Serialize)]
struct Envelope<'a> {
    #[serde(rename = "Plain")]
    plain: &'a str,
    #[serde(rename = "Signature")]
    signature: &'a str,
    #[serde(rename = "Timestamp")]
    timestamp: &'a str,
    #[serde(rename = "transName")]
    trans_name: &'a str,
    #[serde(rename = "SeqNo")]
    seq_no: &'a str,
}

/// What an answer repeats from its call: copied, not trusted, because it is not signed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Echo {
    /// WB-10: the request's stamp; it is covered by the answer's signature.
    pub timestamp: String,
    /// The interface.
    pub trans_name: String,
    /// Unique per request, says the bank.
    pub seq_no: String,
}

/// Puts business JSON into a signed envelope. The JSON's bytes are encoded as they are.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "writing five texts as JSON into memory cannot fail")]
pub fn seal_answer(json: &str, echo: &Echo, salt: &Secret) -> Bytes {
    let plain = form::encode(json);
    let signature = SignedEnvelope { plain: &plain, salt, timestamp: &echo.timestamp }.sign();
    let envelope = Envelope {
        plain: &plain,
        signature: signature.as_str(),
        timestamp: &echo.timestamp,
        trans_name: &echo.trans_name,
        seq_no: &echo.seq_no,
    };
    serde_json::to_vec(&envelope).expect("five texts are always JSON").into()
}
