//! 晋来办, simulated (`jinlaiban SPEC.md §2`, `§3`).

mod check;
mod record;
mod store;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use sign_core::Freshness;

use self::check::{Refused, checked, suspect};
pub use self::record::PushedRecord;
pub use self::store::JinlaibanCounts;
use self::store::Store;
use crate::exchange::{Call, Reply, code_json};
use crate::server::Simulator;
use crate::{JinlaibanAccess, Operation, Platform};

/// How 晋来办 behaves where the document wavers.
#[derive(Debug, Clone)]
pub struct JinlaibanOptions {
    /// The answer's member is `state` instead of `status` (JL-2). Default: false.
    pub state_for_status: bool,
    /// The answer's status is a number instead of a text (JL-2). Default: false.
    pub status_as_number: bool,
    /// How far a time stamp may lie from the sandbox's time. Default: 10 minutes.
    pub window: Duration,
    /// The newest so many records are kept for [`Jinlaiban::records`]; all are counted. Default: 10,000.
    pub keep_records: usize,
}

impl Default for JinlaibanOptions {
    fn default() -> Self {
        Self {
            state_for_status: false,
            status_as_number: false,
            window: Duration::from_secs(600),
            keep_records: 10_000,
        }
    }
}

/// The simulated 晋来办: what it was given, and what it counted.
#[derive(Debug, Clone)]
pub struct Jinlaiban(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    access: JinlaibanAccess,
    options: JinlaibanOptions,
    store: Mutex<Store>,
}

impl Jinlaiban {
    pub(crate) fn new(access: JinlaibanAccess, options: JinlaibanOptions) -> Self {
        let store = Mutex::new(Store::new(options.keep_records, options.window));
        Self(Arc::new(Inner { access, options, store }))
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.0.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The partner's credentials.
    #[must_use]
    pub fn access(&self) -> &JinlaibanAccess {
        &self.0.access
    }

    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> JinlaibanCounts {
        self.store().counts()
    }

    /// The newest records in the order in which they came; repeats are not among them.
    #[must_use]
    pub fn records(&self) -> Vec<PushedRecord> {
        self.store().records()
    }

    /// Has a record with this id been accepted?
    #[must_use]
    pub fn has_record(&self, id: &str) -> bool {
        self.store().has(id)
    }

    fn push(&self, call: &Call) -> Result<Flight, Refused> {
        let Inner { access, options, .. } = &*self.0;
        let window = Freshness::within(options.window);
        let push = checked(call, access, &window).inspect_err(|refused| {
            if refused.is_too_many() {
                self.store().count_oversized();
            }
        })?;
        let flight = self.takes_off(&push.records);
        let accepted = self.store().accept(push, call.now);
        accepted.map(|()| flight)
    }

    /// Notes which records are on their way until the answer has gone out.
    fn takes_off(&self, records: &[PushedRecord]) -> Flight {
        let ids: Vec<_> = records.iter().map(|record| record.id.clone()).collect();
        self.store().take_off(&ids);
        Flight { platform: self.clone(), ids }
    }

    /// jinlaiban SPEC.md §3, JL-2: `{"status":"200","msg":"提交成功"}`.
    fn reply(&self, code: &str, message: &str) -> Reply {
        let options = &self.0.options;
        let member = if options.state_for_status { "state" } else { "status" };
        let value = code_json(code, options.status_as_number);
        let message = serde_json::Value::from(message);
        Reply::json(format!("{{\"{member}\":{value},\"msg\":{message}}}"), code)
    }
}

/// Records whose push is being answered.
struct Flight {
    platform: Jinlaiban,
    ids: Vec<String>,
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.platform.store().land(&self.ids);
    }
}

impl Simulator for Jinlaiban {
    const PLATFORM: Platform = Platform::Jinlaiban;

    fn operation(&self, path: &str) -> Option<Operation> {
        (path == ::jinlaiban::PATH).then_some(Operation::Push)
    }

    async fn answer(&self, call: Call) -> Reply {
        if call.operation.is_none() {
            return Reply::page(StatusCode::NOT_FOUND).because("no such path");
        }
        if call.method != Method::POST {
            return Reply::page(StatusCode::METHOD_NOT_ALLOWED).because("only POST is taken");
        }
        match self.push(&call) {
            Ok(flight) => Reply { held: Some(Box::new(flight)), ..self.reply("200", "提交成功") },
            Err(refused) => {
                let suspect = refused.is_signature().then(|| suspect(&call, &self.0.access)).flatten();
                self.reply(refused.code(), refused.message()).because(refused).suspecting(suspect)
            }
        }
    }

    fn refuse(&self, _: Option<Operation>, code: &str) -> Reply {
        self.reply(code, check::message_of(code))
    }
}
