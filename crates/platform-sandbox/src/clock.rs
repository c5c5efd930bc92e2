//! The sandbox's clock: it can run faster than the world's, stand still, and jump.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use platform_http::system::{Clock, SystemClock, UnixMillis};

/// A clock that the test holds in its hand. Clones show the same time, so the client under test and the platforms can
/// share one: `real time × speed + offset`.
///
/// ```
/// use platform_http::system::{Clock as _, UnixMillis};
/// use platform_sandbox::SandboxClock;
/// use std::time::Duration;
/// let clock = SandboxClock::standing(UnixMillis::new(1_638_169_006_000));
/// clock.advance(Duration::from_secs(299));
/// assert_eq!(clock.now(), UnixMillis::new(1_638_169_305_000));
/// ```
#[derive(Clone)]
pub struct SandboxClock(Arc<Inner>);

struct Inner {
    real: Box<dyn Clock>,
    state: Mutex<State>,
}

/// At the real instant `since`, this clock showed `shown`.
#[derive(Debug, Clone, Copy)]
struct State {
    since: UnixMillis,
    shown: UnixMillis,
    speed: u32,
}

impl State {
    fn at(&self, real: UnixMillis) -> UnixMillis {
        self.shown.saturating_add(real.saturating_since(self.since).saturating_mul(self.speed))
    }
}

impl SandboxClock {
    /// Shows real time, until it is told otherwise.
    #[must_use]
    pub fn real() -> Self {
        Self::on(Box::new(SystemClock), None, 1)
    }

    /// Starts at real time and runs `speed` times as fast; 0 stands still.
    #[must_use]
    pub fn fast(speed: u32) -> Self {
        Self::on(Box::new(SystemClock), None, speed)
    }

    /// Stands at `start` and moves by [`advance`](Self::advance) and [`set`](Self::set) only.
    #[must_use]
    pub fn standing(start: UnixMillis) -> Self {
        Self::on(Box::new(SystemClock), Some(start), 0)
    }

    fn on(real: Box<dyn Clock>, start: Option<UnixMillis>, speed: u32) -> Self {
        let since = real.now();
        let state = Mutex::new(State { since, shown: start.unwrap_or(since), speed });
        Self(Arc::new(Inner { real, state }))
    }

    fn rebase(&self) -> MutexGuard<'_, State> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let real = self.0.real.now();
        state.shown = state.at(real);
        state.since = real;
        state
    }

    /// Jumps forwards, in whole milliseconds.
    pub fn advance(&self, by: Duration) {
        let mut state = self.rebase();
        state.shown = state.shown.saturating_add(by);
    }

    /// Jumps to `now`, forwards or backwards.
    pub fn set(&self, now: UnixMillis) {
        self.rebase().shown = now;
    }

    /// Runs `speed` times as fast as real time from now on; 0 stands still.
    pub fn set_speed(&self, speed: u32) {
        self.rebase().speed = speed;
    }

    /// How many times as fast as real time it runs.
    #[must_use]
    pub fn speed(&self) -> u32 {
        self.rebase().speed
    }
}

impl Clock for SandboxClock {
    fn now(&self) -> UnixMillis {
        self.rebase().shown
    }

    /// It can be moved by hand at any moment, so nobody should sleep on it for long, however slowly it runs.
    fn real_time(&self, span: Duration) -> Duration {
        span.checked_div(self.speed()).unwrap_or(LOOK_AGAIN).min(LOOK_AGAIN)
    }
}

/// Whoever sleeps on this clock looks so often whether it was moved.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

impl Default for SandboxClock {
    fn default() -> Self {
        Self::real()
    }
}

impl std::fmt::Debug for SandboxClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = *self.rebase();
        f.debug_struct("SandboxClock").field("now", &state.shown).field("speed", &state.speed).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform_http::system::ManualClock;

    #[test]
    fn it_runs_at_its_speed_from_where_it_was_put() {
        let world = Arc::new(ManualClock::new(UnixMillis::new(1_000)));
        let clock = SandboxClock::on(Box::new(world.clone()), None, 600);
        assert_eq!(clock.now(), UnixMillis::new(1_000));
        world.advance(Duration::from_secs(2)); // 20 simulated minutes
        assert_eq!(clock.now(), UnixMillis::new(1_201_000));
        clock.set_speed(0);
        world.advance(Duration::from_secs(2));
        assert_eq!(clock.now(), UnixMillis::new(1_201_000));
        clock.advance(Duration::from_millis(5));
        assert_eq!(clock.now(), UnixMillis::new(1_201_005));
        clock.set(UnixMillis::new(7));
        clock.set_speed(1);
        world.advance(Duration::from_millis(3));
        assert_eq!(clock.now(), UnixMillis::new(10));
        world.set(UnixMillis::new(0)); // the world's clock set back: ours does not follow
        assert_eq!(clock.now(), UnixMillis::new(10));
    }
}
