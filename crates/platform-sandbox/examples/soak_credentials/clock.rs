//! One fast clock for several processes: at the real instant `since`, it shows that instant.

use std::time::Duration;

use platform_http::system::{Clock, SystemClock, UnixMillis};

#[derive(Debug, Clone, Copy)]
pub(crate) struct FastClock {
    pub(crate) since: UnixMillis,
    pub(crate) speed: u32,
}

impl Clock for FastClock {
    fn now(&self) -> UnixMillis {
        self.since.saturating_add(SystemClock.now().saturating_since(self.since).saturating_mul(self.speed))
    }

    fn real_time(&self, span: Duration) -> Duration {
        span / self.speed
    }
}
