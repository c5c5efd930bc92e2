//! Whose fault it is when a push is not accepted, whether it may have taken effect, and what to do.

use core::fmt;

use sign_core::shown;

use crate::reply::{Reply, ReplyFault, Status};

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// What the caller gave, or the caller's machine.
    Caller,
    /// The way to the platform.
    Transport,
    /// The platform refused.
    Platform,
    /// The reply is not understood.
    Reply,
}

/// What became of the records of a push that was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing left this machine.
    NotSent,
    /// They may have been counted. To send them again is safe: the platform recognises them by their ids
    /// (`SPEC.md §3`).
    Unknown,
    /// The platform says that it did not take them.
    Refused,
}

/// A push that the platform accepted.
#[derive(Debug, Clone)]
pub struct Receipt {
    reply: Reply,
}

impl Receipt {
    /// Reads the answer to a push.
    ///
    /// # Errors
    /// [`ReplyError`]: the platform refused, or it is not clear what it said.
    pub fn read(http_status: u16, body: &[u8]) -> Result<Self, ReplyError> {
        let not_understood = |reason| ReplyError::NotUnderstood(NotUnderstood { http_status, reason });
        let reply = Reply::parse(body).map_err(not_understood)?;
        let success = (200..300).contains(&http_status);
        let status = reply.status();
        // An error page of the server's framework may well be JSON with a `status`, namely that of HTTP. Only the
        // platform's own refusals are believed there.
        let documented = [Status::ERROR, Status::NO_PERMISSION].contains(status);
        match (success, *status == Status::ACCEPTED) {
            (true, true) => Ok(Self { reply }),
            (false, _) if !documented => Err(not_understood(ReplyFault::HttpStatus)),
            _ => Err(ReplyError::Refused(Refused { reply })),
        }
    }

    /// The platform's message, such as `提交成功`.
    #[must_use]
    pub fn msg(&self) -> &str {
        self.reply.msg()
    }

    /// The reply in full.
    #[must_use]
    pub fn reply(&self) -> &Reply {
        &self.reply
    }
}

/// The answer to a push is no acceptance.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// The platform's fault, or the contract's: it says no.
    #[error(transparent)]
    Refused(Refused),
    /// It is not clear what it says.
    #[error(transparent)]
    NotUnderstood(NotUnderstood),
}

/// The platform said no.
#[derive(Debug, Clone)]
pub struct Refused {
    reply: Reply,
}

impl Refused {
    /// The verdict, with meaning and advice.
    #[must_use]
    pub fn status(&self) -> &Status {
        self.reply.status()
    }

    /// The platform's message as it came: [`Display`](fmt::Display) shows it fit for a log.
    #[must_use]
    pub fn msg(&self) -> &str {
        self.reply.msg()
    }

    /// The reply in full.
    #[must_use]
    pub fn reply(&self) -> &Reply {
        &self.reply
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the platform refused the push with status {}", self.status())?;
        if !self.msg().is_empty() {
            write!(f, ", message `{}`", shown(self.msg()))?;
        }
        write!(f, "; {}", self.status().advice())
    }
}

impl core::error::Error for Refused {}

/// An answer came, and it is not the platform's, or not as documented. The outcome is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the reply with HTTP status {http_status} {reason}; the push may have taken effect; {}",
    Self::ADVICE
)]
pub struct NotUnderstood {
    http_status: u16,
    reason: ReplyFault,
}

impl NotUnderstood {
    const ADVICE: &str = "send the same records again, the platform recognises them by their ids; if it stays, check that the base URL is the platform's and that no proxy answers in its place";

    /// The HTTP status of the answer.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        self.http_status
    }

    /// What is wrong with its body.
    #[must_use]
    pub fn reason(&self) -> ReplyFault {
        self.reason
    }
}

#[cfg(feature = "client")]
mod push {
    use platform_http::system::EntropyError;
    use platform_http::{ConfigError, TransportError};

    use super::{Fault, NotUnderstood, Outcome, Refused, ReplyError};
    use crate::sign::ParamError;

    /// A push that was not accepted, or of which that is not known.
    #[derive(Debug, Clone, thiserror::Error)]
    #[non_exhaustive]
    pub enum PushError {
        /// The caller's mistake: the parameters cannot be signed. Nothing was sent.
        #[error(transparent)]
        Caller(#[from] ParamError),
        /// The caller's machine has no random bytes for a nonce. Nothing was sent.
        #[error(transparent)]
        Entropy(#[from] EntropyError),
        /// The way failed before anything was sent.
        #[error(transparent)]
        NotSent(TransportError),
        /// The way failed after something was sent: nobody knows whether it took effect.
        #[error("{0}; send the same records again, the platform recognises them by their ids")]
        Unknown(TransportError),
        /// The platform said no.
        #[error(transparent)]
        Refused(Refused),
        /// An answer came that is not understood: nobody knows whether the push took effect.
        #[error(transparent)]
        NotUnderstood(NotUnderstood),
    }

    impl PushError {
        /// Whose fault it is.
        #[must_use]
        pub fn fault(&self) -> Fault {
            match self {
                Self::Caller(_) | Self::Entropy(_) => Fault::Caller,
                Self::NotSent(error) | Self::Unknown(error) if error.is_callers_fault() => Fault::Caller,
                Self::NotSent(_) | Self::Unknown(_) => Fault::Transport,
                Self::Refused(_) => Fault::Platform,
                Self::NotUnderstood(_) => Fault::Reply,
            }
        }

        /// What became of the records.
        #[must_use]
        pub fn outcome(&self) -> Outcome {
            match self {
                Self::Caller(_) | Self::Entropy(_) | Self::NotSent(_) => Outcome::NotSent,
                Self::Unknown(_) | Self::NotUnderstood(_) => Outcome::Unknown,
                Self::Refused(_) => Outcome::Refused,
            }
        }

        /// Does it help to send the same records again, after a pause? `300`, unknown outcomes and a broken way:
        /// yes (`SPEC.md §3`).
        #[must_use]
        pub fn is_retryable(&self) -> bool {
            match self {
                Self::Caller(_) => false,
                Self::Entropy(_) | Self::Unknown(_) | Self::NotUnderstood(_) => true,
                Self::NotSent(error) => !error.is_callers_fault(),
                Self::Refused(refused) => refused.status().is_retryable(),
            }
        }
    }

    /// A client cannot be made: the caller's configuration is at fault.
    #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
    #[non_exhaustive]
    pub enum BuildError {
        /// There is no documented address.
        #[error("the platform's address is missing: ask its operator for the base URL")]
        NoUrl,
        /// Address, proxy or TLS.
        #[error(transparent)]
        Config(#[from] ConfigError),
    }

    impl From<TransportError> for PushError {
        fn from(error: TransportError) -> Self {
            match error.outcome() {
                platform_http::Outcome::NotSent => Self::NotSent(error),
                platform_http::Outcome::Unknown => Self::Unknown(error),
            }
        }
    }

    impl From<ReplyError> for PushError {
        fn from(error: ReplyError) -> Self {
            match error {
                ReplyError::Refused(refused) => Self::Refused(refused),
                ReplyError::NotUnderstood(fault) => Self::NotUnderstood(fault),
            }
        }
    }
}

#[cfg(feature = "client")]
pub use push::{BuildError, PushError};

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(http_status: u16, body: &str, expected: Result<&str, Result<&str, ReplyFault>>) {
        let got = Receipt::read(http_status, body.as_bytes());
        let got = match &got {
            Ok(receipt) => Ok(receipt.msg()),
            Err(ReplyError::Refused(refused)) => Err(Ok(refused.status().as_str())),
            Err(ReplyError::NotUnderstood(fault)) => {
                assert_eq!(fault.http_status(), http_status);
                Err(Err(fault.reason()))
            }
        };
        assert_eq!(got, expected);
    }

    #[test]
    fn only_a_200_in_a_200_is_accepted() {
        check(200, r#"{"state":"200","msg":"提交成功"}"#, Ok("提交成功"));
        check(201, r#"{"status":200}"#, Ok(""));
        check(200, r#"{"status":"300","msg":"异常"}"#, Err(Ok("300")));
        check(200, r#"{"status":302}"#, Err(Ok("302")));
        check(200, r#"{"status":"999"}"#, Err(Ok("999")));
        check(403, r#"{"status":302}"#, Err(Ok("302")));
        check(500, r#"{"status":"300"}"#, Err(Ok("300")));
        check(500, r#"{"status":200}"#, Err(Err(ReplyFault::HttpStatus)));
        check(302, r#"{"status":200}"#, Err(Err(ReplyFault::HttpStatus)));
        check(404, r#"{"status":404,"error":"Not Found"}"#, Err(Err(ReplyFault::HttpStatus)));
        check(200, "<html>", Err(Err(ReplyFault::NotJson)));
        check(502, "", Err(Err(ReplyFault::NotJson)));
    }

    #[test]
    fn a_refusal_shows_no_number_of_a_person() {
        let body = r#"{"status":"300","msg":"用户17386500821(42050019900101123X)异常","state":"300"}"#;
        let error = Receipt::read(200, body.as_bytes()).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert_eq!(shown.matches("用户***(***)异常").count(), 2, "{shown}");
        assert!(!shown.contains("173865") && !shown.contains("420500"), "{shown}");
    }

    #[test]
    fn a_refusal_says_what_to_do_and_cannot_forge_lines() {
        let body = r#"{"status":"302","msg":"没有\n权限"}"#;
        let error = Receipt::read(200, body.as_bytes()).unwrap_err().to_string();
        assert_eq!(
            error,
            "the platform refused the push with status 302 接口没有权限,请与管理员联系, message `没有\\n权限`; do not send \
             again: ask the platform operator to open this interface for appcode and modulecode"
        );
    }
}
