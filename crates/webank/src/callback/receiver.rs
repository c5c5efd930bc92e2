//! The checks of `SPEC.md §5`, in their order.

use std::{borrow::Cow, fmt, time::Duration};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use sign_core::{Freshness, Secret, UnixMillis, form, json::Scalar};

use super::call::{REFUSAL_START, is_json_object, refusal_json};
use super::depth::is_shallow;
use super::{Call, CallbackCode, Echo, SignedEnvelope, seal_answer};

/// The longest body that is looked into, in bytes, `SPEC.md §5`. Whoever reads the body from the network should stop
/// there too.
pub const MAX_BODY: usize = 1024 * 1024;

/// Receives the bank's calls: holds the salts and the window.
///
/// It keeps nothing, so it cannot recognise repeats: a handler that must not run twice looks for
/// [`Call::signature`], and for [`Call::seq_no`] together with [`Call::plain`], among the calls it has answered
/// (`SPEC.md §5`). `CallbackService` (feature `server`) does so.
#[derive(Debug, Clone)]
pub struct Receiver {
    first: Secret,
    older: Vec<Secret>,
    window: Freshness,
}

/// What came of a body.
#[derive(Debug)]
pub enum Received {
    /// A genuine, fresh, readable call: dispatch it by [`Call::trans_name`].
    Call(Call),
    /// Not one: send the sealed refusal back.
    Refused(Refused),
}

/// Why a call was refused, for our own log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefusalReason {
    /// Longer than [`MAX_BODY`].
    #[error("the body is longer than {MAX_BODY} bytes")]
    TooLarge,
    /// Not UTF-8, not a JSON object, a doubled member, or nested deeper than 127.
    #[error("the body is not the documented JSON object")]
    NotJson,
    /// Missing, or not a text.
    #[error("member `{0}` is missing or not a text")]
    Member(&'static str),
    /// No salt verifies it.
    #[error("the signature fits no salt: compare the salt, and see that `Plain` is verified as it came")]
    Signature,
    /// Absent or not digits.
    #[error("`Timestamp` is missing or not digits")]
    Timestamp,
    /// Outside the window.
    #[error(transparent)]
    Stale(#[from] sign_core::Stale),
    /// One of our own refusals, sent back to us.
    #[error("`Plain` is an answer of ours, sent back by a stranger")]
    OwnAnswer,
    /// Bad form coding, not a JSON object inside, or one that is nested deeper than 127.
    #[error("`Plain` does not decode to a JSON object")]
    Plain,
}

impl RefusalReason {
    /// What a refusal can answer.
    fn answers() -> impl Iterator<Item = CallbackCode> {
        [
            CallbackCode::MALFORMED,
            CallbackCode::INPUT_NOT_MET,
            CallbackCode::BAD_SIGNATURE,
            CallbackCode::STALE,
            CallbackCode::UNREADABLE,
            CallbackCode::HANDLER_FAILED,
        ]
        .into_iter()
    }

    /// The code to answer with.
    #[must_use]
    pub fn code(self) -> CallbackCode {
        match self {
            Self::TooLarge | Self::NotJson => CallbackCode::MALFORMED,
            Self::Member(_) => CallbackCode::INPUT_NOT_MET,
            Self::Signature | Self::OwnAnswer => CallbackCode::BAD_SIGNATURE,
            Self::Timestamp | Self::Stale(_) => CallbackCode::STALE,
            Self::Plain => CallbackCode::UNREADABLE,
        }
    }
}

/// A refused call with its sealed answer. `Debug` shows the reason alone.
pub struct Refused {
    /// Why.
    pub reason: RefusalReason,
    trans_name: String,
    body: Bytes,
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused").field("reason", &self.reason).finish_non_exhaustive()
    }
}

impl Refused {
    fn sealed(reason: RefusalReason, echo: Echo, salt: &Secret) -> Self {
        let body = seal_answer(&refusal_json(&reason.code()), &echo, salt);
        Self { reason, trans_name: echo.trans_name, body }
    }

    /// The HTTP status to answer with: 200, or 413 for a body that is too large.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self.reason {
            RefusalReason::TooLarge => 413,
            _ => 200,
        }
    }

    /// Which interface was meant, as far as the body could be read. A stranger's word.
    #[must_use]
    pub fn trans_name(&self) -> &str {
        &self.trans_name
    }

    /// The signed envelope to answer with.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.body
    }
}

impl Receiver {
    /// A receiver with one salt and the default window of ±300 s.
    #[must_use]
    pub fn new(salt: Secret) -> Self {
        Self { first: salt, older: Vec::new(), window: Freshness::within(Duration::from_secs(300)) }
    }

    /// Accepts a further salt, while salts rotate. Answers are signed with the salt that verified the call.
    #[must_use]
    pub fn also(mut self, salt: Secret) -> Self {
        self.older.push(salt);
        self
    }

    /// Sets how far a call's time stamp may lie from now.
    #[must_use]
    pub fn window(mut self, window: Freshness) -> Self {
        self.window = window;
        self
    }

    /// The refusal when a body did not arrive whole.
    #[cfg(feature = "server")]
    pub(super) fn unread(&self) -> Bytes {
        Refused::sealed(RefusalReason::NotJson, Echo::default(), &self.first).into_body()
    }

    /// The refusal when there is no room for one more call.
    #[cfg(feature = "server")]
    pub(super) fn overloaded(&self) -> Bytes {
        seal_answer(&refusal_json(&CallbackCode::HANDLER_FAILED), &Echo::default(), &self.first)
    }

    /// Checks a raw body in the order of `SPEC.md §5`.
    #[must_use]
    pub fn receive(&self, body: &[u8], now: UnixMillis) -> Received {
        let mut echo = Echo::default();
        let mut salt = &self.first;
        match self.check(body, now, &mut echo, &mut salt) {
            Ok((plain, signature)) => Received::Call(Call { plain, echo, signature, salt: salt.clone() }),
            Err(reason) => Received::Refused(Refused::sealed(reason, echo, salt)),
        }
    }

    /// The refusal of a body that is longer than [`MAX_BODY`], for whoever reads it from the network and stops there.
    #[must_use]
    pub fn too_large(&self) -> Refused {
        Refused::sealed(RefusalReason::TooLarge, Echo::default(), &self.first)
    }

    fn check<'a>(
        &'a self,
        body: &[u8],
        now: UnixMillis,
        echo: &mut Echo,
        salt: &mut &'a Secret,
    ) -> Result<(String, String), RefusalReason> {
        // SPEC.md §5: more than 1 MiB is refused, and not looked into.
        if body.len() > MAX_BODY {
            return Err(RefusalReason::TooLarge);
        }
        // SPEC.md §5: the body must be a JSON object. Serde would also read a struct from a list.
        if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(RefusalReason::NotJson);
        }
        // A reader that recurses would run out of stack.
        if !is_shallow(body) {
            return Err(RefusalReason::NotJson);
        }
        // SPEC.md §1: UTF-8 throughout. Left to itself, serde overlooks other bytes in members that it skips.
        let text = std::str::from_utf8(body).map_err(|_| RefusalReason::NotJson)?;
        let raw: RawEnvelope<'_> = serde_json::from_str(text).map_err(|_| RefusalReason::NotJson)?;
        // Absent members are echoed as "".
        echo.timestamp = loose_text(raw.timestamp);
        echo.trans_name = loose_text(raw.trans_name);
        echo.seq_no = loose_text(raw.seq_no);
        let plain = strict_text("Plain", raw.plain)?.ok_or(RefusalReason::Member("Plain"))?;
        let signature = strict_text("Signature", raw.signature)?.ok_or(RefusalReason::Member("Signature"))?;
        strict_text("SeqNo", raw.seq_no)?;

        // The salts in the order given; each comparison takes constant time.
        let timestamp = &echo.timestamp;
        *salt = std::iter::once(&self.first)
            .chain(&self.older)
            .find(|salt| SignedEnvelope { plain: &plain, salt, timestamp }.verify(&signature).is_ok())
            .ok_or(RefusalReason::Signature)?;

        let stamp = UnixMillis::parse(timestamp).map_err(|_| RefusalReason::Timestamp)?;
        self.window.check(stamp, now)?;

        let decoded = form::decode(&plain).map_err(|_| RefusalReason::Plain)?;
        if !is_shallow(decoded.as_bytes()) || !is_json_object(&decoded) {
            return Err(RefusalReason::Plain);
        }
        // Refusals are signed too, also those that answer a stranger, over a Timestamp that the stranger chose: sent back
        // to us, they would pass for the bank's.
        if decoded.starts_with(REFUSAL_START)
            && RefusalReason::answers().any(|code| refusal_json(&code) == decoded)
        {
            return Err(RefusalReason::OwnAnswer);
        }
        Ok((decoded.into_owned(), signature.to_ascii_lowercase()))
    }

    /// Seals a call as the bank does: for simulators and tests. The salt is the first.
    #[must_use]
    pub fn seal_call(&self, json: &str, trans_name: &str, seq_no: &str, timestamp: UnixMillis) -> Bytes {
        let echo = Echo {
            timestamp: timestamp.to_string(),
            trans_name: trans_name.to_owned(),
            seq_no: seq_no.to_owned(),
        };
        seal_answer(json, &echo, &self.first)
    }
}

/// The members of a call's envelope, before any check. Absent ones are null.
#[derive(Deserialize)]
struct RawEnvelope<'a> {
    #[serde(rename = "Plain", borrow, default)]
    plain: Option<&'a RawValue>,
    #[serde(rename = "Signature", borrow, default)]
    signature: Option<&'a RawValue>,
    #[serde(rename = "Timestamp", borrow, default)]
    timestamp: Option<&'a RawValue>,
    #[serde(rename = "transName", borrow, default)]
    trans_name: Option<&'a RawValue>,
    #[serde(rename = "SeqNo", borrow, default)]
    seq_no: Option<&'a RawValue>,
}

/// A member that is echoed: a text, or a number's digits; everything else as if absent.
fn loose_text(raw: Option<&RawValue>) -> String {
    match raw.map(Scalar::read) {
        Some(Ok(Scalar::Text(text))) => text.into_owned(),
        Some(Ok(Scalar::Number(digits))) => digits.to_owned(),
        _ => String::new(),
    }
}

/// A member that must be a text where it is given.
fn strict_text<'a>(
    name: &'static str,
    raw: Option<&'a RawValue>,
) -> Result<Option<Cow<'a, str>>, RefusalReason> {
    match raw.map(Scalar::read) {
        None | Some(Ok(Scalar::Null)) => Ok(None),
        Some(Ok(Scalar::Text(text))) => Ok(Some(text)),
        _ => Err(RefusalReason::Member(name)),
    }
}
