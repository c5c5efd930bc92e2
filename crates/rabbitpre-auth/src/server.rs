//! The three endpoints on axum and hyper (SPEC.md §1, §2, §3), with health and metrics beside them.
//!
//! ```text
//!  Door ──connection──▶ Endpoints ──▶ Guard ──▶ a place ──▶ body ──▶ work: prepare, load, fetch, decide ──▶ answer
//!                          │             401, 403    503 at once        │ large, long or traced: apart
//!                          └── Metrics                                  └ 2.5 s, then deny
//! ```

mod answer;
mod apart;
mod body;
mod contained;
mod door;
mod endpoints;
mod exposition;
mod guard;
mod keep;
mod metrics;
mod networks;
mod paths;
mod report;
mod seldom;
mod work;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::catalogue::Catalogue;
use crate::programs::Programs;
use crate::settings::SettingsStore;
use crate::source::AttributeSource;

use apart::Apart;
use body::Room;
use guard::Guard;
use metrics::Metrics;
use seldom::Seldom;

pub use door::Door;
pub use endpoints::Endpoints;
pub use guard::{BearerToken, EmptyToken};
pub use networks::{Networks, NetworksError};
pub use paths::{Paths, PathsError};

/// The platform waits 3 s; we answer by then (SPEC.md, head).
const DEADLINE: Duration = Duration::from_millis(2500);
/// Requests at a time, beyond which the answer is `503` at once.
const AT_A_TIME: usize = 1024;
/// Connections at a time, at the least.
const CONNECTIONS: u32 = 2048;
/// The grace at the end is longer than the deadline by this.
const MARGIN: Duration = Duration::from_millis(500);
/// Compiled programs that are kept.
const PROGRAMS: usize = 1024;

/// The three endpoints, with what they answer from.
///
/// Served by its own door, with time limits on connections and an orderly end:
///
/// ```
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// use rabbitpre_auth::{BearerToken, Catalogue, MemoryAttributes, MemorySettings, Service};
/// # #[expect(clippy::disallowed_methods)]
/// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// # let signal = async {};
///
/// Service::new(Catalogue::default(), MemoryAttributes::default(), MemorySettings::new("a1-"))
///     .guard(BearerToken::new("from the environment")?)
///     .networks("127.0.0.1, 10.0.0.0/8".parse()?)
///     .serve(listener, signal)
///     .await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Or as a part of a larger axum program, see [`Service::router`]. For TLS, see [`Door::serve_with`].
pub struct Service {
    catalogue: Catalogue,
    offered: Bytes,
    source: Arc<dyn AttributeSource>,
    settings: Arc<dyn SettingsStore>,
    programs: Programs,
    paths: Paths,
    guard: Guard,
    denied_code: Option<Box<str>>,
    deadline: Duration,
    at_a_time: usize,
    places: Semaphore,
    room: Room,
    apart: Apart,
    metrics: Metrics,
    crowded: Seldom,
    strangers: Seldom,
}

impl Service {
    /// The endpoints under their default paths, without a guard. Source or store may be an `Arc` kept elsewhere.
    pub fn new(
        catalogue: Catalogue,
        source: impl AttributeSource + 'static,
        settings: impl SettingsStore + 'static,
    ) -> Self {
        Service {
            offered: Bytes::from(catalogue.to_json()),
            catalogue,
            source: Arc::new(source),
            settings: Arc::new(settings),
            programs: Programs::new(PROGRAMS),
            paths: Paths::default(),
            guard: Guard::default(),
            denied_code: None,
            deadline: DEADLINE,
            at_a_time: AT_A_TIME,
            places: Semaphore::new(AT_A_TIME),
            room: Room::default(),
            apart: Apart::default(),
            metrics: Metrics::default(),
            crowded: Seldom::default(),
            strangers: Seldom::default(),
        }
    }

    /// Other paths.
    #[must_use]
    pub fn paths(mut self, paths: Paths) -> Self {
        self.paths = paths;
        self
    }

    /// Only requests that carry this token: without one the answer is 401, with another 403.
    ///
    /// Health is answered without it, for load balancers. Metrics ask for it unless [`Service::networks`] or
    /// [`Service::monitors`] say from where they may be read.
    #[must_use]
    pub fn guard(mut self, token: BearerToken) -> Self {
        self.guard.token = Some(token);
        self
    }

    /// Only requests from these networks: others are answered 403, before any of their body is read. With a token, both
    /// are wanted. Health and metrics are behind this list too, unless they have one of their own.
    ///
    /// What counts is the address of the connection's other end, as [`Door`] or axum's
    /// `into_make_service_with_connect_info::<SocketAddr>()` tell it; where nobody tells it, everybody is refused. Behind
    /// a proxy it is the proxy's: see [`Service::proxies`].
    #[must_use]
    pub fn networks(mut self, networks: Networks) -> Self {
        self.guard.networks = Some(networks);
        self
    }

    /// Health and metrics are for these networks, in place of those of [`Service::networks`].
    #[must_use]
    pub fn monitors(mut self, networks: Networks) -> Self {
        self.guard.monitors = Some(networks);
        self
    }

    /// Proxies of one's own: of a request that comes through one, the address is the last one in `X-Forwarded-For` that is
    /// no such proxy. Without this, and from anybody else, the header is not looked at.
    #[must_use]
    pub fn proxies(mut self, networks: Networks) -> Self {
        self.guard.proxies = Some(networks);
        self
    }

    /// Whoever sends this token in the header `x-duijie-trace` is shown why: the answer to a check then has the member
    /// `trace`, as [`Trace`](crate::Trace) has it, and `reason` if the external check as a whole denies. What the user has
    /// is masked. The guard's token is wanted all the same.
    #[must_use]
    pub fn trace(mut self, token: BearerToken) -> Self {
        self.guard.trace = Some(token);
        self
    }

    /// RP-11: denials answer this code in place of `200`, for a platform that looks at `code` alone.
    #[must_use]
    pub fn denied_code(mut self, code: &str) -> Self {
        self.denied_code = Some(Box::from(code));
        self
    }

    /// When an answer is given at the latest, counted from when the head of the request is there; 2.5 s by default, a day
    /// at most.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = at_most_a_day(deadline);
        self
    }

    /// How many checks and saves are worked on at a time, 1024 by default; beyond it the answer is `503` at once.
    #[must_use]
    pub fn at_a_time(mut self, places: usize) -> Self {
        self.at_a_time = places.min(Semaphore::MAX_PERMITS);
        self.places = Semaphore::new(self.at_a_time);
        self
    }

    /// How many compiled programs are kept, 1024 by default.
    #[must_use]
    pub fn programs(mut self, entries: usize) -> Self {
        self.programs = Programs::new(entries);
        self
    }

    /// The endpoints as a `tower::Service`, for a [`Door`] or any other server. Clones share everything.
    #[must_use]
    pub fn endpoints(self) -> Endpoints {
        Endpoints::new(self)
    }

    /// The routes, to be merged into a larger router. They need a tokio runtime with its timer.
    ///
    /// ```
    /// use rabbitpre_auth::{Catalogue, MemoryAttributes, MemorySettings, Service};
    ///
    /// let service = Service::new(Catalogue::default(), MemoryAttributes::default(), MemorySettings::new("a1-"));
    /// let router = axum::Router::new().nest("/rabbitpre", service.router());
    /// # let _: axum::Router = router;
    /// ```
    pub fn router(self) -> Router {
        let paths = self.paths.clone();
        let endpoints = self.endpoints();
        paths.all().fold(Router::new(), |router, path| router.route_service(path, endpoints.clone()))
    }

    /// A [`Door`] to the endpoints: with more connections than requests are worked on at a time, so that `503` is an
    /// answer, and with a grace in which every request under way reaches its deadline.
    #[must_use]
    pub fn door(self) -> Door<Endpoints> {
        let connections =
            u32::try_from(self.at_a_time.saturating_mul(2)).unwrap_or(u32::MAX).max(CONNECTIONS);
        let grace = self.deadline.saturating_add(MARGIN);
        let tells = self.guard.looks_at_addresses();
        Door::new(self.endpoints()).tells(tells).connections(connections).grace(grace)
    }

    /// Serves with [`Service::door`] until `stopped`, and then until requests under way are answered.
    pub async fn serve(self, listener: TcpListener, stopped: impl Future<Output = ()>) {
        self.door().serve(listener, stopped).await;
    }
}

/// The clock cannot count to the end of any time there is.
const fn at_most_a_day(time: Duration) -> Duration {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    if time.as_secs() < DAY.as_secs() { time } else { DAY }
}

/// Shows nothing of tokens, users and settings.
impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("paths", &self.paths)
            .field("guard", &self.guard)
            .field("deadline", &self.deadline)
            .field("at_a_time", &self.at_a_time)
            .finish_non_exhaustive()
    }
}
