//! The connection to a server: one for everybody, replaced when it breaks.

use std::sync::Arc;
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, Client, ScriptInvocation, Value};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::fault::Fault;
use super::{Place, Timeouts};
use crate::{ErrorKind, StateError};

/// The way to one server.
pub(super) struct Line {
    client: Client,
    name: Arc<str>,
    timeouts: Timeouts,
    /// Held by whoever connects or asks whether the connection lives; the others wait for what he finds.
    slot: Mutex<Slot>,
    /// When the server last answered.
    heard: std::sync::Mutex<Instant>,
}

#[derive(Default)]
struct Slot {
    open: Option<Open>,
    /// Counts the connections.
    number: u64,
    /// The last attempt, if it failed, and how many failed in a row.
    failed: Option<(Instant, Fault)>,
    failures: u32,
}

#[derive(Clone)]
struct Open {
    connection: MultiplexedConnection,
    number: u64,
}

/// May a request be made once more when its answer was lost?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// Twice is as good as once.
    Yes,
    /// The second time would meet what the first has done.
    No,
}

/// A connection that was silent for so long may be dead without our knowing.
const SILENCE: Duration = Duration::from_secs(1);
/// The pause before connecting again after a failure; it doubles with each further one, up to 16 times this.
const PAUSE: Duration = Duration::from_millis(50);

impl Line {
    /// Does not connect yet.
    pub(super) fn new(place: Place, timeouts: Timeouts) -> Result<Self, StateError> {
        let name: Arc<str> = place.to_string().into();
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(StateError::new(ErrorKind::Input, &name, "connect within a tokio runtime"));
        }
        if place.is_secured() {
            // The client asks rustls for the provider of the process, which is ambiguous where other crates bring a
            // second one: then it is ring, unless the program has chosen. It fails when there is one already.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let client = Client::open(place.info()).map_err(|error| Fault::from(error).of(&name))?;
        let (slot, heard) = (Mutex::default(), std::sync::Mutex::new(Instant::now()));
        Ok(Self { client, name, timeouts, slot, heard })
    }

    /// The address, without the password.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Runs a script, within the timeouts, connecting where necessary.
    pub(super) async fn ask(&self, script: &ScriptInvocation<'_>, again: Again) -> Result<Value, StateError> {
        let total = self.timeouts.total();
        let began = Instant::now();
        // A deadline beyond what the clock can show is none; a day is long enough.
        let deadline = began.checked_add(total).unwrap_or(began + Duration::from_secs(24 * 60 * 60));
        let answer = timeout_at(deadline, self.attempt(script, again, began)).await;
        answer.unwrap_or_else(|_| Err(Fault::late(total))).map_err(|fault| fault.of(&self.name))
    }

    async fn attempt(
        &self,
        script: &ScriptInvocation<'_>,
        again: Again,
        began: Instant,
    ) -> Result<Value, Fault> {
        let mut repeated = false;
        loop {
            let mut open = self.open(again, began).await?;
            let fault = match script.invoke_async::<Value>(&mut open.connection).await {
                Ok(answer) => {
                    self.hear();
                    return Ok(answer);
                }
                Err(error) => Fault::from(error),
            };
            if !fault.breaks() {
                self.hear();
                return Err(fault);
            }
            self.give_up(open.number).await;
            if again == Again::No || fault.is_late() || repeated {
                return Err(fault);
            }
            repeated = true;
        }
    }

    /// The connection; a new one where there is none, or where it matters and it does not answer any more.
    async fn open(&self, again: Again, began: Instant) -> Result<Open, Fault> {
        let mut slot = self.slot.lock().await;
        if let Some(open) = &mut slot.open {
            if again == Again::Yes || self.silence() < SILENCE || self.lives(open).await {
                return Ok(open.clone());
            }
            slot.open = None;
        }
        if let Some((when, fault)) = &slot.failed {
            // Somebody else has just tried, while we waited.
            if *when > began {
                return Err(fault.clone());
            }
            sleep_until(*when + PAUSE * (1 << slot.failures.saturating_sub(1).min(4))).await;
        }
        match self.connect().await {
            Ok(connection) => {
                let number = slot.number.wrapping_add(1);
                let open = Open { connection, number };
                *slot = Slot { open: Some(open.clone()), number, failed: None, failures: 0 };
                self.hear();
                Ok(open)
            }
            Err(fault) => {
                slot.failed = Some((Instant::now(), fault.clone()));
                slot.failures = slot.failures.saturating_add(1);
                Err(fault)
            }
        }
    }

    async fn connect(&self) -> Result<MultiplexedConnection, Fault> {
        let Timeouts { connect, response } = self.timeouts;
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(Some(response));
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        match timeout(connect, connecting).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(Fault::late(connect)),
        }
    }

    async fn lives(&self, open: &mut Open) -> bool {
        let asked = ::redis::cmd("PING").query_async::<Value>(&mut open.connection).await;
        let lives = asked.is_ok();
        if lives {
            self.hear();
        }
        lives
    }

    /// Nobody is to use this connection any more; those that wait for its answers still may get them.
    async fn give_up(&self, number: u64) {
        let mut slot = self.slot.lock().await;
        if slot.open.as_ref().is_some_and(|open| open.number == number) {
            slot.open = None;
        }
    }

    fn hear(&self) {
        *self.heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Instant::now();
    }

    fn silence(&self) -> Duration {
        self.heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner).elapsed()
    }
}
