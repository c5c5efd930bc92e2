//! Whose fault it is when a call brings nothing, and what to do.

use core::fmt;

use sign_core::shown;

use crate::reply::{Code, Reply, ReplyFault};

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

/// An answer that is no success.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// The platform says no.
    #[error(transparent)]
    Refused(Refused),
    /// It is not clear what it says.
    #[error(transparent)]
    NotUnderstood(NotUnderstood),
}

impl ReplyError {
    pub(crate) const fn not_understood(http_status: u16, reason: ReplyFault) -> Self {
        Self::NotUnderstood(NotUnderstood { http_status, reason })
    }
}

/// Of what was read of an answer, the one whose code is success.
pub(crate) fn success(http_status: u16, reply: Result<Reply, ReplyFault>) -> Result<Reply, ReplyError> {
    let reply = reply.map_err(|reason| ReplyError::not_understood(http_status, reason))?;
    // A proxy's or a framework's error page may well be JSON with a `code`, often that of HTTP. Only the platform's own
    // refusals are believed there.
    let documented = *reply.code() == Code::FAILED || reply.is_signature_error();
    if !(200..300).contains(&http_status) && !documented {
        return Err(ReplyError::not_understood(http_status, ReplyFault::HttpStatus));
    }
    // YC-4: only 1 is success.
    if reply.code().is_ok() { Ok(reply) } else { Err(ReplyError::Refused(Refused { reply })) }
}

/// The platform said no.
#[derive(Debug, Clone)]
pub struct Refused {
    reply: Reply,
}

impl Refused {
    /// The verdict.
    #[must_use]
    pub fn code(&self) -> &Code {
        self.reply.code()
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

    /// What to do next.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        if self.reply.is_signature_error() {
            "compare appId and appSecret, the clock, and which digest the platform wants"
        } else {
            "the message says why; if it does not help, ask the platform operator with appId and time"
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the platform refused with code {}", self.code())?;
        if !self.msg().is_empty() {
            write!(f, ", message `{}`", shown(self.msg()))?;
        }
        write!(f, "; {}", self.advice())
    }
}

impl core::error::Error for Refused {}

/// An answer came, and it is not the platform's, or not as documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the reply with HTTP status {http_status} {reason}; check that the base URL is the platform's and that no proxy answers in its place"
)]
pub struct NotUnderstood {
    http_status: u16,
    reason: ReplyFault,
}

impl NotUnderstood {
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
mod call {
    use platform_http::system::EntropyError;
    use platform_http::{ConfigError, Outcome, TransportError};
    use platform_state::KeyError;

    use super::{Fault, NotUnderstood, Refused, ReplyError};
    use crate::sign::ParamError;

    /// A call that brought nothing.
    #[derive(Debug, Clone, thiserror::Error)]
    #[non_exhaustive]
    pub enum Error {
        /// The caller's mistake: the parameters cannot be signed. Nothing was sent.
        #[error(transparent)]
        Caller(#[from] ParamError),
        /// The caller's machine has no random bytes for a nonce. Nothing was sent.
        #[error(transparent)]
        Entropy(#[from] EntropyError),
        /// The way failed; the error says whether anything was sent.
        #[error(transparent)]
        Transport(#[from] TransportError),
        /// The platform said no.
        #[error(transparent)]
        Refused(Refused),
        /// An answer came that is not understood.
        #[error(transparent)]
        NotUnderstood(NotUnderstood),
    }

    impl Error {
        /// Whose fault it is.
        #[must_use]
        pub fn fault(&self) -> Fault {
            match self {
                Self::Caller(_) | Self::Entropy(_) => Fault::Caller,
                Self::Transport(error) if error.is_callers_fault() => Fault::Caller,
                Self::Transport(_) => Fault::Transport,
                Self::Refused(_) => Fault::Platform,
                Self::NotUnderstood(_) => Fault::Reply,
            }
        }

        /// Whether the call may have been carried out. With [`DigestSetting::Detect`](crate::DigestSetting::Detect) it
        /// is about the last of the two calls: the first one was refused.
        ///
        /// A refusal is [`Outcome::NotSent`], too: the platform got the call and says that it did not carry it out, so
        /// that for the caller it is as if nothing had been sent.
        #[must_use]
        pub fn outcome(&self) -> Outcome {
            match self {
                Self::Caller(_) | Self::Entropy(_) | Self::Refused(_) => Outcome::NotSent,
                Self::Transport(error) => error.outcome(),
                Self::NotUnderstood(_) => Outcome::Unknown,
            }
        }
    }

    impl From<ReplyError> for Error {
        fn from(error: ReplyError) -> Self {
            match error {
                ReplyError::Refused(refused) => Self::Refused(refused),
                ReplyError::NotUnderstood(fault) => Self::NotUnderstood(fault),
            }
        }
    }

    /// A client cannot be made: the caller's configuration is at fault.
    #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
    #[non_exhaustive]
    pub enum BuildError {
        /// `appId` or `deviceId` is empty.
        #[error(transparent)]
        Param(#[from] ParamError),
        /// Address, proxy or TLS.
        #[error(transparent)]
        Config(#[from] ConfigError),
        /// The machine has no random bytes for a `deviceId`.
        #[error(transparent)]
        Entropy(#[from] EntropyError),
        /// `appId` and address make no name for a cell of the store.
        #[error("`appId` and address name no place in the store: {0}")]
        Key(#[from] KeyError),
    }
}

#[cfg(feature = "client")]
pub use call::{BuildError, Error};

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(http_status: u16, body: &str, expected: Result<(), Result<&str, ReplyFault>>) {
        let got = success(http_status, Reply::parse(body.as_bytes()));
        let got = match &got {
            Ok(_) => Ok(()),
            Err(ReplyError::Refused(refused)) => Err(Ok(refused.code().as_str())),
            Err(ReplyError::NotUnderstood(fault)) => {
                assert_eq!(fault.http_status(), http_status);
                Err(Err(fault.reason()))
            }
        };
        assert_eq!(got, expected);
    }

    #[test]
    fn only_a_1_in_a_200_is_success() {
        check(200, r#"{"code":1}"#, Ok(()));
        check(200, r#"{"code":"1"}"#, Ok(()));
        check(200, r#"{"code":0}"#, Err(Ok("0")));
        check(200, r#"{"code":200}"#, Err(Ok("200")));
        check(403, r#"{"code":0,"msg":"用户不存在"}"#, Err(Ok("0")));
        check(401, r#"{"code":"401","msg":"签名错误!"}"#, Err(Ok("401")));
        check(401, r#"{"code":401,"msg":"请登录"}"#, Err(Err(ReplyFault::HttpStatus)));
        check(502, r#"{"code":502,"message":"Bad Gateway"}"#, Err(Err(ReplyFault::HttpStatus)));
        check(500, r#"{"code":1}"#, Err(Err(ReplyFault::HttpStatus)));
        check(502, "<html>", Err(Err(ReplyFault::NotJson)));
        check(200, "<html>", Err(Err(ReplyFault::NotJson)));
    }

    #[test]
    fn a_refusal_shows_no_number_of_a_person() {
        let body = r#"{"code":0,"msg":"用户17386500821(42050019900101123X)不存在"}"#;
        let error = success(200, Reply::parse(body.as_bytes())).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert_eq!(shown.matches("用户***(***)不存在").count(), 2, "{shown}");
        assert!(!shown.contains("173865") && !shown.contains("420500"), "{shown}");
    }

    #[test]
    fn a_refusal_says_what_to_do_and_cannot_forge_lines() {
        let body = "{\"code\":0,\"msg\":\"签名错误!\\n\"}";
        assert_eq!(
            success(200, Reply::parse(body.as_bytes())).unwrap_err().to_string(),
            "the platform refused with code 0, message `签名错误!\\n`; compare appId and appSecret, the clock, and \
             which digest the platform wants"
        );
    }
}
