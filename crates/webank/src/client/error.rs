//! What a client's call can end with.

use std::sync::Arc;
use std::time::Duration;

use platform_http::system::EntropyError;
use platform_http::{ConfigError, Outcome, Response, TransportError};
use platform_state::StateError;
use serde::Deserialize;
use serde_json::value::RawValue;
use sign_core::shown;

use super::ContentError;
use crate::business::{loose, lossy};
use crate::credentials::{Kick, SharedError, Writer};
use crate::error::serial;
use crate::{BusinessOutcome, InputError, Refusal, ReplyError, Serials, StoredFile};

/// Why a call brought no result, by whose fault. No variant holds a secret, a signature or a body.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The caller's input.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The caller's configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No host configured for this operation.
    #[error("no {0} host is configured")]
    NoHost(&'static str),
    /// The machine gives no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// No token or ticket to call with. The call was not carried out: not sent, or refused for its ticket before.
    #[error("no credentials ({step}): {cause}")]
    Credentials {
        /// `access_token`, `api_ticket` or `shared store`.
        step: &'static str,
        /// Why not; everybody who waited for them is told the same.
        cause: Arc<Self>,
        /// What the platform said to the call, where it had refused its ticket before.
        refusal: Option<Box<Refusal>>,
    },
    /// Credentials did not come in the time that a call waits for them, and nobody knows yet why.
    #[error("no credentials came within {} s{}; the call was not carried out", .waited.as_secs_f32(), held(.busy.as_deref()))]
    Late {
        /// How long the call waited.
        waited: Duration,
        /// Who was fetching, where another process had the right to.
        busy: Option<Box<Writer>>,
        /// What the platform said to the call, where it had refused its ticket before.
        refusal: Option<Box<Refusal>>,
    },
    /// The ticket was refused although it is fresh and nobody who shares our credentials has fetched since: somebody
    /// outside uses this app id (互踢, `SPEC.md §2.3`), and it is too early to fetch back. The call was not carried out.
    #[error("foreign kick: {kick}{}; find who else uses this app id and let one place alone fetch; if other calls pass, it is this \
             call's own signature that is wrong", refused_with(.refusal.as_deref()))]
    ForeignKick {
        /// Which generation was kicked out, who of ours fetched it last, and when.
        kick: Box<Kick>,
        /// What the platform said.
        refusal: Option<Box<Refusal>>,
    },
    /// The store in which credentials are shared.
    #[error(transparent)]
    Store(#[from] StateError),
    /// The store in which credentials are shared did not answer.
    #[error("the store gave no answer within {} s: check that it is reachable", .waited.as_secs_f32())]
    StoreSilent {
        /// How long we waited.
        waited: Duration,
    },
    /// The store holds something else than credentials.
    #[error(transparent)]
    Shared(#[from] SharedError),
    /// The gateway was content; the business system answered with a code of its own and not with what was asked for.
    #[error("the business system answered CODE {}{}; {serials}; see the interface's own document", shown(&.outcome.code), desc(.outcome))]
    Business {
        /// Its code and words.
        outcome: Box<BusinessOutcome>,
        /// For the bank's support.
        serials: Box<Serials>,
    },
    /// The gateway was content, but `jsonData` is not of the type asked for.
    #[error("the business reply: {reason}; {serials}; compare the type with the interface's document")]
    Data {
        /// What is wrong with it.
        reason: ReplyError,
        /// For the bank's support.
        serials: Box<Serials>,
    },
    /// A task of the client ended before its time: the runtime was shut down.
    #[error("the client's work was interrupted: is the runtime shutting down?")]
    Interrupted,
    /// The way to the platform and back.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The platform answered and refused.
    #[error("webank {0}")]
    Refused(Refusal),
    /// The platform, or something on the way, answered something else than documented. What became of the call is not
    /// known.
    #[error("webank answered HTTP {status}: {reason}{}; ask the bank what became of the call", numbers(.serials.as_deref()))]
    NotUnderstood {
        /// HTTP status.
        status: u16,
        /// What is wrong with the reply.
        reason: ReplyError,
        /// For the bank's support, where the reply has any.
        serials: Option<Box<Serials>>,
    },
    /// The caller's own writer or disk failed while a file was received.
    #[error("the file cannot be written: {}", .0.kind())]
    Write(#[source] std::io::Error),
    /// The caller's own target cannot be written to; nothing was sent.
    #[error("the target cannot be written to: {}", .0.kind())]
    Target(#[source] std::io::Error),
    /// The caller's own content could not be sent.
    #[error("{fault}{}", sent(.outcome))]
    Content {
        /// What is wrong with it.
        fault: ContentError,
        /// Whether a part of it left.
        outcome: Outcome,
    },
    /// The ticket was refused while content was sent that can be read only once. New credentials are there.
    #[error("webank {0}; the content can be read only once: send it again from its start")]
    Spent(Refusal),
    /// The platform's hash is not the MD5 of the content, and the caller asked that this be an error (WB-13).
    #[error(
        "file `{}`: the hash `{}` is not the MD5 of its content, `{md5}`: the content differs, or the platform uses \
         another hash{}",
        serial(&.file.id), serial(&.file.hash), numbers(.serials.as_deref())
    )]
    HashDiffers {
        /// The file as the platform keeps it.
        file: StoredFile,
        /// MD5 of the content, lower-case hex.
        md5: String,
        /// Of the upload. A download that came has none.
        serials: Option<Box<Serials>>,
    },
}

impl Error {
    pub(super) fn not_understood(response: &Response, reason: ReplyError) -> Self {
        Self::NotUnderstood { status: response.status, reason, serials: found(&response.body) }
    }

    /// May the platform have carried the call out? [`Outcome::NotSent`] also where it is documented to refuse before it
    /// does anything; a code that nobody has told us of is [`Outcome::Unknown`].
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Transport(error) => error.outcome(),
            Self::Content { outcome, .. } => *outcome,
            Self::NotUnderstood { .. }
            | Self::Write(_)
            | Self::HashDiffers { .. }
            | Self::Business { .. }
            | Self::Data { .. } => Outcome::Unknown,
            Self::Refused(refusal) if !refusal.code.is_refused_unprocessed() => Outcome::Unknown,
            _ => Outcome::NotSent,
        }
    }

    /// The refusal, where the platform answered with one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) | Self::Spent(refusal) => Some(refusal),
            Self::ForeignKick { refusal, .. } | Self::Late { refusal, .. } => refusal.as_deref(),
            Self::Credentials { cause, refusal, .. } => refusal.as_deref().or_else(|| cause.refusal()),
            _ => None,
        }
    }

    /// The bank's serial numbers of the call, where it answered with any.
    #[must_use]
    pub fn serials(&self) -> Option<&Serials> {
        match self {
            Self::Business { serials, .. } | Self::Data { serials, .. } => Some(serials),
            Self::NotUnderstood { serials, .. } | Self::HashDiffers { serials, .. } => serials.as_deref(),
            other => other.refusal().map(|refusal| &refusal.serials),
        }
    }
}

fn refused_with(refusal: Option<&Refusal>) -> String {
    refusal.map_or_else(String::new, |refusal| format!("; webank {refusal}"))
}

/// The serial numbers of a reply that is not understood, as far as there are any.
fn found(body: &[u8]) -> Option<Box<Serials>> {
    #[derive(Deserialize)]
    struct Wire {
        #[serde(rename = "BizSeqNo", default)]
        biz: Option<Box<RawValue>>,
        #[serde(rename = "ConsumerSeqNo", default)]
        consumer: Option<Box<RawValue>>,
        #[serde(rename = "ConsumerseqNo", default)]
        respelt: Option<Box<RawValue>>,
    }
    let wire: Wire = serde_json::from_str(&lossy(body)).ok()?;
    let consumer_seq_no = loose(wire.consumer.as_deref()).or_else(|| loose(wire.respelt.as_deref()));
    let serials = Serials { biz_seq_no: loose(wire.biz.as_deref()), consumer_seq_no };
    (serials != Serials::default()).then(|| Box::new(serials))
}

fn numbers(serials: Option<&Serials>) -> String {
    serials.map_or_else(String::new, |serials| format!("; {serials}"))
}

fn held(busy: Option<&Writer>) -> String {
    busy.map_or_else(String::new, |writer| format!(", {writer} had the right to fetch them"))
}

fn desc(outcome: &BusinessOutcome) -> String {
    outcome.desc.as_deref().map_or_else(String::new, |desc| format!(" `{}`", shown(desc)))
}

fn sent(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::NotSent => "; nothing was sent",
        Outcome::Unknown => "; a part of it was sent, and what became of that is not known",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Option<&str>) {
        let reply = Response::new(200, None, body.as_bytes().to_vec());
        let error = Error::not_understood(&reply, ReplyError::Member("FILE_LIST"));
        assert_eq!(error.serials().map(ToString::to_string).as_deref(), expected, "{body}");
        assert_eq!(error.to_string().contains("SeqNo"), expected.is_some(), "{error}");
    }

    #[test]
    fn a_reply_that_is_not_understood_keeps_its_serial_numbers() {
        check(r#"{"BizSeqNo":"b1","code":[]}"#, Some("BizSeqNo b1"));
        check(r#"{"BizSeqNo":1,"ConsumerSeqNo":"c"}"#, Some("BizSeqNo 1, ConsumerSeqNo c"));
        check(r#"{"BizSeqNo":{},"ConsumerseqNo":"c"}"#, Some("BizSeqNo none, ConsumerSeqNo c"));
        check(r#"{"BizSeqNo":null}"#, None);
        check("[]", None);
        check("<html>", None);
        check("", None);
    }
}
