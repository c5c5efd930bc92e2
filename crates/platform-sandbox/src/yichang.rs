//! 宜昌, simulated (`yichang SPEC.md`).

mod check;
mod reply;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{Method, StatusCode};

use self::check::{Refused, login, signed, suspect, todo};
pub use self::reply::FailureData;
use crate::dice::Dice;
use crate::exchange::{Call, Reply};
use crate::replay::{Replays, Stamped};
use crate::server::Simulator;
use crate::{Operation, Platform, YichangAccess};

pub use ::yichang::Accept as AcceptedDigest;

/// How 宜昌 behaves where the document wavers.
#[derive(Debug, Clone)]
pub struct YichangOptions {
    /// Which digests are accepted (YC-1). Default: either.
    pub digest: AcceptedDigest,
    /// Is the to-do list signed (YC-3)? Default: true.
    pub todo_signed: bool,
    /// `code` is a text instead of a number (YC-4). Default: false.
    pub code_as_text: bool,
    /// What `data` is on failure (YC-5). Default: absent.
    pub failure_data: FailureData,
    /// How far a time stamp may lie from the sandbox's time. Default: 10 minutes.
    pub window: Duration,
}

impl Default for YichangOptions {
    fn default() -> Self {
        Self {
            digest: AcceptedDigest::Either,
            todo_signed: true,
            code_as_text: false,
            failure_data: FailureData::Absent,
            window: Duration::from_secs(600),
        }
    }
}

/// What 宜昌 counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct YichangCounts {
    /// Accepted logins.
    pub logins: u64,
    /// To-do lists given out.
    pub todo_lists: u64,
    /// Requests refused for their signature.
    pub wrong_signatures: u64,
}

/// The simulated 宜昌: whom it logged in, and what it counted.
#[derive(Debug, Clone)]
pub struct Yichang(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    access: YichangAccess,
    options: YichangOptions,
    state: Mutex<State>,
}

struct State {
    counts: YichangCounts,
    dice: Dice,
    tokens: HashMap<String, String>,
    replays: Replays,
}

/// Tokens, numbers and nonces stay out of sight.
impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("counts", &self.counts).finish_non_exhaustive()
    }
}

impl Yichang {
    pub(crate) fn new(access: YichangAccess, options: YichangOptions, seed: u64) -> Self {
        let state = State {
            counts: YichangCounts::default(),
            dice: Dice::new(seed, "yichang"),
            tokens: HashMap::new(),
            replays: Replays::new(options.window),
        };
        Self(Arc::new(Inner { access, options, state: Mutex::new(state) }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The partner's credentials.
    #[must_use]
    pub fn access(&self) -> &YichangAccess {
        &self.0.access
    }

    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> YichangCounts {
        self.state().counts
    }

    /// The mobile number that was logged in with this SSO token.
    #[must_use]
    pub fn logged_in(&self, sso_token: &str) -> Option<String> {
        self.state().tokens.get(sso_token).cloned()
    }

    fn perform(&self, call: &Call) -> Result<String, Refused> {
        let Inner { access, options, .. } = &*self.0;
        if call.operation == Some(Operation::Login) {
            let stamped = signed(call, access, options)?;
            let login = login(call, access)?;
            let token = self.enter(call, stamped, |state| {
                state.counts.logins += 1;
                let token = state.dice.hex(32);
                state.tokens.insert(token.clone(), login.mobile);
                token
            })?;
            return Ok(reply::login(options, call.now, &login.url, &token));
        }
        // YC-3
        let stamped = options.todo_signed.then(|| signed(call, access, options)).transpose()?;
        todo(call, access)?;
        let count = |state: &mut State| state.counts.todo_lists += 1;
        match stamped {
            Some(stamped) => self.enter(call, stamped, count)?,
            None => count(&mut self.state()),
        }
        Ok(reply::todo(options, call.now))
    }

    /// Does what was asked, unless the request itself was here before.
    fn enter<T>(
        &self,
        call: &Call,
        stamped: Stamped,
        act: impl FnOnce(&mut State) -> T,
    ) -> Result<T, Refused> {
        let mut state = self.state();
        if state.replays.is_new(stamped, call.now) { Ok(act(&mut state)) } else { Err(Refused::Replayed) }
    }
}

impl Simulator for Yichang {
    const PLATFORM: Platform = Platform::Yichang;

    fn operation(&self, path: &str) -> Option<Operation> {
        match path {
            "/api/syncauth/login" => Some(Operation::Login),
            "/api/synctodo/getTodoList" => Some(Operation::Todo),
            _ => None,
        }
    }

    async fn answer(&self, call: Call) -> Reply {
        if call.operation.is_none() {
            return Reply::page(StatusCode::NOT_FOUND).because("no such path");
        }
        if call.method != Method::POST {
            return Reply::page(StatusCode::METHOD_NOT_ALLOWED).because("only POST is taken");
        }
        match self.perform(&call) {
            Ok(body) => Reply::json(body, "1"),
            Err(refused) => {
                let Inner { access, options, .. } = &*self.0;
                let mut examined = None;
                if refused.is_signature() {
                    self.state().counts.wrong_signatures += 1;
                    examined = suspect(&call, access, options);
                }
                let body = reply::failure(options, "0", refused.message());
                Reply::json(body, "0").because(refused).suspecting(examined)
            }
        }
    }

    fn refuse(&self, _: Option<Operation>, code: &str) -> Reply {
        Reply::json(reply::failure(&self.0.options, code, "系统异常!"), code)
    }
}
