//! Calls with something wrong in them, and the code that the partner must answer (`webank SPEC.md §5`).

use std::time::Duration;

use ::webank::callback::{MAX_BODY, SignedEnvelope};
use sign_core::{Canonical as _, Case, Md5, UnixMillis};

use super::{Bank, Envelope, SealedCall};

/// How far outside the partner's window stale and future stamps lie: the default window is ±300 s.
const BEYOND: Duration = Duration::from_secs(3600);

/// Deeper than any stack.
const DEEP: usize = 100_000;

/// What is wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mistake {
    /// The body is not JSON.
    NotJson,
    /// The body is JSON, but a list.
    NotObject,
    /// `Plain` is missing.
    NoPlain,
    /// `Signature` is missing.
    NoSignature,
    /// `SeqNo` is a list.
    SeqNoNotText,
    /// `Plain` was changed after signing.
    TamperedPlain,
    /// The signature was made with another salt.
    WrongSignature,
    /// The signature was made with MD5 (WB-4).
    Md5Signature,
    /// All of the signature is right but its last digit.
    SignatureLastDigit,
    /// The time stamp was changed after signing.
    TamperedTimestamp,
    /// Signed an hour ago.
    StaleTimestamp,
    /// Signed an hour ago, and wrongly: the signature is what is checked first.
    StaleWrongSignature,
    /// Signed in an hour.
    FutureTimestamp,
    /// `Timestamp` is missing, and the signature is over the empty text.
    NoTimestamp,
    /// `Plain` is not form-encoded text.
    BadFormCoding,
    /// `Plain` decodes to JSON that is no object.
    PlainNotObject,
    /// A `transName` that nobody agreed on.
    UnknownTransName,
    /// The body holds a byte that is no UTF-8.
    NotUtf8,
    /// A hundred thousand lists within each other.
    DeepNesting,
    /// One byte more than a mebibyte.
    TooLarge,
}

impl Mistake {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::NotJson,
        Self::NotObject,
        Self::NoPlain,
        Self::NoSignature,
        Self::SeqNoNotText,
        Self::TamperedPlain,
        Self::WrongSignature,
        Self::Md5Signature,
        Self::SignatureLastDigit,
        Self::TamperedTimestamp,
        Self::StaleTimestamp,
        Self::StaleWrongSignature,
        Self::FutureTimestamp,
        Self::NoTimestamp,
        Self::BadFormCoding,
        Self::PlainNotObject,
        Self::UnknownTransName,
        Self::NotUtf8,
        Self::DeepNesting,
        Self::TooLarge,
    ];

    /// The code that the partner must answer.
    #[must_use]
    pub const fn expected_code(self) -> &'static str {
        match self {
            Self::NotJson | Self::NotObject | Self::NotUtf8 | Self::DeepNesting | Self::TooLarge => "0001",
            Self::NoPlain | Self::NoSignature | Self::SeqNoNotText | Self::UnknownTransName => "0002",
            Self::TamperedPlain
            | Self::WrongSignature
            | Self::Md5Signature
            | Self::SignatureLastDigit
            | Self::TamperedTimestamp
            // webank SPEC.md §5: the signature comes before the window.
            | Self::StaleWrongSignature => "0010",
            Self::StaleTimestamp | Self::FutureTimestamp | Self::NoTimestamp => "0012",
            Self::BadFormCoding | Self::PlainNotObject => "0103",
        }
    }

    /// The HTTP status that the partner must answer with.
    #[must_use]
    pub const fn expected_status(self) -> u16 {
        match self {
            Self::TooLarge => 413,
            _ => 200,
        }
    }

    /// A stable name for reports: `tampered-plain`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotJson => "not-json",
            Self::NotObject => "not-object",
            Self::NoPlain => "no-plain",
            Self::NoSignature => "no-signature",
            Self::SeqNoNotText => "seq-no-not-text",
            Self::TamperedPlain => "tampered-plain",
            Self::WrongSignature => "wrong-signature",
            Self::Md5Signature => "md5-signature",
            Self::SignatureLastDigit => "signature-last-digit",
            Self::TamperedTimestamp => "tampered-timestamp",
            Self::StaleTimestamp => "stale-timestamp",
            Self::StaleWrongSignature => "stale-wrong-signature",
            Self::FutureTimestamp => "future-timestamp",
            Self::NoTimestamp => "no-timestamp",
            Self::BadFormCoding => "bad-form-coding",
            Self::PlainNotObject => "plain-not-object",
            Self::UnknownTransName => "unknown-trans-name",
            Self::NotUtf8 => "not-utf-8",
            Self::DeepNesting => "deep-nesting",
            Self::TooLarge => "too-large",
        }
    }

    /// Makes it in a good call.
    pub(super) fn build_in(self, bank: &Bank, mut call: SealedCall) -> SealedCall {
        let stamp = UnixMillis::parse(&call.timestamp).unwrap_or(UnixMillis::new(0));
        let signature = |plain: &str, timestamp: &str| {
            SignedEnvelope { plain, salt: &bank.salt, timestamp }.sign().to_string()
        };
        let sealed = |plain: &str, timestamp: UnixMillis| {
            bank.sealed(plain.to_owned(), timestamp.to_string(), &call.trans_name, call.seq_no.clone())
        };
        let past = stamp.get().saturating_sub(u64::try_from(BEYOND.as_millis()).unwrap_or(u64::MAX));
        let right = signature(&call.plain, &call.timestamp);
        let envelope = Envelope {
            plain: Some(&call.plain),
            signature: Some(&right),
            timestamp: Some(&call.timestamp),
            trans_name: Some(&call.trans_name),
            seq_no: Some(&call.seq_no),
        };
        let body = match self {
            Self::NotJson => b"Plain=%7B%7D&Signature=".to_vec(),
            Self::NotObject => [b"[", envelope.to_json().as_slice(), b"]"].concat(),
            Self::NotUtf8 => {
                // In a member that nobody looks at.
                let mut body = envelope.to_json();
                body.pop();
                [body.as_slice(), b",\"more\":\"\xff\"}"].concat()
            }
            Self::DeepNesting => [[b'['; DEEP], [b']'; DEEP]].concat(),
            Self::TooLarge => vec![b'{'; MAX_BODY.saturating_add(1)],
            Self::NoPlain => Envelope { plain: None, ..envelope }.to_json(),
            Self::NoSignature => Envelope { signature: None, ..envelope }.to_json(),
            Self::SeqNoNotText => {
                let mut body = Envelope { seq_no: None, ..envelope }.to_json();
                body.pop();
                [body.as_slice(), br#","SeqNo":[]}"#].concat()
            }
            Self::TamperedPlain => {
                // One more blank: the same business to the eye.
                let plain = format!("{}+", call.plain);
                Envelope { plain: Some(&plain), ..envelope }.to_json()
            }
            Self::WrongSignature => {
                let wrong = signature(&call.plain, &format!("{}0", call.timestamp));
                Envelope { signature: Some(&wrong), ..envelope }.to_json()
            }
            Self::Md5Signature => {
                let signed =
                    SignedEnvelope { plain: &call.plain, salt: &bank.salt, timestamp: &call.timestamp };
                let md5 = signed.digest::<Md5>().signature(Case::Lower);
                Envelope { signature: Some(md5.as_str()), ..envelope }.to_json()
            }
            Self::SignatureLastDigit => {
                let mut wrong = right.clone();
                let other = if wrong.pop() == Some('0') { '1' } else { '0' };
                wrong.push(other);
                Envelope { signature: Some(&wrong), ..envelope }.to_json()
            }
            Self::StaleWrongSignature => {
                let past = past.to_string();
                let wrong = signature(&call.plain, &format!("{past}0"));
                let body = Envelope { signature: Some(&wrong), timestamp: Some(&past), ..envelope }.to_json();
                call.timestamp = past;
                body
            }
            Self::TamperedTimestamp => {
                let later = stamp.saturating_add(Duration::from_millis(1)).to_string();
                let body = Envelope { timestamp: Some(&later), ..envelope }.to_json();
                call.timestamp = later;
                body
            }
            Self::NoTimestamp => {
                let over_nothing = signature(&call.plain, "");
                Envelope { signature: Some(&over_nothing), timestamp: None, ..envelope }.to_json()
            }
            Self::StaleTimestamp => return sealed(&call.plain, UnixMillis::new(past)),
            Self::FutureTimestamp => return sealed(&call.plain, stamp.saturating_add(BEYOND)),
            Self::BadFormCoding => return sealed("%7B%2", stamp),
            Self::PlainNotObject => return sealed("%5B%5D", stamp),
            Self::UnknownTransName => {
                return bank.sealed(call.plain, call.timestamp, "SandboxUnknownTransName", call.seq_no);
            }
        };
        // What the partner can echo: nothing of a body that it cannot read, and `""` for what is missing or no text.
        match self {
            Self::NotJson | Self::NotObject | Self::NotUtf8 | Self::DeepNesting | Self::TooLarge => {
                call.timestamp.clear();
                call.trans_name.clear();
                call.seq_no.clear();
            }
            Self::NoTimestamp => call.timestamp.clear(),
            Self::SeqNoNotText => call.seq_no.clear(),
            _ => {}
        }
        SealedCall { body, ..call }
    }
}
